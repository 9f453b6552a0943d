// Teams' messages: bubbles in a chat, posts with their replies in a channel.

import { avatar } from "../page/avatars.js";
import { el } from "../page/dom.js";
import { editor } from "../page/editor.js";
import { icon, tool } from "../page/icons.js";
import { clockTime, day } from "../page/times.js";
import { say } from "../page/words.js";
import { drawCard } from "./cards.js";

/** The messages of `pane`'s conversation. */
export function drawMessages(pane) {
  const messages = pane.messages;
  const drawn = pane.isChannel ? posts(messages, pane) : messages.map((message) => bubble(message, pane));
  const dated = pane.isChannel ? messages.filter((message) => !message.reply_to) : messages;
  return drawn.flatMap((node, number) => {
    const isNew = number === 0 || dayOf(dated[number - 1]) !== dayOf(dated[number]);
    return [isNew && el("div", { class: "day-line", key: `day-${dated[number].id}` }, el("span", {}, dayOf(dated[number]))), node];
  });
}

function posts(messages, pane) {
  const known = new Set(messages.map((message) => message.id));
  const isRoot = (message) => !known.has(message.reply_to);
  return messages.filter(isRoot).map((root) =>
    el(
      "section",
      { class: "post", key: `post-${root.id}`, "aria-label": root.name },
      [root, ...messages.filter((message) => message.reply_to === root.id)].map((message) => bubble(message, pane)),
      el("button", { type: "button", class: "post-reply", onclick: () => pane.replyTo(root.id) }, icon("chat"), say("teams.reply")),
    ),
  );
}

function bubble(message, pane) {
  const look = `bubble ${message.mine && !pane.isChannel ? "is-mine" : ""} ${message.cards?.length ? "has-card" : ""}`;
  return el(
    "article",
    { class: look, key: message.id, tabindex: -1, "data-message": message.id, "aria-label": message.name },
    !(message.mine && !pane.isChannel) && avatar(message.name, { bot: message.bot }),
    el(
      "div",
      { class: "bubble-body" },
      el(
        "p",
        { class: "bubble-head" },
        el("span", { class: "bubble-name" }, message.name),
        el("time", {}, clockTime(at(message))),
        message.edited && el("small", {}, say("edited")),
      ),
      shown(message, pane),
    ),
    tools(message, pane),
  );
}

function shown(message, pane) {
  if (message.deleted) return el("p", { class: "is-gone" }, say("deleted"));
  if (pane.editing !== message.id) return content(message, pane);
  const leave = () => pane.startEditing(null);
  return editor({ id: message.id, text: message.text, save: (text) => pane.edit(message, text), leave, button: "card-button" });
}

function content(message, pane) {
  return [
    message.text && el("p", { class: "bubble-text" }, message.text),
    (message.cards ?? []).map((card, number) => cardWithNews(card, message, number, pane)),
  ];
}

/** A card, and below it what came of the last press. */
function cardWithNews(card, message, number, pane) {
  const news = pane.news(message, number);
  return el(
    "div",
    { class: "card-frame", key: `card-${number}`, "aria-busy": news.busy ? "true" : null },
    drawCard(card, pane.around(card, message, number)),
    news.error && el("p", { class: "card-news is-bad", role: "alert" }, news.error),
    news.notice && el("p", { class: "card-news", role: "status" }, icon("check"), news.notice),
  );
}

function tools(message, pane) {
  const own = message.mine && !message.deleted;
  return el(
    "div",
    { class: "message-tools" },
    own && tool("edit", "edit", () => pane.startEditing(message.id)),
    own && tool("remove", "remove", () => pane.remove(message)),
    tool("code", "behind", (event) => pane.behind("teams", message.id, event.currentTarget), "teams:behind"),
  );
}

function at(message) {
  return new Date(message.order);
}

function dayOf(message) {
  return day(at(message));
}
