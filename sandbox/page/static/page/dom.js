// Elements from data. Text is only ever set as text: nothing on this page parses markup.

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "selected", "inert", "disabled", "hidden"]);

/** A new element. `on…` are handlers, `key` tells it apart from its siblings when the page is redrawn. */
export function el(tag, props, ...children) {
  return filled(document.createElement(tag), props, children);
}

export function svg(tag, props, ...children) {
  return filled(document.createElementNS(SVG, tag), props, children);
}

/** A label that only screen readers speak. */
export function unseen(text) {
  return el("span", { class: "unseen" }, text);
}

function filled(node, props, children) {
  node.append(...children.flat(Infinity).filter(isShown));
  for (const [name, value] of Object.entries(props ?? {})) put(node, name, value);
  return node;
}

function isShown(child) {
  return child !== null && child !== undefined && child !== false && child !== "";
}

function put(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "key") node.dataset.key = value;
  // What a handler returns is not passed on: `false` would stop the key or click it only looked at.
  else if (name.startsWith("on")) node[name] = (event) => void value(event);
  else if (PROPERTIES.has(name)) node[name] = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}
