"""The built site, served under a sub-path as on GitHub Pages, and a browser.

The site is built once a session, whoever asks first; each worker has a browser of its
own. ``address`` goes through the pages of the nav, and a page is loaded twice for all
its tests: ``narrow`` as a phone with an empty cache does, ``wide`` as a desk does.
"""

import calendar
import functools
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from mkdocs.utils import yaml_load
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from handbook.facts import conferences
from handbook.page import outline

from . import browser as browsers
from .axe import WIDTHS

ROOT = Path(__file__).parent.parent.parent
BASE = "/handbook/"
BUILT = conferences.load().as_of  # the day that the site takes for today


def nav_files(nav: list[Any]) -> Iterator[str]:
    """The files that a nav of mkdocs.yml names, in its order."""
    for entry in nav:
        value = next(iter(entry.values())) if isinstance(entry, dict) else entry
        if isinstance(value, list):
            yield from nav_files(value)
        else:
            yield value


def address_of(source: str) -> str:
    """Where a page stands below the site's root: "" is the home page.

    >>> address_of("concepts/attention-lab.ipynb"), address_of("faq/index.md")
    ('concepts/attention-lab/', 'faq/')
    """
    stem = source.rpartition(".")[0]
    return stem.removesuffix("index") if f"/{stem}".endswith("/index") else f"{stem}/"


# Known before anything is built, so that pages can be shared out among the workers.
ADDRESSES = [
    address_of(file)
    for file in nav_files(
        outline.written(
            yaml_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
        )
    )
]


def common_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The session's folder of temporary files, the same one for all its workers."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def once(report: Path, make: Callable[[], str]) -> str:
    """What ``make`` said, called by the first worker alone; the others wait for it."""
    with FileLock(f"{report}.lock"):
        if not report.exists():
            report.write_text(make(), encoding="utf-8")
        return report.read_text(encoding="utf-8")


def build(target: Path) -> str:
    """Build the site into a folder, as for release; say what went wrong, or nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(target)],
        cwd=ROOT,
        env=os.environ
        | {
            "SITE_URL": f"http://127.0.0.1{BASE}",
            "SOURCE_DATE_EPOCH": f"{calendar.timegm(BUILT.timetuple())}",
        },
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr if done.returncode else ""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built as for release. It is shared: leave it as it is."""
    folder = common_folder(tmp_path_factory)
    target = folder / "site"
    fault = once(folder / "site.txt", lambda: build(target))
    assert fault == "", fault
    return target


class _Handler(http.server.SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        if not path.startswith(BASE):
            return str(Path(self.directory) / "no-such-file")
        return super().translate_path(path.removeprefix(BASE.rstrip("/")))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def base_url(site: Path) -> Iterator[str]:
    """The address of the site's root, with a slash at its end."""
    handler = functools.partial(_Handler, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{BASE}"
    server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        path = browsers.find(playwright)
        if path is None:
            assert not browsers.required(), "no Chromium on this machine: install it"
            pytest.skip("no Chromium on this machine (install chromium or Chrome)")
        launched = playwright.chromium.launch(
            executable_path=path, args=browsers.ARGUMENTS
        )
        yield launched
        launched.close()


#: Lays out at once what would wait until it comes near: its text and its place count.
WHOLE = """addEventListener("DOMContentLoaded", () =>
  document.documentElement.classList.remove("hb-late"))"""


def window(browser: Browser, width: int, whole: bool = True) -> BrowserContext:
    """A fresh browser window, light, with an empty cache.

    Its pages are laid out whole, or as for a reader (``test_later.py``).
    """
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme="light",
        locale="zh-CN",
    )
    if whole:
        context.add_init_script(WHOLE)
    return context


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser window of 1280 × 900, light, with an empty cache."""
    context = window(browser, 1280)
    yield context.new_page()
    context.close()


@pytest.fixture(params=WIDTHS)
def sized(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh browser window of each width in turn, light, with an empty cache."""
    context = window(browser, request.param)
    yield context.new_page()
    context.close()


@dataclass
class Loaded:
    """A page that its tests look at in turn, and what happened while it loaded."""

    page: Page
    asked: list[str]
    errors: list[str]


def load(context: BrowserContext, url: str, until: str) -> Loaded:
    """Open a page and wait until it is there, or asks for nothing more."""
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: m.type == "error" and errors.append(m.text))
    page.goto(url, wait_until=until)
    return Loaded(page, [u for u in asked if not u.startswith("data:")], errors[:])


@pytest.fixture(scope="module", params=ADDRESSES, ids=lambda address: address or "/")
def address(request: pytest.FixtureRequest) -> str:
    """The address of a page below the site's root, of each in turn.

    Its tests stand together, and under one name in brackets, by which all of them go
    to one worker: what they load is loaded once.
    """
    return request.param


@pytest.fixture(scope="module")
def narrow(address: str, base_url: str, browser: Browser) -> Iterator[Loaded]:
    """The page as it comes to a phone that has never seen the site."""
    context = window(browser, 390)
    yield load(context, base_url + address, until="networkidle")
    context.close()


@pytest.fixture(scope="module")
def wide(address: str, base_url: str, browser: Browser) -> Iterator[Loaded]:
    """The page as it comes to a desk."""
    context = window(browser, 1280)
    yield load(context, base_url + address, until="load")
    context.close()
