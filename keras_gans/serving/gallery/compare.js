// Before and after: two pictures of one place, and a divider between them that is dragged or moved by keys.

import { element } from "./dom.js";

const STEPS = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };

// Returns the element; `before` and `after` are images or canvases of the same proportions.
export function comparison(before, after) {
  before.classList.add("before");
  after.classList.add("after");
  const frame = element("div", { className: "compare", tabIndex: 0 }, after, before,
    element("span", { className: "name of-before", textContent: "Before" }),
    element("span", { className: "name of-after", textContent: "After" }),
    element("span", { className: "divider" }));
  frame.setAttribute("role", "slider");
  frame.setAttribute("aria-label", "Divider between before and after");
  frame.setAttribute("aria-valuemin", 0);
  frame.setAttribute("aria-valuemax", 100);
  let share = 0;
  const place = (percent) => {
    share = Math.min(100, Math.max(0, percent));
    frame.style.setProperty("--share", `${share}%`);
    frame.setAttribute("aria-valuenow", Math.round(share));
    frame.setAttribute("aria-valuetext", `${Math.round(share)} % before`);
  };
  const follow = (event) => {
    const { left, width } = frame.getBoundingClientRect();
    place((100 * (event.clientX - left)) / width);
  };
  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    frame.setPointerCapture(event.pointerId);
    follow(event);
  });
  frame.addEventListener("pointermove", (event) => { if (frame.hasPointerCapture(event.pointerId)) follow(event); });
  frame.addEventListener("keydown", (event) => {
    if (!(event.key in STEPS) || event.ctrlKey || event.metaKey || event.altKey) return;
    place(share + STEPS[event.key]);
    event.preventDefault();
    event.stopPropagation();
  });
  // A picture is not to be dragged away with the divider.
  frame.addEventListener("dragstart", (event) => event.preventDefault());
  place(50);
  return frame;
}
