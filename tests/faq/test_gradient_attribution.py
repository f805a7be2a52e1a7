"""The page of gradients as explanations: saturation, paths, baselines, digits.

References that the programs never call: captum, SciPy's quadrature, fractions and
enumeration; PyTorch's version against Keras's.
"""

import re
from fractions import Fraction

import numpy as np
import pytest
import torch
from captum.attr import InputXGradient, IntegratedGradients, Saliency
from matplotlib.colors import to_rgb
from scipy.integrate import quad
from scipy.stats import pearsonr

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers


@pytest.fixture
def path_torch(run_snippet):
    return run_snippet("faq/gradient_attribution_path_torch")


@pytest.fixture
def path_tf(run_snippet):
    return run_snippet("faq/gradient_attribution_path_tf")


@pytest.fixture
def digits(run_snippet):
    return run_snippet("faq/gradient_attribution_digits_torch")


@pytest.fixture
def digits_tf(run_snippet):
    return run_snippet("faq/gradient_attribution_digits_tf")


@pytest.fixture(params=["torch", "tf"])
def path(request):
    return request.getfixturevalue(f"path_{request.param}")


# --- one path: faq/gradient_attribution_path_{torch,tf} -----------------------------


def saturated(z):
    return 1 - torch.relu(1 - z[:, 0])  # as the paper writes it


def gate(z):
    return torch.relu(z.sum(dim=1) - 1)


def page():
    path = ROOT / "docs/faq/gradient-attribution.md"
    return path.read_text(encoding="utf-8")


NUMBER = r"([-+−]?\d+(?:\.\d+)?)"


def said(words):
    """The numbers that stand for # in the one place of the page with these words."""
    pattern = re.escape(words).replace(r"\#", NUMBER)
    (match,) = re.finditer(pattern, page())
    return [float(x.replace("−", "-")) for x in match.groups()]


def figure(name):
    path = ROOT / f"docs/assets/figures/gradient-attribution-{name}.svg"
    return path.read_text(encoding="utf-8")


def words(name):
    return re.findall(r"<text[^>]*>([^<]*)</text>", figure(name))


def cubes(z):
    return z[:, 0] ** 3 + z[:, 0] * z[:, 1] ** 2  # of tensors of either framework


def row(*values):
    return torch.tensor([values], dtype=torch.float64, requires_grad=True)


def by_captum(f, x, baseline, steps, method="riemann_middle"):
    way = IntegratedGradients(f)
    return way.attribute(x, baseline, n_steps=steps, method=method)[0].tolist()


def test_the_hand_written_path_of_torch_is_captum_s(path_torch):
    x, start = row(1.0, 3.0), row(2.0, -1.0)
    given = path_torch.integrated(cubes, x[0].detach(), start[0].detach(), 7)
    assert given.tolist() == pytest.approx(by_captum(cubes, x, start, 7), abs=1e-4)


def test_the_hand_written_path_of_tensorflow_is_captum_s(path_tf):
    x, start = row(1.0, 3.0), row(2.0, -1.0)
    arrays = (one[0].detach().numpy() for one in (x, start))
    given = path_tf.integrated(cubes, *arrays, 7)
    expected = by_captum(cubes, x, start, 7)
    assert given.numpy().tolist() == pytest.approx(expected, abs=1e-4)


def test_both_versions_print_the_same(path_torch, path_tf):
    assert path_torch.printed_by == path_tf.printed_by


def test_the_gradient_is_nothing_where_the_function_is_flat(path):
    printed = path.printed_by["saturated"]
    x, output, slope = numbers(line_of(printed, "x"))
    assert x == 2 and output == saturated(row(2.0)).item()
    assert slope == Saliency(saturated).attribute(row(2.0), abs=False).item() == 0


@pytest.mark.parametrize("start", [-1, 0, 1])
def test_the_path_s_total_is_the_rise_of_the_function(path, start):
    (printed,) = after(path.printed_by["saturated"], f"从 {start} 出发，积分梯度")
    assert printed == pytest.approx(
        by_captum(saturated, row(2.0), row(float(start)), 300)[0], abs=1e-6
    )
    assert printed == min(2, 1) - min(start, 1)


def test_two_inputs_are_given_what_captum_and_quadrature_give(path):
    block = path.printed_by["two"].splitlines()
    for at, (a, b) in ((0, (1.0, 1.0)), (3, (2.0, 0.5))):
        x = row(a, b)
        *given, output = numbers(block[at])
        assert given == [a, b] and output == gate(x).item()
        times = InputXGradient(gate).attribute(x)[0].tolist()
        assert after(block[at + 1], "  梯度乘输入：") == [*times, sum(times)]
        active = quad(lambda t, s=a + b: float(t * s > 1), 0, 1, points=[1 / (a + b)])
        paths = [a * active[0], b * active[0]]
        shown = after(block[at + 2], "  积分梯度：")
        assert shown == pytest.approx([*paths, output], abs=1e-6)
        assert paths == pytest.approx(by_captum(gate, x, row(0.0, 0.0), 300), abs=1e-6)


def test_shapley_s_shares_of_the_gate_are_others_and_as_complete():
    def value(team):
        return max(0.0, sum((2.0, 0.5)[j] for j in team) - 1)

    first = (value([0]) - value([]) + value([0, 1]) - value([1])) / 2
    second = (value([1]) - value([]) + value([0, 1]) - value([0])) / 2
    assert (first, second) == (1.25, 0.25)
    assert said("后到多 1.5，平均 #；") == [first]
    assert said("后到多 0.5，平均 #。") == [second]
    assert said("平均 0.25。积分梯度是 # 与 #。") == [1.2, 0.3]
    assert first + second == gate(row(2.0, 0.5)).item() == 1.5


@pytest.mark.parametrize("steps", [3, 10, 50, 300, 1000])
def test_the_error_is_that_of_counting_midpoints(path, steps):
    given, gap = after(path.printed_by["steps"], f"{steps} 步：")
    middles = [Fraction(2 * k + 1, 2 * steps) for k in range(steps)]
    counted = 3 * Fraction(sum(m < Fraction(1, 3) for m in middles), steps)
    assert given == float(counted) and gap == pytest.approx(float(counted - 1))
    assert f"差 {float(counted - 1):+.3f}" in line_of(path.stdout_text, f"{steps} 步：")
    theirs = by_captum(saturated, row(3.0), row(0.0), steps)[0]
    assert given == pytest.approx(theirs, abs=1e-5)


def test_the_page_repeats_the_errors_that_are_printed(path_torch):
    printed = path_torch.printed_by["steps"]
    gaps = [after(printed, f"{n} 步：")[1] for n in (3, 10, 50)]
    assert gaps[0] == 0 and "3 步恰好准，" in page()
    assert said("步恰好准，10 步反而差 #，50 步差 #。") == [abs(x) for x in gaps[1:]]
    assert said("从 −1 出发是 #，从 0 出发是 #，从 1 出发是 #。") == [
        after(path_torch.printed_by["saturated"], f"从 {x} 出发，积分梯度")[0]
        for x in (-1, 0, 1)
    ]


def test_the_left_ends_overshoot_as_the_exercise_says(path_torch):
    given = []
    for steps in (3, 10, 50, 300, 1000):
        left = 3 * torch.arange(steps) / steps
        slopes = path_torch.gradient(path_torch.flat, left[:, None])
        given.append(f"{3 * slopes.mean().item():.3f}")
    assert "、".join(given) == "2.000、1.200、1.020、1.010、1.002"
    assert "、".join(given) in page()


def test_more_steps_may_be_farther_with_captum_s_default_rule_too():
    gaps = [
        abs(by_captum(saturated, row(3.0), row(0.0), n, "gausslegendre")[0] - 1)
        for n in range(2, 60)
    ]
    assert any(more > less for less, more in zip(gaps, gaps[1:], strict=False))


def test_captum_s_default_is_off_by_as_much_as_the_page_says():
    found = IntegratedGradients(saturated).attribute(row(3.0), row(0.0))
    assert said("这个例子的 # 步差 #。") == [50, round(abs(found.item() - 1), 2)]


def test_the_product_of_the_exercise_is_shared_equally():
    def product(z):
        return z.prod(dim=1)

    times = InputXGradient(product).attribute(row(2.0, 3.0))[0].tolist()
    assert times == [6, 6] and "乘输入各得 6，合计 12，而输出是 6" in page()
    shares = by_captum(product, row(2.0, 3.0), row(0.0, 0.0), 50)
    assert shares == pytest.approx([3, 3])
    assert "得 3；另一个也是 3，合计 6。" in page()


def test_the_figures_of_the_end_say_what_the_slopes_are_there():
    slope = Saliency(saturated).attribute(row(2.0)).item()
    assert f"终点：梯度 {slope:g}" in words("saturated")
    for part, (start, end) in {"前": (0, 1), "后": (1, 2)}.items():
        rise = saturated(row(float(end))) - saturated(row(float(start)))
        assert f"{part}一半：平均 {rise.item():g}" in words("saturated")
    total = InputXGradient(gate).attribute(row(1.0, 1.0)).sum().item()
    assert f"1 × 1 + 1 × 1 = {total:g}" in words("two-1")
    assert f"输出是 {gate(row(1.0, 1.0)).item():g}，对不上" in words("two-1")


def test_a_drop_of_two_in_log_leaves_a_seventh():
    assert said("$e^{-2}\\approx#$") == [round(np.exp(-2), 2)]
    assert round(1 / np.exp(-2)) == 7 and "只剩约七分之一" in page()


@pytest.mark.parametrize(("steps", "top"), [(3, 40), (10, 120)])
def test_the_figure_of_the_steps_fills_the_parts_whose_middle_has_a_slope(steps, top):
    drawn = figure("steps")
    rects = re.findall(
        rf'<rect x="([\d.]+)" y="{top}" width="([\d.]+)".*fill="([^"]+)"', drawn
    )
    lefts, wides = np.array([r[:2] for r in rects], float).T
    dots = re.findall(rf'<circle cx="([\d.]+)" cy="{top + 13}"', drawn)
    dots = np.array(dots, float)
    start, end = lefts[0], lefts[-1] + wides[-1]
    along = (dots - start) / (end - start)
    assert along == pytest.approx((np.arange(steps) + 0.5) / steps, abs=1e-3)
    assert lefts == pytest.approx(start + np.arange(steps) * wides[0], abs=0.01)
    assert [r[2] != "none" for r in rects] == [m < 1 / 3 for m in along]
    (kink,) = re.findall(r'<path d="M([\d.]+) 16L', drawn)
    assert (float(kink) - start) / (end - start) == pytest.approx(1 / 3, abs=1e-3)


@pytest.mark.parametrize(("step", "x"), [(2, (1, 1)), (3, (2, 0.5))])
def test_the_film_of_two_inputs_shows_where_the_path_passes_the_gate(step, x):
    part = 100 / sum(x)
    output = gate(row(*map(float, x))).item()
    share = f"{1 - part / 100:g}"
    shown = words(f"two-{step}")
    assert f"前 {part:.0f}%：梯度 0" in shown
    assert f"后 {100 - part:.0f}%：梯度 1" in shown
    assert f"{x[0]} × {share} + {x[1]} × {share} = {output:g}" in shown
    assert f"输出是 {output:g}，对上了" in shown
    lines = re.findall(
        r'd="M(.*)" fill="none" .*stroke-width="3"', figure(f"two-{step}")
    )
    (x0, y0), (x1, y1), turn, (x2, y2) = (
        numbers(p.replace(" ", ",")) for line in lines for p in line.split("L")
    )
    assert turn == [x1, y1]
    assert (x1 - x0) / (x2 - x0) == pytest.approx(part / 100, abs=1e-3)
    assert (y1 - y0) / (y2 - y0) == pytest.approx(part / 100, abs=1e-3)


# --- digits: faq/gradient_attribution_digits_{torch,tf} -----------------------------


def test_both_frameworks_print_the_same_of_the_digits(digits, digits_tf):
    both = (digits.printed_by, digits_tf.printed_by)
    for section in ("network", "digits", "random"):
        ours, theirs = (printed[section] for printed in both)
        assert ours == theirs


def test_both_frameworks_train_to_the_same_weights(digits, digits_tf):
    ours = [p.detach().numpy() for p in digits.net.parameters()]
    theirs = digits_tf.net.get_weights()
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b.T, atol=1e-6)


def numpy_logits(net, x):
    w1, b1, w2, b2 = (p.detach().numpy() for p in net.parameters())
    return np.maximum(x @ w1.T + b1, 0) @ w2.T + b2


def test_the_network_is_right_as_often_as_printed(digits):
    count, percent = after(digits.printed_by["network"], "测试集")
    x, y = digits.images[1200:].numpy(), digits.labels[1200:].numpy()
    right = (numpy_logits(digits.net, x).argmax(axis=1) == y).mean()
    assert count == len(y) == 597
    assert percent == pytest.approx(100 * right, abs=0.5)


def of_captum(digits, net, start):
    """captum's maps for the first hundred test images, each for the net's own class."""
    x = digits.images[1200:1300]
    classes = torch.tensor(numpy_logits(digits.net, x.numpy()).argmax(axis=1))
    maps = IntegratedGradients(net).attribute(
        x, start[None], target=classes, n_steps=300, method="riemann_middle"
    )
    return maps.detach().numpy(), x.numpy(), classes.numpy()


STARTS = ["全黑", "平均图", "全白"]


def start_of(digits, name):
    black, mean = torch.zeros(64), digits.images[:1200].mean(dim=0)
    return {"全黑": black, "平均图": mean, "全白": torch.ones(64)}[name].double()


@pytest.mark.parametrize("name", STARTS)
def test_the_share_on_black_pixels_is_that_of_captum_s_maps(digits, name):
    maps, x, _ = of_captum(digits, digits.net, start_of(digits, name))
    (share,) = after(digits.printed_by["digits"], f"从{name}出发：")
    exact = 100 * np.abs(maps)[x == 0].sum() / np.abs(maps).sum()
    assert share == pytest.approx(exact, abs=0.501)
    assert digits.paths[name].detach().numpy() == pytest.approx(maps, abs=1e-5)


@pytest.mark.parametrize("name", STARTS)
def test_keras_s_maps_are_captum_s_as_well(digits, digits_tf, name):
    maps, *_ = of_captum(digits, digits.net, start_of(digits, name))
    assert digits_tf.paths[name] == pytest.approx(maps, abs=1e-5)


@pytest.mark.parametrize("name", STARTS)
def test_each_map_adds_up_to_the_rise_of_the_logit(digits, name):
    start = start_of(digits, name)
    _, x, classes = of_captum(digits, digits.net, start)
    each = np.arange(100)
    rise = numpy_logits(digits.net, x) - numpy_logits(digits.net, start.numpy())
    rise = rise[each, classes]
    total = digits.paths[name].detach().numpy().sum(axis=1)
    assert (np.abs(total - rise) < 0.01 * np.abs(rise)).all()
    block = digits.printed_by["digits"].split(f"从{name}出发：")[1]
    assert block.splitlines()[1] == "  合计与输出之差不到百分之一： True"


def maps_of_untrained(digits, black):
    """captum's maps of three networks that were never trained."""
    found = []
    for seed in (2, 3, 4):
        rng = np.random.default_rng(seed)
        w1, w2 = rng.normal(0, 0.1, (64, 32)), rng.normal(0, 0.1, (32, 10))
        net = torch.nn.Sequential(
            torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)
        ).double()
        given = [w1.T, np.zeros(32), w2.T, np.zeros(10)]
        for p, value in zip(net.parameters(), given, strict=True):
            p.data = torch.tensor(value)
        found.append(of_captum(digits, net, black)[0])
    return found


def test_untrained_networks_give_maps_alike_in_size_alone(digits):
    black = start_of(digits, "全黑")
    trained, *_ = of_captum(digits, digits.net, black)
    untrained = maps_of_untrained(digits, black)
    a, b, c = untrained
    groups = {
        "训练过的与没有训练的": [(trained, other) for other in untrained],
        "两个都没有训练的": [(a, b), (a, c), (b, c)],
    }
    printed = digits.printed_by["random"]
    for label, group in groups.items():
        block = printed[printed.index(f"{label}，3 对：") :].splitlines()
        for line, kind, change in (
            (block[1], "  带符号的图", np.positive),
            (block[2], "  只看大小", np.abs),
        ):
            found = []
            for ours, theirs in group:
                pairs = zip(change(ours), change(theirs), strict=True)
                found.append(np.mean([pearsonr(p, q)[0] for p, q in pairs]))
            shown = after(line, f"{kind}，相关平均")
            exact = [np.mean(found), min(found), max(found)]
            assert shown == pytest.approx(exact, abs=0.00501)


def test_the_page_says_of_the_untrained_what_is_printed(digits):
    mixed, alone = digits.printed_by["random"].split("两个都没有训练的")
    signs, sizes = (
        after(mixed, f"  {x}，相关平均") for x in ("带符号的图", "只看大小")
    )
    assert said("几乎不相关，平均 #：") == signs[:1]
    assert said("正是这样画的，相关平均 #：") == sizes[:1]
    signs, sizes = (
        after(alone, f"  {x}，相关平均") for x in ("带符号的图", "只看大小")
    )
    assert said("也在 0 附近，由 # 到 #；") == signs[1:]
    assert said("只看大小，平均也是 #。") == sizes[:1]


def test_the_page_says_of_the_starts_what_is_printed(digits):
    shares = [after(digits.printed_by["digits"], f"从{x}出发：")[0] for x in STARTS]
    assert shares == [0, 35, 59]
    assert "从平均图出发，三成半落在黑像素上；从全白出发，近六成" in page()


def test_the_image_of_the_figure_shows_a_four(digits):
    assert digits.labels[1200 + 8] == 4 == digits.classes[8].item()
    assert list(digits.panels)[1:] == [
        "梯度",
        "从全黑",
        "从平均图",
        "从全白",
        "权重随机",
    ]
    np.testing.assert_array_equal(digits.panels["图"][8], digits.images[1208])
    slopes = Saliency(digits.net).attribute(
        digits.images[1208:1209].clone().requires_grad_(), target=4, abs=False
    )
    assert digits.panels["梯度"][8].numpy() == pytest.approx(slopes[0].numpy())


def test_the_paths_of_the_figure_are_those_of_their_labels(digits):
    for name in STARTS:
        maps, *_ = of_captum(digits, digits.net, start_of(digits, name))
        shown = digits.panels[f"从{name}"].detach().numpy()
        assert shown[8] == pytest.approx(maps[8], abs=1e-5)
    last = maps_of_untrained(digits, start_of(digits, "全黑"))[-1]
    assert digits.panels["权重随机"][8].numpy() == pytest.approx(last[8], abs=1e-5)


SIGNS = {to_rgb("k"): 1, to_rgb("C0"): 1, to_rgb("C1"): -1}


def test_each_square_of_the_figure_has_its_pixel_s_sign_and_depth(digits):
    panels = zip(digits.figure.axes, digits.panels.items(), strict=True)
    for axis, (name, maps) in panels:
        values = maps[8].detach().numpy()
        scaled = np.round(6 * values / np.abs(values).max()).reshape(8, 8)
        drawn = np.zeros((8, 8))
        for line in axis.get_lines():
            ends = line.get_xydata().reshape(-1, 3, 2)
            sign = SIGNS[to_rgb(line.get_color())]
            for (left, y), (right, _), _ in ends:
                assert right == left + 1
                drawn[int(y), int(left)] = sign * round(6 * line.get_alpha())
        np.testing.assert_array_equal(drawn, scaled, err_msg=name)


# --- practice: faq/gradient_attribution_practice_numpy ------------------------------

PRACTICE = ROOT / "snippets/faq/gradient_attribution_practice_numpy.py"
CASES = practice.values(PRACTICE)["CASES"]
FUNCTIONS = {
    "饱和": saturated,
    "两个输入": gate,
    "起点不是 0": lambda z: z.prod(dim=1),
    "只有三段": saturated,
    "整数，两段，只调用一次": lambda z: (z**3).sum(dim=1),
}
SOLUTION = """
def integrated_gradients(gradient, x, baseline, steps):
    t = (np.arange(steps) + 0.5) / steps
    path = baseline + t[:, None] * (x - baseline)
    return (x - baseline) * gradient(path).mean(axis=0)
"""
LAST = (
    "gradient(path).mean(axis=0)",
    "gradient(x[None].astype(float))[0]",
)  # the slope at x alone
UNSCALED = ("(x - baseline) * gradient", "gradient")
WRONG = [
    LAST,
    ("(x - baseline) * gradient", "x * gradient"),
    UNSCALED,
    ("(x - baseline) * gradient", "(baseline - x) * gradient"),
    (".mean(axis=0)", ".sum(axis=0)"),
    (".mean(axis=0)", ".mean()"),
    ("(np.arange(steps) + 0.5) / steps", "np.arange(steps) / steps"),
    ("(np.arange(steps) + 0.5) / steps", "(np.arange(steps) + 1) / steps"),
    ("(np.arange(steps) + 0.5) / steps", "np.linspace(0, 1, steps)"),
    ("(np.arange(steps) + 0.5) / steps", "np.linspace(0, 1, steps + 1)"),
    ("baseline + t[:, None]", "t[:, None]"),
    ("t[:, None] * (x - baseline)", "t[:, None] * x"),
    (
        "t[:, None] * (x - baseline)\n",
        "(t[:, None] * (x - baseline)).astype(x.dtype)\n",
    ),
    (
        "gradient(path).mean(axis=0)",
        "np.mean([gradient(p[None])[0] for p in path], axis=0)",
    ),
    ("    return", "    return None and"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0])
def test_the_practice_expects_what_captum_integrates(case):
    name, given, expected, _ = case
    x, baseline = (row(*given[key].tolist()) for key in ("x", "baseline"))
    found = by_captum(FUNCTIONS[name], x, baseline, given["steps"])
    assert found == pytest.approx(expected, abs=1e-6)


def test_the_page_s_integrated_gradients_pass_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_the_practice_as_shipped_passes_nothing():
    assert practice.verdict_on(PRACTICE, "").passed == 0


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, UNSCALED) in page()


def test_no_wrong_integral_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []
