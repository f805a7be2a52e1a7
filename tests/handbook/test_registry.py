"""What takes part in a build enters itself, and pages ask for it by name."""

import pytest

from handbook import registry
from handbook.errors import HandbookError


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry with nothing in it."""
    monkeypatch.setattr(registry, "VIEWS", {})


def test_a_view_is_shown_by_its_name() -> None:
    registry.view("table")(lambda: "<table></table>")
    assert registry.shown("table", "docs/x.md") == "<table></table>"


def test_an_unknown_name_is_one_line_with_a_hint() -> None:
    registry.view("chips")(lambda: "")
    with pytest.raises(HandbookError) as raised:
        registry.shown("chps", "docs/x.md")
    assert str(raised.value) == (
        "docs/x.md: no facts are called 'chps' (did you mean chips?)"
    )


def test_a_name_that_resembles_none_gets_the_list() -> None:
    registry.view("chips")(lambda: "")
    registry.view("models")(lambda: "")
    with pytest.raises(HandbookError, match=r"\(chips, models\)"):
        registry.shown("zzz", "docs/x.md")
