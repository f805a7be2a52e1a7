"""TeX to MathML at build time: a Markdown extension, and the font that shows it.

``pymdownx.arithmatex`` (generic) finds the formulas, ``math-core`` converts them. No
script runs in the browser: what arrives is MathML, selectable and read aloud. It
carries its TeX twice, as MathML has it: ``alttext`` for programs that do not know the
marks, an annotation for those that do (``theme/assets/copy.js`` copies by it).
"""

import hashlib
import re
from html import escape, unescape
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import Element

from fontTools import subset
from fontTools.ttLib import TTFont
from lxml import etree, html
from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from math_core import LatexError, LatexToMathML

from handbook.errors import HandbookError, current_page

FONT = Path(find_spec("ziamath").origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"
_DELIMITERS = re.compile(r"^\\[(\[](.*)\\[)\]]$", re.S)
_MATH = re.compile(r"<math.*?</math>", re.S)
_WITH_MARKS = re.compile(
    rf"([（「『《]*)({_MATH.pattern})([，。；：、！？）」』》…]*)", re.S
)
_IN_TEXT = re.compile(
    r"\$\$(.+?)\$\$|(?<![\\$\w])\$(?!\s)([^$\n]+?)(?<!\s)\$(?!\w)", re.S
)
# Attributes that MathML Core knows everywhere and MathML 3 only on <mstyle>.
_STYLED = {"mfrac": ("displaystyle",), "mtable": ("scriptlevel",)}
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot);)\w+;")
_NOTE = re.compile(r"<annotation.*?</annotation>", re.S)
_converter = LatexToMathML(fancy_error=False, annotation=True)


def to_mathml(tex: str, *, display: bool) -> str:
    """One formula as MathML, ready for HTML.

    A displayed formula stands in a box that scrolls by itself on a narrow screen.
    Raises ``HandbookError`` naming page and formula if it does not parse.
    """
    try:
        math = _converter.convert_with_local_state(tex.strip(), displaystyle=display)
    except LatexError as error:
        raise HandbookError(
            f"{current_page.get()}: formula does not parse: {tex.strip()!r}: "
            f"{' '.join(str(error).split())} (mend the TeX)"
        ) from None
    spoken = escape(" ".join(tex.split()))
    math = _valid(math).replace("<math", f'<math alttext="{spoken}"', 1)
    if not display:
        return math
    return (
        f'<div class="hb-math" tabindex="0" role="group" aria-label="公式">{math}</div>'
    )


def _valid(math: str) -> str:
    """A formula with its styles where every version of MathML allows them."""
    if not any(f"<{tag} " in math for tag in _STYLED):
        return math
    tree = etree.fromstring(_ENTITY.sub(lambda name: unescape(name[0]), math))
    for element in list(tree.iter(*_STYLED)):
        names = [name for name in _STYLED[element.tag] if name in element.attrib]
        if not names:
            continue
        style = etree.Element("mstyle", {n: element.attrib.pop(n) for n in names})
        element.getparent().replace(element, style)
        style.append(element)
    return etree.tostring(tree, encoding="unicode")


def tied(page: str) -> str:
    """A page whose formulas keep the marks that touch them on their own line.

    A browser may break a line beside a formula as beside a picture, even before a
    full stop or behind an opening bracket.
    """
    return _WITH_MARKS.sub(_tie, page)


def _tie(found: re.Match[str]) -> str:
    before, math, after = found.groups()
    if not before and not after:
        return math
    return f'<span class="hb-tied">{before}{math}{after}</span>'


class MathExtension(Extension):
    """Turns what arithmatex found into MathML before the contents are made."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Markdown's name)
        # After inline patterns (20), before the table of contents (5).
        md.treeprocessors.register(_Formulas(md), "handbook.math", 15)


class _Formulas(Treeprocessor):
    def run(self, root: Element) -> None:
        for parent in root.iter():
            for element in list(parent):
                tex = _DELIMITERS.match((element.text or "").strip())
                if element.get("class") != "arithmatex" or tex is None:
                    continue
                display = element.tag == "div"
                mathml = to_mathml(unescape(tex[1]), display=display)
                kept = self.md.htmlStash.store(mathml)
                if display:  # a paragraph that holds only a block is dropped
                    element.tag, element.text = "p", kept
                    element.attrib.clear()
                else:
                    _become_text(parent, element, kept)


def _become_text(parent: Element, element: Element, text: str) -> None:
    """Put a text in the place of a child."""
    place = list(parent).index(element)
    text += element.tail or ""
    if place:
        before = parent[place - 1]
        before.tail = (before.tail or "") + text
    else:
        parent.text = (parent.text or "") + text
    parent.remove(element)


def makeExtension(**options: object) -> MathExtension:  # noqa: N802 (Markdown's name)
    """The entry that Python-Markdown looks for."""
    return MathExtension(**options)


def replace_in_text(tree: html.HtmlElement) -> None:
    """Convert ``$…$`` and ``$$…$$`` in the text of an HTML tree, in place.

    For rendered notebooks, which leave TeX raw. Code is left alone.
    """
    for element in list(tree.iter()):
        if not isinstance(element.tag, str):
            continue
        if any(
            e.tag in {"pre", "code", "math", "svg", "script", "style"}
            for e in [element, *element.iterancestors()]
        ):
            continue
        _split_text(element)
    for box in tree.xpath("//p/div[@class='hb-math']"):
        _leave_paragraph(box)


def _split_text(element: html.HtmlElement) -> None:
    """Replace the formulas in the texts that belong to one element."""
    children = list(element)
    if element.text and "$" in element.text:
        pieces = _pieces(element.text)
        element.text = pieces[0]
        for offset, piece in enumerate(pieces[1:]):
            element.insert(offset, piece)
    for child in children:
        if child.tail and "$" in child.tail:
            pieces = _pieces(child.tail)
            child.tail = pieces[0]
            place = element.index(child)
            for offset, piece in enumerate(pieces[1:], 1):
                element.insert(place + offset, piece)


def _leave_paragraph(box: html.HtmlElement) -> None:
    """Put a box beside the paragraph that it stands in, which ends where it begins."""
    paragraph = box.getparent()
    after = html.Element("p")
    after.text, box.tail = box.tail, None
    after.extend(list(box.itersiblings()))
    after.tail, paragraph.tail = paragraph.tail, None
    paragraph.addnext(box)
    box.addnext(after)
    for part in (paragraph, after):
        if not len(part) and not (part.text or "").strip():
            part.drop_tree()


def _pieces(text: str) -> list:
    """The text before the first formula, then an element for each with its tail."""
    pieces: list = []
    end = 0
    for match in _IN_TEXT.finditer(text):
        before = text[end : match.start()]
        if pieces:
            pieces[-1].tail = before
        else:
            pieces.append(before)
        tex, display = (match[1], True) if match[1] else (match[2], False)
        pieces.append(html.fragment_fromstring(to_mathml(tex, display=display)))
        end = match.end()
    if not pieces:
        return [text]
    pieces[-1].tail = text[end:]
    return pieces


# --- the font ----------------------------------------------------------------


def code_points(pages: list[str]) -> set[int]:
    """The characters that the formulas of these HTML pages show.

    A one-letter ``<mi>`` is shown as a mathematical italic and a root with a radical
    sign, though neither stands in the text.
    """
    points: set[int] = set()
    for page in pages:
        for math in _MATH.findall(page):
            text = html.fromstring(_NOTE.sub("", math)).text_content()
            points |= {ord(c) for c in text if not c.isspace()}
            if "<msqrt" in math or "<mroot" in math:
                points.add(ord("√"))
            for letter in re.findall(r"<mi>([^<&])</mi>", math):
                points.add(_italic(letter))
    return points


def _italic(letter: str) -> int:
    """The code point of a letter's mathematical italic, as MathML Core maps it."""
    if letter == "h":
        return 0x210E
    for first, last, italic in (
        ("A", "Z", 0x1D434),
        ("a", "z", 0x1D44E),
        ("Α", "Ω", 0x1D6E2),
        ("α", "ω", 0x1D6FC),
    ):
        if first <= letter <= last:
            return italic + ord(letter) - ord(first)
    special = {
        "∂": 0x1D715,
        "ϵ": 0x1D716,
        "ϑ": 0x1D717,
        "ϰ": 0x1D718,
        "ϕ": 0x1D719,
        "ϱ": 0x1D71A,
        "ϖ": 0x1D71B,
        "ı": 0x1D6A4,
        "ȷ": 0x1D6A5,
        "∇": 0x1D6FB,
    }
    return special.get(letter, ord(letter))


def write_font(points: set[int], target: Path, cache: Path) -> None:
    """Write STIX Two Math cut down to ``points`` as woff2; ``cache`` keeps results."""
    name = hashlib.sha256(repr(sorted(points)).encode()).hexdigest()[:16]
    kept = cache / f"math-roots-{name}.woff2"
    if not kept.is_file():
        options = subset.Options(
            flavor="woff2", layout_features=["*"], notdef_outline=True
        )
        font = TTFont(FONT)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=points)
        subsetter.subset(font)
        narrow_roots(font)
        font.flavor = "woff2"
        buffer = BytesIO()
        font.save(buffer)
        cache.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(buffer.getvalue())
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(kept.read_bytes())


def narrow_roots(font: TTFont) -> None:
    """Make the tall forms of the radical as wide as the plain one.

    Chromium leaves room for the widest form behind every root (√d has a gap after it
    that would hold a letter), because it lays out a line before it knows heights.
    """
    plain = font.getBestCmap().get(ord("√"))
    if plain is None:
        return
    variants = font["MATH"].table.MathVariants
    place = variants.VertGlyphCoverage.glyphs.index(plain)
    forms = variants.VertGlyphConstruction[place]
    tall = {record.VariantGlyph for record in forms.MathGlyphVariantRecord}
    tall |= {part.glyph for part in forms.GlyphAssembly.PartRecords}
    width = font["hmtx"][plain][0]
    for name in tall - {plain}:
        advance, bearing = font["hmtx"][name]
        glyph = font["glyf"][name]
        glyph.coordinates.scale((width / advance, 1))
        glyph.coordinates.toInt()
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = width, round(bearing * width / advance)
