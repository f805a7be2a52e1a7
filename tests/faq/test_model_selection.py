"""Choosing a model: the luck of the best, nested folds, early stopping, folds.

References that the programs never call: integers, normal equations and PyTorch in the
place of least squares and of gradients by hand, the hat matrix in the place of training
again without a fold, distances by SciPy, statsmodels' interval.
"""

from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from math import comb, erf, log, sqrt

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.special import stdtrit
from scipy.stats import mannwhitneyu
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler
from statsmodels.stats.proportion import proportion_confint

from handbook.programs import practice
from handbook.programs.sections import sections
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/faq/model-selection.md"
SNIPPETS = ROOT / "snippets/faq"
PRACTICE = SNIPPETS / "model_selection_practice_numpy.py"


@pytest.fixture
def tuning(run_snippet):
    return run_snippet("faq/model_selection_tuning_numpy")


@pytest.fixture
def nested(run_snippet):
    return run_snippet("faq/model_selection_nested_numpy")


@pytest.fixture
def folds(run_snippet):
    return run_snippet("faq/model_selection_folds_numpy")


def page():
    return PAGE.read_text(encoding="utf-8")


def changed(program, names, section, *changes):
    """What a section prints after these changes, the program's names at hand."""
    text = sections(SNIPPETS / f"{program}.py")[section]
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    said = StringIO()
    with redirect_stdout(said):
        exec(text, dict(vars(names)))
    return said.getvalue().splitlines()


def best_of(k, n):
    """The mean of the best share, by the chance that the best has more than r."""
    below, mean = 0, 0.0
    for r in range(n):
        below += comb(n, r)
        mean += 1 - (below / 2**n) ** k
    return mean / n


# --- tuning: faq/model_selection_tuning_numpy ---------------------------------


@pytest.mark.parametrize("n", [100, 1000])
def test_the_best_of_k_coins_has_the_exact_mean(tuning, n):
    line = line_of(tuning.printed_by["noise"], f"{n} 例，最好的平均：")
    want = [f"{k} 个 {best_of(k, n):.3f}" for k in (1, 10, 100, 1000)]
    assert line == "，".join(want)


@pytest.mark.parametrize(
    ("k", "n", "want"), [(3, 1, 7 / 8), (2, 2, 22 / 16 / 2), (1, 7, 1 / 2)]
)
def test_the_best_of_few_coins_is_that_of_the_page(tuning, k, n, want):
    assert tuning.best_of(k, n) == pytest.approx(want, abs=1e-12)


def test_only_what_took_no_part_in_the_choice_is_fair(tuning):
    text = tuning.printed_by["look"]
    best = best_of(1000, 100)
    assert after(text, "1000 个里按测试集挑，报测试集：") == pytest.approx(
        [best], abs=0.003
    )
    valid, test = after(text, "按验证集挑，验证集上")
    assert (valid, test) == pytest.approx((best, 0.5), abs=0.006)
    assert len(tuning.rows) == 500
    assert np.std([row[2] for row in tuning.rows]) == pytest.approx(0.05, abs=0.006)
    rng = np.random.default_rng(0)
    for on_test, on_valid, _ in tuning.rows:
        valid, test = rng.binomial(100, 0.5, size=(2, 1000))
        assert (on_test, on_valid) == (test.max() / 100, valid.max() / 100)


def test_the_figure_draws_the_exact_means(tuning):
    lines = {line.get_label(): line for line in tuning.axis.get_lines()}
    for n in (100, 1000):
        tried, best = lines[f"{n} 例的测试集"].get_data()
        assert (tried[0], tried[-1]) == (1, 1000)
        assert best == pytest.approx([best_of(int(k), n) for k in tried], abs=1e-9)


@cache
def chosen_by_the_test_set():
    """{k: (told, true)}, the models by the normal equations."""
    data = load_breast_cancer()
    x = (data.data - data.data.mean(0)) / data.data.std(0)
    x, y = np.column_stack([x, np.ones(569)]), data.target == 0
    found = {10: [], 100: []}
    for seed in range(100):
        rng = np.random.default_rng(seed)
        order = rng.permutation(569)
        train, test, fresh = np.split(order, [200, 257])
        used = [[*rng.choice(30, 3, replace=False), 30] for _ in range(100)]
        inputs = x[:, np.array(used)].swapaxes(0, 1)  # (100, 569, 4)
        known = inputs[:, train]
        square = np.einsum("kni,knj->kij", known, known)
        right = np.einsum("kni,n->ki", known, np.where(y[train], 1.0, -1.0))
        w = np.linalg.solve(square, right[:, :, None])
        hit = ((inputs @ w)[:, :, 0] > 0) == y
        for k, pairs in found.items():
            best = np.argmax(hit[:k, test].sum(axis=1))
            pairs.append([hit[best, test].mean(), hit[best, fresh].mean()])
    return {k: np.mean(pairs, axis=0) for k, pairs in found.items()}


@pytest.mark.parametrize("k", [10, 100])
def test_the_best_on_the_test_set_is_worse_elsewhere(tuning, k):
    told, true = chosen_by_the_test_set()[k]
    line = line_of(tuning.printed_by["real"], f"{k} 个模型按 57 例挑：")
    assert line == f"报 {told:.3f}，在没用过的 312 例上 {true:.3f}"
    assert told > true + 0.02


def test_a_grid_search_tunes_the_seed_of_a_coin(tuning):
    noise = np.random.default_rng(0).integers(2, size=200)[100:]
    best = max(
        np.mean(np.random.RandomState(seed).randint(2, size=100) == noise)
        for seed in range(1000)
    )
    assert tuning.printed_by["library"] == (
        f"GridSearchCV 调 1000 个种子，best_score_ {best:.2f}\n"
    )


# --- nested: faq/model_selection_nested_numpy ---------------------------------


def cuts(rows):
    """Five folds in their order, the first ones longer by one."""
    for test in np.array_split(rows, 5):
        yield np.setdiff1d(rows, test), test


def shares(inputs, y, train, test):
    """The accuracy of each of the candidates, by the normal equations."""
    known = inputs[:, train]
    square = np.einsum("kni,knj->kij", known, known)
    w = np.linalg.solve(square, np.einsum("kni,n->ki", known, y[train])[:, :, None])
    return (((inputs[:, test] @ w)[:, :, 0] > 0) == (y[test] > 0)).mean(axis=1)


def mean_shares(inputs, y, rows):
    return np.mean([shares(inputs, y, *cut) for cut in cuts(rows)], axis=0)


@cache
def both_ways():
    told, honest, first = [], [], None
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(60, 40)), rng.choice([-1.0, 1.0], 60)
        used = np.array([rng.choice(40, 3, replace=False) for _ in range(50)])
        inputs = x[:, used].swapaxes(0, 1)
        told.append(mean_shares(inputs, y, np.arange(60)).max())
        outer = []
        for train, test in cuts(np.arange(60)):
            best = mean_shares(inputs, y, train).argmax()
            outer.append(shares(inputs[[best]], y, train, test)[0])
        honest.append(np.mean(outer))
        first = first or outer
    return np.mean(told), np.mean(honest), first


def test_nested_folds_find_nothing_in_coins(nested):
    told, honest, _ = both_ways()
    line = line_of(nested.printed_by["nested"], "标签全是硬币，")
    found = numbers(line)
    assert line.startswith("选中者的交叉验证分数：")
    assert "，嵌套交叉验证：" in line
    assert found == pytest.approx([told, honest], abs=6e-4)
    assert abs(honest - 0.5) < 0.03 and told > 0.65


def test_nested_folds_are_a_grid_search_inside_folds(nested):
    assert nested.printed_by["library"] == (
        "与 cross_val_score 套 GridSearchCV 相同：True\n"
    )
    assert nested.theirs == pytest.approx(both_ways()[2], abs=1e-9)


@cache
def stopped():
    """(seeds, rounds, 3): gradients by PyTorch, all seeds at once."""
    data = load_breast_cancer()
    orders, labels, w, inputs = [], [], [], []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        orders.append(rng.permutation(569))
        labels.append((data.target + (rng.random(569) < 0.2)) % 2)
        w.append(rng.normal(size=31) * 0.3)
        scaler = StandardScaler().fit(data.data[orders[-1][:60]])
        inputs.append(np.column_stack([scaler.transform(data.data), np.ones(569)]))
    x = torch.tensor(np.array(inputs))  # (seeds, 569, 31)
    y = torch.tensor(np.array(labels), dtype=torch.float64)
    order = torch.tensor(np.array(orders))
    w = torch.tensor(np.array(w), requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.3)
    train, *others = order.split([60, 57, 57, 395], dim=1)
    curves = []
    for _ in range(100):
        z = (x @ w[:, :, None])[:, :, 0]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            z.gather(1, train), y.gather(1, train), reduction="sum"
        )
        optimizer.zero_grad()
        (loss / 60).backward()
        optimizer.step()
        z = (x @ w.detach()[:, :, None])[:, :, 0]
        right = ((z > 0) == y.bool()).double()
        curves.append([right.gather(1, rows).mean(dim=1).numpy() for rows in others])
    return np.array(curves).transpose(2, 0, 1)


def test_stopping_by_the_test_set_flatters(nested):
    curves = stopped()
    found = {"test": [], "valid": []}
    for valid, test, fresh in curves.transpose(0, 2, 1):
        at = test.argmax()
        found["test"].append([test[at], fresh[at]])
        at = valid.argmax()
        found["valid"].append([valid[at], test[at], fresh[at]])
    a, b = np.mean(found["test"], axis=0)
    c, d, e = np.mean(found["valid"], axis=0)
    assert nested.printed_by["early"] == (
        f"按测试集停：报 {a:.3f}，没用过的 395 例上 {b:.3f}\n"
        f"按验证集停：验证集 {c:.3f}，测试集 {d:.3f}，没用过的 395 例上 {e:.3f}\n"
    )
    assert a - b > 0.02


# --- folds: faq/model_selection_folds_numpy -----------------------------------


def left_out(rng, x, y, k, times):
    """The shares of each fold, as if trained without it: the hat matrix tells."""
    inputs = np.column_stack([x, np.ones(100)])
    hat = inputs @ np.linalg.inv(inputs.T @ inputs) @ inputs.T
    rest = y - hat @ y
    scores = []
    for _ in range(times):
        rows = rng.permutation(100).reshape(k, -1)
        block = np.eye(100 // k) - hat[rows[:, :, None], rows[:, None, :]]
        away = np.linalg.solve(block, rest[rows][:, :, None])[:, :, 0]
        scores.append((((y[rows] - away) > 0) == (y[rows] > 0)).mean(axis=1))
    return np.array(scores)


def drawn(rng):
    y = np.array([-1.0] * 50 + [1.0] * 50)
    return rng.normal(size=(100, 10)) + y[:, None] / sqrt(10), y


@cache
def made_up():
    """The truth of 300 lines, and the scores of their folds."""
    true, scores = [], []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        x, y = drawn(rng)
        inputs = np.column_stack([x, np.ones(100)])
        *w, bias = np.linalg.solve(inputs.T @ inputs, inputs.T @ y)
        length, shift = sqrt(sum(v * v for v in w)), sum(w) / sqrt(10)
        sides = [(shift + bias) / length, (shift - bias) / length]
        true.append(np.mean([0.5 + erf(s / sqrt(2)) / 2 for s in sides]))
        scores.append(left_out(rng, x, y, 10, 10))
    return np.array(true), np.array(scores)


def test_the_truth_is_what_new_cases_show(folds):
    rng = np.random.default_rng(5)
    w = rng.normal(size=11) + np.append(np.full(10, 0.5), 0.3)
    y = rng.choice([-1.0, 1.0], 400_000)
    z = rng.normal(size=(400_000, 10)) @ w[:10] + y * w[:10].sum() / sqrt(10) + w[10]
    assert folds.truth(w) == pytest.approx(np.mean((z > 0) == (y > 0)), abs=0.003)


def test_the_folds_are_those_of_the_hat_matrix(folds):
    true, scores = made_up()
    assert folds.true == pytest.approx(true, abs=1e-9)
    assert folds.scores == pytest.approx(scores, abs=1e-9)
    assert folds.printed_by["truth"] == (
        f"真值平均 {true.mean():.3f}，十折平均 {scores[:, 0].mean():.3f}\n"
    )


def half_widths():
    """{label: (middles, halves)} of the five intervals."""
    _, scores = made_up()
    once, ten = scores[:, 0], scores.reshape(300, 100)
    low, high = proportion_confint(once.mean(1) * 100, 100, method="wilson")
    spread = ten.std(axis=1, ddof=1) * stdtrit(99, 0.975)
    one = once.std(axis=1, ddof=1) * stdtrit(9, 0.975) / sqrt(10)
    return {
        "一次十折，加减 2s：": (once.mean(1), 2 * once.std(axis=1, ddof=1)),
        "一次十折，s/√10：": (once.mean(1), one),
        "重复十次，s/√100：": (ten.mean(1), spread / 10),
        "重复十次，校正：": (ten.mean(1), spread * sqrt(1 / 100 + 10 / 90)),
        "一次十折，合成 100 例用 Wilson：": ((low + high) / 2, (high - low) / 2),
    }


@pytest.mark.parametrize("label", half_widths())
def test_an_interval_from_folds_covers_the_truth_as_often_as_printed(folds, label):
    middle, half = half_widths()[label]
    share = np.mean((middle - half <= made_up()[0]) & (made_up()[0] <= middle + half))
    assert line_of(folds.printed_by["coverage"], label) == (
        f"半宽平均 {half.mean():.3f}，盖住真值的占 {share:.2f}"
    )


def test_the_pooled_answers_have_the_wilson_interval_of_statsmodels(folds):
    _, half = half_widths()["一次十折，合成 100 例用 Wilson："]
    assert folds.half == pytest.approx(half, abs=1e-9)


def test_the_spread_over_folds_grows_with_their_number(folds):
    rng = np.random.default_rng(0)
    x, y = drawn(rng)
    spreads = []
    for k in (5, 10, 20, 50, 100):
        found = left_out(rng, x, y, k, 10)
        spreads.append(found.std(axis=1, ddof=1).mean())
        assert line_of(folds.printed_by["spread"], f"同一份数据分 {k} 折：") == (
            f"平均 {found.mean():.2f}，各折的标准差 {spreads[-1]:.2f}"
        )
    assert spreads == sorted(spreads)
    errors = [s / sqrt(k) for s, k in zip(spreads, (5, 10, 20, 50, 100), strict=True)]
    assert 0.03 < min(errors) < max(errors) < 0.0405
    assert "：五行都在 0.03 到 0.04 之间，" in page()


def test_scores_of_different_folds_rank_backwards(folds):
    scores = [4 / 9] * 5 + [5 / 9] * 5  # five others of nine, or all five of nine
    area = mannwhitneyu(scores[:5], scores[5:]).statistic / 25
    assert folds.printed_by["pooled"] == (
        f"留出正类时得分 {4 / 9:.3f}，留出负类时 {5 / 9:.3f}；"
        f"合在一起的 AUC {area:.1f}\n"
    )


def nearest_share(x, y, parts):
    """The mean share that the nearest case of the other folds tells right."""
    scores = []
    for test in parts:
        train = np.setdiff1d(np.arange(200), test)
        told = y[train][cdist(x[test], x[train]).argmin(axis=1)]
        scores.append(np.mean(told == y[test]))
    return np.mean(scores)


@cache
def by_both_cuts(noise):
    found = []
    order = np.arange(200)
    np.random.RandomState(0).shuffle(order)
    at_random = order.reshape(5, 40)
    patient = np.arange(200) // 5
    by_patient = [np.flatnonzero(patient % 5 == 4 - i) for i in range(5)]
    for seed in range(50):
        rng = np.random.default_rng(seed)
        face = rng.normal(size=(40, 10))
        x = face[patient] + noise * rng.normal(size=(200, 10))
        y = rng.integers(2, size=40)[patient]
        found.append([nearest_share(x, y, c) for c in (at_random, by_patient)])
    return np.mean(found, axis=0)


def test_random_folds_leak_the_patient(folds):
    random, whole = by_both_cuts(0.3)
    text = folds.printed_by["groups"]
    assert after(text, "随机分折：准确率") == pytest.approx([random], abs=6e-4)
    assert after(text, "按病人分折：准确率") == pytest.approx([whole], abs=6e-4)
    assert random > 0.95 and abs(whole - 0.5) < 0.05


# --- what the page says of the outputs ----------------------------------------


def test_the_page_quotes_the_luck_of_the_best(tuning):
    text = tuning.printed_by
    valid, test = after(text["look"], "按验证集挑，验证集上")
    assert f"验证集上的 {valid:.3f} 同样是虚高，测试集上是 {test:.3f}" in page()
    ten, many = (
        numbers(line_of(text["real"], f"{k} 个模型按 57 例挑：")) for k in (10, 100)
    )
    more, most = (f"{100 * (told - true):.1f}" for told, _, true in (ten, many))
    assert f"报的比真实的高 {more} 个百分点；从 100 个里挑，高 {most} 个。" in page()
    assert f"（{many[2]} 对 {ten[2]}）" in page()
    assert f"最好的一次得 {numbers(text['library'])[-1]}，" in page()
    assert f"与前面精确算出的 {best_of(1000, 100):.3f} 相近" in page()


def test_the_page_quotes_both_layers_and_both_stops(nested):
    told, honest = numbers(nested.printed_by["nested"])
    assert f"只用一层，报 {told:.3f}；套两层，{honest:.3f}。" in page()
    by_test, by_valid = nested.printed_by["early"].splitlines()
    told, _, true = numbers(by_test)
    assert f"按测试集停，报 {told:.3f}，没用过的例子上是 {true:.3f}。" in page()
    valid, test, _, true = numbers(by_valid)
    assert (
        f"验证集自己说 {valid:.3f}，一样虚高；测试集报 {test:.3f}，与 {true:.3f} 相符"
    ) in page()


def test_the_page_quotes_the_folds(folds):
    text = folds.printed_by
    true, ten = numbers(text["truth"])
    assert f"十折的平均 {ten} 略低于真值 {true}" in page()
    wide, once, repeated, corrected, pooled = text["coverage"].splitlines()
    assert wide.endswith("占 1.00") and "总盖得住，却宽得没有用" in page()
    assert f"盖住真值的占 {numbers(once)[-1]}，在这里倒不坏" in page()
    half, share = numbers(repeated)[-2:]
    assert f"半宽只剩 {half}，只有 {share:.0%} 盖得住**" in page()
    assert f"，回到 {numbers(corrected)[-1]}；" in page()
    assert f"，也有 {numbers(pooled)[-1]}，" in page()
    few, *_, many = text["spread"].splitlines()
    spreads = [numbers(line)[-1] for line in (few, many)]
    assert "标准差从 {:.2f} 涨到 {:.2f}，".format(*spreads) in page()
    random, patient = numbers(text["groups"])
    assert f"随机分折，准确率 {random}：" in page()
    assert f"按病人分折，{patient}，" in page()


# --- exercises ----------------------------------------------------------------


def test_the_rough_formula_is_a_little_above_the_best_of_a_thousand():
    rough = 0.5 + sqrt(log(1000) / 200)
    assert f"给出 {rough:.3f}，略高于 {best_of(1000, 100):.3f}" in page()


def test_pictures_that_do_not_resemble_leak_little(folds):
    said = changed(
        "model_selection_folds_numpy", folds, "groups", ("0.3 * rng", "3 * rng")
    )
    random, whole = (numbers(line)[-1] for line in said)
    assert random == pytest.approx(by_both_cuts(3)[0], abs=6e-4)
    assert whole == pytest.approx(by_both_cuts(3)[1], abs=6e-4)
    assert f"{random:.3f}，只比按病人分折的 {whole:.3f} 略高" in page()


def test_a_test_set_four_times_as_large_halves_the_luck(tuning):
    said = changed(
        "model_selection_tuning_numpy",
        tuning,
        "real",
        ("order[200:257], order[257:]", "order[200:428], order[428:]"),
    )
    *_, told, _, true = numbers(said[-1])
    assert f"报 {told:.3f}，没用过的例子上 {true:.3f}" in page()
    before = chosen_by_the_test_set()[100]
    assert (told - true) < 0.55 * (before[0] - before[1])


# --- practice: faq/model_selection_practice_numpy -----------------------------

SOLUTION = """
def group_folds(groups, k):
    names, sizes = np.unique(groups, return_counts=True)
    load = np.zeros(k, dtype=int)
    folds = np.zeros(len(groups), dtype=int)
    for i in np.argsort(-sizes):
        lightest = np.argmin(load)
        load[lightest] += sizes[i]
        folds[groups == names[i]] = lightest
    return folds
"""
BY_NUMBER = ("np.argsort(-sizes)", "range(len(sizes))")
WRONG = [
    BY_NUMBER,
    ("np.argsort(-sizes)", "np.argsort(sizes)"),
    ("load[lightest] += sizes[i]", "load[lightest] += 1"),
    ("load[lightest] += sizes[i]", "pass"),
    ("np.argmin(load)", "np.argmax(load)"),
    ("np.argmin(load)", "i % k"),
    ("np.argmin(load)", "names[i] % k"),
    ("np.argmin(load)", "k - 1 - np.argmin(load[::-1])"),
    ("groups == names[i]", "groups == i"),
    ("    return folds", "    return np.bincount(folds)"),
    ("    return folds", "    return folds + 1"),
    ("    return folds", "    return np.arange(len(groups)) % k"),
    ("    return folds", "    return np.arange(len(groups)) * k // len(groups)"),
    ("np.argmin(load)", "list(np.argsort(-sizes)).index(i) % k"),
    (
        "np.argmin(load)",
        "[*range(k), *range(k)[::-1]][list(np.argsort(-sizes)).index(i) % (2 * k)]",
    ),
    ("    names,", "    groups.sort()\n    names,"),
    ("    names,", "    groups = np.sort(groups)\n    names,"),
]


def of_sklearn(groups, k):
    folds = np.full(len(groups), -1)
    for i, (_, test) in enumerate(GroupKFold(k).split(groups, groups=groups)):
        folds[test] = i
    return folds.tolist()


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_the_folds_of_sklearn(case):
    _, given, want, _ = case
    assert of_sklearn(given["groups"], given["k"]) == want


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_no_two_groups_of_a_case_are_of_one_size(case):
    _, sizes = np.unique(case[1]["groups"], return_counts=True)
    assert len(set(sizes.tolist())) == len(sizes)


def test_nothing_is_given_with_the_practice():
    text = practice.filled(
        PRACTICE, "def group_folds(groups, k):\n    raise NotImplementedError"
    )
    assert practice.judged(text).passed == 0


def test_the_largest_group_first_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_folds_pass_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, BY_NUMBER) in page()
