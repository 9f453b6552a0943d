// What both panes share: one person's view of a platform, fetched anew whenever it has changed.

import { act, get, Unreachable } from "./api.js";
import { oneAtATime } from "./live.js";
import { keep, kept } from "./memory.js";
import { Notice } from "./notice.js";
import { meet, unread } from "./unread.js";
import { say } from "./words.js";

export class Pane {
  /**
   * `name` is the platform's, `start` what /api/start says of it, `behind(kind, message, opener)` looks behind the
   * scenes, `drawn()` is told of every drawing. Subclasses draw, and know an `empty` view, and by `stamp(message)`
   * {order, author} of a message.
   */
  constructor(name, start, { behind, drawn }) {
    const last = kept(name);
    const as = start.people.some((person) => person.id === last) ? last : start.me;
    Object.assign(this, { name, start, behind, drawn, as, view: this.empty, place: null, editing: null });
    this.notice = new Notice();
    this.refetch = oneAtATime(() => this.fetch());
  }

  get conversations() {
    return this.view.conversations;
  }

  get messages() {
    return this.conversation?.messages ?? [];
  }

  get viewer() {
    return `${this.name}/${this.as}`;
  }

  get isShown() {
    return this.node.offsetParent !== null;
  }

  unread(conversation) {
    return unread(this.viewer, conversation);
  }

  /** Unread messages anywhere, for the phone's switch between the panes. */
  get fresh() {
    return this.conversations.reduce((sum, one) => sum + this.unread(one), 0);
  }

  async fetch() {
    const as = this.as;
    try {
      const view = await get(`/api/${this.name}`, { as });
      if (as !== this.as) return this.fetch();
      this.view = { ...view, conversations: view.conversations.map((one) => this.stamped(one)) };
      meet(this.viewer, this.conversations);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      this.notice.show(say("failed", { error: error.message }), { bad: true });
    }
    this.draw();
    this.node.removeAttribute("aria-busy");
  }

  stamped(conversation) {
    const messages = conversation.messages.map((message) => {
      const { order, author } = this.stamp(message);
      return { ...message, order, mine: author === this.as };
    });
    return { ...conversation, messages };
  }

  startEditing(id) {
    this.editing = id;
    this.draw();
    if (id) this.list.querySelector(".message-editor textarea")?.focus();
    else this.composer.field.focus();
  }

  /** Does `what` as the person one is; what came of it, after it can be seen. */
  async act(what) {
    const result = await act(this.name, { as: this.as, ...what });
    await this.refetch();
    return result;
  }

  /** Where the list slides over the conversation, Escape and a click beside it put it away. */
  closesMenu() {
    const close = () => this.node.classList.contains("has-menu") && this.toggleMenu();
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && close());
    this.main.addEventListener("click", close);
  }

  toggleMenu() {
    this.node.classList.toggle("has-menu");
    this.label();
  }

  become(id) {
    keep(this.name, id);
    Object.assign(this, { as: id, view: this.empty, place: null });
    this.notice.hide();
    this.draw();
    this.node.setAttribute("aria-busy", "true");
    return this.refetch();
  }
}
