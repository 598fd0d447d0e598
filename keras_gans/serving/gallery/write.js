// Sentences: one seed each.

import { command, predict } from "./api.js";
import { copyBy, element } from "./dom.js";
import { save } from "./pictures.js";

let lines = [];

export const view = { id: "write", title: "Write", show, save: saveText, command: (state) => command(...requestFor(state)) };

function requestFor(state) {
  const { model } = state;
  const signature = model.prompts ?? model.writer;
  const seeds = Array.from({ length: state.count }, (_, i) => state.seed + i);
  const inputs = { seeds };
  if (model.takes(signature, "temperature")) inputs.temperature = seeds.map(() => state.temperature);
  if (model.conditional) inputs.labels = seeds.map((_, i) => (state.label === "each" ? i % state.classes.length : state.label));
  if (model.prompts) inputs.prompt = seeds.map(() => state.prompt);
  return [model, signature, inputs];
}

async function show(state, target) {
  const [model, signature, inputs] = requestFor(state);
  const { seeds, labels } = inputs;
  const outputs = await predict(model, signature, inputs);
  // Without a tokenizer there are only the tokens.
  lines = outputs.text ?? outputs.token_ids.map((tokens) => tokens.join(" "));
  const cards = lines.map((line, i) => {
    const copy = element("button", { type: "button", textContent: "Copy" });
    copy.addEventListener("click", () => copyBy(copy, line));
    const label = labels ? `, ${state.classes[labels[i]] ?? `class ${labels[i]}`}` : "";
    return element("li", {}, element("p", { textContent: line || "(nothing)" }),
      element("div", {}, element("span", { textContent: `Seed ${seeds[i]}${label}` }), copy));
  });
  target.replaceChildren(element("ul", { className: "cards" }, ...cards));
}

function saveText(state) {
  const url = URL.createObjectURL(new Blob([lines.map((line) => `${line}\n`).join("")], { type: "text/plain" }));
  save(`${state.model.name}-seeds-${state.seed}.txt`, url);
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
