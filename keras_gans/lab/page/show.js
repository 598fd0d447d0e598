// What live training and replay have in common: one run or two, each with a state, a frame, and their numbers and curves.

import { copyBy, element, find } from "./dom.js";
import { short } from "./decode.js";
import { drawCurves } from "./curves.js";
import { isDrawing } from "./draw.js";
import { showLosses } from "./graph.js";
import { drawPlane } from "./plane.js";
import { picked, probed, sayPicked } from "./pick.js";

const CHARTS = [
  { title: "Losses", names: { d_loss: "discriminator loss", g_loss: "generator loss", penalty: "penalty" } },
  { title: "JS divergence", names: { js: "JS divergence (bits)" }, from: 0 },
  { title: "KL divergence", names: { kl: "KL divergence (bits)" }, from: 0 },
  { title: "Modes", names: { modes: "modes covered" }, from: 0 },
  { title: "Gradients", names: { d_grad: "norm of the discriminator's gradient", g_grad: "of the generator's" }, from: 0 },
];
const NAMES = ["A", "B"];

export const blank = () => ({ constants: null, frame: null, rows: [], label: "" });
// What is shown; `draw` shows it. `path` returns where a sample was, oldest first; `attempt` follows advice.
export const shown = { runs: [blank(), blank()], position: null, layers: [], path: () => [], attempt: null };
let due = false;

export const rowOf = (frame) => ({ at: frame.step, ...frame.logs, js: frame.measures.js, kl: frame.measures.kl, modes: frame.measures.modes });
export const isPair = () => shown.runs[1].constants !== null;
export const planeOf = (run) => find(run ? "#plane-2" : "#plane");

export function draw() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    const pair = isPair();
    document.body.classList.toggle("two", pair);
    find("#beside").hidden = !pair;
    const layers = Object.fromEntries([...document.querySelectorAll("[data-layer]")].map((box) => [box.dataset.layer, box.checked]));
    for (const name of shown.layers) layers[name] = true;
    const runs = pair ? shown.runs : shown.runs.slice(0, 1), warp = Number(find("#warp").value);
    runs.forEach((run, i) => showRun(run, i, pair, layers, warp));
    sayPicked(runs);
    const framed = runs.filter(({ frame }) => frame);
    if (!framed.length) return find("#numbers").replaceChildren();
    find("#step").value = runs.map(({ frame }) => (frame ? frame.step : "–")).join(" · ");
    showNumbers(runs);
    const found = runs.flatMap(({ frame }, run) => (frame?.findings ?? []).map((finding) => ({ ...finding, run: pair ? run : null })));
    showFindings(found, "step", shown.attempt);
    const sets = runs.map(({ rows }) => rows);
    if (sets.some((rows) => rows.length)) drawCurves(find("#curves"), CHARTS, sets, { marks: found.map(({ step }) => step), position: shown.position });
    showLosses(runs[0].frame);
  });
}

function showRun({ constants, frame, label }, run, pair, layers, warp) {
  const canvas = planeOf(run), box = canvas.closest(".one");
  box.querySelector("figcaption").textContent = pair ? `${NAMES[run]}${label ? `: ${label}` : ""}` : label;
  if (run || !isDrawing()) drawPlane(canvas, { constants, frame, layers, warp, probe: probed(frame, run), picked: picked(run), path: shown.path(run) });
  box.querySelector(".scale").hidden = !layers.heat || !frame;
  if (!frame) return;
  [box.querySelector(".low").value, box.querySelector(".high").value] = frame.scores.map(short);
  canvas.setAttribute("aria-label", `Real and generated points at step ${frame.step}`);
}

function numbersOf({ frame, constants }) {
  if (!frame) return {};
  const { logs, measures, seconds, frame_seconds: inFrames } = frame, { same, modes } = constants, { quality } = measures;
  return {
    "Modes covered": modes === null ? null : [`${measures.modes ?? "–"} of ${modes}`],
    "Near a mode": modes === null || quality === null || quality === undefined ? null : [`${Math.round(100 * quality)} %`],
    "JS (bits)": [short(measures.js), `two real sets: ${short(same.js)}`],
    "KL (bits)": [short(measures.kl), `two real sets: ${short(same.kl)}`],
    "Discriminator loss": [short(logs.d_loss)],
    "Generator loss": [short(logs.g_loss)],
    "Frames take": seconds ? [`${Math.round((100 * inFrames) / (seconds + inFrames))} %`] : null,
  };
}

function showNumbers(runs) {
  const [first, second] = runs.map(numbersOf);
  const names = Object.keys({ ...first, ...second }).filter((name) => first[name] || second?.[name]);
  find("#numbers").replaceChildren(...names.map((name) => {
    const [value, note] = first[name] ?? ["–"];
    const values = second ? [element("span", { textContent: value }), element("span", { textContent: second[name]?.[0] ?? "–" })] : [value];
    return element("div", {}, element("dt", { textContent: name }), element("dd", {}, ...values, ...(note ? [element("small", { textContent: note })] : [])));
  }));
}

export function showFindings(findings, unit = "step", attempt = null) {
  const target = find("#findings"), text = JSON.stringify(findings);
  if (target.dataset.text === text) return;
  target.dataset.text = text;
  target.replaceChildren(...findings.map((finding) => element("li", { className: finding.state === "gone" ? "gone" : "" },
    element("b", { textContent: `${finding.run == null ? "" : `${NAMES[finding.run]}: `}${finding.failure} at ${unit} ${finding[unit]}${finding.state === "gone" ? " is gone" : ""}` }),
    element("div", { textContent: finding.message ?? "" }),
    element("ul", {}, ...(finding.advice ?? []).map((each, i) => adviceElement(each, finding.tries?.[i], finding.run ?? 0, attempt))))));
}

function adviceElement(advice, change, run, attempt) {
  const item = element("li", { textContent: advice });
  if (!change || !attempt) return item;
  const button = element("button", { type: "button", textContent: "Try beside", title: "Start a run from the same seed with this change" });
  button.addEventListener("click", () => attempt(change, run));
  item.append(" ", button);
  return item;
}

export function showCode(code) {
  if (!code) return;
  find("#python").textContent = code.python;
  find("#shell").textContent = code.command;
}

export function say(text, wrong = false) {
  find("#message").textContent = text;
  find("#message").classList.toggle("wrong", wrong);
}

export function listen() {
  for (const box of document.querySelectorAll("[data-layer]")) box.addEventListener("change", draw);
  find("#warp").addEventListener("input", draw);
  find("#copy-python").addEventListener("click", (event) => copyBy(event.target, find("#python").textContent));
  find("#copy-shell").addEventListener("click", (event) => copyBy(event.target, find("#shell").textContent));
  new ResizeObserver(draw).observe(find("#stage"));
}

// Keys act unless they are typed into something.
export function onKeys(actions) {
  document.addEventListener("keydown", (event) => {
    const into = event.target.closest("input, select, textarea, summary, button");
    if (event.ctrlKey || event.metaKey || event.altKey || (into && (event.key === " " || into.matches("input:not([type=range]):not([type=checkbox]), select")))) return;
    const action = actions[event.key.toLowerCase()];
    if (action) {
      event.preventDefault();
      action();
    }
  });
}
