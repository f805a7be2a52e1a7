"""The drawn year of the shared tasks, read as a reader does: by where things stand."""

from itertools import combinations, pairwise
from typing import NamedTuple

import pytest
from lxml import etree

from handbook.facts import task_year, workshops

from ..conftest import ROOT

REAL = ROOT / workshops.FILE
TASKS = workshops.load_tasks(REAL)


class Box(NamedTuple):
    """A box: its edges, the word in it and where it stands, its colour."""

    left: float
    top: float
    right: float
    bottom: float
    word: str
    at: tuple[float, float]
    colour: str


class Drawing:
    """One of the two drawings: its names, months, lines and boxes."""

    def __init__(self, number: int) -> None:
        drawings = etree.fromstring(f"<div>{task_year.year(REAL)}</div>".encode())
        self.svg = drawings[number]
        self.size = [float(n) for n in self.svg.get("viewBox").split()][2:]
        self.words = [
            (e.text, float(e.get("x")), float(e.get("y")), e.attrib)
            for e in self.all("text")
        ]

    def all(self, tag: str) -> list[etree._Element]:
        return list(self.svg.iter(f"{{*}}{tag}"))

    @property
    def names(self) -> dict[str, float]:
        """Task to the height of its name."""
        return {w: y for w, _, y, kept in self.words if "font-weight" in kept}

    @property
    def months(self) -> dict[int, float]:
        """Month to the middle of its label."""
        return {int(w): x for w, x, _, _ in self.words if w.isdigit()}

    @property
    def boxes(self) -> list[Box]:
        found = []
        for rect in self.all("rect"):
            x, y, wide, high = (float(rect.get(k)) for k in _EDGES)
            word = rect.getnext()
            at = float(word.get("x")), float(word.get("y"))
            edges = x, y, x + wide, y + high
            found.append(Box(*edges, word.text, at, rect.get("stroke")))
        return found

    def lane(self, box: Box) -> str:
        """The last name that does not begin below the word in a box."""
        return max(
            (name for name, y in self.names.items() if y <= box.at[1]),
            key=self.names.__getitem__,
        )

    def month(self, box: Box) -> int:
        middle = (box.left + box.right) / 2
        return min(self.months, key=lambda n: abs(self.months[n] - middle))


_EDGES = ("x", "y", "width", "height")


@pytest.fixture(params=[0, 1], ids=["wide", "tall"])
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return Drawing(request.param)


def test_each_box_is_in_its_task_s_lane_under_its_month(drawing: Drawing) -> None:
    found = [(drawing.lane(b), drawing.month(b), b.word) for b in drawing.boxes]
    wanted = {
        (task.name, month, stage.kind[0])
        for task in TASKS
        for stage in task.stages
        for month in stage.months()
    }
    assert len(found) == len(wanted)
    assert set(found) == wanted


def test_the_months_stand_in_the_middle_between_the_lines(drawing: Drawing) -> None:
    (path,) = drawing.all("path")
    lines = [float(part.split()[0]) for part in path.get("d").split("M")[1:]]
    middles = [(a + b) / 2 for a, b in pairwise(lines)]
    assert list(drawing.months) == list(range(1, 13))
    assert list(drawing.months.values()) == pytest.approx(middles, abs=0.1)


def test_no_box_covers_another_or_leaves_the_drawing(drawing: Drawing) -> None:
    width, height = drawing.size
    for a, b in combinations(drawing.boxes, 2):
        apart = a.right <= b.left or b.right <= a.left
        assert apart or a.bottom <= b.top or b.bottom <= a.top, (a, b)
    for box in drawing.boxes:
        assert 0 <= box.left < box.right <= width, box
        assert 0 <= box.top < box.bottom <= height, box


def test_the_word_in_a_box_stands_inside_it(drawing: Drawing) -> None:
    for box in drawing.boxes:
        x, y = box.at
        assert x == pytest.approx((box.left + box.right) / 2, abs=0.1)
        assert box.top + 13 <= y <= box.bottom  # the foot of letters of 13 px


def test_no_name_stands_in_a_box(drawing: Drawing) -> None:
    for name, x, y, kept in drawing.words:
        if "font-weight" in kept:
            end = x + 9 * len(name)  # letters of 14 px, most of them narrower
            for box in drawing.boxes:
                beside = end <= box.left or y <= box.top or y - 11 >= box.bottom
                assert beside, (name, box)


def test_the_colours_are_those_that_the_page_tells(drawing: Drawing) -> None:
    """Blue where answers are judged, red where papers are due, the others alike."""
    colours = {box.word: box.colour for box in drawing.boxes}
    assert colours.pop("评") == "var(--hb-qing)"
    assert colours.pop("论") == "var(--hb-zhu)"
    assert set(colours.values()) == {"var(--hb-line-2)"}


def test_the_drawing_tells_each_stage_to_who_cannot_see_it(drawing: Drawing) -> None:
    (title,) = drawing.all("title")
    told = dict(part.split("：", 1) for part in title.text.split("。")[1].split("；"))
    assert told == {
        task.name: "，".join(f"{s.kind} {s.text()}" for s in task.stages)
        for task in TASKS
    }


def test_letters_in_the_drawing_are_13_px_or_more(drawing: Drawing) -> None:
    sizes = [e.get("font-size") for e in drawing.svg.iter()]
    assert min(float(size) for size in sizes if size) >= 13
