"""Every program, run as a reader would run it, prints and draws what its page shows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from handbook.programs import record, sections

ROOT = Path(__file__).parent.parent
PROGRAMS = [p.relative_to(ROOT) for p in sections.all_programs(ROOT / "snippets")]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.as_posix())
def test_a_program_does_what_its_page_shows(program: Path, ran: Callable) -> None:
    _, result = ran(sections.name(program))
    assert record.check(ROOT / program, result) is None
