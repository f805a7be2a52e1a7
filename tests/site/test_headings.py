"""A link to a heading lands on it: from elsewhere, from a search, on any screen.

Where a heading belongs is its own ``scroll-margin-top`` below the window's edge, or as
far up as the page's end allows.
"""

from playwright.sync_api import Browser, Page, Route

from .conftest import WIDTHS, Loaded, window

LIMIT = 8  # px
CLASSIFIER, BELOW_TABS = "frameworks/binary-classifier/", "defaults"
HEADINGS = """() => [...document.querySelectorAll("article :is(h1, h2, h3, h4)[id]")]
  .filter((heading) => heading.offsetParent).map(({ id }) => id)"""
OFF = """(id) => {
  const heading = document.getElementById(id);
  const margin = parseFloat(getComputedStyle(heading).scrollMarginTop);
  const root = document.documentElement;
  const wanted = scrollY + heading.getBoundingClientRect().top - margin;
  const end = root.scrollHeight - innerHeight;
  return Math.round(scrollY - Math.min(Math.max(0, wanted), end));
}"""
JUMPS = f"""async (ids) => {{
  const frame = () => new Promise(requestAnimationFrame);
  const off = {OFF};
  const found = {{}};
  for (const id of ids) {{
    scrollTo(0, 0);
    await frame();
    location.hash = id;
    await frame();
    await frame();
    found[id] = off(id);
  }}
  return found;
}}"""


def far(found: dict[str, int]) -> dict[str, int]:
    """The headings that stand off their place, and by how many pixels."""
    return {name: off for name, off in found.items() if abs(off) > LIMIT}


def landing(page: Page, address: str, heading: str) -> int:
    """How far off a heading stands when its link is the first thing opened."""
    page.goto("about:blank")
    page.goto(f"{address}#{heading}")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(100)
    return page.evaluate(OFF, heading)


def cold(browser: Browser, width: int, url: str, known: Page) -> dict[str, int]:
    """Two low headings of a page, each opened by its link, in windows that are new."""
    ids = known.evaluate(HEADINGS)
    context = window(browser, width)
    page = context.new_page()
    found = {heading: landing(page, url, heading) for heading in {ids[-1], ids[-3:][0]}}
    context.close()
    return found


def test_a_contents_entry_lands_in_a_wide_window(wide: Loaded) -> None:
    wide.page.set_viewport_size({"width": 1280, "height": WIDTHS[1280]})
    assert far(wide.page.evaluate(JUMPS, wide.page.evaluate(HEADINGS)[::-1])) == {}


def test_a_contents_entry_lands_on_a_phone(narrow: Loaded) -> None:
    narrow.page.set_viewport_size({"width": 390, "height": WIDTHS[390]})
    assert far(narrow.page.evaluate(JUMPS, narrow.page.evaluate(HEADINGS)[::-1])) == {}


def test_a_link_lands_in_a_wide_window(
    wide: Loaded, address: str, base_url: str, browser: Browser
) -> None:
    assert far(cold(browser, 1280, base_url + address, wide.page)) == {}


def test_a_link_lands_on_a_phone(
    narrow: Loaded, address: str, base_url: str, browser: Browser
) -> None:
    assert far(cold(browser, 390, base_url + address, narrow.page)) == {}


def test_a_section_in_a_search_result_lands(sized: Page, base_url: str) -> None:
    sized.goto(base_url)
    sized.evaluate("document.querySelector('#__search').click()")
    sized.locator(".md-search__input").fill("负采样")
    section = sized.locator(".md-search-result__list a[href*='tokens/#']").last
    section.click()
    sized.wait_for_url("**/concepts/tokens/#*")
    sized.wait_for_timeout(300)
    heading = sized.url.partition("#")[2]
    assert abs(sized.evaluate(OFF, heading)) <= LIMIT


def test_tabs_chosen_before_do_not_move_the_landing(base_url: str, page: Page) -> None:
    page.goto(base_url + CLASSIFIER)
    page.locator(".tabbed-labels label", has_text="TensorFlow").first.click()
    off = landing(page, base_url + CLASSIFIER, BELOW_TABS)
    assert abs(off) <= LIMIT


def test_a_late_font_does_not_move_the_landing(base_url: str, page: Page) -> None:
    """In a browser that does not hold on to what it shows, as Safari long did not."""
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () =>
          document.documentElement.style.overflowAnchor = "none")"""
    )
    waiting: list[Route] = []
    page.route("**/math.woff2", lambda route: waiting.append(route))
    with page.expect_request("**/math.woff2"):
        page.goto(f"{base_url}concepts/attention/#exercises", wait_until="commit")
    page.wait_for_timeout(1000)
    (font,) = waiting
    font.continue_()
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(300)
    assert abs(page.evaluate(OFF, "exercises")) <= LIMIT
