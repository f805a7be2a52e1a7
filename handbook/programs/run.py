"""A program's run: as a reader runs it, or under another numeric environment."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from handbook.errors import HandbookError
from handbook.page.figures import tidy_svg
from handbook.programs.sections import marked, outputs

TIME_LIMIT = (
    240.0  # seconds: nearly three times what a page may take, on a busy machine
)
READER = {
    "CUDA_VISIBLE_DEVICES": "-1",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "PYTHONUTF8": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
#: The numeric environments under which every printed digit must be the same.
ENVIRONMENTS: dict[str, Mapping[str, str]] = {
    "this processor": {},
    "an old processor": {
        "ATEN_CPU_CAPABILITY": "default",
        "MKL_CBWR": "COMPATIBLE",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2",
    },
    "two threads": {
        "OMP_NUM_THREADS": "2",
        "OMP_WAIT_POLICY": "PASSIVE",  # on a busy machine, waiting in a loop takes ages
        "MKL_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
        "TF_NUM_INTRAOP_THREADS": "2",
        "TF_NUM_INTEROP_THREADS": "2",
    },
}


@dataclass(frozen=True)
class Run:
    """What a run printed, by section, and drew; its seconds, its peak memory in MB."""

    outputs: Mapping[str, str]
    figure: str | None
    seconds: float
    megabytes: float


def run(
    path: Path, environment: Mapping[str, str] | None = None, limit: float = TIME_LIMIT
) -> Run:
    """Run a program as a reader would: a fresh process, an empty folder, a plain copy.

    ``environment`` holds variables to set beside a reader's; ``limit`` is in seconds.
    Raises ``HandbookError`` if the program hangs or crashes.
    """
    variables = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    variables |= READER | dict(environment or {})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / path.name
        copy.write_text(marked(path.read_text(encoding="utf-8")), encoding="utf-8")
        with (
            open(Path(folder) / ".stdout", "w+", encoding="utf-8") as out,
            open(Path(folder) / ".stderr", "w+", encoding="utf-8") as err,
        ):
            start = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, copy.name],
                cwd=folder,
                env=variables,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            code, megabytes, hung = _wait(process, limit)
            seconds = time.perf_counter() - start
            for stream in (out, err):
                stream.seek(0)
            printed, complaint = out.read(), err.read()
        drawn = figure(copy, path)
    if hung:
        raise HandbookError(
            f"{path}: still running after {limit:g} s (make it finish, or shorten it)"
        )
    if code != 0:
        last = (complaint.strip().splitlines() or [f"exit status {code}"])[-1]
        raise HandbookError(f"{path}: crashed: {last} (run it by hand to see where)")
    return Run(outputs(printed), drawn, seconds, megabytes)


def figure(copy: Path, path: Path) -> str | None:
    """What the running copy of the program ``path`` drew, fit for a page."""
    drawn = copy.with_suffix(".svg")
    if not drawn.is_file():
        return None
    return tidy_svg(drawn.read_text(encoding="utf-8"), path)


def _wait(process: subprocess.Popen, limit: float) -> tuple[int, float, bool]:
    """Exit status, peak memory in MB (0 where the system is silent), hung or not."""
    hung = threading.Event()

    def stop() -> None:
        hung.set()
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()

    timer = threading.Timer(limit, stop)
    timer.start()
    try:
        if not hasattr(os, "wait4"):
            return process.wait(), 0.0, hung.is_set()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        unit = 1e6 if sys.platform == "darwin" else 1e3
        return process.returncode, usage.ru_maxrss / unit, hung.is_set()
    finally:
        timer.cancel()
