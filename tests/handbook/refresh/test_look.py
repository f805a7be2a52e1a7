"""The whole command against a local server: each failure costs its own source only."""

import json
from pathlib import Path

import pytest

from handbook.refresh.look import Look, main

from .conftest import ARR, CCF, HASTY, HF, NEW, OLD, Server, good, half, pack, slow
from .conftest import status as answers

CCF_FILE, HF_FILE = "conference/AI/toy.yml", "src/data/conferences/toy.yml"
CCF_NOW = "/ccfddl/ccf-deadlines/archive/main.tar.gz"
CCF_THEN = f"/ccfddl/ccf-deadlines/archive/{OLD}.tar.gz"
HF_NOW = "/huggingface/ai-deadlines/archive/main.tar.gz"
ARR_NOW = "/acl-org/aclrollingreview/main/dates.md"
MOVED = CCF.replace("01-15", "01-22")


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795737600")  # 2026-11-27


@pytest.fixture
def command(server: Server, file: Path, capsys: pytest.CaptureFixture):
    """Runs the command against a server where all is well unless it is told else."""
    server.on(CCF_NOW, good(pack({CCF_FILE: CCF})))
    server.on(CCF_THEN, good(pack({CCF_FILE: CCF}, OLD)))
    server.on(HF_NOW, good(pack({HF_FILE: HF})))
    server.on(ARR_NOW, good(ARR))

    def run(*arguments: str) -> tuple[int, str, list[str]]:
        look = Look(github=server.url, raw=server.url, patience=HASTY)
        status = main([f"--file={file}", *arguments], look)
        said = capsys.readouterr()
        return status, said.out, said.err.splitlines()

    return run


def whole(command) -> dict:
    return json.loads(command("--json")[1])


def found(made: dict) -> list[str]:
    return [f"{d['state']} {d['venue']} {d['what']}" for d in made["differences"]]


def test_where_all_agree_there_is_nothing_to_do(command) -> None:
    status, out, err = command()
    assert (status, err) == (0, []) and out.endswith("Nothing to do.\n\n")


def test_a_change_is_told_with_both_sources(command, server) -> None:
    server.on(CCF_NOW, good(pack({CCF_FILE: MOVED})))
    status, out, err = command()
    assert (status, err) == (1, [])
    row = next(line for line in out.splitlines() if line.startswith("| toy 2027"))
    assert "2027-01-15 23:59 AoE (ccfddl, 2026-11-20)" in row
    assert f"2027-01-22 23:59 AoE (deadline; {CCF_FILE})" in row


def test_the_commit_that_was_read_is_told(command) -> None:
    looked = {row["source"]: row for row in whole(command)["looked"]}
    assert looked["ccfddl"]["commit"] == NEW and looked["ccfddl"]["recorded"] == OLD


def test_what_stood_in_the_commit_that_our_file_names_is_known(command, server) -> None:
    server.on(CCF_NOW, good(pack({CCF_FILE: MOVED})))
    server.on(CCF_THEN, good(pack({CCF_FILE: MOVED}, OLD)))
    made = whole(command)
    assert made["differences"] == [] and made["status"] == 0
    assert [d["theirs"][:10] for d in made["known"]] == ["2027-01-22"]


def test_the_commit_that_our_file_names_is_fetched_once(command, server) -> None:
    server.on(CCF_NOW, good(pack({CCF_FILE: MOVED}, OLD)))
    made = whole(command)
    assert made["differences"] == [] and len(made["known"]) == 1
    assert CCF_THEN not in server.asked


def test_what_changed_again_since_then_is_not_known(command, server) -> None:
    server.on(CCF_NOW, good(pack({CCF_FILE: MOVED.replace("01-22", "01-29")})))
    server.on(CCF_THEN, good(pack({CCF_FILE: MOVED}, OLD)))
    assert found(whole(command)) == ["changed toy paper"]


def test_without_the_commit_that_our_file_names_nothing_is_known(
    command, server
) -> None:
    server.on(CCF_NOW, good(pack({CCF_FILE: MOVED})))
    server.on(CCF_THEN, answers(404))
    made = whole(command)
    assert found(made) == ["changed toy paper"] and made["status"] == 2
    (line,) = made["unreadable"]
    assert line.endswith("; every difference counts as not known")


def test_a_server_that_breaks_once_is_no_fault(command, server) -> None:
    server.on(HF_NOW, answers(500), good(pack({HF_FILE: HF})))
    assert command()[0] == 0


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (answers(500), "answers 500 after 3 tries (look again later)"),
        (answers(404), "answers 404 (has it moved? mend its address)"),
        (slow(3, 1), "is silent for 0.3 s after 3 tries (look again later)"),
        (half(pack({HF_FILE: HF})), "breaks off (ChunkedEncodingError) after 3"),
        (good(pack({HF_FILE: HF})[:90]), "is no whole archive, 90 bytes ("),
        (good(pack({"README": ""})), "has no src/data/conferences/*.yml ("),
    ],
)
def test_a_broken_source_is_one_line_and_the_others_are_compared(
    command, server, broken, line
) -> None:
    server.on(HF_NOW, broken)
    server.on(CCF_NOW, good(pack({CCF_FILE: MOVED})))
    status, out, err = command()
    assert status == 2
    assert len(err) == 1 and err[0].startswith(f"hf: {server.url}{HF_NOW}: {line}")
    assert "## unreadable: 1" in out and "2027-01-22 23:59 AoE" in out


def test_a_broken_file_is_one_line_and_the_others_are_compared(command, server) -> None:
    files = {CCF_FILE: MOVED, "conference/AI/else.yml": "- title: {]\n"}
    server.on(CCF_NOW, good(pack(files)))
    status, out, err = command()
    assert status == 2 and "2027-01-22 23:59 AoE" in out
    (line,) = err
    assert line.startswith("ccfddl: conference/AI/else.yml:1: no valid YAML: ")


def test_an_unknown_time_zone_names_its_row_and_the_rest_is_compared(
    command, server
) -> None:
    text = HF.replace("timezone: UTC", "timezone: Moon/Base").replace("03-20", "03-21")
    server.on(HF_NOW, good(pack({HF_FILE: text})))
    made = whole(command)
    assert found(made) == ["changed toy notification"] and made["status"] == 2
    (line,) = made["unreadable"]
    start = f"hf: {HF_FILE}: TOY 2027, Abstract: unknown time zone 'Moon/Base' ("
    assert line.startswith(start)


def test_our_own_file_is_not_touched(command, server, file: Path) -> None:
    server.on(CCF_NOW, good(pack({CCF_FILE: MOVED})))
    before = file.read_bytes()
    command()
    assert file.read_bytes() == before


def test_a_fault_of_our_own_file_is_said_before_anything_is_fetched(
    command, server, file: Path
) -> None:
    text = file.read_text(encoding="utf-8").replace("kind: abstract", "kind: abstrct")
    file.write_text(text, encoding="utf-8")
    status, out, err = command()
    assert (status, out, server.asked) == (2, "", [])
    assert "unknown kind 'abstrct' (did you mean abstract?)" in err[0]
