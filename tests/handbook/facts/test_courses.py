"""Courses and official sites: what is wrong is named, what is old is marked."""

import datetime as dt
import re
from html import escape, unescape
from pathlib import Path

import pytest

from handbook.errors import HandbookError
from handbook.facts import courses

from ..conftest import ROOT

REAL = ROOT / courses.FILE
DAY = dt.date(2026, 11, 23)
ROW = """
  - name: 一门课
    host: 某校
    level: 入门
    language: 中文
    edition: 2026 年
    best: 有作业
    lacks: 没有录像
    url: https://example.org/course
    source: https://example.org/course
    checked: 2026-11-01
    dated_by: read
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "courses.yml"
    path.write_text(f"courses:{ROW}", encoding="utf-8")
    return path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("level: 入门", "level: 简单", "level: .*'入门', '进阶' or '研究'"),
        ("checked: 2026-11-01", "checked: 去年", "checked: "),
        ("    best: 有作业\n", "", "best: is missing"),
        ("language:", "languages:", "languages: unknown field .*language"),
        ("lacks: 没有录像", "lacks: ''", "lacks: "),
        ("dated_by: read", "dated_by: guess", "dated_by: .*'copy' or 'read'"),
    ],
)
def test_a_broken_row_is_named_with_file_entry_and_field(
    file: Path, old: str, new: str, named: str
) -> None:
    change(file, old, new)
    with pytest.raises(HandbookError, match=rf"courses\.yml: 一门课, {named}"):
        courses.load(file)


@pytest.mark.parametrize("field", ["url", "source"])
@pytest.mark.parametrize(
    "bad", ["http://example.org", "javascript:alert(1)", 'https://x.org/"><b>']
)
def test_an_address_that_is_not_https_is_refused(
    file: Path, field: str, bad: str
) -> None:
    change(file, f"{field}: https://example.org/course", f"{field}: '{bad}'")
    with pytest.raises(HandbookError, match=f"一门课, {field}: "):
        courses.load(file)


def test_a_broken_site_is_named(file: Path) -> None:
    file.write_text("sites:\n  - {name: 某站}\n", encoding="utf-8")
    with pytest.raises(HandbookError, match=r"courses\.yml: 某站, holds: is missing"):
        courses.load_sites(file)


def test_the_real_file_loads() -> None:
    assert len(courses.load(REAL)) >= 15
    assert len(courses.load_sites(REAL)) >= 8


def test_no_row_was_checked_after_today() -> None:
    rows = [*courses.load(REAL), *courses.load_sites(REAL)]
    assert [row.name for row in rows if row.checked > dt.date.today()] == []


def test_each_course_has_its_card_with_every_fact_of_it() -> None:
    cards = courses.table(REAL, DAY).split("<li>")[1:]
    rows = courses.load(REAL)
    assert len(cards) == len(rows)
    for course in rows:
        (card,) = [c for c in cards if f">{escape(course.name)}</a>" in c]
        for value in course.model_dump(exclude={"dated_by"}).values():
            assert value is None or str(value) in unescape(card)


def test_a_fact_that_the_source_does_not_give_has_no_line(file: Path) -> None:
    assert "先修" not in courses.table(file, DAY)
    change(file, "    best:", "    prerequisites: 会 Python\n    best:")
    assert "<dt>先修</dt><dd>会 Python</dd>" in courses.table(file, DAY)


def test_easy_courses_come_first() -> None:
    shown = re.findall(r'class="hb-level">(..)<', courses.table(REAL, DAY))
    assert shown == sorted(shown, key=courses.LEVELS.index)


def test_each_site_has_its_row_with_every_fact_of_it() -> None:
    rows = courses.sites(REAL, DAY).split("<tr>")[2:]
    sites = courses.load_sites(REAL)
    assert len(rows) == len(sites)
    for site, row in zip(sites, rows, strict=True):
        for value in site.model_dump(exclude={"dated_by"}).values():
            assert str(value) in unescape(row)


def test_the_table_says_what_it_is_and_what_its_heads_are_for() -> None:
    html = courses.sites(REAL, DAY)
    assert "<caption>" in html
    assert html.count('scope="col"') == 3
    assert html.count('scope="row"') == len(courses.load_sites(REAL))


@pytest.mark.parametrize(("days", "marked"), [(180, False), (181, True)])
def test_a_row_is_marked_after_180_days(file: Path, days: int, marked: bool) -> None:
    day = dt.date(2026, 11, 1) + dt.timedelta(days)
    assert ("待复核" in courses.table(file, day)) is marked


def test_a_row_says_whose_day_it_gives(file: Path) -> None:
    assert "阅读的日期" in courses.table(file, DAY)
    change(file, "dated_by: read", "dated_by: copy")
    assert "副本的日期" in courses.table(file, DAY)


def test_what_a_row_says_cannot_become_markup(file: Path) -> None:
    change(file, "best: 有作业", "best: '<script>1</script> & \"引\"'")
    html = courses.table(file, DAY)
    assert "<script>" not in html
    assert "&lt;script&gt;1&lt;/script&gt; &amp; &quot;引&quot;" in html
