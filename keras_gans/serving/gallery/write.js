// Sentences: one seed each.

import { predict } from "./api.js";
import { element } from "./dom.js";
import { save } from "./pictures.js";

let lines = [];

export const view = { id: "write", title: "Write", show, save: saveText };

async function show(state, target) {
  const { model } = state;
  const seeds = Array.from({ length: state.count }, (_, i) => state.seed + i);
  const labels = model.conditional ? seeds.map((_, i) => (state.label === "each" ? i % state.classes.length : state.label)) : undefined;
  const inputs = { seeds, temperature: seeds.map(() => state.temperature) };
  if (labels) inputs.labels = labels;
  if (model.prompts) inputs.prompt = seeds.map(() => state.prompt);
  const outputs = await predict(model, model.prompts ?? "generate", inputs);
  // Without a tokenizer there are only the tokens.
  lines = outputs.text ?? outputs.token_ids.map((tokens) => tokens.join(" "));
  const cards = lines.map((line, i) => {
    const copy = element("button", { type: "button", textContent: "Copy" });
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(line);
      copy.textContent = "Copied";
    });
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
