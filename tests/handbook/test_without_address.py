"""A book built without ``SITE_URL``: nobody knows yet where it will stand."""

import pytest
from lxml import html

from .conftest import Book


@pytest.fixture
def homeless(book: Book, monkeypatch: pytest.MonkeyPatch) -> Book:
    """A book that was built without an address."""
    monkeypatch.delenv("SITE_URL", raising=False)
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return book


def test_a_missing_page_brings_its_own_style(homeless: Book) -> None:
    page = html.fromstring(homeless.html("404.html"))
    assert page.xpath("//link/@href | //script/@src") == []
    assert page.xpath("//style")


def test_there_is_no_map_of_addresses(homeless: Book) -> None:
    assert list((homeless.folder / "site").glob("sitemap*")) == []
