// Light or dark: as the system says, until somebody chooses.

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

/** What this browser remembers of the page; nothing where it is told to remember nothing. */
function kept(name) {
  try {
    return localStorage.getItem(`practice.${name}`) ?? undefined;
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(`practice.${name}`, value);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

system.addEventListener("change", applyTheme);
