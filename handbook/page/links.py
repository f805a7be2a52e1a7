"""Every link of the built site leads somewhere: pages, files and anchors."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from lxml import html

from handbook.cache import keep
from handbook.errors import HandbookError

_ROOT = "http://site.invalid/"
_HREF = re.compile(r'<a\b[^>]*? href="([^"]+)"')
_UTF8 = html.HTMLParser(encoding="utf-8")


def check(site: Path, base: str, sources: Mapping[str, str]) -> None:
    """Raise ``HandbookError`` for the first link or anchor that leads nowhere.

    ``base`` is the path under which the site is served; links may start with it.
    ``sources`` gives the file that a page of the site was made from.
    """
    problems = broken(site, base)
    if problems:
        page, link = problems[0]
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise HandbookError(
            f"{sources.get(page, page)}: dead link {link}, no such page, file or "
            f"heading (mend the link{more})"
        )


def broken(site: Path, base: str = "/") -> list[tuple[str, str]]:
    """Page and link, for each link of the site that leads to nothing in it."""
    pages = {
        file: _read(file.read_text(encoding="utf-8"))
        for file in sorted(site.rglob("*.html"))
        if file.name != "404.html"  # it answers for every address: absolute links
    }
    found = []
    for file, (links, _) in pages.items():
        page = file.relative_to(site).as_posix()
        for link in links:
            parts = urlsplit(urljoin(_ROOT + page, link))
            if f"{parts.scheme}://{parts.netloc}/" != _ROOT:
                continue
            path = unquote(parts.path)
            path = path.removeprefix(base) if path.startswith(base) else path[1:]
            target = site / path
            if path == "" or path.endswith("/"):
                target /= "index.html"
            anchor = unquote(parts.fragment)
            if not target.is_file() or (
                anchor and target in pages and anchor not in pages[target][1]
            ):
                found.append((page, link))
    return found


def pages(content: str, url: str) -> frozenset[str]:
    """The pages that a rendered page at ``url`` leads to, from the site's root.

    >>> sorted(pages('<a href="../b/#c">b</a> <a href="https://a.org/">a</a>', "x/a/"))
    ['x/b/']
    """
    found = (address(link, url) for link in _HREF.findall(content))
    return frozenset(page for page in found if page is not None)


def address(link: str, url: str) -> str | None:
    """Where a link of the page at ``url`` leads, from the site's root.

    ``None`` if it leaves the site; an anchor is not kept.

    >>> address("../b/#c", "x/a/"), address("https://a.org/", "x/a/")
    ('x/b/', None)
    """
    parts = urlsplit(urljoin(_ROOT + url, link))
    return parts.path[1:] if parts.netloc == urlsplit(_ROOT).netloc else None


@keep
def _read(page: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The links of a page, each once, and its anchors."""
    tree = html.document_fromstring(page.encode(), parser=_UTF8)
    links = tree.xpath("//a/@href | //link/@href | //script/@src | //img/@src")
    return tuple(dict.fromkeys(links)), frozenset(tree.xpath("//@id | //a/@name"))
