"""A server that is good, that mends itself, and that does not."""

import time

import pytest

from handbook.errors import HandbookError
from handbook.refresh import fetch

from .conftest import HASTY, NEW, Server, good, half, pack, slow, status


def refused(url: str, patience: fetch.Patience = HASTY) -> str:
    with pytest.raises(HandbookError) as error:
        fetch.get(url, patience)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{url}: ")


def test_a_body_arrives_whole(server: Server) -> None:
    body = bytes(range(256)) * 2000
    assert fetch.get(server.on("/x", good(body)), HASTY) == body


def test_progress_is_told_up_to_the_whole(server: Server) -> None:
    told = []
    url = server.on("/x", good(b"." * 200_000))
    fetch.get(url, HASTY, lambda done, total: told.append((done, total)))
    assert told[-1] == (200_000, 200_000) and len(told) > 1


@pytest.mark.parametrize("bad", [status(500), status(503), status(429), half(b"12")])
def test_what_mends_itself_is_asked_again(server: Server, bad) -> None:
    assert fetch.get(server.on("/x", bad, good("fine")), HASTY) == b"fine"
    assert len(server.asked) == 2


def test_a_server_that_stays_broken_is_one_line(server: Server) -> None:
    line = refused(server.on("/x", status(500)))
    assert line == "answers 500 after 3 tries (look again later)"
    assert len(server.asked) == 3


def test_what_has_moved_is_not_asked_for_again(server: Server) -> None:
    assert "answers 404 (has it moved?" in refused(server.url + "/gone")
    assert len(server.asked) == 1


def test_a_silent_server_is_given_up(server: Server) -> None:
    begun = time.monotonic()
    line = refused(server.on("/x", slow(5, 1)))
    assert line.startswith("is silent for 0.3 s after 3 tries")
    assert time.monotonic() - begun < 4


def test_a_server_that_drips_for_ever_is_given_up(server: Server) -> None:
    hasty = fetch.Patience(silence=1, whole=0.3)
    line = refused(server.on("/x", slow(0.05, 100)), hasty)
    assert line == "takes more than 0.3 s (look again later)"
    assert len(server.asked) == 1


def test_half_a_body_is_no_body(server: Server) -> None:
    assert refused(server.on("/x", half(b"1234"))).startswith("breaks off (")


def test_too_much_is_not_read_to_its_end(server: Server) -> None:
    line = refused(server.on("/x", good(b"." * 200_000)), fetch.Patience(most=100_000))
    assert line.startswith("has more than 100,000 bytes")


def test_nobody_there_is_one_line() -> None:
    assert refused("http://127.0.0.1:1/x").startswith("breaks off (ConnectionError)")


# --- archives ------------------------------------------------------------------------


def yaml(path: str) -> bool:
    return path.endswith(".yml")


def test_the_wanted_files_and_the_commit_are_read() -> None:
    body = pack({"a/b.yml": "一", "c.md": "no"})
    snapshot = fetch.unpack("u", body, yaml)
    assert snapshot.files == {"a/b.yml": "一"} and snapshot.commit == NEW


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9])
def test_part_of_an_archive_is_one_line(kept: float) -> None:
    text = "".join(f"{number * number} " for number in range(9000))
    body = pack({"a.yml": text, "b.yml": text[::-1]})
    with pytest.raises(HandbookError, match=r"^u: is no whole archive, [\d,]+ b"):
        fetch.unpack("u", body[: int(len(body) * kept)], yaml)


def test_a_page_instead_of_an_archive_is_one_line() -> None:
    with pytest.raises(HandbookError, match="^u: is no whole archive"):
        fetch.unpack("u", b"<!doctype html><title>Sign in</title>", yaml)


def test_a_file_that_is_no_text_costs_itself_only() -> None:
    snapshot = fetch.unpack("u", pack({"a.yml": b"\xff\xfe", "b.yml": "x: 1"}), yaml)
    assert snapshot.files == {"b.yml": "x: 1"}
    assert snapshot.faults == ["a.yml: is no UTF-8 text (tell its maintainers)"]
