"""Records: written by runs that are stable, and compared with later ones."""

from pathlib import Path

import pytest

from handbook.errors import HandbookError
from handbook.programs import record
from handbook.programs.__main__ import main
from handbook.programs.run import ENVIRONMENTS, Run, run

from .conftest import GOOD

#: A program whose middle number hangs on the environment.
FICKLE = """import os
x = f"0.25 {0.12 + int(os.environ['OMP_NUM_THREADS']) / 10:.2f} 7"
"""


def made(text: str, figure: str | None = None) -> Run:
    """A run whose one section printed a text."""
    return Run({"train": text}, figure, seconds=1.0, megabytes=1.0)


def test_a_record_has_the_sections_that_print_and_the_provenance(program: Path) -> None:
    assert main(["record", "part/page_numpy"]) == 0
    text = program.with_suffix(".out").read_text(encoding="utf-8")
    *body, last = text.splitlines()
    assert body == ["# --8<-- [start:print]", "x = 1", "# --8<-- [end:print]"]
    assert last.startswith("# numpy ")
    assert record.recorded(program) == {"print": "x = 1\n"}
    assert record.provenance(program) == last.removeprefix("# ")


def test_a_record_holds_against_a_later_run(program: Path) -> None:
    record.record(program)
    assert record.check(program, run(program)) is None


def test_another_output_than_recorded_is_named(program: Path) -> None:
    record.record(program)
    program.write_text(GOOD.replace("x = 1", "x = 2"), encoding="utf-8")
    with pytest.raises(HandbookError) as raised:
        record.check(program, run(program))
    for word in ["page_numpy.py", "section print", "'x = 1'", "'x = 2'", "make record"]:
        assert word in str(raised.value)


def test_an_output_in_another_section_is_named(program: Path) -> None:
    record.record(program)
    text = GOOD.replace("x = 1", "x = 1\nprint('new')")
    program.write_text(text, encoding="utf-8")
    with pytest.raises(HandbookError, match="other sections print: data"):
        record.check(program, run(program))


def test_a_missing_record_is_named(program: Path) -> None:
    with pytest.raises(HandbookError, match=r"page_numpy.out: no record"):
        record.check(program, run(program))


def test_a_digit_that_hangs_on_the_environment_is_refused(
    program: Path, capsys: pytest.CaptureFixture
) -> None:
    program.write_text(GOOD.replace("x = 1", FICKLE), encoding="utf-8")
    assert main(["record", "part/page_numpy"]) == 1
    said = capsys.readouterr().err.splitlines()[0]
    assert "page_numpy.py: section print, line 1, number 2: " in said
    values = zip(["0.22", "0.22", "0.32"], ENVIRONMENTS, strict=True)
    assert all(f"{value} on {where}" in said for value, where in values)
    assert record.MEND in said
    assert not program.with_suffix(".out").exists()


def test_make_stable_changes_nothing(program: Path) -> None:
    assert main(["stable", "part/page_numpy"]) == 0
    assert not program.with_suffix(".out").exists()


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        ("0.25", "0.26", None),  # rounding
        ("0.25", "0.27", "line 1, number 1: 0.25 on a, 0.27 on b"),
        ("3 步", "4 步", "line 1, number 1: 3 on a, 4 on b"),
        ("猫", "狗", "line 1: '猫' on a, '狗' on b"),
        ("1\n2", "1", "2 and 1 lines"),
    ],
)
def test_what_differs_between_environments_is_said(
    here: str, there: str, words: str | None
) -> None:
    said = record.unstable({"a": made(here), "b": made(there)})
    assert said == (words and f"section train, {words} ({record.MEND})")


@pytest.mark.parametrize("moved", ["M82.65L3 4z", "M82.64L3.01 4z"])
def test_a_point_of_a_figure_may_move_by_its_last_place(moved: str) -> None:
    drawn = '<path d="{}"/>'
    runs = {"a": made("x", drawn.format("M82.64L3 4z"))}
    runs["b"] = made("x", drawn.format(moved))
    assert record.unstable(runs) is None


@pytest.mark.parametrize("moved", ["M82.75L3 4z", "M82.64L3 4", "M82.64C3 4z"])
def test_a_figure_that_an_eye_sees_move_is_refused(moved: str) -> None:
    drawn = '<path d="{}"/>'
    runs = {"a": made("x", drawn.format("M82.64L3 4z"))}
    runs["b"] = made("x", drawn.format(moved))
    assert "the figure differs on b" in record.unstable(runs)


def test_a_figure_that_differs_between_environments_is_refused() -> None:
    runs = {"a": made("x", "M 1.00 2.00"), "b": made("x", "M 1.00 2.10")}
    assert "the figure differs on b" in record.unstable(runs)


@pytest.mark.parametrize(
    ("recorded", "printed", "same"),
    [
        ("损失 0.693", "损失 0.694", True),  # one unit in the last place
        ("损失 0.693", "损失 0.695", False),
        ("损失 693.1472", "损失 693.1473", True),
        ("损失 693.1472", "损失 693.1475", False),
        ("第 3 步", "第 4 步", False),  # whole numbers are exact
        ("损失 0.5", "代价 0.5", False),
        ("1.0e-05", "1.1e-05", True),
        ("1.0e-05", "1.3e-05", False),
        ("nan", "0.1", False),
        ("一行", "一行\n两行", False),
        ("0.5  0.5", "0.5 0.5", True),  # columns may shift
    ],
)
def test_outputs_are_compared_as_text_and_numbers(
    recorded: str, printed: str, same: bool
) -> None:
    assert (record.difference(recorded, printed) is None) is same
