"""What is far below the screen is laid out a little later; nobody is moved by it."""

from playwright.sync_api import Browser, Page
from pytest import mark, param

from .conftest import WIDTHS, window

LONG, CALENDAR = "concepts/attention/", "resources/conference-calendar/"
LIMIT = 1  # px
PUT_OFF = """() => [...document.querySelectorAll("article > *, .hb-month")]
  .filter((box) => getComputedStyle(box).contentVisibility === "auto").length"""
DONE = f"({PUT_OFF})() === 0"
PRINT = "dispatchEvent(new Event('beforeprint'))"
# Never idle: what is laid out later waits until the reader does something.
BUSY = "window.requestIdleCallback = () => 1"
PLACES = """() => [...document.querySelectorAll("article :is(h2, h3)")]
  .map((heading) => heading.getBoundingClientRect().top + scrollY)"""


def wait(page: Page) -> None:
    """Wait until all is laid out; to look seldom leaves the browser time for it."""
    page.wait_for_function(DONE, polling=200)


@mark.parametrize("address", [LONG, CALENDAR])
def test_what_is_far_below_waits(base_url: str, sized: Page, address: str) -> None:
    sized.add_init_script(BUSY)
    sized.goto(base_url + address)
    assert sized.evaluate(PUT_OFF) > 40


@mark.parametrize("address", [LONG, CALENDAR])
def test_all_of_it_is_laid_out_soon(base_url: str, sized: Page, address: str) -> None:
    sized.goto(base_url + address)
    wait(sized)


@mark.parametrize("width", WIDTHS)
def test_what_was_laid_out_later_stands_where_it_would_have_stood(
    base_url: str, browser: Browser, width: int
) -> None:
    context = window(browser, width)
    page = context.new_page()
    page.goto(f"{base_url}{LONG}#attention")
    at_once = page.evaluate(PLACES)
    page.goto("about:blank")
    page.goto(base_url + LONG)
    wait(page)
    later = page.evaluate(PLACES)
    context.close()
    assert max(abs(a - b) for a, b in zip(at_once, later, strict=True)) <= LIMIT


@mark.parametrize(
    "act",
    [
        param(lambda page: page.keyboard.press("Control"), id="a key"),
        param(lambda page: page.mouse.wheel(0, 10), id="the wheel"),
        param(lambda page: page.mouse.down(), id="the mouse or a finger"),
        param(lambda page: page.evaluate("scrollTo(0, 10)"), id="a scroll bar"),
        param(
            lambda page: page.evaluate("dispatchEvent(new Event('beforeprint'))"),
            id="print",
        ),
    ],
)
def test_nothing_waits_for_a_reader_who_does_something(
    base_url: str, sized: Page, act
) -> None:
    sized.add_init_script(BUSY)
    sized.goto(base_url + LONG)
    act(sized)
    wait(sized)


def test_nothing_waits_where_a_place_is_asked_for(base_url: str, sized: Page) -> None:
    sized.add_init_script(BUSY)
    sized.goto(f"{base_url}{LONG}#exercises")
    assert sized.evaluate(PUT_OFF) == 0


def test_nothing_waits_for_who_comes_back(base_url: str, sized: Page) -> None:
    sized.goto(base_url + LONG)
    wait(sized)
    sized.evaluate("scrollTo(0, document.getElementById('summary').offsetTop)")
    place = "document.getElementById('summary').getBoundingClientRect().top"
    before = sized.evaluate(place)
    sized.add_init_script(BUSY)
    sized.reload()
    sized.wait_for_timeout(300)
    assert sized.evaluate(PUT_OFF) == 0
    assert abs(sized.evaluate(place) - before) <= LIMIT


def test_a_box_that_scrolls_by_itself_is_no_reader(base_url: str, sized: Page) -> None:
    sized.add_init_script(BUSY)
    sized.goto(base_url + LONG)
    before = sized.evaluate(PUT_OFF)
    sized.evaluate(
        """document.querySelector(".md-sidebar__scrollwrap")
          .dispatchEvent(new Event("scroll"))"""
    )
    assert sized.evaluate(PUT_OFF) == before > 40


def test_formulas_far_below_have_their_font_at_once(base_url: str, sized: Page) -> None:
    sized.add_init_script(BUSY)
    sized.goto(f"{base_url}resources/reading-a-conference/")
    sized.wait_for_function(
        "[...document.fonts].some(({ status }) => status === 'loaded')"
    )
    assert sized.evaluate(PUT_OFF) > 0
