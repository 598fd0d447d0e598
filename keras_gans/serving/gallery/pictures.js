// Images: from a server's answer to what a page shows and saves.

import { predict } from "./api.js";
import { normal, shaped } from "./latents.js";
import { rowsOf } from "./told.js";

export const size = (shape) => shape.reduce((product, each) => product * each, 1);

// Returns the latents of a seed.
export const latentsOf = (model, seed, truncation = 1) => normal(seed, size(model.latentShape)).map((each) => each * truncation);

// Returns what the signature that samples takes: of seeds, or of their latents where it takes none; and what they are told.
export function inputsOf(model, seeds, told, truncation) {
  const inputs = model.seeded ? { seeds } : { latents: seeds.map((seed) => shaped(latentsOf(model, seed, truncation), model.latentShape)) };
  if (model.seeded && model.truncates) inputs.truncation = seeds.map(() => truncation);
  return { ...inputs, ...told };
}

// Returns a picture for each seed: {seed, told, url, width, height}, of which `told` holds a row.
export async function samples(model, seeds, told, truncation) {
  if (model.seeded === undefined) {
    const canvases = await fromLatents(model, seeds.map((seed) => latentsOf(model, seed, truncation)), told);
    return canvases.map((canvas, i) => ({ seed: seeds[i], told: rowsOf(told, i, i + 1), url: canvas.toDataURL(), ...sizeOf(canvas) }));
  }
  const images = (await predict(model, model.seeded, inputsOf(model, seeds, told, truncation)))[model.seededBy];
  const urls = model.seededBy === "image_bytes" ? images.map((each) => `data:image/png;base64,${each.b64}`)
    : images.map((each) => toCanvas(each, 1).toDataURL());
  return Promise.all(urls.map(async (url, i) => ({ seed: seeds[i], told: rowsOf(told, i, i + 1), url, ...sizeOf(await load(url)) })));
}

// Returns a canvas for each list of latents.
export async function fromLatents(model, latents, told) {
  const inputs = { latents: latents.map((each) => shaped(each, model.latentShape)), ...told };
  const { images } = await predict(model, "serving_default", inputs);
  return images.map((image) => toCanvas(image, 255));
}

function toCanvas(rows, scale) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [rows[0].length, rows.length];
  const context = canvas.getContext("2d");
  const data = context.createImageData(canvas.width, canvas.height);
  let place = 0;
  for (const row of rows) {
    for (const pixel of row) {
      for (let c = 0; c < 3; c++) data.data[place + c] = Math.round((pixel.length < 3 ? pixel[0] : pixel[c]) * scale);
      data.data[place + 3] = pixel.length === 4 ? Math.round(pixel[3] * scale) : 255;
      place += 4;
    }
  }
  context.putImageData(data, 0, 0);
  return canvas;
}

export const sizeOf = (picture) => ({ width: picture.naturalWidth ?? picture.width, height: picture.naturalHeight ?? picture.height });

export function load(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("The server's PNG cannot be read."));
    image.src = url;
  });
}

// Says how images are enlarged: small grey ones, such as digits, with their pixels, photographs smoothly.
export function style(element, { width, height }, model) {
  element.style.setProperty("--ratio", `${width} / ${height}`);
  element.style.setProperty("--rendering", Math.max(width, height) <= 32 && model.channels === 1 ? "pixelated" : "auto");
}

// Returns one canvas with all of them, side by side.
export function together(pictures, columns) {
  const { width, height } = sizeOf(pictures[0]);
  const canvas = document.createElement("canvas");
  canvas.width = columns * (width + 2) - 2;
  canvas.height = Math.ceil(pictures.length / columns) * (height + 2) - 2;
  const context = canvas.getContext("2d");
  pictures.forEach((each, i) => context.drawImage(each, (i % columns) * (width + 2), Math.floor(i / columns) * (height + 2)));
  return canvas;
}

export function save(name, url) {
  const link = document.createElement("a");
  [link.href, link.download] = [url, name];
  link.click();
}
