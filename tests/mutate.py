"""``python -m tests.mutate part/page_torch …``: do the tests notice a wrong value?

Breaks each program in many places, one at a time, and runs the tests of its page that
use it, until one is red. Only the page's own test file counts, not the comparison with
the record, which notices any change. What survives is a hole in the tests, or a mutant
that does what the program does: such a one goes into ``tests/mutants.tsv``.
"""

import argparse
import os
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from handbook.errors import HandbookError
from handbook.programs import run
from handbook.programs.sections import all_programs, called, name

from .mutation.mutants import Excuse, excuses, mutants
from .mutation.page import WALL_LIMIT, Page
from .scheduling import scope

ROOT = Path(__file__).parent.parent
KNOWN = Path("tests/mutants.tsv")
ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


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
    page: Page,
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
    source = page.source(path)
    last = _last_line(source)
    made = mutants(
        source,
        options.most,
        options.seed,
        lambda m: m.line > last or (m.context, m.change) in excused,
    )
    score, red = Score(), set()
    for verdict in page.judge(path, made, users):
        score.made += 1
        score.killed += verdict.killed
        score.seconds += verdict.end.seconds
        red.add(verdict.red)
        if not verdict.killed:
            print(f"{path}:{verdict.mutant.line}: {verdict.mutant.change}", flush=True)
    if score.killed == score.made and not page.green(path, _up_to(users, red)):
        print(f"{path}: the tests that use it are red in another order (mend them)")
        return False
    print(f"{path}: {score}", flush=True)
    for part in ("made", "killed", "seconds"):
        setattr(total, part, getattr(total, part) + getattr(score, part))
    return True


def _last_line(source: str) -> int:
    """The last line to be broken: the judge of practice programs has its own tests."""
    return source.partition("# --8<-- [start:verdict]")[0].count("\n") + 1


def _up_to(users: list[str], red: set[str | None]) -> list[str]:
    """The tests up to the last that was red for any mutant: each ran before it."""
    return users[: max((users.index(t) + 1 for t in red if t in users), default=0)]


if __name__ == "__main__":
    sys.exit(main())
