"""The history as data: a date that its source does not bear is refused and named."""

import datetime as dt
import re
from html import escape, unescape
from pathlib import Path

import pytest
from pybtex.database import parse_file

from handbook.errors import HandbookError
from handbook.facts import history
from handbook.page import citations

from ..conftest import ROOT

REAL, REAL_BIB = ROOT / history.FILE, ROOT / citations.FILE
EVENTS = """events:
  - when: "1951-01"
    name: 猜字母
    who: 某人
    era: 早期
    changed: 量出了可预测程度
    left: 机器怎样猜到
    cite: old1951
  - when: "2018-10"
    name: 遮住词来猜
    who: 某公司
    era: 近期
    changed: 左右都看
    cite: venue2019
    arxiv: "1810.04805"
  - when: "2020-05"
    name: 更大
    who: 某公司
    era: 近期
    changed: 不更新权重
    cite: preprint2020
"""
BIB = """@article{old1951, title = {{A}}, year = {1951}, url = {https://doi.org/10.1/a}}
@inproceedings{venue2019, title = {{B}}, year = {2019}, url = {https://a.org/B}}
@misc{preprint2020, title = {{C}}, year = {2020},
  url = {https://arxiv.org/abs/2005.14165}}
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "history.yml", tmp_path / "references.bib"
    for path, text in zip(paths, (EVENTS, BIB), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_sound_events_load_in_order(files: tuple[Path, Path]) -> None:
    assert [e.name for e in history.load(*files)] == ["猜字母", "遮住词来猜", "更大"]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"1951-01"', '"1951-13"', r"猜字母, when: month must be in 1\.\.12"),
        ('"1951-01"', '"1951-02-30"', "猜字母, when: day .*range"),
        ('"1951-01"', "1951 年", "猜字母, when: .*pattern"),
        ('"1951-01"', "1951", "猜字母, when: .*string"),
        ("    who: 某人\n", "", "猜字母, who: is missing"),
        ("changed: 量", "changes: 量", "猜字母, changes: unknown field .*changed"),
        ("changed: 左右都看", "changed: ''", "遮住词来猜, changed: "),
        ("cite: old1951", "cite: old1950", "猜字母, cite: unknown .*old1951"),
        ('arxiv: "1810.04805"', "arxiv: x", "遮住词来猜, arxiv: "),
        ("name: 更大", "name: 猜字母", "猜字母, name: stands twice"),
    ],
)
def test_a_broken_event_is_named_with_file_field_and_mend(
    files: tuple[Path, Path], old: str, new: str, named: str
) -> None:
    change(files[0], old, new)
    with pytest.raises(HandbookError, match=rf"history\.yml: {named}"):
        history.load(*files)


@pytest.mark.parametrize("when", ["2020", "2020-04", "2020-06", "2021-05"])
def test_a_preprint_is_dated_by_its_arxiv_number(
    files: tuple[Path, Path], when: str
) -> None:
    change(files[0], '"2020-05"', f'"{when}"')
    with pytest.raises(HandbookError, match=r"更大, when: .*2005\.14165 is of 2020-05"):
        history.load(*files)


def test_the_number_of_a_paper_cited_from_its_venue_counts_too(
    files: tuple[Path, Path],
) -> None:
    change(files[0], '"2018-10"', '"2019-06"')
    with pytest.raises(HandbookError, match=r"遮住词来猜, when: .*of 2018-10"):
        history.load(*files)


def test_other_sources_give_the_year(files: tuple[Path, Path]) -> None:
    change(files[1], "year = {1951}", "year = {1950}")
    with pytest.raises(HandbookError, match="猜字母, when: 1951-01, .* of 1950"):
        history.load(*files)


def test_a_number_that_the_source_has_already_is_refused(
    files: tuple[Path, Path],
) -> None:
    change(files[1], "https://a.org/B", "https://arxiv.org/abs/1810.04805")
    with pytest.raises(HandbookError, match="遮住词来猜, arxiv: .*drop it"):
        history.load(*files)


def test_an_event_out_of_order_is_named(files: tuple[Path, Path]) -> None:
    change(files[0], '"1951-01"', '"2019"')
    change(files[1], "year = {1951}", "year = {2019}")
    with pytest.raises(HandbookError, match="遮住词来猜, when: .*after 2019 .move it"):
        history.load(*files)


def test_each_event_has_its_row_with_date_source_and_all_it_says(
    files: tuple[Path, Path],
) -> None:
    html = history.table(*files)
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', html)
    targets = ["https://doi.org/10.1/a", "https://arxiv.org/abs/1810.04805"]
    targets.append("https://arxiv.org/abs/2005.14165")
    for event, row, target in zip(history.load(*files), rows, targets, strict=True):
        assert f'<time datetime="{event.when}">{event.when}</time>' in row
        assert f'href="{target}"' in row
        for words in (event.name, event.who, event.changed, event.left or ""):
            assert words in row
    assert html.count("留下：") == 1


def test_an_era_heads_its_rows_once(files: tuple[Path, Path]) -> None:
    html = history.table(*files)
    assert re.findall(r'"rowgroup" colspan="2">(..)<', html) == ["早期", "近期"]
    assert html.count("<tbody>") == 2


def test_what_a_row_says_cannot_become_markup(files: tuple[Path, Path]) -> None:
    change(files[0], "changed: 左右都看", "changed: '<script>1</script> & 引'")
    html = history.table(*files)
    assert "<script>" not in html
    assert "&lt;script&gt;1&lt;/script&gt; &amp; 引" in html


# --- the real file -----------------------------------------------------------------


def test_the_real_history_loads_and_reaches_from_shannon_to_this_decade() -> None:
    events = history.load(REAL, REAL_BIB)
    assert len(events) >= 35
    assert events[0].when == "1948-07"
    assert events[-1].when >= "2026"


def test_no_event_lies_in_the_future() -> None:
    today = str(dt.date.today())
    late = [e.name for e in history.load(REAL, REAL_BIB) if e.when > today]
    assert late == []


def test_every_arxiv_source_bears_the_date_of_its_number() -> None:
    """Read by another way than the module: each entry's own address, digit by digit."""
    entries = parse_file(str(REAL_BIB)).entries
    checked = 0
    for event in history.load(REAL, REAL_BIB):
        url = entries[event.cite].fields["url"]
        number = event.arxiv or (url.split("/abs/")[1] if "arxiv.org" in url else "")
        if number:
            year, month = 2000 + int(number[:2]), int(number[2:4])
            assert event.when == f"{year}-{month:02d}", event.name
            checked += 1
    assert checked >= 20


def test_an_era_is_one_run_of_the_real_history() -> None:
    eras = [event.era for event in history.load(REAL, REAL_BIB)]
    turns = [era for i, era in enumerate(eras) if i == 0 or era != eras[i - 1]]
    assert len(turns) == len(set(turns))


def test_each_real_event_is_told_and_cited_on_its_page() -> None:
    page = (ROOT / "docs/background/history.md").read_text(encoding="utf-8")
    cited = set(citations.cited(page))
    untold = [e.name for e in history.load(REAL, REAL_BIB) if e.cite not in cited]
    assert untold == []


@pytest.mark.parametrize("name", ["history-timeline", "history-timeline-tall"])
def test_the_figure_has_a_dot_for_each_event_at_its_place(name: str) -> None:
    """Where that is, the decades along its axis say."""
    text = (ROOT / f"docs/assets/figures/{name}.svg").read_text(encoding="utf-8")
    decades = re.findall(r'<text x="([\d.]+)" y="1\d\d">(\d{3}0)</text>', text)
    (left, first), *_, (right, last) = (map(float, pair) for pair in decades)
    year = (right - left) / (last - first)  # in the drawing's units
    drawn = re.findall(r"M([\d.]+) [\d.]+h0", text)
    places = []
    for event in history.load(REAL, REAL_BIB):
        when = int(event.when[:4]) + (int(event.when[5:7] or 6) - 0.5) / 12
        places.append(left + year * (when - first))
    assert sorted(map(float, drawn)) == pytest.approx(sorted(places), abs=0.06)


def test_the_real_table_shows_every_event() -> None:
    html = unescape(history.table(REAL, REAL_BIB))
    for event in history.load(REAL, REAL_BIB):
        assert f"{event.name}<br>" in html, escape(event.name)
