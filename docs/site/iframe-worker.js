// Browsers start no workers from a file system. There, an invisible frame runs a worker's script, which is that of the search.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      const inner = frame.contentWindow;
      inner.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      const script = frame.contentDocument.createElement("script");
      script.src = url;
      this.running = new Promise((resolve) => {
        script.onload = () => resolve(inner);
      });
      frame.contentDocument.body.append(script);
    }

    async postMessage(data) {
      const inner = await this.running;
      inner.dispatchEvent(new inner.MessageEvent("message", { data }));
    }
  };
}
