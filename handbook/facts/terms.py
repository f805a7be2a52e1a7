"""``data/terms.yml``: one name for each thing, its synonyms for search, wrong names."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from handbook.facts import table
from handbook.registry import check

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


@check
def load(file: Path = FILE) -> list[Term]:
    """All terms. Raises ``HandbookError`` naming the entry and the field at fault."""
    return table.load(file, "terms", Term, "term")


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
