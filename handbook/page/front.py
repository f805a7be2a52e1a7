"""A page's front matter, and the prerequisites that bind pages."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from html import escape
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handbook.errors import HandbookError, did_you_mean

_GOALS = re.compile(r'<h2 id="goals">.*?</h2>\s*(.*?)(?=<(?:h2|figure)\b)', re.S)
#: A lab's goals: a sentence and a list before its first heading.
_LAB_GOALS = re.compile(r"(?s)(<p>[^<]*你能够：</p>\s*<ul>.*?</ul>\s*)(?=<h2\b)")
_FIRST = re.compile(r"<p>(.*?)</p>", re.S)
#: On a phone the box is a line until it is asked for (handbook.css).
_FOLD = '<p><input id="__goals" type="checkbox"><label for="__goals">\\1</label></p>'

_BOX = re.compile(r'<section class="hb-goals".*?<ul>(.*?)</ul>', re.S)
_GOAL = re.compile(r"<li>(.*?)[；。]?</li>", re.S)


class FrontMatter(BaseModel):
    """What every page says of itself before its text."""

    model_config = ConfigDict(extra="forbid")

    description: str = Field(min_length=10, max_length=160)
    tags: list[str] = Field(min_length=1)
    level: Literal["入门", "进阶", "研究"]
    requires: list[str]
    hide: list[Literal["navigation", "toc"]] = []  # what Material leaves out beside it


@dataclass(frozen=True)
class Entry:
    """One page of the book: where it is and what it says of itself."""

    key: str  # "concepts/attention"
    title: str
    url: str  # relative to the site's root
    front: FrontMatter
    minutes: int  # to read it
    number: str = ""  # "2.5", of the first page of a part "2"
    links: frozenset[str] = frozenset()  # the pages its text leads to, as ``url``

    @property
    def part(self) -> str:
        """The folder of the page, ``""`` for the home page."""
        return self.key.rpartition("/")[0]

    @property
    def is_index(self) -> bool:
        """True for the home page and the first page of a part."""
        return self.key.rpartition("/")[2] == "index"


def front_matter(meta: Mapping[str, object], page: str) -> FrontMatter:
    """The front matter of a page, or ``HandbookError`` naming page, key and mend."""
    try:
        return FrontMatter.model_validate(dict(meta))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = list(FrontMatter.model_fields)
            hint = did_you_mean(key, known) or f" (known: {', '.join(known)})"
            raise HandbookError(
                f"{page}: unknown key {key!r} in front matter{hint}"
            ) from None
        message = first["msg"]
        raise HandbookError(
            f"{page}: front matter, key {key!r}: {message} (mend the value)"
        ) from None


def check_requires(entries: Mapping[str, Entry], source: Mapping[str, str]) -> None:
    """Raise ``HandbookError`` for a prerequisite that is no page, and for a cycle.

    ``source`` gives the file of each key, for the message.
    """
    for key, entry in entries.items():
        for needed in entry.front.requires:
            if needed not in entries:
                hint = did_you_mean(needed, list(entries)) or " (name a page)"
                raise HandbookError(
                    f"{source[key]}: unknown page in requires: {needed}{hint}"
                )
    try:
        TopologicalSorter(
            {key: entry.front.requires for key, entry in entries.items()}
        ).prepare()
    except CycleError as error:
        circle = error.args[1]
        raise HandbookError(
            f"{source[circle[0]]}: requires goes in a circle: {' → '.join(circle)} "
            "(drop one of them)"
        ) from None


def reading_path(key: str, entries: Mapping[str, Entry]) -> list[Entry]:
    """What to read before a page, first things first, without the page itself."""
    graph: dict[str, list[str]] = {}
    waiting = [key]
    while waiting:
        page = waiting.pop()
        if page not in graph:
            graph[page] = entries[page].front.requires
            waiting += graph[page]
    order = TopologicalSorter(graph).static_order()
    return [entries[page] for page in order if page != key]


def byline(entry: Entry, before: Iterable[Entry], root: str) -> str:
    """The line under the title. ``root`` is the way to the site's root: ``../../``."""
    facts = [f"<span>{entry.number}</span>"] if entry.number else []
    facts += [
        f'<span class="hb-level">{entry.front.level}</span>',
        f"<span>约 {entry.minutes} 分钟</span>",
    ]
    path = " → ".join(
        f'<a href="{root}{page.url}">{escape(_cited(page))}</a>' for page in before
    )
    if path:
        facts.append(f"<span>先读：{path}</span>")
    return f'<p class="hb-byline">{" ".join(facts)}</p>'


def _cited(entry: Entry) -> str:
    """The page as others name it: 「2.4 从文字到向量」, without its subtitle."""
    return f"{entry.number} {entry.title.partition('：')[0]}".lstrip()


def opening(html: str, programs: str = "") -> str:
    """A page that opens with its goals in a box, no heading, and then its programs."""

    def box(goals: re.Match) -> str:
        inside = _FIRST.sub(_FOLD, goals[1], count=1)
        return f'<section class="hb-goals" id="goals">{inside}</section>{programs}'

    goals = _GOALS if _GOALS.search(html) else _LAB_GOALS
    return goals.sub(box, html, count=1)


def closing(html: str) -> str:
    """A page whose summary ends with its goals again, to be ticked off."""
    goals = _BOX.search(html)
    if not goals or 'id="exercises"' not in html:
        return html
    items = _GOAL.sub(
        r'<li><label><input type="checkbox"> <span>\1</span></label></li>', goals[1]
    )
    asked = (
        '<form class="hb-check" data-pagefind-ignore><p>现在能做到吗？</p>'
        f"<ul>{items}</ul></form>"
    )
    return html.replace('<h2 id="exercises"', f'{asked}<h2 id="exercises"', 1)
