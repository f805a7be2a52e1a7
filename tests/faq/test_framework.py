"""Which framework: one step in three forms against finite differences; the counts.

The step is checked with exact fractions and central differences, which no program uses;
the counts are taken from the dates again by a loop and by whole months of the calendar.
"""

import re
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor

from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/faq/framework.md"
FIGURE = ROOT / "docs/assets/figures/framework-releases.svg"
START = [1, -1, 1, 1, 0, 0, 1, -1, 0]  # W1 by rows, b1, W2, b2


@pytest.fixture
def by_numpy(run_snippet):
    return run_snippet("faq/framework_same_numpy")


@pytest.fixture
def by_torch(run_snippet):
    return run_snippet("faq/framework_same_torch")


@pytest.fixture
def by_tf(run_snippet):
    return run_snippet("faq/framework_same_tf")


@pytest.fixture
def counted(run_snippet):
    return run_snippet("faq/framework_count_python")


def forward(w):
    """The network of the page on (1, 2), in the arithmetic of its numbers."""
    a, b, c, d, e, f, g, h, i = w
    one, two = max(a + 2 * c + e, 0), max(b + 2 * d + f, 0)
    return one * g + two * h + i


def loss(w):
    return (forward(w) - 1) ** 2


def slope(k, eps=Fraction(1, 10**6)):
    """The central difference of the loss along weight ``k``: exact for a parabola."""
    up = [Fraction(x) + eps * (j == k) for j, x in enumerate(START)]
    down = [Fraction(x) - eps * (j == k) for j, x in enumerate(START)]
    return (loss(up) - loss(down)) / (2 * eps)


# --- the same network in three forms ---------------------------------------------


def test_output_and_loss_are_those_of_a_network_of_scikit_learn(by_numpy):
    net = MLPRegressor(
        hidden_layer_sizes=(2,), activation="relu", max_iter=1, solver="sgd"
    )
    with pytest.warns(UserWarning):
        net.fit([[0, 0], [1, 1]], [0, 1])
    net.coefs_ = [np.array([[1.0, -1.0], [1.0, 1.0]]), np.array([[1.0], [-1.0]])]
    net.intercepts_ = [np.zeros(2), np.zeros(1)]
    out = net.predict([[1.0, 2.0]]).item()
    assert after(by_numpy.stdout_text, "输出：") == [out, (out - 1) ** 2] == [2, 1]


def test_gradient_is_that_of_central_differences(by_numpy):
    printed = after(by_numpy.stdout_text, "第一层权重的梯度（入，出）：")
    assert printed == [float(slope(k)) for k in range(4)] == [2, -2, 4, -4]


def test_one_step_leads_to_the_loss_of_exact_fractions(by_numpy):
    rate = Fraction(2, 100)
    moved = [Fraction(x) - rate * slope(k) for k, x in enumerate(START)]
    assert forward(moved) == Fraction(10992, 10000)
    (printed,) = after(by_numpy.stdout_text, "走一步之后，损失：")
    assert printed == pytest.approx(float(loss(moved)), abs=5e-5)


def test_three_forms_print_the_same_lines(by_numpy, by_torch, by_tf):
    for section in ("model", "loss", "gradient", "step"):
        printed = by_numpy.printed_by.get(section, "")
        assert by_torch.printed_by.get(section, "") == printed
        assert by_tf.printed_by.get(section, "") == printed


def test_every_parameter_after_the_step_agrees_between_the_forms(
    by_numpy, by_torch, by_tf
):
    ours = vars(by_numpy)
    want = [ours["W1"], ours["b1"], ours["W2"], ours["b2"]]
    for got, w in zip(by_tf.model.get_weights(), want, strict=True):
        np.testing.assert_allclose(got, w, rtol=1e-12)
    exact = [
        float(Fraction(x) - Fraction(2, 100) * slope(k)) for k, x in enumerate(START)
    ]
    flat = np.concatenate([w.ravel() for w in want])
    np.testing.assert_allclose(flat, exact, rtol=1e-9)


def test_forgotten_transpose_gives_what_the_transposed_weights_give(by_torch):
    a, b, c, d, *rest = START
    wrong = [a, c, b, d, *rest]
    printed = after(by_torch.stdout_text, "忘了转置，输出：")
    assert printed == [forward(wrong), loss(wrong)] == [-3, 16]


# --- counting releases -----------------------------------------------------------


def named_counts(text, what):
    found = {}
    for line in text.splitlines():
        name, _, rest = line.partition("，")
        if what in rest and "JAX 在" not in name:
            found[name] = numbers(rest.partition("：")[2])
    return found


def releases(program):
    return {k: v.split() for k, v in program.RELEASES.items()}


def test_minor_releases_a_year_are_those_of_a_loop_over_the_dates(counted):
    want = {}
    for name, dates in releases(counted).items():
        want[name] = [0, 0, 0]
        for when in dates:
            want[name][date.fromisoformat(when + "-01").year - 2024] += 1
    assert named_counts(counted.printed_by["year"], "三年的小版本") == want


def test_months_are_counted_across_the_new_year(counted):
    assert counted.months("2026-01") - counted.months("2025-12") == 1


def test_months_since_the_last_minor_release_are_months_of_the_calendar(counted):
    want = {}
    for name, dates in releases(counted).items():
        day = date.fromisoformat(sorted(dates)[-1] + "-01")
        end = date(2026, 11, 1)
        want[name] = [float(round((end - day).days / 30.44))]
    assert named_counts(counted.printed_by["since"], "核对时距") == want


def test_jax_of_2024_is_fifteen_versions_and_no_minor_one(counted):
    assert after(counted.stdout_text, "JAX 在 2024 年，每版都算：") == [38 - 24 + 1, 0]


def test_figure_has_a_dot_for_each_release(counted):
    dots = FIGURE.read_text(encoding="utf-8").count("<circle")
    assert dots == sum(len(x) for x in releases(counted).values())


def test_versions_of_the_table_are_as_many_as_the_version_numbers_between(counted):
    dates = releases(counted)
    assert len(dates["PyTorch"]) == 15 - 2 + 1  # 2.2 … 2.15
    assert len(dates["TensorFlow"]) == 21 - 16 + 1  # 2.16 … 2.21
    assert len(dates["Keras"]) == 15 - 1 + 1  # 3.1 … 3.15
    assert len(dates["JAX"]) == 12 - 5 + 1  # 0.5 … 0.12
    for listed in dates.values():
        assert listed == sorted(listed)


# --- what the page says ----------------------------------------------------------


def test_page_says_what_the_programs_print(counted):
    text = PAGE.read_text(encoding="utf-8")
    per_year = named_counts(counted.printed_by["year"], "三年的小版本")
    first, _, last = per_year["TensorFlow"]
    assert f"TensorFlow 从 {first:.0f} 个减到 {last:.0f} 个" in text
    first, _, last = per_year["PyTorch"]
    assert f"PyTorch 已从 {first:.0f} 个增到 {last:.0f} 个" in text
    assert "=1.0992$，损失变成 $0.0992^2\\approx0.0098$" in text


def test_exercise_counts_versions_by_both_rules():
    text = PAGE.read_text(encoding="utf-8")
    line = re.search(r"版本号依次是 (.+?)。", text)[1]
    versions = line.split("、")
    minors = {v.rsplit(".", 1)[0] for v in versions}
    assert (len(versions), len(minors)) == (12, 4)
    later = [v for v in versions if v != "1.0.0"]
    firsts = [v for v in later if v.endswith(".0")]
    assert (len(later), len(firsts)) == (11, 3)
    assert line_of(text.replace("    ", ""), "第一份每版都算").startswith("，共 12 个")
