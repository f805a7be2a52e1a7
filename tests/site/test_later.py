"""What is far below is laid out when it comes near, and nobody is moved by it."""

from collections.abc import Iterator

from playwright.sync_api import Browser, Page
from pytest import FixtureRequest, fixture, mark

from .conftest import WIDTHS, window

LONG, CALENDAR = "concepts/attention/", "resources/conference-calendar/"
LIMIT = 1  # px
PUT_OFF = """() => [...document.querySelectorAll("article > *, .hb-month")]
  .filter((box) => getComputedStyle(box).contentVisibility === "auto").length"""
HEADINGS = """() => [...document.querySelectorAll("article > :is(h2, h3)")]
  .map(({ id }) => id)"""
FRAMES = """const frames = async (count) => {
  while (count--) await new Promise(requestAnimationFrame);
};"""
# Where a heading stands against where its own scroll-margin-top wants it.
OFF = f"""async (id) => {{
  {FRAMES}
  const heading = document.getElementById(id);
  const margin = parseFloat(getComputedStyle(heading).scrollMarginTop);
  await frames(6);
  return Math.abs(heading.getBoundingClientRect().top - margin);
}}"""
# Read on, or back, in steps that a finger makes; by how much too far or too short what
# was in the middle of the screen moved, at worst.
READ = f"""async ([step, count]) => {{
  {FRAMES}
  let worst = 0;
  for (let n = 0; n < count; n++) {{
    const seen = [...document.querySelectorAll("article > *")].find(
      (box) => box.getBoundingClientRect().bottom > innerHeight / 2,
    );
    if (!seen) break;
    const place = seen.getBoundingClientRect().top, from = scrollY;
    scrollBy(0, step);
    await frames(3);
    if (scrollY === 0 || scrollY === from) break;
    const moved = place - seen.getBoundingClientRect().top;
    worst = Math.max(worst, Math.abs(moved - step));
  }}
  return worst;
}}"""


@fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = window(browser, 390, whole=False)
    yield context.new_page()
    context.close()


@fixture(params=WIDTHS)
def sized(browser: Browser, request: FixtureRequest) -> Iterator[Page]:
    context = window(browser, request.param, whole=False)
    yield context.new_page()
    context.close()


@mark.parametrize("address", [LONG, CALENDAR])
def test_what_is_far_below_waits(base_url: str, sized: Page, address: str) -> None:
    sized.goto(base_url + address)
    assert sized.evaluate(PUT_OFF) > 40


def test_reading_on_and_back_moves_nothing(base_url: str, phone: Page) -> None:
    """Nor where a browser does not hold the place by itself, as Safari."""
    phone.goto(base_url + LONG)
    phone.add_style_tag(content="* { overflow-anchor: none }")
    assert phone.evaluate(READ, [400, 40]) <= LIMIT
    assert phone.evaluate(READ, [-400, 40]) <= LIMIT
    assert phone.evaluate(PUT_OFF) > 40, "reading on is no jump"


def test_reading_back_after_a_jump_moves_nothing(base_url: str, phone: Page) -> None:
    phone.goto(base_url + LONG)
    phone.evaluate("scrollTo(0, 4000)")
    phone.wait_for_timeout(100)
    assert phone.evaluate(READ, [-300, 30]) <= LIMIT


def test_a_jump_lands_and_stays(base_url: str, sized: Page) -> None:
    sized.goto(base_url + LONG)
    off = {}
    for heading in sized.evaluate(HEADINGS)[2:-2:3]:
        sized.goto("about:blank")
        sized.goto(base_url + LONG)
        sized.evaluate(f"document.getElementById('{heading}').scrollIntoView()")
        off[heading] = sized.evaluate(OFF, heading)
        assert sized.evaluate(PUT_OFF) == 0, "a place that is guessed is seen"
    assert max(off.values()) <= LIMIT, off


def test_a_link_of_the_contents_lands(base_url: str, sized: Page) -> None:
    sized.goto(base_url + LONG)
    sized.evaluate("document.querySelector('.md-nav a[href=\"#summary\"]').click()")
    waiting = sized.evaluate(PUT_OFF)
    off = sized.evaluate(OFF, "summary")
    assert (waiting, off <= LIMIT) == (0, True)


def test_the_key_to_the_end_comes_to_the_end(base_url: str, sized: Page) -> None:
    sized.goto(base_url + LONG)
    sized.keyboard.press("End")
    sized.wait_for_function(
        "scrollY + innerHeight >= document.documentElement.scrollHeight - 1"
    )
    assert sized.evaluate(PUT_OFF) == 0


def test_nothing_waits_where_a_place_is_asked_for(base_url: str, sized: Page) -> None:
    sized.goto(f"{base_url}{LONG}#exercises")
    assert sized.evaluate(PUT_OFF) == 0


def test_who_comes_back_finds_the_place(base_url: str, sized: Page) -> None:
    sized.goto(base_url + LONG)
    sized.evaluate("document.getElementById('summary').scrollIntoView()")
    sized.wait_for_timeout(100)
    place = "document.getElementById('summary').getBoundingClientRect().top"
    before = sized.evaluate(place)
    sized.reload()
    sized.wait_for_timeout(300)
    assert sized.evaluate(PUT_OFF) == 0
    assert abs(sized.evaluate(place) - before) <= LIMIT


def test_what_is_printed_is_all_laid_out(base_url: str, sized: Page) -> None:
    sized.goto(base_url + LONG)
    sized.emulate_media(media="print")
    assert sized.evaluate(PUT_OFF) == 0


def test_formulas_far_below_have_their_font_at_once(base_url: str, sized: Page) -> None:
    sized.goto(f"{base_url}resources/reading-a-conference/")
    sized.wait_for_function(
        "[...document.fonts].some(({ status }) => status === 'loaded')"
    )
    assert sized.evaluate(PUT_OFF) > 0
