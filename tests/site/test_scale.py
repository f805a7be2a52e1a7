"""The scale calculator as readers use it: choosing, typing, by keys, no script."""

import itertools

import pytest
from playwright.sync_api import Browser, Page, expect

from handbook.facts import models

from .browser import first_control

ADDRESS = "background/scale/"
MODULE = "assets/widgets/scale-calculator.js"
RUNS = [row for row in models.load() if row.tokens and row.chip]
GRID = [
    dict(zip(("flops", "peak", "mfu", "gpus", "price", "watts", "pue"), v, strict=True))
    for v in itertools.product(
        (1.0, 7.44e18, 3.8e25),
        (125e12, 989e12),
        (0.4, 1.0),
        (1, 16_384),
        (2, 4.99),
        (300, 700),
        (1, 1.1),
    )
]


@pytest.fixture
def opened(page: Page, base_url: str) -> Page:
    page.goto(base_url + ADDRESS)
    expect(page.locator("scale-calculator input").first).to_be_visible()
    return page


def field(page: Page, label: str):
    return page.locator("scale-calculator").get_by_label(label)


def run_of(page: Page, name: str):
    return page.locator(".hb-chips").get_by_role("button", name=name, exact=True)


def box(page: Page, name: str):
    """What is computed in a box of the chain."""
    return page.locator(f"scale-calculator [data-out={name}]")


def test_the_script_plans_as_the_snippet_does(opened, base_url, run_snippet) -> None:
    snippet = run_snippet("background/scale_cost_python").plan
    names = {"cardHours": "卡时", "hours": "小时", "money": "美元", "energy": "千瓦时"}
    found = opened.evaluate(
        """async ([address, grid]) => {
          const { plan } = await import(address);
          return grid.map(plan);
        }""",
        [base_url + MODULE, GRID],
    )
    for case, made in zip(GRID, found, strict=True):
        mine = snippet(**case)
        assert made == pytest.approx({n: mine[w] for n, w in names.items()}, rel=1e-12)


@pytest.mark.parametrize("number", [1.5, 9999, 10_000, 2.788e6, 8e9, 671e9, 15.6e12])
def test_the_script_reads_numbers_as_the_snippet_does(
    opened, base_url, run_snippet, number
) -> None:
    found = opened.evaluate(
        "async ([address, x]) => (await import(address)).chinese(x)",
        [base_url + MODULE, number],
    )
    told = run_snippet("background/scale_data_python").chinese(number)
    assert found.replace(",", "") == told.replace(",", "")


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_choosing_a_run_fills_what_was_published(opened, run: models.Model) -> None:
    run_of(opened, run.name).click()
    chip = next(c for c in models.load_chips() if c.name == run.chip)
    n = (run.active or run.params).value / 1e8
    assert float(field(opened, "参数 N").input_value()) == pytest.approx(n)
    assert float(field(opened, "词元 D").input_value()) == run.tokens.value / 1e8
    assert field(opened, "加速卡").input_value() == run.chip
    assert float(field(opened, "峰值").input_value()) == chip.peak
    watts = field(opened, "每卡功率").input_value()
    assert watts == (f"{chip.watts:g}" if chip.watts else "")
    expect(box(opened, "published")).to_contain_text("公布的是 ")
    if not chip.watts:
        expect(box(opened, "power")).to_contain_text("没有公布标称功率")


def test_the_script_shows_the_example_as_it_stands_without_one(
    opened, base_url, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base_url + ADDRESS)
    still = page.locator("scale-calculator [data-out]").all_text_contents()
    context.close()
    assert len(still) == 7
    assert opened.locator("scale-calculator [data-out]").all_text_contents() == still


def test_the_plan_of_the_page_is_shown(opened) -> None:
    shown = {
        "flops": "7.68 × 10²¹",
        "cardHours": "5,390",
        "time": "≈ 28 天",
        "money": "1.08 万美元",
        "energy": "4,150 千瓦时",
    }
    for name, text in shown.items():
        expect(box(opened, name)).to_have_text(text)


def test_a_number_that_is_typed_is_no_longer_the_published_run(opened) -> None:
    bloom, chip = run_of(opened, "BLOOM"), field(opened, "加速卡")
    bloom.click()
    expect(bloom).to_have_attribute("aria-pressed", "true")
    expect(chip).to_have_value("A100")
    field(opened, "词元 D").fill("1")
    expect(bloom).to_have_attribute("aria-pressed", "false")
    expect(chip).to_have_value("A100")
    opened.locator("scale-calculator summary").click()
    field(opened, "峰值").fill("500")
    expect(chip).to_have_value("")


def test_resetting_brings_the_example_back(opened) -> None:
    run_of(opened, "DeepSeek-V3").click()
    field(opened, "卡数").fill("2048")
    opened.get_by_role("button", name="复位").click()
    expect(box(opened, "time")).to_have_text("≈ 28 天")
    expect(field(opened, "加速卡")).to_have_value("H100")
    expect(run_of(opened, "DeepSeek-V3")).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("bad", ["", "0", "-3"])
def test_what_is_no_positive_number_is_said(opened, bad: str) -> None:
    field(opened, "参数 N").fill(bad)
    strip = opened.locator("scale-calculator output")
    expect(strip).to_have_text(
        "「参数 N（亿；混合专家填激活的）」不是合理的数，请看红框。"
    )
    assert strip.bounding_box()["height"] > 20  # on a desk, too
    field(opened, "参数 N").fill("80")
    expect(box(opened, "cardHours")).to_have_text("5,390")


def test_a_fault_in_the_fold_unfolds_it(opened) -> None:
    opened.locator("scale-calculator summary").click()
    field(opened, "PUE").fill("0.5")
    opened.locator("scale-calculator summary").click()
    field(opened, "卡数").fill("9")
    expect(field(opened, "PUE")).to_be_visible()


def test_more_than_all_of_the_peak_is_refused(opened) -> None:
    field(opened, "利用率").fill("120")
    expect(opened.locator("scale-calculator output")).to_contain_text("「利用率")
    expect(box(opened, "time")).to_have_text("—")


def test_cards_of_ones_own_cost_no_rent(opened) -> None:
    field(opened, "单价").fill("0")
    expect(box(opened, "money")).to_have_text("0 美元")


def test_long_runs_are_told_in_years(opened) -> None:
    field(opened, "卡数").fill("1")
    expect(box(opened, "time")).to_have_text("≈ 225 天")
    field(opened, "词元 D").fill("16000")
    expect(box(opened, "time")).to_have_text("≈ 6.2 年")


def test_a_number_just_below_a_unit_is_rounded_up_into_it(opened, base_url) -> None:
    found = opened.evaluate(
        "async (address) => (await import(address)).chinese(9999, 3)",
        base_url + MODULE,
    )
    assert found == "1 万"


def test_a_power_that_was_wiped_out_is_asked_for(opened) -> None:
    opened.locator("scale-calculator summary").click()
    field(opened, "每卡功率").fill("")
    expect(box(opened, "power")).to_have_text("请填每卡功率")


def test_the_keyboard_reaches_every_field_in_order(opened) -> None:
    run_of(opened, "DeepSeek-V3").focus()
    labels = ("参数 N", "词元 D", "加速卡", "利用率", "卡数", "单价")
    for label in labels:
        opened.keyboard.press("Tab")
        expect(field(opened, label)).to_be_focused()
    opened.keyboard.type("4")
    expect(box(opened, "money")).to_have_text("2.16 万美元")


def test_a_phone_keeps_the_results_in_sight(browser: Browser, base_url) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(base_url + ADDRESS)
    field(page, "参数 N").fill("160")
    strip = page.locator("scale-calculator output")
    expect(strip).to_have_text("≈ 56 天 · 2.16 万美元 · 8,300 度")
    box = strip.bounding_box()
    assert box["y"] + box["height"] <= 844
    context.close()


def test_the_tool_comes_first_on_its_page(opened) -> None:
    assert first_control(opened) <= 400


def test_without_a_script_published_runs_are_a_table(
    browser: Browser, base_url
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base_url + ADDRESS)
    rows = page.locator("scale-calculator tbody tr")
    assert rows.locator("th").all_text_contents() == [run.name for run in RUNS]
    expect(rows.first).to_be_visible()
    expect(page.locator("scale-calculator input")).to_have_count(0)
    context.close()
