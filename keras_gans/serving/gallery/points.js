// A scatter plot: a point of the plane for each seed.

import { command, predict } from "./api.js";
import { element, find } from "./dom.js";
import { inputsOf, save } from "./pictures.js";
import { rowsOf, toldOf } from "./told.js";

const ROWS = 128; // of a request
const MARGIN = 40; // around the square from -1 to 1
const RADIUS = 2.5;
const TICKS = [-1, -0.5, 0, 0.5, 1];

let plot = null; // {canvas, points, colours}

export const view = { id: "points", title: "Points", show, save: savePlot, command: commandFor };

// Returns seeds, and what their points are told.
function seedsOf(state) {
  const seeds = Array.from({ length: state.count }, (_, i) => state.seed + i);
  return [seeds, toldOf(state, state.model.sampled, seeds.length)];
}

function commandFor(state) {
  const [seeds, told] = seedsOf(state);
  return command(state.model, state.model.sampled, inputsOf(state.model, seeds.slice(0, ROWS), rowsOf(told, 0, ROWS), state.truncation));
}

async function show(state, target) {
  const { model, truncation } = state;
  const [seeds, told] = seedsOf(state);
  const starts = Array.from({ length: Math.ceil(seeds.length / ROWS) }, (_, i) => i * ROWS);
  const answers = await Promise.all(starts.map((at) => (
    predict(model, model.sampled, inputsOf(model, seeds.slice(at, at + ROWS), rowsOf(told, at, at + ROWS), truncation))
  )));
  const points = answers.flatMap((each) => each.samples);
  const outside = points.filter((point) => !isInside(point)).length;
  const canvas = element("canvas", { id: "screen" });
  const caption = `${points.length} points, seeds ${state.seed} to ${seeds.at(-1)}${outside ? `; ${outside} outside` : ""}`;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", caption);
  const each = state.label === "each" ? state.classes : [];
  const colours = each.map((_, i) => `hsl(${220 + (360 * i) / each.length} 70% 58%)`);
  const legend = element("ul", { className: "legend" }, ...each.map((name, i) => {
    const item = element("li", { textContent: name });
    item.style.setProperty("--colour", colours[i]);
    return item;
  }));
  target.replaceChildren(element("div", { className: "screen plot" }, canvas, legend, element("p", { className: "caption", id: "caption", textContent: caption })));
  plot = { canvas, points, colours };
  resized.disconnect();
  resized.observe(canvas);
}

// What is no number came as null.
const isInside = (point) => point.every((each) => each !== null && Math.abs(each) <= 1);

// As large as the page has room, in its colours.
function draw() {
  if (!plot?.canvas.isConnected) return;
  const { canvas, points, colours } = plot;
  const size = canvas.clientWidth;
  canvas.width = canvas.height = Math.round(size * devicePixelRatio);
  const context = canvas.getContext("2d");
  const colour = (name) => getComputedStyle(canvas).getPropertyValue(name);
  const across = (x) => MARGIN + ((x + 1) / 2) * (size - 2 * MARGIN);
  const down = (y) => across(-y);
  context.scale(canvas.width / size, canvas.height / size);
  context.fillStyle = colour("--surface");
  context.fillRect(0, 0, size, size);
  context.strokeStyle = colour("--line");
  context.fillStyle = colour("--faint");
  context.font = `12px ${getComputedStyle(canvas).fontFamily}`;
  for (const tick of TICKS) {
    context.beginPath();
    context.moveTo(across(tick), down(-1));
    context.lineTo(across(tick), down(1));
    context.moveTo(across(-1), down(tick));
    context.lineTo(across(1), down(tick));
    context.stroke();
    const text = String(tick).replace("-", "−");
    [context.textAlign, context.textBaseline] = ["center", "top"];
    context.fillText(text, across(tick), down(-1) + 9);
    [context.textAlign, context.textBaseline] = ["right", "middle"];
    context.fillText(text, across(-1) - 8, down(tick));
  }
  context.globalAlpha = 0.7;
  points.forEach((point, i) => {
    if (!isInside(point)) return;
    context.fillStyle = colours.length ? colours[i % colours.length] : colour("--accent");
    context.beginPath();
    context.arc(across(point[0]), down(point[1]), RADIUS, 0, 2 * Math.PI);
    context.fill();
  });
}

const resized = new ResizeObserver(draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });

function savePlot(state) {
  const canvas = find("#screen");
  if (canvas) save(`${state.model.name}-seeds-${state.seed}.png`, canvas.toDataURL());
}
