"""Dead links of a site are found, whatever wrote them."""

from pathlib import Path

import pytest

from handbook.errors import HandbookError
from handbook.page import links


def page(site: Path, name: str, body: str) -> None:
    path = site / name / "index.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<html><body>{body}</body></html>", encoding="utf-8")


def test_links_that_lead_somewhere_pass(tmp_path: Path) -> None:
    page(tmp_path, ".", '<a href="a/#%E8%8A%82">一</a> <a href="https://x.org/">外</a>')
    page(tmp_path, "a", '<h2 id="节">节</h2> <a href="../">回</a> <a href="#节">此</a>')
    assert links.broken(tmp_path) == []


@pytest.mark.parametrize("link", ["b/", "a/#no", "a/file.py", "#no"])
def test_a_link_that_leads_nowhere_is_named_with_its_source(
    tmp_path: Path, link: str
) -> None:
    page(tmp_path, ".", f'<a href="{link}">一</a>')
    page(tmp_path, "a", "")
    assert links.broken(tmp_path) == [("index.html", link)]
    with pytest.raises(HandbookError, match=f"docs/index.md: dead link {link}"):
        links.check(tmp_path, "/", {"index.html": "docs/index.md"})


def test_links_may_start_with_the_path_of_the_site(tmp_path: Path) -> None:
    page(tmp_path, ".", '<a href="/book/a/">一</a>')
    page(tmp_path, "a", "")
    assert links.broken(tmp_path, "/book/") == []
