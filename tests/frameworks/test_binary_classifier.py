"""The programs of 二分类 against scikit-learn, autograd, and one another.

Tolerances of parity, measured on CPU (largest over the 803 steps) and then rounded up:

====================  =======================  ========  =========
precision             compared with NumPy       measured  allowed
====================  =======================  ========  =========
float32, step losses  PyTorch                  9e-8      2e-6
float32, step losses  Keras                    1.4e-6    1e-5
float64, step losses  PyTorch                  2e-16     1e-12
float64, step losses  Keras                    1.2e-6    1e-5
float64, step losses  Keras, its rounded betas 2e-10     5e-9
====================  =======================  ========  =========
"""

import contextlib
import io
import math
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
import torch
from sklearn import metrics
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from handbook.programs import practice

ROOT = Path(__file__).parent.parent.parent
FRAMEWORKS = ["numpy", "torch", "tf"]
Run = Callable[[str], SimpleNamespace]
Variant = Callable[..., SimpleNamespace]


def assert_close(a, b, atol: float = 0.0, rtol: float = 0.0) -> None:
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=atol, rtol=rtol)


@pytest.fixture(params=FRAMEWORKS)
def program(request: pytest.FixtureRequest, run_snippet: Run) -> SimpleNamespace:
    """The page's main program, in each framework in turn."""
    return run_snippet(f"frameworks/binary_classifier_{request.param}")


@pytest.fixture(scope="session")
def variant(tmp_path_factory: pytest.TempPathFactory) -> Variant:
    """``variant("tf", {"old": "new"})``: the main program with its text changed."""

    def run(framework: str, changes: dict[str, str]) -> SimpleNamespace:
        name = f"binary_classifier_{framework}.py"
        text = (ROOT / "snippets/frameworks" / name).read_text(encoding="utf-8")
        for old, new in changes.items():
            assert old in text, f"{name} no longer has {old!r}"
            text = text.replace(old, new)
        folder = tmp_path_factory.mktemp(framework)
        (folder / name).write_text(text, encoding="utf-8")
        if "float64" in changes.get('DTYPE = "float32"', ""):
            keras.config.set_dtype_policy("float64")  # set_floatx alone comes too late
        try:
            with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
                return SimpleNamespace(**runpy.run_path(str(folder / name)))
        finally:
            torch.set_default_dtype(torch.float32)
            keras.config.set_floatx("float32")
            keras.config.set_dtype_policy("float32")

    return run


@pytest.fixture(scope="session")
def in_float64(variant: Variant) -> dict[str, SimpleNamespace]:
    """The main program of each framework with every array in float64."""
    double = {'DTYPE = "float32"': 'DTYPE = "float64"'}
    return {framework: variant(framework, double) for framework in FRAMEWORKS}


def running_mean(step_loss: list[float]) -> np.ndarray:
    """What Keras logs: within each epoch, the mean over the examples seen so far."""
    sizes = np.array([32] * 10 + [21])  # 341 rows
    losses = np.array(step_loss, dtype=float).reshape(-1, len(sizes))
    return (np.cumsum(losses * sizes, axis=1) / np.cumsum(sizes)).ravel()


def final_weights(namespace: SimpleNamespace) -> list[np.ndarray]:
    """Weights after early stopping, each as (in, out), whatever the framework."""
    model = namespace.model
    if isinstance(model, dict):
        return [model[name] for name in ("w1", "b1", "w2", "b2")]
    if isinstance(model, keras.Model):
        return model.get_weights()
    return [p.detach().numpy().T for p in model.parameters()]


# --- data: coding, split, standardisation -------------------------------------


def test_malignant_is_the_positive_class(program):
    dataset = load_breast_cancer()
    diagnosis = dataset.target_names[dataset.target]
    np.testing.assert_array_equal(program.y == 1, diagnosis == "malignant")


def test_the_columns_keep_their_names_and_order(program):
    dataset = load_breast_cancer()
    assert program.names == list(dataset.feature_names)
    assert_close(program.x, dataset.data, rtol=1e-6)


def test_no_row_is_in_two_parts(program):
    parts = [set(rows) for rows in (program.train, program.valid, program.test)]
    assert [len(part) for part in parts] == [341, 114, 114]
    assert len(set.union(*parts)) == 569


def test_every_part_has_the_same_share_of_malignant_rows(program):
    for rows in (program.train, program.valid, program.test):
        assert abs(program.y[rows].mean() - 212 / 569) < 1 / len(rows)


def test_standardisation_is_that_of_a_scaler_fitted_on_the_training_part(program):
    scaler = StandardScaler().fit(load_breast_cancer().data[program.train])
    assert_close(program.mean, scaler.mean_, rtol=1e-6)
    assert_close(program.scale, scaler.scale_, rtol=1e-6)


def test_standardisation_would_differ_if_it_had_seen_the_other_parts(program):
    scaler = StandardScaler().fit(load_breast_cancer().data)
    assert np.all(np.abs(program.scale / scaler.scale_ - 1) > 1e-5)


# --- model, loss, gradients, optimizer ----------------------------------------


def test_the_network_has_101_trainable_parameters(program):
    assert sum(w.size for w in final_weights(program)) == 8 * 10 + 10 + 10 + 1


def test_the_numpy_loss_matches_torch_even_for_extreme_logits(run_snippet):
    ns = run_snippet("frameworks/binary_classifier_numpy")
    logits = np.array([-90, -3, -1e-3, 0, 2, 30, 90], "float32")
    targets = np.array([1, 0, 1, 0, 1, 0, 1], "float32")
    expected = nn.functional.binary_cross_entropy_with_logits(
        torch.from_numpy(logits), torch.from_numpy(targets)
    )
    assert_close(ns.bce_with_logits(logits, targets), expected.item(), rtol=1e-6)


def test_the_numpy_gradients_match_autograd(run_snippet):
    ns = run_snippet("frameworks/binary_classifier_numpy")
    rows = ns.train[:50]
    leaves = {
        name: torch.tensor(ns.model[name].astype(float), requires_grad=True)
        for name in ("w1", "b1", "w2", "b2")
    }
    x = ns.x[rows, :8].astype(float)
    z = torch.tensor((x - ns.mean[:8]) / ns.scale[:8])
    hidden = torch.relu(z @ leaves["w1"] + leaves["b1"])
    logits = (hidden @ leaves["w2"] + leaves["b2"]).squeeze(1)
    nn.functional.binary_cross_entropy_with_logits(
        logits, torch.tensor(ns.y[rows].astype(float))
    ).backward()
    double = {name: value.astype(float) for name, value in ns.model.items()}
    _, grads = ns.gradients(double, x, ns.y[rows].astype(float))
    for name, leaf in leaves.items():
        assert_close(grads[name], leaf.grad, atol=1e-12)


def test_the_numpy_adam_matches_torch_adam_after_100_steps(run_snippet):
    ns = run_snippet("frameworks/binary_classifier_numpy")
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


# --- parity: the three trajectories -------------------------------------------


def test_torch_follows_numpy_step_by_step(run_snippet):
    mine = run_snippet("frameworks/binary_classifier_numpy").step_loss
    theirs = run_snippet("frameworks/binary_classifier_torch").step_loss
    assert len(mine) == len(theirs) == 803
    assert_close(theirs, mine, atol=2e-6)


def test_keras_follows_numpy_step_by_step(run_snippet):
    mine = run_snippet("frameworks/binary_classifier_numpy").step_loss
    theirs = run_snippet("frameworks/binary_classifier_tf").step_loss
    assert len(mine) == len(theirs) == 803
    assert_close(theirs, running_mean(mine), atol=1e-5)


@pytest.mark.parametrize("framework", ["torch", "tf"])
def test_validation_losses_agree_after_every_epoch(run_snippet, framework):
    mine = run_snippet("frameworks/binary_classifier_numpy")
    theirs = run_snippet(f"frameworks/binary_classifier_{framework}")
    assert_close(theirs.valid_loss, mine.valid_loss, atol=1e-5)
    assert theirs.best_epoch == mine.best_epoch


@pytest.mark.parametrize("framework", ["torch", "tf"])
def test_restored_weights_agree(run_snippet, framework):
    mine = run_snippet("frameworks/binary_classifier_numpy")
    theirs = run_snippet(f"frameworks/binary_classifier_{framework}")
    for a, b in zip(final_weights(mine), final_weights(theirs), strict=True):
        assert_close(b, a, atol=5e-5)


@pytest.mark.parametrize("framework", ["torch", "tf"])
def test_logits_of_the_test_part_agree(run_snippet, framework):
    mine = run_snippet("frameworks/binary_classifier_numpy").test_logits
    theirs = run_snippet(f"frameworks/binary_classifier_{framework}").test_logits
    assert_close(theirs, mine, atol=1e-3)


def test_in_float64_torch_follows_numpy_to_twelve_digits(in_float64):
    assert_close(
        in_float64["torch"].step_loss, in_float64["numpy"].step_loss, atol=1e-12
    )


def test_in_float64_keras_still_differs_by_a_millionth(in_float64):
    mine = running_mean(in_float64["numpy"].step_loss)
    worst = np.abs(mine - in_float64["tf"].step_loss).max()
    assert 1e-7 < worst < 1e-5


def test_that_millionth_is_keras_rounding_its_betas_to_float32(in_float64, variant):
    rounded = {
        'DTYPE = "float32"': 'DTYPE = "float64"',
        "(1 - beta1**step)": "(1 - float(np.float32(beta1)) ** step)",
        "(1 - beta2**step)": "(1 - float(np.float32(beta2)) ** step)",
    }
    mine = running_mean(variant("numpy", rounded).step_loss)
    assert_close(in_float64["tf"].step_loss, mine, atol=5e-9)


def test_early_stopping_restores_the_epoch_of_least_validation_loss(program):
    assert program.best_epoch == int(np.argmin(program.valid_loss)) + 1
    assert len(program.valid_loss) == program.best_epoch + 20
    logits = program.valid_logits
    probability = 1 / (1 + np.exp(-logits.astype(float)))
    loss = metrics.log_loss(program.y[program.valid], probability)
    assert_close(loss, min(program.valid_loss), atol=1e-6)


# --- evaluation against scikit-learn ------------------------------------------


def test_counts_match_scikit_learn(program):
    truth, guess = program.y[program.test], program.test_logits >= 0
    tn, fp, fn, tp = metrics.confusion_matrix(truth, guess).ravel()
    assert program.counts(truth, guess) == [tp, fp, fn, tn]


def test_accuracy_precision_recall_f1_and_auc_match_scikit_learn(program):
    truth, guess = program.y[program.test], program.test_logits >= 0
    expected = [
        metrics.accuracy_score(truth, guess),
        metrics.precision_score(truth, guess),
        metrics.recall_score(truth, guess),
        metrics.f1_score(truth, guess),
        metrics.roc_auc_score(truth, program.test_logits),
    ]
    assert_close(program.scores, expected, atol=1e-12)


def test_roc_auc_matches_scikit_learn_when_scores_tie(program):
    rng = np.random.default_rng(3)
    truth, scores = rng.integers(0, 2, 200), rng.integers(0, 5, 200)
    expected = metrics.roc_auc_score(truth, scores)
    assert_close(program.roc_auc(truth, scores), expected, atol=1e-12)


@pytest.mark.parametrize(("hits", "n"), [(107, 114), (40, 42), (42, 42), (0, 30)])
def test_the_interval_is_wilsons(program, hits, n):
    expected = scipy.stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert_close(program.wilson(hits, n), expected, atol=1e-7)


def test_the_threshold_is_the_cheapest_on_the_validation_part(program):
    truth = program.y[program.valid]
    probability = 1 / (1 + np.exp(-program.valid_logits.astype(float)))
    prices = []
    for t in np.arange(5, 100, 5) / 100:
        matrix = metrics.confusion_matrix(truth, probability >= t)
        prices.append(matrix[0, 1] + 5 * matrix[1, 0])
    assert program.costs == prices
    assert program.threshold == pytest.approx(0.05 * (np.argmin(prices) + 1))


def test_the_network_is_about_as_good_as_logistic_regression(program):
    data = load_breast_cancer().data[:, :8]
    linear = make_pipeline(StandardScaler(), LogisticRegression())
    linear.fit(data[program.train], program.y[program.train])
    score = linear.score(data[program.test], program.y[program.test])
    assert abs(program.scores[0] - score) < 0.04
    assert program.scores[0] > 0.9 > 1 - program.y[program.test].mean()


# --- saving, loading, a new row -----------------------------------------------


def test_a_loaded_model_predicts_bit_for_bit_what_the_saved_one_did(program):
    assert program.same
    assert "逐位相同： True" in program.stdout_text


def test_names_and_threshold_travel_with_the_model(program):
    assert list(program.loaded["features"]) == program.names[:8]
    assert float(program.loaded["threshold"]) == program.threshold


def test_a_new_row_is_put_into_the_order_of_training(program):
    features = program.names[:8]
    ordered = [program.patient[name] for name in features]
    w1, b1, w2, b2 = final_weights(program)
    hidden = np.maximum((ordered - program.mean[:8]) / program.scale[:8] @ w1 + b1, 0)
    expected = 1 / (1 + np.exp(-(hidden @ w2 + b2).item()))
    assert list(program.patient) != features
    assert_close(program.chance, expected, atol=1e-5)


# --- all 30 features -----------------------------------------------------------


def test_torch_follows_numpy_step_by_step_with_30_features(run_snippet):
    mine = run_snippet("frameworks/binary_classifier_numpy")
    theirs = run_snippet("frameworks/binary_classifier_torch")
    assert_close(theirs.full_step, mine.full_step, atol=2e-6)
    assert_close(theirs.full_valid, mine.full_valid, atol=1e-5)


def test_keras_follows_numpy_step_by_step_with_30_features(run_snippet):
    mine = run_snippet("frameworks/binary_classifier_numpy")
    theirs = run_snippet("frameworks/binary_classifier_tf")
    assert_close(theirs.full_step, running_mean(mine.full_step), atol=1e-5)
    assert_close(theirs.full_valid, mine.full_valid, atol=1e-5)


def test_the_report_on_30_features_prints_scikit_learns_numbers(program):
    truth, logits = program.y[program.test], program.full_logits
    guess = logits >= 0
    line = (
        f"准确率 {metrics.accuracy_score(truth, guess):.4f}，"
        f"精确率 {metrics.precision_score(truth, guess):.4f}，"
        f"召回率 {metrics.recall_score(truth, guess):.4f}，"
        f"F1 {metrics.f1_score(truth, guess):.4f}，"
        f"ROC-AUC {metrics.roc_auc_score(truth, logits):.4f}"
    )
    assert line in program.stdout_text.split("30 个特征：")[1]


def test_disagreements_of_the_two_models_are_counted_row_by_row(program):
    truth = program.y[program.test]
    pairs = zip(truth, program.test_logits, program.full_logits, strict=True)
    hits = [((a > 0) == (t == 1), (b > 0) == (t == 1)) for t, a, b in pairs]
    assert (program.wins, program.losses) == (
        hits.count((False, True)),
        hits.count((True, False)),
    )


def test_the_sign_test_is_scipys(program):
    expected = scipy.stats.binomtest(int(program.wins), program.total).pvalue
    assert_close(program.p_value, expected, atol=1e-12)


# --- how far runs drift --------------------------------------------------------


@pytest.fixture(scope="module")
def parity(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("frameworks/binary_classifier_parity_numpy")


def torch_path(
    parity: SimpleNamespace, steps: int, eps: float, eps_hat: float = 0.0
) -> np.ndarray:
    """The run of the parity program by torch's autograd and Adam, in float64."""
    train, _, _ = parity.split_rows(0)
    z = StandardScaler().fit(parity.dataset.data[train, :8])
    z = torch.tensor(z.transform(parity.dataset.data[:, :8]))
    rng, order = np.random.default_rng(0), np.random.default_rng(1)
    w1 = rng.uniform(-1, 1, (8, 10)) * math.sqrt(6 / 18)
    w2 = rng.uniform(-1, 1, (10, 1)) * math.sqrt(6 / 11)
    leaves = [torch.tensor(w) for w in (w1, np.zeros(10), w2, np.zeros(1))]
    leaves = [nn.Parameter(leaf) for leaf in leaves]
    optimizer = torch.optim.Adam(leaves, lr=0.01, eps=eps)
    path = []
    while True:
        for batch in torch.tensor(order.permutation(train)).split(32):
            optimizer.zero_grad()
            hidden = torch.relu(z[batch] @ leaves[0] + leaves[1])
            nn.functional.binary_cross_entropy_with_logits(
                (hidden @ leaves[2] + leaves[3]).squeeze(1),
                torch.tensor(parity.y)[batch],
            ).backward()
            root = math.sqrt(1 - 0.999 ** (len(path) + 1))
            optimizer.param_groups[0]["eps"] = eps + eps_hat / root
            optimizer.step()
            path.append(torch.cat([p.detach().ravel() for p in leaves]).numpy())
            if len(path) == steps:
                return np.array(path)


def test_the_reference_path_is_torchs(parity):
    assert_close(parity.reference, torch_path(parity, 800, eps=1e-12), atol=1e-9)


def test_the_path_with_the_default_eps_is_torchs(parity):
    assert_close(parity.path(eps=1e-8)[:300], torch_path(parity, 300, 1e-8), atol=1e-9)


def test_the_path_with_eps_hat_is_torchs_with_the_equivalent_eps(parity):
    expected = torch_path(parity, 300, eps=0.0, eps_hat=1e-7)
    assert_close(parity.path(eps=0.0, eps_hat=1e-7)[:300], expected, atol=1e-9)


def test_eps_hat_stands_where_keras_adam_has_it():
    rng = np.random.default_rng(5)
    weight, eps_hat = rng.normal(size=6), 1e-3
    variable = keras.Variable(weight, dtype="float64")
    optimizer = keras.optimizers.Adam(0.01, epsilon=eps_hat)
    m = v = np.zeros(6)
    for t in range(1, 51):
        grad = rng.normal(size=6) * 1e-2
        optimizer.apply([tf.constant(grad)], [variable])
        m, v = 0.9 * m + 0.1 * grad, 0.999 * v + 0.001 * grad**2
        c1, c2 = 1 - 0.9**t, (1 - 0.999**t) ** 0.5
        weight = weight - 0.01 * (m / c1) / ((np.sqrt(v) + eps_hat) / c2)
    assert_close(variable.numpy(), weight, atol=1e-6)


def test_rounding_stays_far_below_a_real_difference(parity):
    assert 10 * parity.plain.max() < parity.drift(eps=0.0, eps_hat=1e-7).max()
    wrong = parity.drift(gradients=parity.always_32)
    assert 1000 * parity.plain.max() < wrong.max()


def test_a_wrong_divisor_shows_at_the_first_batch_that_is_not_full(parity):
    wrong = parity.drift(gradients=parity.always_32)
    assert np.all(wrong[:10] == 0)
    assert wrong[10] > 1e-4


def test_the_wrong_divisor_shrinks_the_last_gradient_to_21_of_32(parity):
    rows, targets = parity.exact[parity.train[:21]], parity.y[parity.train[:21]]
    weights = [np.ones((8, 10)), np.zeros(10), np.ones((10, 1)), np.zeros(1)]
    right = parity.gradients(weights, rows, targets)
    wrong = parity.always_32(weights, rows, targets)
    for a, b in zip(wrong, right, strict=True):
        assert_close(a, np.multiply(b, 21 / 32), rtol=1e-12)


def test_the_wrong_divisor_cannot_be_seen_in_the_accuracy(parity):
    assert parity.right == parity.wrong


def test_summing_in_reverse_is_the_same_gradient(parity):
    rows, targets = parity.exact[parity.train[:32]], parity.y[parity.train[:32]]
    weights = [np.ones((8, 10)), np.zeros(10), np.ones((10, 1)), np.zeros(1)]
    mine = parity.in_reverse(weights, rows, targets)
    for a, b in zip(mine, parity.gradients(weights, rows, targets), strict=True):
        assert_close(a, b, atol=1e-12)


def test_the_parity_run_stops_early_like_the_main_program(parity, run_snippet):
    main = run_snippet("frameworks/binary_classifier_numpy")
    assert parity.accuracy(8) == main.scores[0]


def test_no_two_seeds_share_their_split(parity):
    tests = {tuple(sorted(parity.split_rows(s)[2])) for s in parity.seeds}
    assert len(tests) == 20


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


def test_default_training_loss_of_keras_is_a_running_mean(run_snippet):
    batch_losses = run_snippet("frameworks/binary_classifier_numpy").step_loss
    logged = run_snippet("frameworks/binary_classifier_tf").step_loss
    assert np.abs(np.array(logged) - batch_losses).max() > 0.1
    assert_close(logged, running_mean(batch_losses), atol=1e-5)


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


def test_on_epoch_end_is_called_once_before_training():
    calls = []

    class Rows(keras.utils.PyDataset):
        def __len__(self):
            return 1

        def __getitem__(self, index):
            return np.ones((2, 1), "float32"), np.ones((2, 1), "float32")

        def on_epoch_begin(self):
            calls.append("begin")

        def on_epoch_end(self):
            calls.append("end")

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.fit(Rows(), epochs=2, verbose=0)
    assert calls == ["end", "begin", "end", "begin", "end"]


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
    ns = run_snippet("frameworks/binary_classifier_numpy")
    raw = {**ns.model, "mean": np.zeros(8), "scale": np.ones(8)}
    guess = ns.forward(raw, ns.x[ns.test, :8])[0] >= 0
    assert np.mean(guess == ns.y[ns.test]) < 0.7


def test_the_programs_print_no_path_and_no_time(program):
    assert not re.search(r"[/\\]\w+[/\\]| s\b", program.stdout_text)


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
