// A short sentence that somebody should notice, spoken by screen readers as well.

import { el } from "./dom.js";

const SHOWN = 6000;

export class Notice {
  constructor() {
    this.node = el("div", { class: "notice", role: "status" });
    this.timer = 0;
  }

  /** Shown for a while; with `stays` until `hide()`. */
  show(sentence, { bad = false, stays = false } = {}) {
    clearTimeout(this.timer);
    this.node.replaceChildren(el("p", { class: bad ? "is-bad" : "" }, sentence));
    if (!stays) this.timer = setTimeout(() => this.hide(), SHOWN);
  }

  hide() {
    this.node.replaceChildren();
  }
}
