"""A book builds; a book with one fault says which, where, and what to do."""

import json
import re

import pytest
from lxml import html

from .conftest import Book


def test_a_book_builds_with_all_its_parts(book: Book) -> None:
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    first = book.html("part/first/index.html")
    assert "<math" in first and "arithmatex" not in first
    shown = re.sub(r'alttext="[^"]*"|<annotation.*?</annotation>', "", first)
    assert "\\frac" in first and "\\frac" not in shown
    assert 'href="../../snippets/part/first_numpy.py" download' in first
    second = html.fromstring(book.html("part/second/index.html"))
    assert "先读：第一页" in second.xpath("string(//p[@class='hb-byline'])")
    assert "第二页" in html.fromstring(book.html("index.html")).text_content()
    site = book.folder / "site"
    assert (site / "snippets/part/first_numpy.py").read_text() == 'print("和 = 3")\n'
    assert (site / "assets/math.woff2").stat().st_size > 1000
    assert (site / "pagefind").is_dir()


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (
            "docs/part/first.md",
            "first_numpy.py:one",
            "first_numpy.py:onn",
            ["docs/part/first.md", "first_numpy.py", "'onn'", "one?"],
        ),
        (
            "docs/part/first.md",
            "part/first_numpy.py:one",
            "part/frist_numpy.py:one",
            ["docs/part/first.md", "frist_numpy.py", "part/first_numpy.py?"],
        ),
        (
            "docs/part/first.md",
            "\\sigma^2",
            "\\sigmaa^2",
            ["docs/part/first.md", "\\sigmaa^2", "mend the TeX"],
        ),
        (
            "docs/part/first.md",
            "level: 入门",
            "level: 入门\nlevle: 入门",
            ["docs/part/first.md", "'levle'", "level?"],
        ),
        (
            "docs/part/first.md",
            "level: 入门",
            "level: 简单",
            ["docs/part/first.md", "'level'", "入门"],
        ),
        (
            "docs/part/second.md",
            "part/first]",
            "part/frist]",
            ["docs/part/second.md", "part/frist", "part/first?"],
        ),
        (
            "docs/part/first.md",
            "requires: []",
            "requires: [part/second]",
            ["docs/part/", "circle", "part/first", "part/second", "drop one"],
        ),
        (
            "docs/part/first.md",
            "@kingma2015adam",
            "@kingma2014adam",
            ["docs/part/first.md", "@kingma2014adam", "kingma2015adam?"],
        ),
        (
            "docs/part/first.md",
            "(second.md)",
            "(secnd.md)",
            ["part/first.md", "secnd.md", "not found"],
        ),
        (
            "docs/part/second.md",
            "first.md#section",
            "first.md#sektion",
            ["part/second.md", "#sektion"],
        ),
        (
            "docs/part/first.md",
            "见[第二页](second.md)",
            '<a href="../nowhere/">见</a>',
            ["docs/part/first.md", "../nowhere/", "mend the link"],
        ),
        (
            "notebooks/part/lab.ipynb",
            "../first/#section",
            "../first/#sektion",
            ["notebooks/part/lab.ipynb", "#sektion", "mend the link"],
        ),
        (
            "notebooks/part/lab.ipynb",
            '"cells": [',
            '"cells": {',
            ["notebooks/part/lab.ipynb", "no valid notebook", "save it again"],
        ),
        (
            "notebooks/part/lab.ipynb",
            '"execution_count": 1',
            '"execution_count": null',
            ["notebooks/part/lab.ipynb", "cell 3", "run all cells"],
        ),
        (
            "notebooks/part/lab.ipynb",
            "$x_1$",
            "$\\\\frac{1$",
            ["notebooks/part/lab.ipynb", "frac", "mend the TeX"],
        ),
        (
            "data/references.bib",
            "  year = {2015},\n",
            "",
            ["data/references.bib", "kingma2015adam", "no year"],
        ),
        (
            "data/references.bib",
            "author = {",
            "author = ",
            ["data/references.bib", "mend the entry"],
        ),
        (
            "data/terms.yml",
            "en: variance",
            "english: variance",
            ["data/terms.yml", "方差", "en", "is missing (add it)"],
        ),
        (
            "snippets/part/first_numpy.py",
            "# --8<-- [end:one]",
            "# --8<-- [end:two]",
            ["snippets/part/first_numpy.py:3", "'two'", "same name"],
        ),
    ],
)
def test_a_fault_is_one_line_with_file_thing_and_mend(
    book: Book, file: str, old: str, new: str, words: list[str]
) -> None:
    book.change(file, old, new)
    book.expect_failure(*words)


def test_a_page_in_no_nav_fails(book: Book) -> None:
    book.change("mkdocs.yml", "part/second.md, ", "")
    book.expect_failure("docs/part/second.md", "in no nav", "mkdocs.yml")


def test_a_planned_page_has_a_number_and_is_not_looked_for(book: Book) -> None:
    pages = "part/first.md, 来日: planned, part/second.md, part/lab.ipynb"
    book.change(
        "mkdocs.yml",
        "part/first.md, part/second.md, part/lab.ipynb",
        f"部: [{pages}]",
    )
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    second = html.fromstring(book.html("part/second/index.html"))
    assert second.xpath("string(//p[@class='hb-byline']/span[1])") == "1.2"


def test_a_dead_link_lives_once_its_page_is_written(book: Book) -> None:
    book.change("docs/part/first.md", "(second.md)", "(../index2.md)")
    book.expect_failure("index2.md")
    home = (book.folder / "docs/index.md").read_text(encoding="utf-8")
    book.write("docs/index2.md", home.replace("第一页", "第三页"))
    book.change("mkdocs.yml", "index.md, ", "index.md, index2.md, ")
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'href="../../index2/"' in book.html("part/first/index.html")


def test_a_notebook_page_is_mended(book: Book) -> None:
    book.build()
    page = book.html("part/lab/index.html")
    tree = html.fromstring(page)
    ids = tree.xpath("//article//*[self::h1 or self::h2 or self::h3]/@id")
    assert len(ids) == 4 and len(set(ids)) == 4 and all(ids)
    contents = tree.xpath("//nav[contains(@class, 'md-nav--secondary')]//a/@href")
    assert set(contents) >= {f"#{i}" for i in ids[1:]}
    assert len(tree.xpath("//article//math")) == 2
    assert "<code>$y$</code>" in page
    code = tree.xpath("//article//div[contains(@class, 'highlight')]//pre//code")
    assert [c.text_content().strip() for c in code] == ["print(1 + 2)", "3"]
    assert "mermaid" not in page and "mathjax" not in page.lower()
    assert len(page) < 40_000
    source = book.folder / "site/notebooks/part/lab.ipynb"
    assert json.loads(source.read_text())["nbformat"] == 4
