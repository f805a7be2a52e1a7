"""Tables of facts in ``data/``: read row by row, every fault one line; their age."""

import datetime as dt
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from handbook.errors import HandbookError, did_you_mean


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Leaves dates as they are written: the models read them, and name a wrong one."""

    yaml_implicit_resolvers = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


Row = TypeVar("Row", bound=BaseModel)


def load(file: Path, section: str, model: type[Row], name: str) -> list[Row]:
    """The rows of a file, as ``model``; ``name`` is the field that tells them apart.

    Raises ``HandbookError`` with a line for each fault: file, row, field, mend.
    """
    rows, faults = check(file, section, model, name)
    if faults:
        raise HandbookError("\n".join(faults))
    return rows


def check(
    file: Path, section: str, model: type[Row], name: str
) -> tuple[list[Row], list[str]]:
    """The valid rows of a file and the faults of the others."""
    found: dict[str, Row] = {}
    faults = []
    for number, row in enumerate(read(file).get(section) or [], 1):
        label = row.get(name) if isinstance(row, dict) else None
        where = f"{file}: {label or f'{section} {number}'}"
        try:
            made = model.model_validate(row)
        except ValidationError as error:
            faults += [f"{where}, {line}" for line in _lines(error, model, row)]
            continue
        if label in found:
            faults.append(f"{where}, {name}: stands twice (rename or drop one)")
        found.setdefault(label, made)
    return list(found.values()), faults


def read(file: Path) -> dict:
    """A YAML file as it stands. Raises ``HandbookError`` if it cannot be read."""
    if not file.exists():
        raise HandbookError(f"{file}: does not exist (restore it)")
    return _read(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _read(file: Path, _changed: int) -> dict:
    try:
        return parse(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mend = "mend the line, or the one above"
        raise HandbookError(no_yaml(f"{file}", error, mend)) from None


def parse(text: str) -> object:
    """What YAML text holds, its dates as written. Raises ``yaml.YAMLError``."""
    return yaml.load(text, _Loader)


def no_yaml(name: str, error: yaml.YAMLError, mend: str) -> str:
    """One line on a text that could not be parsed: where, what, mend."""
    mark = getattr(error, "problem_mark", None)
    line = f":{mark.line + 1}" if mark else ""
    problem = getattr(error, "problem", "") or "cannot be read"
    return f"{name}{line}: no valid YAML: {problem} ({mend})"


def _lines(
    error: ValidationError, model: type[BaseModel], row: object
) -> Iterable[str]:
    for fault in error.errors():
        field = _place(row, fault["loc"])
        if fault["type"] == "extra_forbidden":
            last = str(fault["loc"][-1])
            hint = did_you_mean(last, sorted(_fields(model)))
            yield f"{field}: unknown field{hint or ' (drop or rename it)'}"
        elif fault["type"] == "value_error":
            yield f"{field}: {fault['ctx']['error']}"
        elif fault["type"] == "missing":
            yield f"{field}: is missing (add it)"
        else:
            yield f"{field}: {fault['msg']}, not {fault['input']!r:.60} (mend it)"


def _fields(kind: object) -> set[str]:
    """The names of a model's fields and of the models in it."""
    inside = [_fields(part) for part in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = kind.model_fields
        inside += [set(fields), *(_fields(f.annotation) for f in fields.values())]
    return set().union(*inside)


def _place(row: object, steps: Iterable[int | str]) -> str:
    """Where a fault lies: ``editions 2026, timeline paper, at``."""
    words: list[str] = []
    for step in steps:
        try:
            row = row[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            row = None
        if not isinstance(step, int):
            words.append(str(step))
            continue
        names = row if isinstance(row, dict) else {}
        label = next(
            (names[k] for k in ("year", "kind", "src") if k in names), step + 1
        )
        words[-1:] = [f"{words[-1] if words else 'row'} {label}"]
    return ", ".join(words) or "row"


def today() -> dt.date:
    """The day of the build (UTC), or the one that ``SOURCE_DATE_EPOCH`` names."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC).date()
    return dt.datetime.now(dt.UTC).date()


def overdue(checked: dt.date, days: int, day: dt.date | None = None) -> bool:
    """True if a fact was last checked more than ``days`` days before ``day``."""
    return ((day or today()) - checked).days > days
