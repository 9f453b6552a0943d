// The page's own line drawings, 20 by 20.

import { el, svg, unseen } from "./dom.js";
import { say } from "./words.js";

const PATHS = {
  hash: "M8 3 6 17M14 3l-2 14M3.5 7.5h14M2.5 12.5h14",
  lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  thread: "M3 4h14v9H9l-4 3.5V13H3z",
  code: "M7 6l-4 4 4 4M13 6l4 4-4 4M11.5 4l-3 12",
  edit: "M4 16l.7-3.3L13.5 4l2.5 2.5-8.8 8.8z",
  remove: "M4 6h12M8 6V4h4v2M6 6l.8 11h6.4L14 6",
  close: "M5 5l10 10M15 5L5 15",
  send: "M3 4l14 6-14 6 2.5-6zM5.5 10H11",
  menu: "M3 5h14M3 10h14M3 15h14",
  eye: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5zM10 8a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
  chat: "M3 4h14v10H8l-4 3v-3H3z",
  people: "M7 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM1.5 17c0-3.5 2.5-5.5 5.5-5.5s5.5 2 5.5 5.5M13 9a2.5 2.5 0 1 0-.5-4.9M14 11.5c2.5.3 4.5 2 4.5 5",
  down: "M5 8l5 5 5-5",
  search: "M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM13 13l4 4",
  sliders: "M3 6h8M15 6h2M3 14h2M9 14h8M13 4v4M7 12v4",
  mail: "M2.5 4.5h15v11h-15zM3 5l7 6 7-6",
  theme: "M10 2.5a7.5 7.5 0 1 0 0 15zM10 2.5a7.5 7.5 0 0 1 0 15",
  puzzle: "M4 7h3a2 2 0 1 1 4 0h4v4a2 2 0 1 1 0 4v2H4z",
  check: "M4 10.5l4 4 8-9",
};

/** A button that is only a drawing; `name` is what it is called. */
export function tool(drawing, name, onclick, hint) {
  return el("button", { type: "button", title: say(name), "data-hint": hint, onclick }, icon(drawing), unseen(say(name)));
}

export function icon(name) {
  const drawn = svg("path", { d: PATHS[name] });
  return svg("svg", { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" }, drawn);
}
