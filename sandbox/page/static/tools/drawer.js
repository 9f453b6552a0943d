// The drawer at the side, which shows one tool at a time.

import { el } from "../page/dom.js";
import { icon } from "../page/icons.js";
import { redraw } from "../page/patch.js";
import { say } from "../page/words.js";

export class Drawer {
  constructor(node) {
    this.node = node;
    this.tool = null;
    this.cameFrom = null;
    node.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  /** Show `tool`, which has a `title` and can `draw()`; `opener` gets the focus back. */
  open(tool, opener) {
    this.tool = tool;
    this.cameFrom = opener;
    this.draw();
    this.node.querySelector("button")?.focus();
  }

  toggle(tool, opener) {
    if (this.tool === tool) this.close();
    else this.open(tool, opener);
  }

  close() {
    this.tool = null;
    this.draw();
    if (this.cameFrom?.isConnected) this.cameFrom.focus();
  }

  draw() {
    this.node.hidden = !this.tool;
    document.body.classList.toggle("has-drawer", Boolean(this.tool));
    if (!this.tool) return redraw(this.node);
    this.node.setAttribute("aria-label", this.tool.title);
    const close = el("button", { type: "button", class: "icon-button", "aria-label": say("close"), onclick: () => this.close() }, icon("close"));
    const body = el("div", { class: "drawer-body", tabindex: 0, role: "group", "aria-label": this.tool.title, key: this.tool.title }, this.tool.draw());
    redraw(this.node, el("header", { class: "drawer-head" }, el("h2", {}, this.tool.title), close), body);
  }
}
