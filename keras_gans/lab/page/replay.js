// A recording: its moments under a slider, and the words of a lesson.

import { element, find } from "./dom.js";
import { decodeArray, decodeMessage } from "./decode.js";
import { startPicking } from "./pick.js";
import { blank, draw, listen, onKeys, rowOf, say, showCode, shown } from "./show.js";

const SLOWEST = 0.5; // seconds between two moments
const LESSON_SECONDS = 0.22;

let moments = []; // each with the newest state and frame of each run
let lesson = null;
let timer = null;
const decoded = new WeakMap(); // decoded, by message

export function startReplay(messages, asked = {}) {
  lesson = messages.find(({ type }) => type === "lesson") ?? null;
  moments = momentsOf(messages);
  if (!moments.length) return say("The recording has no frame.", true);
  listen();
  startPicking();
  shown.path = (run) => moments.slice(0, here() + 1).filter(({ runs }) => runs[run]?.state.setup === moments[here()].runs[run]?.state.setup)
    .map(({ runs }) => runs[run]).filter(Boolean).map(pointsOf);
  if (lesson) showLesson();
  const slider = find("#position");
  slider.max = moments.length - 1;
  slider.addEventListener("input", () => { stop(); go(Number(slider.value)); });
  find("#play").addEventListener("click", toggleReplay);
  onKeys({ " ": toggleReplay, n: () => lesson && goToScene(1), p: () => lesson && goToScene(-1) });
  return go(Number(asked.step) ? placeOf(asked) : 0);
}

function momentsOf(messages) {
  const now = [null, null], found = [];
  let states = [null, null];
  for (const message of messages) {
    const run = message.run ?? 0;
    if (message.type === "state" && message.status === "ready") states = states.with(run, message);
    else if (message.type === "state" && message.status === "closed") [states[run], now[run]] = [null, null];
    else if (message.type === "frame" && states[run]) {
      now[run] = { state: states[run], message };
      const last = found.at(-1);
      // Frames of both runs at one step are one moment.
      if (last?.step === message.step && last.run !== run) [last.runs, last.run] = [[...now], run];
      else found.push({ step: message.step, run, at: message.at, runs: [...now] });
    }
  }
  return found;
}

const here = () => Number(find("#position").value);

function pointsOf({ message }) {
  if (!decoded.has(message)) decoded.set(message, decodeArray(message.generated));
  return decoded.get(message);
}

function go(number) {
  const { step, runs } = moments[number];
  find("#position").value = number;
  find("#position").setAttribute("aria-valuetext", `step ${step}`);
  runs.forEach((each, run) => {
    if (!each) return void (shown.runs[run] = blank());
    const on = shown.runs[run], { state, message } = each;
    // The curve is that of the run on screen, all of it.
    if (on.setup !== state.setup) [on.setup, on.rows] = [state.setup, rowsOf(run, state)];
    return Object.assign(on, { constants: decodeMessage(state), frame: decodeMessage(message), label: lesson?.labels[run] ?? labelOf(state) });
  });
  shown.position = step;
  const first = runs.find(Boolean);
  say(lesson ? "" : labelOf(first.state));
  showCode(first.message.code ?? first.state.code);
  if (lesson) showScene(step);
  if (!timer) remember(step);
  draw();
}

const labelOf = ({ setup }) => `${setup.model} on ${setup.data}, seed ${setup.seed}`;

function rowsOf(run, state) {
  const text = JSON.stringify(state.setup), rows = new Map();
  for (const { runs } of moments) if (runs[run] && JSON.stringify(runs[run].state.setup) === text) rows.set(runs[run].message.step, rowOf(runs[run].message));
  return [...rows.values()].sort((a, b) => a.at - b.at);
}

// The address holds the step, so that a link leads to it.
function remember(step) {
  const asked = new URLSearchParams(location.hash.slice(1));
  asked.set("step", step);
  try {
    window.history.replaceState(null, "", `#${asked}`);
  } catch {
    // Some pages that hold this one do not allow it.
  }
}

function toggleReplay() {
  if (timer) return stop();
  let number = here();
  if (number === moments.length - 1) number = -1;
  find("#play").textContent = "Pause";
  const next = () => {
    number += 1;
    go(number);
    if (number === moments.length - 1 || sceneAt(number)) return stop();
    // As fast as it was recorded, without its breaks.
    const seconds = lesson ? LESSON_SECONDS : Math.min(SLOWEST, Math.max(0.02, moments[number + 1].at - moments[number].at || 0.1));
    return void (timer = setTimeout(next, 1000 * seconds));
  };
  timer = setTimeout(next, 0);
}

function stop() {
  clearTimeout(timer);
  timer = null;
  remember(moments[here()].step);
  find("#play").textContent = "Play";
}

// The words of a lesson. Play stops where there are new ones.

function placeOf(scene) {
  const found = moments.findIndex(({ step }) => step >= scene.step);
  return found < 0 ? moments.length - 1 : found;
}

const sceneAt = (number) => lesson?.scenes.some((scene) => placeOf(scene) === number);

function showLesson() {
  document.title = `${lesson.title} – keras_gans lab`;
  find("#lesson-part").hidden = false;
  find("#lesson-title").textContent = lesson.title;
  find("#lesson-scenes").replaceChildren(...lesson.scenes.map((scene, i) => {
    const button = element("button", { type: "button", textContent: `${i + 1}`, title: `Step ${scene.step}` });
    button.addEventListener("click", () => goTo(i));
    return button;
  }));
  for (const box of document.querySelectorAll("[data-layer]")) box.checked = lesson.layers.includes(box.dataset.layer);
  find("#lesson-next").addEventListener("click", () => goToScene(1));
  find("#lesson-back").addEventListener("click", () => goToScene(-1));
}

const current = () => lesson.scenes.findLastIndex((scene) => placeOf(scene) <= here());

function goTo(scene) {
  stop();
  go(placeOf(lesson.scenes[scene]));
}

function goToScene(by) {
  const wanted = current() + by;
  if (lesson.scenes[wanted]) goTo(wanted);
}

function showScene() {
  const scene = current(), text = lesson.scenes[scene]?.text ?? "";
  if (find("#lesson-text").textContent !== text) find("#lesson-text").textContent = text;
  [...find("#lesson-scenes").children].forEach((button, i) => button.setAttribute("aria-current", i === scene ? "step" : "false"));
  find("#lesson-back").disabled = scene <= 0;
  find("#lesson-next").disabled = scene === lesson.scenes.length - 1;
}
