// A list of messages stays at its newest one while somebody looks at that, and stays put while they read above.

const NEAR = 60;
const places = new WeakMap();
const atEnd = new WeakSet();

const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => atEnd.has(target) && toEnd(target)));

/** Run `draw`, which changes what `list` shows of `place`, and scroll as a chat does. */
export function keepingPlace(list, place, draw) {
  if (!places.has(list)) watch(list);
  const moved = places.get(list) !== place;
  places.set(list, place);
  draw();
  if (moved || atEnd.has(list)) toEnd(list);
}

function watch(list) {
  sizes.observe(list);
  list.addEventListener("scroll", () => {
    if (list.scrollHeight - list.scrollTop - list.clientHeight < NEAR) atEnd.add(list);
    else atEnd.delete(list);
  });
}

function toEnd(list) {
  atEnd.add(list);
  list.scrollTop = list.scrollHeight;
}
