"""The doors of one autumn, against zoneinfo and the workshops' own pages."""

import re
import statistics
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from handbook.facts import workshops
from handbook.programs import practice

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


# --- what the page says of its list ------------------------------------------

PAGE = (ROOT / "docs/resources/workshops.md").read_text(encoding="utf-8")
SERIES = workshops.load(ROOT / workshops.FILE)


def test_the_page_counts_its_series_and_tasks() -> None:
    count = len(workshops.load_tasks(ROOT / workshops.FILE))
    assert f"{len(SERIES)} 个研讨会系列与 {count} 个共享任务" in PAGE


def test_the_page_says_how_long_the_series_take() -> None:
    days = [(s.notice - s.due).days for s in SERIES if s.due and s.notice]
    assert (
        f"{len(days)} 个系列，最短 {min(days)} 天，最长 {max(days)} 天，"
        f"中位 {statistics.median(days)} 天"
    ) in PAGE


def test_the_page_counts_the_deadlines_that_were_put_off() -> None:
    told = [s for s in SERIES if s.first_due or "延过期" in (s.note or "")]
    days = [(s.due - s.first_due).days for s in SERIES if s.due and s.first_due]
    assert (
        f"有 {len(told)} 个系列写明延过期，查得到原定日子的 {len(days)} 个，"
        f"延了 {min(days)} 天到 {max(days)} 天"
    ) in PAGE


def test_the_days_in_the_first_figure_are_those_between_its_dates() -> None:
    figure = ROOT / "docs/assets/figures/workshops-timeline.svg"
    text = figure.read_text(encoding="utf-8")
    dates = re.findall(r'font-weight="600">(\d\d)-(\d\d)<', text)
    days = [date(2026, int(m), int(d)) for m, d in dates]
    gaps = [int(n) for n in re.findall(r">(\d+) 天<", text)]
    assert gaps == [(b - a).days for a, b in zip(days[:-1], days[1:], strict=True)]


def test_both_shapes_of_the_first_figure_have_the_same_dates() -> None:
    wide, tall = (
        (ROOT / f"docs/assets/figures/workshops-timeline{kind}.svg").read_text("utf-8")
        for kind in ("", "-tall")
    )
    assert re.findall(r">(\d\d-\d\d)<", wide) == re.findall(r">(\d\d-\d\d)<", tall)


# --- practice: resources/workshops_practice_python ---------------------------

PRACTICE = ROOT / "snippets/resources/workshops_practice_python.py"
ZONES = {-12: "Etc/GMT+12", 0: "UTC", 5.5: "Asia/Kolkata"}
SOLUTION = """
from datetime import datetime, timedelta


def plan(due, offset, steps):
    local = datetime.strptime(due, "%Y-%m-%d %H:%M")
    beijing = local - timedelta(hours=offset) + timedelta(hours=8)
    return {
        name: f"{beijing - timedelta(days=days):%Y-%m-%d %H:%M}"
        for name, days in steps.items()
    }
"""
WRONG = [
    ("local - timedelta(hours=offset)", "local + timedelta(hours=offset)"),  # the sign
    ("hours=offset", "hours=int(offset)"),
    ("hours=offset", "hours=-12"),
    ("+ timedelta(hours=8)", "- timedelta(hours=8)"),
    ("+ timedelta(hours=8)", ""),
    ("beijing - timedelta(days=days)", "beijing + timedelta(days=days)"),
    ("beijing - timedelta(days=days)", "beijing - timedelta(weeks=days)"),
    ("beijing - timedelta(days=days)", "beijing - timedelta(days=abs(days))"),
    ("beijing - timedelta(days=days)", "local - timedelta(days=days)"),
    (":%Y-%m-%d %H:%M}", ":%Y-%m-%d}"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_the_tz_database_gives(case: tuple) -> None:
    _, given, expected, _ = case
    local = datetime.fromisoformat(given["due"])
    moment = local.replace(tzinfo=ZoneInfo(ZONES[given["offset"]]))
    assert expected == {
        name: (moment.astimezone(ZoneInfo("Asia/Shanghai")) - timedelta(days))
        .isoformat(" ", "minutes")
        .removesuffix("+08:00")
        for name, days in given["steps"].items()
    }


def test_a_plan_as_on_the_page_passes_the_practice() -> None:
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_plan_passes_the_practice() -> None:
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    assert practice.failing(PRACTICE, SOLUTION, WRONG[1]) in PAGE
