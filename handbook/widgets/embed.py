"""Custom elements: their script and sheet are sent only with a page that holds one.

``conference-calendar.js`` is the script of the element ``<conference-calendar>``, and
``conference.css``, if there is one, the sheet of all elements whose names begin so;
the others share ``tool.css``, the sheet of a tool in its frame, and add their own,
``scale-calculator.css``.
"""

from pathlib import Path

FOLDER = Path("docs/assets/widgets")
COMMON = "tool.css"


def _tags(html: str, folder: Path) -> list[str]:
    """The elements of ours that a page holds."""
    names = (path.stem for path in folder.glob("*-*.js"))
    return sorted(name for name in names if f"<{name}" in html)


def scripts(html: str, root: str, folder: Path = FOLDER) -> str:
    """The script tags that a page needs. ``root`` leads to the site's root."""
    return "".join(
        f'<script type="module" src="{root}assets/widgets/{tag}.js"></script>'
        for tag in _tags(html, folder)
    )


def sheets(html: str, folder: Path = FOLDER) -> list[str]:
    """The sheets that a page needs in its head, as addresses from the site's root."""
    files = []
    for tag in _tags(html, folder):
        family = folder / f"{tag.partition('-')[0]}.css"
        own = [folder / COMMON, folder / f"{tag}.css"]
        files += [family] if family.is_file() else own
    return [f"assets/widgets/{s.name}" for s in dict.fromkeys(files) if s.is_file()]
