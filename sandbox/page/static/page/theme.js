// Light or dark: as the system says, until somebody chooses.

import { keep, kept } from "./memory.js";

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
let chosen = kept("theme");

export function applyTheme() {
  root.dataset.theme = chosen ?? (system.matches ? "dark" : "light");
}

export function switchTheme() {
  chosen = root.dataset.theme === "dark" ? "light" : "dark";
  keep("theme", chosen);
  applyTheme();
}

system.addEventListener("change", applyTheme);
