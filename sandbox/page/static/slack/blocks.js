// Block Kit as elements: every block that arrives is drawn, or says that it is not.

import { el } from "../page/dom.js";
import { link } from "../page/links.js";
import { picture } from "../page/pictures.js";
import { notDrawn } from "../page/undrawn.js";
import { field } from "./fields.js";
import { mrkdwn } from "./mrkdwn.js";
import { richText } from "./richtext.js";

/**
 * What a person needs around them to use blocks.
 * @typedef {object} Around
 * @property {string} id          unique on the page; ids of fields begin with it
 * @property {(id: string) => string} who       the name behind a user id
 * @property {(block, element) => void} press   a button was pressed
 * @property {(block, element, value) => void} select  something was chosen outside a form
 * @property {Record<string, string>} errors    what is wrong, by block_id
 * @property {Record<string, object>} values    Slack's view state
 * @property {string} busy                      the action_id that is on its way
 */

/** The elements that show `blocks`. */
export function drawBlocks(blocks, around) {
  return blocks.map((block, number) => drawn({ ...block, block_id: block.block_id ?? `block${number}` }, around));
}

function drawn(block, around) {
  switch (block.type) {
    case "header":
      return el("h4", { class: "block-header" }, words(block.text, around));
    case "rich_text":
      return el("div", { class: "block-rich" }, richText(block, around.who));
    case "section":
      return section(block, around);
    case "image":
      return image(block);
    case "context":
      return el("div", { class: "block-context" }, block.elements.map((part) => contextual(part, around)));
    case "divider":
      return el("hr", { class: "block-divider" });
    case "actions":
      return el("div", { class: "block-actions" }, block.elements.map((part) => acting(block, part, around)));
    case "input":
      return field(block, around);
    default:
      return notDrawn(block.type);
  }
}

function section(block, around) {
  return el(
    "div",
    { class: "block-section" },
    block.text && el("div", { class: "block-text" }, words(block.text, around)),
    block.fields && el("div", { class: "block-fields" }, block.fields.map((text) => el("div", {}, words(text, around)))),
    block.accessory && (block.accessory.type === "image" ? image(block.accessory, "is-small") : acting(block, block.accessory, around)),
  );
}

function image(block, size = "") {
  return picture(block.image_url, block.alt_text, `block-image ${size}`);
}

function contextual(part, around) {
  return ["plain_text", "mrkdwn"].includes(part.type) ? el("span", {}, words(part, around)) : notDrawn(part.type);
}

function words(text, around) {
  return text.type === "mrkdwn" ? mrkdwn(text.text, around.who) : text.text;
}

function acting(block, element, around) {
  switch (element.type) {
    case "button":
      return button(block, element, around);
    case "static_select":
    case "datepicker":
      return field({ ...block, element, label: element.placeholder }, around);
    default:
      return notDrawn(element.type);
  }
}

function button(block, element, around) {
  const busy = around.busy === element.action_id;
  const props = {
    type: "button",
    key: element.action_id,
    class: `slack-button ${element.style ?? ""} ${busy ? "is-busy" : ""}`,
    "data-hint": `slack:${element.action_id.split("#")[0]}`,
    "data-action": element.action_id,
    "aria-disabled": around.busy ? "true" : null,
    onclick: () => !around.busy && around.press(block, element),
  };
  if (element.url) return link(element.url, element.text.text, { class: props.class });
  return el("button", props, element.text.text);
}
