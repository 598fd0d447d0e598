#!/usr/bin/env node
// Asks a server for a sample over REST (Node.js 18 or newer): client.mjs MODEL [URL]. Prints text, or writes MODEL.png or MODEL.wav.
import { readFile, writeFile } from "node:fs/promises";

const [name, server = "http://localhost:8501"] = process.argv.slice(2);
const body = await readFile(new URL(`${name}.json`, import.meta.url), "utf8");
const response = await fetch(`${server}/v1/models/${name}:predict`, { method: "POST", body });
const answer = await response.json();
if (!response.ok) throw new Error(answer.error);
for (const row of answer.predictions) {
  if (row.b64) {
    const content = Buffer.from(row.b64, "base64");
    const file = `${name}.${content.subarray(0, 4).toString() === "RIFF" ? "wav" : "png"}`;
    await writeFile(file, content);
    console.log(`Wrote ${file}.`);
  } else {
    console.log(row.text ?? row);
  }
}
