"""The home page, the map, the way about the book, and the page for lost readers."""

import gzip
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html
from playwright.sync_api import Browser, Page, expect

from handbook.page import cards

from . import browser as browsers
from .conftest import BASE, WIDTHS

FIRST_SCREEN = [".hb-promise", ".hb-doors", ".hb-due"]
BOTTOM = "(e) => e.getBoundingClientRect().bottom + scrollY"


def read(site: Path, name: str) -> html.HtmlElement:
    """A page of the site."""
    return html.fromstring((site / name).read_text(encoding="utf-8"))


def test_promise_doors_and_deadlines_are_on_the_first_screen(
    sized: Page, base_url: str
) -> None:
    sized.goto(base_url)
    for part in FIRST_SCREEN:
        bottom = sized.locator(part).evaluate(BOTTOM)
        assert 0 < bottom <= sized.viewport_size["height"], f"{part} ends at {bottom}"


def test_the_map_begins_on_the_first_screen_of_a_desk(
    base_url: str, page: Page
) -> None:
    page.goto(base_url)
    assert page.locator(".hb-map").bounding_box()["y"] <= WIDTHS[1280] - 200


def test_every_station_is_large_enough_for_a_finger(sized: Page, base_url: str) -> None:
    sized.goto(base_url)
    sizes = sized.evaluate(
        """() => [...document.querySelectorAll(".hb-map a rect")]
          .map((box) => box.getBoundingClientRect())
          .filter(({ width }) => width)
          .map(({ width, height }) => Math.min(width, height))"""
    )
    assert sizes and min(sizes) >= 24


def test_both_drawings_of_the_map_add_little_to_the_page(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    without = re.sub(r'<div class="?hb-map.*?</div>', "", page, flags=re.S)
    sent, rest = (len(gzip.compress(text.encode(), 6)) for text in (page, without))
    assert page.count("<svg class=") - without.count("<svg class=") == 2
    links = page.count("<a ") - without.count("<a ")
    assert sent - rest <= 40 * links


@pytest.fixture
def remembering(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A window of a browser that keeps what it visited: others forget at once."""
    context = browser.browser_type.launch_persistent_context(
        tmp_path,
        executable_path=next(filter(None, map(shutil.which, browsers.NAMES)), None),
        args=browsers.ARGUMENTS,
        viewport={"width": 1280, "height": WIDTHS[1280]},
    )
    yield context.new_page()
    context.close()


def test_a_station_that_was_visited_is_filled(base_url: str, remembering: Page) -> None:
    """Scripts are not told; what is painted is."""
    remembering.goto(base_url)
    station = remembering.locator(".hb-map .wide .st").first
    ring = station.locator("circle")
    before = ring.screenshot()
    station.click()
    remembering.wait_for_url("**/background/setup/")
    remembering.goto(base_url)
    remembering.mouse.move(0, 0)
    assert ring.screenshot() != before


def test_the_home_page_lists_every_task(site: Path) -> None:
    tasks = read(site, "index.html").xpath("//ul[@class='hb-tasks']/li/a/@href")
    assert len(tasks) == len(list(Path("snippets").glob("*/*_practice_*.py")))


def test_the_home_page_has_one_title_with_an_id(site: Path) -> None:
    assert read(site, "index.html").xpath("//h1/@id") == ["home"]


# --- the way about ------------------------------------------------------------------


def test_a_part_of_which_nothing_is_written_has_no_tab(site: Path) -> None:
    tabs = read(site, "index.html").xpath("//a[@class='md-tabs__link']")
    names = [tab.text_content().strip() for tab in tabs]
    assert names == [
        "首页",
        "背景",
        "核心概念",
        "算法",
        "框架与工程",
        "应用",
        "会议与资源",
        "常见问题",
    ]


def test_every_part_can_be_reached_from_the_map(site: Path) -> None:
    parts = read(site, "index.html").xpath(
        "//svg[@class='wide']//a[contains(@class, 'part')]/@href"
    )
    assert len(parts) == 8 and all((site / p / "index.html").is_file() for p in parts)


def test_a_page_has_one_number_everywhere(site: Path) -> None:
    page = read(site, "concepts/attention/index.html")
    (here,) = page.xpath("//a[contains(@class, 'md-nav__link--active')][@href='./']")
    assert " ".join(here.text_content().split()).startswith("2.6 注意力")
    assert page.xpath("string(//p[@class='hb-byline']/span[1])") == "2.6"
    lane = read(site, "concepts/index.html").xpath("//div[contains(@class, 'hb-lane')]")
    assert "2.6 注意力" in lane[0].text_content()


def test_the_minutes_of_the_calendar_are_those_of_its_text(site: Path) -> None:
    """Its 82 rows are looked up, not read."""
    page = read(site, "resources/conference-calendar/index.html")
    said = page.xpath("string(//p[@class='hb-byline'])")
    assert int(re.search(r"约 (\d+) 分钟", said)[1]) <= 30


def test_a_page_that_was_read_is_ticked(base_url: str, remembering: Page) -> None:
    remembering.goto(base_url + "concepts/")
    link = remembering.locator(".md-sidebar--primary a[href='paradigms/']")
    before = link.screenshot()
    link.click()
    remembering.wait_for_url("**/concepts/paradigms/")
    remembering.goto(base_url + "concepts/")
    remembering.mouse.move(0, 0)
    assert link.screenshot() != before


# --- no such page -------------------------------------------------------------------


@pytest.fixture
def lost(base_url: str, page: Page) -> Page:
    """The page for unknown addresses, as a server answers with it."""
    text = page.request.get(base_url + "404.html").text()
    answer = {"status": 404, "body": text, "content_type": "text/html"}
    page.route("**/atention/", lambda route: route.fulfill(**answer))
    page.goto(base_url + "concepts/atention/")
    return page


def test_a_lost_reader_is_offered_the_nearest_page(lost: Page) -> None:
    first = lost.locator("#hb-near a").first
    expect(first).to_contain_text("注意力")
    first.click()
    lost.wait_for_url("**/concepts/attention/")


def test_a_lost_reader_can_search_at_once(lost: Page) -> None:
    expect(lost.locator(".hb-find")).to_be_focused()
    lost.keyboard.type("分词")
    expect(lost.locator(".md-search__input")).to_have_value("分词")
    expect(lost.locator(".md-search-result__list a").first).to_be_visible()


def test_a_lost_reader_has_the_map(lost: Page) -> None:
    lost.locator(".hb-map .wide .st").first.click()
    expect(lost).to_have_url(re.compile("/background/setup/$"))


# --- identity -------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_browser_takes_the_colour_of_the_header(
    base_url: str, page: Page, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(base_url)
    asked, shown = page.evaluate(
        """() => {
          const pen = document.createElement("canvas").getContext("2d");
          const plain = (colour) => ((pen.fillStyle = colour), pen.fillStyle);
          const bar = [...document.querySelectorAll("meta[name=theme-color]")]
            .find(({ media }) => matchMedia(media).matches);
          const header = document.querySelector(".md-header");
          return [plain(bar.content), plain(getComputedStyle(header).backgroundColor)];
        }"""
    )
    assert asked == shown


def test_a_chosen_scheme_has_its_colour_too(base_url: str, page: Page) -> None:
    page.goto(base_url)
    colours = """() => [...document.querySelectorAll("meta[name=theme-color]")]
      .map((bar) => bar.content)"""
    light = page.evaluate(colours)
    page.get_by_title("切换到浅色").click()
    page.get_by_title("切换到深色").click()
    dark = page.evaluate(colours)
    assert len(set(light)) == len(set(dark)) == 1 and light != dark


# --- what other sites show of a link ------------------------------------------------

ADDRESS = f"http://127.0.0.1{BASE}"  # the site is built for it
CARD = 30_000  # bytes


@pytest.mark.parametrize("part", ["home", "concepts", "resources"])
def test_a_page_names_the_card_of_its_part(site: Path, part: str) -> None:
    if lacking := cards.missing():
        assert not browsers.required(), lacking
        pytest.skip(lacking)
    file = "index.html" if part == "home" else f"{part}/index.html"
    (image,) = read(site, file).xpath("//meta[@property='og:image']/@content")
    assert image == f"{ADDRESS}assets/cards/{part}.png"
    drawn = site / image.removeprefix(ADDRESS)
    assert drawn.read_bytes()[12:24] == b"IHDR" + bytes.fromhex("000004b000000276")
    assert drawn.stat().st_size <= CARD
