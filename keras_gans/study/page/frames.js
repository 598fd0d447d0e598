// Shows an image for a time, counted in the frames of the screen.

const MASK = 30; // milliseconds each: HYPE, section 3
const COUNTDOWN = 500; // milliseconds of each number
const MEASURED = 31; // frames

const frame = () => new Promise(requestAnimationFrame);
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

let length;

// Returns the median length of a frame, in milliseconds.
export async function frameLength() {
  if (length === undefined) {
    const times = [];
    for (let turn = 0; turn < MEASURED; turn += 1) times.push(await frame());
    const steps = times.slice(1).map((time, index) => time - times[index]).sort((a, b) => a - b);
    length = steps[steps.length >> 1];
  }
  return length;
}

// Turns an element on at one frame and off at the frame that is nearest to so many milliseconds later.
async function hold(shown, milliseconds, step) {
  const from = await frame();
  shown.classList.add("on");
  let frames = 0, now = from;
  while (frames === 0 || now - from < milliseconds - step / 2) {
    now = await frame();
    frames += 1;
  }
  shown.classList.remove("on");
  return { shown: now - from, frames };
}

// Counts down, shows an image and then the masks; returns how long it was shown.
export async function flash(count, image, masks, exposure) {
  const step = await frameLength();
  for (const number of [3, 2, 1]) {
    count.textContent = number;
    await pause(COUNTDOWN);
  }
  count.textContent = "";
  const measured = await hold(image, exposure, step);
  for (const mask of masks) await hold(mask, MASK, step);
  return { ...measured, frame: step };
}
