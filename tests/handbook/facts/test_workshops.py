"""Workshops and shared tasks: what is wrong is named, all that a row says is shown."""

import datetime as dt
import re
from html import escape, unescape
from pathlib import Path

import pytest

from handbook.errors import HandbookError
from handbook.facts import task_year, workshops

from ..conftest import ROOT

REAL = ROOT / workshops.FILE
DAY = dt.date(2026, 11, 27)
ROWS = """series:
  - name: 一个研讨会
    full: A Workshop
    field: 语言
    topic: 一个题目
    host: ACL 2026
    edition: 第 3 届
    length: 4 页
    archival: 可选
    due: 2026-03-05
    notice: 2026-04-28
    held: 2026-07-03
    url: https://example.org/workshop
    source: https://example.org/call
    checked: 2026-07-01
    dated_by: copy
tasks:
  - name: 一个任务
    full: A Task
    field: 中文
    edition: 2026 年
    join: 谁都可以
    paper: 系统报告
    cost: 不限
    stages:
      - {kind: 报名, what: 报名, begin: 2025-11-17, end: 2026-02}
      - {kind: 评测, what: 交结果, begin: 2026-05-07}
      - {kind: 论文, what: 报告, begin: 2026-05-28}
    url: https://example.org/task
    source: https://example.org/task
    checked: 2026-07-01
    dated_by: read
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "workshops.yml"
    path.write_text(ROWS, encoding="utf-8")
    return path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("field: 语言", "field: 音乐", "field: .*'语言'"),
        ("archival: 可选", "archival: 是", "archival: .*'存档'"),
        ("    length: 4 页\n", "", "length: is missing"),
        ("topic:", "topics:", "topics: unknown field .*topic"),
        ("due: 2026-03-05", "due: 三月", "due: "),
        ("notice: 2026-04-28", "notice: 2026-03-05", "notice is not after due"),
        ("held: 2026-07-03", "held: 2026-04-01", "held is not after notice"),
        ("url: https:", "url: ftp:", "url: "),
    ],
)
def test_a_broken_series_is_named_with_file_entry_and_field(
    file: Path, old: str, new: str, named: str
) -> None:
    change(file, old, new)
    with pytest.raises(HandbookError, match=rf"workshops\.yml: 一个研讨会, .*{named}"):
        workshops.load(file)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("kind: 评测", "kind: 考试", "stages 考试, kind: .*'报名'"),
        ("begin: 2026-05-07", "begin: 2026-5-7", "stages 评测, begin: "),
        ("begin: 2026-05-07", "begin: 2026-13", "stages 评测, begin: "),
        ("end: 2026-02", "end: 2025-11", "stages 报名.*end is not after begin"),
        ("    join: 谁都可以\n", "", "join: is missing"),
    ],
)
def test_a_broken_task_is_named_with_entry_and_field(
    file: Path, old: str, new: str, named: str
) -> None:
    change(file, old, new)
    with pytest.raises(HandbookError, match=rf"workshops\.yml: 一个任务, .*{named}"):
        workshops.load_tasks(file)


def test_the_real_file_holds_what_the_page_promises() -> None:
    assert len(workshops.load(REAL)) >= 25
    assert len(workshops.load_tasks(REAL)) >= 7


def test_each_field_has_its_view_and_its_rows() -> None:
    for field in workshops.FIELDS.values():
        rows = [row for row in workshops.load(REAL) if row.field == field]
        assert rows
        assert workshops.cards(field, REAL, DAY).count("<li>") == len(rows)


def test_no_row_was_checked_after_today() -> None:
    rows = [*workshops.load(REAL), *workshops.load_tasks(REAL)]
    assert [row.name for row in rows if row.checked > dt.date.today()] == []


def test_a_card_holds_every_fact_of_its_series() -> None:
    for series in workshops.load(REAL):
        every = workshops.cards(series.field, REAL, DAY).split("<li>")
        (card,) = [c for c in every if f">{escape(series.name)}</a>" in c]
        for value in series.model_dump(exclude={"dated_by", "field"}).values():
            assert value is None or str(value) in unescape(card)


def test_a_card_holds_every_fact_of_its_task() -> None:
    every = workshops.tasks(REAL, DAY).split("<li>")[1:]
    for task, card in zip(workshops.load_tasks(REAL), every, strict=True):
        for value in task.model_dump(exclude={"dated_by", "stages"}).values():
            assert value is None or str(value) in unescape(card)
        for stage in task.stages:
            assert f"{stage.what} {stage.text()}" in unescape(card)


def test_what_is_not_known_is_said(file: Path) -> None:
    change(file, "archival: 可选", "archival: null")
    change(file, "due: 2026-03-05", "due: null")
    card = workshops.cards("语言", file, DAY)
    assert 'class="hb-level">未能核实<' in card
    assert "截稿未能核实" in card


def test_a_deadline_that_was_put_off_shows_both_days(file: Path) -> None:
    change(file, "    due:", "    first_due: 2026-02-27\n    due:")
    assert "截稿 2026-03-05（原定 2026-02-27）" in workshops.cards("语言", file, DAY)


def test_cards_come_in_the_order_of_their_calls() -> None:
    shown = workshops.cards("语言", REAL, DAY)
    months = [int(m) for m in re.findall(r"截稿 \d{4}-(\d\d)", shown)]
    assert months == sorted(months)


@pytest.mark.parametrize(("days", "marked"), [(365, False), (366, True)])
def test_a_row_is_marked_after_a_year(file: Path, days: int, marked: bool) -> None:
    day = dt.date(2026, 7, 1) + dt.timedelta(days)
    assert ("待复核" in workshops.cards("语言", file, day)) is marked


def test_what_a_row_says_cannot_become_markup(file: Path) -> None:
    change(file, "topic: 一个题目", "topic: '<script>1</script>'")
    assert "<script>" not in workshops.cards("语言", file, DAY)


# --- the drawn year ----------------------------------------------------------


def test_a_span_over_new_year_touches_its_four_months(file: Path) -> None:
    (task,) = workshops.load_tasks(file)
    assert task.stages[0].months() == {11, 12, 1, 2}


def test_a_month_with_two_stages_holds_both_in_their_order(file: Path) -> None:
    (task,) = workshops.load_tasks(file)
    assert dict(task_year.boxes(task))[5] == ["评测", "论文"]
