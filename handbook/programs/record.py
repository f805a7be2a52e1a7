"""A program's record: what it printed, section by section, and whether that holds.

The record ``.out`` has the sections of its program, those that print, between the same
marks; its last line is the provenance. It is written by a run, never typed.
"""

import platform
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from handbook.errors import HandbookError
from handbook.programs.run import ENVIRONMENTS, Run, run
from handbook.programs.sections import framework, name, sections

_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w])")
#: What a path's pen does: the letter touches the numbers on its sides.
_PEN = re.compile(r"(?<=[\d \".])([MLHVCQz])(?=[-\d \"])")
MEND = "print fewer digits, train in float64, or state the range over seeds"
#: How far a number in a figure may move, relatively: no eye sees a thousandth.
DRAWN = 1e-3


# --- reading ------------------------------------------------------------------


def recorded(path: Path) -> Mapping[str, str]:
    """What each section of a program is recorded to print; silent ones are left out."""
    record = path.with_suffix(".out")
    if not record.is_file():
        raise HandbookError(f"{record}: no record (make record NAME={name(path)})")
    return {section: f"{text}\n" for section, text in sections(record).items()}


def provenance(path: Path) -> str:
    """The last line of a record without its mark: libraries, device, time, memory."""
    text = path.with_suffix(".out").read_text(encoding="utf-8")
    return text.rstrip("\n").rpartition("\n")[2].removeprefix("# ")


# --- comparing ----------------------------------------------------------------


def difference(recorded: str, printed: str, rtol: float = 0.0) -> str | None:
    """The first difference between two outputs, or ``None``.

    Text must be equal. Whole numbers must be equal; others may differ by one unit in
    the last place that both print, or by ``rtol``.
    """
    old, new = recorded.rstrip().splitlines(), printed.rstrip().splitlines()
    for number, (a, b) in enumerate(zip(old, new, strict=False), 1):
        if not _same_line(a.rstrip(), b.rstrip(), rtol):
            return f"line {number}: recorded {a!r}, printed {b!r}"
    if len(old) != len(new):
        return f"{len(old)} lines recorded, {len(new)} printed"
    return None


def _same_line(a: str, b: str, rtol: float) -> bool:
    if _words(a) != _words(b):
        return False
    pairs = zip(_NUMBER.findall(a), _NUMBER.findall(b), strict=True)
    return all(_same_number(x, y, rtol) for x, y in pairs)


def _words(line: str) -> str:
    """A line without its numbers; columns may shift with their width."""
    return re.sub(r" +", " ", _NUMBER.sub("#", line))


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


def check(path: Path, result: Run) -> None:
    """Raise ``HandbookError`` if a run differs from what the page shows."""
    shown = recorded(path)
    wrong = _first_difference(shown, result.outputs)
    if wrong is None:
        figure = path.with_suffix(".svg")
        drawn = figure.read_text(encoding="utf-8") if figure.is_file() else ""
        wrong = _drawn_difference(drawn, result.figure or "")
        wrong = wrong and f"figure: {wrong[:300]}"
    if wrong:
        raise HandbookError(
            f"{path}: prints something else than recorded: {wrong} "
            f"(mend the program, or make record NAME={name(path)})"
        )


def _drawn_difference(old: str, new: str) -> str | None:
    """The first difference between two figures that an eye could see."""
    apart = (_PEN.sub(r" \1 ", figure) for figure in (old, new))
    return difference(*apart, DRAWN)


def _first_difference(old: Mapping[str, str], new: Mapping[str, str]) -> str | None:
    if list(old) != list(new):
        apart = sorted(set(old) ^ set(new)) or list(new)
        return f"other sections print: {', '.join(apart)}"
    for section, text in old.items():
        if wrong := difference(text, new[section]):
            return f"section {section}, {wrong}"
    return None


def unstable(runs: Mapping[str, Run]) -> str | None:
    """The first number on which runs of a program disagree: place, values, mend.

    ``runs`` holds a run for each numeric environment, by its name. A last printed place
    that differs by one is rounding; whatever else differs is not what readers get.
    """
    (first, here), *others = runs.items()
    for other, there in others:
        if list(here.outputs) != list(there.outputs):
            return f"other sections print on {other} than on {first} ({MEND})"
        for section, text in here.outputs.items():
            if difference(text, there.outputs[section]):
                return f"section {section}, {_values(runs, section)} ({MEND})"
        drawn = _drawn_difference(here.figure or "", there.figure or "")
        if drawn:
            return f"the figure differs on {other}: {drawn[:160]} ({MEND})"
    return None


def _values(runs: Mapping[str, Run], section: str) -> str:
    """Line, number and what each run printed there, where they first disagree."""
    lines = {where: r.outputs[section].splitlines() for where, r in runs.items()}
    if len({len(text) for text in lines.values()}) > 1:
        return f"{' and '.join(str(len(text)) for text in lines.values())} lines"
    for number, row in enumerate(zip(*lines.values(), strict=True), 1):
        if len({_words(line) for line in row}) > 1:
            return f"line {number}: {_said(lines, map(repr, row))}"
        columns = zip(*map(_NUMBER.findall, row), strict=True)
        for place, values in enumerate(columns, 1):
            if not all(_same_number(values[0], value, 0.0) for value in values):
                said = ", ".join(
                    f"{v} on {w}" for w, v in zip(lines, values, strict=True)
                )
                return f"line {number}, number {place}: {said}"
    raise AssertionError("the runs agree")


def _said(places: Iterable[str], values: Iterable[str]) -> str:
    return ", ".join(f"{v} on {where}" for where, v in zip(places, values, strict=True))


# --- recording ----------------------------------------------------------------


def stable(path: Path) -> Run:
    """A run on this processor, having seen that other environments print the same.

    Raises ``HandbookError`` in one line: program, line, number, the values, the mend.
    """
    runs = {where: run(path, extra) for where, extra in ENVIRONMENTS.items()}
    if wrong := unstable(runs):
        raise HandbookError(f"{path}: {wrong}")
    return runs[next(iter(ENVIRONMENTS))]


def record(path: Path) -> Run:
    """Run a program where its digits are stable; write what it printed and drew."""
    sections(path)
    result = stable(path)
    parts = [
        f"# --8<-- [start:{section}]\n{text}# --8<-- [end:{section}]\n"
        for section, text in result.outputs.items()
    ]
    text = "".join(parts) + f"# {_made_by(path, result)}\n"
    path.with_suffix(".out").write_text(text, encoding="utf-8")
    if result.figure:
        path.with_suffix(".svg").write_text(result.figure, encoding="utf-8")
    else:
        path.with_suffix(".svg").unlink(missing_ok=True)
    return result


def _made_by(path: Path, result: Run) -> str:
    names = {"numpy": ["numpy"], "torch": ["torch"], "tf": ["tensorflow", "keras"]}
    if framework(path) == "python":
        versions = f"Python {platform.python_version()}"
    else:
        versions = " · ".join(f"{n} {version(n)}" for n in names[framework(path)])
    return f"{versions} · CPU · {result.seconds:.1f} s · {result.megabytes:.0f} MB"
