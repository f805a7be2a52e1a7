"""What every test may use: the repository's root, and snippets run in this process."""

import contextlib
import io
import os
import runpy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parent.parent
os.environ.update(
    CUDA_VISIBLE_DEVICES="-1",
    MPLBACKEND="Agg",
    NO_MKDOCS_2_WARNING="1",
    OMP_NUM_THREADS="1",
    TF_CPP_MIN_LOG_LEVEL="3",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one page share a worker, so that each program runs there only once."""
    for item in items:
        if "run_snippet" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session")
def run_snippet(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], SimpleNamespace]:
    """``run_snippet("concepts/attention_torch")``: its globals, run once a process.

    The namespace also has ``stdout_text``: what the snippet printed.
    """

    @cache
    def run(name: str) -> SimpleNamespace:
        printed = io.StringIO()
        folder = tmp_path_factory.mktemp(name.replace("/", "-"))
        with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
            names = runpy.run_path(
                str(ROOT / "snippets" / f"{name}.py"), run_name="__main__"
            )
        return SimpleNamespace(**names, stdout_text=printed.getvalue())

    return run
