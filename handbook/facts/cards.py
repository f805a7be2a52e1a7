"""Rows that name the page they were read on, and the card that shows such a row."""

import datetime as dt
from collections.abc import Iterable
from html import escape
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from handbook.facts.table import overdue

Address = Annotated[str, Field(pattern=r"^https://[^\s<>\"]+$")]
Text = Annotated[str, Field(min_length=1)]


class Row(BaseModel):
    """What such rows have in common: a name, an address, a source, a day."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    url: Address
    source: Address
    checked: dt.date
    dated_by: Literal["copy", "read"]  # whose day ``checked`` is: the page's, or ours


def card(
    row: Row,
    chip: str,
    under: str,
    lines: Iterable[tuple[str, str | None]],
    doubt: str = "",
) -> str:
    """A row as an entry of a list: its name, a line under it, what is known of it."""
    pairs = "".join(
        f"<div><dt>{word}</dt><dd>{escape(text)}</dd></div>"
        for word, text in lines
        if text
    )
    return (
        f"<li><p>{link(row.url, row.name)} "
        f'<span class="hb-level">{escape(chip)}</span>{doubt}<br>'
        f"<small>{escape(under)}</small></p><dl>{pairs}</dl>"
        f"<p>{source(row)}</p></li>"
    )


def link(url: str, text: str) -> str:
    """A name that leads to its page."""
    return f'<a href="{escape(url)}">{escape(text)}</a>'


def doubtful(row: Row, days: int, day: dt.date | None) -> str:
    """The chip of a row that was last checked more than ``days`` days before."""
    if not overdue(row.checked, days, day):
        return ""
    return ' <span class="hb-chip hb-doubt">待复核</span>'


def source(row: Row) -> str:
    """Where a row was read, and whose day that is."""
    word = "副本的日期" if row.dated_by == "copy" else "阅读的日期"
    return (
        f"<small>{link(row.source, '来源')}，{word} "
        f'<time datetime="{row.checked}">{row.checked}</time></small>'
    )
