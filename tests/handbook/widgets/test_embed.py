"""What a page with a custom element is sent, and a page without one is not."""

from pathlib import Path

import pytest

from handbook.widgets import embed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("boat-race.js", "boat-sale.js", "boat.css", "kite-map.js", "help.js"):
        (tmp_path / name).touch()
    return tmp_path


def test_a_page_without_an_element_stays_as_it_is(folder: Path) -> None:
    assert embed.dress("<p>boat-race</p>", "../", folder) == "<p>boat-race</p>"


def test_a_script_comes_after_its_element(folder: Path) -> None:
    html = embed.dress("<kite-map></kite-map>", "../", folder)
    assert html == (
        "<kite-map></kite-map>"
        '<script type="module" src="../assets/widgets/kite-map.js"></script>'
    )


def test_a_sheet_comes_first_and_once_for_a_family(folder: Path) -> None:
    html = embed.dress("<boat-race></boat-race><boat-sale></boat-sale>", "./", folder)
    sheet = '<link rel="stylesheet" href="./assets/widgets/boat.css">'
    assert html.startswith(f"{sheet}<boat-race>") and html.count("<link") == 1
