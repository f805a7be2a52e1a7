"""``data/conferences.yml`` as types: venues, their editions, and every date's source.

A moment is written as the source gives it: a date where the source names no hour, an
ISO 8601 time with its offset where it does. Nothing is added to it here.
"""

import calendar
import datetime as dt
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    ValidationInfo,
    field_validator,
    model_validator,
)

from handbook.errors import HandbookError, did_you_mean
from handbook.facts import table

FILE = Path("data/conferences.yml")

#: The fields of the atlas, with the short names used in addresses.
FIELDS = {
    "机器学习": "ml",
    "自然语言处理": "nlp",
    "计算机视觉": "cv",
    "综合人工智能": "ai",
    "语音": "speech",
    "数据挖掘与信息检索": "data",
    "系统": "systems",
    "机器人": "robotics",
    "智能体与规划": "agents",
    "伦理与安全": "safety",
    "多媒体与人机交互": "media",
    "医学影像": "medical",
    "理论": "theory",
}
#: Milestones in the order in which an edition meets them, and their group.
KINDS = {
    "reviewer-registration": ("审稿人登记截止", "deadline"),
    "workshop-proposal": ("研讨会提案截止", "deadline"),
    "workshop-decision": ("研讨会提案结果", "result"),
    "workshop-list": ("研讨会名单公布", "result"),
    "tutorial-proposal": ("教程提案截止", "deadline"),
    "abstract": ("摘要截止", "deadline"),
    "paper": ("论文截止", "deadline"),
    "short-abstract": ("短文摘要截止", "deadline"),
    "short-paper": ("短文截止", "deadline"),
    "demo-paper": ("演示论文截止", "deadline"),
    "supplementary": ("补充材料截止", "deadline"),
    "paper-update": ("论文更新截止", "deadline"),
    "reviews-due": ("审稿人交稿", "review"),
    "reviews": ("评审意见发出", "review"),
    "rebuttal-start": ("答复开始", "review"),
    "rebuttal-end": ("答复截止", "review"),
    "meta-reviews": ("元评审完成", "review"),
    "cycle-end": ("本轮结束", "review"),
    "revision": ("修改稿截止", "deadline"),
    "commitment": ("提交到会议（commitment）截止", "deadline"),
    "notification": ("录用通知", "result"),
    "withdrawal": ("撤稿截止", "deadline"),
    "camera-ready": ("终稿（camera-ready）截止", "camera-ready"),
    "registration": ("作者注册截止", "camera-ready"),
    "workshop-paper": ("研讨会论文截止", "deadline"),
    "workshop-notification": ("研讨会录用通知", "result"),
}
#: What must be over before the conference begins.
BEFORE = {"abstract", "paper", "short-abstract", "short-paper", "commitment"}

SHORT_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
MONTH_NAMES = {*calendar.month_name[1:], *SHORT_MONTHS, "Sept"}

Text = Annotated[str, Field(min_length=1)]
Rank = Literal["A", "B", "C", "none"]


def _https(url: HttpUrl) -> str:
    return str(url)


Url = Annotated[HttpUrl, AfterValidator(_https)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(_Row):
    """Days from ``start`` to ``end``, both included."""

    start: dt.date
    end: dt.date

    @model_validator(mode="after")
    def _in_order(self) -> "Span":
        if self.end < self.start:
            raise ValueError(f"ends {self.end}, before it starts (swap or mend them)")
        return self


class Site(_Row):
    """A second place of the same edition."""

    city: Text
    country: Text
    city_zh: Text
    country_zh: Text
    start: dt.date | None = None
    end: dt.date | None = None


class Source(_Row):
    """Where facts come from, and how near that is to the organisers.

    ``official`` is their own page or repository; ``quoted`` is their page as quoted by
    others; ``tracker`` is a public table of deadlines.
    """

    name: Text
    standing: Literal["official", "quoted", "tracker"]
    url: Url | None = None
    commit: str | None = Field(default=None, pattern=r"^[0-9a-f]{40}$")
    committed: dt.date | None = None
    licence: Text


class Reading(_Row):
    """One reading of a source: which file or page, and the day it speaks for."""

    src: Text
    path: Text | None = None
    url: Url | None = None
    checked: dt.date | None = None  # the snapshot's or the note's day
    read: dt.date | None = None  # the day its stored copy was read

    @model_validator(mode="after")
    def _dated(self) -> "Reading":
        if not (self.checked or self.read):
            raise ValueError("has no day (add checked or read)")
        if not (self.path or self.url):
            raise ValueError("names no file or page (add path or url)")
        return self


Moment = dt.datetime | dt.date


class Second(Reading):
    """A second source of a past edition's days, with its own words for them."""

    says: Text

    def gives(self, start: dt.date, end: dt.date) -> bool:
        """True if its words have these days, their months alone, and the year."""
        words = re.findall(r"[A-Za-z]+", self.says)
        named = {word[:3].title() for word in words if word.title() in MONTH_NAMES}
        months = {SHORT_MONTHS.index(month) + 1 for month in named}
        months |= {int(month) for month in re.findall(r"(\d+) ?月", self.says)}
        months |= {int(month) for month in re.findall(r"\d{4}-(\d\d)-\d\d", self.says)}
        numbers = {int(number) for number in re.findall(r"\d+", self.says)}
        days = {start.day, end.day, start.year}
        return days <= numbers and months == {start.month, end.month}


class Received(Reading):
    """How many papers an edition has received, while none is accepted yet."""

    count: int = Field(gt=0)
    basis: Text | None = None


class Milestone(_Row):
    """One date of an edition: as its source writes it, with that source."""

    kind: Text
    at: Moment
    tz: Text | None = None
    round: int | None = Field(default=None, ge=1)
    label: Text | None = None
    via: Literal["ARR"] | None = None
    status: Literal["proposed"] | None = None
    src: Text
    url: Url | None = None
    seen: dt.date | None = None

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in KINDS:
            hint = did_you_mean(kind, list(KINDS)) or f" (known: {', '.join(KINDS)})"
            raise ValueError(f"unknown kind {kind!r}{hint}")
        return kind

    @field_validator("at", mode="before")
    @classmethod
    def _moment(cls, at: object) -> Moment:
        mend = 'write "2027-01-31", or "2027-01-31T23:59:00-12:00" if the hour is known'
        if not isinstance(at, str):
            raise ValueError(f"{at!r} is no text ({mend})")
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", at):
                return dt.date.fromisoformat(at)
            moment = dt.datetime.fromisoformat(at)
        except ValueError as error:
            raise ValueError(f"{at!r}: {error} ({mend})") from None
        if moment.tzinfo is None:
            raise ValueError(f"{at!r} has no offset ({mend})")
        return moment

    @model_validator(mode="after")
    def _zone(self) -> "Milestone":
        if not isinstance(self.at, dt.datetime):
            return self
        if self.tz is None:
            raise ValueError("has an hour but no tz (write the zone of the source)")
        expected = self.at.replace(tzinfo=zone(self.tz)).utcoffset()
        if self.at.utcoffset() != expected:
            raise ValueError(
                f"{self.at.isoformat()} does not lie in {self.tz} (mend at or tz)"
            )
        return self

    @property
    def identity(self) -> tuple[str, int | None, str | None]:
        """What tells it from the other milestones of its edition."""
        return self.kind, self.round, self.label

    @property
    def instant(self) -> dt.datetime | None:
        """The moment in UTC, or ``None`` where the source gives only a date."""
        at = self.at
        return at.astimezone(dt.UTC) if isinstance(at, dt.datetime) else None


class Edition(_Row):
    """One year of a venue."""

    year: int = Field(ge=2000, le=2100)
    start: dt.date | None = None
    end: dt.date | None = None
    date_src: Text | None = None
    second: Second | None = None
    main: Span | None = None
    workshop_days: Span | None = None
    months: str | None = Field(default=None, pattern=r"^\d{4}-\d\d$")
    region: Text | None = None
    city: Text | None = None
    country: Text | None = None
    city_zh: Text | None = None
    country_zh: Text | None = None
    also_at: list[Site] = []
    joint_with: Text | None = None
    website: Url
    timeline: list[Milestone] = []
    received: Received | None = None
    pending: list[Text] = []
    corrected: Text | None = None
    conflicts: list[Text] = []
    sources: list[Reading] = Field(min_length=1)

    @model_validator(mode="after")
    def _days(self) -> "Edition":
        if self.start is None:
            return self
        if self.date_src is None:
            raise ValueError("has days but no date_src (name their source)")
        if self.start.year != self.year:
            raise ValueError(f"starts {self.start} (mend start, or year {self.year})")
        whole = Span(start=self.start, end=self.end or self.start)
        for name in ("main", "workshop_days"):
            part = getattr(self, name)
            if (
                part
                and self.end
                and not whole.start <= part.start <= part.end <= whole.end
            ):
                raise ValueError(f"{name} lies outside start and end (mend one)")
        return self

    @model_validator(mode="after")
    def _twice(self) -> "Edition":
        if self.second is None:
            return self
        if self.start is None:
            raise ValueError("second: there are no days for it to give (drop it)")
        if self.second.src == self.date_src:
            raise ValueError(f"second: {self.date_src} again (name another source)")
        if not self.second.gives(self.start, self.end or self.start):
            raise ValueError(
                f"second: {self.second.says!r} does not give {self.start} to {self.end}"
                " (mend one, or tell it in conflicts)"
            )
        return self

    @model_validator(mode="after")
    def _timeline(self) -> "Edition":
        seen = set()
        for milestone in self.timeline:
            if milestone.identity in seen:
                raise ValueError(
                    f"timeline: {milestone.kind} stands twice (add round or label)"
                )
            seen.add(milestone.identity)
            day = milestone.at.date() if milestone.instant else milestone.at
            if milestone.kind in BEFORE and self.start and day >= self.start:
                raise ValueError(
                    f"timeline: {milestone.kind} on {day} is not before the conference"
                    f" begins, {self.start} (mend one)"
                )
        return self

    @model_validator(mode="after")
    def _sourced(self) -> "Edition":
        listed = {reading.src for reading in self.sources}
        used = {m.src for m in self.timeline} | {self.date_src} - {None}
        for src in sorted(used - listed):
            raise ValueError(f"uses source {src} without listing it (add to sources)")
        return self

    @property
    def last_day(self) -> dt.date | None:
        """The last day that is known of it, with its second places."""
        days = [self.end or self.start, *(site.end for site in self.also_at)]
        return max((day for day in days if day), default=None)

    def reading(self, src: str, url: str | None = None) -> Reading:
        """The reading of a source that a date of this edition rests on."""
        fitting = [r for r in self.sources if r.src == src]
        return next((r for r in fitting if url and r.url == url), fitting[-1])

    def is_past(self, day: dt.date) -> bool:
        """True if its days are known and lie before ``day``: they can be checked."""
        return self.start is not None and (self.end or self.start) < day

    def is_over(self, day: dt.date) -> bool:
        """True after its last day; without days, after its year."""
        return (self.last_day or dt.date(self.year, 12, 31)) < day


class Count(_Row):
    """How many papers were submitted and accepted, and on what basis."""

    submitted: int = Field(gt=0)
    accepted: int = Field(ge=0)
    src: Text
    cited: Url | None = None
    basis: Text | None = None

    @model_validator(mode="after")
    def _possible(self) -> "Count":
        if self.accepted > self.submitted:
            raise ValueError(f"accepts {self.accepted} of {self.submitted} (mend one)")
        return self

    @property
    def rate(self) -> float:
        """Accepted over submitted, between 0 and 1."""
        return self.accepted / self.submitted


class Acceptance(Count):
    """The count of one year, with what other sources say."""

    year: int
    others: list[Count] = []


class SideEvent(_Row):
    """Something to learn at beside the papers, and how it is known."""

    kind: Literal["tutorials", "workshops", "competitions", "shared-tasks"]
    evidence: Literal["page", "tracker", "mention"]
    url: Url | None = None
    src: Text | None = None
    phrase: Text | None = None


class Start(_Row):
    """What a newcomer reads or watches there first."""

    what: Text
    url: Url
    checked: dt.date


class Ranks(_Row):
    """Ranks where a list names the venue; ``none``: the list is known not to."""

    ccf: Rank | None = None
    core: Literal["A*", "A", "B", "C"] | None = None
    thcpl: Literal["A", "B"] | None = None


class Venue(_Row):
    """A conference, workshop series, journal, event or reviewing platform."""

    key: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: Text
    full_name: Text
    field: Text
    kind: Literal["conference", "workshop", "journal", "review-platform", "event"]
    about: Text
    start: list[Start] = []
    rank: Ranks = Ranks()
    ccf_area: Literal["AI", "CG", "DB", "DS", "HI", "MX", "NW", "SC", "SE"] | None = (
        None
    )
    homepage: Url | None = None
    dblp: Text | None = None
    free_papers: Url | None = None
    note: Text | None = None
    side_events: list[SideEvent] = []
    editions: list[Edition] = []
    acceptance: list[Acceptance] = []
    no_count_seen: dt.date | None = None  # the day on which none was found

    @field_validator("field")
    @classmethod
    def _known(cls, field: str, _info: ValidationInfo) -> str:
        if field not in FIELDS:
            hint = did_you_mean(field, list(FIELDS)) or f" ({'、'.join(FIELDS)})"
            raise ValueError(f"unknown field {field!r}{hint}")
        return field

    @model_validator(mode="after")
    def _once(self) -> "Venue":
        for name in ("editions", "acceptance"):
            years = [row.year for row in getattr(self, name)]
            for year in years:
                if years.count(year) > 1:
                    raise ValueError(f"{name}: {year} stands twice (join them)")
        return self

    @model_validator(mode="after")
    def _counted(self) -> "Venue":
        counted = {row.year for row in self.acceptance}
        for edition in self.editions:
            if edition.received and edition.year in counted:
                raise ValueError(f"{edition.year} is in acceptance (drop received)")
        if counted and self.no_count_seen:
            raise ValueError("has a count in acceptance (drop no_count_seen)")
        selects = self.kind in ("conference", "workshop")
        if selects and not counted and not self.no_count_seen:
            raise ValueError(
                "no word on its count of papers (add acceptance, or no_count_seen with"
                " the day on which none was found)"
            )
        return self


class Conferences(BaseModel):
    """All of the file."""

    as_of: dt.date
    ccf_list: Text
    sources: dict[str, Source]
    venues: list[Venue]

    @property
    def past(self) -> list[Edition]:
        """The editions whose days are over: a second source must give them too."""
        editions = (edition for venue in self.venues for edition in venue.editions)
        return [edition for edition in editions if edition.is_past(self.as_of)]


def zone(name: str) -> dt.tzinfo:
    """The zone that a source writes: ``AoE``, ``UTC-8``, ``PST``, ``Asia/Shanghai``.

    Raises ``ValueError`` for a name that means no zone.
    """
    fixed = {"AoE": -12, "UTC": 0, "PST": -8, "PDT": -7, "CET": 1, "CEST": 2}
    offset = re.fullmatch(r"UTC([+-]\d{1,2})", name)
    hours = int(offset[1]) if offset else fixed.get(name)
    if hours is not None and abs(hours) <= 14:
        return dt.timezone(dt.timedelta(hours=hours), name)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"unknown zone {name!r} (write AoE, UTC±h or a name as Asia/Shanghai)"
        ) from None


def load(file: Path = FILE) -> Conferences:
    """The facts. Raises ``HandbookError`` with a line for each fault in them."""
    return _load(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(file: Path, _changed: int) -> Conferences:
    whole, faults = check(file)
    if faults:
        raise HandbookError("\n".join(faults))
    return whole


def check(file: Path = FILE) -> tuple[Conferences, list[str]]:
    """The venues that are valid, and the faults of the others."""
    venues, faults = table.check(file, "venues", Venue, "key")
    top = {k: v for k, v in table.read(file).items() if k != "venues"}
    whole = Conferences(**top, venues=venues)
    keys = [row.get("key") for row in table.read(file)["venues"]]
    sound = []
    for venue in venues:
        wrong = _strangers(venue, list(whole.sources), keys)
        wrong = wrong or _copies(venue, whole.sources)
        faults += [f"{file}: {venue.key}, {line}" for line in wrong]
        sound += [] if wrong else [venue]
    return whole.model_copy(update={"venues": sound}), faults


def _strangers(venue: Venue, sources: list[str], keys: list[str]) -> list[str]:
    """What a venue names that stands nowhere."""
    lines = []
    used = [
        (f"editions {edition.year}, sources", reading.src)
        for edition in venue.editions
        for reading in [*edition.sources, *filter(None, [edition.second])]
    ]
    used += [
        (f"editions {edition.year}, received", edition.received.src)
        for edition in venue.editions
        if edition.received
    ]
    used += [
        (f"acceptance {row.year}", count.src)
        for row in venue.acceptance
        for count in [row, *row.others]
    ]
    for place, src in used:
        if src not in sources:
            hint = did_you_mean(src, sources) or " (add it to sources)"
            lines.append(f"{place}: unknown source {src!r}{hint}")
    for edition in venue.editions:
        other = edition.joint_with
        if other and other not in keys:
            hint = did_you_mean(other, keys) or " (name a venue)"
            place = f"editions {edition.year}, joint_with"
            lines.append(f"{place}: unknown venue {other!r}{hint}")
    return lines


def _copies(venue: Venue, sources: dict[str, Source]) -> list[str]:
    """Second sources that bear nothing out: public tables copy one another."""
    return [
        f"editions {edition.year}, second: {edition.second.src} and {edition.date_src}"
        " are both trackers, which copy one another (name a source of another kind)"
        for edition in venue.editions
        if edition.second
        and sources[edition.second.src].standing == "tracker"
        and sources[edition.date_src].standing == "tracker"
    ]
