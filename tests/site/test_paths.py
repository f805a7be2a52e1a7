"""The optimizer's paths as readers use them: lessons, dragging, keys, no script."""

import math

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from handbook.widgets import optimizer_paths as paths
from tests.handbook.widgets.descents import settings, torch_path

from .conftest import WHOLE

ADDRESS = "algorithms/sgd/"
MODULE = "assets/widgets/optimizer-paths.js"
NAMES = ("loss", "by", "rate", "mu", "steps", "start")


@pytest.fixture
def opened(page: Page, base_url: str) -> Page:
    page.goto(base_url + ADDRESS)
    expect(page.locator(".hb-start")).to_be_visible()
    return page


def chip(page: Page, name: str) -> Locator:
    tool = page.locator("optimizer-paths")
    return tool.get_by_role("button", name=name, exact=True)


def slider(page: Page, name: str) -> Locator:
    return page.locator("optimizer-paths").get_by_role("slider", name=name)


def tiles(page: Page) -> list[str]:
    """Loss, distance, verdict, and the small print of each."""
    return page.locator(".hb-ends > *").all_inner_texts()


def by_script(page: Page, base_url: str, function: str, *given: object) -> object:
    return page.evaluate(
        "async ([address, name, given]) => (await import(address))[name](...given)",
        [base_url + MODULE, function, list(given)],
    )


def walked(page: Page, base_url: str, given: tuple) -> list:
    return by_script(page, base_url, "walk", dict(zip(NAMES, given, strict=True)))


# --- the arithmetic ---------------------------------------------------------------


def test_the_script_walks_as_torch_does(opened, base_url) -> None:
    for given in settings():
        np.testing.assert_allclose(
            walked(opened, base_url, given),
            torch_path(*given),
            rtol=1e-9,
            atol=1e-12,
            err_msg=str(given),
        )


@pytest.mark.parametrize(("by", "nesterov"), [("momentum", False), ("nesterov", True)])
def test_the_script_walks_the_bowl_as_the_page_s_program_does(
    opened, base_url, run_snippet, by, nesterov
) -> None:
    program = run_snippet("algorithms/sgd_bowl_numpy")
    mine = program.walk(np.array([1, 10]), [10, 1], 0.05, 40, 0.6, nesterov)
    found = walked(opened, base_url, ("bowl", by, 0.05, 0.6, 40, (10, 1)))
    np.testing.assert_allclose(found, mine, rtol=1e-9, atol=1e-12)


def test_the_script_judges_as_python_does(opened, base_url) -> None:
    for given in settings():
        path = torch_path(*given)
        lesson = paths.Lesson("", "", *given)
        said = by_script(
            opened, base_url, "verdict", dict(zip(NAMES, given, strict=True)), path
        )
        assert said == paths.verdict(lesson, path), given


def test_the_script_s_losses_and_factors_are_python_s(opened, base_url) -> None:
    for name, loss in paths.LOSSES.items():
        found = opened.evaluate(
            """async ([address, name]) => {
              const { LOSSES } = await import(address);
              const { at, minimum, curvatures } = LOSSES[name];
              return [at(0.3, -1.7), at(2, 1.5), ...minimum, ...curvatures];
            }""",
            [base_url + MODULE, name],
        )
        values = [loss.at(0.3, -1.7), loss.at(2, 1.5)]
        assert found == pytest.approx([*values, *loss.minimum, *loss.curvatures])
    for given in [("sgd", 0.21, 0.9, 10), ("momentum", 0.05, 0.9, 1)] + [
        ("nesterov", rate, mu, 10) for rate in (0.01, 0.15) for mu in (0.2, 0.9)
    ]:
        factor = by_script(opened, base_url, "factor", *given)
        assert factor == pytest.approx(paths.factor(*given), rel=1e-12)


@pytest.mark.parametrize("by", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("mu", [0.3, 0.9])
def test_at_the_limit_the_steepest_direction_stays_as_far(
    opened, base_url, by, mu
) -> None:
    rate = by_script(opened, base_url, "limit", by, mu, 10)
    assert abs(paths.factor(by, rate, mu, 10)) == pytest.approx(1)
    assert abs(paths.factor(by, rate * 1.01, mu, 10)) > 1


@pytest.mark.parametrize("name", paths.LOSSES)
def test_on_a_contour_line_the_loss_has_its_value(opened, base_url, name) -> None:
    """Within a cell, which is some pixels; at most places to a fiftieth of one."""
    view, cells, levels, lines = opened.evaluate(
        """async ([address, name]) => {
          const { LOSSES, contours } = await import(address);
          const { view, cells, levels } = LOSSES[name];
          return [view, cells, levels, contours(LOSSES[name])];
        }""",
        [base_url + MODULE, name],
    )
    at, slope = paths.LOSSES[name].at, paths.LOSSES[name].slope
    cell = math.hypot((view[1] - view[0]) / cells[0], (view[3] - view[2]) / cells[1])
    for level, segments in zip(levels, lines, strict=True):
        assert len(segments) > 20, level
        points = [point for segment in segments for point in segment]
        off = [abs(at(*p) - level) / (math.hypot(*slope(*p)) + 1e-9) for p in points]
        assert max(off) < cell and np.median(off) < cell / 50


# --- lessons and controls ---------------------------------------------------------


@pytest.mark.parametrize("lesson", paths.LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_sets_the_tool_and_says_its_task(opened, lesson) -> None:
    chip(opened, lesson.name).click()
    expect(chip(opened, lesson.name)).to_have_attribute("aria-pressed", "true")
    expect(opened.locator(".hb-task")).to_have_text(lesson.task)
    expect(chip(opened, paths.METHODS[lesson.by])).to_have_attribute(
        "aria-pressed", "true"
    )
    path = torch_path(*(getattr(lesson, name) for name in NAMES))
    loss, away, said = tiles(opened)
    end = paths.LOSSES[lesson.loss]
    assert float(loss.split()[0]) == pytest.approx(end.at(*path[-1]), rel=6e-3)
    distance = math.dist(path[-1], end.minimum)
    assert float(away.split()[0]) == pytest.approx(distance, rel=6e-3)
    assert said.split()[0] == paths.verdict(lesson, path)


def test_the_hand_s_three_steps_are_shown(opened) -> None:
    opened.get_by_label("学习率（填数）").fill("0.15")
    for steps, place in [(1, "(8.5, −0.5)"), (2, "(7.225, 0.25)")]:
        opened.get_by_role("slider", name="步数").fill(str(steps - 1))
        assert tiles(opened)[1].endswith(f"在 {place}")


def test_beyond_the_limit_it_is_said_and_where_the_path_leaves(opened) -> None:
    chip(opened, "刚过 2/λ").click()
    law = opened.locator(".hb-law")
    expect(law).to_contain_text("η 的上限 2/λ = 0.2，已经超过。每步乘")
    expect(law).to_contain_text("平 0.79，陡 −1.1。")
    expect(opened.locator(".hb-walks text")).to_have_text("第 12 步出画")
    assert tiles(opened)[2].split() == ["发散", "第", "12", "步出画"]
    opened.get_by_label("学习率（填数）").fill("0.19")
    expect(law).not_to_contain_text("超过")
    expect(opened.locator(".hb-walks text")).to_have_count(0)


def test_a_wrong_rate_changes_nothing(opened) -> None:
    before = tiles(opened)
    for wrong in ["", "0", "-1", "3"]:
        opened.get_by_label("学习率（填数）").fill(wrong)
        assert tiles(opened) == before


def test_momentum_s_knob_is_there_for_those_who_have_one(opened) -> None:
    knob = opened.locator("input[aria-label='动量系数 μ']")
    for name, seen in [
        ("SGD", False),
        ("动量", True),
        ("Nesterov", True),
        ("Adam", False),
    ]:
        chip(opened, name).click()
        expect(knob).to_be_visible(visible=seen)


def test_a_path_is_kept_to_compare_until_another_loss(opened) -> None:
    chip(opened, "来回跨").click()
    chip(opened, "留作对照").click()
    chip(opened, "动量").click()
    kept = opened.locator(".hb-field .hb-other")
    expect(kept).to_have_count(1)
    expect(opened.locator(".hb-beside")).to_contain_text("虚线：SGD 0.18")
    chip(opened, "平地 Beale").click()
    expect(kept).to_have_count(0)
    expect(chip(opened, "留作对照")).to_have_attribute("aria-pressed", "false")


# --- the start --------------------------------------------------------------------


def start(page: Page) -> str:
    return page.locator(".hb-start").get_attribute("aria-valuetext")


def near(page: Page, x: float, y: float) -> bool:
    """Whether the start is here, to a pixel."""
    found = [float(z) for z in start(page).replace("−", "-").strip("()").split(", ")]
    return found == pytest.approx([x, y], abs=0.04)


def test_the_start_is_dragged_and_stays_in_the_picture(opened) -> None:
    field = opened.locator(".hb-field")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    handle = opened.locator(".hb-start").bounding_box()
    opened.mouse.move(handle["x"] + 22, handle["y"] + 22)
    opened.mouse.down()
    opened.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    assert near(opened, -6, 1.5)
    before = tiles(opened)
    opened.mouse.move(box["x"] - 300, box["y"] + box["height"] / 2)
    opened.mouse.up()
    assert near(opened, -12, 0)
    assert tiles(opened) != before
    opened.mouse.move(box["x"] + 40, box["y"] + 40)
    assert near(opened, -12, 0)


def test_a_click_in_the_picture_puts_the_start_there(opened) -> None:
    field = opened.locator(".hb-field")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    opened.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.75)
    assert near(opened, 6, -1.5)


def test_a_finger_drags_the_start(browser: Browser, base_url) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.add_init_script(WHOLE)
    page = context.new_page()
    page.goto(base_url + ADDRESS)
    handle = page.locator(".hb-start")
    handle.scroll_into_view_if_needed()
    box, field = handle.bounding_box(), page.locator(".hb-field").bounding_box()
    assert min(box["width"], box["height"]) >= 44
    touches = context.new_cdp_session(page)
    before = page.evaluate("scrollY")

    def touch(kind: str, *points: tuple[float, float]) -> None:
        touches.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    touch("touchStart", (box["x"] + 22, box["y"] + 22))
    for part in (0.7, 0.5, 0.25):
        at = field["x"] + field["width"] * part, field["y"] + field["height"] * part
        touch("touchMove", at)
    touch("touchEnd")
    x, y = (float(z) for z in start(page).replace("−", "-").strip("()").split(", "))
    assert (x, y) == pytest.approx((-6, 1.5), abs=0.1)
    assert page.evaluate("scrollY") == before
    context.close()


def test_arrow_keys_move_the_start_and_shift_moves_it_less(opened) -> None:
    opened.locator(".hb-start").focus()
    scrolled = opened.evaluate("scrollY")
    for key, place in [
        ("ArrowLeft", "(9.5, 1)"),
        ("ArrowDown", "(9.5, 0.9)"),
        ("Shift+ArrowUp", "(9.5, 0.92)"),
        ("Shift+ArrowRight", "(9.6, 0.92)"),
    ]:
        opened.keyboard.press(key)
        assert start(opened) == place
    assert opened.evaluate("scrollY") == scrolled
    width = "(handle) => getComputedStyle(handle).outlineWidth"
    assert opened.locator(".hb-start").evaluate(width) == "3px"


def test_the_keyboard_reaches_all_and_walks_step_by_step(opened) -> None:
    chip(opened, "Adam").focus()
    for control in (
        opened.get_by_label("学习率（填数）"),
        slider(opened, "学习率 η"),
        opened.locator(".hb-start"),
        chip(opened, "少走一步"),
        slider(opened, "步数"),
    ):
        opened.keyboard.press("Tab")
        expect(control).to_be_focused()
    opened.keyboard.press("ArrowRight")
    expect(slider(opened, "步数")).to_have_attribute("aria-valuetext", "13 步")
    expect(opened.locator(".hb-walks circle")).to_have_count(13)
    chip(opened, "少走一步").click()
    expect(opened.locator(".hb-walks circle")).to_have_count(12)


# --- address, phone, no script ------------------------------------------------------


def test_what_is_shown_can_be_sent_as_an_address(opened, base_url) -> None:
    chip(opened, "弯谷动量").click()
    opened.locator(".hb-start").press("ArrowRight")
    opened.wait_for_function("location.search.includes('_-1.1_')")
    before = tiles(opened)
    opened.goto(opened.url)
    expect(chip(opened, "弯谷 Rosenbrock")).to_have_attribute("aria-pressed", "true")
    assert (tiles(opened), start(opened)) == (before, "(−1.1, 1)")
    chip(opened, "复位").click()
    opened.wait_for_function("!location.search")
    expect(chip(opened, "慢而稳")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(
    "wrong", ["", "bowl", "cup_sgd_0.1_0_9_1_1", "bowl_sgd_x_0_9_1_1", "bowl_sgd"]
)
def test_an_address_that_says_nothing_opens_the_first_lesson(
    page, base_url, wrong
) -> None:
    page.goto(f"{base_url}{ADDRESS}?path={wrong}")
    expect(chip(page, "慢而稳")).to_have_attribute("aria-pressed", "true")


def test_an_address_out_of_bounds_is_taken_to_the_nearest(page, base_url) -> None:
    page.goto(f"{base_url}{ADDRESS}?path=bowl_momentum_99_7_1e9_50_-50")
    expect(page.get_by_label("学习率（填数）")).to_have_value("2")
    expect(slider(page, "步数")).to_have_attribute("aria-valuetext", "500 步")
    assert start(page) == "(12, −3)"


def test_no_control_is_smaller_than_a_finger(opened) -> None:
    for control in opened.locator(".hb-tool").locator("button:visible, input").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 35.5, control.inner_text()


def test_without_a_script_the_ends_of_the_lessons_are_a_table(
    browser: Browser, base_url
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base_url + ADDRESS)
    rows = page.locator("optimizer-paths tbody tr")
    names = [lesson.name for lesson in paths.LESSONS]
    assert rows.locator("th").all_text_contents() == names
    expect(rows.first).to_be_visible()
    expect(page.locator("optimizer-paths :is(button, input)")).to_have_count(0)
    context.close()
