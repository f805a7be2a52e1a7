"""The page of editions: each day and count of its prose is that of the facts."""

import datetime as dt
import re
from pathlib import Path

import pytest

from handbook.facts import conferences
from handbook.facts.conferences import Edition

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs/resources/conference-editions.md").read_text(encoding="utf-8")
FACTS = conferences.load()


def edition(key: str, year: int) -> Edition:
    """An edition of the facts."""
    (venue,) = (v for v in FACTS.venues if v.key == key)
    (found,) = (e for e in venue.editions if e.year == year)
    return found


def days(first: dt.date, last: dt.date) -> int:
    """How many days from the first to the last, both counted."""
    return (last - first).days + 1


def said(day: dt.date) -> str:
    return f"{day.month} 月 {day.day} 日"


def test_the_days_of_the_worked_edition_are_those_of_the_facts() -> None:
    found = edition("neurips", 2025)
    assert f"圣迭戈，{said(found.start)}至 {found.end.day} 日" in TEXT
    assert "墨西哥城 11 月 30 日至 12 月 5 日" in found.corrected
    assert "hf 的 11 月 30 日至 12 月 7 日" in found.corrected
    assert "墨西哥城，11 月 30 日至 12 月 5 日" in TEXT


def test_the_hand_calculation_is_right() -> None:
    found = edition("neurips", 2025)
    one, other = (found.start, found.end), (dt.date(2025, 11, 30), dt.date(2025, 12, 5))
    both = days(max(one[0], other[0]), min(one[1], other[1]))
    whole = days(min(one[0], other[0]), max(one[1], other[1]))
    line = f"{days(*one)}+{days(*other)}-{both}={whole}"
    assert line in TEXT and days(*one) + days(*other) - both == whole


def test_the_figure_draws_the_days_of_the_hand_calculation() -> None:
    name = "docs/assets/figures/conference-editions-sites.svg"
    drawn = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r">(\d) 天<", drawn) == ["6", "6", "8"]


@pytest.mark.parametrize(
    ("key", "year", "of_facts", "of_text"),
    [
        ("neurips", 2026, "ccfddl 只写了首日 12 月 6 日", "ccfddl 只写 12 月 6 日"),
        ("colm", 2025, "未计研讨会日（10 月 10 日）", "ccfddl 没有计 10 月 10 日"),
        ("recsys", 2026, "博士生论坛另在 9 月 27 日", "论文首页从 9 月 27 日算起"),
        ("miccai", 2026, "阿布扎比 10 月 4–8 日", "阿布扎比 10 月 4 日至 8 日"),
        (
            "hpca",
            2026,
            "ccfddl 作 2 月 25 日至 3 月 1 日",
            "ccfddl 作 2 月 25 日至 3 月 1",
        ),
        ("www", 2026, "4 月 13–17 日在迪拜", "4 月 13 日至 17 日在迪拜"),
        ("iccv", 2025, "作 10 月 19–23 日", "10 月 19 日至 23 日"),
    ],
)
def test_what_others_say_is_told_as_in_the_facts(key, year, of_facts, of_text) -> None:
    found = edition(key, year)
    assert of_facts in " ".join([*found.conflicts, found.corrected or ""])
    assert of_text in TEXT


@pytest.mark.parametrize(
    ("key", "year", "around"),
    [
        ("neurips", 2026, "会期到 {last}"),
        ("miccai", 2026, "改为斯特拉斯堡 {first}至 {last}"),
        ("hpca", 2026, "官网作 {first}至 {last}"),
        ("www", 2026, "后来改到 {first}至 {last}"),
        ("www", 2025, "2025 年在 {first}开始"),
        ("www", 2026, "2026 年在 {first}，"),
        ("www", 2027, "2027 年公布的是 {first}"),
        ("iccv", 2025, "两种说法：{first}至 {last_day} 日"),
    ],
)
def test_a_day_of_the_prose_is_that_of_the_facts(key, year, around) -> None:
    found = edition(key, year)
    words = around.format(
        first=said(found.start), last=said(found.end), last_day=found.end.day
    )
    assert words in TEXT


def test_the_answers_of_the_exercises_are_right() -> None:
    hpca = edition("hpca", 2026)
    gap = (dt.date(2026, 2, 25) - hpca.end).days
    assert f"$25-{hpca.end.day}={gap}$ 天" in TEXT
    iccv = edition("iccv", 2025)
    one, other = days(iccv.start, iccv.end), days(iccv.start, dt.date(2025, 10, 23))
    assert f"$25-19+1={one}$ 天与 $23-19+1={other}$ 天" in TEXT


def test_a_second_source_that_is_a_tracker_confirms_no_tracker() -> None:
    pairs = [
        (FACTS.sources[e.date_src].standing, FACTS.sources[e.second.src].standing)
        for e in FACTS.past
        if e.second
    ]
    assert pairs and ("tracker", "tracker") not in pairs
