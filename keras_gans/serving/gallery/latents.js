// Latents of a seed. The random numbers are those of keras_gans/seeds.py: Threefry-2x32 with 20 rounds, keyed by the seed.

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];

function threefry(low, high, place) {
  const keys = [low, high, low ^ high ^ 0x1bd11bda];
  let left = (place + keys[0]) | 0;
  let right = keys[1] | 0;
  for (let turn = 0; turn < 20; turn++) {
    left = (left + right) | 0;
    const by = ROTATIONS[turn % 8];
    right = ((right << by) | (right >>> (32 - by))) ^ left;
    if (turn % 4 === 3) {
      const done = Math.floor(turn / 4) + 1;
      left = (left + keys[done % 3]) | 0;
      right = (right + keys[(done + 1) % 3] + done) | 0;
    }
  }
  return left >>> 0;
}

// Returns `count` numbers from 0 to 1: multiples of 2^-24.
export function uniform(seed, count) {
  const low = seed % 2 ** 32 | 0;
  const high = Math.floor(seed / 2 ** 32) | 0;
  return Array.from({ length: count }, (_, place) => (threefry(low, high, place) >>> 8) * 2 ** -24);
}

// Returns `count` numbers of the normal distribution (Box and Muller 1958).
export function normal(seed, count) {
  const half = Math.ceil(count / 2);
  const numbers = uniform(seed, 2 * half);
  const found = [];
  for (let i = 0; i < half; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - numbers[i]));
    const angle = 2 * Math.PI * numbers[half + i];
    found.push(radius * Math.cos(angle), radius * Math.sin(angle));
  }
  return found.slice(0, count);
}

// Returns the point between two latents on a great circle, because those on a line are too short to be typical (White 2016).
export function between(a, b, t) {
  const length = (v) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0)) || 1;
  const [la, lb] = [length(a), length(b)];
  const cosine = Math.min(1, Math.max(-1, a.reduce((sum, x, i) => sum + (x / la) * (b[i] / lb), 0)));
  const angle = Math.acos(cosine);
  if (angle < 1e-4) return a.map((x, i) => x + (b[i] - x) * t);
  const [wa, wb] = [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
  const scale = la + (lb - la) * t;
  return a.map((x, i) => scale * ((wa * x) / la + (wb * b[i]) / lb));
}

// Returns a list of numbers as nested lists of a shape.
export function shaped(flat, shape) {
  if (shape.length <= 1) return flat;
  const size = flat.length / shape[0];
  return Array.from({ length: shape[0] }, (_, i) => shaped(flat.slice(i * size, (i + 1) * size), shape.slice(1)));
}

export function randomSeed() {
  return Math.floor(Math.random() * 1_000_000);
}
