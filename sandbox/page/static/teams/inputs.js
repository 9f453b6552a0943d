// The inputs of Adaptive Cards: drawing them, gathering what was given, refusing what Teams would not send.

import { el } from "../page/dom.js";
import { notDrawn } from "../page/undrawn.js";
import { say } from "../page/words.js";

const STYLES = { email: "email", tel: "tel", url: "url", text: "text" };

/** One input with its label and, once it was refused, the card's own words for that. */
export function drawInput(element, around) {
  const id = `${around.id}-${element.id}`;
  const error = around.errors[element.id];
  const common = {
    "data-input": element.id,
    "data-hint": `teams:field:${element.id}`,
    "aria-invalid": error ? "true" : null,
    "aria-describedby": error ? `${id}-error` : null,
  };
  const made = control(element, id, common, around);
  if (!made) return notDrawn(element.type);
  return el("div", { class: `card-input ${error ? "is-wrong" : ""}`, key: id }, made, error && el("p", { class: "card-error", id: `${id}-error`, role: "alert" }, error));
}

/** What goes with an action pressed on `card`: its own inputs and those of the cards around it. */
export function gather(card) {
  const given = {};
  for (let at = card; at; at = at.parentElement?.closest("[data-card]")) {
    for (const input of at.querySelectorAll("[data-input]")) {
      if (input.closest("[data-card]") !== at) continue;
      if (input.type === "checkbox" && input.checked && given[input.dataset.input]) given[input.dataset.input] += `,${input.value}`;
      else Object.assign(given, valueOf(input));
    }
  }
  return given;
}

/** What Teams would not send, by input; `elements` are the inputs that go with the action. */
export function amiss(elements, given) {
  const wrong = {};
  for (const element of elements) {
    const value = given[element.id] ?? "";
    if (element.isRequired && !value.trim()) wrong[element.id] = element.errorMessage || say("required");
    else if (element.maxLength && value.length > element.maxLength) {
      wrong[element.id] = say("tooLong", { max: element.maxLength, count: value.length });
    }
  }
  return wrong;
}

/** The inputs among `elements` and in what they hold. */
export function inputsIn(elements = []) {
  return elements.flatMap((one) => (one.type?.startsWith("Input.") ? [one] : inputsIn(one.items)));
}

function valueOf(input) {
  if (["radio", "checkbox"].includes(input.type)) return input.checked ? { [input.dataset.input]: input.value } : {};
  const leftOut = input.value === "" && input.type !== "text" && input.nodeName !== "TEXTAREA" && input.type !== "email";
  return leftOut ? {} : { [input.dataset.input]: input.value };
}

function control(element, id, common, around) {
  const required = { ...common, "aria-required": element.isRequired ? "true" : null };
  const single = { ...required, id, key: `${id}-control`, value: element.value ?? "", placeholder: element.placeholder };
  switch (element.type) {
    case "Input.Text":
      return [label(element, id), text(element, single)];
    case "Input.Date":
      return [label(element, id), el("input", { ...single, type: "date", min: element.min, max: element.max })];
    case "Input.ChoiceSet":
      if (element.style === "filtered") return null;
      return element.isMultiSelect || element.style === "expanded" ? radios(element, id, common, around) : [label(element, id), menu(element, single)];
    default:
      return null;
  }
}

function label(element, id) {
  return element.label && el("label", { for: id }, element.label, star(element));
}

function star(element) {
  return element.isRequired && el("span", { class: "card-star", "aria-hidden": "true" }, " *");
}

function text(element, props) {
  const shared = { ...props, maxlength: element.maxLength, autocomplete: "off" };
  if (element.isMultiline) return el("textarea", { ...shared, rows: 3 });
  return el("input", { ...shared, type: STYLES[element.style] ?? "text" });
}

function menu(element, props) {
  const options = element.choices.map((choice) => el("option", { value: choice.value }, choice.title));
  return el("select", { ...props, placeholder: null }, el("option", { value: "" }, element.placeholder ?? say("choose")), options);
}

function radios(element, id, common) {
  const chosen = element.isMultiSelect ? (element.value ?? "").split(",") : [element.value];
  const type = element.isMultiSelect ? "checkbox" : "radio";
  return el(
    "fieldset",
    { class: "card-choices" },
    el("legend", {}, element.label, star(element)),
    element.choices.map((choice) =>
      el(
        "label",
        { key: `${id}-${choice.value}` },
        el("input", { ...common, type, name: id, value: choice.value, checked: chosen.includes(choice.value) }),
        el("span", {}, choice.title),
      ),
    ),
  );
}
