"""The programs that the pages show: their names, their sections, what readers get.

A program is ``snippets/<part>/<page>[_<aspect>]_<framework>.py``; beside it lie the
recorded output ``.out``, cut into the same sections, and, where it draws, the recorded
figure ``.svg``.
"""

import re
from functools import cache, lru_cache
from pathlib import Path

from handbook.errors import HandbookError, did_you_mean
from handbook.registry import maker

FOLDER = Path("snippets")
FRAMEWORKS = {
    "numpy": "NumPy",
    "torch": "PyTorch",
    "tf": "TensorFlow",
    "python": "Python",  # the standard library alone
}

_MARKER = re.compile(r"^\s*# --8<-- \[(start|end):([\w-]+)\]\s*$")
_EMBED = re.compile(r'^\s*--8<-- "(?P<path>[^":]+)(?::(?P<section>[^"]+))?"\s*$', re.M)
#: What the running copy prints where a section starts: a character no program prints.
_CUT_MARK = "\x1e"


@cache
def all_programs(folder: Path = FOLDER) -> list[Path]:
    """Every program, in order of its name."""
    return sorted(folder.glob("*/*.py"))


def name(path: Path) -> str:
    """``part/page_framework``, as ``make record NAME=`` takes it."""
    return f"{path.parent.name}/{path.stem}"


def called(names: list[str], folder: Path = FOLDER) -> list[Path]:
    """The programs of these names. Raises ``HandbookError`` for one that is none."""
    paths = [folder / f"{known}.py" for known in names]
    for path in paths:
        if not path.is_file():
            hint = did_you_mean(name(path), [name(p) for p in all_programs(folder)])
            raise HandbookError(f"{path}: no such program{hint or ' (mend the name)'}")
    return paths


def framework(path: Path) -> str:
    """The last word of a program's name, a key of ``FRAMEWORKS``."""
    name = path.stem.rpartition("_")[2]
    if name not in FRAMEWORKS:
        raise HandbookError(
            f"{path}: a program's name ends in _{', _'.join(FRAMEWORKS)} (rename it)"
        )
    return name


def sections(path: Path) -> dict[str, str]:
    """The sections of a program or a record in order, name to text.

    A record's last line, its provenance, is in none. Raises ``HandbookError`` for a
    line of code outside all sections, a section within another, one that is opened
    twice, or one that is not closed.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".out":
        text = text.rstrip("\n").rpartition("\n")[0]
    return _cut(path, text)


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
    """A program's text as readers get it: without the section markers."""
    lines = [line for line in text.splitlines() if not _MARKER.match(line)]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip() + "\n"


def marked(text: str) -> str:
    """A program's text as it runs to be recorded: each section says its name first."""
    lines = []
    for line in text.splitlines():
        marker = _MARKER.match(line)
        if marker is None:
            lines.append(line)
        else:  # as many lines as before: a traceback names the true one
            starts = marker[1] == "start"
            lines.append(f'print("\\x1e{marker[2]}")' if starts else "")
    return "\n".join(lines) + "\n"


def outputs(printed: str) -> dict[str, str]:
    """What each section printed, in order; silent sections are left out."""
    found: dict[str, str] = {}
    for part in printed.split(_CUT_MARK)[1:]:
        section, _, text = part.partition("\n")
        if text.strip():
            found[section] = text.strip("\n") + "\n"
    return found


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
        if section is None or file.suffix not in {".py", ".out"}:
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


@maker
def downloads() -> dict[str, str]:
    """Address in the site to text, for each program as the pages show it."""
    all_programs.cache_clear()
    return {
        f"{FOLDER.name}/{name(path)}.py": published(path.read_text(encoding="utf-8"))
        for path in all_programs()
    }
