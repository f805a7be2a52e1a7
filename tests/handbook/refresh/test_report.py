"""The report as tables and as JSON."""

import datetime as dt
import json

import pytest

from handbook.refresh.compare import Difference
from handbook.refresh.overdue import Overdue
from handbook.refresh.report import Looked, Report

DAY = dt.date(2026, 11, 27)
LOOKED = Looked("ccfddl", "https://one.example", "b" * 40, "a" * 40, 12)
CHANGED = Difference("changed", "ccfddl", "toy", 2027, "paper", "2027-01-15", "01-22")
LATE = Overdue("toy", "TOY 2027", DAY, 4, DAY, "paper", "https://toy.example/")


def test_without_anything_to_do_it_says_so() -> None:
    text = Report(DAY, [LOOKED]).markdown()
    assert text.endswith("Nothing to do.\n")
    line = "| [ccfddl](https://one.example) | bbbbbbbbbb | aaaaaaaaaa | 12 |"
    assert line in text.splitlines()


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, 0),
        ({"known": [CHANGED]}, 0),
        ({"differences": [CHANGED]}, 1),
        ({"overdue": [LATE]}, 1),
        ({"unreadable": ["hf: x"]}, 2),
        ({"unreadable": ["hf: x"], "differences": [CHANGED]}, 2),
    ],
)
def test_the_status_says_what_there_is_to_do(more: dict, status: int) -> None:
    assert Report(DAY, **more).status == status


def test_a_difference_is_a_row_under_its_state() -> None:
    text = Report(DAY, differences=[CHANGED]).markdown()
    head, _, rest = text.partition("## changed: 1\n")
    assert "| toy 2027 | paper | 2027-01-15 | 01-22 | ccfddl |" in rest.splitlines()
    assert "## new" not in text


def test_what_is_known_is_counted_and_shown_if_asked() -> None:
    report = Report(DAY, known=[CHANGED])
    assert "## known: 1" in report.markdown() and "01-22" not in report.markdown()
    assert "01-22" in report.markdown(known=True)


def test_their_text_breaks_no_table_and_calls_nobody() -> None:
    wild = Difference("new", "hf", "toy", 2027, "paper", "", "a|b\n@who <img>")
    text = Report(DAY, differences=[wild]).markdown()
    row = next(line for line in text.splitlines() if line.startswith("| toy"))
    assert "a\\|b @\u200bwho &lt;img>" in row


def test_an_overdue_edition_is_a_row() -> None:
    row = "| 2026-11-27 | paper | TOY 2027 | 2026-11-27 | 4 | https://toy.example/ |"
    assert row in Report(DAY, overdue=[LATE]).markdown().splitlines()


def test_the_json_holds_all_of_it() -> None:
    report = Report(DAY, [LOOKED], [CHANGED], [CHANGED], ["x"], [LATE])
    made = json.loads(report.json())
    assert (made["status"], made["day"]) == (2, "2026-11-27")
    assert made["differences"] == made["known"]
    assert made["differences"][0]["theirs"] == "01-22"
    assert made["overdue"][0]["next"] == "2026-11-27"
    assert made["looked"][0]["commit"] == "b" * 40 and made["unreadable"] == ["x"]
