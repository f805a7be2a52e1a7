"""The threshold explorer as readers use it: mouse, keys, typing, a phone, no script."""

import re
from dataclasses import asdict

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from handbook.widgets import threshold_explorer as explorer
from tests.handbook.widgets.crowds import settings

from .browser import first_control
from .conftest import WHOLE

ADDRESS = "faq/classification-metrics/"
MODULE = "assets/widgets/threshold-explorer.js"
SCORES = {"malignant": explorer.MALIGNANT, "benign": explorer.BENIGN}
NAMES = ("k", "prevalence", "alarm", "miss")


@pytest.fixture
def opened(page: Page, base_url: str) -> Page:
    page.goto(base_url + ADDRESS)
    expect(page.locator(".hb-cut")).to_be_visible()
    return page


def tool(page: Page) -> Locator:
    return page.locator("threshold-explorer")


def chip(page: Page, name: str) -> Locator:
    return tool(page).get_by_role("button", name=name, exact=True)


def field(page: Page, name: str) -> Locator:
    return tool(page).get_by_label(f"{name}（填数）")


def threshold(page: Page) -> float:
    return float(page.locator(".hb-cut").get_attribute("aria-valuenow"))


def shown(page: Page) -> dict[str, str]:
    """The four cells and the eight tiles, by their names."""
    tiles = page.locator(":is(.hb-cells, .hb-rates) > span").all()
    texts = [tile.inner_text().split("\n", 1) for tile in tiles]
    return {name.strip(): value for value, name in texts}


def by_script(page: Page, base_url: str, code: str, *given: object) -> object:
    return page.evaluate(
        f"async ([address, given]) => {{ const made = await import(address); {code} }}",
        [base_url + MODULE, given],
    )


# --- the arithmetic ---------------------------------------------------------------


def test_the_script_counts_and_rates_as_python_does(opened, base_url) -> None:
    grid = [dict(zip(NAMES, given, strict=True)) for given in settings()]
    found = by_script(
        opened,
        base_url,
        """const [scores, grid] = given;
        return grid.map((now) => [
          made.counts(scores, now.k), made.rates(scores, now),
          made.cheapest(scores, now), made.byFormula(scores, now),
        ]);""",
        SCORES,
        grid,
    )
    assert len(found) > 500
    for given, (counts, rates, cheapest, formula) in zip(
        settings(), found, strict=True
    ):
        assert tuple(counts) == explorer.counts(given[0])
        expected = asdict(explorer.rates(*given))
        assert list(rates) == list(expected)
        for name, value in expected.items():
            if value is None:
                assert rates[name] != rates[name], (name, given)
            else:
                assert rates[name] == pytest.approx(value, rel=1e-12, abs=1e-12)
        assert cheapest == explorer.cheapest(*given[1:])
        assert formula == pytest.approx(explorer.by_formula(*given[1:]), rel=1e-12)


def test_the_script_s_curves_and_dots_are_python_s(opened, base_url) -> None:
    places = (0.1, 1, 37.37, 90)
    found = by_script(
        opened,
        base_url,
        """const [scores, places] = given;
        return [made.thresholds(scores), made.area(scores),
          places.map((place) => made.averagePrecision(scores, place)),
          [5, 17.5].map((apart) => made.swarm(scores.benign, apart))];""",
        SCORES,
        places,
    )
    assert found[0] == list(explorer.THRESHOLDS)
    assert found[1] == pytest.approx(explorer.area(), rel=1e-12)
    means = [explorer.average_precision(place) for place in places]
    assert found[2] == pytest.approx(means, rel=1e-12)
    assert found[3] == [explorer.swarm(explorer.BENIGN, apart) for apart in (5, 17.5)]


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (0.704, "0.7"), (0.05, "0.05"), (9.2958, "9.3"), (10, "10")]
    + [(89.47, "89.5"), (99.6, "100"), (2194.8, "2195")],
)
def test_people_and_costs_are_shown_as_short_as_is_honest(
    opened, base_url, number, text
) -> None:
    found = by_script(opened, base_url, "return made.amount(...given)", number)
    assert found == text


# --- lessons and controls ---------------------------------------------------------


@pytest.mark.parametrize("lesson", explorer.LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_sets_the_tool_and_says_its_task(opened, lesson) -> None:
    chip(opened, lesson.name).click()
    expect(chip(opened, lesson.name)).to_have_attribute("aria-pressed", "true")
    expect(opened.locator(".hb-task")).to_have_text(lesson.task)
    assert threshold(opened) == lesson.threshold / 1000
    assert float(field(opened, "患病率（%）").input_value()) == lesson.prevalence
    assert float(field(opened, "误报代价").input_value()) == lesson.alarm
    assert float(field(opened, "漏诊代价").input_value()) == lesson.miss
    made = explorer.rates(
        lesson.threshold, lesson.prevalence, lesson.alarm, lesson.miss
    )
    seen = shown(opened)
    for name, value in {
        "召回率": made.recall,
        "特异度": made.specificity,
        "精确率 PPV": made.ppv,
        "阴性预测值 NPV": made.npv,
        "F1": made.f1,
        "准确率": made.accuracy,
    }.items():
        assert seen[name] == ("—" if value is None else f"{value:.3f}")
    for name, value in {
        "漏诊 FN": made.fn,
        "查出 TP": made.tp,
        "误报 FP": made.fp,
        "放行 TN": made.tn,
        "代价（份）": made.cost,
    }.items():
        assert float(seen[name]) == pytest.approx(value, rel=6e-3)


def test_a_lesson_is_left_where_its_setting_is_left(opened) -> None:
    chip(opened, "普查 1%").click()
    opened.locator(".hb-cut").press("ArrowLeft")
    expect(chip(opened, "普查 1%")).to_have_attribute("aria-pressed", "true")
    field(opened, "漏诊代价").fill("3")
    expect(chip(opened, "普查 1%")).to_have_attribute("aria-pressed", "false")
    expect(opened.locator(".hb-task")).to_contain_text("自己试")


def test_the_button_jumps_to_the_cheapest_threshold(opened) -> None:
    chip(opened, "漏诊贵 20 倍").click()
    assert shown(opened)["最低代价，在 0.074"] == "426"
    chip(opened, "跳到最便宜的阈值").click()
    assert threshold(opened) == 0.074
    seen = shown(opened)
    assert seen["代价（份）"] == seen["最低代价，正是这里"] == "426"
    expect(opened.locator(".hb-law")).to_contain_text(
        "给出阈值 0.048；这 190 例上最便宜的是 0.074。"
    )


def test_sliders_move_prevalence_and_costs(opened) -> None:
    before = shown(opened)
    slider = tool(opened).get_by_role("slider", name="患病率（%）", exact=True)
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "0.1")
    expect(field(opened, "患病率（%）")).to_have_value("0.1")
    after = shown(opened)
    assert after["召回率"] == before["召回率"]
    assert float(after["精确率 PPV"]) < 0.01 < float(before["精确率 PPV"])
    cost = tool(opened).get_by_role("slider", name="漏诊代价", exact=True)
    cost.press("End")
    expect(field(opened, "漏诊代价")).to_have_value("100")


def test_a_threshold_is_typed_and_stepped_from_score_to_score(opened) -> None:
    field(opened, "阈值").fill("0.365")
    assert threshold(opened) == 0.365
    chip(opened, "右移到下一个得分").click()
    assert threshold(opened) == 0.381
    chip(opened, "左移到上一个得分").click()
    assert threshold(opened) == 0.363
    expect(field(opened, "阈值")).to_have_value("0.363")
    field(opened, "阈值").fill("1")
    for _ in range(2):
        chip(opened, "右移到下一个得分").click()
    assert threshold(opened) == 1.001
    assert shown(opened)["精确率 PPV"] == "—"
    bar = opened.locator(".hb-people svg")
    expect(bar).to_have_attribute(
        "aria-label", "每千人：谁也不判恶性；患病 374 人，查出的占 0%"
    )


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("阈值", "1.5", "「阈值」要填 0 到 1.001 之间的数"),
        ("患病率（%）", "0", "「患病率（%）」要填 0.1 到 99.9 之间的数"),
        ("漏诊代价", "-1", "「漏诊代价」要填 0.1 到 1000 之间的数"),
        ("误报代价", "", "「误报代价」要填 0.1 到 1000 之间的数"),
    ],
)
def test_a_wrong_number_is_said_in_a_line_and_changes_nothing(
    opened, name, wrong, said
) -> None:
    before = shown(opened)
    field(opened, name).fill(wrong)
    fault = tool(opened).get_by_role("alert")
    expect(fault).to_have_text(said)
    assert shown(opened) == before
    chip(opened, "送检 37%").click()
    expect(fault).to_be_empty()
    assert float(field(opened, name).input_value()) > 0


# --- the threshold in the picture ---------------------------------------------------


def place_of(page: Page, k: int) -> tuple[float, float]:
    """Where a threshold of so many thousandths stands on the screen."""
    box = page.locator(".hb-plot").bounding_box()
    across = 22 + k / explorer.NOBODY * (box["width"] - 44)
    return box["x"] + across, box["y"] + 120


def test_the_threshold_is_dragged_by_its_handle_from_where_it_is_held(opened) -> None:
    handle = opened.locator(".hb-cut")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + 30, box["y"] + 22  # beside its middle
    opened.mouse.click(x, y)
    assert threshold(opened) == 0.5
    opened.mouse.move(x, y)
    opened.mouse.down()
    opened.mouse.move(place_of(opened, 300)[0] + 8, y + 90)
    assert threshold(opened) == pytest.approx(0.3, abs=0.002)
    opened.mouse.move(2, y)
    opened.mouse.up()
    assert threshold(opened) == 0
    opened.mouse.move(x, y)
    assert threshold(opened) == 0
    assert shown(opened)["召回率"] == "1.000"


def test_a_click_in_the_picture_puts_the_threshold_there(opened) -> None:
    opened.locator(".hb-plot").scroll_into_view_if_needed()
    opened.mouse.click(*place_of(opened, 700))
    assert threshold(opened) == pytest.approx(0.7, abs=0.002)
    opened.keyboard.press("ArrowRight")  # which has the focus
    assert threshold(opened) == pytest.approx(0.71, abs=0.002)


def test_arrow_keys_move_the_threshold_and_shift_moves_it_less(opened) -> None:
    handle = opened.locator(".hb-cut")
    handle.focus()
    scrolled = opened.evaluate("scrollY")
    for key, at in [
        ("ArrowLeft", 0.49),
        ("ArrowDown", 0.48),
        ("Shift+ArrowUp", 0.481),
        ("Shift+ArrowRight", 0.482),
        ("PageUp", 0.582),
        ("End", 1.001),
        ("PageDown", 0.901),
        ("Home", 0),
    ]:
        opened.keyboard.press(key)
        assert threshold(opened) == at, key
    assert opened.evaluate("scrollY") == scrolled
    width = "(handle) => getComputedStyle(handle).outlineWidth"
    assert handle.evaluate(width) == "3px"


def test_what_was_moved_is_said_aloud_once_it_rests(opened) -> None:
    chip(opened, "普查 1%").click()
    expect(opened.locator(".hb-aloud")).to_have_text(
        "每千人：查出 7.2，漏诊 2.8，误报 141。"
        "召回率 0.718，精确率 0.048，代价 144 份。"
    )
    expect(opened.locator(".hb-aloud")).to_have_attribute("aria-live", "polite")


def test_the_picture_tells_the_counts_and_marks_what_is_wrong(opened) -> None:
    field(opened, "阈值").fill("0.3")
    tp, fn, fp, tn = explorer.counts(300)
    picture = opened.locator(".hb-plot svg")
    expect(picture).to_have_attribute(
        "aria-label",
        f"阈值 0.3：119 例良性放行 {tn}、误报 {fp}；71 例恶性查出 {tp}、漏诊 {fn}",
    )
    for name, right, wrong in [("well", tn, fp), ("ill", tp, fn)]:
        for kind, count in ((f"{name}:not(.hb-off)", right), (f"{name}.hb-off", wrong)):
            drawn = opened.locator(f".hb-plot .hb-{kind}").get_attribute("d")
            assert drawn.count("M") == count


def test_the_dots_on_both_curves_are_the_threshold_and_the_cheapest(opened) -> None:
    """In parts of the square between the axes."""
    chip(opened, "普查，漏诊贵 20 倍").click()
    lesson = explorer.LESSONS[3]
    costs = lesson.prevalence, lesson.alarm, lesson.miss
    made = [explorer.rates(k, *costs) for k in (500, explorer.cheapest(*costs))]
    expected = [
        [(1 - m.specificity, m.recall) for m in made],
        [(m.recall, m.ppv) for m in made],
    ]
    for number, places in enumerate(expected):
        found = (
            opened.locator(".hb-curves svg")
            .nth(number)
            .evaluate(
                """(svg) => {
              const axis = svg.querySelector(".hb-axis").getBBox();
              const dots = ["circle", ".hb-least"].map((name) => {
                const { x, y, width, height } = svg.querySelector(name).getBBox();
                const across = (x + width / 2 - axis.x) / axis.width;
                return [across, 1 - (y + height / 2 - axis.y) / axis.height];
              });
              return dots;
            }"""
            )
        )
        for dot, place in zip(found, places, strict=True):
            assert dot == pytest.approx(place, abs=0.01)


GEOMETRY = """(tool) => {
  const all = (name, read) => [...tool.querySelectorAll(name)].map(read);
  const box = (it) => {
    const { x, y, width, height } = it.getBBox();
    return [x, y, width, height];
  };
  const centre = ([x, y, width, height]) => [x + width / 2, y + height / 2];
  return {
    words: all(".hb-plot text", (it) => it.textContent),
    dots: all(".hb-plot :is(.hb-well, .hb-ill)", (it) => it.getAttribute("d")),
    cost: all(".hb-cost", (it) => it.getAttribute("d")),
    marks: all(".hb-plot :is(circle, .hb-least)", (it) => centre(box(it))),
    people: all(".hb-people rect", (it) => [it.getAttribute("class"), box(it)[2]]),
    axes: all(".hb-curves .hb-axis", box),
    curves: all(".hb-curves .hb-curve", (it) => it.getAttribute("d")),
    even: all(".hb-curves .hb-even", (it) => it.getAttribute("d")),
    told: all(".hb-curves > div", (it) => it.lastChild.textContent),
    bar: tool.querySelector(".hb-people svg").ariaLabel,
    wide: tool.querySelector(".hb-plot").clientWidth,
  };
}"""
SETTING = 300, 5, 2, 20


@pytest.fixture
def geometry(page, base_url):
    """What is drawn at a threshold of 0.3, a prevalence of 5%, costs of 2 and 20."""
    page.goto(f"{base_url}{ADDRESS}#threshold=0.3&prevalence=5&fp=2&fn=20")
    expect(page.locator(".hb-cut")).to_be_visible()
    return tool(page).evaluate(GEOMETRY)


def points(drawn: str) -> np.ndarray:
    """The places of a path, one row each."""
    return np.array(re.findall(r"([\d.]+)[ ,]([\d.]+)", drawn), float)


def in_square(places: np.ndarray, axis: list[float]) -> np.ndarray:
    """In parts of the square between the axes, from its lower left corner."""
    x, y, width, height = axis
    return (places - [x, y + height]) / [width, -height]


def test_the_picture_s_words_and_dots_are_those_of_the_scores(geometry) -> None:
    tp, fn, fp, tn = explorer.counts(300)
    words = geometry["words"]
    assert {f"良性 119 例：放行 {tn}", f"误报 {fp}"} < set(words)
    assert {f"恶性 71 例：漏诊 {fn}", f"查出 {tp}"} < set(words)
    drawn = [points(d) for d in geometry["dots"]]
    for pair, scores in ((drawn[:2], "benign"), (drawn[2:], "malignant")):
        across, down = np.concatenate(pair).T
        share = (np.sort(across) - 22) / (geometry["wide"] - 44)
        expected = np.array(SCORES[scores]) / explorer.NOBODY
        np.testing.assert_allclose(share, expected, atol=1e-3)
        assert (down > 166).all() if scores == "malignant" else (down < 166).all()


def test_the_bar_of_people_is_cut_as_they_are_told(geometry) -> None:
    made = asdict(explorer.rates(*SETTING))
    names, widths = zip(*geometry["people"], strict=True)
    assert names == ("hb-fn", "hb-tp", "hb-fp", "hb-tn")
    shares = np.array(widths) / sum(widths)
    expected = [made[name[3:]] / 1000 for name in names]
    np.testing.assert_allclose(shares, expected, atol=1e-3)
    called = made["tp"] + made["fp"]
    assert geometry["bar"] == (
        f"每千人：判恶性 {called:.0f} 人，真患病的占 {100 * made['ppv']:.3g}%；"
        f"患病 50 人，查出的占 {100 * made['recall']:.3g}%"
    )


def test_the_cost_of_every_threshold_is_drawn_to_scale(geometry) -> None:
    costs = [explorer.rates(k, *SETTING[1:]).cost for k in explorer.THRESHOLDS]
    best, here = explorer.cheapest(*SETTING[1:]), explorer.rates(*SETTING).cost
    heights = np.array(re.findall(r"V([\d.]+)", geometry["cost"][0]), float)
    slope, foot = np.polyfit(costs, heights, 1)
    assert slope < 0
    np.testing.assert_allclose(heights, foot + slope * np.array(costs), atol=0.15)
    for mark, k, cost in zip(
        geometry["marks"], (300, best), (here, min(costs)), strict=True
    ):
        across = 22 + k / explorer.NOBODY * (geometry["wide"] - 44)
        assert mark == pytest.approx([across, foot + slope * cost], abs=0.3)


def test_both_curves_and_their_lines_are_drawn_to_scale(geometry) -> None:
    every = [explorer.rates(k, *SETTING[1:]) for k in explorer.THRESHOLDS]
    roc, pr = geometry["curves"]
    corners = [(1 - made.specificity, made.recall) for made in every]
    drawn = in_square(points(roc), geometry["axes"][0])
    np.testing.assert_allclose(drawn, corners, atol=2e-3)
    start, end = in_square(points(geometry["even"][0]), geometry["axes"][0])
    price = 2 * 95 / (20 * 5)  # what an alarm of all the well costs, against a miss
    assert (end - start)[1] / (end - start)[0] == pytest.approx(price, rel=0.02)
    best = explorer.rates(explorer.cheapest(*SETTING[1:]), *SETTING[1:])
    over = np.array(corners)[:, 1] - price * np.array(corners)[:, 0]
    assert start[1] - price * start[0] == pytest.approx(max(over), abs=0.01)
    assert best.recall - price * (1 - best.specificity) == pytest.approx(max(over))
    (first,), rest = points(pr), re.findall(r"V([\d.]+)H([\d.]+)", pr)
    ends = [re.search(r"H([\d.]+)", pr)[1], *(x for _, x in rest)]
    tops = [first[1], *(float(y) for y, _ in rest)]
    steps = np.column_stack([np.array(ends, float), tops])
    steps = in_square(steps, geometry["axes"][1])
    np.testing.assert_allclose(
        steps, [(made.recall, made.ppv) for made in every[1:]], atol=2e-3
    )
    base = np.array(
        [[0.0, float(re.search(r"M\S+ ([\d.]+)H", geometry["even"][1])[1])]]
    )
    assert in_square(base, geometry["axes"][1])[0, 1] == pytest.approx(0.05, abs=2e-3)
    assert f"AUC {explorer.area():.3f}。" in geometry["told"][0]
    assert f"AP {explorer.average_precision(5):.3f}。" in geometry["told"][1]


def test_the_formula_is_told_and_moved_where_the_prevalence_is_another(opened) -> None:
    law = opened.locator(".hb-law")
    expect(law).not_to_contain_text("换算")
    for name in ("普查 1%", "普查，漏诊贵 20 倍"):
        chip(opened, name).click()
        lesson = next(x for x in explorer.LESSONS if x.name == name)
        costs = lesson.prevalence, lesson.alarm, lesson.miss
        expect(law).to_contain_text(
            f"换算到这个患病率，给出阈值 {explorer.by_formula(*costs):.3f}；"
            f"这 190 例上最便宜的是 {explorer.cheapest(*costs) / 1000:g}。"
        )


def test_a_slider_goes_back_to_where_the_lessons_begin(opened) -> None:
    slider = tool(opened).get_by_role("slider", name="患病率（%）", exact=True)
    for key in ("ArrowLeft", "ArrowRight"):
        slider.press(key)
    expect(field(opened, "患病率（%）")).to_have_value("37.37")
    expect(chip(opened, "送检 37%")).to_have_attribute("aria-pressed", "true")


def test_the_keyboard_reaches_every_control_in_order(opened) -> None:
    chip(opened, "谁也不判恶性").focus()
    slider = tool(opened).get_by_role("slider", name="漏诊代价", exact=True)
    for control in (
        opened.locator(".hb-cut"),
        chip(opened, "左移到上一个得分"),
        field(opened, "阈值"),
        chip(opened, "右移到下一个得分"),
        chip(opened, "跳到最便宜的阈值"),
        field(opened, "患病率（%）"),
        tool(opened).get_by_role("slider", name="患病率（%）", exact=True),
        field(opened, "误报代价"),
        tool(opened).get_by_role("slider", name="误报代价", exact=True),
        field(opened, "漏诊代价"),
        slider,
    ):
        opened.keyboard.press("Tab")
        expect(control).to_be_focused()
    opened.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "2")


# --- address, phone, no script ------------------------------------------------------


def test_what_is_shown_can_be_sent_as_an_address(opened) -> None:
    chip(opened, "普查，漏诊贵 20 倍").click()
    chip(opened, "跳到最便宜的阈值").click()
    opened.wait_for_url("**/#threshold=0.773&prevalence=1&fp=1&fn=20")
    before = shown(opened)
    opened.reload()
    expect(opened.locator(".hb-cut")).to_be_visible()
    assert (threshold(opened), shown(opened)) == (0.773, before)
    chip(opened, "复位").click()
    opened.wait_for_function("!location.hash")
    expect(chip(opened, "送检 37%")).to_have_attribute("aria-pressed", "true")
    assert threshold(opened) == 0.5


def test_another_address_is_taken_while_the_page_is_open(opened) -> None:
    opened.evaluate("location.hash = '#prevalence=5&threshold=0.2'")
    expect(field(opened, "患病率（%）")).to_have_value("5")
    assert threshold(opened) == 0.2


@pytest.mark.parametrize("heading", ["goals", "prevalence"])
def test_an_address_of_a_heading_is_left_alone(page, base_url, heading) -> None:
    page.goto(f"{base_url}{ADDRESS}#{heading}")
    expect(page.locator(".hb-cut")).to_be_visible()
    page.wait_for_timeout(700)
    assert page.url.endswith(f"#{heading}")
    assert page.locator(".hb-fault").text_content() == ""
    expect(chip(page, "送检 37%")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("wrong", ["threshold=x", "threshold=", "threshold=2"])
def test_what_an_address_says_wrong_is_told_and_the_rest_is_taken(
    page, base_url, wrong
) -> None:
    page.goto(f"{base_url}{ADDRESS}#{wrong}&prevalence=1")
    expect(tool(page).get_by_role("alert")).to_have_text(
        f"链接里的 {wrong} 不能用：「阈值」要填 0 到 1.001 之间的数"
    )
    expect(chip(page, "普查 1%")).to_have_attribute("aria-pressed", "true")


@pytest.fixture
def phone(browser: Browser, base_url: str):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.add_init_script(WHOLE)
    page = context.new_page()
    page.goto(base_url + ADDRESS)
    expect(page.locator(".hb-cut")).to_be_visible()
    yield page
    context.close()


def test_a_finger_drags_the_threshold(phone: Page) -> None:
    handle = phone.locator(".hb-cut")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    touches = phone.context.new_cdp_session(phone)
    before = phone.evaluate("scrollY")

    def touch(kind: str, *points: tuple[float, float]) -> None:
        touches.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    y = box["y"] + 22
    touch("touchStart", (box["x"] + 22, y))
    for k in (450, 350, 250):
        touch("touchMove", (place_of(phone, k)[0], y + 20))
    touch("touchEnd")
    assert threshold(phone) == pytest.approx(0.25, abs=0.005)
    assert phone.evaluate("scrollY") == before


def test_on_a_phone_every_control_is_as_large_as_a_finger(phone: Page) -> None:
    controls = tool(phone).locator(".hb-tool-body :is(button, input, .hb-cut)").all()
    assert len(controls) == 5 + 1 + 4 + 6
    for control in controls:
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 44, control.evaluate(
            "(it) => it.outerHTML"
        )


def test_on_a_phone_nothing_is_cut_and_the_stepper_is_a_row(phone: Page) -> None:
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    row = phone.locator(".hb-steps-row").bounding_box()
    assert row["height"] < 60
    for text in phone.locator("threshold-explorer svg text").all():
        box = text.bounding_box()
        assert box["x"] >= 16 and box["x"] + box["width"] <= 374, text.inner_html()


def test_at_a_desk_no_control_is_small(opened) -> None:
    for control in tool(opened).locator("button, input").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 35.5, control.inner_text()


def test_the_tool_comes_first_on_its_page(opened) -> None:
    assert first_control(opened) <= 400


def test_the_place_kept_for_the_tool_is_as_high_as_it_is(opened, phone) -> None:
    """What is below does not jump when the script arrives."""
    for page in (opened, phone):
        found = page.evaluate(
            """() => {
              const body = document.querySelector(".hb-tool-body");
              const rules = [...document.styleSheets].flatMap((s) => [...s.cssRules]);
              let kept = 0;
              for (const rule of rules) {
                if (!(rule instanceof CSSMediaRule)) continue;
                if (!matchMedia(rule.conditionText).matches) continue;
                for (const inner of rule.cssRules) {
                  if (inner.selectorText?.startsWith("threshold-explorer:not"))
                    kept = parseFloat(inner.style.height) * 20;
                }
              }
              return [body.offsetHeight, kept];
            }"""
        )
        assert found[0] == pytest.approx(found[1], abs=24)


def test_without_a_script_there_are_a_picture_and_six_thresholds(
    browser: Browser, base_url
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base_url + ADDRESS)
    rows = page.locator("threshold-explorer tbody tr")
    expect(rows).to_have_count(6)
    expect(rows.first).to_be_visible()
    expect(page.locator(".hb-still")).to_be_visible()
    assert re.match("119 例良性", page.locator(".hb-still title").text_content())
    expect(page.locator("threshold-explorer :is(button, input)")).to_have_count(0)
    context.close()
