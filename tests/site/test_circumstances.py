"""The site where things are missing: site data, a server, a page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

CLASSIFIER = "frameworks/binary-classifier/"
CALENDAR, ATLAS = "resources/conference-calendar/", "resources/conference-atlas/"
BLOCKED = {
    "throws": """for (const name of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, name, { configurable: true, get() {
        throw new DOMException("The user denied it", "SecurityError");
      }})""",
    "is null": """for (const name of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, name, { configurable: true, value: null })""",
}


@pytest.fixture(params=BLOCKED)
def blocked(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A window, on a dark system, that keeps no data; errors in ``page.errors``."""
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.add_init_script(BLOCKED[request.param])
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    context.close()


@pytest.mark.parametrize("address", ["", CLASSIFIER, CALENDAR, ATLAS])
def test_without_site_data_nothing_fails(
    blocked: Page, base_url: str, address: str
) -> None:
    blocked.goto(base_url + address, wait_until="networkidle")
    assert blocked.errors == []


def test_without_site_data_the_dark_stays_and_can_be_left(
    blocked: Page, base_url: str
) -> None:
    blocked.goto(base_url + CLASSIFIER)
    body = blocked.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    blocked.get_by_title("切换到浅色").click()
    expect(body).to_have_attribute("data-md-color-scheme", "default")


def test_without_site_data_code_is_copied_and_the_calendar_filtered(
    blocked: Page, base_url: str
) -> None:
    blocked.goto(base_url + CLASSIFIER)
    button = blocked.locator("pre:visible > .md-code__button").first
    expect(button).to_be_visible()
    blocked.goto(base_url + CALENDAR)
    blocked.locator(".hb-chips button", has_text="截止").click()
    expect(blocked.locator("conference-calendar output")).not_to_be_empty()


# --- from disk -----------------------------------------------------------------------


def test_from_disk_a_page_says_what_needs_a_server(site: Path, page: Page) -> None:
    page.goto((site / "index.html").as_uri())
    note = page.locator(".hb-from-disk")
    expect(note).to_contain_text("全站搜索")
    expect(note).to_contain_text("会议日历")
    expect(note).to_contain_text("make serve")


def test_from_disk_links_lead_to_pages(site: Path, page: Page) -> None:
    page.goto((site / "index.html").as_uri())
    page.locator("article").get_by_role("link", name="神经网络").first.click()
    page.wait_for_url("**/concepts/neural-network/index.html")
    assert page.locator("h1").inner_text().startswith("神经网络")


def test_from_disk_the_search_says_that_it_needs_a_server(
    site: Path, page: Page
) -> None:
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("/")
    expect(page.locator(".md-search-result__meta")).to_contain_text("经由服务器")


def test_from_disk_a_tool_says_that_it_needs_a_server(site: Path, page: Page) -> None:
    page.goto((site / CALENDAR / "index.html").as_uri())
    note = page.locator("conference-calendar .hb-from-disk")
    expect(note).to_contain_text("经由服务器")


def test_through_a_server_nothing_is_said(base_url: str, page: Page) -> None:
    page.goto(base_url + CALENDAR)
    expect(page.locator(".hb-from-disk")).to_have_count(0)


# --- no such page --------------------------------------------------------------------


def test_an_unknown_address_is_answered_in_chinese(site: Path) -> None:
    text = (site / "404.html").read_text(encoding="utf-8")
    assert "没有这一页" in text
