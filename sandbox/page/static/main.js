// Puts the page together: two panes, the tools around them, and what makes them live.

import { get, Unreachable } from "./page/api.js";
import { el } from "./page/dom.js";
import { icon } from "./page/icons.js";
import { listen, oneAtATime } from "./page/live.js";
import { keep, kept } from "./page/memory.js";
import { redraw } from "./page/patch.js";
import { applyTheme, switchTheme } from "./page/theme.js";
import { forget } from "./page/unread.js";
import { locale, say, speak } from "./page/words.js";
import { SlackPane } from "./slack/pane.js";
import { TeamsPane } from "./teams/pane.js";
import { Behind } from "./tools/behind.js";
import { Controls } from "./tools/controls.js";
import { Drawer } from "./tools/drawer.js";
import { Mail } from "./tools/mail.js";
import { Story } from "./tools/story.js";

const at = (id) => document.getElementById(id);
const NAMES = { slack: "Slack", teams: "Teams" };

class Page {
  constructor(start) {
    this.start = start;
    const drawn = () => this.drawTop();
    const behind = (kind, message, opener) => this.lookBehind(kind, message, opener);
    this.panes = { slack: new SlackPane(start.slack, { behind, drawn }), teams: new TeamsPane(start.teams, { behind, drawn }) };
    this.drawer = new Drawer(at("drawer"));
    const redrawn = () => this.drawTools();
    const failed = (work) => this.failing(work);
    this.behind = new Behind(redrawn);
    this.mail = new Mail(redrawn);
    this.controls = new Controls({ redrawn, failed, reset: () => this.begin() });
    this.story = new Story({ panes: this.panes, turnTo: (name) => this.turnTo(name), redrawn, failed });
    this.refetchStory = oneAtATime(() => this.failing(() => this.story.fetch()));
    this.refetchControls = oneAtATime(() => this.failing(() => this.controls.fetch()));
    this.refetchMail = oneAtATime(() => this.failing(() => this.mail.fetch()));
    this.refetchBehind = oneAtATime(() => this.failing(async () => this.drawer.tool === this.behind && (await this.behind.refresh())));
    at("panes").append(this.panes.slack.node, this.panes.teams.node);
    this.turnTo("teams");
  }

  // what is seen

  draw() {
    document.title = say("title");
    redraw(at("skips"), Object.entries(NAMES).map(([id, name]) => el("a", { class: "skip", href: `#${id}` }, say("skip", { name }))));
    this.panes.slack.draw();
    this.panes.teams.draw();
    this.drawTools();
  }

  drawTools() {
    this.drawTop();
    redraw(at("story"), this.story.draw());
    this.drawer.draw();
    this.story.point();
  }

  drawTop() {
    redraw(
      at("top"),
      el("div", { class: "brand" }, el("h1", {}, say("title")), el("p", {}, say("tagline"))),
      el("div", { class: "pane-switch", role: "group", "aria-label": say("panes") }, Object.entries(NAMES).map(([id, name]) => this.paneButton(id, name))),
      this.controls.trouble.length > 0 &&
        el("p", { class: "trouble" }, say("tools.on", { names: this.controls.trouble.map((name) => say(`faults.${name}`)).join(" · ") })),
      this.controls.waiting > 0 && el("p", { class: "waiting" }, say("tools.waiting", { count: this.controls.waiting })),
      el(
        "div",
        { class: "tool-buttons" },
        this.toolButton("controls", "sliders", this.controls, this.controls.trouble.length),
        this.toolButton("mail", "mail", this.mail, this.mail.fresh),
        el("button", { type: "button", title: say("theme"), "aria-label": say("theme"), "data-hint": "theme", onclick: switchTheme }, icon("theme")),
        el("button", { type: "button", title: say("languageTitle"), "data-hint": "language", lang: locale() === "ja" ? "en" : "ja", onclick: () => this.switchLanguage() }, say("language")),
      ),
    );
    this.story.point();
  }

  paneButton(id, name) {
    const pressed = document.body.dataset.pane === id;
    const fresh = pressed ? 0 : this.panes[id].fresh;
    return el("button", { type: "button", key: id, "data-hint": `pane:${id}`, "aria-pressed": String(pressed), onclick: () => this.turnTo(id) }, name, fresh > 0 && el("span", { class: "badge" }, fresh));
  }

  toolButton(name, drawing, tool, count) {
    const props = { type: "button", key: name, "data-hint": name, title: say(name), "aria-label": count > 0 ? `${say(name)} (${count})` : say(name), "aria-pressed": String(this.drawer.tool === tool), onclick: (event) => this.openTool(tool, event.currentTarget) };
    return el("button", props, icon(drawing), el("span", {}, say(name)), count > 0 && el("span", { class: "badge" }, count));
  }

  // what is done

  openTool(tool, opener) {
    this.drawer.toggle(tool, opener);
    this.drawTop();
  }

  lookBehind(kind, message, opener) {
    this.behind.found = null;
    this.drawer.open(this.behind, opener);
    return this.failing(() => this.behind.look(kind, message));
  }

  turnTo(name) {
    document.body.dataset.pane = name;
    this.panes[name].draw();
  }

  switchLanguage() {
    speak(locale() === "ja" ? "en" : "ja");
    keep("language", locale());
    this.draw();
  }

  async failing(work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      at("line").textContent = say("failed", { error: error.message });
      setTimeout(() => (at("line").textContent = ""), 6000);
    }
  }

  // staying live

  changed(kind) {
    if (kind === "reset") return this.begin();
    if (kind === "slack" || kind === "teams") this.panes[kind].refetch();
    if (kind === "mail") this.refetchMail();
    if (kind === "clock" || kind === "faults") this.refetchControls();
    this.refetchStory();
    this.refetchBehind();
  }

  begin() {
    forget();
    return this.everything();
  }

  everything() {
    return Promise.all([this.panes.slack.refetch(), this.panes.teams.refetch(), this.refetchStory(), this.refetchControls(), this.refetchMail()]);
  }

  live() {
    listen({
      changed: (kind) => this.changed(kind),
      lost: () => (at("line").textContent = say("lost")),
      found: () => {
        at("line").textContent = "";
        this.everything();
      },
    });
  }
}

applyTheme();
const start = await get("/api/start");
speak(kept("language") ?? start.locale);
const page = new Page(start);
page.draw();
await page.everything();
page.live();
document.body.dataset.ready = "true";
