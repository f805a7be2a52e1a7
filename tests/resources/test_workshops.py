"""The doors of one autumn, against zoneinfo and the workshops' own pages."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from handbook.facts import workshops

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ns(run_snippet):
    return run_snippet("resources/workshops_python")


def test_each_door_is_printed_at_its_beijing_time(ns) -> None:
    """Four days at 23:59 in Etc/GMT+12, whatever the program does with them."""
    days = {
        "BlackboxNLP 直接投": date(2026, 7, 17),
        "WiNLP 直接投": date(2026, 7, 26),
        "BlackboxNLP 带评审来": date(2026, 8, 16),
        "WiNLP 带评审来": date(2026, 8, 24),
    }
    shown = dict(
        line.split("  ")[::-1] for line in ns.printed_by["beijing"].splitlines()
    )

    def known(d: date) -> str:
        end = datetime(d.year, d.month, d.day, 23, 59, tzinfo=ZoneInfo("Etc/GMT+12"))
        return f"{end.astimezone(ZoneInfo('Asia/Shanghai')):%m-%d %H:%M}"

    assert shown == {name: known(d) for name, d in days.items()}


@pytest.mark.parametrize("name", ["BlackboxNLP", "WiNLP"])
def test_a_direct_deadline_is_that_of_the_data(ns, name: str) -> None:
    (row,) = [s for s in workshops.load(ROOT / workshops.FILE) if s.name == name]
    (due,) = [due for door, due, _ in ns.DOORS if door == f"{name} 直接投"]
    assert due == row.due


def test_the_printed_days_are_those_between_two_dates(ns) -> None:
    """Counted from ordinals of UTC, door by door, for the three stories in turn."""
    stories = re.split(r"^(?=\S)", ns.printed_by["open"].strip(), flags=re.M)[1:]
    found = [
        {name: int(days) for days, name in re.findall(r"还剩 +(\d+) 天  (.+)", story)}
        for story in stories
    ]

    def gap(free: tuple[int, int], due: tuple[int, int]) -> int:
        first, last = (datetime(2026, *day, tzinfo=UTC) for day in (free, due))
        return round((last.timestamp() - first.timestamp()) / 86400)

    assert found == [
        {"WiNLP 直接投": gap((7, 20), (7, 26))},
        {
            "BlackboxNLP 带评审来": gap((7, 30), (8, 16)),
            "WiNLP 带评审来": gap((7, 30), (8, 24)),
        },
        {"WiNLP 带评审来": gap((8, 20), (8, 24))},
    ]


def test_a_door_is_open_until_its_last_day(ns) -> None:
    assert ("WiNLP 带评审来", 0) in ns.still_open(date(2026, 8, 24), True)
    assert ns.still_open(date(2026, 8, 25), True) == []


def test_without_reviews_the_doors_that_ask_for_them_are_shut(ns) -> None:
    assert ns.still_open(date(2026, 8, 1), False) == []
