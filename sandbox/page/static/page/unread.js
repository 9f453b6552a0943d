// What somebody has not looked at yet, as long as this page is open.

const seen = new Map();

/** How many messages of others came since this person last looked. What was there at first counts as seen. */
export function unread(viewer, conversation, messages) {
  const key = `${viewer}/${conversation}`;
  if (!seen.has(key)) seen.set(key, newest(messages));
  return messages.filter((message) => !message.mine && !message.deleted && message.order > seen.get(key)).length;
}

/** This person looks at the conversation now. */
export function look(viewer, conversation, messages) {
  seen.set(`${viewer}/${conversation}`, newest(messages));
}

/** The practice workspace starts anew. */
export function forget() {
  seen.clear();
}

function newest(messages) {
  return messages.reduce((latest, message) => Math.max(latest, message.order), 0);
}
