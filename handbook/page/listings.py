"""What a page weighs: code blocks without idle marks, HTML without idle blanks.

Code blocks have a button of our own (``theme/assets/copy.js``): between ``pre`` and
``code`` stands a ``span``, so that Material's script, which observes every
``pre > code``, passes them by.
"""

import re
from html import unescape
from unicodedata import east_asian_width

from handbook.cache import keep

#: Where the site keeps the programs that readers download.
FOLDER = "snippets"
_TITLE = re.compile(r'<span class="filename">([\w/-]+/([\w-]+\.py))</span>')
# Marks that a reader would not miss (names, numbers, operators, punctuation, blanks),
# and the seam between neighbours of one mark: half the bytes of a page full of code.
_PLAIN = re.compile(r'<span class="(?:bp|mf|mi|n|nn|o|p|si|w)">([^<]*)</span>')
_SEAM = re.compile(r'(<span class="(\w+)">[^<]*)</span><span class="\2">')
_BLOCK = re.compile(r"<pre>(?:<span></span>)?<code>(.*?)</code></pre>", re.S)
_BUTTON = (
    '<button class="md-code__button" data-md-type="copy" title="复制代码"></button>'
)
_PHONE = 38  # columns of code that a phone shows; a wider block scrolls

_TOGGLE = re.compile(r'(<input class="md-toggle"[^>]*?) autocomplete="off"')
#: What makes Material's script take a group of tabs as its own (``tabs.js`` is ours).
_MOUNTED = re.compile(r' data-tabs="[^"]*"')
_KEPT = re.compile(r"(<pre.*?</pre>|<script.*?</script>)", re.S)


def tighten(html: str) -> str:
    """A page without the blank lines and indents of its templates, but in code."""
    parts = _KEPT.split(_valid(html))
    parts[::2] = [re.sub(r"\s*\n\s*", "\n", part) for part in parts[::2]]
    return "".join(parts)


def _valid(page: str) -> str:
    """Material's templates without what HTML does not allow.

    An empty ``tabindex``; ``autocomplete`` on a check box (``partials/search.html``
    unticks it instead); a label for the contents where a page does not list them.
    """
    page = _TOGGLE.sub(r"\1", page.replace(' tabindex=""', ""))
    if 'id="__toc"' not in page:
        page = page.replace(' for="__toc"', "")
    return page


@keep
def finish(html: str, root: str) -> str:
    """Link the titles of code blocks to their files; drop marks that add nothing.

    Each block gets its button. What is wider than a phone can be focused, so that the
    keyboard can scroll it. Groups of tabs are ours.

    ``root`` is the way from the page to the site's root: ``../../``.
    """
    link = rf'<a href="{root}{FOLDER}/\1" download>\2</a>'
    html = _TITLE.sub(rf'<span class="filename">{link}</span>', html)
    html = _MOUNTED.sub("", html)
    html = _PLAIN.sub(r"\1", html)
    while (shorter := _SEAM.sub(r"\1", html)) != html:
        html = shorter
    return _BLOCK.sub(lambda block: _with_button(block[1]), html)


def _with_button(code: str) -> str:
    """A code block, out of the sight of Material's script."""
    text = unescape(re.sub(r"<[^>]*>", "", code))
    focus = ' tabindex="0"' if max(map(_columns, text.split("\n"))) > _PHONE else ""
    return f"<pre>{_BUTTON}<span><code{focus}>{code}</code></span></pre>"


def _columns(line: str) -> int:
    """How many columns a line of code takes; a Han character takes two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in line)
