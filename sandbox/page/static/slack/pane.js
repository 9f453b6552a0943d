// The practice Slack: what one person sees of it, and what they do.

import { Composer } from "../page/composer.js";
import { el } from "../page/dom.js";
import { icon } from "../page/icons.js";
import { Pane } from "../page/pane.js";
import { redraw, settle, typed } from "../page/patch.js";
import { keepingPlace } from "../page/scrolling.js";
import { Switcher } from "../page/switcher.js";
import { look } from "../page/unread.js";
import { say } from "../page/words.js";
import { drawBlocks } from "./blocks.js";
import { commandsFor } from "./commands.js";
import { drawMessages, roots, thread } from "./messages.js";
import { drawModal } from "./modal.js";
import { drawSidebar } from "./sidebar.js";

export class SlackPane extends Pane {
  constructor(start, tools) {
    super("slack", start, tools);
    this.names = new Map(start.people.map((person) => [person.id, person.name]).concat([[start.bot.id, start.bot.name]]));
    this.tab = "messages";
    this.open = null;
    this.busy = new Set();
    this.wrong = new Map();
    this.trouble = new Set();
    this.build();
  }

  build() {
    const commands = commandsFor(this.start.commands);
    this.switcher = new Switcher({ pane: "slack", name: "Slack", people: this.start.people, picked: (id) => this.become(id) });
    this.composer = new Composer({ hint: "slack:composer", suggest: commands, send: (text) => this.write(text, null) });
    this.replying = new Composer({ hint: "slack:reply-composer", send: (text) => this.write(text, this.open) });
    this.menu = el("button", { type: "button", class: "icon-button menu-button", onclick: () => this.toggleMenu() }, icon("menu"));
    this.side = el("nav", { class: "slack-side", id: "slack-side" });
    this.head = el("header", { class: "slack-head" });
    this.list = el("div", { class: "slack-list", tabindex: 0, role: "log" });
    this.main = el("div", { class: "slack-main" }, this.head, this.list, this.composer.node);
    this.threadHead = el("header", { class: "slack-head" });
    this.threadList = el("div", { class: "slack-list", tabindex: 0, role: "log" });
    this.threadPane = el("aside", { class: "slack-thread", hidden: true }, this.threadHead, this.threadList, this.replying.node);
    this.body = el("div", { class: "slack-body" }, this.side, this.main, this.threadPane);
    this.bar = el("div", { class: "slack-bar" }, this.menu, el("h2", {}, el("span", { class: "team-mark", "aria-hidden": "true" }, [...this.start.team][0]), el("span", {}, this.start.team), el("small", {}, "Slack")), this.switcher.node);
    this.layer = el("div", { class: "slack-layer" });
    this.node = el("section", { class: "pane slack", id: "slack", "aria-label": "Slack", tabindex: -1 }, this.bar, this.body, this.layer, this.notice.node);
    this.closesMenu();
  }

  // what is seen

  get empty() {
    return { conversations: [], home: null, modal: null };
  }

  stamp(message) {
    return { order: Number(message.ts), author: message.user };
  }

  get conversation() {
    const app = this.conversations.find((one) => this.isApp(one));
    return this.conversations.find((one) => one.id === this.place) ?? app ?? this.conversations[0];
  }

  isApp(conversation) {
    return conversation.kind === "im";
  }

  draw() {
    const where = this.conversation;
    if (where && this.isShown && this.tab === "messages") look(this.viewer, where);
    this.node.classList.toggle("has-thread", Boolean(this.open));
    this.switcher.show(this.as);
    this.label();
    redraw(this.side, drawSidebar(this));
    this.drawMain(where);
    this.drawThread(where);
    this.drawLayer();
    this.drawn();
  }

  label() {
    this.menu.setAttribute("aria-label", say("menu"));
    this.menu.setAttribute("aria-expanded", String(this.node.classList.contains("has-menu")));
    this.menu.setAttribute("aria-controls", "slack-side");
    this.side.setAttribute("aria-label", say("slack.sidebar"));
    this.list.setAttribute("aria-label", say("slack.conversation"));
    this.threadList.setAttribute("aria-label", say("slack.thread"));
    this.threadPane.setAttribute("aria-label", say("slack.thread"));
  }

  drawMain(where) {
    const home = this.tab === "home";
    const name = where?.name ?? this.start.bot.name;
    redraw(this.head, el("h3", {}, where && !this.isApp(where) && "# ", name), (!where || this.isApp(where)) && this.tabs());
    keepingPlace(this.list, `${this.as}/${where?.id}/${this.tab}`, () => redraw(this.list, home ? this.home() : this.talk()));
    if (home) this.list.scrollTop = 0;
    this.composer.node.hidden = home;
    this.composer.at(`${this.as}/${where?.id}`, `${say("slack.write", { name })}　${say("slack.hint")}`);
  }

  tabs() {
    return el(
      "div",
      { class: "tabs" },
      ["home", "messages"].map((tab) =>
        el(
          "button",
          { type: "button", key: tab, class: "tab", "data-hint": `slack:${tab}`, "aria-pressed": String(this.tab === tab), onclick: () => this.show(tab) },
          say(tab === "home" ? "slack.home" : "slack.tab"),
        ),
      ),
    );
  }

  talk() {
    const shown = roots(this.messages);
    return shown.length ? drawMessages(shown, this) : el("p", { class: "is-empty" }, say("empty"));
  }

  home() {
    const home = this.view.home;
    if (!home) return el("p", { class: "is-empty" }, say("slack.noHome"));
    return el("div", { class: "home", key: "home" }, drawBlocks(home.blocks, this.aroundView(home, "home")));
  }

  drawThread(where) {
    const shown = this.open ? thread(this.messages, this.open) : [];
    this.threadPane.hidden = shown.length === 0;
    if (shown.length === 0) return redraw(this.threadList);
    const close = el("button", { type: "button", class: "icon-button", "aria-label": say("close"), onclick: () => this.openThread(null) }, icon("close"));
    redraw(this.threadHead, el("h3", {}, say("slack.thread")), close);
    keepingPlace(this.threadList, this.open, () => redraw(this.threadList, drawMessages(shown, this, { inThread: true })));
    this.replying.at(`${this.as}/${where.id}/${this.open}`, say("slack.reply"));
  }

  drawLayer() {
    const modal = this.view.modal;
    const before = this.layer.firstElementChild?.dataset.key;
    if (modal && before !== modal.id && !this.layer.contains(document.activeElement)) this.camefrom = document.activeElement;
    redraw(this.layer, modal && drawModal(modal, this));
    this.body.inert = this.bar.inert = Boolean(modal);
    if (modal && before !== modal.id) this.greet();
    if (!modal && before) this.giveBack();
  }

  /** A new modal takes the focus, except from somebody who is typing in the other pane. */
  greet() {
    const busy = document.activeElement?.matches("textarea, input, select") && !this.node.contains(document.activeElement);
    if (!busy) (this.layer.querySelector("[data-field]") ?? this.layer.firstElementChild).focus();
  }

  giveBack() {
    if (document.activeElement && document.activeElement !== document.body) return;
    if (this.camefrom?.isConnected && this.node.contains(this.camefrom)) this.camefrom.focus();
    else this.composer.field.focus();
  }

  // what blocks need around them

  around(message, inThread) {
    const id = `slack-${inThread ? "thread-" : ""}${message.ts.replace(".", "-")}`;
    const act = (what) => this.acting(message.ts, { channel: this.conversation.id, ts: message.ts, ...what });
    return this.surrounded(id, message.ts, act);
  }

  aroundView(view, name) {
    const act = (what) => this.acting(view.id ?? name, { view: name, ...what });
    const around = this.surrounded(`slack-${name}`, view.id ?? name, act);
    return { ...around, values: view.values ?? {}, errors: { ...view.errors, ...this.wrong.get(view.id) } };
  }

  surrounded(id, busy, act) {
    return {
      id,
      who: (user) => this.names.get(user) ?? user,
      busy: this.pressed?.at === busy ? this.pressed.action : "",
      press: (block, element) => act({ do: "press", block_id: block.block_id, action_id: element.action_id }),
      select: (block, element, value) => act({ do: "select", block_id: block.block_id, action_id: element.action_id, value }),
      errors: {},
      values: {},
    };
  }

  // what is done

  async acting(at, what) {
    this.pressed = { at, action: what.action_id };
    this.draw();
    try {
      await this.act(what);
    } finally {
      this.pressed = null;
      this.draw();
    }
  }

  /** As everywhere, and tells in the pane what came of it. */
  async act(what) {
    const result = await super.act(what);
    if (!result.ok && Object.keys(result.errors).length === 0) {
      this.notice.show(say("failed", { error: result.error || say("slack.trouble") }), { bad: true });
    } else if (result.notice) {
      this.notice.show(result.notice);
    }
    return result;
  }

  async write(text, threadTs) {
    const channel = this.conversation?.id ?? null;
    const slash = !threadTs && /^(\/\S+)\s*([\s\S]*)$/.exec(text);
    if (slash) return (await this.act({ do: "command", channel, command: slash[1], text: slash[2] })).ok;
    return (await this.act({ do: "say", channel, thread_ts: threadTs, text })).ok;
  }

  async submit(view, values, form) {
    this.busy.add(view.id);
    this.trouble.delete(view.id);
    this.draw();
    const sent = typed(form);
    const result = await this.act({ do: "submit", view: view.id, values });
    this.busy.delete(view.id);
    if (Object.keys(result.errors).length === 0) {
      if (result.ok) settle(sent);
      else this.trouble.add(view.id);
    }
    this.mark(view.id, result.errors);
    form.querySelector("[aria-invalid]")?.focus();
  }

  mark(id, errors) {
    this.wrong.set(id, errors);
    this.draw();
  }

  closeModal(view) {
    return this.act({ do: "close", view: view.id });
  }

  edit(message, text) {
    this.editing = null;
    return this.act({ do: "edit", channel: this.conversation.id, ts: message.ts, text });
  }

  remove(message) {
    return this.act({ do: "delete", channel: this.conversation.id, ts: message.ts });
  }

  show(tab) {
    this.tab = tab;
    this.open = null;
    this.draw();
    if (tab === "home") this.act({ do: "open_home" });
  }

  go(conversation) {
    this.place = conversation;
    this.tab = "messages";
    this.open = null;
    this.node.classList.remove("has-menu");
    this.draw();
    this.composer.field.focus();
  }

  openThread(ts) {
    this.open = ts;
    this.draw();
    if (ts) this.replying.field.focus();
    else this.composer.field.focus();
  }

  become(id) {
    Object.assign(this, { open: null, tab: "messages" });
    return super.become(id);
  }
}
