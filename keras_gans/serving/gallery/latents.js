// Latents of a seed: the numbers of keras_gans/seeds.py, by Threefry-2x32 with 20 rounds, keyed by the seed.

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
  return [left >>> 8, right >>> 8];
}

// Returns, for each of `count` places, two numbers of 24 random bits.
function randomBits(seed, count) {
  const low = seed % 2 ** 32 | 0;
  const high = Math.floor(seed / 2 ** 32) | 0;
  return Array.from({ length: count }, (_, place) => threefry(low, high, place));
}

// Returns `count` numbers of the normal distribution (Box and Muller 1958): those that `generate` makes of the seed.
export function normal(seed, count) {
  return randomBits(seed, count).map(([radius, angle]) => {
    return Math.sqrt(-2 * Math.log((radius + 1) * 2 ** -24)) * Math.cos(angle * 2 * Math.PI * 2 ** -24);
  });
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
