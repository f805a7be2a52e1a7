"""Runs of programs: a reader's conditions, and what goes wrong in them."""

from pathlib import Path

import pytest

from handbook.errors import HandbookError
from handbook.programs.run import run

from .conftest import GOOD


def test_a_run_is_a_plain_copy_in_an_empty_folder(program: Path) -> None:
    body = "import os\nprint(sorted(os.listdir()), os.path.basename(__file__))"
    program.write_text(GOOD.replace("x = 1", f"x = 1\n{body}"), encoding="utf-8")
    printed = run(program).outputs
    listing = "['.stderr', '.stdout', 'page_numpy.py'] page_numpy.py\n"
    assert printed == {"data": listing, "print": "x = 1\n"}


def test_a_run_takes_the_environment_it_is_given(program: Path) -> None:
    body = "import os\nx = os.environ['OMP_NUM_THREADS']"
    program.write_text(GOOD.replace("x = 1", body), encoding="utf-8")
    assert run(program).outputs["print"] == "x = 1\n"
    assert run(program, {"OMP_NUM_THREADS": "2"}).outputs["print"] == "x = 2\n"


def test_a_program_that_hangs_is_stopped_and_named(program: Path) -> None:
    program.write_text(GOOD.replace("x = 1", "while True: pass"), encoding="utf-8")
    with pytest.raises(HandbookError, match=r"page_numpy.py: still running after 1 s"):
        run(program, limit=1)


def test_a_program_that_crashes_says_why(program: Path) -> None:
    program.write_text(GOOD.replace("x = 1", "1 / 0"), encoding="utf-8")
    with pytest.raises(HandbookError, match=r"page_numpy.py: crashed: ZeroDivision"):
        run(program)
