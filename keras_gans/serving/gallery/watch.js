// Clips: all play at once, and can be gone through frame by frame.

import { command, predict, server } from "./api.js";
import { element, find } from "./dom.js";
import { inputsOf, load, save } from "./pictures.js";
import { toldOf, wordsOf } from "./told.js";

let shown = null; // {clips, frames, fps, at, playing}

export const view = { id: "watch", title: "Clips", show, stop, toggle, save: saveStrips, command: commandFor };

function requestFor(state) {
  const { model, count, seed, truncation } = state;
  const seeds = Array.from({ length: count }, (_, i) => seed + i);
  const filming = { ...model, seeded: model.filmer, truncates: model.takes(model.filmer, "truncation") };
  return inputsOf(filming, seeds, toldOf(state, model.filmer, count), truncation);
}

function commandFor(state) {
  return command(state.model, state.model.filmer, requestFor(state));
}

async function show(state, target) {
  const inputs = requestFor(state);
  const { frame_bytes: files } = await predict(state.model, state.model.filmer, inputs);
  const clips = await Promise.all(files.map((each) => Promise.all(each.map(({ b64 }) => load(`data:image/png;base64,${b64}`)))));
  stop();
  shown = { clips, name: state.model.name, seed: state.seed, fps: state.fps ?? 8, at: 0, playing: null };
  const cards = clips.map((frames, i) => card(state, inputs, frames, i));
  const place = element("input", { type: "range", id: "frame", min: 0, max: clips[0].length - 1, step: 1, value: 0 });
  place.setAttribute("aria-label", "Frame");
  place.addEventListener("input", () => { stop(); draw(Number(place.value)); });
  const play = element("button", { type: "button", id: "play-clips", textContent: "Play" });
  play.addEventListener("click", toggle);
  const bar = element("div", { className: "bar wide" }, play, place, element("output", { id: "frame-value" }));
  target.replaceChildren(bar, element("ul", { className: "clips" }, ...cards));
  // Once they are on the page.
  requestAnimationFrame(() => {
    draw(0);
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) toggle();
  });
}

function card(state, inputs, frames, i) {
  const { model, local, told } = state;
  const [{ naturalWidth: width, naturalHeight: height }] = frames;
  const title = [`Seed ${inputs.seeds[i]}`, ...wordsOf(state, inputs, i)];
  const canvas = element("canvas", { width, height });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Clip, ${title.join(", ")}`);
  canvas.style.setProperty("image-rendering", Math.max(width, height) <= 64 ? "pixelated" : "auto");
  const line = element("div", {}, element("span", { textContent: title.join(", ") }));
  // Only our own server makes files of clips, and of those that neither truncation nor a further condition changes.
  if (local && !told.length && (inputs.truncation?.[i] ?? 1) === 1) {
    const query = new URLSearchParams({ seed: inputs.seeds[i], ...(inputs.labels ? { label: inputs.labels[i] } : {}) });
    const href = `${server}/v1/models/${encodeURIComponent(model.name)}${model.which}/clip.webp?${query}`;
    line.append(element("a", { href, download: `${model.name}-seed-${inputs.seeds[i]}.webp`, textContent: "WebP" }));
  }
  return element("li", {}, canvas, line);
}

function draw(at) {
  if (!shown) return;
  shown.at = at;
  document.querySelectorAll("#view .clips canvas").forEach((canvas, i) => {
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(shown.clips[i][at], 0, 0);
  });
  const place = find("#frame");
  if (!place) return;
  place.value = at;
  find("#frame-value").value = `${at + 1} / ${shown.clips[0].length}`;
}

function stop() {
  if (!shown) return;
  clearInterval(shown.playing);
  shown.playing = null;
  if (find("#play-clips")) find("#play-clips").textContent = "Play";
}

function toggle() {
  if (!shown) return;
  if (shown.playing !== null) return stop();
  find("#play-clips").textContent = "Pause";
  shown.playing = setInterval(() => {
    if (find("#frame")) draw((shown.at + 1) % shown.clips[0].length);
    else stop();
  }, 1000 / shown.fps);
}

// All film strips in one picture, one below the other.
function saveStrips() {
  if (!shown) return;
  const [{ naturalWidth: width, naturalHeight: height }] = shown.clips[0];
  const canvas = element("canvas", { width: width * shown.clips[0].length, height: height * shown.clips.length });
  const context = canvas.getContext("2d");
  shown.clips.forEach((frames, row) => frames.forEach((frame, column) => context.drawImage(frame, column * width, row * height)));
  save(`${shown.name}-seeds-${shown.seed}.png`, canvas.toDataURL());
}
