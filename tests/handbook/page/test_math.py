"""Formulas become MathML, and the font holds what they show."""

from pathlib import Path

import markdown
import pytest
from fontTools.ttLib import TTFont
from lxml import html

from handbook.errors import HandbookError, current_page
from handbook.page import math


def render(text: str) -> str:
    """A text through the extensions that the site uses for formulas."""
    return markdown.markdown(
        text,
        extensions=["tables", "toc", "pymdownx.arithmatex", "handbook.page.math"],
        extension_configs={"pymdownx.arithmatex": {"generic": True}},
    )


def test_a_formula_in_a_line_becomes_inline_mathml() -> None:
    shown = render("方差 $\\sigma^2$ 大")
    assert html.fromstring(shown).text.strip() == "方差"
    assert "<msup><mi>σ</mi><mn>2</mn></msup>" in shown and shown.endswith(" 大</p>")


def test_a_formula_carries_its_tex_twice() -> None:
    (formula,) = html.fromstring(render("除以 $\\sqrt{d_k}<1$")).xpath("//math")
    assert formula.get("alttext") == "\\sqrt{d_k}<1"
    note = formula.find("semantics/annotation")
    assert note.get("encoding") == "application/x-tex"
    assert note.text == "\\sqrt{d_k}<1"


@pytest.mark.parametrize(
    ("tex", "tag", "name"),
    [
        ("\\tfrac12", "mfrac", "displaystyle"),
        (
            "\\begin{matrix}1&\\operatorname{tr}A\\end{matrix}",
            "mtable",
            "scriptlevel",
        ),
    ],
)
def test_styles_stand_where_every_mathml_allows_them(tex, tag, name) -> None:
    shown = html.fromstring(math.to_mathml(tex, display=True))
    assert not shown.xpath(f"//{tag}[@{name}]")
    assert shown.xpath(f"//mstyle[@{name}]/{tag}")


def test_what_a_formula_says_in_tex_needs_no_font() -> None:
    points = math.code_points([math.to_mathml("\\Sigma", display=False)])
    assert ord("Σ") in points and ord("S") not in points


def test_a_displayed_formula_stands_in_a_box_and_in_no_paragraph() -> None:
    shown = render("前\n\n$$\n\\frac{1}{2}\n$$\n\n后")
    assert '<div class="hb-math" tabindex="0"' in shown
    assert '<math alttext="\\frac{1}{2}" display="block">' in shown
    assert "<p><div" not in shown and "<p>\n<div" not in shown


def test_a_formula_in_a_table_and_a_heading() -> None:
    shown = render("## 为什么 $\\sqrt{d}$\n\n| a |\n|---|\n| $x$ |")
    assert shown.count("<math ") == 2 and "arithmatex" not in shown


def test_less_than_is_escaped() -> None:
    assert "<mo>&lt;</mo>" in render("$a < b$")


def test_an_aligned_formula_keeps_its_columns_and_signs() -> None:
    tex = "\\begin{aligned}\na &= b < c \\\\\nd &= e\n\\end{aligned}"
    shown = render(f"$$\n{tex}\n$$")
    assert shown.count("<mtr>") == 2 and shown.count("<mo>&lt;</mo>") == 1
    signs = html.fromstring(shown).xpath("//mo/text()")
    assert "&" not in signs


def test_code_is_left_alone() -> None:
    assert "<code>$x$</code>" in render("`$x$`")


def test_a_wrong_formula_names_its_page_and_itself() -> None:
    current_page.set("docs/part/page.md")
    with pytest.raises(HandbookError, match=r"docs/part/page.md: .*\\\\fraq"):
        render("$\\fraq{1}{2}$")


def test_text_of_a_rendered_notebook_is_converted_and_code_is_not() -> None:
    tree = html.fromstring(
        "<div><p>令 $a_b$ 与 $c$，<em>又 $d$</em> 尾 $e$。</p>"
        "<p>$$\\frac{1}{2}$$</p><pre>$f$</pre><p>价 5$ 与 6$</p></div>"
    )
    math.replace_in_text(tree)
    shown = html.tostring(tree, encoding="unicode")
    assert shown.count("<math") == 5
    assert "<pre>$f$</pre>" in shown and "价 5$ 与 6$" in shown
    words = "".join(tree.xpath("//p[1]//text()[not(parent::annotation)]"))
    assert words == "令 ab 与 c，又 d 尾 e。"


def test_a_displayed_formula_of_a_notebook_leaves_its_paragraph() -> None:
    tree = html.fromstring("<div><p>$$a$$</p><p>前 $$b$$ 后 <b>尾</b></p></div>")
    math.replace_in_text(tree)
    assert [child.tag for child in tree] == ["div", "p", "div", "p"]
    assert tree[3].text_content().split() == ["后", "尾"]


def test_a_single_letter_counts_as_its_italic() -> None:
    points = math.code_points(["<p><math><mi>β</mi><mi>h</mi><mi>log</mi></math></p>"])
    assert {0x1D6FD, 0x210E, ord("β"), ord("l")} <= points


@pytest.mark.parametrize(
    ("before", "after"), [("", "，"), ("", "）。"), ("（", ""), ("「", "」")]
)
def test_a_formula_keeps_the_marks_that_touch_it(before: str, after: str) -> None:
    formula = math.to_mathml("x", display=False)
    page = math.tied(f"<p>令{before}{formula}{after}是</p>")
    assert page == f'<p>令<span class="hb-tied">{before}{formula}{after}</span>是</p>'


@pytest.mark.parametrize("around", ["令{}是", "令 {} 。", "{}<br>，"])
def test_a_formula_without_a_mark_is_left_as_it_is(around: str) -> None:
    page = around.format(math.to_mathml("x", display=False))
    assert math.tied(page) == page


def test_a_root_counts_as_its_radical_sign() -> None:
    assert ord("√") in math.code_points(["<math><msqrt><mi>d</mi></msqrt></math>"])


def test_the_font_is_cut_to_what_is_shown_and_kept(tmp_path: Path) -> None:
    points = {ord("x"), 0x1D465, 0x221A}
    target, cache = tmp_path / "site" / "math.woff2", tmp_path / "cache"
    math.write_font(points, target, cache)
    font = TTFont(target)
    assert points <= set(font.getBestCmap()) and "MATH" in font
    assert target.stat().st_size < 20_000
    kept = next(cache.iterdir())
    kept.write_bytes(b"kept")
    math.write_font(points, target, cache)
    assert target.read_bytes() == b"kept"


def test_every_height_of_a_root_is_as_wide_as_the_plain_one(tmp_path: Path) -> None:
    target = tmp_path / "math.woff2"
    math.write_font({ord("√"), ord("d")}, target, tmp_path / "cache")
    font = TTFont(target)
    variants = font["MATH"].table.MathVariants
    plain = font.getBestCmap()[ord("√")]
    place = variants.VertGlyphCoverage.glyphs.index(plain)
    forms = variants.VertGlyphConstruction[place]
    names = [record.VariantGlyph for record in forms.MathGlyphVariantRecord]
    names += [part.glyph for part in forms.GlyphAssembly.PartRecords]
    assert {font["hmtx"][name][0] for name in names} == {font["hmtx"][plain][0]}
    assert all(font["glyf"][name].xMax <= font["glyf"][plain].xMax for name in names)
