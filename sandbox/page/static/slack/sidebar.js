// Slack's sidebar: channels, direct messages, and the app.

import { avatar } from "../page/avatars.js";
import { el, unseen } from "../page/dom.js";
import { icon } from "../page/icons.js";
import { say } from "../page/words.js";

/** The list of `pane`'s conversations, as its person sees them. */
export function drawSidebar(pane) {
  const { app, channels, people } = grouped(pane);
  return [
    group("slack.channels", channels.map((one) => entry(one, pane, icon(one.kind === "group" ? "lock" : "hash")))),
    group("slack.messages", people.map((one) => entry(one, pane, avatar(one.name)))),
    group("slack.apps", app.map((one) => entry(one, pane, avatar(one.name, { bot: true })))),
  ];
}

function grouped(pane) {
  const app = pane.conversations.filter((one) => pane.isApp(one));
  const others = pane.conversations.filter((one) => !pane.isApp(one));
  return {
    app,
    channels: others.filter((one) => one.kind !== "im"),
    people: others.filter((one) => one.kind === "im"),
  };
}

function group(name, entries) {
  return entries.length > 0 && [el("h3", { class: "side-title" }, say(name)), el("ul", { class: "side-list" }, entries)];
}

function entry(conversation, pane, face) {
  const open = conversation.id === pane.conversation?.id;
  const fresh = open ? 0 : pane.unread(conversation);
  const props = {
    type: "button",
    class: `side-entry ${fresh ? "is-unread" : ""}`,
    "aria-current": open ? "true" : null,
    onclick: () => pane.go(conversation.id),
  };
  const mark = fresh > 0 && el("span", { class: "badge" }, fresh, unseen(say("unread", { count: "" })));
  return el("li", { key: conversation.id }, el("button", props, face, el("span", {}, conversation.name), mark));
}
