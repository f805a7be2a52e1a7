"""Metrics of generated text: perplexity, BLEU, chrF, ROUGE, error rates, pass@k.

References that the programs never call: exact fractions, enumeration of subsequences
and of samples, SciPy, sacrebleu, NLTK, rouge_score, jiwer, rapidfuzz.
"""

import math
import re
from collections import Counter
from fractions import Fraction as Q
from importlib.metadata import version
from itertools import combinations, product
from types import SimpleNamespace

import jiwer
import numpy as np
import pytest
from nltk.translate.bleu_score import corpus_bleu as nltk_bleu
from nltk.translate.chrf_score import sentence_chrf
from rapidfuzz.distance import Levenshtein
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenize import tokenize
from sacrebleu.metrics import BLEU, CHRF
from scipy.special import logsumexp
from scipy.stats import rankdata, spearmanr

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/faq/generation-metrics.md"
PRACTICE = ROOT / "snippets/faq/generation_metrics_practice_numpy.py"
REFERENCE, HYPOTHESIS = "猫在垫子上面", "猫坐在垫子上"
FILM = "这部电影很好看"
NEGATED_REWORDED = "这部电影不好看", "这片子挺不错"
CAT = ("the cat is on the mat", "the cat sat on the mat")


@pytest.fixture
def perplexity(run_snippet):
    return run_snippet("faq/generation_metrics_perplexity_numpy")


@pytest.fixture
def by_torch(run_snippet):
    return run_snippet("faq/generation_metrics_loss_torch")


@pytest.fixture
def by_tf(run_snippet):
    return run_snippet("faq/generation_metrics_loss_tf")


@pytest.fixture
def bleu(run_snippet):
    return run_snippet("faq/generation_metrics_bleu_numpy")


@pytest.fixture
def overlap(run_snippet):
    return run_snippet("faq/generation_metrics_rouge_wer_numpy")


@pytest.fixture
def code(run_snippet):
    return run_snippet("faq/generation_metrics_code_numpy")


@pytest.fixture
def blind(run_snippet):
    return run_snippet("faq/generation_metrics_blind_numpy")


def page():
    return PAGE.read_text(encoding="utf-8")


def said(section):
    """The page's text from one heading to the next."""
    return re.split(r"^##+ ", page().split(f"{{ #{section} }}")[1], flags=re.M)[0]


def missing(section, *found):
    """The numbers that a section of the page does not hold."""
    text = said(section).replace("−", "-")
    return [x for x in found if not re.search(rf"(?<![\d.]){x}(?!\.?\d)", text)]


def spaced(text):
    return " ".join(text)


def sacre(pairs, **options):
    """The corpus's score; a pair is (hypothesis, reference), both cut by blanks."""
    scorer = BLEU(tokenize="none", **options)
    return scorer.corpus_score([h for h, _ in pairs], [[r for _, r in pairs]])


# --- perplexity ---------------------------------------------------------------


def joined(text):
    """An indented line is the end of the line before it."""
    return text.replace("\n  ", "，")


@pytest.mark.parametrize(
    ("name", "halves"), [("甲", [1, 2, 3, 2]), ("乙", [1, 1, 2, 1, 2, 1])]
)
def test_both_cuts_give_the_sentence_one_chance_in_256(perplexity, name, halves):
    whole = math.prod(Q(1, 2**k) for k in halves)
    assert whole == Q(1, 256)
    assert "两个模型给整句的概率都是 1/256，即 8 比特。" in said("perplexity")
    tokens, bits, found, rate = after(
        joined(perplexity.printed_by["hand"]), f"{name}："
    )
    assert (tokens, bits) == (len(halves), 8)
    assert found == pytest.approx(256 ** (1 / len(halves)), abs=6e-3)
    assert rate == pytest.approx(8 / 18, abs=6e-4)


def cut_by_pattern(train, text):
    """One token for two letters that follow each other twice or more, by a pattern."""
    pairs = Counter(re.findall(r"(?=(\w\w))", train))
    common = "|".join(pair for pair, n in pairs.items() if n > 1)
    return re.findall(f"(?s){common}|.", text)


def surprise(train, held, cut, window=None):
    """Bits a token of ``held``: counts by scanning the list, chances in fractions."""
    a, b = cut("\n" + train), cut("\n" + held)
    vocabulary = set(train) | set(held) | set(a)
    bits = []
    for i in range(1, len(b)):
        context = None if window and i > 1 and (i - 1) % window == 0 else b[i - 1]
        heard = [t for s, t in zip(a, a[1:], strict=False) if context in (None, s)]
        if context is None:
            heard = a[:-1]
        chances = {v: Q(heard.count(v) + 1, len(heard) + len(vocabulary)) for v in b}
        bits.append(-math.log2(chances[b[i]]))
        assert sum(heard.count(v) + 1 for v in vocabulary) == (
            len(heard) + len(vocabulary)
        )
    return bits


def printed_as(bits, text):
    total = sum(bits)
    return (
        f"{len(bits)} 个词元，共 {total:.0f} 比特，困惑度 "
        f"{math.exp(total * math.log(2) / len(bits)):.2f}，"
        f"每字节 {total / len(bytes(text, 'utf-8')):.3f} 比特"
    )


def test_the_two_models_are_those_counted_in_fractions(perplexity):
    train, held = perplexity.train, perplexity.held
    text = joined(perplexity.printed_by["models"])
    letters = surprise(train, held, list)
    words = surprise(train, held, lambda text: cut_by_pattern(train, text))
    assert line_of(text, "单字：") == printed_as(letters, held)
    assert line_of(text, "两字：") == printed_as(words, held)


def test_tokens_and_bytes_rank_the_two_models_in_opposite_ways(perplexity):
    text = joined(perplexity.printed_by["models"])
    *_, letter_ppl, letter_rate = after(text, "单字：")
    *_, word_ppl, word_rate = after(text, "两字：")
    assert letter_ppl < word_ppl / 1.2 and word_rate < letter_rate / 1.2


def test_the_verses_held_out_are_no_lines_of_the_training_text(perplexity):
    lines = [set(text.splitlines()) for text in (perplexity.train, perplexity.held)]
    assert [len(part) for part in lines] == [8, 4] and not lines[0] & lines[1]


def test_the_windows_are_weighed_by_their_tokens(perplexity):
    text = joined(perplexity.printed_by["windows"])
    losses, sizes = [2.0, 2.0, 5.0], [3, 3, 1]
    right = np.average(losses, weights=sizes)
    assert after(text, "平均数再平均") == pytest.approx(
        [np.mean(losses), np.exp(np.mean(losses))], abs=0.051
    )
    assert line_of(text, "平均数再平均") == " 3.00，困惑度 20.1"
    assert line_of(text, "总和除以词元数") == f" {right:.2f}，困惑度 {np.e**right:.1f}"
    want = surprise(perplexity.train, perplexity.held, list, window=8)
    start = "单字，每 8 个一窗："
    assert line_of(text, start) == printed_as(want, perplexity.held)


def test_the_page_quotes_the_perplexities(perplexity):
    text = {name: joined(part) for name, part in perplexity.printed_by.items()}
    _, more, letters, letter_rate = after(text["models"], "单字：")
    _, less, words, word_rate = after(text["models"], "两字：")
    assert (
        f"单字的 {letters} 好过两字的 {words}；按每字节，次序反过来，"
        f"两字的 {word_rate} 好过单字的 {letter_rate}"
    ) in said("tokenizer")
    assert 100 < more - less < 120 and "一百多比特" in said("tokenizer")
    fresh = numbers(text["windows"].splitlines()[-1])[-2]
    assert f"困惑度从 {letters} 升到 {fresh}" in said("windows")
    first, second = (256 ** (1 / n) for n in (4, 6))
    assert f"困惑度却是 {first:.0f} 与 {second:.2f}" in said("perplexity")
    (wrong, high), (right, low) = (
        text["windows"].splitlines()[i].split("，困惑度 ") for i in (0, 1)
    )
    wrong, right = wrong.split()[-1], right.split()[-1]
    assert f"损失从 {right} 被算成 {wrong}，取指数之后 {low} 成了 {high}" in page()


# --- the loss over batches ----------------------------------------------------


def three_batches():
    """The same logits and answers, made sentence by sentence."""
    rng, batches = np.random.default_rng(0), []
    for pair in [(12, 6), (10, 5), (2, 1)]:
        x = rng.normal(size=(2, pair[0], 30))
        rows = []
        for row, n in enumerate(pair):
            y = rng.integers(1, 30, size=n)
            for place, answer in enumerate(y):
                x[row, place, answer] += 0.5 * place
            x[row, n:, 0] += 9
            rows.append(y)
        batches.append((x, rows))
    return batches


def three_losses():
    scored, padded = [], []
    for x, rows in three_batches():
        log_p = x - logsumexp(x, axis=-1, keepdims=True)
        one = [-log_p[r, i, t] for r, y in enumerate(rows) for i, t in enumerate(y)]
        blank = [
            -log_p[r, i, 0]
            for r, y in enumerate(rows)
            for i in range(len(y), 12)
            if i < x.shape[1]
        ]
        scored.append(one)
        padded += one + blank
    every = np.concatenate(scored)
    return {
        "各批平均再平均": np.mean([np.mean(one) for one in scored]),
        "填充也算进去": np.mean(padded),
        "总和除以词元数": every.mean(),
    }, (len(every), len(padded))


def lines_of_losses():
    losses, (scored, places) = three_losses()
    lines = [
        f"{name}：损失 {loss:.3f}，困惑度 {math.exp(loss):.2f}\n"
        for name, loss in losses.items()
    ]
    return "".join(lines) + f"计分的词元 {scored} 个，全部位置 {places} 个\n"


def test_the_losses_in_torch_are_those_of_scipy(by_torch):
    assert by_torch.printed_by["loss"] == lines_of_losses()


def test_the_losses_in_keras_are_those_of_scipy(by_tf):
    assert by_tf.printed_by["loss"] == lines_of_losses()


def test_both_frameworks_score_the_same_batches(by_torch, by_tf):
    for (x, y), (u, v) in zip(by_torch.batches, by_tf.batches, strict=True):
        assert np.array_equal(x, u) and np.array_equal(y, v)


def test_the_page_quotes_the_three_losses():
    mean, padded, right = (math.exp(loss) for loss in three_losses()[0].values())
    assert (
        f"各批先平均，{mean:.2f}；补齐的位置好猜，算进去只有 {padded:.2f}；"
        f"对的是 {right:.2f}"
    ) in said("windows")


# --- BLEU and chrF ------------------------------------------------------------


def test_the_matches_are_those_that_sacrebleu_counts(bleu):
    score = sacre([(spaced(HYPOTHESIS), spaced(REFERENCE))])
    for n, (hit, total) in enumerate(zip(score.counts, score.totals, strict=True), 1):
        assert after(bleu.printed_by["ngrams"], f"{n} 元组：") == [hit, total]
    clipped = sacre([(spaced("猫猫猫猫"), spaced(REFERENCE))])
    found = after(bleu.printed_by["ngrams"], "「猫猫猫猫」的 1 元组：")
    assert found == [clipped.counts[0], clipped.totals[0]] == [1, 4]


def test_the_score_by_hand_is_that_of_sacrebleu_and_nltk(bleu):
    full, short = ((spaced(h), spaced(REFERENCE)) for h in (HYPOTHESIS, "在垫子上"))
    line = bleu.printed_by["bleu"].splitlines()
    assert numbers(line[0]) == pytest.approx(
        [sacre([full]).score, sacre([short]).score], abs=6e-3
    )
    assert numbers(line[0])[0] == pytest.approx(100 * (1 / 12) ** 0.25, abs=6e-3)
    by_nltk = [
        100 * nltk_bleu([[list(REFERENCE)]], [list(h)])
        for h in (HYPOTHESIS, "在垫子上")
    ]
    assert numbers(line[0]) == pytest.approx(by_nltk, abs=6e-3)
    both = sacre([full, short]).score
    assert line[1] == f"两句一起：{both:.2f}，各算再平均：{np.mean(by_nltk):.2f}"
    assert both < np.mean(by_nltk) - 0.5


def test_the_three_zeros_are_those_of_sacrebleu(bleu):
    text = bleu.printed_by["zero"]
    assert after(text, "4 元组一个没中：") == pytest.approx(
        [sacre([CAT], smooth_method="none").score, sacre([CAT]).score], abs=6e-3
    )
    same = [("left right", "left right")]
    assert after(text, "两个词，一模一样：") == pytest.approx(
        [sacre(same).score, sacre(same, effective_order=True).score], abs=6e-3
    )
    uncut = BLEU().corpus_score([HYPOTHESIS], [[REFERENCE]]).score
    assert after(text, "中文不切开：") == [uncut] == [0]


CORPORA = [
    [CAT],
    [("a b c d e", "a b c d f"), ("x y z", "x y")],
    [("a a a b", "a b a a c"), ("q", "r")],
    [("a b c d e f", "a b c d e f"), ("a b", "c d")],
    [("a x b y c", "a b c d e f g")],
    [("x y z w", "a b c d")],
    [("a b c", "a b d"), ("b", "b")],
]


@pytest.mark.parametrize("smooth", [True, False])
@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("pairs", CORPORA)
def test_other_corpora_get_the_score_of_sacrebleu(bleu, pairs, skip, smooth):
    method = "exp" if smooth else "none"
    want = sacre(pairs, smooth_method=method, effective_order=skip).score
    cut = [(h.split(), r.split()) for h, r in pairs]
    assert bleu.bleu(cut, smooth=smooth, skip=skip) == pytest.approx(want, abs=1e-9)


def test_chrf_is_that_of_sacrebleu(bleu):
    text = bleu.printed_by["chrf"]
    want = CHRF().sentence_score(HYPOTHESIS, [REFERENCE]).score
    assert after(text, "手算的一对，chrF：") == pytest.approx([want], abs=6e-3)
    for h in NEGATED_REWORDED:
        both = sacre([(spaced(h), spaced(FILM))]).score
        chrf = CHRF().sentence_score(h, [FILM]).score
        assert after(text, f"「{h}」：BLEU ") == pytest.approx([both, chrf], abs=6e-3)


@pytest.mark.parametrize(
    ("h", "r"),
    [
        CAT,
        ("狗咬猫", "狗咬人"),
        ("在垫子上", REFERENCE),
        ("没", "有"),
        ("好好好", "好"),
    ],
)
@pytest.mark.parametrize("beta", [1, 2, 3])
def test_chrf_of_other_pairs_and_betas_is_that_of_sacrebleu(bleu, h, r, beta):
    want = CHRF(beta=beta).sentence_score(h, [r]).score
    assert bleu.chrf(h, r, beta) == pytest.approx(want, abs=1e-9)


def test_chrf_is_that_of_nltk_where_both_sides_are_equally_long(bleu):
    want = 100 * sentence_chrf(REFERENCE, HYPOTHESIS, beta=2)
    found = after(bleu.printed_by["chrf"], "手算的一对，chrF：")
    assert found == pytest.approx([want], abs=6e-3)


def test_the_page_holds_what_the_tools_give_by_default():
    corpus = [HYPOTHESIS], [[REFERENCE]]
    bleu, zh = BLEU().corpus_score(*corpus), BLEU(tokenize="zh").corpus_score(*corpus)
    chrf = CHRF().corpus_score(*corpus).score
    kinds = ["rouge1", "rouge2", "rougeL"]
    plain = RougeScorer(kinds).score(REFERENCE, HYPOTHESIS)
    letters = RougeScorer(kinds, tokenizer=LETTERS).score(REFERENCE, HYPOTHESIS)
    default = "、".join(f"{plain[k].fmeasure:.0f}" for k in kinds)
    cut = "、".join(f"{letters[k].fmeasure:.3f}" for k in kinds)
    wer, cer = jiwer.wer(REFERENCE, HYPOTHESIS), jiwer.cer(REFERENCE, HYPOTHESIS)
    rows = [row.split(" | ") for row in said("by-hand").splitlines() if " | " in row]
    found = {row[0].strip("| "): row[1:] for row in rows}
    want = {
        "BLEU，": [f"{bleu.score:.0f}", f"{zh.score:.2f}"],
        "chrF": [f"{chrf:.2f}", f"{chrf:.2f}"],
        "ROUGE": [default, cut],
        "错误率": [f"{wer:.2f}", f"{cer:.3f}"],
    }
    for kind, (left, right) in want.items():
        (name,) = [name for name in found if kind in name]
        row, (tool, number) = found[name], name.split("，")[-1].split()
        assert number == version(tool)
        assert row[0].startswith(left) and row[1].strip("| ") == right


def test_the_page_quotes_the_brevity_and_the_corpus(bleu):
    both, mean = numbers(bleu.printed_by["bleu"].splitlines()[1])
    assert f"是 {both}。它不是各句 BLEU 的平均 {mean}。" in said("bleu")
    assert f"$e^{{1-6/4}}\\approx{math.exp(1 - 6 / 4):.3f}$" in said("bleu")
    score = sacre([(spaced(HYPOTHESIS), spaced(REFERENCE))])
    rates = [Q(*x) for x in zip(score.counts, score.totals, strict=True)]
    assert math.prod(rates) == Q(1, 12)
    assert f"(\\tfrac1{{12}})^{{1/4}}\\approx{score.score / 100:.3f}$" in said("bleu")
    mean = sum(rates) / 6  # no order of 5 or 6 letters matches
    assert f"+0+0)/6\\approx{float(mean):.3f}$" in said("chrf")


def test_the_drawn_pairs_bear_the_scores_of_the_program(bleu):
    drawn = (ROOT / "docs/assets/figures/generation-metrics-blind.svg").read_text()
    for line in bleu.printed_by["chrf"].splitlines()[1:]:
        assert f">{numbers(line)[0]}<" in drawn
    hits = [sum((Counter(h) & Counter(FILM)).values()) for h in NEGATED_REWORDED]
    assert (len(FILM), hits) == (7, [6, 1])
    assert "七个字仍中六个；换一种说法，只中一个" in said("blind")


def test_the_page_shows_the_signature_of_sacrebleu():
    scorer = BLEU(tokenize="zh")
    scorer.corpus_score([HYPOTHESIS], [[REFERENCE]])
    assert f"`{scorer.get_signature().format(short=False)}`" in page()


def test_the_formulas_of_the_page_give_what_the_libraries_give():
    full, short = ((spaced(h), spaced(REFERENCE)) for h in (HYPOTHESIS, "在垫子上"))
    shown = r"\min\bigl(1,\,e^{1-r/c}\bigr)\cdot(p_1p_2p_3p_4)^{1/4}"
    assert shown in said("bleu")
    for pair in (full, short):
        score = sacre([pair])
        r, c = score.ref_len, score.sys_len
        rates = [x / 100 for x in score.precisions]
        found = min(1, math.exp(1 - r / c)) * math.prod(rates) ** (1 / 4)
        assert 100 * found == pytest.approx(score.score)
    assert r"(1+\beta^2)\frac{P\,R}{\beta^2P+R}" in said("chrf")
    beta, p = 2, 1  # 「在垫子上」: all of its four orders stand in the reference
    r = np.mean([(5 - n) / (7 - n) for n in range(1, 5)])
    found = (1 + beta**2) * p * r / (beta**2 * p + r)
    want = CHRF().sentence_score("在垫子上", [REFERENCE]).score
    assert 100 * found == pytest.approx(want)
    assert r"1-\frac{\binom{n-c}{k}}{\binom nk}" in said("code")
    found = 1 - Q(math.comb(7 - 2, 3), math.comb(7, 3))
    assert found == of_all_choices(7, 2, 3)


def test_sacrebleu_halves_the_orders_without_a_match_as_the_page_says():
    score = sacre([("a b x c d", "a b y c d")])
    assert score.counts == [4, 2, 0, 0]
    stood = [x / 100 * n for x, n in zip(score.precisions, score.totals, strict=True)]
    assert stood == pytest.approx([4, 2, 1 / 2, 1 / 4])
    assert sacre([("a b c d", "w x y z")]).score == 0
    assert (
        "第一个没中的阶当作中了二分之一个，第二个没中的阶四分之一个；各阶都没中，仍是 0"
    ) in said("bleu-zero")


def test_the_calls_that_the_page_shows_give_its_numbers():
    import sacrebleu

    shown = re.search(r"pip install (.*)\n((?:.+\n)+)```", said("by-hand"))
    assert shown[1].split() == ["sacrebleu", "rouge-score", "jiwer"]
    bleu, chrf, load, rouge, cer = shown[2].splitlines()
    names = {"sacrebleu": sacrebleu, "jiwer": jiwer, "LETTERS": LETTERS}
    names |= {"hyps": [HYPOTHESIS], "refs": [REFERENCE]}
    names |= {"hyp": HYPOTHESIS + "啊", "ref": REFERENCE}
    exec(load, names)
    scores = [eval(call, names).score for call in (bleu, chrf)]
    assert scores == pytest.approx([53.73, 37.78], abs=6e-3)
    assert eval(cer, names) == pytest.approx(1 / 3)
    found = eval(rouge.replace("…", "LETTERS"), names)
    assert found["rouge1"].recall == pytest.approx(5 / 6)  # the reference comes first
    assert found["rouge1"].precision == pytest.approx(5 / 7)


def test_references_listed_by_sentence_leave_only_the_first_sentence():
    hyps, refs = ["a b c d e", "f g h i j"], ["a b c d e", "k l m n o"]
    nested = BLEU().corpus_score(hyps, [[r] for r in refs])
    assert (nested.score, nested.sys_len) == (pytest.approx(100), 5)
    assert BLEU().corpus_score(hyps, [refs]).sys_len == 10
    assert "写成一句一个列表，sacreBLEU 不报错，却只算第一句。" in page()


def test_the_default_cutter_of_sacrebleu_leaves_chinese_in_one_piece():
    scorers = {name: BLEU(tokenize=name).tokenizer for name in ("13a", "zh")}
    text = "猫来了，真的。ok, go"
    assert scorers["13a"](text) == "猫来了，真的。ok , go"
    assert scorers["zh"](text).split() == [*"猫来了，真的。", "ok", ",", "go"]


def test_the_short_pair_gets_what_the_page_says_of_sentence_and_corpus():
    import sacrebleu

    same = "left right"
    assert sacrebleu.sentence_bleu(same, [same]).score == pytest.approx(100)
    assert sacrebleu.corpus_bleu([same], [[same]]).score == 0


# --- ROUGE --------------------------------------------------------------------

LETTERS = SimpleNamespace(tokenize=list)


def longest_common(a, b):
    """By trying all subsequences, the longest first."""
    for k in range(min(len(a), len(b)), 0, -1):
        ours, theirs = (set(combinations(x, k)) for x in (a, b))
        if ours & theirs:
            return k
    return 0


def test_every_cell_is_the_longest_common_subsequence_of_two_prefixes(overlap):
    first, *rows = overlap.printed_by["lcs"].splitlines()
    assert first == f"行：{REFERENCE}，列：{HYPOTHESIS}"
    for i, row in enumerate(rows, 1):
        want = [longest_common(REFERENCE[:i], HYPOTHESIS[:j]) for j in range(1, 7)]
        assert numbers(row) == want
    assert len(rows) == 6


@pytest.mark.parametrize(
    ("a", "b"), [("abcbdab", "bdcaba"), ("", "ab"), ("abc", "cab")]
)
def test_the_longest_common_subsequence_of_other_words(overlap, a, b):
    assert overlap.lcs(a, b)[-1, -1] == longest_common(a, b)


@pytest.mark.parametrize("h", [HYPOTHESIS, "猫在垫子上面，狗在门口看着"])
def test_rouge_is_that_of_rouge_score_cut_by_letters(overlap, h):
    kinds = ["rouge1", "rouge2", "rougeL"]
    want = RougeScorer(kinds, tokenizer=LETTERS).score(REFERENCE, h)
    assert line_of(joined(overlap.printed_by["rouge"]), f"「{h}」") == (
        "，召回率 " + "、".join(f"{want[k].recall:.3f}" for k in kinds) + "，"
        "F      " + "、".join(f"{want[k].fmeasure:.3f}" for k in kinds)
    )


@pytest.mark.parametrize(("r", "h"), [("狗咬人", "猫追鼠"), ("狗咬人", "人咬狗啊")])
def test_rouge_of_other_pairs_is_that_of_rouge_score(overlap, r, h):
    kinds = ["rouge1", "rouge2", "rougeL"]
    want = RougeScorer(kinds, tokenizer=LETTERS).score(r, h)
    recall, f = overlap.rouge(r, h)
    assert recall == pytest.approx([want[k].recall for k in kinds])
    assert f == pytest.approx([want[k].fmeasure for k in kinds])


def test_rouge_score_keeps_english_letters_and_digits_only(overlap):
    text = overlap.printed_by["letters"]
    for kept in (REFERENCE, "GPT-4 的 Café"):
        assert line_of(text, f"「{kept}」：") == f" {tokenize(kept, None)}"
    score = RougeScorer(["rougeL"]).score(REFERENCE, REFERENCE)
    assert score["rougeL"].fmeasure == 0


def test_the_page_quotes_the_recall_and_the_f(overlap):
    text = joined(overlap.printed_by["rouge"]).splitlines()[1]
    recall, f = text.split("召回率 ")[1].split("，F")
    assert set(numbers(recall)) == {1}
    assert f"召回率是满分，F 只有 {numbers(f)[0]:.2f}" in said("rouge")


# --- error rates --------------------------------------------------------------


def test_the_hand_pair_takes_the_steps_that_jiwer_takes(overlap):
    want = jiwer.process_characters(REFERENCE, HYPOTHESIS)
    swaps, drops, adds = want.substitutions, want.deletions, want.insertions
    assert overlap.printed_by["edit"] == (
        f"共 {swaps + drops + adds} 步：换 {swaps}，删 {drops}，插 {adds}\n"
        f"字错误率 {want.cer:.3f}\n"
    )


@pytest.mark.parametrize(
    ("r", "h"),
    [("kitten", "sitting"), ("", "ab"), ("abc", ""), ("abcd", "dabc"), ("aab", "baa")],
)
def test_the_fewest_steps_are_those_of_rapidfuzz(overlap, r, h):
    steps, swaps, drops, adds = overlap.edits(r, h)
    assert steps == Levenshtein.distance(r, h) == swaps + drops + adds
    assert len(r) - drops + adds == len(h)


def test_rates_of_a_corpus_are_those_of_jiwer(overlap):
    text = overlap.printed_by["corpus"]
    right = "a b c d e f g h i j"
    refs, hyps = [right, "yes"], [right, "no"]
    each = [jiwer.wer(r, h) for r, h in zip(refs, hyps, strict=True)]
    assert line_of(text, "先加后除") == (
        f" {jiwer.wer(refs, hyps):.3f}，各句再平均 {np.mean(each):.3f}"
    )
    assert after(text, "多说了三个词：") == [jiwer.wer("hi", "hi there you all")]
    cuts = "今天 天气 很 好", "今天 天气 很好"
    letters = (text.replace(" ", "") for text in cuts)
    assert line_of(text, "只是分词不同：") == (
        f"词错误率 {jiwer.wer(*cuts):.2f}，字错误率 {jiwer.cer(*letters):.2f}"
    )


def test_one_way_of_writing_lowers_the_rate_that_jiwer_gives(overlap):
    same = jiwer.Compose(
        [jiwer.ToLowerCase(), jiwer.RemovePunctuation(), jiwer.RemoveMultipleSpaces()]
    )
    both = [("Hello, world.", "hello world"), ("it costs $5", "it costs five dollars")]
    for r, h in both:
        line = line_of(joined(overlap.printed_by["normalise"]), f"{r} / {h}，")
        plain = jiwer.wer(same(r).replace("$", ""), same(h))
        assert line == f"错误率 {jiwer.wer(r, h):.2f}，规范化后 {plain:.2f}"


def test_the_page_quotes_the_rates(overlap):
    text = overlap.printed_by["corpus"]
    (extra,) = after(text, "多说了三个词：")
    assert f"就是 {extra:.2f}，即 {extra:.0%}。" in said("wer-over-one")
    together, each = after(text, "先加后除")
    assert (together, each) == (pytest.approx(1 / 11, abs=6e-4), 0.5)
    assert "先加后除是 1/11，`jiwer` 就这样算；各句再平均是一半" in page()
    words, letters = after(text, "只是分词不同：")
    raw = jiwer.cer("今天 天气 很 好", "今天 天气 很好")
    assert letters == 0 and (
        f"词错误率就有 {words:.2f}。字错误率是 0，因为先删了空格；"
        f"原样交给 `jiwer.cer`，空格也算字，得 {raw:.2f}。"
    ) in said("wer-over-one")


def test_jiwer_trims_before_it_counts_as_the_page_says():
    assert jiwer.wer("a  b", " a b ") == 0 == jiwer.cer(" ab ", "ab")
    assert jiwer.cer("a  b", "a b") > 0 and jiwer.wer("a b", "A b.") == 1
    assert "`jiwer.wer` 默认只去掉首尾与多余的空白，其余都算" in said("normalise")
    assert "`jiwer.cer` 只去首尾。" in said("normalise")


# --- code and short answers ---------------------------------------------------


def of_all_choices(n, c, k):
    """The share of all choices of k samples that hold one of the c right ones."""
    choices = list(combinations(range(n), k))
    return Q(sum(min(choice) < c for choice in choices), len(choices))


def human_eval(n, c, k):
    """As the program of HumanEval has it."""
    if n - c < k:
        return 1.0
    return 1.0 - np.prod(1.0 - k / np.arange(n - c + 1, n + 1))


def test_pass_at_k_counts_the_choices(code):
    for k in (1, 2):
        taken, plugged = after(code.printed_by["unbiased"], f"pass@{k}：")
        assert taken == pytest.approx(float(of_all_choices(5, 2, k)), abs=6e-3)
        assert plugged == pytest.approx(float(1 - Q(3, 5) ** k), abs=6e-3)


@pytest.mark.parametrize(
    ("n", "c", "k"), [(5, 0, 2), (5, 5, 2), (6, 3, 4), (7, 2, 3), (4, 1, 4)]
)
def test_pass_at_k_is_that_of_human_eval(code, n, c, k):
    want = float(of_all_choices(n, c, k))
    assert code.pass_at_k(n, c, k) == pytest.approx(want, abs=1e-12)
    assert human_eval(n, c, k) == pytest.approx(want, abs=1e-12)


def test_plugging_in_is_too_low_when_all_samples_are_enumerated(code):
    taken = plugged = Q(0)
    for sample in product([1, 0], repeat=5):
        c = sum(sample)
        chance = Q(2, 5) ** c * Q(3, 5) ** (5 - c)
        taken += chance * of_all_choices(5, c, 2)
        plugged += chance * (1 - (1 - Q(c, 5)) ** 2)
    assert (taken, plugged) == (Q(16, 25), Q(74, 125))
    assert numbers(code.printed_by["bias"]) == pytest.approx(
        [16 / 25, float(taken), float(plugged)], abs=6e-4
    )


def test_the_page_quotes_the_two_averages(code):
    right, taken, plugged = numbers(code.printed_by["bias"])
    assert right == taken
    assert f"平均正好是真值 {taken:.2f}，这就叫**无偏**" in said("code")
    assert f"「代入」的算法，平均 {plugged:.3f}，偏低。" in said("code")


def test_one_of_four_candidates_is_the_median(code):
    first, second = code.printed_by["run"].splitlines()
    assert first == "AssertionError，过，AssertionError，NameError"
    for body, said in zip(code.bodies, first.split("，"), strict=True):
        names = {}
        exec(f"{code.head}    {body}\n", names)
        try:
            cases = [([3, 1, 2], 2), ([9, 1, 3, 2], 2.5), ([7], 7), ([5, 1], 3)]
            right = all(names["median"](x) == want for x, want in cases)
            assert right == (said == "过")
        except NameError:
            assert said == "NameError"
    want = [float(of_all_choices(4, 1, k)) for k in (1, 2)]
    assert second == f"4 份过了 1 份：pass@1 {want[0]:.2f}，pass@2 {want[1]:.2f}"


def test_a_verdict_needs_every_assertion(code):
    assert code.verdict("return 2") == "AssertionError"
    assert code.verdict("return x[-m - 1]") == "AssertionError"
    assert code.verdict("return open") == "NameError"


def test_questions_in_the_place_of_samples_give_nearly_one(code):
    text = code.printed_by["misuse"]
    wrong = human_eval(164, 50, 10)
    assert line_of(text, "当作一题采了 164 份：pass@10 ") == f"{wrong:.3f}"
    assert line_of(text, "真正知道的：pass@1 ") == f"{50 / 164:.3f}"
    assert missing("pass-at-one", 164, 50, f"{wrong:.1%}") == []


def test_three_ways_of_reading_find_one_two_and_three_answers(code):
    text = code.printed_by["exact"]
    assert "三种取法分别数出 1、2、3 份" in said("exact")
    for name, n in {"逐字相等": 1, "取井号之后": 2, "取最后一个数": 3}.items():
        assert line_of(text, f"{name}：") == f"对 {n} 个"
    assert line_of(text, "「不到 1,234 元」也算对：") == " True"


@pytest.mark.parametrize(
    ("text", "marked", "last"),
    [
        ("3 + 4 = 7\n#### 7", "7", "7"),
        ("#### -1,234.5 元，共 2 人", "-1234.5", "2"),
        ("It is 1,234.", "It is 1,234.", "1234"),
        ("没有数", "没有数", "没有数"),
    ],
)
def test_the_answers_read_from_other_texts(code, text, marked, last):
    assert code.after_marks(text) == marked
    assert code.last_number(text) == last


# --- what counting cannot see -------------------------------------------------

GRADES = [0, 4, 0, 4, 1, 3, 0, 4, 0, 2, 4, 4]
NAMES = ["BLEU", "chrF", "ROUGE-L", "1 减字错误率"]


def twelve(pairs):
    """{metric: twelve scores}, each by a library."""
    rouge = RougeScorer(["rougeL"], tokenizer=LETTERS)
    rows = [
        (
            sacre([(spaced(h), spaced(r))]).score,
            CHRF().sentence_score(h, [r]).score,
            100 * rouge.score(r, h)["rougeL"].fmeasure,
            100 * (1 - jiwer.cer(r, h)),
        )
        for r, h, *_ in pairs
    ]
    return dict(zip(NAMES, np.transpose(rows), strict=True))


def test_the_four_scores_of_the_twelve_are_those_of_the_libraries(blind):
    want = twelve(blind.pairs)
    assert list(blind.scores) == NAMES
    for name, scores in blind.scores.items():
        assert scores == pytest.approx(want[name], abs=1e-9)


def test_the_grades_are_ours_and_follow_the_kinds(blind):
    assert [grade for _, _, grade, _ in blind.pairs] == GRADES
    for grade, kind in zip(GRADES, blind.kinds, strict=True):
        assert (grade <= 1) == (kind == "意思变了")
        assert kind != "换了说法" or grade >= 3


def test_the_correlations_and_intervals_are_those_of_scipy(blind):
    draws = np.random.default_rng(0).integers(12, size=(2000, 12))
    ours = rankdata(np.array(GRADES)[draws], axis=1)
    for name, x in twelve(blind.pairs).items():
        ranks = rankdata(np.round(x, 9)[draws], axis=1)
        found = [np.corrcoef(a, b)[0, 1] for a, b in zip(ranks, ours, strict=True)]
        want = [spearmanr(x, GRADES).statistic, *np.percentile(found, [2.5, 97.5])]
        line = line_of(blind.printed_by["blind"], f"{name}：相关 ")
        assert numbers(line) == pytest.approx(want, abs=6e-3)
        assert want[1] < 0 < want[2] and want[0] < 0


def test_sentences_that_lost_their_meaning_score_above_reworded_ones(blind):
    scores = twelve(blind.pairs)["BLEU"]
    ends = []
    for kind in ("意思变了", "换了说法"):
        found = [s for s, (*_, k) in zip(scores, blind.pairs, strict=True) if k == kind]
        ends += [min(found), max(found)]
        low, high = (f"{end:.1f}" for end in ends[-2:])
        line = line_of(blind.printed_by["blind"], f"BLEU，{kind}的：")
        assert line == f"{low} 到 {high}"
        assert re.search(rf"{kind}(的，BLEU |的，)在 {low} 到 {high}", said("blind"))
    assert ends[0] > ends[3]


def test_the_page_bounds_the_four_correlations(blind):
    lines = blind.printed_by["blind"].splitlines()[:4]
    found = [numbers(line.split("相关 ")[1]) for line in lines]
    spans = [(f"{min(x):.2f}", f"{max(x):.2f}") for x in zip(*found, strict=True)]
    middle, low, high = (" 到 ".join(x).replace("-", "−") for x in spans)
    assert (
        f"名次的相关都在 {middle} 之间，95% 区间的下端在 {low}，上端在 {high}，都含 0"
    ) in said("blind")


def test_the_intervals_hold_0_whatever_the_seed(blind):
    for seed in range(1, 4):
        draws = np.random.default_rng(seed).integers(12, size=(2000, 12))
        ours = rankdata(np.array(GRADES)[draws], axis=1)
        for x in twelve(blind.pairs).values():
            ranks = rankdata(np.round(x, 9)[draws], axis=1)
            a, b = (y - y.mean(axis=1, keepdims=True) for y in (ranks, ours))
            scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
            low, high = np.percentile((a * b).sum(axis=1) / scale, [2.5, 97.5])
            assert low < -0.7 and 0.3 < high < 0.55


def test_all_twelve_points_lie_inside_the_figure(blind):
    (left, right), (low, high) = blind.axis.get_xlim(), blind.axis.get_ylim()
    assert left < 0 and right > 100 and low < 0 and 5 < high < 6.5
    points = [point for line in blind.axis.lines for point in line.get_xydata()]
    want = zip(twelve(blind.pairs)["BLEU"], GRADES, strict=True)
    assert sorted(map(tuple, points)) == [
        pytest.approx(point, abs=1e-6) for point in sorted(want)
    ]


def test_the_legend_names_the_kind_of_each_point(blind):
    scores = twelve(blind.pairs)["BLEU"]
    named = {line.get_label(): line.get_xydata() for line in blind.axis.lines}
    legend = [text.get_text() for text in blind.axis.get_legend().get_texts()]
    assert list(named) == legend == ["意思变了", "换了说法", "其余"]
    for name, points in named.items():
        want = [
            (s, grade)
            for s, (_, _, grade, kind) in zip(scores, blind.pairs, strict=True)
            if kind == name
        ]
        assert points == pytest.approx(np.array(want), abs=1e-6)


# --- drawn figures ------------------------------------------------------------


def letters_of(figure):
    """The texts of a drawn figure, in their order."""
    path = ROOT / f"docs/assets/figures/generation-metrics-{figure}.svg"
    return re.findall(r"<text[^>]*>([^<]*)<", path.read_text(encoding="utf-8"))


def test_the_drawn_orders_bear_the_matches_of_sacrebleu():
    score = sacre([(spaced(HYPOTHESIS), spaced(REFERENCE))])
    want = [f"{a}/{b}" for a, b in zip(score.counts, score.totals, strict=True)]
    assert [x for x in letters_of("ngrams") if "/" in x] == want
    cells = [HYPOTHESIS[i : i + n] for n in range(1, 5) for i in range(7 - n)]
    assert [x for x in letters_of("ngrams") if x in cells] == cells


def test_the_drawn_lines_are_the_longest_common_subsequence():
    *texts, note = letters_of("lcs")
    assert "".join(texts) == f"参考译文{REFERENCE}{HYPOTHESIS}"
    n = longest_common(REFERENCE, HYPOTHESIS)
    assert note == f"连线不交叉，最多连 {n} 条：P = R = {n}/6"


@pytest.mark.parametrize("step", [3, 4])
def test_the_drawn_table_holds_the_distances_of_rapidfuzz(step):
    texts = letters_of(f"edit-{step}")
    assert "".join(texts[:12]) == HYPOTHESIS + REFERENCE
    assert [int(x) for x in texts[12:]] == [
        Levenshtein.distance(REFERENCE[:i], HYPOTHESIS[:j])
        for i in range(7)
        for j in range(7)
    ]


def test_the_drawn_pairs_of_samples_are_all_ten():
    head, *found, foot = letters_of("pairs")
    pairs = list(combinations("12345", 2))
    assert list(zip(found[::2], found[1::2], strict=True)) == pairs
    right = sum(bool({"1", "2"} & set(pair)) for pair in pairs)
    assert foot == f"10 对里 {right} 对至少通过一份；朱红框的 {10 - right} 对全错"
    assert f"pass@2 是 {right / 10}" in said("code")


def test_the_drawn_windows_and_cuts_bear_the_numbers_of_the_page():
    assert {"3.00", f"{17 / 7:.2f}"} <= set(letters_of("windows"))
    texts = letters_of("tokenizers")
    bits = [int(x) for x in texts if x.isdigit()]
    assert bits == [1, 2, 3, 2, 1, 1, 2, 1, 2, 1]
    assert texts[0].endswith("困惑度 4")
    assert f"乙：6 个词元，困惑度 {2 ** (8 / 6):.2f}" in texts
    assert texts[-1].endswith(f"{len('今天天气很好'.encode())} 字节")


# --- exercises ----------------------------------------------------------------


def test_the_exercise_on_chrf_of_three_letters():
    want = CHRF().sentence_score("狗咬猫", ["狗咬人"]).score
    assert (Q(2, 3) + Q(1, 2)) / 3 == Q(7, 18)
    assert f"平均 $7/18$；两边一样长，$P=R$，chrF 是 {want:.2f}。" in said("exercises")
    assert sacre([("狗 咬 猫", "狗 咬 人")], smooth_method="none").score == 0


def test_the_exercise_on_turned_letters():
    r, h = "狗咬人", "人咬狗"
    score = RougeScorer(["rouge1", "rougeL"], tokenizer=LETTERS).score(r, h)
    assert score["rouge1"].fmeasure == 1
    assert score["rougeL"].fmeasure == pytest.approx(1 / 3)
    assert jiwer.cer(r, h) == pytest.approx(2 / 3)
    assert "ROUGE-L 是 $1/3$" in page() and "字错误率是 $2/3$" in page()


def test_the_exercise_on_losses_of_two_tokenizers():
    for name, loss, size in [("甲", 2.1, 3.2), ("乙", 2.4, 4.0)]:
        assert f"$e^{{{loss}}}\\approx{math.exp(loss):.2f}$" in said("exercises")
        rate = loss / math.log(2) / size
        assert f"{name} ${loss}/0.6931/{size}\\approx{rate:.3f}$" in said("exercises")
    assert "甲低。" in said("exercises") and "乙更好。" in said("exercises")


def test_the_exercise_on_ten_of_two_hundred(code):
    want = human_eval(200, 10, 10)
    assert code.pass_at_k(200, 10, 10) == pytest.approx(want, abs=1e-12)
    plugged = 1 - (1 - 10 / 200) ** 10
    assert f"\\approx{want:.4f}$，代入的算法是 {plugged:.4f}。" in said("exercises")
    assert [human_eval(10, c, 10) for c in (0, 1)] == [0, 1]


def test_the_figure_of_three_kinds_of_error_is_that_of_jiwer():
    said = jiwer.process_characters("今天天气很好", "天天汽很好啊")
    assert (said.deletions, said.substitutions, said.insertions) == (1, 1, 1)
    assert said.cer == 0.5
    *_, note = letters_of("sdi")
    assert note == "删 1、换 1、插 1，除以原话的 6 个字：0.5"


# --- practice: faq/generation_metrics_practice_numpy --------------------------

SOLUTION = """
def corpus_bleu(hypotheses, references):
    from collections import Counter
    from math import exp

    def grams(tokens, n):
        return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))

    def score(pairs):
        hits, totals, ours, theirs = [0] * 4, [0] * 4, 0, 0
        for h, refs in pairs:
            ours += len(h)
            theirs += min((abs(len(r) - len(h)), len(r)) for r in refs)[1]
            for n in range(4):
                allowed = Counter()
                for r in refs:
                    allowed |= grams(r, n + 1)
                found = grams(h, n + 1)
                hits[n] += (found & allowed).total()
                totals[n] += found.total()
        if 0 in totals or not any(hits):
            return 0.0
        product, part = 1.0, 1.0
        for hit, total in zip(hits, totals):
            if hit == 0:
                part /= 2
            product *= (hit or part) / total
        return 100 * min(1.0, exp(1 - theirs / ours)) * product**0.25

    pairs = list(zip(hypotheses, references))
    return score(pairs)
"""
MEAN = ("return score(pairs)", "return sum(score([p]) for p in pairs) / len(pairs)")
WRONG = [
    MEAN,
    ("allowed |= grams", "allowed += grams"),
    ("for r in refs:", "for r in refs[:1]:"),
    ("for r in refs:", "for r in refs[-1:]:"),
    ("(found & allowed).total()", "sum(found[g] for g in found if g in allowed)"),
    ("(found & allowed).total()", "len(found & allowed)"),
    ("totals[n] += found.total()", "totals[n] += len(found)"),
    ("(abs(len(r) - len(h)), len(r))", "(abs(len(r) - len(h)), -len(r))"),
    ("min((abs(len(r) - len(h)), len(r)) for r in refs)[1]", "min(map(len, refs))"),
    ("min((abs(len(r) - len(h)), len(r)) for r in refs)[1]", "max(map(len, refs))"),
    ("min((abs(len(r) - len(h)), len(r)) for r in refs)[1]", "len(refs[0])"),
    ("min((abs(len(r) - len(h)), len(r)) for r in refs)[1]", "len(refs[-1])"),
    (
        "min((abs(len(r) - len(h)), len(r)) for r in refs)[1]",
        "min((len(r) for r in refs), key=lambda n: abs(n - len(h)))",
    ),
    ("not any(hits)", "0 in hits"),
    (" or not any(hits)", ""),
    ("if 0 in totals or not any(hits)", "if not any(hits)"),
    ("if 0 in totals or", "totals = [t or 1 for t in totals]\n        if"),
    (
        "ours += len(h)",
        "if not h:\n                continue\n            ours += len(h)",
    ),
    ("part /= 2", "part = 1 / 2"),
    ("part /= 2", "part = 1e-9"),
    ("part /= 2", "part /= 4"),
    ("(hit or part) / total", "(hit + 1) / (total + 1)"),
    ("min(1.0, exp(1 - theirs / ours))", "exp(1 - theirs / ours)"),
    ("min(1.0, exp(1 - theirs / ours))", "min(1.0, ours / theirs)"),
    ("min(1.0, exp(1 - theirs / ours)) * ", ""),
    ("exp(1 - theirs / ours)", "exp(1 - ours / theirs)"),
    ("product**0.25", "product"),
    ("product**0.25", "product**0.5"),
    ("return 100 * ", "return "),
    ("range(4)", "range(3)"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_the_score_of_sacrebleu(case):
    _, given, want, _ = case
    hyps = [" ".join(h) for h in given["hypotheses"]]
    refs = [[" ".join(r) for r in refs] for refs in given["references"]]
    scorer = BLEU(tokenize="none")
    found = scorer.corpus_score(hyps, [list(row) for row in zip(*refs, strict=True)])
    assert found.score == pytest.approx(want, abs=6e-7)


def test_nothing_is_given_with_the_practice():
    text = practice.filled(
        PRACTICE,
        "def corpus_bleu(hypotheses, references):\n    raise NotImplementedError",
    )
    assert practice.judged(text).passed == 0


def test_the_solution_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 6


def test_no_wrong_score_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_mean_of_sentences():
    assert practice.failing(PRACTICE, SOLUTION, MEAN) in page()
