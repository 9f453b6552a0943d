// Slack's modal: a dialog over its own pane alone, so that the other one can still be used.

import { el } from "../page/dom.js";
import { icon } from "../page/icons.js";
import { say } from "../page/words.js";
import { drawBlocks } from "./blocks.js";
import { amiss, filledIn } from "./fields.js";

/** The modal `view` of `pane`. */
export function drawModal(view, pane) {
  const title = textOf(view.title);
  const submit = textOf(view.submit);
  const busy = pane.busy.has(view.id);
  const sent = (event) => {
    event.preventDefault();
    send(view, event.currentTarget, pane);
  };
  return el(
    "form",
    {
      class: "modal",
      key: view.id,
      role: "dialog",
      tabindex: -1,
      novalidate: true,
      "aria-label": say("slack.modal", { title }),
      "aria-busy": busy ? "true" : null,
      onsubmit: sent,
      onkeydown: (event) => event.key === "Escape" && !event.isComposing && pane.closeModal(view),
    },
    el(
      "header",
      { class: "modal-head" },
      el("h3", {}, title),
      el("button", { type: "button", class: "icon-button", "aria-label": say("close"), onclick: () => pane.closeModal(view) }, icon("close")),
    ),
    el("div", { class: "modal-blocks", tabindex: 0, role: "group", "aria-label": title }, drawBlocks(view.blocks, pane.aroundView(view, view.id))),
    pane.trouble.has(view.id) && el("p", { class: "modal-trouble", role: "alert" }, say("slack.trouble")),
    el(
      "footer",
      { class: "modal-foot" },
      el("button", { type: "button", class: "slack-button", "data-hint": submit ? null : "slack:done", onclick: () => pane.closeModal(view) }, textOf(view.close) || say("close")),
      submit && el("button", { type: "submit", class: "slack-button primary", "data-hint": "slack:submit", "aria-disabled": busy ? "true" : null }, busy ? say("sending") : submit),
    ),
  );
}

function send(view, form, pane) {
  if (pane.busy.has(view.id)) return;
  const values = filledIn(form);
  const wrong = amiss(view.blocks, values);
  pane.mark(view.id, wrong);
  if (Object.keys(wrong).length > 0) form.querySelector("[aria-invalid]")?.focus();
  else pane.submit(view, values, form);
}

function textOf(text) {
  return typeof text === "string" ? text : (text?.text ?? "");
}
