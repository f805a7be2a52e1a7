"""Labs: executed notebooks, mounted as pages, and mended after mkdocs-jupyter.

mkdocs-jupyter 0.26.3 gives Chinese headings empty ids, raw TeX, scripts from another
host and 600 KB of styles. What it renders is taken apart here, and put together again
with the same few elements that every other page is made of.
"""

from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path

import nbformat
from lxml import etree, html
from markdown.extensions.toc import nest_toc_tokens, unique
from pymdownx.slugs import slugify

from handbook.errors import HandbookError
from handbook.page.figures import tidy_svg
from handbook.page.math import replace_in_text

FOLDER = Path("notebooks")
_slug = slugify(case="lower")


def all_notebooks(folder: Path = FOLDER) -> list[Path]:
    """Every notebook, in order of its name."""
    return sorted(folder.glob("*/*.ipynb"))


def read(path: Path) -> nbformat.NotebookNode:
    """A valid, executed notebook, or ``HandbookError``."""
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # whatever nbformat trips over
        first = str(error).strip().splitlines()[0]
        raise HandbookError(
            f"{path}: no valid notebook: {first} (save it again from Jupyter)"
        ) from None
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code" and cell.execution_count is None:
            raise HandbookError(
                f"{path}: cell {number} was not executed (run all cells, then save)"
            )
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                raise HandbookError(
                    f"{path}: cell {number} ended in {output.ename} (mend it, run all)"
                )
    return notebook


def meta(path: Path) -> Mapping[str, object]:
    """The front matter of a notebook: its metadata under the key ``handbook``."""
    return dict(read(path).metadata.get("handbook", {}))


def download_line(address: str) -> str:
    """The line under a lab's title that leads to the notebook itself."""
    return (
        f'<p class="hb-download"><a href="{address}" download>下载这个实验</a>'
        "（.ipynb），在 Jupyter 里运行、修改、再运行。</p>"
    )


def mend(rendered: str) -> tuple[str, list[dict]]:
    """mkdocs-jupyter's HTML as the handbook's: its body, and tokens for the contents.

    Tokens are Python-Markdown's: ``level``, ``id``, ``name``, ``children``.
    """
    body = html.Element("div")
    for cell in html.fromstring(rendered).xpath("//*[@data-mime-type] | //pre"):
        _append(body, cell)
    _inline_drawings(body)
    replace_in_text(body)
    tokens = _name_headings(body)
    inside = "".join(html.tostring(e, encoding="unicode") for e in body)
    return inside, nest_toc_tokens(tokens)


def _append(body: html.HtmlElement, part: html.HtmlElement) -> None:
    """Add one part of a cell: rendered text, code, or output."""
    kind = part.get("data-mime-type")
    inside = part.xpath("boolean(ancestor::*[@data-mime-type])")
    if inside:
        return
    if kind is None:  # a code cell's source
        if part.xpath("boolean(parent::*[contains(@class, 'highlight-ipynb')])"):
            body.append(_block(part, "language-python highlight"))
    elif kind == "text/markdown":
        for child in list(part):
            body.append(child)
    elif kind.startswith("text/plain") or kind.endswith("stdout"):
        body.append(_block(part.find(".//pre"), "hb-output highlight"))
    else:  # a drawing, a table
        box = html.Element("div", {"class": "hb-output hb-drawing"})
        box.extend(list(part))
        body.append(box)


def _block(pre: html.HtmlElement, classes: str) -> html.HtmlElement:
    """A ``<pre>`` as Material's code block, so that it looks and copies alike."""
    pre.tag, pre.tail = "code", None
    pre.attrib.clear()
    outer = html.Element("pre")
    outer.append(pre)
    box = html.Element("div", {"class": classes})
    box.append(outer)
    return box


def _inline_drawings(body: html.HtmlElement) -> None:
    """Put drawings into the page itself, so that they live in light and dark."""
    head = "data:image/svg+xml;base64,"
    for number, image in enumerate(
        body.xpath(f"//img[starts-with(@src, '{head}')]"), 1
    ):
        svg = b64decode(image.get("src").removeprefix(head)).decode()
        drawing = tidy_svg(svg, Path(f"drawing-{number}"))
        image.getparent().replace(image, etree.fromstring(drawing))


def _name_headings(body: html.HtmlElement) -> list[dict]:
    """Give every heading an id of its own and a link to itself; return flat tokens.

    The id is that of the ``<a id="name"></a>`` in it, or the ASCII of its text.
    """
    tokens, used = [], set()
    for heading in body.iter("h1", "h2", "h3", "h4"):
        for link in heading.xpath("./a[@class='anchor-link']"):
            link.drop_tree()
        given = heading.xpath("./a[@id]")
        wanted = given[0].get("id") if given else ""
        for anchor in given:
            anchor.drop_tree()
        name = " ".join(heading.text_content().split())
        ascii_name = name.encode("ascii", "ignore").decode()
        address = unique(wanted or _slug(ascii_name, "-").strip("-") or "section", used)
        heading.set("id", address)
        link = html.Element(
            "a", {"class": "headerlink", "href": f"#{address}", "title": "本节链接"}
        )
        link.text = "#"
        heading.append(link)
        level = int(heading.tag[1])
        tokens.append({"level": level, "id": address, "name": name})
    return [token for token in tokens if token["level"] <= 3]
