// What live training and replay have in common: a state, a frame, and their numbers and curves.

import { copyBy, element, find } from "./dom.js";
import { short } from "./decode.js";
import { drawCurves } from "./curves.js";
import { isDrawing } from "./draw.js";
import { drawPlane } from "./plane.js";

const CHARTS = [
  { title: "Losses", names: { d_loss: "discriminator loss", g_loss: "generator loss", penalty: "penalty" } },
  { title: "JS divergence", names: { js: "JS divergence (bits)" }, from: 0 },
  { title: "KL divergence", names: { kl: "KL divergence (bits)" }, from: 0 },
  { title: "Modes", names: { modes: "modes covered" }, from: 0 },
  { title: "Gradients", names: { d_grad: "norm of the discriminator's gradient", g_grad: "of the generator's" }, from: 0 },
];

// What is shown; `draw` shows it.
export const shown = { constants: null, frame: null, rows: [], position: null };
let due = false;

export const rowOf = (frame) => ({ at: frame.step, ...frame.logs, js: frame.measures.js, kl: frame.measures.kl, modes: frame.measures.modes });

export function draw() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    const layers = Object.fromEntries([...document.querySelectorAll("[data-layer]")].map((box) => [box.dataset.layer, box.checked]));
    const { frame, constants } = shown;
    if (!isDrawing()) drawPlane(find("#plane"), { frame, constants, layers, warp: Number(find("#warp").value) });
    find("#scale").hidden = !layers.heat;
    if (!frame) return find("#numbers").replaceChildren();
    [find("#low").value, find("#high").value] = frame.scores.map(short);
    find("#step").value = frame.step;
    find("#plane").setAttribute("aria-label", `Real and generated points at step ${frame.step}`);
    showNumbers(frame, constants);
    showFindings(frame.findings ?? []);
    const marks = (frame.findings ?? []).map((finding) => finding.step);
    if (shown.rows.length) drawCurves(find("#curves"), CHARTS, shown.rows, { marks, position: shown.position });
  });
}

function showNumbers({ logs, measures, seconds, frame_seconds: inFrames }, { same, modes }) {
  const rows = [
    ["Modes covered", modes === null ? null : `${measures.modes ?? "–"} of ${modes}`],
    ["Near a mode", modes === null || measures.quality === null || measures.quality === undefined ? null : `${Math.round(100 * measures.quality)} %`],
    ["JS (bits)", short(measures.js), `two real sets: ${short(same.js)}`],
    ["KL (bits)", short(measures.kl), `two real sets: ${short(same.kl)}`],
    ["Discriminator loss", short(logs.d_loss)],
    ["Generator loss", short(logs.g_loss)],
    ["Frames take", seconds ? `${Math.round((100 * inFrames) / (seconds + inFrames))} %` : null],
  ].filter(([, value]) => value !== null);
  find("#numbers").replaceChildren(...rows.map(([name, value, note]) => element("div", {},
    element("dt", { textContent: name }), element("dd", { textContent: value }, ...(note ? [element("small", { textContent: ` ${note}` })] : [])))));
}

export function showFindings(findings, unit = "step") {
  const target = find("#findings"), text = JSON.stringify(findings);
  if (target.dataset.text === text) return;
  target.dataset.text = text;
  target.replaceChildren(...findings.map((finding) => element("li", { className: finding.state === "gone" ? "gone" : "" },
    element("b", { textContent: `${finding.failure} at ${unit} ${finding[unit]}${finding.state === "gone" ? " is gone" : ""}` }),
    element("div", { textContent: finding.message ?? "" }),
    element("ul", {}, ...(finding.advice ?? []).map((each) => element("li", { textContent: each }))))));
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
