"""A book built without ``SITE_URL``: nobody knows yet where it will stand."""

import pytest
from lxml import html

from .conftest import Book


@pytest.fixture
def homeless(book: Book, monkeypatch: pytest.MonkeyPatch) -> Book:
    """A book that was built without an address."""
    pages = "part/first.md, part/second.md, part/lab.ipynb"
    book.change("mkdocs.yml", pages, f"部: [{pages}]")
    monkeypatch.delenv("SITE_URL", raising=False)
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return book


def test_a_missing_page_brings_its_own_style(homeless: Book) -> None:
    page = html.fromstring(homeless.html("404.html"))
    assert page.xpath("//link/@href | //script/@src") == []
    assert page.xpath("//style")


def test_a_missing_page_has_the_map_to_be_led_from_the_root(homeless: Book) -> None:
    page = html.fromstring(homeless.html("404.html"))
    stations = page.xpath("//svg[@class='wide']//a[@class='st']/@href")
    assert stations == ["part/second/", "part/lab/"]


def test_there_is_no_map_of_addresses(homeless: Book) -> None:
    assert list((homeless.folder / "site").glob("sitemap*")) == []


def test_there_is_no_card_and_no_tag_of_one(homeless: Book) -> None:
    assert "og:image" not in homeless.html("index.html")
    assert not (homeless.folder / "site/assets/cards").exists()
