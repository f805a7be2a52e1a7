// In the page beside axe: what has been shown, and which elements look the same.
window.looks = (() => {
  const COLOUR = ["color-contrast", "link-in-text-block"];
  const WIDTH = ["scrollable-region-focusable"];
  const PLAIN = "rgba(0, 0, 0, 0)|none|1|none|normal|static|auto";
  const FIELDS = "input, select, textarea";
  const seen = new WeakSet();

  const elements = () => [...document.body.querySelectorAll("*")];
  const shown = (element) =>
    element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  const speaks = (element) =>
    [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());

  /** Elements by what their contrast is made of, simple ones first. */
  function kinds() {
    const grounds = new Map([[null, ""]]);
    const ground = (element) => {
      if (!grounds.has(element)) {
        const s = getComputedStyle(element);
        const own = [s.backgroundColor, s.backgroundImage, s.opacity, s.filter,
          s.mixBlendMode, s.position, s.zIndex].join("|");
        const under = ground(element.parentElement);
        grounds.set(element, own === PLAIN ? under : `${under}/${own}`);
      }
      return grounds.get(element);
    };
    const ink = (element) => {
      const s = getComputedStyle(element);
      return [s.color, s.fontSize, s.fontWeight, s.textShadow,
        s.textDecorationLine, s.borderBottom].join("|");
    };
    const kind = (element) => {
      const link = element.closest("a, [role=link]");
      const beside = link && link.parentElement;
      return [ink(element), ground(element), link === element,
        beside && ink(beside) + speaks(beside)].join("~");
    };
    const size = (element) => element.querySelectorAll("*").length;
    const found = new Map();
    for (const element of elements()) {
      const words = speaks(element) || element.matches(`a, [role=link], ${FIELDS}`);
      if (!words || !shown(element)) continue;
      const name = kind(element);
      if (!found.has(name)) found.set(name, []);
      found.get(name).push(element);
    }
    for (const alike of found.values()) alike.sort((a, b) => size(a) - size(b));
    return [...found.values()];
  }

  async function run(rules, include = document) {
    const options = { elementRef: true, resultTypes: ["violations"] };
    if (rules) Object.assign(options, { runOnly: rules, resultTypes: undefined });
    return axe.run(include === document ? document : { include }, options);
  }

  const faults = ({ violations }) =>
    violations
      .filter((rule) => ["serious", "critical"].includes(rule.impact))
      .flatMap((rule) => rule.nodes.map((node) =>
        `${rule.id}: ${node.target} ${node.failureSummary.slice(0, 200)}`));

  /** Judge elements of every kind, until axe has said yes or no of one of it. */
  async function colours() {
    const found = [];
    let open = kinds();
    for (const count of [1, 4, Infinity]) {
      const include = open.flatMap((alike) => alike.slice(0, count));
      if (!include.length) break;
      const result = await run(COLOUR, include);
      found.push(...faults(result));
      const judged = new Set([...result.passes, ...result.violations].flatMap(
        (rule) => rule.nodes.map((node) => node.element)));
      open = open
        .filter((alike) => !alike.some((element) => judged.has(element)))
        .map((alike) => alike.slice(count))
        .filter((alike) => alike.length);
    }
    return found;
  }

  function remember() {
    elements().filter(shown).forEach((element) => seen.add(element));
  }

  return {
    remember,

    async settle() {
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
      const moving = document.getAnimations().filter((a) => a instanceof CSSTransition);
      await Promise.allSettled(moving.map((animation) => animation.finished));
    },

    async all() {
      const found = faults(await run());
      remember();
      return found;
    },

    async changed() {
      const fresh = elements().filter((e) => shown(e) && !seen.has(e));
      const found = faults(await run(WIDTH));
      if (fresh.length) found.push(...faults(await run(undefined, fresh)));
      found.push(...(await colours()));
      remember();
      return [...new Set(found)];
    },
  };
})();
