"""A program run inside this process, once, as a reader runs it.

The conditions of a reader are kept: a plain copy, an empty folder, a fresh state of the
libraries. Only their import, some ten seconds a program, is paid once a process.
"""

import contextlib
import io
import os
import random
import runpy
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

from handbook.programs.run import READER, TIME_LIMIT, Run, figure
from handbook.programs.sections import marked, outputs

TORCH_SEED = 67280421310721  # PyTorch's own, in a process that sets none


def run(path: Path, folder: Path) -> tuple[SimpleNamespace, Run]:
    """The globals that a program leaves, and its run. ``folder`` is empty.

    The globals have ``stdout_text`` beside them: all that the program printed, and
    ``printed_by``: the same by section.
    """
    copy = folder / path.name
    copy.write_text(marked(path.read_text(encoding="utf-8")), encoding="utf-8")
    printed = io.StringIO()
    with _as_a_reader(folder), _stopped_after(TIME_LIMIT, path):
        with contextlib.redirect_stdout(printed):
            names = runpy.run_path(str(copy), run_name="__main__")
    by_section = outputs(printed.getvalue())
    text = "".join(by_section.values())
    left = SimpleNamespace(**names | {"stdout_text": text, "printed_by": by_section})
    return left, Run(by_section, figure(copy, path), seconds=0.0, megabytes=0.0)


@contextlib.contextmanager
def _as_a_reader(folder: Path) -> Iterator[None]:
    """Fresh libraries, the reader's variables, the empty folder; all put back after."""
    before, path, argv = dict(os.environ), list(sys.path), list(sys.argv)
    fresh_libraries()
    os.environ.update(READER)
    sys.argv = [str(folder / "program.py")]
    try:
        with contextlib.chdir(folder), warnings.catch_warnings():
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        sys.path[:], sys.argv = path, argv
        fresh_libraries()


@contextlib.contextmanager
def _stopped_after(limit: float, path: Path) -> Iterator[None]:
    """Raise ``TimeoutError`` in a program that hangs, where the system has alarms."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"{path}: still running after {limit:g} s (make it finish)")

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def fresh_libraries() -> None:
    """Give the libraries that are loaded the state they have in a new process."""
    random.seed()
    if np := sys.modules.get("numpy"):
        np.random.seed()
        np.set_printoptions(
            precision=8, threshold=1000, edgeitems=3, linewidth=75, suppress=False,
            nanstr="nan", infstr="inf", sign="-", floatmode="maxprec", formatter=None,
            legacy=False,
        )  # fmt: skip
        np.seterr(divide="warn", over="warn", under="ignore", invalid="warn")
    if torch := sys.modules.get("torch"):
        torch.manual_seed(TORCH_SEED)
        torch.set_default_dtype(torch.float32)
        torch.set_default_device(None)
        torch.use_deterministic_algorithms(False)
        torch.set_grad_enabled(True)
        torch.autograd.set_detect_anomaly(False)
        torch.set_num_threads(int(READER["OMP_NUM_THREADS"]))
        torch.set_printoptions(profile="default")
    if keras := sys.modules.get("keras"):
        keras.utils.clear_session()
        keras.config.set_floatx("float32")
        keras.config.set_epsilon(1e-7)
        keras.config.set_image_data_format("channels_last")
    if tf := sys.modules.get("tensorflow"):
        tf.random.set_seed(None)
        tf.config.run_functions_eagerly(False)
    if plt := sys.modules.get("matplotlib.pyplot"):
        plt.close("all")
        plt.rcdefaults()
