"""The browser that the tests drive: the system's, or else Playwright's own.

``python -m tests.site.browser`` fetches Playwright's where the system has none.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-quic"]


def find(playwright: Playwright) -> str | None:
    """The path of a Chromium, or ``None``."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


def first_control(page: Page) -> float:
    """How far below the top of the article the first control of its tool stands."""
    top = "(element) => element.getBoundingClientRect().top"
    control = page.locator(".hb-tool-body :is(button, input, select, textarea)").first
    return control.evaluate(top) - page.locator("article").evaluate(top)


def main() -> None:
    """See to it that there is a browser; where there cannot be one, say so."""
    with sync_playwright() as playwright:
        if find(playwright):
            return
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(command).returncode:
        print("no Chromium: the tests in tests/site that need one will be skipped")


def required() -> bool:
    """Whether a missing browser is a failure (in CI), not a reason to skip."""
    return bool(os.environ.get("CI"))


if __name__ == "__main__":
    main()
