"""Sheets and scripts that a reader loads: no comments, of the theme's what is used.

Material's sheets style languages that run to the left, twenty tabs in a row, blogs,
versions, comments, twenty colours and more; four bytes of ten are for things that this
book never shows.
"""

import re
from functools import partial
from pathlib import Path

#: Parts of class names that no page has: a test looks at every page of the site.
UNUSED = (
    "mermaid|md-annotation|md-consent|md-feedback|md-version|md-post|md-author"
    "|md-hashed|md-tag|md-tooltip|md-select|critic|task-list|giscus|keys"
    "|md-footer__\\w+|md-footer-meta|md-social|md-banner|grid"
    "|abstract|bug|danger|example|failure|info|question|quote|tip|todo"
    "|md-button|md-content__button|md-copyright|md-input|md-meta|md-option|md-pagination"
    "|md-path|md-pin|md-profile|md-search__suggest|md-source|md-status"
    "|md-nav--integrated|md-content--post|md-sidebar--post|md-clipboard"
    "|arithmatex|katex-html|emojione|gemoji|twemoji|highlighttable|linenodiv|linenos"
)
#: The theme's colours that a page can have: as built, then as its own script sets them.
COLOURS = "indigo|white|black"
_DROPPED = re.compile(
    rf"\[dir=rtl\]|[.#](?:{UNUSED})(?:__\w+)?\b"
    rf"|data-md-color-(?:primary|accent)=(?!{COLOURS}\b)"
    r"|tabbed.*:nth-child\((?:[5-9]|1\d|20)\)|(?:gh|#only)-(?:dark|light)"
)
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
#: In our scripts a comment has lines of its own.
_REMARK = re.compile(r"^[ \t]*(?:/\*.*?\*/[ \t]*|//[^\n]*)\n", re.S | re.M)
_RULE = re.compile(r"([^{}@;]+)\{([^{}]*)\}")
_SELECTORS = re.compile(r",(?![^()]*\))")
_DECLARED = re.compile(r"(--md-[\w-]+):(?:url\([^)]*\)|[^;{}])*;?")
_COLOUR_LINK = re.compile(
    r'<link rel="stylesheet" href="[^"]*/palette\.\w+\.min\.css">\n?'
)
_READ = re.compile(r"var\(\s*(--md-[\w-]+)")


def trim(site: Path) -> None:
    """Make the sheets and our scripts of a built site smaller, in place."""
    for script in (site / "assets").rglob("*.js"):
        if ".min." not in script.name:
            text = _REMARK.sub("", script.read_text(encoding="utf-8"))
            text = re.sub(r"\n\s+", "\n", text).strip()
            script.write_text(text + "\n", encoding="utf-8")
    sheets = {s: _plain(s.read_text("utf-8")) for s in (site / "assets").rglob("*.css")}
    themes = [sheet for sheet in sheets if ".min." in sheet.name]
    for sheet in themes:
        sheets[sheet] = _RULE.sub(_kept, sheets[sheet])
    _drop_unread(sheets, themes, site)
    _join(sheets)
    for sheet, text in sheets.items():
        sheet.write_text(text + "\n", encoding="utf-8")


def link_once(page: str) -> str:
    """A page that asks for the theme's sheet alone, which has its colours too."""
    return _COLOUR_LINK.sub("", page)


def _join(sheets: dict[Path, str]) -> None:
    """Put the theme's sheet of colours at the end of its first: a request less."""
    kinds = {sheet.name.partition(".")[0]: sheet for sheet in sheets}
    if {"main", "palette"} <= kinds.keys():
        sheets[kinds["main"]] += sheets.pop(kinds["palette"])
        kinds["palette"].unlink()


def _plain(text: str) -> str:
    """A sheet without its comments and indents."""
    return re.sub(r"\s*\n\s*", "\n", _COMMENT.sub("", text)).strip()


def _kept(rule: re.Match) -> str:
    """A rule for those of its selectors that a page of this book can match."""
    kept = [s for s in _SELECTORS.split(rule[1]) if not _DROPPED.search(s)]
    return f"{','.join(kept)}{{{rule[2]}}}" if kept else ""


def _drop_unread(sheets: dict[Path, str], themes: list[Path], site: Path) -> None:
    """Take out the theme's properties that nothing reads: pictures, most of them.

    One may be read by another alone, so again until nothing changes.
    """
    others = [f for kind in ("*.html", "*.js") for f in site.rglob(kind)]
    outside = set().union(*(_READ.findall(f.read_text("utf-8")) for f in others))
    while True:
        read = outside.union(*(_READ.findall(text) for text in sheets.values()))
        kept = {s: _DECLARED.sub(partial(_if_read, read), sheets[s]) for s in themes}
        if kept.items() <= sheets.items():
            return
        sheets.update(kept)


def _if_read(read: set[str], declared: re.Match) -> str:
    return declared[0] if declared[1] in read else ""
