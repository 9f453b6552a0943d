// Instants as their reader's own client would show them: in the browser's zone, in the page's language.

import { locale } from "./words.js";

const SLACK = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date_slash: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { year: "numeric", month: "long", day: "numeric", weekday: "long" },
  time: { hour: "numeric", minute: "2-digit" },
  time_secs: { hour: "numeric", minute: "2-digit", second: "2-digit" },
};
const TEAMS = {
  COMPACT: { year: "numeric", month: "numeric", day: "numeric" },
  SHORT: { year: "numeric", month: "short", day: "numeric", weekday: "short" },
  LONG: { year: "numeric", month: "long", day: "numeric", weekday: "long" },
};
const EXPRESSION = /\{\{(DATE|TIME)\(([^,)]+)(?:,\s*(COMPACT|SHORT|LONG))?\)\}\}/g;

/** Slack's date format, such as "{date_long} {time}"; its fallback for a token that is not known. */
export function slackDate(timestamp, format, fallback) {
  const instant = new Date(timestamp * 1000);
  const parts = format.replace(/\{(\w+?)(?:_pretty)?\}/g, (whole, token) =>
    SLACK[token] ? shown(instant, SLACK[token]) : whole,
  );
  return /\{\w+\}/.test(parts) ? (fallback ?? parts) : parts;
}

/** Text of a card with its {{DATE()}} and {{TIME()}} filled in, in the card's language. */
export function cardText(text, lang) {
  return text.replace(EXPRESSION, (whole, kind, said, style) => {
    const instant = new Date(said.trim());
    if (Number.isNaN(instant.valueOf())) return whole;
    return shown(instant, kind === "TIME" ? SLACK.time : TEAMS[style ?? "COMPACT"], lang);
  });
}

/** 9:41, as it stands beside a message. */
export function clockTime(instant) {
  return shown(instant, SLACK.time);
}

/** The day as a divider between messages says it. */
export function day(instant) {
  return shown(instant, { month: "long", day: "numeric", weekday: "long" });
}

export function moment(instant) {
  return shown(instant, { ...TEAMS.SHORT, hour: "numeric", minute: "2-digit" });
}

function shown(instant, options, lang) {
  return new Intl.DateTimeFormat(lang || locale(), options).format(instant);
}
