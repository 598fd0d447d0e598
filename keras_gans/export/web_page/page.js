// Draws samples of the ONNX file beside this page by ONNX Runtime Web. model.json says what it takes.

import * as ort from "./runtime/ort.wasm.min.mjs";
import { element, find } from "./dom.js";
import { normal, randomSeed } from "./latents.js";

const COUNT = 16;

ort.env.wasm.wasmPaths = new URL("./runtime/", import.meta.url).href;
ort.env.wasm.numThreads = 1; // threads need headers that a plain server doesn't send
ort.env.logLevel = "error";

let model, session;
let wanted = 0; // drawings that were asked for; only the newest is shown

// Returns what the network takes: latents of the seeds, as keras_gans.seeds makes them, and labels.
function inputsOf(first, label, truncation) {
  const size = model.latent_shape.reduce((product, side) => product * side, 1);
  const latents = new Float32Array(COUNT * size);
  for (let row = 0; row < COUNT; row++) {
    latents.set(normal(first + row, size).map((each) => Math.fround(each) * truncation), row * size);
  }
  const inputs = { latents: new ort.Tensor("float32", latents, [COUNT, ...model.latent_shape]) };
  if (model.classes.length) {
    const labels = Int32Array.from({ length: COUNT }, (_, row) => (label < 0 ? row % model.classes.length : label));
    inputs.labels = new ort.Tensor("int32", labels, [COUNT]);
  }
  return inputs;
}

// Returns an image, floats in [0, 1] with 1, 3 or 4 channels, on a canvas.
function paint(values, height, width, channels) {
  const canvas = element("canvas", { width, height });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const of = (channel) => Math.round(values[pixel * channels + channel] * 255);
    const [red, green, blue] = channels < 3 ? [0, 0, 0] : [0, 1, 2];
    image.data.set([of(red), of(green), of(blue), channels === 4 ? of(3) : 255], 4 * pixel);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

function save(canvas, seed) {
  canvas.toBlob((blob) => {
    const link = element("a", { href: URL.createObjectURL(blob), download: `${model.name}_${seed}.png` });
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

async function draw() {
  const mine = ++wanted;
  const first = Math.max(0, Math.trunc(Number(find("#seed").value)) || 0);
  const truncation = Number(find("#truncation").value);
  find("#truncation-value").value = truncation.toFixed(2);
  const { images } = await session.run(inputsOf(first, Number(find("#class").value || -1), truncation));
  if (mine !== wanted) return;
  const [, height, width, channels] = images.dims;
  const size = height * width * channels;
  find("#samples").replaceChildren(
    ...Array.from({ length: COUNT }, (_, row) => {
      const canvas = paint(images.data.subarray(row * size, (row + 1) * size), height, width, channels);
      const title = `Seed ${first + row}`;
      return element("button", { type: "button", title, ariaLabel: title, onclick: () => save(canvas, first + row) }, canvas);
    }),
  );
  find("#status").textContent = "";
}

// One drawing after another: the session runs one at a time.
let drawing = Promise.resolve();
function redraw() {
  drawing = drawing.then(draw).catch(fail);
}

function fail(error) {
  find("#status").className = "wrong";
  find("#status").textContent = `This page cannot run the model: ${error.message}`;
}

try {
  model = await (await fetch("model.json")).json();
  find("#name").textContent = document.title = model.name;
  find("#about").textContent = model.description;
  find("#classes").hidden = !model.classes.length;
  const choices = model.classes.map((text, value) => element("option", { value, text }));
  find("#class").append(element("option", { value: -1, text: "Each in turn" }), ...choices);
  session = await ort.InferenceSession.create("model.onnx", { executionProviders: ["wasm"] });
  for (const field of ["#seed", "#class", "#truncation"]) find(field).addEventListener("input", redraw);
  find("#others").addEventListener("click", () => {
    find("#seed").value = randomSeed();
    redraw();
  });
  find("form").addEventListener("submit", (event) => event.preventDefault());
  redraw();
} catch (error) {
  fail(error);
}
