// A mask, painted over a picture with a mouse, a pen or a finger.

import { element } from "./dom.js";

const BRUSH = 8; // percent of the picture's longer side

// Returns {node, mask, isEmpty}: the element, a function that returns the mask as a canvas (white where it was painted), and
// whether nothing was painted. `strokes` is the list that strokes are kept in: lengths in shares of the picture's width; null
// stands for "clear", so that it can be undone, too.
export function painter(picture, strokes) {
  const { width, height } = picture;
  const overlay = element("canvas", { className: "overlay", width, height });
  const ring = element("span", { className: "ring", hidden: true });
  const surface = element("div", { className: "surface" }, picture, overlay, ring);
  surface.setAttribute("role", "img");
  surface.setAttribute("aria-label", "The picture. Paint over what is to be replaced.");
  surface.style.setProperty("--aspect", width / height);
  const brush = element("input", { type: "range", id: "brush", min: 1, max: 40, step: 1, value: BRUSH });
  const undo = element("button", { type: "button", id: "undo", textContent: "Undo", title: "Undo the last stroke (Ctrl+Z)" });
  const clear = element("button", { type: "button", id: "clear", textContent: "Clear" });
  const bar = element("div", { className: "bar wide" }, element("label", { htmlFor: "brush", textContent: "Brush" }), brush, undo, clear);
  const thickness = () => (Number(brush.value) / 100) * (Math.max(width, height) / width);

  const draw = () => {
    paint(overlay, painted(strokes), getComputedStyle(surface).getPropertyValue("--paint") || "red");
    undo.disabled = !strokes.length;
    clear.disabled = !painted(strokes).length;
  };
  const placeOf = (event) => {
    const { left, top, width: shown } = surface.getBoundingClientRect();
    return [(event.clientX - left) / shown, (event.clientY - top) / shown];
  };
  const showRing = (event) => {
    const [x, y] = placeOf(event);
    ring.hidden = event.pointerType === "touch";
    for (const [name, value] of [["--x", x], ["--y", y * (width / height)], ["--size", thickness()]]) ring.style.setProperty(name, `${100 * value}%`);
  };
  surface.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    surface.setPointerCapture(event.pointerId);
    strokes.push({ size: thickness(), points: [placeOf(event)] });
    draw();
    event.preventDefault();
  });
  surface.addEventListener("pointermove", (event) => {
    showRing(event);
    if (!surface.hasPointerCapture(event.pointerId) || !strokes.at(-1)) return;
    const between = event.getCoalescedEvents?.() ?? [];
    strokes.at(-1).points.push(...(between.length ? between : [event]).map(placeOf));
    draw();
  });
  surface.addEventListener("pointerleave", () => { ring.hidden = true; });
  undo.addEventListener("click", () => { strokes.pop(); draw(); });
  clear.addEventListener("click", () => { strokes.push(null); draw(); });
  // As long as it is on the page.
  document.addEventListener("keydown", function onKey(event) {
    if (!surface.isConnected) return document.removeEventListener("keydown", onKey);
    if ((event.ctrlKey || event.metaKey) && event.key === "z") undo.click();
    else if (event.key === "[" || event.key === "]") brush.value = Number(brush.value) + (event.key === "]" ? 2 : -2);
    else return;
    event.preventDefault();
  });
  draw();
  return { node: element("div", { className: "screen" }, surface, bar), mask: () => maskOf(strokes, width, height), isEmpty: () => !painted(strokes).length };
}

// Returns the strokes after the last "clear".
const painted = (strokes) => strokes.slice(strokes.lastIndexOf(null) + 1);

function maskOf(strokes, width, height) {
  const canvas = element("canvas", { width, height });
  paint(canvas, painted(strokes), "#fff");
  const context = canvas.getContext("2d");
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "#000";
  context.fillRect(0, 0, width, height);
  return canvas;
}

function paint(canvas, strokes, colour) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  [context.lineCap, context.lineJoin, context.strokeStyle] = ["round", "round", colour];
  for (const { size, points } of strokes) {
    context.lineWidth = size * canvas.width;
    context.beginPath();
    context.moveTo(points[0][0] * canvas.width, points[0][1] * canvas.width);
    // A line of no length would not be drawn, and is to be a dot.
    context.lineTo(points[0][0] * canvas.width + 0.01, points[0][1] * canvas.width);
    for (const [x, y] of points) context.lineTo(x * canvas.width, y * canvas.width);
    context.stroke();
  }
}
