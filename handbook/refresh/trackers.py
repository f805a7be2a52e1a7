"""The formats of ccfddl and ai-deadlines: their YAML files as sheets."""

import re
from collections.abc import Iterator
from typing import Any

from handbook.facts.conferences import KINDS
from handbook.refresh.sheets import MEND, Entry, Sheet, days, moment, rows

Read = tuple[list[Sheet], list[str]]
DEADLINES = tuple(kind for kind, (_, group) in KINDS.items() if group == "deadline")
PAPERS = ("paper", "short-paper", "demo-paper", "workshop-paper")
ABSTRACTS = ("abstract", "short-abstract")
ANSWERS = ("rebuttal-end", "rebuttal-start")
#: ai-deadlines' types of dates as ours; the first is what we call it if it is new.
TYPES: dict[str, tuple[str, ...]] = {
    "abstract": ABSTRACTS,
    "paper": PAPERS,
    "submission": ("paper", *DEADLINES),
    "supplementary": ("supplementary",),
    "review-release": ("reviews", "meta-reviews"),
    "rebuttal": ANSWERS,
    "rebuttal-start": ("rebuttal-start",),
    "rebuttal-end": ("rebuttal-end",),
    "rebuttal-and-revision": ("revision", *ANSWERS),
    "author-response": ANSWERS,
    "revision-deadline": ("revision",),
    "notification": ("notification", "workshop-notification"),
    "first-notification": ("notification",),
    "final-notification": ("notification",),
    "camera-ready": ("camera-ready",),
    "registration": ("registration", *ABSTRACTS),
    "reviewer-registration": ("reviewer-registration",),
    "commitment-deadline": ("commitment",),
    "withdrawal": ("withdrawal",),
}
#: The fields of ai-deadlines' older rows, which have no list of dates.
FIELDS = {
    "abstract_deadline": "abstract",
    "deadline": "paper",
    "review_release_date": "review-release",
    "rebuttal_period_start": "rebuttal-start",
    "rebuttal_period_end": "rebuttal-end",
    "final_decision_date": "notification",
}


def ccfddl(files: dict[str, str]) -> Read:
    """``conference/<area>/<venue>.yml``: venues with ``confs``, each a ``timeline``."""
    return _each(files, _ccf_venue)


def ai_deadlines(files: dict[str, str]) -> Read:
    """``src/data/conferences/<venue>.yml``: a row an edition, with ``deadlines``."""
    return _each(files, _hf_edition)


def _each(files: dict[str, str], read: Any) -> Read:
    """The sheets of all files; what cannot be read costs its own file or row."""
    sheets, faults = [], []
    for path, text in sorted(files.items()):
        try:
            found = rows(path, text)
        except ValueError as error:
            faults.append(str(error))
            continue
        for number, row in enumerate(found, 1):
            try:
                sheets += read(path, row)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                faults.append(
                    f"{path}: row {number} has another form,"
                    f" {type(error).__name__} {error} ({MEND})"
                )
    return sheets, faults


def _ccf_venue(path: str, row: dict[str, Any]) -> Iterator[Sheet]:
    for conf in row["confs"]:
        entries, faults = [], []
        for step in conf.get("timeline") or []:
            for name, kinds in (
                ("abstract_deadline", ABSTRACTS),
                ("deadline", (*PAPERS, "commitment")),
            ):
                words = str(step.get("comment") or name)
                try:
                    read = moment(step.get(name), conf.get("timezone"))
                except ValueError as error:
                    faults.append(f"{name}: {error}")
                    continue
                entries += [Entry(kinds, *read, words)] if read else []
        entries += _days(conf, faults)
        yield Sheet(
            title=str(row["title"]),
            year=int(conf["year"]),
            path=path,
            entries=tuple(entries),
            faults=tuple(faults),
            dblp=str(row["dblp"]) if row.get("dblp") else None,
        )


def _hf_edition(path: str, row: dict[str, Any]) -> Iterator[Sheet]:
    entries, faults = [], []
    listed = [
        (str(step["type"]), step.get("date"), step.get("timezone"), step.get("label"))
        for step in row.get("deadlines") or []
    ]
    listed += [
        (kind, row[name], row.get("timezone"), name)
        for name, kind in FIELDS.items()
        if row.get(name) and not row.get("deadlines")
    ]
    for kind, at, zone_word, label in listed:
        words = str(label or kind)
        known = TYPES.get(re.sub(r"[_ ]", "-", kind.strip().lower()))
        try:
            if known is None:
                raise ValueError(f"unknown type {kind!r} ({MEND})")
            read = moment(at, zone_word)
        except ValueError as error:
            faults.append(f"{words}: {error}")
            continue
        entries += [Entry(known, *read, words)] if read else []
    entries += _days(row, faults)
    yield Sheet(
        title=str(row["title"]),
        year=int(row["year"]),
        path=path,
        entries=tuple(entries),
        faults=tuple(faults),
    )


def _days(row: dict[str, Any], faults: list[str]) -> list[Entry]:
    """The days of an edition, of two fields or of one in words."""
    try:
        if row.get("start") and row.get("end"):
            (first, _), (last, _) = moment(row["start"], None), moment(row["end"], None)
        else:
            found = days(str(row.get("date") or ""), int(row["year"]))
            if found is None:
                return []
            first, last = found
    except (ValueError, TypeError) as error:
        faults.append(f"date: {error}")
        return []
    return [Entry(("days",), first, words="days", last=last)]
