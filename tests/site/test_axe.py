"""What ``axe`` is trusted to see: a fault of each kind, red in its setting alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest
from playwright.sync_api import Page

from . import axe
from .conftest import address_of, nav_files, once

SETTINGS = [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]
HTML = """<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>t</title>
<style>
  body {{ background: #fff; color: #000 }}
  [data-md-color-scheme=slate] {{ background: #000; color: #fff }}
  {style}
</style></head><body data-md-color-scheme="default"><main><h1>t</h1>{body}</main>
<script>
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const set = () => document.body.dataset.mdColorScheme =
    dark.matches ? "slate" : "default";
  dark.addEventListener("change", set);
  set();
</script></body></html>"""
Found = dict[tuple[str, int], set[str]]


@pytest.fixture
def look(page: Page) -> Callable[..., Found]:
    """What is found in each of the four settings on a small page: the rules' names."""

    def looked(body: str, style: str = "") -> Found:
        page.set_content(HTML.format(style=style, body=body))
        found = {}
        for setting in SETTINGS:
            axe.show(page, *setting)
            ask = axe.changed if found else axe.all_rules
            found[setting] = {fault.partition(":")[0] for fault in ask(page)}
        return found

    return looked


def only(rule: str, *settings: tuple[str, int]) -> Found:
    """This rule is broken in these settings, and nothing anywhere else."""
    return {s: {rule} if s in settings else set() for s in SETTINGS}


def test_a_page_with_nothing_worse_than_a_moderate_fault_is_clean(look) -> None:
    assert look("<h4>a heading that leaves out two levels</h4>") == only("")


def test_a_missing_label_is_found_at_the_first_look(look) -> None:
    assert look("<input>") == only("label", ("light", 1280))


def test_a_pale_word_is_found_in_the_one_setting_where_it_is_pale(look) -> None:
    style = """@media (max-width: 500px) {
      [data-md-color-scheme=slate] i { color: #333 } }"""
    words = "<p><span>word</span> <b>word</b></p>" * 200
    found = look(f"{words}<p>one <i>pale</i> word</p>{words}", style)
    assert found == only("color-contrast", ("dark", 390))


def test_a_pale_word_is_found_among_words_that_only_stand_on_other_ground(look) -> None:
    style = "[data-md-color-scheme=slate] .box { background: #ddd }"
    words = "<p>word</p>" * 50
    found = look(f'{words}<div class="box"><p>word</p></div>', style)
    assert found == only("color-contrast", ("dark", 1280), ("dark", 390))


def test_a_pale_word_is_found_behind_one_that_axe_cannot_judge(look) -> None:
    style = "[data-md-color-scheme=slate] i { color: #333 }"
    symbols = "<p><i>→</i></p>" * 20
    found = look(f"{symbols}<p><i>word</i></p>", style)
    assert found == only("color-contrast", ("dark", 1280), ("dark", 390))


def test_a_word_is_judged_when_its_colour_has_come_to_rest(look) -> None:
    style = """p { transition: color 1s; color: #222 }
      [data-md-color-scheme=slate] p { color: #ddd }"""
    assert look("<p>word</p>", style) == only("")


def test_a_link_that_only_its_colour_tells_is_found_where_it_is_faint(look) -> None:
    style = """a { text-decoration: none; color: #c00 }
      [data-md-color-scheme=slate] a { color: #eee }"""
    found = look('<p>words and a <a href="#t">link</a> among them</p>', style)
    assert found == only("link-in-text-block", ("dark", 1280), ("dark", 390))


def test_a_region_that_scrolls_only_when_narrow_is_found_there(look) -> None:
    style = ".wide { overflow: auto; white-space: nowrap }"
    found = look(f'<div class="wide"><p>{"wide " * 20}</p></div>', style)
    assert found == only("scrollable-region-focusable", ("light", 390), ("dark", 390))


def test_a_button_without_a_name_is_found_where_it_first_appears(look) -> None:
    style = "button { display: none } @media (max-width: 500px) { button { all: unset;"
    found = look("<button><svg></svg></button>", style + " display: block } }")
    assert found == only("button-name", ("light", 390))


def test_what_one_worker_makes_the_others_wait_for_and_take(tmp_path: Path) -> None:
    made: list[str] = []

    def make() -> str:
        sleep(0.2)
        made.append("built")
        return "built"

    with ThreadPoolExecutor(3) as workers:
        said = list(workers.map(lambda _: once(tmp_path / "said", make), range(3)))
    assert (made, said) == (["built"], ["built"] * 3)


def test_a_nav_gives_the_addresses_of_its_pages() -> None:
    nav = [{"首页": "index.md"}, {"部": ["a/index.md", {"实验": "a/b-lab.ipynb"}]}]
    assert [address_of(f) for f in nav_files(nav)] == ["", "a/", "a/b-lab/"]
