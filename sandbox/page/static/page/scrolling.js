// A list of messages stays at its newest one while somebody looks at that, and stays put while they read above.

const NEAR = 60;
const places = new WeakMap();

/** Run `draw`, which changes what `list` shows of `place`, and scroll as a chat does. */
export function keepingPlace(list, place, draw) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;
  const moved = places.get(list) !== place;
  places.set(list, place);
  draw();
  if (atEnd || moved) list.scrollTop = list.scrollHeight;
}
