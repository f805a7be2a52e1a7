"""Every page in a real browser: what it loads, how wide it is, who can read it."""

import gzip
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from . import axe
from .conftest import ADDRESSES, BASE, Loaded, window

BYTES, REQUESTS, FONT_BYTES = 120_000, 12, 100_000
FONT = "assets/math.woff2"
CLASSIFIER = "frameworks/binary-classifier/"


def weight(site: Path, asked: list[str]) -> int:
    """The bytes of the files behind these addresses, as a server would gzip them."""
    total = 0
    for url in asked:
        path = site / urlsplit(url).path.removeprefix(BASE)
        file = path / "index.html" if path.is_dir() else path
        total += len(gzip.compress(file.read_bytes(), 6))
    return total


def without_font(asked: list[str]) -> list[str]:
    """What a page loads beside the math font, which has a budget of its own."""
    return [url for url in asked if not url.endswith(FONT)]


def test_the_pages_are_those_of_the_nav(site: Path) -> None:
    built = [f.parent.relative_to(site).as_posix() for f in site.rglob("index.html")]
    assert sorted(ADDRESSES) == sorted("" if p == "." else f"{p}/" for p in built)


def test_a_page_asks_no_other_host(narrow: Loaded, wide: Loaded, base_url: str) -> None:
    asked = narrow.asked + wide.asked
    assert [url for url in asked if not url.startswith(base_url)] == []


def test_a_page_loads_without_an_error(narrow: Loaded, wide: Loaded) -> None:
    assert narrow.errors + wide.errors == []


def test_a_cold_page_asks_little(narrow: Loaded) -> None:
    own = without_font(narrow.asked)
    assert 0 < len(own) <= REQUESTS, own


def test_a_cold_page_is_light(narrow: Loaded, site: Path) -> None:
    size = weight(site, without_font(narrow.asked))
    assert 0 < size <= BYTES, f"{size} bytes"


def scrolled_width(page: Page, width: int) -> int:
    """How wide the page is in a window of this width."""
    axe.show(page, "light", width)
    return page.evaluate("document.documentElement.scrollWidth")


def test_a_narrow_page_does_not_scroll_sideways(narrow: Loaded) -> None:
    assert scrolled_width(narrow.page, 390) <= 390


def test_a_wide_page_does_not_scroll_sideways(wide: Loaded) -> None:
    assert scrolled_width(wide.page, 1280) <= 1280


def test_axe_finds_nothing_serious_wide_and_light(wide: Loaded) -> None:
    axe.show(wide.page, "light", 1280)
    assert axe.all_rules(wide.page) == []


def test_axe_finds_nothing_serious_wide_and_dark(wide: Loaded) -> None:
    axe.show(wide.page, "dark", 1280)
    assert axe.changed(wide.page) == []


def test_axe_finds_nothing_serious_narrow_and_light(narrow: Loaded) -> None:
    axe.show(narrow.page, "light", 1280)
    axe.remember(narrow.page)
    axe.show(narrow.page, "light", 390)
    assert axe.changed(narrow.page) == []


def test_axe_finds_nothing_serious_narrow_and_dark(narrow: Loaded) -> None:
    axe.show(narrow.page, "dark", 390)
    assert axe.changed(narrow.page) == []


#: Where the first section, or a figure before it, may begin: on the first screen.
BEGINS = {1280: 560, 390: 760}
#: Pages that open with two or three paragraphs and then their goals.
LONG_OPENING = {
    "concepts/attention-lab/": {1280: 620},
}
BEGIN = """() => {
  const parts = "article :is(.hb-goals, h2, figure)";
  const [goals, first] = [...document.querySelectorAll(parts)]
    .filter((part) => part.checkVisibility());
  // Where a tool is the heart of a page, its goals come after it.
  const tool = document.querySelector("article .hb-tool");
  const later = Node.DOCUMENT_POSITION_FOLLOWING;
  if (!goals.matches(".hb-goals") || tool?.compareDocumentPosition(goals) & later)
    return 0;
  return first.getBoundingClientRect().top + scrollY;
}"""


def begins(loaded: Loaded, address: str, width: int) -> tuple[float, int]:
    """Where the text of a page that opens with its goals begins, and where it may."""
    axe.show(loaded.page, "light", width)
    most = {**BEGINS, **LONG_OPENING.get(address, {})}[width]
    return loaded.page.evaluate(BEGIN), most


def test_the_first_section_begins_on_the_first_screen_of_a_desk(
    wide: Loaded, address: str
) -> None:
    at, most = begins(wide, address, 1280)
    assert at <= most


def test_the_first_section_begins_on_the_first_screen_of_a_phone(
    narrow: Loaded, address: str
) -> None:
    at, most = begins(narrow, address, 390)
    assert at <= most


CUT = """(selector) => [...document.querySelectorAll(selector)]
  .filter((box) => box.offsetParent && box.scrollWidth > box.clientWidth + 1)"""


def test_no_code_and_no_table_is_cut_at_a_desk(wide: Loaded) -> None:
    axe.show(wide.page, "light", 1280)
    boxes = "'.highlight:not(.hb-output) pre code, .hb-table'"
    said = f"({CUT})({boxes}).map((box) => box.textContent.trim().slice(0, 60))"
    assert wide.page.evaluate(said) == []


def test_what_is_cut_on_a_phone_has_a_shadow_that_says_so(narrow: Loaded) -> None:
    axe.show(narrow.page, "light", 390)
    silent = f"""({CUT})("pre code, .hb-table")
      .filter((box) => !getComputedStyle(box).backgroundImage.includes("gradient"))
      .map((box) => box.textContent.trim().slice(0, 60))"""
    assert narrow.page.evaluate(silent) == []


def test_no_formula_is_cut_on_a_phone(narrow: Loaded) -> None:
    axe.show(narrow.page, "light", 390)
    said = f"({CUT})('.hb-math').map((box) => box.textContent.trim())"
    assert narrow.page.evaluate(said) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_no_line_begins_with_a_mark_behind_a_formula(
    base_url: str, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{base_url}algorithms/adam/")
    behind = page.evaluate(
        """() => [...document.querySelectorAll("article :is(p, li, td) math")]
          .filter((math) => math.checkVisibility())
          .map((math) => [math, math.nextSibling])
          .filter(([_, next]) => next?.nodeType === 3 &&
            "，。；：、！？）」』》…".includes(next.data[0]))
          .map(([math, next]) => {
            const range = document.createRange();
            range.setStart(next, 0);
            range.setEnd(next, 1);
            const mark = range.getBoundingClientRect();
            return [mark.top < math.getBoundingClientRect().bottom,
              math.parentElement.textContent.slice(0, 40)];
          })"""
    )
    assert len(behind) > 20
    assert [text for same, text in behind if not same] == []


def test_a_root_leaves_no_gap_behind_it(base_url: str, page: Page) -> None:
    page.goto(base_url + "concepts/attention/")
    page.keyboard.press("Shift")
    page.evaluate("document.fonts.ready")
    gaps = page.evaluate(
        """() => [...document.querySelectorAll("article p msqrt")].map((root) =>
          root.getBoundingClientRect().right -
          root.firstElementChild.getBoundingClientRect().right)"""
    )
    assert gaps and max(gaps) <= 1


def test_an_output_hangs_on_its_code(wide: Loaded) -> None:
    gaps = """() => [...document.querySelectorAll(".hb-output")]
      .map((output) => [output.previousElementSibling, output])
      .filter(([code, output]) => output.offsetParent
        && code?.matches(".highlight, .tabbed-set"))
      .map(([code, output]) => output.getBoundingClientRect().top
        - code.getBoundingClientRect().bottom)"""
    axe.show(wide.page, "light", 1280)
    assert [gap for gap in wide.page.evaluate(gaps) if abs(gap) > 1] == []


# --- figures: all in sight, and every letter legible ------------------------------

LEGIBLE = 12  # px on the screen
SCROLLED = """() => [...document.querySelectorAll("figure")]
  .filter((figure) => figure.scrollWidth > figure.clientWidth)
  .map((figure) => figure.querySelector("title").textContent)"""

# Letters as they come to the eye: of the drawings in sight, with their scale.
SMALL = """(least) => [...document.querySelectorAll("figure")]
  .flatMap((figure) => [...figure.querySelectorAll("svg text, svg tspan")])
  .filter((text) => text.getClientRects().length)
  .map((text) => [text.textContent,
    parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a])
  .filter(([, size]) => size < least)
  .map(([letters, size]) => `${letters}: ${size.toFixed(1)} px`)"""

BOTH_SHOWN = """() => [...document.querySelectorAll("figure")]
  .filter((figure) => figure.querySelector(".hb-tall"))
  .filter((figure) => [...figure.querySelectorAll(":scope > svg")]
    .filter((svg) => svg.getClientRects().length)
    .map((svg) => svg.matches(".hb-tall")).join() !== "%s")
  .map((figure) => figure.querySelector("title").textContent)"""


def test_no_figure_scrolls_on_a_phone(narrow: Loaded) -> None:
    axe.show(narrow.page, "light", 390)
    assert narrow.page.evaluate(SCROLLED) == []


def test_no_letter_of_a_figure_is_too_small_on_a_phone(narrow: Loaded) -> None:
    axe.show(narrow.page, "light", 390)
    assert narrow.page.evaluate(SMALL, LEGIBLE) == []


def test_a_phone_is_shown_the_tall_drawing_alone(narrow: Loaded) -> None:
    axe.show(narrow.page, "light", 390)
    assert narrow.page.evaluate(BOTH_SHOWN % "true") == []


def test_paper_is_given_the_wide_drawing_alone(narrow: Loaded) -> None:
    narrow.page.emulate_media(media="print")
    shown = narrow.page.evaluate(BOTH_SHOWN % "false")
    narrow.page.emulate_media(media="screen")
    assert shown == []


# --- light and dark, tabs, paper ---------------------------------------------------

SCHEME = "document.body.getAttribute('data-md-color-scheme')"


def test_the_root_keeps_the_classes_that_it_has_when_the_body_begins(
    base_url: str, browser: Browser
) -> None:
    """One that changes later has the browser style every element once more."""
    context = window(browser, 1280, whole=False)
    page = context.new_page()
    page.add_init_script("""window.attributes = () => JSON.stringify(
        ["class", "data-js-focus-visible"].map(
          name => document.documentElement.getAttribute(name)));
      new MutationObserver((_, watch) => { if (document.body) {
        window.atFirst = attributes(); watch.disconnect(); } })
          .observe(document, { childList: true, subtree: true });""")
    page.goto(base_url + CLASSIFIER, wait_until="networkidle")
    now, at_first = page.evaluate("attributes()"), page.evaluate("atFirst")
    context.close()
    assert now == at_first


def test_a_dark_system_gets_a_dark_page(base_url: str, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(base_url)
    assert page.evaluate(SCHEME) == "slate"


def test_a_page_follows_the_system_into_the_dark(base_url: str, page: Page) -> None:
    page.goto(base_url)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(500)
    assert page.evaluate(SCHEME) == "slate"


def test_tabs_stay_linked_over_the_page(base_url: str, page: Page) -> None:
    page.goto(base_url + CLASSIFIER)
    page.locator(".tabbed-labels label", has_text="TensorFlow").first.click()
    chosen = page.evaluate(
        """() => [...document.querySelectorAll(".tabbed-set")]
          .map((set) => [...set.querySelectorAll(":scope > .tabbed-labels > label")])
          .filter((labels) => labels.length > 1)
          .map((labels) => labels.find((label) =>
            document.getElementById(label.htmlFor).checked).textContent.trim())"""
    )
    assert len(chosen) > 1 and set(chosen) == {"TensorFlow"}


def test_a_framework_chosen_on_one_page_is_chosen_on_the_next(
    base_url: str, page: Page
) -> None:
    page.goto(base_url + CLASSIFIER)
    page.locator(".hb-programs label", has_text="PyTorch").click()
    page.goto(base_url + "concepts/attention/")
    shown = page.locator(".hb-programs .tabbed-block:visible")
    expect(shown).to_contain_text("attention_torch.py")


def test_choosing_a_framework_does_not_move_what_is_read(
    base_url: str, page: Page
) -> None:
    page.goto(base_url + "concepts/attention/")
    label = page.locator(".tabbed-labels label", has_text="TensorFlow").nth(5)
    label.scroll_into_view_if_needed()
    before = label.bounding_box()["y"]
    label.click()
    assert abs(label.bounding_box()["y"] - before) <= 2


def test_tabs_are_turned_with_the_arrow_keys(base_url: str, page: Page) -> None:
    page.goto(base_url + "concepts/attention/")
    page.locator(".hb-programs input").first.focus()
    page.keyboard.press("ArrowRight")
    shown = page.locator(".hb-programs .tabbed-block:visible")
    expect(shown).to_contain_text("attention_torch.py")


LONG = ["concepts/attention/", "concepts/neural-network/", CLASSIFIER]


@pytest.mark.parametrize("address", LONG)
def test_a_long_page_prints_on_24_sheets(
    base_url: str, page: Page, address: str
) -> None:
    page.goto(base_url + address)
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert 5 < len(sheets) <= 24


def test_on_paper_stands_the_framework_that_was_chosen(
    base_url: str, page: Page
) -> None:
    page.goto(base_url + CLASSIFIER)
    page.locator(".hb-programs label", has_text="PyTorch").click()
    page.emulate_media(media="print")
    names = page.locator(".tabbed-block:visible .filename").all_inner_texts()
    assert len(names) > 3 and all("_torch.py" in name for name in names)
    expect(page.locator(".tabbed-labels:visible")).to_have_count(0)
