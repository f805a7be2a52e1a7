"""Snippets and notebooks as files of the site, and the links that lead to them."""

import re

from handbook.snippets import FOLDER, all_snippets, published

_TITLE = re.compile(r'<span class="filename">([\w/-]+\.py)</span>')


def snippet_files() -> dict[str, str]:
    """Address in the site to text, for each snippet as the pages show it."""
    return {
        f"{FOLDER.name}/{path.relative_to(FOLDER).as_posix()}": published(
            path.read_text(encoding="utf-8")
        )
        for path in all_snippets()
    }


def link_titles(html: str, root: str) -> str:
    """Make the title of each code block a link to its file.

    ``root`` is the way from the page to the site's root: ``../../``.
    """
    link = rf'<a href="{root}{FOLDER.name}/\1" download>\1</a>'
    return _TITLE.sub(rf'<span class="filename">{link}</span>', html)


def notebook_line(address: str) -> str:
    """The line under a lab's title that leads to the notebook itself."""
    return (
        f'<p class="hb-download"><a href="{address}" download>下载这个实验</a>'
        "（.ipynb），在 Jupyter 里运行、修改、再运行。</p>"
    )
