"""The ribbon of the year and the lanes of editions: what stands where."""

import datetime as dt

import pytest
from lxml import html

from handbook.facts import calendars, conferences, lanes

DAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def real() -> conferences.Conferences:
    return conferences.load()


@pytest.fixture(scope="module")
def coming(real) -> list[calendars.Happening]:
    until = DAY + dt.timedelta(days=365)
    return [h for h in calendars.upcoming(real, DAY) if h.day <= until]


@pytest.fixture(scope="module")
def drawn(real) -> html.HtmlElement:
    return html.fragment_fromstring(lanes.editions(real, DAY))


def place(element: html.HtmlElement) -> float:
    return float(element.get("style").split("--x:")[1].split(";")[0])


def test_a_day_stands_at_its_part_of_the_axis() -> None:
    axis = lanes.Axis(dt.date(2026, 1, 1), dt.date(2026, 1, 11))
    assert [axis.at(dt.date(2026, 1, day)) for day in (1, 6, 11)] == [
        ".000",
        ".500",
        "1.000",
    ]
    assert axis.length(dt.date(2026, 1, 2), dt.date(2026, 1, 3)) == ";--w:.200"


def test_the_ribbon_has_a_tick_for_every_day_of_every_lane(coming) -> None:
    year = html.fragment_fromstring(lanes.year(coming, DAY))
    for lane in year.xpath("./div[@data-group]"):
        group = lane.get("data-group")
        kinds = {"camera-ready": {"camera-ready", "review"}}.get(group, {group})
        inside = [h for h in coming if h.group in kinds]
        first = {h.day: h.anchor for h in reversed(inside)}
        ticks = lane.xpath("./a")
        assert [tick.get("href") for tick in ticks] == [
            f"#{first[d]}" for d in sorted(first)
        ]
        assert all(tick.get("title") for tick in ticks)
    assert year.xpath("count(./div[@data-group])") == 4


def test_every_edition_that_is_not_over_has_a_lane(real, drawn) -> None:
    alive = {
        f"s-{venue.key}-{edition.year}"
        for venue in real.venues
        for edition in venue.editions
        if calendars.has_strip(edition, DAY)
    }
    assert set(drawn.xpath("./section//h3/@id")) == alive


def test_a_lane_runs_from_the_first_milestone_to_the_days(drawn) -> None:
    (lane,) = drawn.xpath("./section[.//h3[@id='s-iclr-2027']]")
    words = lane.text_content()
    assert words.index("摘要截止") < words.index("论文截止") < words.index("会期")
    steps = lane.xpath("./ol/li")
    places = [place(step.find("a")) for step in steps]
    assert places == sorted(places) and places[0] < places[-1]
    past = [f"{DAY:%Y-%m-%d}" > step.xpath("string(.//time)") for step in steps]
    assert any(past) and not all(past)
    assert [step.get("class") == "hb-past" for step in steps] == past


def test_a_mark_leads_to_its_row_or_to_its_own_lane(drawn, coming) -> None:
    rows = {h.anchor for h in coming}
    for lane in drawn.xpath("./section"):
        own = lane.xpath("string(.//h3/@id)")
        for link in lane.xpath("./ol//a"):
            assert link.get("href")[1:] in {own, *rows}
    linked = {href[1:] for href in drawn.xpath(".//ol//a/@href")}
    assert rows - linked == set()


def test_days_without_an_edition_are_said(real) -> None:
    assert "没有还未结束" in lanes.editions(real, dt.date(2040, 1, 1))
