"""``data/terms.yml``: one name for each thing, its synonyms for search, wrong names."""

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from handbook.errors import HandbookError

FILE = Path("data/terms.yml")


class Term(BaseModel):
    """One term: the name the book uses, and the others."""

    model_config = ConfigDict(extra="forbid")

    term: str
    en: str
    abbr: str | None = None
    variants: list[str] = []
    banned: list[str] = []
    page: str | None = None


def load(file: Path = FILE) -> list[Term]:
    """All terms. Raises ``HandbookError`` naming the entry and the field at fault."""
    return _load(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(file: Path, _changed: int) -> list[Term]:
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))["terms"]
    found, seen = [], set()
    for number, row in enumerate(rows, 1):
        name = row.get("term", f"entry {number}")
        try:
            found.append(Term.model_validate(row))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise HandbookError(
                f"{file}: {name}, {field}: {first['msg']} (mend the entry)"
            ) from None
        if name in seen:
            raise HandbookError(f"{file}: {name} stands twice (drop one)")
        seen.add(name)
    return found


def synonyms(file: Path = FILE) -> dict[str, list[str]]:
    """Each term with the other words a reader may search it by."""
    return {
        t.term: [word for word in [t.en, t.abbr, *t.variants, *t.banned] if word]
        for t in load(file)
    }


def wrong_names(markdown: str, file: Path = FILE) -> list[tuple[str, str]]:
    """The banned names in a text, each with the name to use."""
    return [
        (bad, term.term)
        for term in load(file)
        for bad in term.banned
        if bad in markdown
    ]
