// In the page beside axe: which words look the same, and what has been shown.
window.looks = (() => {
  const COLOUR = ["color-contrast", "link-in-text-block"];
  const WIDTH = ["scrollable-region-focusable"];
  const PLAIN = "rgba(0, 0, 0, 0)|none|1|none|normal|static|auto";
  const contrast = axe._audit.checks["color-contrast"].evaluate;
  const seen = new WeakSet();
  let grounds = new Map();
  let passed = null; // the looks that have passed, or null: judge every word

  /** All that the ancestors of a word paint under it. */
  function ground(element) {
    if (!element) return "";
    if (!grounds.has(element)) {
      const s = getComputedStyle(element);
      const own = [s.backgroundColor, s.backgroundImage, s.opacity, s.filter,
        s.mixBlendMode, s.position, s.zIndex].join("|");
      const under = ground(element.parentElement);
      grounds.set(element, own === PLAIN ? under : `${under}/${own}`);
    }
    return grounds.get(element);
  }

  /** What the contrast of a word is made of. */
  function look(element) {
    const s = getComputedStyle(element);
    const ink = [s.color, s.fontSize, s.fontWeight, s.textShadow];
    return [...ink, ground(element)].join("|");
  }

  function evaluate(node, ...rest) {
    const name = passed && look(node);
    if (passed?.has(name)) return true;
    const verdict = contrast.call(this, node, ...rest);
    if (verdict === true) passed?.add(name);
    return verdict;
  }
  // A colour on its way to another would be judged half-way.
  const still = new CSSStyleSheet();
  still.replaceSync("*, ::before, ::after { transition: none !important }");
  document.adoptedStyleSheets.push(still);

  axe.configure({ checks: [{ id: "color-contrast", evaluate }] });

  async function faults(context, options) {
    const found = await axe.run(context, { resultTypes: ["violations"], ...options });
    return found.violations
      .filter((rule) => ["serious", "critical"].includes(rule.impact))
      .flatMap((rule) => rule.nodes.map((node) =>
        `${rule.id}: ${node.target} ${node.failureSummary.slice(0, 200)}`));
  }

  const shown = () => [...document.querySelectorAll("body *")].filter((element) =>
    element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }));

  function remember() {
    shown().forEach((element) => seen.add(element));
  }

  return {
    remember,

    /** Wait until a change of the window is drawn. */
    async settle() {
      for (let n = 0; n < 3; n++) await new Promise(requestAnimationFrame);
    },

    async all() {
      passed = null;
      const found = await faults(document, {});
      remember();
      return found;
    },

    async changed() {
      [passed, grounds] = [new Set(), new Map()];
      const found = await faults(document, { runOnly: [...COLOUR, ...WIDTH] });
      const fresh = shown().filter((element) => !seen.has(element));
      const asked = COLOUR.concat(WIDTH).map((rule) => [rule, { enabled: false }]);
      const rules = Object.fromEntries(asked);
      if (fresh.length) found.push(...(await faults({ include: fresh }, { rules })));
      remember();
      return found;
    },
  };
})();
