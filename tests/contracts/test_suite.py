"""The suite itself: each program runs once, on one worker, as a reader runs it."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from handbook.programs.sections import all_programs, name

from .. import reader
from ..scheduling import scope

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = all_programs(ROOT / "snippets")

#: Leaves nothing as it found it.
UNTIDY = """
import os, sys
import matplotlib.pyplot as plt
import numpy as np
np.set_printoptions(precision=2)
np.seterr(divide="ignore")
np.random.seed(3)
plt.rcParams["font.size"] = 30
os.environ["LEFT"] = "behind"
open("left.txt", "w").close()
sys.path.insert(0, "left")
"""
TIDY = """
import os, sys
import matplotlib.pyplot as plt
import numpy as np
print(np.array([1 / 3]), np.geterr()["divide"], plt.rcParams["font.size"])
print(sorted(os.listdir()), "LEFT" in os.environ, "left" in sys.path)
"""
SECTION = "# --8<-- [start:all]{}# --8<-- [end:all]\n"


@pytest.mark.parametrize("path", PROGRAMS, ids=name)
def test_a_program_belongs_to_the_tests_of_its_page(path: Path) -> None:
    program = f"snippets/{name(path)}.py"
    test = scope(f"tests/test_programs.py::test_a_program_does[{program}]")
    assert (ROOT / test).is_file(), f"{program} would run apart from its page's tests"
    assert f'"{path.parent.name}/' in (ROOT / test).read_text(encoding="utf-8")


def test_a_test_belongs_to_its_file() -> None:
    assert scope("tests/concepts/test_data.py::test_x[1]") == (
        "tests/concepts/test_data.py"
    )


def test_the_workers_keep_what_belongs_together(tmp_path: Path) -> None:
    """Tests of two files and of ``test_programs.py`` note the worker that ran them."""
    note = "import os, pathlib\ndef note(x):\n    pathlib.Path(x).write_text(os.environ['PYTEST_XDIST_WORKER'])\n"  # noqa: E501
    files = {
        "conftest.py": f"""
            import sys; sys.path.insert(0, {str(ROOT)!r})
            def pytest_xdist_make_scheduler(config, log):
                import tests.scheduling as s
                s.scope.__defaults__ = (__import__("pathlib").Path({str(tmp_path)!r}),)
                return s.PageScheduling(config, log)
        """,
        "note.py": note,
    }
    for page in ("one", "two"):
        files[f"tests/part/test_{page}.py"] = f"""
            import sys; sys.path.insert(0, {str(tmp_path)!r})
            from note import note
            def test_a(): note("{tmp_path}/{page}-a")
            def test_b(): note("{tmp_path}/{page}-b")
        """
    files["tests/test_programs.py"] = f"""
        import sys; sys.path.insert(0, {str(tmp_path)!r})
        import pytest
        from note import note
        @pytest.mark.parametrize("p", ["one", "two"], ids="snippets/part/{{}}_numpy.py".format)
        def test_p(p): note(f"{tmp_path}/{{p}}-p")
    """  # noqa: E501
    for file, text in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(textwrap.dedent(text), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider",
         "--rootdir", str(tmp_path), "tests"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    ran = {
        page: {(tmp_path / f"{page}-{test}").read_text() for test in "abp"}
        for page in ("one", "two")
    }
    assert all(len(workers) == 1 for workers in ran.values()), ran


def test_a_program_finds_nothing_that_another_left(tmp_path: Path) -> None:
    for file, text in {"untidy_numpy.py": UNTIDY, "tidy_numpy.py": TIDY}.items():
        (tmp_path / file).write_text(SECTION.format(text), encoding="utf-8")
    printed = []
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        _, result = reader.run(tmp_path / "tidy_numpy.py", tmp_path / folder)
        printed.append(result.outputs["all"])
        (tmp_path / f"{folder}-untidy").mkdir()
        reader.run(tmp_path / "untidy_numpy.py", tmp_path / f"{folder}-untidy")
    assert printed[0] == printed[1]
    assert printed[0].splitlines()[1] == "['tidy_numpy.py'] False False"
