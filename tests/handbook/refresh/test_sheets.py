"""The words that trackers use for moments, zones and days."""

import datetime as dt

import pytest

from handbook.refresh import sheets

UTC = dt.UTC


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2026-05-06 23:59:59", "AoE", "2026-05-07 11:59:59"),
        ("2026-05-06 23:59", "UTC-12", "2026-05-07 11:59:00"),
        ("2026-05-06 20:00:00", " UTC+0 ", "2026-05-06 20:00:00"),
        ("2026-05-06 23:59:00", "UTC-08", "2026-05-07 07:59:00"),
        ("2026-05-06 10:00:00", "GMT+02", "2026-05-06 08:00:00"),
        ("2026-07-06 10:00:00", "PT", "2026-07-06 17:00:00"),
        ("2026-01-06 10:00:00", "PT", "2026-01-06 18:00:00"),
        ("2026-07-06 10:00:00", "Europe/London", "2026-07-06 09:00:00"),
    ],
)
def test_a_moment_is_the_tracker_s(text: str, zone: str, utc: str) -> None:
    at, _ = sheets.moment(text, zone)
    assert at.astimezone(UTC) == dt.datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["TBD", "tba", "", None, "N/A"])
def test_what_is_not_announced_is_nothing(text: str | None) -> None:
    assert sheets.moment(text, "AoE") is None


def test_a_bare_day_stays_one() -> None:
    assert sheets.moment("2026-5-6", None) == (dt.date(2026, 5, 6), None)


@pytest.mark.parametrize(
    ("text", "zone", "line"),
    [
        ("2026-05-06 23:59:59", "AOE+1", "unknown time zone 'AOE+1' ("),
        ("2026-05-06 23:59:59", "UTC+99", "unknown time zone 'UTC+99' ("),
        ("2026-05-06 23:59:59", None, "no time zone ("),
        ("2026-13-06 23:59:59", "AoE", "no date: '2026-13-06 23:59:59' ("),
        ("soon", "AoE", "no date: 'soon' ("),
    ],
)
def test_what_cannot_be_read_is_said(text: str, zone: str | None, line: str) -> None:
    with pytest.raises(ValueError) as error:
        sheets.moment(text, zone)
    assert str(error.value).startswith(line)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("December 2-7, 2025", "2025-12-02", "2025-12-07"),
        ("Nov 28 - Dec 9, 2022", "2022-11-28", "2022-12-09"),
        ("MAY 20-23, 2024", "2024-05-20", "2024-05-23"),
        ("Sept 29 - Oct 6, 2025", "2025-09-29", "2025-10-06"),
        ("January 31 - 4 February, 2026", "2026-01-31", "2026-02-04"),
        ("November 22-26 2026", "2026-11-22", "2026-11-26"),
        ("July 6 - July 10, 2026", "2026-07-06", "2026-07-10"),
        ("May 10, 2021", "2021-05-10", "2021-05-10"),
        ("November 30 - December 3", "2026-11-30", "2026-12-03"),
        ("December 30 - January 3, 2026", "2026-12-30", "2027-01-03"),
    ],
)
def test_days_in_words_are_days(text: str, first: str, last: str) -> None:
    expected = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    assert sheets.days(text, 2026) == expected


@pytest.mark.parametrize("text", ["TBD", "", "May 2027 (days TBD)", "June, 2027"])
def test_without_a_day_there_are_no_days(text: str) -> None:
    assert sheets.days(text, 2027) is None


@pytest.mark.parametrize("text", ["2027-06-01", "June 31, 2027", "May 1, June 2, July"])
def test_days_that_cannot_be_read_are_said(text: str) -> None:
    with pytest.raises(ValueError, match="^no days: "):
        sheets.days(text, 2027)
