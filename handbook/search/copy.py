"""What Pagefind reads of a page: its article, with every Han character apart.

Pagefind splits text at spaces, so with a space on both sides of each Han character a
character is a word and a run of them is a phrase; ``docs/assets/search-index.js``
spaces queries by the same rules, ``search-row.js`` takes the spaces out of what it
shows. The copy leaves out the page's furniture, and has in front of the article what
only the index needs: filters (part, level, framework, kind), tags and synonyms.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree, html

from handbook.cache import keep
from handbook.programs.sections import FRAMEWORKS

ARTICLE = "//article[contains(@class, 'md-content__inner')]"

# Han characters, and the full-width punctuation that stands between them.
_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_APART = re.compile(
    rf"([{_HAN}\u2018-\u201d\u2026\u3001-\u3004\u3008-\u303f\uff00-\uffef])"
)
# Where a Latin token is cut: after punctuation that a letter or a digit follows
# (nn.Linear(d_model -> nn. Linear( d_model). The soft hyphen marks the added space.
_CUT = re.compile(r"([A-Za-z_]\.(?=[A-Za-z_])|[^\w\s.\-\u00ad]+(?=\w))")

# Nothing of these is text that a reader looks for.
_FURNITURE = " | ".join(
    f".//*[contains(concat(' ', @class, ' '), ' {name} ')]"
    for name in (
        "headerlink",
        "md-clipboard",
        "md-code__nav",
        "md-content__button",
        "filename",
        "linenos",
        "linenodiv",
        "tabbed-labels",
        "jp-InputPrompt",
        "footnote-ref",
        "footnote-backref",
        "hb-byline",
        "hb-download",
        "hb-map",
    )
)
_SILENT = (
    ".//*[@data-pagefind-ignore] | .//script | .//style | .//template | .//svg"
    " | .//input | .//button | .//nav | .//form"
)
_QUIET_WEIGHT = "0.3"  # code and references, beside 1 for text and 7 for the title
# Of Python only names are indexed, with what they are attributes of: nn.Linear.
_NAME = re.compile(r"\b[A-Za-z_]\w{2,}(?:\.\w+)*|\b\w+(?:\.[A-Za-z_]\w+)+", re.ASCII)
_PYTHON = (
    ".//*[contains(@class, 'language-python')"
    " or contains(@class, 'highlight') and contains(./*[@class='filename'], '.py')"
    "]//pre"
)
_CODE_BEGINS, _CODE_ENDS = "\u25b8", "\u25c2"  # search-row.js knows them
_LONGEST_FORMULA = 24  # characters; a longer one is noise in an excerpt
_HEADINGS = ".//*[self::h1 or self::h2 or self::h3 or self::h4]"


@dataclass(frozen=True)
class Synonyms:
    """Groups of names for one thing, e.g. 自注意力, self-attention, intra-attention."""

    groups: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, terms: dict[str, list[str]]) -> "Synonyms":
        """From term to variants."""
        return cls(tuple((term, *also) for term, also in terms.items()))

    def beside(self, text: str) -> list[str]:
        """The other names of every thing that ``text`` names, sorted."""
        found: set[str] = set()
        for group in self.groups:
            named = {name for name in group if _names(text, name)}
            if named:
                found |= set(group) - named
        return sorted(found)


def space(text: str) -> str:
    """``text`` with each Han character, and each part of a Latin token, apart."""
    return _CUT.sub("\\1\u00ad ", _APART.sub(r" \1 ", text))


@keep
def spaced_copy(page: str, synonyms: Synonyms) -> str | None:
    """What Pagefind reads of a page (HTML), or ``None`` for a page without article."""
    document = html.document_fromstring(page)
    articles = document.xpath(ARTICLE)
    if not articles:
        return None
    article = articles[0]
    filters = list(_filters(document, article))  # from tab labels, which go next
    _strip(article)
    title = next(iter(article.xpath(".//h1")), None)
    if title is not None:
        title.set("data-pagefind-meta", "title")
    tags = _meta(document, "tags").replace(",", "，")
    headings = "，".join(_texts(article.xpath(_HEADINGS)))
    name = " ".join(_texts(article.xpath(".//h1")))
    strong = synonyms.beside(f"{name}，{tags}")
    weak = [also for also in synonyms.beside(headings) if also not in strong]
    for key, words in {
        "tags": tags,
        "synonyms": "，".join(strong),
        "related": "，".join(weak),
    }.items():
        if words:
            _prepend(article, "meta", key, " ".join(space(words).split()))
    _end_blocks(article)
    _space_texts(article)
    for key, value in reversed(filters):
        _prepend(article, "filter", key, value)
    article.set("data-pagefind-body", "")
    body = html.tostring(article, encoding="unicode", with_tail=False)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>'
        f"<body>{body}</body></html>"
    )


# --- what a page is ----------------------------------------------------------


def _filters(document: etree._Element, article: etree._Element) -> Iterator:
    """Pairs of filter and value; a filter may have several values."""
    for key in ("part", "level"):
        if value := _meta(document, key):
            yield key, value
    for framework in _frameworks(article):
        yield "framework", framework
    is_lab = article.xpath(".//*[@class='hb-download']")  # the link to its notebook
    yield "kind", "实验" if is_lab else "正文"


def _frameworks(article: etree._Element) -> Iterator[str]:
    """The frameworks a page shows, from its tabs and the file names over its code."""
    labels = set(_texts(article.xpath(".//*[@class='tabbed-labels']/label")))
    files = " ".join(_texts(article.xpath(".//*[@class='filename']")))
    for key, name in FRAMEWORKS.items():
        if name in labels or f"_{key}.py" in files:
            yield name


def _meta(document: etree._Element, key: str) -> str:
    """The content of ``<meta name="handbook:KEY">``, or nothing."""
    return "".join(document.xpath(f"/html/head/meta[@name='handbook:{key}']/@content"))


def _names(text: str, name: str) -> bool:
    """Whether ``text`` holds ``name``; a Latin name only as a whole word."""
    if name.lower() not in text.lower():  # most names, at a tenth of the cost
        return False
    edge = r"(?<![A-Za-z0-9]){}(?![A-Za-z0-9])"
    return bool(re.search(edge.format(re.escape(name)), text, re.IGNORECASE))


def _texts(elements: Iterable[etree._Element]) -> list[str]:
    return [" ".join(element.text_content().split()) for element in elements]


# --- the copy ----------------------------------------------------------------


def _strip(article: etree._Element) -> None:
    """Take out furniture, make formulas plain text, and quieten code."""
    for element in article.xpath(".//*[@id][not(self::h1|self::h2|self::h3|self::h4)]"):
        del element.attrib["id"]  # or Pagefind lists it as a place to link to
    python = set(article.xpath(_PYTHON))
    for element in article.xpath(f"{_FURNITURE} | {_SILENT}"):
        if element.getparent() is not None:
            element.drop_tree()
    for math in article.xpath(".//math"):
        formula = _linear(math)
        shown = formula if len(formula) <= _LONGEST_FORMULA else ""
        math.tail = f" {shown} {math.tail or ''}"
        math.drop_tree()
    for references in article.xpath(".//*[@class='footnote']"):
        references.set("data-pagefind-weight", _QUIET_WEIGHT)
        for address in references.xpath(".//a[starts-with(., 'http')]"):
            address.drop_tree()
    seen: set[str] = set()
    for code in article.xpath(".//pre"):
        text = code.text_content()
        found = _NAME.findall(text) if code in python else _lines(text)
        _keep_new(code, found, seen)


def _lines(text: str) -> list[str]:
    """The lines of an output without their numbers, which nobody looks for."""
    lines = (re.sub(r"(?<!\S)[^\w\s]*\d\S*", "", line) for line in text.splitlines())
    return [" ".join(line.split()) for line in lines]


def _keep_new(code: etree._Element, found: list[str], seen: set[str]) -> None:
    """Leave of a block the names, or lines, that no block before it has.

    They are found, but not shown: between these marks the box quotes nothing.
    """
    new = [part for part in dict.fromkeys(found) if part.strip() and part not in seen]
    seen.update(new)
    for child in list(code):
        code.remove(child)
    code.text = f" {_CODE_BEGINS} {' '.join(new)} {_CODE_ENDS} "
    code.set("data-pagefind-weight", _QUIET_WEIGHT)


def _linear(math: etree._Element) -> str:
    """A formula on one line: ``√d_k``, ``QK^⊤/√d_k``."""
    parts = [_linear(child) for child in math if isinstance(child.tag, str)]
    match math.tag, parts:
        case "semantics", [shown, *_]:
            return shown
        case "msqrt", _:
            return "√" + "".join(parts)
        case "mfrac", [over, under]:
            return f"{over}/{under}"
        case "msub", [base, low]:
            return f"{base}_{low}"
        case "msup", [base, high]:
            return f"{base}^{high}"
    return (math.text or "").strip() + "".join(parts)


def _end_blocks(article: etree._Element) -> None:
    """End each block that has no punctuation, so that no phrase spans two blocks."""
    for tags, mark in (("li td dd figcaption", "；"), ("p dt th summary", "：")):
        for block in article.iter(*tags.split()):
            text = block.text_content().rstrip()
            if not text or not text[-1].isalnum():
                continue
            if len(block):
                block[-1].tail = (block[-1].tail or "") + mark
            else:
                block.text += mark


def _space_texts(article: etree._Element) -> None:
    """Space every text of the article, never a tag or an attribute."""
    for element in article.iter():
        if isinstance(element.tag, str) and element.text:
            element.text = space(element.text)
        if element.tail and element is not article:
            element.tail = space(element.tail)


def _prepend(article: etree._Element, sort: str, key: str, value: str) -> None:
    """Put an empty element in front that carries a Pagefind meta or filter value."""
    holder = etree.Element("span", {f"data-pagefind-{sort}": f"{key}[data-value]"})
    holder.set("data-value", value)
    holder.tail, article.text = article.text, None
    article.insert(0, holder)
