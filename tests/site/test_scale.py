"""The scale calculator as readers use it: choosing, typing, by keys, no script."""

import itertools

import pytest
from playwright.sync_api import Browser, Page, expect

from handbook.facts import models

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
    expect(page.locator("scale-calculator output")).to_be_visible()
    return page


def field(page: Page, label: str):
    return page.locator("scale-calculator").get_by_label(label)


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
    field(opened, "从一次公布的训练填起").select_option(run.name)
    chip = next(c for c in models.load_chips() if c.name == run.chip)
    n = (run.active or run.params).value / 1e8
    assert float(field(opened, "参数量").input_value()) == pytest.approx(n)
    assert float(field(opened, "训练词元").input_value()) == run.tokens.value / 1e8
    assert float(field(opened, "峰值").input_value()) == chip.peak
    watts = field(opened, "每卡功率").input_value()
    assert watts == (f"{chip.watts:g}" if chip.watts else "")
    output = opened.locator("scale-calculator output")
    expect(output).to_contain_text("卡时 ")
    if not chip.watts:
        expect(output).to_contain_text("没有公布标称功率")


def test_the_plan_of_the_page_is_shown(opened) -> None:
    expect(opened.locator("scale-calculator output")).to_have_text(
        "运算次数 7.68 × 10²¹\n卡时 5,393\n8 张卡要 28.09 天\n"
        "租金 1.079 万美元\n用电 4,152 千瓦时",
        use_inner_text=True,
    )


def test_a_number_that_is_typed_is_no_longer_the_published_run(opened) -> None:
    run, chip = (field(opened, x) for x in ("从一次公布的训练填起", "加速卡"))
    run.select_option("BLOOM")
    expect(chip).to_have_value("A100")
    field(opened, "训练词元").fill("1")
    expect(run).to_have_value("")
    expect(chip).to_have_value("A100")
    field(opened, "峰值").fill("500")
    expect(chip).to_have_value("")


@pytest.mark.parametrize("bad", ["", "0", "-3"])
def test_what_is_no_positive_number_is_said(opened, bad: str) -> None:
    field(opened, "参数量").fill(bad)
    expect(opened.locator("scale-calculator output")).to_have_text(
        "「参数量（亿；混合专家填激活的）」不是合理的数，请看红框。"
    )
    field(opened, "参数量").fill("80")
    expect(opened.locator("scale-calculator output")).to_contain_text("卡时 5,393")


def test_more_than_all_of_the_peak_is_refused(opened) -> None:
    field(opened, "利用率").fill("120")
    expect(opened.locator("scale-calculator output")).to_contain_text("「利用率")


def test_cards_of_ones_own_cost_no_rent(opened) -> None:
    field(opened, "单价").fill("0")
    expect(opened.locator("scale-calculator output")).to_contain_text("租金 0 美元")


def test_long_runs_are_told_in_years(opened) -> None:
    field(opened, "卡数").fill("1")
    expect(opened.locator("scale-calculator output")).to_contain_text("224.7 天")
    field(opened, "训练词元").fill("16000")
    expect(opened.locator("scale-calculator output")).to_contain_text("6.156 年")


def test_a_power_that_was_wiped_out_is_asked_for(opened) -> None:
    field(opened, "每卡功率").fill("")
    output = opened.locator("scale-calculator output")
    expect(output).to_contain_text("用电：请填每卡功率")


def test_the_keyboard_reaches_every_field_in_order(opened) -> None:
    first = field(opened, "从一次公布的训练填起")
    first.focus()
    opened.keyboard.press("Tab")
    expect(field(opened, "加速卡")).to_be_focused()
    for label in ("参数量", "训练词元", "峰值", "利用率", "卡数", "单价"):
        opened.keyboard.press("Tab")
        expect(field(opened, label)).to_be_focused()
    opened.keyboard.type("4")
    expect(opened.locator("scale-calculator output")).to_contain_text("2.157 万美元")


def test_without_a_script_published_runs_are_a_table(
    browser: Browser, base_url
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base_url + ADDRESS)
    rows = page.locator("scale-calculator tbody tr")
    assert rows.locator("th").all_text_contents() == [run.name for run in RUNS]
    expect(page.locator("scale-calculator input")).to_have_count(0)
    context.close()
