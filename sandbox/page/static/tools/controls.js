// The controls of the practice world: its clock, its faults, and starting over.

import { get, post } from "../page/api.js";
import { el } from "../page/dom.js";
import { say } from "../page/words.js";
import { moment } from "../page/times.js";

export class Controls {
  constructor({ redrawn, failed, reset }) {
    this.redrawn = redrawn;
    this.failed = failed;
    this.wasReset = reset;
    this.now = null;
    this.faults = [];
    this.waiting = 0;
    this.isResetting = false;
    this.isSure = false;
    this.isIdle = false;
  }

  get title() {
    return say("controls");
  }

  /** The names of the faults that are switched on. */
  get trouble() {
    return this.faults.filter((fault) => fault.on).map((fault) => fault.name);
  }

  async fetch() {
    const [clock, faults] = await Promise.all([get("/api/clock"), get("/api/faults")]);
    this.take(clock, faults);
  }

  take(clock, faults) {
    if (clock) {
      this.now = new Date(clock.now);
      if ("nothing_due" in clock) this.isIdle = clock.nothing_due;
    }
    if (faults) {
      this.faults = [...faults.slack, ...faults.teams].filter((one, at, all) => all.findIndex((other) => other.name === one.name) === at);
      this.waiting = faults.waiting ?? 0;
    }
    this.redrawn();
  }

  draw() {
    return [
      el(
        "section",
        {},
        el("h3", {}, say("tools.clock")),
        el("p", { class: "clock-now" }, this.now ? moment(this.now) : "…"),
        el("p", { class: "buttons" }, button("tools.hour", () => this.turn("hour")), button("tools.next", () => this.turn("next"))),
        this.isIdle && el("p", { class: "quiet", role: "status" }, say("tools.nothingDue")),
      ),
      el("section", {}, el("h3", {}, say("tools.faults")), el("p", { class: "quiet" }, say("tools.faultsHint")), el("ul", { class: "switches" }, this.faults.map((fault) => this.toggle(fault)))),
      el(
        "section",
        {},
        el("h3", {}, say("tools.reset")),
        el("p", { class: "quiet" }, say("tools.resetHint")),
        el("p", { class: "buttons" }, el("button", { type: "button", class: "danger", "aria-disabled": this.isResetting ? "true" : null, onclick: () => this.reset() }, say(this.isResetting ? "tools.resetting" : this.isSure ? "tools.resetSure" : "tools.reset"))),
      ),
    ];
  }

  toggle(fault) {
    const props = { type: "button", role: "switch", "aria-checked": String(fault.on), "data-fault": fault.name, onclick: () => this.order(fault) };
    return el("li", { key: fault.name }, el("button", props, el("span", { class: "knob", "aria-hidden": "true" }), say(`faults.${fault.name}`)));
  }

  order(fault) {
    return this.failed(async () => this.take(null, await post("/api/faults", { name: fault.name, on: !fault.on })));
  }

  turn(how) {
    return this.failed(async () => this.take(await post("/api/clock", { do: how }), null));
  }

  async reset() {
    if (this.isResetting) return;
    if (!this.isSure) {
      this.isSure = true;
      return this.redrawn();
    }
    this.isSure = false;
    this.isResetting = true;
    this.redrawn();
    await this.failed(async () => {
      await post("/api/reset", {});
      await this.fetch();
    });
    this.isResetting = false;
    this.wasReset();
  }
}

function button(name, onclick) {
  return el("button", { type: "button", "data-hint": name, onclick }, say(name));
}
