"""The page of acceptance rates: every count with its basis and source, by field.

The atlas shows the newest count of a venue in a line; all else stands here.
"""

from collections import Counter
from html import escape

from handbook.facts import conferences, years
from handbook.facts.agenda import tracked
from handbook.facts.conferences import (
    FIELDS,
    Acceptance,
    Conferences,
    Count,
    Edition,
    Venue,
)
from handbook.facts.marks import link
from handbook.registry import view

PAGE = "../acceptance/"
#: The columns, numbers to the right.
HEAD = {"年": "", "录用／投稿": " class=n", "录用率": " class=n", "口径与来源": ""}
UNSAID = "口径未说明"


def head(facts: Conferences) -> str:
    """A line on what is known of how many venues, and the way to each field."""
    counts = [count for venue in facts.venues for count in venue.acceptance]
    counted = sum(bool(venue.acceptance) for venue in facts.venues)
    unseen = sum(venue.no_count_seen is not None for venue in facts.venues)
    unsaid = sum(count.basis is None for count in counts)
    ways = years.ways(lambda field: _known(field, facts))
    return (
        f"<p>{counted} 个会议共 {len(counts)} 条，{unsaid} 条的来源没有说口径；"
        f"另有 {unseen} 个近年未见成对的数字。直接看：{ways}</p>"
    )


def _known(field: str, facts: Conferences) -> list[Venue]:
    """The venues of a field that have a count, or are known to have none."""
    inside = [venue for venue in facts.venues if venue.field == field]
    return [v for v in inside if v.acceptance or v.no_count_seen or _coming(v)]


def _coming(venue: Venue) -> list[Edition]:
    """The editions whose papers are counted while none is accepted, newest first."""
    return sorted((e for e in venue.editions if e.received), key=lambda e: -e.year)


def counts(facts: Conferences, field: str) -> str:
    """The counts of one field: a group a venue, a row a year, the newest first."""
    groups = (_group(venue, facts) for venue in _known(field, facts))
    return years.table(f"{field}：录用与投稿", HEAD, groups)


def _group(venue: Venue, facts: Conferences) -> str:
    rows = [_received(edition, facts) for edition in _coming(venue)]
    rows += [
        _year(count, facts) for count in sorted(venue.acceptance, key=lambda c: -c.year)
    ]
    if venue.no_count_seen:
        rows += [f"<tr role=row><td role=cell colspan=4>{unseen(venue)}"]
    return years.group(venue, rows)


def unseen(venue: Venue) -> str:
    """That no count of a venue was found, and on which day."""
    return f"近年未见成对的公开数字（查于 {venue.no_count_seen}）"


def _row(year: int, papers: str, rate: str, notes: str) -> str:
    cell = "<td role=cell"
    return (
        f"<tr role=row><th role=rowheader scope=row>{year}"
        f"{cell} class=n>{papers}{cell} class=n>{rate}{cell}>{notes}"
    )


def _received(edition: Edition, facts: Conferences) -> str:
    """The papers that an edition has received, while none is accepted yet."""
    received = edition.received
    known = facts.sources[received.src]
    address = received.url or tracked(known, received.path)
    source = link(address or "", escape(known.name))
    notes = (
        f"录用数未公布。{escape(received.basis or UNSAID)}"
        f"（{source}，{received.checked or received.read}）"
    )
    return _row(edition.year, f"–／{received.count}", "–", notes)


def papers(count: Count) -> str:
    """Accepted over submitted, ``25／100``."""
    return f"{count.accepted}／{count.submitted}"


def _year(count: Acceptance, facts: Conferences) -> str:
    """The count of one year, with what other sources say."""
    notes = f"{escape(count.basis or UNSAID)}（{_source(count, facts)}）"
    notes += "".join(_other(other, facts) for other in count.others)
    return _row(count.year, papers(count), f"{count.rate:.1%}", notes)


def _other(count: Count, facts: Conferences) -> str:
    basis = f"，{escape(count.basis)}" if count.basis else ""
    said = f"{papers(count)}＝{count.rate:.1%}{basis}"
    return f"；另有 {said}（{_source(count, facts)}）"


def _source(count: Count, facts: Conferences) -> str:
    known = facts.sources[count.src]
    name, address = escape(known.name), count.cited or known.url
    return link(address, name) if address else name


def newest(venue: Venue) -> str:
    """The newest count of a venue in a line, with the way to its other years."""
    row = f"{PAGE}#{venue.key}"
    if venue.no_count_seen:
        return f"<p>录用／投稿：{link(row, unseen(venue))}</p>"
    if not venue.acceptance:
        return ""
    count = max(venue.acceptance, key=lambda c: c.year)
    return (
        f"<p>{count.year} 年录用／投稿：{papers(count)}，{count.rate:.1%}"
        f"（{link(row, '口径与往年')}）</p>"
    )


def sources(facts: Conferences) -> str:
    """Where the counts come from, and how often each source is the chosen one."""
    rows = [count for venue in facts.venues for count in venue.acceptance]
    chosen = Counter(row.src for row in rows)
    others = Counter(other.src for row in rows for other in row.others)
    body = "".join(
        f"<tr><th scope=row>{link(known.url, escape(known.name))}</th>"
        f"<td>{chosen[src]}</td><td>{others[src]}</td></tr>"
        for src, _ in (chosen + others).most_common()
        if (known := facts.sources[src]).url
    )
    return (
        "<table><thead><tr><th scope=col>来源</th><th scope=col>采用</th>"
        f"<th scope=col>并列</th></tr></thead><tbody>{body}</tbody></table>"
    )


view("acceptance")(lambda: head(conferences.load()))
view("acceptance-sources")(lambda: sources(conferences.load()))
for _field, _slug in FIELDS.items():
    view(f"acceptance-{_slug}")(lambda field=_field: counts(conferences.load(), field))
