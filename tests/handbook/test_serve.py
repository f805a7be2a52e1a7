"""``mkdocs serve`` shows an edit, wherever in the sources it was made."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError

import pytest

from .conftest import Book

PATIENCE = 60.0  # seconds until an edit counts as lost


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def served(book: Book) -> Iterator[tuple[Book, str]]:
    """A book under ``mkdocs serve --livereload``, and its address."""
    port = free_port()
    command = [sys.executable, "-m", "mkdocs", "serve", "--livereload", "--quiet"]
    with open(book.folder / "serve.log", "w") as log:
        server = subprocess.Popen(
            [*command, "--dev-addr", f"127.0.0.1:{port}"],
            cwd=book.folder,
            stdout=log,
            stderr=log,
            env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        )
        yield book, f"http://127.0.0.1:{port}/"
        server.terminate()
        server.wait()


def wait_for(address: str, text: str) -> bool:
    """Whether a page comes to hold a text."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(URLError, ConnectionError):
            if text in urllib.request.urlopen(address).read().decode():
                return True
        time.sleep(0.2)
    return False


def touch_later(path: Path) -> None:
    """Make sure that the file's time differs from the one before."""
    later = time.time() + 2
    os.utime(path, (later, later))


def test_an_edit_anywhere_reaches_the_reader(served: tuple[Book, str]) -> None:
    book, root = served
    page, lab = root + "part/first/", root + "part/lab/"
    assert wait_for(page, "livereload")
    for file, old, new, address in [
        ("docs/part/first.md", "方差是", "离差是", page),
        ("snippets/part/first_numpy.py", "和 = 3", "和 = 4", page),
        ("data/references.bib", "Stochastic Optimization", "Chance", page),
        ("notebooks/part/lab.ipynb", "print(1 + 2)", "print(2 + 1)", lab),
    ]:
        book.change(file, old, new)
        touch_later(book.folder / file)
        shown = new.removeprefix("print")  # a name that carries a mark of its own
        assert wait_for(address, shown), f"an edit of {file} was not shown"
