// What is far below the screen is laid out a little at a time while the browser is idle,
// so that opening a long page blocks no finger; all of it at once as soon as the reader
// does anything, so that nothing is ever moved under the eyes (handbook.css, "laid out
// later", names the same elements; theme/main.html says on which visits).
{
  const SLICE = 8; // ms at a stretch
  const MANY = 100; // elements laid out between two looks at the clock
  const waiting = [
    ...document.querySelectorAll(
      ".hb-late .md-content__inner > :nth-child(n + 4), .hb-late .hb-month ~ .hb-month",
    ),
  ];
  const idle = (work) =>
    globalThis.requestIdleCallback?.(work, { timeout: 500 }) ?? setTimeout(work, 50);

  function lay(time) {
    const end = performance.now() + time;
    do {
      for (let count = 0; waiting.length && count < MANY; ) {
        const box = waiting.shift();
        box.style.contentVisibility = "visible";
        count += 1 + box.getElementsByTagName("*").length;
      }
      document.body.getBoundingClientRect(); // lays out what was uncovered
    } while (waiting.length && performance.now() < end);
  }

  function next() {
    if (waiting.length) lay(SLICE);
    if (waiting.length) idle(next);
  }

  const all = () => waiting.length && lay(Infinity);
  for (const kind of ["pointerdown", "wheel", "keydown", "click", "beforeprint"])
    addEventListener(kind, all, { capture: true, once: true, passive: true });
  addEventListener("scroll", all, { once: true, passive: true }); // not a box's own
  idle(next);
}
