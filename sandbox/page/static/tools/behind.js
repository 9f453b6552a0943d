// Behind the scenes of one message: what arrived, and what the product's database holds about it.

import { get } from "../page/api.js";
import { el } from "../page/dom.js";
import { find, say } from "../page/words.js";
import { moment } from "../page/times.js";

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

export class Behind {
  constructor(redrawn) {
    this.redrawn = redrawn;
    this.of = null;
    this.found = null;
  }

  get title() {
    return say("tools.behind");
  }

  /** Look behind this message; again whenever something changed, as long as the drawer is open. */
  async look(kind, message) {
    this.of = { kind, message };
    this.found = await get("/api/behind", this.of);
    this.redrawn();
  }

  refresh() {
    return this.of && this.look(this.of.kind, this.of.message);
  }

  draw() {
    if (!this.found) return el("p", {}, say("sending"));
    const { ledger, inbox, json, requests } = this.found;
    return [
      part("tools.ledger", ledger ? row(ledger) : el("p", { class: "quiet" }, say("tools.noLedger"))),
      part("tools.inbox", inbox?.length ? el("ul", { class: "keys" }, inbox.map((key) => el("li", {}, el("code", {}, key)))) : el("p", { class: "quiet" }, say("tools.noInbox"))),
      part("tools.json", el("pre", { class: "json", tabindex: 0, role: "group", "aria-label": say("tools.json") }, JSON.stringify(json, null, 2))),
      requests?.length > 0 && part("tools.requests", el("ol", { class: "requests" }, requests.map((one) => el("li", {}, el("code", {}, requestLine(one)))))),
    ];
  }
}

function part(title, content) {
  return el("section", {}, el("h3", {}, say(title)), content);
}

function row(ledger) {
  return el(
    "dl",
    { class: "ledger" },
    Object.entries(ledger)
      .filter(([, value]) => value !== null && value !== "")
      .map(([name, value]) => [el("dt", {}, find(`ledger.${name}`) ?? name), el("dd", { class: name === "state" ? `state-${value}` : "" }, shown(value))]),
  );
}

function shown(value) {
  if (typeof value === "string" && INSTANT.test(value)) return moment(new Date(value));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function requestLine(request) {
  return typeof request === "string" ? request : Object.values(request).filter((part) => typeof part !== "object").join("  ");
}
