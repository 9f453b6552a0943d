// The guided story: what to do next, who to be, and a ring around the control that does it.

import { get, post } from "../page/api.js";
import { el } from "../page/dom.js";
import { touch } from "../page/patch.js";
import { locale, say } from "../page/words.js";

const ring = new CSSStyleSheet();
document.adoptedStyleSheets.push(ring);

export class Story {
  /** `panes` are the two panes by name; `turnTo(name)` brings one into view; `failed(work)` tells when work fails. */
  constructor({ panes, turnTo, redrawn, failed }) {
    Object.assign(this, { panes, turnTo, redrawn, failed });
    this.steps = [];
    this.at = null;
    this.rule = "";
  }

  get step() {
    return this.at === null ? undefined : this.steps[this.at];
  }

  async fetch() {
    this.take(await get("/api/story"));
  }

  take(told) {
    const before = this.step;
    this.steps = told.steps;
    this.at = told.at ?? null;
    this.redrawn();
    if (this.step && this.step.pane !== before?.pane) this.turnTo(this.step.pane);
  }

  do(what) {
    return this.failed(async () => this.take(await post("/api/story", { do: what })));
  }

  draw() {
    if (this.steps.length === 0) return null;
    if (this.at === null) return bar(el("p", {}, el("b", {}, say("story.title"))), this.button("story.start", "start", "is-first"));
    if (!this.step) return bar(el("p", {}, say("story.done")), this.button("story.restart", "restart"));
    const { pane, fill } = this.step;
    const [title, words] = [inLanguage(this.step.title), inLanguage(this.step.say)];
    const pips = this.steps.map((step, at) => el("span", { class: `pip ${at < this.at || step.done ? "is-done" : ""} ${at === this.at ? "is-now" : ""}` }));
    return bar(
      el("p", { class: "story-where" }, el("span", { class: "pips", "aria-hidden": "true" }, pips), say("story.step", { at: this.at + 1, count: this.steps.length })),
      el("p", { class: "story-words", role: "status" }, el("b", {}, `${say("story.as", { pane: pane === "slack" ? "Slack" : "Teams", name: this.nameOf(this.step) })}`), " ", title && el("strong", {}, title, say("story.stop")), " ", words),
      this.isSomebodyElse && el("button", { type: "button", class: "is-first", "data-hint": "story:be", onclick: () => this.be() }, say("story.be", { name: this.nameOf(this.step) })),
      fill && !this.isSomebodyElse && el("button", { type: "button", class: "is-first", "data-hint": "story:fill", onclick: () => this.fill() }, say("story.fill")),
      this.button("story.next", "next"),
      this.button("story.skip", "skip"),
      this.button("story.restart", "restart"),
    );
  }

  button(name, what, look = "") {
    return el("button", { type: "button", class: look, "data-hint": name.replace(".", ":"), onclick: () => this.do(what) }, say(name));
  }

  get isSomebodyElse() {
    return Boolean(this.step.as) && this.panes[this.step.pane].as !== this.step.as;
  }

  nameOf(step) {
    const person = this.panes[step.pane].start.people.find((one) => one.id === step.as);
    return person?.name ?? step.as;
  }

  be() {
    this.turnTo(this.step.pane);
    return this.panes[this.step.pane].become(this.step.as);
  }

  /** Type the step's example into what is open: the composer, or the fields of the form. */
  fill() {
    const pane = this.panes[this.step.pane];
    this.turnTo(this.step.pane);
    for (const [name, text] of Object.entries(this.step.fill)) {
      const field = { composer: pane.composer.field, reply: pane.replying?.field }[name] ?? [...pane.node.querySelectorAll(`[data-field="${CSS.escape(name)}"], [data-input="${CSS.escape(name)}"]`)].at(-1);
      if (!field) continue;
      field.value = text;
      touch(field);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
    }
  }

  /** Put the ring around what is to be used next, as far as it is on the screen. */
  point() {
    const hints = this.step ? this.hints() : [];
    const seen = hints.find((hint) => [...document.querySelectorAll(selector(hint))].some((node) => node.offsetParent));
    const rule = seen ? `${selector(seen)} { animation: var(--ring); outline: 3px solid var(--ring-colour); outline-offset: 2px; }` : "";
    if (rule !== this.rule) ring.replaceSync(rule);
    this.rule = rule;
  }

  hints() {
    const { pane, target } = this.step;
    if (this.isSomebodyElse) return [`${pane}:person`, `pane:${pane}`];
    return [...[target ?? []].flat(), `pane:${pane}`];
  }
}

/** Words in one language, or in each of them. */
function inLanguage(words) {
  return typeof words === "object" ? words[locale()] : words;
}

function selector(hint) {
  return hint.startsWith("pane:") ? `[data-hint="${CSS.escape(hint)}"][aria-pressed="false"]` : `[data-hint="${CSS.escape(hint)}"]`;
}

function bar(...content) {
  return el("section", { class: "story", "aria-label": say("story.title") }, content);
}
