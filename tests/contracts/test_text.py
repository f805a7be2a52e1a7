"""How pages are written: their parts, their length, their words, their figures."""

import re
from pathlib import Path

import autocorrect_py
import pytest

from handbook.facts import terms
from handbook.page import citations

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted(p.relative_to(ROOT) for p in (ROOT / "docs").rglob("*.md"))
CHAPTERS = [p for p in PAGES if p.stem != "index"]
FIGURES = sorted((ROOT / "docs/assets/figures").glob("*.svg"))
AVOID = (
    "目前 最新 最近 现在 最强 SOTA 今年 值得注意的是 总而言之 综上所述 众所周知".split()
)
HAN = r"[\u4e00-\u9fff]"


def prose(page: Path) -> str:
    """A page without front matter, code, formulas and the addresses of links."""
    text = (ROOT / page).read_text(encoding="utf-8").split("---", 2)[2]
    text = re.sub(r"^( *)```.*?^\1```", "", text, flags=re.S | re.M)
    text = re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]+`", "", text, flags=re.S)
    return re.sub(r"\]\([^)]*\)", "]", text)


@pytest.mark.parametrize("page", CHAPTERS, ids=str)
def test_a_chapter_has_every_part_that_it_owes_its_reader(page: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    ids = re.findall(r"^## .*\{ #([\w-]+)", text, re.M)
    owed = ["goals", "pitfalls", "summary", "exercises", "further-reading"]
    assert [i for i in ids if i in owed] == owed
    exercises = text.split("{ #exercises }")[1].split("\n## ")[0]
    assert 3 <= exercises.count('??? success "参考答案') <= 5
    assert citations.cited(text.split("{ #further-reading }")[1])


@pytest.mark.parametrize("page", CHAPTERS, ids=str)
def test_a_chapter_is_neither_thin_nor_endless(page: Path) -> None:
    assert 1500 <= len(re.findall(HAN, prose(page))) <= 6000


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_headings_carry_ascii_ids_and_the_page_one_title(page: Path) -> None:
    text = re.sub(
        r"^ *```.*?```", "", (ROOT / page).read_text("utf-8"), flags=re.S | re.M
    )
    headings = re.findall(r"^(#{1,6}) (.*)$", text, re.M)
    assert [level for level, _ in headings].count("#") == 1
    for _, heading in headings:
        assert re.search(r"\{ #[a-z0-9-]+( [^}]*)?\}$", heading), heading


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_word_is_used_that_ages_or_fills(page: Path) -> None:
    text = prose(page)
    found = [word for word in AVOID if word in text]
    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_thing_has_one_name(page: Path) -> None:
    assert terms.wrong_names(prose(page), ROOT / terms.FILE) == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_han_and_latin_are_spaced_and_punctuation_is_full_width(page: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    mended = autocorrect_py.format_for(text, "markdown")
    wrong = [
        f"{old!r} → {new!r}"
        for old, new in zip(text.splitlines(), mended.splitlines(), strict=True)
        if old != new
    ]
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_percentage_is_written_in_one_way(page: Path) -> None:
    """23%: neither 23 % nor a full-width sign."""
    assert re.findall(r".{6}\d\s+\\?%|.{6}％", prose(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_blank_follows_bold_text_that_ends_in_full_width(page: Path) -> None:
    """A full-width mark brings its own blank: 「**…运行。**不引用」."""
    text = (ROOT / page).read_text(encoding="utf-8")
    assert re.findall(r"[。？！，；：」）]\*\* [^ |\n]", text) == []


@pytest.mark.parametrize("figure", FIGURES, ids=lambda p: p.name)
def test_a_drawn_figure_lives_in_light_and_dark_and_speaks(figure: Path) -> None:
    text = figure.read_text(encoding="utf-8")
    assert 'role="img"' in text and "<title" in text
    plain = re.sub(r"var\([^)]*\)", "", text)
    assert not re.search(r"(fill|stroke)[=:]\s*\"?#", plain), "a fixed colour"
    assert "<image" not in text and "\n\n" not in text
    sizes = [float(s) for s in re.findall(r'font-size[=:]\s*"?([\d.]+)', text)]
    assert all(size >= 13 for size in sizes), f"letters of {min(sizes)} px"


def test_every_source_is_cited_somewhere() -> None:
    texts = [(ROOT / p).read_text(encoding="utf-8") for p in PAGES]
    texts += [
        p.read_text(encoding="utf-8") for p in (ROOT / "notebooks").rglob("*.ipynb")
    ]
    used = {key for text in texts for key in citations.cited(text)}
    assert set(citations.keys(ROOT / citations.FILE)) - used == set()
