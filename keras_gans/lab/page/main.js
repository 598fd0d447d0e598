// Starts what the server shows, or the recording that is part of the page.

import { find } from "./dom.js";
import { startLive } from "./live.js";
import { startReplay } from "./replay.js";
import { startRun } from "./run.js";
import { draw, say } from "./show.js";

function begin(mode) {
  document.body.dataset.mode = mode;
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(mode);
}

find("#theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  draw();
});
find("#controls").addEventListener("submit", (event) => event.preventDefault());

async function ask(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(path);
  return answer.json();
}

const inside = find("#recording");
if (inside) {
  begin("replay");
  startReplay(JSON.parse(inside.textContent));
} else {
  try {
    const { mode, ...choices } = await ask("mode.json");
    begin(mode);
    if (mode === "live") startLive(choices);
    else if (mode === "run") startRun();
    else startReplay(await ask("recording.json"));
  } catch {
    say("The server does not answer.", true);
  }
}
