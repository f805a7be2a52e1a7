"""A task in a fork of this process: silent, timed, ended with all that it started."""

import contextlib
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LOG = "MUTATE_LOG"  # the variable that names a file for what pytest says
APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND
BROKEN = 70  # exit status of a child that failed by our own fault


@dataclass(frozen=True)
class End:
    """How a child ended: its exit status, negative for a signal; processor seconds."""

    status: int
    seconds: float


def fork(task: Callable[[], int]) -> int:
    """Do a task in a child, silently, in a session of its own; the child's number."""
    sys.stdout.flush()
    with warnings.catch_warnings(action="ignore"):  # that this process has threads
        pid = os.fork()
    if pid:
        return pid
    status = BROKEN
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with silent():
            status = task()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """What libraries and pytest say goes nowhere, or into the file ``MUTATE_LOG``."""
    sys.stdout.flush()
    kept = os.dup(1), os.dup(2)
    out = os.open(os.environ.get(LOG, os.devnull), APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        for stream, number in zip(kept, (1, 2), strict=True):
            os.dup2(stream, number)
            os.close(stream)
        os.close(out)


def ended(running: dict[int, float]) -> list[tuple[int, End]]:
    """The children that ended, waiting for one; ``running`` says when each is late."""
    while True:
        ends = []
        for pid, late in running.items():
            if time.monotonic() > late:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
            if end := wait(pid, os.WNOHANG):
                ends.append((pid, end))
        if ends:
            return ends
        time.sleep(0.02)


def wait(pid: int, flags: int = 0) -> End | None:
    ended, status, usage = os.wait4(pid, flags)
    if not ended:
        return None
    seconds = usage.ru_utime + usage.ru_stime
    return End(os.waitstatus_to_exitcode(status), seconds)


def stop(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    wait(pid)
