// A desk at the entrance: what is tapped is shown at once, kept until the server has it, and sent as often as needed.
// What is kept are numbers of guests and times, no names; it goes as soon as the server has it.

const desk = document.getElementById("desk");
const say = JSON.parse(desk.dataset.words);
const base = location.pathname;
const KEY = `reception.${desk.dataset.key}`;
const AT_ONCE = 50;
const LATE = 12 * 3600 * 1000;
const LOOK_EVERY = 5000;
const AGAIN_AFTER = 3000;
const SAME_CODE = 5000;
const TICKET = /\/tickets\/(\d+\.(\d+)\.(\d+)\.\d+\.[\w-]{24})$/;

let state = JSON.parse(desk.dataset.state);
let memory = [];
let sending = false;
let again = 0;
let drawn = "";
let looks = 0;
let offline = false;
let over = false;

const at = (id) => document.getElementById(id);

function filled(sentence, ...values) {
  return values.reduce((text, value) => text.replace("{}", () => value), say[sentence]);
}

function make(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function button(text, press, label = "", kind = "") {
  const made = make("button", text, { type: "button", class: kind });
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", press);
  return made;
}

// What was not sent yet

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]").filter((act) => Date.now() - act.at < LATE);
  } catch {
    return memory; // a browser that keeps nothing: until the page is closed
  }
}

function keep(acts) {
  memory = acts;
  try {
    if (acts.length) localStorage.setItem(KEY, JSON.stringify(acts));
    else localStorage.removeItem(KEY);
  } catch {
    return; // it is in `memory`
  }
}

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function act(what) {
  keep([...kept(), { id: newId(), at: Date.now(), ...what }]);
  draw();
  send();
}

async function send() {
  const acts = kept().slice(0, AT_ONCE);
  if (sending || over || !acts.length) return;
  sending = true;
  looks += 1;
  const body = acts.map(({ at: then, whose, ...told }) => ({
    ...told,
    ago: Math.max(0, Math.round((Date.now() - then) / 1000)),
  }));
  let answer;
  try {
    answer = await fetch(`${base}/acts`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ acts: body }),
    });
    if (answer.ok) answered(acts, await answer.json());
    offline = !answer.ok && answer.status >= 429;
  } catch {
    offline = true;
  }
  sending = false;
  if (!offline && !answer.ok) refused(acts, answer.status);
  draw();
  clearTimeout(again); // one at a time, however much was tapped meanwhile
  if (offline) again = setTimeout(send, AGAIN_AFTER);
  else send();
}

function without(acts) {
  const sent = new Set(acts.map((one) => one.id));
  return kept().filter((one) => !sent.has(one.id));
}

function answered(acts, { results, state: newer }) {
  keep(without(acts));
  state = newer;
  const asked = new Map(acts.map((one) => [one.id, one]));
  for (const result of results) {
    const one = asked.get(result.id);
    if (result.said === "double") tell(filled("double", result.name, result.at));
    else if (result.said === "unknown") tell(say.unknown);
    else if (result.said === "not_expected") askToAdmit(result, one.ticket);
    else if (result.said === "done" && one.do === "in" && one.ticket) tell(filled("done", result.name));
  }
}

function refused(acts, status) {
  if (status === 404 || status === 410) {
    over = true;
    keep([]);
  } else {
    keep(without(acts));
    tell(say.unknown);
  }
}

async function look() {
  if (sending || over || document.hidden) return;
  const before = looks;
  try {
    const answer = await fetch(`${base}/state?known=${state.mark}`);
    offline = answer.status >= 429 && answer.status !== 410;
    if (answer.status === 410) {
      over = true;
      keep([]);
    } else if (answer.status === 200 && before === looks) {
      state = await answer.json();
    }
  } catch {
    offline = true;
  }
  draw();
  send();
}

// What is seen

function shown() {
  const guests = new Map(state.guests.map((guest) => [guest.id, { ...guest }]));
  for (const one of kept()) {
    const guest = guests.get(one.person || one.whose);
    if (!guest) continue;
    if (one.do === "in" && !guest.at && (guest.seat === "taken" || one.walk_in)) {
      Object.assign(guest, { at: clock(one.at), came: guest.guests, waits: true });
    } else if (one.do === "out") Object.assign(guest, { at: "", came: 0, waits: true });
    else if (one.do === "guests") Object.assign(guest, { came: one.guests, waits: true });
  }
  return [...guests.values()];
}

function clock(moment) {
  return new Date(moment).toTimeString().slice(0, 5);
}

function folded(text) {
  const kana = text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
  return kana.replace(/[ぁ-ゖ]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0x60));
}

function matches(guest, typed) {
  return [guest.sound, guest.name, guest.reading].some((text) => folded(text).includes(typed));
}

function draw() {
  const guests = shown();
  const typed = folded(at("search").value);
  const found = typed ? guests.filter((guest) => matches(guest, typed)) : guests;
  const seated = guests.filter((guest) => guest.seat === "taken");
  const expected = seated.reduce((sum, guest) => sum + 1 + guest.guests, 0);
  const came = guests.filter((guest) => guest.at).reduce((sum, guest) => sum + 1 + guest.came, 0);
  const unnamed = state.unnamed ? ` ${filled("unnamed", state.unnamed)}` : "";
  at("counts").textContent = filled("counts", came, expected) + unnamed;
  const waiting = kept().length;
  const notices = [over && say.over, offline && say.offline, waiting && filled("waiting_acts", waiting)];
  at("queue").textContent = notices.filter(Boolean).join(" ");
  at("queue").hidden = !at("queue").textContent;
  const seen = JSON.stringify([found, over]);
  if (seen !== drawn) {
    // What has not changed stays, with the finger that is on it.
    at("guests").replaceChildren(...found.map(row));
    if (!found.length) at("guests").append(make("li", say.no_match));
    drawn = seen;
  }
  at("walk-in").hidden = !typed || over;
  desk.dataset.waiting = waiting;
}

function row(guest) {
  const made = make("li", "", { "data-guest": guest.id, class: guest.at ? "came" : "" });
  const who = make("div", "", { class: "who" });
  if (guest.reading) who.append(make("span", guest.reading, { class: "reading" }));
  who.append(make("strong", guest.name));
  const seat = { waiting: "waiting_seat", offered: "offered_seat", none: "walked_in" }[guest.seat];
  const notes = [seat && say[seat], guest.guests && filled("guests", guest.guests)].filter(Boolean).join(" ");
  if (notes) who.append(make("span", notes, { class: "hint" }));
  made.append(who);
  if (over) return made;
  if (!guest.at) {
    const press = () => (guest.seat === "taken" ? checkIn(guest) : askToAdmit({ person: guest.id, name: guest.name }));
    made.append(button(say.check_in, press, `${say.check_in} ${guest.name}`, "primary"));
    return made;
  }
  const done = make("div", "", { class: "done" });
  done.append(make("span", filled("arrived_at", guest.at) + (guest.waits ? " …" : "")));
  done.append(button(say.undo, () => act({ do: "out", person: guest.id }), `${say.undo} ${guest.name}`));
  if (guest.guests) done.append(stepper(guest));
  made.append(done);
  return made;
}

function checkIn(guest) {
  act({ do: "in", person: guest.id });
  at("search").value = "";
  at("told").replaceChildren();
  draw();
}

function stepper(guest) {
  const made = make("span", "", { class: "stepper" });
  const set = (number) => act({ do: "guests", person: guest.id, guests: Math.min(9, Math.max(0, number)) });
  made.append(button("−", () => set(guest.came - 1), `${say.fewer} ${guest.name}`));
  made.append(make("span", filled("guests", `${guest.came}/${guest.guests}`)));
  made.append(button("+", () => set(guest.came + 1), `${say.more} ${guest.name}`));
  return made;
}

function tell(text, ...buttons) {
  const notice = make("div", "", { class: "notice" });
  notice.append(make("p", text), ...buttons);
  if (!buttons.length) notice.append(button(say.close, () => notice.remove()));
  at("told").replaceChildren(notice);
}

function askToAdmit({ person, name }, ticket = "") {
  const close = () => at("told").replaceChildren();
  const admit = () => {
    close();
    act({ do: "in", ...(ticket ? { ticket, whose: person } : { person }), walk_in: true });
  };
  tell(filled("not_expected", name), button(say.admit, admit, "", "primary"), button(say.leave, close));
}

async function findWalkIns() {
  const list = at("found");
  list.replaceChildren();
  let people;
  try {
    const answer = await fetch(`${base}/find`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text: at("search").value }),
    });
    people = answer.ok ? (await answer.json()).people : [];
  } catch {
    list.append(make("li", say.offline));
    return;
  }
  for (const { id, name } of people) {
    const made = make("li", "", { "data-guest": id });
    const press = () => {
      list.replaceChildren();
      at("search").value = "";
      act({ do: "in", person: id, walk_in: true });
    };
    made.append(make("strong", name), button(say.walk_in, press, `${say.walk_in} ${name}`));
    list.append(made);
  }
  if (!people.length) list.append(make("li", say.nobody));
}

// The camera, where the browser reads codes by itself

const camera = at("camera");
const lately = new Map();

function scanned(text) {
  const before = lately.get(text) ?? 0;
  lately.set(text, Date.now());
  if (Date.now() - before < SAME_CODE) return;
  const [, ticket, person, event] = text.match(TICKET) ?? [];
  if (!ticket || event !== desk.dataset.key.split(".")[1]) {
    tell(say.unknown);
    return;
  }
  const guest = shown().find((one) => one.id === Number(person));
  if (offline) tell(filled("queued", guest ? guest.name : ""));
  act({ do: "in", ticket, whose: Number(person) });
}

async function readCodes(detector) {
  while (camera.srcObject) {
    if (camera.readyState >= 2) for (const code of await detector.detect(camera)) scanned(code.rawValue);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function stopCamera() {
  for (const track of camera.srcObject?.getTracks() ?? []) track.stop();
  camera.srcObject = null;
  camera.hidden = true;
  at("scan").textContent = say.scan;
}

async function toggleCamera() {
  if (camera.srcObject) {
    stopCamera();
    return;
  }
  try {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    camera.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    camera.hidden = false;
    at("scan").textContent = say.scan_off;
    await camera.play();
    await readCodes(detector);
  } catch {
    stopCamera();
    tell(say.no_camera);
  }
}

if (!("BarcodeDetector" in window) || !navigator.mediaDevices) at("scan").hidden = true;
else at("scan").addEventListener("click", toggleCamera);
at("find").addEventListener("click", findWalkIns);
at("search").addEventListener("input", () => {
  at("found").replaceChildren();
  draw();
});
addEventListener("online", send);
addEventListener("storage", draw);
setInterval(look, LOOK_EVERY);
desk.dataset.ready = "";
draw();
send();
