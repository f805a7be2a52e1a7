"""A figure that matplotlib drew becomes one for a light or dark page."""

import re
from pathlib import Path

import pytest

from handbook.errors import HandbookError
from handbook.page.figures import tidy_svg

ROOT = Path(__file__).parents[3]
RECORDED = sorted((ROOT / "snippets").glob("*/*.svg"))
HERE = Path("snippets/part/page_numpy.py")
DRAWN = """<?xml version="1.0"?>
<!DOCTYPE svg>
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="468pt" height="216pt"
 viewBox="0 0 468 216" xmlns="http://www.w3.org/2000/svg" version="1.1">
 <title>loss by step</title>
 <metadata><x>2026</x></metadata>
 <defs><style type="text/css">*{stroke-linejoin: round}</style></defs>
 <g id="line"><path id="p1" d="M 0 0
L 1 1" clip-path="url(#clip)" style="stroke: #1f77b4; fill: none"/>
 <use xlink:href="#p1" style="stroke: #000000"/>
 <text style="font: 12px 'DejaVu Sans'; text-anchor: middle">0.5</text></g>
</svg>"""


def test_colours_become_variables_and_ids_the_snippets_own() -> None:
    tidy = tidy_svg(DRAWN, HERE)
    assert 'style="stroke: var(--hb-qing); fill: none"' in tidy
    assert 'id="page_numpy-p1"' in tidy and 'href="#page_numpy-p1"' in tidy
    assert "url(#page_numpy-clip)" in tidy and "stroke: currentColor" in tidy


def test_coordinates_are_rounded() -> None:
    drawn = DRAWN.replace("M 0 0\nL 1 1", "M 0.123456 -7.000001\nL 1 1")
    assert 'd="M0.1 -7L1 1"' in tidy_svg(drawn, HERE)


def test_what_shows_nothing_is_dropped() -> None:
    unseen = '<g id="axes_1"><path d="M 0 0" style="fill: none"/></g>'
    tidy = tidy_svg(DRAWN.replace("</svg>", f"{unseen}</svg>"), HERE)
    assert "axes_1" not in tidy and "<defs" not in tidy and "<g" not in tidy


def test_size_and_prologue_go_and_the_title_stays() -> None:
    tidy = tidy_svg(DRAWN, HERE)
    assert tidy.startswith("<svg ") and 'width="468' not in tidy
    assert 'style="max-width: 624px"' in tidy
    assert "metadata" not in tidy and "<style" not in tidy and "DejaVu" not in tidy
    assert 'aria-labelledby="page_numpy-title"' in tidy
    assert '<title id="page_numpy-title">loss by step</title>' in tidy
    assert "font-size: 12px" in tidy and "\n\n" not in tidy


def test_a_figure_without_title_is_refused_with_its_mend() -> None:
    with pytest.raises(HandbookError, match="page_numpy.py: .*metadata="):
        tidy_svg(DRAWN.replace("<title>loss by step</title>", ""), HERE)


def test_a_figure_no_wider_than_a_phones_column_is_marked() -> None:
    narrow = DRAWN.replace('width="468pt"', 'width="268.5pt"')
    assert 'class="hb-fits"' in tidy_svg(narrow, HERE)
    assert "hb-fits" not in tidy_svg(DRAWN, HERE)


@pytest.mark.parametrize("figure", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_figure_fits_a_phone(figure: Path) -> None:
    """At most 358 px wide (a phone of 390 px), and then shown as it was drawn."""
    assert 'class="hb-fits"' in figure.read_text(encoding="utf-8")


@pytest.mark.parametrize("figure", RECORDED, ids=lambda path: path.stem)
def test_no_letter_of_a_recorded_figure_is_under_12_px(figure: Path) -> None:
    """Sizes are in points, which a page shows as 4/3 px."""
    sizes = re.findall(r"font-size: ([\d.]+)px", figure.read_text(encoding="utf-8"))
    assert min(map(float, sizes)) * 4 / 3 >= 12
