"""The threshold explorer beside scikit-learn; its scores; what stands without a script.

The script's own arithmetic is held to the same numbers in ``tests/site``.
"""

import json
import re
from dataclasses import asdict
from itertools import pairwise

import numpy as np
import pytest
from sklearn import metrics

from handbook.widgets import threshold_explorer as explorer

from .crowds import SCORES, TRUTH, settings, weights

LESSONS = {lesson.name: lesson for lesson in explorer.LESSONS}
PREVALENCES = (0.1, 1, 37.37, 90)


# --- the scores -----------------------------------------------------------------------


def test_the_scores_are_those_of_the_page_s_program(run_snippet) -> None:
    program = run_snippet("faq/classification_metrics_scores_numpy")
    score, truth = program.score[program.test], program.y[program.test]
    thousandths = (1000 * score).round().astype(int)
    np.testing.assert_allclose(thousandths, 1000 * score, atol=1e-9)
    assert sorted(thousandths[truth == 1]) == list(explorer.MALIGNANT)
    assert sorted(thousandths[truth == 0]) == list(explorer.BENIGN)


@pytest.mark.parametrize(("printed", "threshold"), [(0.5, 500), (0.3, 300), (0.1, 100)])
def test_the_page_s_table_is_what_the_explorer_counts(
    run_snippet, printed, threshold
) -> None:
    output = run_snippet("faq/classification_metrics_scores_numpy").stdout_text
    (line,) = re.findall(f"阈值 {printed}：(.*)\n(.*)", output)
    tp, fn, fp, tn = explorer.counts(threshold)
    assert line[0] == f"真阳 {tp}，假阳 {fp}，漏诊 {fn}，真阴 {tn}"
    clinic = explorer.LESSONS[0].prevalence
    made = explorer.rates(threshold, clinic, 1, 1)
    shown = [made.accuracy, made.ppv, made.recall, made.f1]
    told = [float(z) for z in re.findall(r"[\d.]+(?=，|$)", line[1].replace("F1 ", ""))]
    assert [round(z, 3) for z in shown] == told


def test_the_clinic_s_prevalence_is_that_of_the_cases() -> None:
    ill = 100 * len(explorer.MALIGNANT) / len(SCORES)
    assert explorer.LESSONS[0].prevalence == round(ill, 2)


# --- the arithmetic -------------------------------------------------------------------


@pytest.mark.parametrize("threshold", explorer.THRESHOLDS[::7] + (0, 9, 500))
def test_the_counts_are_those_of_a_confusion_matrix(threshold: int) -> None:
    found = metrics.confusion_matrix(TRUTH, SCORES >= threshold)
    (tn, fp), (fn, tp) = found.tolist()
    assert explorer.counts(threshold) == (tp, fn, fp, tn)


@pytest.mark.parametrize("given", settings()[:5] + settings()[5::11], ids=str)
def test_the_rates_are_those_of_weighted_cases(given) -> None:
    threshold, prevalence, alarm, miss = given
    made = explorer.rates(*given)
    called, weight = SCORES >= threshold, weights(prevalence)
    table = metrics.confusion_matrix(TRUTH, called, sample_weight=weight)
    (tn, fp), (fn, tp) = table.tolist()
    both = {"sample_weight": weight, "zero_division": np.nan}
    expected = {
        **{"tp": tp, "fn": fn, "fp": fp, "tn": tn},
        "recall": metrics.recall_score(TRUTH, called, **both),
        "specificity": metrics.recall_score(TRUTH, called, pos_label=0, **both),
        "ppv": metrics.precision_score(TRUTH, called, **both),
        "npv": metrics.precision_score(TRUTH, called, pos_label=0, **both),
        "f1": metrics.f1_score(TRUTH, called, **both),
        "accuracy": metrics.accuracy_score(TRUTH, called, sample_weight=weight),
        "cost": np.where(TRUTH == 1, miss, alarm)[called != TRUTH]
        @ weight[called != TRUTH],
    }
    for name, value in asdict(made).items():
        if np.isnan(expected[name]):
            assert value is None, name
        else:
            assert value == pytest.approx(expected[name], rel=1e-12, abs=1e-9), name


def test_the_thresholds_and_their_rates_are_the_roc_curve() -> None:
    fpr, tpr, at = metrics.roc_curve(TRUTH, SCORES, drop_intermediate=False)
    assert explorer.THRESHOLDS[1:] == tuple(at[1:])
    made = [explorer.rates(k, 37.37, 1, 1) for k in explorer.THRESHOLDS]
    assert [m.recall for m in made] == pytest.approx(tpr, rel=1e-12)
    assert [1 - m.specificity for m in made] == pytest.approx(fpr, abs=1e-12)


@pytest.mark.parametrize("prevalence", PREVALENCES)
def test_the_precision_is_that_of_the_weighted_pr_curve(prevalence: float) -> None:
    precision, recall, at = metrics.precision_recall_curve(
        TRUTH, SCORES, sample_weight=weights(prevalence)
    )
    assert explorer.THRESHOLDS[:0:-1] == tuple(at)
    made = [explorer.rates(int(k), prevalence, 1, 1) for k in at]
    assert [m.ppv for m in made] == pytest.approx(precision[:-1], rel=1e-12)
    assert [m.recall for m in made] == pytest.approx(recall[:-1], rel=1e-12)


@pytest.mark.parametrize("prevalence", PREVALENCES)
def test_the_area_does_not_hang_on_prevalence_and_the_average_precision_does(
    prevalence: float,
) -> None:
    weight = weights(prevalence)
    area = metrics.roc_auc_score(TRUTH, SCORES, sample_weight=weight)
    assert explorer.area() == pytest.approx(area, rel=1e-12)
    mean = metrics.average_precision_score(TRUTH, SCORES, sample_weight=weight)
    assert explorer.average_precision(prevalence) == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("prevalence", PREVALENCES)
@pytest.mark.parametrize("costs", [(1, 1), (1, 20), (5, 1), (0.1, 1000)], ids=str)
def test_no_threshold_at_all_is_cheaper_than_the_cheapest(prevalence, costs) -> None:
    alarm, miss = costs
    weight = weights(prevalence) * np.where(TRUTH == 1, miss, alarm)
    every = np.arange(explorer.NOBODY + 1)
    wrong = (SCORES >= every[:, None]) != TRUTH
    cost = wrong @ weight
    best = explorer.cheapest(prevalence, alarm, miss)
    assert cost[best] == pytest.approx(cost.min(), rel=1e-12)
    assert explorer.rates(best, prevalence, *costs).cost == pytest.approx(cost[best])
    stricter = [k for k in explorer.THRESHOLDS if k > best]
    assert (cost[stricter] > cost[best] + 1e-9).all()


@pytest.mark.parametrize(("alarms", "misses"), [(1, 4), (3, 1), (7, 2)])
def test_of_thresholds_that_cost_the_same_the_strictest_is_taken(
    alarms: int, misses: int
) -> None:
    """At costs that make every case of a class cost a whole number, as counted here."""
    costs = {}
    for k in explorer.THRESHOLDS:
        _, fn, fp, _ = explorer.counts(k)
        costs[k] = alarms * fp + misses * fn
    cheap = [k for k in costs if costs[k] == min(costs.values())]
    assert len(cheap) > 1
    given = alarms * len(explorer.BENIGN), misses * len(explorer.MALIGNANT)
    assert explorer.cheapest(50, *given) == max(cheap)


@pytest.mark.parametrize("prevalence", PREVALENCES)
@pytest.mark.parametrize("costs", [(1, 1), (1, 20), (5, 1)], ids=str)
def test_at_the_formula_s_threshold_a_calibrated_score_costs_the_same_either_way(
    prevalence, costs
) -> None:
    """Bayes: the odds of the cases, times the change of the odds of being ill."""
    alarm, miss = costs
    score = explorer.by_formula(prevalence, alarm, miss)
    before = len(explorer.MALIGNANT) / len(SCORES)
    now = prevalence / 100
    ill, well = score * now / before, (1 - score) * (1 - now) / (1 - before)
    assert well * alarm == pytest.approx(ill * miss, rel=1e-12)


def test_where_nothing_is_changed_the_formula_is_the_costs_alone() -> None:
    own = 100 * len(explorer.MALIGNANT) / len(SCORES)
    assert explorer.by_formula(own, 1, 20) == pytest.approx(1 / 21)


@pytest.mark.parametrize("apart", [5, 17.5, 40])
def test_no_two_dots_on_a_level_touch_and_none_hangs_in_the_air(apart: float) -> None:
    for scores in (explorer.MALIGNANT, explorer.BENIGN):
        levels = explorer.swarm(scores, apart)
        rows = {level: [] for level in levels}
        for score, level in zip(scores, levels, strict=True):
            rows[level].append(score)
        for row in rows.values():
            assert all(b - a >= apart for a, b in pairwise(row))
        for score, level in zip(scores, levels, strict=True):
            under = rows.get(level - 1, [score])
            assert min(abs(score - other) for other in under) < apart or level == 0


# --- what the tool says of its lessons ------------------------------------------------


def lesson_rates(name: str, **changed) -> explorer.Rates:
    given = asdict(LESSONS[name]) | changed
    names = ("threshold", "prevalence", "alarm", "miss")
    return explorer.rates(*(given[n] for n in names))


def best_of(name: str) -> int:
    lesson = LESSONS[name]
    return explorer.cheapest(lesson.prevalence, lesson.alarm, lesson.miss)


def test_a_lower_threshold_misses_fewer_and_calls_more() -> None:
    assert "漏诊变少，误报变多" in LESSONS["送检 37%"].task
    high, low = (lesson_rates("送检 37%", threshold=k) for k in (500, 200))
    assert low.fn < high.fn and low.fp > high.fp


def test_in_a_screening_precision_falls_as_told_and_the_roc_s_dot_stays() -> None:
    clinic, screening = lesson_rates("送检 37%"), lesson_rates("普查 1%")
    assert (clinic.recall, clinic.specificity) == (
        screening.recall,
        screening.specificity,
    )
    task = LESSONS["普查 1%"].task
    assert f"从 {clinic.ppv:.3f} 降到 {screening.ppv:.3f}" in task
    assert f"约 {1 / screening.ppv:.0f} 人里才有 1 人" in task


def test_where_a_miss_is_dear_cost_and_accuracy_fall_as_told() -> None:
    name = "漏诊贵 20 倍"
    half, best = lesson_rates(name), lesson_rates(name, threshold=best_of(name))
    task = LESSONS[name].task
    assert f"代价从 {half.cost:.0f} 降到 {best.cost:.0f}" in task
    assert f"准确率也从 {half.accuracy:.3f} 降到 {best.accuracy:.3f}" in task
    assert LESSONS[name].miss == 20 * LESSONS[name].alarm


def test_in_a_screening_the_cheapest_threshold_moves_up_as_told() -> None:
    clinic, screening = best_of("漏诊贵 20 倍"), best_of("普查，漏诊贵 20 倍")
    told = LESSONS["普查，漏诊贵 20 倍"].task
    assert f"从 {clinic / 1000:g} 移到 {screening / 1000:g}" in told
    made = lesson_rates("普查，漏诊贵 20 倍")
    lesson = LESSONS["普查，漏诊贵 20 倍"]
    alarms, misses = lesson.alarm * made.fp, lesson.miss * made.fn
    place = f"在 {lesson.threshold / 1000:g} 处"
    assert f"{place}误报 {alarms:.0f} 份，漏诊才 {misses:.0f} 份" in told


def test_who_calls_nobody_is_right_about_99_of_100() -> None:
    made = lesson_rates("谁也不判恶性")
    assert f"准确率 {made.accuracy:.3f}，召回率 {made.recall:g}：" in (
        LESSONS["谁也不判恶性"].task
    )
    assert made.ppv is None and made.tp == 0


# --- what stands without a script -----------------------------------------------------


def test_the_script_is_sent_the_scores_and_the_lessons() -> None:
    html = explorer.element()
    assert html.count("<script") == html.count("</script>") == 1
    (text,) = re.findall(r"<script[^>]*>(.*?)</script>", html)
    sent = json.loads(text)
    assert tuple(sent["malignant"]) == explorer.MALIGNANT
    assert tuple(sent["benign"]) == explorer.BENIGN
    assert [lesson["name"] for lesson in sent["lessons"]] == list(LESSONS)
    assert sent["lessons"][3] == asdict(explorer.LESSONS[3])


def test_the_table_shows_six_thresholds_as_scikit_learn_counts_them() -> None:
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', explorer.element())
    assert len(rows) == 6
    for name, cells in rows:
        called = SCORES >= 1000 * float(name)
        found = [float(z) for z in re.findall(r"<td>(.*?)</td>", cells)]
        table = metrics.confusion_matrix(
            TRUTH, called, sample_weight=weights(explorer.SHOWN.prevalence)
        )
        (_, fp), (fn, _) = table
        precision = [
            metrics.precision_score(TRUTH, called, sample_weight=weights(p))
            for p in (37.37, 1)
        ]
        recall = [metrics.recall_score(TRUTH, called, pos_label=c) for c in (1, 0)]
        assert found[:2] == pytest.approx([fn, fp], abs=0.51)
        assert found[2:6] == pytest.approx([*recall, *precision], abs=6e-4)
        assert found[6] == pytest.approx(fp + 20 * fn, abs=0.51)


def test_the_picture_has_a_dot_for_every_case() -> None:
    paths = re.findall(
        r'<path class="hb-(\w+)( hb-off)?"[^>]* d="(.*?)"', explorer.element()
    )
    dots = {
        (name, bool(off)): d.count("h0") for name, off, d in paths if name != "line"
    }
    tp, fn, fp, tn = explorer.counts(500)
    assert dots == {
        ("well", False): tn,
        ("well", True): fp,
        ("ill", False): tp,
        ("ill", True): fn,
    }
    title = re.search("<title.*?>(.*?)</title>", explorer.element())[1]
    assert f"把 {fp} 例良性误报，漏诊 {fn} 例恶性" in title


def test_the_table_is_headed_and_told_as_it_is_counted() -> None:
    html = explorer.element()
    assert re.findall('<th scope="col">(.*?)</th>', html) == [
        *("阈值", "漏诊", "误报", "召回率", "特异度", "精确率", "1% 时的精确率", "代价")
    ]
    shown = explorer.SHOWN
    every = np.arange(explorer.NOBODY + 1)
    weight = weights(shown.prevalence) * np.where(TRUTH == 1, shown.miss, shown.alarm)
    costs = ((SCORES >= every[:, None]) != TRUTH) @ weight
    cheap = np.flatnonzero(costs < min(costs) + 1e-9)
    (told,) = re.findall("<p>(下表按每千人计.*?)</p>", html)
    assert told == (
        "下表按每千人计，患病率 37.37%，误报一次记 1 份，漏诊一次记 20 份。"
        f"最便宜的阈值是 {cheap[-1] / 1000:g}，"
        f"代价 {min(costs):.0f} 份。"
    )


def test_the_picture_says_the_counts_and_its_dots_lie_at_their_scores() -> None:
    picture = re.search("<svg.*?</svg>", explorer.element())[0]
    tp, fn, fp, tn = explorer.counts(500)
    words = re.findall(r"<text[^>]*>(\D[^<]*)</text>", picture)
    assert words == [
        *(f"良性 119 例：放行 {tn}", f"误报 {fp}"),
        *(f"恶性 71 例：漏诊 {fn}", f"查出 {tp}"),
    ]
    ticks = re.findall(r'<text x="([\d.]+)"[^>]*>([\d.]+)</text>', picture)
    (cut,) = re.findall(r'class="hb-line" d="M([\d.]+) ', picture)
    places = {float(name): float(x) for x, name in [*ticks[:6], (cut, "0.5")]}
    scale = (places[1] - places[0]) / 1000
    assert float(cut) == pytest.approx(places[0] + 500 * scale, abs=0.1)
    for name, value in [("ill", 1), ("well", 0)]:
        found = []
        for off in ("", " hb-off"):
            (d,) = re.findall(f'class="hb-{name}{off}"[^>]* d="(.*?)"', picture)
            moves = re.findall(r"m(-?\d+) ?(-?\d+)h0", d)
            at = np.cumsum(np.array(moves, int), axis=0)
            found += at[:, 0].tolist()
            below = at[:, 1] > 120
            assert below.all() if name == "ill" else not below.any()
        expected = places[0] + np.sort(SCORES[TRUTH == value]) * scale
        np.testing.assert_allclose(sorted(found), expected, atol=0.51)
