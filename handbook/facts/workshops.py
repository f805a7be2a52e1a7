"""``data/workshops.yml``: recurring workshops and shared tasks, both as cards.

A row holds what its page said and the day of that page; what it did not say is null.
The months are those of the last edition seen, and say so: they foretell nothing.
"""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from handbook.facts.cards import Row, Text, card, doubtful
from handbook.facts.table import load as load_rows
from handbook.registry import check, view

FILE = Path("data/workshops.yml")
#: How many days a row counts as checked: an edition comes round in a year.
FRESH_FOR = 365
FIELDS = {
    "language": "语言",
    "student": "学生",
    "learning": "学习",
    "vision": "视觉",
    "systems": "系统",
}
UNKNOWN = "未能核实"


def _day_or_month(text: str) -> str:
    """A day ``2026-05-07`` or, where only that is known, a month ``2026-05``."""
    dt.date.fromisoformat(text if len(text) == 10 else f"{text}-01")
    return text


Address = Annotated[str, Field(pattern=r"^https?://[^\s<>\"]+$")]
When = Annotated[
    str, Field(pattern=r"^\d{4}-\d{2}(-\d{2})?$"), AfterValidator(_day_or_month)
]


class _Row(Row):
    """What a series and a shared task have in common; some of their pages are http."""

    full: Text
    by: Text | None = None
    note: Text | None = None
    url: Address
    source: Address


class Series(_Row):
    """A workshop that comes again. Days are those of its last edition seen (AoE)."""

    field: Literal["语言", "学生", "学习", "视觉", "系统"]
    topic: Text
    host: Text
    edition: Text | None
    length: Text
    archival: Literal["存档", "不存档", "可选", "分轨"] | None
    says: Text | None = None  # what its page says of that
    review: Text | None = None
    mentor: Text | None = None
    first_due: dt.date | None = None  # before it was put off
    due: dt.date | None
    notice: dt.date | None
    held: dt.date | None

    @model_validator(mode="after")
    def _days_are_in_order(self) -> Self:
        named = [
            (name, day)
            for name in ("first_due", "due", "notice", "held")
            if (day := getattr(self, name))
        ]
        for (early, first), (late, then) in zip(named, named[1:], strict=False):
            if then <= first:
                raise ValueError(f"{late} is not after {early} (mend one of the two)")
        return self


class Stage(BaseModel):
    """A span in a shared task's year: two days, two months, or one of them."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["报名", "数据", "评测", "论文", "结果", "会期"]
    what: Text
    begin: When
    end: When | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.end and self.end <= self.begin:
            raise ValueError("end is not after begin (swap or drop it)")
        return self

    def text(self) -> str:
        """The span as it is known: to the day, or to the month."""
        return f"{self.begin} 至 {self.end}" if self.end else self.begin

    def months(self) -> set[int]:
        """The months of the year, 1 to 12, that the span touches."""
        first, last = _month(self.begin), _month(self.end or self.begin)
        return {n % 12 + 1 for n in range(first, last + 1)}


class Task(_Row):
    """A shared task: what a beginner needs, and its year."""

    field: Literal["语言", "中文", "检索", "语音"]
    edition: Text
    language: Text | None = None
    join: Text
    paper: Text
    cost: Text
    stages: Annotated[list[Stage], Field(min_length=2)]


@check
def load(file: Path = FILE) -> list[Series]:
    """All series. Raises ``HandbookError`` naming file, entry and field at fault."""
    return load_rows(file, "series", Series, "name")


@check
def load_tasks(file: Path = FILE) -> list[Task]:
    """All shared tasks. Raises ``HandbookError`` naming entry and field at fault."""
    return load_rows(file, "tasks", Task, "name")


def cards(field: str, file: Path = FILE, day: dt.date | None = None) -> str:
    """The series of a field as cards, by the month of their last call."""
    rows = [row for row in load(file) if row.field == field]
    rows.sort(key=lambda row: (row.due is None, row.due and row.due.month))
    return f'<ul class="hb-courses">{"".join(_card(row, day) for row in rows)}</ul>'


for _key, _field in FIELDS.items():
    view(f"workshops-{_key}")(partial(cards, _field))


@view("shared-tasks")
def tasks(file: Path = FILE, day: dt.date | None = None) -> str:
    """The shared tasks as cards: who may join, what to write, what it costs, when."""
    made = "".join(_task(task, day) for task in load_tasks(file))
    return f'<ul class="hb-courses">{made}</ul>'


def _month(text: str) -> int:
    """How many months since year 0."""
    return int(text[:4]) * 12 + int(text[5:7]) - 1


def _card(row: Series, day: dt.date | None) -> str:
    chip = row.archival or UNKNOWN
    lines = [
        ("主题", row.topic),
        ("谁办", row.by),
        ("届次", f"{row.edition}，{row.host}" if row.edition else row.host),
        ("篇幅", row.length),
        ("存档", row.says),
        ("评审", row.review),
        ("辅导", row.mentor),
        ("上届", "，".join(_days(row))),
        ("注意", row.note),
    ]
    return _box(row, chip, lines, day)


def _days(row: Series) -> Iterator[str]:
    put_off = f"（原定 {row.first_due}）" if row.first_due else ""
    yield f"截稿 {row.due}{put_off}" if row.due else f"截稿{UNKNOWN}"
    if row.notice:
        yield f"通知 {row.notice}"
    if row.held:
        yield f"会期 {row.held}"


def _task(task: Task, day: dt.date | None) -> str:
    lines = [
        ("谁办", task.by),
        ("届次", task.edition),
        ("语言", task.language),
        ("报名", task.join),
        ("论文", task.paper),
        ("花费", task.cost),
        ("日程", "；".join(f"{stage.what} {stage.text()}" for stage in task.stages)),
        ("注意", task.note),
    ]
    return _box(task, task.field, lines, day)


def _box(
    row: _Row, chip: str, lines: list[tuple[str, str | None]], day: dt.date | None
) -> str:
    doubt = doubtful(row, FRESH_FOR, day)
    return card(row, chip, row.full, lines, doubt)
