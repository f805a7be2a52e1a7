"""The year of the shared tasks, drawn: a lane each, twelve months, a box a month.

What a box means is written in it, so that its colour is not needed. The drawing has
two shapes, one for the column and one for a phone, as every figure of the book.
"""

from collections.abc import Iterator
from html import escape
from itertools import accumulate, repeat
from pathlib import Path
from typing import NamedTuple

from handbook.facts.workshops import FILE, Task, load_tasks
from handbook.registry import view

#: What happens in a shared task, in the order of its year, and how it is coloured.
STAGES = {
    "报名": "var(--hb-line-2)",
    "数据": "var(--hb-line-2)",
    "评测": "var(--hb-qing)",
    "论文": "var(--hb-zhu)",
    "结果": "var(--hb-line-2)",
    "会期": "var(--hb-line-2)",
}
BOX = 22  # height of a box, in px


class Shape(NamedTuple):
    """Where things stand in one drawing, in px."""

    kind: str  # "wide" or "tall"
    width: int
    left: int  # where January begins
    lane: int  # height of a lane of one row of boxes
    drop: int  # from the top of a lane to its boxes
    stacked: bool  # two boxes of one month stand above each other, not side by side

    @property
    def month(self) -> float:
        return (self.width - self.left) / 12


WIDE = Shape("wide", 700, 88, 32, 5, stacked=False)
TALL = Shape("tall", 358, 0, 52, 25, stacked=True)


@view("shared-tasks-year")
def year(file: Path = FILE) -> str:
    """Both drawings of the year, to stand in a figure."""
    rows = load_tasks(file)
    return _drawing(rows, WIDE) + _drawing(rows, TALL)


def boxes(task: Task) -> Iterator[tuple[int, list[str]]]:
    """The months, 1 to 12, in which a task wants something, and what."""
    for month in range(1, 13):
        found = {stage.kind for stage in task.stages if month in stage.months()}
        if found:
            yield month, [kind for kind in STAGES if kind in found]


def _drawing(rows: list[Task], shape: Shape) -> str:
    tops = list(accumulate((_height(task, shape) for task in rows), initial=28))
    height = tops.pop() + 6
    name = f"shared-tasks-year-{shape.kind}"
    style = "hb-figure hb-tall" if shape.kind == "tall" else "hb-figure"
    lanes = "".join(map(_lane, rows, tops, repeat(shape)))
    return (
        f'<svg class="{style}" viewBox="0 0 {shape.width} {height}" '
        f'xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{name}" '
        f'fill="currentColor" font-size="14" text-anchor="middle">'
        f'<title id="{name}">{_told(rows)}</title>{_months(shape, height)}{lanes}</svg>'
    )


def _told(rows: list[Task]) -> str:
    told = (
        f"{task.name}：" + "，".join(f"{s.kind} {s.text()}" for s in task.stages)
        for task in rows
    )
    return escape("共享任务的一年。" + "；".join(told))


def _months(shape: Shape, height: int) -> str:
    lines = "".join(
        f"M{shape.left + n * shape.month:.4g} 24V{height}" for n in range(13)
    )
    words = "".join(
        f'<text x="{shape.left + (n - 0.5) * shape.month:.4g}" y="16">{n}</text>'
        for n in range(1, 13)
    )
    return f'<path d="{lines}" fill="none" stroke="var(--hb-line)"/>{words}'


def _height(task: Task, shape: Shape) -> int:
    most = max(len(kinds) for _, kinds in boxes(task))
    return shape.lane + (most - 1) * BOX * shape.stacked


def _lane(task: Task, top: int, shape: Shape) -> str:
    middle = top + shape.drop + BOX / 2 + 5 if shape.left else top + 17
    parts = [
        f'<text x="{4 if shape.kind == "tall" else 0}" y="{middle:g}" '
        f'text-anchor="start" font-weight="600">{escape(task.name)}</text>'
    ]
    for month, kinds in boxes(task):
        first = shape.left + (month - 1) * shape.month
        wide = shape.month if shape.stacked else shape.month / len(kinds)
        for place, kind in enumerate(kinds):
            x = first if shape.stacked else first + place * wide
            y = top + shape.drop + place * BOX * shape.stacked
            parts.append(_box(kind, x, y, wide))
    return "".join(parts)


def _box(kind: str, x: float, y: float, wide: float) -> str:
    return (
        f'<rect x="{x + 1:.4g}" y="{y + 1}" width="{wide - 2:.4g}" '
        f'height="{BOX - 2}" rx="3" '
        f'fill="none" stroke="{STAGES[kind]}" stroke-width="1.5"/>'
        f'<text x="{x + wide / 2:.4g}" y="{y + 16}" font-size="13">{kind[0]}</text>'
    )
