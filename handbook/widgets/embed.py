"""Custom elements: their script is sent only with a page that holds one."""

from pathlib import Path

FOLDER = Path("docs/assets/widgets")


def scripts(html: str, root: str, folder: Path = FOLDER) -> str:
    """The script tags that a page needs. ``root`` leads to the site's root."""
    tags = sorted(path.stem for path in folder.glob("*-*.js"))
    return "".join(
        f'<script type="module" src="{root}assets/widgets/{tag}.js"></script>'
        for tag in tags
        if f"<{tag}" in html
    )
