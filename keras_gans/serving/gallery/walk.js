// A walk through the latent space, from seed to seed, without an end.

import { element, find } from "./dom.js";
import { between, randomSeed } from "./latents.js";
import { fromLatents, latentsOf, save, style } from "./pictures.js";
import { toldOf } from "./told.js";

const FRAMES = 24; // from one seed to the next
const RATE = 16; // frames in a second at pace 1

let walk = null;

export const view = { id: "walk", title: "Walk", show, stop, toggle, save: saveFrame };

async function show(state, target) {
  stop();
  const mine = { state, frames: [], place: 0, last: state.seed, next: null, playing: 0, fetching: false, seeds: [state.seed] };
  walk = mine;
  await more(mine);
  if (walk !== mine) return;
  const canvas = element("canvas", { id: "screen", width: mine.frames[0].width, height: mine.frames[0].height });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "A walk through the latent space");
  const play = element("button", { type: "button", id: "play", textContent: "Play" });
  play.addEventListener("click", toggle);
  const caption = element("p", { className: "caption", id: "caption" });
  const screen = element("div", { className: "screen" }, canvas, element("div", { className: "bar" }, play, caption));
  style(screen, canvas, state.model);
  target.replaceChildren(screen);
  draw(mine);
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) toggle();
}

// Fetches the way to the next seed.
async function more(mine) {
  mine.fetching = true;
  try {
    const { model, truncation } = mine.state;
    const next = randomSeed();
    const [a, b] = [mine.last, next].map((seed) => latentsOf(model, seed, truncation));
    const latents = Array.from({ length: FRAMES }, (_, i) => between(a, b, i / FRAMES));
    mine.frames.push(...(await fromLatents(model, latents, toldOf(mine.state, "serving_default", FRAMES, false))));
    mine.last = next;
    mine.seeds.push(next);
  } finally {
    mine.fetching = false;
  }
}

function draw(mine) {
  const canvas = find("#screen");
  const frame = mine.frames[Math.min(Math.floor(mine.place), mine.frames.length - 1)];
  if (!canvas || !frame) return;
  // Two neighbours are mixed, so that the walk is smooth at any pace.
  const context = canvas.getContext("2d");
  context.globalAlpha = 1;
  context.drawImage(frame, 0, 0);
  const after = mine.frames[Math.floor(mine.place) + 1];
  if (after) {
    context.globalAlpha = mine.place % 1;
    context.drawImage(after, 0, 0);
  }
  const [from, to] = mine.seeds;
  find("#caption").textContent = `Seed ${from} → ${to}`;
}

function toggle() {
  if (!walk || !find("#play")) return;
  const mine = walk;
  if (mine.playing) {
    cancelAnimationFrame(mine.playing);
    mine.playing = 0;
    find("#play").textContent = "Play";
    return;
  }
  find("#play").textContent = "Pause";
  let before = performance.now();
  const step = (now) => {
    if (walk !== mine) return;
    mine.place = Math.min(mine.place + ((now - before) / 1000) * RATE * mine.state.pace(), mine.frames.length - 1);
    before = now;
    // What lies behind is forgotten.
    if (mine.place >= FRAMES) {
      mine.frames.splice(0, FRAMES);
      mine.seeds.shift();
      mine.place -= FRAMES;
    }
    if (!mine.fetching && mine.frames.length - mine.place < 2 * FRAMES) {
      more(mine).catch((error) => { if (walk === mine) { stop(); mine.state.fail(error); } });
    }
    draw(mine);
    mine.playing = requestAnimationFrame(step);
  };
  mine.playing = requestAnimationFrame(step);
}

function stop() {
  if (!walk) return;
  cancelAnimationFrame(walk.playing);
  walk = null;
}

function saveFrame(state) {
  const canvas = find("#screen");
  if (canvas) save(`${state.model.name}-walk.png`, canvas.toDataURL());
}
