// Elements in one call. Text is set as text: nothing that a server answers becomes markup.

export function element(tag, properties = {}, ...children) {
  const { dataset, ...others } = properties;
  const made = Object.assign(document.createElement(tag), others);
  Object.assign(made.dataset, dataset ?? {});
  made.append(...children);
  return made;
}

// Copies a text. Pages of other machines, without TLS, have no clipboard but the old one.
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = element("textarea", { value: text });
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

// Says on a button for a moment that it was done.
export async function copyBy(button, text) {
  await copy(text);
  button.dataset.text ??= button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = button.dataset.text; }, 2000);
}

export const find = (selector) => document.querySelector(selector);
