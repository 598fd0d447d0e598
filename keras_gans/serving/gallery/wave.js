// WAV files of 16 bits as servers send them, and the picture of a sound.

const COLOURS = [[0, 0, 8], [70, 15, 110], [200, 50, 80], [255, 190, 60], [255, 255, 240]];
const RANGE = 80; // decibels from black to white
const BANDS = 64;
const FRAMES = 128; // about as many columns, at most

// Returns {samples, rate} of the bytes of a WAV file: the first channel, in [-1, 1].
export function decoded(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let rate, channels = 1;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = String.fromCharCode(...bytes.subarray(at, at + 4));
    const size = view.getUint32(at + 4, true);
    if (name === "fmt ") [channels, rate] = [view.getUint16(at + 10, true), view.getUint32(at + 12, true)];
    if (name === "data") {
      const count = Math.floor(Math.min(size, bytes.length - at - 8) / (2 * channels));
      return { rate, samples: Float32Array.from({ length: count }, (_, i) => view.getInt16(at + 8 + 2 * channels * i, true) / 32768) };
    }
    at += 8 + size + (size % 2);
  }
  throw new Error("The server's WAV file cannot be read.");
}

// Returns a WAV file of one channel and 16 bits.
export function encoded({ samples, rate }) {
  const values = Int16Array.from(samples, (each) => Math.min(32767, Math.max(-32768, Math.round(each * 32768))));
  return new Blob([header(rate, values.byteLength), values], { type: "audio/wav" });
}

// Returns a canvas with the spectrogram of a sound, from 0 Hz at the bottom to half of the sample rate, on the mel scale.
export function spectrogram({ samples, rate }) {
  const size = Math.min(2 ** Math.max(7, Math.round(Math.log2(rate * 0.032))), 4096);
  const hop = Math.max(size / 4, Math.ceil(samples.length / FRAMES));
  const columns = Math.max(1, Math.ceil(samples.length / hop));
  const bands = edges(size, rate);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, BANDS];
  const context = canvas.getContext("2d");
  const data = context.createImageData(columns, BANDS);
  const window = Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
  for (let column = 0; column < columns; column++) {
    const start = Math.round((column + 0.5) * hop - size / 2);
    const magnitudes = spectrum(window.map((weight, i) => weight * (samples[start + i] ?? 0)));
    bands.forEach(([low, high], band) => {
      let most = 0;
      for (let bin = low; bin <= high; bin++) most = Math.max(most, magnitudes[bin]);
      // A tone of amplitude 1 has a magnitude of a quarter of the window's length.
      const level = 1 + (20 * Math.log10(most / (size / 4) + 1e-9)) / RANGE;
      data.data.set([...colour(Math.min(1, Math.max(0, level))), 255], 4 * ((BANDS - 1 - band) * columns + column));
    });
  }
  context.putImageData(data, 0, 0);
  return canvas;
}

// Returns the first and the last frequency of each band, equally wide on the mel scale (O'Shaughnessy 1987).
function edges(size, rate) {
  const mel = (hertz) => Math.log(1 + hertz / 700);
  const bin = (mels) => ((700 * (Math.exp(mels) - 1)) / rate) * size;
  return Array.from({ length: BANDS }, (_, band) => [band, band + 1].map((each) => (
    Math.min(size / 2, Math.round(bin((mel(rate / 2) * each) / BANDS)))
  )));
}

function colour(level) {
  const place = level * (COLOURS.length - 1);
  const below = Math.min(COLOURS.length - 2, Math.floor(place));
  return COLOURS[below].map((channel, i) => Math.round(channel + (COLOURS[below + 1][i] - channel) * (place - below)));
}

// Returns the magnitudes of the discrete Fourier transform of as many numbers as a power of two (Cooley and Tukey 1965).
function spectrum(real) {
  const size = real.length;
  const imaginary = new Float64Array(size);
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [real[i], real[j]] = [real[j], real[i]];
  }
  for (let half = 1; half < size; half *= 2) {
    for (let turn = 0; turn < half; turn++) {
      const [cosine, sine] = [Math.cos((Math.PI * turn) / half), -Math.sin((Math.PI * turn) / half)];
      for (let a = turn; a < size; a += 2 * half) {
        const b = a + half;
        const [x, y] = [real[b] * cosine - imaginary[b] * sine, real[b] * sine + imaginary[b] * cosine];
        [real[b], imaginary[b]] = [real[a] - x, imaginary[a] - y];
        [real[a], imaginary[a]] = [real[a] + x, imaginary[a] + y];
      }
    }
  }
  return real.subarray(0, size / 2 + 1).map((value, i) => Math.hypot(value, imaginary[i]));
}

function header(rate, bytes) {
  const view = new DataView(new ArrayBuffer(44));
  const word = (at, text) => [...text].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, 36 + bytes, true);
  word(8, "WAVEfmt ");
  [[16, 16], [24, rate], [28, 2 * rate], [40, bytes]].forEach(([at, value]) => view.setUint32(at, value, true));
  [[20, 1], [22, 1], [32, 2], [34, 16]].forEach(([at, value]) => view.setUint16(at, value, true));
  word(36, "data");
  return view.buffer;
}
