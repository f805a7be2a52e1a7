"""Further reading names its works: who, when, what."""

from pathlib import Path

import pytest

from handbook.page import citations

BIB = r"""
@article{many2017, author = {Ann One and Bo Two and Cy Three},
  title = {{R\&D with $k$ of A\_B}}, year = {2017}, url = {https://a.org}}
@article{two2015, author = {Ann One and Bo Two},
  title = {{Second}}, year = {2015}, url = {https://a.org}}
@misc{body2026, author = {{Some Body}},
  title = {{Third}}, year = {2026}, url = {https://a.org}}
"""


@pytest.fixture
def bib(tmp_path: Path) -> Path:
    """A bibliography of three works."""
    file = tmp_path / "references.bib"
    file.write_text(BIB, encoding="utf-8")
    return file


def named(bib: Path, item: str) -> str:
    """An item of the further reading, as the page shows it."""
    page = f"# 页\n\n## 延伸阅读 {{ #further-reading }}\n\n- {item}\n"
    return citations.named(page, bib).rpartition("- ")[2].rstrip("\n")


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        ("[@two2015] 讲什么。", "**One 与 Two 2015**，Second [@two2015]：讲什么。"),
        ("[@body2026]：讲。", "**Some Body 2026**，Third [@body2026]：讲。"),
        (
            "[@two2015; @body2026]：连着读。",
            "**One 与 Two 2015**，Second [@two2015]；"
            "**Some Body 2026**，Third [@body2026]：连着读。",
        ),
        ("One 的长文 [@two2015]：讲。", "One 的长文 [@two2015]：讲。"),
    ],
)
def test_a_work_is_named_where_only_its_number_stood(
    bib: Path, item: str, shown: str
) -> None:
    assert named(bib, item) == shown


def test_many_authors_are_one_and_more_and_markdown_stays_out(bib: Path) -> None:
    shown = named(bib, "[@many2017] 讲。")
    assert shown.startswith("**One 等 2017**，R&D with")
    assert r"A\_B [@many2017]：讲。" in shown


def test_other_sections_stay_as_they_are(bib: Path) -> None:
    page = "# 页\n\n## 一节 { #one }\n\n- [@two2015] 讲。\n"
    assert citations.named(page, bib) == page


# --- numbers and notes --------------------------------------------------------

BACK = '<a class="footnote-backref" href="#fnref{}:a" title="Jump back">↩</a>'


def test_a_number_stays_with_its_sentence() -> None:
    shown = citations.tidy('缩放辩护 <sup id="fnref:a">1</sup>。')
    assert shown == '缩放辩护\u202f<sup id="fnref:a">1</sup>。'


def test_a_note_leads_back_once_and_in_chinese() -> None:
    shown = citations.tidy(BACK.format("") + BACK.format(2) + BACK.format(3))
    assert shown == BACK.format("").replace("Jump back", "回到正文")
