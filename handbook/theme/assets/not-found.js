// The page for unknown addresses: the pages with the nearest addresses, and a search
// field that hands on to the one in the header.

const MOST = 3; // addresses shown

/** How many letters must be changed, added or left out to come from `a` to `b`. */
export function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1] + (a[i - 1] !== b[j - 1]);
      next.push(Math.min(changed, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

/** The pages that an address may have meant, best first: the whole or its last word. */
export function nearest(asked, pages) {
  const last = (path) => path.replace(/\/+$/, "").split("/").at(-1);
  const clean = asked.replace(/(index)?\.\w+$/, "").toLowerCase();
  const off = ({ url }) =>
    Math.min(
      distance(clean, url) / Math.max(clean.length, url.length),
      distance(last(clean), last(url)) / Math.max(last(clean).length, last(url).length),
    );
  return pages
    .filter(({ url }) => url)
    .map((page) => ({ ...page, off: off(page) }))
    .filter((page) => page.off <= 0.5)
    .sort((a, b) => a.off - b.off)
    .slice(0, MOST);
}

/** Show them: the addresses are those of the map. */
export function near() {
  const root = new URL("..", import.meta.url).pathname;
  const below = (path) => decodeURIComponent(path.slice(root.length));
  const pages = [...document.querySelectorAll(".hb-map .wide a")].map((station) => {
    const { pathname } = new URL(station.getAttribute("href"), location);
    return { path: pathname, url: below(pathname), title: station.textContent };
  });
  const box = document.getElementById("hb-near");
  const found = nearest(below(location.pathname), pages);
  for (const { path, title } of found) {
    const link = document.createElement("a");
    link.href = path;
    link.textContent = title;
    const item = document.createElement("li");
    item.append(link);
    box.querySelector("ul").append(item);
  }
  box.hidden = !found.length;
}

/** What is typed into `field` goes on in the search box of the header. */
export function pass(field) {
  const input = document.querySelector(".md-search__input");
  field.addEventListener("input", (event) => {
    if (event.isComposing) return;
    input.value = field.value;
    field.value = "";
    input.focus();
    input.setSelectionRange(input.value.length, input.value.length);
  });
  field.addEventListener("compositionend", () => field.dispatchEvent(new Event("input")));
}
