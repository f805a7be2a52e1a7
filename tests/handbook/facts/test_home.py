"""What the home page counts: days to come, evidence, tasks."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from lxml import html

from handbook.facts import calendars, conferences, home
from handbook.page import front, outline
from handbook.programs.practice import practice_programs

REAL = conferences.load()
DAY = REAL.as_of


def rows(day: dt.date) -> list[str]:
    """The deadlines shown on a day, as text."""
    shown = html.fromstring(home.deadlines(REAL, day))
    return [row.text_content() for row in shown.xpath(".//li")]


def test_three_deadlines_are_shown_the_next_ones_first() -> None:
    names = [f"{h.name} {h.what}" for h in due(DAY)][:3]
    assert [row.partition(" 天 ")[2] for row in rows(DAY)] == names


def due(day: dt.date) -> Iterator[calendars.Happening]:
    """The deadlines from a day on, in order."""
    coming = calendars.upcoming(REAL, day)
    return (h for h in coming if h.group == "deadline" and h.day >= day)


def test_a_deadline_is_told_in_beijing_time_with_its_day_of_the_week() -> None:
    first = next(h for h in due(DAY) if h.instant)
    day, beijing = first.day, first.instant + dt.timedelta(hours=8)
    moment = f"{day:%m-%d} 周{'一二三四五六日'[day.weekday()]} {beijing:%H:%M} 1 天"
    eve = day - dt.timedelta(days=1)
    assert f"{moment} {first.name} {first.what}" in rows(eve)


def test_a_bare_date_gets_no_hour() -> None:
    first = next(h for h in due(DAY) if not h.instant)
    day = first.day
    moment = f"{day:%m-%d} 周{'一二三四五六日'[day.weekday()]} 今天"
    assert f"{moment} {first.name} {first.what}" in rows(day)


def test_the_days_left_are_counted_from_the_day_of_the_build() -> None:
    first = next(h for h in due(DAY) if h.day > DAY)
    eve = first.day - dt.timedelta(days=1)
    assert any(f" 1 天 {first.name} {first.what}" in row for row in rows(eve))


def test_every_number_of_the_evidence_links_to_where_it_can_be_checked() -> None:
    shown = html.fromstring(home.evidence())
    assert len(shown.xpath(".//li")) == len(shown.xpath(".//li/a/@href")) == 4


def test_the_programs_are_counted() -> None:
    count = len(list(Path("snippets").glob("*/*.py")))
    assert f"{count} 个程序" in html.fromstring(home.evidence()).text_content()


def test_the_errors_are_those_of_the_errata() -> None:
    shown = html.fromstring(home.evidence()).text_content()
    assert f"{13 + 19} 处旧错" in shown


def test_a_task_is_read_from_its_program() -> None:
    path = Path("snippets/concepts/attention_practice_numpy.py")
    assert home.task(path) == ("attention", "缩放点积注意力", 6)


def test_every_task_is_listed_under_its_part() -> None:
    folders = {path.parent.name for path in practice_programs()}
    nav, entries = [], {}
    for folder in sorted(folders):
        stems = [p.stem for p in practice_programs() if p.parent.name == folder]
        pages = [stem.partition("_practice")[0].replace("_", "-") for stem in stems]
        nav.append(
            {folder: [f"{folder}/index.md", *(f"{folder}/{p}.md" for p in pages)]}
        )
        for page in pages:
            key = f"{folder}/{page}"
            about = front.FrontMatter(
                description="一页的说明，写得足够长。",
                tags=["试验"],
                level="入门",
                requires=[],
            )
            entries[key] = front.Entry(key, page, f"{key}/", about, 5)
    shown = home.practice(outline.Book(outline.parts(nav), entries), "index", "./")
    tree = html.fromstring(f"<div>{shown}</div>")
    assert len(tree.xpath(".//li")) == len(practice_programs())
    assert len(tree.xpath(".//p[@class='hb-part']")) == len(folders)
