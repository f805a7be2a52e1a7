"""The calendar and the atlas as readers use them: filters, keys, clocks, no script."""

import datetime as dt
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, Locator, Page, expect

from handbook.facts import calendars, conferences

from .axe import WIDTHS
from .conftest import BUILT

CALENDAR, ATLAS = "resources/conference-calendar/", "resources/conference-atlas/"
EDITIONS = "resources/conference-editions/"


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
    return happening.anchor


@pytest.fixture
def at(browser: Browser, base_url: str) -> Iterator:
    """Opens a page at a moment, in a zone."""
    contexts = []

    def open_at(
        address: str,
        now: dt.datetime | None = None,
        zone: str = "Asia/Shanghai",
        script: bool = True,
        width: int = 1280,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": WIDTHS[width]},
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
    expect(row.locator(".hb-left")).to_have_text("3 天 5 小时")


def test_a_deadline_is_there_a_minute_before_and_gone_after(at, deadline) -> None:
    page = at(CALENDAR, deadline.instant - dt.timedelta(minutes=1, seconds=40))
    row = page.locator(f"#{name(deadline)}")
    expect(row.locator(".hb-left")).to_have_text("1 分")
    page.clock.fast_forward(120_000)
    expect(row).to_be_hidden()


def test_a_bare_date_is_today_and_stays_till_it_ends_everywhere(at, coming) -> None:
    bare = next(h for h in coming if h.milestone and not h.instant and h.day > BUILT)
    noon = dt.datetime.combine(bare.day, dt.time(4), dt.UTC)  # noon in Beijing
    left = f"#{name(bare)} .hb-left"
    expect(at(CALENDAR, noon).locator(left)).to_have_text("就在今天")
    late = at(CALENDAR, bare.over - dt.timedelta(minutes=1))
    expect(late.locator(left)).to_have_text("在别处还没过完")
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
    def unfolded(page: Page) -> Locator:
        row = page.locator(f"#{name(deadline)}")
        row.locator("summary").click()
        return row.locator(".hb-zones")

    here = deadline.instant.astimezone(calendars.BEIJING)
    home = unfolded(at(CALENDAR))
    expect(home).to_contain_text(f"北京 {here:%Y-%m-%d %H:%M}")
    expect(home).not_to_contain_text("你的时区")
    away = unfolded(at(CALENDAR, zone="America/Los_Angeles"))
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
    expect(left).to_have_text("1 天 6 小时")


# --- filters --------------------------------------------------------------------


def shown(page: Page) -> set[str]:
    return {row.get_attribute("id") for row in page.locator(".hb-event:visible").all()}


def chip(page: Page, words: str) -> Locator:
    """One of the bar's chips: its words, then a number."""
    return page.locator(".hb-chips").get_by_role(
        "button", name=re.compile(rf"^{words}( \d+)?$")
    )


def opened(page: Page) -> Locator:
    """The sheet of all filters."""
    page.locator(".hb-more").click()
    sheet = page.get_by_role("dialog", name="筛选")
    sheet.locator("details").evaluate_all("all => all.forEach((d) => (d.open = true))")
    return sheet


def test_filters_show_what_the_facts_say(at, coming) -> None:
    page = at(CALENDAR)
    alive = [
        h for h in coming if h.over > dt.datetime.combine(BUILT, dt.time(4), dt.UTC)
    ]
    assert shown(page) == {name(h) for h in alive}
    chip(page, "截止").click()
    sheet = opened(page)
    sheet.get_by_label("自然语言处理").check()
    sheet.get_by_label("机器学习").check()
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
    chip(page, "会期").click()
    chosen = shown(page)
    expect(page).to_have_url(re.compile("group=days"))
    page.goto(base_url + CALENDAR)
    expect(chip(page, "会期")).to_have_attribute("aria-pressed", "true")
    assert shown(page) == chosen
    other = at(f"{CALENDAR}?ccf=A&group=days")
    assert shown(other) < chosen
    opened(other).get_by_role("button", name="清除筛选").click()
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
    opened(page).get_by_role("checkbox", name="C", exact=True).check()
    page.keyboard.press("Escape")
    expect(page.locator("#iclr")).to_be_hidden()
    page.goto(f"{base_url}{CALENDAR}")
    page.goto(f"{base_url}{ATLAS}#iclr")
    expect(page.locator("#iclr")).to_be_in_viewport()
    page.goto(base_url + ATLAS)  # what was chosen is not forgotten
    expect(page.locator("#iclr")).to_be_hidden()
    page.get_by_role("row", name="NAACL 2027").get_by_role("link").first.click()
    expect(page.locator("#naacl")).to_be_in_viewport()


def test_a_chip_carries_the_number_of_rows_that_it_would_show(at) -> None:
    page = at(f"{CALENDAR}?field=nlp")
    for words in ("截止", "会期", "CCF A"):
        number = int(chip(page, words).locator("small").inner_text())
        chip(page, words).click()
        assert len(shown(page)) == number > 0
        chip(page, words).click()


def test_the_sheet_carries_numbers_and_says_how_many_rows_it_leaves(at) -> None:
    page = at(CALENDAR)
    sheet = opened(page)
    box = sheet.locator("label", has_text="机器人")
    number = box.locator("small").inner_text()
    box.click()
    done = sheet.get_by_role("button", name=f"看 {number} 个日期")
    done.click()
    expect(sheet).to_be_hidden()
    assert len(shown(page)) == int(number) > 0
    expect(page.locator(".hb-more")).to_have_text("筛选 1")
    expect(page.locator(".hb-more")).to_be_focused()


def test_the_reader_s_own_fields_are_one_press_away(at, base_url) -> None:
    page = at(CALENDAR)
    mine = chip(page, "我的领域")
    mine.click()  # nothing is known of the reader yet: the sheet asks
    page.get_by_role("dialog").get_by_label("自然语言处理").check()
    page.keyboard.press("Escape")
    chosen = shown(page)
    mine.click()
    assert shown(page) > chosen
    page.goto(base_url + CALENDAR)
    chip(page, "我的领域").click()
    assert shown(page) == chosen


def test_where_nothing_fits_the_page_offers_the_way_out(at) -> None:
    page = at(f"{CALENDAR}?ccf=A&q=zzzz")
    empty = page.locator(".hb-empty")
    assert shown(page) == set()
    expect(empty).to_contain_text("没有符合的")
    ways = empty.get_by_role("button", name=re.compile("去掉"))
    expect(ways).to_have_count(1)  # without CCF A there is still no zzzz
    number = int(re.search(r"“zzzz”（\+(\d+)）", ways.inner_text())[1])
    ways.click()
    assert len(shown(page)) == number > 0
    expect(empty).to_be_hidden()
    expect(page).to_have_url(re.compile("ccf=A$"))


# --- how the page looks --------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_date_is_on_the_first_screen(at, width) -> None:
    first = at(CALENDAR, width=width).locator(".hb-event:visible").first
    assert first.bounding_box()["y"] <= 480


@pytest.mark.parametrize("address", [CALENDAR, ATLAS])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_bar_comes_without_moving_the_page(at, address, width) -> None:
    moved = at(address, width=width).evaluate(
        """() => new Promise((done) => {
          let sum = 0;
          new PerformanceObserver((list) => list.getEntries().forEach((shift) => {
            sum += shift.value;
          })).observe({ type: "layout-shift", buffered: true });
          requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
        })"""
    )
    assert moved < 0.01


@pytest.mark.parametrize(("width", "most"), [(1280, 44), (390, 60)])
def test_a_row_is_low(at, width, most) -> None:
    heights = at(CALENDAR, width=width).evaluate(
        """() => [...document.querySelectorAll(".hb-event:not([hidden])")]
          .map((row) => row.getBoundingClientRect().height)"""
    )
    assert heights and max(heights) <= most


@pytest.mark.parametrize("width", WIDTHS)
def test_the_bar_stays_in_sight_and_low_and_the_month_below_it(at, width) -> None:
    page = at(CALENDAR, width=width)
    page.locator(".hb-event:visible").nth(40).scroll_into_view_if_needed()
    page.mouse.wheel(0, 300)
    bar = page.locator(".hb-bar").bounding_box()
    assert bar["height"] <= 52 and bar["y"] == pytest.approx(48, abs=1)
    heads = page.locator(".hb-month:visible h2").evaluate_all(
        "heads => heads.map((head) => head.getBoundingClientRect().top)"
    )
    assert any(top == pytest.approx(100, abs=2) for top in heads)


def test_on_a_phone_the_chips_scroll_and_field_and_opener_stay(at) -> None:
    page = at(CALENDAR, width=390)
    last = page.locator(".hb-chips button").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    expect(page.locator(".hb-bar input")).to_be_in_viewport(ratio=1)
    expect(page.locator(".hb-more")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", WIDTHS)
def test_the_sheet_fits_the_window(at, width) -> None:
    page = at(CALENDAR, width=width)
    box = opened(page).bounding_box()
    most = 0.8 * WIDTHS[390] if width == 390 else WIDTHS[1280]
    assert box["height"] <= most + 1
    assert 0 <= box["x"] and box["x"] + box["width"] <= width
    expect(page.get_by_role("button", name=re.compile("^看 "))).to_be_in_viewport()


def test_only_a_deadline_within_a_week_is_coloured(at, coming) -> None:
    now = dt.datetime.combine(BUILT, dt.time(4), dt.UTC)
    page = at(CALENDAR, now)
    marked = page.locator(".hb-event:has(.hb-soon):visible").evaluate_all(
        "rows => rows.map(({id}) => id)"
    )
    near = BUILT + dt.timedelta(days=7)
    due = [h for h in coming if h.group == "deadline" and h.over > now]
    assert {name(h) for h in due if h.day < near} <= set(marked) != set()
    assert set(marked) <= {name(h) for h in due if h.day <= near}


def test_a_mark_of_trust_has_its_words(at) -> None:
    marks = at(CALENDAR).locator(".hb-event .hb-trust")
    names = set(marks.evaluate_all("all => all.map(({title}) => title)"))
    assert all(names) and {word.partition("，")[0] for word in names} >= {
        "转引官方页面",
        "未经官网核对",
    }


def test_a_row_is_unfolded_with_the_keyboard(at, deadline) -> None:
    page = at(CALENDAR)
    row = page.locator(f"#{name(deadline)}")
    expect(row.locator(".hb-source")).to_be_hidden()
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(row.locator(".hb-source")).to_contain_text(f"核对 {deadline.checked}")
    expect(row.get_by_role("link", name="当届官网")).to_be_visible()


def test_the_bar_covers_no_row_that_the_keyboard_reaches(at) -> None:
    page = at(CALENDAR)
    rows = page.locator(".hb-event:visible > summary")
    rows.nth(40).focus()
    page.evaluate("scrollBy(0, document.activeElement.getBoundingClientRect().y - 140)")
    page.keyboard.press("Shift+Tab")
    expect(rows.nth(39)).to_be_focused()
    month = page.locator(".hb-month:has(summary:focus) h2").bounding_box()
    row = rows.nth(39).bounding_box()
    assert row["y"] >= month["y"] + month["height"] - 1


def test_an_unfolded_row_saves_its_event(at, deadline) -> None:
    page = at(CALENDAR)
    row = page.locator(f"#{name(deadline)}")
    row.locator("summary").click()
    with page.expect_download() as download:
        row.get_by_role("button", name="加入日历").click()
    saved = Calendar.from_ical(download.value.path().read_bytes())
    assert [str(e["uid"]) for e in saved.walk("VEVENT")] == [deadline.uid]


def test_a_link_to_a_date_finds_it_unfolded_below_the_bar(at, deadline) -> None:
    page = at(f"{CALENDAR}#{name(deadline)}")
    row = page.locator(f"#{name(deadline)}")
    expect(row).to_have_attribute("open", "")
    bar = page.locator(".hb-bar").bounding_box()
    assert row.bounding_box()["y"] >= bar["y"] + bar["height"] - 1


# --- the year ------------------------------------------------------------------------


def test_the_year_is_walked_with_arrows_and_leads_to_the_day(at) -> None:
    page = at(f"{CALENDAR}?group=deadline")
    days = page.locator(".hb-year a:visible")
    held = days.evaluate_all("all => all.map(({dataset}) => dataset.day)")
    assert len(held) == len(set(held)) > 2
    page.locator(".hb-more").focus()
    page.keyboard.press("Tab")
    expect(days.first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(days.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(days.last).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(days.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    focused = page.locator(".hb-event[open]:has(summary:focus)")
    expect(focused).to_have_attribute("data-day", held[1])


def test_a_chip_is_pressed_with_the_keyboard(at) -> None:
    page = at(CALENDAR)
    chip(page, "截止").focus()
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile("group=deadline"))


def test_time_passing_keeps_the_day_that_has_the_focus(at) -> None:
    page = at(CALENDAR)
    tick = page.locator(".hb-year a:visible").nth(3)
    day = tick.get_attribute("data-day")
    tick.focus()
    page.clock.fast_forward(61_000)
    expect(page.locator(".hb-year a:focus")).to_have_attribute("data-day", day)


def test_the_year_shows_what_the_list_shows(at) -> None:
    page = at(f"{CALENDAR}?group=deadline&ccf=A")
    days = page.locator(".hb-event:visible").evaluate_all(
        "rows => rows.map(({dataset}) => dataset.day)"
    )
    ticks = page.locator(".hb-year a:visible").evaluate_all(
        "ticks => ticks.map(({dataset}) => dataset.day)"
    )
    assert ticks == sorted(set(days)) != []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_finger_beside_a_tick_finds_it(at, width) -> None:
    page = at(f"{CALENDAR}?group=deadline&ccf=A", width=width)
    tick = page.locator(".hb-year a:visible").last
    box = tick.bounding_box()
    page.mouse.click(box["x"] + 10, box["y"] + 6)
    row = page.locator(".hb-event[open]")
    expect(row).to_have_attribute("data-day", tick.get_attribute("data-day"))
    expect(row).to_be_in_viewport()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_year_is_a_low_band(at, width) -> None:
    box = at(CALENDAR, width=width).locator(".hb-year").bounding_box()
    assert box["height"] <= 108 and box["x"] + box["width"] <= width


# --- lanes ---------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_the_lanes_are_a_picture_of_all_editions(at, width) -> None:
    lanes = at(CALENDAR, width=width).locator(".hb-strips")
    rows = lanes.locator("section").count()
    assert lanes.bounding_box()["height"] <= 31.5 * rows + 24


def test_a_mark_of_a_lane_is_large_enough_and_leads_to_its_row(at, deadline) -> None:
    page = at(CALENDAR)
    link = page.locator(f".hb-strip a[href='#{name(deadline)}']")
    link.evaluate("link => link.closest('section').scrollIntoView({block: 'center'})")
    place = link.evaluate(
        """(link) => {
          const lane = link.closest("section").getBoundingClientRect();
          const hit = getComputedStyle(link, "::before");
          const [left, top] = [parseFloat(hit.left), parseFloat(hit.marginLeft)];
          const [width, height] = [parseFloat(hit.width), parseFloat(hit.height)];
          return { x: lane.x + left + top + width / 2, y: lane.y + height / 2,
            width, height };
        }"""
    )
    assert place["width"] >= 24 and place["height"] >= 24
    page.mouse.click(place["x"], place["y"])
    expect(page.locator(f"#{name(deadline)}")).to_have_attribute("open", "")
    expect(page.locator(f"#{name(deadline)}")).to_be_in_viewport()


def test_an_unfolded_lane_tells_its_dates_in_words(at) -> None:
    page = at(CALENDAR, script=False)
    steps = page.locator("section:has(#s-iclr-2027) .hb-strip > li > a")
    expect(steps.first).not_to_be_visible()
    page.locator("#s-iclr-2027").click()
    first, second = steps.nth(0).bounding_box(), steps.nth(1).bounding_box()
    assert first["y"] < second["y"] and first["height"] > 10
    expect(steps.first).to_be_visible()
    expect(steps.first).to_contain_text(re.compile(r"20\d\d-\d\d-\d\d"))


def test_what_is_past_is_paler(at) -> None:
    page = at(
        CALENDAR, dt.datetime.combine(BUILT, dt.time(), dt.UTC) + dt.timedelta(60)
    )
    for step in page.locator(".hb-strip > li").all()[:60]:
        day = step.locator("time").text_content()
        if abs(dt.date.fromisoformat(day) - BUILT - dt.timedelta(60)).days > 2:
            past = day < f"{BUILT + dt.timedelta(60)}"
            is_days = step.get_attribute("data-group") == "days"
            assert is_days or ("hb-past" in (step.get_attribute("class") or "")) == past


# --- without a script; the feeds; the atlas -------------------------------------------


def test_without_a_script_the_list_is_whole(at, coming, deadline) -> None:
    page = at(CALENDAR, script=False)
    assert shown(page) == {name(h) for h in coming}
    row = page.locator(f"#{name(deadline)}")
    here = deadline.instant.astimezone(calendars.BEIJING)
    expect(row).to_contain_text(f"北京 {here:%Y-%m-%d %H:%M}")
    expect(row).to_contain_text(f"核对 {deadline.checked}")
    expect(page.locator("form.hb-bar")).to_have_count(0)


def test_every_feed_of_the_page_is_a_calendar(site: Path, at) -> None:
    page = at(CALENDAR)
    links = page.locator('a[href$=".ics"]')
    files = {Path(link.get_attribute("href")).name for link in links.all()}
    assert files == {path.name for path in (site / "calendars").iterdir()}
    for file in files:
        assert (site / "calendars" / file).read_bytes().startswith(b"BEGIN:VCALENDAR")


def test_each_date_is_in_the_search_index(site: Path, coming) -> None:
    held = {}
    for file in (site / "pagefind" / "fragment").iterdir():
        text = gzip.decompress(file.read_bytes()).decode("utf-8")
        page = json.loads(text.removeprefix("pagefind_dcd"))
        held[page["url"]] = re.sub(r"[\s\u00ad]", "", page["content"])
    found = held[f"/{CALENDAR}"]

    def row(happening: calendars.Happening) -> str:
        """Its day, and at once, or after the hour, its name and what it is."""
        words = f"{happening.name}{happening.what}".replace(" ", "")
        return rf"{happening.day:%m-%d}.{{,12}}?{re.escape(words)}"

    assert [h.anchor for h in coming if not re.search(row(h), found)] == []


def test_what_is_shown_is_saved_as_a_calendar(at, coming) -> None:
    page = at(f"{CALENDAR}?group=deadline&field=nlp")
    sheet = opened(page)
    with page.expect_download() as download:
        sheet.get_by_role("button", name="存成 .ics").click()
    saved = Calendar.from_ical(download.value.path().read_bytes())
    events = {str(e["uid"]).partition("@")[0] for e in saved.walk("VEVENT")}
    assert events == shown(page) != set()


def test_each_feed_has_an_address_to_subscribe_to(at, base_url) -> None:
    page = at(CALENDAR)
    files = page.locator('td > a[href$=".ics"]:not([href^="webcal"])')
    links = page.locator("td").get_by_role("link", name="订阅", exact=True)
    assert links.count() == files.count() > 0
    address = files.first.evaluate("link => link.href")
    assert links.first.get_attribute("href") == address.replace("http", "webcal", 1)


def cards(page: Page) -> set[str]:
    return set(
        page.locator(".hb-venue:visible h3").evaluate_all("h => h.map(({id}) => id)")
    )


def test_the_atlas_has_a_card_for_every_venue_and_filters_them(at) -> None:
    venues = conferences.load().venues
    page = at(ATLAS)
    assert cards(page) == {v.key for v in venues}
    chip(page, "CCF A").click()
    assert cards(page) == {v.key for v in venues if v.rank.ccf == "A"}
    page.get_by_label("按名称或内容筛选").fill("neurips")
    assert "neurips" in cards(page)
    assert len(cards(page)) < 10
    expect(page.locator(".hb-field p", has_text="没有符合条件")).not_to_have_count(0)


@pytest.mark.parametrize(("width", "most"), [(1280, 44), (390, 60)])
def test_a_venue_is_a_low_row(at, width, most) -> None:
    heights = at(ATLAS, width=width).evaluate(
        """() => [...document.querySelectorAll(".hb-venue")]
          .map((row) => row.getBoundingClientRect().height)"""
    )
    assert len(heights) == len(conferences.load().venues) and max(heights) <= most


@pytest.mark.parametrize("address", [CALENDAR, ATLAS])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_control_of_a_tool_is_on_the_first_screen(at, address, width) -> None:
    bar = at(address, width=width).locator(".hb-bar input")
    assert bar.bounding_box()["y"] <= 400


def test_the_grid_names_every_venue_and_leads_to_its_unfolded_row(at) -> None:
    page = at(ATLAS)
    names = page.locator(".hb-grid td a")
    assert names.count() == len(conferences.load().venues)
    page.locator(".hb-grid").get_by_role("link", name="COLM", exact=True).click()
    row = page.locator(".hb-venue:has(#colm)")
    expect(row).to_have_attribute("open", "")
    bar = page.locator(".hb-bar").bounding_box()
    assert row.bounding_box()["y"] >= bar["y"] + bar["height"] - 1


def test_on_a_phone_there_are_only_the_rows(at) -> None:
    page = at(ATLAS, width=390)
    expect(page.locator(".hb-grid")).to_be_hidden()
    row = page.locator(".hb-venue:has(#neurips)")
    row.locator("summary").click()
    expect(row.locator("ul")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wide = row.evaluate("row => row.scrollWidth - row.clientWidth")
    assert wide <= 0


def test_a_deadline_that_is_past_leaves_the_row_of_its_venue(at) -> None:
    due = at(ATLAS).locator(".hb-venue b[data-over]").first
    expect(due).to_be_visible()
    gone = at(ATLAS, dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
    expect(gone.locator(".hb-venue b[data-over]:visible")).to_have_count(0)


def test_a_card_without_a_script_is_there(at) -> None:
    page = at(ATLAS, script=False)
    assert cards(page) == {v.key for v in conferences.load().venues}


def test_a_venue_and_its_editions_lead_to_each_other_without_a_script(at) -> None:
    page = at(f"{ATLAS}#neurips", script=False)
    card = page.locator(".hb-venue:has(#neurips)")
    card.locator("summary").click()
    card.get_by_role("link", name="各届与来源").click()
    page.wait_for_url(f"**/{EDITIONS}#neurips")
    expect(page.locator("tbody:has(#neurips) tr")).not_to_have_count(0)
    page.locator("#neurips a").click()
    page.wait_for_url(f"**/{ATLAS}#neurips")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_editions_of_a_venue_that_a_link_names_are_in_sight(at, width) -> None:
    group = at(f"{EDITIONS}#colt", width=width).locator("#colt")
    expect(group).to_be_in_viewport()
    head = group.page.locator(".md-header").bounding_box()
    assert group.bounding_box()["y"] >= head["y"] + head["height"] - 1


ROOM = 120  # venues
FIXED = 70_000  # bytes that a page of a tool loads beside its HTML, zipped


def test_the_atlas_has_room_for_more_venues(site: Path) -> None:
    """Each further venue weighs as those of now do on the average."""
    page = (site / ATLAS / "index.html").read_text(encoding="utf-8")
    venues = re.findall(r"<details class=hb-venue.*?</details>", page, re.S)
    bare = page
    for venue in venues:
        bare = bare.replace(venue, "")
    whole, rest = (len(gzip.compress(t.encode(), 6)) for t in (page, bare))
    each = (whole - rest) / len(venues)
    assert FIXED + rest + each * ROOM <= 120_000, f"{each:.0f} bytes a venue"


def test_only_pages_that_hold_a_widget_load_its_script(site: Path) -> None:
    for file in site.rglob("index.html"):
        html = file.read_text(encoding="utf-8")
        for tag in ("conference-calendar", "conference-atlas"):
            assert (f"widgets/{tag}.js" in html) == (f"<{tag}" in html), file
