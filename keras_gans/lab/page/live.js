// Training on the server: events in, commands out.

import { element, find } from "./dom.js";
import { History } from "./curves.js";
import { decodeMessage } from "./decode.js";
import { startDrawing } from "./draw.js";
import { draw, listen, onKeys, rowOf, say, showCode, shown } from "./show.js";

const RULES = ["loss", "generator_rate", "discriminator_rate", "critic_steps", "penalty", "penalty_weight"];
const MOST_RECORDED = 20000; // frames

let setup = null, playing = false, history = new History();
let recorded = null; // lines, while recording
let ready = null; // the newest state, as it came
let before = null; // the frame before, for the pace

export function startLive({ models, data, losses, penalties, most_drawn: most }) {
  for (const [id, names] of Object.entries({ model: models, data, loss: losses, penalty: penalties })) {
    find(`#${id}`).replaceChildren(...names.map((name) => element("option", { value: name, textContent: name.replaceAll("_", " ") })));
  }
  listen();
  find("#play").addEventListener("click", toggle);
  find("#reset").addEventListener("click", () => reset());
  for (const button of document.querySelectorAll("[data-step]")) button.addEventListener("click", () => step(button.dataset.step));
  find("#speed").addEventListener("change", (event) => send({ do: "speed", steps_per_second: event.target.value ? Number(event.target.value) : null }));
  for (const name of RULES) find(`#${name}`).addEventListener("change", (event) => change(name, event.target));
  for (const name of ["model", "seed", "batch_size"]) find(`#${name}`).addEventListener("change", () => reset());
  find("#data").addEventListener("change", (event) => {
    if (event.target.value !== "drawn") return reset({ points: [] });
    send({ do: "pause" });
    startDrawing(most, (points) => (points ? reset({ points }) : void (find("#data").value = setup.data)));
  });
  find("#record").addEventListener("click", record);
  onKeys({ " ": toggle, d: () => step("discriminator"), g: () => step("generator"), b: () => step("both"), r: () => reset() });
  const events = new EventSource("events");
  events.addEventListener("state", (event) => receive(event.data, take));
  events.addEventListener("frame", (event) => receive(event.data, show));
  events.addEventListener("open", () => say(""));
  events.addEventListener("error", () => say("The server does not answer.", true));
}

function receive(text, follow) {
  const message = JSON.parse(text);
  if (message.status === "ready") ready = message;
  if (recorded && recorded.length < MOST_RECORDED) {
    recorded.push(JSON.stringify({ ...message, at: Math.round(performance.now() - recorded.began) / 1000 }));
  }
  follow(decodeMessage(message));
}

// A state: what is trained, and how.
function take(state) {
  if (state.status === "failed") return say(state.error, true);
  setup = state.setup;
  for (const name of ["model", "data", "seed", "batch_size"]) put(name, setup[name]);
  find("#drawn-link").hidden = setup.data !== "drawn";
  if (state.status === "building") {
    [history, shown.frame, shown.constants, shown.rows, before] = [new History(), null, null, [], null];
    say("Building the model …");
    return draw();
  }
  say("");
  shown.constants = state;
  for (const name of RULES) put(name, state.rules[name]);
  showCode(state.code);
  return draw();
}

function show(frame) {
  if (!shown.constants) return;
  shown.frame = frame;
  playing = frame.playing;
  find("#play").textContent = playing ? "Pause" : "Play";
  history.add(rowOf(frame));
  shown.rows = history.rows;
  showCode(frame.code);
  const now = performance.now();
  if (!playing) before = null;
  else if (!before || now - before.now > 1000) {
    if (before) find("#pace").value = Math.round((1000 * (frame.step - before.step)) / (now - before.now));
    before = { now, step: frame.step };
  }
  draw();
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

const toggle = () => send({ do: playing ? "pause" : "play" });
const step = (network) => send({ do: "step", network });

function change(name, input) {
  if (input.value === "") return;
  if (!input.checkValidity()) return void say(`${name.replaceAll("_", " ")}: ${input.validationMessage}`, true);
  const value = input.matches("select") ? input.value : Number(input.value);
  const also = name === "penalty_weight" && find("#penalty").value === "none" ? { penalty: "gradient_penalty" } : {};
  send({ do: "change", [name]: value, ...also });
}

function reset(changes = {}) {
  const numbers = Object.fromEntries(["seed", "batch_size"].map((name) => [name, Number(find(`#${name}`).value)]));
  const points = changes.points ?? setup?.points ?? [];
  send({ do: "reset", model: find("#model").value, data: points.length ? "drawn" : find("#data").value, ...numbers, latent_dim: setup?.latent_dim ?? 2, points });
}

// Collects messages, and on the second click saves them as a recording.
async function record() {
  const button = find("#record");
  if (!recorded) {
    recorded = Object.assign(['{"format":"keras_gans.lab","version":1}'], { began: performance.now() });
    if (ready) recorded.push(JSON.stringify({ ...ready, at: 0 }));
    button.textContent = "Stop and download";
    return button.setAttribute("aria-pressed", "true");
  }
  const lines = recorded;
  recorded = null;
  button.textContent = "Record";
  button.setAttribute("aria-pressed", "false");
  const packed = new Blob([`${lines.join("\n")}\n`]).stream().pipeThrough(new CompressionStream("gzip"));
  const url = URL.createObjectURL(await new Response(packed).blob());
  element("a", { href: url, download: `${setup.model}-${setup.data}-seed-${setup.seed}.jsonl.gz` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
