// What somebody has not looked at yet, as long as this page is open.

const viewers = new Map();

/** The first time somebody's conversations are seen, everything in them counts as read. */
export function meet(viewer, conversations) {
  if (viewers.has(viewer)) return;
  viewers.set(viewer, new Map(conversations.map((one) => [one.id, newest(one.messages)])));
}

/** How many messages of others came since this person last looked. */
export function unread(viewer, { id, messages }) {
  const seen = viewers.get(viewer)?.get(id) ?? 0;
  return messages.filter((message) => !message.mine && !message.deleted && message.order > seen).length;
}

/** This person looks at the conversation now. */
export function look(viewer, { id, messages }) {
  viewers.get(viewer)?.set(id, newest(messages));
}

/** The practice workspace starts anew. */
export function forget() {
  viewers.clear();
}

function newest(messages) {
  return messages.reduce((latest, message) => Math.max(latest, message.order), 0);
}
