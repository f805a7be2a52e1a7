"""The attribution page: Shapley values, SHAP's two backgrounds, LIME and its spread.

References that the programs never call: the shap and lime libraries, and enumeration of
all orders in fractions.
"""

import itertools
import re
import warnings
from fractions import Fraction
from math import factorial

import numpy as np
import pytest
from lime.lime_tabular import LimeTabularExplainer

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, named, numbers

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import shap

CORNERS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
EIGHT = CORNERS[[0, 0, 0, 1, 2, 3, 3, 3]]
SEEDS = range(20)


@pytest.fixture
def players(run_snippet):
    return run_snippet("faq/attribution_shapley_numpy")


@pytest.fixture
def trees(run_snippet):
    return run_snippet("faq/attribution_tree_numpy")


@pytest.fixture
def lines(run_snippet):
    return run_snippet("faq/attribution_lime_numpy")


def page():
    return (ROOT / "docs/faq/attribution.md").read_text(encoding="utf-8")


NUMBER = r"([-+−]?\d+(?:\.\d+)?)"


def said(words):
    """The numbers that stand for # in the one place of the page with these words."""
    pattern = re.escape(words).replace(r"\#", NUMBER)
    (match,) = re.finditer(pattern, page())
    return [float(x.replace("−", "-")) for x in match.groups()]


def figure(name):
    path = ROOT / f"docs/assets/figures/attribution-{name}.svg"
    return path.read_text(encoding="utf-8")


def words(name):
    return re.findall(r"<text[^>]*>([^<]*)</text>", figure(name))


def signed(value, digits):
    return f"{value:+.{digits}f}".replace("-", "−")


def over_all_orders(value, people):
    """The mean, over all orders, of what each adds when it comes."""
    worth = {
        frozenset(team): value(frozenset(team))
        for size in range(len(people) + 1)
        for team in itertools.combinations(people, size)
    }
    total = dict.fromkeys(people, 0)
    for order in itertools.permutations(people):
        for k, person in enumerate(order):
            before = frozenset(order[:k])
            total[person] += worth[before | {person}] - worth[before]
    return {p: total[p] / factorial(len(people)) for p in people}


def pairs(people):
    """What a team of gloves sells: the smaller of left and right, A's being left."""
    return Fraction(min("A" in people, len({"B", "C"} & set(people))))


# --- players: faq/attribution_shapley_numpy -----------------------------------------


def test_each_order_gives_the_one_who_completes_the_pair(players):
    orders = players.printed_by["orders"].splitlines()[:-1]
    assert [x.partition("：")[0] for x in orders] == [
        "".join(order) for order in itertools.permutations("ABC")
    ]
    for line in orders:
        order = line.partition("：")[0]
        got = named(line, f"{order}：")
        completes = order[2] if order[2] == "A" else order[max(1, order.index("A"))]
        assert got == {p: float(p == completes) for p in "ABC"}


def test_the_mean_over_six_orders_is_two_thirds_and_two_sixths(players):
    told = line_of(players.stdout_text, "六种次序平均：").split("，")
    exact = over_all_orders(pairs, "ABC")
    assert told == [f"{p} {exact[p]}" for p in "ABC"]


@pytest.mark.parametrize(("step", "order"), [(1, "ABC"), (2, "BAC"), (3, "BCA")])
def test_the_film_of_the_gloves_adds_what_each_order_adds(step, order):
    shown = words(f"glove-{step}")
    assert shown[0] == "次序：" + "、".join(order)
    assert [x for x in shown if x in tuple(order)] == list(order)
    worth = [pairs(order[:k]) for k in range(4)]
    added = [f"多 {worth[k + 1] - worth[k]}" for k in range(3)]
    assert [x for x in shown if x.startswith("多 ")] == added


def test_the_last_of_the_film_counts_the_six_orders():
    shown = words("glove-4")
    completes = {
        "".join(order): order[next(k for k in range(3) if pairs(order[: k + 1]))]
        for order in itertools.permutations("ABC")
    }
    assert dict(zip(shown[0:12:2], shown[1:12:2], strict=True)) == completes
    assert shown[13:] == ["A", "4/6 = 2/3", "B", "1/6", "C", "1/6"]


def test_a_fourth_player_with_nothing_changes_no_share(players):
    exact = over_all_orders(pairs, "ABCD")
    got = named(players.stdout_text, "四个人：")
    assert got == {p: pytest.approx(float(exact[p]), abs=5e-5) for p in "ABCD"}
    assert exact["D"] == 0 and exact["B"] == exact["C"] == Fraction(1, 6)
    shared, together = after(players.stdout_text, "加起来")
    assert shared == together == float(pairs("ABCD"))


@pytest.mark.parametrize("people", ["a", "ab", "abc", "abcde"])
def test_the_formula_is_the_mean_over_all_orders_for_any_game(players, people):
    rng = np.random.default_rng(len(people))
    teams = itertools.chain.from_iterable(
        itertools.combinations(people, k) for k in range(len(people) + 1)
    )
    game = {frozenset(team): rng.normal() for team in teams}
    exact = over_all_orders(game.get, people)
    assert players.shapley(game.get, people) == pytest.approx(exact, abs=1e-12)


def exact_shap(predict, background, x):
    masker = shap.maskers.Independent(background, max_samples=len(background))
    return shap.ExactExplainer(predict, masker)(np.atleast_2d(x))


def test_the_contributions_are_those_of_shap_s_exact_explainer(players):
    model, x = players.model, players.x
    found = exact_shap(model.predict, players.background, x)
    printed = players.printed_by["features"]
    base, prediction = numbers(line_of(printed, "基准 "))
    assert base == pytest.approx(found.base_values[0], abs=0.05)
    assert prediction == pytest.approx(model.predict([x])[0], abs=0.05)
    for name, given, value in zip(players.names, x, found.values[0], strict=True):
        shown, contribution = numbers(line_of(printed, f"{name} = "))
        assert shown == pytest.approx(given, abs=0.0501)
        assert contribution == pytest.approx(value, abs=0.0501)
    assert list(players.phi.values()) == pytest.approx(found.values[0], abs=1e-9)


def test_the_contributions_lead_from_the_base_to_the_prediction(players):
    printed = players.printed_by["features"]
    base, prediction = numbers(line_of(printed, "基准 "))
    (total,) = after(printed, "基准加五个贡献：")
    parts = [numbers(line_of(printed, f"{name} = "))[1] for name in players.names]
    assert total == prediction
    assert base + sum(parts) == pytest.approx(prediction, abs=0.3)


def test_the_explained_row_and_the_model_are_what_the_page_says(players):
    data = players.data
    assert players.names == ["age", "bmi", "bp", "s5", "s6"]
    frame = data.data[players.names].to_numpy()
    np.testing.assert_array_equal(players.x, frame[1])
    np.testing.assert_array_equal(players.background, frame[100:200])
    again = type(players.model)(random_state=0).fit(frame[100:], data.target[100:])
    assert again.predict(frame[1:2]) == pytest.approx(players.model.predict(frame[1:2]))


def test_the_weighted_regression_gives_the_same_as_shap_s_kernel_explainer(players):
    printed = players.printed_by["kernel"]
    assert after(printed, "回归用了") == [2**5 - 2]
    assert line_of(printed, "与逐个组合算出来的相同：") == " True"
    explainer = shap.KernelExplainer(players.model.predict, players.background)
    values = explainer.shap_values(players.x, l1_reg=False, silent=True)
    assert players.slopes == pytest.approx(values, abs=1e-6)
    assert players.slopes == pytest.approx(list(players.phi.values()), abs=1e-9)


def test_kernel_explainer_keeps_ten_features_unless_told_otherwise():
    weights = np.arange(1.0, 13)
    background = np.random.default_rng(0).normal(size=(20, 12))
    x = np.ones((1, 12))
    explainer = shap.KernelExplainer(lambda rows: rows @ weights, background)
    kept = explainer.shap_values(x, silent=True, nsamples=4096)
    every = explainer.shap_values(x, silent=True, nsamples=4096, l1_reg=False)
    exact = weights * (1 - background.mean(axis=0))
    assert (kept[0] == 0).sum() >= 2
    assert "默认先用一次带惩罚的回归挑出至多十个特征，其余一律记 0" in page()
    assert (every[0] != 0).all()
    assert every[0] == pytest.approx(exact, abs=1e-6)


def training(players):
    return players.data.data[players.names].to_numpy()[100:]


def test_the_lean_as_background_leave_bmi_nothing(players):
    frame = training(players)
    lean = frame[frame[:, 1] < 23]
    found = exact_shap(players.model.predict, lean, players.x)
    (base,) = found.base_values
    age, bmi, _, s5, s6 = found.values[0]
    assert said("bmi 低于 23 的 # 个人") == [len(lean)]
    for text, value in [
        ("由 −31.3 变成 #，基准由 162.3 变成", bmi),
        ("基准由 162.3 变成 #。", base),
        ("s6（#）、age", s6),
        ("age（#）、s5", age),
        ("s5（#）身上", s5),
    ]:
        assert said(text) == [pytest.approx(value, abs=0.0501)]


def test_the_exercises_for_the_hand_are_shares_over_all_orders():
    def game(team):
        return 10 * ({"甲", "乙"} <= team) + 4 * ("丙" in team)

    assert over_all_orders(game, "甲乙丙") == {"甲": 5, "乙": 5, "丙": 4}
    assert "丙是 4。其余 10 由甲、乙平分（两人可以互换），各 5。" in page()
    background = np.array([[0.0, 1], [2, 3]])  # the means are 1 and 2
    found = exact_shap(lambda z: z @ [2, 3], background, np.array([4.0, 1]))
    assert [found.base_values[0], *found.values[0]] == pytest.approx([8, 6, -3])
    assert "基准 $2+6=8$，$8+6-3=11=f(4,1)$" in page()


def changed(players, bmi):
    rows = np.tile(players.x, (np.size(bmi), 1))
    rows[:, 1] = bmi
    return players.model.predict(rows)


def test_changing_bmi_alone_does_to_the_prediction_what_the_page_says(players):
    given, higher, before, after_, rise, far, jump = said(
        "只把 bmi 由 # 改成 #，恰好高一个标准差，"
        "预测由 # 升到 #，只升 #；改成 #，却是 #。"
    )
    deviation = training(players)[:, 1].std()
    assert given == players.x[1]
    assert higher == round(given + deviation, 1)
    found = changed(players, [given, higher, far])
    assert [before, after_, jump] == pytest.approx(found, abs=0.0501)
    assert rise == round(found[1] - found[0])
    assert said("bmi 每高一个标准差（#），") == [round(deviation, 1)]


def test_the_slope_times_the_distance_is_near_the_share(players, lines):
    column = training(players)[:, 1]
    below = (players.x[1] - column.mean()) / column.std()
    (slope,) = after(lines.printed_by["seeds"].split("5000 个点")[1], "  bmi：")[:1]
    assert said("bmi 比均值低 # 个标准差") == [round(-below, 1)]
    assert said(r"个标准差，$#\times#\approx#$") == [
        round(below, 1),
        slope,
        round(below * slope),
    ]
    (share,) = numbers(line_of(players.printed_by["features"], "bmi = "))[1:]
    assert said("沙普利值说 bmi 贡献 #，LIME 说 bmi 的系数是 #。") == [share, slope]


def compared_with(players, background):
    """The contributions of bmi and s5 against these rows."""
    found = exact_shap(players.model.predict, background, players.x)
    return found.values[0][[1, 3]].tolist()


def test_the_backgrounds_of_the_page_give_the_patient_these_values(players):
    near = pytest.approx
    everyone = training(players)
    first = compared_with(players, everyone[:100])
    assert said("背景取第 100 到 199 行，bmi 是 #，s5 是 #；") == near(
        first, abs=0.0501
    )
    every = compared_with(players, everyone)
    assert said("取全部 342 行，是 # 与 #；") == near(every, abs=0.0501)
    trees = shap.TreeExplainer(players.model)
    path = trees.shap_values(players.x[None])[0][[1, 3]].tolist()
    assert said("TreeExplainer 走树，是 # 与 #，次序反了") == near(path, abs=0.0501)
    assert len(everyone) == 342 and every[0] < every[1] and path[0] > path[1]


def test_a_hundred_rows_at_random_move_the_values_as_the_page_says(players):
    found = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        drawn = rng.choice(342, 100, replace=False)
        found.append(compared_with(players, training(players)[drawn]))
    bmi, s5 = np.transpose(found)
    high, low, first = said("抽二十次，bmi 由 # 变到 #，有 # 次排第一的是 s5")
    assert [high, low] == pytest.approx([bmi.max(), bmi.min()], abs=0.0501)
    assert first == (s5 < bmi).sum()


def test_shap_s_explainer_keeps_a_hundred_rows_of_an_array(players):
    explainer = shap.Explainer(players.model.predict, training(players))
    found = explainer(players.x[None]).values[0][[1, 3]]
    assert len(explainer.masker.data) == 100
    shown = said("只随机留一百行作背景（shap #），对这个病人是 # 与 #；")[1:]
    assert shown == pytest.approx(found, abs=0.0501)


def test_the_figure_of_what_is_known_shows_three_rows_and_their_outputs(players):
    shown = [x for x in words("known") if re.fullmatch(r"[\d.]+", x)]
    rows = players.background[:3].copy()
    rows[:, 1] = players.x[1]
    for k, (row, output) in enumerate(
        zip(rows, players.model.predict(rows), strict=True)
    ):
        age, bmi, _, s5, _ = row
        assert shown[4 * k : 4 * k + 4] == [
            f"{age:.0f}",
            f"{bmi:.1f}",
            f"{s5:.2f}",
            f"{output:.1f}",
        ]
    assert len(shown) == 12


def test_the_figure_of_the_walk_shows_the_printed_contributions(players):
    printed = players.printed_by["features"]
    shown = words("waterfall")
    base, prediction = numbers(line_of(printed, "基准 "))
    total = sum(players.phi.values())
    for text in (f"基准 {base}", f"预测 {prediction}", signed(total, 1)):
        assert text in " ".join(shown)
    lowered = said("到 98.2：体重指数低，减 #；s5（血脂）低，减 #；其余")
    told = [numbers(line_of(printed, f"{x} = "))[1] for x in ("bmi", "s5")]
    assert lowered == [-x for x in told]
    assert said("从基准 # 走到 #：体重") == [base, prediction]
    at, bars = (
        base,
        re.findall(r'<rect x="([\d.]+)"[^>]* width="([\d.]+)"', figure("waterfall")),
    )
    (right,) = re.findall(r'<path d="M([\d.]+) 24L', figure("waterfall"))
    for name, (left, width) in zip(["bmi", "s5", "age", "bp", "s6"], bars, strict=True):
        value = numbers(line_of(printed, f"{name} = "))[1]
        assert shown[shown.index(name) + 1] == signed(value, 1)
        ends = sorted([at, at + value])
        drawn = [base + (float(p) - float(right)) / 3 for p in (left, width)]
        assert drawn[0] == pytest.approx(ends[0], abs=0.05)
        assert float(width) / 3 == pytest.approx(abs(value), abs=0.05)
        at += value


def test_the_figure_of_the_stairs_is_the_model_with_bmi_alone_changed(players):
    drawn = figure("stairs")
    ticks = re.findall(r'<text x="([\d.]+)" y="220"[^>]*>(\d+)<', drawn)
    places, bmis = np.array(ticks, float).T
    per, start = np.polyfit(bmis, places, 1)
    stairs, line = re.findall(
        r'd="(M\S+ [^"]*)" fill="none" stroke="var\(--hb-(?:qing|zhu)', drawn
    )
    corners = np.array(numbers(stairs.replace("M", " ").replace("L", " ")))
    xs, ys = corners.reshape(-1, 2).T
    bmi = np.arange(17.125, 35, 0.1)  # the edges are drawn a tenth late at most
    place = start + per * bmi
    bmi = bmi[xs.searchsorted(place) == xs.searchsorted(place + per / 10 + 0.01)]
    steps = xs.searchsorted(start + per * bmi)
    outputs = changed(players, bmi)
    scale, zero = np.polyfit(outputs, ys[steps], 1)
    assert len(bmi) > 120 and scale < 0
    assert ys[steps] == pytest.approx(zero + scale * outputs, abs=0.05)
    ((x, y),) = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn)
    assert float(x) == pytest.approx(start + per * players.x[1], abs=0.05)
    assert float(y) == pytest.approx(zero + scale * changed(players, 21.6)[0], abs=0.05)
    x0, y0, x1, y1 = numbers(line.replace("M", " ").replace("L", " "))
    slope = (y1 - y0) / (x1 - x0) * per / scale * training(players)[:, 1].std()
    assert slope == pytest.approx(said("斜率是 LIME 报的每个标准差 #。")[0], abs=0.15)
    assert float(y) == pytest.approx(
        y0 + (y1 - y0) / (x1 - x0) * (float(x) - x0), abs=0.1
    )


# --- trees: faq/attribution_tree_numpy ----------------------------------------------


def values_of(text, start):
    """The two Shapley values on the line that begins with ``start``."""
    zero, value_0, one, value_1 = numbers(line_of(text, start).replace("+", ""))
    assert (zero, one) == (0, 1)
    return value_0, value_1


def both(rows):
    return rows[:, 0] * rows[:, 1]


BACKGROUNDS = {
    "四个角各一行": CORNERS,
    "只有 (0, 0)": CORNERS[:1],
    "只有 (1, 1)": CORNERS[3:],
}


@pytest.mark.parametrize("label", BACKGROUNDS)
def test_the_values_under_each_background_are_those_of_shap(trees, label):
    printed = trees.printed_by["background"]
    block = printed[printed.index(f"背景{label}，") :].splitlines()
    background = BACKGROUNDS[label]
    (base,) = numbers(block[0].rpartition("基准")[2])
    assert base == both(background).mean()
    for line, x in zip(block[1:4], [(1, 1), (0, 0), (0, 1)], strict=True):
        found = exact_shap(both, background, np.array(x, float))
        got = values_of(line, f"  {x}：")
        assert got == pytest.approx(found.values[0], abs=1e-12)


def test_the_figure_of_the_twins_shows_the_printed_values(trees):
    shown = [x for x in words("twins") if re.search(r"\d\.\d", x)]
    expected = []
    for block in blocks_of_twins(trees).values():
        expected += [f"{v:.2f}" for v in values_of(block, "  不给背景：")]
        given = values_of(block, "  背景是这八行：")
        assert given[0] == given[1]
        expected.append(f"特征 0、1 各 {given[0]:.2f}")
    assert shown == expected
    widths = re.findall(r'width="([\d.]+)" height="18"', figure("twins"))
    drawn = [float(w) / 110 for w in widths]
    assert drawn == pytest.approx([0.4375, 0.1875, 0.1875, 0.4375])


def test_a_path_that_asks_one_feature_still_gives_both_a_value(trees):
    printed = trees.printed_by["unvisited"]
    *_, splits, asked = numbers(line_of(printed, "(0, 0) 经过"))
    tree = trees.plain.tree_
    assert (splits, asked) == (1, tree.feature[0])
    got = values_of(printed, "按路径的沙普利值：")
    found = shap.TreeExplainer(trees.plain).shap_values(np.zeros((1, 2)))
    assert got == pytest.approx(found[0], abs=1e-7) == (-0.125, -0.125)
    np.testing.assert_array_equal(trees.plain.predict(CORNERS), both(CORNERS))


def blocks_of_twins(trees):
    first, second = trees.printed_by["twins"].split("先问特征 ")[1:]
    return {0: first, 1: second}


@pytest.mark.parametrize("first", [0, 1])
def test_the_twins_have_the_values_that_shap_gives_in_both_settings(trees, first):
    tree = trees.trees[first]
    assert tree.tree_.feature[0] == first
    block = blocks_of_twins(trees)[first]
    assert block.startswith(f"{first} 的树，四个角的预测 [0. 0. 0. 1.]")
    without = shap.TreeExplainer(tree).shap_values(np.ones((1, 2)))
    given = shap.TreeExplainer(
        tree, data=EIGHT, feature_perturbation="interventional"
    ).shap_values(np.ones((1, 2)))
    assert values_of(block, "  不给背景：") == pytest.approx(without[0], abs=1e-7)
    assert values_of(block, "  背景是这八行：") == pytest.approx(given[0], abs=1e-7)


def test_the_twins_predict_alike_and_their_paths_disagree(trees):
    zero, one = blocks_of_twins(trees).values()
    assert values_of(zero, "  不给背景：") == values_of(one, "  不给背景：")[::-1]
    assert values_of(zero, "  背景是这八行：") == values_of(one, "  背景是这八行：")
    a, b = (trees.trees[k].predict(CORNERS) for k in (0, 1))
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(a, both(CORNERS))
    np.testing.assert_array_equal(trees.rows, EIGHT)


@pytest.mark.parametrize("x", [tuple(c) for c in CORNERS.astype(int).tolist()])
@pytest.mark.parametrize("first", [0, 1])
def test_the_expectation_along_paths_is_shap_s_at_every_corner(trees, first, x):
    tree = trees.trees[first]
    found = shap.TreeExplainer(tree).shap_values(np.array([x], float))[0]
    assert trees.by_paths(tree.tree_, x) == pytest.approx(found, abs=1e-7)


def test_the_hand_calculation_of_the_page_holds_in_fractions():
    v_none, v_1, v_0, v_both = Fraction(3, 8), Fraction(3, 4), Fraction(1, 2), 1
    assert (v_1 - v_none + v_both - v_0) / 2 == Fraction(7, 16)
    assert (v_0 - v_none + v_both - v_1) / 2 == Fraction(3, 16)
    shown = "[(\\tfrac34-\\tfrac38)+(1-\\tfrac12)\\bigr]=\\tfrac7{16}$"
    assert shown in page().replace("\\bigl", "")
    assert "4 行有 3 行输出 1，期望 3/4；" in page()


def test_the_page_repeats_what_the_trees_print(trees):
    zero, one = blocks_of_twins(trees).values()
    told = [values_of(block, "  不给背景：")[0] for block in (zero, one)]
    shown = said("一棵说特征 0 占 #，另一棵说 #。")
    assert shown == pytest.approx(told, abs=0.00501)
    given = values_of(zero, "  背景是这八行：")[0]
    assert said("给了背景，两棵树都是 #。") == [given]
    block = trees.printed_by["background"].splitlines()
    each, half = (values_of(block[k], "  (1, 1)：")[0] for k in (1, 5))
    assert said("两个特征各 #；背景只有 $(0,0)$ 时各 #；") == [each, half]
    (zero_0, _) = values_of(trees.printed_by["unvisited"], "按路径的沙普利值：")
    assert said("功劳是它的，所以分得 # ") == [zero_0]
    assert f"平均 −{-zero_0}" in words("unvisited")


def test_rows_that_match_share_equally(trees):
    def matching(team):
        same = [r for r in EIGHT.tolist() if all(r[j] == 1 for j in team)]
        return Fraction(sum(r == [1, 1] for r in same), len(same))

    exact = over_all_orders(matching, (0, 1))
    got = values_of(trees.printed_by["conditional"], "只看相同的行：")
    assert got == (exact[0], exact[1]) == (Fraction(5, 16), Fraction(5, 16))


def test_a_background_with_path_dependence_recounts_the_branches(trees):
    explainer = shap.TreeExplainer(
        trees.trees[0],
        data=np.zeros((2, 2)),
        feature_perturbation="tree_path_dependent",
    )
    values = explainer.shap_values(np.ones((1, 2)))[0]
    assert np.ravel(explainer.expected_value)[0] == pytest.approx(0, abs=1e-6)
    assert sorted(values) == pytest.approx([0, 1], abs=1e-5)


# --- LIME: faq/attribution_lime_numpy -----------------------------------------------


def explainer_of(lines, width):
    return LimeTabularExplainer(
        lines.X[100:],
        mode="regression",
        discretize_continuous=False,
        feature_selection="none",
        kernel_width=width,
        random_state=0,
    )


def library(lines, row, n, width, rng):
    """The coefficients that lime itself finds, drawing its points from ``rng``."""
    explainer = explainer_of(lines, width)
    explainer.random_state = rng
    told = explainer.explain_instance(
        lines.X[row], lines.model.predict, num_samples=n, num_features=5
    )
    return np.array([dict(told.local_exp[1])[j] for j in range(5)])


def over_seeds(lines, row, n, width):
    return np.array(
        [library(lines, row, n, width, np.random.default_rng(s)) for s in SEEDS]
    )


DEFAULT = 0.75 * np.sqrt(5)


def test_the_default_width_is_lime_s(lines):
    assert lines.default == pytest.approx(DEFAULT)
    names = ("age", "bmi", "bp", "s5", "s6")
    assert lines.names == list(names)
    kernels = (explainer_of(lines, w).base.kernel_fn for w in (None, DEFAULT))
    given, ours = (kernel(1.0) for kernel in kernels)
    assert given == pytest.approx(ours)


@pytest.mark.parametrize(("row", "width"), [(1, DEFAULT), (3, 0.7)])
def test_the_hand_written_lime_finds_the_library_s_coefficients(lines, row, width):
    ours = lines.lime(lines.X[row], 300, width, np.random.RandomState(7))
    theirs = library(lines, row, 300, width, np.random.RandomState(7))
    assert ours == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("n", [500, 5000])
def test_the_means_and_spreads_over_seeds_are_the_library_s(lines, n):
    printed = lines.printed_by["seeds"]
    block = printed[printed.index(f"{n} 个点，") :].split(" 个点，")[1]
    found = over_seeds(lines, 1, n, DEFAULT)
    for j, name in enumerate(lines.names):
        mean, spread = after(block, f"  {name}：")
        assert mean == pytest.approx(found[:, j].mean(), abs=0.0501)
        assert spread == pytest.approx(found[:, j].std(ddof=1), abs=0.0501)
    first = [lines.names[j] for j in np.abs(found).argmax(axis=1)]
    counts = "，".join(f"{k} {first.count(k)} 次" for k in ("bmi", "s5"))
    assert line_of(block, "  排第一：") == counts
    assert first.count("bmi") + first.count("s5") == 20


def test_the_row_that_is_explained_is_predicted_as_printed(lines):
    (printed,) = after(lines.printed_by["seeds"], "这一条的预测")
    assert printed == pytest.approx(lines.model.predict(lines.X[1:2])[0], abs=0.05)


def test_the_three_last_never_reach_the_first_two(lines):
    found = np.abs(over_seeds(lines, 1, 500, DEFAULT))
    assert found[:, [0, 2, 4]].max() < found[:, [1, 3]].min()


def test_the_page_repeats_what_lime_prints(lines):
    few, many = lines.printed_by["seeds"].split("5000 个点")
    means = {x: after(few, f"  {x}：")[0] for x in ("bmi", "s5")}
    (gap,) = said("500 个点时，bmi 与 s5 的差距是 #，")
    assert gap == pytest.approx(means["s5"] - means["bmi"])
    spreads = [after(few, f"  {x}：")[1] for x in ("bmi", "s5")]
    assert said("种子之间的摆动是 # 上下") == [
        pytest.approx(np.mean(spreads), abs=0.11)
    ]
    spreads = [after(many, f"  {x}：")[1] for x in ("bmi", "s5")]
    assert said("点时摆动缩到 # 左右") == [pytest.approx(np.mean(spreads), abs=0.11)]
    assert after(many, "  排第一：bmi") == [2, 5, 18] and "仍有两次换了位置" in page()
    first, third = lines.printed_by["width"].split("第 3 行：")
    (points,) = after(first, "  宽 0.2，顶 ")[:1]
    assert said("5000 个点只顶 # 个用") == [points]
    told = after(third, "  宽 0.2，顶 ")[1:3]
    assert said("系数还有 #，可摆动是 #，") == told


def test_a_difference_is_weighed_by_its_own_spread(lines):
    found = over_seeds(lines, 1, 5000, DEFAULT)
    _, bmi, bp, s5, _ = found.T
    gap, spread = said("s5 与 bmi 之差是 #，它在种子之间的标准差也是 #，")
    assert gap == pytest.approx((s5 - bmi).mean(), abs=0.0501)
    assert spread == pytest.approx((s5 - bmi).std(ddof=1), abs=0.0501)
    away, most = said("与 bp 之差在 # 以上，摆动不到 #，")
    for ahead in (bmi, s5):
        assert away - 1 < (ahead - bp).mean() < away + 1
        assert most / 2 < (ahead - bp).std(ddof=1) < most
    assert (s5 - bp).mean() > away


def test_lime_s_default_reports_quarters_as_the_page_says(lines):
    found = {}
    for seed in range(10):
        explainer = LimeTabularExplainer(
            lines.X[100:],
            mode="regression",
            feature_names=lines.names,
            random_state=seed,
        )
        told = explainer.explain_instance(lines.X[1], lines.model.predict)
        for rule, value in told.as_list():
            found.setdefault(rule, []).append(value)
    for rule in ("bmi <= 23.30", "s5 <= 4.30"):
        high, low = said(f"`{rule}` 由 # 到 #")
        assert [high, low] == [round(max(found[rule])), round(min(found[rule]))]
        assert len(found[rule]) == 10


def test_a_narrow_width_leaves_the_points_little_weight(lines):
    narrow = 0.2 * np.sqrt(5)
    sums = [
        lines.cloud(lines.X[1], 5000, narrow, np.random.default_rng(s))[1].sum()
        for s in SEEDS
    ]
    (most,) = said("权重加起来不到 #，")
    assert most - 1 < np.mean(sums) < most


def test_a_second_call_differs_and_the_same_seed_repeats_in_the_library_too(lines):
    printed = lines.printed_by["repeat"]
    explainer = explainer_of(lines, DEFAULT)

    def call(one):
        told = one.explain_instance(
            lines.X[1], lines.model.predict, num_samples=500, num_features=5
        )
        return sorted(told.local_exp[1])

    once, again = call(explainer), call(explainer)
    fresh = call(explainer_of(lines, DEFAULT))
    explainer.random_state = np.random.RandomState(0)
    reset = call(explainer)
    assert once != again
    assert line_of(printed, "接着算第二次，系数相同：") == " False"
    assert once == fresh
    assert line_of(printed, "回到同一个种子，系数相同：") == " True"
    assert once == reset


@pytest.mark.parametrize("row", [1, 3])
@pytest.mark.parametrize("factor", [0.2, 0.4, 0.75, 3])
def test_each_width_s_coefficients_and_points_are_the_library_s(lines, row, factor):
    width = factor * np.sqrt(5)
    found = over_seeds(lines, row, 5000, width)
    block = lines.printed_by["width"].split("第 ")[1:]
    (block,) = [x for x in block if x.startswith(f"{row} 行：")]
    told = line_of(block, f"  宽 {factor}，顶 ").replace("s5", "")
    points, bmi, spread, s5 = numbers(told)
    assert bmi == pytest.approx(found[:, 1].mean(), abs=0.0501)
    assert spread == pytest.approx(found[:, 1].std(ddof=1), abs=0.0501)
    assert s5 == pytest.approx(found[:, 3].mean(), abs=0.0501)
    kernel, sizes = explainer_of(lines, width).base.kernel_fn, []
    x = (lines.X[row] - lines.X[100:].mean(0)) / lines.X[100:].std(0)
    for s in SEEDS:
        z = np.random.default_rng(s).normal(0, 1, 25000).reshape(5000, 5)
        z[0] = x
        weight = kernel(np.linalg.norm(z - x, axis=1))
        sizes.append(1 / np.sum((weight / weight.sum()) ** 2))
    assert points == pytest.approx(np.mean(sizes), abs=0.501)


def test_scikit_learn_s_ridge_agrees(lines):
    assert line_of(lines.stdout_text, "与 sklearn 的 Ridge 相同：") == " True"
    assert lines.ridge.coef_ == pytest.approx(
        library(lines, 1, 500, DEFAULT, np.random.default_rng(0)), abs=1e-9
    )


# --- practice: faq/attribution_practice_numpy ---------------------------------------

PRACTICE = ROOT / "snippets/faq/attribution_practice_numpy.py"
CASES = practice.values(PRACTICE)["CASES"]
SOLUTION = """
def shapley(value, players):
    n, sizes = len(players), range(len(players) + 1)
    teams = [frozenset(t) for k in sizes for t in itertools.combinations(players, k)]
    worth = {team: value(team) for team in teams}
    phi = dict.fromkeys(players, 0.0)
    for i in players:
        for team in (team for team in teams if i not in team):
            weight = 1 / (n * math.comb(n - 1, len(team)))
            phi[i] += weight * (worth[team | {i}] - worth[team])
    return phi
"""
EQUAL = ("1 / (n * math.comb(n - 1, len(team)))", "1 / 2 ** (n - 1)")  # Banzhaf's
WRONG = [
    EQUAL,
    ("range(len(players) + 1)", "range(len(players))"),
    ("range(len(players) + 1)", "range(1, len(players) + 1)"),
    ("worth[team])", "worth[frozenset()])"),
    (" - worth[team])", ")"),
    ("worth[team | {i}] - worth[team]", "worth[team] - worth[team | {i}]"),
    ("n * math.comb", "math.comb"),
    ("math.comb(n - 1, len(team))", "math.comb(n, len(team))"),
    ("1 / (n * math.comb(n - 1, len(team)))", "1 / n"),
    ("1 / (n * math.comb(n - 1, len(team)))", "(len(team) == 0)"),  # alone
    ("1 / (n * math.comb(n - 1, len(team)))", "(len(team) == n - 1)"),  # last
    ("(worth[team | {i}] - worth[team])", "(value(team | {i}) - value(team))"),
    ("    return phi\n", ""),
    ("return phi", "return list(phi.values())"),
    ("value(team) for", "value(team) - value(frozenset()) for"),
    ("phi[i] +=", "phi[i] ="),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0])
def test_the_practice_expects_what_shap_and_all_orders_give(case):
    _, given, expected, _ = case
    people, worth = list(given["players"]), {}
    for size in range(len(people) + 1):
        for team in map(frozenset, itertools.combinations(people, size)):
            worth[team] = given["value"](team)

    def game(rows):
        teams = (itertools.compress(people, row) for row in rows)
        return np.array([worth[frozenset(team)] for team in teams], float)

    absent, present = np.zeros((1, len(people))), np.ones(len(people))
    exact = over_all_orders(worth.get, people)
    assert exact == pytest.approx(expected, abs=6e-7)
    if len(people) > 1:
        found = exact_shap(game, absent, present).values[0]
        assert found == pytest.approx(list(expected.values()), abs=6e-7)


def test_the_page_s_shapley_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_the_practice_as_shipped_passes_nothing():
    assert practice.verdict_on(PRACTICE, "").passed == 0


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, EQUAL) in page()


def test_no_wrong_shapley_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []
