"""Every snippet, run as a reader would run it, prints and draws what its page shows."""

from pathlib import Path

import pytest

from handbook import snippets

ROOT = Path(__file__).parent.parent
PROGRAMS = [p.relative_to(ROOT) for p in snippets.all_snippets(ROOT / "snippets")]


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_a_program_does_what_its_page_shows(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert snippets.check_record(program, snippets.run(program)) is None
