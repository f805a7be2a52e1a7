"""``python -m tests.mutate part/page_torch …``: do the tests notice a wrong value?

Breaks each program in many places, one at a time, and runs the tests of its page that
use it, until one is red. Only the page's own test file counts, not the comparison with
the record, which notices any change. What survives is a hole in the tests, or a mutant
that does what the program does: such a one goes into ``tests/mutants.tsv``.

The libraries are imported once; each mutant is a fork of this process, with a tree of
its own. No operation of a library runs before the fork: its threads would be missing
in the child.
"""

import argparse
import ast
import contextlib
import gc
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import xdist.plugin

from handbook.errors import HandbookError
from handbook.programs import run
from handbook.programs.sections import all_programs, called, name

from .mutants import Excuse, Mutant, excuses, mutants
from .scheduling import scope
from .survey import Findings, Only, Survey

ROOT = Path(__file__).parent.parent
KNOWN = Path("tests/mutants.tsv")
ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
PYTEST = [
    "-p", "no:cacheprovider",
    "-p", "no:unraisableexception",  # collects garbage, seconds with TensorFlow
    "-o", "addopts=--import-mode=importlib",
    "-q",
]  # fmt: skip
WALL_LIMIT = 1800.0  # seconds, on a very busy machine
MEMORY = 12 << 30  # bytes
LOG = "MUTATE_LOG"  # the variable that names a file for what pytest says
APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND
BROKEN = 70  # exit status of a child that failed by our own fault


@dataclass
class Score:
    """How many mutants were made and killed, and the processor's seconds."""

    made: int = 0
    killed: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        share = f" ({self.killed / self.made:.0%})" if self.made else ""
        each = f", {self.seconds / self.made:.1f} s each" if self.made else ""
        return f"{self.killed} of {self.made} mutants killed{share}{each}"


@dataclass(frozen=True)
class End:
    """How a child ended: its exit status, negative for a signal; processor seconds."""

    status: int
    seconds: float


def main(arguments: list[str] | None = None) -> int:
    """Mutate the named programs, report every survivor; exit status."""
    options = _options(arguments)
    os.environ.update(run.READER | ONE_THREAD, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    run.TIME_LIMIT = WALL_LIMIT  # slow on a busy machine is not wrong
    os.chdir(options.root)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # children are ended, too
    total, faults = Score(), 0
    try:
        known = excuses(KNOWN)
        pages: dict[str, list[Path]] = {}
        for path in called(options.names) or all_programs():
            pages.setdefault(_tests_of(path), []).append(path)
    except HandbookError as error:
        print(error, file=sys.stderr)
        return 1
    for tests, programs in pages.items():
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            try:
                page = Page(tests, Path(folder).resolve(), options.jobs)
                for path in programs:
                    faults += not _mutate(path, page, known, options, total)
            except HandbookError as error:
                faults += 1
                print(error, flush=True)
    print(f"all: {total}")
    return int(bool(faults) or total.killed < options.least * total.made)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests.mutate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", help="part/page_framework; none: all")
    parser.add_argument("--most", type=int, default=20, help="mutants a program")
    parser.add_argument("--seed", type=int, default=0, help="draws the mutants")
    parser.add_argument("--jobs", type=int, default=2, help="mutants at a time")
    parser.add_argument("--least", type=float, default=0.95, help="share to be killed")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _tests_of(path: Path) -> str:
    """The test file of a program's page, from the root."""
    program = f"snippets/{name(path)}.py"
    tests = scope(f"tests/test_programs.py::test_it[{program}]", Path.cwd())
    if not Path(tests).is_file():
        raise HandbookError(f"{path}: there is no {tests} (write it)")
    return tests


def _mutate(
    path: Path,
    page: "Page",
    known: list[Excuse],
    options: argparse.Namespace,
    total: Score,
) -> bool:
    """Mutate one program and report; false if its tests could not judge."""
    users = page.findings.users(name(path))
    if fault := page.fault(users):
        print(f"{path}: {fault}", flush=True)
        return False
    excused = {(e.context, e.change) for e in known if e.program == name(path)}
    made = mutants(
        path.read_text(encoding="utf-8"),
        options.most,
        options.seed,
        lambda m: (m.context, m.change) in excused,
    )
    score = Score()
    for mutant, end in page.judge(path, made, users):
        score.made += 1
        score.seconds += end.seconds
        if end.status == 0:
            print(f"{path}:{mutant.line}: {mutant.change}", flush=True)
        else:
            score.killed += 1
    if score.made and score.made == score.killed and not page.green(path, users):
        print(f"{path}: the tests that use it are red in another order (mend them)")
        return False
    print(f"{path}: {score}", flush=True)
    for part in ("made", "killed", "seconds"):
        setattr(total, part, getattr(total, part) + getattr(score, part))
    return True


class Page:
    """A page's test file, what its tests use, and the trees in which mutants live."""

    def __init__(self, tests: str, folder: Path, jobs: int) -> None:
        self.tests = tests
        self._trees = [folder / str(number) for number in range(max(jobs, 1))]
        for tree in self._trees:
            _plant(tree)
        _import_all(Path(tests))
        gc.freeze()  # a child that collects garbage does not copy our pages
        self.findings, self._seconds = self._survey(self._trees[0])

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
    ) -> Iterator[tuple[Mutant, End]]:
        """Each mutant with how its tests ended, as many at a time as there are trees.

        Raises ``HandbookError`` if a child fails by our own fault.
        """
        todo, free = deque(made), list(self._trees)
        running: dict[int, tuple[Mutant, Path, float]] = {}
        try:
            while todo or running:
                while todo and free:
                    mutant, tree = todo.popleft(), free.pop()
                    pid = _fork(lambda m=mutant, t=tree: self._try(path, m, t, users))
                    running[pid] = mutant, tree, time.monotonic() + WALL_LIMIT
                for pid, end in _ended({p: late for p, (*_, late) in running.items()}):
                    mutant, tree, _ = running.pop(pid)
                    if end.status not in {0, 1, 2} and end.status > 0:
                        raise HandbookError(
                            f"{path}:{mutant.line}: {mutant.change}: exit status "
                            f"{end.status} of pytest (mend tests/mutate.py)"
                        )
                    shutil.copyfile(path, tree / path)
                    free.append(tree)
                    yield mutant, end
        finally:
            for pid in running:
                _stop(pid)

    def green(self, path: Path, users: list[str]) -> bool:
        """Whether the program as it is passes, its tests in the order of a mutant's.

        Where a mutant survived this needs no run.
        """
        whole = Mutant(0, "", "", "", path.read_text(encoding="utf-8"))
        return all(not end.status for _, end in self.judge(path, [whole], users))

    def _survey(self, tree: Path) -> tuple[Findings, float]:
        """Run the whole file unbroken, in a child."""
        note = tree.with_suffix(".json")

        def task() -> int:
            survey = Survey(tree)
            status = _pytest(tree, [self.tests], survey)
            survey.findings.save(note)
            return status

        pid = _fork(task)
        try:
            end = _wait(pid)
        except BaseException:
            _stop(pid)
            raise
        if end.status not in {0, 1, 2}:
            raise HandbookError(
                f"{self.tests}: no test could run, exit status {end.status} "
                "(run it by hand to see why)"
            )
        return Findings.load(note), end.seconds

    def _try(self, path: Path, mutant: Mutant, tree: Path, users: list[str]) -> int:
        (tree / path).write_text(mutant.text, encoding="utf-8")
        limit = int(2 * self._seconds) + 60
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        return _pytest(tree, ["-x", self.tests], Only(users))


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
    with contextlib.redirect_stdout(None), warnings.catch_warnings(action="ignore"):
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


def _fork(task: Callable[[], int]) -> int:
    """Do a task in a child, silently, in a session of its own; the child's number."""
    sys.stdout.flush()
    with warnings.catch_warnings(action="ignore"):  # that this process has threads
        pid = os.fork()
    if pid:
        return pid
    status = BROKEN
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        out = os.open(os.environ.get(LOG, os.devnull), APPEND, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        status = task()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _ended(running: dict[int, float]) -> list[tuple[int, End]]:
    """The children that ended, waiting for one; ``running`` says when each is late."""
    while True:
        ends = []
        for pid, late in running.items():
            if time.monotonic() > late:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
            if end := _wait(pid, os.WNOHANG):
                ends.append((pid, end))
        if ends:
            return ends
        time.sleep(0.02)


def _wait(pid: int, flags: int = 0) -> End | None:
    ended, status, usage = os.wait4(pid, flags)
    if not ended:
        return None
    seconds = usage.ru_utime + usage.ru_stime
    return End(os.waitstatus_to_exitcode(status), seconds)


def _stop(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    _wait(pid)


if __name__ == "__main__":
    sys.exit(main())
