// The texts of Adaptive Cards. A TextRun is literal; only {{DATE()}} and {{TIME()}} are filled in.

import { el } from "../page/dom.js";
import { link } from "../page/links.js";
import { cardText } from "../page/times.js";
import { notDrawn } from "../page/undrawn.js";

/** A RichTextBlock. */
export function richTextBlock(element, around) {
  return el("div", { class: "card-text" }, element.inlines.map((run) => inline(run, around)));
}

/** A TextBlock, whose text is shown as it is. */
export function textBlock(element, around) {
  const wrap = element.wrap ? "" : "is-one-line";
  return el("div", { class: `card-text ${looks(element)} ${wrap}` }, cardText(element.text, around.lang));
}

function inline(run, around) {
  if (typeof run === "string") return cardText(run, around.lang);
  if (run.type !== "TextRun") return notDrawn(run.type);
  const text = cardText(run.text, around.lang);
  const props = { class: looks(run) };
  if (!run.selectAction) return el("span", props, text);
  if (run.selectAction.type === "Action.OpenUrl") return link(run.selectAction.url, text, props);
  return notDrawn(run.selectAction.type);
}

function looks(run) {
  return [
    run.size && `size-${run.size.toLowerCase()}`,
    run.weight && `weight-${run.weight.toLowerCase()}`,
    run.color && `color-${run.color.toLowerCase()}`,
    run.fontType === "monospace" && "is-mono",
    run.isSubtle && "is-subtle",
    run.italic && "is-italic",
    run.strikethrough && "is-struck",
    run.underline && "is-underlined",
    run.highlight && "is-highlit",
  ]
    .filter(Boolean)
    .join(" ");
}
