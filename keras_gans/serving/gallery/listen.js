// Sounds: a player beside the spectrogram of each, one seed each.

import { command, predict } from "./api.js";
import { element, find } from "./dom.js";
import { inputsOf, save } from "./pictures.js";
import { toldOf, wordsOf } from "./told.js";
import { decoded, encoded, spectrogram } from "./wave.js";

let shown = []; // {name, url}
let last = null; // the player that was begun last

export const view = { id: "listen", title: "Sounds", show, stop, toggle, save: saveAll, command: commandFor };

function requestFor(state) {
  const { model, count, seed, truncation } = state;
  const seeds = Array.from({ length: count }, (_, i) => seed + i);
  const sounding = { ...model, seeded: model.sounder, truncates: model.takes(model.sounder, "truncation") };
  return inputsOf(sounding, seeds, toldOf(state, model.sounder, count), truncation);
}

function commandFor(state) {
  return command(state.model, state.model.sounder, requestFor(state));
}

async function show(state, target) {
  const inputs = requestFor(state);
  const { wav_bytes: files } = await predict(state.model, state.model.sounder, inputs);
  for (const each of shown) URL.revokeObjectURL(each.url);
  shown = files.map(({ b64 }, i) => {
    const bytes = Uint8Array.from(atob(b64), (each) => each.charCodeAt(0));
    return { name: titleOf(state, inputs, i), seed: inputs.seeds[i], sound: decoded(bytes), url: URL.createObjectURL(new Blob([bytes], { type: "audio/wav" })) };
  });
  target.replaceChildren(element("ul", { className: "sounds" }, ...shown.map((each) => card(state, each))));
}

const titleOf = (state, inputs, i) => [`Seed ${inputs.seeds[i]}`, ...wordsOf(state, inputs, i)].join(", ");

function card({ model }, { name, seed, sound, url }) {
  const picture = spectrogram(sound);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", `Spectrogram, ${name}`);
  const head = element("div", { className: "head", hidden: true });
  const button = element("button", { type: "button", className: "spectrogram", title: "Play or pause" }, picture, head);
  button.setAttribute("aria-label", `Play or pause, ${name}`);
  const player = element("audio", { controls: true, preload: "metadata", src: url });
  player.setAttribute("aria-label", name);
  button.addEventListener("click", () => flip(player));
  const follow = () => {
    head.hidden = player.currentTime === 0;
    head.style.setProperty("--at", `${(100 * player.currentTime) / (player.duration || 1)}%`);
    if (!player.paused) requestAnimationFrame(follow);
  };
  for (const event of ["play", "pause", "seeked", "ended"]) player.addEventListener(event, follow);
  player.addEventListener("play", () => {
    if (last !== player) last?.pause();
    last = player;
  });
  const link = element("a", { href: url, download: `${model.name}-seed-${seed}.wav`, textContent: "WAV" });
  const seconds = (sound.samples.length / sound.rate).toPrecision(3);
  link.title = `${seconds} s, ${sound.rate} Hz`;
  return element("li", {}, button, player, element("div", {}, element("span", { textContent: name }), link));
}

const flip = (player) => (player.paused ? player.play() : player.pause());

function stop() {
  last?.pause();
  last = null;
}

// Plays or pauses what was played last, or the first.
function toggle() {
  const player = last?.isConnected ? last : find("#view audio");
  if (player) flip(player);
}

// All in one file, with half a second between two.
function saveAll(state) {
  if (!shown.length) return;
  const { rate } = shown[0].sound;
  const pause = Math.round(rate / 2);
  const length = shown.reduce((sum, { sound }) => sum + sound.samples.length + pause, -pause);
  const samples = new Float32Array(length);
  let at = 0;
  for (const { sound } of shown) {
    samples.set(sound.samples, at);
    at += sound.samples.length + pause;
  }
  const url = URL.createObjectURL(encoded({ samples, rate }));
  save(`${state.model.name}-seeds-${state.seed}.wav`, url);
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
