"""What every test may use: the repository's root, and programs run in this process."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from handbook.programs.run import READER, Run

from . import reader

ROOT = Path(__file__).parent.parent
os.environ.update(READER, NO_MKDOCS_2_WARNING="1")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """The tests of one page share a worker, so that each program runs only once."""
    from .scheduling import PageScheduling

    return PageScheduling(config, log)


@pytest.fixture(scope="session")
def ran(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], tuple[SimpleNamespace, Run]]:
    """``ran("concepts/attention_torch")``: its globals and its run, once a process."""

    @cache
    def run(name: str) -> tuple[SimpleNamespace, Run]:
        folder = tmp_path_factory.mktemp(name.replace("/", "-"))
        return reader.run(ROOT / "snippets" / f"{name}.py", folder)

    return run


@pytest.fixture(scope="session")
def run_snippet(
    ran: Callable[[str], tuple[SimpleNamespace, Run]],
) -> Callable[[str], SimpleNamespace]:
    """``run_snippet("concepts/attention_torch")``: its globals, run once a process.

    The namespace also has ``stdout_text``, all that the program printed, and
    ``printed_by``, the same by section.
    """
    return lambda name: ran(name)[0]
