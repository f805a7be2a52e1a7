"""Sheets and scripts that a reader loads: no comments, of the theme's what is used.

Material's sheet styles languages that run to the left, twenty tabs in a row, blogs,
versions, comments and more; a third of its bytes is for things this book never shows.
"""

import re
from pathlib import Path

#: Parts of class names that no page has: a test looks at every page of the site.
UNUSED = (
    "mermaid|md-annotation|md-consent|md-feedback|md-version|md-post|md-author"
    "|md-hashed|md-tag|md-tooltip|md-select|critic|task-list|giscus|keys"
    "|md-footer__\\w+|md-footer-meta|md-social|md-banner|grid"
    "|abstract|bug|danger|example|failure|info|question|quote|tip|todo"
)
_DROPPED = re.compile(
    rf"\[dir=rtl\]|[.#](?:{UNUSED})\b|tabbed.*:nth-child\((?:[5-9]|1\d|20)\)"
)
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
#: In our scripts a comment has lines of its own.
_REMARK = re.compile(r"^[ \t]*(?:/\*.*?\*/[ \t]*|//[^\n]*)\n", re.S | re.M)
_RULE = re.compile(r"([^{}@;]+)\{([^{}]*)\}")
_SELECTORS = re.compile(r",(?![^()]*\))")


def trim(site: Path) -> None:
    """Make the sheets and our scripts of a built site smaller, in place."""
    for script in (site / "assets").rglob("*.js"):
        if ".min." not in script.name:
            text = _REMARK.sub("", script.read_text(encoding="utf-8"))
            text = re.sub(r"\n\s+", "\n", text).strip()
            script.write_text(text + "\n", encoding="utf-8")
    for sheet in (site / "assets").rglob("*.css"):
        text = _COMMENT.sub("", sheet.read_text(encoding="utf-8"))
        text = re.sub(r"\s*\n\s*", "\n", text).strip()
        if sheet.name.startswith("main."):
            text = _RULE.sub(_kept, text)
        sheet.write_text(text + "\n", encoding="utf-8")


def _kept(rule: re.Match) -> str:
    """A rule for those of its selectors that a page of this book can match."""
    kept = [s for s in _SELECTORS.split(rule[1]) if not _DROPPED.search(s)]
    return f"{','.join(kept)}{{{rule[2]}}}" if kept else ""
