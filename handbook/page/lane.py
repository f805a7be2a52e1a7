"""One part of the book: its lane on its first page, and where a page stands in it."""

import re
from html import escape

from handbook.page.front import Entry
from handbook.page.map import line_of
from handbook.page.outline import Book, Part, Place
from handbook.registry import book_view

_DRAWER_HEAD = re.compile(
    r'<label class="md-nav__title" for="__nav_\d+">.*?</label>', re.S
)


@book_view("lane")
def lane(book: Book, key: str, root: str) -> str:
    """The pages of the part whose first page is ``key``: how long, where to begin."""
    part = book.part(key.rpartition("/")[0])
    if part is None or not part.places:
        return ""
    rows = "".join(_row(book, place, root) for place in part.places)
    return (
        f'<div class="hb-lane {line_of(part)}" data-pagefind-ignore>'
        f'<p class="hb-sum">{_sum(book, part, root)}</p><ol>{rows}</ol></div>'
    )


def _sum(book: Book, part: Part, root: str) -> str:
    """「已写 1 页，计划 5 页 · 约 1 小时」, and a link to the first page."""
    planned = len(part.places) - len(part.written)
    if not part.written:
        return f"{planned} 页，都在计划中"
    words = f"已写 {len(part.written)} 页，计划 {planned} 页"
    minutes = sum(book.entries[place.key].minutes for place in part.written)
    first = part.written[0]
    url = root + book.entries[first.key].url
    return (
        f"<span>{words if planned else f'{len(part.written)} 页'} · {spoken(minutes)}"
        f'</span> <a href="{url}">从 {first.number} 开始</a>'
    )


def spoken(minutes: int) -> str:
    """Minutes as a reader plans them: 「约 40 分钟」, 「约 4½ 小时」."""
    if minutes < 55:
        return f"约 {minutes} 分钟"
    hours, half = divmod(round(minutes / 30), 2)
    return f"约 {hours}{'½' if half else ''} 小时"


def _row(book: Book, place: Place, root: str) -> str:
    if place.file is None:
        return planned(place.number, place.title)
    entry = book.entries[place.key]
    return written(entry, root + entry.url, entry.title, escape(gist(entry)))


def written(entry: Entry, link: str, title: str, why: str) -> str:
    """The row of a page that can be read; ``why`` is HTML."""
    return (
        f'<li><a href="{link}"><b>{entry.number}</b> {escape(title)}</a> '
        f"<small>{entry.front.level} · {entry.minutes} 分钟</small><p>{why}</p></li>"
    )


def planned(number: str, title: str, why: str = "") -> str:
    """The row of a page to come; ``why`` is HTML."""
    said = f"<p>{why}</p>" if why else ""
    name = f"<span><b>{number}</b> {escape(title)}</span>"
    return f'<li class="plan">{name} <small>计划中</small>{said}</li>'


def gist(entry: Entry) -> str:
    """What a page is about, in the first clause of its description."""
    clauses = entry.front.description.replace("；", "。").split("。")
    return clauses[0]


def in_drawer(page: str, book: Book, key: str, root: str) -> str:
    """A page whose drawer has the way to its part's first page: 「导读 5 / 8」."""
    part = book.part(key.rpartition("/")[0])
    if part is None or not part.places:
        return page
    total = len(part.places)
    at = [n for n, place in enumerate(part.places, 1) if place.key == key]
    where = f"{at[0]} / {total}" if at else f"{total} 页"
    url = root + book.entries[part.index.rpartition(".")[0]].url
    way = f'<a class="hb-guide" href="{url}">导读 <span>{where}</span></a>'
    return _DRAWER_HEAD.sub(lambda head: head[0] + way, page, count=1)
