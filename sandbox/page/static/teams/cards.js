// Adaptive Cards as elements: every element that arrives is drawn, or says that it is not.

import { el } from "../page/dom.js";
import { link } from "../page/links.js";
import { picture } from "../page/pictures.js";
import { notDrawn } from "../page/undrawn.js";
import { drawInput, inputsIn } from "./inputs.js";
import { richTextBlock, textBlock } from "./runs.js";

/**
 * What a person needs around them to use a card.
 * @typedef {object} Around
 * @property {string} id      unique on the page; ids of inputs begin with it
 * @property {string} lang    the language in which its times are shown
 * @property {Record<string, string>} errors  what is wrong, by input
 * @property {object|null} busy               the action that is on its way
 * @property {Set<string>} unfolded           which ShowCards are open, by their place
 * @property {(action, card: Element, inputs: object[]) => void} press
 * @property {(place: string) => void} unfold
 */

/** The card `card`, whose inputs `outer` go with its actions too. */
export function drawCard(card, around, outer = []) {
  const inputs = [...outer, ...inputsIn(card.body)];
  return el(
    "div",
    { class: "card", "data-card": around.id, lang: card.lang },
    (card.body ?? []).map((element) => spaced(element, around, inputs)),
    card.actions?.length > 0 && actions(card.actions, around, inputs, "card"),
  );
}

function spaced(element, around, inputs) {
  const drawn = shape(element, around, inputs);
  drawn.classList.add(`space-${(element.spacing ?? "default").toLowerCase()}`);
  if (element.separator) drawn.classList.add("is-separated");
  return drawn;
}

function shape(element, around, inputs) {
  if (element.type?.startsWith("Input.")) return drawInput(element, around);
  switch (element.type) {
    case "TextBlock":
      return textBlock(element, around);
    case "RichTextBlock":
      return richTextBlock(element, around);
    case "Image":
      return picture(element.url, element.altText, `card-image ${element.size === "medium" ? "is-small" : ""}`);
    case "Container":
      return el("div", { class: `card-box style-${element.style ?? "default"}` }, element.items.map((one) => spaced(one, around, inputs)));
    case "ActionSet":
      return actions(element.actions, around, inputs, "set");
    default:
      return notDrawn(element.type);
  }
}

function actions(listed, around, inputs, where) {
  const unfolded = listed.flatMap((action, number) => {
    const place = `${around.id}-${where}-${number}`;
    if (action.type !== "Action.ShowCard" || !around.unfolded.has(place)) return [];
    return [el("div", { class: "card-unfolded", key: place }, drawCard(action.card, { ...around, id: place }, inputs))];
  });
  const buttons = listed.map((action, number) => button(action, around, inputs, `${around.id}-${where}-${number}`));
  return el("div", { class: "card-actions" }, el("div", { class: "card-buttons" }, buttons), unfolded);
}

function button(action, around, inputs, place) {
  const look = `card-button ${action.style ?? ""} ${around.busy === place ? "is-busy" : ""}`;
  const props = { type: "button", key: place, class: look, disabled: action.isEnabled === false, "aria-disabled": around.busy ? "true" : null };
  switch (action.type) {
    case "Action.Execute":
    case "Action.Submit": {
      const hint = `teams:${action.verb ?? action.data?.verb ?? "submit"}`;
      const press = (event) => !around.busy && around.press(action, event.currentTarget.closest("[data-card]"), inputs, place);
      return el("button", { ...props, "data-hint": hint, onclick: press }, action.title);
    }
    case "Action.ShowCard":
      return el("button", { ...props, "aria-expanded": String(around.unfolded.has(place)), onclick: () => around.unfold(place) }, action.title);
    case "Action.OpenUrl":
      return link(action.url, action.title, { class: look, key: place });
    default:
      return action.fallback?.type ? button(action.fallback, around, inputs, place) : notDrawn(action.type);
  }
}
