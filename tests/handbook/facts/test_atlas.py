"""The atlas as text: what a card says of a venue, and where it leads."""

from pathlib import Path

from lxml import html

from handbook.facts import atlas, conferences, editions

from ..conftest import VENUES


def facts(tmp_path: Path, *changes: tuple[str, str]) -> conferences.Conferences:
    """The facts of the small book, a month after its first venue's edition."""
    text = VENUES.replace("as_of: 2026-11-23", "as_of: 2027-06-01")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "conferences.yml"
    file.write_text(text, encoding="utf-8")
    return conferences.load(file)


def card(found: conferences.Conferences, field: str) -> html.HtmlElement:
    """The only card of a field."""
    return html.fromstring(atlas.cards(found, field, found.as_of))


def test_a_card_has_the_newest_count_and_the_way_to_the_others(tmp_path) -> None:
    older = "year: 2026, submitted: 100, accepted: 25, src: t}"
    two = (older, f"{older}\n      - {{year: 2025, submitted: 9, accepted: 3, src: t}}")
    found = card(facts(tmp_path, two), "机器学习")
    (line,) = found.xpath(".//p[contains(., '录用／投稿')]")
    assert line.text_content() == "2026 年录用／投稿：25／100，25.0%（口径与往年）"
    assert line.xpath(".//a/@href") == ["../acceptance/#first"]


def test_a_card_without_a_count_says_that_none_was_seen_and_when(tmp_path) -> None:
    text = card(facts(tmp_path), "系统").text_content()
    assert "录用／投稿：近年未见成对的公开数字（查于 2026-11-20）" in text


def test_a_card_leads_to_the_editions_of_its_venue(tmp_path) -> None:
    (link,) = card(facts(tmp_path), "机器学习").xpath(".//a[.='各届与来源']")
    assert link.get("href") == "../conference-editions/#first"


def test_a_card_says_that_sources_disagree_on_an_edition(tmp_path) -> None:
    change = ("year: 2027,", 'year: 2027, conflicts: ["May 2 elsewhere"],')
    (line,) = card(facts(tmp_path, change), "机器学习").xpath(".//p[@class='hb-links']")
    assert line.text_content() == "各届与来源（有出入）"


def test_a_venue_without_editions_leads_to_none() -> None:
    real = conferences.load()
    without = [venue for venue in real.venues if not editions.told(venue)]
    page = "".join(atlas.cards(real, f, real.as_of) for f in conferences.FIELDS)
    assert without and page.count("各届与来源") == len(real.venues) - len(without)
