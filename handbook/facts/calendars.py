"""What happens when: the dates of the conferences as events, and as ``.ics`` feeds."""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vUri

from handbook.cache import recall
from handbook.facts import conferences, table
from handbook.facts.conferences import (
    FIELDS,
    KINDS,
    Conferences,
    Edition,
    Milestone,
    Moment,
    Reading,
    Venue,
)
from handbook.registry import check, maker

GROUPS = {
    "deadline": "截止",
    "review": "评审与答复",
    "result": "结果公布",
    "camera-ready": "终稿与注册",
    "days": "会期",
}
BEIJING = ZoneInfo("Asia/Shanghai")
Made = TypeVar("Made")
FOLDER = "calendars"  # of the site
ATLAS = "../conference-atlas/"  # from the page of the calendar
HORIZON = 365  # days that the calendar page looks ahead
FRESH_FOR = 90  # days, then a date wants to be looked at again
WEEK_BEFORE = dt.timedelta(days=-7)
#: A whole day begins at midnight of the reader's zone: nobody wants to be woken then.
NINE_A_WEEK_BEFORE = dt.timedelta(days=-7, hours=9)
LABELS = {
    "spring": "春季轮",
    "summer": "夏季轮",
    "fall": "秋季轮",
    "phase 1": "第一阶段",
    "initial": "初稿",
    "final": "最终",
    "suggested": "建议日期",
    "extended": "延期后",
    "early accept": "提前录用",
    "second": "第二轮",
    "short": "短文",
    "revised": "修改后",
    "first round": "第一轮",
    "others": "其余论文",
    "paper registration": "论文登记",
    "extended abstract": "扩展摘要",
    "April": "4 月轮",
    "September": "9 月轮",
    "journal track": "期刊轨",
    "conference track": "会议轨",
    "early reject": "提前拒稿",
    "posters": "海报",
    "posters and demos": "海报与演示",
}
MONTHS = (
    "January February March April May June July August September October November "
    "December"
).split()


@dataclass(frozen=True)
class Happening:
    """A milestone or the days of an edition, with all that a reader asks of it."""

    venue: Venue
    edition: Edition
    kind: str  # a key of KINDS, or "days"
    what: str  # in Chinese
    begin: Moment
    end: dt.date | None  # the last day, of "days" only
    zone: str | None  # as the source writes it
    milestone: Milestone | None
    reading: Reading

    @property
    def uid(self) -> str:
        """Stays the same when the date moves."""
        parts = [self.venue.key, str(self.edition.year), self.kind]
        if self.milestone:
            parts += [f"r{self.milestone.round}"] if self.milestone.round else []
            label = re.sub(r"\W+", "-", self.milestone.label or "").strip("-").lower()
            parts += [label] if label else []
        return "-".join(parts) + "@ai-handbook"

    @property
    def anchor(self) -> str:
        """Its identity within a page: ``iclr-2027-paper``."""
        return self.uid.partition("@")[0]

    @property
    def name(self) -> str:
        """``ICLR 2027``."""
        return f"{self.venue.name} {self.edition.year}"

    @property
    def group(self) -> str:
        """Its kind of date: ``deadline``, ``review``, ``result``, ``days`` and more."""
        return "days" if self.kind == "days" else KINDS[self.kind][1]

    @property
    def instant(self) -> dt.datetime | None:
        """The moment in UTC, ``None`` if only a date is known."""
        return self.milestone.instant if self.milestone else None

    @property
    def over(self) -> dt.datetime:
        """When it is past; of a bare date, when that day ends anywhere on Earth."""
        if self.instant:
            return self.instant
        last = self.end or self.begin
        midnight = dt.datetime.combine(last, dt.time(), dt.UTC)
        return midnight + dt.timedelta(days=1, hours=12)

    @property
    def day(self) -> dt.date:
        """The day it stands under: in Beijing if the hour is known, else as written."""
        return self.instant.astimezone(BEIJING).date() if self.instant else self.begin

    @property
    def source(self) -> str:
        """The key of its source."""
        return self.reading.src

    @property
    def address(self) -> str | None:
        """The page that the date was read from, if it is one of the organisers'."""
        return (self.milestone and self.milestone.url) or self.reading.url

    @property
    def checked(self) -> dt.date:
        """The day for which the source speaks."""
        seen = self.milestone.seen if self.milestone else None
        return seen or self.reading.checked or self.reading.read


def happenings(facts: Conferences) -> list[Happening]:
    """Every date of every edition, in order."""
    found = [h for v in facts.venues for e in v.editions for h in of_edition(v, e)]
    return sorted(found, key=lambda h: (h.day, h.over, h.uid))


def of_edition(venue: Venue, edition: Edition) -> list[Happening]:
    """The dates of one edition: its milestones, then its days."""
    found = [
        Happening(
            venue=venue,
            edition=edition,
            kind=m.kind,
            what=milestone_name(m),
            begin=m.at,
            end=None,
            zone=m.tz,
            milestone=m,
            reading=edition.reading(m.src, m.url),
        )
        for m in edition.timeline
    ]
    if edition.start:
        found.append(
            Happening(
                venue=venue,
                edition=edition,
                kind="days",
                what="会期",
                begin=edition.start,
                end=edition.end or edition.start,
                zone=None,
                milestone=None,
                reading=edition.reading(edition.date_src),
            )
        )
    return found


def milestone_name(milestone: Milestone) -> str:
    """What a milestone is, in Chinese: ``论文截止（第 2 轮）``."""
    notes = [f"第 {milestone.round} 轮"] if milestone.round else []
    if milestone.label:
        notes.append(label_name(milestone.label))
    if milestone.status == "proposed":
        notes.append("拟定")
    name = KINDS[milestone.kind][0]
    return f"{name}（{'，'.join(notes)}）" if notes else name


def label_name(label: str) -> str:
    """A source's word for a round: ``ARR January 2027`` → ``ARR 2027 年 1 月轮``."""
    cycle = re.fullmatch(r"(ARR )?([A-Z][a-z]+) (\d{4})", label)
    if cycle and cycle[2] in MONTHS:
        month = MONTHS.index(cycle[2]) + 1
        return f"{cycle[1] or ''}{cycle[3]} 年 {month} 月轮"
    return LABELS.get(label, label)


def has_strip(edition: Edition, day: dt.date) -> bool:
    """True if it is not over and something of it is dated."""
    return not edition.is_over(day) and bool(edition.timeline or edition.start)


def upcoming(facts: Conferences, day: dt.date) -> list[Happening]:
    """What is not over when ``day`` begins (UTC)."""
    now = dt.datetime.combine(day, dt.time(), dt.UTC)
    return [h for h in happenings(facts) if h.over >= now]


def overdue(facts: Conferences, day: dt.date) -> str | None:
    """One line that names the editions whose dates want to be looked at again."""
    late = {
        h.name: h.checked
        for h in upcoming(facts, day)
        if (day - h.checked).days > FRESH_FOR
    }
    if not late:
        return None
    names = ", ".join(f"{name} ({checked})" for name, checked in late.items())
    return f"last checked more than {FRESH_FOR} days ago (look again): {names}"


# --- feeds --------------------------------------------------------------------


@dataclass(frozen=True)
class Feed:
    """A calendar to subscribe to."""

    title: str  # in Chinese
    found: list[Happening]
    facts: Conferences

    def text(self) -> bytes:
        """The feed as RFC 5545 text."""
        return calendar(self.title, self.found, self.facts)


def feeds(facts: Conferences, day: dt.date) -> dict[str, Feed]:
    """Every feed that has an event, by file name.

    A feed holds the editions that are not over on ``day``, their past milestones too,
    and what is ahead of one that is: it may be over here, and not yet elsewhere.
    """
    coming = {h.uid for h in upcoming(facts, day)}
    alive = [
        h for h in happenings(facts) if not h.edition.is_over(day) or h.uid in coming
    ]
    chosen = {
        "all": ("全部", alive),
        "deadlines": ("只要截止", [h for h in alive if h.group == "deadline"]),
        "days": ("只要会期", [h for h in alive if h.group == "days"]),
    }
    for rank in "ABC":
        inside = [h for h in alive if h.venue.rank.ccf == rank]
        chosen[f"ccf-{rank.lower()}"] = (f"CCF {rank} 类", inside)
    for field, slug in FIELDS.items():
        chosen[slug] = (field, [h for h in alive if h.venue.field == field])
    return {
        f"{name}.ics": Feed(title, found, facts)
        for name, (title, found) in chosen.items()
        if found
    }


def calendar(title: str, found: Iterable[Happening], facts: Conferences) -> bytes:
    """One feed as RFC 5545 text: what a calendar program subscribes to."""
    made = Calendar()
    made.add("prodid", "-//AI handbook//conferences//ZH")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", f"AI 学术会议：{title}")
    made.add("x-wr-calname", f"AI 学术会议：{title}")
    made.add("x-wr-timezone", "Asia/Shanghai")
    daily = dt.timedelta(days=1)
    made.add("refresh-interval", daily, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "P1D")
    for happening in found:
        made.add_component(_event(happening, facts))
    return made.to_ical()


def _event(happening: Happening, facts: Conferences) -> Event:
    event = Event()
    title = f"{happening.name} {happening.what}"
    event.add("uid", happening.uid)
    event.add("dtstamp", _midnight(happening.checked))
    event.add("last-modified", _midnight(happening.checked))
    event.add("summary", title)
    if happening.instant:
        event.add("dtstart", happening.instant)  # a moment: no end, no length
    else:
        last = happening.end or happening.begin
        event.add("dtstart", happening.begin)
        event.add("dtend", last + dt.timedelta(days=1))  # the first day after it
    event.add("description", "\n".join(_description(happening, facts)))
    event.add("url", vUri(happening.edition.website))
    if happening.group == "days" and happening.edition.city_zh:
        event.add("location", place(happening.edition))
    event.add("categories", [happening.venue.field, GROUPS[happening.group]])
    proposed = happening.milestone and happening.milestone.status == "proposed"
    event.add("status", "TENTATIVE" if proposed else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"还有一周：{title}")
    alarm.add("trigger", WEEK_BEFORE if happening.instant else NINE_A_WEEK_BEFORE)
    event.add_component(alarm)
    return event


def _description(happening: Happening, facts: Conferences) -> Iterable[str]:
    if happening.instant:
        yield f"北京时间 {clock(happening.instant.astimezone(BEIJING))}"
        yield f"来源写作 {clock(happening.begin)} {happening.zone}"
    elif happening.group != "days":
        zone = f"（{happening.zone}）" if happening.zone else ""
        yield f"来源只给出日期{zone}，没有时刻"
    source = facts.sources[happening.source]
    yield f"来源：{source.name}，{happening.checked}；{standing(source.standing)}"
    yield from (f"本届有出入：{line}" for line in happening.edition.conflicts)
    if happening.address:
        yield happening.address
    yield f"以官网为准：{happening.edition.website}"


def standing(word: str) -> str:
    """How near a source is to the organisers, in Chinese."""
    return {
        "official": "官方页面",
        "quoted": "转引官方页面",
        "tracker": "未经官网核对",
    }[word]


def place(edition: Edition) -> str:
    """``悉尼，澳大利亚``, or once for a city that is its country."""
    words = dict.fromkeys(w for w in (edition.city_zh, edition.country_zh) if w)
    return "，".join(words) or (edition.region or "")


def country(edition: Edition) -> str:
    """Where an edition is, as far as is known."""
    return edition.country_zh or edition.region or "未公布"


def utc(moment: dt.datetime) -> str:
    """``2026-09-26T11:59Z``, as a script reads it."""
    return moment.strftime(f"%Y-%m-%dT%H:%M{':%S' if moment.second else ''}Z")


def clock(moment: dt.datetime) -> str:
    """``2026-09-26 19:59``, with seconds only if there are any but 59."""
    seconds = moment.second not in (0, 59)
    return moment.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


@check
def notice() -> str | None:
    """What to look at again; time passing must not fail a build."""
    late = overdue(conferences.load(), table.today())
    return late and f"{conferences.FILE}: {late}"


@maker
def feed_files() -> dict[str, bytes]:
    """Address in the site to text, for each feed."""
    return shown(
        "feeds",
        lambda facts, day: {
            f"{FOLDER}/{name}": feed.text() for name, feed in feeds(facts, day).items()
        },
    )


def shown(name: str, make: Callable[[Conferences, dt.date], Made]) -> Made:
    """What ``make`` makes of the facts today: once, until the file or the day changes.

    ``name`` tells it apart from whatever else is made of them.
    """
    day = table.today()
    made_of = f"{name} {day} {conferences.FILE.read_text(encoding='utf-8')}"
    return recall(made_of, lambda: make(conferences.load(), day))
