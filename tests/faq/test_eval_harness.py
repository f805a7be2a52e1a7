"""A harness of one's own: ways of scoring one table, cache, report, clustered errors.

References that the programs never call: statsmodels (Wilson, clusters), fractions, and
the stand-in models written again in another way.
"""

import hashlib
import json
import re
import shelve
from collections import Counter
from fractions import Fraction as Q
from math import exp, log, sqrt

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import t as student
from statsmodels.stats.proportion import proportion_confint

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/faq/eval-harness.md"
FIGURES = ROOT / "docs/assets/figures"
PRACTICE = ROOT / "snippets/faq/eval_harness_practice_numpy.py"


HAND = ["不除", "除以字符数", "除以字节数"]


@pytest.fixture
def table(run_snippet):
    return run_snippet("faq/eval_harness_format_numpy")


@pytest.fixture
def harness(run_snippet):
    return run_snippet("faq/eval_harness_numpy")


def page():
    return PAGE.read_text(encoding="utf-8")


def clustered(scores, groups):
    """The standard error of a mean: a regression on a constant, errors by cluster."""
    names = {name: k for k, name in enumerate(dict.fromkeys(groups))}
    where = {"groups": np.array([names[g] for g in groups])}
    y = np.array(scores, float)
    fit = sm.OLS(y, np.ones(len(y))).fit(cov_type="cluster", cov_kwds=where)
    return float(fit.bse[0])


def plain(scores):
    """s/√n, in integers and fractions."""
    n, mean = len(scores), Q(sum(map(int, scores)), len(scores))
    return sqrt(sum((int(x) - mean) ** 2 for x in scores) / (n - 1) / n)


# --- one table, many scores: faq/eval_harness_format_numpy ---------------------------


@pytest.mark.parametrize(
    ("way", "lengths", "chosen"),
    [
        ("不除", (1, 1), "AI"),
        ("除以字符数", (2, 2), "AI"),
        ("除以字节数", (2, 6), "不是"),  # a Han character takes three bytes
    ],
)
def test_the_length_decides_between_two_answers(table, way, lengths, chosen):
    yes, no = Q(-3, lengths[0]), Q(-4, lengths[1])
    assert line_of(table.printed_by["hand"], f"{way}：") == (
        f"AI {float(yes):.3f}，不是 {float(no):.3f}，选「{chosen}」"
    )
    assert (yes > no) == (chosen == "AI")


def questions(table):
    """(subject, options, right letter, letters' scores, whole scores, written)."""
    for item, cell in zip(
        table.ITEMS.splitlines(), table.MODEL.splitlines(), strict=True
    ):
        subject, _, *options, right = item.split("|")
        letter, whole, written = cell.split("|")
        scores = [[Q(x) for x in part.split()] for part in (letter, whole)]
        yield subject, options, right, *scores, written


WAYS = {
    "比四个字母": lambda options, letter, whole: letter,
    "比整句": lambda options, letter, whole: whole,
    "整句除以字符数": lambda options, letter, whole: [
        x / sum(1 for _ in option) for x, option in zip(whole, options, strict=True)
    ],
    "整句除以字节数": lambda options, letter, whole: [
        x / sum(3 if c >= "\u3000" else 1 for c in option)
        for x, option in zip(whole, options, strict=True)
    ],
}


def hits(table, way):
    found = []
    for _, options, right, letter, whole, _ in questions(table):
        scores = WAYS[way](options, letter, whole)
        assert scores.count(max(scores)) == 1
        found.append("ABCD"[scores.index(max(scores))] == right)
    return found


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_scoring_the_table_is_right_as_often_as_printed(table, way):
    right = sum(hits(table, way))
    assert line_of(table.printed_by["ways"], f"{way}：") == (
        f"对 {right} 题，准确率 {right / 12:.3f}"
    )


def test_the_four_ways_agree_on_six_questions(table):
    votes = Counter(map(sum, zip(*(hits(table, way) for way in WAYS), strict=True)))
    assert line_of(table.printed_by["ways"], "四种办法都对 ") == (
        f"{votes[4]} 题，都错 {votes[0]} 题"
    )
    assert votes[4] + votes[0] == 6


def test_the_table_gives_probabilities_that_sum_to_less_than_one(table):
    for _, options, right, letter, whole, _ in questions(table):
        assert len(options) == len(letter) == len(whole) == 4 and right in "ABCD"
        assert sum(map(exp, letter)) < 1 and sum(map(exp, whole)) < 1


def strict(text):
    before, said, rest = text.partition("答案是 ")
    return rest[0] if said and rest[0] in "ABCD" else None


def first(text):
    return next((c for c in text if c in "ABCD"), None)


def last_alone(text):
    words = "".join(c if c.isascii() and c.isalpha() else " " for c in text).split()
    alone = [word for word in words if word in tuple("ABCD")]
    return alone[-1] if alone else None


EXTRACT = {
    "只认「答案是 X」": strict,
    "第一个 A 到 D": first,
    "最后一个单独的 A 到 D": last_alone,
}


@pytest.mark.parametrize("way", EXTRACT)
def test_what_is_extracted_is_right_wrong_or_nothing(table, way):
    pairs = [(EXTRACT[way](x[-1]), x[2]) for x in questions(table)]
    good = sum(said == right for said, right in pairs)
    lost = sum(said is None for said, _ in pairs)
    assert (
        f"{way}：\n　对 {good} 题，错 {12 - good - lost} 题，取不出 {lost} 题，"
        f"准确率 {good / 12:.3f}\n"
    ) in table.printed_by["extract"]


def test_the_first_letter_is_not_always_the_answer(table):
    wrong = [x[-1] for x in questions(table) if first(x[-1]) != last_alone(x[-1])]
    assert wrong == ["BERT 来自 Google，选 A。", "不是 A，是 B。"]


def test_the_mean_of_subjects_is_not_the_mean_of_questions(table):
    parts = {}
    for x, hit in zip(questions(table), hits(table, "比四个字母"), strict=True):
        parts.setdefault(x[0], []).append(hit)
    macro = sum(Q(sum(part), len(part)) for part in parts.values()) / len(parts)
    micro = Q(sum(map(sum, parts.values())), sum(map(len, parts.values())))
    lines = [f"{name}：{len(p)} 题对 {sum(p)} 题\n" for name, p in parts.items()]
    assert table.printed_by["average"] == "".join(lines) + (
        f"三科的准确率再平均 {float(macro):.3f}，十二题一起算 {float(micro):.3f}\n"
    )


def test_the_scale_of_the_board_is_that_of_the_thread(table):
    """66 of 198, 173 of 546, 154 of 448 right: the three subsets of GPQA."""
    raw = Q(66 + 173 + 154, 198 + 546 + 448)
    error = plain([1] * 393 + [0] * 799)
    scaled = 100 * (raw - Q(1, 4)) / Q(3, 4)
    text = table.printed_by["guess"]
    found = after(text, "原始准确率")
    for got, want in zip(found, (float(raw), error, float(scaled)), strict=True):
        assert got == pytest.approx(want, rel=2e-3, abs=0)
    assert found == [0.3297, 0.0136, 10.63]
    back = Q(1, 4) + Q(928, 10000) * Q(3, 4)
    board, away = after(text, "9.28 换回准确率")
    assert board == pytest.approx(float(back), abs=6e-5)
    assert away == pytest.approx(float(raw - back) / error, abs=0.006)


@pytest.mark.parametrize("k", [2, 4, 10])
def test_guessing_scores_nothing_and_all_right_a_hundred(table, k):
    assert table.above(1 / k, k) == table.above(0, k) == 0
    assert table.above(1, k) == pytest.approx(100)
    assert table.above((1 + 1 / k) / 2, k) == pytest.approx(50)


# --- the harness: faq/eval_harness_numpy ----------------------------------------------

TEXT = re.compile(
    r"店里有 (\d+) 个苹果、(\d+) 个梨，卖掉 (\d+) 个苹果，运来 (\d+) 个梨。"
)
ASKED = {
    "原先共有几个？": (1, 1, 0, 0),
    "苹果还剩几个？": (1, 0, -1, 0),
    "梨有几个了？": (0, 1, 0, 1),
    "后来共有几个？": (1, 1, -1, 1),
}
NAMES = ["常数", "二元", "甲", "乙"]


def test_every_answer_follows_from_its_text_and_stands_once_among_four(harness):
    assert len(harness.ITEMS) == 120
    for x in harness.ITEMS:
        given = [int(n) for n in TEXT.fullmatch(x["text"]).groups()]
        want = sum(a * b for a, b in zip(given, ASKED[x["question"]], strict=True))
        assert x["answer"] == str(want)
        away = sorted(int(option) - want for option in x["options"])
        assert away == [-2, 0, 1, 10]
    assert set(Counter(x["text"] for x in harness.ITEMS).values()) == {4}
    assert set(Counter(x["question"] for x in harness.ITEMS).values()) == {30}


def test_the_first_question_is_shown_as_the_models_read_it(harness):
    x = harness.ITEMS[0]
    assert harness.printed_by["tasks"] == (
        f"选择：{x['text']}{x['question']}答案是：\n"
        f"填数：{x['text']}{x['question']}请写「答案是」和一个数。\n"
        f"选项 {'、'.join(x['options'])}，答案 {x['answer']}\n"
    )


def share(*parts):
    digest = hashlib.sha256("|".join(parts).encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def recalled(x, name, hard):
    luck = share(name, x["text"], x["question"])
    slips = luck < (0.8 if share("难", x["text"]) < hard else 0.05)
    return next(o for o in x["options"] if o != x["answer"]) if slips else x["answer"]


def copied(x):
    """The option with the highest score of the bigrams of the prompt, add one."""
    prompt = x["text"] + x["question"] + "答案是："
    scores = []
    for option in x["options"]:
        letters = sorted(set(prompt + option))
        counts = np.ones((len(letters), len(letters)))
        at = {c: k for k, c in enumerate(letters)}
        for i in range(len(prompt) - 1):
            counts[at[prompt[i]], at[prompt[i + 1]]] += 1
        chain = [at[c] for c in prompt[-1] + option]
        table = np.log(counts / counts.sum(axis=1, keepdims=True))
        scores.append(sum(table[i, j] for i, j in zip(chain, chain[1:], strict=False)))
    best = max(scores)
    return next(o for o, s in zip(x["options"], scores, strict=True) if s > best - 1e-9)


def said(x, task, name):
    """What each stand-in answers, or None where nothing can be extracted."""
    if name == "常数":
        return x["options"][0] if task == "选择" else "50"
    if name == "二元":
        return copied(x) if task == "选择" else None
    hard, silent = {"甲": (0.15, 0.15), "乙": (0.45, 0.0)}[name]
    prompt = f"{x['text']}{x['question']}请写「答案是」和一个数。"
    if task == "填数" and share(name, prompt) < silent:
        return None
    return recalled(x, name, hard)


def right(harness, task, name):
    return [said(x, task, name) == x["answer"] for x in harness.ITEMS]


def texts(harness):
    return [x["text"] for x in harness.ITEMS]


def two_lines(text, start):
    """The rest of the line that begins with ``start``, and the next line."""
    lines = text.splitlines()
    (at,) = [k for k, line in enumerate(lines) if line.startswith(start)]
    return lines[at].removeprefix(start), lines[at + 1]


@pytest.mark.parametrize("task", ["选择", "填数"])
@pytest.mark.parametrize("name", NAMES)
def test_right_wrong_and_not_extracted_are_counted_apart(harness, task, name):
    answers = [said(x, task, name) for x in harness.ITEMS]
    good, lost = sum(right(harness, task, name)), answers.count(None)
    block = two_lines(harness.printed_by["all"], f"{task}，{name}：")
    assert block[0] == f"对 {good}，错 {120 - good - lost}，取不出 {lost}"
    ends = numbers(block[1])[1:]
    assert block[1].startswith(f"　准确率 {good / 120:.3f}，区间 ")
    assert ends == pytest.approx(
        proportion_confint(good, 120, method="wilson"), abs=1.1e-4
    )
    assert [row["取出"] for row in harness.rows[task, name]] == answers
    assert harness.reports[task, name]["考法"] == task


def test_the_bigrams_of_the_prompt_make_a_distribution(harness):
    prompt = harness.ITEMS[3]["text"]
    score = harness.Bigram().loglikelihood
    following = {c: exp(score(prompt, c)) for c in set(prompt)}
    assert sum(following.values()) == pytest.approx(1)
    assert score("甲乙甲乙甲", "乙丙") == pytest.approx(log(3 / 5) + log(1 / 5))


@pytest.mark.parametrize(
    ("prompt", "k", "want"),
    [("caabaa", 4, "aaaa"), ("abcbd", 3, "abc"), ("abacabx", 5, "ababa")],
)
def test_the_bigrams_copy_what_follows_most_often(harness, prompt, k, want):
    """After a sign that nothing follows, the prompt begins again."""
    assert harness.Bigram().generate(prompt, max_tokens=k) == want


def test_the_constant_gives_each_of_four_options_a_quarter(harness):
    score = harness.Constant().loglikelihood
    assert [exp(score("题", o)) for o in "1234"] == pytest.approx([0.25] * 4)


def test_who_recalls_spreads_one_over_the_four_options(harness):
    for x, row in zip(harness.ITEMS, harness.rows["选择", "甲"], strict=True):
        prompt = x["text"] + x["question"] + "答案是："
        score = harness.MODELS[2].loglikelihood
        found = {o: exp(score(prompt, o)) for o in x["options"]}
        assert found.pop(row["取出"]) == pytest.approx(0.7)
        assert list(found.values()) == pytest.approx([0.1] * 3)


def test_by_hand_two_passages_are_two_observations(harness):
    text, hand = harness.printed_by["errors"], [1] * 4 + [0] * 4
    (alone,) = after(text, "八题对四题，每题自成一组：")
    (pair,) = after(text, "八题对四题，两组：")
    assert alone == pytest.approx(plain(hand), abs=6e-4)
    assert pair == pytest.approx(clustered(hand, [0] * 4 + [1] * 4), abs=6e-4)
    assert pair == plain([1, 0])


@pytest.mark.parametrize("seed", range(4))
def test_the_clustered_error_is_that_of_statsmodels(harness, seed):
    rng = np.random.default_rng(seed)
    scores, groups = rng.uniform(size=40), rng.integers(0, 9, 40)
    want = clustered(scores, groups.tolist())
    assert harness.clustered_se(scores, groups) == pytest.approx(want, rel=1e-9, abs=0)
    alone = harness.clustered_se(scores, np.arange(40))
    assert alone == pytest.approx(np.std(scores, ddof=1) / 40**0.5, rel=1e-9, abs=0)


@pytest.mark.parametrize(("hits", "n"), [(0, 7), (7, 7), (108, 114), (1, 3)])
def test_the_interval_is_wilsons(harness, hits, n):
    want = proportion_confint(hits, n, method="wilson")
    assert harness.wilson(hits / n, n) == pytest.approx(want, abs=1.1e-4)


def test_the_saved_report_holds_all_that_is_needed_to_check_it(harness):
    saved = json.loads(harness.printed_by["saved"])
    prompts = [
        f"{x['text']}{x['question']}请写「答案是」和一个数。" for x in harness.ITEMS
    ]
    answers = [said(x, "填数", "甲") for x in harness.ITEMS]
    wrote = 0
    for x, answer in zip(harness.ITEMS, answers, strict=True):
        believed = recalled(x, "甲", 0.15)
        form = f"{believed} 个。" if answer is None else f"答案是 {believed}。"
        wrote += len(form)
    good = right(harness, "填数", "甲")
    read = sum(map(len, prompts))
    assert saved.pop("区间") == pytest.approx(
        proportion_confint(sum(good), 120, method="wilson"), abs=1.1e-4
    )
    task = {
        "pattern": r"答案是\s*(-?\d+)",
        "prompt": "{text}{question}请写「答案是」和一个数。",
    }
    items = [dict(sorted(x.items())) for x in harness.ITEMS]
    settings = {"max_tokens": 12, "temperature": 0}
    whole = json.dumps(["甲", "1", task, items, settings], ensure_ascii=False)
    assert saved.pop("配置") == hashlib.sha256(whole.encode()).hexdigest()[:8]
    assert saved == {
        "日期": "2026-11-20",
        "考法": "填数",
        "模型": "甲",
        "版本": "1",
        "题": 120,
        "对": sum(good),
        "错": 120 - sum(good) - answers.count(None),
        "取不出": answers.count(None),
        "准确率": round(sum(good) / 120, 4),
        "标准误": round(plain(good), 4),
        "按短文": round(clustered(good, texts(harness)), 4),
        "问": 120,
        "读": read,
        "写": wrote,
        "元": round(read * 2e-6 + wrote * 8e-6, 4),
    }


def test_a_choice_is_asked_four_times_and_written_never(harness):
    for name in NAMES:
        r = harness.reports["选择", name]
        read = sum(
            4 * len(x["text"] + x["question"] + "答案是：") + len("".join(x["options"]))
            for x in harness.ITEMS
        )
        assert (r["问"], r["读"], r["写"]) == (480, read, 0)


def test_the_second_run_asks_nothing_and_has_the_same_fingerprint(harness):
    good = right(harness, "填数", "甲")
    lost = [said(x, "填数", "甲") for x in harness.ITEMS].count(None)
    assert two_lines(harness.printed_by["repeat"], "再跑一次：") == (
        "问 0 次，0.0 元",
        f"　配置相同 True，对 {sum(good)}，取不出 {lost}",
    )


def test_one_more_blank_is_another_configuration_and_moves_many_answers(harness):
    old = [said(x, "填数", "甲") for x in harness.ITEMS]
    new, cost = [], 0
    for x in harness.ITEMS:
        prompt = f"{x['text']}{x['question']} 请写「答案是」和一个数。"
        believed = recalled(x, "甲", 0.15)
        mute = share("甲", prompt) < 0.15
        new.append(None if mute else believed)
        form = f"{believed} 个。" if mute else f"答案是 {believed}。"
        cost += len(prompt) * 2e-6 + len(form) * 8e-6
    want = [x["answer"] for x in harness.ITEMS]
    was, now = ([a == y for a, y in zip(z, want, strict=True)] for z in (old, new))
    text = harness.printed_by["repeat"]
    assert two_lines(text, "提示里多一个空格：") == (
        f"问 120 次，{round(cost, 4)} 元",
        f"　配置相同 False，对 {sum(now)}，取不出 {new.count(None)}",
    )
    pairs = [pair for pair in zip(old, new, strict=True) if pair[0] != pair[1]]
    back = sum(x is None for x, _ in pairs)
    gone = sum(y is None for _, y in pairs)
    swapped = sum(x != y for x, y in zip(was, now, strict=True))
    assert two_lines(text, "取出的东西变了 ") == (
        f"{len(pairs)} 题，对错互换 {swapped} 题",
        f"　{back} 题取得出了，{gone} 题反过来，取不出了",
    )
    assert sum(now) - sum(was) == 1 and "总数只多对了一题" in page()
    assert (
        f"却有 {len(pairs)} 题取出的东西变了：{back} 题原先取不出，这回取出了，"
        f"{gone} 题反过来；对错互换的有 {swapped} 题。"
    ) in page()


class Echo:
    """Writes what stands in the prompt, and counts how often it is asked."""

    def __init__(self, name="回声", version="1"):
        self.name, self.version, self.asked = name, version, []

    def generate(self, prompt, **settings):
        self.asked.append((prompt, settings))
        return prompt

    def loglikelihood(self, prompt, text, **settings):
        self.asked.append((prompt, text, settings))
        return -float(len(text))


def small(*pairs):
    return [
        {"text": said, "question": "", "options": ["10", "2", "3"], "answer": answer}
        for said, answer in pairs
    ]


def test_only_the_agreed_form_is_extracted(harness):
    task = {"prompt": "{text}", "pattern": harness.TASKS["填数"]["pattern"]}
    items = small(
        ("答案是 12。", "12"),
        ("答案是-3", "-3"),
        ("答案是   7，不是 8", "7"),
        ("答案：9", "9"),
        ("9", "9"),
        ("答案是九", "9"),
        ("答案是 1。不对，答案是 2。", "2"),
    )
    rows, spent = harness.evaluate(Echo("甲甲"), task, items, {})
    assert [(row["取出"], row["对"]) for row in rows] == [
        ("12", True),
        ("-3", True),
        ("7", True),
        (None, False),
        (None, False),
        (None, False),
        ("1", False),
    ]
    assert spent["读"] == spent["写"] == sum(len(x["text"]) for x in items)


def test_a_tie_goes_to_the_first_and_the_highest_score_wins(harness):
    items = small(("一", "2"), ("二", "10"))
    task = {"prompt": "{text}："}
    rows, _ = harness.evaluate(Echo("乙乙"), task, items, {})
    assert [(row["取出"], row["对"]) for row in rows] == [("2", True), ("2", False)]
    assert [row["原话"] for row in rows] == [[-2, -1, -1]] * 2


def test_a_row_holds_what_is_needed_to_look_back_and_what_was_said_last(harness):
    for task, name in harness.rows:
        for x, row in zip(harness.ITEMS, harness.rows[task, name], strict=True):
            assert [*row] == ["短文", "问题", "取出", "对", "原话"]
            assert (row["短文"], row["问题"]) == (x["text"], x["question"])
            if task == "选择":
                assert len(row["原话"]) == 4
            elif row["取出"] is not None:
                assert f"答案是 {row['取出']}" in row["原话"]


def test_the_cache_may_be_a_shelf_that_is_closed_and_opened_again(
    harness, tmp_path, monkeypatch
):
    task, items = {"prompt": "{text}", "pattern": "(一)"}, small(("一", "一"))
    asked = []
    for _ in range(2):
        with shelve.open(str(tmp_path / "cache")) as shelf:
            monkeypatch.setitem(harness.ask.__globals__, "CACHE", shelf)
            model = Echo("架")
            rows, _ = harness.evaluate(model, task, items, {})
        asked.append(len(model.asked))
        assert rows[0]["对"]
    assert asked == [1, 0]


def test_the_model_is_asked_again_only_if_something_differs(harness):
    task = {"prompt": "{text}", "pattern": "(x)"}
    items, settings = small(("一", "1"), ("二", "2")), {"temperature": 0, "seed": 1}

    def asked(model, task=task, items=items, settings=settings):
        _, spent = harness.evaluate(model, task, items, settings)
        assert len(model.asked) == spent["问"]
        return spent["问"]

    assert asked(Echo("丙丙")) == 2
    assert asked(Echo("丙丙")) == 0
    assert asked(Echo("丙丙"), settings={"seed": 1, "temperature": 0}) == 0
    assert asked(Echo("丙丙"), settings=settings | {"seed": 2}) == 2
    assert asked(Echo("丙丙", "2")) == 2
    assert asked(Echo("丁丁")) == 2
    assert asked(Echo("丙丙"), task | {"prompt": "{text} "}) == 2
    assert asked(Echo("丙丙"), items=[*items, *small(("三", "3"))]) == 1
    model = Echo("丙丙")
    assert harness.ask(model, "loglikelihood", ["一", "甲"], settings, Counter()) == -1
    assert model.asked == [("一", "甲", settings)]


def test_two_methods_asked_the_same_texts_answer_apart(harness):
    model = Echo("同文")
    model.loglikelihood = lambda text: -1.0
    spent = Counter()
    assert harness.ask(model, "generate", ["一"], {}, spent) == "一"
    assert harness.ask(model, "loglikelihood", ["一"], {}, spent) == -1
    assert spent == {"问": 2, "读": 2, "写": 1}


def test_the_fingerprint_changes_with_every_part_of_the_configuration(harness):
    task = {"prompt": "{text}", "pattern": "(x)"}
    items, settings = small(("一", "1"), ("二", "2")), {"temperature": 0}

    def mark(model, task=task, items=items, settings=settings):
        return harness.report(model, task, items, settings)[0]["配置"]

    marks = [
        mark(Echo("戊")),
        mark(Echo("己")),
        mark(Echo("戊", "2")),
        mark(Echo("戊"), task | {"prompt": "{text} "}),
        mark(Echo("戊"), task | {"pattern": "(y)"}),
        mark(Echo("戊"), items=small(("一", "2"), ("二", "2"))),
        mark(Echo("戊"), settings={"temperature": 1}),
    ]
    assert len(set(marks)) == len(marks)
    assert mark(Echo("戊")) == marks[0]


def test_the_price_is_counted_for_reading_and_for_writing_apart(harness):
    task = {"prompt": "{text}", "pattern": "(x)"}
    items = small(("一" * 4000, "1"), ("二" * 1000, "2"))
    said, _ = harness.report(Echo("庚"), task, items, {}, price=(1000.0, 100.0))
    assert said["元"] == 5.5


@pytest.mark.parametrize("task", ["选择", "填数"])
def test_the_comparison_has_three_errors_and_only_pairs_by_passage_hold(harness, task):
    a, b = (right(harness, task, name) for name in ("甲", "乙"))
    gap = [x - y for x, y in zip(a, b, strict=True)]
    block = (
        harness.printed_by["compare"].split(f"{task}：甲减乙 ")[1].split("甲减乙")[0]
    )
    only = f"只有甲对 {gap.count(1)}，只有乙对 {gap.count(-1)}"
    assert block.splitlines()[0] == f"{sum(gap) / 120:+.3f}，{only}"
    errors = {
        "当作两批题": sqrt(plain(a) ** 2 + plain(b) ** 2),
        "逐题相减": plain(gap),
        "逐题相减，按短文": clustered(gap, texts(harness)),
    }
    for way, se in errors.items():
        found = numbers("".join(two_lines(block.replace("+", ""), f"　{way}：")))
        ends = [sum(gap) / 120 + sign * 1.96 * se for sign in (-1, 1)]
        assert found[0] == pytest.approx(se, abs=6e-5)
        assert found[1:] == pytest.approx(ends, abs=6e-4)


def test_one_format_puts_a_first_and_the_other_b(harness):
    by_choice, by_text = (
        after(harness.printed_by["compare"].replace("+", ""), f"{task}：甲减乙")[0]
        for task in ("选择", "填数")
    )
    assert by_text < 0 < by_choice
    block = harness.printed_by["compare"].split("填数")[0].replace("+", "")
    pairs, passages = (
        numbers(two_lines(block, f"　{way}：")[1])[0]
        for way in ("逐题相减", "逐题相减，按短文")
    )
    assert passages < 0 < pairs


# --- what the page says of the outputs ------------------------------------------------


def drawn(name):
    source = (FIGURES / f"eval-harness-{name}.svg").read_text(encoding="utf-8")
    return re.findall(r"<text[^>]*>([^<]*)</text>", source)


@pytest.mark.parametrize(("step", "way"), [*enumerate(HAND, start=1)])
def test_the_frames_show_the_scores_by_hand(table, step, way):
    line = line_of(table.printed_by["hand"], f"{way}：")
    yes, no = numbers(line)
    shown = drawn(f"hand-{step}")
    assert [f"−{-yes:.3f}", f"−{-no:.3f}"] == [x for x in shown if x[0] == "−"]
    assert shown[-1].endswith(line[-6:].strip("，"))
    told = page().split(f'figures/eval-harness-hand-{step}.svg"')[1].split("</p>")[0]
    assert numbers(told.replace("−", "-"))[-2:] == [yes, no]
    assert re.findall("选「.*」", told) == re.findall("选「.*」", line)


def test_the_bars_of_the_seven_ways_are_those_printed(table):
    lines = table.printed_by["ways"].splitlines()[:4]
    lines += table.printed_by["extract"].splitlines()[1::2]
    shown = [x for x in drawn("ways") if x.isdigit()]
    assert shown == [re.search(r"对 (\d+) 题", line)[1] for line in lines]
    lost = [re.search(r"取不出 (\d+) 题", line)[1] for line in lines[4:]]
    assert [x for x in drawn("ways") if "取不出" in x] == [f"取不出 {k}" for k in lost]


def test_the_page_quotes_how_far_the_seven_ways_are_apart(table):
    share = [sum(hits(table, way)) / 12 for way in WAYS]
    assert f"同一个模型，{min(share):.3f} 到 {max(share):.3f}。" in page()
    written = [
        sum(way(x[-1]) == x[2] for x in questions(table)) / 12
        for way in EXTRACT.values()
    ]
    low, high = min(share + written), max(share + written)
    assert f"准确率从 {low:.3f} 到 {high:.3f}" in page()
    lost = [strict(x[-1]) for x in questions(table)].count(None)
    silent = [last_alone(x[-1]) for x in questions(table)].count(None)
    assert (
        f"「只认答案是 X」有 {lost} 题取不出。其中 {lost - silent} 题模型写了答案"
    ) in page()
    assert silent == 1 and "「第一个 A 到 D」只漏掉没有答的那一题" in page()
    assert [first(x[-1]) for x in questions(table)].count(None) == silent
    assert f"例如上面由 {min(written):.3f} 到 {max(written):.3f}。" in page()
    votes = [sum(four) for four in zip(*(hits(table, w) for w in WAYS), strict=True)]
    assert f"四种办法都对的只有 {votes.count(4)} 题。" in page()


def test_the_page_quotes_both_means_and_both_scales(table):
    parts = Counter(x[0] for x in questions(table))
    assert f"题数是 {'、'.join(map(str, parts.values()))}。" in page()
    macro, micro = numbers(table.printed_by["average"].splitlines()[-1])
    assert f"再平均，是 {macro:.3f}；十二题一起算，是 {micro:.3f}。" in page()
    raw, error, scaled = after(table.printed_by["guess"], "原始准确率")
    assert f"{raw} 换成 {scaled}，榜上是 9.28" in page()
    gap = raw - after(table.printed_by["guess"], "9.28 换回准确率")[0]
    assert gap < error and f"差 {gap:.4f}，不到一个标准误（{error}）" in page()


def test_the_nested_subsets_are_counted_as_often_as_they_occur(table):
    """198 questions stand in three subsets, 250 more in two, 98 in one."""
    often = [3] * 198 + [2] * (448 - 198) + [1] * (546 - 448)
    raw = after(table.printed_by["guess"], "原始准确率")[0]
    error = sqrt(raw * (1 - raw) * sum(k**2 for k in often)) / sum(often)
    assert f"当作 {sum(often)} 道独立的题" in page()
    assert f"按每题出现的次数算，约是 {error:.3f}。" in page()


def test_the_third_subset_of_the_thread_is_four_errors_away():
    assert "第三个离 0.326 差 0.08，约四个标准误" in page()
    assert 3.5 < (0.326 - 0.2455) / 0.0204 < 4.5


def test_the_page_quotes_the_error_by_hand(harness):
    alone, pair = (
        numbers(line)[-1] for line in harness.printed_by["errors"].splitlines()
    )
    assert f"标准误该是 {pair:g}，不是 {alone}。" in page()
    assert rf"都是 0.25，$\sqrt{{8\times0.25/7/8}}={plain([1, 0] * 4):.3f}$" in page()
    assert f"除以 $n$，得 {sqrt(0.25 / 8):.3f}，" in page()
    sums = [4 * 0.5, -4 * 0.5]
    square = 2 / 1 / 64 * sum(x * x for x in sums)
    assert r"$4\times0.5=2$ 与 $-2$" in page()
    assert rf"$\tfrac21\cdot\tfrac1{{64}}\cdot(4+4)={square}$，开方是 0.5。" in page()
    assert {
        f"当作 8 个独立的题：0.5 ± {alone}",
        f"其实只问了 2 段短文：0.5 ± {pair:.3f}",
    } < {*drawn("clusters")}


def test_the_page_quotes_the_reports(harness):
    by = {key: r["准确率"] for key, r in harness.reports.items()}
    lost = harness.reports["填数", "甲"]["取不出"]
    assert f"「常数」在选择题上有 {by['选择', '常数']:.3f}" in page()
    assert (
        f"选择题 {by['选择', '甲']:.3f}，填数只有 {by['填数', '甲']:.3f}，"
        f"其中 {lost} 题取不出"
    ) in page()


def test_the_page_tabulates_the_four_stand_ins(harness):
    for name in NAMES:
        choice, number = (harness.reports[task, name] for task in ("选择", "填数"))
        row = [name, choice["对"], number["对"], number["错"], number["取不出"]]
        assert f"| {' | '.join(map(str, row))} |" in page()


def test_the_first_option_is_right_as_often_as_the_page_says(harness):
    first = sum(x["options"][0] == x["answer"] for x in harness.ITEMS)
    assert f"答案恰好排在第一的 {first} 题" in page()
    lost = harness.reports["填数", "二元"]["取不出"]
    assert f"填数时它 {lost} 题都取不出" in page()
    assert f"「二元」有 {sum(right(harness, '选择', '二元')) / 120:.3f}" in page()


def test_the_page_quotes_both_intervals_of_one_report(harness):
    r = harness.reports["填数", "甲"]
    low, high = proportion_confint(r["对"], 120, method="wilson")
    se = clustered(right(harness, "填数", "甲"), texts(harness))
    ends = [r["对"] / 120 + sign * 1.96 * se for sign in (-1, 1)]
    assert (
        f"威尔逊区间是 {low:.3f} 到 {high:.3f}，用按短文的 {se:.4f} 算，"
        f"是 {ends[0]:.3f} 到 {ends[1]:.3f}。"
    ) in page()


def test_with_thirty_passages_the_page_takes_the_quantile_of_t(harness):
    a, b = (right(harness, "选择", name) for name in ("甲", "乙"))
    gap = [x - y for x, y in zip(a, b, strict=True)]
    t, se = student.ppf(0.975, 29), clustered(gap, texts(harness))
    ends = [sum(gap) / 120 + sign * t * se for sign in (-1, 1)]
    said = f"的 {t:.3f}，区间是 −{-ends[0]:.3f} 到 {ends[1]:+.3f}。"
    assert f"自由度 29 的 t 分布{said}" in page()


def test_only_pairs_by_passage_cover_the_true_gap_as_often_as_they_claim():
    """Twenty thousand sets of thirty passages, as the two stand-ins answer them."""
    rng = np.random.default_rng(1)
    hard = rng.random((20000, 30, 1))
    a, b = (
        rng.random((20000, 30, 4)) >= np.where(hard < part, 0.8, 0.05)
        for part in (0.15, 0.45)
    )
    gap = a.astype(float) - b
    mean = gap.mean((1, 2))
    true = 0.85 * 0.95 + 0.15 * 0.2 - (0.55 * 0.95 + 0.45 * 0.2)
    alone = gap.std((1, 2), ddof=1) / sqrt(120)
    passages = gap.mean(2).std(1, ddof=1) / sqrt(30)  # as many questions in each
    pairs, clusters = (
        round((abs(mean - true) <= 1.96 * se).mean(), 2) for se in (alone, passages)
    )
    assert f"两万批，真的差是 {true:.3f}" in page()
    assert f"逐题相减的区间只有 {pairs:.0%} 盖住它，按短文的有 {clusters:.0%}" in page()


def test_the_page_quotes_the_comparison(harness):
    block = harness.printed_by["compare"].split("填数")[0].replace("+", "")
    gap = after(block, "选择：甲减乙 ")[0]
    text_gap = after(harness.printed_by["compare"], "填数：甲减乙 ")[0]
    lost = harness.reports["填数", "甲"]["取不出"]
    assert (
        f"甲由高 {gap:.3f} 变成低 {-text_gap:.3f}，本事没有变，只是 {lost} 题取不出。"
    ) in page()
    se = after(block, "　逐题相减，按短文：")[0]
    assert f"选择题上甲比乙高 {gap:.3f}。" in page()
    assert f"按短文算，标准误是 {se:.4f}，" in page()
    assert numbers(two_lines(block, "　当作两批题：")[1])[0] > 0


# --- exercises -----------------------------------------------------------------------


def test_a_twenty_on_the_board_is_an_accuracy_of_two_fifths(table):
    assert table.above(0.4, 4) == pytest.approx(20)
    assert r"$p=0.25+0.20\times0.75=0.40$" in page()


def test_three_passages_of_two_have_the_errors_of_the_answer():
    scores = [1, 1, 1, 0, 0, 0]
    alone, pairs = plain(scores), clustered(scores, [0, 0, 1, 1, 2, 2])
    assert rf"$\sqrt{{0.3/6}}={alone:.4f}$" in page()
    assert f"开方 {pairs:.4f}。" in page()


def test_a_blackout_is_one_event_of_a_hundred_and_sixty_one():
    assert f"再对 {200 - 40 + 1} 个事件求平均与标准误" in page()


def test_a_looser_pattern_finds_every_answer_of_the_first_model(harness):
    task = harness.TASKS["填数"] | {"pattern": r"(-?\d+)"}
    rows, _ = harness.evaluate(harness.MODELS[2], task, harness.ITEMS, harness.SETTINGS)
    good = sum(right(harness, "选择", "甲"))
    assert [row["取出"] for row in rows].count(None) == 0
    assert sum(row["对"] for row in rows) == good
    assert f"对 {good} 题，准确率 {good / 120:.3f}，与选择题上的一样" in page()
    x = harness.ITEMS[0]
    told = f"店里有 {numbers(x['text'])[0]:g} 个苹果，答案是 {x['answer']}"
    assert f"（「{told}」），第一个数就不是答案了" in page()


# --- practice: faq/eval_harness_practice_numpy ----------------------------------------

SOLUTION = """
def clustered_se(scores, clusters):
    off = scores - scores.mean()
    _, which = np.unique(clusters, return_inverse=True)
    sums = np.bincount(which, off)
    groups = len(sums)
    return np.sqrt(groups / (groups - 1) * (sums**2).sum()) / len(scores)
"""
PAIRS = """
def clustered_se(scores, clusters):
    off = [float(x) - float(np.mean(scores)) for x in scores]
    names = [int(c) for c in clusters]
    total = 0.0
    for i, x in enumerate(off):
        for j, y in enumerate(off):
            if names[i] == names[j]:
                total += x * y
    g = len(set(names))
    return (total * g / (g - 1)) ** 0.5 / len(off)
"""
LAST = SOLUTION.splitlines()[-1]
PLAIN = (LAST, "    return scores.std(ddof=1) / np.sqrt(len(scores))")
WRONG = [
    PLAIN,
    ("groups / (groups - 1) * ", ""),
    ("groups / (groups - 1)", "len(scores) / (len(scores) - 1)"),
    ("groups / (groups - 1)", "(groups - 1) / groups"),
    ("/ len(scores)", "/ groups"),
    ("/ len(scores)", "/ np.sqrt(len(scores))"),
    ("np.sqrt(groups", "(groups"),
    ("(sums**2).sum()", "(off**2).sum()"),
    ("(sums**2).sum()", "abs(sums).sum()"),
    ("(sums**2).sum()", "sums.sum() ** 2"),
    ("bincount(which, off)", "bincount(which, abs(off))"),
    ("scores - scores.mean()", "scores - 0.5"),
    ("scores - scores.mean()", "scores"),
    ("bincount(which, off)", "bincount(which, off) / np.bincount(which)"),
    (
        "    sums =",
        "    which = (np.diff(clusters, prepend=clusters[0]) != 0).cumsum()\n"
        "    sums =",
    ),  # neighbours only
    (
        LAST,
        "    means = np.bincount(which, scores) / np.bincount(which)\n"
        "    return means.std(ddof=1) / np.sqrt(groups)",
    ),  # a mean of means
    ("    off =", "    scores -= scores.mean()\n    off ="),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_statsmodels_finds(case):
    _, given, want, _ = case
    found = clustered(given["scores"], given["clusters"].tolist())
    assert found == pytest.approx(want, abs=6e-7)


@pytest.mark.parametrize("solution", [SOLUTION, PAIRS])
def test_sums_by_group_and_products_of_pairs_both_pass_the_practice(solution):
    verdict = practice.verdict_on(PRACTICE, solution)
    assert verdict.passed == verdict.total == 5


def test_the_function_of_the_harness_passes_the_practice():
    source = (ROOT / "snippets/faq/eval_harness_numpy.py").read_text(encoding="utf-8")
    function = source[source.index("def clustered_se") : source.index("hand = [")]
    own = function.replace("scores, groups", "scores, clusters").replace(
        "np.unique(groups", "np.unique(clusters"
    )
    assert practice.verdict_on(PRACTICE, own).passed == 5


def test_no_wrong_error_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, PLAIN) in page()
