// Copying: the button of a code block, and the formulas in what a reader selects.
// A plain script, so that it also runs on a page that was opened from disk.
{
  const SAID = 2000; // ms that a button shows that it worked

  /** The code alone, without the line break at its end, which would run a command. */
  const put = async (code) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(code.textContent.trimEnd());
    getSelection().selectAllChildren(code); // without https there is no clipboard
    if (!document.execCommand("copy")) throw new Error("refused");
  };

  const say = (button, words, done) => {
    button.dataset.title ??= button.title;
    button.title = words ?? button.dataset.title;
    button.ariaLabel = button.title;
    button.classList.toggle("hb-copied", done);
  };

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest?.(".md-code__button");
    if (!button) return;
    try {
      await put(button.parentElement.querySelector("code"));
      say(button, "已复制", true);
    } catch {
      say(button, "没能复制：请选中代码，再按 Ctrl+C", false);
    }
    setTimeout(() => say(button, null, false), SAID);
  });

  // --- formulas: √d_k, where one line can say it, or else the TeX ------------------

  const JOINED = { msub: ["", "_"], msup: ["", "^"], mfrac: ["", "/"], msubsup: ["", "_", "^"] };
  const ROWS = new Set(["math", "mrow", "mstyle", "mpadded", "mi", "mn", "mo", "mtext"]);
  const ACCENTS = { "^": "\u0302", "~": "\u0303", "¯": "\u0304", "‾": "\u0304", "˙": "\u0307" };

  /** In brackets if it is more than one sign, number or name. */
  const part = (text) => (/^(.|[\p{L}\p{M}\p{N}.√_^]*)$/u.test(text) ? text : `(${text})`);

  /** A formula on one line; null if it does not fit on one. */
  function line(node) {
    const tag = node.localName;
    if (tag === "semantics") return line(node.firstElementChild);
    if (tag === "mspace") return " ";
    const inner = [...node.children].map(line);
    if (inner.includes(null)) return null;
    if (ROWS.has(tag)) return inner.length ? inner.join("") : sign(node);
    if (tag === "msqrt") return `√${part(inner.join(""))}`;
    if (tag === "mover" && ACCENTS[inner[1]] && [...inner[0]].length === 1) {
      return inner[0] + ACCENTS[inner[1]];
    }
    const whole = (text, i) => (i || tag === "mfrac" ? part(text) : text);
    return JOINED[tag]?.map((mark, i) => mark + whole(inner[i], i)).join("") ?? null;
  }

  /** The text of a sign, a relation or a sum with blanks around it. */
  function sign(node) {
    const text = node.textContent;
    const between = node.localName === "mo" && node.previousElementSibling;
    return between && /^[=≈≠≤≥<>∈∼≡→←⇒+−±×·]$/.test(text) ? ` ${text} ` : text;
  }

  const tex = (math) => math.querySelector("annotation")?.textContent ?? math.textContent;
  const shown = (math) =>
    math.getAttribute("display") === "block" ? `$$${tex(math)}$$` : (line(math) ?? `$${tex(math)}$`);

  document.addEventListener("copy", (event) => {
    const chosen = getSelection();
    if (event.defaultPrevented || chosen.rangeCount !== 1 || chosen.isCollapsed) return;
    const range = chosen.getRangeAt(0);
    const cut = [range.startContainer, range.endContainer].map((node) =>
      (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement).closest("math"),
    );
    const inside = [...document.querySelectorAll("math")].filter((m) => range.intersectsNode(m));
    if (!inside.length) return;
    if (cut[0]) range.setStartBefore(cut[0]); // half a formula is none
    if (cut[1]) range.setEndAfter(cut[1]);
    const markup = document.createElement("div");
    markup.append(range.cloneContents());
    // The words as the browser itself lays them out: formulas stand aside for a moment.
    const stood = inside.map((math) => {
      const words = document.createElement("span");
      words.textContent = shown(math);
      math.before(words);
      math.style.display = "none";
      return [math, words];
    });
    const text = chosen.toString();
    for (const [math, words] of stood) {
      words.remove();
      math.removeAttribute("style");
    }
    event.clipboardData.setData("text/plain", text);
    event.clipboardData.setData("text/html", markup.innerHTML);
    event.preventDefault();
  });
}
