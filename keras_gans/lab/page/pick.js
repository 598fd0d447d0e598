// A point of the plane that is probed, and a sample whose path is shown: by click, touch or keys.

import { element, find } from "./dom.js";
import { short } from "./decode.js";
import { isDrawing } from "./draw.js";
import { mixed, toCanvas, toPlane } from "./plane.js";
import { draw, planeOf, shown } from "./show.js";

const NEAR = 9; // pixels from a sample
const STEP = 0.05; // of the caret by a key

let sample = null; // its number
let point = null; // of the plane
let ask = null; // asks the server for exact numbers
let caret = null;

// Calls `asked` with a point, or with null if none is probed any more; without it, numbers come from the frame.
export function startPicking(asked = null) {
  ask = asked;
  for (const run of [0, 1]) {
    const canvas = planeOf(run);
    canvas.tabIndex = 0;
    canvas.addEventListener("click", (event) => {
      const box = canvas.getBoundingClientRect();
      pick(run, toPlane(event.clientX - box.left, event.clientY - box.top, box.width), box.width);
    });
    canvas.addEventListener("keydown", (event) => onPickKey(event, run, canvas.clientWidth));
    canvas.addEventListener("blur", () => { caret = null; draw(); });
  }
}

function onPickKey(event, run, size) {
  if (isDrawing()) return;
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const from = caret ?? { run, at: [0, 0] };
  if (moves[event.key]) caret = { run, at: from.at.map((value, i) => Math.max(-1, Math.min(1, value + STEP * moves[event.key][i]))) };
  else if (event.key === "Enter") pick(run, from.at, size);
  else if (event.key === "Escape") [caret] = [null, clear()];
  else return;
  event.preventDefault();
  draw();
}

function pick(run, at, size) {
  if (isDrawing()) return;
  const { frame, constants } = shown.runs[run];
  if (!frame) return;
  const number = nearestSample(mixed(constants.latents, frame.generated, Number(find("#warp").value)), at, size);
  if (number !== null) sample = sample === number ? null : number;
  else {
    point = at.map((value) => Number(value.toFixed(3)));
    ask?.(point);
  }
  draw();
}

function clear() {
  [sample, point] = [null, null];
  ask?.(null);
}

function nearestSample(points, at, size) {
  const [left, top] = toCanvas(...at, size);
  let nearest = null, least = NEAR;
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = toCanvas(points[i], points[i + 1], size), distance = Math.hypot(x - left, y - top);
    if (distance < least) [nearest, least] = [i / 2, distance];
  }
  return nearest;
}

// What is marked on the plane of a run: the sample, and the caret of keys.
export const picked = (run) => ({ sample, cursor: caret?.run === run ? caret.at : null });

// Score and gradient at the probed point: from the server, or from the colours of the frame.
export function probed(frame) {
  if (!frame) return null;
  if (ask) return frame.probe ?? null;
  return point ? fromHeat(frame, point) : frame.probe ?? null;
}

function fromHeat({ heat, scores: [low, high] }, [x, y]) {
  const side = Math.round(Math.sqrt(heat.length));
  const score = (across, up) => {
    const place = [across, up].map((value) => Math.max(0, Math.min(side - 1.001, ((value + 1) * side) / 2 - 0.5)));
    const [column, row] = place.map(Math.floor), [right, above] = [place[0] - column, place[1] - row];
    const cell = (i, j) => heat[(row + j) * side + column + i];
    const share = (1 - above) * ((1 - right) * cell(0, 0) + right * cell(1, 0)) + above * ((1 - right) * cell(0, 1) + right * cell(1, 1));
    return low + share * (high - low);
  };
  const step = 2 / side, slope = (dx, dy) => (score(x + dx, y + dy) - score(x - dx, y - dy)) / (2 * step);
  return { x, y, score: score(x, y), gradient: [slope(step, 0), slope(0, step)], rough: true };
}

// Says in words what is marked.
export function sayPicked(runs) {
  const lines = [];
  runs.forEach(({ frame, constants }, run) => {
    const name = runs.length > 1 ? `${"AB"[run]}: ` : "", probe = probed(frame);
    if (probe) {
      const { x, y, score, gradient, rough } = probe, length = Math.hypot(...gradient);
      lines.push(`${name}at (${short(x)}, ${short(y)}), score ${rough ? "about " : ""}${short(score)}, gradient (${gradient.map(short).join(", ")}), length ${short(length)}`);
    }
    if (sample !== null && frame) {
      const of = (array) => `(${short(array[2 * sample])}, ${short(array[2 * sample + 1])})`;
      lines.push(`${name}sample ${sample}, from latent ${of(constants.latents)} to ${of(frame.generated)}`);
    }
  });
  const text = lines.join("\n"), target = find("#picked");
  if (target.dataset.text === text) return;
  target.dataset.text = text;
  target.replaceChildren(...lines.map((each) => element("div", { textContent: each })));
}
