"""Two noisy committees: the page's integral against scipy, and against dice."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import same_color
from numpy.testing import assert_allclose as assert_close
from scipy import integrate, optimize
from scipy.stats import multivariate_normal, norm
from sklearn.metrics import confusion_matrix, recall_score, zero_one_loss

from handbook.programs import practice

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/resources/review-randomness.md").read_text(encoding="utf-8")

RELIABILITIES = (0.1, 0.53, 0.8, 0.95)
SHARES = (0.1, 0.2, 0.5)


@pytest.fixture(scope="module")
def page(run_snippet):
    return run_snippet("resources/review_randomness_numpy")


def both_accept(rho: float, share: float) -> float:
    """Share of papers that two committees both accept: a bivariate normal corner."""
    corner = [norm.ppf(share)] * 2
    return float(multivariate_normal.cdf(corner, cov=[[1, rho], [rho, 1]]))


def disagreement(rho: float, share: float) -> float:
    return 2 * (share - both_accept(rho, share))


def odds(quality, rho: float, share: float):
    """Chance that sqrt(rho) q + sqrt(1 - rho) noise passes the cut."""
    return norm.sf(
        norm.isf(share), loc=math.sqrt(rho) * quality, scale=(1 - rho) ** 0.5
    )


def over_quality(function, low: float = -np.inf) -> float:
    """Integral of ``function`` over papers of quality above ``low``."""
    return integrate.quad(lambda x: function(x) * norm.pdf(x), low, np.inf)[0]


def line(page, start: str) -> list[float]:
    """The numbers of the one printed line that begins so, after that beginning."""
    lines = [t.strip() for t in page.stdout_text.splitlines()]
    (found,) = [t for t in lines if t.startswith(start)]
    return [float(n) for n in re.findall(r"-?\d+\.\d+", found[len(start) :])]


# --- the model -----------------------------------------------------------------


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("rho", RELIABILITIES)
def test_disagreement_is_the_bivariate_normal_closed_form(page, rho, share):
    assert_close(page.compare(rho, share)[0], disagreement(rho, share), atol=3e-5)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("rho", RELIABILITIES)
def test_overturned_is_the_conditional_of_the_closed_form(page, rho, share):
    expected = 1 - both_accept(rho, share) / share
    assert_close(page.compare(rho, share)[1], expected, atol=2e-4)


@pytest.mark.parametrize("share", SHARES)
def test_every_committee_accepts_its_share(page, share):
    for rho in RELIABILITIES:
        assert_close(page.chance(rho, share).mean(), share, atol=2e-5)


def test_chance_of_acceptance_is_the_normal_tail_at_each_quality(page):
    assert_close(page.chance(0.6, 0.3), odds(page.q, 0.6, 0.3), atol=1e-12)


def test_without_reliability_quality_does_not_matter(page):
    assert_close(page.chance(0, 0.3), np.full(10_000, 0.3), atol=1e-12)


def test_the_grid_has_the_moments_of_a_standard_normal(page):
    assert_close([page.q.mean(), page.q.var()], [0, 1], atol=1e-3)


def test_the_printed_table_falls_with_reliability(page):
    assert page.printed_by["committee"].startswith("录用率 25% 时：\n")
    for rho in (0, 0.25, 0.5, 0.75, 0.95):
        expected = [disagreement(rho, 0.25), 1 - both_accept(rho, 0.25) / 0.25]
        assert_close(line(page, f"可靠度 {rho:.2f}："), expected, atol=6e-4)


# --- calibration to the published experiments ----------------------------------


def test_the_2014_table_has_43_split_decisions_in_166_papers(page):
    assert page.papers == 166
    assert_close(page.differ_2014, 43 / 166, rtol=1e-12)


def test_the_2014_table_is_that_of_the_page(page):
    rows = re.findall(r"^\| \*\*甲..\*\* \| (\d+) \| (\d+) \|$", PAGE, re.M)
    (both_in, only_a), (only_b, both_out) = [map(int, row) for row in rows]
    told = [both_in, only_b, only_a, both_out]
    assert told == [page.both_in, page.only_b, page.only_a, page.both_out]


def test_the_2014_committees_accepted_44_and_43_papers(page):
    assert_close(page.share_2014, (44 + 43) / 2 / 166, rtol=1e-12)


def test_the_model_reproduces_the_overturned_share_of_2014(page):
    by_committee = (22 / 44 + 21 / 43) / 2  # mean of both views
    assert_close(page.overturned_2014, by_committee, atol=1e-3)


@pytest.mark.parametrize("year", (2014, 2021))
def test_calibration_solves_the_closed_form(page, year):
    differ, share = (getattr(page, f"{name}_{year}") for name in ("differ", "share"))
    root = optimize.brentq(lambda r: disagreement(r, share) - differ, 0.01, 0.99)
    assert_close(getattr(page, f"rho_{year}"), root, atol=1e-3)


def test_the_interval_of_2014_bounds_the_disagreement_by_two_errors(page):
    spread = norm.ppf(0.975) * math.sqrt(43 / 166 * 123 / 166 / 166)
    for rho, differ in (
        (page.worst, 43 / 166 + spread),
        (page.best, 43 / 166 - spread),
    ):
        assert_close(disagreement(rho, page.share_2014), differ, atol=1e-4)
    assert page.worst < page.rho_2014 < page.best


def test_the_famous_57_per_cent_divides_by_another_acceptance_rate(page):
    assert_close(line(page, "2014 若按录用率 22.5% 计："), [0.576], atol=1e-9)
    assert_close(43 / 166 / 2 / 0.225, 0.576, atol=5e-4)


def test_the_2021_share_makes_half_of_the_list_change(page):
    assert_close(page.share_2021, 0.23 / 1.012)
    assert_close(page.compare(page.rho_2021, page.share_2021), [0.23, 0.506], atol=1e-6)


def solved(differ: float, share: float) -> float:
    """The reliability at which the closed form disagrees so often."""
    return optimize.brentq(lambda r: disagreement(r, share) - differ, 0.01, 0.99)


def test_the_printed_2014_is_the_published_table_and_the_closed_form(page):
    share, differ = 87 / 332, 43 / 166
    assert page.printed_by["calibrate"].startswith("2014：166 篇，")
    assert_close(line(page, "2014："), [share, differ], atol=6e-4)
    spread = norm.ppf(0.975) * math.sqrt(differ * (1 - differ) / 166)
    rho, worst, best = (solved(differ + e, share) for e in (0, spread, -spread))
    overturned = 1 - both_accept(rho, share) / share
    assert "，95% 区间约 " in page.printed_by["calibrate"]
    printed = line(page, "录用被推翻")
    assert_close(printed[0], overturned, atol=6e-4)
    assert_close(printed[1:], [rho, worst, best], atol=6e-3)


def test_the_printed_2021_is_solved_by_the_closed_form(page):
    assert_close(line(page, "2021："), [0.23, solved(0.23, 0.23 / 1.012)], atol=6e-3)


def test_the_printed_noise_is_that_of_three_reviews(page):
    rho = solved(43 / 166, 87 / 332)
    expected = math.sqrt(3 * (1 - rho) / rho)
    assert_close(line(page, "一份评审的噪声")[0], expected, atol=6e-3)


def test_the_simulation_is_said_to_agree_where_it_does(page):
    share, differ = 87 / 332, 43 / 166
    overturned = 1 - both_accept(solved(differ, share), share) / share
    near = np.abs(np.subtract(line(page, "模拟：结论不同"), [differ, overturned]))
    assert f"与积分的差都小于 0.006：{bool(np.all(near < 0.006))}" in page.stdout_text


# --- the simulation ------------------------------------------------------------


def test_the_simulated_committees_disagree_as_the_closed_form_says(page):
    expected = disagreement(page.rho_2014, page.share_2014)
    error = math.sqrt(expected * (1 - expected) / len(page.quality))
    assert abs(np.mean(page.first != page.second) - expected) < 4 * error


def test_the_simulated_list_is_overturned_as_the_closed_form_says(page):
    expected = 1 - both_accept(page.rho_2014, page.share_2014) / page.share_2014
    error = math.sqrt(expected * (1 - expected) / page.first.sum())
    assert abs(np.mean(~page.second[page.first]) - expected) < 4 * error


def test_a_simulated_committee_accepts_its_share(page):
    assert_close(page.first.mean(), 87 / 332, atol=1e-5)


def test_the_printed_simulation_counts_split_and_overturned_papers(page):
    split = np.mean(page.first ^ page.second)
    overturned = (page.first & ~page.second).sum() / page.first.sum()
    assert_close(line(page, "模拟：结论不同"), [split, overturned], atol=6e-4)


def test_a_simulated_committee_prefers_the_better_papers(page):
    assert page.score[page.first].min() > page.score[~page.first].max()


def test_the_simulated_score_is_the_mean_of_three_reviews(page):
    spread = math.sqrt(1 + page.noise**2 / 3)
    assert_close(page.score.std(), spread, rtol=0.01)


def test_two_simulated_committees_correlate_by_the_reliability(page):
    scores = [page.accepted(page.quality, 3)[1] for _ in range(2)]
    assert_close(np.corrcoef(*scores)[0, 1], page.rho_2014, atol=0.008)


def test_the_score_correlates_with_quality_by_the_root_of_the_reliability(page):
    expected = math.sqrt(page.rho_2014)
    assert_close(np.corrcoef(page.score, page.quality)[0, 1], expected, atol=0.006)
    assert_close(line(page, "平均分与质量的相关"), [expected] * 2, atol=0.0101)


def test_one_review_holds_the_share_of_quality_that_three_were_built_from(page):
    single = page.rho_2014 / (3 - 2 * page.rho_2014)  # Spearman-Brown, backwards
    assert_close(line(page, "一份评审的噪声")[1], single, atol=6e-3)


# --- what the page asks the model ----------------------------------------------


@pytest.mark.parametrize("k", (3, 5, 9, 27))
def test_more_reviews_gain_what_spearman_brown_says(page, k):
    single = page.rho_2014 / (3 - 2 * page.rho_2014)
    rho = k * single / (1 + (k - 1) * single)
    differ = disagreement(rho, page.share_2014)
    overturned = differ / 2 / page.share_2014
    assert "，前 10% 被拒 " in line_of(page, f"{k:2d} 份评审：")
    printed = line(page, f"{k} 份评审：")
    assert_close(printed[0], rho, atol=6e-3)
    assert_close(printed[1:3], [differ, overturned], atol=1e-3)


@pytest.mark.parametrize("k", (3, 5, 9, 27))
def test_the_best_tenth_is_missed_as_often_as_the_integral_says(page, k):
    single = page.rho_2014 / (3 - 2 * page.rho_2014)
    rho = k * single / (1 + (k - 1) * single)
    caught = over_quality(lambda x: odds(x, rho, page.share_2014), norm.isf(0.1))
    assert_close(line(page, f"{k} 份评审：")[3], 1 - caught / 0.1, atol=1e-3)


@pytest.mark.parametrize("share", (0.1, 0.25, 0.5))
def test_a_choosier_venue_is_overturned_more_often(page, share):
    expected = 1 - both_accept(page.rho_2014, share) / share
    assert_close(line(page, f"录用率 {share:.2f}："), [expected], atol=1e-3)


@pytest.mark.parametrize("percent", (95, 90, 75, 50, 25))
def test_a_paper_s_chances_are_the_normal_tail_at_its_quantile(page, percent):
    one = odds(norm.ppf(percent / 100), page.rho_2014, page.share_2014)
    start = f"胜过 {percent}% 同行的论文："
    assert "，三次之内 " in line_of(page, start)
    chance, tries, within_three = line(page, start)
    assert_close(chance, one, atol=1e-3)
    assert_close(tries, 1 / one, atol=0.06)
    assert_close(within_three, 1 - (1 - one) ** 3, atol=1e-3)


@pytest.mark.parametrize("n", (1, 2, 3, 5))
def test_tries_add_up_over_all_papers_and_over_the_deserving(page, n):
    def within(x):
        return 1 - (1 - odds(x, page.rho_2014, page.share_2014)) ** n

    share = page.share_2014
    expected = [over_quality(within), over_quality(within, norm.isf(share)) / share]
    assert_close(line(page, f"最多投 {n} 次："), expected, atol=1e-3)


def test_three_tries_with_dice_end_like_the_formula(page):
    rng, size = np.random.default_rng(7), 100_000
    quality = rng.normal(size=size)
    passed = np.zeros(size, bool)
    for _ in range(3):
        score = math.sqrt(page.rho_2014) * quality
        score = score + rng.normal(0, math.sqrt(1 - page.rho_2014), size)
        passed |= score >= norm.isf(page.share_2014)
    assert_close(line(page, "最多投 3 次：")[0], passed.mean(), atol=0.006)


def test_the_mean_number_of_tries_has_no_limit_above_one_half(page):
    def mean_tries(cut: float) -> float:
        inside = np.linspace(-cut, cut, 20_001)
        tries = 1 / odds(inside, page.rho_2014, page.share_2014)
        return np.trapezoid(tries * norm.pdf(inside), inside)

    assert page.rho_2014 > 0.5
    assert mean_tries(6) > 1.5 * mean_tries(5) > 2 * mean_tries(4)


# --- the figure ----------------------------------------------------------------


def test_the_drawn_curves_are_three_and_five_reviews(page):
    three, five = (
        odds(page.q, 1 / (1 + page.noise**2 / k), page.share_2014) for k in (3, 5)
    )
    assert_close(page.p, three, atol=1e-9)
    assert_close(page.five, five, atol=1e-9)


def test_the_curve_without_noise_accepts_exactly_the_best(page):
    assert_close(page.perfect.mean(), page.share_2014, atol=1e-4)
    assert not page.perfect[0] and page.perfect[-1]


def test_each_curve_has_the_stroke_that_the_caption_names(page):
    wanted = (page.p, "C0", "-"), (page.five, "C1", "--"), (page.perfect, "k", ":")
    for curve, (chance, colour, stroke) in zip(page.axis.lines, wanted, strict=True):
        assert_close(curve.get_ydata(), chance[::50])
        assert_close(curve.get_xdata(), page.quantile[::50])
        assert same_color(curve.get_color(), colour)
        assert curve.get_linestyle() == stroke


def test_each_name_in_the_figure_has_the_colour_of_its_curve(page):
    colours = {text.get_text(): text.get_color() for text in page.axis.texts}
    assert colours == {"三份评审": "C0", "五份评审": "C1", "没有噪声": "black"}


# --- four papers by hand: resources/review_randomness_hand_python ----------------


@pytest.fixture(scope="module")
def hand(run_snippet):
    return run_snippet("resources/review_randomness_hand_python")


def outcomes(chances: list[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both committees' decisions on a paper, in all four ways, and their weights."""
    p = np.repeat(chances, 4)
    first = np.tile([1, 1, 0, 0], len(chances))
    second = np.tile([1, 0, 1, 0], len(chances))
    return first, second, np.where(first, p, 1 - p) * np.where(second, p, 1 - p)


def line_of(page, start: str) -> str:
    """The one printed line that begins so."""
    (found,) = [t for t in page.stdout_text.splitlines() if t.startswith(start)]
    return found


def by_sklearn(chances: list[float]) -> dict[str, float]:
    """What a weighted confusion of the two committees says."""
    first, second, weight = outcomes(chances)
    kept = recall_score(first, second, sample_weight=weight)
    return {
        "录用率": float(np.average(first, weights=weight)),
        "结论不同": float(zero_one_loss(first, second, sample_weight=weight)),
        "录用被推翻": 1 - float(kept),
    }


def test_each_committee_of_the_hand_case_accepts_its_two_best(hand):
    assert (hand.by_first, hand.by_second) == ({"A", "C"}, {"A", "B"})


def test_the_page_tells_the_qualities_and_errors_of_the_hand_case(hand):
    quality, first, second = zip(*hand.PAPERS.values(), strict=True)
    for words, numbers in (
        ("质量是 {}。", "、".join(map(str, quality))),
        ("甲委员会的误差依次是 {}，", signed(first)),
        ("乙委员会的是 {}。", signed(second)),
    ):
        assert words.format(numbers) in PAGE


def signed(errors: tuple[int, ...]) -> str:
    """``+1、−1、0``: errors as the page writes them."""
    return "、".join(f"{e:+d}".replace("-", "−") if e else "0" for e in errors)


def test_the_page_tells_the_chances_of_the_hand_case(hand):
    assert f"的 $p$ 是 {'、'.join(map(str, hand.CHANCES.values()))}" in PAGE


@pytest.mark.parametrize(("who", "chosen"), [("甲", "AC"), ("乙", "AB")])
def test_each_committee_is_printed_with_what_it_accepts(hand, who, chosen):
    assert line_of(hand, f"{who}的分数").endswith(f"录用 {[*chosen]}")


@pytest.mark.parametrize("who", "甲乙")
def test_the_page_tells_the_scores_that_are_printed(hand, who):
    scores = re.findall(r": (\d)", line_of(hand, f"{who}的分数"))
    assert f"{who}打出 {'、'.join(scores)}，" in PAGE


def test_the_hand_table_is_that_of_sklearn(hand):
    names = sorted(hand.PAPERS)
    first, second = (
        [name in chosen for name in names] for chosen in (hand.by_first, hand.by_second)
    )
    (rejected, only_second), (only_first, both) = confusion_matrix(first, second)
    split = only_first + only_second
    assert line_of(hand, "双方都录") == (
        f"双方都录 {both} 篇，只有一方录 {split} 篇，双方都拒 {rejected} 篇"
    )
    assert line(hand, "结论不同：2/4 =") == [zero_one_loss(first, second)]
    assert line(hand, "甲录用的，被乙推翻：") == [1 - recall_score(first, second)]


def test_the_hand_chances_give_what_sklearn_gives(hand):
    expected = by_sklearn(list(hand.CHANCES.values()))
    printed = line(hand, "平均：结论不同")
    assert_close(printed, [expected["结论不同"], expected["录用被推翻"]], atol=1e-9)


@pytest.mark.parametrize("name", "ABCD")
def test_the_printed_chances_of_a_paper_are_those_of_four_outcomes(hand, name):
    first, second, weight = outcomes([hand.CHANCES[name]])
    both, split = (weight[w].sum() for w in (first & second == 1, first != second))
    assert_close(line(hand, f"{name}：双方都录"), [both, split], atol=1e-9)


# --- practice: resources/review_randomness_practice_python -----------------------

PRACTICE = ROOT / "snippets/resources/review_randomness_practice_python.py"
SOLUTION = """
def compare(chances):
    accepted = sum(chances)
    both = sum(p * p for p in chances)
    return {
        "录用率": accepted / len(chances),
        "结论不同": 2 * (accepted - both) / len(chances),
        "录用被推翻": 1 - both / accepted,
    }
"""
WRONG = [
    ("2 * (accepted - both)", "(accepted - both)"),
    ("2 * (accepted - both)", "2 * both"),
    ("1 - both / accepted", "both / accepted"),
    ("1 - both / accepted", "1 - both / len(chances)"),
    ("1 - both / accepted", "2 * (accepted - both) / accepted"),
    ("p * p for p", "p * (1 - p) for p"),
    ('"录用率": accepted / len(chances)', '"录用率": accepted'),
    ("both = sum(p * p for p in chances)", "both = accepted**2 / len(chances)"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_sklearn_gives(case: tuple) -> None:
    _, given, expected, _ = case
    found = by_sklearn(given["chances"])
    assert list(found) == list(expected)
    assert_close(list(found.values()), list(expected.values()), atol=1e-6)


def test_the_answer_of_the_page_passes_the_practice() -> None:
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_answer_passes_the_practice() -> None:
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_to_a_slip() -> None:
    shown = PAGE.split("```{.text .hb-said}\n")[1].split("\n```")[0]
    assert practice.failing(PRACTICE, SOLUTION, WRONG[0]) == shown


# --- the exercises ---------------------------------------------------------------


def test_exercise_1_divides_half_of_the_split_by_both_rates() -> None:
    half, rate = (26 + 24) / 2 / 200, (30 + 26 + 30 + 24) / 2 / 200
    own = f"$25/200={half:.3f}$。这 200 篇自己的录用率是 $(56+54)/2/200={rate:.3f}$。"
    told = f"除以 0.22 得 {half / 0.22:.3f}，除以 {rate:.3f} 得 {half / rate:.3f}。"
    assert own + told in PAGE


def test_exercise_2_is_what_sklearn_gives() -> None:
    found = by_sklearn([0.8, 0.7, 0.3, 0.2])
    told = "结论不同 {结论不同:.2f}，录用被推翻 {录用被推翻:.2f}".format(**found)
    assert told in PAGE


@pytest.mark.parametrize("k", (1, 2))
def test_exercise_4_is_the_closed_form_of_fewer_reviews(page, k) -> None:
    rho = 1 / (1 + page.noise**2 / k)
    differ = disagreement(rho, page.share_2014)
    told = f"结论不同 {differ:.3f}，录用被推翻 {differ / 2 / page.share_2014:.3f}"
    assert told in PAGE
