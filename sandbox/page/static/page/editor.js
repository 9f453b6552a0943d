// Changing what one wrote, in its place: Enter saves, Shift+Enter breaks the line, Escape leaves.

import { el } from "./dom.js";
import { say } from "./words.js";

/** A form for `text`; `save(text)` is told the new one, `leave()` that it stays as it was. */
export function editor({ id, text, save, leave, button }) {
  const pressed = (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") leave();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    event.currentTarget.form.requestSubmit();
  };
  const saved = (event) => {
    event.preventDefault();
    save(event.target.querySelector("textarea").value);
  };
  return el(
    "form",
    { class: "message-editor", onsubmit: saved },
    el("textarea", { rows: 2, key: `edit-${id}`, "aria-label": say("edit"), value: text, onkeydown: pressed }),
    el("button", { type: "button", class: button, onclick: leave }, say("cancel")),
    el("button", { type: "submit", class: `${button} primary` }, say("save")),
  );
}
