// A face for everybody: their first letter on a colour that is always the same for the same name.

import { el } from "./dom.js";

const TONES = 8;

export function avatar(name, { bot = false } = {}) {
  const letter = bot ? "元" : ([...name.trim()][0] ?? "?").toUpperCase();
  return el("span", { class: `avatar ${bot ? "avatar-bot" : `tone-${tone(name)}`}`, "aria-hidden": "true" }, letter);
}

function tone(name) {
  return [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 9973, 7) % TONES;
}
