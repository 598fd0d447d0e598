// Points drawn with mouse, pen or finger, or placed by keys.

import { find } from "./dom.js";
import { fit, colourOf, toCanvas, toPlane } from "./plane.js";

const APART = 0.015; // between two points of a stroke
const KEY_STEP = 0.05;
const SPRAY = 0.02; // standard deviation around the cursor of keys

let points = [], cursor = [0, 0], most = 0, finish = null, last = null, held = new AbortController();

// Calls `done` with the points, or with null if it is cancelled.
export function startDrawing(limit, done) {
  [points, cursor, most, finish, last] = [[], [0, 0], limit, done, null];
  held.abort();
  held = new AbortController();
  const { signal } = held, canvas = find("#plane");
  find("#drawing").hidden = false;
  canvas.classList.add("drawing");
  canvas.tabIndex = 0;
  canvas.focus();
  const options = { signal };
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); last = null; putPoint(event); }, options);
  canvas.addEventListener("pointermove", (event) => { if (event.buttons) for (const each of event.getCoalescedEvents?.() ?? [event]) putPoint(each); }, options);
  canvas.addEventListener("keydown", onKey, options);
  find("#draw-done").addEventListener("click", () => end(points), options);
  find("#draw-clear").addEventListener("click", () => { points = []; paint(); }, options);
  find("#draw-cancel").addEventListener("click", () => end(null), options);
  new ResizeObserver(paint).observe(canvas);
  paint();
}

export const isDrawing = () => !find("#drawing").hidden;

function putPoint(event) {
  const box = event.target.getBoundingClientRect();
  const point = toPlane(event.clientX - box.left, event.clientY - box.top, box.width);
  if (last && Math.hypot(point[0] - last[0], point[1] - last[1]) < APART) return;
  last = point;
  add(point);
}

function add([x, y]) {
  if (points.length >= most) return;
  const inside = (value) => Number(Math.max(-1, Math.min(1, value)).toFixed(4));
  points.push([inside(x), inside(y)]);
  paint();
}

function onKey(event) {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const normal = () => SPRAY * Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  if (moves[event.key]) cursor = cursor.map((value, i) => Math.max(-1, Math.min(1, value + KEY_STEP * moves[event.key][i])));
  else if (event.key === "Enter") for (let i = 0; i < 5; i++) add(cursor.map((value) => value + normal()));
  else if (event.key === "Escape") return end(null);
  else return undefined;
  event.preventDefault();
  return paint();
}

function paint() {
  if (!isDrawing()) return;
  find("#draw-done").disabled = points.length < 2;
  const [context, size] = fit(find("#plane"));
  context.fillStyle = colourOf("--surface");
  context.fillRect(0, 0, size, size);
  context.fillStyle = colourOf("--real");
  for (const [x, y] of points) {
    context.beginPath();
    context.arc(...toCanvas(x, y, size), 2.5, 0, 2 * Math.PI);
    context.fill();
  }
  const [left, top] = toCanvas(...cursor, size);
  context.strokeStyle = colourOf("--text");
  context.strokeRect(left - 5, top - 5, 10, 10);
}

function end(result) {
  held.abort();
  find("#drawing").hidden = true;
  find("#plane").classList.remove("drawing");
  finish(result);
}
