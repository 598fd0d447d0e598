// What samples are told: their class, and further conditions.

// Returns columns for the inputs of a signature, with a row for each of `count` samples. Where each class is wanted, they come in turn, or the first alone.
export function toldOf({ model, label, classes, told }, signature, count, inTurn = true) {
  const column = (value, names) => Array.from({ length: count }, (_, i) => (value !== "each" ? value : inTurn ? i % names.length : 0));
  const inputs = model.takes(signature, "labels") ? { labels: column(label, classes) } : {};
  for (const { input, names, value } of told) if (model.takes(signature, input)) inputs[input] = column(value, names);
  return inputs;
}

// Returns some rows of columns.
export const rowsOf = (inputs, from, to) => Object.fromEntries(Object.entries(inputs).map(([input, column]) => [input, column.slice(from, to)]));

// Returns in words what one of the samples was told.
export function wordsOf({ classes, told }, inputs, i) {
  const label = inputs.labels?.[i];
  const words = label === undefined ? [] : [classes[label] ?? `class ${label}`];
  for (const { input, names } of told) if (input in inputs) words.push(names[inputs[input][i]] ?? `${input} ${[inputs[input][i]].flat().join(" ")}`);
  return words;
}
