// Where one writes: a text field that keeps a draft for each place, and suggests commands while one types.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { Options } from "./options.js";
import { say } from "./words.js";

export class Composer {
  /** `suggest(text)` lists {insert, title, detail}; `send(text)` resolves to whether it was taken. */
  constructor({ hint, suggest = () => [], send }) {
    this.drafts = new Map();
    this.place = "";
    this.suggest = suggest;
    this.send = send;
    this.field = el("textarea", {
      class: "composer-field",
      rows: 1,
      "data-hint": hint,
      oninput: () => this.typed(),
      onkeydown: (event) => this.pressed(event),
      onfocus: () => this.typed(),
      onblur: () => this.options.show([]),
    });
    this.options = new Options(this.field, {
      label: say("suggestions"),
      draw: ({ title, detail }) => [el("b", {}, title), el("span", {}, detail)],
      choose: (option) => this.take(option),
      tabChooses: true,
    });
    this.button = el("button", { type: "button", class: "composer-send", onclick: () => this.submit() }, icon("send"));
    this.node = el("div", { class: "composer" }, this.options.node, this.field, this.button);
  }

  /** Write to this place from now on; what was begun elsewhere is kept for there. */
  at(place, label) {
    this.field.placeholder = label;
    this.field.setAttribute("aria-label", label);
    this.button.setAttribute("aria-label", say("send"));
    this.button.title = say("send");
    if (place === this.place) return;
    this.drafts.set(this.place, this.field.value);
    this.place = place;
    this.put(this.drafts.get(place) ?? "");
  }

  put(text) {
    this.field.value = text;
    this.options.show([]);
    this.button.classList.toggle("is-ready", text.trim() !== "");
  }

  typed() {
    const text = this.field.value;
    this.button.classList.toggle("is-ready", text.trim() !== "");
    const suggested = this.suggest(text);
    const isWhole = suggested.some((option) => option.insert.trim() === text.trim());
    this.options.show(
      suggested.filter((option) => option.insert !== text),
      { marked: !isWhole },
    );
  }

  /** Suggest these, whatever is written. */
  offer(options) {
    this.field.focus();
    this.options.show(options);
  }

  take(option) {
    this.put(option.insert);
    this.field.focus();
    if (option.insert.endsWith(" ")) this.typed();
  }

  pressed(event) {
    if (this.options.takes(event)) return;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  /** An emptied field at once, as in a chat; a text that was not taken comes back. */
  async submit() {
    const text = this.field.value.trim();
    const place = this.place;
    if (!text) return;
    this.put("");
    if (await this.send(text)) return;
    if (this.place === place && !this.field.value) this.put(text);
    else this.drafts.set(place, text);
  }
}
