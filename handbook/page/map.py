"""The map of the book as a plan of two lines.

A lane is a part, a station a page: a ring where it can be read, filled once it was (the
browser knows: ``:visited``), a dot while it is planned. Blue is the line of learning,
cinnabar the line of going to meetings, grey the branch of questions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from handbook.page.interchange import ASIDE, MEETINGS, Station, interchanges
from handbook.page.outline import Book, Part
from handbook.registry import book_view

LINES = {MEETINGS: "z", ASIDE: "n"}
LEARNING = "q"


@dataclass(frozen=True)
class Layout:
    """Where things stand, in units of the drawing: pixels, where it has its full width.

    ``hit`` is the height of what a finger finds of a station, ``step`` its width.
    """

    kind: str
    width: int
    lane: int  # from one lane to the next
    top: int  # of the first lane's stations
    left: int  # of a lane's first station
    step: int
    hit: int
    below: int  # from a lane's stations to where nothing stands
    trunk: int | None  # where the line of learning runs down

    def lane_at(self, row: int) -> int:
        """The height of a lane's stations."""
        return self.top + self.lane * row

    def station_at(self, column: int) -> int:
        """How far right a station stands."""
        return self.left + self.step * column


WIDE = Layout("wide", 700, 42, top=23, left=140, step=40, hit=36, below=21, trunk=120)
TALL = Layout("tall", 358, 56, top=44, left=14, step=24, hit=24, below=11, trunk=None)


@book_view("map")
def book_map(book: Book, key: str, root: str) -> str:
    """The map of the book: a wide drawing, a tall one for phones, and what they mean.

    ``key`` is the page that shows it, ``root`` the way from there to the site's root.
    """
    drawings = "".join(_drawing(book, layout, root) for layout in (WIDE, TALL))
    written = sum(len(part.written) for part in book.parts)
    planned = sum(len(part.places) for part in book.parts) - written
    return (
        f'<div class="hb-map" data-pagefind-ignore>{drawings}<p class="hb-key">'
        '<span class="q">学会</span> <span class="z">赴会</span> '
        f"圆环是已写的 {written} 页，读过即填满；圆点是计划中的 {planned} 页。"
        "灰线是换乘：两页彼此要用到。"
        "</p></div>"
    )


def _drawing(book: Book, layout: Layout, root: str) -> str:
    height = layout.lane * len(book.parts) + 4
    lanes = "".join(
        "".join(_lane(book, row, layout, root)) for row in range(len(book.parts))
    )
    return (
        f'<svg class="{layout.kind}" viewBox="0 0 {layout.width} {height}" '
        f'role="group" aria-label="全书地图">{_interchanges(book, layout)}'
        f"{_trunk(book, layout)}{lanes}</svg>"
    )


def _trunk(book: Book, layout: Layout) -> str:
    """What joins the lanes of the line of learning, if anything does."""
    rows = [r for r, part in enumerate(book.parts) if line_of(part) == LEARNING]
    if layout.trunk is None or not rows:
        return ""
    first, last = layout.lane_at(rows[0]), layout.lane_at(rows[-1])
    return f'<path class="{LEARNING}" d="M{layout.trunk} {first}V{last}"/>'


def _interchanges(book: Book, layout: Layout) -> str:
    """Thin ways between the lines, between stations and lanes that they pass."""

    def way(start: Station, end: Station) -> str:
        (row, column), (to_row, to_column) = start, end
        down, turn = layout.lane_at(row), layout.below
        across = layout.station_at(to_column) - layout.step // 2
        first = layout.station_at(column)
        return (
            f"M{first} {down}v{turn}H{across}V{layout.lane_at(to_row) - turn}"
            f"h{layout.step // 2}v{turn}"
        )

    ways = "".join(way(*pair) for pair in interchanges(book))
    return f'<path class="change" d="{ways}"/>' if ways else ""


def line_of(part: Part) -> str:
    """The class of a part's line."""
    return LINES.get(part.name, LEARNING)


def _lane(book: Book, row: int, layout: Layout, root: str) -> Iterator[str]:
    part = book.parts[row]
    line = line_of(part)
    yield f'<g class="{line}" transform="translate(0 {layout.lane_at(row)})">'
    yield _name(book, part, layout, root)
    if part.places:
        start = layout.trunk if layout.trunk and line == LEARNING else layout.left
        yield f'<path d="M{start} 0H{layout.station_at(len(part.places) - 1)}"/>'
        yield from _dots(part, layout)
        yield from _stations(book, part, layout, root)
    yield "</g>"


def _name(book: Book, part: Part, layout: Layout, root: str) -> str:
    """The part's name, a link to its first page, and on a phone how much is written."""
    words = f"{part.number} {escape(part.title)}"
    link = f'href="{root}{book.entries[part.index.rpartition(".")[0]].url}"'
    if layout.trunk:
        right = layout.trunk - 16
        return (
            f'<a class="part end" {link}>{_box(0, -18, right + 8, 36)}'
            f'<text x="{right}" y="5">{words}</text></a>'
        )
    return (
        f'<a class="part" {link}>{_box(0, -42, 250, 28)}'
        f'<text y="-22">{words}</text></a>'
        f'<text class="end" x="{layout.width}" y="-22">'
        f"{len(part.written)} / {len(part.places)} 页</text>"
    )


def _dots(part: Part, layout: Layout) -> Iterator[str]:
    """What is planned: each dot drawn twice, a ring and its hole."""
    columns = [n for n, place in enumerate(part.places) if not place.file]
    if columns:
        dots = "".join(f"M{layout.station_at(n)} 0h0" for n in columns)
        yield f'<path class="plan" d="{dots}"/><path class="hole" d="{dots}"/>'


def _stations(book: Book, part: Part, layout: Layout, root: str) -> Iterator[str]:
    """What is written: rings, each a link with its name."""
    for column, place in enumerate(part.places):
        if place.file:
            entry = book.entries[place.key]
            yield (
                f'<a class="st" transform="translate({layout.station_at(column)})" '
                f'href="{root}{entry.url}"><title>{place.number} {escape(entry.title)}'
                f" · {entry.front.level} · {entry.minutes} 分钟</title>"
                f'{_hit(layout)}<circle r="7.5"/></a>'
            )


def _hit(layout: Layout) -> str:
    """What a finger finds of a station."""
    return _box(-layout.step // 2, -layout.hit // 2, layout.step, layout.hit)


def _box(x: int, y: int, width: int, height: int) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}"/>'
