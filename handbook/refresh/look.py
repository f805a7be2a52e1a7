"""Compare ``data/conferences.yml`` with the trackers it was taken from; change nothing.

Fetches the trackers' repositories, prints what is new, changed, gone or unreadable
there, and which of our dates are overdue. A difference that stood already in the
commit that ``sources`` names is known: it was looked at when that commit was written.

Exit status: 0 nothing to do; 1 something to look at; 2 something could not be read
(the rest is compared all the same), or our own file is wrong.
"""

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from handbook.errors import HandbookError
from handbook.facts import conferences, table
from handbook.facts.conferences import Conferences
from handbook.refresh import arr, fetch, trackers
from handbook.refresh.compare import Found, compare
from handbook.refresh.fetch import Patience, Progress, Snapshot
from handbook.refresh.overdue import overdue
from handbook.refresh.report import Looked, Report

GITHUB = "https://github.com"
RAW = "https://raw.githubusercontent.com"


@dataclass(frozen=True)
class Upstream:
    """A tracker: where its files lie, which are wanted, what reads them."""

    source: str  # a key of ``sources`` in our file
    repository: str
    branch: str
    wanted: str  # a pattern of paths; the path itself where one file is enough
    read: Callable[[dict[str, str]], trackers.Read]

    @property
    def single(self) -> bool:
        """True if one file is fetched, not an archive of the repository."""
        return "*" not in self.wanted

    def url(self, ref: str, github: str = GITHUB, raw: str = RAW) -> str:
        """Where its files of a branch or commit lie."""
        if self.single:
            return f"{raw}/{self.repository}/{ref}/{self.wanted}"
        return f"{github}/{self.repository}/archive/{ref}.tar.gz"

    def snapshot(self, url: str, patience: Patience, progress: Progress) -> Snapshot:
        """The wanted files. Raises ``HandbookError`` in one line."""
        body = fetch.get(url, patience, progress)
        if self.single:
            return Snapshot({self.wanted: body.decode("utf-8", "replace")})
        snapshot = fetch.unpack(url, body, lambda path: fnmatch(path, self.wanted))
        if not snapshot.files:
            raise HandbookError(
                f"{url}: has no {self.wanted} (have its folders moved? mend {__name__})"
            )
        return snapshot


UPSTREAMS = (
    Upstream(
        "ccfddl",
        "ccfddl/ccf-deadlines",
        "main",
        "conference/*/*.yml",
        trackers.ccfddl,
    ),
    Upstream(
        "hf",
        "huggingface/ai-deadlines",
        "main",
        "src/data/conferences/*.yml",
        trackers.ai_deadlines,
    ),
    Upstream("arr", "acl-org/aclrollingreview", "main", "dates.md", arr.dates),
)


@dataclass
class Look:
    """How to look: at what, from where, with what patience, and who is told."""

    upstreams: Iterable[Upstream] = UPSTREAMS
    github: str = GITHUB
    raw: str = RAW
    patience: Patience = Patience()
    past: bool = False
    bar: Callable[[str], Progress] = lambda _name: lambda *_: None

    def __call__(self, facts: Conferences, day: dt.date) -> Report:
        """All trackers beside our facts; what fails costs only its own."""
        report = Report(day, overdue=overdue(facts, day))
        for upstream in self.upstreams:
            try:
                self._one(upstream, facts, report)
            except HandbookError as error:
                report.unreadable.append(f"{upstream.source}: {error}")
        return report

    def _one(self, upstream: Upstream, facts: Conferences, report: Report) -> None:
        name, recorded = upstream.source, facts.sources[upstream.source].commit
        now, snapshot, faults = self._read(upstream, upstream.branch, facts, report)
        looked = Looked(
            name,
            f"{self.github}/{upstream.repository}",
            snapshot.commit,
            recorded,
            now.editions,
        )
        report.looked.append(looked)
        report.unreadable += [f"{name}: {line}" for line in [*faults, *now.faults]]
        known: set = set()
        if now.differences and recorded and recorded != snapshot.commit:
            try:
                then, *_ = self._read(upstream, recorded, facts, report)
                known = {*then.differences}
            except HandbookError as error:
                report.unreadable.append(
                    f"{name}: {error}; every difference counts as not known"
                )
        elif recorded == snapshot.commit:
            known = {*now.differences}
        for difference in now.differences:
            kept = report.known if difference in known else report.differences
            kept.append(difference)

    def _read(
        self, upstream: Upstream, ref: str, facts: Conferences, report: Report
    ) -> tuple[Found, Snapshot, list[str]]:
        url = upstream.url(ref, self.github, self.raw)
        progress = self.bar(f"{upstream.source} {ref[:10]}")
        snapshot = upstream.snapshot(url, self.patience, progress)
        sheets, faults = upstream.read(snapshot.files)
        faults = [*snapshot.faults, *faults]
        unread = {line.partition(":")[0] for line in faults}
        found = compare(facts, upstream.source, sheets, report.day, unread, self.past)
        return found, snapshot, faults


@contextmanager
def bars() -> Iterator[Callable[[str], Progress]]:
    """A bar a download on standard error, if somebody looks at it."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(
        *columns, console=console, disable=not console.is_terminal
    ) as progress:

        def bar(name: str) -> fetch.Progress:
            task = progress.add_task(name, total=None)
            return lambda done, total: progress.update(
                task, completed=done, total=total
            )

        yield bar


def main(arguments: list[str] | None = None, look: Look | None = None) -> int:
    """Look, print, and answer with the exit status."""
    parser = argparse.ArgumentParser(
        prog="handbook.refresh",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead")
    parser.add_argument("--known", action="store_true", help="show what is known too")
    parser.add_argument("--past", action="store_true", help="compare past editions too")
    parser.add_argument("--file", type=Path, default=conferences.FILE, help="our facts")
    options = parser.parse_args(arguments)
    look = look or Look()
    look.past = options.past
    try:
        facts = conferences.load(options.file)
    except HandbookError as error:
        print(error, file=sys.stderr)
        return 2
    with bars() as look.bar:
        report = look(facts, table.today())
    print(report.json() if options.json else report.markdown(options.known))
    for line in report.unreadable:
        print(line, file=sys.stderr)
    return report.status
