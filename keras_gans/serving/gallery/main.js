// The page: what is chosen, and the view that shows it.

import { listen, view as apply } from "./apply.js";
import { command, describe, isRemote, listModels, server, whenAnswered } from "./api.js";
import { copyBy, element, find } from "./dom.js";
import { view as edit } from "./edit.js";
import { view as listening } from "./listen.js";
import { view as interpolate } from "./interpolate.js";
import { randomSeed } from "./latents.js";
import { inputsOf } from "./pictures.js";
import { toldOf } from "./told.js";
import { view as points } from "./points.js";
import { view as samples } from "./samples.js";
import { view as walk } from "./walk.js";
import { view as watch } from "./watch.js";
import { view as write } from "./write.js";

const VIEWS = { samples, interpolate, walk, edit, write, points, listen: listening, watch, apply };
const BROWSED = [samples, edit, write, points, listening, watch];
const number = (id) => Math.max(0, Math.floor(Number(find(id).value)) || 0);

let models = null; // as the server lists them; null if it cannot
let model = null;
let view = samples;
let latest = 0; // of the requests that were begun

async function begin() {
  find("#where").textContent = `Served by ${server ?? "?"}`;
  find("#description").hidden = isRemote;
  const wanted = new URLSearchParams(location.hash.slice(1));
  for (const id of ["seed", "from", "to"]) if (wanted.has(id)) find(`#${id}`).value = wanted.get(id);
  if (wanted.get("view") in VIEWS) view = VIEWS[wanted.get("view")];
  try {
    models = await listModels();
  } catch (error) {
    return fail(error);
  }
  find("#model-field").hidden = models === null;
  find("#model-name-field").hidden = models !== null;
  find("#version-field").hidden = models === null;
  if (models === null) {
    find("#model-name").value = wanted.get("model") ?? "";
    if (!wanted.get("model")) return say("Which model? TensorFlow Serving does not tell which it has.");
  } else if (models.length === 0) {
    return say("The server has no model that could be loaded.");
  } else {
    find("#model").replaceChildren(...models.map((each) => element("option", { textContent: each.name, value: each.name })));
    if (models.some((each) => each.name === wanted.get("model"))) find("#model").value = wanted.get("model");
  }
  return choose();
}

// Takes the model that is chosen.
async function choose() {
  const listed = models?.find((each) => each.name === find("#model").value);
  if (listed) {
    const { versions = [], labels = {} } = listed;
    const options = [["", `latest (${versions[0] ?? "?"})`], ...versions.map((each) => [String(each), String(each)]),
      ...Object.entries(labels).map(([label, version]) => [`label:${label}`, `${label} (${version})`])];
    find("#version-field").hidden = options.length < 3;
    find("#version").replaceChildren(...options.map(([value, textContent]) => element("option", { value, textContent })));
  }
  return describeIt();
}

async function describeIt() {
  const name = models === null ? find("#model-name").value.trim() : find("#model").value;
  if (!name) return;
  find("#controls .actions").hidden = false;
  try {
    model = await describe(name, models === null ? "" : find("#version").value);
  } catch (error) {
    clear();
    return fail(error);
  }
  const classes = models?.find((each) => each.name === name)?.classes ?? [];
  // One class is no choice, and without a second there is none to interpolate to.
  find("#class-field").hidden = !(model.conditional && classes.length > 1);
  find("#class-number-field").hidden = !(model.conditional && !classes.length);
  const options = [["each", "each in turn"], ...classes.map((each, i) => [String(i), each])];
  const before = find("#class").value;
  find("#class").replaceChildren(...options.map(([value, textContent]) => element("option", { value, textContent })));
  if (options.some(([value]) => value === before)) find("#class").value = before;
  offerConditions(models?.find((each) => each.name === name)?.condition_names ?? {});
  find("#truncation-field").hidden = !model.truncates;
  find("#temperature-field").hidden = !(model.writes && model.takes(model.replier ?? model.prompts ?? model.writer, "temperature"));
  find("#context-field").hidden = !model.replier;
  find("#prompt-field").hidden = !model.prompts || Boolean(model.replier);
  const offered = [model.draws && samples, model.moves && interpolate, model.moves && walk, model.editor && edit, model.writes && write, model.plots && points, model.plays && listening, model.films && watch, model.applier && apply].filter(Boolean);
  if (!offered.length) {
    const unknown = model;
    clear();
    for (const field of document.querySelectorAll("#controls > .field:not([id^=model], [id^=version]), #controls > .pair, #controls > .actions")) field.hidden = true;
    return explain(unknown);
  }
  if (!offered.includes(view)) view = offered[0];
  find("#tabs").hidden = offered.length < 2;
  find("#tabs").replaceChildren(...offered.map((each) => {
    const tab = element("button", { type: "button", id: `tab-${each.id}`, textContent: each.title });
    tab.setAttribute("role", "tab");
    tab.addEventListener("click", () => turnTo(each));
    return tab;
  }));
  return turnTo(view);
}

// Shows a choice for each further condition, such as the speaker: of names, of a number where there are none, or sliders for codes.
function offerConditions(names) {
  find("#told").replaceChildren(...model.told.map(({ input, size }) => {
    const title = input[0].toUpperCase() + input.slice(1).replaceAll("_", " ");
    if (size) {
      const sliders = Array.from({ length: size }, (_, i) => element("input", { type: "range", min: -1, max: 1, step: 0.05, value: 0, id: `told-${input}-${i}`, ariaLabel: `${title} ${i + 1}` }));
      sliders.forEach((slider) => slider.addEventListener("change", () => show()));
      return element("div", { className: "field", dataset: { names: "[]", input } }, title, ...sliders);
    }
    const options = names[input]?.length ? [["each", "each in turn"], ...names[input].map((each, i) => [String(i), each])] : undefined;
    const field = options ? element("select", {}, ...options.map(([value, textContent]) => element("option", { value, textContent })))
      : element("input", { type: "number", min: 0, step: 1, value: 0, inputMode: "numeric" });
    Object.assign(field, { id: `told-${input}` });
    field.addEventListener("change", () => show());
    return element("label", { className: "field", dataset: { names: JSON.stringify(names[input] ?? []), input } }, options ? title : `${title} (a number)`, " ", field);
  }));
}

const toldNow = () => [...find("#told").children].map((each) => {
  const { input } = each.dataset;
  if (each.matches("div")) return { input, names: [], value: Array.from(each.children, (slider) => Number(slider.value)) };
  const { value } = each.querySelector("select, input");
  return { input, names: JSON.parse(each.dataset.names), value: value === "each" ? "each" : Math.max(0, Math.floor(Number(value)) || 0) };
});

// Shows nothing, and what is still on its way neither.
function clear() {
  view.stop?.();
  model = null;
  latest++;
  delete document.body.dataset.shown;
  find("#tabs").replaceChildren();
  find("#view").replaceChildren();
  find("#told").replaceChildren();
  find("#view").classList.remove("waiting");
}

// Says what a model gives that this page cannot show.
function explain(unknown) {
  if (!unknown.sampled) return say(`${unknown.name} has no signature that this page knows: see ${server}/v1/models/${unknown.name}/metadata.`);
  const shape = ["batch", ...unknown.sampleShape].join(", ").replaceAll("-1", "any");
  say(`${unknown.name} returns samples of shape (${shape}). This page shows images, text, sounds, clips, and points of two numbers, and cannot show these; ask for them by REST:`);
  const told = unknown.told.map(({ input, size }) => ({ input, names: [], value: size ? new Array(size).fill(0) : 0 }));
  const inputs = inputsOf(unknown, [0], toldOf({ model: unknown, label: 0, classes: [], told }, unknown.sampled, 1), 1);
  find("#view").replaceChildren(element("pre", { id: "command", tabIndex: 0, textContent: command(unknown, unknown.sampled, inputs) }));
}

function turnTo(next) {
  view.stop?.();
  view = next;
  for (const tab of document.querySelectorAll("#tabs button")) {
    const chosen = tab.id === `tab-${view.id}`;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
  }
  for (const field of document.querySelectorAll("[data-view]")) field.hidden = !field.dataset.view.split(" ").includes(view.id);
  find("#truncation-field").hidden = !model.truncates || view === edit;
  find("#strength-field").hidden = view !== apply || !model.isAdjustable;
  const each = find('#class option[value="each"]');
  if (each) each.hidden = each.disabled = [interpolate, walk, edit, apply].includes(view);
  if (each?.disabled && find("#class").value === "each") find("#class").value = "0";
  document.body.dataset.shown = view.id;
  find("#copy").hidden = !view.command;
  find("#go").textContent = { write: "Write", walk: "New walk", apply: model.fills ? "Fill in" : "Apply" }[view.id] ?? "Generate";
  return show();
}

function state() {
  const listed = models?.find((each) => each.name === model.name);
  const chosen = listed?.classes?.length ? find("#class").value : String(number("#class-number"));
  return {
    model,
    classes: listed?.classes ?? [],
    seed: number("#seed"),
    from: number("#from"),
    to: number("#to"),
    label: chosen === "each" ? "each" : Number(chosen),
    count: count(),
    told: toldNow(),
    fps: listed?.fps,
    local: models !== null && !isRemote,
    truncation: Number(find("#truncation").value),
    strength: Number(find("#strength").value),
    temperature: Number(find("#temperature").value),
    prompt: find("#prompt").value,
    context: find("#context").value,
    pace: () => Number(find("#pace").value),
    go: begunFrom,
    refresh: () => show(),
    say,
    fail,
  };
}

// What the dialog of a sample offers.
function begunFrom(action, sample) {
  if (sample.told.labels && !find("#class-field").hidden) find("#class").value = String(sample.told.labels[0]);
  if (action === "walk" || action === "edit") {
    find("#seed").value = sample.seed;
    return turnTo(VIEWS[action]);
  }
  find(action === "from" ? "#from" : "#to").value = sample.seed;
  return turnTo(interpolate);
}

// Shows the view; or, for one that waits until it is asked to, what it was asked for.
async function show(how = "show") {
  if (!model) return;
  const mine = ++latest;
  view.stop?.();
  find("#view").classList.add("waiting");
  const drawn = element("div");
  const before = view;
  try {
    await view[how](state(), view === walk || view === interpolate ? find("#view") : drawn);
    if (mine !== latest) return;
    if (drawn.childNodes.length && view === before) find("#view").replaceChildren(...drawn.childNodes);
    say("");
    remember();
  } catch (error) {
    if (mine === latest) fail(error);
  } finally {
    if (mine === latest) find("#view").classList.remove("waiting");
  }
}

function remember() {
  const kept = new URLSearchParams({ model: model.name, view: view.id, seed: number("#seed"), from: number("#from"), to: number("#to") });
  history.replaceState(null, "", `${location.search}#${kept}`);
}

function say(text) {
  find("#message").textContent = text;
  find("#message").classList.remove("wrong");
}

function fail(error) {
  find("#message").textContent = error.message;
  find("#message").classList.add("wrong");
  find("#view").classList.remove("waiting");
}

const count = () => (view === edit ? 1 : number(view === points ? "#points" : "#count"));

function step(by) {
  find("#seed").value = Math.max(0, number("#seed") + by * count());
  show();
}

function throwDice() {
  if (view === interpolate) {
    [find("#from").value, find("#to").value] = [randomSeed(), randomSeed()];
  } else {
    find("#seed").value = randomSeed();
  }
  show();
}

const times = [];
whenAnswered((milliseconds) => {
  times.push(milliseconds);
  if (times.length > 40) times.shift();
  const most = Math.max(...times, 1);
  find("#milliseconds").value = milliseconds.toFixed(milliseconds < 10 ? 1 : 0);
  find("#latency polyline").setAttribute("points", times.map((each, i) => `${(80 * i) / (times.length - 1 || 1)},${18 - (16 * each) / most}`).join(" "));
});

const THEMES = ["", "light", "dark"];
const NAMES = { "": "as the system has them", light: "light", dark: "dark" };
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  find("#theme").setAttribute("aria-label", `Colours: ${NAMES[theme]}`);
  find("#theme").title = `Colours: ${NAMES[theme]}`;
  try { localStorage.setItem("theme", theme); } catch { /* not kept */ }
}
find("#theme").addEventListener("click", () => {
  setTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? "") + 1) % 3]);
});
try { setTheme(localStorage.getItem("theme") ?? ""); } catch { setTheme(""); }

find("#controls").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!model || (models === null && find("#model-name").value.trim() !== model.name)) describeIt();
  else if (view === walk) throwDice();
  else show(view.submit ? "submit" : "show");
});
find("#model").addEventListener("change", choose);
find("#version").addEventListener("change", describeIt);
find("#model-name").addEventListener("change", describeIt);
for (const id of ["seed", "from", "to", "class", "class-number", "count", "points", "truncation", "temperature", "prompt", "context", "side"]) {
  find(`#${id}`).addEventListener("change", () => show());
}
// A painted mask stays: what was filled in is filled in again.
find("#strength").addEventListener("change", () => show(find("#caption") ? "submit" : "show"));
for (const [id, digits] of [["truncation", 2], ["strength", 2], ["temperature", 2], ["pace", 1]]) {
  find(`#${id}`).addEventListener("input", () => { find(`#${id}-value`).value = Number(find(`#${id}`).value).toFixed(digits); });
}
find("#previous").addEventListener("click", () => step(-1));
find("#next").addEventListener("click", () => step(1));
find("#dice").addEventListener("click", throwDice);
find("#save").addEventListener("click", () => { if (model) Promise.resolve(view.save(state())).catch(fail); });
find("#copy").addEventListener("click", () => { if (model) copyBy(find("#copy"), view.command(state())).catch(fail); });
find("#tabs").addEventListener("keydown", (event) => {
  const tabs = [...find("#tabs").children];
  const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!move) return;
  const next = tabs[(tabs.indexOf(document.activeElement) + move + tabs.length) % tabs.length];
  next.focus();
  next.click();
  event.stopPropagation();
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || find("#detail").open) return;
  if (view === apply || event.target.matches("input:not([type=range]), select, textarea")) return;
  if (event.key === "r") throwDice();
  else if (event.target.matches("input[type=range], button") && event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  else if (event.target.matches("input[type=range]")) return;
  else if (event.key === "ArrowLeft" && BROWSED.includes(view)) step(-1);
  else if (event.key === "ArrowRight" && BROWSED.includes(view)) step(1);
  else if (event.key === " " && view.toggle) view.toggle();
  else return;
  event.preventDefault();
});
listen(() => view === apply && model !== null, () => show(), fail);
if (isRemote) document.title = `keras_gans gallery: ${server}`;
begin();
