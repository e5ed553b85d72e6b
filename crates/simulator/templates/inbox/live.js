// Looks for news every two seconds and replaces what is marked data-live. Everything works without it.
const frame = document.querySelector("[data-revision]");
const end = document.querySelector(".talk");
if (end) end.scrollTop = end.scrollHeight;

async function refresh() {
  const answer = await fetch(`/inbox/${frame.dataset.workspace}/revision`);
  const revision = answer.ok ? await answer.text() : frame.dataset.revision;
  if (revision === frame.dataset.revision) return;
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  frame.dataset.revision = revision;
  for (const old of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${old.dataset.live}"]`);
    const busy = old !== document.activeElement && old.contains(document.activeElement);
    if (!fresh || fresh.innerHTML === old.innerHTML || busy) continue;
    const known = new Set([...old.querySelectorAll("[data-key]")].map((one) => one.dataset.key));
    const bottom = old.scrollHeight - old.scrollTop - old.clientHeight < 40;
    const top = old.scrollTop;
    old.innerHTML = fresh.innerHTML;
    for (const one of old.querySelectorAll("[data-key]")) {
      if (!known.has(one.dataset.key)) one.classList.add("changed");
    }
    old.scrollTop = bottom && old === end ? old.scrollHeight : top;
  }
}

if (frame) setInterval(() => document.hidden || refresh().catch(() => {}), 2000);
