// The script of the pages that show what goes on: while somebody looks, it fetches the page again and changes what has
// changed. What is open, focused, selected or scrolled to stays: elements are kept, those with an id by it. It waits while
// a form is used. (Written as the browser gets it.)

export const live = String.raw`
const EVERY_MS = 5_000;
const PATIENCE_MS = 10_000;
const main = document.querySelector("main");
const lost = document.getElementById("lost");
const sheet = (page) => page.querySelector("link[rel=stylesheet]").getAttribute("href");

const isBusy = () => document.hidden || (document.activeElement.closest("form") && main.contains(document.activeElement));

async function refresh() {
  if (isBusy()) return;
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status >= 500) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("main");
    // Logged out, forgotten, or another release: the page says it best itself.
    const is_other = answer.redirected || !answer.ok || fresh === null;
    if (is_other || sheet(page) !== sheet(document)) return location.reload();
    if (!isBusy()) patch(main, document.adoptNode(fresh));
    lost.replaceChildren();
  } catch {
    if (!lost.hasChildNodes()) lost.append(document.getElementById("lost-words").content.cloneNode(true));
  }
}

function patch(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) return void (old.nodeValue = fresh.nodeValue);
  for (const { name } of [...old.attributes]) if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  const staying = new Set([...fresh.children].map(({ id }) => id));
  for (const child of [...old.children]) if (child.id && !staying.has(child.id)) child.remove();
  let place = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const known = child.id ? [...old.children].find(({ id }) => id === child.id) : place;
    const is_same = known && known.nodeName === child.nodeName && (known.id ?? "") === (child.id ?? "");
    if (!is_same) old.insertBefore(child, place);
    else if (known === place) place = place.nextSibling;
    else old.insertBefore(known, place);
    if (is_same) patch(known, child);
  }
  for (let next; place; place = next) {
    next = place.nextSibling;
    place.remove();
  }
}

const again = () => refresh().finally(() => setTimeout(again, EVERY_MS));
setTimeout(again, EVERY_MS);
document.addEventListener("visibilitychange", () => void refresh());
`.trim();
