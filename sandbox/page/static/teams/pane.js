// The practice Teams: what one person sees of it, and what they do.

import { Composer } from "../page/composer.js";
import { el } from "../page/dom.js";
import { icon } from "../page/icons.js";
import { Pane } from "../page/pane.js";
import { redraw, settle, typed } from "../page/patch.js";
import { keepingPlace } from "../page/scrolling.js";
import { Switcher } from "../page/switcher.js";
import { look } from "../page/unread.js";
import { say } from "../page/words.js";
import { suggestions } from "./commands.js";
import { amiss, gather } from "./inputs.js";
import { drawMessages } from "./messages.js";
import { drawList, drawRail, named } from "./sidebar.js";

export class TeamsPane extends Pane {
  constructor(start, tools) {
    super("teams", start, tools);
    this.part = "chat";
    this.thread = null;
    this.states = new Map();
    this.unfolded = new Set();
    this.build();
  }

  build() {
    this.suggest = suggestions(this.start.commands ?? []);
    this.switcher = new Switcher({ pane: "teams", name: "Teams", people: this.start.people, picked: (key) => this.become(key) });
    this.composer = new Composer({ hint: "teams:composer", suggest: (text) => this.suggested(text), send: (text) => this.say(text) });
    this.prompts = el("button", { type: "button", class: "prompts", onclick: () => this.composer.offer(this.suggest("")) });
    this.replying = el("div", { class: "replying", hidden: true });
    this.menu = el("button", { type: "button", class: "icon-button menu-button", onclick: () => this.toggleMenu() }, icon("menu"));
    this.rail = el("nav", { class: "teams-rail" });
    this.side = el("nav", { class: "teams-side", id: "teams-side" });
    this.head = el("header", { class: "teams-head" });
    this.list = el("div", { class: "teams-list", tabindex: 0, role: "log" });
    const foot = el("div", { class: "teams-foot" }, this.replying, this.prompts, this.composer.node);
    this.main = el("div", { class: "teams-main" }, this.head, this.list, foot);
    this.bar = el("div", { class: "teams-bar" }, this.menu, el("h2", {}, "Microsoft Teams"), this.switcher.node);
    this.node = el("section", { class: "pane teams", id: "teams", "aria-label": "Teams", tabindex: -1 }, this.bar, el("div", { class: "teams-body" }, this.rail, this.side, this.main), this.notice.node);
    this.closesMenu();
  }

  // what is seen

  get empty() {
    return { conversations: [] };
  }

  stamp(message) {
    return { order: Number(message.id) || 0, author: message.from };
  }

  get conversation() {
    const here = this.conversations.filter((one) => (one.kind === "channel") === (this.part === "teams"));
    return here.find((one) => one.id === this.place) ?? here.find((one) => one.kind === "personal") ?? here[0];
  }

  get isChannel() {
    return this.conversation?.kind === "channel";
  }

  draw() {
    const where = this.conversation;
    if (where && this.isShown) look(this.viewer, where);
    this.switcher.show(this.as);
    this.label();
    redraw(this.rail, drawRail(this));
    redraw(this.side, drawList(this));
    redraw(this.head, where && [el("h3", {}, named(where)), where.team && el("small", {}, where.team)]);
    keepingPlace(this.list, `${this.as}/${where?.id}`, () =>
      redraw(this.list, this.messages.length ? drawMessages(this) : el("p", { class: "is-empty" }, say("empty"))),
    );
    this.drawReplying();
    this.composer.node.hidden = !where;
    this.composer.at(`${this.as}/${where?.id}/${this.thread ?? ""}`, `${say(this.thread ? "teams.reply" : this.isChannel ? "teams.newPost" : "teams.write")}${this.isChannel ? `　${say("teams.mentionHint", { bot: this.start.bot.name })}` : ""}`);
    this.drawn();
  }

  label() {
    this.menu.setAttribute("aria-label", say("menu"));
    this.menu.setAttribute("aria-expanded", String(this.node.classList.contains("has-menu")));
    this.menu.setAttribute("aria-controls", "teams-side");
    this.rail.setAttribute("aria-label", "Teams");
    this.side.setAttribute("aria-label", say("teams.sidebar"));
    this.list.setAttribute("aria-label", say("teams.conversation"));
    this.prompts.textContent = say("teams.whatCanIDo");
    this.prompts.hidden = this.conversation?.kind !== "personal" || !this.start.commands?.length;
  }

  drawReplying() {
    this.replying.hidden = !this.thread;
    const close = el("button", { type: "button", class: "icon-button", "aria-label": say("cancel"), onclick: () => this.replyTo(null) }, icon("close"));
    const root = this.messages.find((message) => message.id === this.thread);
    redraw(this.replying, this.thread && [el("span", {}, `${say("teams.reply")}: ${root?.name ?? ""}`), close]);
  }

  // what cards need around them

  around(card, message, number) {
    const state = this.news(message, number);
    return {
      id: `teams-${message.id}-${number}`,
      lang: card.lang,
      errors: state.errors,
      busy: state.busy,
      unfolded: this.unfolded,
      press: (action, node, inputs, place) => this.press(message, number, action, node, inputs, place),
      unfold: (place) => {
        if (!this.unfolded.delete(place)) this.unfolded.add(place);
        this.draw();
      },
    };
  }

  /** What came of the last press on a card: {busy, error, errors, notice}. */
  news(message, number) {
    return this.states.get(`${message.id}/${number}`) ?? { busy: "", error: "", errors: {}, notice: "" };
  }

  tell(message, number, news) {
    this.states.set(`${message.id}/${number}`, { busy: "", error: "", errors: {}, notice: "", ...news });
    this.draw();
  }

  // what is done

  async press(message, number, action, node, inputs, place) {
    const none = action.associatedInputs?.toLowerCase() === "none";
    const given = none ? {} : gather(node);
    const wrong = none ? {} : amiss(inputs, given);
    this.tell(message, number, { errors: wrong, busy: Object.keys(wrong).length ? "" : place });
    if (Object.keys(wrong).length > 0) return node.querySelector("[aria-invalid]")?.focus();
    const sent = typed(node);
    const result = await this.act({
      do: action.type === "Action.Submit" ? "submit" : "execute",
      conversation: this.conversation.id,
      message: message.id,
      card: number,
      title: action.title,
      data: action.data ?? {},
      inputs: given,
    });
    if (result.ok && !none) settle(sent);
    const failed = !result.ok && Object.keys(result.errors).length === 0;
    this.tell(message, number, { error: failed ? result.error || say("teams.wrong") : "", errors: result.errors, notice: result.notice });
  }

  async say(text) {
    const result = await this.act({ do: "say", conversation: this.conversation?.id ?? null, reply_to: this.thread, text });
    if (!result.ok) this.notice.show(say("failed", { error: result.error || say("teams.wrong") }), { bad: true });
    return result.ok;
  }

  /** What may be meant by what is typed; in a channel the bot hears only what mentions it. */
  suggested(text) {
    if (!text) return [];
    const mention = `@${this.start.bot.name} `;
    if (!this.isChannel) return this.suggest(text);
    return mention.toLowerCase().startsWith(text.toLowerCase()) ? [{ insert: mention, title: mention, detail: say("teams.mention") }] : [];
  }

  edit(message, text) {
    this.editing = null;
    return this.act({ do: "edit", message: message.id, text });
  }

  remove(message) {
    return this.act({ do: "delete", message: message.id });
  }

  replyTo(id) {
    this.thread = id;
    this.draw();
    this.composer.field.focus();
  }

  turnTo(part) {
    this.part = part;
    this.thread = null;
    if (this.menu.offsetParent) this.node.classList.add("has-menu");
    this.draw();
  }

  go(conversation) {
    this.place = conversation;
    this.thread = null;
    this.node.classList.remove("has-menu");
    this.draw();
    this.composer.field.focus();
  }

  become(key) {
    Object.assign(this, { thread: null, part: "chat" });
    return super.become(key);
  }
}
