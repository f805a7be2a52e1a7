"""The map of the book."""

from handbook.page import front, map

from .test_front import book


def test_the_map_shows_every_part_and_every_page() -> None:
    shown = map.book_map(book(a=[], b=["a"]).values(), "./")
    assert all(title in shown for title in front.PARTS.values())
    assert '<a href="./concepts/b/">第 b 页</a>' in shown and "先读：第 a 页" in shown
