"""The programs of 怎样读一届会议 against rank_bm25, scikit-learn and SciPy."""

import contextlib
import csv
import io
import json
import re
import runpy
import warnings
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pybtex.database
import pytest
import scipy.stats
from rank_bm25 import BM25L, BM25Okapi
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize

from handbook.programs import practice

Run = Callable[[str], SimpleNamespace]
SNIPPETS = Path(__file__).parents[2] / "snippets"
OWN = SNIPPETS / "resources/reading_a_conference_own_python.py"
QUERIES = [
    "large language model",
    "alignment",
    "chain of thought reasoning",
    "diffusion models for brain activity",
    "learning learning to learn linear MDPs",  # a word twice in query and title
]


@pytest.fixture
def triage(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("resources/reading_a_conference_numpy")


@pytest.fixture
def clusters(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("resources/reading_a_conference_clusters_numpy")


def numbers(pattern: str, text: str) -> list[float]:
    """The groups of the one match of ``pattern`` in what a program printed."""
    (found,) = re.findall(pattern, text)
    return [float(x) for x in (found if isinstance(found, tuple) else (found,))]


# --- the list ----------------------------------------------------------------


def test_the_list_has_each_oral_of_the_conference_once(triage) -> None:
    assert len(triage.titles) == len(set(triage.titles)) == 77
    assert max(triage.titles, key=len) == (  # continued lines are joined by a space
        "A Single-Loop Accelerated Extra-Gradient Difference Algorithm with Improved "
        "Complexity Bounds for Constrained Minimax Optimization"
    )
    assert not any("  " in title or "\n" in title for title in triage.titles)


def test_each_paper_of_the_clusters_begins_a_title_of_the_list(
    triage, clusters
) -> None:
    for name in clusters.names:
        assert sum(title.startswith(name) for title in triage.titles) == 1, name
    assert len(set(clusters.names)) == 67


def test_lonely_titles_share_no_word_with_another(triage) -> None:
    words = [set(triage.tokenize(title)) for title in triage.titles]
    alone = [w for w in words if sum(bool(w & other) for other in words) == 1]
    (printed,) = numbers(r"共同词的题目 (\d+) 篇", triage.stdout_text)
    assert printed == len(alone) == triage.lonely.sum()


def test_hours_are_words_over_the_pace(triage) -> None:
    words = sum(len(re.findall(r"\S+", title)) for title in triage.titles)
    (hours,) = numbers(
        r"5290 篇题目逐字读一遍：按每分钟 238 词，要 ([\d.]+) 小时", triage.stdout_text
    )
    assert hours == pytest.approx(5290 * words / 77 / 238 / 60, abs=0.05)


# --- TF-IDF and BM25 ---------------------------------------------------------


def test_tfidf_matches_scikit_learn(triage) -> None:
    reference = TfidfVectorizer(analyzer=triage.tokenize)
    expected = reference.fit_transform(triage.titles).toarray()
    assert list(reference.get_feature_names_out()) == triage.vocabulary
    np.testing.assert_allclose(triage.title_vectors, expected, atol=1e-14)


@pytest.mark.parametrize("query", QUERIES)
def test_tfidf_scores_match_scikit_learn_cosines(triage, query: str) -> None:
    reference = TfidfVectorizer(analyzer=triage.tokenize)
    titles = reference.fit_transform(triage.titles)
    expected = metrics.pairwise.cosine_similarity(titles, reference.transform([query]))
    np.testing.assert_allclose(triage.score_tfidf(query), expected[:, 0], atol=1e-14)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(("k1", "b"), [(1.5, 0.75), (0.9, 0.4), (1.2, 0.0)])
def test_bm25_with_okapi_idf_matches_rank_bm25(
    triage, query: str, k1: float, b: float
) -> None:
    corpus = [triage.tokenize(title) for title in triage.titles]
    expected = BM25Okapi(corpus, k1=k1, b=b).get_scores(triage.tokenize(query))
    found = triage.score_bm25(query, triage.idf_okapi, k1, b)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("query", QUERIES)
def test_bm25_with_lucene_idf_is_rank_bm25_with_other_weights(
    triage, query: str
) -> None:
    corpus = [triage.tokenize(title) for title in triage.titles]
    reference = BM25Okapi(corpus)
    reference.idf = BM25L(corpus).idf  # ln((N + 1)/(n + 0.5)): the same, rearranged
    expected = reference.get_scores(triage.tokenize(query))
    np.testing.assert_allclose(triage.score_bm25(query), expected, atol=1e-12)


def test_the_two_idfs_part_where_a_word_is_in_most_titles(triage) -> None:
    corpus = [["common", f"rare{i}"] if i < 60 else [f"rare{i}"] for i in range(77)]
    library = BM25Okapi(corpus)
    assert triage.idf_okapi(60, 77) == pytest.approx(np.log(17.5 / 60.5))
    assert triage.idf_okapi(60, 77) < 0 < triage.idf_lucene(60, 77)
    assert library.idf["common"] == pytest.approx(library.epsilon * library.average_idf)
    assert triage.idf_lucene(60, 77) == pytest.approx(BM25L(corpus).idf["common"])
    okapi, lucene = numbers(r"（假想） +60 +(-[\d.]+) +([\d.]+)", triage.stdout_text)
    assert (okapi, lucene) == pytest.approx((-1.240, 0.254), abs=5e-4)


def test_plural_s_is_dropped_and_other_s_stays(triage) -> None:
    words = triage.tokenize("LLMs: Bias, Analysis & Status of Models (less loss), A 1M")
    assert words == "llm bias analysis status model less loss 1m".split()


# --- ranking and metrics -----------------------------------------------------


@pytest.mark.parametrize("query", QUERIES[:4])
@pytest.mark.parametrize("k", [1, 5, 10, 20])
def test_precision_and_recall_match_scikit_learn(triage, query: str, k: int) -> None:
    scores = triage.score_bm25(query)
    order = sorted(range(77), key=lambda i: (-round(scores[i], 9), i))
    guess = np.zeros(77, bool)
    guess[[i for i in order[:k] if scores[i] > 1e-9]] = True
    truth = triage.about_llm
    precision = metrics.precision_score(truth, guess, zero_division=0)
    assert triage.precision_at(k, scores, truth) == pytest.approx(
        precision * guess.sum() / k  # unfilled places count as wrong
    )
    expected = metrics.recall_score(truth, guess)
    assert triage.recall_at(k, scores, truth) == pytest.approx(expected)


def test_titles_without_a_hit_have_no_rank(triage) -> None:
    assert list(triage.rank(np.array([0.0, 2, 0, 3, 2]))) == [3, 1, 4]


def test_fusion_matches_its_definition(triage) -> None:
    a, b = np.zeros(77), np.zeros(77)
    a[[4, 9, 2]] = 3, 2, 1
    b[[9, 7]] = 0.2, 0.1  # scores of another scale: only places matter
    fused = triage.fuse([a, b])
    expected = {4: 1 / 61, 9: 1 / 62 + 1 / 61, 2: 1 / 63, 7: 1 / 62}
    assert {i: fused[i] for i in np.flatnonzero(fused)} == pytest.approx(expected)


def test_feedback_is_the_query_plus_three_quarters_of_the_mean(triage) -> None:
    reference = TfidfVectorizer(analyzer=triage.tokenize)
    titles = reference.fit_transform(triage.titles).toarray()
    query = reference.transform(["large language model"]).toarray()[0]
    expected = titles @ query + 0.75 * np.mean([titles @ titles[i] for i in (3, 8)], 0)
    found = triage.score_feedback("large language model", [3, 8])
    np.testing.assert_allclose(found, expected, atol=1e-14)


def test_trials_count_what_the_bare_query_cannot_reach(triage) -> None:
    hits = set(np.flatnonzero(triage.score_tfidf("large language model") > 0))
    wanted = np.flatnonzero(triage.about_llm)
    expected = [
        sum(i not in hits and i not in liked for i in wanted)
        for liked in combinations(wanted, 3)
    ]
    np.testing.assert_array_equal(triage.trials[:, 0, 1], expected)


def test_feedback_is_judged_on_what_is_not_yet_read(triage) -> None:
    reference = TfidfVectorizer(analyzer=triage.tokenize)
    titles = reference.fit_transform(triage.titles).toarray()
    query = titles @ reference.transform(["large language model"]).toarray()[0]
    wanted = np.flatnonzero(triage.about_llm)
    for liked, trial in zip(combinations(wanted, 3), triage.trials, strict=True):
        scores = query + 0.75 * np.mean(titles @ titles[list(liked)].T, axis=1)
        unread = [i for i in range(77) if i not in liked and scores[i] > 1e-9]
        top = sorted(unread, key=lambda i: (-round(scores[i], 9), i))[:20]
        assert trial[1, 0] == pytest.approx(np.isin(top, wanted).sum() / 13)


# --- what the page says of the output ----------------------------------------


def test_alignment_finds_one_right_one_wrong_and_misses_three(triage) -> None:
    order = triage.rank(triage.score_bm25("alignment"))
    assert list(triage.about_alignment[order]) == [True, False]
    assert triage.about_alignment.sum() == 4


def test_four_queries_together_reach_all_and_one_does_not(triage) -> None:
    scores = [triage.score_bm25(query) for query in triage.queries]
    assert metrics.recall_score(triage.about_llm, scores[0] > 0) == 11 / 16
    assert triage.recall_at(20, triage.fuse(scores), triage.about_llm) == 1


@pytest.mark.parametrize("n", [30, 60, 150, 300])
def test_stopping_bound_matches_clopper_pearson(run_snippet: Run, n: int) -> None:
    stopping = run_snippet("resources/reading_a_conference_stopping_python")
    exact = scipy.stats.binomtest(0, n, alternative="less").proportion_ci(
        0.95, method="exact"
    )
    share, papers = numbers(
        rf"有 5000 篇，.*\n(?:.*\n)*c = +{n}  相关比例的 95% 上限 ([\d.]+)，"
        r"即至多 +(\d+) 篇",
        stopping.stdout_text,
    )
    assert share == pytest.approx(exact.high, abs=5e-4)
    assert papers == pytest.approx(5000 * exact.high, abs=0.5)


# --- what is printed, against the libraries ------------------------------------


def library_scores(triage, query: str) -> np.ndarray:
    """BM25 as rank_bm25 computes it, with Lucene's idf in Okapi's place."""
    corpus = [triage.tokenize(title) for title in triage.titles]
    reference = BM25Okapi(corpus)
    reference.idf = BM25L(corpus).idf
    return reference.get_scores(triage.tokenize(query))


def best_first(scores: np.ndarray) -> list[int]:
    """The hits, best first, equal ones in the order of the list."""
    hits = [i for i, score in enumerate(scores) if score > 1e-9]
    return sorted(hits, key=lambda i: (-round(scores[i], 9), i))


def table(triage, relevant: np.ndarray, query: str, k: int) -> list[str]:
    scores = library_scores(triage, query)
    return [
        f"{place:4d} {'-+'[int(relevant[i])]} {scores[i]:5.2f}  {triage.titles[i][:58]}"
        for place, i in enumerate(best_first(scores)[:k], 1)
    ]


def test_the_printed_size_of_the_list_is_that_of_its_marks(triage) -> None:
    marks = re.findall(r"^[+-] ", triage.LISTING, re.M)
    words = sum(len(title.split(" ")) for title in triage.titles)
    printed = numbers(
        r"(\d+) 篇题目，平均 ([\d.]+) 个英文词；讲大语言模型的 (\d+) 篇",
        triage.printed_by["titles"],
    )
    expected = [len(marks), words / len(marks), marks.count("+ ")]
    assert printed == pytest.approx(expected, abs=0.051)


def test_the_printed_vocabulary_is_scikit_learns(triage) -> None:
    counts = CountVectorizer(analyzer=triage.tokenize).fit_transform(triage.titles)
    documents = np.asarray((counts > 0).sum(axis=0))[0]
    printed = numbers(
        r"词表 (\d+) 个词，其中 (\d+) 个只出现在一篇题目里\n"
        r"同一题目里重复的词共 (\d+) 处",
        triage.printed_by["tokens"],
    )
    expected = [len(documents), (documents == 1).sum(), (counts > 1).sum()]
    assert printed == expected


@pytest.mark.parametrize("word", ["model", "language", "alignment", "jailbroken"])
def test_the_printed_idfs_are_those_of_rank_bm25(triage, word: str) -> None:
    corpus = [triage.tokenize(title) for title in triage.titles]
    printed = numbers(
        rf"{word} +(\d+) +(-?[\d.]+) +([\d.]+)", triage.printed_by["bm25"]
    )
    assert printed[0] == sum(word in words for words in corpus)
    expected = [BM25Okapi(corpus).idf[word], BM25L(corpus).idf[word]]
    assert printed[1:] == pytest.approx(expected, abs=6e-4)


@pytest.mark.parametrize("k1", [0.5, 1.5])
def test_the_printed_saturation_is_that_of_rank_bm25(triage, k1: float) -> None:
    times = [1, 2, 4, 8, 16]
    corpus = [["word"] * f for f in times] + [["other"]] * 30
    reference = BM25Okapi(corpus, k1=k1, b=0)  # no word on the length
    gains = reference.get_scores(["word"])[:5] / reference.idf["word"]
    head, printed = re.findall(
        rf"^(?:词出现的次数|得分倍数，k1 = {k1}) +(.*)$",
        triage.printed_by["bm25"],
        re.M,
    )
    assert [int(x) for x in head.split()] == times
    assert [float(x) for x in printed.split()] == pytest.approx(gains, abs=0.0051)


def test_the_printed_ranking_is_that_of_rank_bm25(triage) -> None:
    title, *printed = triage.printed_by["rank"].splitlines()[:13]
    assert title.startswith("查询 large language model，BM25 的前 12 名")
    assert printed == table(triage, triage.about_llm, "large language model", 12)


def test_the_printed_misses_are_the_marked_titles_without_a_hit(triage) -> None:
    missed = triage.printed_by["rank"].partition("相关却得 0 分的：\n")[2]
    scores = library_scores(triage, "large language model")
    expected = [
        title
        for title, wanted, score in zip(
            triage.titles, triage.about_llm, scores, strict=True
        )
        if wanted and score == 0
    ]
    assert [line.strip() for line in missed.splitlines()] == expected


def test_both_scores_choose_the_same_ten(triage) -> None:
    reference = TfidfVectorizer(analyzer=triage.tokenize)
    titles = reference.fit_transform(triage.titles)
    cosines = (titles @ reference.transform(["large language model"]).T).toarray()
    bm25 = library_scores(triage, "large language model")
    same = set(best_first(cosines[:, 0])[:10]) == set(best_first(bm25)[:10])
    assert f"TF-IDF 的前 10 名是同样的 10 篇： {same}\n" in triage.printed_by["rank"]


def test_the_printed_alignment_tables_are_those_of_rank_bm25(triage) -> None:
    wanted = "Direct Preference", "OpenAssistant", "Jailbroken", "DecodingTrust"
    relevant = np.array([title.startswith(wanted) for title in triage.titles])
    wide = "alignment preference safety jailbreak trustworthiness reward"
    one, two = (table(triage, relevant, q, 6) for q in ("alignment", wide))
    title, *rows = triage.printed_by["synonyms"].splitlines()
    assert title == f"查询 alignment（相关的有 {relevant.sum()} 篇）"
    assert rows[: len(one)] == one
    assert rows[len(one)] == f"补上 {'、'.join(wide.split()[1:])}："
    assert rows[len(one) + 1 :] == two


def measures(triage, scores: np.ndarray) -> list[float]:
    """P@10, R@20 and the relevant titles without a hit, by scikit-learn."""
    order, wanted = best_first(scores), triage.about_llm
    first, twenty = (np.isin(np.arange(77), order[:k]) for k in (10, 20))
    precision = metrics.precision_score(wanted, first) * first.sum() / 10
    missed = wanted.sum() - metrics.recall_score(wanted, scores > 1e-9) * wanted.sum()
    return [precision, metrics.recall_score(wanted, twenty), missed]


def test_the_printed_measures_are_scikit_learns(triage) -> None:
    queries = [
        "large language model",
        "LLM GPT",
        "chain of thought reasoning",
        "instruction tuning preference alignment safety",
    ]
    each = [library_scores(triage, query) for query in queries]
    fused = np.zeros(77)
    for scores in each:
        for place, i in enumerate(best_first(scores), 1):
            fused[i] += 1 / (60 + place)
    rows = dict(zip(queries, each, strict=True))
    rows["四个合并（RRF）"] = fused
    rows["四个连成一个长查询"] = library_scores(triage, " ".join(queries))
    for name, scores in rows.items():
        printed = numbers(
            r"P@10 ([\d.]+)  R@20 ([\d.]+)  相关却得 0 分 +(\d+) 篇  "
            + f"{re.escape(name)}\n",
            triage.printed_by["fusion"],
        )
        assert printed == pytest.approx(measures(triage, scores), abs=6e-4), name


def test_the_printed_feedback_is_the_mean_over_all_threes(triage) -> None:
    reference = TfidfVectorizer(analyzer=triage.tokenize)
    titles = reference.fit_transform(triage.titles).toarray()
    query = titles @ reference.transform(["large language model"]).toarray()[0]
    likeness, wanted = titles @ titles.T, np.flatnonzero(triage.about_llm)
    found = []
    for liked in combinations(wanted, 3):
        pair = []
        for scores in (query, query + 0.75 * likeness[list(liked)].mean(axis=0)):
            order = [i for i in best_first(scores) if i not in liked]
            reached = len(set(order) & set(wanted))
            pair += [len(set(order[:20]) & set(wanted)) / 13, 13 - reached]
        found.append(pair)
    found = np.array(found)
    assert triage.printed_by["feedback"].startswith(
        f"从 {len(wanted)} 篇里任取 3 篇作种子，{len(found)} 种取法，"
        f"看其余 {len(wanted) - 3} 篇的平均：\n"
    )
    for name, columns in (("只用查询", (0, 1)), ("查询加种子", (2, 3))):
        printed = numbers(
            rf"R@20 ([\d.]+)  相关却得 0 分 ([\d.]+) 篇  {name}\n",
            triage.printed_by["feedback"],
        )
        recall, missed = found[:, columns].mean(axis=0)
        assert printed[0] == pytest.approx(recall, abs=6e-4)
        assert printed[1] == pytest.approx(missed, abs=6e-3)
    better, worse = numbers(
        r"变好 (\d+) 次，变差 (\d+) 次", triage.printed_by["feedback"]
    )
    gain = found[:, 2] - found[:, 0]
    assert (better, worse) == ((gain > 1e-9).sum(), (gain < -1e-9).sum())


# --- clusters ----------------------------------------------------------------


def test_cluster_vectors_match_scikit_learn(clusters) -> None:
    reference = TfidfVectorizer(analyzer=clusters.tokenize, min_df=2)
    expected = reference.fit_transform(clusters.keywords).toarray()
    assert list(reference.get_feature_names_out()) == list(clusters.words)
    np.testing.assert_allclose(clusters.vectors, expected, atol=1e-14)


def unit_rows(seed: int) -> np.ndarray:
    """60 dense unit vectors: no two similarities are equal, so no ties."""
    x = np.random.default_rng(seed).normal(size=(60, 12))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(5))
def test_one_step_matches_one_step_of_scikit_learn_kmeans(clusters, seed) -> None:
    x = unit_rows(seed)
    labels = clusters.assign(x, x[:5])
    # the first centres have length one: the nearest is the most similar
    nearest = metrics.pairwise_distances_argmin(x, x[:5])
    np.testing.assert_array_equal(labels, nearest)
    step = KMeans(5, init=x[:5], n_init=1, max_iter=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # one step is wanted
        means = step.fit(x).cluster_centers_
    expected = means / np.linalg.norm(means, axis=1, keepdims=True)
    found = clusters.update(x, labels, x[:5])
    np.testing.assert_allclose(found, expected, atol=1e-14)


@pytest.mark.parametrize("seed", range(5))
def test_a_whole_run_matches_scikit_learn_step_by_step(clusters, seed) -> None:
    x = unit_rows(seed)
    centres = x[:5]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for _ in range(60):
            step = KMeans(5, init=centres, n_init=1, max_iter=1).fit(x)
            means = step.cluster_centers_
            centres = means / np.linalg.norm(means, axis=1, keepdims=True)
    labels, cosine = clusters.spherical_kmeans(x, x[:5])
    np.testing.assert_array_equal(labels, metrics.pairwise_distances_argmin(x, centres))
    assert cosine == pytest.approx(np.mean(np.max(x @ centres.T, axis=1)))


def test_an_empty_cluster_keeps_its_centre(clusters) -> None:
    x = unit_rows(0)
    centres = clusters.update(x, np.zeros(60, int), x[:2])
    np.testing.assert_array_equal(centres[1], x[1])


def test_the_best_run_is_at_rest_and_no_other_is_tighter(clusters) -> None:
    cosines = [
        np.mean(
            [np.linalg.norm(clusters.vectors[labels == j].sum(0)) for j in range(8)]
        )
        * 8
        / len(labels)
        for labels, _ in clusters.runs
    ]  # the sum of cosines with the unit mean is the length of the sum
    assert max(cosines) == pytest.approx(clusters.best)
    assert cosines[0] == pytest.approx(max(cosines))


def test_clusters_are_numbered_by_size_and_keep_their_members(clusters) -> None:
    sizes = np.bincount(clusters.labels)
    assert list(sizes) == sorted(sizes, reverse=True)
    assert metrics.adjusted_rand_score(clusters.labels, clusters.runs[0][0]) == 1


def test_the_printed_words_are_counted_by_scikit_learn(clusters) -> None:
    every = CountVectorizer(analyzer=clusters.tokenize).fit(clusters.keywords)
    twice = CountVectorizer(analyzer=clusters.tokenize, min_df=2).fit(clusters.keywords)
    printed = numbers(
        r"(\d+) 篇的关键词里有 (\d+) 个词；出现在两篇以上的 (\d+) 个",
        clusters.printed_by["vectors"],
    )
    expected = [67, len(every.vocabulary_), len(twice.vocabulary_)]
    assert printed == expected


def test_the_printed_range_is_that_of_the_fifty_runs(clusters) -> None:
    cosines = []
    for labels, _ in clusters.runs:
        own = [clusters.vectors[labels == j] for j in np.unique(labels)]
        centres = [normalize(x.mean(axis=0, keepdims=True)) for x in own]
        pairs = zip(own, centres, strict=True)
        near = [metrics.pairwise.cosine_similarity(x, c).sum() for x, c in pairs]
        cosines.append(sum(near) / 67)
    low, high = numbers(
        r"50 个随机起点，平均余弦从 ([\d.]+) 到 ([\d.]+)", clusters.printed_by["kmeans"]
    )
    assert (low, high) == pytest.approx((min(cosines), max(cosines)), abs=6e-4)
    assert len(cosines) == 50


def test_the_printed_topics_are_the_heaviest_words_of_each_cluster(clusters) -> None:
    reference = TfidfVectorizer(analyzer=clusters.tokenize, min_df=2)
    vectors = reference.fit_transform(clusters.keywords).toarray()
    words = reference.get_feature_names_out()
    rows = re.findall(
        r"^簇 (\d)， *(\d+) 篇：(.+)$", clusters.printed_by["topics"], re.M
    )
    sizes = [int(size) for _, size, _ in rows]
    assert sizes == sorted(sizes, reverse=True) and sum(sizes) == 67
    for j, (number, size, shown) in enumerate(rows):
        inside = clusters.labels == j
        heavy = sorted(vectors[inside].mean(axis=0), reverse=True)[:4]
        mean = dict(zip(words, vectors[inside].mean(axis=0), strict=True))
        assert (int(number), int(size)) == (j, inside.sum())
        assert [mean[word] for word in shown.split("、")] == pytest.approx(heavy)


def test_the_printed_members_are_those_beside_toolformer(clusters) -> None:
    title, *rows = clusters.printed_by["members"].splitlines()
    own = clusters.labels[clusters.names.index("Toolformer")]
    beside = np.array(clusters.names)[clusters.labels == own]
    assert title == f"簇 {own}："
    assert [row.strip() for row in rows] == list(beside)


def test_adjusted_rand_matches_scikit_learn(clusters) -> None:
    for (a, _), (b, _) in combinations(clusters.runs[:8], 2):
        expected = metrics.adjusted_rand_score(a, b)
        assert clusters.adjusted_rand(a, b) == pytest.approx(expected)
    expected = [
        metrics.adjusted_rand_score(a, b)
        for (a, _), (b, _) in combinations(clusters.runs, 2)
    ]
    (printed,) = numbers(r"调整兰德指数：平均 ([\d.]+)", clusters.stdout_text)
    assert printed == pytest.approx(np.mean(expected), abs=5e-3)


def test_pairs_are_counted_over_all_runs(clusters) -> None:
    tool = next(i for i, n in enumerate(clusters.names) if n == "Toolformer")
    for name, share in [("ToolkenGPT", 100), ("QLoRA", 0)]:
        other = clusters.names.index(name)
        together = [labels[tool] == labels[other] for labels, _ in clusters.runs]
        assert 100 * sum(together) / 50 == share
        assert f"{share:3d}% 的划分里同簇：Toolformer 与 {name}" in clusters.stdout_text


def test_two_private_papers_are_together_as_often_as_printed(clusters) -> None:
    first = clusters.names.index("Private Everlasting Prediction")
    other = clusters.names.index("Privacy Auditing with One (1)")
    together = sum(labels[first] == labels[other] for labels, _ in clusters.runs)
    (printed,) = numbers(
        r"(\d+)% 的划分里同簇：Private Everlasting Prediction 与 Privacy Auditing\n",
        clusters.printed_by["stability"],
    )
    assert printed == 2 * together  # in percent, of 50


def test_the_plane_matches_scikit_learn_svd(clusters) -> None:
    svd = TruncatedSVD(2, algorithm="arpack", random_state=0)
    expected = svd.fit_transform(clusters.vectors)
    np.testing.assert_allclose(np.abs(clusters.plane), np.abs(expected), atol=1e-9)
    (share,) = numbers(r"前两个奇异方向只占平方和的 (\d+)%", clusters.stdout_text)
    squares = np.sum(svd.singular_values_**2) / np.sum(clusters.vectors**2)
    assert share == pytest.approx(100 * squares, abs=0.5)


def test_the_figure_stresses_the_language_cluster(ran, clusters) -> None:
    _, run = ran("resources/reading_a_conference_clusters_numpy")
    (own,) = numbers(r"^簇 (\d+)：", clusters.printed_by["members"])
    strong = re.findall(r"<text[^>]*\b700\b[^>]*>(\d+)</text>", run.figure)
    assert len(strong) == np.sum(clusters.labels == own)
    assert set(strong) == {f"{own:.0f}"}


def test_each_paper_of_the_figure_stands_at_its_place(clusters) -> None:
    drawn = [text.get_text() for text in clusters.axis.texts]
    places = [text.get_position() for text in clusters.axis.texts]
    assert drawn == [str(label) for label in clusters.labels]
    np.testing.assert_allclose(places, clusters.plane)


def test_the_axes_of_the_figure_are_named_in_their_order(clusters) -> None:
    names = clusters.axis.get_xlabel(), clusters.axis.get_title(loc="left")
    assert names == ("第一奇异方向", "第二奇异方向")


def test_the_language_cluster_holds_ten_of_the_thirteen(triage, clusters) -> None:
    about = dict(zip(triage.titles, triage.about_llm, strict=True))
    full = [next(t for t in about if t.startswith(name)) for name in clusters.names]
    truth = np.array([about[title] for title in full])
    inside = clusters.labels == clusters.language
    assert (truth.sum(), inside.sum(), np.sum(truth & inside)) == (13, 11, 10)


# --- the reader's own list ---------------------------------------------------


@pytest.fixture
def own(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("resources/reading_a_conference_own_python")


def test_the_printed_demonstration_is_that_of_rank_bm25(own, triage) -> None:
    titles = [line for line in own.sample.strip().splitlines()]
    corpus = [triage.tokenize(title) for title in titles]
    reference, fused = BM25Okapi(corpus), np.zeros(8)
    reference.idf = BM25L(corpus).idf
    for query in own.QUERIES:
        scores = reference.get_scores(triage.tokenize(query))
        for place, i in enumerate(best_first(scores), 1):
            fused[i] += 1 / (60 + place)
    found = [titles[i] for i in best_first(fused)]
    assert own.printed_by["papers"] == "8 行，8 个不同的题目，0 篇有摘要\n"
    head, *rows = own.printed_by["triage"].splitlines()
    assert numbers(
        r"得分大于 0 的 (\d+) 篇，留前 (\d+) 篇；其余 (\d+) 篇里抽 (\d+) 篇", head
    ) == [len(found), 3, 5, 2]
    assert rows[:3] == [f"  排序  未定  {title[:58]}" for title in found[:3]]
    drawn = [row.removeprefix("  抽查  未定  ") for row in rows[3:]]
    assert len(set(drawn)) == 2
    assert all(any(t.startswith(d) for t in titles) for d in drawn)
    assert not set(drawn) & {title[:58] for title in found[:3]}


def run_in(folder: Path, papers: list[tuple[str, str]]) -> dict:
    """The program's globals after a run beside a ``papers.csv`` as Excel saves it.

    ``said`` is what it printed.
    """
    with (folder / "papers.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([("title", "abstract"), *papers])
    said = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said):
        names = runpy.run_path(str(OWN), run_name="__main__")
    return names | {"said": said.getvalue()}


def triage_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "triage.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_both_programs_cut_words_alike(triage, own) -> None:
    for title in triage.titles:
        assert own.tokenize(title) == triage.tokenize(title)


def test_both_programs_ask_the_same_queries(triage, own) -> None:
    assert own.QUERIES == triage.queries


def test_what_is_drawn_does_not_hang_on_the_order_of_a_set(own) -> None:
    assert own.rest == sorted(own.rest)


def test_a_title_that_stands_twice_is_one_paper(tmp_path) -> None:
    papers = [("A model", ""), ("A model ", "Text."), ("Another", "")]
    said = run_in(tmp_path, papers)["said"]
    assert said.startswith("3 行，2 个不同的题目，1 篇有摘要\n")


def test_own_list_is_ranked_as_by_the_matrix_program(triage, tmp_path) -> None:
    found = run_in(tmp_path, [(title, "") for title in triage.titles])
    scores = [triage.score_bm25(query) for query in found["QUERIES"]]
    expected = [triage.titles[i] for i in triage.rank(triage.fuse(scores))]
    assert found["ranked"] == expected
    fused = [found["fused"][title] for title in triage.titles]
    np.testing.assert_allclose(fused, triage.fuse(scores), atol=1e-15)


def test_own_list_with_abstracts_matches_rank_bm25(triage, tmp_path) -> None:
    # an abstract with commas, quotes and a line break: the next three titles
    texts = ['", \n'.join(triage.titles[i + 1 : i + 4]) for i in range(70)]
    found = run_in(tmp_path, list(zip(triage.titles, texts, strict=False)))
    corpus = [
        triage.tokenize(f"{title} {text}")
        for title, text in zip(triage.titles, texts, strict=False)
    ]
    reference = BM25Okapi(corpus)
    reference.idf = BM25L(corpus).idf
    expected = reference.get_scores(["model", "learning", "model"])
    scores = [
        found["score_bm25"]("model learning model", words)
        for words in found["documents"].values()
    ]
    np.testing.assert_allclose(scores, expected, atol=1e-12)


def test_own_list_keeps_300_and_draws_60_of_the_rest(tmp_path) -> None:
    run_in(tmp_path, [(f"language model {i}", "") for i in range(1000)])
    rows = triage_rows(tmp_path)
    first = [row["title"] for row in rows if row["from"] == "排序"]
    drawn = [row["title"] for row in rows if row["from"] == "抽查"]
    assert (len(set(first)), len(set(drawn))) == (300, 60)
    assert not set(first) & set(drawn)


def test_a_decision_and_an_own_column_outlive_the_next_run(tmp_path) -> None:
    papers = [(f"language model {i}", "") for i in range(400)]
    run_in(tmp_path, papers)
    rows = triage_rows(tmp_path)
    for row in rows[0], rows[-1]:  # one of the ranking, one of the sample
        row |= {"decision": "停", "reason": "不是文本", "note": "附录"}
    with (tmp_path / "triage.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[-1]), restval="")
        writer.writeheader()
        writer.writerows(rows)
    run_in(tmp_path, papers)
    again = triage_rows(tmp_path)
    assert again[:2] == [rows[0], rows[-1]]
    assert len({row["title"] for row in again}) == len(again) == 361


def test_the_first_ten_rows_are_printed_with_their_decisions(tmp_path) -> None:
    papers = [(f"language model {i:02d}", "") for i in range(20)]
    rows = ["title,from,decision,reason", f"{papers[19][0]},抽查,留,"]
    (tmp_path / "triage.csv").write_text("\n".join(rows), encoding="utf-8")
    _, printed = run_in(tmp_path, papers)["said"].split("triage.csv：\n")
    assert printed.splitlines() == [
        f"  抽查  留  {papers[19][0]}",
        *(f"  排序  未定  {title}" for title, _ in papers[:9]),
    ]


def test_a_decision_of_blanks_is_none(tmp_path) -> None:
    rows = ["title,from,decision,reason", "gone,抽查, ,"]
    (tmp_path / "triage.csv").write_text("\n".join(rows), encoding="utf-8")
    run_in(tmp_path, [("language model", "")])
    assert [row["title"] for row in triage_rows(tmp_path)] == ["language model"]


def test_a_row_that_excel_cut_short_is_undecided(tmp_path) -> None:
    """Excel leaves out the commas at the end of a row whose last cells are empty."""
    papers = [(f"language model {i}", "") for i in range(3)]
    rows = ["title,from,decision,reason", "language model 1,排序,留,", papers[2][0]]
    (tmp_path / "triage.csv").write_text("\n".join(rows), encoding="utf-8")
    run_in(tmp_path, papers)
    again = {row["title"]: row["decision"] for row in triage_rows(tmp_path)}
    assert again == {papers[1][0]: "留", papers[0][0]: "", papers[2][0]: ""}


# --- practice: resources/reading_a_conference_practice_python ----------------------

PRACTICE = SNIPPETS / "resources/reading_a_conference_practice_python.py"
SOLUTION = """
import math


def bm25(query, documents, k1=1.5, b=0.75):
    mean_length = sum(map(len, documents)) / len(documents)
    scores = []
    for words in documents:
        score = 0
        for word in query:
            f = words.count(word)
            n = sum(word in other for other in documents)
            idf = math.log(1 + (len(documents) - n + 0.5) / (n + 0.5))
            norm = 1 - b + b * len(words) / mean_length
            score += idf * f * (k1 + 1) / (f + k1 * norm)
        scores.append(score)
    return scores
"""
WRONG = [
    ("math.log(1 + (", "math.log(("),  # Okapi's idf
    ("math.log(1", "math.log2(1"),
    ("for word in query:", "for word in set(query):"),  # a word twice counts once
    ("f = words.count(word)", "f = int(word in words)"),
    ("f = words.count(word)", "f = words.count(word) / len(words)"),
    ("sum(word in other for other in documents)", "sum(map(len, documents))"),
    (
        "sum(word in other for other in documents)",
        "sum(other.count(word) for other in documents)",  # tokens, not documents
    ),
    ("len(words) / mean_length", "mean_length / len(words)"),
    ("len(words) / mean_length", "len(set(words)) / mean_length"),
    ("1 - b + b *", "1 - b +"),
    ("* (k1 + 1)", "* k1"),
    ("f + k1 * norm", "f + k1"),
    ("k1=1.5, b=0.75", "k1=1.2, b=0.75"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_rank_bm25_gives(case: tuple) -> None:
    _, given, expected, _ = case
    options = {name: value for name, value in given.items() if name in ("k1", "b")}
    reference = BM25Okapi(given["documents"], **options)
    reference.idf = BM25L(given["documents"]).idf  # ln((N + 1)/(n + 0.5)): Lucene's
    found = reference.get_scores(given["query"])
    np.testing.assert_allclose(expected, found, rtol=0, atol=6e-7)


def test_a_bm25_as_on_the_page_passes_the_practice() -> None:
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_bm25_passes_the_practice() -> None:
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    page = (SNIPPETS.parent / "docs/resources/reading-a-conference.md").read_text(
        encoding="utf-8"
    )
    assert practice.failing(PRACTICE, SOLUTION, WRONG[3]) in page


# --- a list in one file --------------------------------------------------------


@pytest.fixture
def listed(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("resources/reading_a_conference_list_python")


def test_a_withdrawn_or_rejected_paper_is_not_listed(listed) -> None:
    gone = ["Withdraw", "Reject", "Desk Reject"]
    rows = [{"title": s, "status": s} for s in ["Poster", *gone]]
    assert listed.from_copilot(json.dumps(rows)) == [
        {"title": "Poster", "abstract": ""}
    ]


@pytest.mark.parametrize(("abstract", "kept"), [(None, ""), ("one\ntwo", "one two")])
def test_an_abstract_of_paper_copilot_is_kept_or_empty(listed, abstract, kept) -> None:
    rows = json.dumps([{"title": "A", "status": "Poster", "abstract": abstract}])
    assert listed.from_copilot(rows) == [{"title": "A", "abstract": kept}]


def test_a_note_without_an_abstract_is_listed_with_an_empty_one(listed) -> None:
    notes = [
        {"content": {"title": {"value": "A  B"}}},
        {"content": {"title": {"value": "C"}, "abstract": {"value": "one\ntwo"}}},
    ]
    assert listed.from_openreview(json.dumps(notes)) == [
        {"title": "A B", "abstract": ""},
        {"title": "C", "abstract": "one two"},
    ]


def test_titles_of_an_anthology_are_those_that_pybtex_reads(listed) -> None:
    entries = pybtex.database.parse_string(listed.ANTHOLOGY, "bibtex").entries
    titles = [
        " ".join(re.sub("[{}]", "", e.fields["title"]).split())
        for e in entries.values()
        if e.type == "inproceedings"
    ]
    assert [row["title"] for row in listed.from_anthology(listed.ANTHOLOGY)] == titles


def test_a_title_with_a_quote_in_it_is_read_from_its_braces(listed) -> None:
    """The Anthology puts braces, not quotes, around a title that has an umlaut."""
    volume = listed.ANTHOLOGY + (
        '\n@inproceedings{a,\n    booktitle = "Proceedings",\n'
        '    title = {A Na{\\"i}ve {B}, and C},\n    year = "2022"\n}'
    )
    entry = pybtex.database.parse_string(volume, "bibtex").entries["a"]
    wanted = re.sub("[{}]", "", entry.fields["title"])
    assert listed.from_anthology(volume)[-1]["title"] == wanted


@pytest.mark.parametrize("turned", [False, True], ids=["bare first", "bare last"])
def test_of_two_copies_the_one_with_an_abstract_is_kept(listed, turned: bool) -> None:
    bare, full = listed.paper("On: It"), listed.paper("on it", "Text.")
    lists = [[full], [bare]] if turned else [[bare], [full]]
    assert listed.merge(*lists) == [full]


def test_the_printed_counts_are_those_of_the_three_exports(listed) -> None:
    head, titles = listed.printed_by["check"].split("去重后")
    assert re.findall(r"(\w[\w ]+)：(\d+) 篇", head) == [
        ("Paper Copilot", "2"),
        ("OpenReview", "1"),
        ("ACL Anthology", "1"),
    ]
    assert numbers(r"(\d+) 篇，(\d+) 篇有摘要", titles) == [3, 1]
    shown = [line.strip() for line in titles.splitlines()[1:]]
    assert shown == [row["title"][:56] for row in listed.papers]


def test_the_list_is_a_file_that_the_next_program_reads(tmp_path: Path) -> None:
    said = io.StringIO()
    with contextlib.chdir(tmp_path), contextlib.redirect_stdout(said):
        runpy.run_path(str(OWN.with_name("reading_a_conference_list_python.py")))
        runpy.run_path(str(OWN))
    assert "3 行，3 个不同的题目，1 篇有摘要" in said.getvalue()
    head = (tmp_path / "papers.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert head == "title,abstract"  # as the page tells who writes the file by hand
