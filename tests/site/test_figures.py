"""Figures on a phone and on paper: all in sight, and every letter legible."""

import pytest
from playwright.sync_api import Page

from . import axe
from .conftest import ADDRESSES, Loaded

DONE = [
    a
    for a in ADDRESSES
    if a.startswith(("background/", "resources/", "concepts/", "frameworks/"))
]
FIGURES = "figure:has(svg.hb-figure)"  # the drawn ones; recorded ones come later
LEGIBLE = 12  # px on the screen

pytestmark = pytest.mark.parametrize("address", DONE, indirect=True, scope="module")

SCROLLED = """(figures) => [...document.querySelectorAll(figures)]
  .filter((figure) => figure.scrollWidth > figure.clientWidth)
  .map((figure) => figure.querySelector("title").textContent)"""

# Letters as they come to the eye: of the drawings in sight, with their scale.
SMALL = """([figures, least]) => [...document.querySelectorAll(figures)]
  .flatMap((figure) => [...figure.querySelectorAll("svg text, svg tspan")])
  .filter((text) => text.getClientRects().length)
  .map((text) => [text.textContent,
    parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a])
  .filter(([, size]) => size < least)
  .map(([letters, size]) => `${letters}: ${size.toFixed(1)} px`)"""

BOTH_SHOWN = """(figures) => [...document.querySelectorAll(figures)]
  .filter((figure) => figure.querySelector(".hb-tall"))
  .filter((figure) => [...figure.querySelectorAll(":scope > svg")]
    .filter((svg) => svg.getClientRects().length)
    .map((svg) => svg.matches(".hb-tall")).join() !== "%s")
  .map((figure) => figure.querySelector("title").textContent)"""


@pytest.fixture
def phone(narrow: Loaded) -> Page:
    """The page in a window of 390 px, light."""
    axe.show(narrow.page, "light", 390)
    return narrow.page


def test_no_figure_scrolls_on_a_phone(phone: Page) -> None:
    assert phone.evaluate(SCROLLED, FIGURES) == []


def test_no_letter_of_a_figure_is_too_small_on_a_phone(phone: Page) -> None:
    assert phone.evaluate(SMALL, [FIGURES, LEGIBLE]) == []


def test_a_phone_is_shown_the_tall_drawing_alone(phone: Page) -> None:
    assert phone.evaluate(BOTH_SHOWN % "true", FIGURES) == []


def test_paper_is_given_the_wide_drawing_alone(phone: Page) -> None:
    phone.emulate_media(media="print")
    shown = phone.evaluate(BOTH_SHOWN % "false", FIGURES)
    phone.emulate_media(media="screen")
    assert shown == []
