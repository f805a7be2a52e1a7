"""The calendar and the atlas as readers use them: filters, keys, clocks, no script."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, Page, expect

from handbook.facts import calendars, conferences

from .conftest import BUILT

CALENDAR, ATLAS = "resources/conference-calendar/", "resources/conference-atlas/"


@pytest.fixture(scope="module")
def coming() -> list[calendars.Happening]:
    """The dates that the page holds."""
    until = BUILT + dt.timedelta(days=365)
    found = calendars.upcoming(conferences.load(), BUILT)
    return [h for h in found if h.day <= until]


@pytest.fixture(scope="module")
def deadline(coming) -> calendars.Happening:
    """One with an hour, some weeks ahead."""
    later = dt.datetime.combine(BUILT, dt.time(), dt.UTC) + dt.timedelta(days=20)
    return next(h for h in coming if h.instant and h.instant > later)


def name(happening: calendars.Happening) -> str:
    return happening.uid.partition("@")[0]


@pytest.fixture
def at(browser: Browser, base_url: str) -> Iterator:
    """Opens a page at a moment, in a zone."""
    contexts = []

    def open_at(
        address: str,
        now: dt.datetime | None = None,
        zone: str = "Asia/Shanghai",
        script: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900},
            timezone_id=zone,
            locale="zh-CN",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        if script:
            page.clock.install(
                time=now or dt.datetime.combine(BUILT, dt.time(4), dt.UTC)
            )
        page.goto(base_url + address)
        return page

    yield open_at
    for context in contexts:
        context.close()


# --- clocks ---------------------------------------------------------------------


def test_a_deadline_counts_down_in_days_and_hours(at, deadline) -> None:
    page = at(CALENDAR, deadline.instant - dt.timedelta(days=3, hours=5, minutes=1))
    row = page.locator(f"#{name(deadline)}")
    expect(row.locator(".hb-left")).to_have_text("还有 3 天 5 小时")


def test_a_deadline_is_there_a_minute_before_and_gone_after(at, deadline) -> None:
    page = at(CALENDAR, deadline.instant - dt.timedelta(minutes=1, seconds=40))
    row = page.locator(f"#{name(deadline)}")
    expect(row.locator(".hb-left")).to_have_text("还有 1 分")
    page.clock.fast_forward(120_000)
    expect(row).to_be_hidden()


def test_a_bare_date_is_today_and_stays_till_it_ends_everywhere(at, coming) -> None:
    bare = next(h for h in coming if h.milestone and not h.instant and h.day > BUILT)
    noon = dt.datetime.combine(bare.day, dt.time(4), dt.UTC)  # noon in Beijing
    left = f"#{name(bare)} .hb-left"
    expect(at(CALENDAR, noon).locator(left)).to_have_text("就在今天")
    late = at(CALENDAR, bare.over - dt.timedelta(minutes=1))
    expect(late.locator(left)).to_have_text("这一天在别处还没有过完")
    expect(at(CALENDAR, bare.over).locator(f"#{name(bare)}")).to_be_hidden()


def test_a_conference_is_on_during_its_days(at, coming) -> None:
    days = next(h for h in coming if h.kind == "days" and h.end > h.begin > BUILT)
    middle = dt.datetime.combine(days.end, dt.time(4), dt.UTC)
    left = at(CALENDAR, middle).locator(f"#{name(days)} .hb-left")
    expect(left).to_have_text("正在进行")


def test_months_that_are_past_fall_away(at, coming) -> None:
    page = at(
        CALENDAR, dt.datetime.combine(BUILT, dt.time(), dt.UTC) + dt.timedelta(120)
    )
    past = [h for h in coming if h.over.date() < BUILT + dt.timedelta(days=110)]
    assert past
    for happening in past:
        expect(page.locator(f"#{name(happening)}")).to_be_hidden()
    first = past[0].day
    expect(page.locator(f"#m-{first.year}-{first.month:02d}")).to_be_hidden()


def test_a_reader_elsewhere_gets_the_own_time_beside(at, deadline) -> None:
    zones = f"#{name(deadline)} .hb-zones"
    here = deadline.instant.astimezone(calendars.BEIJING)
    home = at(CALENDAR).locator(zones)
    expect(home).to_contain_text(f"北京 {here:%Y-%m-%d %H:%M}")
    expect(home).not_to_contain_text("你的时区")
    away = at(CALENDAR, zone="America/Los_Angeles").locator(zones)
    expect(away).to_contain_text("America/Los_Angeles")
    local = away.page.evaluate(
        """(at) => new Date(at).toLocaleTimeString("en-GB",
          {timeZone: "America/Los_Angeles", hour: "2-digit", minute: "2-digit"})""",
        f"{deadline.instant:%Y-%m-%dT%H:%M:%SZ}",
    )
    expect(away).to_contain_text(local)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_reader_s_zone_does_not_move_a_deadline(at, deadline, zone) -> None:
    page = at(CALENDAR, deadline.instant - dt.timedelta(hours=30, minutes=1), zone)
    left = page.locator(f"#{name(deadline)} .hb-left")
    expect(left).to_have_text("还有 1 天 6 小时")


# --- filters --------------------------------------------------------------------


def shown(page: Page) -> set[str]:
    return {row.get_attribute("id") for row in page.locator(".hb-event:visible").all()}


def test_filters_show_what_the_facts_say(at, coming) -> None:
    page = at(CALENDAR)
    alive = [
        h for h in coming if h.over > dt.datetime.combine(BUILT, dt.time(4), dt.UTC)
    ]
    assert shown(page) == {name(h) for h in alive}
    page.get_by_label("截止", exact=True).check()
    page.get_by_label("自然语言处理").check()
    page.get_by_label("机器学习").check()
    fields = {"自然语言处理", "机器学习"}
    wanted = {
        name(h) for h in alive if h.group == "deadline" and h.venue.field in fields
    }
    assert shown(page) == wanted != set()
    expect(page.locator("conference-calendar output")).to_have_text(
        f"{len(wanted)} 个日期"
    )


def test_a_choice_stands_in_the_address_and_is_remembered(at, base_url) -> None:
    page = at(CALENDAR)
    page.get_by_label("会期", exact=True).check()
    chosen = shown(page)
    expect(page).to_have_url(re.compile("group=days"))
    page.goto(base_url + CALENDAR)
    expect(page.get_by_label("会期", exact=True)).to_be_checked()
    assert shown(page) == chosen
    other = at(f"{CALENDAR}?ccf=A&group=days")
    assert shown(other) < chosen
    other.get_by_role("button", name="清除筛选").click()
    assert shown(other) > chosen
    expect(other).not_to_have_url(re.compile(r"\?"))


def test_an_address_that_asks_for_nothing_known_shows_all(at) -> None:
    everything = shown(at(CALENDAR))
    assert shown(at(f"{CALENDAR}?group=nonsense")) == everything


def test_the_strips_follow_the_filters(at) -> None:
    page = at(f"{CALENDAR}?field=cv")
    fields = page.locator(".hb-strips > section:visible").evaluate_all(
        "strips => strips.map(({dataset}) => dataset.field)"
    )
    assert set(fields) == {"cv"}


def test_conferences_are_asked_for_by_name_in_list_and_strips(at, coming) -> None:
    page = at(CALENDAR)
    page.get_by_label("只看这些会议").fill("ICLR，acl")
    names = {"ICLR", "ACL"}  # not NAACL
    wanted = {name(h) for h in coming if h.venue.name in names}
    assert shown(page) == wanted != set()
    strips = page.locator(".hb-strips > section:visible h3")
    assert {text.split()[0] for text in strips.all_inner_texts()} == names
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=iclr.acl"))
    again = at(f"{CALENDAR}?q=iclr.acl")
    assert shown(again) == wanted


def test_a_link_to_what_a_filter_hides_shows_it(at, base_url) -> None:
    page = at(ATLAS)
    page.locator("conference-atlas label", has_text="C（").locator("input").check()
    expect(page.locator("#iclr")).to_be_hidden()
    page.goto(f"{base_url}{CALENDAR}")
    page.goto(f"{base_url}{ATLAS}#iclr")
    expect(page.locator("#iclr")).to_be_in_viewport()
    page.goto(base_url + ATLAS)  # what was chosen is not forgotten
    expect(page.locator("#iclr")).to_be_hidden()
    page.get_by_role("row", name="NAACL 2027").get_by_role("link").first.click()
    expect(page.locator("#naacl")).to_be_in_viewport()


# --- the year, by keyboard ---------------------------------------------------------


def test_the_year_is_walked_with_arrows_and_leads_to_the_day(at) -> None:
    page = at(f"{CALENDAR}?group=deadline")
    year = page.locator(".hb-year")
    days = year.locator("button")
    assert days.count() == len(set(days.evaluate_all("b => b.map(x => x.dataset.day)")))
    page.get_by_text("一年的月历").focus()
    page.keyboard.press("Tab")
    expect(days.first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(days.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(days.last).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(days.nth(1)).to_be_focused()
    day = days.nth(1).get_attribute("data-day")
    page.keyboard.press("Enter")
    focused = page.locator(".hb-event:focus")
    assert focused.get_attribute("data-day") == day


def test_boxes_are_ticked_with_the_keyboard(at) -> None:
    page = at(CALENDAR)
    page.get_by_label("截止", exact=True).focus()
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile("group=deadline"))


def test_a_filter_keeps_the_day_that_has_the_focus(at) -> None:
    page = at(CALENDAR)
    button = page.locator(".hb-year button").nth(3)
    day = button.get_attribute("data-day")
    button.focus()
    page.clock.fast_forward(61_000)
    expect(page.locator(".hb-year button:focus")).to_have_attribute("data-day", day)


# --- without a script; the feeds; the atlas -------------------------------------------


def test_without_a_script_the_list_is_whole(at, coming, deadline) -> None:
    page = at(CALENDAR, script=False)
    assert shown(page) == {name(h) for h in coming}
    row = page.locator(f"#{name(deadline)}")
    here = deadline.instant.astimezone(calendars.BEIJING)
    expect(row).to_contain_text(f"北京 {here:%Y-%m-%d %H:%M}")
    expect(row).to_contain_text(f"核对 {deadline.checked}")
    expect(page.locator("form.hb-filters")).to_have_count(0)


def test_every_feed_of_the_page_is_a_calendar(site: Path, at) -> None:
    page = at(CALENDAR)
    links = page.locator('a[href$=".ics"]')
    files = {Path(link.get_attribute("href")).name for link in links.all()}
    assert files == {path.name for path in (site / "calendars").iterdir()}
    for file in files:
        assert (site / "calendars" / file).read_bytes().startswith(b"BEGIN:VCALENDAR")


def test_what_is_shown_is_saved_as_a_calendar(at, coming) -> None:
    page = at(f"{CALENDAR}?group=deadline&field=nlp")
    with page.expect_download() as download:
        page.get_by_role("button", name="存成 .ics").click()
    saved = Calendar.from_ical(download.value.path().read_bytes())
    events = {str(e["uid"]).partition("@")[0] for e in saved.walk("VEVENT")}
    assert events == shown(page) != set()


def test_each_feed_has_an_address_to_subscribe_to(at, base_url) -> None:
    page = at(CALENDAR)
    files = page.locator('td > a[href$=".ics"]:not([href^="webcal"])')
    links = page.get_by_role("link", name="订阅", exact=True)
    assert links.count() == files.count() > 0
    address = files.first.evaluate("link => link.href")
    assert links.first.get_attribute("href") == address.replace("http", "webcal", 1)


def test_on_a_phone_the_year_is_folded(browser: Browser, base_url: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(base_url + CALENDAR)
    expect(page.locator(".hb-year")).to_be_hidden()
    page.get_by_text("一年的月历").click()
    expect(page.locator(".hb-year")).to_be_visible()
    page.close()


def test_a_strip_is_a_row(at) -> None:
    steps = at(CALENDAR).locator("#s-iclr-2027 + .hb-strip > li")
    first, second = steps.nth(0).bounding_box(), steps.nth(1).bounding_box()
    assert first["y"] == second["y"] and first["x"] < second["x"]


def cards(page: Page) -> set[str]:
    return set(
        page.locator(".hb-venue:visible h3").evaluate_all("h => h.map(({id}) => id)")
    )


def test_the_atlas_has_a_card_for_every_venue_and_filters_them(at) -> None:
    venues = conferences.load().venues
    page = at(ATLAS)
    assert cards(page) == {v.key for v in venues}
    page.locator("conference-atlas label", has_text="A（").locator("input").check()
    assert cards(page) == {v.key for v in venues if v.rank.ccf == "A"}
    page.get_by_label("按名称或内容筛选").fill("neurips")
    assert "neurips" in cards(page)
    assert len(cards(page)) < 10
    expect(page.locator(".hb-field p", has_text="没有符合条件")).not_to_have_count(0)


def test_a_card_without_a_script_is_there(at) -> None:
    page = at(ATLAS, script=False)
    assert cards(page) == {v.key for v in conferences.load().venues}


def test_only_pages_that_hold_a_widget_load_its_script(site: Path) -> None:
    for file in site.rglob("index.html"):
        html = file.read_text(encoding="utf-8")
        for tag in ("conference-calendar", "conference-atlas"):
            assert (f"widgets/{tag}.js" in html) == (f"<{tag}" in html), file
