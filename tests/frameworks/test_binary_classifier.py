"""The programs of 二分类 against scikit-learn, autograd, and one another."""

import contextlib
import io
import itertools
import math
import re
import statistics
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf
import torch
from scipy.stats import binned_statistic
from sklearn import metrics
from sklearn.datasets import load_breast_cancer
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from handbook.programs import practice
from tests.printed import after, line_of, named, numbers

ROOT = Path(__file__).parent.parent.parent
BY_HAND = "frameworks/binary_classifier_numpy"
LOOP = "frameworks/binary_classifier_loop_torch"
FIT = "frameworks/binary_classifier_fit_tf"
IDIOMS = [LOOP, FIT]
Run = Callable[[str], SimpleNamespace]


def assert_close(a, b, atol: float = 0.0, rtol: float = 0.0) -> None:
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=atol, rtol=rtol)


# --- what the page would say by scikit-learn alone ----------------------------


@pytest.fixture(scope="session")
def truth() -> SimpleNamespace:
    """Rows, labels and parts, from the names of the classes rather than their codes."""
    dataset = load_breast_cancer()
    frame = dataset.target_names[dataset.target]
    sick = (frame == "malignant").astype(int)
    rest, test = train_test_split(
        np.arange(569), test_size=114, stratify=sick, random_state=0
    )
    train, valid = train_test_split(
        rest, test_size=114, stratify=sick[rest], random_state=0
    )
    return SimpleNamespace(
        x=dataset.data, y=sick, train=train, valid=valid, test=test, dataset=dataset
    )


def network(seed: int) -> MLPClassifier:
    """8 or 30 → 10 → 1, whose generator goes on from one epoch to the next."""
    return MLPClassifier(
        (10,),
        batch_size=32,
        learning_rate_init=0.01,
        random_state=np.random.RandomState(seed),
    )


@pytest.fixture(scope="session")
def by_sklearn(truth: SimpleNamespace) -> dict[int, np.ndarray]:
    """Probabilities of all rows by a scaler, a network, and its epoch of least loss."""
    found = {}
    for n in (8, 30):
        z = StandardScaler().fit(truth.x[truth.train, :n]).transform(truth.x[:, :n])
        net = network(seed=0)
        history = []
        while len(history) - int(np.argmin([h[0] for h in history] or [0])) <= 20:
            net.partial_fit(z[truth.train], truth.y[truth.train], classes=[0, 1])
            p = net.predict_proba(z)[:, 1]
            history.append((metrics.log_loss(truth.y[truth.valid], p[truth.valid]), p))
        found[n] = min(history, key=lambda h: h[0])[1]
    return found


@pytest.fixture
def trained(run_snippet: Run) -> SimpleNamespace:
    """The network by hand."""
    return run_snippet(BY_HAND)


@pytest.fixture(params=IDIOMS)
def idiom(request: pytest.FixtureRequest, run_snippet: Run) -> SimpleNamespace:
    """The network as each framework's programmers write it."""
    return run_snippet(request.param)


@pytest.fixture(scope="module")
def data(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("frameworks/binary_classifier_data_numpy")


@pytest.fixture(scope="module")
def evaluated(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("frameworks/binary_classifier_evaluate_numpy")


def valid_losses(namespace: SimpleNamespace, n: int = 8) -> list[float]:
    return namespace.runs[n][2][-1]


def weights_of(model: object) -> list[np.ndarray]:
    """A network's weights, each as (in, out), whatever the framework."""
    if isinstance(model, dict):
        return [model[name] for name in ("w1", "b1", "w2", "b2")]
    if isinstance(model, keras.Model):
        return [np.asarray(w) for w in model.trainable_weights]
    return [p.detach().cpu().numpy().T for p in model.parameters()]


def logits_by_scipy(model: object, truth: SimpleNamespace, rows: np.ndarray):
    """The 8 → 10 → 1 network on raw rows, standardised by scikit-learn."""
    w1, b1, w2, b2 = (w.astype(float) for w in weights_of(model))
    z = StandardScaler().fit(truth.x[truth.train, :8]).transform(rows)
    return (np.maximum(z @ w1 + b1, 0) @ w2 + b2).ravel()


# --- data: coding, split, standardisation -------------------------------------


def test_the_printed_classes_are_scikit_learns(data, truth):
    first, second = data.printed_by["data"].splitlines()
    assert first.split("：")[1].split() == list(truth.dataset.target_names)
    sick = int(truth.y.sum())
    assert second == f"恶性 {sick} 例，良性 {569 - sick} 例"


def test_malignant_is_the_positive_class(data, truth):
    np.testing.assert_array_equal(data.y, truth.y)


def test_the_printed_parts_are_scikit_learns(data, truth):
    lines = data.printed_by["split"].splitlines()
    parts = {"训练": truth.train, "验证": truth.valid, "测试": truth.test}
    for line, (name, rows) in zip(lines, parts.items(), strict=False):
        share = truth.y[rows].mean()
        assert line == f"{name} {len(rows)} 例，恶性占 {share:.3f}"


def test_the_printed_baseline_is_that_of_a_dummy_which_finds_nobody(data, truth):
    dummy = DummyClassifier(strategy="most_frequent")
    dummy.fit(truth.x[truth.train], truth.y[truth.train])
    guess = dummy.predict(truth.x[truth.test])
    accuracy = metrics.accuracy_score(truth.y[truth.test], guess)
    recall = metrics.recall_score(truth.y[truth.test], guess)
    expected = [round(accuracy, 3), recall]
    assert numbers(data.printed_by["split"].splitlines()[3]) == expected


def test_no_row_is_in_two_parts(data):
    parts = [set(rows) for rows in (data.train, data.valid, data.test)]
    assert [len(part) for part in parts] == [341, 114, 114]
    assert len(set.union(*parts)) == 569


def test_the_printed_scales_are_those_of_a_scaler_fitted_on_the_training_part(
    data, truth
):
    scaler = StandardScaler().fit(truth.x[truth.train])
    expected = [
        f"{truth.dataset.feature_names[c]}：均值 {scaler.mean_[c]:.4f}，"
        f"标准差 {scaler.scale_[c]:.4f}"
        for c in (3, 4)
    ]
    assert data.printed_by["standardise"].splitlines() == expected
    assert_close(data.z, scaler.transform(truth.x), atol=1e-9)


def test_standardisation_would_differ_if_it_had_seen_the_other_parts(data):
    scaler = StandardScaler().fit(load_breast_cancer().data)
    assert np.all(np.abs(data.scale / scaler.scale_ - 1) > 1e-5)


def test_every_program_has_the_same_parts_and_labels(trained, idiom, evaluated, truth):
    for ns in (trained, idiom, evaluated):
        for part in ("train", "valid", "test"):
            np.testing.assert_array_equal(getattr(ns, part), getattr(truth, part))
        np.testing.assert_array_equal(np.asarray(ns.y).ravel(), truth.y)


# --- model, loss, gradients, optimizer ----------------------------------------


def test_the_printed_parameters_are_counted_from_the_shapes(run_snippet):
    printed = numbers(run_snippet(BY_HAND).printed_by["model"])
    assert printed == [n * 10 + 10 + 10 + 1 for n in (8, 30)]


def test_the_frameworks_count_the_same_101_parameters(idiom):
    assert numbers(idiom.printed_by["model"]) == [101]


@pytest.mark.parametrize("name", [BY_HAND, *IDIOMS])
def test_the_printed_loss_of_a_confident_mistake_is_right(run_snippet, name):
    printed = run_snippet(name).printed_by["loss"]
    from_logit = -scipy.special.log_expit(-20.0)
    assert f"先 sigmoid inf，从 logit {from_logit:.4f}" in printed


def test_the_numpy_loss_matches_torch_even_for_extreme_logits(run_snippet):
    ns = run_snippet(BY_HAND)
    logits = np.array([-90, -3, -1e-3, 0, 2, 30, 90], "float32")
    targets = np.array([1, 0, 1, 0, 1, 0, 1], "float32")
    expected = nn.functional.binary_cross_entropy_with_logits(
        torch.from_numpy(logits), torch.from_numpy(targets)
    )
    assert_close(ns.bce_with_logits(logits, targets), expected.item(), rtol=1e-6)


def test_the_numpy_gradients_match_autograd(run_snippet):
    ns = run_snippet(BY_HAND)
    rows, model = ns.train[:50], ns.runs[8][0]
    leaves = {
        name: torch.tensor(model[name].astype(float), requires_grad=True)
        for name in ("w1", "b1", "w2", "b2")
    }
    x = ns.x[rows, :8].astype(float)
    z = torch.tensor((x - ns.mean[:8]) / ns.scale[:8])
    hidden = torch.relu(z @ leaves["w1"] + leaves["b1"])
    logits = (hidden @ leaves["w2"] + leaves["b2"]).squeeze(1)
    nn.functional.binary_cross_entropy_with_logits(
        logits, torch.tensor(ns.y[rows].astype(float))
    ).backward()
    double = {name: value.astype(float) for name, value in model.items()}
    _, grads = ns.gradients(double, x, ns.y[rows].astype(float))
    for name, leaf in leaves.items():
        assert_close(grads[name], leaf.grad, atol=1e-12)


def test_the_numpy_adam_matches_torch_adam_after_100_steps(run_snippet):
    ns = run_snippet(BY_HAND)
    rng = np.random.default_rng(7)
    weight = rng.normal(size=(4, 3))
    mine, state = {"probe": weight.copy()}, {}
    theirs = nn.Parameter(torch.tensor(weight))
    optimizer = torch.optim.Adam([theirs], lr=0.03, eps=1e-4)
    for step in range(1, 101):
        grad = rng.normal(size=(4, 3)) * 0.99**step
        ns.adam_step(mine, {"probe": grad}, state, step, lr=0.03, eps=1e-4)
        theirs.grad = torch.tensor(grad)
        optimizer.step()
    assert_close(mine["probe"], theirs.detach(), atol=1e-12)


def test_the_printed_epochs_are_those_of_the_least_validation_loss(trained):
    lines = trained.printed_by["train"].splitlines()
    for n, first, second in zip((8, 30), lines[::2], lines[1::2], strict=True):
        losses = valid_losses(trained, n)
        best = int(np.argmin(losses)) + 1
        assert numbers(first) == [n, best + 20, (best + 20) * 11, best]
        assert numbers(second)[:2] == [
            pytest.approx(min(losses), abs=5e-5),
            pytest.approx(losses[-1], abs=5e-5),
        ]


def test_the_printed_numbers_of_8_features_are_those_of_the_restored_weights(
    trained, truth
):
    second = trained.printed_by["train"].splitlines()[1]
    logits = logits_by_scipy(trained.runs[8][0], truth, truth.x[:, :8])
    p = scipy.special.expit(logits)
    loss = metrics.log_loss(truth.y[truth.valid], p[truth.valid])
    hits = metrics.accuracy_score(truth.y[truth.test], p[truth.test] >= 0.5)
    printed = numbers(second)
    assert_close([printed[0], printed[2]], [loss, hits], atol=6e-5)


# --- the idioms: DataLoader and fit -------------------------------------------


def test_the_printed_scores_are_those_of_the_restored_weights(idiom, truth):
    logits = logits_by_scipy(idiom.model, truth, truth.x[truth.test, :8])
    sick = truth.y[truth.test]
    accuracy, recall, auc = numbers(idiom.printed_by["evaluate"])
    assert accuracy == round(metrics.accuracy_score(sick, logits >= 0), 4)
    assert recall == round(metrics.recall_score(sick, logits >= 0), 4)
    assert_close(auc, metrics.roc_auc_score(sick, logits), atol=2e-3)


def test_the_printed_validation_loss_is_that_of_the_restored_weights(idiom, truth):
    logits = logits_by_scipy(idiom.model, truth, truth.x[truth.valid, :8])
    loss = metrics.log_loss(truth.y[truth.valid], scipy.special.expit(logits))
    stopped, best, printed = numbers(idiom.printed_by["train"])
    assert_close(printed, loss, atol=1e-3)
    assert stopped == min(best + 20, 200)


def test_the_idioms_are_about_as_good_as_logistic_regression(idiom, truth):
    linear = make_pipeline(StandardScaler(), LogisticRegression())
    linear.fit(truth.x[truth.train, :8], truth.y[truth.train])
    score = linear.score(truth.x[truth.test, :8], truth.y[truth.test])
    assert abs(numbers(idiom.printed_by["evaluate"])[0] - score) < 0.04
    assert score > 0.9 > 1 - truth.y[truth.test].mean()


def test_a_loaded_model_predicts_bit_for_bit_what_the_saved_one_did(idiom):
    assert "逐位相同： True" in idiom.printed_by["save"]


def test_names_and_threshold_travel_with_the_model(idiom, truth):
    assert idiom.loaded["features"] == list(truth.dataset.feature_names[:8])
    assert idiom.loaded["threshold"] == 1 / 6


def test_the_saved_model_standardises_by_itself(idiom, truth):
    scaler = StandardScaler().fit(truth.x[truth.train, :8])
    if isinstance(idiom.restored, keras.Model):
        layer = idiom.restored.layers[1]
        mean, scale = layer.mean, np.sqrt(layer.variance)
    else:
        mean, scale = idiom.restored.mean.cpu(), idiom.restored.scale.cpu()
    assert_close(np.ravel(mean), scaler.mean_, rtol=1e-5)
    assert_close(np.ravel(scale), scaler.scale_, rtol=1e-5)


def test_the_printed_verdicts_on_the_new_row_follow_from_its_probability(idiom, truth):
    names = list(truth.dataset.feature_names[:8])
    assert list(idiom.patient) != names
    row = np.array([[idiom.patient[name] for name in names]])
    chance = scipy.special.expit(logits_by_scipy(idiom.model, truth, row)).item()
    *verdicts, far = idiom.printed_by["predict"].splitlines()
    for line, threshold in zip(verdicts, (0.5, 1 / 6), strict=True):
        verdict = "恶性" if chance > threshold else "良性"
        assert line.endswith(f"阈值 {threshold:.3f}：判为{verdict}")
        assert_close(numbers(line)[0], chance, atol=0.006)
    z = StandardScaler().fit(truth.x[truth.train, :8]).transform(row)
    assert_close(numbers(far), [np.abs(z).max()], atol=6e-3)


def test_the_threshold_decides_about_the_new_row(idiom):
    first, second, _ = idiom.printed_by["predict"].splitlines()
    assert (first[-2:], second[-2:]) == ("良性", "恶性")


# --- evaluation, all of it by scikit-learn and SciPy ---------------------------


def test_the_network_of_the_evaluation_is_scikit_learns(evaluated, by_sklearn):
    assert_close(evaluated.p, by_sklearn[8], atol=1e-6)
    assert_close(evaluated.p30, by_sklearn[30], atol=1e-6)


def test_the_printed_cells_are_scikit_learns(evaluated, truth, by_sklearn):
    guess = by_sklearn[8][truth.test] >= 0.5
    tn, fp, fn, tp = metrics.confusion_matrix(truth.y[truth.test], guess).ravel()
    first = evaluated.printed_by["metrics"].splitlines()[0]
    assert first == f"测试集：真阳 {tp}，假阳 {fp}，漏诊 {fn}，真阴 {tn}"


def test_the_printed_scores_are_scikit_learns(evaluated, truth, by_sklearn):
    sick, p = truth.y[truth.test], by_sklearn[8][truth.test]
    guess = p >= 0.5
    assert evaluated.printed_by["metrics"].splitlines()[1:] == [
        f"准确率 {metrics.accuracy_score(sick, guess):.4f}，"
        f"精确率 {metrics.precision_score(sick, guess):.4f}，"
        f"召回率 {metrics.recall_score(sick, guess):.4f}",
        f"F1 {metrics.f1_score(sick, guess):.4f}，"
        f"ROC-AUC {metrics.roc_auc_score(sick, p):.4f}",
    ]


def test_the_printed_intervals_are_scipys(evaluated, truth, by_sklearn):
    guess = by_sklearn[8][truth.test] >= 0.5
    matrix = metrics.confusion_matrix(truth.y[truth.test], guess)
    cases = {
        "准确率": (matrix.trace(), matrix.sum()),
        "召回率": (matrix[1, 1], matrix[1].sum()),
    }
    expected = []
    for name, (hits, n) in cases.items():
        test = scipy.stats.binomtest(int(hits), int(n))
        low, high = test.proportion_ci(0.95, method="wilson")
        expected.append(f"{name}的 95% 区间：{low:.3f} 到 {high:.3f}")
    assert evaluated.printed_by["interval"].splitlines() == expected


@pytest.mark.parametrize(("hits", "n"), [(107, 114), (40, 42), (42, 42), (0, 30)])
def test_the_interval_is_wilsons(evaluated, hits, n):
    expected = scipy.stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert_close(evaluated.wilson(hits, n), expected, atol=1e-7)


def test_the_printed_costs_are_those_of_each_part(evaluated, truth, by_sklearn):
    def cells(rows, threshold):
        guess = by_sklearn[8][rows] >= threshold
        tn, fp, fn, tp = metrics.confusion_matrix(truth.y[rows], guess).ravel()
        return fp, fn, fp + 5 * fn

    grid = [i / 20 for i in range(1, 20)]
    chosen = grid[int(np.argmin([cells(truth.valid, t)[2] for t in grid]))]
    expected = []
    for t in (0.5, 1 / 6, chosen):
        fp, fn, price = cells(truth.test, t)
        expected.append(
            f"阈值 {t:.3f}：验证集代价 {cells(truth.valid, t)[2]}；"
            f"测试集误报 {fp}，漏诊 {fn}，代价 {price}"
        )
    assert evaluated.printed_by["threshold"].splitlines() == expected


def test_the_best_threshold_is_what_the_costs_imply():
    fp, fn = 1.0, 5.0
    p = fp / (fp + fn)
    assert (1 - p) * fp == pytest.approx(p * fn)  # both verdicts cost the same there


def test_the_printed_comparison_of_8_and_30_features_is_scipys(
    evaluated, truth, by_sklearn
):
    sick = truth.y[truth.test]
    few, many = ((by_sklearn[n][truth.test] >= 0.5) == sick for n in (8, 30))
    pairs = list(zip(few, many, strict=True))
    wins, losses = pairs.count((False, True)), pairs.count((True, False))
    p_value = scipy.stats.binomtest(wins, wins + losses).pvalue
    assert evaluated.printed_by["full"].splitlines() == [
        f"准确率：8 个特征 {few.mean():.4f}，30 个特征 {many.mean():.4f}",
        f"对错不同的有 {wins + losses} 例：只有 30 个特征对的 {wins} 例，"
        f"只有 8 个特征对的 {losses} 例",
        f"符号检验：p = {p_value:.3f}",
    ]


def test_the_printed_calibration_is_that_of_the_rows_kept_from_training(
    evaluated, truth, by_sklearn
):
    rows = np.setdiff1d(np.arange(569), truth.train)
    found = binned_statistic(
        by_sklearn[8][rows], [by_sklearn[8][rows], truth.y[rows]], bins=[0, 0.2, 0.8, 1]
    )
    sizes = np.bincount(found.binnumber)[1:]
    lines = evaluated.printed_by["calibration"].splitlines()
    for line, size, (mean, share) in zip(lines, sizes, found.statistic.T, strict=True):
        assert numbers(line)[2] == size
        assert numbers(line)[3:] == pytest.approx([mean, share], abs=0.0051)


def test_the_bins_of_the_calibration_are_named_by_their_ends(evaluated):
    lines = evaluated.printed_by["calibration"].splitlines()
    assert [numbers(x)[:2] for x in lines] == [[0, 0.2], [0.2, 0.8], [0.8, 1]]


# --- four cells by hand, by PyTorch --------------------------------------------


HAND = "frameworks/binary_classifier_hand_numpy"
CELLS = {"甲": (10, 13, 0), "乙": (10, 21, 0), "丙": (14, 19, 1), "丁": (14, 27, 1)}


@pytest.fixture
def by_hand(run_snippet: Run) -> SimpleNamespace:
    return run_snippet(HAND)


@pytest.fixture(scope="module")
def four() -> SimpleNamespace:
    """A step of SGD on a linear layer, with everything that it passes on its way."""
    rows = torch.tensor(list(CELLS.values()), dtype=torch.float64)
    y = rows[:, 2]
    z = (rows[:, :2] - rows[:, :2].mean(0)) / rows[:, :2].std(0, correction=0)
    layer = nn.Linear(2, 1, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[0.0, 1.0]]))
        layer.bias.zero_()

    def state() -> SimpleNamespace:
        s = layer(z)[:, 0]
        s.retain_grad()
        each = nn.functional.binary_cross_entropy_with_logits(s, y, reduction="none")
        return SimpleNamespace(s=s, p=torch.sigmoid(s), each=each)

    before = state()
    before.each.mean().backward()
    slope = layer.weight.grad.clone()
    torch.optim.SGD(layer.parameters(), lr=1.0).step()
    return SimpleNamespace(
        rows=rows, z=z, y=y, before=before, after=state(), slope=slope, layer=layer
    )


def assert_printed_state(lines: list[str], state: SimpleNamespace, y) -> None:
    columns = (state.s, state.p, state.each)
    wanted = np.array([c.detach().numpy() for c in columns]).T
    for line, name, row in zip(lines[:4], CELLS, wanted, strict=True):
        assert line.startswith(f"{name}：")
        assert numbers(line) == pytest.approx(row.tolist(), abs=5.1e-4)
    loss, right = numbers(lines[4])
    assert loss == pytest.approx(state.each.mean().item(), abs=5.1e-4)
    assert right == int(((state.s >= 0) == y).sum())


def test_the_four_cells_are_those_of_the_page_s_table(by_hand):
    page = (ROOT / "docs/frameworks/binary-classifier.md").read_text(encoding="utf-8")
    columns = list(zip(*CELLS.values(), strict=True))
    for name, values in zip(("半径", "纹理", "标签 $y$"), columns, strict=True):
        assert f"| {name} | " + " | ".join(map(str, values)) + " |" in page
    np.testing.assert_array_equal(np.column_stack([by_hand.x, by_hand.y]).T, columns)


def test_the_printed_standardised_cells_are_torchs(by_hand, four):
    lines = by_hand.printed_by["standardise"].splitlines()
    x = four.rows[:, :2]
    assert numbers(lines[0]) == x.mean(0).tolist()
    assert numbers(lines[1]) == pytest.approx(x.std(0, correction=0).tolist())
    for line, name, row in zip(lines[2:], CELLS, four.z.tolist(), strict=True):
        assert line.startswith(f"{name}：") and numbers(line) == pytest.approx(row)


def test_the_printed_logits_chances_and_losses_are_torchs(by_hand, four):
    lines = by_hand.printed_by["loss"].splitlines()
    assert_printed_state(lines, four.before, four.y)


def test_the_printed_errors_are_the_slopes_of_the_loss_at_the_logits(by_hand, four):
    errors = numbers(by_hand.printed_by["step"].splitlines()[0])
    slopes = 4 * four.before.s.grad  # the loss is the mean over four
    assert errors == pytest.approx(slopes.tolist(), abs=5.1e-4)


def test_the_printed_step_is_that_of_torchs_sgd(by_hand, four):
    _, slope, weight, *lines = by_hand.printed_by["step"].splitlines()
    assert numbers(slope) == pytest.approx(four.slope[0].tolist(), abs=5.1e-4)
    assert numbers(weight) == pytest.approx(
        four.layer.weight[0].detach().tolist(), abs=5.1e-4
    )
    assert_printed_state(lines, four.after, four.y)


def test_the_bias_of_the_hand_case_does_not_move(by_hand, four):
    assert abs(by_hand.b1) < 1e-12 > abs(four.layer.bias.item())


def test_the_libraries_agree_with_the_hand_case(by_hand):
    assert by_hand.printed_by["library"].rstrip().endswith("True")


# --- ten scores by hand, by enumeration in fractions ----------------------------


TEN = "frameworks/binary_classifier_threshold_numpy"
SCORES = [Fraction(k, 100) for k in range(95, 0, -10)]
SICK = [1, 1, 0, 1, 0, 0, 1, 0, 0, 0]
THRESHOLDS = [Fraction(k, 10) for k in (9, 7, 5, 3)]


def four_cells(threshold: Fraction) -> tuple[int, int, int, int]:
    """(hits, false alarms, missed, rightly passed) by counting one at a time."""
    verdicts = [(s >= threshold, t) for s, t in zip(SCORES, SICK, strict=True)]
    return tuple(
        verdicts.count(v) for v in ((True, 1), (True, 0), (False, 1), (False, 0))
    )


@pytest.fixture
def ten(run_snippet: Run) -> SimpleNamespace:
    return run_snippet(TEN)


def test_the_printed_cells_of_the_ten_scores_are_counted(ten):
    lines = ten.printed_by["cells"].splitlines()
    for line, threshold in zip(lines[::2], THRESHOLDS, strict=True):
        assert numbers(line) == [float(threshold), *four_cells(threshold)]
        names = re.findall(r"(\w\w) \d(?=，|$)", line)
        assert names == ["真阳", "假阳", "漏诊", "真阴"]


def test_the_printed_metrics_of_the_ten_scores_are_fractions(ten):
    for line, threshold in zip(
        ten.printed_by["cells"].splitlines()[1::2], THRESHOLDS, strict=True
    ):
        tp, fp, fn, tn = four_cells(threshold)
        precision, recall = Fraction(tp, tp + fp), Fraction(tp, tp + fn)
        f1 = 2 / (1 / precision + 1 / recall)  # the harmonic mean
        assert named(line.strip(), "") == {
            "准确率": round(float(Fraction(tp + tn, 10)), 3),
            "精确率": round(float(precision), 3),
            "召回率": round(float(recall), 3),
            "F1": round(float(f1), 3),
        }


def test_the_four_thresholds_share_one_accuracy():
    assert {four_cells(t)[0] + four_cells(t)[3] for t in THRESHOLDS} == {7}


def test_the_printed_auc_is_the_share_of_pairs_and_the_area(ten):
    groups = [[s for s, t in zip(SCORES, SICK, strict=True) if t == c] for c in (1, 0)]
    pairs = list(itertools.product(*groups))
    won = sum(a > b for a, b in pairs)
    fpr, tpr, _ = metrics.roc_curve(SICK, [float(s) for s in SCORES])
    assert numbers(ten.printed_by["roc"].replace("ROC", "")) == [
        won,
        len(pairs),
        round(won / len(pairs), 3),
        round(metrics.auc(fpr, tpr), 3),
    ]


def test_the_corners_of_the_staircase_are_scikit_learns(ten):
    fpr, tpr, _ = metrics.roc_curve(
        SICK, [float(s) for s in SCORES], drop_intermediate=False
    )
    assert_close(ten.corners, np.column_stack([fpr, tpr]), atol=1e-12)


def test_the_printed_costs_of_the_ten_scores_are_counted(ten):
    lines = ten.printed_by["cost"].splitlines()
    for line, threshold in zip(lines, THRESHOLDS, strict=False):
        _, fp, fn, _ = four_cells(threshold)
        assert numbers(line) == [float(threshold), fp + 5 * fn]


def test_the_printed_expected_costs_are_those_of_a_coin(ten):
    *_, unlikely, likely, break_even = ten.printed_by["cost"].splitlines()
    for line, chance in ((unlikely, Fraction(1, 10)), (likely, Fraction(2, 10))):
        costs = [float(1 - chance), float(5 * chance)]
        assert numbers(line) == [float(chance), *costs]
        assert "判恶性的期望代价" in line.split("，")[0]
    assert numbers(break_even) == [round(1 / 6, 3)]


def test_scikit_learn_agrees_on_the_ten_scores(ten):
    assert re.findall(r"：\s*(\w+)", ten.printed_by["library"]) == ["True", "True"]


def test_precision_without_a_verdict_is_0_by_convention():
    with pytest.warns(UndefinedMetricWarning):
        assert metrics.precision_score([1, 0], [0, 0]) == 0


def test_one_more_hit_in_the_ten_gives_the_exercise_s_answer():
    scores = [0.70 if s == Fraction(35, 100) else float(s) for s in SCORES]
    assert metrics.roc_auc_score(SICK, scores) == pytest.approx(22 / 24)
    guess = [s >= 0.5 for s in scores]
    tn, fp, fn, tp = metrics.confusion_matrix(SICK, guess).ravel()
    assert fp + 5 * fn == 2


def test_the_drawn_matrices_are_those_of_the_four_thresholds():
    for k, threshold in enumerate(THRESHOLDS, 1):
        tp, fp, fn, tn = four_cells(threshold)
        name = f"docs/assets/figures/binary-classifier-threshold-{k}.svg"
        drawn = (ROOT / name).read_text(encoding="utf-8")
        shown = f"真阳 {tp}，漏诊 {fn}，假阳 {fp}，真阴 {tn}"
        assert f"阈值 {float(threshold)}：{shown}</title>" in drawn
        assert all(f">{part}</text>" in drawn for part in shown.split("，"))


# --- seeds and parts ------------------------------------------------------------


SEEDS = "frameworks/binary_classifier_seeds_numpy"


@pytest.fixture(scope="module")
def seeds(run_snippet: Run) -> SimpleNamespace:
    return run_snippet(SEEDS)


def trained_once(truth: SimpleNamespace, n: int, split: int, seed: int) -> float:
    """Accuracy on the test part of the network of least validation loss, all kept."""
    rest, test = train_test_split(
        range(569), test_size=114, stratify=truth.y, random_state=split
    )
    train, valid = train_test_split(
        rest, test_size=114, stratify=truth.y[rest], random_state=split
    )
    x, y = truth.x[:, :n], truth.y
    z = (x - x[train].mean(0)) / x[train].std(0)
    net = network(seed)
    losses, chances = [], []
    while not losses or len(losses) - 1 - int(np.argmin(losses)) < 20:
        net.partial_fit(z[train], y[train], classes=[0, 1])
        chances.append(net.predict_proba(z)[:, 1])
        true = np.where(y == 1, chances[-1], 1 - chances[-1])
        losses.append(-np.log(true[valid]).mean())
    guess = chances[int(np.argmin(losses))] >= 0.5
    return float(np.mean(guess[test] == y[test]))


@pytest.mark.parametrize(("n", "split", "seed"), [(30, 0, 3), (8, 5, 5), (30, 5, 5)])
def test_a_training_of_the_twenty_is_that_of_its_seed(seeds, truth, n, split, seed):
    ours = seeds.same_split if split == 0 else seeds.few if n == 8 else seeds.many
    assert ours[seed] == pytest.approx(trained_once(truth, n, split, seed), abs=1e-12)


def test_the_printed_ranges_are_those_of_the_twenty(seeds):
    first, few, many, *_ = seeds.printed_by["seeds"].splitlines()
    assert len(seeds.same_split) == len(seeds.few) == len(seeds.many) == 20
    low, *_, high = sorted(seeds.same_split)
    assert numbers(first) == [30, 20, round(low, 3), round(high, 3)]
    for line, n, scores in ((few, 8, seeds.few), (many, 30, seeds.many)):
        values = [float(s) for s in scores]
        assert numbers(line) == [
            n,
            20,
            round(statistics.fmean(values), 4),
            round(statistics.stdev(values), 4),
            round(min(values), 3),
            round(max(values), 3),
        ]


def test_the_printed_chances_of_one_row_are_those_of_twenty_networks(
    seeds, truth, run_snippet
):
    patient = run_snippet(LOOP).patient
    row = np.array([[patient[name] for name in truth.dataset.feature_names[:8]]])
    z = StandardScaler().fit(truth.x[truth.train, :8])
    assert_close(seeds.row, row, rtol=1e-12)
    low, high, many, most, *_ = numbers(
        line_of(seeds.printed_by["seeds"], "同一行、20 个种子：恶性概率 ")
        .replace("不小于 0.5 的", "")
        .replace("不小于 1/6 的", "")
    )
    chances = sorted(seeds.chances)
    assert (low, high) == (round(chances[0], 2), round(chances[-1], 2))
    assert (many, most) == (
        sum(np.array(chances) >= 0.5),
        sum(np.array(chances) > 1 / 6),
    )
    for seed in (0, 13):
        net = network(seed)
        losses, found = [], []
        while not losses or len(losses) - 1 - int(np.argmin(losses)) < 20:
            net.partial_fit(
                z.transform(truth.x[truth.train, :8]),
                truth.y[truth.train],
                classes=[0, 1],
            )
            p = net.predict_proba(z.transform(truth.x[truth.valid, :8]))
            losses.append(metrics.log_loss(truth.y[truth.valid], p[:, 1]))
            found.append(net.predict_proba(z.transform(row))[0, 1])
        best = found[int(np.argmin(losses))]
        assert seeds.chances[seed] == pytest.approx(best, abs=1e-9)


def test_only_a_generator_shuffles_otherwise_in_the_next_epoch():
    z, y = np.random.default_rng(0).standard_normal((64, 3)), np.arange(64) % 2
    places = {}
    for name, seed in (("integer", 0), ("generator", np.random.RandomState(0))):
        net = MLPClassifier(4, batch_size=32, random_state=seed)
        places[name] = []
        for _ in range(3):
            net.partial_fit(z, y, classes=[0, 1])
            places[name].append(net._random_state.get_state()[2])
    first, *rest = places["integer"]
    assert len(set(rest)) == 1 and first not in rest  # the first draws weights, too
    assert len(set(places["generator"])) == 3


def test_from_seed_0_the_loop_of_torch_runs_on_as_the_page_says():
    text = (ROOT / f"snippets/{LOOP}.py").read_text(encoding="utf-8")
    text = text.partition("# --8<-- [start:evaluate]")[0]
    left = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(text.replace("manual_seed(2)", "manual_seed(0)"), left)
    page = (ROOT / "docs/frameworks/binary-classifier.md").read_text(encoding="utf-8")
    said = re.search(
        r"换成 0，PyTorch 的网络走满 (\d+) 轮还没有停，验证损失是 (.*?)。", page
    )
    assert left["epoch"] == int(said[1])
    assert left["best_loss"] == pytest.approx(float(said[2]), abs=2e-3)


def test_the_page_says_what_the_evaluation_and_the_seeds_print(evaluated, seeds, idiom):
    page = (ROOT / "docs/frameworks/binary-classifier.md").read_text(encoding="utf-8")
    cells, scores, _ = evaluated.printed_by["metrics"].splitlines()
    tp, fp, fn, tn = numbers(cells)
    assert f"测试集 114 例里判错 {fp + fn:.0f} 例，漏诊 {fn:.0f} 例" in page
    assert f"（真阳 {tp:.0f}，假阳 {fp:.0f}，漏诊 {fn:.0f}，真阴 {tn:.0f}）" in page
    low, high = after(evaluated.printed_by["interval"], "准确率的 95% 区间：")
    accuracy = numbers(scores)[0]
    assert f"准确率是 {accuracy:.4f}，区间从 {low} 到 {high}，" in page
    half, sixth, chosen = (
        numbers(x) for x in evaluated.printed_by["threshold"].splitlines()
    )
    assert f"选出的 {chosen[0]:g}，验证集代价由 {half[1]:g} 降到 {chosen[1]:g}" in page
    assert f"测试集代价却由 {half[-1]:g} 升到 {chosen[-1]:g}" in page
    assert sixth[-1] < chosen[-1]
    assert f"阈值 {chosen[0]:g} 在测试集上的代价 {chosen[-1]:g} 与" in page
    both, differ, sign = evaluated.printed_by["full"].splitlines()
    apart, _, won, _, lost = numbers(differ)
    assert f"只在 {apart:g} 例上对错不同，{won:g} 比 {lost:g}" in page
    assert f"机会是 {numbers(sign)[0]}（" in page
    assert f"与 {numbers(both)[-1]}。" in page
    same, few, _, gap, _ = seeds.printed_by["seeds"].splitlines()
    assert "准确率就从 {} 到 {}，".format(*numbers(same)[-2:]) in page
    assert "8 个特征也从 {} 到 {}。".format(*numbers(few)[-2:]) in page
    mean, _, won, even, lost = numbers(gap)
    assert f"平均高 {mean}，30 个特征胜 {won:g}、平 {even:g}、负 {lost:g}" in page
    assert (
        "概率从 {} 到 {}：".format(
            *after(seeds.stdout_text, "同一行、20 个种子：恶性概率 ")[:2]
        )
        in page
    )
    chance = numbers(idiom.printed_by["predict"].splitlines()[0])[0]
    assert re.search(rf"概率是 (0.\d\d 与 )?{chance}", page)


def test_the_printed_wins_are_counted_part_by_part(seeds):
    last = seeds.printed_by["seeds"].splitlines()[3]
    pairs = list(zip(seeds.few.tolist(), seeds.many.tolist(), strict=True))
    mean = statistics.fmean(b - a for a, b in pairs)
    won, even = sum(b > a for a, b in pairs), sum(b == a for a, b in pairs)
    assert numbers(last)[0] == pytest.approx(mean, abs=5.1e-5)
    assert numbers(last)[1:] == [30, won, even, 20 - won - even]
    assert "平均 +" in last


# --- the table of defaults: one test a row -------------------------------------


def test_default_dense_weights_are_uniform_with_different_bounds():
    w = nn.Linear(8, 2000).weight
    k = keras.layers.Dense(10)
    k.build((None, 8))
    many = [keras.initializers.GlorotUniform(seed=s)((8, 10)) for s in range(50)]
    assert 0.99 < w.abs().max().item() * math.sqrt(8) <= 1
    assert 0.99 < np.abs(many).max() / math.sqrt(6 / 18) <= 1
    assert isinstance(k.kernel_initializer, keras.initializers.GlorotUniform)


def test_default_biases_are_random_in_torch_and_zero_in_keras():
    layer = keras.layers.Dense(2000)
    layer.build((None, 8))
    bias = nn.Linear(8, 2000).bias
    assert 0.99 < bias.abs().max().item() * math.sqrt(8) <= 1
    assert not np.any(layer.bias)


def test_default_weight_layouts_are_transposed():
    layer = keras.layers.Dense(10)
    layer.build((None, 8))
    assert tuple(nn.Linear(8, 10).weight.shape) == (10, 8)
    assert tuple(layer.kernel.shape) == (8, 10)


def test_default_adam_epsilons_differ_in_size_and_place():
    grad, lr = 1e-6, 1e-3
    torch_weight = nn.Parameter(torch.zeros(1, dtype=torch.float64))
    torch_weight.grad = torch.full((1,), grad, dtype=torch.float64)
    torch.optim.Adam([torch_weight]).step()
    keras_weight = keras.Variable(np.zeros(1), dtype="float64")
    keras.optimizers.Adam().apply([tf.constant([grad], tf.float64)], [keras_weight])
    assert_close(torch_weight.detach(), [-lr * grad / (grad + 1e-8)], rtol=1e-9)
    root = math.sqrt(0.001)  # before the correction sqrt(v) is this much smaller
    assert_close(keras_weight.numpy(), [-lr * grad / (grad + 1e-7 / root)], rtol=1e-4)


def test_default_learning_rates_of_sgd_differ_tenfold():
    ours, theirs = nn.Parameter(torch.zeros(1)), keras.Variable([0.0])
    ours.grad = torch.ones(1)
    torch.optim.SGD([ours]).step()
    keras.optimizers.SGD().apply([tf.constant([1.0])], [theirs])
    assert_close([ours.item(), float(theirs[0])], [-1e-3, -1e-2], rtol=1e-6)


def batch_norms(rows: np.ndarray) -> tuple[nn.BatchNorm1d, keras.Layer]:
    ours, theirs = nn.BatchNorm1d(3), keras.layers.BatchNormalization()
    ours.train()(torch.tensor(rows))
    theirs(rows, training=True)
    return ours, theirs


def test_default_batch_norm_momentum_means_the_opposite():
    rows = np.random.default_rng(0).normal(2, 1, (16, 3)).astype("float32")
    ours, theirs = batch_norms(rows)
    assert_close(ours.running_mean, 0.1 * rows.mean(axis=0), rtol=1e-5)
    assert_close(theirs.moving_mean, 0.01 * rows.mean(axis=0), rtol=1e-4)


def test_default_running_variance_is_unbiased_only_in_torch():
    rows = np.random.default_rng(0).normal(2, 3, (4, 3)).astype("float32")
    ours, theirs = batch_norms(rows)
    assert_close(ours.running_var, 0.9 + 0.1 * rows.var(axis=0, ddof=1), rtol=1e-5)
    assert_close(theirs.moving_variance, 0.99 + 0.01 * rows.var(axis=0), rtol=1e-5)


def test_default_normalisation_epsilons_differ_a_hundredfold():
    rows = np.random.default_rng(1).normal(0, 0.01, (5, 16)).astype("float32")
    centred = rows - rows.mean(axis=1, keepdims=True)
    spread = rows.var(axis=1, keepdims=True)
    ours = nn.LayerNorm(16)(torch.tensor(rows)).detach()
    assert_close(ours, centred / np.sqrt(spread + 1e-5), atol=1e-4)
    theirs = keras.layers.LayerNormalization()(rows)
    assert_close(theirs, centred / np.sqrt(spread + 1e-3), atol=1e-4)
    centred, spread = rows - rows.mean(axis=0), rows.var(axis=0)
    ours = nn.BatchNorm1d(16)(torch.tensor(rows)).detach()
    assert_close(ours, centred / np.sqrt(spread + 1e-5), atol=1e-4)
    theirs = keras.layers.BatchNormalization()(rows, training=True)
    assert_close(theirs, centred / np.sqrt(spread + 1e-3), atol=1e-4)


def test_default_mode_trains_in_torch_and_infers_in_keras():
    rows = np.ones((1, 1000), "float32")
    assert (nn.Dropout(0.5)(torch.tensor(rows)) == 0).any()
    assert np.all(keras.layers.Dropout(0.5)(rows) == 1)


def test_default_batches_are_single_rows_in_torch_and_shuffled_32s_in_keras():
    loader = torch.utils.data.DataLoader(list(range(100)))
    assert [batch.tolist() for batch in loader] == [[i] for i in range(100)]

    seen = []

    class Watch(keras.Model):
        def train_step(self, data):
            seen.append(data[0].numpy().ravel().tolist())
            return {"loss": tf.constant(0.0)}

    model = Watch()
    model.compile(run_eagerly=True)
    model.fit(np.arange(100)[:, None], np.zeros(100), verbose=0)
    assert [len(batch) for batch in seen] == [32, 32, 32, 4]
    order = sum(seen, [])
    assert sorted(order) == list(range(100)) != order


def test_default_losses_on_probabilities_are_capped_differently():
    certain, wrong = np.ones((1, 1), "float32"), np.zeros((1, 1), "float32")
    ours = nn.BCELoss()(torch.tensor(certain), torch.tensor(wrong))
    theirs = keras.losses.BinaryCrossentropy()(wrong, certain)
    assert ours.item() == 100
    assert 15.9 < float(theirs) < 16.2


def test_default_losses_treat_a_missing_axis_differently():
    logits, targets = np.array([[2.0], [-1.0]], "float32"), np.array([1, 0], "float32")
    with pytest.raises(ValueError, match="Target size"):
        nn.BCEWithLogitsLoss()(torch.tensor(logits), torch.tensor(targets))
    criterion = keras.losses.BinaryCrossentropy(from_logits=True)
    assert_close(
        criterion(targets, logits), criterion(targets[:, None], logits), rtol=1e-6
    )


def test_default_reductions_are_both_the_mean_over_the_batch():
    logits = np.array([[2.0], [-1.0], [0.5]], "float32")
    targets = np.array([[1], [1], [0]], "float32")
    expected = metrics.log_loss(targets, 1 / (1 + np.exp(-logits.astype(float))))
    ours = nn.BCEWithLogitsLoss()(torch.tensor(logits), torch.tensor(targets))
    theirs = keras.losses.BinaryCrossentropy(from_logits=True)(targets, logits)
    assert_close([ours.item(), float(theirs)], [expected, expected], rtol=1e-5)


def test_default_accuracy_of_keras_cuts_logits_at_one_half():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(loss=loss, metrics=["accuracy"])
    logit, target = np.array([[0.3]], "float32"), np.array([[1]], "float32")
    assert 1 / (1 + math.exp(-0.3)) > 0.5  # rightly positive, and yet:
    assert model.evaluate(logit, target, verbose=0, return_dict=True)["accuracy"] == 0
    mended = keras.metrics.BinaryAccuracy(threshold=0)
    assert float(mended(target, logit)) == 1


def test_default_auc_of_keras_is_an_approximation():
    truth = np.array([0, 1, 0, 1], "float32")
    scores = np.array([0.0011, 0.0012, 0.0013, 0.0014], "float32")
    assert metrics.roc_auc_score(truth, scores) == 0.75
    assert abs(float(keras.metrics.AUC()(truth, scores)) - 0.75) > 0.2


def test_default_standard_deviation_is_unbiased_only_in_torch():
    rows = np.array([1.0, 2.0, 4.0])
    assert_close(torch.tensor(rows).std(), rows.std(ddof=1), rtol=1e-12)
    assert_close(tf.math.reduce_std(rows), rows.std(), rtol=1e-12)
    assert_close(np.std(rows), math.sqrt(14 / 9), rtol=1e-12)


def test_default_early_stopping_keeps_the_last_weights():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    x, target = np.ones((4, 1), "float32"), np.full((4, 1), 3, "float32")
    worse = -target  # the better on training rows, the worse on validation rows
    before = [w.copy() for w in model.get_weights()]
    stop = keras.callbacks.EarlyStopping()
    history = model.fit(
        x, target, epochs=9, validation_data=(x, worse), callbacks=[stop], verbose=0
    )
    assert len(history.history["loss"]) == 2  # patience 0: the first rise ends it
    assert stop.best_epoch == 0
    final = model.evaluate(x, worse, verbose=0)
    assert_close(final, history.history["val_loss"][-1], rtol=1e-5)
    assert not np.array_equal(before[0], model.get_weights()[0])


def test_default_float64_rows_fail_in_torch_and_are_cast_in_keras():
    rows = np.ones((2, 8))
    with pytest.raises(RuntimeError, match="dtype"):
        nn.Linear(8, 1)(torch.from_numpy(rows))
    assert keras.layers.Dense(1)(rows).dtype == tf.float32


# --- pitfalls that the page tells ----------------------------------------------


def test_a_saturated_sigmoid_stops_the_gradient_that_the_logit_keeps():
    target = torch.zeros(1)
    clipped, kept = torch.tensor([20.0], requires_grad=True), torch.tensor([20.0])
    kept.requires_grad_()
    nn.BCELoss()(torch.sigmoid(clipped), target).backward()
    nn.BCEWithLogitsLoss()(kept, target).backward()
    assert (clipped.grad.item(), kept.grad.item()) == (0, 1)


def test_a_keras_sigmoid_carries_its_logit_to_the_loss_but_tf_sigmoid_does_not():
    def loss_and_slope(sigmoid):
        logit = tf.Variable([[20.0]])
        with tf.GradientTape() as tape:
            loss = keras.losses.BinaryCrossentropy()(tf.zeros((1, 1)), sigmoid(logit))
        return float(loss), float(tape.gradient(loss, logit)[0, 0])

    assert loss_and_slope(keras.layers.Activation("sigmoid")) == (20, 1)
    loss, slope = loss_and_slope(tf.sigmoid)
    assert 15.9 < loss < 16.2 and slope == 0


def test_one_seed_draws_different_numbers_in_each_framework():
    keras.utils.set_random_seed(0)
    draws = (
        keras.random.uniform((5,)),
        torch.rand(5),
        np.random.default_rng(0).random(5),
    )
    a, b, c = (np.sort(np.asarray(draw)) for draw in draws)
    assert np.abs(a - b).max() > 0.01 < min(np.abs(b - c).max(), np.abs(a - c).max())


def test_verdicts_instead_of_chances_lower_the_auc(evaluated):
    sick, p = evaluated.y[evaluated.test], evaluated.p[evaluated.test]
    whole = metrics.roc_auc_score(sick, p)
    assert metrics.roc_auc_score(sick, p >= 0.5) < whole - 0.02


def test_the_third_positional_argument_of_compile_is_not_metrics():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("adam", keras.losses.BinaryCrossentropy(), ["accuracy"])
    with pytest.raises(ValueError, match="dtype='string' is not a valid dtype"):
        model.fit(np.ones((2, 1)), np.ones((2, 1)), verbose=0)


def test_weights_of_other_names_are_dropped_without_a_word_unless_strict():
    layer = nn.Linear(1, 1)
    before = layer.weight.detach().clone()
    said = layer.load_state_dict({"other": torch.ones(1, 1)}, strict=False)
    assert torch.equal(before, layer.weight) and said.missing_keys


def test_gradients_add_up_without_zero_grad():
    weight = nn.Parameter(torch.ones(1))
    for _ in range(3):
        (2 * weight).sum().backward()
    assert weight.grad.item() == 6


def test_a_state_dict_without_a_copy_changes_with_training():
    layer = nn.Linear(1, 1)
    kept = layer.state_dict()["weight"]
    with torch.no_grad():
        layer.weight.add_(1)
    assert torch.equal(kept, layer.weight)


def test_forgetting_to_standardise_ruins_the_prediction(run_snippet):
    ns = run_snippet(BY_HAND)
    raw = {**ns.runs[8][0], "mean": np.zeros(8), "scale": np.ones(8)}
    guess = ns.forward(raw, ns.x[ns.test, :8])[0] >= 0
    assert np.mean(guess == ns.y[ns.test]) < 0.7


@pytest.mark.parametrize("name", [BY_HAND, *IDIOMS])
def test_the_programs_print_no_path_and_no_time(run_snippet, name):
    text = run_snippet(name).stdout_text
    assert not re.search(r"[/\\]\w+[/\\]| s\b", text)


# --- practice: frameworks/binary_classifier_practice_numpy -------------------------

PRACTICE = ROOT / "snippets/frameworks/binary_classifier_practice_numpy.py"
SOLUTION = """
def ratio(part, whole):
    return part / whole if whole else 0.0


def metrics(targets, scores, threshold):
    guess = scores >= threshold
    tp = np.sum(guess & (targets == 1))
    fp = np.sum(guess & (targets == 0))
    fn = np.sum(~guess & (targets == 1))
    above = scores[targets == 1][:, None] - scores[targets == 0]  # (positive, negative)
    return {
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
        "auc": np.mean((above > 0) + 0.5 * (above == 0)),
    }
"""
WRONG = [
    ("scores >= threshold", "scores > threshold"),
    ("scores >= threshold", "scores >= 0.5"),
    ("scores >= threshold", "scores < threshold"),
    ("part / whole if whole else 0.0", "part / whole"),  # NaN
    ("part / whole if whole else 0.0", "part / whole if whole else 1.0"),
    ("ratio(tp, tp + fp)", "ratio(tp, tp + fn)"),
    ("ratio(tp, tp + fn)", "ratio(tp, len(targets))"),
    ("ratio(2 * tp, 2 * tp + fp + fn)", "ratio(tp, tp + fp + fn)"),
    (
        "ratio(2 * tp, 2 * tp + fp + fn)",
        "(ratio(tp, tp + fp) + ratio(tp, tp + fn)) / 2",  # the arithmetic mean
    ),
    ("(above > 0) + 0.5 * (above == 0)", "above > 0"),  # ties lose
    ("(above > 0) + 0.5 * (above == 0)", "above >= 0"),  # ties win
    ("(above > 0)", "(above < 0)"),
    ("scores[targets == 1][:, None]", "guess[targets == 1][:, None] * 1.0"),
    ("tp = np.sum", "scores.sort()\n    tp = np.sum"),  # changes what it was given
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_scikit_learn_gives(case: tuple) -> None:
    _, given, expected, _ = case
    targets, guess = given["targets"], given["scores"] >= given["threshold"]
    found = {
        "precision": metrics.precision_score(targets, guess, zero_division=0),
        "recall": metrics.recall_score(targets, guess, zero_division=0),
        "f1": metrics.f1_score(targets, guess, zero_division=0),
        "auc": metrics.roc_auc_score(targets, given["scores"]),
    }
    assert expected == pytest.approx(found, abs=6e-7)


def test_metrics_as_on_the_page_pass_the_practice() -> None:
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # one divides by zero on purpose
def test_no_wrong_metrics_pass_the_practice() -> None:
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # divides by zero on purpose
def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    page = (ROOT / "docs/frameworks/binary-classifier.md").read_text(encoding="utf-8")
    assert practice.failing(PRACTICE, SOLUTION, WRONG[3]) in page


# --- the hand case's functions with other inputs ---------------------------------


def test_the_forward_pass_of_the_hand_case_adds_the_bias(by_hand, four):
    w, b = np.array([-0.5, 2.0]), 0.75
    layer = nn.Linear(2, 1, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(w[None]))
        layer.bias.fill_(b)
        logits = layer(four.z)[:, 0]
    s, p, loss = by_hand.forward(w, b)
    each = nn.functional.binary_cross_entropy_with_logits(
        logits, four.y, reduction="none"
    )
    assert_close(s, logits, atol=1e-12)
    assert_close(p, torch.sigmoid(logits), atol=1e-12)
    assert_close(loss, each, atol=1e-12)


def test_the_ten_scores_are_those_that_are_counted(ten):
    assert_close(ten.p, [float(s) for s in SCORES], atol=1e-12)
    assert ten.y.tolist() == SICK
