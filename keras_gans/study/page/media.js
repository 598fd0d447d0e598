// Loads items before they are needed.

import { element } from "./gallery/dom.js";
import { keepTrying } from "./server.js";

const AHEAD = 6; // trials
const SMALL = 48; // pixels; smaller images are shown with sharp pixels

const loaded = new Map();

async function picture(url) {
  const image = element("img", { src: url, alt: "", draggable: false });
  await image.decode();
  image.style.setProperty("--rendering", image.naturalHeight < SMALL ? "pixelated" : "auto");
  return image;
}

async function sound(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return element("audio", { src: URL.createObjectURL(await response.blob()), preload: "auto" });
}

// Returns the promise of an item: an image that is decoded, a sound that has arrived, or the text itself.
export function load(medium, item, say = () => {}) {
  if (medium === "text") return Promise.resolve(item);
  if (!loaded.has(item)) loaded.set(item, keepTrying(() => (medium === "audio" ? sound : picture)(item), say));
  return loaded.get(item);
}

// Loads the items of the next trials, and forgets those of the last ones.
export function prepare(medium, trials, next) {
  const wanted = new Set(trials.slice(next, next + AHEAD).flatMap((trial) => trial.items));
  for (const item of wanted) load(medium, item);
  const past = new Set(trials.slice(0, next).flatMap((trial) => trial.items));
  for (const [item] of loaded) if (past.has(item) && !wanted.has(item)) loaded.delete(item);
}
