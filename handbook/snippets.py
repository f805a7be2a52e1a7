"""The code that the pages show: its sections, its run as a reader, its record.

A snippet is ``snippets/<part>/<page>[_<aspect>]_<framework>.py``; beside it lie the
recorded output ``.out`` and, where it draws, the recorded figure ``.svg``.
"""

import argparse
import difflib
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

from handbook.errors import HandbookError
from handbook.figures import tidy_svg

FOLDER = Path("snippets")
FRAMEWORKS = {
    "numpy": "NumPy",
    "torch": "PyTorch",
    "tf": "TensorFlow",
    "python": "Python",  # the standard library alone
}
TIME_LIMIT = 240.0  # seconds: three times what style allows, for a busy machine

_MARKER = re.compile(r"^\s*# --8<-- \[(start|end):([\w-]+)\]\s*$")
_EMBED = re.compile(r'^\s*--8<-- "(?P<path>[^":]+)(?::(?P<section>[^"]+))?"\s*$', re.M)
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w])")


@dataclass(frozen=True)
class Run:
    """What one run printed and drew, how long it took (s) and its peak memory (MB)."""

    stdout: str
    figure: str | None
    seconds: float
    megabytes: float


# --- names and sections ------------------------------------------------------


def framework(path: Path) -> str:
    """The last word of a snippet's name, a key of ``FRAMEWORKS``."""
    name = path.stem.rpartition("_")[2]
    if name not in FRAMEWORKS:
        raise HandbookError(
            f"{path}: a snippet's name ends in _{', _'.join(FRAMEWORKS)} (rename it)"
        )
    return name


def sections(path: Path) -> dict[str, str]:
    """The sections of a snippet in order, name to text.

    Raises ``HandbookError`` for a line of code outside all sections, a section within
    another, one that is opened twice, or one that is not closed.
    """
    return _cut(path, path.read_text(encoding="utf-8"))


@lru_cache(maxsize=512)
def _cut(path: Path, text: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    inside: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        marker = _MARKER.match(line)
        if marker is None:
            if inside is not None:
                found[inside].append(line)
            elif line.strip():
                raise HandbookError(
                    f"{path}:{number}: code outside every section (put it between "
                    "# --8<-- [start:name] and # --8<-- [end:name])"
                )
            continue
        edge, name = marker.groups()
        if edge == "start" and (inside or name in found):
            raise HandbookError(
                f"{path}:{number}: section {name!r} starts inside {inside!r} or twice "
                "(close the section before it, or rename it)"
            )
        if edge == "end" and name != inside:
            raise HandbookError(
                f"{path}:{number}: section {name!r} ends but {inside!r} is open"
                " (write the same name in start and end)"
            )
        inside = name if edge == "start" else None
        if inside:
            found[inside] = []
    if inside:
        raise HandbookError(
            f"{path}: section {inside!r} has no end (add [end:{inside}])"
        )
    return {name: "\n".join(lines) for name, lines in found.items()}


def published(text: str) -> str:
    """A snippet's text as readers get it: without the section markers."""
    lines = [line for line in text.splitlines() if not _MARKER.match(line)]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip() + "\n"


def check_embeds(markdown: str, page: str, bases: list[Path]) -> None:
    """Check that each ``--8<-- "file:section"`` of a page embeds something.

    ``bases`` are the folders in which files are looked for. Raises ``HandbookError``.
    """
    for match in _EMBED.finditer(markdown):
        name, section = match["path"], match["section"]
        file = next((b / name for b in bases if (b / name).is_file()), None)
        if file is None:
            known = [
                p.relative_to(base).as_posix()
                for base in bases
                for p in base.rglob("*.*")
            ]
            raise HandbookError(
                f"{page}: embeds {name!r}, which is no file{did_you_mean(name, known)}"
            )
        if section is None or file.suffix != ".py":
            continue
        known = list(sections(file))
        if section not in known:
            hint = did_you_mean(section, known) or f" (it has {', '.join(known)})"
            raise HandbookError(f"{page}: {name} has no section {section!r}{hint}")


def embedded(markdown: str, bases: list[Path]) -> tuple[str, ...]:
    """The texts of the files that a page embeds, in order."""
    names = [match["path"] for match in _EMBED.finditer(markdown)]
    files = [base / name for name in names for base in bases]
    return tuple(f.read_text(encoding="utf-8") for f in files if f.is_file())


def did_you_mean(word: str, known: list[str]) -> str:
    """`` (did you mean X?)`` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""


# --- running -----------------------------------------------------------------


def run(path: Path, limit: float = TIME_LIMIT) -> Run:
    """Run a snippet as a reader would: a fresh process, an empty folder, a plain copy.

    ``limit`` is in seconds. Raises ``HandbookError`` if it hangs or crashes.
    """
    environment = {
        key: value for key, value in os.environ.items() if key != "PYTHONPATH"
    } | {
        "CUDA_VISIBLE_DEVICES": "-1",
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "PYTHONUTF8": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / path.name
        copy.write_text(published(path.read_text(encoding="utf-8")), encoding="utf-8")
        with (
            open(Path(folder) / ".stdout", "w+", encoding="utf-8") as out,
            open(Path(folder) / ".stderr", "w+", encoding="utf-8") as err,
        ):
            start = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, copy.name],
                cwd=folder,
                env=environment,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            code, megabytes, hung = _wait(process, limit)
            seconds = time.perf_counter() - start
            for stream in (out, err):
                stream.seek(0)
            stdout, stderr = out.read(), err.read()
        figure = copy.with_suffix(".svg")
        drawn = figure.read_text(encoding="utf-8") if figure.is_file() else None
    if hung:
        raise HandbookError(
            f"{path}: still running after {limit:g} s (make it finish, or shorten it)"
        )
    if code != 0:
        last = (stderr.strip().splitlines() or [f"exit status {code}"])[-1]
        raise HandbookError(f"{path}: crashed: {last} (run it by hand to see where)")
    return Run(stdout, tidy_svg(drawn, path) if drawn else None, seconds, megabytes)


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


# --- comparing with the record -----------------------------------------------


def difference(recorded: str, printed: str, rtol: float = 1e-3) -> str | None:
    """The first difference between two outputs, or ``None``.

    Text must be equal. Whole numbers must be equal; others may differ by ``rtol`` or by
    one unit in the last place that both print.
    """
    old, new = recorded.rstrip().splitlines(), printed.rstrip().splitlines()
    for number, (a, b) in enumerate(zip(old, new, strict=False), 1):
        if not _same_line(a.rstrip(), b.rstrip(), rtol):
            return f"line {number}: recorded {a!r}, printed {b!r}"
    if len(old) != len(new):
        return f"{len(old)} lines recorded, {len(new)} printed"
    return None


def _same_line(a: str, b: str, rtol: float) -> bool:
    if re.sub(r" +", " ", _NUMBER.sub("#", a)) != re.sub(
        r" +", " ", _NUMBER.sub("#", b)
    ):
        return False
    pairs = zip(_NUMBER.findall(a), _NUMBER.findall(b), strict=True)
    return all(_same_number(x, y, rtol) for x, y in pairs)


def _same_number(a: str, b: str, rtol: float) -> bool:
    if re.fullmatch(r"[-+]?\d+", a) and re.fullmatch(r"[-+]?\d+", b):
        return int(a) == int(b)
    x, y = float(a), float(b)
    unit = max(_last_place(a), _last_place(b))
    return abs(x - y) <= max(rtol * max(abs(x), abs(y)), 1.001 * unit)


def _last_place(number: str) -> float:
    """One unit in the last place that is printed: 0.001 for ``1.250``."""
    mantissa, _, exponent = number.lower().partition("e")
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def body(record: str) -> str:
    """A record without its last line, the provenance."""
    return record.rstrip("\n").rpartition("\n")[0]


def check_record(path: Path, result: Run) -> None:
    """Raise ``HandbookError`` if a run differs from what the page shows."""
    record = path.with_suffix(".out")
    if not record.is_file():
        raise HandbookError(f"{record}: no record (make record NAME={_name(path)})")
    wrong = difference(body(record.read_text(encoding="utf-8")), result.stdout)
    figure = path.with_suffix(".svg")
    shown = figure.read_text(encoding="utf-8") if figure.is_file() else ""
    if wrong is None:
        wrong = difference(shown, result.figure or "")
        wrong = wrong and f"figure: {wrong[:300]}"
    if wrong:
        raise HandbookError(
            f"{path}: prints something else than recorded: {wrong} "
            f"(mend the snippet, or make record NAME={_name(path)})"
        )


# --- recording ---------------------------------------------------------------


def provenance(path: Path, result: Run) -> str:
    """The last line of a record: libraries, device, seconds, memory."""
    names = {"numpy": ["numpy"], "torch": ["torch"], "tf": ["tensorflow", "keras"]}
    if framework(path) == "python":
        versions = f"Python {platform.python_version()}"
    else:
        versions = " · ".join(f"{n} {version(n)}" for n in names[framework(path)])
    return f"# {versions} · CPU · {result.seconds:.1f} s · {result.megabytes:.0f} MB"


def record(path: Path) -> None:
    """Run a snippet and write what it printed and drew beside it."""
    sections(path)
    result = run(path)
    text = f"{result.stdout.rstrip()}\n{provenance(path, result)}\n"
    path.with_suffix(".out").write_text(text, encoding="utf-8")
    if result.figure:
        path.with_suffix(".svg").write_text(result.figure, encoding="utf-8")
    else:
        path.with_suffix(".svg").unlink(missing_ok=True)
    print(f"{path}: {result.seconds:.1f} s, {result.megabytes:.0f} MB")


@cache
def all_snippets(folder: Path = FOLDER) -> list[Path]:
    """Every snippet, in order of its name."""
    return sorted(folder.glob("*/*.py"))


def _name(path: Path) -> str:
    return path.relative_to(FOLDER).with_suffix("").as_posix()


def _stale(path: Path) -> bool:
    out = path.with_suffix(".out")
    return not out.is_file() or out.stat().st_mtime < path.stat().st_mtime


def main(arguments: list[str] | None = None) -> int:
    """``python -m handbook.snippets record [part/name …]``: the named, or the stale."""
    parser = argparse.ArgumentParser(prog="handbook.snippets")
    parser.add_argument("command", choices=["record"])
    parser.add_argument("names", nargs="*", help="part/page_framework")
    options = parser.parse_args(arguments)
    paths = [FOLDER / f"{name}.py" for name in options.names]
    try:
        for path in paths or [p for p in all_snippets() if _stale(p)]:
            if not path.is_file():
                known = [_name(p) for p in all_snippets()]
                hint = did_you_mean(_name(path), known)
                raise HandbookError(f"{path}: no such snippet{hint}")
            record(path)
    except HandbookError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
