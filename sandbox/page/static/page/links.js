// Where a link on this page may lead.

import { el } from "./dom.js";

const SCHEMES = new Set(["http:", "https:", "mailto:"]);

/** A link that opens elsewhere; with any other scheme only its text. */
export function link(url, label, props = {}) {
  if (!isSafe(url)) return el("span", props, label || url);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", ...props }, label || url);
}

function isSafe(url) {
  return URL.canParse(url) && SCHEMES.has(new URL(url).protocol);
}
