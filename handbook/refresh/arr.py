"""ARR's page of dates: two Markdown tables, of its cycles and of its venues."""

import datetime as dt
import re

from handbook.facts.conferences import SHORT_MONTHS
from handbook.refresh.sheets import Entry, Sheet
from handbook.refresh.trackers import Read

MEND = "its page has changed: teach handbook/refresh/arr.py"
#: The columns of the cycles; a column that is not here is a fault.
CYCLE = {
    "submission": ("paper",),
    "reviewer registration": ("reviewer-registration",),
    "reviews due": ("reviews-due",),
    "author response": ("rebuttal-start", "rebuttal-end"),
    "meta-reviews release date": ("meta-reviews",),
    "cycle end": ("cycle-end",),
}
VENUE = {
    "final arr submission date": ("paper",),
    "commitment date": ("commitment",),
}


def dates(files: dict[str, str]) -> Read:
    """``dates.md``: a sheet a year of ARR itself, one for each of its venues."""
    sheets: dict[tuple[str, int], list[Entry]] = {}
    wrong: dict[tuple[str, int], list[str]] = {}
    faults = []
    ((path, text),) = files.items()
    for first, columns in (("cycle", CYCLE), ("venue", VENUE)):
        table = _table(text, first)
        if not table:
            faults.append(f"{path}: no table begins with {first!r} ({MEND})")
            continue
        head = [cell.lower() for cell in table[0]]
        for name in sorted({*columns} ^ {*head[1:]}):
            what = "has no" if name in columns else "has an unknown"
            faults.append(f"{path}: table {first!r} {what} column {name!r} ({MEND})")
        for row in table[1:]:
            named = re.fullmatch(r"(.+?) (\d{4})", _plain(row[0]))
            if not named:
                faults.append(f"{path}: row {row[0]!r} names no year ({MEND})")
                continue
            title, year = named[1], int(named[2])
            key = ("ARR" if first == "cycle" else title, year)
            label = f"{title} {year}" if first == "cycle" else None
            for name, cell in zip(head[1:], row[1:], strict=False):
                kinds = columns.get(name, ())
                try:
                    found = _days(cell, key[1], label)
                except ValueError as error:
                    wrong.setdefault(key, []).append(f"{row[0]}, {name}: {error}")
                    continue
                sheets.setdefault(key, []).extend(
                    Entry((kind,), day, None, f"{_plain(row[0])}, {name}", label)
                    for kind, day in zip(kinds, found, strict=False)
                )
    made = [
        Sheet(
            title,
            year,
            path,
            tuple(sheets.get((title, year), [])),
            tuple(wrong.get((title, year), [])),
            alone=False,
        )
        for title, year in sorted({*sheets, *wrong})
    ]
    return made, faults


def _table(text: str, first: str) -> list[list[str]]:
    """The cells of the table whose first column has this name, its head included."""
    rows: list[list[str]] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.lstrip().startswith("|"):
            if rows:
                break
        elif rows or cells[0].lower() == first:
            rows.append(cells)
    return [row for row in rows if not set("".join(row)) <= set(":- ")]


def _plain(cell: str) -> str:
    """A cell without its link."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cell).strip()


def _days(cell: str, year: int, cycle: str | None) -> list[dt.date]:
    """The days of a cell: ``April 28-May 4``, ``August 2, 2026``; none of ``TBA``.

    A cycle's day before its month is of the next year.
    """
    text = _plain(cell)
    if text.upper() in ("", "TBA", "TBD", "-", "N/A"):
        return []
    own = re.search(r"\b(\d{4})\b", text)
    begun = _month(cycle.split()[0]) if cycle else 1
    found, month = [], 0
    for word, number in re.findall(r"([A-Za-z]+)?\s*\b(\d{1,2})\b(?!\d)", text):
        month = _month(word) if word else month
        turned = not own and month < begun
        found.append(dt.date(int(own[1]) if own else year + turned, month, int(number)))
    if not found:
        raise ValueError(f"no date: {text!r} ({MEND})")
    return found


def _month(word: str) -> int:
    if word[:3].title() not in SHORT_MONTHS:
        raise ValueError(f"no month: {word!r} ({MEND})")
    return SHORT_MONTHS.index(word[:3].title()) + 1
