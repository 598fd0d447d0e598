// A recording: its frames under a slider.

import { find } from "./dom.js";
import { decodeMessage } from "./decode.js";
import { draw, listen, onKeys, rowOf, say, showCode, shown } from "./show.js";

let frames = []; // each with the state before it
let timer = null;

export function startReplay(messages) {
  let state = null;
  for (const message of messages) {
    if (message.type === "frame" && state) frames.push({ state, message });
    else if (message.type === "state" && message.status === "ready") state = message;
  }
  if (!frames.length) return say("The recording has no frame.", true);
  listen();
  const slider = find("#position");
  slider.max = frames.length - 1;
  slider.addEventListener("input", () => { stop(); go(Number(slider.value)); });
  find("#play").addEventListener("click", toggleReplay);
  onKeys({ " ": toggleReplay });
  return go(0);
}

function go(number) {
  const { state, message } = frames[number];
  find("#position").value = number;
  find("#position").setAttribute("aria-valuetext", `step ${message.step}`);
  // The curve is that of the run on screen, all of it.
  const same = frames.filter((each) => JSON.stringify(each.state.setup) === JSON.stringify(state.setup));
  if (shown.run !== state.setup) [shown.run, shown.rows] = [state.setup, same.map((each) => rowOf(each.message)).sort((a, b) => a.at - b.at)];
  Object.assign(shown, { constants: decodeMessage(state), frame: decodeMessage(message), position: message.step });
  say(`${state.setup.model} on ${state.setup.data}, seed ${state.setup.seed}`);
  showCode(message.code ?? state.code);
  draw();
}

function toggleReplay() {
  if (timer) return stop();
  let number = Number(find("#position").value);
  if (number === frames.length - 1) number = -1;
  find("#play").textContent = "Pause";
  const next = () => {
    number += 1;
    go(number);
    if (number === frames.length - 1) return stop();
    // As fast as it was recorded, without its breaks.
    const seconds = Math.min(0.5, Math.max(0.02, frames[number + 1].message.at - frames[number].message.at || 0.1));
    timer = setTimeout(next, 1000 * seconds);
  };
  timer = setTimeout(next, 0);
}

function stop() {
  clearTimeout(timer);
  timer = null;
  find("#play").textContent = "Play";
}
