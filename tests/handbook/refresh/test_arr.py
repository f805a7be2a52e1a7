"""ARR's page of dates, and what happens when it changes its form."""

import datetime as dt

import pytest

from handbook.refresh import arr
from handbook.refresh.sheets import Sheet

from .conftest import ARR


def read(text: str) -> dict[tuple[str, int], Sheet]:
    sheets, faults = arr.dates({"dates.md": text})
    assert faults == []
    return {(sheet.title, sheet.year): sheet for sheet in sheets}


def row(cells: str) -> dict[tuple[str, int], Sheet]:
    old = "| January 2027 | January 4 | TBA | TBA | TBA | TBA | TBA |"
    assert old in ARR
    return read(ARR.replace(old, cells))


def test_a_venue_has_its_cycle_and_its_commitment() -> None:
    sheet = read(ARR)["OTHER", 2027]
    assert [(e.kinds, e.at) for e in sheet.entries] == [
        (("paper",), dt.date(2027, 1, 4)),
        (("commitment",), dt.date(2027, 3, 14)),
    ]
    assert not sheet.alone


def test_what_is_to_be_announced_is_nothing() -> None:
    (entry,) = read(ARR)["ARR", 2027].entries
    assert (entry.kinds, entry.at) == (("paper",), dt.date(2027, 1, 4))
    assert entry.label == "January 2027"


def test_a_cycle_runs_over_the_end_of_its_year() -> None:
    cells = "| October 2026 | October 12 | October 14 | November 16 "
    cells += "| December 28-January 3 | January 7 | January 10 |"
    sheet = row(cells)["ARR", 2026]
    assert [(e.kinds[0], f"{e.at}") for e in sheet.entries] == [
        ("paper", "2026-10-12"),
        ("reviewer-registration", "2026-10-14"),
        ("reviews-due", "2026-11-16"),
        ("rebuttal-start", "2026-12-28"),
        ("rebuttal-end", "2027-01-03"),
        ("meta-reviews", "2027-01-07"),
        ("cycle-end", "2027-01-10"),
    ]


def test_an_answer_within_a_month_names_it_once() -> None:
    sheet = row("| May 2027 | May 3 | TBA | TBA | June 8-14 | TBA | TBA |")["ARR", 2027]
    days = [e.at for e in sheet.entries if e.kinds[0].startswith("rebuttal")]
    assert days == [dt.date(2027, 6, 8), dt.date(2027, 6, 14)]


def test_a_cell_that_is_no_date_names_its_row() -> None:
    sheet = row("| May 2027 | when ready | TBA | TBA | TBA | TBA | TBA |")["ARR", 2027]
    (line,) = sheet.faults
    assert line.startswith("May 2027, submission: no date: 'when ready' (")


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("Cycle |", "Round |", ["no table begins with 'cycle'"]),
        (
            "Commitment Date",
            "Commit by",
            [
                "table 'venue' has an unknown column 'commit by'",
                "table 'venue' has no column 'commitment date'",
            ],
        ),
        (
            "OTHER 2027",
            "OTHER",
            ["row '[OTHER](https://other.example/)' names no year"],
        ),
    ],
)
def test_another_form_of_the_page_is_said(old: str, new: str, lines: list[str]) -> None:
    _, faults = arr.dates({"dates.md": ARR.replace(old, new)})
    assert [f.removeprefix("dates.md: ").partition(" (its")[0] for f in faults] == lines
