// One choice for all groups of tabs: PyTorch here is PyTorch on every page, and next
// time. One listener for all: the theme's script measures group after group, which was
// the longest task of a page's start, so the groups are kept from it (page/listings.py).
{
  const KEY = "hb-tabs";
  const name = (label) => label.textContent.trim();

  /** Turn every group that has a tab of this name to it. */
  const choose = (wanted) => {
    for (const label of document.querySelectorAll(".tabbed-labels > label"))
      if (name(label) === wanted) document.getElementById(label.htmlFor).checked = true;
  };

  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.(".tabbed-set > input")) return;
    const wanted = name(target.labels[0]);
    const place = () => target.parentElement.getBoundingClientRect().top;
    const before = place(); // what stands above may grow
    choose(wanted);
    scrollBy({ top: place() - before, behavior: "instant" });
    const earlier = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    localStorage.setItem(KEY, JSON.stringify([wanted, ...earlier.filter((n) => n !== wanted)]));
  });

  for (const wanted of JSON.parse(localStorage.getItem(KEY) ?? "[]").reverse()) choose(wanted);
}
