"""Practice programs: a function for the reader to write, its cases, and the judge.

A practice program is ``snippets/<part>/<page>_practice_<framework>.py``: its section
``task`` holds the signature, its section ``cases`` what the function must return, its
section ``verdict`` the judge, whose one home is ``judge.py`` beside this module. What
is here puts a function in the place of the stub and hears the judge.
"""

import ast
import contextlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from handbook.errors import HandbookError
from handbook.programs.sections import FOLDER, all_programs, published, sections

JUDGE = Path(__file__).with_name("judge.py")
SECTIONS = ["task", "cases", "verdict"]


@dataclass(frozen=True)
class Verdict:
    """What the judge said: its lines but the last, cases passed, cases in all."""

    lines: list[str]
    passed: int
    total: int


def practice_programs(folder: Path = FOLDER) -> list[Path]:
    """Every practice program, in order of its name."""
    return [path for path in all_programs(folder) if "_practice_" in path.stem]


def verdict_section(judge: Path = JUDGE) -> str:
    """The judge's text, as the section ``verdict`` of each practice program has it."""
    text = judge.read_text(encoding="utf-8").partition("[start:verdict]\n")[2]
    return text.partition("\n# --8<-- [end:verdict]")[0]


def check(path: Path) -> None:
    """Raise ``HandbookError`` if a program is not built as a practice program is."""
    found = sections(path)
    if list(found) != SECTIONS:
        raise HandbookError(
            f"{path}: has the sections {', '.join(found)} "
            f"(write {', '.join(SECTIONS)}, in this order)"
        )
    if found["verdict"].strip("\n") != verdict_section().strip("\n"):
        raise HandbookError(
            f"{path}: its section verdict is not the judge "
            f"(copy the section from handbook/programs/{JUDGE.name})"
        )


def functions(path: Path, *names: str) -> str:
    """The text of these functions of a program, in the order of ``names``."""
    text = path.read_text(encoding="utf-8")
    return "\n\n".join(_lines(text, _function(path, text, name)) for name in names)


def filled(path: Path, solution: str) -> str:
    """A practice program as readers get it, ``solution`` in the place of the stub.

    ``solution`` is the text of the function and of what it needs.
    """
    text = published(path.read_text(encoding="utf-8"))
    stub = _function(path, text, _task(path, text))
    lines = text.splitlines()
    lines[stub.lineno - 1 : stub.end_lineno] = solution.strip("\n").splitlines()
    return "\n".join(lines) + "\n"


def judged(text: str, name: str = "practice.py") -> Verdict:
    """What the judge says when a practice program of this text is run as ``name``."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(text, name, "exec"), {"__name__": "__main__"})
    *lines, score = printed.getvalue().splitlines()
    passed, _, total = score.partition(" / ")
    return Verdict(lines, int(passed), int(total))


def verdict_on(path: Path, solution: str) -> Verdict:
    """What the judge of a practice program says about ``solution``."""
    return judged(filled(path, solution), path.name)


def failing(path: Path, solution: str, change: tuple[str, str]) -> str:
    """The first case that fails if ``solution`` has this slip, as the judge says it.

    Two lines: the case and its fault; where on the page to look.
    """
    lines = verdict_on(path, solution.replace(*change)).lines
    first = next(n for n, line in enumerate(lines) if line.startswith("错"))
    return "\n".join(lines[first : first + 2])


def survivors(
    path: Path, solution: str, changes: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    """The changes, each an old text and a new one, that the judge lets pass.

    Raises ``HandbookError`` if an old text does not stand exactly once in ``solution``,
    or if ``solution`` takes other arguments, or other defaults, than the stub.
    """
    _same_arguments(path, solution)
    alive = []
    for old, new in changes:
        if (times := solution.count(old)) != 1:
            raise HandbookError(
                f"{path}: a mutant's text {old!r} stands {times} times in the solution "
                "(name a text that stands there once)"
            )
        verdict = verdict_on(path, solution.replace(old, new))
        if verdict.passed == verdict.total:
            alive.append((old, new))
    return alive


def values(path: Path) -> dict:
    """The names that a practice program defines, the judge unheard: ``CASES``, …"""
    names: dict = {"__name__": path.stem}
    text = published(path.read_text(encoding="utf-8"))
    exec(compile(text, path.name, "exec"), names)
    return names


def _task(path: Path, text: str) -> str:
    """The name of the function to write: what ``TASK`` is set to."""
    for node in ast.parse(text).body:
        match node:
            case ast.Assign([ast.Name("TASK")], ast.Constant(str() as name)):
                return name
    raise HandbookError(f'{path}: names no task (write TASK = "…" in section cases)')


def _same_arguments(path: Path, solution: str) -> None:
    text = path.read_text(encoding="utf-8")
    task = _task(path, text)
    stub, right = (ast.unparse(_function(path, t, task).args) for t in (text, solution))
    if stub != right:
        raise HandbookError(
            f"{path}: the stub takes ({stub}), its solution ({right}) (mend one)"
        )


def _function(path: Path, text: str, name: str) -> ast.FunctionDef:
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    raise HandbookError(f"{path}: has no function {name!r} (mend the name)")


def _lines(text: str, node: ast.FunctionDef) -> str:
    return "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno]) + "\n"
