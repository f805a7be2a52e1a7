"""What a tracker says of one edition, in one form; its words for moments and days."""

import datetime as dt
import re
from dataclasses import dataclass

import yaml

from handbook.facts import conferences, table
from handbook.facts.conferences import SHORT_MONTHS, Moment

MEND = "tell its maintainers, or teach handbook/refresh/sheets.py the word"
#: Abbreviations of the trackers that ``conferences.zone`` does not take.
ZONES = {"PT": "America/Los_Angeles", "ET": "America/New_York", "GMT": "UTC"}


@dataclass(frozen=True)
class Entry:
    """One date of an edition."""

    kinds: tuple[str, ...]  # what it may be called in our file; first, the likeliest
    at: Moment
    zone: str | None = None
    words: str = ""  # the tracker's
    label: str | None = None  # ours, where one is sure: tells rounds apart
    last: dt.date | None = None  # of "days" only

    @property
    def text(self) -> str:
        """As the tracker writes it: ``2026-05-06 23:59 AoE``, ``2026-07-01``."""
        if isinstance(self.at, dt.datetime):
            return f"{self.at:%Y-%m-%d %H:%M} {self.zone}"
        return f"{self.at} to {self.last}" if self.last else f"{self.at}"


@dataclass(frozen=True)
class Sheet:
    """One edition of a venue as a tracker has it, and the faults in its rows."""

    title: str
    year: int
    path: str
    entries: tuple[Entry, ...] = ()
    faults: tuple[str, ...] = ()
    dblp: str | None = None
    alone: bool = True  # the file is of this venue only


def rows(path: str, text: str) -> list:
    """The list that a tracker's YAML file holds. Raises ``ValueError`` in a line."""
    try:
        found = table.parse(text)
    except yaml.YAMLError as error:
        raise ValueError(table.no_yaml(path, error, "tell its maintainers")) from None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ValueError(f"{path}: is no list of rows ({MEND})")
    return found


def zone(word: object) -> str:
    """A tracker's zone as ours; ``ValueError`` for one that means nothing."""
    if word is None or not str(word).strip():
        raise ValueError(f"no time zone ({MEND})")
    given = str(word).strip()
    name = re.sub(r"^GMT(?=[+-]\d)", "UTC", ZONES.get(given, given))
    try:
        conferences.zone(name)
    except ValueError:
        raise ValueError(f"unknown time zone {given!r} ({MEND})") from None
    return name


def moment(text: object, zone_word: object) -> tuple[Moment, str | None] | None:
    """A moment with its zone; ``None`` if it is not announced.

    A bare day stays one. Raises ``ValueError`` for what cannot be read.
    """
    written = str(text).strip() if text is not None else ""
    if written.upper() in ("", "TBD", "TBA", "N/A", "NONE"):
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", written):
            return dt.date(*map(int, written.split("-"))), None
        bare = dt.datetime.fromisoformat(written)
    except ValueError:
        raise ValueError(f"no date: {written!r} ({MEND})") from None
    name = zone(zone_word)
    return bare.replace(tzinfo=conferences.zone(name)), name


def days(text: str, year: int) -> tuple[dt.date, dt.date] | None:
    """``December 2-7, 2025``, ``Nov 28 - Dec 9, 2022``, ``7-9 May`` as two days.

    ``None`` if no day is named. Raises ``ValueError`` for what cannot be read.
    """
    words = [word[:3].title() for word in re.findall(r"[A-Za-z]{3,}", text)]
    months = [SHORT_MONTHS.index(word) + 1 for word in words if word in SHORT_MONTHS]
    numbers = [int(n) for n in re.findall(r"\d+", text) if int(n) <= 31]
    years = [int(n) for n in re.findall(r"\b\d{4}\b", text)] or [year]
    if not numbers:
        return None
    try:
        if not (1 <= len(months) <= 2 and len(numbers) in (1, len(months), 2)):
            raise ValueError
        first = dt.date(years[0], months[0], numbers[0])
        last = dt.date(years[-1], months[-1], numbers[-1])
        if last < first and len(years) == 1:
            last = last.replace(year=last.year + 1)
        if last < first:
            raise ValueError
    except ValueError:
        raise ValueError(f"no days: {text!r} ({MEND})") from None
    return first, last
