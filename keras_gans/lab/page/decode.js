// Arrays of frames: see keras_gans/lab/arrays.py.

const STEPS = 32767, MISSING = -32768, FIRST = 35;

// Numbers of an encoded array; NaN for what is not finite.
export function decodeArray({ bound, int16, text, steps, lag }) {
  return text === undefined ? decodeWhole(bound, int16) : decodeDifferences(bound, text, steps, lag);
}

function decodeWhole(bound, int16) {
  const bytes = Uint8Array.from(atob(int16), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => {
    const value = view.getInt16(2 * i, true);
    return value === MISSING ? NaN : (value * bound) / STEPS;
  });
}

function decodeDifferences(bound, text, steps, lag) {
  const codes = Array.from(text, (letter) => letter.codePointAt(0) - FIRST), values = [];
  codes.forEach((code, i) => {
    const difference = code % 2 ? -(code + 1) / 2 : code / 2;
    values.push(difference + (lag && i >= lag ? values[i - lag] : 0));
  });
  return Float32Array.from(values, (value) => (value === -steps - 1 ? NaN : (value * bound) / steps));
}

const ARRAYS = ["real", "latents", "grid", "generated", "manifold", "heat", "gradients"];

// A message with its arrays decoded.
export function decodeMessage(message) {
  const decoded = { ...message };
  for (const name of ARRAYS) if (message[name]) decoded[name] = decodeArray(message[name]);
  return decoded;
}

export function short(value) {
  if (typeof value !== "number") return "–";
  return value && Math.abs(value) < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}
