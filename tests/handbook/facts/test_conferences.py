"""The facts about conferences: faults named, the rest kept, zones, the real file."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from handbook.errors import HandbookError
from handbook.facts import conferences, table

from ..conftest import VENUES


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "conferences.yml"
    path.write_text(VENUES, encoding="utf-8")
    return path


def test_a_sound_file_loads(file: Path) -> None:
    assert [v.key for v in conferences.load(file).venues] == ["first", "second"]


BROKEN = [
    ("2027-05-01", "2027-13-01", "first, editions 2027, start", "2027-13-01"),
    ("year: 2027", "yaer: 2027", "first, editions 1, yaer", "did you mean year"),
    ("kind: abstract", "kind: abstrct", "timeline abstrct, kind", "mean abstract"),
    ("-12:00", "-11:00", "timeline paper", "does not lie in AoE"),
    ("tz: AoE", "tz: Mars", "timeline paper", "unknown zone 'Mars'"),
    (", tz: AoE", "", "timeline paper", "no tz"),
    ("T23:59:00-12:00", "T23:59:00", "paper, at", "no offset"),
    ("T23:59:00-12:00", "T25:59:00-12:00", "paper, at", "write"),
    ("2027-01-10T", "2027-06-10T", "first, editions 2027", "not before the conf"),
    ("2027-05-04", "2027-04-04", "first, editions 2027", "before it starts"),
    ("2027-05-03", "2027-05-09", "first, editions 2027", "main lies outside"),
    ("date_src: t, ", "", "first, editions 2027", "no date_src"),
    ("year: 2027", "year: 2026", "first, editions 2026", "starts 2027-05-01"),
    ("src: t, path", "src: o, path", "first, editions 2027", "uses source t"),
    (", checked: 2026-08-20", "", "sources t", "has no day"),
    ("path: a.yml, ", "", "sources t", "names no file"),
    ("kind: conference", "kind: konferenz", "first, kind", "konferenz"),
    ("field: 机器学习", "field: 机器学系", "first, field", "did you mean 机器学习"),
    ("key: second", "key: first", "first, key", "stands twice"),
    ("accepted: 25", "accepted: 250", "acceptance 2026", "accepts 250 of 100"),
    ("accepted: 25, src: t", "accepted: 25, src: x", "acceptance 2026", "source 'x'"),
    ("joint_with: first", "joint_with: frist", "joint_with", "did you mean first"),
    ("about: 收系统", "abuot: 收系统", "second, abuot", "did you mean about"),
    ("https://second.org/2027", "second", "second, editions 2027, website", "mend"),
    ("kind: abstract,", "kind: paper,", "editions 2027", "paper stands twice"),
    ("year: 2028", "year: 2027", "second", "editions: 2027 stands twice"),
]


SECOND = (
    'second: {src: o, says: "May 1-4, 2027", url: "https://o.org", read: 2027-06-01}'
)
BROKEN += [
    (
        "main: {start",
        f"{SECOND.replace(old, new)}, main: {{start",
        "editions 2027",
        mend,
    )
    for old, new, mend in [
        ("src: o", "src: t", "t again"),
        ("src: o", "src: x", "unknown source 'x'"),
        ("src: o", "src: u", "copy one another"),
        ("May 1-4", "May 1-5", "does not give 2027-05-01 to 2027-05-04"),
        ("May 1-4", "June 1-4", "does not give"),
        ("May 1-4", "April 30 - May 1-4", "does not give"),
        ("1-4, 2027", "1-4, 2026", "does not give"),
    ]
] + [("2027, joint_with", f"2027, {SECOND}, joint_with", "second", "drop it")]


COUNT = "acceptance: [{year: 2028, submitted: 9, accepted: 3, src: o}]"
RECEIVED = "received: {count: 40, src: o, url: 'https://o.org', read: 2026-11-20}"
LAST = "checked: 2026-08-20}]}\n    acceptance:\n      - {year: 20"
BROKEN += [
    ("    no_count_seen: 2026-11-20\n", "", "second", "add acceptance, or"),
    ("no_count_seen", f"{COUNT}\n    no_count_seen", "second", "drop no_count_seen"),
    ("year: 2028", f"year: 2028, {RECEIVED.replace('40', '0')}", "count", "than 0"),
    ("year: 2028", f"year: 2028, {RECEIVED.replace('o,', 'x,')}", "received", "'x'"),
    (f"{LAST}26", f"{LAST.replace('}]}', f'}}], {RECEIVED}}}')}27", "2027", "drop rec"),
]


@pytest.mark.parametrize(("old", "new", "place", "mend"), BROKEN)
def test_a_broken_row_is_named_with_its_mend(file, old, new, place, mend) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(HandbookError) as caught:
        conferences.load(file)
    line = next(line for line in str(caught.value).splitlines() if place in line)
    assert line.startswith(f"{file}: ")
    assert mend in line


@pytest.mark.parametrize(
    "says",
    [
        "FIRST 2027, Vienna, Austria, July 27 - August 1, 2027",
        "FIRST '27, July 27–August 01, 2027, Vienna, Austria",
        "Held in Lyon, France on 27 July to 01 August 2027",
        "27 Jul - 1 Aug 2027",
        "JULY 27 - AUGUST 1, 2027",
        "start: 2027-07-27, end: 2027-08-01",
        "大会于 2027 年 7 月 27 日至 8 月 1 日举行",
    ],
)
def test_a_second_source_gives_days_in_many_ways(says: str) -> None:
    second = conferences.Second(
        src="o", says=says, url="https://o.org", read="2027-09-01"
    )
    assert second.gives(dt.date(2027, 7, 27), dt.date(2027, 8, 1))


def test_the_other_rows_stay_valid_beside_a_broken_one(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("kind: abstract", "kind: nothing"), encoding="utf-8")
    whole, faults = conferences.check(file)
    assert [v.key for v in whole.venues] == ["second"]
    assert len(faults) == 1


def test_two_faults_are_two_lines(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    text = text.replace("kind: abstract", "kind: nothing").replace("系统", "系桶")
    file.write_text(text, encoding="utf-8")
    assert len(conferences.check(file)[1]) == 2


def test_a_file_that_is_no_yaml_names_its_line(file: Path) -> None:
    file.write_text("venues:\n  - {key: a\n  - b: [", encoding="utf-8")
    with pytest.raises(HandbookError, match=r"conferences.yml:\d+: no valid YAML"):
        conferences.load(file)


@pytest.mark.parametrize(
    ("name", "iana"),
    [("AoE", "Etc/GMT+12"), ("UTC-8", "Etc/GMT+8"), ("UTC+8", "Asia/Shanghai")],
)
def test_a_zone_is_the_one_that_zoneinfo_knows(name: str, iana: str) -> None:
    moment = dt.datetime(2026, 9, 25, 23, 59, 59)
    ours = moment.replace(tzinfo=conferences.zone(name))
    assert ours == moment.replace(tzinfo=ZoneInfo(iana))


def test_a_date_without_an_hour_stays_a_date(file: Path) -> None:
    edition = conferences.load(file).venues[0].editions[0]
    abstract, paper = edition.timeline
    assert type(abstract.at) is dt.date and abstract.instant is None
    assert paper.instant == dt.datetime(2027, 1, 11, 11, 59, tzinfo=dt.UTC)


# --- the real facts -----------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> conferences.Conferences:
    return conferences.load()


def test_every_date_has_a_source_with_a_day(real) -> None:
    for venue in real.venues:
        for edition in venue.editions:
            for milestone in edition.timeline:
                reading = edition.reading(milestone.src, milestone.url)
                assert milestone.seen or reading.checked or reading.read


def test_every_moment_agrees_with_zoneinfo(real) -> None:
    names = {"AoE": "Etc/GMT+12", "UTC": "UTC"}
    seen = 0
    for venue in real.venues:
        for edition in venue.editions:
            for milestone in edition.timeline:
                if milestone.instant and milestone.tz in names:
                    zone = ZoneInfo(names[milestone.tz])
                    wall = milestone.at.replace(tzinfo=zone)
                    assert wall == milestone.instant
                    seen += 1
    assert seen > 150


def test_no_moment_was_given_an_hour_that_the_file_lacks(real) -> None:
    rows = table.read(conferences.FILE)["venues"]
    for raw, venue in zip(rows, real.venues, strict=True):
        for old, edition in zip(raw.get("editions", []), venue.editions, strict=True):
            written = old.get("timeline", [])
            for row, milestone in zip(written, edition.timeline, strict=True):
                assert ("T" in row["at"]) == isinstance(milestone.at, dt.datetime)


def test_every_venue_says_what_it_is_about_and_most_where_to_begin(real) -> None:
    assert all(20 <= len(v.about) <= 160 for v in real.venues)
    begun = [v for v in real.venues if v.start]
    assert len(begun) >= 0.9 * len(real.venues)


LOOKED_FOR = (
    "mm icdm sigmod vldb icde chi acml pakdd icpr ijcnn icme sp ccs uss ppopp atc"
    " sigdial inlg l4dc alt"
).split()


@pytest.mark.parametrize("key", LOOKED_FOR)
def test_the_days_of_a_venue_that_readers_look_for_are_not_hearsay(real, key) -> None:
    past = [e for e in venue_of(real, key).editions if e.is_past(real.as_of)]
    own = {name for name, src in real.sources.items() if src.standing == "official"}
    assert any(edition.second or edition.date_src in own for edition in past)


# --- the days of past editions, in the proceedings' or the site's own words --------


def in_words(start: dt.date, end: dt.date) -> str:
    """``June 11-15, 2025``, as a title of proceedings has it."""
    last = f"{end.day}" if start.month == end.month else f"{end:%B} {end.day}"
    dash = "-" if start.month == end.month else " - "
    return f"{start:%B} {start.day}{dash}{last}, {end.year}"


def venue_of(facts: conferences.Conferences, key: str) -> conferences.Venue:
    """One venue."""
    return next(venue for venue in facts.venues if venue.key == key)


def edition_of(facts: conferences.Conferences, key: str, year: int):
    """One edition of one venue."""
    editions = venue_of(facts, key).editions
    return next(edition for edition in editions if edition.year == year)


OWN_WORDS = [
    ("emnlp", 2025, "November 4-9, 2025"),  # ACL's header of its papers
    ("prcv", 2025, "October 15-18, 2025"),  # Springer's title
    ("nlpcc", 2025, "August 7-9, 2025"),  # Springer's title
    ("eccv", 2026, "September 8-12, 2026"),  # Springer's title, in DBLP
    ("recsys", 2026, "September 27 - October 2, 2026"),  # ACM's block on a paper
    ("cvpr", 2025, "June 11-15, 2025"),  # DBLP
    ("mlsys", 2025, "May 12-15, 2025"),  # DBLP
    ("asru", 2025, "December 6-10, 2025"),  # DBLP
    ("interspeech", 2025, "August 17-21, 2025"),  # ISCA's header of a paper
    ("hpca", 2026, "January 31 - February 4, 2026"),  # the site of CGO beside it
    ("eurosys", 2026, "April 27-30, 2026"),  # ACM's block on a paper
    ("www", 2026, "June 29 - July 3, 2026"),  # DBLP and the site
    ("icpr", 2026, "August 17-22, 2026"),  # Springer's title
    ("mm", 2026, "November 10-14, 2026"),  # ACM's block on a paper
    ("ppopp", 2026, "January 31 - February 4, 2026"),  # ACM's block on a paper
    ("ccs", 2026, "November 15-19, 2026"),  # ACM's block on a paper
    ("uss", 2026, "August 12-14, 2026"),  # USENIX's block on a paper
    ("pakdd", 2026, "June 9-12, 2026"),  # Springer's title
    ("l4dc", 2026, "June 17-19, 2026"),  # PMLR
    ("alt", 2026, "February 23-26, 2026"),  # PMLR
    ("icde", 2026, "May 4-8, 2026"),  # its site
    ("vldb", 2025, "September 1-5, 2025"),  # its site
    ("sigdial", 2026, "August 2-5, 2026"),  # its site
]


@pytest.mark.parametrize(("key", "year", "words"), OWN_WORDS)
def test_a_past_edition_has_the_days_of_its_proceedings(real, key, year, words) -> None:
    edition = edition_of(real, key, year)
    assert edition.start and in_words(edition.start, edition.end) == words


def test_most_past_editions_have_a_second_source(real) -> None:
    twice = [edition for edition in real.past if edition.second]
    assert len(twice) >= 0.85 * len(real.past) > 90


@pytest.mark.parametrize(
    ("key", "year"),
    [
        ("iccv", 2025),
        ("wacv", 2025),
        ("eccv", 2026),
        ("recsys", 2026),
        ("prcv", 2025),
        ("nlpcc", 2025),
        ("cicai", 2026),
        ("icpr", 2026),
        ("atc", 2026),
        ("icme", 2026),
    ],
)
def test_sources_that_differ_on_past_days_are_shown(real, key, year) -> None:
    edition = edition_of(real, key, year)
    assert [line for line in edition.conflicts if line.startswith("会期")]


@pytest.mark.parametrize(
    ("key", "year", "src"),
    [
        ("mlsys", 2025, "report"),
        ("cvpr", 2025, "report"),
        ("icassp", 2026, "notes"),
        ("recsys", 2026, "web"),
        ("miccai", 2025, "web"),
        ("nlpcc", 2026, "report"),
        ("ccl", 2026, "report"),
        ("ncmmsc", 2026, "report"),
        ("conll", 2026, "notes"),
        ("aies", 2026, "rates"),
    ],
)
def test_a_past_edition_has_this_second_source(real, key, year, src) -> None:
    second = edition_of(real, key, year).second
    assert second and second.src == src


def test_recsys_2026_has_its_main_days_inside_those_of_the_proceedings(real) -> None:
    main = edition_of(real, "recsys", 2026).main
    assert in_words(main.start, main.end) == "September 29 - October 1, 2026"


def test_neurips_2025_has_the_days_of_both_its_sites(real) -> None:
    edition = edition_of(real, "neurips", 2025)
    (mexico,) = edition.also_at
    assert in_words(edition.start, edition.end) == "December 2-7, 2025"
    assert mexico.start and in_words(mexico.start, mexico.end) == (
        "November 30 - December 5, 2025"
    )


def test_rss_2027_has_a_deadline_for_each_of_its_two_stages(real) -> None:
    edition = edition_of(real, "rss", 2027)
    moments = {m.kind: m.instant for m in edition.timeline}
    aoe = ZoneInfo("Etc/GMT+12")
    assert moments == {
        "abstract": dt.datetime(2026, 12, 4, 23, 59, tzinfo=aoe),
        "paper": dt.datetime(2027, 4, 16, 23, 59, tzinfo=aoe),
    }


def test_slt_2026_has_its_extended_deadlines(real) -> None:
    edition = edition_of(real, "slt", 2026)
    days = {m.kind: m.at.date() for m in edition.timeline}
    assert days == {"abstract": dt.date(2026, 6, 24), "paper": dt.date(2026, 7, 1)}


# --- how many papers were submitted and accepted ------------------------------------

COUNTS = [
    ("mlsys", 2025, 61, 271),
    ("mlsys", 2026, 135, 504),
    ("nlpcc", 2025, 152, 505),
    ("eacl", 2024, 226, 1114),
    ("sc", 2025, 136, 623),
    ("recsys", 2025, 49, 260),
    ("rss", 2025, 163, 594),
    ("aies", 2025, 238, 748),
    ("prcv", 2025, 692, 2370),
    ("aistats", 2026, 590, 2102),
    ("eccv", 2026, 2834, 10473),
    ("icassp", 2026, 4800, 11200),
    ("icml", 2026, 6352, 23918),
    ("www", 2026, 678, 3370),
    ("wsdm", 2026, 100, 613),
    ("osdi", 2026, 135, 679),
    ("colt", 2025, 166, 556),
    ("kdd", 2025, 552, 2955),
    ("sigir", 2025, 239, 1071),
    ("cikm", 2025, 443, 1627),
    ("uai", 2025, 230, 750),
    ("chi", 2026, 1705, 6730),
    ("sigmod", 2026, 349, 1049),
    ("sp", 2026, 253, 1994),
    ("ijcnn", 2024, 1701, 3272),  # its source has the two the wrong way round
    ("ijcnn", 2025, 2152, 5526),
    ("mm", 2025, 1250, 5330),
    ("icdm", 2025, 106, 785),
    ("ccs", 2024, 328, 1964),
]


@pytest.mark.parametrize(("key", "year", "accepted", "submitted"), COUNTS)
def test_a_count_is_that_of_its_source(real, key, year, accepted, submitted) -> None:
    rows = venue_of(real, key).acceptance
    count = next(row for row in rows if row.year == year)
    assert (count.accepted, count.submitted) == (accepted, submitted)


def test_a_count_from_a_new_source_says_its_basis(real) -> None:
    new = {"openaccept", "xovee", "rates", "awesome"}
    counts = [row for venue in real.venues for row in venue.acceptance]
    counts = [row for row in counts if row.src in new]
    assert len(counts) > 20
    assert all(row.basis for row in counts)


def test_a_venue_without_a_count_says_when_it_was_looked_for(real) -> None:
    without = {venue.key for venue in real.venues if venue.no_count_seen}
    assert {"colm", "aamas", "miccai", "corl", "ccl"} <= without
    assert not without & {"nlpcc", "eacl", "sc", "tacl", "arr", "waic"}


def test_iclr_2027_has_its_submissions_before_any_acceptance(real) -> None:
    received = edition_of(real, "iclr", 2027).received
    assert received.count == 43013
    assert received.checked == dt.date(2026, 10, 7)


# --- dates that were wrong, in doubt or missing once --------------------------------

MOMENTS = [
    ("mlsys", 2026, "paper", "2025-10-30T20:00+00:00"),
    ("interspeech", 2027, "paper", "2027-02-09T23:59+00:00"),
    ("pakdd", 2027, "paper", "2026-11-20T23:59-12:00"),
    ("icde", 2027, "paper", "2026-11-11T17:00-08:00"),  # a tracker: an hour earlier
    ("vldb", 2027, "paper", "2026-12-01T17:00-08:00"),  # Pacific time, not AoE
    ("uss", 2027, "paper", "2027-01-26T23:59-12:00"),
    ("sp", 2027, "paper", "2026-11-17T23:59-12:00"),
]


@pytest.mark.parametrize(("key", "year", "kind", "moment"), MOMENTS)
def test_a_deadline_has_the_hour_of_its_source(real, key, year, kind, moment) -> None:
    steps = edition_of(real, key, year).timeline
    found = [step.instant for step in steps if step.kind == kind]
    at = dt.datetime.fromisoformat(moment)
    assert at in [i and i.replace(second=0) for i in found]


NODES = [
    ("asplos", 2027, "notification", "2026-12-21"),
    ("nsdi", 2027, "notification", "2026-12-08"),
    ("wsdm", 2027, "notification", "2026-12-18"),
    ("www", 2027, "camera-ready", "2027-01-31"),
    ("eurosys", 2027, "notification", "2027-01-29"),
    ("icra", 2027, "notification", "2027-01-31"),
    ("icra", 2027, "camera-ready", "2027-03-06"),
    ("chi", 2027, "revision", "2026-12-03"),
    ("chi", 2027, "notification", "2026-12-17"),
    ("ijcnn", 2027, "paper", "2027-01-31"),
    ("alt", 2027, "notification", "2027-01-05"),
    ("sigmod", 2027, "notification", "2027-01-19"),
    ("icde", 2027, "notification", "2027-02-10"),
    ("sp", 2027, "notification", "2027-03-05"),
]


@pytest.mark.parametrize(("key", "year", "kind", "day"), NODES)
def test_a_milestone_stands_on_its_day(real, key, year, kind, day) -> None:
    steps = edition_of(real, key, year).timeline
    assert day in [f"{step.at:%Y-%m-%d}" for step in steps if step.kind == kind]


@pytest.mark.parametrize(
    ("key", "words"), [("mlsys", "June 21-25, 2027"), ("isca", "June 5-9, 2027")]
)
def test_an_edition_to_come_has_its_days(real, key, words) -> None:
    edition = edition_of(real, key, 2027)
    assert in_words(edition.start, edition.end) == words


def test_icassp_2027_shows_that_its_deadline_is_in_doubt(real) -> None:
    assert edition_of(real, "icassp", 2027).conflicts


def test_aies_has_its_rank_in_core(real) -> None:
    assert venue_of(real, "aies").rank.core == "C"
