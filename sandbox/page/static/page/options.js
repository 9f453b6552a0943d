// A list to choose from while the focus stays in a text field: arrow keys move, Enter or Tab chooses, Escape leaves.

import { el } from "./dom.js";

let lists = 0;

export class Options {
  /** `draw(option)` gives an option's content, `choose(option)` is told which was taken. */
  constructor(input, { label, draw, choose, tabChooses = false }) {
    this.input = input;
    this.draw = draw;
    this.choose = choose;
    this.tabChooses = tabChooses;
    this.options = [];
    this.at = 0;
    this.node = el("ul", { class: "options", id: `options-${++lists}`, role: "listbox", "aria-label": label, hidden: true });
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.node.id);
  }

  get isOpen() {
    return !this.node.hidden;
  }

  /** With `marked` the first one is what Enter chooses; otherwise Enter is not for the list until an arrow key was. */
  show(options, { marked = true } = {}) {
    this.options = options;
    this.node.hidden = options.length === 0;
    this.mark(marked ? 0 : -1);
  }

  /** Whether the key was for the list. */
  takes(event) {
    if (!this.isOpen || event.isComposing) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const from = this.at < 0 && event.key === "ArrowUp" ? 0 : this.at;
      this.mark((from + (event.key === "ArrowDown" ? 1 : -1) + this.options.length) % this.options.length);
    } else if (event.key === "Escape") {
      this.show([]);
    } else if ((event.key === "Enter" && this.at >= 0) || (event.key === "Tab" && this.tabChooses && !event.shiftKey)) {
      this.choose(this.options[Math.max(this.at, 0)]);
    } else {
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  mark(at) {
    this.at = at;
    this.node.replaceChildren(...this.options.map((option, number) => this.row(option, number)));
    const chosen = this.node.children[at];
    if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
    else this.input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  row(option, number) {
    const props = {
      id: `${this.node.id}-${number}`,
      class: "option",
      role: "option",
      "aria-selected": String(number === this.at),
      onmousedown: (event) => event.preventDefault(),
      onclick: () => this.choose(option),
    };
    return el("li", props, this.draw(option));
  }
}
