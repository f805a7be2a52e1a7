"""``python -m handbook.programs check|record|stable [part/page_framework …]``.

``check``: run each program as a reader does and compare it with its record.
``record``: write the records of the named programs, or of those that changed.
``stable``: see that each prints the same digits under every numeric environment.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from handbook.errors import HandbookError
from handbook.programs import record
from handbook.programs.run import Run, run
from handbook.programs.sections import all_programs, called


def check(path: Path) -> Run:
    """One run, compared with the record."""
    result = run(path)
    record.check(path, result)
    return result


COMMANDS: dict[str, Callable[[Path], Run]] = {
    "check": check,
    "record": record.record,
    "stable": record.stable,
}


def _stale(path: Path) -> bool:
    out = path.with_suffix(".out")
    return not out.is_file() or out.stat().st_mtime < path.stat().st_mtime


def main(arguments: list[str] | None = None) -> int:
    """Do one command for each program, say every failure in a line; exit status."""
    parser = argparse.ArgumentParser(
        prog="handbook.programs",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("names", nargs="*", help="part/page_framework")
    options = parser.parse_args(arguments)
    failed = 0
    try:
        paths = called(options.names) or all_programs()
    except HandbookError as error:
        print(error, file=sys.stderr)
        return 1
    if options.command == "record" and not options.names:
        paths = [path for path in paths if _stale(path)]
    for path in paths:
        try:
            result = COMMANDS[options.command](path)
            print(f"{path}: {result.seconds:.1f} s, {result.megabytes:.0f} MB")
        except HandbookError as error:
            failed += 1
            print(error, file=sys.stderr)
    if failed:
        print(f"{failed} of {len(paths)} programs failed", file=sys.stderr)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
