"""What a page weighs: code blocks without idle marks, HTML without idle blanks."""

import re

from handbook.cache import keep
from handbook.snippets import FOLDER

_TITLE = re.compile(r'<span class="filename">([\w/-]+\.py)</span>')
# Marks that a reader would not miss (names, numbers, operators, punctuation, blanks),
# and the seam between neighbours of one mark: half the bytes of a page full of code.
_PLAIN = re.compile(r'<span class="(?:bp|mf|mi|n|nn|o|p|si|w)">([^<]*)</span>')
_SEAM = re.compile(r'(<span class="(\w+)">[^<]*)</span><span class="\2">')


_WIDE = re.compile(r"<(figure|table)>")
_KEPT = re.compile(r"(<pre.*?</pre>|<script.*?</script>)", re.S)


def tighten(html: str) -> str:
    """A page without the blank lines and indents of its templates, but in code."""
    parts = _KEPT.split(html)
    parts[::2] = [re.sub(r"\s*\n\s*", "\n", part) for part in parts[::2]]
    return "".join(parts)


@keep
def finish(html: str, root: str) -> str:
    """Link the titles of code blocks to their files; drop marks that add nothing.

    Figures and tables can be focused: on a phone they scroll, with the keyboard too.

    ``root`` is the way from the page to the site's root: ``../../``.
    """
    link = rf'<a href="{root}{FOLDER.name}/\1" download>\1</a>'
    html = _TITLE.sub(rf'<span class="filename">{link}</span>', html)
    html = _WIDE.sub(r'<\1 tabindex="0">', html)
    html = _PLAIN.sub(r"\1", html)
    while (shorter := _SEAM.sub(r"\1", html)) != html:
        html = shorter
    return html
