// The fields of Slack's forms, and what was filled into them.

import { el } from "../page/dom.js";
import { notDrawn } from "../page/undrawn.js";
import { say } from "../page/words.js";

const TEXTS = { plain_text_input: "text", email_text_input: "email" };

/** An input block: label, field, hint, and what is wrong. */
export function field(block, around) {
  const id = `${around.id}-${block.block_id}`;
  const error = around.errors?.[block.block_id];
  const about = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const made = control(block, id, about, error, around);
  if (!made) return notDrawn(block.element.type);
  return el(
    "div",
    { class: `field ${error ? "is-wrong" : ""}`, key: id },
    el("label", { for: id }, block.label?.text ?? "", block.optional && el("span", { class: "field-optional" }, ` ${say("slack.optional")}`)),
    made,
    error && el("p", { class: "field-error", id: `${id}-error`, role: "alert" }, error),
    block.hint && el("p", { class: "field-hint", id: `${id}-hint` }, block.hint.text),
  );
}

/** What is filled in below `root`, by block_id; null where nothing is. */
export function filledIn(root) {
  const given = {};
  for (const input of root.querySelectorAll("[data-field]")) {
    if (input.type === "checkbox") given[input.dataset.field] = [...(given[input.dataset.field] ?? []), ...(input.checked ? [input.value] : [])];
    else given[input.dataset.field] = input.value || null;
  }
  return given;
}

/** What Slack's client would not let through, by block_id. */
export function amiss(blocks, values) {
  const wrong = {};
  for (const block of blocks.filter((one) => one.type === "input")) {
    const value = values[block.block_id];
    const most = block.element.max_length ?? 3000;
    if (Array.isArray(value) ? !value.length : !value?.trim()) {
      if (!block.optional) wrong[block.block_id] = say("required");
    } else if (block.element.type in TEXTS && value.length > most) {
      wrong[block.block_id] = say("tooLong", { max: most, count: value.length });
    }
  }
  return wrong;
}

function control(block, id, about, error, around) {
  const element = block.element;
  const held = around.values?.[block.block_id]?.[element.action_id] ?? {};
  const common = {
    id,
    key: `${id}-control`,
    "data-field": block.block_id,
    "data-hint": `slack:field:${block.block_id}`,
    "aria-describedby": about || null,
    "aria-invalid": error ? "true" : null,
    "aria-required": block.type === "input" && !block.optional ? "true" : null,
    "aria-label": block.label ? null : element.action_id,
    onchange: block.type === "input" ? null : (event) => around.select(block, element, event.target.value),
  };
  if (element.type in TEXTS) return typed(element, held, common);
  if (element.type === "datepicker") {
    return el("input", { ...common, type: "date", value: held.selected_date ?? element.initial_date ?? "" });
  }
  if (element.type === "static_select") return menu(element, held, common);
  if (element.type === "checkboxes") return boxes(element, held, common);
  return null;
}

function typed(element, held, common) {
  const value = held.value ?? element.initial_value ?? "";
  const shared = { ...common, placeholder: element.placeholder?.text, autocomplete: "off", value };
  if (element.multiline) return el("textarea", { ...shared, rows: 4 });
  return el("input", { ...shared, type: TEXTS[element.type] });
}

function boxes(element, held, common) {
  const chosen = (held.selected_options ?? element.initial_options ?? []).map((option) => option.value);
  const ticked = (option) => chosen.includes(option.value);
  return el(
    "fieldset",
    { id: common.id, class: "field-boxes" },
    element.options.map((option) =>
      el(
        "label",
        { key: `${common.id}-${option.value}` },
        el("input", { ...common, id: null, key: null, type: "checkbox", value: option.value, checked: ticked(option) }),
        el("span", {}, option.text.text),
      ),
    ),
  );
}

function menu(element, held, common) {
  const chosen = (held.selected_option ?? element.initial_option)?.value ?? "";
  const options = element.options.map((option) => el("option", { value: option.value }, option.text.text));
  return el("select", { ...common, value: chosen }, el("option", { value: "" }, element.placeholder?.text ?? say("choose")), options);
}
