"""Our facts beside a tracker's: what is new there, changed, or gone."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from handbook.facts import calendars
from handbook.facts.calendars import Happening
from handbook.facts.conferences import Conferences, Edition, Venue
from handbook.refresh.sheets import Entry, Sheet

#: Two moments this far apart are one: 23:59:59 AoE is 11:59:59 UTC, often cut to 11:59.
SAME = dt.timedelta(seconds=60)
#: What a difference may be, and what that says.
STATES = {
    "new": "they have it, our file does not",
    "changed": "our file took it from them, and they say something else now",
    "differs": "our file took it from somewhere else, and they do not agree",
    "gone": "our file took it from them, and they do not have it any more",
}


@dataclass(frozen=True)
class Difference:
    """One thing that a tracker and our file do not say alike."""

    state: str  # a key of STATES
    source: str
    venue: str
    year: int
    what: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class Found:
    """What comparing with one tracker brought."""

    differences: list[Difference]
    faults: list[str]
    editions: int  # compared


class Finder:
    """Which of our venues a sheet speaks of: by its file, by DBLP's key, by name."""

    def __init__(self, facts: Conferences, source: str) -> None:
        self.by_path, self.by_dblp, self.by_name = {}, {}, {}
        for venue in facts.venues:
            self.by_name[venue.name.casefold()] = venue
            if venue.dblp:
                self.by_dblp[venue.dblp] = venue
            for edition in venue.editions:
                for reading in edition.sources:
                    if reading.src == source and reading.path:
                        self.by_path[reading.path] = venue

    def __call__(self, sheet: Sheet) -> Venue | None:
        """The venue, or ``None`` if it is not in our file."""
        if sheet.alone and sheet.path in self.by_path:
            return self.by_path[sheet.path]
        if sheet.dblp:
            return self.by_dblp.get(f"conf/{sheet.dblp}")
        return self.by_name.get(sheet.title.casefold())


def compare(
    facts: Conferences,
    source: str,
    sheets: Iterable[Sheet],
    day: dt.date,
    unread: Iterable[str] = (),
    past: bool = False,
) -> Found:
    """Each edition that is not over (``past``: each of ours) beside the sheets' one.

    ``unread`` are paths that could not be read: nothing of theirs is called gone.
    """
    find = Finder(facts, source)
    theirs: dict[tuple[str, int], list[Sheet]] = defaultdict(list)
    venues = {venue.key: venue for venue in facts.venues}
    for sheet in sheets:
        if venue := find(sheet):
            theirs[venue.key, sheet.year].append(sheet)
    differences, faults, seen = [], [], set()
    for (key, year), parts in sorted(theirs.items()):
        venue = venues[key]
        edition = next((e for e in venue.editions if e.year == year), None)
        if year < day.year if edition is None else edition.is_over(day) and not past:
            continue
        seen.add((key, year))
        faults += [
            f"{part.path}: {venue.name} {year}, {fault}"
            for part in parts
            for fault in part.faults
        ]
        differences += _edition(source, venue, edition, year, parts, day)
    differences += _missing(facts, source, seen, day, set(unread), past)
    return Found(differences, faults, len(seen))


def _edition(
    source: str,
    venue: Venue,
    edition: Edition | None,
    year: int,
    parts: list[Sheet],
    day: dt.date,
) -> list[Difference]:
    """What one edition and its sheets do not say alike."""

    def row(state: str, what: str, ours: str, theirs: str) -> Difference:
        return Difference(state, source, venue.key, year, what, ours, theirs)

    found = []
    if edition is None:
        paths = ", ".join(sorted({part.path for part in parts}))
        found.append(row("new", "edition", "", paths))
    own = calendars.of_edition(venue, edition) if edition else []
    entries = [(entry, part.path) for part in parts for entry in part.entries]
    free = [h for h in own if not any(_same(h, e) for e, _ in entries)]
    for entry, path in entries:
        if any(_same(h, entry) for h in own):
            continue
        near = _nearest(entry, free, source)
        what = _what(near) if near else entry.kinds[0]
        told = f"{entry.text} ({entry.words}; {path})"
        if near is None:
            found.append(row("new", what, "", told))
            continue
        free.remove(near)
        state = "changed" if near.source == source else "differs"
        found.append(row(state, what, _ours(near), told))
    if any(part.faults for part in parts):
        return found
    found += [
        row("gone", _what(h), _ours(h), ", ".join(sorted({p.path for p in parts})))
        for h in free
        if h.source == source and (h.end or h.day) >= day
    ]
    return found


def _same(ours: Happening, theirs: Entry) -> bool:
    """True if both say the same of the same thing."""
    if ours.kind not in theirs.kinds or not _round(ours, theirs):
        return False
    mine, other = ours.begin, theirs.at
    if isinstance(mine, dt.datetime) and isinstance(other, dt.datetime):
        return abs(mine - other) <= SAME
    return _written(mine) == _written(other) and (
        theirs.last is None or theirs.last == ours.end
    )


def _round(ours: Happening, theirs: Entry) -> bool:
    """True unless both name a round, and not the same."""
    label = ours.milestone.label if ours.milestone else None
    return theirs.label is None or label is None or theirs.label == label


def _written(at: dt.date) -> dt.date:
    return at.date() if isinstance(at, dt.datetime) else at


def _nearest(entry: Entry, free: list[Happening], source: str) -> Happening | None:
    """Ours that it stands beside: of the likeliest kind, the same source, near."""
    fitting = [h for h in free if h.kind in entry.kinds and _round(h, entry)]
    return min(
        fitting,
        key=lambda h: (
            h.kind != entry.kinds[0],
            h.source != source,
            abs(_written(h.begin) - _written(entry.at)),
        ),
        default=None,
    )


def _what(happening: Happening) -> str:
    """Its kind, with what tells its round: ``paper, round 2, fall``."""
    step = happening.milestone
    turn = f"round {step.round}" if step and step.round else None
    words = [happening.kind, turn, step.label if step else None]
    return ", ".join(word for word in words if word)


def _ours(happening: Happening) -> str:
    """A date of ours with its source and the day it was checked."""
    begin, end = happening.begin, happening.end
    if isinstance(begin, dt.datetime):
        text = f"{begin:%Y-%m-%d %H:%M} {happening.zone}"
    else:
        text = f"{begin} to {end}" if end else f"{begin}"
    return f"{text} ({happening.source}, {happening.checked})"


def _missing(
    facts: Conferences,
    source: str,
    seen: set[tuple[str, int]],
    day: dt.date,
    unread: set[str],
    past: bool,
) -> list[Difference]:
    """Editions that we took from a tracker and that it does not have."""
    found = []
    for venue in facts.venues:
        for edition in venue.editions:
            if (venue.key, edition.year) in seen or (edition.is_over(day) and not past):
                continue
            used = [
                h for h in calendars.of_edition(venue, edition) if h.source == source
            ]
            paths = {r.path for r in edition.sources if r.src == source and r.path}
            if used and paths and not paths & unread:
                ours = "; ".join(f"{_what(h)} {_ours(h)}" for h in used)
                where = ", ".join(sorted(paths))
                found.append(
                    Difference(
                        "gone", source, venue.key, edition.year, "edition", ours, where
                    )
                )
    return found
