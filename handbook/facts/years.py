"""Tables of years, field by field: a group a venue, which leads to its card.

Acceptance rates and editions are shown so.
"""

from collections.abc import Callable, Iterable, Mapping
from html import escape

from handbook.facts.agenda import ATLAS
from handbook.facts.conferences import FIELDS, Venue
from handbook.facts.marks import link


def ways(known: Callable[[str], list[Venue]]) -> str:
    """The way to the table of each field of which something is known."""
    return " · ".join(
        link(f"#{slug}", field) for field, slug in FIELDS.items() if known(field)
    )


def table(label: str, head: Mapping[str, str], groups: Iterable[str]) -> str:
    """The table of a field; ``head`` gives each column's name its attributes."""
    names = "".join(
        f"<th role=columnheader scope=col{kind}>{name}" for name, kind in head.items()
    )
    return (
        f'<div class=hb-table><table class=hb-years role=table aria-label="{label}">'
        f"<thead role=rowgroup><tr role=row>{names}</thead>{''.join(groups)}"
        "</table></div>"
    )


def group(venue: Venue, rows: Iterable[str]) -> str:
    """A venue's rows below its name; the tables have four columns."""
    card = link(f"{ATLAS}#{venue.key}", escape(venue.name))
    return (
        f"<tbody role=rowgroup><tr role=row><th role=rowheader scope=rowgroup colspan=4"
        f" id={venue.key}>{card}{''.join(rows)}</tbody>"
    )
