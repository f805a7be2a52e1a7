"""The sources: ``data/references.bib``, and the keys that pages cite from it."""

import re
from functools import lru_cache
from pathlib import Path

from mkdocs_bibtex.citation import Citation
from mkdocs_bibtex.registry import SimpleRegistry
from pybtex.database import Entry, PybtexError, parse_file
from pybtex.richtext import Text

from handbook import registry
from handbook.cache import recall
from handbook.errors import HandbookError, did_you_mean

FILE = Path("data/references.bib")
_READING = re.compile(r"\n## [^\n]*\{ #further-reading \}.*", re.S)
_ITEM = re.compile(r"^- \[(@[^\]]+)\][：\s]*", re.M)
_BEFORE_NUMBER = re.compile(r'\s+(?=<sup id="fnref)')
_WAY_BACK = re.compile(
    r'(<a class="footnote-backref"[^>]*) title="[^"]*"(>[^<]*</a>)'
    r'(?:<a class="footnote-backref".*?</a>)*'
)
_CITED = re.compile(r"\[(-?@[^\]\s]+(?:\s*;\s*-?@[^\]\s]+)*)\]")


@registry.check
def keys(file: Path = FILE) -> list[str]:
    """The keys of all sources. Raises ``HandbookError`` for an entry that is unfit."""
    return list(_entries(file, file.stat().st_mtime_ns))


def named(markdown: str, file: Path = FILE) -> str:
    """A page whose further reading names each work, not only its number."""
    entries = _entries(file, file.stat().st_mtime_ns)

    def item(match: re.Match) -> str:
        works = [key.strip() for key in match[1].split(";")]
        return f"- {'；'.join(f'{_work(entries[w[1:]])} [{w}]' for w in works)}："

    return _READING.sub(lambda part: _ITEM.sub(item, part[0]), markdown)


def tidy(html: str) -> str:
    """A page whose numbers stay with their sentences and whose notes lead back once."""
    html = _BEFORE_NUMBER.sub("\u202f", html)  # narrow, and no line ends there
    return _WAY_BACK.sub(r'\1 title="回到正文"\2', html)


def _work(entry: Entry) -> str:
    """Who, when, what: **Vaswani 等 2017**，Attention Is All You Need."""
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [" ".join(map(_plain, person.last_names)) for person in people]
    who = f"{names[0]} 等" if len(names) > 2 else " 与 ".join(names)
    when = " ".join(filter(None, [who, entry.fields["year"]]))
    return f"**{when}**，{_plain(entry.fields['title'])}"


def _plain(latex: str) -> str:
    """A field without braces and commands, safe in Markdown."""
    return re.sub(r"([*_`\[\]<])", r"\\\1", str(Text.from_latex(latex)))


@lru_cache(maxsize=4)
def _entries(file: Path, _changed: int) -> dict[str, Entry]:
    """The sources by key, each seen to be fit."""
    try:
        entries = parse_file(str(file)).entries
    except PybtexError as error:
        raise HandbookError(f"{file}: {error} (mend the entry)") from None
    for key, entry in entries.items():
        for field in ("title", "year", "url"):
            if field not in entry.fields:
                raise HandbookError(f"{file}: {key} has no {field} (add it)")
        if not re.fullmatch(r"\{.*\}", entry.fields["title"], re.S):
            raise HandbookError(
                f"{file}: {key} would lose its title's capitals (title = {{{{…}}}})"
            )
    return dict(entries)


def cited(markdown: str) -> list[str]:
    """The keys that a page cites, in order, with repetitions."""
    groups = (match[1] for match in _CITED.finditer(markdown))
    return [key.strip().lstrip("-@") for group in groups for key in group.split(";")]


def check(markdown: str, page: str, file: Path = FILE) -> None:
    """Raise ``HandbookError`` for a citation of a source that is not there."""
    known = keys(file)
    for key in cited(markdown):
        if key not in known:
            hint = did_you_mean(key, known) or f" (add it to {file})"
            raise HandbookError(f"{page}: unknown citation @{key}{hint}")


def remember(registry: SimpleRegistry) -> None:
    """Let mkdocs-bibtex set each source once: it takes 3 ms, for each page that cites.

    Does nothing to a registry that remembers already.
    """
    if "reference_text" in vars(registry):
        return
    render = registry.reference_text

    def reference_text(citation: Citation) -> str:
        entry = registry.bib_data.entries[citation.key]
        return recall(f"reference {entry!r}", lambda: render(citation))

    registry.reference_text = reference_text
