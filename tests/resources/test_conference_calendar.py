"""Deadlines and the hand-written calendar file, against zoneinfo and icalendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def ns(run_snippet):
    return run_snippet("resources/conference_calendar_python")


def test_aoe_is_the_zone_that_zoneinfo_calls_gmt_plus_12(ns) -> None:
    moment = datetime(2026, 9, 25, 23, 59, 59)
    known = moment.replace(tzinfo=ZoneInfo("Etc/GMT+12")).astimezone(BEIJING)
    assert moment.replace(tzinfo=ns.AOE).astimezone(ns.BEIJING) == known
    assert f"AoE：北京时间 {known:%m-%d %H:%M:%S}" in ns.stdout_text


def test_beijing_has_one_offset_the_whole_year(ns) -> None:
    for month in range(1, 13):
        moment = datetime(2027, month, 1, 12, tzinfo=UTC)
        here, known = moment.astimezone(ns.BEIJING), moment.astimezone(BEIJING)
        assert here.replace(tzinfo=None) == known.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("hours", "words"),
    [(23, "还有 0 天 23 小时"), (49, "还有 2 天 1 小时"), (-1, "已过")],
)
def test_what_is_left_counts_hours_across_zones(ns, hours, words) -> None:
    deadline = datetime(2026, 12, 23, 23, 59, tzinfo=ZoneInfo("Etc/GMT+12"))
    now = (deadline - timedelta(hours=hours)).astimezone(BEIJING)
    assert ns.left(deadline, now) == words


def test_a_bare_date_spans_from_kiritimati_to_the_end_of_aoe(ns) -> None:
    first, last = ns.possible(date(2027, 2, 10))
    assert first == datetime(2027, 2, 10, tzinfo=ZoneInfo("Pacific/Kiritimati"))
    assert last == datetime(2027, 2, 11, tzinfo=ZoneInfo("Etc/GMT+12"))


def test_icalendar_reads_back_what_was_written(ns) -> None:
    event = Calendar.from_ical(ns.text).walk("VEVENT")[0]
    assert event.decoded("dtstart") == ns.deadline.astimezone(UTC)
    assert str(event["summary"]) == "NAACL 2027 提交到会议截止"
    assert str(event["description"]).endswith("以官网为准")
    alarm = event.walk("VALARM")[0]
    assert alarm.decoded("trigger") == timedelta(days=-7)


def test_separators_survive_the_round_trip(ns) -> None:
    note = "甲, 乙; 丙\\丁\n戊"
    when = datetime(2027, 1, 1, tzinfo=UTC)
    text = ns.event("u@example.org", note, when, note, when)
    event = Calendar.from_ical(text).walk("VEVENT")[0]
    assert str(event["description"]) == str(event["summary"]) == note


@pytest.mark.parametrize("line", ["DESCRIPTION:" + "截止" * 60, "a" * 76, "a" * 75])
def test_folded_lines_keep_to_75_octets_and_cut_no_character(ns, line) -> None:
    folded = ns.fold(line).split("\r\n ")
    assert "".join(folded) == line
    octets = [
        len(("" if n == 0 else " ").encode() + part.encode())
        for n, part in enumerate(folded)
    ]
    assert max(octets) <= 75
    assert len(folded) == 1 or octets[0] > 72
