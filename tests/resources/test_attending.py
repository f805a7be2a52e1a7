"""Sessions in Beijing time, against offsets from UTC written down by hand."""

from datetime import datetime, timedelta, timezone

import pytest

# What the page says of each session: name, local start and end, hours ahead of UTC.
SESSIONS = [
    ("悉尼，假设", "2026-12-09 09:00", "2026-12-09 17:00", 11),
    ("巴黎，假设", "2026-12-09 09:00", "2026-12-09 17:00", 1),
    ("亚特兰大，假设", "2026-12-09 09:00", "2026-12-09 17:00", -5),
    ("首尔，研讨会", "2026-07-10 08:00", "2026-07-10 17:00", 9),
    ("圣迭戈，教程", "2026-07-02 09:00", "2026-07-02 12:30", -7),
    ("圣迭戈，线上一", "2026-07-05 18:00", "2026-07-05 19:30", -7),
    ("圣迭戈，线上二", "2026-07-06 02:30", "2026-07-06 04:00", -7),
]


@pytest.fixture
def ns(run_snippet):
    return run_snippet("resources/attending_python")


def by_hand(local: str, hours: int) -> datetime:
    here = datetime.fromisoformat(local).replace(
        tzinfo=timezone(timedelta(hours=hours))
    )
    return here.astimezone(timezone(timedelta(hours=8))).replace(tzinfo=None)


def test_every_session_is_printed_at_its_beijing_time(ns) -> None:
    _, *lines = ns.printed_by["sessions"].splitlines()
    for line, (name, start, end, hours) in zip(lines, SESSIONS, strict=True):
        first, last = by_hand(start, hours), by_hand(end, hours)
        assert line.startswith(f"{first:%m-%d %H:%M} 至 {last:%H:%M} ")
        assert line.endswith(f" {start[5:]}  {name}")


def test_summer_time_moves_a_session_by_one_hour(ns) -> None:
    winter = ns.beijing("2027-03-13 09:00", "America/Los_Angeles")
    summer = ns.beijing("2027-03-14 09:00", "America/Los_Angeles")
    assert winter.replace(tzinfo=None) == by_hand("2027-03-13 09:00", -8)
    assert summer.replace(tzinfo=None) == by_hand("2027-03-14 09:00", -7)


def test_the_exercise_starts_at_midnight_in_beijing(ns) -> None:
    opening = ns.beijing("2027-04-26 09:00", "America/Los_Angeles")
    assert opening.replace(tzinfo=None) == datetime(2027, 4, 27, 0, 0)
