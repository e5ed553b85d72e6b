// What the console can do beyond links and forms. Every page works without it.

const live = () => [...document.querySelectorAll("[data-live]")];

// Live updates: an event says that something changed; the page is read again and only what differs is put in place.
const TOPICS = { run: ["run"], connection: ["run"], score: ["score"], reset: ["run", "score"] };
const PAUSE = { run: 1000, score: 4000 };
const timers = {};

// One page of this browser listens for all of them, as browsers allow few open streams to one server.
function share() {
  const channel = new BroadcastChannel("harken");
  channel.addEventListener("message", (event) => changed(event.data));
  const tell = (kind) => { changed(kind); channel.postMessage(kind); };
  const listening = () => new Promise(() => listen(tell));
  if (navigator.locks) navigator.locks.request("harken-events", listening); else listening();
}

function listen(tell) {
  const stream = new EventSource("/api/v1/events");
  for (const kind of Object.keys(TOPICS)) stream.addEventListener(kind, () => tell(kind));
}

function changed(kind) {
  for (const topic of TOPICS[kind] ?? []) {
    timers[topic] ??= setTimeout(() => {
      replace(topic).catch(() => {}).finally(() => { delete timers[topic]; });
    }, document.hidden ? 10000 : PAUSE[topic]);
  }
}

async function replace(topic) {
  const regions = live();
  const concerned = regions.some((region) => region.dataset.live.split(" ").includes(topic));
  if (!concerned || document.querySelector(".menu[open], dialog[open]")) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
  if (!answer.ok) return;
  // All regions, so that those beside each other tell of the same moment.
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const region of regions) {
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
const parts = (region) => [...region.querySelectorAll("tr[data-row], .tile")];
const name = (part) => part.id || part.getAttribute("href") || part.querySelector("a")?.getAttribute("href");
function words(part) {
  const copy = part.cloneNode(true);
  for (const time of copy.querySelectorAll("time")) time.remove();
  return copy.textContent;
}

function put(region, next) {
  if (meaning(region) === meaning(next)) return;
  const focused = region.contains(document.activeElement) ? document.activeElement : null;
  const before = new Map(parts(region).map((part) => [name(part), words(part)]));
  region.replaceChildren(...next.childNodes);
  if (focused) again(region, focused)?.focus({ preventScroll: true });
  for (const part of parts(region)) {
    if (before.size && before.get(name(part)) !== words(part)) part.classList.add("changed");
  }
  offerCopies(region);
  if (region.id === "banner") announce(region.querySelector("strong")?.textContent ?? "");
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
const drawing = (paths) => `<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${paths}</svg>`;
const COPY = drawing('<rect x="5.5" y="5.5" width="7.5" height="7.5" rx="1.5"/><path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5"/>');
const CHECK = drawing('<path d="m3.5 8.5 3 3 6-7"/>');

// Keyboard: / search, j and k rows, ? help.
function step(by) {
  const links = [...document.querySelectorAll("tr[data-row] th a")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, at + by));
  links[next].focus();
  links[next].closest("tr").scrollIntoView({ block: "nearest" });
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

offerCopies(document);
if (live().length) share();
