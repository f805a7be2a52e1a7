"""The hardware calculator as readers use it: by mouse, keys, links, on a phone."""

import json
import re
from dataclasses import asdict

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from handbook.facts import models
from handbook.widgets import hardware_calculator as tool
from tests.handbook.widgets.accounts import inferences, sent, trainings

from .browser import first_control
from .conftest import WHOLE

ADDRESS = "faq/hardware/"
MODULE = "assets/widgets/hardware-calculator.js"
ASKED = inferences() + trainings()


@pytest.fixture
def opened(page: Page, base_url: str) -> Page:
    return load(page, base_url)


def load(page: Page, base_url: str, where: str = "") -> Page:
    page.goto(base_url + ADDRESS + where)
    expect(answer(page)).to_be_visible()
    return page


def answer(page: Page) -> Locator:
    return page.locator(".hb-answer")


def chip(page: Page, name: str) -> Locator:
    element = page.locator("hardware-calculator")
    return element.get_by_role("button", name=name, exact=True)


def field(page: Page, name: str) -> Locator:
    return page.locator("hardware-calculator").get_by_label(name, exact=True)


def lines(page: Page) -> dict[str, list[str]]:
    """Of each line its formula and its value."""
    texts = page.locator(".hb-lines li:has(b)").evaluate_all(
        "lines => lines.map(line => [...line.children].map(part => part.textContent))"
    )
    return {name: rest for name, *rest in texts}


def by_script(page: Page, base_url: str, function: str, asked: list) -> list:
    return page.evaluate(
        """async ([address, name, asked]) => {
          const made = (await import(address))[name];
          return asked.map((ask) => made(ask));
        }""",
        [base_url + MODULE, function, asked],
    )


# --- the account --------------------------------------------------------------------


def test_the_script_counts_as_python_does_to_the_byte(opened, base_url) -> None:
    found = by_script(opened, base_url, "estimate", [sent(ask) for ask in ASKED])
    for ask, theirs in zip(ASKED, found, strict=True):
        mine = asdict(tool.estimate(ask))
        for name in ("parts", "total", "usable", "fits", "cards"):
            assert theirs[name] == mine[name], (ask, name)
        for name in ("flops", "seconds", "step", "speed", "money"):
            if mine[name] is None:
                assert theirs[name] is None, (ask, name)
            else:
                assert theirs[name] == pytest.approx(mine[name], rel=1e-12), (ask, name)


def test_a_formula_comes_to_its_part(opened, base_url) -> None:
    found = by_script(opened, base_url, "formulas", [sent(ask) for ask in ASKED])
    for ask, theirs in zip(ASKED, found, strict=True):
        parts = tool.held(ask)
        assert set(theirs) == set(parts)
        for part, text in theirs.items():
            sum_ = re.sub(r"[^0-9.+×÷()]", "", text).replace("×", "*")
            value = eval(sum_.replace("÷", "/"))
            assert value == pytest.approx(parts[part], rel=1e-9, abs=2), (ask, part)


# --- the fields ---------------------------------------------------------------------


@pytest.mark.parametrize(("name", "text"), tool.PRESETS, ids=lambda x: x[:20])
def test_a_preset_is_answered_as_the_table_without_a_script_does(
    opened, name: str, text: str
) -> None:
    chip(opened, name).click()
    expect(chip(opened, name)).to_have_attribute("aria-pressed", "true")
    table = re.search(
        rf'<th scope="row">{re.escape(name)}</th><td>(.*?)</td><td>(.*?)</td>',
        tool.element(),
    )
    expect(answer(opened)).to_contain_text(f"要 {table[1]}")
    expect(answer(opened)).to_contain_text(f"可用 {table[2]}")


def test_the_answer_is_told_then_its_parts_then_its_speed(opened) -> None:
    expect(answer(opened).locator("b")).to_have_text("放得下：要 17.1 GB，可用 21.6 GB")
    expect(answer(opened)).to_contain_text("还剩 4.47 GB。生成最快 62.7 词元/秒。")
    expect(answer(opened)).to_have_attribute("aria-live", "polite")
    told = lines(opened)
    assert told["权重"] == ["8,030,261,248 × 2", "16.1 GB"]
    assert told["键值缓存"] == [
        "2 × 32 层 × 8 头 × 128 × 2 字节 × 8,192 词元 × 1 条",
        "1.07 GB",
    ]
    assert told["生成最快"] == ["1 条 ÷ 16 毫秒", "62.7 词元/秒"]


def test_the_bar_shows_the_parts_in_their_proportion(opened) -> None:
    widths = opened.locator(".hb-bar i").evaluate_all(
        "parts => parts.map(part => part.getBoundingClientRect().width)"
    )
    assert widths[0] / widths[1] == pytest.approx(16.06 / 1.074, rel=0.02)
    whole = opened.locator(".hb-bar > div").bounding_box()["width"]
    assert sum(widths) / whole == pytest.approx(17.134 / 24, rel=0.02)
    said = opened.locator(".hb-bar").get_attribute("aria-label")
    assert said == "一张卡：权重 16.1 GB，键值缓存 1.07 GB；可用 21.6 GB"


def test_what_does_not_fit_is_offered_ways_that_do(opened) -> None:
    field(opened, "每条几个词元").fill("100000")
    expect(answer(opened)).to_contain_text("一张放不下：要 29.2 GB，可用 21.6 GB")
    expect(answer(opened)).to_contain_text("2 张放得下")
    expect(answer(opened)).not_to_contain_text("词元/秒")
    if_it_did = opened.locator(".hb-lines li", has_text="假如放得下，一张这样的卡")
    expect(if_it_did).to_be_visible()
    offered = opened.locator(".hb-tries button").all_inner_texts()
    assert "权重用 int4" in offered and "用 2 张" in offered
    chip(opened, "权重用 int4").click()
    expect(field(opened, "权重精度")).to_have_value("int4")
    expect(answer(opened)).to_contain_text("放得下：要 19.1 GB")
    expect(opened.locator(".hb-tries button")).to_have_count(0)
    expect(if_it_did).to_have_count(0)


def test_training_has_its_own_fields(opened) -> None:
    chip(opened, "训练").click()
    expect(field(opened, "权重精度")).to_have_count(0)
    field(opened, "训练什么").select_option(label="全部参数")
    expect(answer(opened)).to_contain_text("一张放不下")
    expect(answer(opened)).to_contain_text("用 ZeRO 3 级，按 1、2、4、8……张试，")
    field(opened, "ZeRO").select_option(label="3 级")
    field(opened, "数据并行（组）").fill("64")
    expect(answer(opened)).to_contain_text("64 张放得下：每张要")
    told = lines(opened)
    assert told["优化器状态"][0] == "8,030,261,248 × 8 ÷ 64"
    cut = opened.locator(".hb-lines li", has_text="按张量并行加序列并行平分")
    expect(cut).to_have_count(0)
    opened.locator(".hb-more").evaluate("fold => { fold.open = true }")
    field(opened, "张量并行（张）").fill("2")
    expect(cut).to_have_count(1)


def test_a_training_is_told_its_operations_its_time_and_its_rent(opened) -> None:
    chip(opened, "8B 全量，80 GB").click()
    told = lines(opened)
    assert told["运算"] == ["8 × 80.3 亿 × 1 亿词元", "6.42 × 10¹⁸ 次"]
    assert told["时间"] == ["运算 ÷ (989 万亿次/秒 × 40%)", "4.5 小时"]
    (price,) = [c.price.value for c in models.load_cards() if c.name == "H100"]
    hours = 8 * 8_030_261_248 * 1e8 / (989e12 * 0.4) / 3600
    rent = [f"{hours:.3g} 卡时 × {price:g} 美元", f"{hours * price:.3g} 美元"]
    assert told["租金"] == rent
    field(opened, "数据并行（组）").fill("4")
    told = lines(opened)
    assert told["时间"] == ["运算 ÷ (989 万亿次/秒 × 40% × 4 张)", "68 分钟"]
    assert told["租金"] == rent  # four cards, a quarter of the time


def test_a_card_fills_in_its_numbers_and_a_number_makes_it_one_s_own(opened) -> None:
    field(opened, "加速卡").select_option(label="H100")
    expect(field(opened, "每张显存（GB）")).to_have_value("80")
    opened.locator(".hb-more summary").click()
    card = next(c for c in models.load_cards() if c.name == "H100")
    expect(field(opened, "带宽（GB/s）")).to_have_value(f"{card.bandwidth:g}")
    expect(field(opened, "16 位峰值（万亿次/秒）")).to_have_value(f"{card.peak:g}")
    field(opened, "带宽（GB/s）").fill("1000")
    expect(field(opened, "加速卡")).to_have_value("")
    assert lines(opened)["一步至少"][0].endswith("÷ 1,000 GB/s")


def test_what_a_card_s_maker_does_not_publish_is_asked_for(opened) -> None:
    opened.locator(".hb-more").evaluate("fold => { fold.open = true }")
    field(opened, "加速卡").select_option(label="M4 Max")
    peak = field(opened, "16 位峰值（万亿次/秒）")
    expect(peak).to_have_attribute("placeholder", "没有公布")
    field(opened, "加速卡").select_option(label="自己填")
    expect(peak).to_have_attribute("placeholder", "可不填")
    for name in ("带宽（GB/s）", "16 位峰值（万亿次/秒）", "每卡时（美元）"):
        opened.locator(".hb-more").evaluate("fold => { fold.open = true }")
        field(opened, name).fill("")
    assert list(lines(opened)) == ["权重", "键值缓存", "快慢与价钱"]
    field(opened, "带宽（GB/s）").fill("1008")
    told = lines(opened)
    assert told["读完提示约"] == ["没有峰值，可在「更多」里填", "—"]
    assert told["百万词元至少"] == ["没有单价，可在「更多」里填", "—"]


def test_a_structure_of_one_s_own_is_counted(opened) -> None:
    field(opened, "模型").select_option(label="自己填结构")
    assert lines(opened)["权重"][0] == "6,738,415,616 × 2"  # Llama 2 7B stands there
    field(opened, "输出层与嵌入共用").select_option(label="是")
    assert lines(opened)["权重"][0] == f"{6_738_415_616 - 32000 * 4096:,} × 2"
    field(opened, "模型").select_option(label="只填参数量")
    field(opened, "参数（亿）").fill("75")
    expect(opened.locator(".hb-lines").first).to_contain_text("键值缓存要有结构")
    chip(opened, "训练").click()
    expect(answer(opened)).to_contain_text("算不出 LoRA")


@pytest.mark.parametrize("bad", ["0", "1.5", "-3", "9999999", ""])
def test_a_number_that_cannot_be_is_named_in_one_line(opened, bad: str) -> None:
    field(opened, "每条几个词元").fill(bad)
    expect(answer(opened)).to_have_text("「每条几个词元」要填 1 到 200 万之间的整数。")
    expect(opened.locator(".hb-lines").first).to_be_hidden()
    field(opened, "每条几个词元").fill("8192")
    expect(answer(opened)).to_contain_text("放得下")


def test_the_link_can_be_copied(page, base_url) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    load(page, base_url)
    chip(page, "405B 推理，80 GB").click()
    chip(page, "复制链接").click()
    expect(page.locator(".hb-copy span")).to_contain_text("已复制")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url and "#do=infer&model=Llama-3.1-405B&card=H100" in copied


def test_resetting_brings_the_first_question_back(opened) -> None:
    chip(opened, "405B 推理，80 GB").click()
    chip(opened, "复位").click()
    expect(field(opened, "模型")).to_have_value("Llama-3.1-8B")
    expect(chip(opened, "8B 推理，24 GB")).to_have_attribute("aria-pressed", "true")


# --- the address --------------------------------------------------------------------


def test_the_address_keeps_what_is_asked_and_brings_it_back(page, base_url) -> None:
    load(page, base_url)
    chip(page, "训练").click()
    field(page, "模型").select_option(label="Qwen3 14B")
    field(page, "每条几个词元").fill("3000")
    expect(page).to_have_url(re.compile("#do=train&model=Qwen3-14B&len=3000&card=RTX"))
    said = answer(page).inner_text()
    other = page.context.new_page()
    other.goto(page.url)
    expect(answer(other)).to_have_text(said.replace("\n", ""))
    assert other.evaluate("scrollY") == 0
    other.close()


def test_at_first_and_after_what_is_wrong_the_address_is_left_alone(opened) -> None:
    assert "#" not in opened.url
    field(opened, "每条几个词元").fill("0")
    opened.wait_for_timeout(500)
    assert "#" not in opened.url


@pytest.mark.parametrize(
    "bad", ["#do=infer&model=x", "#do=eat&model=GPT-2", "#goals", "?do=infer"]
)
def test_an_address_of_something_else_is_left_alone(page, base_url, bad: str) -> None:
    load(page, base_url, bad)
    expect(field(page, "模型")).to_have_value("Llama-3.1-8B")
    assert page.url.endswith(bad)


def test_values_of_an_address_that_cannot_be_are_the_first_ones(page, base_url) -> None:
    load(page, base_url, "#do=infer&model=GPT-2&len=-5&w=int3&t=2&card=none")
    expect(field(page, "模型")).to_have_value("GPT-2")
    expect(field(page, "每条几个词元")).to_have_value("8192")
    expect(field(page, "权重精度")).to_have_value("bf16")
    expect(field(page, "张量并行（张）")).to_have_value("2")
    expect(field(page, "加速卡")).to_have_value("")


def test_a_link_of_the_page_is_answered_in_its_place(opened) -> None:
    opened.evaluate(
        """document.querySelector("article").insertAdjacentHTML("beforeend",
          '<a id="try" href="?do=infer&model=GPT-2-XL&gb=8#calculator">x</a>')"""
    )
    opened.evaluate("window.mark = 1")
    opened.locator("#try").click()
    expect(field(opened, "模型")).to_have_value("GPT-2-XL")
    expect(field(opened, "每张显存（GB）")).to_have_value("8")
    assert opened.evaluate("window.mark") == 1
    expect(opened.locator("hardware-calculator")).to_be_in_viewport()


def test_the_same_link_loaded_anew_is_answered(page, base_url) -> None:
    load(page, base_url, "?do=infer&model=GPT-2-XL&gb=8#calculator")
    expect(field(page, "模型")).to_have_value("GPT-2-XL")


# --- keys, phones, no script --------------------------------------------------------


def test_the_keyboard_goes_from_field_to_field(opened) -> None:
    chip(opened, "QLoRA 论文：65B 全量").focus()
    for name in ("模型", "权重精度", "每条几个词元", "同时几条", "加速卡"):
        opened.keyboard.press("Tab")
        expect(field(opened, name)).to_be_focused()
    field(opened, "同时几条").focus()
    opened.keyboard.press("ControlOrMeta+a")
    opened.keyboard.type("4")
    assert lines(opened)["键值缓存"][1] == "4.29 GB"
    chip(opened, "训练").focus()
    opened.keyboard.press("Enter")
    expect(chip(opened, "训练")).to_be_focused()
    expect(field(opened, "训练什么")).to_be_visible()


def test_a_phone_keeps_the_answer_in_sight_and_has_room_for_fingers(
    browser: Browser, base_url
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.add_init_script(WHOLE)
    page = load(context.new_page(), base_url, "#do=train&model=Qwen3-4B")
    field(page, "训练什么").scroll_into_view_if_needed()
    box = answer(page).bounding_box()
    assert box["y"] + box["height"] <= 844
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    sizes = page.locator(
        "hardware-calculator :is(button, input, select, summary):visible"
    ).evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    assert len(sizes) > 15 and min(sizes) >= 44
    context.close()


def test_the_tool_comes_first_on_its_page(opened) -> None:
    assert first_control(opened) <= 400


def test_the_page_does_not_move_when_the_script_comes(page, base_url) -> None:
    page.add_init_script(
        """window.moved = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) window.moved += entry.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    load(page, base_url)
    page.wait_for_timeout(300)
    assert page.evaluate("window.moved") < 0.05


def test_without_a_script_the_presets_are_answered_in_a_table(
    browser: Browser, base_url
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base_url + ADDRESS)
    rows = page.locator("hardware-calculator tbody tr")
    assert rows.locator("th").all_text_contents() == [name for name, _ in tool.PRESETS]
    expect(rows.first).to_be_visible()
    expect(page.locator("hardware-calculator :is(input, button)")).to_have_count(0)
    context.close()


def test_the_script_and_its_data_are_small(site) -> None:
    page = (site / ADDRESS / "index.html").read_text(encoding="utf-8")
    data = re.search(r"<hardware-calculator.*?<script[^>]*>(.*?)</script>", page, re.S)
    json.loads(data[1])
    assert len(data[1]) < 8_000
    assert (site / MODULE).stat().st_size < 40_000
