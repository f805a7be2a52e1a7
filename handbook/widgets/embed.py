"""Custom elements: their script and sheet are sent only with a page that holds one.

``conference-calendar.js`` is the script of the element ``<conference-calendar>``, and
``conference.css``, if there is one, the sheet of all elements whose names begin so.
"""

from pathlib import Path

FOLDER = Path("docs/assets/widgets")


def dress(html: str, root: str, folder: Path = FOLDER) -> str:
    """A page with what its elements need. ``root`` leads to the site's root."""
    tags = [path.stem for path in folder.glob("*-*.js") if f"<{path.stem}" in html]
    kinds = {tag.partition("-")[0] for tag in tags}
    sheets = "".join(
        f'<link rel="stylesheet" href="{root}assets/widgets/{kind}.css">'
        for kind in sorted(kinds)
        if (folder / f"{kind}.css").is_file()
    )
    scripts = "".join(
        f'<script type="module" src="{root}assets/widgets/{tag}.js"></script>'
        for tag in sorted(tags)
    )
    return sheets + html + scripts
