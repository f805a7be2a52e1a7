"""The page on history: n-grams, perplexity and the perceptron.

References that the snippets never import: ``nltk.lm`` (Laplace, Lidstone, MLE and
Witten-Bell models, entropy and perplexity), ``scipy.stats.entropy``, sklearn's
``Perceptron``, and a linear program that decides whether a line separates.
"""

import re

import numpy as np
import pytest
from nltk.lm import MLE, Laplace, Lidstone, Vocabulary, WittenBellInterpolated
from scipy.optimize import linprog
from scipy.stats import entropy
from sklearn.linear_model import Perceptron

ORDERS = range(1, 6)


@pytest.fixture(scope="module")
def ns(run_snippet):
    return run_snippet("background/history_numpy")


@pytest.fixture(scope="module")
def one_layer(run_snippet):
    return run_snippet("background/history_perceptron_numpy")


def fitted(model, ns, *args, lower=False):
    """A model of nltk on the training text, over the same closed set of symbols.

    nltk counts a symbol for what is unknown: one of ours takes that place.
    """
    unknown, *others = ns.symbols
    n = model.order if hasattr(model, "order") else args[-1]
    vocabulary = Vocabulary(others, unk_cutoff=1, unk_label=unknown)
    made = model(*args, vocabulary=vocabulary)
    orders = range(1, n + 1) if lower else [n]
    made.fit([[g for k in orders for g in grams(ns.train, k)]])
    return made


def grams(text, n, start=0):
    return [tuple(text[i - n + 1 : i + 1]) for i in range(max(start, n - 1), len(text))]


# --- counts and add-one -----------------------------------------------------------


@pytest.mark.parametrize("n", ORDERS)
def test_add_one_scores_every_next_character_as_nltk_laplace_does(ns, n):
    model = fitted(Laplace, ns, n)
    for context in {gram[:-1] for gram in grams(ns.test, n)}:
        for w in ns.symbols[::29]:
            ours = ns.laplace(ns.counts, "".join(context), w)
            assert ours == pytest.approx(model.score(w, context), rel=1e-12)


@pytest.mark.parametrize("n", ORDERS)
@pytest.mark.parametrize("part", ["train", "test"])
def test_perplexity_is_that_of_nltk(ns, n, part):
    text = getattr(ns, part)
    theirs = fitted(Laplace, ns, n).perplexity(grams(text, n, start=4))
    assert 2 ** ns.bits(ns.add_one, text, n) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("alpha", [1.0, 0.1, 0.01, 0.001])
def test_a_smaller_addend_is_nltk_lidstone(ns, alpha):
    model = fitted(Lidstone, ns, alpha, 2)
    theirs = model.entropy(grams(ns.test, 2, start=4))
    assert ns.bits(
        lambda h, w: ns.laplace(ns.counts, h, w, alpha), ns.test, 2
    ) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("n", ORDERS)
def test_the_share_of_unseen_grams_is_that_of_zero_scores(ns, n):
    model = fitted(MLE, ns, n)
    scores = [model.score(g[-1], g[:-1]) for g in grams(ns.test, n, start=4)]
    assert ns.missing(ns.counts, ns.test, n)[0] == np.mean(np.equal(scores, 0))


@pytest.mark.parametrize("n", ORDERS)
def test_the_share_of_unseen_contexts_is_that_of_strings_not_in_the_text(ns, n):
    inside = ns.train[:-1]  # a context must be followed by something
    contexts = ["".join(g[:-1]) for g in grams(ns.test, n, start=4)]
    assert ns.missing(ns.counts, ns.test, n)[1] == np.mean(
        [context not in inside for context in contexts]
    )


def test_longer_contexts_make_add_one_worse(ns):
    tested = [ns.bits(ns.add_one, ns.test, n) for n in ORDERS]
    assert tested == sorted(tested)
    assert tested[-1] < np.log2(len(ns.symbols))


# --- backing off ------------------------------------------------------------------


@pytest.mark.parametrize("n", range(2, 6))
def test_backing_off_scores_as_nltk_witten_bell_does(ns, n):
    """nltk leaves single characters unsmoothed: given ours, the rest must agree."""
    model = fitted(WittenBellInterpolated, ns, n, lower=True)
    model.estimator.unigram_score = lambda w: ns.witten_bell(ns.counts, "", w)
    for gram in grams(ns.test, n)[::5]:
        ours = ns.witten_bell(ns.counts, "".join(gram[:-1]), gram[-1])
        assert ours == pytest.approx(model.score(gram[-1], gram[:-1]), rel=1e-9)


def test_single_characters_share_what_is_left_with_the_uniform(ns):
    kinds, seen = len(set(ns.train)), len(ns.train)
    for w in ns.symbols:
        hand = (ns.train.count(w) + kinds / len(ns.symbols)) / (seen + kinds)
        assert ns.witten_bell(ns.counts, "", w) == pytest.approx(hand, rel=1e-12)


@pytest.mark.parametrize("context", ["", "子", "子曰，", "不以其道", "甲乙丙丁"])
@pytest.mark.parametrize("name", ["add_one", "back_off"])
def test_the_probabilities_of_the_next_character_sum_to_one(ns, name, context):
    total = sum(getattr(ns, name)(context, w) for w in ns.symbols)
    assert total == pytest.approx(1, rel=1e-12)


def test_backing_off_is_best_with_two_on_unseen_text_and_learns_the_rest_by_heart(ns):
    tested = [ns.bits(ns.back_off, ns.test, n) for n in ORDERS]
    known = [ns.bits(ns.back_off, ns.train, n) for n in ORDERS]
    assert np.argmin(tested) == 1
    assert known == sorted(known, reverse=True)
    assert 2 ** known[-1] < 1.5


# --- entropy and units ------------------------------------------------------------


@pytest.mark.parametrize("n", ORDERS)
def test_block_entropy_is_that_of_scipy(ns, n):
    _, counts = np.unique(["".join(g) for g in grams(ns.train, n, 4)], return_counts=1)
    assert ns.entropies[n] == pytest.approx(entropy(counts, base=2), rel=1e-12)


def test_uniform_over_k_symbols_has_perplexity_k(ns):
    same = ns.bits(lambda h, w: 1 / 364, ns.test, 3)
    assert 2**same == pytest.approx(364)


def test_one_total_gives_each_unit_its_perplexity(ns):
    bits = ns.bits(ns.back_off, ns.test, 2)
    said = re.findall(r"^按.*?：(\d+) 个单位，困惑度 (\S+)$", ns.stdout_text, re.M)
    assert len(said) == 3
    for number, perplexity in said:
        hand = 2 ** (bits * (len(ns.test) - 4) / int(number))
        assert float(perplexity) == pytest.approx(hand, rel=5e-3)


def test_the_byte_model_is_judged_on_the_same_text(ns):
    judged = ns.raw_test[ns.start :].encode("latin-1").decode()
    assert judged == ns.test[4:]


def test_a_lower_perplexity_of_bytes_hides_more_bits_for_a_character(ns):
    per_character = ns.bits(ns.back_off, ns.test, 2)
    assert ns.per_byte < per_character < 3 * ns.per_byte


# --- samples ----------------------------------------------------------------------


def test_the_longer_the_context_the_more_is_copied(ns):
    copied = [int(c) for c in re.findall(r"有 (\d+)% 是照抄的", ns.stdout_text)]
    assert len(copied) == 4
    assert copied == sorted(copied)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_a_sample_is_drawn_from_the_model_given_the_characters_before(ns, n):
    (said,) = re.findall(rf"^n={n}：(子曰，.*?)（", ns.stdout_text, re.M)
    rng, line = np.random.default_rng(1951), "子曰，"
    while len(line) < len(said):
        context = line[-(n - 1) :] if n > 1 else ""
        below = np.cumsum([ns.back_off(context, w) for w in ns.symbols])
        line += ns.symbols[np.searchsorted(below / below[-1], rng.random(), "right")]
    assert line == said


# --- the perceptron ---------------------------------------------------------------


def separable(inputs, targets):
    """Whether a line separates, decided by a linear program."""
    signs = 2 * np.array(targets)[:, None] - 1
    rows = -signs * np.column_stack([inputs, np.ones(len(inputs))])
    free = [(None, None)] * rows.shape[1]
    return linprog(np.zeros(rows.shape[1]), rows, -np.ones(4), bounds=free).success


@pytest.mark.parametrize(("name", "can"), [("AND", True), ("OR", True), ("XOR", False)])
def test_the_rule_finds_a_line_exactly_where_there_is_one(one_layer, name, can):
    targets = one_layer.TARGETS[name]
    weights, _ = one_layer.learn(one_layer.X, targets)
    answers = [one_layer.predict(weights, x) for x in one_layer.X]
    assert separable(one_layer.X, targets) is can
    assert (answers == targets) is can


@pytest.mark.parametrize("name", ["AND", "OR", "XOR"])
def test_sklearn_reaches_the_same_answers_in_as_many_rounds(one_layer, name):
    targets = one_layer.TARGETS[name]
    weights, rounds = one_layer.learn(one_layer.X, targets)
    model = Perceptron(shuffle=False, tol=None, max_iter=rounds, eta0=1.0)
    model.fit(one_layer.X, targets)
    answers = (one_layer.X @ model.coef_[0] + model.intercept_[0] > 0).astype(int)
    assert (answers.tolist() == targets) is (name != "XOR")
    ours = [one_layer.predict(weights, x) for x in one_layer.X]
    assert (ours == targets) is (name != "XOR")


def test_two_units_in_the_middle_make_xor_separable(one_layer):
    assert separable(one_layer.hidden, one_layer.TARGETS["XOR"])
    assert one_layer.answers == one_layer.TARGETS["XOR"]
