// What the tools in a frame share; the frame itself is that of handbook/widgets/frame.py.

/** An element with properties and what stands in it. */
export function make(tag, values = {}, ...inside) {
  const made = Object.assign(document.createElement(tag), values);
  made.append(...inside);
  return made;
}

/** A button that does something. */
export function button(textContent, click, values = {}) {
  const made = make("button", { type: "button", textContent, ...values });
  made.addEventListener("click", click);
  return made;
}

/** The frame around a tool, with its button that resets it: its data and its body. */
export function frame(element, reset) {
  const data = element.querySelector('script[type="application/json"]');
  element.querySelector(".hb-tool-head").append(button("复位", reset));
  return {
    data: JSON.parse(data.textContent),
    body: element.querySelector(".hb-tool-body"),
  };
}

/** Buttons in a row, of which one may be pressed: [[label, value], …]. */
export function chips(row, legend, options, choose) {
  row.className = "hb-chips";
  row.role = "group";
  row.ariaLabel = legend;
  const made = options.map(([label, value]) => {
    const chip = button(label, () => choose(value));
    return Object.assign(chip, { chosen: value });
  });
  row.replaceChildren(...made);
  return (value) => made.forEach((chip) => (chip.ariaPressed = chip.chosen === value));
}
