// Arrays of frames: see keras_gans/lab/arrays.py.

const STEPS = 32767, MISSING = -32768;

// Numbers of an encoded array; NaN for what is not finite.
export function decodeArray({ bound, int16 }) {
  const bytes = Uint8Array.from(atob(int16), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => {
    const value = view.getInt16(2 * i, true);
    return value === MISSING ? NaN : (value * bound) / STEPS;
  });
}

const ARRAYS = ["real", "latents", "grid", "generated", "manifold", "heat", "gradients"];

// A message with its arrays decoded.
export function decodeMessage(message) {
  const decoded = { ...message };
  for (const name of ARRAYS) if (message[name]) decoded[name] = decodeArray(message[name]);
  return decoded;
}

export const short = (value) => (typeof value === "number" ? String(Number(value.toPrecision(3))) : "–");
