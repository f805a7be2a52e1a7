"""Recorded figures: matplotlib's SVG made fit for a page that is light or dark."""

import re
from pathlib import Path

from lxml import etree

from handbook.errors import HandbookError

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
#: Pixels that a phone's column has; what is no wider never scrolls there.
COLUMN = 358
_COLOURS = {
    "#000000": "currentColor",
    "#ffffff": "var(--md-default-bg-color)",
    "#1f77b4": "var(--hb-qing)",
    "#ff7f0e": "var(--hb-zhu)",
}


def tidy_svg(svg: str, path: Path) -> str:
    """matplotlib's SVG made fit for a page that is light or dark.

    Without prologue and metadata, no wider than it was drawn, and of the class
    ``hb-fits`` where a phone shows it at that size; with its title for screen readers,
    its ids made unique by the snippet's name, its colours as CSS variables, and the
    page's font. Raises ``HandbookError`` where the title is missing.
    """
    root = etree.fromstring(svg.encode(), etree.XMLParser(remove_blank_text=True))
    title = root.find(f"{_SVG}title")
    if title is None:
        raise HandbookError(
            f"{path}: the figure has no title for screen readers (pass "
            'metadata={"Title": "…"} to savefig)'
        )
    etree.strip_elements(root, f"{_SVG}metadata", f"{_SVG}style", etree.Comment)
    pixels = float(root.attrib.pop("width").removesuffix("pt")) * 4 / 3
    root.attrib.pop("height")
    if pixels <= COLUMN:
        root.set("class", "hb-fits")
    root.attrib.update(
        {
            "style": f"max-width: {pixels:.0f}px",
            "role": "img",
            "aria-labelledby": f"{path.stem}-title",
            "fill": "currentColor",
            "stroke-linejoin": "round",
        }
    )
    _drop_idle(root)
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "id":
                element.set(name, f"{path.stem}-{value}")
            elif name == _HREF:
                del element.attrib[name]
                element.set("href", f"#{path.stem}-{value.removeprefix('#')}")
            else:
                long = name == "d" and element.getparent().tag != f"{_SVG}defs"
                element.set(name, _restyled(value, path.stem, 1 if long else 2))
    title.set("id", f"{path.stem}-title")
    etree.cleanup_namespaces(root)
    text = etree.tostring(root, encoding="unicode", pretty_print=True)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


def _drop_idle(root: etree._Element) -> None:
    """Drop what shows nothing: unseen paths, names nobody calls, groups of no use."""
    drawn = etree.tostring(root, encoding="unicode")
    called = set(re.findall(r'(?:url\(#|href="#)([\w-]+)', drawn))
    for element in list(root.iter()):
        if element.get("style") == "fill: none":
            element.getparent().remove(element)
        if element.get("id") not in called:
            element.attrib.pop("id", None)
        if element.get("transform", "").startswith("rotate(-0 "):
            del element.attrib["transform"]
    for group in list(root.iter(f"{_SVG}g", f"{_SVG}defs")):
        if not group.attrib and (group.tag == f"{_SVG}g" or not len(group)):
            place = group.getparent().index(group)
            group.getparent()[place : place + 1] = list(group)


def _restyled(value: str, stem: str, places: int) -> str:
    """One attribute's value with variables for colours and the page's own font.

    A tenth of a point is finer than an eye sees on a path, a hundredth on a mark that
    is a few points wide.
    """
    value = value.replace("url(#", f"url(#{stem}-")
    value = re.sub(r"font-family: [^;]*;? ?", "", value)
    value = re.sub(r"font: ([\d.]+px) [^;]*;?", r"font-size: \1;", value)
    for plain, variable in _COLOURS.items():
        value = value.replace(plain, variable)
    value = re.sub(
        r"-?\d+\.\d+",
        lambda number: f"{float(number[0]):.{places}f}".rstrip("0").rstrip("."),
        " ".join(value.split()),
    )
    return re.sub(r"(?<=[MLz]) (?=[-\d])| (?=[MLQCz]\b)", "", value)
