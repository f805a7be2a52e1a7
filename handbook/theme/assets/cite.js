// A citation opens in place: who, what, where, beside its number. Without this script,
// or with a key held, its link goes to the note at the page's end.
{
  let box, asked;

  const close = () => box.hidePopover();

  function make() {
    box = document.createElement("div");
    box.className = "hb-cite md-typeset";
    box.popover = "auto";
    box.tabIndex = -1;
    box.setAttribute("role", "note");
    box.addEventListener("toggle", ({ newState }) => {
      if (newState === "open") return addEventListener("scroll", close, { once: true });
      removeEventListener("scroll", close);
      if (box.contains(document.activeElement)) asked.focus({ preventScroll: true });
    });
    document.body.append(box);
  }

  /** Below the number, or above it where the window ends; within the window's sides. */
  function place() {
    const { bottom, left, top } = asked.getBoundingClientRect();
    const below = bottom + 6 + box.offsetHeight < innerHeight;
    const side = Math.min(left - 12, innerWidth - box.offsetWidth - 12);
    box.style.left = `${Math.max(12, side)}px`;
    box.style.top = `${below ? bottom + 6 : top - 6 - box.offsetHeight}px`;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".footnote-ref");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const note = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!note || !("popover" in HTMLElement.prototype)) return;
    event.preventDefault();
    if (!box) make();
    asked = link;
    box.replaceChildren(...note.cloneNode(true).childNodes);
    for (const back of box.querySelectorAll(".footnote-backref")) back.remove();
    box.showPopover();
    place();
    box.focus({ preventScroll: true });
  });
}
