"""Social cards: what is drawn, and what is said where they cannot be."""

import sys

import pytest
from lxml import etree

from handbook.page import cards, outline

PARTS = outline.parts(
    [{"概念": ["concepts/index.md"]}, {"会议": ["resources/index.md"]}]
)


def texts(svg: str) -> list[str]:
    """The words on a card."""
    return etree.fromstring(svg).xpath("//*[local-name()='text']/text()")


def strong(svg: str) -> int:
    """How many cells of its stair stand out."""
    return svg.count(f'fill="{cards.QING}"/>') + svg.count('fill="#a8361a"/>')


def test_a_card_says_part_number_and_site() -> None:
    shown = texts(cards.card("会议", "7", "书名", 8, 6))
    assert shown == ["7", "会议", "书名", cards.PROMISE]


def test_of_the_stair_the_column_of_the_part_stands_out() -> None:
    seal = strong(cards.card("概念", "9", "书名", 8, 8))
    assert strong(cards.card("概念", "3", "书名", 8, 2)) - seal == 3
    assert strong(cards.card("首页", "", "书名", 8)) - seal == 36


def test_every_part_and_the_home_page_have_an_address_of_their_own() -> None:
    found = [cards.address(part) for part in (None, *PARTS)]
    assert found == [f"assets/cards/{n}.png" for n in ("home", "concepts", "resources")]


def test_without_resvg_the_mend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    assert ".[cards]" in cards.missing()


def test_without_a_chinese_font_the_mend_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", sys)
    monkeypatch.setattr(cards, "_pixels", lambda svg: b"an empty box")
    assert "fonts-noto-cjk" in cards.missing()
