"""Deadlines and the hand-written calendar file, against zoneinfo and icalendar."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, vText

BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def ns(run_snippet):
    return run_snippet("resources/conference_calendar_python")


def test_aoe_is_the_zone_that_zoneinfo_calls_gmt_plus_12(ns) -> None:
    moment = datetime(2026, 9, 25, 23, 59, 59)
    known = moment.replace(tzinfo=ZoneInfo("Etc/GMT+12")).astimezone(BEIJING)
    assert moment.replace(tzinfo=ns.AOE).astimezone(ns.BEIJING) == known


@pytest.mark.parametrize(
    ("written", "zone"),
    [("AoE", "Etc/GMT+12"), ("UTC", "UTC"), ("UTC-7", "America/Los_Angeles")]
    + [("UTC+8", "Asia/Shanghai")],
)
def test_each_way_of_writing_is_printed_at_its_beijing_time(ns, written, zone) -> None:
    moment = datetime(2026, 9, 25, 23, 59, 59, tzinfo=ZoneInfo(zone))
    (printed,) = re.findall(
        rf"^ *{re.escape(written)}：北京时间 (.+)$", ns.printed_by["zones"], re.M
    )
    assert printed == f"{moment.astimezone(BEIJING):%m-%d %H:%M:%S}"


def test_the_printed_countdown_is_that_of_zoneinfo(ns) -> None:
    deadline = datetime(2026, 12, 23, 23, 59, tzinfo=ZoneInfo("Etc/GMT+12"))
    lines = ns.printed_by["countdown"].splitlines()
    nows = [(1, 9), (24, 9), (24, 20)]  # day of December and hour, in Beijing
    for line, (day, hour) in zip(lines, nows, strict=True):
        left = deadline - datetime(2026, 12, day, hour, tzinfo=BEIJING)
        words = f"还有 {left.days} 天 {left.seconds // 3600} 小时"
        expected = words if left > timedelta(0) else "已过"
        assert line == f"12-{day:02d} {hour:02d}:00 {expected}"


def test_the_printed_range_of_a_bare_date_is_that_of_zoneinfo(ns) -> None:
    first = datetime(2027, 2, 10, tzinfo=ZoneInfo("Pacific/Kiritimati"))
    last = datetime(2027, 2, 11, tzinfo=ZoneInfo("Etc/GMT+12"))
    shown = " 到 ".join(f"{t.astimezone(BEIJING):%m-%d %H:%M}" for t in (first, last))
    assert ns.printed_by["bare-date"].splitlines() == [
        f"「2 月 10 日」在北京：{shown}",
        f"前后共 {(last - first) / timedelta(hours=1):.0f} 小时",
    ]


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


def printed_calendar(ns) -> Calendar:
    """The printed file as icalendar reads it."""
    printed = ns.printed_by["ics"].rpartition("最长的一行")[0]
    return Calendar.from_ical(printed.replace("\n", "\r\n"))


def test_icalendar_reads_back_what_was_written(ns) -> None:
    event = printed_calendar(ns).walk("VEVENT")[0]
    deadline = datetime(2026, 12, 23, 23, 59, tzinfo=ZoneInfo("Etc/GMT+12"))
    assert event.decoded("dtstart") == deadline
    assert event.decoded("dtstamp") == datetime(2026, 9, 21, tzinfo=UTC)
    assert str(event["summary"]) == "NAACL 2027 提交到会议截止"
    assert f"，{event.decoded('dtstamp'):%Y-%m-%d} 核对；" in event["description"]
    assert str(event["description"]).endswith("以官网为准")
    alarm = event.walk("VALARM")[0]
    assert alarm.decoded("trigger") == timedelta(days=-7)


def test_the_calendar_has_what_the_standard_demands(ns) -> None:
    """RFC 5545: VERSION 2.0, PRODID; UID; an alarm that is displayed has a text."""
    calendar = printed_calendar(ns)
    (event,), (alarm,) = calendar.walk("VEVENT"), calendar.walk("VALARM")
    assert str(calendar["version"]) == "2.0" and calendar["prodid"]
    assert str(event["uid"]) == "naacl-2027-commitment@example.org"
    assert str(alarm["action"]) == "DISPLAY"
    assert alarm["description"] == event["summary"]


def test_separators_are_escaped_as_icalendar_does(ns) -> None:
    text = "甲, 乙; 丙\\丁\n戊"
    assert ns.escape(text) == vText(text).to_ical().decode()


def test_the_longest_printed_line_is_counted_in_bytes(ns) -> None:
    *lines, last = ns.printed_by["ics"].splitlines()
    assert last == f"最长的一行 {max(len(s.encode()) for s in lines)} 字节"


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
