// Teams' rail, and the list beside it: chats, or teams and their channels.

import { avatar } from "../page/avatars.js";
import { el, unseen } from "../page/dom.js";
import { icon } from "../page/icons.js";
import { say } from "../page/words.js";

const PARTS = [
  ["chat", "chat"],
  ["teams", "people"],
];

export function drawRail(pane) {
  return PARTS.map(([part, drawing]) => {
    const fresh = sum(listed(pane, part), (one) => pane.unread(one));
    const props = {
      type: "button",
      key: part,
      class: "rail-button",
      "data-hint": `teams:${part}`,
      "aria-pressed": String(pane.part === part),
      onclick: () => pane.turnTo(part),
    };
    return el("button", props, icon(drawing), el("span", {}, say(`teams.${part}`)), fresh > 0 && badge(fresh));
  });
}

export function drawList(pane) {
  const here = listed(pane, pane.part);
  const teams = [...new Set(here.map((one) => one.team ?? ""))];
  return [el("h3", { class: "list-title" }, say(`teams.${pane.part}`)), teams.map((team) => drawTeam(team, here, pane))];
}

/** A team and its channels; chats are in none. */
function drawTeam(team, here, pane) {
  const entries = here.filter((one) => (one.team ?? "") === team).map((one) => el("li", { key: one.id }, entry(one, pane)));
  return [team && el("h4", { class: "list-team" }, team), el("ul", { class: "list" }, entries)];
}

/** What a conversation is called: every team's first channel has a name that clients translate. */
export function named(conversation) {
  return conversation.team && conversation.name === "General" ? say("teams.general") : conversation.name;
}

function listed(pane, part) {
  return pane.conversations.filter((one) => (one.kind === "channel") === (part === "teams"));
}

function entry(conversation, pane) {
  const open = conversation.id === pane.conversation?.id;
  const fresh = open ? 0 : pane.unread(conversation);
  const props = {
    type: "button",
    class: `list-entry ${fresh ? "is-unread" : ""}`,
    "aria-current": open ? "true" : null,
    onclick: () => pane.go(conversation.id),
  };
  const face = conversation.kind === "channel" ? icon("hash") : avatar(conversation.name, { bot: conversation.kind === "personal" });
  return el("button", props, face, el("span", { class: "list-words" }, el("b", {}, named(conversation)), el("small", {}, lastWords(conversation))), fresh > 0 && badge(fresh));
}

function lastWords(conversation) {
  const last = conversation.messages.at(-1);
  if (!last || last.deleted) return "";
  return last.text || last.cards?.[0]?.fallbackText || "";
}

function badge(count) {
  return el("span", { class: "badge" }, count, unseen(say("unread", { count: "" })));
}

function sum(list, of) {
  return list.reduce((total, one) => total + of(one), 0);
}
