"""The built site, served under a sub-path as on GitHub Pages, and a browser."""

import calendar
import functools
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from handbook import conferences

from . import browser as browsers

ROOT = Path(__file__).parent.parent.parent
BASE = "/handbook/"
BUILT = conferences.load().as_of  # the day that the site takes for today


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker builds the site and drives the browser; the others do the rest."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("site"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built as for release."""
    target = tmp_path_factory.mktemp("site")
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
    assert done.returncode == 0, done.stdout + done.stderr
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


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser window of 1280 × 900, light, with an empty cache."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme="light", locale="zh-CN"
    )
    yield context.new_page()
    context.close()
