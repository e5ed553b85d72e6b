// What the console can do beyond links and forms. Every page works without it.

const live = () => [...document.querySelectorAll("[data-live]")];

// Live updates: an event says that something changed; the page is read again and only what differs is put in place.
const OF_RECORDS = ["contact.created", "contact.updated", "contact.deleted", "conversation.created", "conversation.updated",
  "conversation.closed", "conversation.reopened", "conversation.assigned", "conversation.deleted",
  "conversation_part.created", "conversation_part.redacted"];
const TOPICS = { run: ["run"], connection: ["run"], "score.changed": ["score"], reset: ["run", "score", "record"] };
for (const kind of OF_RECORDS) TOPICS[kind] = ["record"];

// One page of this browser listens for all of them, as browsers allow few open streams to one server.
function share() {
  const channel = new BroadcastChannel("harken");
  channel.addEventListener("message", (event) => changed(event.data));
  const tell = (news) => { changed(news); channel.postMessage(news); };
  const listening = () => new Promise(() => listen(tell));
  if (navigator.locks) navigator.locks.request("harken-events", listening); else listening();
}

function listen(tell) {
  const stream = new EventSource("/api/v1/events");
  for (const kind of Object.keys(TOPICS)) stream.addEventListener(kind, (event) => tell({ kind, of: whom(event.data) }));
}

// The customers and the conversation that an event is about.
function whom(data) {
  const { customer_id: customer, conversation_id: conversation, customer_ids: customers = [] } = JSON.parse(data);
  return [customer, conversation, ...customers].filter(Boolean);
}

// A page about one customer or conversation is read again for its own events alone.
function concerns({ kind, of }) {
  const topics = TOPICS[kind] ?? [];
  const shown = live().some((region) => region.dataset.live.split(" ").some((topic) => topics.includes(topic)));
  const page = document.querySelector("[data-of]")?.dataset.of;
  return shown && (!page || !of.length || of.includes(page));
}

// The first event is shown at once; while more keep coming, the page is read ever more seldom.
const SOON = 200, SELDOM = 4000;
let timer, read = 0, pause = 800;
function changed(news) {
  if (!concerns(news) || timer) return;
  const since = Date.now() - read;
  pause = since > 2 * SELDOM ? 800 : Math.min(SELDOM, pause * 1.3);
  timer = setTimeout(refresh, Math.max(SOON, pause - since));
}

function refresh() {
  // A page that nobody sees is read when it is seen again.
  if (document.hidden) { document.addEventListener("visibilitychange", refresh, { once: true }); return; }
  read = Date.now();
  replace().catch(() => {}).finally(() => { timer = undefined; });
}

async function replace() {
  if (document.querySelector(".menu[open], dialog[open]")) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
  if (!answer.ok) return;
  // All regions, so that those beside each other tell of the same moment.
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const region of live()) {
    const next = fresh.getElementById(region.id);
    if (next) put(region, next);
  }
}

// What a region says: without what differs from one reading to the next and means the same.
function meaning(region) {
  const copy = region.cloneNode(true);
  for (const own of copy.querySelectorAll(".copy")) own.remove();
  for (const token of copy.querySelectorAll('[name="form_token"]')) token.value = token.defaultValue = "";
  return copy.innerHTML;
}

// The parts of a region that flash when they change; the mere passing of time is no change.
const parts = (region) => [...region.querySelectorAll("[data-row], .tile, .ring")];
const name = (part) => part.id || (part.matches(".ring") ? "ring" : "") || part.getAttribute("href") || part.querySelector("a")?.getAttribute("href");
function words(part) {
  const copy = part.cloneNode(true);
  for (const time of copy.querySelectorAll("time")) time.remove();
  return copy.textContent;
}

function put(region, next) {
  if (meaning(region) === meaning(next)) return;
  if (region.hasAttribute("data-keep-order") && keepOrder(region, next)) return;
  const focused = region.contains(document.activeElement) ? document.activeElement : null;
  const before = new Map(parts(region).map((part) => [name(part), words(part)]));
  region.replaceChildren(...next.childNodes);
  if (focused) again(region, focused)?.focus({ preventScroll: true });
  for (const part of parts(region)) {
    if (before.size && before.get(name(part)) !== words(part)) flash(part);
  }
  offerCopies(region);
  if (region.id === "banner") announce(region.querySelector("strong")?.textContent ?? "");
}

// A list that is being read stays in its order: values change in their rows, and a hint says that places changed.
function keepOrder(region, next) {
  const rows = [...region.querySelectorAll("tr[data-row]")];
  const fresh = [...next.querySelectorAll("tr[data-row]")];
  if (!rows.length || !fresh.length) return false;
  const found = new Map(fresh.map((row) => [row.id, row]));
  for (const row of rows) {
    const now = found.get(row.id);
    row.classList.toggle("elsewhere", !now);
    if (!now || row.innerHTML === now.innerHTML) continue;
    const moved = words(row) !== words(now);
    const focused = row.contains(document.activeElement);
    row.replaceChildren(...now.cloneNode(true).childNodes);
    if (focused) row.querySelector("a")?.focus({ preventScroll: true });
    if (moved) flash(row);
  }
  const order = (all) => all.map((row) => row.id).join();
  const hint = document.querySelector("[data-moved]");
  if (hint) hint.hidden = order(rows) === order(fresh);
  return true;
}

function flash(part) {
  part.classList.remove("changed");
  void part.getBoundingClientRect();
  part.classList.add("changed");
}

function again(region, focused) {
  if (focused.id) return document.getElementById(focused.id);
  const href = focused.getAttribute("href");
  return href ? region.querySelector(`a[href="${CSS.escape(href)}"]`) : null;
}

let said = "";
function announce(words) {
  if (words && words !== said) document.getElementById("announce").textContent = words;
  said = words;
}

// Copy buttons beside what is worth copying.
function offerCopies(root) {
  for (const text of root.querySelectorAll("[data-copy-text]")) {
    if (text.nextElementSibling?.matches(".copy") || text.querySelector(".copy")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "icon-button copy";
    button.title = "Copy";
    button.setAttribute("aria-label", `Copy ${text.textContent}`);
    button.innerHTML = COPY;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text.textContent);
      button.innerHTML = CHECK;
      announce("Copied");
      setTimeout(() => { button.innerHTML = COPY; }, 1500);
    });
    if (text.tagName === "DD") text.append(button); else text.after(button);
  }
}
// Buttons that copy more than what stands beside them.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    announce(`Copied: ${button.textContent}`);
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
  });
}
const drawing = (paths) => `<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${paths}</svg>`;
const COPY = drawing('<rect x="5.5" y="5.5" width="7.5" height="7.5" rx="1.5"/><path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5"/>');
const CHECK = drawing('<path d="m3.5 8.5 3 3 6-7"/>');

// Keyboard: / search, j and k rows, ? help.
function step(by) {
  const links = [...document.querySelectorAll("tr[data-row] th a, li[data-row] a")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, at + by));
  links[next].focus();
  links[next].closest("[data-row]").scrollIntoView({ block: "nearest" });
}

const help = () => document.getElementById("keys")?.showModal();
const actions = {
  "/": () => { const field = document.getElementById("search"); field?.focus(); field?.select(); },
  j: () => step(1),
  k: () => step(-1),
  "?": help,
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll(".menu[open], .fold[open]")) menu.open = false;
    if (event.target.matches("input")) event.target.blur();
    return;
  }
  if (event.target.closest("input, select, textarea, dialog")) return;
  const action = actions[event.key];
  if (action) { event.preventDefault(); action(); }
});

addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open], .fold[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (event.target.closest("[data-help]")) { event.preventDefault(); help(); }
});

addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// A form is sent once, however often its button is pressed.
addEventListener("submit", (event) => {
  if (event.target.method === "post") {
    for (const button of event.target.querySelectorAll("button")) setTimeout(() => { button.disabled = true; });
  }
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// A notice is told once, not again on reload.
const here = new URL(location.href);
if (here.searchParams.has("notice")) {
  here.searchParams.delete("notice");
  history.replaceState(null, "", here);
}

// One box ticks all boxes of its table.
addEventListener("change", (event) => {
  if (!event.target.matches("[data-tick-all]")) return;
  for (const box of event.target.closest("form").querySelectorAll('input[name="id"]')) box.checked = event.target.checked;
});

offerCopies(document);
if (live().length) share();
// What no event tells of is read again now and then.
const every = document.querySelector("[data-every]");
if (every) setInterval(() => { if (!timer && !document.hidden) timer = setTimeout(refresh, 0); }, every.dataset.every * 1000);
