// The graph of both networks, and a training step in slow motion, part by part.

import { find } from "./dom.js";
import { short } from "./decode.js";

const SECONDS = 1.3; // a part takes
// Boxes: [left, top, width, label]; arrows: [path, whether it carries gradients].
const BOXES = {
  latents: [4, 10, 62, "latents"], generator: [90, 10, 82, "generator"], generated: [196, 10, 82, "generated"], real: [196, 76, 82, "real"],
  discriminator: [302, 43, 104, "discriminator"], scores: [430, 43, 62, "scores"], d_loss: [392, 118, 100, "D loss"], g_loss: [90, 118, 100, "G loss"],
};
const ARROWS = {
  a: ["M66 25H88"], b: ["M172 25H194"], c: ["M278 25C292 25 288 52 300 54"], d: ["M278 91C292 91 288 68 300 64"], e: ["M406 58H428"],
  f: ["M461 73V116"], g: ["M438 73C430 110 330 108 192 128"], up_d: ["M420 118L372 76", true], up_g: ["M130 118V42", true],
};
// What is lit in each part; `#part` holds its words.
const PARTS = {
  discriminator: { generate: "latents a generator b generated", predict: "real generated c d discriminator e scores", loss: "scores f d_loss", gradients: "d_loss up_d discriminator", update: "discriminator" },
  generator: { generate: "latents a generator b generated", predict: "generated c discriminator e scores", loss: "scores g g_loss", gradients: "g_loss up_g generator", update: "generator generated" },
};

let stopped = null; // ends the waiting for the next part

export function buildGraph() {
  const picture = find("#graph svg");
  for (const [name, [path, back]] of Object.entries(ARROWS)) picture.append(shape("path", { d: path, "data-part": name, class: back ? "back" : "" }));
  for (const [name, [left, top, width, label]] of Object.entries(BOXES)) {
    const box = shape("g", { "data-part": name });
    const text = shape("text", { x: left + width / 2, y: top + 20 });
    text.textContent = label;
    box.append(shape("rect", { x: left, y: top, width, height: 30, rx: 7 }), text);
    picture.append(box);
  }
}

function shape(tag, attributes) {
  const made = document.createElementNS(find("#graph svg").namespaceURI, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

export function showLosses(frame) {
  for (const [name, label] of [["d_loss", "D loss"], ["g_loss", "G loss"]]) {
    const value = frame?.logs[name];
    find(`#graph [data-part=${name}] text`).textContent = typeof value === "number" ? `${label} ${short(value)}` : label;
  }
}

function light(names, network, part, logs) {
  for (const each of document.querySelectorAll("#graph [data-part]")) each.classList.toggle("lit", names.includes(each.dataset.part));
  find("#graph").dataset.network = network;
  for (const words of find("#part").children) words.hidden = words.dataset.words !== `${network} ${part}`;
  for (const output of document.querySelectorAll("#part output")) {
    const value = logs[output.dataset.log];
    output.value = !["d_real", "d_fake"].includes(output.dataset.log) || typeof value !== "number" ? short(value) : `${Math.round(100 * value)} %`;
  }
}

// Goes through the parts of a step. `show` gets a frame and layers that a part needs; resolves once all parts were shown, or at
// once after `endParts`.
export async function goThroughParts(before, after, show) {
  let here = { ...before, logs: after.logs };
  const networks = after.parts.networks;
  for (const network of networks) {
    for (const [name, names] of Object.entries(PARTS[network])) {
      if (name === "update" && network === "discriminator") {
        here = { ...here, heat: after.heat, scores: after.scores, gradients: after.parts.gradients };
      } else if (name === "update") here = after;
      light(names.split(" "), network, name, after.logs);
      show(here, name === "predict" || name === "update" ? ["heat"] : name === "gradients" && network === "generator" ? ["heat", "gradients"] : []);
      await new Promise((done) => {
        stopped = done;
        setTimeout(done, 1000 * SECONDS);
      });
      if (stopped === null) break;
    }
    if (stopped === null) break;
  }
  stopped = null;
  light([], "", "", after.logs);
  show(after, []);
}

export function endParts() {
  const done = stopped;
  stopped = null;
  done?.();
}
