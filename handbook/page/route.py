"""A way through the book for one kind of reader: a list of links, counted and checked.

    <div class="hb-route" data-knows="background/setup" markdown>

    1. [神经网络](../concepts/neural-network.md)：why it stands here
    2. **现代解码器**：a page that is only planned, by its title in ``nav``

    </div>

``data-knows`` names the pages whose content this reader is taken to know.
"""

import re
from collections.abc import Iterator

from lxml import html

from handbook.errors import HandbookError, did_you_mean
from handbook.page.front import Entry
from handbook.page.lane import planned, spoken, written
from handbook.page.links import address
from handbook.page.outline import Book

_ROUTE = re.compile(r'<div class="hb-route".*?</div>', re.S)
#: Hours a week that a route is reckoned in.
WEEKLY = (3, 8)


def finish(content: str, book: Book, key: str, source: str) -> str:
    """The page ``key`` with its routes drawn: numbers, levels, minutes and their sum.

    Raises ``HandbookError`` naming the page, the step at fault and its mend.
    """

    def drawn(match: re.Match) -> str:
        route = html.fragment_fromstring(match[0])
        steps = [_step(item, book, key, source) for item in route.iter("li")]
        pages = [page for page, _ in steps if page]
        _check_order(pages, route.get("data-knows", "").split(), book, source)
        rows = "".join(row for _, row in steps)
        return (
            '<div class="hb-lane q" data-pagefind-ignore>'
            f'<p class="hb-sum"><span>{_sum(pages, len(steps))}</span></p>'
            f"<ol>{rows}</ol></div>"
        )

    return _ROUTE.sub(drawn, content)


def _step(
    item: html.HtmlElement, book: Book, key: str, source: str
) -> tuple[Entry | None, str]:
    """The page of a step, or ``None`` for a planned one, and its row."""
    name = next(item.iter("a", "strong"), None)
    if name is None:
        raise HandbookError(
            f"{source}: a step of a route names no page: "
            f"{item.text_content().strip()[:30]!r} (link it, or make a plan bold)"
        )
    title = name.text_content().strip()
    why = _after(name)
    if name.tag == "strong":
        return None, planned(_planned(title, book, source), title, why)
    url = address(name.get("href"), book.entries[key].url)
    page = next((e for e in book.entries.values() if e.url == url), None)
    if page is None:
        raise HandbookError(
            f"{source}: a step of a route leads to no page of the book: {title!r} "
            "(link a page, without an anchor)"
        )
    return page, written(page, name.get("href"), title, why)


def _after(name: html.HtmlElement) -> str:
    """What a step says after the name of its page, as HTML."""
    rest = (html.tostring(e, encoding="unicode") for e in name.itersiblings())
    return ((name.tail or "") + "".join(rest)).strip("： \n")


def _planned(title: str, book: Book, source: str) -> str:
    """The number of a planned page."""
    plans = {
        p.title: p.number for part in book.parts for p in part.places if not p.file
    }
    if title not in plans:
        hint = did_you_mean(title, plans) or " (link it, if it is written)"
        raise HandbookError(f"{source}: nav plans no page {title!r}{hint}")
    return plans[title]


def _check_order(pages: list[Entry], known: list[str], book: Book, source: str) -> None:
    """Each page comes after what it requires, unless its reader knows that."""
    for name in known:
        if name not in book.entries:
            hint = did_you_mean(name, list(book.entries)) or " (name a page)"
            raise HandbookError(f"{source}: data-knows: no page {name}{hint}")
    met = set(known)
    for page in pages:
        for needed in page.front.requires:
            if needed not in met:
                raise HandbookError(
                    f"{source}: a route comes to {page.key} before {needed}, which it "
                    "requires (add it before, or to data-knows)"
                )
        met.add(page.key)


def _sum(pages: list[Entry], steps: int) -> str:
    """「9 页 · 约 8½ 小时 · 每周 3 小时要 3 周，8 小时要 2 周」."""
    minutes = sum(page.minutes for page in pages)
    planned = steps - len(pages)
    count = f"已写 {len(pages)} 页，计划 {planned} 页" if planned else f"{steps} 页"
    return f"{count} · {spoken(minutes)} · {'，'.join(_weeks(minutes))}"


def _weeks(minutes: int) -> Iterator[str]:
    for hours in WEEKLY:
        weeks = -(-minutes // (60 * hours))
        yield f"{'每周 ' if hours == WEEKLY[0] else ''}{hours} 小时要 {weeks} 周"
