"""A page's test file as the judge of its programs' mutants.

The libraries are imported once; each mutant is a fork of this process, with a tree of
its own. No operation of a library runs before the fork: its threads would be missing
in the child.
"""

import ast
import contextlib
import gc
import os
import resource
import shutil
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import xdist.plugin

from handbook.errors import HandbookError

from . import forks
from .mutants import Mutant
from .survey import Findings, Only, Survey

PYTEST = [
    "-p", "no:cacheprovider",
    "-p", "no:unraisableexception",  # collects garbage, seconds with TensorFlow
    "-o", "addopts=--import-mode=importlib",
    "-q",
]  # fmt: skip
WALL_LIMIT = 1800.0  # seconds, on a very busy machine
SPARE = 30  # seconds of the processor, beside three times what the tests took
MEMORY = 12 << 30  # bytes


@dataclass(frozen=True)
class Verdict:
    """How the tests of a mutant ended, and the one that was red if one was."""

    mutant: Mutant
    end: forks.End
    red: str | None

    @property
    def killed(self) -> bool:
        return self.end.status != 0


class Page:
    """A page's test file, what its tests use, and the trees in which mutants live."""

    def __init__(self, tests: str, folder: Path, jobs: int) -> None:
        self.tests = tests
        self._trees = [folder / str(number) for number in range(max(jobs, 1))]
        for tree in self._trees:
            _plant(tree)
        _import_all(Path(tests))
        gc.freeze()  # a child that collects garbage does not copy our pages
        self.findings = self._survey(self._trees[0])

    def source(self, path: Path) -> str:
        """A program's text when the trees were planted: it may be edited meanwhile."""
        return (self._trees[0] / path).read_text(encoding="utf-8")

    def fault(self, users: list[str]) -> str | None:
        """Why the tests that use a program cannot judge its mutants."""
        red = next((t for t in ("", *users) if t in self.findings.failed), None)
        if red is not None:
            what = red.partition("::")[2] or "the file"
            return (
                f"{self.tests} is red before any mutation: {what}: "
                f"{self.findings.failed[red]} (mend it first)"
            )
        if not users:
            return f"no test of {self.tests} runs it (write one)"
        return None

    def judge(
        self, path: Path, made: list[Mutant], users: list[str]
    ) -> Iterator[Verdict]:
        """How the tests end for each mutant, as many at a time as there are trees.

        Raises ``HandbookError`` if a child fails by our own fault.
        """
        source = self.source(path)
        todo, free = deque(made), list(self._trees)
        running: dict[int, tuple[Mutant, Path]] = {}
        late: dict[int, float] = {}  # child to the time when it is stopped
        try:
            while todo or running:
                while todo and free:
                    mutant, tree = todo.popleft(), free.pop()
                    pid = forks.fork(partial(self._try, path, mutant, tree, users))
                    running[pid] = mutant, tree
                    late[pid] = time.monotonic() + WALL_LIMIT
                for pid, end in forks.ended(late):
                    mutant, tree = running.pop(pid)
                    del late[pid]
                    if end.status > 2:
                        raise HandbookError(
                            f"{path}:{mutant.line}: {mutant.change}: pytest ended "
                            f"with {end.status} (mend tests/mutation)"
                        )
                    (tree / path).write_text(source, encoding="utf-8")
                    free.append(tree)
                    yield Verdict(mutant, end, _taken(_red(tree)))
        finally:
            for pid in running:
                forks.stop(pid)

    def green(self, path: Path, tests: list[str]) -> bool:
        """Whether the program as it is passes these tests in this order.

        Where a mutant survived all tests this needs no run.
        """
        if not tests:
            return True
        whole = Mutant(0, "", "", "", self.source(path))
        return not any(v.killed for v in self.judge(path, [whole], tests))

    def _survey(self, tree: Path) -> Findings:
        """Run the whole file unbroken, in a child."""
        note = tree.with_suffix(".json")

        def task() -> int:
            survey = Survey(tree)
            status = _pytest(tree, [self.tests], survey)
            survey.findings.save(note)
            return status

        pid = forks.fork(task)
        try:
            end = forks.wait(pid)
        except BaseException:
            forks.stop(pid)
            raise
        if end.status not in {0, 1, 2}:
            raise HandbookError(
                f"{self.tests}: no test could run, exit status {end.status} "
                "(run it by hand to see why)"
            )
        return Findings.load(note)

    def _try(self, path: Path, mutant: Mutant, tree: Path, users: list[str]) -> int:
        (tree / path).write_text(mutant.text, encoding="utf-8")
        limit = int(3 * self.findings.seconds(users)) + SPARE  # for endless loops
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        with contextlib.suppress(ValueError, OSError):  # not every system has it
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        return _pytest(tree, ["-x", self.tests], Only(users, _red(tree)))


def _red(tree: Path) -> Path:
    """The file that holds the red test of a tree."""
    return tree.with_suffix(".red")


def _taken(file: Path) -> str | None:
    """The text of a file, if there is one; it is taken away."""
    if not file.is_file():
        return None
    text = file.read_text(encoding="utf-8")
    file.unlink()
    return text


def _plant(tree: Path) -> None:
    """A tree with its own tests and programs, and all else of the repository."""
    tree.mkdir()
    for entry in Path.cwd().iterdir():
        if entry.name in {"snippets", "tests"}:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(entry, tree / entry.name, ignore=ignored)
        else:
            (tree / entry.name).symlink_to(entry)


def _import_all(tests: Path) -> None:
    """Import what a page's tests and programs import, so that the children need not."""
    page = tests.stem.removeprefix("test_")
    programs = Path("snippets", tests.parent.name).glob(f"{page}_*.py")
    with forks.silent():
        for file in (Path("tests/conftest.py"), tests, *sorted(programs)):
            for statement in _imports(ast.parse(file.read_text(encoding="utf-8"))):
                with contextlib.suppress(ImportError):
                    exec(statement, {})


def _imports(tree: ast.Module) -> Iterator[str]:
    """Each import of a file, at whatever depth; those of our own tests left out."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield ast.unparse(node)
            case ast.ImportFrom(level=0, module=str(module)):
                if module.partition(".")[0] not in {"tests", "__future__"}:
                    yield ast.unparse(node)


def _pytest(tree: Path, arguments: list[str], plugin: object) -> int:
    """Exit status of pytest in a tree. Only for a child: it leaves all changed."""
    os.chdir(tree)
    sys.path[0] = str(tree)
    for module in [m for m in sys.modules if m.partition(".")[0] == "tests"]:
        del sys.modules[module]
    temporary = f"--basetemp={tree.with_suffix('.tmp')}"
    # tests/conftest.py has a hook of xdist
    plugins = [xdist.plugin, plugin]
    return int(pytest.main([*PYTEST, temporary, *arguments], plugins=plugins))
