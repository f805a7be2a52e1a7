"""Every page in a real browser: what it loads, how wide it is, who can read it."""

import gzip
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from .conftest import BASE

WIDTHS = {1280: 900, 390: 844}
BYTES, REQUESTS, FONT_BYTES = 120_000, 12, 100_000
FONT = "assets/math.woff2"


def addresses(site: Path) -> list[str]:
    """The address of each page below the root, the 404 page left out."""
    files = sorted(site.rglob("index.html"))
    return [f.parent.relative_to(site).as_posix() + "/" for f in files]


def weight(site: Path, asked: list[str]) -> int:
    """The bytes of the files behind these addresses, as a server would gzip them."""
    total = 0
    for url in asked:
        path = site / urlsplit(url).path.removeprefix(BASE)
        file = path / "index.html" if path.is_dir() else path
        total += len(gzip.compress(file.read_bytes(), 6))
    return total


def test_a_cold_page_is_light_and_asks_no_other_host(
    site: Path, base_url: str, browser: Browser
) -> None:
    host = urlsplit(base_url).netloc
    for address in addresses(site):
        context = browser.new_context(viewport={"width": 390, "height": 844})
        page = context.new_page()
        asked: list[str] = []
        errors: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        page.on(
            "console",
            lambda m, errors=errors: m.type == "error" and errors.append(m.text),
        )
        page.goto(base_url + address, wait_until="networkidle")
        context.close()
        assert errors == [], address
        asked = [url for url in asked if not url.startswith("data:")]
        outside = [url for url in asked if urlsplit(url).netloc != host]
        assert outside == [], address
        own = [url for url in asked if not url.endswith(FONT)]
        assert len(own) <= REQUESTS, f"{address}: {own}"
        assert weight(site, own) <= BYTES, f"{address}: {weight(site, own)} bytes"


def test_the_math_font_is_small(site: Path) -> None:
    assert (site / FONT).stat().st_size <= FONT_BYTES


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(
    site: Path, base_url: str, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    for address in addresses(site):
        page.goto(base_url + address)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{address} is {wide} px wide on {width}"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    site: Path, base_url: str, browser: Browser, scheme: str, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]}, color_scheme=scheme
    )
    page = context.new_page()
    for address in addresses(site):
        page.goto(base_url + address)
        found = Axe().run(page).response["violations"]
        serious = [
            f"{rule['id']}: {node['target']} {node['failureSummary'][:200]}"
            for rule in found
            if rule["impact"] in {"serious", "critical"}
            for node in rule["nodes"]
        ]
        assert serious == [], f"{address} ({scheme}, {width} px): {serious[:5]}"
    context.close()


def test_a_dark_system_gets_a_dark_page(base_url: str, browser: Browser) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(base_url)
    scheme = page.evaluate("document.body.getAttribute('data-md-color-scheme')")
    context.close()
    assert scheme == "slate"


def test_a_copied_block_is_the_code_and_nothing_else(
    base_url: str, browser: Browser
) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(base_url + "frameworks/binary-classifier/")
    block = page.locator(".highlight:visible:has(.filename)").first
    block.hover()
    block.locator(
        "button[data-md-type=copy], .md-clipboard, .md-code__button"
    ).first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    shown = block.locator("pre code").text_content()
    context.close()
    assert copied.strip() == (shown or "").strip() != ""


def test_tabs_stay_linked_over_the_page(base_url: str, page: Page) -> None:
    page.goto(base_url + "frameworks/binary-classifier/")
    page.locator(".tabbed-labels label", has_text="TensorFlow").first.click()
    chosen = page.evaluate(
        """() => [...document.querySelectorAll(".tabbed-set")]
          .map((set) => [...set.querySelectorAll(":scope > .tabbed-labels > label")])
          .filter((labels) => labels.length > 1)
          .map((labels) => labels.find((label) =>
            document.getElementById(label.htmlFor).checked).textContent.trim())"""
    )
    assert len(chosen) > 1 and set(chosen) == {"TensorFlow"}


def test_a_link_into_a_page_lands_on_its_heading(base_url: str, page: Page) -> None:
    for heading in ("pitfalls", "exercises"):
        page.goto("about:blank")
        page.goto(f"{base_url}concepts/attention/#{heading}", wait_until="networkidle")
        page.wait_for_timeout(500)
        top = page.locator(f"#{heading}").bounding_box()["y"]
        assert 0 <= top <= 200, f"#{heading} stands {top} px below the window's top"
