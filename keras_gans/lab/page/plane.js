// The plane: real and generated points, scores, the latent grid and gradients.

const REACH = 1.1; // half the side of what is shown
const LATENT_SCALE = 1 / 3; // of latents, which are mostly between -3 and 3
const LONGEST = 0.22; // of an arrow
const MIDDLE_COUNT = 441;

export const colourOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Makes the bitmap of a canvas as large as its place on the page; returns its context and its size in pixels of the page.
export function fit(canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  [canvas.width, canvas.height] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
  const context = canvas.getContext("2d");
  context.scale(canvas.width / Math.max(1, width), canvas.height / Math.max(1, height));
  return [context, width, height];
}

// Where a point of the plane lies on a canvas of a size, and back.
export const toCanvas = (x, y, size) => [((x + REACH) / (2 * REACH)) * size, ((REACH - y) / (2 * REACH)) * size];
export const toPlane = (left, top, size) => [(left / size) * 2 * REACH - REACH, REACH - (top / size) * 2 * REACH];

export function drawPlane(canvas, { constants, frame, layers, warp, probe, picked, path }) {
  const [context, size] = fit(canvas);
  context.fillStyle = colourOf("--surface");
  context.fillRect(0, 0, size, size);
  if (frame && layers.heat) drawHeat(context, frame.heat, size);
  drawAxes(context, size);
  if (frame && layers.manifold) drawManifold(context, mixed(constants.grid, frame.manifold, warp), size);
  if (constants && layers.real) drawPoints(context, constants.real, colourOf("--real"), 2, size);
  if (frame && layers.generated) drawPoints(context, mixed(constants.latents, frame.generated, warp), colourOf("--generated"), 2.2, size);
  if (frame && layers.gradients) drawArrows(context, frame.generated, frame.gradients, size);
  if (frame && picked.sample !== null) drawPath(context, inLatents(constants.latents), frame.generated, picked.sample, path, size);
  if (probe) drawProbe(context, probe, size);
  if (picked.cursor) drawMark(context, picked.cursor, size, 5);
}

export const inLatents = (latents) => latents.map((value) => LATENT_SCALE * value);
export const mixed = (latents, samples, share) => (share >= 1 ? samples
  : samples.map((value, i) => (1 - share) * LATENT_SCALE * latents[i] + share * value));

// A sample: from its latent, a small square, straight to where it is now; and where it was in earlier frames.
function drawPath(context, latents, samples, number, path, size) {
  const at = (points) => toCanvas(points[2 * number], points[2 * number + 1], size);
  const [from, to] = [at(latents), at(samples)];
  context.strokeStyle = context.fillStyle = colourOf("--text");
  context.lineWidth = 1.2;
  context.setLineDash([4, 4]);
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
  context.setLineDash([]);
  context.fillRect(from[0] - 3, from[1] - 3, 6, 6);
  context.strokeStyle = colourOf("--second");
  context.lineWidth = 1.8;
  context.beginPath();
  path.map(([x, y]) => toCanvas(x, y, size)).forEach((place, i) => (i ? context.lineTo(...place) : context.moveTo(...place)));
  context.stroke();
  context.strokeStyle = colourOf("--text");
  context.beginPath();
  context.arc(...to, 6, 0, 2 * Math.PI);
  context.stroke();
}

// A cross, and an arrow of the gradient's direction.
function drawProbe(context, { x, y, gradient: [dx, dy] }, size) {
  drawMark(context, [x, y], size, 7);
  const length = Math.hypot(dx, dy);
  if (!(length > 0)) return;
  context.lineWidth = 2.5;
  drawArrow(context, toCanvas(x, y, size), toCanvas(x + (dx / length) * LONGEST, y + (dy / length) * LONGEST, size), 8);
}

function drawMark(context, [x, y], size, reach) {
  const [left, top] = toCanvas(x, y, size);
  context.strokeStyle = colourOf("--text");
  context.lineWidth = 2;
  context.beginPath();
  for (const [dx, dy] of [[1, 0], [0, 1]]) {
    context.moveTo(left - reach * dx, top - reach * dy);
    context.lineTo(left + reach * dx, top + reach * dy);
  }
  context.stroke();
}

function drawArrow(context, [left, top], [right, bottom], head) {
  const angle = Math.atan2(bottom - top, right - left);
  context.beginPath();
  context.moveTo(left, top);
  context.lineTo(right, bottom);
  for (const turn of [2.6, -2.6]) {
    context.moveTo(right, bottom);
    context.lineTo(right + head * Math.cos(angle + turn), bottom + head * Math.sin(angle + turn));
  }
  context.stroke();
}

function drawHeat(context, heat, size) {
  const side = Math.round(Math.sqrt(heat.length));
  const [low, middle, high] = ["--low", "--middle", "--high"].map((name) => colourOf(name).split(" ").map(Number));
  const image = new ImageData(side, side);
  heat.forEach((share, i) => {
    const [from, to, part] = share < 0.5 ? [low, middle, 2 * share] : [middle, high, 2 * share - 1];
    // Rows of the array go up, those of the picture down.
    const at = 4 * ((side - 1 - Math.floor(i / side)) * side + (i % side));
    for (let c = 0; c < 3; c++) image.data[at + c] = from[c] + part * (to[c] - from[c]);
    image.data[at + 3] = 255;
  });
  const small = new OffscreenCanvas(side, side);
  small.getContext("2d").putImageData(image, 0, 0);
  const [left, top] = toCanvas(-1, 1, size), [right, bottom] = toCanvas(1, -1, size);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, left, top, right - left, bottom - top);
}

function drawAxes(context, size) {
  context.strokeStyle = colourOf("--line");
  context.lineWidth = 1;
  const [left, top] = toCanvas(-1, 1, size), [right, bottom] = toCanvas(1, -1, size);
  context.strokeRect(left, top, right - left, bottom - top);
}

function drawPoints(context, points, colour, radius, size) {
  context.fillStyle = colour;
  context.strokeStyle = colourOf("--surface");
  context.lineWidth = 0.5;
  for (let i = 0; i < points.length; i += 2) {
    if (!Number.isFinite(points[i]) || !Number.isFinite(points[i + 1])) continue;
    context.beginPath();
    context.arc(...toCanvas(points[i], points[i + 1], size), radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}

// Each cell holds the same share of samples: the smaller it is, the denser they are.
function drawManifold(context, points, size) {
  const lines = Math.round(Math.sqrt(MIDDLE_COUNT));
  const at = (row, column) => toCanvas(points[2 * (row * lines + column)], points[2 * (row * lines + column) + 1], size);
  context.strokeStyle = context.fillStyle = colourOf("--generated");
  context.lineWidth = 0.6;
  for (let row = 0; row + 1 < lines; row++) {
    for (let column = 0; column + 1 < lines; column++) {
      const corners = [at(row, column), at(row, column + 1), at(row + 1, column + 1), at(row + 1, column)];
      const twice = corners.reduce((sum, [x, y], i) => {
        const [nextX, nextY] = corners[(i + 1) % 4];
        return sum + x * nextY - nextX * y;
      }, 0);
      if (!Number.isFinite(twice)) continue;
      context.beginPath();
      corners.forEach((corner, i) => (i ? context.lineTo(...corner) : context.moveTo(...corner)));
      context.closePath();
      context.globalAlpha = Math.min(0.6, (0.0004 * size * size) / (Math.abs(twice) + 1));
      context.fill();
      context.globalAlpha = 0.5;
      context.stroke();
    }
  }
  context.globalAlpha = 1;
}

function drawArrows(context, points, gradients, size) {
  let longest = 0;
  for (let i = 0; i < gradients.length; i += 2) longest = Math.max(longest, Math.hypot(gradients[i], gradients[i + 1]) || 0);
  if (!longest) return;
  context.strokeStyle = context.fillStyle = colourOf("--text");
  context.lineWidth = 1;
  for (let i = 0; i < gradients.length; i += 2) {
    const [dx, dy] = [(gradients[i] / longest) * LONGEST, (gradients[i + 1] / longest) * LONGEST];
    if (!Number.isFinite(dx + dy + points[i] + points[i + 1])) continue;
    drawArrow(context, toCanvas(points[i], points[i + 1], size), toCanvas(points[i] + dx, points[i + 1] + dy, size), 4);
  }
}
