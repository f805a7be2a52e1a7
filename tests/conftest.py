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
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


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
