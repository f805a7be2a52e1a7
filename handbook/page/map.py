"""The map of the book: every part with its pages."""

from collections.abc import Iterable, Mapping
from html import escape

from handbook.page.front import PARTS, Entry


def book_map(entries: Iterable[Entry], root: str) -> str:
    """The map of the book: every part with its pages, levels and prerequisites."""
    pages = list(entries)
    by_key = {page.key: page for page in pages}
    parts = []
    for part, title in PARTS.items():
        inside = [page for page in pages if page.part == part]
        index = next((page for page in inside if page.is_index), None)
        head = f'<a href="{root}{index.url}">{title}</a>' if index else title
        rows = "".join(
            _map_row(page, by_key, root) for page in inside if not page.is_index
        )
        body = f"<ul>{rows}</ul>" if rows else "<p>计划中。</p>"
        parts.append(f'<section><h3 id="map-{part}">{head}</h3>{body}</section>')
    return f'<div class="hb-map">{"".join(parts)}</div>'


def _map_row(page: Entry, by_key: Mapping[str, Entry], root: str) -> str:
    needs = "、".join(escape(by_key[key].title) for key in page.front.requires)
    after = f"<small>先读：{needs}</small>" if needs else ""
    return (
        f'<li><a href="{root}{page.url}">{escape(page.title)}</a> '
        f'<span class="hb-level">{page.front.level}</span>{after}</li>'
    )
