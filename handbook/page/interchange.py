"""Where the two lines of the book meet: a page of meetings and one of learning.

One needs the other, or each leads to the other. Counted from the pages, never listed.
"""

from collections.abc import Iterator

from handbook.page.front import Entry
from handbook.page.outline import Book

MEETINGS, ASIDE = "resources", "faq"  # the part of the other line; part of no line
MOST = 5  # on the map
Station = tuple[int, int]  # a part's row, a page's column


def interchanges(book: Book) -> list[tuple[Station, Station]]:
    """The first pairs of stations that belong together, of learning and of meetings."""
    learning = list(_stations(book, meetings=False))
    pairs = [
        (here, there)
        for there, meeting in _stations(book, meetings=True)
        for here, page in learning
        if _belong(page, meeting)
    ]
    return pairs[:MOST]


def _stations(book: Book, meetings: bool) -> Iterator[tuple[Station, Entry]]:
    """The pages of one line that are written, and where they stand."""
    for row, part in enumerate(book.parts):
        if part.name != ASIDE and (part.name == MEETINGS) == meetings:
            for column, place in enumerate(part.places):
                if place.file:
                    yield (row, column), book.entries[place.key]


def _belong(one: Entry, other: Entry) -> bool:
    needs = one.key in other.front.requires or other.key in one.front.requires
    return needs or (one.url in other.links and other.url in one.links)
