"""Code blocks of a rendered page: a title that leads to the file, and fewer bytes."""

import re

from handbook.snippets import FOLDER

_TITLE = re.compile(r'<span class="filename">([\w/-]+\.py)</span>')
# Names, punctuation and blanks have the colour of plain code: their marks say nothing.
_PLAIN = re.compile(r'<span class="(?:n|p|w)">([^<]*)</span>')


def finish(html: str, root: str) -> str:
    """Link the titles of code blocks to their files, and drop marks that say nothing.

    ``root`` is the way from the page to the site's root: ``../../``.
    """
    link = rf'<a href="{root}{FOLDER.name}/\1" download>\1</a>'
    html = _TITLE.sub(rf'<span class="filename">{link}</span>', html)
    return _PLAIN.sub(r"\1", html)
