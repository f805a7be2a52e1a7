"""The parity page: how large rounding is, what assertions let pass, a block moved.

References that the programs never call: rounding by formatted decimals, a sum in a loop
against ``math.fsum``, the libraries' documented rules written out, and the Transformer
block in NumPy with SciPy's error function, in float64.
"""

import math
import re
from fractions import Fraction
from itertools import accumulate

import numpy as np
import pytest
import torch
from scipy.special import erf

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/frameworks/parity.md"
LAYERS = ["embed", "norm1", "q", "k", "v", "o", "norm2", "up", "down", "head"]


@pytest.fixture
def rounding(run_snippet):
    return run_snippet("frameworks/parity_rounding_numpy")


@pytest.fixture
def asserts(run_snippet):
    return run_snippet("frameworks/parity_asserts_tf")


@pytest.fixture
def tool(run_snippet):
    return run_snippet("frameworks/parity_compare_numpy")


@pytest.fixture
def moved(run_snippet):
    return run_snippet("frameworks/parity_port_tf")


def page():
    return PAGE.read_text(encoding="utf-8")


# --- rounding -----------------------------------------------------------------


def three_digits(words):
    """The running sums, each written with three digits and read back."""
    return list(accumulate(map(float, words), lambda a, b: float(f"{a + b:.3g}")))


@pytest.mark.parametrize("order", ["100、0.4、0.4、-100", "100、-100、0.4、0.4"])
def test_the_sums_by_hand_are_those_of_three_written_digits(rounding, order):
    printed = line_of(rounding.printed_by["by-hand"], f"{order} 依次相加：")
    assert float(printed) == three_digits(order.split("、"))[-1]


def test_the_answer_of_the_first_exercise_is_that_of_three_written_digits():
    assert three_digits(["1.00", "0.004", "0.004", "0.004"])[-1] == 1.00
    assert three_digits(["0.004", "0.004", "0.004", "1.00"])[-1] == 1.01


def test_the_measured_rounding_is_that_of_adding_one_by_one_against_an_exact_sum(
    rounding,
):
    rng = np.random.default_rng(0)
    for n in (10, 100, 1000, 10000):
        worst = 0.0
        for _ in range(500):
            a, b = torch.tensor(rng.standard_normal((2, n), dtype=np.float32))
            *_, added = accumulate((a * b).numpy(), np.add)  # torch.cumsum is in double
            terms = (a.double() * b.double()).tolist()
            size = math.fsum(map(abs, terms))
            worst = max(worst, abs(float(added) - math.fsum(terms)) / (size * 2**-24))
        bound, root, times, largest = after(
            rounding.printed_by["measure"], f"{n} 项：上界 "
        )
        assert (bound, root, times) == (n, round(math.sqrt(n)), 500)
        assert largest == pytest.approx(worst, abs=0.06)
        assert largest < bound
    assert f"500 次里最大的只有 {worst:.0f} 倍左右" in page()


def test_the_cancelling_sum_is_exact_in_fractions(rounding):
    x = [Fraction(float(v)) for v in rounding.x]
    w = [Fraction(float(v)) for v in rounding.w]
    terms = [a * b for a, b in zip(x, w, strict=True)]
    first, *rest = rounding.printed_by["cancel"].splitlines()
    result, size = numbers(first)
    assert result == round(float(sum(terms)), 4)
    assert f"结果是 {result}，" in page()
    assert size == round(float(sum(map(abs, terms))))
    error = abs(Fraction(float(rounding.rounded)) - sum(terms))
    assert error / abs(sum(terms)) > Fraction(1, 10**6)
    assert error < 3 * Fraction(1, 2**24) * sum(map(abs, terms))
    assert rest == [
        "相对误差超过 1e-6： True",
        "误差不到 u·Σ|项| 的三倍： True",
    ]


# --- assertions ---------------------------------------------------------------


def close(a, b, rtol, atol, nan_equal=False):
    """Whether all pairs are within the tolerance, infinities equal to themselves."""
    pairs = zip(np.ravel(a).tolist(), np.ravel(b).tolist(), strict=True)
    return all(
        x == y
        or (nan_equal and x != x and y != y)
        or abs(x - y) <= atol + rtol * abs(y)
        for x, y in pairs
    )


def by_the_rules(a, b):
    """What the three manuals say of a pair: NumPy's, PyTorch's, TensorFlow's."""
    both = np.broadcast_arrays(a, b)
    scalar = () in (a.shape, b.shape)
    exact = np.issubdtype(a.dtype, np.integer)
    strictly = 10 * np.finfo(np.float32).eps
    return [
        (a.shape == b.shape or scalar) and close(*both, 1e-7, 0.0, nan_equal=True),
        a.shape == b.shape
        and a.dtype == b.dtype
        and close(a, b, *((0, 0) if exact else (1.3e-6, 1e-5))),
        not exact
        and all(
            abs(x - y) < strictly * (1 + abs(y))  # inf - inf is no number: not close
            for x, y in zip(*(np.ravel(c).tolist() for c in both), strict=True)
        ),
    ]


def test_every_verdict_of_the_assertions_follows_from_the_manuals(asserts):
    for name, pair in asserts.pairs.items():
        said = line_of(asserts.printed_by["table"], f"{name}：").split()
        expected = by_the_rules(*map(np.asarray, pair))
        assert said == ["通过" if v else "不通过" for v in expected], name


def test_the_verdicts_are_those_that_the_page_explains(asserts):
    yes, no = "通过", "不通过"
    known = {
        "1 与 1.000001": [no, yes, yes],
        "1 与 1.0001": [no, no, no],
        "百万分之一与 0": [no, yes, yes],
        "NaN 与 NaN": [yes, no, no],
        "无穷与无穷": [yes, yes, no],
        "float32 与 float64": [yes, no, yes],
        "形状 (3,) 与 (1,)": [no, no, yes],
        "形状 (3,) 与 ()": [yes, no, yes],
        "形状 (2,) 与 (2, 1)": [no, no, yes],
        "没有元素": [yes, yes, yes],
        "整数 1 与 1": [yes, yes, no],
    }
    _, *said = asserts.printed_by["table"].splitlines()
    assert said == [f"{name}： {' '.join(row)}" for name, row in known.items()]
    for name in known:
        if name.startswith("形状"):
            assert all(np.all(side == 1) for side in asserts.pairs[name])


def test_the_pairs_are_what_their_names_say(asserts):
    pairs = asserts.pairs
    assert len(pairs) == 11 and "十一对" in page()
    assert [p[0].dtype for p in (pairs["float32 与 float64"], pairs["没有元素"])] == [
        np.float32,
        np.float32,
    ]
    assert pairs["float32 与 float64"][1].dtype == np.float64
    for name, (a, b) in pairs.items():
        if name.startswith("形状"):
            assert name == f"形状 {np.shape(a)} 与 {np.shape(b)}"
    assert pairs["1 与 1.000001"][0][0] == np.float32(1.000001)
    assert pairs["1 与 1.0001"][0][0] == np.float32(1.0001)
    assert pairs["百万分之一与 0"][0][0] == np.float32(1e-6)
    assert pairs["float32 与 float64"][1].tolist() == [1.0, 2.0]
    assert [one.tolist() for one in pairs["整数 1 与 1"]] == [[1], [1]]
    assert pairs["NaN 与 NaN"][0].dtype == pairs["无穷与无穷"][0].dtype == np.float32
    assert (
        np.isnan(pairs["NaN 与 NaN"]).all() and np.isposinf(pairs["无穷与无穷"]).all()
    )
    assert pairs["没有元素"][0].size == pairs["没有元素"][1].size == 0


def test_the_libraries_are_asked_in_the_order_that_is_printed(asserts):
    assert [n.split(".")[0] for n in asserts.LIBRARIES] == ["numpy", "torch", "tf"]
    assert asserts.stdout_text.startswith("NumPy、PyTorch、TensorFlow")


# --- the tool -----------------------------------------------------------------


def three(value, rounded, exact):
    return ({"a": np.float32([v])} for v in (value, rounded)), {"a": np.array([exact])}


@pytest.mark.parametrize(("times", "equal"), [(9, True), (11, False)])
def test_the_tool_draws_its_line_at_ten_times_the_rounding(tool, times, equal):
    unit = 2.0**-15
    (ours, theirs), exact = three(1 + unit + times * unit, 1 + unit, 1.0)
    assert (tool.first_difference(ours, theirs, exact) is None) == equal


@pytest.mark.parametrize(("times", "equal"), [(9, True), (11, False)])
def test_where_nothing_was_rounded_the_unit_of_the_type_takes_its_place(
    tool, times, equal
):
    (ours, theirs), exact = three(4 + times * 2.0**-21, 4.0, 4.0)
    assert (tool.first_difference(ours, theirs, exact) is None) == equal


def test_the_tool_measures_by_size_whatever_the_sign_and_takes_the_largest(tool):
    unit = 2.0**-15
    theirs = {"a": np.float32([1, -4 - unit])}
    exact = {"a": np.array([1.0, -4.0])}
    for times, equal in ((9, True), (-9, True), (11, False), (-11, False)):
        ours = {"a": np.float32([1, -4 - unit - times * unit])}
        assert (tool.first_difference(ours, theirs, exact) is None) == equal
    theirs = {"a": np.float32([0.5, -4])}
    exact = {"a": np.array([0.5, -4.0])}  # nothing rounded: the floor is of the -4
    for times, equal in ((9, True), (11, False)):
        ours = {"a": np.float32([0.5, -4 - times * 2.0**-21])}
        assert (tool.first_difference(ours, theirs, exact) is None) == equal


def test_the_tool_names_the_first_layer_and_what_is_wrong(tool):
    good = {"a": np.float32([1, 2]), "b": np.float32([3])}
    exact = {name: array.astype(float) for name, array in good.items()}
    find = tool.first_difference
    assert find(good, good, exact) is None
    assert find({}, {}, {}) == ("参照", "没有可比的中间量")
    empty = {"a": np.float32([])}
    assert find(empty, empty, empty) == ("a", "没有元素")
    wide = {"a": np.float32([np.inf, 1])}
    beyond = {"a": np.array([1e39, 1.0])}
    assert find({"a": np.float32([5, 99])}, wide, beyond) == ("a", "有 NaN 或无穷")
    assert find(wide, wide, beyond) == ("a", "有 NaN 或无穷")
    low = {"a": np.float32([1]), "b": np.float32([3])}
    assert find(low, low, exact) == ("a", "形状 (1,)，应是 (1,)")
    assert find({"b": good["b"]}, good, exact) == ("a", "没有这个中间量")
    tall = good | {"a": good["a"][:, None]}
    assert find(tall, good, exact) == ("a", "形状 (2, 1)，应是 (2,)")
    for broken in (np.nan, np.inf):
        spoilt = {"b": np.float32([broken])}
        for three in ((spoilt, {}, {}), ({}, spoilt, {}), ({}, {}, spoilt)):
            asked = [d | s for d, s in zip((good, good, exact), three, strict=True)]
            assert find(*asked) == ("b", "有 NaN 或无穷")
    later = good | {"a": np.float32([1, 2.5]), "b": np.float32([9])}
    assert find(later, good, exact) == ("a", "差 0.5，超过舍入的 10 倍")


def test_the_planted_faults_are_found_where_they_are_by_torch(tool):
    rng = np.random.default_rng(0)
    w, x = (
        torch.tensor(rng.standard_normal(shape, dtype=np.float32)).double()
        for shape in ((2, 6, 6), (4, 6))
    )
    first = (x @ w[0].mT - x @ w[0]).abs().max().item()
    hidden = (x @ w[0]).relu()
    last = (hidden[:, :1] @ w[1][:1]).abs().max().item()
    assert tool.printed_by["self-test"].splitlines() == [
        "只是换了次序： 相等",
        f"多转置一次： 全连接，差 {first:.2g}，超过舍入的 10 倍",
        "出现 NaN： 激活，有 NaN 或无穷",
        "少一个轴： 激活，形状 (6,)，应是 (4, 6)",
        f"末层少一项： 输出，差 {last:.2g}，超过舍入的 10 倍",
    ]


def test_another_order_is_another_sum_in_the_last_bits(tool):
    a, b = tool.net(tool.X)["输出"], tool.net(tool.X, "只是换了次序")["输出"]
    assert a.shape == b.shape and 0 < np.abs(a - b).max() < 1e-5


def test_the_yardstick_of_the_small_net_is_its_own_weights_in_double(tool):
    first = tool.W[0].astype(float)
    np.testing.assert_array_equal(tool.exact["全连接"], tool.X.astype(float) @ first)
    assert tool.theirs["全连接"].dtype == tool.W.dtype == np.float32
    product = tool.theirs["激活"] @ tool.W[1]  # the reference multiplies matrices
    np.testing.assert_array_equal(tool.theirs["输出"], product)


# --- the block that is moved --------------------------------------------------


def block(model, words, epsilon=1e-5, transpose=True, approximate=False, scale=4.0):
    """{name: array}: the block in NumPy, float64, from the weights of torch's model."""
    p = {n: v.detach().double().numpy() for n, v in model.named_parameters()}

    def norm(x, name):
        centred = x - x.mean(-1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)
        return centred / deviation * p[f"{name}.weight"] + p[f"{name}.bias"]

    def linear(x, name):
        w = p[f"{name}.weight"]
        square = w.shape[0] == w.shape[1]
        return x @ (w if square and not transpose else w.T) + p[f"{name}.bias"]

    def gelu(x):
        if approximate:
            inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
            return x * (1 + np.tanh(inner)) / 2
        return x * (1 + erf(x / math.sqrt(2))) / 2

    seen = {"embed": p["embed.weight"][words]}
    x = seen["embed"] * 0.1
    z = seen["norm1"] = norm(x, "norm1")
    q, k, v = (seen.setdefault(n, linear(z, n)) for n in "qkv")
    scores = np.exp(q @ k.swapaxes(1, 2) / scale)
    mixed = scores / scores.sum(-1, keepdims=True) @ v
    seen["o"] = linear(mixed, "o")
    x = x + seen["o"]
    seen["norm2"] = norm(x, "norm2")
    seen["up"] = linear(seen["norm2"], "up")
    seen["down"] = linear(gelu(seen["up"]), "down")
    seen["head"] = linear(x + seen["down"], "head")
    return seen


@pytest.fixture
def reference(moved):
    return moved.reference(0)


def first_apart(ours, theirs, exact):
    """The first layer whose gap passes ten times the measured rounding."""
    for name in LAYERS[1:]:
        rounding = np.abs(theirs[name] - exact[name]).max()
        if np.abs(ours[name] - theirs[name]).max() > 10 * rounding:
            return name
    return None


def test_the_exact_layers_of_the_original_are_those_of_numpy(reference):
    original, words, theirs, exact = reference
    assert list(exact) == list(theirs) == LAYERS
    for name, array in block(original, words).items():
        np.testing.assert_allclose(exact[name], array, rtol=0, atol=1e-12)
        np.testing.assert_allclose(theirs[name], array, rtol=0, atol=5e-6)


def test_the_order_of_the_layers_is_printed(moved):
    assert line_of(moved.printed_by["record"], "次序： ") == "、".join(LAYERS)


@pytest.mark.parametrize("row", range(4))
def test_each_try_fails_where_numpys_block_with_the_same_fault_does(
    moved, reference, row
):
    original, words, theirs, exact = reference
    change, settings = list(moved.tries.items())[row]
    ours = block(original, words, **settings)
    where = first_apart(ours, theirs, exact)
    said = line_of(moved.printed_by["compare"], f"{change}：")
    place, rest = said.split("；输出差 ")
    assert place == (f"{where} 起不等" if where else "全部相等")
    gap = np.abs(ours["head"] - theirs["head"]).max()
    same = np.mean(ours["head"].argmax(-1) == theirs["head"].argmax(-1))
    shown = "不到 1e-6" if gap < 1e-6 else f"{gap:.1g}"
    assert rest == f"{shown}，选出的词 {same:.0%} 相同"


def test_the_tries_undo_one_fault_at_a_time(moved):
    keep = {"epsilon": 1e-5, "transpose": True, "approximate": False}
    left = [
        [n for n, v in settings.items() if v != keep[n]]
        for settings in moved.tries.values()
    ]
    faults = ["epsilon", "transpose", "approximate"]
    assert left == [faults, faults[1:], faults[2:], []]
    first = next(iter(moved.tries.values()))
    assert first["epsilon"] == moved.keras.layers.LayerNormalization().epsilon


def test_the_keras_block_is_numpys_with_every_fault(moved, reference):
    original, words, _, _ = reference
    for settings in moved.tries.values():
        found = moved.port(original, **settings)(words)
        for name, array in block(original, words, **settings).items():
            np.testing.assert_allclose(found[name], array, rtol=0, atol=1e-5)


def test_the_faults_are_the_defaults_of_keras(moved):
    keras = moved.keras
    assert keras.layers.LayerNormalization().epsilon == 1e-3
    assert torch.nn.LayerNorm(2).eps == 1e-5
    x = np.linspace(-3, 3, 61)
    exact = x * (1 + erf(x / math.sqrt(2))) / 2
    by_op = np.asarray(keras.ops.gelu(x))
    by_layer = np.asarray(keras.activations.get("gelu")(x))
    assert np.abs(by_op - exact).max() > 1e-4
    assert np.abs(by_layer - exact).max() < 1e-6


def test_torch_convolves_but_does_not_multiply_in_tf32_by_default():
    assert not torch.backends.cuda.matmul.allow_tf32
    assert torch.backends.cudnn.allow_tf32
    source = (ROOT / "snippets/frameworks/parity_port_tf.py").read_text("utf-8")
    assert "enable_tensor_float_32_execution(False)" in source


def test_the_line_has_room_on_both_sides(moved):
    assert len(moved.right) == len(moved.wrong) == 20
    assert max(moved.right) < 5 < 10 < 50 < min(moved.wrong)
    head, *said = moved.printed_by["margin"].splitlines()
    assert head.startswith("20 组权重")
    assert said == [
        "搬对了，都不到舍入的 5 倍： True",
        "只有 GELU 用了近似，都超过舍入的 50 倍： True",
        "用了近似，选出的词仍全部相同的：19 组",
    ]


def test_numpys_block_counts_the_seeds_whose_words_the_other_gelu_leaves_alone(moved):
    alike, gaps = 0, []
    for seed in range(20):
        original, words, _, exact = moved.reference(seed)
        off = block(original, words, approximate=True)["head"]
        alike += np.array_equal(off.argmax(-1), exact["head"].argmax(-1))
        gaps.append(np.abs(off - exact["head"]).max())
    (printed,) = after(moved.printed_by["margin"], "用了近似，选出的词仍全部相同的：")
    assert alike == printed
    assert f"选出的词在 {alike} 组里全部相同" in page()
    assert f"20 组权重里有 {alike} 组选出的词全部相同" in page()
    low, high = (f"{gap:.5f}" for gap in (min(gaps), max(gaps)))
    assert f"输出的差在 {low} 到 {high} 之间" in page()
    assert f"放过其中的 {sum(gap < 1e-4 for gap in gaps)} 组" in page()


def test_the_times_that_the_page_names_are_near_those_of_this_machine(moved):
    right, wrong = numbers(re.search("搬对的最多 .*? 倍，错的最少 .*? 倍", page())[0])
    assert right == pytest.approx(max(moved.right), rel=0.5)
    assert wrong == pytest.approx(min(moved.wrong), rel=0.5)


def test_a_layer_is_recorded_as_it_was_before_a_later_one_works_in_place(moved):
    layers = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.ReLU(inplace=True))
    seen = moved.record(layers, torch.ones(4, 3))
    assert seen["0"].min() < 0 <= seen["1"].min()


def test_what_is_recorded_of_the_reference_leaves_the_reference_alone(moved):
    original, words, theirs, exact = moved.reference(3)
    assert {p.dtype for p in original.parameters()} == {torch.float32}
    assert {a.dtype for a in theirs.values()} == {np.dtype("float32")}
    assert {a.dtype for a in exact.values()} == {np.dtype("float64")}
    assert not any(m._forward_hooks for m in original.modules())
    assert not original.training


@pytest.mark.parametrize("seed", [0, 7, 19])
def test_the_margin_is_that_of_numpys_block(moved, seed):
    original, words, theirs, exact = moved.reference(seed)
    ours = block(original, words, approximate=True)
    worst = max(
        np.abs(ours[n] - theirs[n]).max() / np.abs(theirs[n] - exact[n]).max()
        for n in LAYERS[1:]
    )
    assert moved.wrong[seed] == pytest.approx(worst, rel=0.05)


def test_a_wrong_scale_first_shows_in_the_output_projection(reference):
    original, words, theirs, exact = reference
    ours = block(original, words, scale=16.0)
    assert first_apart(ours, theirs, exact) == "o"


def test_the_drawn_tries_are_those_that_numpy_finds(moved, reference):
    original, words, theirs, exact = reference
    path = ROOT / "docs/assets/figures/parity-tries.svg"
    text = path.read_text(encoding="utf-8")
    dots = re.findall(
        r'<circle cx="(\d+)" cy="(\d+)" r="6" fill="var\(--hb-(\w+)\)', text
    )
    rows = {}
    for _, y, fill in dots:
        rows.setdefault(int(y), []).append(fill == "zhu")
    drawn = [rows[y] for y in sorted(rows)]
    for bad, settings in zip(drawn, moved.tries.values(), strict=True):
        ours = block(original, words, **settings)
        first = first_apart(ours, theirs, exact)
        start = LAYERS[1:].index(first) if first else 9
        assert bad == [i >= start for i in range(9)]
    for name in [*moved.tries, *LAYERS[1:]]:
        assert f">{name}</text>" in text


# --- practice -----------------------------------------------------------------

PRACTICE = ROOT / "snippets/frameworks/parity_practice_numpy.py"
SOLUTION = """
def verdicts(ours, theirs, exact, factor):
    said = {}
    for name, b in theirs.items():
        if name not in ours:
            said[name] = "缺"
            continue
        a, c = ours[name], exact[name]
        if a.shape != b.shape or b.shape != c.shape:
            said[name] = "形状"
            continue
        if b.size == 0:
            said[name] = "空"
            continue
        if not np.isfinite([a, b, c]).all():
            said[name] = "不等"
            continue
        eps = np.finfo(b.dtype).eps
        a, b, c = (array.astype(float) for array in (a, b, c))
        rounding = max(np.abs(b - c).max(), eps * np.abs(c).max())
        equal = np.abs(a - b).max() <= factor * rounding
        said[name] = "相等" if equal else "不等"
    return said
"""
WRONG = [
    ("np.isfinite([a, b, c]).all()", "(~np.isnan([a, b, c])).all()"),
    ("np.isfinite([a, b, c]).all()", "np.isfinite(a).all()"),
    ("np.isfinite([a, b, c]).all()", "np.isfinite(b).all()"),
    ("np.isfinite([a, b, c]).all()", "np.isfinite(c).all()"),
    ("np.abs(a - b).max() <= factor * rounding", "np.allclose(a, b)"),
    ("np.abs(a - b).max()", "(a - b).max()"),
    ("factor * rounding", "10 * rounding"),
    ("    for name, b in theirs.items():", "    for name, b in theirs.items() & ours:"),
    ("np.abs(b - c).max(), eps", "np.abs(b - c).mean(), eps"),
    ("eps * np.abs(c).max()", "eps * np.abs(c).min()"),
    ("eps * np.abs(c).max()", "eps * np.abs(c).mean()"),
    ("eps * np.abs(c).max()", "eps * c.max()"),
    ("eps * np.abs(c).max()", "eps / 2 * np.abs(c).max()"),
    ("eps * np.abs(c).max()", "2 * eps * np.abs(c).max()"),
    ("max(np.abs(b - c).max(), eps * np.abs(c).max())", "np.abs(b - c).max() + eps"),
    ("if a.shape != b.shape or b.shape != c.shape:", "if a.shape != b.shape:"),
    ("if a.shape != b.shape or b.shape != c.shape:", "if a.size != b.size:"),
    ("<= factor", "< factor"),
    ("np.abs(b - c).max(), eps", "np.abs(a - c).max(), eps"),
    ("max(np.abs(b - c).max(), eps * np.abs(c).max())", "np.abs(b - c).max()"),
    ("eps * np.abs(c).max()", "eps"),
    ("np.finfo(b.dtype).eps", "np.finfo(float).eps"),
    ("np.finfo(b.dtype).eps", "np.finfo(np.float32).eps"),
    ("if a.shape != b.shape or b.shape != c.shape:", "if False:"),
    ("if b.size == 0:", "if False:"),
    ('said[name] = "空"', 'said[name] = "相等"'),
    ('said[name] = "缺"', "pass"),
    ("np.abs(a - b).max() <=", "np.abs(a - b).mean() <="),
    ("np.abs(a - b).max() <=", "np.abs(a - c).max() <="),
    ("for name, b in theirs.items():", "for name, b in sorted(theirs.items())[:1]:"),
]


def by_fractions(ours, theirs, exact, factor):
    """The verdicts from exact fractions; what is no finite number is not equal."""
    said = {}
    for name, b in theirs.items():
        if name not in ours:
            said[name] = "缺"
        elif not ours[name].shape == b.shape == exact[name].shape:
            said[name] = "形状"
        elif not b.ravel().tolist():
            said[name] = "空"
        else:
            rows = [v[name].ravel().tolist() for v in (ours, theirs, exact)]
            if not all(map(math.isfinite, sum(rows, []))):
                said[name] = "不等"
                continue
            a, b_, c = ([Fraction(v) for v in row] for row in rows)
            digits = {np.dtype("float32"): 23, np.dtype("float64"): 52}[b.dtype]
            floor = max(map(abs, c)) / 2**digits
            rounding = max(max(abs(y - z) for y, z in zip(b_, c, strict=True)), floor)
            gap = max(abs(x - y) for x, y in zip(a, b_, strict=True))
            said[name] = "相等" if gap <= factor * rounding else "不等"
    return said


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_exact_fractions_give(case):
    _, given, expected, _ = case
    assert by_fractions(**given) == expected


@pytest.mark.filterwarnings("error")
def test_the_verdicts_of_the_page_pass_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_no_wrong_verdicts_pass_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, WRONG[0]) in page()
