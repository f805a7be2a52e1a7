"""The arXiv reader agrees with ``feedparser``, the documented ids and ``pybtex``."""

import dataclasses
import re
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import feedparser
import pytest
from pybtex.database import parse_string

# As arXiv documents it (help/arxiv_identifier): YYMM.number from 0704, four digits up
# to 1412 and five from 1501; archive[.SC]/YYMMNNN from 9107 to 0703; then an optional
# vN, N >= 1. (YY from 91 on is taken for the last century.)
MONTH = "(?:0[1-9]|1[0-2])"
FOUR = rf"(?:07(?:0[4-9]|1[0-2])|(?:0[89]|1[0-4]){MONTH})\.\d{{4}}"
FIVE = rf"(?:1[5-9]|[2-8]\d|90){MONTH}\.\d{{5}}"
PAST = rf"(?:91(?:0[7-9]|1[0-2])|(?:9[2-9]|0[0-6]){MONTH}|070[1-3])"
OLD = rf"[a-z]+(?:-[a-z]+)?(?:\.[A-Z]{{2}})?/{PAST}\d{{3}}"
DOCUMENTED = re.compile(
    rf"(?P<base>{FOUR}|{FIVE}|{OLD})(?:v(?P<version>[1-9]\d*))?", re.ASCII
)

GOOD_IDS = [
    "1706.03762",
    "1706.03762v7",
    "1706.03762v12",
    "0704.0001",
    "0706.0001v2",
    "1412.6980v9",
    "1501.00001v1",
    "hep-th/9711200v3",
    "hep-th/9901001",
    "math/0611800v2",
    "math.GT/0309136",
    "cs/0112017",
    "cond-mat/0207270v1",
]
BAD_IDS = [
    "",
    "cs.CL",
    "1706.3762",
    "1412.06980",
    "1501.0001",
    "1713.03762",
    "1700.03762",
    "0703.0001",
    "9711.00200",
    "cs/0704001",
    "cs/1501001",
    "hep-th/971120",
    "hep-th/9713200",
    "HEP-TH/9711200",
    "1706.03762v0",
    "1706.03762v",
    "1706.03762v7 ",
    "arXiv:1706.03762",
    "1706.03762\n",
    "1706.\n03762",
    "1706.０３７６２",
    "1706.03762v７",
]
BROKEN = [
    ("<title>Attention Is All\n  You Need</title>", "1706.03762v7：缺 <title>"),
    ("<published>2015-12-10T19:51:55Z</published>", "1512.03385v1：缺 <published>"),
    ("<updated>2019-05-24T20:37:26Z</updated>", "1810.04805v2：缺 <updated>"),
    ("<author><name>Juan M. Maldacena</name></author>", "9711200v3：缺 <author>"),
    ("<name>Ashish Vaswani</name>", "1706.03762v7：缺 <author>"),
    ('<arxiv:primary_category term="cs.CV"/>', "1512.03385v1：缺 <arxiv:primary"),
    ("<id>http://arxiv.org/abs/1512.03385v1</id>", "没有可用的 <id>"),
]
ERROR_FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <entry>
    <id>http://arxiv.org/api/errors#incorrect_id_format_for_1234.12345</id>
    <title>Error</title>
    <summary>incorrect id format for 1234.12345</summary>
    <updated>2007-10-12T00:00:00-04:00</updated>
    <author><name>arXiv api core</name></author>
  </entry>
</feed>"""


@pytest.fixture
def ours(run_snippet: Callable[[str], SimpleNamespace]) -> SimpleNamespace:
    return run_snippet("resources/open_source_python")


@pytest.fixture
def pairs(ours: SimpleNamespace) -> list[tuple]:
    """Each paper of ours beside the same entry as feedparser reads it."""
    feed = feedparser.parse(ours.FEED.encode())
    assert not feed.bozo
    return list(zip(ours.everything, feed.entries, strict=True))


def plain(text: str | None) -> str | None:
    return text and re.sub(r"\s+", " ", text).strip()


def moment(parsed: tuple) -> datetime:
    return datetime(*parsed[:6], tzinfo=UTC)


def test_titles_and_summaries_match_feedparser(pairs: list[tuple]) -> None:
    for paper, entry in pairs:
        assert paper.title == plain(entry.title)
        assert paper.summary == plain(entry.summary)


def test_authors_match_feedparser_in_order(pairs: list[tuple]) -> None:
    for paper, entry in pairs:
        assert list(paper.authors) == [author.name for author in entry.authors]


def test_dates_match_feedparser(pairs: list[tuple]) -> None:
    for paper, entry in pairs:
        assert paper.submitted == moment(entry.published_parsed)
        assert paper.revised == moment(entry.updated_parsed)


def test_categories_match_feedparser(pairs: list[tuple]) -> None:
    for paper, entry in pairs:
        assert paper.primary == entry.arxiv_primary_category["term"]
        # feedparser counts the primary category among the tags, once
        assert set(paper.categories) == {tag.term for tag in entry.tags}


def test_optional_fields_match_feedparser(pairs: list[tuple]) -> None:
    for paper, entry in pairs:
        assert paper.comment == plain(entry.get("arxiv_comment"))
        assert paper.journal == plain(entry.get("arxiv_journal_ref"))
        assert paper.doi == plain(entry.get("arxiv_doi"))


def test_ids_of_the_feed_match_feedparser_and_the_scheme(pairs: list[tuple]) -> None:
    for paper, entry in pairs:
        match = DOCUMENTED.fullmatch(entry.id.removeprefix("http://arxiv.org/abs/"))
        assert match
        assert (paper.base, str(paper.version)) == (match["base"], match["version"])


@pytest.mark.parametrize("text", GOOD_IDS)
def test_a_documented_id_is_split_as_documented(
    ours: SimpleNamespace, text: str
) -> None:
    match = DOCUMENTED.fullmatch(text)
    assert match
    version = match["version"]
    assert ours.split_id(text) == (match["base"], int(version) if version else None)


@pytest.mark.parametrize("text", BAD_IDS)
def test_an_id_outside_the_scheme_is_refused(ours: SimpleNamespace, text: str) -> None:
    assert not DOCUMENTED.fullmatch(text)
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        ours.split_id(text)


@pytest.mark.parametrize(("part", "message"), BROKEN)
def test_a_missing_field_is_named_with_its_paper(
    ours: SimpleNamespace, part: str, message: str
) -> None:
    assert part in ours.FEED
    with pytest.raises(ValueError, match=re.escape(message)):
        ours.parse_feed(ours.FEED.replace(part, ""))


def test_an_error_entry_is_not_taken_for_a_paper(ours: SimpleNamespace) -> None:
    with pytest.raises(ValueError, match="incorrect id format"):
        ours.parse_feed(ERROR_FEED)


def test_text_that_is_no_xml_is_said_to_be_none(ours: SimpleNamespace) -> None:
    with pytest.raises(ValueError, match="不是 XML：'Rate exceeded.'"):
        ours.parse_feed("Rate exceeded.")


def test_the_first_version_was_submitted_when_it_was_revised(
    ours: SimpleNamespace,
) -> None:
    for paper in ours.everything:
        assert (paper.submitted == paper.revised) == (paper.version == 1)


@pytest.mark.parametrize("turn", [1, -1])
def test_only_the_newest_version_stays_in_any_order(
    ours: SimpleNamespace, turn: int
) -> None:
    kept = ours.latest_only(ours.everything[::turn])
    versions = {p.base: p.version for p in kept}
    newest: dict[str, int] = {}
    for p in ours.everything:
        newest[p.base] = max(p.version, newest.get(p.base, 0))
    assert len(kept) == len(newest)
    assert versions == newest


def test_a_paper_without_version_counts_as_newest(ours: SimpleNamespace) -> None:
    text = ours.FEED.replace("1706.03762v1<", "1706.03762<")
    kept = {p.base: p.version for p in ours.latest_only(ours.parse_feed(text))}
    assert kept["1706.03762"] is None


def test_beijing_time_matches_zoneinfo(ours: SimpleNamespace) -> None:
    for paper in ours.everything:
        there = paper.revised.astimezone(ZoneInfo("Asia/Shanghai"))
        assert ours.beijing(paper.revised) == f"{there:%Y-%m-%d %H:%M}"


def test_an_offset_in_the_feed_is_respected(ours: SimpleNamespace) -> None:
    """The manual's own examples give dates with -05:00 and -04:00, not Z."""
    text = ours.FEED.replace("2018-10-11T00:50:01Z", "2018-10-10T20:50:01-04:00")
    paper = next(p for p in ours.parse_feed(text) if p.base == "1810.04805")
    assert ours.beijing(paper.submitted) == "2018-10-11 08:50"


def test_dates_are_sorted_newest_first(ours: SimpleNamespace) -> None:
    for papers, field in [
        (ours.by_submitted, "submitted"),
        (ours.by_revised, "revised"),
    ]:
        dates = [getattr(p, field) for p in papers]
        assert all(a >= b for a, b in zip(dates, dates[1:], strict=False))
        assert len(dates) == len(ours.papers)


def test_a_category_is_matched_whole_and_cross_lists_count(
    ours: SimpleNamespace,
) -> None:
    found = [p.base for p in ours.in_category(ours.papers, "cs.LG")]
    assert found == ["1706.03762", "1412.6980"]
    assert ours.in_category(ours.papers, "cs") == []


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("transformer", ["1706.03762", "1810.04805"]),
        ("LEARNING", ["1512.03385"]),
        ("滑动平均", ["1412.6980"]),
        ("diffusion", []),
    ],
)
def test_a_keyword_is_sought_in_title_and_summary(
    ours: SimpleNamespace, word: str, found: list[str]
) -> None:
    assert [p.base for p in ours.with_keyword(ours.papers, word)] == found


def test_bibtex_is_read_back_by_pybtex(ours: SimpleNamespace) -> None:
    text = "\n\n".join(ours.bibtex(p) for p in ours.papers)
    entries = parse_string(text, "bibtex").entries
    assert len(entries) == len(ours.papers)
    for paper in ours.papers:
        entry = entries[ours.cite_key(paper)]
        assert entry.fields["title"] == f"{{{paper.title}}}"
        assert entry.fields["eprint"] == f"{paper.base}v{paper.version}"
        assert entry.fields["primaryClass"] == paper.primary
        assert entry.fields.get("doi") == paper.doi
        assert entry.fields.get("journal") == paper.journal
        people = [str(person) for person in entry.persons["author"]]
        assert [" ".join(reversed(p.split(", "))) for p in people] == list(
            paper.authors
        )


def test_bibtex_escapes_what_tex_would_read_as_a_command(
    ours: SimpleNamespace,
) -> None:
    old = next(p for p in ours.papers if p.base == "hep-th/9711200")
    entry = parse_string(ours.bibtex(old), "bibtex").entries[ours.cite_key(old)]
    assert r"AdS\_2" in entry.fields["note"]
    assert ours.tex("A & B: 100% of #1 for $5_") == r"A \& B: 100\% of \#1 for \$5\_"


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Strings on AdS$_5$ & $S^5$", r"Strings on AdS$_5$ \& $S^5$"),
        ("$O(n_k)$ at 5% of C_1", r"$O(n_k)$ at 5\% of C\_1"),
        (r"R\&D, 5\%", r"R\&D, 5\%"),
    ],
)
def test_a_formula_in_a_title_stays_a_formula(
    ours: SimpleNamespace, title: str, written: str
) -> None:
    assert ours.tex(title) == written


def test_the_year_is_the_journals_if_it_names_one(ours: SimpleNamespace) -> None:
    years = {p.base: ours.year_of(p) for p in ours.papers}
    assert years == {
        "1706.03762": "2017",
        "1512.03385": "2015",
        "1412.6980": "2014",
        "1810.04805": "2018",
        "hep-th/9711200": "1998",
    }


def test_keys_of_the_bibliography_are_plain_and_differ(ours: SimpleNamespace) -> None:
    keys = [ours.cite_key(p) for p in ours.papers]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z]+\d{4}[a-z]*", key) for key in keys)


def test_a_key_is_family_year_and_the_first_word_of_four_letters(
    ours: SimpleNamespace,
) -> None:
    paper = next(p for p in ours.papers if p.base == "1512.03385")  # Kaiming He, 2015
    keys = {
        title: ours.cite_key(dataclasses.replace(paper, title=title))
        for title in ("An Age of Deep Nets", "Go On and On", "Why Transformers")
    }
    assert keys == {
        "An Age of Deep Nets": "he2015deep",
        "Go On and On": "he2015",
        "Why Transformers": "he2015transformers",
    }


def test_the_reading_list_links_to_the_newest_version(ours: SimpleNamespace) -> None:
    line = ours.markdown(ours.by_submitted[1])
    assert line.startswith("- [ ] 2017-06-13 [Attention Is All You Need](")
    assert "](https://arxiv.org/abs/1706.03762)" in line
    assert "注意力 & 前馈" in line


def test_brackets_in_a_title_do_not_break_the_link(ours: SimpleNamespace) -> None:
    text = ours.FEED.replace("Deep Residual", "[Deep] Residual")
    paper = next(p for p in ours.parse_feed(text) if p.base == "1512.03385")
    assert r"[\[Deep\] Residual" in ours.markdown(paper)


def test_papers_that_say_they_are_published_are_flagged(ours: SimpleNamespace) -> None:
    flagged = {p.base for p in ours.papers if ours.maybe_published(p)}
    assert flagged == {"1412.6980", "hep-th/9711200"}


# --- what is printed -----------------------------------------------------------


@pytest.fixture
def newest(ours: SimpleNamespace) -> list:
    """feedparser's entries, of each paper the highest version, first submitted last."""
    best: dict[str, tuple] = {}
    for entry in feedparser.parse(ours.FEED.encode()).entries:
        match = DOCUMENTED.fullmatch(entry.id.removeprefix("http://arxiv.org/abs/"))
        found = (int(match["version"]), match["base"], entry)
        best[match["base"]] = max(best.get(match["base"], found), found)
    return sorted(best.values(), key=lambda found: found[2].published, reverse=True)


def after(ours: SimpleNamespace, section: str, label: str) -> str:
    """The rest of the one printed line that begins with a label."""
    lines = ours.printed_by[section].splitlines()
    (line,) = [line for line in lines if line.startswith(label)]
    return line.removeprefix(label)


def test_each_wrong_id_is_refused_with_its_own_reason(ours: SimpleNamespace) -> None:
    assert ours.printed_by["identifier"].splitlines() == [
        "序号的位数与年份不符：'1706.3762'",
        "月份 13 不存在：'1713.03762'",
        "那个年月不用这种编号：'0703.0001'",
        "不是 arXiv 编号：'cs.CL'",
    ]


def test_the_printed_count_is_feedparsers(ours: SimpleNamespace) -> None:
    entries = feedparser.parse(ours.FEED.encode()).entries
    assert ours.printed_by["read"].splitlines()[0] == f"收到 {len(entries)} 条"


def test_both_broken_answers_are_told_apart(ours: SimpleNamespace) -> None:
    assert after(ours, "read", "不是 XML：").startswith("'Rate exceeded.'")
    assert after(ours, "read", "1810.04805v2：") == "缺 <author>"


def test_the_printed_loss_is_the_older_version(
    ours: SimpleNamespace, newest: list
) -> None:
    kept = {f"{base}v{version}" for version, base, _ in newest}
    entries = feedparser.parse(ours.FEED.encode()).entries
    names = [e.id.removeprefix("http://arxiv.org/abs/") for e in entries]
    (lost,) = set(names) - kept
    expected = f"留下 {len(kept)} 篇；丢掉旧版：{lost}\n"
    assert ours.printed_by["newest"] == expected


def test_the_printed_dates_are_feedparsers_in_two_zones(
    ours: SimpleNamespace, newest: list
) -> None:
    _, *rows, _ = ours.printed_by["dates"].splitlines()
    for row, (version, base, entry) in zip(rows, newest, strict=True):
        utc = moment(entry.published_parsed)
        there = utc.astimezone(ZoneInfo("Asia/Shanghai"))
        shown = f"{base} v{version} {utc:%Y-%m-%d %H:%M} {there:%Y-%m-%d %H:%M}"
        assert row.split() == shown.split()


def test_the_printed_first_by_revision_is_feedparsers(
    ours: SimpleNamespace, newest: list
) -> None:
    _, base, entry = max(newest, key=lambda found: found[2].updated)
    there = moment(entry.updated_parsed).astimezone(ZoneInfo("Asia/Shanghai"))
    expected = f" {base} {there:%Y-%m-%d %H:%M}"
    assert after(ours, "dates", "按修订时间排第一的：") == expected


def test_the_printed_choices_are_feedparsers(
    ours: SimpleNamespace, newest: list
) -> None:
    listed, first, named = [], [], []
    for _, base, entry in newest:
        listed += [base] * ("cs.LG" in {tag.term for tag in entry.tags})
        first += [base] * (entry.arxiv_primary_category["term"] == "cs.LG")
        named += [base] * ("transformer" in f"{entry.title} {entry.summary}".lower())
    assert after(ours, "select", "cs.LG 出现在： ").split("、") == listed
    assert after(ours, "select", "cs.LG 是主类目： ").split("、") == first
    found = after(ours, "select", "题目或摘要含 TRANSFORMER： ").split("、")
    assert sorted(found) == sorted(named)


def test_the_printed_entry_is_the_oldest_paper_to_pybtex(
    ours: SimpleNamespace, newest: list
) -> None:
    version, base, entry = newest[-1]
    (written,) = parse_string(ours.printed_by["bibtex"], "bibtex").entries.values()
    assert written.fields["eprint"] == f"{base}v{version}"
    assert written.fields["title"] == f"{{{plain(entry.title)}}}"
    assert written.fields["journal"] == entry.arxiv_journal_ref
    assert written.fields["year"] == "1998"  # the journal's, not the first version's


def test_the_printed_list_is_the_three_latest(
    ours: SimpleNamespace, newest: list
) -> None:
    *lines, _ = ours.printed_by["markdown"].splitlines()
    for line, (_, base, entry) in zip(lines, newest[:3], strict=True):
        there = moment(entry.published_parsed).astimezone(ZoneInfo("Asia/Shanghai"))
        title, author = plain(entry.title), entry.authors[0].name
        link = f"[{title}](https://arxiv.org/abs/{base})"
        start = f"- [ ] {there:%Y-%m-%d} {link}，{author} 等。"
        assert line == f"{start}{plain(entry.summary)}"


def test_the_printed_flags_are_the_two_that_say_so(ours: SimpleNamespace) -> None:
    flagged = after(ours, "markdown", "可能已正式发表： ").split("、")
    assert flagged == ["1412.6980", "hep-th/9711200"]
