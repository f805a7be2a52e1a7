"""What stands under one heading, in a box that is laid out when it comes near.

A browser that lays out a whole page of code and formulas at once blocks the reader's
finger for as long. Where a place on the page is asked for, nothing is put off
(``theme/main.html``, ``theme/assets/portions.js``): heights that are guessed would land
it elsewhere.
"""

import re

from handbook.cache import keep

#: A heading, or an edge of what could hold one that is not the page's own.
_TAG = re.compile(
    r"<(h[2-4])\b.*?</\1>"
    r"|<(/?)(?:div|section|details|figure|aside|blockquote|ul|ol|li|table|hb-[\w-]+)\b",
    re.S,
)


@keep
def boxed(html: str) -> str:
    """A page with what follows each of its headings in a ``div.hb-portion``."""
    depth, end, parts = 0, 0, []
    for tag in _TAG.finditer(html):
        if not tag[1]:
            depth += -1 if tag[2] else 1
        elif depth == 0:
            parts += [html[end : tag.start()], tag[0]]
            end = tag.end()
    first, *rest = [*parts, html[end:]]
    return first + "".join(
        part if n % 2 == 0 else _box(part) for n, part in enumerate(rest)
    )


def _box(html: str) -> str:
    return f'<div class="hb-portion">{html}</div>' if html.strip() else html
