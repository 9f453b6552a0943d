// Slack's mrkdwn, as it stands in a message's text and in mrkdwn objects: what Slack would read into it is shown.

import { el } from "../page/dom.js";
import { link } from "../page/links.js";
import { slackDate } from "../page/times.js";

const TOKEN = /<([^<>\n]+)>|```([\s\S]+?)```|`([^`\n]+)`|\*([^*\n]+)\*|~([^~\n]+)~|_([^_\n]+)_/g;
const TAGS = [null, null, "pre", "code", "b", "s", "i"];

/** `text` as nodes; `who(id)` gives the name behind a user id. */
export function mrkdwn(text, who) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    nodes.push(plain(text.slice(end, match.index)), token(match, who));
    end = match.index + match[0].length;
  }
  return [...nodes, plain(text.slice(end))];
}

function token(match, who) {
  if (match[1] !== undefined) return special(match[1], who);
  const number = match.findIndex((part, at) => at > 1 && part !== undefined);
  return el(TAGS[number], {}, plain(match[number]));
}

function special(inside, who) {
  const [target, label] = inside.split("|");
  if (target.startsWith("@")) return mention(`@${who(target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${label ?? target.slice(1)}`);
  if (target.startsWith("!date^")) {
    const [, timestamp, format] = target.split("^");
    return el("time", {}, slackDate(Number(timestamp), format, label));
  }
  if (target.startsWith("!")) return mention(`@${label ?? target.slice(1).split("^")[0]}`);
  return link(plain(target), plain(label ?? target));
}

function mention(text) {
  return el("span", { class: "mention" }, text);
}

function plain(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
