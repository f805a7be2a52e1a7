"""``make mutate``: what breaks a program, what it says of the tests that judge it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from handbook.errors import HandbookError

from ..mutation import mutants

ROOT = Path(__file__).parents[2]
KNOWN = ROOT / "tests/mutants.tsv"

#: A page whose tests see its first program and not its second.
PROGRAM = """
# --8<-- [start:sum]
def total(a, b):
    return a + b

print("sum", total(2, 3))
# --8<-- [end:sum]
"""
BLIND = PROGRAM.replace("a + b", "a - b")
JUDGED = (
    PROGRAM
    + """
# --8<-- [start:verdict]
same = total(2, 3) == 5
# --8<-- [end:verdict]
"""
)
BOOK = {
    "snippets/part/page_python.py": JUDGED,
    "snippets/part/page_blind_python.py": BLIND,
    "snippets/part/red_python.py": PROGRAM,
    "snippets/part/order_python.py": PROGRAM,
    "tests/part/test_page.py": """
        import pytest

        @pytest.fixture(scope="module")
        def program(run_snippet):
            return run_snippet("part/page_python")

        def test_runs(program):
            assert "sum" in program.printed_by["sum"]

        def test_sum(program):
            assert program.stdout_text == "sum 5\\n"

        def test_blind(run_snippet):
            assert "sum" in run_snippet("part/page_blind_python").stdout_text
    """,
    "tests/part/test_red.py": """
        def test_wrong(run_snippet):
            assert run_snippet("part/red_python").total(1, 1) == 3
    """,
    "tests/part/test_order.py": """
        DONE = []

        def test_long(run_snippet):
            assert run_snippet("part/order_python")
            DONE.append(sum(range(3_000_000)))

        def test_short(run_snippet):
            assert DONE and run_snippet("part/order_python").total(2, 3) == 5
    """,
}


def dedented(text: str) -> str:
    return "\n".join(line.removeprefix("        ") for line in text.splitlines())


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[str]]:
    """Exit status and lines of a run over a book of four programs."""
    root = tmp_path_factory.mktemp("book")
    for file, text in BOOK.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(dedented(text), encoding="utf-8")
    for file in ("__init__.py", "conftest.py", "reader.py", "scheduling.py"):
        shutil.copyfile(ROOT / "tests" / file, root / "tests" / file)
    (root / "pyproject.toml").write_text("[tool.pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "tests.mutate", "--root", str(root)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def test_a_mutant_that_a_test_sees_is_killed(said: tuple[int, list[str]]) -> None:
    killed = "snippets/part/page_python.py: 1 of 1 mutants killed (100%)"
    assert any(line.startswith(killed) for line in said[1])


def test_a_survivor_is_named(said: tuple[int, list[str]]) -> None:
    assert "snippets/part/page_blind_python.py:4: a - b -> a + b" in said[1]


def test_a_red_test_is_named_before_any_mutation(said: tuple[int, list[str]]) -> None:
    (line,) = [line for line in said[1] if "red_python" in line]
    assert line.startswith(
        "snippets/part/red_python.py: tests/part/test_red.py is red before any "
        "mutation: test_wrong: "
    )


def test_a_test_that_needs_another_before_it_kills_nothing(
    said: tuple[int, list[str]],
) -> None:
    assert [line for line in said[1] if "order_python" in line] == [
        "snippets/part/order_python.py: the tests that use it are red in another "
        "order (mend them)"
    ]


def test_too_few_killed_is_a_failure(said: tuple[int, list[str]]) -> None:
    assert said[0] == 1
    assert said[1][-1].startswith("all: 1 of 2 mutants killed (50%)")


@pytest.mark.parametrize(
    ("source", "change"),
    [
        ("x = a - b", "a - b -> a + b"),
        ("x = a ** 2", "a ** 2 -> a * 2"),
        ("x -= 1", "x -= 1 -> x += 1"),
        ("x = a >= b", "a >= b -> a < b"),
        ("x = -a", "-a -> +a"),
        ("x = f(axis=1)", "1 -> 0"),
        ("x = f(dim=0)", "0 -> -1"),
        ("x = 0.5", "0.5 -> 0.625"),
        ("x = a.T", "a.T -> a.real"),
    ],
)
def test_a_place_is_broken_in_one_way(source: str, change: str) -> None:
    (mutant,) = mutants.mutants(source, 20, 0, lambda m: False)
    assert mutant.change == change


@pytest.mark.parametrize(
    "source", ["print(a + b)", 'x = f"{a + b}"', "plt.plot(a + b)"]
)
def test_what_is_for_the_eye_stays_whole(source: str) -> None:
    assert mutants.mutants(source, 20, 0, lambda m: False) == []


def test_a_mutant_keeps_its_order_of_evaluation() -> None:
    (mutant, *_) = mutants.mutants("x = (a + b) @ c", 20, 0, lambda m: False)
    assert eval(mutant.text.partition("=")[2], {"a": M(1), "b": M(2), "c": M(3)}) == -3


class M(int):
    def __matmul__(self, other: int) -> int:
        return self * other

    def __sub__(self, other: int) -> "M":
        return M(int(self) - int(other))


def test_an_excused_mutant_does_not_count_and_the_others_stay() -> None:
    source = "\n".join(f"x{n} = a + {n}" for n in range(9))
    drawn = mutants.mutants(source, 3, 0, lambda m: False)
    excused = drawn[0]
    left = mutants.mutants(source, 3, 0, lambda m: m.change == excused.change)
    assert set(drawn[1:]) < set(left) and excused not in left


def test_a_row_without_a_reason_is_named(tmp_path: Path) -> None:
    (tmp_path / "mutants.tsv").write_text("part/page\tx = a + b\ta + b -> a - b\n")
    with pytest.raises(HandbookError, match=r"mutants\.tsv:1: 3 cells"):
        mutants.excuses(tmp_path / "mutants.tsv")


def test_every_excused_mutant_can_be_made() -> None:
    for excuse in mutants.excuses(KNOWN):
        source = (ROOT / f"snippets/{excuse.program}.py").read_text(encoding="utf-8")
        made = mutants.mutants(source, 10_000, 0, lambda m: False)
        assert (excuse.context, excuse.change) in {
            (m.context, m.change) for m in made
        }, f"{KNOWN.name}: {excuse.program} no longer has {excuse.context!r}"
