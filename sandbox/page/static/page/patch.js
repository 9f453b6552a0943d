// Redrawing without taking anything from under somebody's fingers: what is on the page is changed into what it
// should be, node by node, so that focus, scrolling, a running IME composition and typed text stay where they are.

const HANDLERS = ["onclick", "oninput", "onchange", "onkeydown", "onsubmit"];
const STATES = ["inert", "disabled", "hidden"];
const touched = new WeakSet();

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => touched.add(event.target), { capture: true });
}

/** The children of `root` become `wanted`. Who had the focus on something that went keeps it nearby. */
export function redraw(root, ...wanted) {
  const focused = root.contains(document.activeElement) ? document.activeElement : null;
  const around = focused && ancestors(focused, root);
  children(root, wanted.flat(Infinity).filter(Boolean));
  if (focused && !focused.isConnected) around.find((node) => node.isConnected && node.tabIndex >= -1)?.focus?.();
}

/** What is typed below `root` now; once it has been sent, give it to `settle`. */
export function typed(root) {
  return [...root.querySelectorAll("input, textarea, select")].map((input) => [input, input.value]);
}

/** What was typed has been sent: from now on these inputs show what they are given, unless somebody went on typing. */
export function settle(sent) {
  for (const [input, value] of sent) if (input.value === value) touched.delete(input);
}

/** Let an input count as typed into. */
export function touch(input) {
  touched.add(input);
}

function ancestors(node, root) {
  const found = [];
  for (let at = node.parentElement; at && at !== root.parentElement; at = at.parentElement) {
    if (at.hasAttribute("tabindex")) found.push(at);
  }
  return found;
}

function children(parent, wanted) {
  const keep = new Set(wanted.map(keyOf).filter(Boolean));
  const known = new Map();
  for (const child of [...parent.childNodes]) {
    const key = keyOf(child);
    if (!key) continue;
    if (keep.has(key) && !known.has(key)) known.set(key, child);
    else child.remove();
  }
  let at = parent.firstChild;
  for (const fresh of wanted) {
    const key = keyOf(fresh);
    if (key && known.has(key)) at = skipTo(parent, known.get(key), at);
    if (at && keyOf(at) === key && alike(at, fresh)) {
      update(at, fresh);
      at = at.nextSibling;
    } else {
      parent.insertBefore(fresh, at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** `at` moves on to the node that is wanted next; what stands between and has no key goes. */
function skipTo(parent, node, at) {
  while (at && at !== node && !keyOf(at)) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
  if (at !== node) parent.insertBefore(node, at);
  return node;
}

function keyOf(node) {
  return node.dataset?.key;
}

function alike(live, fresh) {
  return live.nodeType === fresh.nodeType && live.nodeName === fresh.nodeName;
}

function update(live, fresh) {
  if (live.nodeType !== Node.ELEMENT_NODE) {
    if (live.data !== fresh.data) live.data = fresh.data;
    return;
  }
  attributes(live, fresh);
  for (const name of HANDLERS) live[name] = fresh[name];
  for (const name of STATES) if (live[name] !== fresh[name]) live[name] = fresh[name];
  children(live, [...fresh.childNodes]);
  if (!touched.has(live)) preset(live, fresh);
}

function attributes(live, fresh) {
  for (const { name } of [...live.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") live.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (live.getAttribute(name) !== value) live.setAttribute(name, value);
  }
}

function preset(live, fresh) {
  if (!("value" in live) || live.nodeName === "BUTTON" || live.nodeName === "LI") return;
  if (live.value !== fresh.value) live.value = fresh.value;
  if (live.checked !== fresh.checked) live.checked = fresh.checked;
}
