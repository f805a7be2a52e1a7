"""The table of contents, ``nav`` in mkdocs.yml: parts and pages, in order, numbered.

A page that is promised and not yet written stands there as ``title: planned``. It has
its place and its number like the others; MkDocs does not see it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handbook.errors import HandbookError
from handbook.page.front import Entry

PLANNED = "planned"
Nav = Sequence[Any]  # of files, and of titles with a file, or with a nav of their own


@dataclass(frozen=True)
class Place:
    """A page of a part, written or planned."""

    number: str  # "2.5"
    title: str  # as ``nav`` has it; "" where the page names itself
    file: str | None  # below docs; ``None`` while the page is planned

    @property
    def key(self) -> str:
        """As ``Entry.key``; "" while the page is planned."""
        return _key(self.file or "")


@dataclass(frozen=True)
class Part:
    """A part of the book: its first page, and the pages after it."""

    number: str  # "2"
    title: str
    index: str  # the file of its first page, below docs
    places: tuple[Place, ...]

    @property
    def name(self) -> str:
        """Its folder."""
        return self.index.rpartition("/")[0]

    @property
    def written(self) -> list[Place]:
        """The pages that can be read."""
        return [place for place in self.places if place.file]


@dataclass(frozen=True)
class Book:
    """The parts in order, and what is known of each page that is written."""

    parts: Sequence[Part] = ()
    entries: Mapping[str, Entry] = field(default_factory=dict)

    def part(self, name: str) -> Part | None:
        """The part in a folder."""
        return next((part for part in self.parts if part.name == name), None)


def parts(nav: Nav) -> list[Part]:
    """The parts of a ``nav``, counted from 1; what stands in none has no number.

    Raises ``HandbookError`` for a part whose first page is only planned.
    """
    found: list[Part] = []
    for title, inside in map(_pair, nav):
        if isinstance(inside, str):
            continue
        (_, index), *pages = map(_pair, inside)
        if index == PLANNED:
            raise HandbookError(
                f"mkdocs.yml: nav, {title}: begins with a planned page "
                "(put its index.md first)"
            )
        number = f"{len(found) + 1}"
        places = [
            Place(f"{number}.{n}", name, None if file == PLANNED else file)
            for n, (name, file) in enumerate(pages, start=1)
        ]
        found.append(Part(number, title, index, tuple(places)))
    return found


def written(nav: Nav) -> list[Any]:
    """A ``nav`` without what is planned: what MkDocs may see."""
    return [
        {title: written(inside)} if isinstance(inside, list) else entry
        for entry in nav
        for title, inside in [_pair(entry)]
        if inside != PLANNED
    ]


def numbers(parts: Sequence[Part]) -> dict[str, str]:
    """The number of each file, of a part's first page that of the part."""
    return {part.index: part.number for part in parts} | {
        place.file: place.number for part in parts for place in part.written
    }


def _pair(entry: Any) -> tuple[str, Any]:
    """Title and content of an entry of a ``nav``."""
    return next(iter(entry.items())) if isinstance(entry, dict) else ("", entry)


def _key(file: str) -> str:
    return file.rpartition(".")[0]
