"""What looking brought, as Markdown tables and as JSON."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from handbook.refresh.compare import STATES, Difference
from handbook.refresh.overdue import Overdue


@dataclass(frozen=True)
class Looked:
    """A tracker as it was read: where, which commit, how much of it was compared."""

    source: str
    url: str
    commit: str | None
    recorded: str | None  # the commit that our file was last compared with
    editions: int


@dataclass
class Report:
    """All that there is to tell."""

    day: dt.date
    looked: list[Looked] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    known: list[Difference] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    overdue: list[Overdue] = field(default_factory=list)

    @property
    def status(self) -> int:
        """0: nothing to do; 1: something to look at; 2: something was unreadable."""
        return 2 if self.unreadable else int(bool(self.differences or self.overdue))

    def json(self) -> str:
        """Everything, the known differences included."""
        whole = {**dataclasses.asdict(self), "status": self.status}
        return json.dumps(whole, ensure_ascii=False, indent=1, default=str)

    def markdown(self, known: bool = False) -> str:
        """Tables to read in a terminal or an issue; ``known``: those rows too."""
        parts = [f"# What the trackers say, {self.day}", self._looked()]
        for state, meaning in STATES.items():
            rows = [d for d in self.differences if d.state == state]
            parts += [f"## {state}: {len(rows)}", meaning, _differences(rows)] * bool(
                rows
            )
        if self.unreadable:
            lines = "\n".join(f"- {_cell(line)}" for line in self.unreadable)
            parts += [f"## unreadable: {len(self.unreadable)}", lines]
        if self.known:
            told = "`--known` shows them" if not known else ""
            parts.append(
                f"## known: {len(self.known)}\n\nThe commits that our file names said"
                f" so already. {told}".rstrip()
            )
            parts += [_differences(self.known)] * known
        if self.overdue:
            parts += [
                f"## overdue: {len(self.overdue)}",
                "To be looked at on the official page, the next deadline first.",
                _overdue(self.overdue),
            ]
        if self.status == 0:
            parts.append("Nothing to do.")
        return "\n\n".join(parts) + "\n"

    def _looked(self) -> str:
        return _table(
            ("source", "commit now", "our file names", "editions compared"),
            (
                (
                    f"[{one.source}]({one.url})",
                    (one.commit or "not told")[:10],
                    (one.recorded or "none")[:10],
                    str(one.editions),
                )
                for one in self.looked
            ),
        )


def _differences(rows: list[Difference]) -> str:
    return _table(
        ("edition", "date", "our file", "theirs", "by"),
        ((f"{d.venue} {d.year}", d.what, d.ours, d.theirs, d.source) for d in rows),
    )


def _overdue(rows: list[Overdue]) -> str:
    return _table(
        ("next", "date", "edition", "last checked", "dates", "where"),
        (
            (f"{o.next}", o.what, o.name, f"{o.checked}", f"{o.old}", o.website)
            for o in rows
        ),
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    """Text of theirs that stays one cell, mentions nobody and is no HTML."""
    one = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return one.replace("@", "@\u200b")
