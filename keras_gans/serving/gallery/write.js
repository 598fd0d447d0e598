// Sentences: one seed each. Where the model answers or continues other text, a sentence can be taken into that text.

import { command, predict } from "./api.js";
import { copyBy, element, find } from "./dom.js";
import { save } from "./pictures.js";
import { toldOf, wordsOf } from "./told.js";

let lines = [];

export const view = { id: "write", title: "Write", show, save: saveText, command: (state) => command(...requestFor(state)) };

function requestFor(state) {
  const { model } = state;
  const signature = model.replier ?? model.prompts ?? model.writer;
  const seeds = Array.from({ length: state.count }, (_, i) => state.seed + i);
  const inputs = { seeds, ...toldOf(state, signature, seeds.length) };
  if (model.takes(signature, "temperature")) inputs.temperature = seeds.map(() => state.temperature);
  if (model.replier) inputs.context = seeds.map(() => state.context.split("\n").join("\t"));
  // Without a context where only tokens are taken.
  else if (model.contextLength) inputs.context = seeds.map(() => Array(model.contextLength).fill(0));
  if (signature === model.prompts) inputs.prompt = seeds.map(() => state.prompt);
  return [model, signature, inputs];
}

// Returns a button that puts a sentence behind the text, after a space or in a line of its own, and writes what follows.
function taking(text, title, between, line) {
  const button = element("button", { type: "button", textContent: text, title });
  button.addEventListener("click", () => {
    const context = find("#context");
    context.value = context.value.trim() ? context.value.trimEnd() + between + line : line;
    context.dispatchEvent(new Event("change"));
  });
  return button;
}

async function show(state, target) {
  const [model, signature, inputs] = requestFor(state);
  const outputs = await predict(model, signature, inputs);
  // Without a tokenizer there are only the tokens.
  lines = outputs.text ?? outputs.token_ids.map((tokens) => tokens.join(" "));
  const cards = lines.map((line, i) => {
    const copy = element("button", { type: "button", textContent: "Copy" });
    copy.addEventListener("click", () => copyBy(copy, line));
    const taken = model.replier ? [
      taking("Continue", "Put it behind the text, and write what follows", " ", line),
      taking("As a turn", "Put it in a line of its own, and write an answer", "\n", line),
    ] : [];
    const title = [`Seed ${inputs.seeds[i]}`, ...wordsOf(state, inputs, i)].join(", ");
    return element("li", {}, element("p", { textContent: line || "(nothing)" }),
      element("div", {}, element("span", { textContent: title }), ...taken, copy));
  });
  target.replaceChildren(element("ul", { className: "cards" }, ...cards));
}

function saveText(state) {
  const url = URL.createObjectURL(new Blob([lines.map((line) => `${line}\n`).join("")], { type: "text/plain" }));
  save(`${state.model.name}-seeds-${state.seed}.txt`, url);
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
