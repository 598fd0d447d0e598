// Curves of numbers over steps or epochs, with marks where the doctor found something.

import { element } from "./dom.js";
import { short } from "./decode.js";
import { colourOf, fit } from "./plane.js";

const LEFT = 44, RIGHT = 8, TOP = 8, BOTTOM = 18; // around a chart
const MOST = 2000; // points of a curve
const COLOURS = ["--accent", "--second", "--real", "--generated", "--faint"];
const DASHES = [[], [5, 4]]; // of the first run and the one beside it

// Rows of numbers by name, `at` for the place on the axis; thinned out if there are too many.
export class History {
  constructor() { this.rows = []; this.stride = 1; this.count = 0; }

  add(row) {
    if (this.rows.length && row.at < this.rows.at(-1).at) this.rows = this.rows.filter((each) => each.at < row.at);
    if (this.count++ % this.stride) this.rows.pop(); // the newest row is always there
    this.rows.push(row);
    if (this.rows.length > MOST) {
      this.rows = this.rows.filter((_, i) => i % 2 === 0);
      this.stride *= 2;
    }
  }
}

// Draws charts of one run or two into an element. A chart is {title, names: {name in rows: label}}; charts without numbers are
// left out.
export function drawCurves(target, charts, sets, { marks = [], position = null, unit = "step" } = {}) {
  const all = sets.flat();
  const present = (names) => Object.fromEntries(Object.entries(names).filter(([name]) => all.some((row) => Number.isFinite(row[name]))));
  const filled = charts.map((chart) => ({ ...chart, names: present(chart.names) })).filter(({ names }) => Object.keys(names).length);
  const wanted = [sets.length, ...filled.map(({ names }) => Object.values(names))].join("\n");
  if (target.dataset.charts !== wanted) {
    target.dataset.charts = wanted;
    target.replaceChildren(...filled.map((chart, i) => chartElement(chart, sets.length > 1 && i === 0)));
  }
  filled.forEach((chart, i) => drawChart(target.children[i].querySelector("canvas"), chart, sets, marks, position, unit));
}

function chartElement({ title, names }, explains) {
  const labels = Object.values(names).map((label, i) => {
    const item = element("span", { textContent: label });
    item.style.setProperty("--colour", `var(${COLOURS[i]})`);
    return item;
  });
  if (explains) labels.push(element("small", { textContent: "A: solid, B: dashed" }));
  const canvas = element("canvas", { tabIndex: 0 });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", title);
  return element("figure", {}, element("figcaption", {}, ...labels), canvas);
}

function drawChart(canvas, { title, names, from, to }, sets, marks, position, unit) {
  const [context, width, height] = fit(canvas);
  const rows = sets.flat(), places = rows.map((row) => row.at);
  const values = rows.flatMap((row) => Object.keys(names).map((name) => row[name])).filter(Number.isFinite);
  let [low, high] = [from ?? Math.min(...values), to ?? Math.max(...values)];
  if (high - low < 1e-9) [low, high] = [low - 0.5, high + 0.5];
  const first = Math.min(...places), last = Math.max(...places, first + 1);
  const across = (at) => LEFT + ((at - first) / (last - first)) * (width - LEFT - RIGHT);
  const down = (value) => TOP + ((high - value) / (high - low)) * (height - TOP - BOTTOM);
  context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  context.fillStyle = colourOf("--faint");
  context.strokeStyle = colourOf("--line");
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of [low, (low + high) / 2, high]) {
    line(context, [[LEFT, down(value)], [width - RIGHT, down(value)]]);
    context.fillText(short(value), LEFT - 6, down(value));
  }
  context.textBaseline = "bottom";
  context.fillText(`${unit} ${last}`, width - RIGHT, height);
  context.textAlign = "left";
  context.fillText(String(first), LEFT, height);
  context.setLineDash([3, 3]);
  context.strokeStyle = colourOf("--wrong");
  for (const at of marks) if (at >= first && at <= last) line(context, [[across(at), TOP], [across(at), height - BOTTOM]]);
  context.lineWidth = 1.5;
  sets.forEach((each, run) => Object.keys(names).forEach((name, i) => {
    context.setLineDash(DASHES[run]);
    context.strokeStyle = colourOf(COLOURS[i]);
    line(context, each.filter((row) => Number.isFinite(row[name])).map((row) => [across(row.at), down(row[name])]));
  }));
  context.setLineDash([]);
  if (position !== null) {
    context.strokeStyle = colourOf("--text");
    line(context, [[across(position), TOP], [across(position), height - BOTTOM]]);
  }
  const said = sets.filter((each) => each.length).map((each) => Object.entries(names).map(([name, label]) => `${label} ${short(each.at(-1)[name])}`).join(", "));
  canvas.setAttribute("aria-label", `${title}: ${said.join("; beside it: ")}`);
}

function line(context, points) {
  context.beginPath();
  points.forEach((point, i) => (i ? context.lineTo(...point) : context.moveTo(...point)));
  context.stroke();
}
