"""Every link of the built site leads somewhere: pages, files and anchors."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from lxml import html

from handbook.errors import HandbookError

_ROOT = "http://site.invalid/"


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

    @cache
    def anchors(file: Path) -> frozenset[str]:
        return frozenset(_tree(file).xpath("//@id | //a/@name"))

    found = []
    for file in sorted(site.rglob("*.html")):
        if file.name == "404.html":
            continue  # its links are absolute: it answers for every address
        page = file.relative_to(site).as_posix()
        tree = _tree(file)
        for link in tree.xpath("//a/@href | //link/@href | //script/@src | //img/@src"):
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
                anchor and target.suffix == ".html" and anchor not in anchors(target)
            ):
                found.append((page, link))
    return found


def _tree(file: Path) -> html.HtmlElement:
    return html.parse(file, html.HTMLParser(encoding="utf-8")).getroot()
