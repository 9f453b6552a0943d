// Slack's rich_text blocks as elements. People's words are in here, and they are only ever text.

import { el } from "../page/dom.js";
import { link } from "../page/links.js";
import { slackDate } from "../page/times.js";
import { notDrawn } from "../page/undrawn.js";

const STYLES = { bold: "b", italic: "i", strike: "s", code: "code" };

/** The elements of a rich_text block; `who(id)` gives the name behind a user id. */
export function richText(block, who) {
  return block.elements.map((part) => container(part, who));
}

function container(part, who) {
  const inside = () => part.elements.map((run) => inline(run, who));
  switch (part.type) {
    case "rich_text_section":
      return el("div", { class: "rich-section" }, inside());
    case "rich_text_quote":
      return el("blockquote", { class: "rich-quote" }, inside());
    case "rich_text_preformatted":
      return el("pre", { class: "rich-pre" }, inside());
    case "rich_text_list":
      return list(part, who);
    default:
      return notDrawn(part.type);
  }
}

function list(part, who) {
  const items = part.elements.map((item) => el("li", {}, container(item, who)));
  return el(part.style === "ordered" ? "ol" : "ul", { class: `rich-list indent-${part.indent ?? 0}` }, items);
}

function inline(run, who) {
  switch (run.type) {
    case "text":
      return styled(run.text, run.style);
    case "link":
      return styled(link(run.url, run.text), run.style);
    case "date":
      return styled(el("time", {}, slackDate(run.timestamp, run.format, run.fallback)), run.style);
    case "user":
      return el("span", { class: "mention" }, `@${who(run.user_id)}`);
    default:
      return notDrawn(run.type);
  }
}

function styled(content, style = {}) {
  return Object.entries(STYLES)
    .filter(([name]) => style[name])
    .reduce((inner, [, tag]) => el(tag, {}, inner), content);
}
