"""Snippets and notebooks as files of the site."""

from handbook.snippets import FOLDER, all_snippets, published


def snippet_files() -> dict[str, str]:
    """Address in the site to text, for each snippet as the pages show it."""
    return {
        f"{FOLDER.name}/{path.relative_to(FOLDER).as_posix()}": published(
            path.read_text(encoding="utf-8")
        )
        for path in all_snippets()
    }


def notebook_line(address: str) -> str:
    """The line under a lab's title that leads to the notebook itself."""
    return (
        f'<p class="hb-download"><a href="{address}" download>下载这个实验</a>'
        "（.ipynb），在 Jupyter 里运行、修改、再运行。</p>"
    )
