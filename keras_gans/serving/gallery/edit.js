// One sample, and sliders that move it along directions in latent space.

import { command, predict } from "./api.js";
import { element, find } from "./dom.js";
import { load, save, sizeOf, style } from "./pictures.js";
import { toldOf } from "./told.js";

const FAR = 6; // to either side

let weights = []; // by direction; they stay when the seed changes
let shown = null; // the sample's URL

export const view = { id: "edit", title: "Edit", show, save: savePicture, command: (state) => command(state.model, state.model.editor, inputsOf(state)) };

const inputsOf = (state) => ({ seeds: [state.seed], weights: [weights], ...toldOf(state, state.model.editor, 1, false) });

async function fetchImage(state) {
  const [answer] = (await predict(state.model, state.model.editor, inputsOf(state))).image_bytes;
  return load(`data:image/png;base64,${answer.b64}`);
}

async function show(state, target) {
  const { model, seed } = state;
  if (weights.length !== model.directions) weights = new Array(model.directions).fill(0);
  const image = await fetchImage(state);
  image.id = "edited";
  const picture = element("div", { className: "detail-picture" }, image);
  style(picture, sizeOf(image), model);
  const name = () => {
    shown = image.src;
    const moved = weights.flatMap((each, i) => (each ? [`direction ${i + 1} by ${each}`] : []));
    image.alt = `Sample, seed ${seed}${moved.length ? `, ${moved.join(", ")}` : ""}`;
  };
  name();
  // One request at a time, and the last position of a slider always gets its own.
  let isAsking = false, isBehind = false;
  const update = async () => {
    if (isAsking) { isBehind = true; return; }
    isAsking = true;
    try {
      do {
        isBehind = false;
        image.src = (await fetchImage(state)).src;
        name();
      } while (isBehind && image.isConnected);
    } catch (error) {
      if (image.isConnected) state.fail(error);
    } finally {
      isAsking = false;
    }
  };
  const sliders = weights.map((weight, i) => {
    const input = element("input", { type: "range", min: -FAR, max: FAR, step: 0.25, value: weight, id: `direction-${i}`, ariaLabel: `Direction ${i + 1}` });
    const output = element("output", { value: weight.toFixed(2) });
    const set = (value) => {
      [weights[i], input.value, output.value] = [value, value, value.toFixed(2)];
      update();
    };
    input.addEventListener("input", () => set(Number(input.value)));
    input.addEventListener("dblclick", () => set(0));
    return { node: element("label", { className: "field" }, element("span", { className: "spread" }, `Direction ${i + 1} `, output), input), set };
  });
  const reset = element("button", { type: "button", id: "reset", textContent: "Back to the sample" });
  reset.addEventListener("click", () => sliders.forEach(({ set }) => set(0)));
  target.replaceChildren(element("div", { className: "edit" }, picture,
    element("div", { className: "sliders" }, ...sliders.map(({ node }) => node), reset)));
}

async function savePicture(state) {
  if (shown) save(`${state.model.name}-seed-${state.seed}-edited.png`, shown);
}
