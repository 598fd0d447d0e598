// From one sample to another.

import { element, find } from "./dom.js";
import { between } from "./latents.js";
import { fromLatents, latentsOf, save, style, together } from "./pictures.js";
import { toldOf } from "./told.js";

const FRAMES = 33;
const STRIP = 9;
const SECONDS = 4; // there and back

let frames = [];
let playing = 0;
let place = 0;

export const view = { id: "interpolate", title: "Interpolate", show, stop: pause, toggle, save: saveStrip };

async function show(state, target) {
  const [a, b] = [state.from, state.to].map((seed) => latentsOf(state.model, seed, state.truncation));
  const latents = Array.from({ length: FRAMES }, (_, i) => between(a, b, i / (FRAMES - 1)));
  frames = await fromLatents(state.model, latents, toldOf(state, "serving_default", FRAMES, false));
  const canvas = element("canvas", { id: "screen", width: frames[0].width, height: frames[0].height });
  canvas.setAttribute("role", "img");
  const slider = element("input", { type: "range", min: 0, max: FRAMES - 1, value: 0, id: "place", ariaLabel: "Place between the two" });
  slider.addEventListener("input", () => { pause(); draw(Number(slider.value)); });
  const play = element("button", { type: "button", id: "play", textContent: "Play" });
  play.addEventListener("click", toggle);
  const strip = element("div", { className: "strip" });
  strip.style.setProperty("--count", STRIP);
  for (let i = 0; i < STRIP; i++) {
    const frame = Math.round((i * (FRAMES - 1)) / (STRIP - 1));
    const copy = element("canvas", { width: canvas.width, height: canvas.height });
    copy.getContext("2d").drawImage(frames[frame], 0, 0);
    const tile = element("button", { type: "button", className: "tile", ariaLabel: `Frame ${frame}`, dataset: { frame } }, copy);
    tile.addEventListener("click", () => { pause(); draw(frame); });
    strip.append(tile);
  }
  const caption = element("p", { className: "caption", id: "caption" });
  const screen = element("div", { className: "screen" }, canvas, element("div", { className: "bar" }, play, slider), strip, caption);
  style(screen, canvas, state.model);
  target.replaceChildren(screen);
  caption.textContent = `Seed ${state.from} to seed ${state.to}, along a great circle`;
  draw(0);
}

function draw(frame) {
  place = frame;
  const canvas = find("#screen");
  if (!canvas || !frames.length) return;
  canvas.getContext("2d").drawImage(frames[Math.round(frame)], 0, 0);
  canvas.setAttribute("aria-label", `Frame ${Math.round(frame)} of ${FRAMES - 1}`);
  find("#place").value = frame;
  for (const tile of document.querySelectorAll(".strip .tile")) {
    tile.setAttribute("aria-current", Math.abs(tile.dataset.frame - frame) < (FRAMES - 1) / (STRIP - 1) / 2);
  }
}

function toggle() {
  if (playing) return pause();
  find("#play").textContent = "Pause";
  let before = performance.now();
  let phase = place / (FRAMES - 1) / 2;
  const step = (now) => {
    phase = (phase + (now - before) / 1000 / SECONDS) % 1;
    before = now;
    draw((phase < 0.5 ? 2 * phase : 2 - 2 * phase) * (FRAMES - 1));
    playing = requestAnimationFrame(step);
  };
  playing = requestAnimationFrame(step);
}

function pause() {
  cancelAnimationFrame(playing);
  playing = 0;
  const button = find("#play");
  if (button) button.textContent = "Play";
}

function saveStrip(state) {
  const chosen = Array.from({ length: STRIP }, (_, i) => frames[Math.round((i * (FRAMES - 1)) / (STRIP - 1))]);
  save(`${state.model.name}-${state.from}-to-${state.to}.png`, together(chosen, STRIP).toDataURL());
}
