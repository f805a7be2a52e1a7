"""The paradigms page: four signals on the same digits, against independent libraries.

References that the snippets never import: sklearn's ``LogisticRegression``,
``KMeans``, ``PCA``, ``Ridge`` and metrics, torch's autograd (for the NumPy programs),
``torch.optim``, scipy's scalar minimiser and its assignment solver. The one program
that does use sklearn's ``KMeans`` is checked with the page's own.
"""

import contextlib
import io
import re
from pathlib import Path

import keras
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment, minimize_scalar
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import (
    accuracy_score,
    mean_squared_error,
    normalized_mutual_info_score,
    pairwise_distances_argmin_min,
)
from sklearn.metrics.cluster import contingency_matrix

FRAMEWORKS = ["numpy", "torch", "tf"]


@pytest.fixture
def page(run_snippet):
    return run_snippet("concepts/paradigms_numpy")


@pytest.fixture
def bandit(run_snippet):
    return run_snippet("concepts/paradigms_bandit_numpy")


@pytest.fixture
def cross(run_snippet):
    return run_snippet("concepts/paradigms_optimizers_numpy")


@pytest.fixture
def pitfalls(run_snippet):
    return run_snippet("concepts/paradigms_pitfalls_numpy")


@pytest.fixture
def masked(run_snippet):
    return {f: run_snippet(f"concepts/paradigms_masked_{f}") for f in FRAMEWORKS}


def printed(namespace, pattern):
    """The first number that follows a piece of the printed text."""
    found = re.search(pattern + r"\D*?(\d+\.\d+)", namespace.stdout_text)
    assert found, pattern
    return float(found[1])


def numpy(x):
    """Any framework's tensor as a NumPy array."""
    return x.detach().numpy() if isinstance(x, torch.Tensor) else np.asarray(x)


def tensor(array):
    return torch.tensor(np.array(array), dtype=torch.float64, requires_grad=True)


# --- supervised --------------------------------------------------------------


def logistic(x, y, penalty=1e-3):
    """sklearn minimises C · Σ loss + ‖W‖² / 2, so C = 1 / (penalty · samples)."""
    model = LogisticRegression(C=1 / (penalty * len(x)), tol=1e-10, max_iter=10_000)
    return model.fit(x, y)


def test_softmax_regression_reaches_sklearns_optimum(page):
    expected = logistic(page.train_x, page.train_y).predict_proba(page.test_x)
    probability = page.softmax(page.test_x @ page.w + page.b)
    np.testing.assert_allclose(probability, expected, atol=2e-4)


def test_its_penalty_counts_for_something(page):
    w, b = page.fit_softmax(page.train_x, page.train_y, penalty=0.1)
    expected = logistic(page.train_x, page.train_y, 0.1).predict_proba(page.test_x)
    np.testing.assert_allclose(page.softmax(page.test_x @ w + b), expected, atol=1e-6)


def test_printed_supervised_accuracy_is_sklearns(page):
    score = logistic(page.train_x, page.train_y).score(page.test_x, page.test_y)
    assert printed(page, "1200 个标签：") == pytest.approx(score, abs=0.002)


def test_printed_accuracy_in_file_order_is_sklearns(page):
    model = logistic(page.x[:1200], page.y[:1200])
    score = model.score(page.x[1200:], page.y[1200:])
    assert printed(page, "前 1200 张训练：") == pytest.approx(score, abs=0.002)


def test_printed_accuracy_with_ten_labels_is_sklearns(page):
    scores = []
    for r in page.rows:
        assert sorted(page.train_y[r]) == list(range(10))
        model = logistic(page.train_x[r], page.train_y[r])
        scores.append(model.score(page.test_x, page.test_y))
    assert printed(page, "每类一个，20 次平均）：") == pytest.approx(
        np.mean(scores), abs=0.002
    )


# --- unsupervised ------------------------------------------------------------


def sklearn_k_means(x, start):
    model = KMeans(len(start), init=x[start], n_init=1, tol=0, max_iter=1000)
    return model.fit(x)


@pytest.mark.parametrize("which", [0, 7, 19])
def test_k_means_ends_where_sklearn_ends_from_the_same_start(page, which):
    start = page.starts[which]
    centers, cluster, loss = page.k_means(page.train_x, page.train_x[start])
    model = sklearn_k_means(page.train_x, start)
    np.testing.assert_allclose(centers, model.cluster_centers_, atol=1e-10)
    np.testing.assert_array_equal(cluster, model.labels_)
    assert loss * len(page.train_x) == pytest.approx(model.inertia_)


def test_the_best_of_twenty_is_the_one_of_least_inertia(page):
    inertias = [sklearn_k_means(page.train_x, s).inertia_ for s in page.starts]
    assert page.fits[0][2] * 1200 == pytest.approx(min(inertias))


def random_partition(clusters, n=500):
    rng = np.random.default_rng(3)
    y = rng.integers(10, size=n)
    cluster = np.where(
        rng.random(n) < 0.6, y % clusters, rng.integers(clusters, size=n)
    )
    return cluster, y


@pytest.mark.parametrize("clusters", [3, 10, 40])
def test_nmi_is_sklearns(page, clusters):
    cluster, y = random_partition(clusters)
    expected = normalized_mutual_info_score(y, cluster)
    assert page.nmi(cluster, y) == pytest.approx(expected)


@pytest.mark.parametrize("clusters", [3, 10, 40])
def test_purity_counts_the_majority_of_each_cluster(page, clusters):
    cluster, y = random_partition(clusters)
    expected = contingency_matrix(cluster, y).max(axis=1).sum() / len(y)
    assert page.purity(cluster, y) == pytest.approx(expected)


def clustering_facts(page, start):
    """Mean squared distance, purity and NMI of sklearn's k-means from this start."""
    model = sklearn_k_means(page.train_x, start)
    table = contingency_matrix(model.labels_, page.train_y)
    pure = table.max(axis=1).sum() / 1200
    shared = normalized_mutual_info_score(page.train_y, model.labels_)
    return model.inertia_ / 1200, pure, shared


def test_printed_k_means_lines_are_sklearns(page):
    least, most, spread, *by_k = page.printed_by["clusters"].splitlines()
    facts = sorted(clustering_facts(page, s) for s in page.starts)
    rng = np.random.default_rng(1)
    for _ in range(20):
        rng.permutation(1200)
    expected = [(least, "目标最小", facts[0]), (most, "目标最大", facts[-1])]
    for k, line in zip([10, 40, 400, 1200], by_k, strict=True):
        start = rng.permutation(1200)[:k]
        expected.append((line, f"K = {k:4d}：", clustering_facts(page, start)))
    for line, label, known in expected:
        assert label in line and re.findall("目标|纯度|NMI", line)[-2:] == [
            "纯度",
            "NMI",
        ]
        shown = [float(x) for x in re.findall(r"\d\.\d+", line)]
        assert shown == pytest.approx(known, abs=6e-4)
    pure = [p for _, p, _ in facts]
    shown = [float(x) for x in re.findall(r"\d\.\d+", spread)]
    assert shown == pytest.approx([min(pure), max(pure)], abs=6e-4)


def test_printed_clusters_hold_what_the_contingency_table_holds(page):
    lines = page.printed_by["name-clusters"].splitlines()[1:-1]
    cluster, _ = pairwise_distances_argmin_min(page.train_x, page.fits[0][0])
    table = contingency_matrix(page.train_y, cluster).T
    for k, (line, row) in enumerate(zip(lines, table, strict=True)):
        number, total = map(int, re.search(r"第 (\d) 簇 +(\d+) 张", line).groups())
        assert (number, total) == (k, row.sum())
        pairs = re.findall(r"(\d)（(\d+) 张）", line)
        assert [int(n) for _, n in pairs] == sorted(row[row > 0])[::-1][:2]
        assert all(row[int(digit)] == int(n) for digit, n in pairs)


def test_the_library_s_line_is_true(page):
    expected = "与 sklearn 相同：k 均值的簇 True，NMI True，PCA True\n"
    assert page.printed_by["library"] == expected


def test_asking_ten_names_gives_the_printed_accuracy(page):
    # Not the snippet's order of steps: names by sklearn's nearest-neighbour search.
    nearest, _ = pairwise_distances_argmin_min(page.centers, page.train_x)
    cluster, _ = pairwise_distances_argmin_min(page.test_x, page.centers)
    score = np.mean(page.train_y[nearest][cluster] == page.test_y)
    assert printed(page, "先聚类，再问 10 个标签：") == pytest.approx(score, abs=6e-4)


def test_principal_directions_are_sklearns_up_to_sign(page):
    expected = PCA(20).fit(page.train_x).components_
    alike = np.abs(np.sum(page.directions[:20] * expected, axis=1))
    np.testing.assert_allclose(alike, 1, atol=1e-8)


@pytest.mark.parametrize("q", [2, 10, 20, 40])
def test_pca_lines_are_sklearns(page, q):
    model = PCA(q).fit(page.train_x)
    back = model.inverse_transform(model.transform(page.test_x))
    error = np.mean(np.sum((page.test_x - back) ** 2, axis=1))
    line = re.search(rf"PCA 取 +{q} 维：.*", page.stdout_text)[0]
    variance, rebuilt, score = map(float, re.findall(r"\d+\.\d+", line))
    assert variance == pytest.approx(model.explained_variance_ratio_.sum(), abs=6e-4)
    assert rebuilt == pytest.approx(error, abs=6e-4)
    on_top = logistic(model.transform(page.train_x), page.train_y)
    expected = on_top.score(model.transform(page.test_x), page.test_y)
    assert score == pytest.approx(expected, abs=0.003)


# --- self-supervised ---------------------------------------------------------


def test_numpy_gradients_of_the_masked_loss_match_autograd(masked):
    ns = masked["numpy"]
    params = [tensor(p) for p in ns.params]
    x, mask = ns.test_x[:40], ns.test_mask[:40]
    seen = torch.from_numpy(x).masked_fill(torch.from_numpy(mask), 0)
    guess = (seen @ params[0] + params[1]).relu() @ params[2] + params[3]
    hidden = torch.from_numpy(mask)
    loss = F.mse_loss(guess[hidden], torch.from_numpy(x)[hidden])
    loss.backward()
    assert ns.masked_loss(ns.params, x, mask) == pytest.approx(loss.item())
    for ours, p in zip(ns.gradients(ns.params, x, mask), params, strict=True):
        np.testing.assert_allclose(ours, p.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("framework", ["torch", "tf"])
def test_every_step_of_pretraining_has_the_loss_of_numpy(masked, framework):
    losses = masked["numpy"].losses
    assert len(losses) == 960
    np.testing.assert_allclose(masked[framework].losses, losses, rtol=1e-9)


def test_the_three_frameworks_end_at_the_same_weights(masked):
    first = masked["numpy"].params
    torch_ = [p.detach().numpy().T for p in masked["torch"].net.parameters()]
    for a, b, c in zip(first, torch_, masked["tf"].net.get_weights(), strict=True):
        np.testing.assert_allclose(b, a, atol=1e-9)
        np.testing.assert_allclose(c, a, atol=1e-9)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_loss_does_not_look_at_what_is_visible(masked, framework):
    # A network whose last layer is silent guesses 0: the loss is the mean of x²
    # over the masked pixels, whatever the visible ones hold.
    ns = masked[framework]
    x, mask = numpy(ns.test_x), numpy(ns.test_mask)
    expected = np.mean(x[mask] ** 2)
    silent = [ns.initial[0], ns.initial[1], 0 * ns.initial[2], ns.initial[3]]
    if framework == "torch":
        net = ns.MaskedNet(silent)
    else:
        net = silent if framework == "numpy" else ns.masked_net(silent)[0]
    loss = float(numpy(ns.masked_loss(net, ns.test_x, ns.test_mask)))
    assert loss == pytest.approx(expected)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_printed_errors_are_sklearns_on_the_hidden_pixels(masked, framework):
    ns, weights = masked[framework], masked["numpy"].params
    x, hidden = numpy(ns.test_x), numpy(ns.test_mask)
    seen = np.where(hidden, 0, x)
    known = [mean_squared_error(x[hidden], 0 * x[hidden])]
    for w1, b1, w2, b2 in (ns.initial, weights):
        guess = np.maximum(np.dot(seen, w1) + b1, 0) @ w2 + b2
        known.append(mean_squared_error(x[hidden], guess[hidden]))
    shown = [float(n) for n in re.findall(r"\d\.\d+", ns.printed_by["pretrain"])]
    assert shown == pytest.approx(known, abs=6e-5)


def test_a_block_of_the_printed_table_is_sklearns_ridge(masked):
    ns = masked["numpy"]
    head, *lines = ns.printed_by["compare"].split("惩罚 0.01\n")[1].splitlines()[:5]
    scores = {}
    for name, (train, test) in ns.features.items():
        size = np.sqrt(np.sum(train.var(axis=0)))
        scores[name] = [
            [
                accuracy_score(
                    ns.test_y,
                    Ridge(alpha=1e-2 * m)
                    .fit(train[rows] / size, np.eye(10)[ns.train_y[rows]])
                    .predict(test / size)
                    .argmax(axis=1),
                )
                for rows in ns.draw(m)
            ]
            for m in (10, 20, 50, 200, 1000)
        ]
    for line, (name, known) in zip([head, *lines], scores.items(), strict=False):
        assert line.strip().startswith(f"{name}：")
        shown = [float(n) for n in line.partition("：")[2].split()]
        assert shown == pytest.approx(np.mean(known, axis=1), abs=6e-4)
    *others, ours = np.array(list(scores.values()))
    wins = (ours > np.max(others, axis=0)).sum(axis=1)
    assert [int(n) for n in lines[-1].partition("：")[2].split()] == wins.tolist()


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("labels", [10, 50])
def test_the_probe_is_sklearns_ridge(masked, framework, labels):
    ns = masked[framework]
    train, test = (numpy(f) for f in ns.features["预训练后"])
    size = np.sqrt(np.sum(train.var(axis=0)))
    picked = numpy(ns.draw(labels))
    y = numpy(ns.train_y)
    expected = []
    for rows in picked:
        ridge = Ridge(alpha=1e-2 * labels).fit(train[rows] / size, np.eye(10)[y[rows]])
        guess = ridge.predict(test / size).argmax(axis=1)
        expected.append(np.mean(guess == numpy(ns.test_y)))
    got = ns.probe(*ns.features["预训练后"], ns.draw(labels), 1e-2)
    np.testing.assert_allclose(numpy(got), expected, atol=1e-12)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_each_draw_holds_every_digit_equally_often(masked, framework):
    ns = masked[framework]
    for rows in numpy(ns.draw(50)):
        assert len(set(rows)) == 50
        assert list(np.bincount(numpy(ns.train_y)[rows])) == [5] * 10


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_pca_features_span_sklearns_components(masked, framework):
    # Sign and order do not matter to a probe; the Gram matrix is free of both.
    ns = masked[framework]
    train, test = numpy(ns.train_x), numpy(ns.test_x)
    model = PCA(20).fit(train)
    expected = (test - model.mean_) @ model.components_.T
    got = numpy(ns.features["PCA 20 维"][1])
    np.testing.assert_allclose(got @ got.T, expected @ expected.T, atol=1e-8)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_random_features_are_those_of_the_untrained_network(masked, framework):
    ns = masked[framework]
    expected = numpy(ns.test_x) @ ns.initial[0] + ns.initial[1]
    got = numpy(ns.features["随机网络"][1])
    np.testing.assert_allclose(got, expected.clip(min=0), atol=1e-12)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_win_is_over_the_best_of_the_other_three(masked, framework):
    # The names of the last penalty are still there after the loop.
    ns = masked[framework]
    last = {name: [numpy(s) for s in scores] for name, scores in ns.scores.items()}
    assert list(last) == ["原始像素", "PCA 20 维", "随机网络", "预训练后"]
    ours = last.pop("预训练后")
    expected = []
    for draws, *rest in zip(ours, *last.values(), strict=True):
        pairs = zip(draws, zip(*rest, strict=True), strict=True)
        expected.append(str(sum(all(a > r for r in rivals) for a, rivals in pairs)))
    line = [t for t in ns.stdout_text.splitlines() if "胜过其余三种" in t][-1]
    assert line.split("：")[1].split() == expected


# --- reinforcement -----------------------------------------------------------


def some_policy(bandit, row=5):
    w = 0.3 * np.random.default_rng(4).normal(size=(65, 10))
    return w, bandit.train_x[row], bandit.train_y[row]


def test_score_is_the_gradient_of_the_log_probability(bandit):
    w, x, _ = some_policy(bandit)
    for action in range(10):
        weight = tensor(w)
        policy = torch.distributions.Categorical(logits=torch.from_numpy(x) @ weight)
        policy.log_prob(torch.tensor(action)).backward()
        ours = bandit.score(x, bandit.softmax(x @ w), action)
        np.testing.assert_allclose(ours, weight.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("baseline", [0, 0.37])
def test_mean_estimate_is_the_gradient_of_the_expected_reward(bandit, baseline):
    w, x, y = some_policy(bandit)
    weight = tensor(w)
    expected_reward = (torch.from_numpy(x) @ weight).softmax(dim=0)[y]
    expected_reward.backward()
    mean, _ = bandit.moments(w, x, y, baseline)
    np.testing.assert_allclose(mean, weight.grad.numpy(), atol=1e-12)


def test_expected_reward_gradient_is_the_supervised_one_times_the_chance(bandit):
    w, x, y = some_policy(bandit)
    weight = tensor(w)
    logits = torch.from_numpy(x)[None] @ weight
    (-F.cross_entropy(logits, torch.tensor([y]))).backward()
    chance = logits.softmax(dim=1)[0, y].item()
    mean, _ = bandit.moments(w, x, y, 0)
    np.testing.assert_allclose(mean, chance * weight.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("baseline", [0, 0.37])
def test_variance_of_the_estimate_is_that_of_many_samples(bandit, baseline):
    w, x, y = some_policy(bandit)
    p = bandit.softmax(x @ w)
    rng = np.random.default_rng(6)
    actions = rng.choice(10, size=20_000, p=p)
    # g = (r − b) · x ⊗ (onehot − π): its variance is ‖x‖² times that of the right half
    half = ((actions == y) - baseline)[:, None] * (np.eye(10)[actions] - p)
    expected = np.sum(x**2) * half.var(axis=0).sum()
    _, variance = bandit.moments(w, x, y, baseline)
    assert variance == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("row", [5, 77])
def test_no_baseline_has_less_variance_than_the_best_one(bandit, row):
    w, x, y = some_policy(bandit, row)
    least = minimize_scalar(lambda b: bandit.moments(w, x, y, b)[1])
    assert bandit.best_baseline(w, x, y) == pytest.approx(least.x, abs=1e-6)


def replay(bandit, told, start, use_baseline, rounds, lr=0.1):
    """Seed 3 alone, image by image, with autograd and a loss of the library's own."""
    rng = np.random.default_rng(3)
    queue = rng.permutation(1200)
    dice = rng.random(rounds)
    weight, baseline, rewards = tensor(start), 0.0, []
    optimizer = torch.optim.SGD([weight], lr=lr)
    for t in range(rounds):
        x = torch.from_numpy(bandit.train_x[queue[t]])
        label = int(bandit.train_y[queue[t]])
        policy = torch.distributions.Categorical(logits=x @ weight)
        chances = np.cumsum(policy.probs.detach().numpy())
        action = min(int(np.searchsorted(chances, dice[t])), 9)
        rewards.append(float(action == label))
        if told:
            loss = F.cross_entropy((x @ weight)[None], torch.tensor([label]))
        else:
            advantage = rewards[-1] - baseline
            loss = -advantage * policy.log_prob(torch.tensor(action))
            baseline += 0.01 * (rewards[-1] - baseline) if use_baseline else 0
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return weight.detach().numpy(), rewards


@pytest.mark.parametrize(
    ("told", "use_baseline"), [(True, True), (False, True), (False, False)]
)
def test_learning_online_equals_a_replay_with_autograd(
    bandit, monkeypatch, told, use_baseline
):
    monkeypatch.setitem(bandit.learn.__globals__, "rounds", 400)
    w, rewards = bandit.learn(3, bandit.zero, told=told, use_baseline=use_baseline)
    expected, their_rewards = replay(bandit, told, bandit.zero, use_baseline, 400)
    np.testing.assert_array_equal(rewards, their_rewards)
    np.testing.assert_allclose(w, expected, atol=1e-10)


def ten(learn, start, **options):
    """Ten seeds: the weights (seeds, 65, 10) and the mean number of mistakes."""
    runs = [learn(seed, start, **options) for seed in range(10)]
    return np.stack([w for w, _ in runs]), np.mean([np.sum(r == 0) for _, r in runs])


def digits_in(text):
    return [float(x) for x in re.findall(r"\d+\.?\d*", text)]


def test_printed_regret_and_accuracies_are_those_of_ten_seeds(bandit):
    lines = bandit.printed_by["compare"].splitlines()
    weights, mistakes = ten(bandit.learn, bandit.zero, told=True)
    scores = [accuracy_score(bandit.test_y, guesses(bandit, w)) for w in weights]
    first = digits_in(lines[0])
    assert lines[0].startswith("监督：") and first[1::2][:2] == [1200, 6000]
    assert first[2] == pytest.approx(mistakes, abs=0.51)
    known = [np.mean(scores), min(scores), max(scores)]
    assert first[4:] == pytest.approx(known, abs=6e-4)
    for line, name in zip(lines[1:], ["强化，有基线", "强化，无基线"], strict=True):
        assert line.startswith(f"{name}：遗憾 ")
        w, regret = bandit.results[name]
        scores = [accuracy_score(bandit.test_y, guesses(bandit, each)) for each in w]
        known = [regret[1199], 1200, regret[-1], 6000]
        assert digits_in(line)[:4] == pytest.approx(known, abs=0.51)
        known = [np.mean(scores), min(scores), max(scores)]
        assert digits_in(line)[4:] == pytest.approx(known, abs=6e-4)


def guesses(bandit, w):
    return np.dot(bandit.test_x, w).argmax(axis=1)


def test_printed_variances_are_those_of_autograd_s_gradients(bandit):
    """Each of ten actions: torch's gradient of its log-probability."""
    untrained, trained = bandit.printed_by["variance"].splitlines()
    policies = [
        (untrained, bandit.zero),
        (trained, bandit.results["强化，有基线"][0][0]),
    ]
    for line, w in policies:
        x, y = torch.from_numpy(bandit.train_x[:200]), bandit.train_y[:200]
        p = (x @ torch.from_numpy(np.array(w))).softmax(1)
        right = F.one_hot(torch.from_numpy(y), 10).double()
        # ∇ ln π(a) = x ⊗ (onehot(a) − π): its square is |x|² |onehot(a) − π|²
        gap = torch.eye(10, dtype=torch.float64)[None] - p[:, None]  # (image, a, class)
        square = x.square().sum(1, keepdim=True) * gap.square().sum(2)
        value = p[range(200), y].mean()
        best = (p * square * right).sum(1) / (p * square).sum(1)
        known = [value]
        for baseline in (torch.zeros(200), value.expand(200), best):
            off = right - baseline[:, None]
            second = (p * off**2 * square).sum(1)
            pull = (p[..., None] * off[..., None] * gap).sum(1).square().sum(1)
            known.append((second - x.square().sum(1) * pull).mean())
        known.append(best.mean())
        shown = [float(n) for n in re.findall(r"\d\.\d+", line)]
        assert shown == pytest.approx([float(k) for k in known], abs=6e-4)


def test_printed_warm_starts_hold_the_accuracies_and_the_chance_of_an_eight(bandit):
    lines = bandit.printed_by["warm-start"].splitlines()
    eights = torch.from_numpy(bandit.test_x[bandit.test_y == 8])
    for line, (name, start) in zip(lines, bandit.starts.items(), strict=True):
        w, regret = bandit.results[name]
        before = accuracy_score(bandit.test_y, guesses(bandit, start))
        scores = [accuracy_score(bandit.test_y, guesses(bandit, each)) for each in w]
        chance = [
            (eights @ torch.from_numpy(np.array(v))).softmax(-1)[..., 8].mean().item()
            for v in (start, w)
        ]
        assert line.startswith(f"{name}：测试 ")
        shown = digits_in(line.removeprefix(name).replace("图是 8 时答 8", ""))
        known = [before, np.mean(scores), regret[-1], *chance]
        assert shown[:2] + shown[3:] == pytest.approx(known[:2] + known[3:], abs=6e-4)
        assert shown[2] == pytest.approx(regret[-1], abs=0.51)


def test_the_warm_start_is_gradient_descent_on_cross_entropy(bandit):
    x, y = bandit.train_x[:50], bandit.train_y[:50]
    weight = tensor(bandit.zero)
    optimizer = torch.optim.SGD([weight], lr=0.5)
    for _ in range(300):
        optimizer.zero_grad()
        F.cross_entropy(torch.from_numpy(x) @ weight, torch.from_numpy(y)).backward()
        optimizer.step()
    expected = weight.detach().numpy()
    np.testing.assert_allclose(bandit.supervise(x, y), expected, atol=1e-10)


def test_one_warm_start_has_never_seen_an_eight(bandit):
    assert 8 not in bandit.train_y[bandit.seen]
    assert len(bandit.seen) == 500


# --- the same optimizer under four signals -----------------------------------


def batch(cross):
    rng = np.random.default_rng(8)
    return cross.train_x[:64], cross.train_y[:64], rng.normal(size=(65, 10)) / 4


def test_supervised_signal_is_the_gradient_of_cross_entropy(cross):
    x, y, w = batch(cross)
    weight = tensor(w)
    F.cross_entropy(torch.from_numpy(x) @ weight, torch.from_numpy(y)).backward()
    ours = cross.supervised(w, x, y, None)
    np.testing.assert_allclose(ours, weight.grad.numpy(), atol=1e-12)


def test_clustering_signal_is_the_gradient_of_the_distance(cross):
    x, y, _ = batch(cross)
    centers = tensor(cross.train_x[100:110])
    torch.cdist(torch.from_numpy(x), centers).min(dim=1)[0].square().mean().backward()
    ours = cross.clustering(cross.train_x[100:110], x, y, None)
    np.testing.assert_allclose(ours, centers.grad.numpy(), atol=1e-10)


def test_masked_signal_is_the_gradient_of_the_masked_error(cross):
    x, y, _ = batch(cross)
    w = np.random.default_rng(9).normal(size=(65, 65)) / 8
    mask = np.random.default_rng(10).random(x.shape) < 0.5
    mask[:, 64] = False
    weight, hidden = tensor(w), torch.from_numpy(mask)
    guess = torch.from_numpy(x).masked_fill(hidden, 0) @ weight
    F.mse_loss(guess[hidden], torch.from_numpy(x)[hidden]).backward()
    ours = cross.masked_pixels(w, x, y, np.random.default_rng(10))
    np.testing.assert_allclose(ours, weight.grad.numpy(), atol=1e-12)


def test_reward_signal_is_in_the_mean_the_gradient_of_expected_reward(cross):
    x, y, w = batch(cross)
    weight = tensor(w)
    chances = (torch.from_numpy(x) @ weight).softmax(dim=1)
    (-chances[range(64), y].mean()).backward()
    expected = weight.grad.numpy()
    rng = np.random.default_rng(11)
    draws = np.stack([cross.reward_only(w, x, y, rng) for _ in range(4000)])
    error = draws.mean(axis=0) - expected
    standard = draws.std(axis=0) / np.sqrt(len(draws))
    assert np.abs(error / np.maximum(standard, 1e-12))[:, :].max() < 5


def test_adam_is_torchs(cross):
    target = np.random.default_rng(12).normal(size=(3, 4))
    scale = np.linspace(0.1, 3, 12).reshape(3, 4)
    ours = cross.adam(np.zeros((3, 4)), lambda theta: scale * (theta - target))
    theta = torch.zeros(3, 4, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([theta], lr=0.01)
    for _ in range(2000):
        theta.grad = torch.from_numpy(scale) * (
            theta.detach() - torch.from_numpy(target)
        )
        optimizer.step()
    np.testing.assert_allclose(ours, theta.detach().numpy(), atol=1e-9)


def test_sgd_is_torchs(cross):
    target = np.random.default_rng(12).normal(size=(3, 4))
    ours = cross.sgd(np.zeros((3, 4)), lambda theta: 1e-3 * (theta - target))
    theta = torch.zeros(3, 4, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.5)
    for _ in range(2000):
        theta.grad = 1e-3 * (theta.detach() - torch.from_numpy(target))
        optimizer.step()
    np.testing.assert_allclose(ours, theta.detach().numpy(), atol=1e-12)


def test_quantisation_is_the_mean_squared_distance_to_the_nearest_centre(cross):
    centers = cross.train_x[:10]
    _, distance = pairwise_distances_argmin_min(cross.test_x, centers)
    assert cross.quantisation(centers) == pytest.approx(np.mean(distance**2))


def test_printed_supervised_row_is_that_of_torch_s_optimizers(cross):
    line = cross.printed_by["cross"].splitlines()[0]
    x, y = torch.from_numpy(cross.train_x), torch.from_numpy(cross.train_y)
    known = [accuracy_score(cross.test_y, np.zeros(597))]
    for make in (
        lambda w: torch.optim.SGD([w], lr=0.5),
        lambda w: torch.optim.Adam([w], lr=0.01),
    ):
        w, rng = tensor(np.zeros((65, 10))), np.random.default_rng(2)
        optimizer = make(w)
        for _ in range(2000):
            rows = rng.integers(1200, size=50)
            optimizer.zero_grad()
            F.cross_entropy(x[rows] @ w, y[rows]).backward()
            optimizer.step()
        guess = (torch.from_numpy(cross.test_x) @ w.detach()).argmax(1)
        known.append(accuracy_score(cross.test_y, guess))
    shown = [float(n) for n in re.findall(r"\d\.\d+", line)]
    assert line.startswith("监督，准确率：起点 ") and "SGD" in line.partition("Adam")[0]
    assert shown == pytest.approx(known, abs=6e-4)


def test_no_signal_but_two_reads_the_labels(cross):
    x, y, w = batch(cross)
    wrong = (y + 1) % 10
    pairs = {
        "supervised": w,
        "clustering": cross.train_x[:10],
        "masked_pixels": np.zeros((65, 65)),
        "reward_only": w,
    }
    reads = []
    for name, theta in pairs.items():
        signal = getattr(cross, name)
        right = signal(theta, x, y, np.random.default_rng(13))
        other = signal(theta, x, wrong, np.random.default_rng(13))
        reads.append(not np.allclose(right, other))
    assert reads == [True, False, False, True]


# --- pitfalls ----------------------------------------------------------------


@pytest.mark.parametrize("which", [0, 50, 199])
def test_best_match_is_scipys_assignment(pitfalls, which):
    cluster = pitfalls.runs[which].labels_
    table = contingency_matrix(pitfalls.train_y, cluster)
    rows, columns = linear_sum_assignment(table, maximize=True)
    expected = table[rows, columns].sum() / 1200
    assert pitfalls.best_match(cluster, pitfalls.train_y) == pytest.approx(expected)


def test_best_match_does_not_see_how_clusters_are_numbered(pitfalls):
    cluster = pitfalls.runs[3].labels_
    shuffled = np.random.default_rng(14).permutation(10)[cluster]
    expected = pitfalls.best_match(cluster, pitfalls.train_y)
    assert pitfalls.best_match(shuffled, pitfalls.train_y) == expected


def test_printed_scores_of_numbers_taken_for_answers(pitfalls):
    first, backwards, all_runs = pitfalls.printed_by["numbers"].splitlines()
    y, cluster = pitfalls.train_y, pitfalls.runs[0].labels_
    table = contingency_matrix(y, cluster)
    pairs = linear_sum_assignment(table, maximize=True)
    matched = table[pairs].sum() / 1200
    shared = normalized_mutual_info_score(y, cluster)
    for line, numbers in [(first, cluster), (backwards, 9 - cluster)]:
        shown = [float(n) for n in re.findall(r"\d\.\d+", line)]
        known = [accuracy_score(y, numbers), matched, shared]
        assert shown == pytest.approx(known, abs=6e-4)
    scores = [accuracy_score(y, run.labels_) for run in pitfalls.runs]
    shown = [float(n) for n in re.findall(r"\d\.\d+", all_runs)]
    assert shown == pytest.approx([np.mean(scores), max(scores)], abs=6e-4)


@pytest.mark.parametrize("which", [0, 7, 19])
def test_named_clusters_are_right_as_often_as_with_our_own_k_means(
    page, pitfalls, which
):
    # Both programs draw their starts with the same seed, so runs can be compared.
    centers, _, _ = page.k_means(page.train_x, page.train_x[page.starts[which]])
    nearest, _ = pairwise_distances_argmin_min(centers, page.train_x)
    cluster, _ = pairwise_distances_argmin_min(page.test_x, centers)
    expected = np.mean(page.train_y[nearest][cluster] == page.test_y)
    assert pitfalls.scores[which] == pytest.approx(expected)


def test_the_chosen_run_has_the_least_squared_distance(pitfalls):
    distances = [
        np.sum(
            pairwise_distances_argmin_min(pitfalls.train_x, r.cluster_centers_)[1] ** 2
        )
        for r in pitfalls.runs
    ]
    assert printed(pitfalls, "目标最小的一次") == pytest.approx(
        pitfalls.scores[np.argmin(distances)], abs=6e-4
    )


@pytest.mark.parametrize("size", [30, 100, 300])
def test_printed_claims_are_of_the_images_looked_at(pitfalls, size):
    claimed, real = [], []
    for seed in range(200):
        shuffled = np.random.default_rng(seed).permutation(597)
        seen = pitfalls.right[:, shuffled[:size]].sum(axis=1)
        everywhere = pitfalls.right.sum(axis=1)
        pick = int(np.argmax(seen))
        claimed.append(seen[pick] / size)
        real.append((everywhere[pick] - seen[pick]) / (597 - size))
    line = re.search(rf"用 +{size} 张.*", pitfalls.stdout_text)[0]
    shown = [float(n) for n in re.findall(r"\d\.\d+", line)]
    assert shown == pytest.approx([np.mean(claimed), np.mean(real)], abs=6e-4)


# --- the answers to the exercises, run as changes to the programs ------------

SNIPPETS = Path(__file__).parents[2] / "snippets" / "concepts"


def run_changed(name, *changes, until=None):
    """A program's globals after textual changes ``(old, new, times)``."""
    source = (SNIPPETS / f"{name}.py").read_text(encoding="utf-8")
    for old, new, times in changes:
        assert source.count(old) == times, old
        source = source.replace(old, new)
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(source.split(until)[0] if until else source, names)
    return names


def test_exercise_3_an_autoencoder_that_sees_all_learns_no_better_than_chance(masked):
    seeing = run_changed(
        "paradigms_masked_numpy", ("np.where(mask, 0, x)", "np.where(mask, x, x)", 2)
    )
    ns = masked["numpy"]
    error = seeing["masked_loss"](seeing["params"], ns.test_x, ns.test_mask)
    assert error < ns.masked_loss(ns.params, ns.test_x, ns.test_mask) / 10
    probed = {
        name: seeing["probe"](*seeing["features"][name], ns.draw(10), 1e-2).mean()
        for name in ["随机网络", "预训练后"]
    }
    assert probed["预训练后"] == pytest.approx(probed["随机网络"], abs=0.01)


def exploring(advantage):
    """The bandit program with a tenth of random answers and another weight."""
    return run_changed(
        "paradigms_bandit_numpy",
        ("min(p.cumsum()", "min((0.9 * p + 0.01).cumsum()", 1),
        (
            "advantage = reward - baseline",
            f"q = 0.9 * p + 0.01; advantage = {advantage}",
            1,
        ),
        until="# --8<-- [start:compare]",
    )["learn"]


def chance_of_eight(bandit, w):
    return bandit.softmax(bandit.eights @ w)[..., 8].mean()


@pytest.fixture(scope="module")
def without_eights(run_snippet):
    """The start that has never seen an 8, and the mistakes from there on."""
    ns = run_snippet("concepts/paradigms_bandit_numpy")
    name = "先监督 500 个标签，唯独没有 8"
    return ns.starts[name], ns.results[name][1][-1]


def test_exercise_4_exploring_costs_regret_and_still_does_not_teach_the_eight(
    bandit, without_eights
):
    start, before = without_eights
    learn = exploring("(reward - baseline) * p[action] / q[action]")
    w, mistakes = ten(learn, start)
    assert 1.4 < mistakes / before < 1.7
    assert chance_of_eight(bandit, w) < 0.01


def test_exercise_4_dividing_by_the_chance_teaches_the_eight(bandit, without_eights):
    start, before = without_eights
    w, mistakes = ten(exploring("reward / q[action]"), start, lr=0.01)
    chances = [chance_of_eight(bandit, each) for each in w]
    found = [np.mean(chances), min(chances), max(chances)]
    assert found == pytest.approx([0.63, 0.28, 0.74], abs=0.006)
    assert bandit.accuracy(w).mean() == pytest.approx(0.945, abs=6e-4)
    assert mistakes / before == pytest.approx(1.44, abs=0.02)


def test_exercise_4_dividing_by_the_chance_needs_shorter_steps(bandit, without_eights):
    w, _ = ten(exploring("reward / q[action]"), without_eights[0])
    assert bandit.accuracy(w).mean() < 0.7


def test_exercise_4_reward_over_chance_has_the_supervised_gradient_as_its_mean(bandit):
    w, x, y = some_policy(bandit)
    p = bandit.softmax(x @ w)
    q = 0.9 * p + 0.01
    mean = sum(q[a] * ((a == y) / q[a]) * bandit.score(x, p, a) for a in range(10))
    weight = tensor(w)
    logits = torch.from_numpy(x)[None] @ weight
    (-F.cross_entropy(logits, torch.tensor([y]))).backward()
    np.testing.assert_allclose(mean, weight.grad.numpy(), atol=1e-12)


def test_keras_takes_its_momentum_through_float32():
    # Why the page takes 0.875: a binary fraction survives.
    assert float(keras.ops.cast(0.9, "float64")) != 0.9
    assert float(keras.ops.cast(0.875, "float64")) == 0.875
