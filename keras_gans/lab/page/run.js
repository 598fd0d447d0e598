// A run folder: samples by epoch, the logs, and what the doctor found.

import { element, find } from "./dom.js";
import { drawCurves } from "./curves.js";
import { short } from "./decode.js";
import { say, showFindings } from "./show.js";

const EVERY = 2000; // milliseconds between two looks
const LOSSES = { d_loss: "discriminator loss", g_loss: "generator loss", penalty: "penalty" };
const RUN_CHARTS = [
  { title: "Losses", names: LOSSES },
  { title: "Share of right scores", names: { d_real: "of real samples", d_fake: "of generated samples" }, from: 0, to: 1 },
  { title: "Gradients", names: { d_grad: "norm of the discriminator's gradient", g_grad: "of the generator's" }, from: 0 },
];

let run = null, follows = true;

export function startRun() {
  find("#epochs").addEventListener("input", (event) => {
    follows = Number(event.target.value) === Number(event.target.max);
    drawRun();
  });
  new ResizeObserver(() => run && drawRun()).observe(find("#stage"));
  find("#extremes button").addEventListener("click", () => askExtremes({ method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }));
  look();
}

// The worst samples and those nearest to training samples, which the server looks for when asked.
async function askExtremes(options) {
  const found = await (await fetch("extremes", options)).json(), target = find("#extremes div");
  if (found.status === "computing") {
    target.textContent = "Generating samples, and comparing them with the training samples …";
    return void setTimeout(askExtremes, EVERY);
  }
  if (found.status === "failed") return void (target.textContent = found.error);
  const titles = { worst: "Farthest from any training sample", nearest: "Nearest to a training sample" };
  return target.replaceChildren(...Object.entries(titles).map(([name, title]) => {
    const { picture, distances } = found[name], words = `${title} (of ${found.count}; features: ${found.extractor}): ${distances.map(short).join(", ")}`;
    return element("figure", {}, element("figcaption", { textContent: words }),
      element("img", { src: `data:image/png;base64,${picture}`, alt: `${title}: samples above, their nearest training samples below` }));
  }));
}

async function look() {
  try {
    const answer = await fetch("run.json");
    if (!answer.ok) throw new Error(answer.status);
    const text = await answer.text();
    if (text !== look.text) {
      look.text = text;
      run = JSON.parse(text);
      drawRun();
    }
  } catch {
    say("The server does not answer.", true);
  }
  setTimeout(look, EVERY);
}

function drawRun() {
  say(`${run.name}: ${run.train.length} epochs`);
  const slider = find("#epochs");
  slider.max = Math.max(0, run.epochs.length - 1);
  slider.disabled = run.epochs.length < 2;
  if (follows) slider.value = slider.max;
  const epoch = run.epochs[Number(slider.value)];
  find("#epoch").value = epoch ?? "–";
  slider.setAttribute("aria-valuetext", `epoch ${epoch}`);
  const picture = find("#picture");
  picture.hidden = epoch === undefined;
  if (epoch !== undefined) {
    const source = `pictures/${epoch}.png`;
    if (picture.getAttribute("src") !== source) picture.src = source;
    picture.alt = `Samples of fixed latents after epoch ${epoch}`;
  }
  const position = epoch ?? null, options = { marks: run.findings.map((each) => each.epoch), position, unit: "epoch" };
  const rows = run.train.map((row) => ({ ...row, at: row.epoch }));
  const measured = run.evaluation.filter((row) => Number.isFinite(row.epoch)).map((row) => ({ ...row, at: row.epoch }));
  const names = [...new Set(measured.flatMap((row) => Object.keys(row).filter((name) => Number.isFinite(row[name]) && !["at", "epoch", "step", "seconds", "num"].includes(name))))];
  const joined = [...rows, ...measured].sort((a, b) => a.at - b.at);
  const charts = [...RUN_CHARTS, ...names.slice(0, 8).map((name) => ({ title: name, names: { [name]: name } }))];
  if (joined.length) drawCurves(find("#curves"), charts, [joined], options);
  showFindings(run.findings, "epoch");
}
