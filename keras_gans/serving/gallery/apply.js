// A picture of the user's, sent through a model: enlarged, translated, or filled in where a mask is painted.

import { address, predict } from "./api.js";
import { comparison } from "./compare.js";
import { element, find } from "./dom.js";
import { painter } from "./paint.js";
import { decoded, encoded, read, reduced } from "./picture_file.js";
import { save } from "./pictures.js";

// The longer side to which a picture is reduced at first, if it has more pixels than a square of it.
const SIDE = 1024;

let picture = null; // as `read` returns it; other models go on with it
let strokes = []; // of the mask over it
let painting = null; // what is painted on, as `painter` returns it
let result = null; // as `decoded` returns it

export const view = { id: "apply", title: "Picture", show, submit, save: saveResult, command };

// Takes files that are chosen, dropped or pasted, as long as `isWanted` says so, and calls `taken`.
export function listen(isWanted, taken, fail) {
  const take = (files) => {
    const file = [...files].find((each) => each.type.startsWith("image/")) ?? files[0];
    if (file && isWanted()) read(file).then(use).then(taken).catch(fail);
  };
  find("#picture").addEventListener("change", () => take(find("#picture").files));
  document.addEventListener("paste", (event) => take(event.clipboardData.files));
  document.addEventListener("dragover", (event) => {
    if (!isWanted()) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
  document.addEventListener("drop", (event) => {
    document.body.classList.remove("dropping");
    if (!isWanted()) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
}

function use(next) {
  [picture, strokes] = [next, []];
  find("#side").value = next.width * next.height > SIDE ** 2 ? String(SIDE) : "";
}

async function show(state, target) {
  if (picture === null) return target.replaceChildren(dropZone());
  if (!state.model.fills) return submit(state, target);
  painting = painter(reduced(picture, side()), strokes);
  target.replaceChildren(painting.node);
}

const side = () => Number(find("#side").value) || Infinity;

function dropZone() {
  const choose = element("button", { type: "button", className: "primary", textContent: "Choose a picture" });
  choose.addEventListener("click", () => find("#picture").click());
  return element("div", { className: "drop" }, element("p", { textContent: "Drop a picture here, paste one, or" }), choose);
}

async function submit(state, target) {
  if (picture === null) return find("#picture").click();
  const { model } = state;
  const sent = reduced(picture, side());
  if (model.fills && (painting?.isEmpty() ?? true)) throw new Error("Paint over what is to be replaced first.");
  const inputs = { image_bytes: [await encoded(sent, model.fills)] };
  if (model.fills) inputs.mask_bytes = [await encoded(painting.mask(), true)];
  if (model.takes(model.applier, "labels")) inputs.labels = [state.label];
  if (model.isAdjustable) inputs.strength = [state.strength];
  state.say(`${sent.width} × ${sent.height} pixels are with the server…`);
  const began = performance.now();
  const [answer] = (await predict(model, model.applier, inputs)).image_bytes;
  const seconds = (performance.now() - began) / 1000;
  if (result) URL.revokeObjectURL(result.url);
  result = await decoded(answer);
  target.replaceChildren(shown(state, sent, result, seconds));
}

function shown(state, sent, { url, image, blob }, seconds) {
  Object.assign(image, { alt: "After" });
  const frame = comparison(sent, image);
  frame.style.setProperty("--aspect", image.naturalWidth / image.naturalHeight);
  frame.style.setProperty("--pixels", image.naturalWidth);
  const zoom = element("button", { type: "button", id: "zoom", textContent: "Actual size" });
  zoom.setAttribute("aria-pressed", false);
  zoom.addEventListener("click", () => zoom.setAttribute("aria-pressed", frame.classList.toggle("actual")));
  const again = element("button", { type: "button", id: "again", textContent: "Paint again", hidden: !state.model.fills });
  again.addEventListener("click", () => state.refresh());
  const next = element("button", { type: "button", id: "continue", textContent: "Go on with the result", title: "Take the result as the picture, for this model or another" });
  next.addEventListener("click", () => {
    use({ name: fileName(state), source: image, width: image.naturalWidth, height: image.naturalHeight });
    state.refresh();
  });
  const link = element("a", { id: "file", href: url, download: `${fileName(state)}.png`, textContent: `Download PNG (${amount(blob.size)})` });
  const less = sent.width < picture.width ? `, reduced from ${picture.width} × ${picture.height}` : "";
  const caption = `${picture.name}: ${sent.width} × ${sent.height}${less} → ${image.naturalWidth} × ${image.naturalHeight}, ${seconds.toFixed(1)} s`;
  return element("div", { className: "screen" }, element("div", { className: "pan" }, frame),
    element("div", { className: "bar wide" }, zoom, again, next, link),
    element("p", { className: "caption", id: "caption", textContent: caption }));
}

const fileName = ({ model }) => `${picture.name}-${model.name}`;
const amount = (bytes) => (bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 2 ** 20).toFixed(1)} MB`);

async function saveResult(state) {
  if (!result) throw new Error("There is no result yet.");
  save(`${fileName(state)}.png`, result.url);
}

// The command reads the files from where it is run.
function command({ model, label, strength }) {
  const inputs = { image_bytes: [{ b64: "<photo.png>" }] };
  if (model.fills) inputs.mask_bytes = [{ b64: "<mask.png>" }];
  if (model.takes(model.applier, "labels")) inputs.labels = [label];
  if (model.isAdjustable) inputs.strength = [strength];
  const body = JSON.stringify({ signature_name: model.applier, inputs }).replace(/<([^>]*)>/g, "'$(base64 < $1 | tr -d '\\n')'");
  return `printf %s '${body}' | curl -d @- ${address(model)} | sed 's/.*"b64": *"\\([^"]*\\)".*/\\1/' | base64 -d > out.png`;
}
