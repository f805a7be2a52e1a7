"""The YAML of ccfddl and ai-deadlines, good and broken."""

import datetime as dt

from handbook.refresh import trackers
from handbook.refresh.sheets import Sheet

from .conftest import CCF, HF


def one(read: trackers.Read) -> Sheet:
    (sheet,), faults = read
    assert faults == []
    return sheet


def test_a_venue_of_ccfddl_is_read() -> None:
    sheet = one(trackers.ccfddl({"conference/AI/toy.yml": CCF}))
    assert (sheet.title, sheet.year, sheet.dblp) == ("TOY", 2027, "toy")
    assert [(e.kinds[0], e.text) for e in sheet.entries] == [
        ("abstract", "2027-01-08 23:59 AoE"),
        ("paper", "2027-01-15 23:59 AoE"),
        ("days", "2027-06-01 to 2027-06-04"),
    ]
    assert sheet.faults == ()


def test_an_edition_of_ai_deadlines_is_read() -> None:
    sheet = one(trackers.ai_deadlines({"src/data/conferences/toy.yml": HF}))
    assert [(e.kinds[0], e.text, e.words) for e in sheet.entries] == [
        ("abstract", "2027-01-09 11:59 UTC", "Abstract"),
        ("notification", "2027-03-20 23:59 AoE", "Author notification"),
        ("days", "2027-06-01 to 2027-06-04", "days"),
    ]


def test_an_older_row_of_ai_deadlines_is_read() -> None:
    row = (
        "- {title: TOY, year: 2026, abstract_deadline: '2026-01-02 23:59:59',"
        " deadline: '2026-01-09 23:59:59', timezone: UTC-08, date: 'May 1-3, 2026'}"
    )
    sheet = one(trackers.ai_deadlines({"toy.yml": row}))
    assert [(e.kinds[0], e.text) for e in sheet.entries] == [
        ("abstract", "2026-01-02 23:59 UTC-08"),
        ("paper", "2026-01-09 23:59 UTC-08"),
        ("days", "2026-05-01 to 2026-05-03"),
    ]


def test_the_list_of_dates_stands_before_the_older_fields() -> None:
    text = HF.replace("  id: toy27", "  deadline: '2027-01-01'")
    sheet = one(trackers.ai_deadlines({"toy.yml": text}))
    assert [e.kinds[0] for e in sheet.entries] == ["abstract", "notification", "days"]


def test_a_second_deadline_is_a_second_entry() -> None:
    twice = CCF.replace(
        "      timezone",
        "        - {deadline: '2027-02-15 23:59:59', comment: fall}\n      timezone",
    )
    sheet = one(trackers.ccfddl({"toy.yml": twice}))
    papers = [(e.at.date(), e.words) for e in sheet.entries if "paper" in e.kinds]
    assert papers[1:] == [(dt.date(2027, 2, 15), "fall")]


def test_an_unknown_time_zone_names_its_row_and_costs_it_only() -> None:
    sheet = one(trackers.ccfddl({"toy.yml": CCF.replace("AoE", "Moon/Base")}))
    assert [line.partition(" (")[0] for line in sheet.faults] == [
        "abstract_deadline: unknown time zone 'Moon/Base'",
        "deadline: unknown time zone 'Moon/Base'",
    ]
    assert [e.kinds[0] for e in sheet.entries] == ["days"]


def test_an_unknown_type_of_date_is_said() -> None:
    text = HF.replace("type: notification", "type: dinner")
    sheet = one(trackers.ai_deadlines({"toy.yml": text}))
    (line,) = sheet.faults
    assert line.startswith("Author notification: unknown type 'dinner' (")


def test_a_file_that_is_no_yaml_costs_itself_only() -> None:
    files = {"a.yml": "- title: {]\n", "b.yml": CCF}
    sheets, faults = trackers.ccfddl(files)
    assert [sheet.path for sheet in sheets] == ["b.yml"]
    (line,) = faults
    assert line.startswith("a.yml:1: no valid YAML: ") and "\n" not in line


def test_a_row_of_another_form_is_said() -> None:
    sheets, faults = trackers.ccfddl({"a.yml": "- title: TOY\n- {}", "b.yml": "x: 1"})
    assert sheets == []
    assert [line.partition(" (")[0] for line in faults] == [
        "a.yml: row 1 has another form, KeyError 'confs'",
        "a.yml: row 2 has another form, KeyError 'confs'",
        "b.yml: is no list of rows",
    ]


def test_what_is_not_announced_is_no_entry_and_no_fault() -> None:
    text = CCF.replace("'2027-01-15 23:59:59'", "TBD").replace("June 1-4, 2027", "TBD")
    sheet = one(trackers.ccfddl({"toy.yml": text}))
    assert [e.kinds[0] for e in sheet.entries] == ["abstract"]
    assert sheet.faults == ()
