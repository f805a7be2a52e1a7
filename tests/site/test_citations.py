"""A citation opens in place, with mouse and keyboard, and lets go again."""

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def cited(page: Page, base_url: str) -> Page:
    """A page with citations."""
    page.goto(f"{base_url}concepts/attention/")
    return page


def test_a_number_shows_its_work_beside_it(cited: Page) -> None:
    number = cited.locator(".footnote-ref").nth(1)
    number.evaluate("n => scrollBy(0, n.getBoundingClientRect().top - 300)")
    number.click()
    box = cited.locator(".hb-cite")
    expect(box).to_be_in_viewport()
    expect(box).to_contain_text("Bahdanau")
    expect(box.locator(".footnote-backref")).to_have_count(0)
    place, shown = number.bounding_box(), box.bounding_box()
    assert 0 <= shown["y"] - place["y"] - place["height"] <= 12
    assert "#fn" not in cited.url


def test_escape_closes_it_and_gives_the_focus_back(cited: Page) -> None:
    number = cited.locator(".footnote-ref").first
    number.focus()
    cited.keyboard.press("Enter")
    expect(cited.locator(".hb-cite")).to_be_focused()
    cited.keyboard.press("Escape")
    expect(cited.locator(".hb-cite")).to_be_hidden()
    expect(number).to_be_focused()


def test_on_a_phone_it_stays_within_the_window(cited: Page) -> None:
    cited.set_viewport_size({"width": 390, "height": 844})
    cited.locator("article p .footnote-ref").last.click()
    box = cited.locator(".hb-cite").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert box["y"] >= 0 and box["y"] + box["height"] <= 844


def test_with_a_key_held_the_link_goes_to_the_note(cited: Page) -> None:
    cited.locator(".footnote-ref").first.click(modifiers=["Shift"])
    expect(cited.locator(".hb-cite")).to_have_count(0)
