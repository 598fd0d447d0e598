// A picture of the user's: from a file to what is sent, and from what is answered to a file.

import { element } from "./dom.js";
import { load } from "./pictures.js";

// Bytes above which a picture is sent as JPEG: a server takes bodies of 4 MiB, in which bytes take a third more.
const LARGE = 2.9 * 2 ** 20;

// Returns {name, source, width, height}; upright, whatever EXIF data say.
export async function read(file) {
  const name = (file.name ?? "").replace(/\.[^.]*$/, "") || "picture";
  try {
    const source = await createImageBitmap(file);
    return { name, source, width: source.width, height: source.height };
  } catch {
    throw new Error(`${file.name || "This"} is not a picture that the browser can read.`);
  }
}

// Returns a canvas with a picture whose longer side is at most `side`.
export function reduced({ source, width, height }, side) {
  const factor = Math.min(1, side / Math.max(width, height));
  const canvas = element("canvas", { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// Returns the bytes of a canvas as JSON holds them. Exact ones are PNG, whatever their size.
export async function encoded(canvas, isExact) {
  let blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
  if (!isExact && blob.size > LARGE) blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", 0.95); });
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    [reader.onload, reader.onerror] = [() => resolve(reader.result), () => reject(reader.error)];
    reader.readAsDataURL(blob);
  });
  return { b64: url.slice(url.indexOf(",") + 1) };
}

// Returns {url, image, blob} of a PNG file in base64.
export async function decoded({ b64 }) {
  const blob = new Blob([Uint8Array.from(atob(b64), (each) => each.charCodeAt(0))], { type: "image/png" });
  const url = URL.createObjectURL(blob);
  return { url, image: await load(url), blob };
}
