"""What a page with a custom element is sent, and a page without one is not."""

from pathlib import Path

import pytest

from handbook.widgets import embed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("boat-race.js", "boat-sale.js", "boat.css", "kite-map.js", "help.js"):
        (tmp_path / name).touch()
    return tmp_path


def test_a_page_without_an_element_is_sent_nothing(folder: Path) -> None:
    html = "<p>boat-race</p>"
    assert embed.scripts(html, "../", folder) == ""
    assert embed.sheets(html, folder) == []


def test_an_element_is_sent_its_script(folder: Path) -> None:
    sent = embed.scripts("<kite-map></kite-map>", "../", folder)
    assert sent == '<script type="module" src="../assets/widgets/kite-map.js"></script>'


def test_a_family_of_elements_is_sent_its_sheet_once(folder: Path) -> None:
    html = "<boat-race></boat-race><boat-sale></boat-sale><kite-map></kite-map>"
    assert embed.sheets(html, folder) == ["assets/widgets/boat.css"]


def test_elements_without_a_sheet_of_their_own_share_that_of_tools(folder) -> None:
    (folder / "tool.css").touch()
    html = "<kite-map></kite-map><boat-race></boat-race>"
    sent = embed.sheets(html, folder)
    assert sent == ["assets/widgets/boat.css", "assets/widgets/tool.css"]


def test_an_element_s_own_sheet_follows_that_of_tools(folder) -> None:
    for name in ("tool.css", "kite-map.css", "boat-race.css"):
        (folder / name).touch()
    sent = embed.sheets("<kite-map></kite-map><kite-map></kite-map>", folder)
    assert sent == ["assets/widgets/tool.css", "assets/widgets/kite-map.css"]
    assert embed.sheets("<boat-race></boat-race>", folder) == [
        "assets/widgets/boat.css"
    ]
