"""What is kept between builds, and when it is forgotten."""

from pathlib import Path

import pytest

from handbook import cache


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing kept, and a place of its own to keep it."""
    monkeypatch.setattr(cache, "FILE", tmp_path / "cache" / "kept.pickle")
    monkeypatch.setattr(cache, "_kept", {})
    monkeypatch.setattr(cache, "_used", set())


def test_the_same_arguments_are_worked_out_once() -> None:
    calls: list[str] = []
    shout = cache.keep(lambda text: calls.append(text) or text.upper())
    assert [shout("a"), shout("a"), shout("b")] == ["A", "A", "B"]
    assert calls == ["a", "b"]


def test_the_next_build_takes_up_what_this_one_used() -> None:
    cache.recall("stale", lambda: 1)
    cache._used.clear()
    cache.recall("fresh", lambda: 2)
    cache.save()
    cache._kept.clear()
    cache.load()
    assert cache.recall("fresh", lambda: 3) == 2
    assert cache.recall("stale", lambda: 3) == 3


def test_a_changed_machinery_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.recall("page", lambda: 1)
    cache.save()
    cache._kept.clear()
    monkeypatch.setattr(cache, "_fingerprint", lambda: "another")
    cache.load()
    assert cache.recall("page", lambda: 2) == 2


@pytest.mark.parametrize("rubbish", [b"", b"no pickle", b"\x80\x05N."])
def test_a_broken_file_is_as_good_as_none(rubbish: bytes) -> None:
    cache.FILE.parent.mkdir()
    cache.FILE.write_bytes(rubbish)
    cache.load()
    assert cache.recall("page", lambda: 1) == 1
