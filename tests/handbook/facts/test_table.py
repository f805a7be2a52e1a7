"""Sources and terms: what is read from ``data/``."""

from pathlib import Path

import pytest

from handbook.errors import HandbookError
from handbook.facts import terms
from handbook.page import citations

from ..conftest import BIB


@pytest.fixture
def bib(tmp_path: Path) -> Path:
    path = tmp_path / "references.bib"
    path.write_text(BIB, encoding="utf-8")
    return path


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "terms.yml"
    path.write_text(
        "terms:\n- {term: 池化, en: pooling, abbr: null, variants: [pool],"
        " banned: [汇聚]}\n",
        encoding="utf-8",
    )
    return path


def test_citations_are_found_in_groups_and_alone() -> None:
    text = "甲 [@a2020] 乙 [@b2021x; @c-2022]，不是 [链接](x@y.org)"
    assert citations.cited(text) == ["a2020", "b2021x", "c-2022"]


def test_a_known_citation_passes_and_an_unknown_gets_a_hint(bib: Path) -> None:
    assert citations.check("[@kingma2015adam]", "docs/x.md", bib) is None
    with pytest.raises(HandbookError, match="docs/x.md: .*@kingma15adam.*kingma2015"):
        citations.check("[@kingma15adam]", "docs/x.md", bib)


def test_a_source_without_address_is_refused(bib: Path) -> None:
    lines = bib.read_text().splitlines()
    bib.write_text("\n".join(line for line in lines if "url" not in line))
    with pytest.raises(HandbookError, match="kingma2015adam has no url"):
        citations.keys(bib)


def test_a_title_that_would_lose_its_capitals_is_refused(bib: Path) -> None:
    bib.write_text(bib.read_text().replace("{{", "{").replace("}}", "}"))
    with pytest.raises(HandbookError, match="kingma2015adam .*capitals"):
        citations.keys(bib)


def test_synonyms_lead_to_the_term(words: Path) -> None:
    assert terms.synonyms(words) == {"池化": ["pooling", "pool", "汇聚"]}


def test_a_second_name_is_found(words: Path) -> None:
    assert terms.wrong_names("最大汇聚层", words) == [("汇聚", "池化")]
    assert terms.wrong_names("最大池化层", words) == []


def test_a_wrong_term_is_named(words: Path) -> None:
    words.write_text("terms:\n- {term: 池化, eng: pooling}\n", encoding="utf-8")
    with pytest.raises(HandbookError, match=r"terms.yml: 池化, en"):
        terms.load(words)


def test_a_term_stands_once(words: Path) -> None:
    words.write_text("terms:\n- {term: 甲, en: a}\n- {term: 甲, en: b}\n")
    with pytest.raises(HandbookError, match="甲, term: stands twice"):
        terms.load(words)
