// The mail tray: the letters that the product sent.

import { get } from "../page/api.js";
import { el } from "../page/dom.js";
import { link } from "../page/links.js";
import { moment } from "../page/times.js";
import { say } from "../page/words.js";

export class Mail {
  constructor(redrawn) {
    this.redrawn = redrawn;
    this.letters = [];
    this.read = 0;
  }

  get title() {
    return say("mail");
  }

  /** How many came since the tray was last looked into. */
  get fresh() {
    return Math.max(this.letters.length - this.read, 0);
  }

  async fetch() {
    const found = await get("/api/mail");
    this.letters = found.letters ?? found;
    this.redrawn();
  }

  draw() {
    this.read = this.letters.length;
    if (this.letters.length === 0) return el("p", { class: "quiet" }, say("tools.noLetters"));
    return [el("p", { class: "quiet" }, say("tools.letters")), [...this.letters].reverse().map(letter)];
  }
}

function letter({ id, to, subject, text, at, links }) {
  return el(
    "details",
    { class: "letter", key: id },
    el("summary", {}, el("b", {}, subject), el("small", {}, `${say("tools.to")}: ${[to].flat().join(", ")}　${at ? moment(instant(at)) : ""}`)),
    el("pre", { class: "letter-text", tabindex: 0, role: "group", "aria-label": subject }, text),
    links?.length > 0 && el("ul", { "aria-label": say("tools.links") }, links.map((url) => el("li", {}, link(url, url)))),
  );
}

function instant(at) {
  return new Date(typeof at === "number" ? at * 1000 : at);
}
