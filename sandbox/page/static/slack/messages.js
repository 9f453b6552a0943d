// Slack's messages: one below the other, days apart, replies behind a link.

import { avatar } from "../page/avatars.js";
import { el } from "../page/dom.js";
import { editor } from "../page/editor.js";
import { icon, tool } from "../page/icons.js";
import { clockTime, day } from "../page/times.js";
import { find, say } from "../page/words.js";
import { drawBlocks } from "./blocks.js";
import { mrkdwn } from "./mrkdwn.js";

const CLOSE = 300;

/** The messages of a conversation that stand in the main list, oldest first. */
export function roots(messages) {
  return messages.filter((message) => !message.thread_ts || message.thread_ts === message.ts);
}

/** A thread: the message it began with, and its replies. */
export function thread(messages, ts) {
  return messages.filter((message) => message.ts === ts || message.thread_ts === ts);
}

/** All of `messages`, with a line where a day begins. `pane` says who looks and what they can do. */
export function drawMessages(messages, pane, { inThread = false } = {}) {
  return messages.flatMap((message, number) => {
    const before = messages[number - 1];
    const newDay = !before || day(at(before)) !== day(at(message));
    const line = newDay && !inThread && dayLine(message);
    return [line, drawMessage(message, pane, { inThread, follows: !newDay && follows(before, message) })];
  });
}

function dayLine(message) {
  return el("div", { class: "day-line", key: `day-${message.ts}` }, el("span", {}, day(at(message))));
}

function follows(before, message) {
  return before.user === message.user && !before.ephemeral && !message.ephemeral && message.order - before.order < CLOSE;
}

function drawMessage(message, pane, { inThread, follows: isFollowing }) {
  const look = `message ${isFollowing ? "is-following" : ""} ${message.ephemeral ? "is-ephemeral" : ""}`;
  return el(
    "article",
    { class: look, key: message.ts, tabindex: -1, "data-ts": message.ts, "aria-label": message.name },
    avatar(message.name, { bot: message.bot }),
    el(
      "div",
      { class: "message-body" },
      message.ephemeral && el("p", { class: "only-you" }, icon("eye"), say("slack.onlyYou")),
      el(
        "p",
        { class: "message-head" },
        el("b", { class: "message-name" }, message.name),
        message.bot && el("span", { class: "app-badge" }, say("app")),
        el("time", {}, clockTime(at(message))),
      ),
      pane.editing === message.ts ? editing(message, pane) : content(message, pane, inThread),
      !inThread && replies(message, pane),
    ),
    tools(message, pane, inThread),
  );
}

function content(message, pane, inThread) {
  if (message.deleted) return el("p", { class: "is-gone" }, say("deleted"));
  const around = pane.around(message, inThread);
  const drawn = message.blocks?.length
    ? drawBlocks(message.blocks, around)
    : el("div", { class: "block-text" }, mrkdwn(message.text, around.who));
  const below = (message.unfurls ?? []).map((blocks) => el("div", { class: "unfurl" }, drawBlocks(blocks, around)));
  return [drawn, message.edited && el("small", { class: "is-edited" }, say("edited")), below];
}

function replies(message, pane) {
  const said = thread(pane.messages, message.ts).filter((one) => one.ts !== message.ts);
  if (said.length === 0) return null;
  const faces = [...new Map(said.map((one) => [one.name, one])).values()].slice(0, 3);
  const count = (said.length === 1 && find("slack.oneReply")) || say("slack.replies", { count: said.length });
  return el(
    "button",
    { type: "button", class: "thread-link", "data-hint": "slack:thread", onclick: () => pane.openThread(message.ts) },
    faces.map((one) => avatar(one.name, { bot: one.bot })),
    el("b", {}, count),
    el("time", {}, clockTime(at(said.at(-1)))),
  );
}

function editing(message, pane) {
  const leave = () => pane.startEditing(null);
  return editor({ id: message.ts, text: message.text, save: (text) => pane.edit(message, text), leave, button: "slack-button" });
}

function tools(message, pane, inThread) {
  const own = message.mine && !message.deleted && !message.ephemeral;
  const canReply = !inThread && !message.ephemeral && !message.deleted;
  return el(
    "div",
    { class: "message-tools" },
    canReply && tool("thread", "slack.replyIn", () => pane.openThread(message.ts), "slack:reply"),
    own && tool("edit", "edit", () => pane.startEditing(message.ts)),
    own && tool("remove", "remove", () => pane.remove(message)),
    tool("code", "behind", (event) => pane.behind("slack", message.ts, event.currentTarget), "slack:behind"),
  );
}

function at(message) {
  return new Date(message.order * 1000);
}
