"""Events and feeds, read back with icalendar and compared with the facts."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from lxml import html

from handbook.facts import agenda, calendars, conferences
from handbook.facts.calendars import Happening

DAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def real() -> conferences.Conferences:
    return conferences.load()


@pytest.fixture(scope="module")
def found(real) -> dict[str, Happening]:
    return {h.uid: h for h in calendars.happenings(real)}


@pytest.fixture(scope="module")
def feeds(real) -> dict[str, calendars.Feed]:
    return calendars.feeds(real, DAY)


def read(feed: calendars.Feed) -> list:
    return Calendar.from_ical(feed.text()).walk("VEVENT")


def test_identities_are_unique(real, found) -> None:
    assert len(found) == len(calendars.happenings(real))


def test_an_identity_stays_when_its_date_moves(found) -> None:
    some = next(h for h in found.values() if h.milestone and h.instant)
    moved = some.milestone.model_copy(update={"at": some.begin + dt.timedelta(days=9)})
    later = Happening(**{**vars(some), "milestone": moved, "begin": moved.at})
    assert later.uid == some.uid


def test_every_event_read_back_is_the_fact(feeds, found) -> None:
    for feed in feeds.values():
        events = read(feed)
        assert len(events) == len(feed.found) > 0
        for event in events:
            fact = found[str(event["uid"])]
            start = event.decoded("dtstart")
            if fact.instant:
                assert start == fact.milestone.at.astimezone(dt.UTC)
                assert "dtend" not in event
            else:
                last = fact.end or fact.begin
                assert type(start) is dt.date
                assert start == fact.begin
                assert event.decoded("dtend") == last + dt.timedelta(days=1)
            assert str(event["summary"]) == f"{fact.name} {fact.what}"
            assert str(event["url"]) == fact.edition.website
            assert str(fact.checked) in str(event["description"])


def test_every_event_reminds_a_week_before_and_not_at_midnight(feeds, found) -> None:
    for event in read(feeds["all.ics"]):
        alarm = event.walk("VALARM")[0]
        assert str(alarm["action"]) == "DISPLAY"
        early = dt.timedelta(days=7)
        if not found[str(event["uid"])].instant:
            early -= dt.timedelta(hours=9)  # 9:00 of that day, in the reader's zone
        assert alarm.decoded("trigger") == -early


def test_a_feed_asks_to_be_looked_at_daily(feeds) -> None:
    for feed in feeds.values():
        assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:P1D\r\n" in feed.text()


def test_a_feed_holds_what_its_name_says(feeds) -> None:
    groups = {str(h.group) for h in feeds["deadlines.ics"].found}
    assert groups == {"deadline"}
    assert {h.group for h in feeds["days.ics"].found} == {"days"}
    assert {h.venue.rank.ccf for h in feeds["ccf-a.ics"].found} == {"A"}
    assert {h.venue.field for h in feeds["nlp.ics"].found} == {"自然语言处理"}


def test_fields_together_hold_what_all_holds(feeds) -> None:
    parts = [n for n in feeds if n.removesuffix(".ics") in conferences.FIELDS.values()]
    together = [h.uid for name in parts for h in feeds[name].found]
    assert sorted(together) == sorted(h.uid for h in feeds["all.ics"].found)


def test_a_feed_keeps_to_the_standard(feeds) -> None:
    for feed in feeds.values():
        text = feed.text()
        lines = text.split(b"\r\n")
        assert b"\n" not in text.replace(b"\r\n", b"")
        assert max(map(len, lines)) <= 75
        calendar = Calendar.from_ical(text)
        assert calendar["version"] == "2.0" and "prodid" in calendar
        for event in calendar.walk("VEVENT"):
            assert {"uid", "dtstamp", "dtstart"} <= {k.lower() for k in event}
            assert not event.errors


def test_a_past_edition_falls_out_of_feeds_and_list(real) -> None:
    later = dt.date(2028, 1, 10)
    alive = calendars.feeds(real, later)
    assert "all.ics" not in alive or all(
        not h.edition.is_over(later) for h in alive["all.ics"].found
    )
    days = [h for h in calendars.upcoming(real, DAY) if h.kind == "days"]
    first = min(days, key=lambda h: h.over)
    after = first.over.date() + dt.timedelta(days=1)
    assert first.uid not in {h.uid for h in calendars.upcoming(real, after)}


def test_a_day_without_an_hour_is_over_when_it_ends_anywhere_on_earth(found) -> None:
    bare = next(h for h in found.values() if h.milestone and not h.instant)
    end = dt.datetime.combine(bare.begin, dt.time(23, 59, 59), ZoneInfo("Etc/GMT+12"))
    assert bare.over == end + dt.timedelta(seconds=1)


def test_an_aoe_deadline_stands_under_the_day_in_beijing(found) -> None:
    aoe = next(h for h in found.values() if h.zone == "AoE" and h.instant)
    assert aoe.day == aoe.begin.astimezone(ZoneInfo("Asia/Shanghai")).date()
    assert aoe.day == aoe.begin.date() + dt.timedelta(days=1)


def test_an_evening_in_utc_is_the_next_day_in_beijing(found) -> None:
    late = [h for h in found.values() if h.instant and h.instant.hour >= 16]
    assert late
    for happening in late:
        assert happening.day == happening.instant.date() + dt.timedelta(days=1)


def test_the_day_on_which_a_date_itself_was_seen_counts(found) -> None:
    seen = [h for h in found.values() if h.milestone and h.milestone.seen]
    assert any(h.milestone.seen != h.reading.checked for h in seen)
    assert all(h.checked == h.milestone.seen for h in seen)


def test_a_build_names_the_editions_that_were_not_checked_for_long(real) -> None:
    line = calendars.overdue(real, DAY)
    late = {
        h.name for h in calendars.upcoming(real, DAY) if (DAY - h.checked).days > 90
    }
    assert late and all(f"{name} (2026-" in line for name in late)
    assert calendars.overdue(real, dt.date(2031, 1, 1)) is None


def test_rounds_are_named_in_chinese(found) -> None:
    assert calendars.label_name("ARR January 2027") == "ARR 2027 年 1 月轮"
    for happening in found.values():
        label = happening.milestone and happening.milestone.label
        if label:
            assert calendars.label_name(label) != label, label


# --- what the page says without a script ---------------------------------------


@pytest.fixture(scope="module")
def list_(real) -> html.HtmlElement:
    return html.fragment_fromstring(agenda.events(real, DAY))


def row(list_: html.HtmlElement, happening: Happening) -> html.HtmlElement | None:
    return next(iter(list_.xpath(f".//details[@id='{happening.anchor}']")), None)


def listed(real) -> list[Happening]:
    until = DAY + dt.timedelta(days=365)
    return [h for h in calendars.upcoming(real, DAY) if h.day <= until]


def test_the_list_holds_the_next_twelve_months(real, list_) -> None:
    wanted = listed(real)
    for happening in calendars.upcoming(real, DAY):
        assert (row(list_, happening) is not None) == (happening in wanted)
    assert list_.xpath("string(.//output)") == f"{len(wanted)} 个日期"


def test_a_month_says_how_many_dates_it_holds(list_) -> None:
    for month in list_.xpath(".//section"):
        rows = month.xpath("count(./details)")
        assert month.xpath("number(./h2/small)") == rows > 0


def test_a_moment_is_shown_in_three_zones(real, list_) -> None:
    shown = next(
        h for h in calendars.upcoming(real, DAY) if h.zone == "AoE" and h.instant
    )
    text = row(list_, shown).text_content()
    beijing = shown.instant.astimezone(ZoneInfo("Asia/Shanghai"))
    assert f"北京 {beijing:%Y-%m-%d %H:%M}" in text
    assert f"UTC {shown.instant:%Y-%m-%d %H:%M}" in text
    assert f"原文 {shown.begin:%Y-%m-%d %H:%M} AoE" in text


def test_a_row_begins_with_the_time_in_beijing_or_says_that_there_is_none(
    real, list_
) -> None:
    for happening in listed(real):
        time = row(list_, happening).xpath("string(./summary/time)")
        assert time.startswith(f"{happening.day:%m-%d}")
        if happening.instant:
            beijing = happening.instant.astimezone(ZoneInfo("Asia/Shanghai"))
            assert time.endswith(f"{beijing:%H:%M}")
        elif happening.milestone:
            assert time.endswith("—")


def test_a_doubtful_date_says_so_in_its_mark_and_in_what_unfolds(real, list_) -> None:
    for happening in listed(real):
        found = row(list_, happening)
        standing = real.sources[happening.source].standing
        for text in (
            found.xpath("string(.//i[@role='img']/@title)"),
            found.xpath("string(./p[@class='hb-source'])"),
        ):
            assert ("未经官网核对" in text) == (standing == "tracker")
            assert ("转引官方页面" in text) == (standing == "quoted")
            assert ("本届有出入" in text) == bool(happening.edition.conflicts)
            assert ("待复核" in text) == ((DAY - happening.checked).days > 90)


def test_what_sources_disagree_on_stands_in_the_row(real, list_) -> None:
    disputed = [h for h in listed(real) if h.edition.conflicts]
    assert disputed
    for happening in disputed:
        text = row(list_, happening).text_content()
        assert all(line in text for line in happening.edition.conflicts)


def test_a_year_without_dates_says_so(real) -> None:
    assert "没有已经公布的日期" in agenda.events(real, dt.date(2031, 1, 1))
