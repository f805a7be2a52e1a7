"""Tables that a phone shows whole: numbers keep their first column, text becomes cards.

Material's script wraps each ``table`` without a class, one forced layout a table; these
have a class and their wrapper, so it passes them by.
"""

import re
from html import escape, unescape

from handbook.cache import keep

_TABLE = re.compile(r"<table( [\w-]+)?>(.*?)</table>", re.S)
_ROW = re.compile(r"<tr>(.*?)</tr>", re.S)
_CELL = re.compile(r"<(t[hd])([^>]*)>(.*?)</\1>", re.S)
_NUMBER = re.compile(r"[\s\d.,:/%×·+−–—()eE^⁰¹²³⁴⁵⁶⁷⁸⁹-]*")
_MOSTLY = 0.8  # of a column's cells that are numbers make it a column of numbers
_SHORT = 8  # characters that stay on one line
_CARDS = 3  # columns of text that a phone cannot show beside each other


@keep
def finish(html: str) -> str:
    """A page's tables with their kind as a class, in a box that scrolls."""
    return _TABLE.sub(_finished, html)


def _finished(match: re.Match) -> str:
    attribute, inside = match[1] or "", match[2]
    rows = [[cell for cell in _CELL.findall(row)] for row in _ROW.findall(inside)]
    plain = bool(rows) and all("span=" not in c[1] for row in rows for c in row)
    columns = list(zip(*rows[1:], strict=False)) if plain else []
    numbers = [n for n, column in enumerate(columns) if _is_numbers(column)]
    texts = [n for n, column in enumerate(columns) if _is_text(column)]
    if len(texts) >= _CARDS:
        labels = [escape(_words(cell[2]), quote=True) for cell in rows[0]]
        inside = _ROW.sub(lambda row: _card(row[1], labels), inside)
        kind, role = "hb-cards", ' role="table"'
    else:
        inside = _ROW.sub(lambda row: _row(row[1], numbers), inside)
        kind, role = "hb-columns", ""
    return (
        f'<div class="hb-table hb-scroll" tabindex="0"><table{attribute} '
        f'class="{kind}"{role}>{inside}</table></div>'
    )


def _words(cell: str) -> str:
    return unescape(re.sub(r"<annotation.*?</annotation>|<[^>]*>", "", cell)).strip()


def _is_numbers(column: tuple) -> bool:
    words = [_words(cell[2]) for cell in column]
    count = sum(any(map(str.isdigit, w)) and bool(_NUMBER.fullmatch(w)) for w in words)
    return count >= _MOSTLY * len(words)


def _is_text(column: tuple) -> bool:
    return any(len(_words(cell[2])) > _SHORT for cell in column) and not _is_numbers(
        column
    )


def _row(row: str, numbers: list[int]) -> str:
    """A row whose numbers stand to the right and whose short words do not break."""
    cells = []
    for n, (tag, rest, inside) in enumerate(_CELL.findall(row)):
        kind = ""
        if n in numbers:
            kind = ' class="n"'
        elif tag == "td" and len(_words(inside)) <= _SHORT:
            kind = ' class="s"'
        cells.append(f"<{tag}{rest}{kind}>{inside}</{tag}>")
    return f"<tr>{''.join(cells)}</tr>"


def _card(row: str, labels: list[str]) -> str:
    """A row that a phone shows as a card: each cell says its column."""
    cells = []
    for (tag, rest, inside), label in zip(_CELL.findall(row), labels, strict=False):
        role = (
            "cell" if tag == "td" else "rowheader" if "row" in rest else "columnheader"
        )
        said = f' data-label="{label}"' if tag == "td" else ""
        cells.append(f'<{tag}{rest} role="{role}"{said}>{inside}</{tag}>')
    return f'<tr role="row">{"".join(cells)}</tr>'
