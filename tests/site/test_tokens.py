"""The tokenizer playground as readers use it: typing, stepping by keys, no script."""

import json
import re
import sys
import unicodedata

import pytest
from playwright.sync_api import Browser, Page, expect

from handbook.widgets import tokenizer_playground as tokenizer

from .browser import first_control

ADDRESS = "concepts/tokens/"
MODULE = "assets/widgets/tokenizer-playground.js"
STRINGS = [
    "",
    " ",
    "a",
    "大模型先把文字切成词元。",
    "  two  spaces\tand a tab\r\n\r\nlines \n",
    "don't I'll we've x's 'quoted'",
    "3.11 与 2026 年，snake_case_名 ①②③ Ⅷ ² ½ ٣",
    "😀👩\u200d🏫 e\u0301 \ufeff 龘 漢字 カタカナ 한국어 ไทย",
    "\x1c\x1d\x85\xa0\u2003\u3000全角　空格\u200b零宽",
    tokenizer.EXAMPLE,
]


@pytest.fixture
def opened(page: Page, base_url: str) -> Page:
    page.goto(base_url + ADDRESS)
    expect(page.locator("tokenizer-playground textarea")).to_be_visible()
    return page


@pytest.fixture(scope="module")
def merges() -> tokenizer.Merges:
    return tokenizer.train(tokenizer.book_text())


def by_script(page: Page, base_url: str, strings: list[str], merges) -> list[list[int]]:
    return page.evaluate(
        """async ([address, strings, merges]) => {
          const { encode, vocabulary } = await import(address);
          const vocab = vocabulary(merges);
          return strings.map((text) => encode(text, vocab));
        }""",
        [base_url + MODULE, strings, merges],
    )


def test_the_page_holds_the_merges_of_the_book(opened, merges) -> None:
    data = opened.locator("tokenizer-playground script").text_content()
    assert [tuple(pair) for pair in json.loads(data)["merges"]] == merges


def test_the_script_encodes_as_python_does(opened, base_url, merges) -> None:
    found = by_script(opened, base_url, STRINGS, merges)
    assert found == [tokenizer.encode(text, merges) for text in STRINGS]


def test_the_script_encodes_as_the_page_s_program_does(
    opened, base_url, run_snippet
) -> None:
    program = run_snippet("concepts/tokens_bpe_python")
    found = by_script(opened, base_url, STRINGS, list(program.merges))
    assert found == [program.encode(text, program.merges) for text in STRINGS]


def test_the_script_encodes_the_book_as_python_does(opened, base_url, merges) -> None:
    lines = tokenizer.book_text().splitlines()[::7]
    found = by_script(opened, base_url, lines, merges)
    assert found == [tokenizer.encode(text, merges) for text in lines]


def test_every_character_is_split_the_same(opened, base_url) -> None:
    known = [
        chr(n)
        for n in range(sys.maxunicode)
        if unicodedata.category(chr(n)) not in {"Cn", "Cs", "Co"}
    ]
    found = opened.evaluate(
        """async ([address, characters]) => {
          const { split } = await import(address);
          return characters.map((c) => split(`a${c}1${c}.${c} ${c}`).length);
        }""",
        [base_url + MODULE, known],
    )
    wrong = [
        f"U+{ord(c):04X}"
        for c, parts in zip(known, found, strict=True)
        if parts != len(tokenizer.split(f"a{c}1{c}.{c} {c}"))
    ]
    assert wrong == []


def counts(page: Page) -> list[int]:
    """The numbers in the tiles: code points, bytes, tokens."""
    return [int(n) for n in page.locator(".hb-tiles b").all_text_contents()]


def test_typing_shows_pieces_ids_and_bytes(opened, merges) -> None:
    opened.locator("tokenizer-playground textarea").fill("大模型 ab")
    ids = tokenizer.encode("大模型 ab", merges)
    spelt = tokenizer.spellings(merges)
    rows = opened.locator("tokenizer-playground li").all()
    assert [row.locator("span").all_text_contents() for row in rows] == [
        [str(i), spelt[i].hex(" ").upper()] for i in ids
    ]
    assert counts(opened) == [6, 12, len(ids)]


def test_the_bars_of_the_tiles_stand_on_one_scale(opened) -> None:
    opened.locator("tokenizer-playground textarea").fill("大模型 ab")
    shares = opened.locator(".hb-tiles span").evaluate_all(
        "(tiles) => tiles.map((tile) => +tile.style.getPropertyValue('--share'))"
    )
    assert shares == pytest.approx([n / 12 for n in counts(opened)])


def test_an_empty_text_is_no_error(opened) -> None:
    opened.locator("tokenizer-playground textarea").fill("")
    expect(opened.locator("tokenizer-playground li")).to_have_count(0)
    assert counts(opened) == [0, 0, 0]
    opened.locator("tokenizer-playground textarea").fill("一")
    expect(opened.locator("tokenizer-playground li")).not_to_have_count(0)


def test_a_long_text_is_cut_between_code_points_and_says_so(opened, merges) -> None:
    opened.locator("tokenizer-playground textarea").fill("😀" * 500)
    ids = tokenizer.encode("😀" * 400, merges)
    expect(opened.locator("tokenizer-playground li")).to_have_count(len(ids))
    assert counts(opened) == [400, 1600, len(ids)]
    line = opened.locator("tokenizer-playground .hb-rate")
    expect(line).to_contain_text("还有 100 个码位没有算")


def test_an_example_is_shown_by_its_chip(opened, merges) -> None:
    chip = opened.get_by_role("button", name="English")
    chip.click()
    text = opened.locator("tokenizer-playground textarea").input_value()
    assert counts(opened)[2] == len(tokenizer.encode(text, merges))
    expect(chip).to_have_attribute("aria-pressed", "true")
    opened.get_by_role("button", name="复位").click()
    expect(opened.locator("tokenizer-playground textarea")).to_have_value(
        tokenizer.EXAMPLE
    )
    expect(chip).to_have_attribute("aria-pressed", "false")


def test_the_buttons_walk_to_both_ends_and_by_one(opened) -> None:
    count = opened.locator(".hb-stepper span")
    last = int(count.text_content().split("/")[1])
    for name, at in [
        ("上一步", last - 1),
        ("从字节开始", 0),
        ("上一步", 0),
        ("下一步", 1),
        ("并到底", last),
        ("下一步", last),
    ]:
        opened.get_by_role("button", name=name).click()
        expect(count).to_have_text(f"{at}/{last}")


def test_the_pair_that_is_framed_is_the_one_that_is_merged_next(opened) -> None:
    opened.locator("tokenizer-playground textarea").fill("模型模型")
    opened.get_by_role("button", name="从字节开始").click()
    framed = opened.locator("li.hb-pair span:last-child").all_text_contents()
    opened.get_by_role("button", name="下一步").click()
    made = opened.locator("li.hb-new span:last-child").all_text_contents()
    assert made == [
        " ".join(pair) for pair in zip(framed[::2], framed[1::2], strict=True)
    ]
    assert len(made) == 2


def test_what_is_shown_can_be_sent_as_an_address(opened) -> None:
    opened.locator("tokenizer-playground textarea").fill("模型 & 100%")
    opened.get_by_role("button", name="上一步").click()
    opened.wait_for_function("location.search.includes('step')")
    pieces = opened.locator("tokenizer-playground li").all_text_contents()
    opened.goto(opened.url)
    expect(opened.locator("textarea")).to_have_value("模型 & 100%")
    expect(opened.locator("tokenizer-playground li")).to_have_text(pieces)


def test_what_is_reset_leaves_no_trace_in_the_address(opened, base_url) -> None:
    opened.locator("tokenizer-playground textarea").fill("模型")
    opened.wait_for_function("location.search.includes('text')")
    opened.get_by_role("button", name="复位").click()
    opened.wait_for_function("!location.search")
    assert opened.url == base_url + ADDRESS


def test_a_phone_shows_bytes_when_asked(browser: Browser, base_url) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(base_url + ADDRESS)
    row = page.locator("tokenizer-playground li span").first
    expect(row).to_be_hidden()
    page.get_by_role("button", name="显示字节").click()
    expect(row).to_be_visible()
    context.close()


def test_no_control_is_smaller_than_a_finger(opened) -> None:
    for control in opened.locator(".hb-tool").locator("button:visible, input").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 35.5, control.inner_text()


def test_the_tool_comes_first_on_its_page(opened) -> None:
    assert first_control(opened) <= 400


def test_markup_that_is_typed_stays_text(opened) -> None:
    opened.locator("tokenizer-playground textarea").fill("<b>&amp;</b>")
    expect(opened.locator(".hb-pieces b")).to_have_count(0)
    assert len(opened.locator("tokenizer-playground li").all()) > 5


def test_the_keyboard_walks_from_bytes_to_tokens(opened, merges) -> None:
    playground = opened.locator("tokenizer-playground")
    field, slider = playground.locator("textarea"), playground.locator("input")
    field.fill("模型模型")
    field.focus()
    for _ in range(3):  # past the two buttons that walk back
        opened.keyboard.press("Tab")
    expect(slider).to_be_focused()
    opened.keyboard.press("Home")
    expect(playground.locator("li")).to_have_count(12)
    expect(playground.locator(".hb-step")).to_contain_text("只有字节")
    ranks, last = [], int(slider.get_attribute("max"))
    for step in range(1, last + 1):
        opened.keyboard.press("ArrowRight")
        line = playground.locator(".hb-step")
        expect(line).to_contain_text(f"第 {step} / {last} 步")
        ranks.append(int(re.search(r"第 (\d+) 个学到", line.text_content())[1]))
        assert playground.locator("li.hb-new").count() == 2
        assert slider.get_attribute("aria-valuetext") == line.text_content()
    spelt = tokenizer.spellings(merges)
    learnt = [spelt[255 + rank] for rank in ranks]
    assert learnt[-1] == "模型".encode() and len(set(learnt)) == last
    expect(playground.locator("li")).to_have_count(
        len(tokenizer.encode("模型模型", merges))
    )


def test_without_a_script_the_example_is_a_table(
    browser: Browser, base_url, merges
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base_url + ADDRESS)
    rows = page.locator("tokenizer-playground tbody tr")
    assert rows.count() == len(tokenizer.encode(tokenizer.EXAMPLE, merges))
    expect(page.locator("tokenizer-playground caption")).to_contain_text("词元")
    expect(page.locator("tokenizer-playground textarea")).to_have_count(0)
    context.close()
