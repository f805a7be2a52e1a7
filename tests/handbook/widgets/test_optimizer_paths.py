"""The optimizer's paths beside ``torch.optim``; the table without a script; the page.

The script's own arithmetic is held to the same paths in ``tests/site/test_paths.py``.
"""

import json
import math
import re

import numpy as np
import pytest
import torch

from handbook.widgets import optimizer_paths as paths
from tests.conftest import ROOT

from .descents import LOSSES, settings, torch_path

LESSONS = {lesson.name: lesson for lesson in paths.LESSONS}


def walked(lesson: paths.Lesson, **changed) -> list[paths.Point]:
    """The path of a lesson by ``torch.optim``, with some settings changed."""
    names = ("loss", "by", "rate", "mu", "steps", "start")
    given = {name: getattr(lesson, name) for name in names} | changed
    return torch_path(**given)


def away(lesson: paths.Lesson, point: paths.Point) -> float:
    return math.dist(point, paths.LOSSES[lesson.loss].minimum)


@pytest.mark.parametrize("given", settings(), ids=str)
def test_a_path_is_that_of_torch(given) -> None:
    np.testing.assert_allclose(
        paths.walk(*given), torch_path(*given), rtol=1e-9, atol=1e-12
    )


def test_some_of_the_paths_run_away_and_end() -> None:
    short = {given[0] for given in settings() if len(torch_path(*given)) <= given[4]}
    assert short == set(LOSSES)
    assert all(max(map(abs, torch_path(*g)[-2])) <= paths.FAR for g in settings())


@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_and_its_curvatures_are_those_of_autograd(loss: str) -> None:
    mine = paths.LOSSES[loss]
    for point in [(0.3, -1.7), (2.5, 1.1), mine.minimum]:
        x, y = torch.tensor(point, dtype=torch.float64)
        assert mine.at(*point) == pytest.approx(LOSSES[loss](x, y).item(), rel=1e-12)
    bottom = tuple(torch.tensor(z, dtype=torch.float64) for z in mine.minimum)
    hessian = torch.autograd.functional.hessian(LOSSES[loss], bottom)
    curvatures = torch.linalg.eigvalsh(torch.tensor(hessian, dtype=torch.float64))
    assert mine.curvatures == pytest.approx(curvatures.tolist(), rel=1e-9)
    assert mine.at(*mine.minimum) == 0


@pytest.mark.parametrize("by", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("rate", [0.02, 0.15, 0.21])
@pytest.mark.parametrize("mu", [0.3, 0.9])
def test_a_factor_is_what_a_long_path_is_multiplied_by(by, rate, mu) -> None:
    """In the end, on the bowl: over many steps, for the modulus turns and wavers."""
    path = np.array(torch_path("bowl", by, rate, mu, 400, (1e-200, 1e-200)))
    for place, curvature in enumerate((1, 10)):
        size = np.abs(path[:, place])
        measured = math.log(size[300:].max() / size[100:200].max()) / 200
        expected = math.log(abs(paths.factor(by, rate, mu, curvature)))
        assert measured == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("慢而稳", "还在路上"), ("刚过 2/λ", "发散"), ("平地", "收敛")],
)
def test_a_lesson_has_its_verdict(name: str, expected: str) -> None:
    lesson = LESSONS[name]
    assert paths.verdict(lesson, walked(lesson)) == expected


def test_a_path_that_ran_away_on_the_other_losses_is_lost() -> None:
    lesson = paths.Lesson("", "", "rosenbrock", "sgd", 0.01, 0.9, 200, (-1.5, 2))
    assert paths.verdict(lesson, walked(lesson)) == "发散"


def test_a_path_that_only_passes_the_minimum_has_not_arrived() -> None:
    lesson = LESSONS["慢而稳"]
    path = [(1.0, 1.0), (0.0, 0.0), (0.0, 0.0)]
    assert paths.verdict(lesson, path) == "还在路上"


def test_the_table_says_where_torch_ends() -> None:
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', paths.element())
    assert [name for name, _ in rows] == list(LESSONS)
    for name, cells in rows:
        lesson = LESSONS[name]
        path = walked(lesson)
        steps, end, loss = re.findall(r"<td>(.*?)</td>", cells.replace("−", "-"))[1:4]
        assert int(steps) == len(path) - 1
        found = [float(z) for z in end.strip("()").split(", ")]
        assert found == pytest.approx(path[-1], rel=6e-3)
        value = paths.LOSSES[lesson.loss].at(*path[-1])
        assert float(loss) == pytest.approx(value, rel=6e-3)


def test_the_script_is_sent_the_lessons() -> None:
    html = paths.element()
    assert html.count("<script") == html.count("</script>") == 1
    (text,) = re.findall(r"<script[^>]*>(.*?)</script>", html)
    sent = json.loads(text)["lessons"]
    assert [lesson["name"] for lesson in sent] == list(LESSONS)
    assert sent[3] | {"task": ""} == {
        "name": "加动量",
        "task": "",
        "loss": "bowl",
        "by": "momentum",
        "rate": 0.15,
        "mu": 0.5,
        "steps": 12,
        "start": [10, 1],
    }


# --- what the page says of the experiments ------------------------------------------

PAGE = (ROOT / "docs/algorithms/sgd.md").read_text(encoding="utf-8")
TOLD = PAGE.partition("{ #paths }")[2].partition("\n### ")[0]


def loss_of(lesson: paths.Lesson, point: paths.Point) -> str:
    """As the tool shows it: three digits."""
    return f"{paths.LOSSES[lesson.loss].at(*point):.3g}"


def test_beyond_the_limit_the_loss_falls_and_then_rises() -> None:
    lesson = LESSONS["刚过 2/λ"]
    path = walked(lesson, steps=40)
    losses = [paths.LOSSES["bowl"].at(*point) for point in path]
    lowest = losses.index(min(losses))
    assert 0 < lowest < 12 and losses[lowest:] == sorted(losses[lowest:])
    assert losses[0] == 55 and losses[40] > 10_000
    assert [abs(y) > 3 for _, y in path].index(True) == 12  # the edge of the picture
    assert f"第 12 步冲出画面，这时损失是 {loss_of(lesson, path[12])}，" in TOLD


def test_just_below_the_limit_the_loss_falls() -> None:
    lesson = LESSONS["刚过 2/λ"]
    end = walked(lesson, rate=0.19)[-1]
    assert f"改成 0.19，步数回到 12，损失就降到 {loss_of(lesson, end)}。" in TOLD


def test_the_curvatures_of_the_valley_are_as_far_apart_as_told() -> None:
    flat, steep = paths.LOSSES["rosenbrock"].curvatures
    assert f"约差 {round(steep / flat, -2):.0f} 倍" in TOLD


def test_in_the_valley_momentum_ends_nearer_at_the_same_rate() -> None:
    plain, kept = LESSONS["弯谷 SGD"], LESSONS["弯谷动量"]
    assert (plain.rate, plain.steps, plain.start) == (kept.rate, kept.steps, kept.start)
    assert f"离谷底还有 {away(plain, walked(plain)[-1]):.3g}。" in TOLD
    assert f"离谷底只有 {away(kept, walked(kept)[-1]):.3g}。" in TOLD


@pytest.mark.parametrize("start", [(10, 1), (-7.5, 0.02), (0.3, -2.9)])
def test_adam_s_first_step_is_the_rate_in_both_directions(start) -> None:
    path = walked(LESSONS["慢而稳"], by="adam", steps=1, start=start)
    steps = np.abs(np.subtract(*path))
    assert steps == pytest.approx([0.05, 0.05], rel=1e-6)
    assert "都恰好走了 0.05" in TOLD


# --- what the tool says of its lessons ----------------------------------------------


def test_a_small_rate_brings_y_to_0_and_x_half_the_way() -> None:
    x, y = walked(LESSONS["慢而稳"])[-1]
    assert abs(y) < 1e-3 and 0.4 < x / 10 < 0.6


def test_near_the_limit_y_crosses_at_every_step_and_comes_nearer() -> None:
    path = np.array(walked(LESSONS["来回跨"]))
    assert (path[1:, 1] * path[:-1, 1] < 0).all()
    assert (np.diff(np.abs(path[:, 1])) < 0).all()


def test_momentum_ends_nearer_at_a_smaller_rate() -> None:
    kept, plain = LESSONS["加动量"], LESSONS["来回跨"]
    assert kept.rate < plain.rate and kept.steps == plain.steps
    assert away(kept, walked(kept)[-1]) < away(plain, walked(plain)[-1])


def test_momentum_overshoots_further_than_nesterov_and_a_smaller_one_less() -> None:
    lesson = LESSONS["冲过头"]
    over = [
        -min(x for x, _ in walked(lesson, **changed))
        for changed in ({}, {"by": "nesterov"}, {"mu": 0.5})
    ]
    assert over[0] > over[1] > 1 > over[2]


def test_in_the_valley_a_smaller_momentum_gets_less_far() -> None:
    lesson = LESSONS["弯谷动量"]
    less = walked(lesson, mu=0.5)[-1]
    assert away(lesson, less) > 2 * away(lesson, walked(lesson)[-1])


def test_adam_s_rate_in_the_valley_is_300_times_sgd_s_which_would_run_away() -> None:
    lesson, plain = LESSONS["弯谷 Adam"], LESSONS["弯谷 SGD"]
    assert lesson.rate == pytest.approx(300 * plain.rate)
    assert len(walked(plain, rate=lesson.rate)) < plain.steps
    assert len(walked(lesson)) == lesson.steps + 1


@pytest.mark.parametrize("start", [(-1, 1.5), (0, 1.8), (0.5, 2)])
def test_on_the_plain_many_starts_at_the_upper_left_do_not_arrive(start) -> None:
    lesson = LESSONS["平地"]
    path = walked(lesson, start=start)
    assert away(lesson, path[-1]) > away(lesson, start)
    assert paths.verdict(lesson, path) != "收敛"
