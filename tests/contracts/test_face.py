"""The book's face: the contrast of its colours, as its sheet names them."""

import re
from pathlib import Path

import pytest

SHEET = Path(__file__).parents[2] / "docs" / "assets" / "handbook.css"
GROUNDS = ["paper", "wash", "code", "out"]
#: What a colour is for, and so how far it must stand off its ground.
LEAST = {"ink": 7, "qing": 6.5, "ink-2": 4.5, "zhu": 4.5, "lv": 4.5}


def colours(scheme: str) -> dict[str, str]:
    """The tokens of a scheme, ``ink`` to ``#1d2126``."""
    text = SHEET.read_text(encoding="utf-8")
    rule = text.partition(f'[data-md-color-scheme="{scheme}"] {{')[2].partition("}")[0]
    return dict(re.findall(r"--hb-([\w-]+): (#[0-9a-f]+);", rule))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of ``#rgb`` or ``#rrggbb``."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * d for d in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["default", "slate"])
@pytest.mark.parametrize("colour", LEAST)
def test_a_colour_of_text_is_read_on_every_ground(scheme: str, colour: str) -> None:
    known = colours(scheme)
    found = {ground: contrast(known[colour], known[ground]) for ground in GROUNDS}
    assert min(found.values()) >= LEAST[colour], found


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_the_line_of_a_control_is_seen(scheme: str) -> None:
    known = colours(scheme)
    assert contrast(known["line-2"], known["paper"]) >= 3


def test_both_schemes_name_the_same_colours() -> None:
    assert colours("default").keys() == colours("slate").keys() >= {*LEAST, *GROUNDS}


def test_a_section_of_the_sheet_begins_outside_all_rules() -> None:
    depth, inside = 0, []
    for line in SHEET.read_text(encoding="utf-8").splitlines():
        if line.startswith("/* ---") and depth:
            inside.append(line)
        depth += line.count("{") - line.count("}")
    assert (inside, depth) == ([], 0)
