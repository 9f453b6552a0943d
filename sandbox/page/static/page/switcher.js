// Who one is in a pane: a button with their name, and all people behind it, to search.

import { avatar } from "./avatars.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { Options } from "./options.js";
import { say } from "./words.js";

const MOST = 50;

export class Switcher {
  /** `people` are {id, name, kana, note}; `picked(id)` is told who one wants to be. */
  constructor({ pane, name, people, picked }) {
    this.people = people.map((person) => ({ ...person, words: folded(`${person.name} ${person.kana ?? ""} ${person.note ?? ""}`) }));
    this.picked = picked;
    this.face = el("span", { class: "switcher-face" });
    this.button = el(
      "button",
      {
        type: "button",
        class: "switcher-button",
        "data-hint": `${pane}:person`,
        "aria-haspopup": "dialog",
        "aria-expanded": "false",
        onclick: () => this.toggle(this.popup.hidden),
      },
      this.face,
      icon("down"),
    );
    this.search = el("input", {
      type: "text",
      class: "switcher-search",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.list(),
      onkeydown: (event) => this.pressed(event),
    });
    this.options = new Options(this.search, { label: say("searchPeople"), draw: drawn, choose: (one) => this.pick(one) });
    this.count = el("p", { class: "switcher-count", role: "status" });
    this.popup = el(
      "div",
      { class: "switcher-popup", role: "dialog", hidden: true },
      this.search,
      this.options.node,
      this.count,
    );
    this.node = el("div", { class: "switcher" }, this.button, this.popup);
    this.node.addEventListener("focusout", (event) => this.left(event));
    this.name = name;
  }

  show(id) {
    const person = this.people.find((one) => one.id === id);
    const title = say("switchPerson", { pane: this.name });
    this.button.title = title;
    this.popup.setAttribute("aria-label", title);
    this.search.placeholder = say("searchPeople");
    this.search.setAttribute("aria-label", say("searchPeople"));
    this.face.replaceChildren(
      avatar(person?.name ?? id),
      el("span", { class: "switcher-name" }, el("small", {}, say("actingAs")), el("b", {}, person?.name ?? id)),
    );
  }

  toggle(open) {
    this.popup.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.search.value = "";
    this.list();
    this.search.focus();
  }

  list() {
    const words = folded(this.search.value).split(" ").filter(Boolean);
    const found = this.people.filter((person) => words.every((word) => person.words.includes(word)));
    this.options.show(found.slice(0, MOST));
    this.count.textContent = found.length ? say("peopleCount", { count: found.length }) : say("nobody");
  }

  pick(person) {
    this.toggle(false);
    this.button.focus();
    this.picked(person.id);
  }

  pressed(event) {
    if (event.key === "Escape") {
      this.toggle(false);
      this.button.focus();
    } else {
      this.options.takes(event);
    }
  }

  left(event) {
    if (event.relatedTarget && !this.node.contains(event.relatedTarget)) this.toggle(false);
  }
}

function drawn(person) {
  return [avatar(person.name), el("span", { class: "switcher-one" }, el("b", {}, person.name), el("small", {}, person.note))];
}

/** Half and full width, katakana and hiragana, large and small letters are the same to who searches. */
function folded(text) {
  const kana = text.normalize("NFKC").toLowerCase();
  return kana.replace(/[\u30a1-\u30f6]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x60));
}
