// What is below the screen is laid out when it comes near (page/portions.py), at a height
// that is guessed until then: box by box once the reader scrolls, and all of it before a
// place on the page is jumped to.
{
  const waiting = [...document.querySelectorAll(".hb-late .hb-portion")];

  function lay(count) {
    for (const box of waiting.splice(0, count)) box.style.contentVisibility = "visible";
  }

  function next() {
    lay(1);
    if (waiting.length) requestAnimationFrame(() => setTimeout(next));
  }

  addEventListener("scroll", next, { once: true });
  document.addEventListener(
    "click",
    ({ target }) => {
      if (target.closest?.("a[href*='#']")) lay(waiting.length);
    },
    true,
  );
  addEventListener("hashchange", () => {
    if (!waiting.length) return;
    lay(waiting.length);
    document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  });
}
