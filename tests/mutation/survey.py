"""Two plugins for pytest: which programs each test of a page uses; only some tests.

A test uses a program that it asks ``ran`` or ``run_snippet`` for, or whose file it
reads: itself, through a fixture, or when its module is imported.
"""

import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest


@dataclass
class Findings:
    """What a run of a page's unbroken test file shows. Seconds are of the processor.

    ``failed`` has a line for each test that is red, or for the file (key ``""``).
    """

    uses: dict[str, list[str]] = field(default_factory=dict)
    test_seconds: dict[str, float] = field(default_factory=dict)
    program_seconds: dict[str, float] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def users(self, program: str) -> list[str]:
        """The tests that use a program, the cheapest first.

        A test pays for every other program that it uses.
        """

        def cost(test: str) -> float:
            others = [name for name in self.uses[test] if name != program]
            return self.test_seconds[test] + sum(
                self.program_seconds.get(name, 0.0) for name in others
            )

        return sorted([t for t in self.uses if program in self.uses[t]], key=cost)

    def seconds(self, tests: list[str]) -> float:
        """What these tests take, each program that they use run once."""
        programs = {name for test in tests for name in self.uses[test]}
        return sum(self.test_seconds[test] for test in tests) + sum(
            self.program_seconds.get(name, 0.0) for name in programs
        )

    def save(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> "Findings":
        return cls(**json.loads(file.read_text(encoding="utf-8")))


class Survey:
    """Notes what each test uses while the tests run; listens as long as it lives."""

    def __init__(self, root: Path) -> None:
        self.findings = Findings()
        self._snippets = f"{root / 'snippets'}{os.sep}"
        self._holders: list[str] = [""]  # what asks now: the file, a test, a fixture
        self._asked: dict[str, set[str]] = defaultdict(set)
        self._running = 0.0  # seconds that programs took so far
        sys.addaudithook(self._hear_open)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Function) -> Iterator[None]:
        self._holders = [item.nodeid]
        start, running = time.process_time(), self._running
        result = yield
        spent = time.process_time() - start - (self._running - running)
        self.findings.test_seconds[item.nodeid] = spent
        self._note_uses(item)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef, request: pytest.FixtureRequest
    ) -> Iterator[None]:
        """A fixture that outlives its test asks for all that use it."""
        self._holders.append(_key(fixturedef.argname, request.param_index))
        try:
            value = yield
        finally:
            self._holders.pop()
        if fixturedef.argname == "ran":
            value = self._listening(value)
            fixturedef.cached_result = (value, *fixturedef.cached_result[1:])
        return value

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.findings.failed[""] = str(report.longrepr).strip().splitlines()[-1]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            said = crash.message if crash else str(report.longrepr)
            self.findings.failed[report.nodeid] = (said.splitlines() or [""])[0]

    def _note_uses(self, item: pytest.Function) -> None:
        indices = item.callspec.indices if hasattr(item, "callspec") else {}
        keys = [_key(name, indices.get(name, 0)) for name in item.fixturenames]
        asked = set().union(*(self._asked[k] for k in ("", item.nodeid, *keys)))
        self.findings.uses[item.nodeid] = sorted(asked)

    def _listening(self, ran: Callable) -> Callable:
        def run(name: str) -> object:
            self._note(name)
            start = time.process_time()
            result = ran(name)
            spent = time.process_time() - start
            self._running += spent
            seconds = self.findings.program_seconds
            seconds[name] = seconds.get(name, 0.0) + spent
            return result

        return run

    def _note(self, name: str) -> None:
        for holder in self._holders:
            self._asked[holder].add(name)

    def _hear_open(self, event: str, arguments: tuple) -> None:
        if event != "open" or not isinstance(arguments[0], str | os.PathLike):
            return
        path = os.fspath(arguments[0])
        if isinstance(path, str) and path.endswith(".py"):
            path = os.path.abspath(path)
            if path.startswith(self._snippets):
                name = path.removeprefix(self._snippets).removesuffix(".py")
                self._note(name.replace(os.sep, "/"))


def _key(fixture: str, index: int) -> str:
    """A fixture, or one of its parameters; no test is called so."""
    return f"{fixture}[{index}]"


class Only:
    """Only the named tests run, in this order; ``red`` gets the name of a red one."""

    def __init__(self, tests: list[str], red: Path) -> None:
        self._rank = {test: number for number, test in enumerate(tests)}
        self._red = red

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        chosen = [item for item in items if item.nodeid in self._rank]
        items[:] = sorted(chosen, key=lambda item: self._rank[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._red.write_text(report.nodeid, encoding="utf-8")
