// One trial: shows the item, and returns the choice with its time.

import { element } from "./gallery/dom.js";
import { flash } from "./frames.js";
import { load } from "./media.js";

// Keys of the choices: those of each, of which the first is shown.
const KEYS = {
  real: ["←", "ArrowLeft", "r"], generated: ["→", "ArrowRight", "g"],
  left: ["←", "ArrowLeft", "a"], right: ["→", "ArrowRight", "b"], tie: ["↓", "ArrowDown", "t"],
  1: ["1"], 2: ["2"], 3: ["3"], 4: ["4"], 5: ["5"],
};

function choicesOf(study) {
  const ratings = "5" in study.choices;
  const buttons = Object.entries(study.choices).map(([value, words]) =>
    element("button", { type: "button", disabled: true, dataset: { choice: value } },
      element("span", {}, words), element("kbd", {}, KEYS[value][0])));
  return element("div", { className: `choices ${ratings ? "ratings" : "left" in study.choices ? "pair" : ""}` }, ...buttons);
}

// Returns the choice and when it was made, by click, touch or key.
function choose(root, study) {
  return new Promise((done) => {
    const byKey = (event) => {
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
      const found = Object.keys(study.choices).find((value) => KEYS[value].includes(event.key));
      if (found === undefined) return;
      event.preventDefault();
      end(found);
    };
    const byClick = (event) => {
      const button = event.target.closest("[data-choice]");
      if (button && !button.disabled) end(button.dataset.choice);
    };
    const end = (choice) => {
      const at = performance.now();
      removeEventListener("keydown", byKey);
      root.removeEventListener("click", byClick);
      for (const button of root.querySelectorAll("[data-choice]")) {
        button.disabled = true;
        button.classList.toggle("chosen", button.dataset.choice === choice);
      }
      done({ choice, at });
    };
    addEventListener("keydown", byKey);
    root.addEventListener("click", byClick);
    for (const button of root.querySelectorAll("[data-choice]")) button.disabled = false;
  });
}

const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

function sized(shown, image) {
  shown.style.setProperty("--ratio", `${image.naturalWidth} / ${image.naturalHeight}`);
}

async function showPicture(shown, items) {
  sized(shown, items[0]);
  items[0].alt = "The image to decide on";
  shown.append(items[0]);
  await painted();
  return {};
}

async function showPair(shown, items) {
  shown.classList.add("pair");
  sized(shown, items[0]);
  const names = ["left", "right"];
  shown.append(...items.map((image, index) =>
    element("button", { type: "button", disabled: true, dataset: { choice: names[index] }, ariaLabel: `The ${names[index]} image` }, image)));
  await painted();
  return {};
}

async function showText(shown, items) {
  shown.classList.add("sentence");
  shown.append(element("p", { dir: "auto" }, items[0]));
  await painted();
  return {};
}

// A sound must be heard to its end once.
async function showSound(shown, items) {
  shown.classList.add("sound");
  const [audio] = items;
  const bar = element("progress", { max: 1, value: 0, ariaLabel: "Position in the recording" });
  const button = element("button", { type: "button", className: "primary" }, "Play", element("kbd", {}, "Space"));
  const play = () => { audio.currentTime = 0; audio.play().catch(() => {}); };
  const byKey = (event) => {
    if (!shown.isConnected) removeEventListener("keydown", byKey);
    else if (event.key === " " && !event.repeat && document.activeElement !== button) { event.preventDefault(); play(); }
  };
  button.addEventListener("click", play);
  addEventListener("keydown", byKey);
  audio.addEventListener("timeupdate", () => { bar.value = audio.duration ? audio.currentTime / audio.duration : 0; });
  shown.append(button, bar);
  button.focus();
  await new Promise((done) => audio.addEventListener("ended", done, { once: true }));
  return {};
}

async function showForATime(shown, items, masks, exposure) {
  sized(shown, items[0]);
  const count = element("span", { className: "count" });
  const copies = masks.map((mask) => mask.cloneNode());
  await Promise.all(copies.map((copy) => copy.decode()));
  shown.append(element("div", { className: "frame" }, ...items, ...copies, count));
  return flash(count, items[0], copies, exposure);
}

// Shows a trial and returns what the server is told of it.
export async function run(stage, study, trial, state, say) {
  const root = element("section", { className: "trial" });
  const shown = element("div", { className: "shown" }), choices = choicesOf(study);
  const feedback = element("p", { className: "feedback", role: "status" });
  root.append(element("h2", {}, study.question), shown, choices, feedback);
  const items = await Promise.all(trial.items.map((item) => load(study.medium, item, say)));
  stage.replaceChildren(root);
  let measured;
  if (study.protocol === "timed") {
    const masks = await Promise.all(study.masks.map((mask) => load("images", mask, say)));
    measured = await showForATime(shown, items, masks, state.exposure);
  } else {
    const show = { text: showText, audio: showSound, images: items.length > 1 ? showPair : showPicture }[study.medium];
    measured = await show(shown, items);
  }
  const from = performance.now();
  const { choice, at } = await choose(root, study);
  return { answer: { choice, milliseconds: at - from, ...measured }, feedback };
}
