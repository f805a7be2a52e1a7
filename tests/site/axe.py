"""What axe-core finds on a page, in four settings for little more than one.

A page is looked at wide and narrow, light and dark. Every rule reads the whole page in
the first setting. What a further setting can change is asked there, and no more:

- **Colours.** Of the rules that axe runs by itself, the verdict of two depends on
  colour: ``color-contrast`` and ``link-in-text-block``. (``color-contrast-enhanced`` is
  AAA and off.) The first takes four fifths of axe's time, because it reads thousands of
  words one by one, though they have some fifty looks. A look is all that contrast is
  made of: the word's colour, size, weight and shadow, and whatever its ancestors paint.
  A word whose look has passed on this page in this setting is let pass unread; where
  axe cannot say (a lone symbol, a word under another element), the next of that look is
  read. What is drawn over something that is not its ancestor may look like its fellows
  and stand on other ground: every such word is read in the first setting alone.
- **Width.** The verdict of ``scrollable-region-focusable`` depends on the room:
  a table that fits at 1280 px scrolls at 390. (``target-size`` does too and is off by
  default; ``css-orientation-lock`` is experimental.)
- **What is shown.** All other rules read attributes and structure, which no setting
  changes, but axe passes over what is hidden: a button for phones only, the switch
  back to light. So what was not shown in an earlier setting is read by every rule.

Only serious and critical violations count.
"""

from pathlib import Path
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

HELPER = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
WIDTHS = {1280: 900, 390: 844}  # of a window, and its height
PALETTES = {"light": "default", "dark": "slate"}  # Material's names for the schemes


def _inject(page: Page) -> None:
    """Bring axe into the page, unless it is there since the page was loaded."""
    if not page.evaluate("'looks' in window"):
        page.evaluate(AXE_SCRIPT)
        page.evaluate(HELPER)


def show(page: Page, scheme: Literal["light", "dark"], width: int) -> None:
    """Put a loaded page of the book into a setting and wait until it looks so."""
    _inject(page)
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.emulate_media(color_scheme=scheme)
    page.wait_for_selector(f"body[data-md-color-scheme={PALETTES[scheme]}]")
    page.evaluate("looks.settle()")


def all_rules(page: Page) -> list[str]:
    """What any rule finds anywhere on the page."""
    _inject(page)
    return page.evaluate("looks.all()")


def remember(page: Page) -> None:
    """Take what is shown now for read: it was in another window."""
    _inject(page)
    page.evaluate("looks.remember()")


def changed(page: Page) -> list[str]:
    """What this setting adds: colours, scroll regions, and what was hidden before."""
    _inject(page)
    return page.evaluate("looks.changed()")
