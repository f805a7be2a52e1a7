"""Translation: alignment, a toy task, a Transformer, its own mistakes, its scores.

References that the programs never call: nltk's IBM model 1 and every alignment written
out for the NumPy programs, ``unicodedata`` and rapidfuzz for the task, BLEU and chrF by
hand for the libraries, one sentence at a time and attention by hand for the networks.
"""

import re
import unicodedata
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import product
from math import exp, log

import numpy as np
import pytest
import torch
from nltk.translate import AlignedSent, IBMModel1
from rapidfuzz.distance import Levenshtein

from handbook.programs import practice
from handbook.programs.record import recorded
from tests.conftest import ROOT
from tests.precision import double
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/applications/translation.md"
PRACTICE = ROOT / "snippets/applications/translation_practice_numpy.py"
NAMES = [date(2000, month, 1).strftime("%B") for month in range(1, 13)]


@pytest.fixture
def align(run_snippet):
    return run_snippet("applications/translation_align_numpy")


@pytest.fixture
def task(run_snippet):
    return run_snippet("applications/translation_data_python")


@pytest.fixture
def scores(run_snippet):
    return run_snippet("applications/translation_metrics_python")


@pytest.fixture
def network(run_snippet):
    program = run_snippet("applications/translation_torch")
    with double():
        yield program


@pytest.fixture
def keras(run_snippet):
    program = run_snippet("applications/translation_tf")
    with double():
        yield program


@pytest.fixture
def exposure(run_snippet):
    program = run_snippet("applications/translation_exposure_torch")
    with double():
        yield program


# --- alignment ------------------------------------------------------------------------


def round_of_nltk(t, pairs):
    """nltk's table after one round from ``t``; its NULL is given next to nothing."""
    chars, words = np.shape(t)
    start = {
        w: {c: float(t[c][w]) for c in range(chars)} | {None: 1e-300}
        for w in range(words)
    }
    texts = [AlignedSent(list(target), list(source)) for source, target in pairs]
    found = IBMModel1(texts, 1, {"translation_table": start}).translation_table
    met = {(c, w) for source, target in pairs for c in source for w in target}
    return [
        [found[w][c] if (c, w) in met else 0.0 for w in range(words)]
        for c in range(chars)
    ]


def likelihood(t, pairs):
    """Every alignment of every pair, all equally likely beforehand."""
    total = 0.0
    for source, target in pairs:
        ways = list(product(source, repeat=len(target)))
        each = [
            np.prod([t[c][w] for c, w in zip(way, target, strict=True)]) for way in ways
        ]
        total += log(sum(each) / len(ways))
    return total


THREE = (("三", "three"), ("三十", "thirty"), ("十三", "thirteen"))


def indexed(corpus):
    chars = sorted({c for source, _ in corpus for c in source})
    words = sorted({w for _, target in corpus for w in target.split()})
    return (
        chars,
        words,
        [
            ([chars.index(c) for c in s], [words.index(w) for w in t.split()])
            for s, t in corpus
        ],
    )


@cache
def rounds_of_nltk(corpus, rounds):
    """nltk's tables after 0, 1, … rounds from an even one; the pairs are a tuple."""
    chars, words, pairs = indexed(corpus)
    tables = [np.full((len(chars), len(words)), 1 / len(words))]
    for _ in range(rounds):
        tables.append(np.array(round_of_nltk(tables[-1], pairs)))
    return chars, words, tables


def test_two_rounds_by_hand_are_those_of_nltk(align):
    chars, words, tables = rounds_of_nltk(THREE, 2)
    lines = iter(align.printed_by["em"].splitlines())
    for n, line in zip((1, 2), lines, strict=False):
        assert line == f"第 {n} 轮"
        for c in chars:
            name, shown = next(lines).strip().split("：")
            found = {w: float(p) for w, p in (x.split() for x in shown.split("，"))}
            assert name == c and list(found) == ["three", "thirty", "thirteen"]
            want = {w: tables[n][chars.index(c), words.index(w)] for w in words}
            assert found == pytest.approx(want, abs=5.1e-4)
    assert next(lines, None) is None


def test_the_rounds_climb_to_two_thirds(align):
    chars, words, tables = rounds_of_nltk(THREE, 100)
    _, _, pairs = indexed(THREE)
    lines = align.printed_by["rounds"].splitlines()
    shown = (0, 1, 2, 5, 20, 100)
    for n, line in zip(shown, lines, strict=True):
        row = tables[n][chars.index("三")]
        want = [row[words.index("three")], row[words.index("thirty")]]
        label = f"{n} 轮后：三→three "
        assert line.startswith(label)
        found = numbers(line.removeprefix(label))
        assert found[:2] == pytest.approx(want, abs=5.1e-4)
        assert found[2] == pytest.approx(likelihood(tables[n], pairs), abs=5.1e-5)
    climb = [numbers(line)[-1] for line in lines]
    assert climb == sorted(climb)
    assert numbers(lines[-1])[1] == pytest.approx(2 / 3, abs=5.1e-4)


SPELT = "one two three four five six seven eight nine ten eleven twelve thirteen"
SPELT = f"{SPELT} fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def worth(chinese):
    """What a numeral below a hundred is worth, by the Unicode values of its signs."""
    total = 0
    for value in (int(unicodedata.numeric(c)) for c in chinese):
        total = (total or 1) * 10 if value == 10 else total + value
    return total


def spelt_worth(english):
    return sum(
        SPELT.index(w) + 1 if w in SPELT else 10 * TENS.index(w) + 20
        for w in english.split()
    )


def test_the_numerals_are_the_numbers(align):
    assert [worth(chinese) for chinese, _ in align.corpus] == list(range(1, 100))
    assert [spelt_worth(english) for _, english in align.corpus] == list(range(1, 100))
    assert align.numeral(28) == ("二十八", "twenty eight")
    assert align.numeral(10) == ("十", "ten")


@pytest.fixture
def learnt(align):
    return rounds_of_nltk(tuple(align.corpus), 50)


def test_ten_has_no_word_of_its_own(align, learnt):
    chars, words, tables = learnt
    for c, line in zip(
        "三八十", align.printed_by["numerals"].splitlines(), strict=True
    ):
        row = tables[-1][chars.index(c)]
        shown, count = line.removeprefix(f"{c}：").split("；")
        found = {w: float(p) for w, p in (x.split() for x in shown.split("，"))}
        assert len(found) == 3
        for word, p in found.items():
            assert p == pytest.approx(row[words.index(word)], abs=5.1e-3)
        assert min(found.values()) >= np.sort(row)[-3] - 5.1e-3
        assert count == f"到 0.01 的有 {sum(row > 0.01)} 个词"


def test_the_model_knows_no_order(align, learnt):
    chars, words, tables = learnt
    same, *lines = align.printed_by["order"].splitlines()
    assert same == "每一句的字倒过来写，学到的表相同： True"
    mixed = [(source[::-1], target) for source, target in align.corpus]
    assert align.mixed == mixed
    np.testing.assert_allclose(
        rounds_of_nltk(tuple(mixed), 50)[2][-1], tables[-1], atol=1e-9
    )
    for word, line in zip(("thirty", "thirteen"), lines, strict=True):
        pair = [([chars.index("三"), chars.index("十")], [words.index(word)])]
        label = f"p({word}|三十) = p({word}|十三) = "
        want = exp(likelihood(tables[-1], pair))
        assert float(line.removeprefix(label)) == pytest.approx(want, abs=5.1e-4)


# --- the task -------------------------------------------------------------------------


def read(text):
    """The date that a text says, by the Unicode values of its signs."""
    year, month, day = re.fullmatch(r"(.+)年(.+)月(.+)[日号]", text).groups()
    year = int("".join(str(int(unicodedata.numeric(c))) for c in year))
    if year < 100:
        year = 1900 + year + 100 * (year < 50)
    return date(year, *(int(x) if x.isdecimal() else worth(x) for x in (month, day)))


def told(text):
    """The date that a translation says."""
    if "-" in text:
        return date.fromisoformat(text)
    day, month, year = text.split(" ")
    return date(int(year), NAMES.index(month) + 1, int(day))


EVERY = [date(1950, 1, 1) + timedelta(k) for k in range(0, 36525, 7)]


@pytest.mark.parametrize("name", ["task", "network", "keras"])
def test_every_way_of_writing_says_the_date(name, request):
    program = request.getfixturevalue(name)
    for d in EVERY:
        texts = program.written(d)
        assert [read(text) for text in texts] == [d] * 5
        assert [told(program.spoken(d, to)) for to in ("<iso>", "<en>")] == [d] * 2
    assert program.written(date(2005, 11, 28)) == [
        "二〇〇五年十一月二十八日",
        "2005年11月28日",
        "2005年十一月28号",
        "二零零五年11月二十八号",
        "〇五年十一月二十八日",
    ]


def test_the_example_of_the_task(task):
    lines = task.printed_by["spoken"].splitlines()
    assert [read(line) for line in lines[:5]] == [date(2005, 11, 28)] * 5
    assert lines[5:] == ["<iso> 2005-11-28", "<en> 28 November 2005"]


def test_dates_are_split_and_never_met_again(task):
    known, held = ({d for _, d in rows} for rows in (task.by_date, task.held))
    assert len(known) == 4000 and len(held) == 100 and not known & held
    every = {date(1950, 1, 1) + timedelta(k) for k in range(36525)}
    assert set(task.dates) == every and len(task.dates) == 36525
    assert max(every) == date(2049, 12, 31)
    label = "按日期分：500 个测试句，答案在训练里见过的占 "
    assert line_of(task.printed_by["split"], label) == "0%"
    known = {d for _, d in task.by_sentence}
    share = np.mean([d in known for _, d in task.loose])
    label = "按句子分：500 个测试句，答案在训练里见过的占 "
    assert after(task.printed_by["split"], label) == pytest.approx(
        [100 * share], abs=0.51
    )
    assert len(task.by_sentence) == len(task.by_date) == 20000
    assert sorted(task.by_sentence + task.loose) == sorted(task.by_date + task.held)
    assert [t for t, _ in task.by_sentence[:9]] != [t for t, _ in task.by_date[:9]]


def word_for_word(text):
    fixed = {"年": "-", "月": "-", "日": "", "号": ""}
    return "".join(
        fixed.get(c) or fixed.get(c, f"{unicodedata.numeric(c, 0):.0f}") for c in text
    )


def test_word_for_word_is_seldom_a_date(task):
    lines = task.printed_by["table"].splitlines()
    shown = [line.split(" → ") for line in lines[:-1]]
    assert [read(text) for text, _ in shown] == [date(2005, 11, 28)] * 5
    assert [answer for _, answer in shown] == [word_for_word(t) for t, _ in shown]
    right = sum(word_for_word(t) == d.isoformat() for t, d in task.held)
    assert lines[-1] == f"逐字查表：{right} / 500"


def test_the_nearest_sentence_is_another_date(task):
    asked = task.held[::7]
    copied = [
        min(task.by_date[:2000], key=lambda pair: Levenshtein.distance(pair[0], text))
        for text, _ in asked
    ]
    same = [
        sum(a == b for a, b in zip(c.isoformat(), d.isoformat(), strict=True))
        for (_, c), (_, d) in zip(copied, asked, strict=True)
    ]
    head, example = task.printed_by["nearest"].splitlines()
    share = f"{sum(same) / (10 * len(asked)):.0%}"
    exact = f"{same.count(10)} / {len(asked)}"
    assert head == f"抄最像的一句：{exact}，可是 {share} 的字符是对的"
    assert example == f"例：{asked[-1][0]} 抄了 {copied[-1][0]}"


def test_rules_read_every_date(task):
    assert task.printed_by["rule"] == "手写的规则：500 / 500\n"
    for d in EVERY:
        assert [task.by_rule(t) for t in task.written(d)] == [d.isoformat()] * 5


# --- scores ---------------------------------------------------------------------------


def grams(tokens, n):
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def bleu(pairs, smooth=None, order=4):
    """BLEU of token lists; ``smooth`` takes the place of a precision's zero hits."""
    product, said, meant = (
        1.0,
        sum(len(a) for a, _ in pairs),
        sum(len(b) for _, b in pairs),
    )
    for n in range(1, order + 1):
        hits = sum(sum((grams(a, n) & grams(b, n)).values()) for a, b in pairs)
        count = sum(max(0, len(a) - n + 1) for a, _ in pairs)
        if not hits and smooth is not None and count:
            hits = smooth
        product *= hits / count if count else 0
    short = min(1.0, exp(1 - meant / said))
    return short * product ** (1 / order)


def chrf(said, meant, beta=2):
    """chrF over characters up to six, blanks dropped."""
    a, b, scores = said.replace(" ", ""), meant.replace(" ", ""), []
    for n in range(1, 7):
        hits = sum((grams(a, n) & grams(b, n)).values())
        left, right = max(0, len(a) - n + 1), max(0, len(b) - n + 1)
        if left and right:
            scores.append((hits / left, hits / right))
    p, r = np.mean(scores, axis=0)
    return (1 + beta**2) * p * r / (beta**2 * p + r) if p + r else 0.0


MEANT = "28 November 2026"


def test_three_words_without_a_fault_score_nothing(scores):
    printed = scores.printed_by["zero"]
    same = [(MEANT.split(),) * 2] * 100
    longer = [*same, ((*MEANT.split(), "AD"),) * 2]
    assert after(printed, "一百句三个词的：BLEU ") == [100 * bleu(same)] == [0]
    assert after(printed, "添一句四个词的：BLEU ") == pytest.approx(
        [100 * bleu(longer)]
    )
    by_three = 100 * bleu(same, order=3)
    assert after(printed, "effective_order：BLEU ") == pytest.approx([by_three])
    letters = [(MEANT.replace(" ", ""),) * 2]
    found = after(printed, "按字符切：BLEU ")
    assert found == pytest.approx([100 * bleu(letters), 100 * chrf(MEANT, MEANT)])


def test_a_wrong_digit_costs_little(scores):
    lines = scores.printed_by["digit"].splitlines()
    said = [
        "28 November 2026",
        "29 November 2026",
        "November 28, 2026",
        "21 December 2025",
    ]
    for text, line in zip(said, lines, strict=True):
        match, one, two = re.fullmatch(
            rf"{text}：匹配 (\d)，BLEU (\d+)，chrF (\d+)", line
        ).groups()
        assert int(match) == (text == MEANT)
        pair = text.replace(" ", ""), MEANT.replace(" ", "")
        assert int(one) == pytest.approx(100 * bleu([pair]), abs=0.51)
        assert int(two) == pytest.approx(100 * chrf(text, MEANT), abs=0.51)


def test_strings_are_read_letter_by_letter(scores):
    lines = scores.printed_by["strings"].splitlines()
    for text, line in zip(("29 November 2026", "21 December 2025"), lines, strict=True):
        words, letters = after(line, f"{text}：传词的列表 ")
        assert letters == pytest.approx(bleu([(text, MEANT)], 0.1), abs=5.1e-3)
        pair = text.split(), MEANT.split()
        hits = len(set(pair[0]) & set(pair[1]))
        want = 0 if not hits else (hits / 3 * 1 / 2 * 0.1 / 1 * 0.1) ** 0.25
        assert words == pytest.approx(want, abs=5.1e-3)


def test_chinese_without_a_tokenizer_scores_nothing(scores):
    meant, said = "二〇二六年十一月二十八日", "二〇二六年十一月二十九日"
    printed = scores.printed_by["tokenize"]
    assert after(printed, "tokenize=13a：一字不差 ") == [0, 0]
    for name in ("zh", "char"):
        want = [100, 100 * bleu([(said, meant)])]
        found = after(printed, f"tokenize={name}：一字不差 ")
        assert found == pytest.approx(want, abs=0.051)


# --- the networks ---------------------------------------------------------------------


def asked_of(program, texts, to):
    """Ids of the sources, and of the first sign of each translation."""
    source = program.encode(texts, program.SOURCE)
    return source, np.full((len(texts), 1), program.TARGET.index(to))


def continued(score, start, length):
    """Greedy, the whole network once a step; ``score(y)`` is (sentence, time, sign)."""
    y = np.asarray(start)
    while y.shape[1] < length:
        y = np.hstack([y, score(y)[:, -1].argmax(-1)[:, None]])
    return y


def answers(program, model, texts, to):
    source, start = asked_of(program, texts, to)

    def score(y):
        with torch.no_grad():
            if isinstance(model, torch.nn.Module):
                return model(source, torch.from_numpy(y)).numpy()
        return np.array(model((source, y)))

    said = continued(score, start, 20)
    rows = ["".join(program.TARGET[k] for k in row[1:]) for row in said]
    return [row.partition("<eos>")[0] for row in rows]


def held(program):
    return [(text, d) for d in program.test for text in program.written(d)]


def share_right(program, model, to):
    rows = held(program)
    said = answers(program, model, [text for text, _ in rows], to)
    right = [a == program.spoken(d, to) for a, (_, d) in zip(said, rows, strict=True)]
    return 100 * np.mean(right)


@pytest.mark.parametrize("name", ["network", "keras"])
def test_the_networks_split_by_date(name, request):
    program = request.getfixturevalue(name)
    assert len(program.train) == len(set(program.train)) == 4000
    assert len(program.test) == len(set(program.test)) == 60
    assert not set(program.train) & set(program.test)
    every = {date(1950, 1, 1) + timedelta(k) for k in range(36525)}
    assert set(program.dates) == every
    assert program.printed_by["split"] == "36525 天：训练 4000 天，测试 60 天\n"


@pytest.mark.parametrize("name", ["network", "keras"])
def test_a_batch_says_its_sentences(name, request):
    program = request.getfixturevalue(name)
    asked = [(d, n % 5, ["<iso>", "<en>"][n % 2]) for n, d in enumerate(EVERY[:99])]
    source, target = (np.array(part) for part in program.pairs(asked))
    assert len(set(program.SOURCE)) == len(program.SOURCE)
    assert len(set(program.TARGET)) == len(program.TARGET)
    for (d, k, to), row, ids in zip(asked, source, target, strict=True):
        texts = ["".join(program.SOURCE[i] for i in row if i)]
        assert texts == [program.written(d)[k]] and read(*texts) == d
        first, *rest = [program.TARGET[i] for i in ids if i]
        assert first == to and rest[-1] == "<eos>" and told("".join(rest[:-1])) == d
        for line in (row, ids):
            assert (np.diff((line > 0).astype(int)) <= 0).all()  # zeros stand behind
    assert source.shape[1] == max((row > 0).sum() for row in source)
    sizes, fed, wanted = program.printed_by["encode"].splitlines()
    assert sizes == "源句 (2, 12) 目标 (2, 18)"
    fed, wanted = fed.split(" "), wanted.split(" ")
    assert len(fed) == len(wanted) == 17 and fed[1:] == wanted[:-1]
    assert fed[0] == "<iso>" and "".join(wanted[:10]) == "1998-03-05"
    assert wanted[10:] == ["<eos>"] + ["<pad>"] * 6


@pytest.mark.parametrize("name", ["network", "keras"])
def test_neither_padding_nor_what_comes_later_is_seen(name, request):
    program = request.getfixturevalue(name)
    asked = [(d, 4, "<en>") for d in program.test[:5]]
    source, target = (np.array(part) for part in program.pairs(asked))

    def score(source, target):
        if name == "keras":
            return np.array(program.model((source, target)))
        with torch.no_grad():
            ids = torch.from_numpy(source), torch.from_numpy(target)
            return program.models[0](*ids).numpy()

    before = score(source, target)
    wider = np.pad(source, ((0, 0), (0, 4)))
    np.testing.assert_allclose(score(wider, target), before, atol=1e-9)
    changed = target.copy()
    changed[:, 6] = 5
    after_ = score(source, changed)
    np.testing.assert_allclose(after_[:, :6], before[:, :6], atol=1e-9)
    assert abs(after_[:, 6:] - before[:, 6:]).max() > 1e-3
    turned = source.copy()
    turned[:, [0, 1]] = turned[:, [1, 0]]
    assert abs(score(turned, target) - before).max() > 1e-3


BATCH = 64


def cross_entropy(score, wanted):
    """Mean over the signs that are no padding."""
    log_p = score - np.logaddexp.reduce(score, axis=-1, keepdims=True)
    each = -np.take_along_axis(log_p, wanted[..., None], -1)[..., 0]
    return each[wanted > 0].mean()


def curve(network):
    """{step: (loss from, to, ISO from, to, English from, to)} as printed."""
    found = {}
    for line in network.printed_by["train"].splitlines():
        step, *rest = numbers(line.replace("%", ""))
        found[int(step)] = rest
    return found


def test_the_three_networks_learn(network):
    found = curve(network)
    assert list(found) == [0, 50, 100, 150, 200, 300]
    assert found[0][2:] == [0] * 4 and min(found[300][2:]) >= 97
    assert [found[k][0] for k in found] == sorted(r[0] for r in found.values())[::-1]
    assert found[100][3] > found[100][5]  # ISO comes first
    assert found[150][2] > 80 and found[200][4] > 85


def test_what_they_have_learnt_is_what_one_greedy_step_after_another_says(network):
    found = curve(network)[300][2:]
    for to, printed in (("<iso>", found[:2]), ("<en>", found[2:])):
        rates = [share_right(network, model, to) for model in network.models]
        assert printed == pytest.approx([min(rates), max(rates)], abs=0.51)


@pytest.fixture
def halfway(network):
    model = network.Translator()
    model.load_state_dict(network.saved[100])
    return model.eval()


def test_the_first_network_stands_among_the_printed_ones_halfway(network, halfway):
    found = curve(network)[100][2:]
    for to, (low, high) in (("<iso>", found[:2]), ("<en>", found[2:])):
        assert low - 0.51 <= share_right(network, halfway, to) <= high + 0.51


def test_the_first_losses_are_those_of_the_first_batches(network):
    drawn, losses = [], []

    def look(step, model, loss):
        rng = np.random.default_rng(len(losses))
        days, ways = rng.integers(4000, size=64), rng.integers(10, size=64)
        asked = [
            (network.train[i], k % 5, ["<iso>", "<en>"][k // 5])
            for i, k in zip(days, ways, strict=True)
        ]
        source, target = network.pairs(asked)
        log_p = model(source, target[:, :-1]).detach().numpy()
        log_p = log_p - np.logaddexp.reduce(log_p, axis=-1, keepdims=True)
        each = [
            -log_p[r, t, k]
            for r, row in enumerate(target[:, 1:].tolist())
            for t, k in enumerate(row)
            if k
        ]
        losses.append(np.mean(each))
        drawn.append(loss)

    with torch.random.fork_rng():
        for seed in range(3):
            network.fit(seed, network.train, look, steps=0)
    assert drawn == pytest.approx(losses, abs=1e-9)
    want = [min(losses), max(losses)]
    assert curve(network)[0][:2] == pytest.approx(want, abs=5.1e-3)


def test_a_loss_of_the_first_network_stands_in_each_printed_range(network):
    rng, model = np.random.default_rng(0), network.Translator()
    for step in range(301):
        days, ways = rng.integers(4000, size=BATCH), rng.integers(10, size=BATCH)
        if step in network.saved:
            source, target = network.pairs(
                [
                    (network.train[i], k % 5, ["<iso>", "<en>"][k // 5])
                    for i, k in zip(days, ways, strict=True)
                ]
            )
            model.load_state_dict(network.saved[step])
            with torch.no_grad():
                score = model(source, target[:, :-1]).numpy()
            loss = cross_entropy(score, target[:, 1:].numpy())
            low, high = curve(network)[step][:2]
            assert low - 5.1e-3 <= loss <= high + 5.1e-3


def test_the_training_draws_all_ways_and_both_languages(network, monkeypatch):
    asked = []
    pairs = network.pairs

    def watched(rows):
        asked.append(rows)
        return pairs(rows)

    monkeypatch.setitem(network.fit.__globals__, "pairs", watched)
    with torch.random.fork_rng():
        network.fit(5, network.train[:30], steps=4)
    assert len(asked) == 5 and {len(rows) for rows in asked} == {64}
    drawn = [row for rows in asked for row in rows]
    assert {d for d, _, _ in drawn} == set(network.train[:30])
    assert len({(k, to) for _, k, to in drawn}) == 10


def test_a_hundred_days_teach_less(network):
    low, high = after(network.printed_by["few"], "只给 100 天，150 步：ISO 的完全匹配 ")
    assert 40 < low <= high < curve(network)[150][2]


def test_the_errors_are_counted_by_their_parts(network, halfway):
    rows = held(network)
    said = answers(network, halfway, [text for text, _ in rows], "<iso>")
    wrong = [
        (text, a, d.isoformat())
        for a, (text, d) in zip(said, rows, strict=True)
        if a != d.isoformat()
    ]
    head, *shown, last = network.printed_by["errors"].splitlines()
    parts = [
        [a != b for a, b in zip(x.split("-"), y.split("-"), strict=True)]
        for _, x, y in wrong
    ]
    total, wrong_ones, *by_part = numbers(head.removeprefix("种子 0 第 100 步，"))
    assert (total, wrong_ones) == (300, len(wrong))
    assert by_part == np.sum(parts, axis=0).tolist()
    every = [f"　{text} → {a}，应是 {b}" for text, a, b in wrong]
    assert shown == every[:: len(wrong) // 6]
    left = [
        round(3 * (100 - share_right(network, model, "<iso>")))
        for model in network.models
    ]
    assert last == f"第 300 步，三个种子各错 {left[0]} {left[1]} {left[2]} 句"


def weights_by_hand(network, model, text, to, answer):
    """Softmax of the scaled products, a head at a time; the mean over the heads."""
    source = network.encode([text], network.SOURCE)
    target = network.encode([[to, *answer]], network.TARGET)
    layer, n = model.decoder.layers[0], target.shape[1]
    with torch.no_grad():
        memory = model.read(source)[0]
        x = (model.target(target) + model.place.weight[:n])[0]
        h = layer.norm1(x)
        later = torch.ones(n, n, dtype=torch.bool).triu(1)
        x = layer.norm2(x + layer.self_attn(h, h, h, attn_mask=later)[0])
        cross = layer.multihead_attn
        q, k, _ = cross.in_proj_weight.chunk(3)
        bias, other, _ = cross.in_proj_bias.chunk(3)
        q, k = x @ q.mT + bias, memory @ k.mT + other
        heads = [
            (a @ b.mT / a.shape[1] ** 0.5).softmax(-1)
            for a, b in zip(q.split(8, dim=1), k.split(8, dim=1), strict=True)
        ]
    return torch.stack(heads).mean(0).numpy()


def test_the_weights_of_attention_are_those_by_hand(network):
    model = network.models[0]
    texts = ["九八年十月五日", "九八年十一月二十五日"]
    told_ = ["5 October 1998", "25 November 1998"]
    found = network.attend(model, texts, [["<en>", *t] for t in told_])
    for text, said, weight in zip(texts, told_, found, strict=True):
        want = weights_by_hand(network, model, text, "<en>", said)
        rows = weight[: len(said) + 1, : len(text)]
        np.testing.assert_allclose(rows, want, atol=1e-9)
        assert weight[: len(said), len(text) :].sum() == 0
    assert not model.decoder.layers[0].multihead_attn._forward_hooks


def test_attention_comes_to_stand_on_the_right_part(network, halfway):
    lines = network.printed_by["attention"].splitlines()
    found = {}
    for line in lines:
        step, value = re.fullmatch(
            r"第 (\d+) 步：落在该看的一段上 (\d+)%", line
        ).groups()
        found[int(step)] = int(value)
    assert list(found) == list(curve(network))
    model = network.Translator()
    for step in (0, 100, 300):
        model.load_state_dict(network.saved[step])
        model.eval()
        shares = []
        for d in network.test[:100]:
            text, said = network.written(d)[4], f"{d.day} {NAMES[d.month - 1]} {d.year}"
            ends = text.index("年") + 1, text.index("月") + 1
            year, month, day = slice(ends[0]), slice(*ends), slice(ends[1], None)
            weight = weights_by_hand(network, model, text, "<en>", said)
            fields = [
                f
                for f, w in zip((day, month, year), said.split(), strict=True)
                for _ in w
            ]
            places = [n for n, c in enumerate(said) if c != " "]
            shares += [weight[n, f].sum() for n, f in zip(places, fields, strict=True)]
        assert found[step] == pytest.approx(100 * np.mean(shares), abs=0.51)
    assert found[0] < 40 < 60 < found[300]


def dots():
    """Radii of the recorded dots, nothing is 0: (panel, row of letters, column)."""
    figure = (ROOT / "snippets/applications/translation_torch.svg").read_text("utf-8")
    at = r'x="([\d.]+)" y="([\d.]+)"'
    texts = re.findall(rf"<text[^>]*{at}[^>]*>([^<]+)</text>", figure)
    right = sorted({float(x) for x, _, c in texts if c in "九八年十月五日"})
    down = sorted({float(y) - 3.8 for _, y, c in texts if c in "OctoberOct1985␣"})
    assert (len(right), len(down)) == (14, 28)
    radius = dict(re.findall(r'<path id="(\S+)" d="M0 ([\d.]+)C', figure))
    found = np.zeros((28, 14))
    for x, y, mark in re.findall(rf'<use {at}[^>]*href="#(\S+)"', figure):
        place = [
            np.abs(np.array(line) - float(v)) for line, v in ((down, y), (right, x))
        ]
        assert max(p.min() for p in place) < 0.1
        found[tuple(p.argmin() for p in place)] = float(radius[mark])
    steps = re.findall(r">第 (\d+) 步<", figure)
    return steps, found.reshape(2, 14, 2, 7).swapaxes(1, 2).reshape(4, 14, 7)


def test_the_figure_has_a_dot_for_every_weight_of_a_tenth(network):
    steps, radii = dots()
    assert steps == ["0", "50", "100", "300"]
    model, text, said = network.Translator(), "九八年十月五日", "5 October 1998"
    for step, found in zip(steps, radii, strict=True):
        model.load_state_dict(network.saved[int(step)])
        weight = weights_by_hand(network, model.eval(), text, "<en>", said)[:14]
        low, high = (np.digitize(weight + e, [0.1, 0.3, 0.6]) for e in (-1e-3, 1e-3))
        drawn = np.searchsorted([0, 1.5, 3, 4.5], found)
        assert (low <= drawn).all() and (drawn <= high).all()


# --- Keras ----------------------------------------------------------------------------


def keras_curve(keras):
    lines = keras.printed_by["keras-train"].splitlines()
    return {int(k): rest for k, *rest in (numbers(line) for line in lines)}


def test_keras_learns_as_pytorch_does(keras, network):
    found = keras_curve(keras)
    assert list(found) == [50, 100, 150, 200, 250, 300]
    losses = [loss for loss, _, _ in found.values()]
    assert losses == sorted(losses, reverse=True)
    assert found[50][1] < 5 and min(found[300][1:]) >= 97
    assert found[300][1:] == pytest.approx(curve(network)[300][2::2], abs=4)


def test_the_loss_of_keras_counts_no_padding(keras):
    asked = [(d, n % 5, ["<iso>", "<en>"][n % 2]) for n, d in enumerate(keras.test)]
    source, target = keras.pairs(asked)
    score = np.array(keras.model((source, target[:, :-1])))
    given = (source, target[:, :-1]), target[:, 1:]
    found = keras.model.evaluate(*given, batch_size=len(asked), verbose=0)
    assert found == pytest.approx(cross_entropy(score, target[:, 1:]), abs=1e-6)


def test_keras_says_what_one_greedy_step_after_another_says(keras):
    for to, printed in zip(("<iso>", "<en>"), keras_curve(keras)[300][1:], strict=True):
        rows = [(text, d) for text, d in held(keras)[::5]]
        said = answers(keras, keras.model, [text for text, _ in rows], to)
        want = keras.translate(keras.model, [text for text, _ in rows], to)
        assert said == want
        assert keras.exact(keras.model, to) == pytest.approx(printed, abs=0.51)


# --- its own prefixes -----------------------------------------------------------------


def scored(model, source):
    """``score(y)`` of one network for ``continued``."""

    with torch.no_grad():
        memory = model.read(source)

    def score(y):
        with torch.no_grad():
            return model.write(torch.from_numpy(y), memory, source).numpy()

    return score


def test_the_exposure_program_reads_and_writes_dates(exposure):
    for d in EVERY:
        assert read(exposure.written(d)) == d
    source, target = exposure.pairs(EVERY[:50])
    for d, row, ids in zip(EVERY[:50], source, target, strict=True):
        text = "".join(exposure.NAMES[i] for i in row if i)
        assert read(text) == d and text == exposure.written(d)
        first, *rest, last = [exposure.NAMES[i] for i in ids]
        assert (first, last) == ("<bos>", "<eos>") and told("".join(rest)) == d
    assert len(set(exposure.NAMES)) == len(exposure.NAMES)
    assert not set(exposure.train) & set(exposure.test)
    assert (len(exposure.train), len(exposure.test)) == (4000, 500)
    assert set(exposure.dates) == {
        date(1950, 1, 1) + timedelta(k) for k in range(36525)
    }


def test_its_networks_see_neither_padding_nor_what_comes_later(exposure):
    source, target = exposure.pairs(exposure.test[:5])
    score = scored(exposure.full[0], source)
    wider = scored(exposure.full[0], torch.nn.functional.pad(source, (0, 4)))
    target = target.numpy()
    np.testing.assert_allclose(wider(target), score(target), atol=1e-9)
    changed = target.copy()
    changed[:, 6] = 1
    before, later = score(target), score(changed)
    np.testing.assert_allclose(later[:, :6], before[:, :6], atol=1e-9)


def test_forced_and_free_go_together_up_to_the_first_error(exposure):
    lines = iter(exposure.printed_by["free"].splitlines())
    source, target = exposure.pairs(exposure.test)
    want = target[:, 1:].numpy()
    for seed, model in enumerate(exposure.half):
        score = scored(model, source)
        with torch.no_grad():
            forced = model(source, target[:, :-1]).argmax(-1).numpy()
        free = continued(score, target[:, :1].numpy(), 12)[:, 1:]
        whole = []
        for name, said in (("喂对的", forced), ("喂自己的", free)):
            wrong = said != want
            again = total = 0
            for row in wrong:
                if row.any():
                    behind = row[row.argmax() + 1 :]
                    again, total = again + behind.sum(), total + len(behind)
            p = 1 - wrong.mean()
            whole.append(100 * (~wrong.any(1)).mean())
            printed = after(next(lines), f"种子 {seed}，{name}：错字 ")
            found = [printed[0], printed[1], printed[2], printed[3]]
            wanted = [100 * wrong.mean(), 100 * again / total, whole[-1], 100 * p**11]
            assert found == pytest.approx(wanted, abs=0.051)
        assert whole[0] == whole[1]
    assert next(lines, None) is None


def test_one_written_digit_goes_wrong_and_the_rest_follows_or_not(exposure):
    lines = exposure.printed_by["wrong"].splitlines()
    source, target = exposure.pairs(exposure.test)
    zero = exposure.NAMES.index("0")
    assert exposure.NAMES[zero : zero + 10] == list("0123456789")
    for place, line in zip((1, 2, 3, 4, 6, 7, 9, 10), lines, strict=True):
        name = "年年年年-月月-日日"[place - 1]
        rates = []
        for model in exposure.full:
            start = target[:, : place + 1].numpy().copy()
            start[:, place] = [zero + (k - zero + 1) % 10 for k in start[:, place]]
            said = continued(scored(model, source), start, 12)
            rates.append(
                np.mean(
                    [
                        a == b
                        for a, b in zip(
                            said[:, place + 1 :].tolist(),
                            target[:, place + 1 :].tolist(),
                            strict=True,
                        )
                    ]
                )
            )
        found = after(line, f"第 {place} 格（{name}）写错：后面全对 ")
        want = [100 * min(rates), 100 * max(rates)]
        assert found == pytest.approx(want, abs=0.51)


def test_a_source_is_no_target(exposure):
    *shown, fed, stepwise = exposure.printed_by["source"].splitlines()
    source, target = exposure.pairs(exposure.test)
    bos = torch.full((500, 1), exposure.NAMES.index("<bos>"))
    with torch.no_grad():
        said = exposure.full[0](source, torch.cat([bos, source], 1)).argmax(-1)
    for k, line in enumerate(shown):
        text = exposure.written(exposure.test[k])
        assert line == f"{text} → {''.join(exposure.NAMES[i] for i in said[k])}"
    right = np.mean(
        [
            a[:11] == b
            for a, b in zip(said.tolist(), target[:, 1:].tolist(), strict=True)
        ]
    )
    assert after(fed, "把源句喂给解码器：整句对 ") == pytest.approx(
        [100 * right], abs=0.051
    )
    own = continued(scored(exposure.full[0], source), bos.numpy(), 12)
    right = np.mean((own == target.numpy()).all(1))
    assert after(stepwise, "一步一步写：整句对 ") == pytest.approx(
        [100 * right], abs=0.051
    )
    assert len(shown) == 3


# --- what the training never showed ---------------------------------------------------

GROUPS = {
    "训练的年份": r"(.{4})年(.+)月(.+)日",
    "早一百年": r"一[八九].{2}年(.+)月(.+)日",
    "晚一百年": r"二[〇一].{2}年(.+)月(.+)日",
    "没有的日": r".{4}年二月三十日",
    "没有的月": r".{4}年十三月一日",
    "没写日": r".{4}年[一二三四五六七八九十]+月",
}


def test_the_groups_are_what_they_are_called(exposure):
    assert list(exposure.groups) == [*GROUPS, "字打乱"]
    for name, pattern in GROUPS.items():
        texts = exposure.groups[name]
        assert len(texts) == 500
        assert all(re.fullmatch(pattern, text) for text in texts)
    for name, years in (("训练的年份", 0), ("早一百年", -1), ("晚一百年", 1)):
        for d, text in zip(exposure.test, exposure.groups[name], strict=True):
            assert read(text) - d == timedelta(36525 * years)
    for d, text in zip(exposure.test, exposure.groups["字打乱"], strict=True):
        assert sorted(text) == sorted(exposure.written(d))
    mixed = [
        t != exposure.written(d)
        for d, t in zip(exposure.test, exposure.groups["字打乱"], strict=True)
    ]
    assert np.mean(mixed) > 0.95
    assert [t[:5] for t in exposure.groups["没有的日"]] == [
        exposure.written(d)[:5] for d in exposure.test
    ]


@pytest.fixture
def told_by(exposure):
    """{group: [(translations, mean log-probabilities) of each network]}."""
    found = {}
    for name, texts in exposure.groups.items():
        source = exposure.encode(texts)
        found[name] = []
        for model in exposure.full:
            score = scored(model, source)
            y = continued(score, np.full((500, 1), 1), 12)
            log_p = score(y[:, :-1])
            log_p = log_p - np.logaddexp.reduce(log_p, axis=-1, keepdims=True)
            sure = np.take_along_axis(log_p, y[:, 1:, None], 2)[..., 0].mean(1)
            said = ["".join(exposure.NAMES[k] for k in row[1:]) for row in y]
            found[name].append(([a.partition("<eos>")[0] for a in said], sure))
    return found


def valid(said):
    try:
        return bool(date.fromisoformat(said))
    except ValueError:
        return False


def test_an_example_of_each_group_and_the_three_alarms(exposure, told_by):
    *lines, empty = exposure.printed_by["groups"].splitlines()
    for (name, texts), line in zip(exposure.groups.items(), lines, strict=True):
        said = " ".join(rows[0] for rows, _ in told_by[name])
        assert line == f"{name}：{texts[0]} → {said}"
    assert empty == "空句：<pad><pad>，把握 nan，低于任何界限吗 False"
    bars = [np.quantile(sure, 0.01) for _, sure in told_by["训练的年份"]]
    lines = exposure.printed_by["alarm"].splitlines()
    for (name, texts), line in zip(exposure.groups.items(), lines, strict=True):
        rates = []
        for (said, sure), bar in zip(told_by[name], bars, strict=True):
            back = [
                not valid(a) or exposure.written(date.fromisoformat(a)) != text
                for a, text in zip(said, texts, strict=True)
            ]
            no_date = [not valid(a) for a in said]
            rates.append([np.mean(sure < bar), np.mean(no_date), np.mean(back)])
        want = 100 * np.stack([np.min(rates, 0), np.max(rates, 0)], 1).ravel()
        found = after(line, f"{name}：把握太低 ")
        assert found == pytest.approx(want.tolist(), abs=0.51)


# --- figures drawn from the records ---------------------------------------------------


def drawn(name):
    return (ROOT / f"docs/assets/figures/translation-{name}.svg").read_text("utf-8")


def recorded_in(name, section):
    return recorded(ROOT / f"snippets/applications/translation_{name}.py")[section]


def test_the_curve_is_the_recorded_one():
    lines = recorded_in("torch", "train").splitlines()
    rows = [numbers(line.replace("%", "")) for line in lines]
    for colour, first in (("qing", 3), ("zhu", 5)):
        bar = rf'd="M([\d.]+) ([\d.]+)L\S+ ([\d.]+)" stroke="var\(--hb-{colour}\)" s'
        bars = [
            [float(v) for v in found] for found in re.findall(bar, drawn("training"))
        ]
        for (x, low, high), (step, *_), ends in zip(
            bars, rows, [row[first : first + 2] for row in rows], strict=True
        ):
            assert x == pytest.approx(44 + step * 262 / 300, abs=3.1)
            assert [(176 - y) / 1.4 for y in (low, high)] == pytest.approx(
                ends, abs=0.8
            )


def test_the_bars_of_the_wrong_digit_are_the_recorded_ones():
    lines = recorded_in("exposure_torch", "wrong").splitlines()
    bar = r'y="([\d.]+)" width="16" height="([\d.]+)"'
    bars = [[float(v) for v in found] for found in re.findall(bar, drawn("spread"))]
    for (top, height), line in zip(bars, lines, strict=True):
        ends = after(line, line.partition("后面全对 ")[0] + "后面全对 ")
        found = [(164 - y) / 1.04 for y in (top + height, top)]
        assert found == pytest.approx(ends, abs=1.5)


@pytest.mark.parametrize(("figure", "rounds"), [(1, 0), (2, 1), (3, 2), (4, 100)])
def test_the_fractions_drawn_by_hand_are_those_of_nltk(figure, rounds):
    chars, words, tables = rounds_of_nltk(THREE, 100)
    t = tables[rounds]
    shown = re.findall(r">([\d/]+)</text>", drawn(f"align-{figure}"))
    shown = [float(Fraction(part)) for part in shown]
    order = [words.index(w) for w in ("three", "thirty", "thirteen")]
    san, shi = (t[chars.index(c), order] for c in "三十")
    share = (san / (san + shi))[1:]
    votes = [1, share[0], 1 - share[0], 1 - share[1], share[1]]
    assert shown == pytest.approx([*votes, *san, *shi], abs=1e-6)


# --- practice: applications/translation_practice_numpy --------------------------------

SOLUTION = """
def em_step(t, pairs):
    count = np.zeros_like(t)
    for source, target in pairs:
        for w in target:
            total = sum(t[c, w] for c in source)
            for c in source:
                count[c, w] += t[c, w] / total
    return count / count.sum(axis=1, keepdims=True)
"""
WHOLE = """
def em_step(t, pairs):
    from itertools import product
    count = np.zeros(np.shape(t))
    for source, target in pairs:
        ways = list(product(source, repeat=len(target)))
        each = [
            np.prod([t[c, w] for c, w in zip(way, target)]) for way in ways
        ]
        for way, chance in zip(ways, each):
            for c, w in zip(way, target):
                count[c, w] += chance / sum(each)
    return (count.T / count.sum(1)).T
"""
SLIP = ("count.sum(axis=1, keepdims=True)", "count.sum(axis=0, keepdims=True)")
WRONG = [
    SLIP,
    ("count / count.sum(axis=1, keepdims=True)", "count"),
    ("count / count.sum(axis=1, keepdims=True)", "count / count.sum()"),
    ("total = sum(t[c, w] for c in source)", "total = len(source)"),
    ("total = sum(t[c, w] for c in source)", "total = 1"),
    ("total = sum(t[c, w] for c in source)", "total = max(t[c, w] for c in source)"),
    ("total = sum(t[c, w] for c in source)", "total = sum(t[source[0], target])"),
    (
        "total = sum(t[c, w] for c in source)",
        "total = sum(t[c, w] for c in set(source))",
    ),
    ("count[c, w] += t[c, w] / total", "count[c, w] = t[c, w] / total"),
    ("count[c, w] += t[c, w] / total", "count[c, w] += 1 / len(source)"),
    ("count[c, w] += t[c, w] / total", "count[c, w] += t[c, w]"),
    ("            for c in source:", "            for c in set(source):"),
    (
        "            for c in source:",
        "            for c in [max(source, key=lambda c: t[c, w])]:",
    ),
    ("np.zeros_like(t)", "np.ones_like(t)"),
    ("np.zeros_like(t)", "t.copy()"),
    ("np.zeros_like(t)", "t"),
    ("for w in target:", "for w in target[:1]:"),
    ("for source, target in pairs:", "for source, target in pairs[:-1]:"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_nltk_finds(case):
    _, given, want, _ = case
    found = round_of_nltk(given["t"], given["pairs"])
    assert np.array(found) == pytest.approx(np.array(want), abs=2e-6)


@pytest.mark.parametrize("solution", [SOLUTION, WHOLE])
def test_votes_and_every_alignment_both_pass_the_practice(solution):
    verdict = practice.verdict_on(PRACTICE, solution)
    assert verdict.passed == verdict.total == 6


def test_the_step_of_the_page_passes_the_practice():
    program = ROOT / "snippets/applications/translation_align_numpy.py"
    own = practice.functions(program, "em_step")
    own = own.replace("return count / count", "return (count / count")
    own = own.replace("keepdims=True), likelihood", "keepdims=True), likelihood)[0]")
    verdict = practice.verdict_on(PRACTICE, own)
    assert verdict.passed == verdict.total == 6


def test_no_wrong_step_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, SLIP) in PAGE.read_text("utf-8")
