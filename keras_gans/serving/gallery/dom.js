// Elements in one call. Text is set as text: nothing that a server answers becomes markup.

export function element(tag, properties = {}, ...children) {
  const { dataset, ...others } = properties;
  const made = Object.assign(document.createElement(tag), others);
  Object.assign(made.dataset, dataset ?? {});
  made.append(...children);
  return made;
}

export const find = (selector) => document.querySelector(selector);
