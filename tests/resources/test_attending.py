"""Sessions in Beijing time, against offsets from UTC written down by hand."""

from datetime import datetime, timedelta, timezone

import pytest

# Hours ahead of UTC on the day of each session.
OFFSETS = {
    "Australia/Sydney": 11,
    "Europe/Paris": 1,
    "America/New_York": -5,
    "Asia/Seoul": 9,
    "America/Los_Angeles": -7,
}


@pytest.fixture
def ns(run_snippet):
    return run_snippet("resources/attending_python")


def by_hand(local: str, hours: int) -> datetime:
    here = datetime.fromisoformat(local).replace(
        tzinfo=timezone(timedelta(hours=hours))
    )
    return here.astimezone(timezone(timedelta(hours=8))).replace(tzinfo=None)


def test_every_session_is_printed_at_its_beijing_time(ns) -> None:
    lines = ns.stdout_text.splitlines()
    assert len(lines) == len(ns.SESSIONS)
    for line, (name, zone, start, end) in zip(lines, ns.SESSIONS, strict=True):
        first, last = by_hand(start, OFFSETS[zone]), by_hand(end, OFFSETS[zone])
        assert f"北京 {first:%m-%d %H:%M} 至 {last:%m-%d %H:%M}" in line
        assert line.endswith(name)


def test_summer_time_moves_a_session_by_one_hour(ns) -> None:
    winter = ns.beijing("2027-03-13 09:00", "America/Los_Angeles")
    summer = ns.beijing("2027-03-14 09:00", "America/Los_Angeles")
    assert winter.replace(tzinfo=None) == by_hand("2027-03-13 09:00", -8)
    assert summer.replace(tzinfo=None) == by_hand("2027-03-14 09:00", -7)


def test_the_exercise_starts_at_midnight_in_beijing(ns) -> None:
    opening = ns.beijing("2027-04-26 09:00", "America/Los_Angeles")
    assert opening.replace(tzinfo=None) == datetime(2027, 4, 27, 0, 0)
