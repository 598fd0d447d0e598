// A grid of samples: one seed each.

import { command } from "./api.js";
import { copyBy, element, find } from "./dom.js";
import { inputsOf, load, samples, save, style, together } from "./pictures.js";
import { toldOf, wordsOf } from "./told.js";

let shown = [];

export const view = { id: "samples", title: "Samples", show, save: saveAll, command: (state) => commandFor(state, shown) };

async function show(state, target) {
  const seeds = Array.from({ length: state.count }, (_, i) => state.seed + i);
  const told = toldOf(state, state.model.seeded ?? "serving_default", seeds.length);
  const found = await samples(state.model, seeds, told, state.truncation);
  shown = found;
  const grid = element("div", { className: state.label === "each" ? "grid labelled" : "grid" });
  grid.style.setProperty("--columns", Math.round(Math.sqrt(found.length)));
  for (const sample of found) {
    const name = title(sample, state);
    const tile = element("button", { type: "button", className: "tile", title: name },
      element("img", { src: sample.url, alt: `Sample, ${name}` }),
      element("span", { textContent: wordsOf(state, sample.told, 0)[0] ?? sample.seed }));
    style(tile, sample, state.model);
    tile.addEventListener("click", () => detail(sample, state));
    grid.append(tile);
  }
  target.replaceChildren(grid);
}

function title(sample, state) {
  return [`seed ${sample.seed}`, ...wordsOf(state, sample.told, 0)].join(", ");
}

function detail(sample, state) {
  const dialog = find("#detail");
  const picture = dialog.querySelector(".detail-picture");
  style(picture, sample, state.model);
  picture.replaceChildren(element("img", { src: sample.url, alt: `Sample, ${title(sample, state)}` }));
  dialog.querySelector(".detail-title").textContent = `${state.model.name}, ${title(sample, state)}, ${sample.width} × ${sample.height}`;
  dialog.querySelectorAll('[data-action="from"], [data-action="to"], [data-action="walk"]').forEach((button) => {
    button.hidden = !state.model.moves;
  });
  dialog.querySelector('[data-action="edit"]').hidden = !state.model.editor;
  dialog.onclick = (event) => {
    const action = event.target.dataset?.action ?? (event.target === dialog ? "close" : undefined);
    if (action === undefined) return;
    if (action === "save") save(`${state.model.name}-seed-${sample.seed}.png`, sample.url);
    else if (action === "copy") copyBy(event.target, commandFor(state, [sample]));
    else dialog.close();
    if (action === "from" || action === "to" || action === "walk" || action === "edit") state.go(action, sample);
  };
  dialog.showModal();
}

function commandFor({ model, truncation }, wanted) {
  const inputs = Object.keys(wanted[0]?.told ?? {});
  const told = Object.fromEntries(inputs.map((input) => [input, wanted.flatMap((each) => each.told[input])]));
  return command(model, model.seeded ?? "serving_default", inputsOf(model, wanted.map((each) => each.seed), told, truncation));
}

async function saveAll(state) {
  const images = await Promise.all(shown.map((each) => load(each.url)));
  save(`${state.model.name}-seeds-${state.seed}.png`, together(images, Math.round(Math.sqrt(images.length))).toDataURL());
}
