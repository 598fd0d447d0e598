// Training on the server: events in, commands out.

import { element, find } from "./dom.js";
import { History } from "./curves.js";
import { decodeArray, decodeMessage } from "./decode.js";
import { startDrawing } from "./draw.js";
import { endParts, goThroughParts } from "./graph.js";
import { startPicking } from "./pick.js";
import { blank, draw, isPair, listen, onKeys, rowOf, say, showCode, shown } from "./show.js";

const RULES = ["loss", "generator_rate", "discriminator_rate", "critic_steps", "penalty", "penalty_weight"];
const SETUP = ["model", "data", "seed", "batch_size", "ema"];
const MOST_RECORDED = 20000; // frames
const MOST_PLACES = 400; // of a path

const kept = [null, null].map(fresh); // what is known of each run beside what is shown
let target = 0; // the run whose settings are on the page
let recorded = null; // lines, while recording
let inParts = null; // the frame that is shown part by part
let slow = false; // whether play goes on to the next step in slow motion

function fresh() {
  return { setup: null, changes: {}, code: null, rules: null, ready: null, playing: false, history: new History(), before: null, places: [], every: 1, count: 0 };
}

export function startLive({ models, data, losses, penalties, most_drawn: most, fixed }) {
  for (const [id, names] of Object.entries({ model: models, data, loss: losses, penalty: penalties })) {
    find(`#${id}`).replaceChildren(...names.map((name) => element("option", { value: name, textContent: name.replaceAll("_", " ") })));
  }
  listen();
  startPicking((point) => send({ do: "probe", x: point?.[0] ?? null, y: point?.[1] ?? null }));
  shown.path = (run) => kept[run].places;
  shown.attempt = fixed ? null : attempt;
  find("#play").addEventListener("click", toggle);
  find("#reset").addEventListener("click", () => reset());
  for (const button of document.querySelectorAll("[data-step]")) button.addEventListener("click", () => step(button.dataset.step));
  find("#speed").addEventListener("change", changeSpeed);
  for (const name of RULES) find(`#${name}`).addEventListener("change", (event) => change(name, event.target));
  for (const name of ["model", "seed", "batch_size", "ema"]) find(`#${name}`).addEventListener("change", () => reset());
  find("#data").addEventListener("change", (event) => {
    if (event.target.value !== "drawn") return reset({ points: [] });
    send({ do: "pause" });
    startDrawing(most, (points) => (points ? reset({ points }) : void (find("#data").value = kept[target].setup.data)));
  });
  for (const input of document.querySelectorAll("[name=target]")) input.addEventListener("change", () => turnTo(Number(input.value)));
  find("#compare").addEventListener("click", () => (isPair() ? send({ do: "alone" }) : startBeside({}, 0)));
  find("#record").addEventListener("click", record);
  onKeys({ " ": toggle, d: () => step("discriminator"), g: () => step("generator"), b: () => step("both"), r: () => reset(), c: () => find("#compare").click() });
  for (const part of document.querySelectorAll(fixed ? "[data-own]" : "[data-never]")) part.hidden = true;
  const events = new EventSource("events");
  events.addEventListener("state", (event) => receive(event.data, take));
  events.addEventListener("frame", (event) => receive(event.data, show));
  events.addEventListener("open", () => say(""));
  events.addEventListener("error", () => say("The server does not answer.", true));
}

function receive(text, follow) {
  const message = JSON.parse(text), run = message.run ?? 0;
  if (message.status === "ready") kept[run].ready = message;
  if (recorded && recorded.length < MOST_RECORDED) {
    recorded.push(JSON.stringify({ ...message, at: Math.round(performance.now() - recorded.began) / 1000 }));
  }
  follow(decodeMessage(message), run);
}

// A state: what is trained, and how.
function take(state, run) {
  const own = kept[run];
  if (state.status === "failed") return say(`${run ? "B: " : ""}${state.error}`, true);
  if (state.status === "closed") {
    [kept[run], shown.runs[run]] = [fresh(), blank()];
    turnTo(0);
    return describe();
  }
  own.setup = state.setup;
  if (state.status === "building") {
    kept[run] = { ...fresh(), setup: state.setup };
    shown.runs[run] = blank();
    say("Building the model …");
    if (run === target) putSettings();
    return draw();
  }
  say("");
  Object.assign(own, { rules: state.rules, changes: state.changes ?? {}, code: state.code });
  shown.runs[run].constants = state;
  if (run === target) putSettings();
  return describe();
}

// Names both runs by how the second differs.
function describe() {
  find("#compare").textContent = isPair() ? "Close B" : "Compare two runs";
  find("#target").hidden = !isPair();
  const [first, second] = kept.map(({ setup, rules }) => ({ ...setup, ...rules }));
  const differing = isPair() ? [...SETUP, ...RULES].filter((name) => first[name] !== second[name]) : [];
  const words = (all) => differing.map((name) => `${name.replaceAll("_", " ")} ${all[name]}`).join(", ") || "the same so far";
  shown.runs[0].label = isPair() ? words(first) : "";
  shown.runs[1].label = isPair() ? words(second) : "";
  draw();
}

function putSettings() {
  const { setup, rules, code } = kept[target];
  for (const name of SETUP) put(name, setup?.[name]);
  find("#drawn-link").hidden = setup?.data !== "drawn";
  for (const name of RULES) if (rules) put(name, rules[name]);
  showCode(code);
}

function turnTo(run) {
  target = run;
  find(`[name=target][value="${run}"]`).checked = true;
  putSettings();
}

function show(frame, run) {
  const own = kept[run], on = shown.runs[run];
  if (!on.constants) return;
  own.playing = frame.playing;
  if (!inParts) find("#play").textContent = kept.some(({ playing }) => playing) || slow ? "Pause" : "Play";
  own.history.add(rowOf(frame));
  on.rows = own.history.rows;
  own.code = frame.code ?? own.code;
  if (run === target) showCode(frame.code);
  rememberPlaces(own, frame);
  if (run === 0) countPace(own, frame);
  if (frame.parts && run === 0 && on.frame) return void showParts(on.frame, frame);
  on.frame = frame;
  draw();
}

function countPace(own, frame) {
  const now = performance.now();
  if (!frame.playing) own.before = null;
  else if (!own.before || now - own.before.now > 1000) {
    if (own.before) find("#pace").value = Math.round((1000 * (frame.step - own.before.step)) / (now - own.before.now));
    own.before = { now, step: frame.step };
  }
}

// Where samples were, at fewer moments the longer it lasts.
function rememberPlaces(own, { generated }) {
  if (own.count++ % own.every) own.places.pop();
  own.places.push(generated);
  if (own.places.length <= MOST_PLACES) return;
  own.places = own.places.filter((_, i) => i % 2 === 0);
  own.every *= 2;
}

async function showParts(before, after) {
  const gradients = decodeArray(after.parts.gradients);
  const networks = ["discriminator", "generator"].filter((network) => after.parts[network]);
  inParts = after;
  find("#play").textContent = slow ? "Pause" : "Play";
  await goThroughParts(before, { ...after, parts: { gradients, networks } }, (frame, layers) => {
    shown.runs[0].frame = frame;
    shown.layers = layers;
    draw();
  });
  inParts = null;
  if (slow) step("both");
}

// Shows a value unless it is being edited.
function put(name, value) {
  const input = find(`#${name}`);
  if (input === document.activeElement && input.matches("input")) return;
  input.value = value ?? "";
}

async function send(command) {
  try {
    const answer = await fetch("command", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(command) });
    if (!answer.ok) say((await answer.json()).error, true);
    return answer.ok;
  } catch {
    say("The server does not answer.", true);
    return false;
  }
}

const isSlow = () => find("#speed").value === "parts";

function changeSpeed({ target: { value } }) {
  if (value === "parts") return send({ do: "pause" });
  stopSlow();
  return send({ do: "speed", steps_per_second: value ? Number(value) : null });
}

function stopSlow() {
  slow = false;
  endParts();
  find("#play").textContent = "Play";
}

function toggle() {
  if (slow) return stopSlow();
  if (isSlow()) {
    slow = true;
    find("#play").textContent = "Pause";
    return inParts ? null : step("both");
  }
  return send({ do: kept.some(({ playing }) => playing) ? "pause" : "play" });
}

function step(network) {
  if (inParts && !slow) endParts();
  if (!inParts) send({ do: "step", network, ...(isSlow() ? { parts: true } : {}) });
}

function change(name, input) {
  if (input.value === "") return;
  if (!input.checkValidity()) return void say(`${name.replaceAll("_", " ")}: ${input.validationMessage}`, true);
  const value = input.matches("select") ? input.value : Number(input.value);
  const also = name === "penalty_weight" && find("#penalty").value === "none" ? { penalty: "gradient_penalty" } : {};
  send({ do: "change", [name]: value, ...also, run: target });
}

function reset(changes = {}) {
  stopSlow();
  const { setup } = kept[target], points = changes.points ?? setup?.points ?? [];
  const numbers = Object.fromEntries(["seed", "batch_size", "ema"].map((name) => [name, Number(find(`#${name}`).value)]));
  const wanted = { model: find("#model").value, data: points.length ? "drawn" : find("#data").value, ...numbers, latent_dim: setup?.latent_dim ?? 2, points };
  send({ do: "reset", ...wanted, run: target });
}

// Starts a run beside the first: as run `from`, with other settings and rules.
function startBeside({ setup = {}, changes = {} }, from) {
  const own = kept[from], { frame } = shown.runs[from];
  const goes = own.playing ? {} : frame?.step ? { until: frame.step } : { wait: true };
  return send({ do: "beside", ...own.setup, ...setup, changes: { ...own.changes, ...changes }, ...goes });
}

async function attempt(change, from) {
  if (await startBeside(change, from)) find("#plane").scrollIntoView({ block: "nearest" });
}

// Collects messages, and on the second click saves them as a recording.
async function record() {
  const button = find("#record");
  if (!recorded) {
    recorded = Object.assign(['{"format":"keras_gans.lab","version":2}'], { began: performance.now() });
    for (const { ready } of kept) if (ready) recorded.push(JSON.stringify({ ...ready, at: 0 }));
    button.textContent = "Stop and download";
    return button.setAttribute("aria-pressed", "true");
  }
  const lines = recorded, { setup } = kept[0];
  recorded = null;
  button.textContent = "Record";
  button.setAttribute("aria-pressed", "false");
  const packed = new Blob([`${lines.join("\n")}\n`]).stream().pipeThrough(new CompressionStream("gzip"));
  const url = URL.createObjectURL(await new Response(packed).blob());
  element("a", { href: url, download: `${setup.model}-${setup.data}-seed-${setup.seed}.jsonl.gz` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
