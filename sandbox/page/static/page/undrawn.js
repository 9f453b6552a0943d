// What this page cannot draw is said, never hidden.

import { el } from "./dom.js";
import { say } from "./words.js";

export function notDrawn(type) {
  return el("span", { class: "not-drawn", "data-not-drawn": type }, say("notDrawn", { type }));
}
