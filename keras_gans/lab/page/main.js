// Starts what the server shows, a lesson, or the recording that is part of the page.

import { element, find } from "./dom.js";
import { buildGraph } from "./graph.js";
import { startLive } from "./live.js";
import { startReplay } from "./replay.js";
import { startRun } from "./run.js";
import { draw, say } from "./show.js";

const asked = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

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
buildGraph();

async function load(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(path);
  return answer.json();
}

// Lessons to choose from: {name: title}. Without a name, the page shows what it shows otherwise.
function offerLessons(titles, otherwise) {
  const names = Object.keys(titles);
  find("#lessons").hidden = names.length + (otherwise !== null) < 2;
  const first = otherwise === null ? [] : [element("option", { value: "", textContent: otherwise })];
  find("#lesson").replaceChildren(...first, ...names.map((name) => element("option", { value: name, textContent: titles[name] })));
  find("#lesson").value = titles[asked.lesson] ? asked.lesson : otherwise === null ? names[0] : "";
  find("#lesson").addEventListener("change", (event) => {
    location.hash = event.target.value ? `lesson=${event.target.value}` : "";
    location.reload();
  });
  return find("#lesson").value;
}

const inside = find("#recording");
if (inside) {
  const recordings = JSON.parse(inside.textContent);
  begin("replay");
  if (Array.isArray(recordings)) startReplay(recordings, asked);
  else {
    const titleOf = (messages) => messages.find(({ type }) => type === "lesson").title;
    const name = offerLessons(Object.fromEntries(Object.entries(recordings).map(([each, messages]) => [each, titleOf(messages)])), null);
    startReplay(recordings[name], asked);
  }
} else {
  try {
    const { mode, lessons = {}, lesson, ...choices } = await load("mode.json");
    const name = offerLessons(lessons, mode === "live" ? "none: train" : mode === "lesson" ? null : "none") || "";
    begin(name ? "replay" : mode);
    find("#lessons").hidden = !Object.keys(lessons).length;
    if (name) startReplay(await load(`lessons/${name}.json`), asked);
    else if (mode === "live") startLive(choices);
    else if (mode === "run") startRun();
    else startReplay(await load("recording.json"), asked);
  } catch (error) {
    console.warn(error);
    say("The server does not answer.", true);
  }
}
