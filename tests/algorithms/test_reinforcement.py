"""The reinforcement page: a grid, a lake, a cliff, a corridor, a clock that runs out.

References that the programs never call: linear programs of ``scipy``, enumeration of
all action sequences, returns summed along paths, exact fractions, gymnasium's own table
of the cliff, a second learner that plays on it, ``torch`` for the practice.
"""

import itertools
import math
import re
from fractions import Fraction

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from matplotlib.colors import same_color
from scipy.optimize import linprog

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, named, numbers

PAGE = ROOT / "docs/algorithms/reinforcement.md"
FIGURES = ROOT / "docs/assets/figures"
PRACTICE = ROOT / "snippets/algorithms/reinforcement_practice_numpy.py"
CELLS = {"左上": (0, 0), "右上": (0, 1), "左下": (1, 0), "右下": (1, 1)}
PAY = {"左下": -1, "右下": 1}
WAYS = {"上": (-1, 0), "右": (0, 1), "下": (1, 0), "左": (0, -1)}
GAMMA = Fraction(9, 10)


@pytest.fixture
def grid(run_snippet):
    return run_snippet("algorithms/reinforcement_numpy")


@pytest.fixture
def cliff(run_snippet):
    return run_snippet("algorithms/reinforcement_cliff_numpy")


@pytest.fixture
def ties(run_snippet):
    return run_snippet("algorithms/reinforcement_ties_numpy")


@pytest.fixture
def cut(run_snippet):
    return run_snippet("algorithms/reinforcement_truncation_numpy")


def page():
    return PAGE.read_text(encoding="utf-8")


def go(cell, way):
    """The next cell and its pay, by coordinates."""
    row, column = (x + d for x, d in zip(CELLS[cell], WAYS[way], strict=True))
    there = {place: name for name, place in CELLS.items()}.get((row, column), cell)
    return there, PAY.get(there, 0)


def along(cell, ways):
    """The discounted return of some actions, exactly."""
    total = Fraction(0)
    for t, way in enumerate(ways):
        cell, pay = go(cell, way)
        total += GAMMA**t * pay
    return total


def followed(policy, cell):
    """The return of 400 steps under a policy: {cell: way}."""
    total = 0.0
    for t in range(400):
        cell, pay = go(cell, policy[cell])
        total += 0.9**t * pay
    return total


def values(policy):
    return {cell: followed(policy, cell) for cell in CELLS}


def optimum(P, R, gamma):
    """The smallest V that no action improves: a linear program."""
    n, actions = R.shape
    above = np.vstack([gamma * P[:, a] - np.eye(n) for a in range(actions)])
    found = linprog(np.ones(n), above, -R.T.ravel(), bounds=(None, None))
    return found.x


def grid_tables():
    P, R, names = np.zeros((4, 4, 4)), np.zeros((4, 4)), list(CELLS)
    for (s, cell), (a, way) in itertools.product(enumerate(CELLS), enumerate(WAYS)):
        there, R[s, a] = go(cell, way)
        P[s, a, names.index(there)] = 1
    return P, R


def lake_table(name="FrozenLake-v1", **options):
    """(P, R) of gymnasium's table, where what ends goes nowhere."""
    table = gymnasium.make(name, **options).unwrapped.P
    n, actions = len(table), len(table[0])
    P, R = np.zeros((n, actions, n)), np.zeros((n, actions))
    for s, a in itertools.product(range(n), range(actions)):
        for p, there, pay, ended in table[s][a]:
            R[s, a] += p * pay
            if not ended:
                P[s, a, there] += p
    return P, R


# --- the grid -----------------------------------------------------------------------


def test_the_printed_moves_are_those_of_the_grid(grid):
    lines = grid.printed_by["model"].splitlines()
    moves = {way: go("左上", way) for way in WAYS}
    assert lines == [f"左上向{w}：到{c}，奖励 {pay}" for w, (c, pay) in moves.items()]


def test_printed_values_of_going_right_are_the_returns_of_its_path(grid):
    found = named(grid.printed_by["evaluate"], "总向右走：")
    expected = values(dict.fromkeys(CELLS, "右"))
    assert list(found) == list(CELLS)
    assert found == pytest.approx(expected, abs=6e-3)


def test_printed_values_of_a_random_walk_average_over_all_walks(grid):
    """The mean over all walks, by passing the mean pay on from step to step."""
    here = {cell: {cell: 1.0} for cell in CELLS}
    total = dict.fromkeys(CELLS, 0.0)
    for t in range(400):
        for start, chances in here.items():
            new = dict.fromkeys(CELLS, 0.0)
            for cell, p in chances.items():
                for way in WAYS:
                    there, pay = go(cell, way)
                    new[there] += p / 4
                    total[start] += 0.9**t * p / 4 * pay
            here[start] = new
    found = named(grid.printed_by["evaluate"], "随机走：")
    assert list(found) == list(CELLS)
    assert found == pytest.approx(total, abs=6e-3)


def improved(policy):
    """Every cell's better action, the old one where none is better."""
    V, new = values(policy), {}
    for cell in CELLS:
        worth = {}
        for way in WAYS:
            there, pay = go(cell, way)
            worth[way] = round(pay + 0.9 * V[there], 9)
        best = max(worth.values())
        ways = [way for way in WAYS if worth[way] == best]
        new[cell] = policy[cell] if policy[cell] in ways else ways[0]
    return new


def test_printed_policy_iteration_improves_until_nothing_changes(grid):
    printed = grid.printed_by["improve"]
    policy, steps = dict.fromkeys(CELLS, "上"), 0
    while True:
        assert line_of(printed, f"策略 {steps}：") == " ".join(policy.values())
        found = named(printed, f"价值 {steps}：")
        assert list(found) == list(CELLS)
        assert found == pytest.approx(values(policy), abs=6e-3)
        steps += 1
        if improved(policy) == policy:
            break
        policy = improved(policy)
    assert printed.count("策略 ") == steps == 3


def test_the_last_policy_is_the_linear_program_s_optimum(grid):
    P, R = grid_tables()
    found = named(grid.printed_by["improve"], "价值 2：")
    best = optimum(P, R, 0.9)
    assert list(found.values()) == pytest.approx(best, abs=6e-3)
    assert best == pytest.approx([9, 10, 10, 10])
    q = named(grid.printed_by["improve"], "左上的 Q：")
    assert list(q) == list(WAYS)
    worth = [R[0, a] + 0.9 * P[0, a] @ best for a in range(4)]
    assert list(q.values()) == pytest.approx(worth, abs=1e-9)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_printed_round_k_is_the_best_return_of_k_steps(grid, k):
    found = named(grid.printed_by["iterate"], f"第 {k} 轮：")
    best = {
        cell: float(
            max(along(cell, ways) for ways in itertools.product(WAYS, repeat=k))
        )
        for cell in CELLS
    }
    assert list(found) == list(CELLS)
    assert found == pytest.approx(best, abs=6e-3)


@pytest.mark.parametrize("k", [10, 100])
def test_late_rounds_are_geometric_sums(grid, k):
    found = named(grid.printed_by["iterate"], f"第 {k} 轮：")
    near = 10 * (1 - 0.9**k)
    far = 0.9 * 10 * (1 - 0.9 ** (k - 1))
    assert list(found.values()) == pytest.approx([far, near, near, near], abs=6e-3)


def test_the_printed_error_shrinks_by_gamma(grid):
    printed = grid.printed_by["iterate"]
    errors = after(printed, "前四轮的误差：")
    assert errors == pytest.approx([10 * 0.9**k for k in range(1, 5)], abs=6e-5)
    assert after(printed, "相邻两轮之比：") == [0.9, 0.9]


def test_one_round_is_enough_for_the_best_policy(grid):
    found = line_of(grid.printed_by["iterate"], "第 1 轮的贪心策略：").split(" ")
    sequences = list(itertools.product(WAYS, repeat=3))
    for cell, way in zip(CELLS, found, strict=True):
        best = max(along(cell, ways) for ways in sequences)
        assert way in {ways[0] for ways in sequences if along(cell, ways) == best}
    assert found == line_of(grid.printed_by["improve"], "策略 2：").split(" ")
    assert "第 1 轮的误差还有 9，由它得到的策略却已经最优" in page()


def test_an_action_as_good_as_the_best_is_kept(grid):
    P, R = grid_tables()
    lazy = np.array([3, 0, 0, 0])  # 左 at 左上: nothing there is better yet
    policies = [choice for choice, _ in grid.policy_iteration(lazy, P, R, 0.9)]
    assert [list(choice) for choice in policies] == [
        [3, 0, 0, 0],
        [3, 2, 1, 1],
        [1, 2, 1, 1],
    ]


# --- the lake -----------------------------------------------------------------------


def test_the_printed_lake_value_is_the_linear_program_s(grid):
    P, R = lake_table()
    best = optimum(P, R, 0.9)[0]
    (line,) = grid.printed_by["library"].splitlines()
    found, played, error = numbers(line.replace("3000", ""))
    assert found == pytest.approx(best, abs=6e-4)
    assert abs(played - best) < 4 * error


def test_the_printed_standard_error_is_the_return_s_own(grid):
    """One reward of 1 at the end: the square's mean is the value at gamma squared."""
    P, R = lake_table()
    best = optimum(P, R, 0.9)
    choice = (R + 0.9 * P @ best).round(9).argmax(axis=1)
    moves, pays = P[range(16), choice], R[range(16), choice]
    square = np.linalg.solve(np.eye(16) - 0.81 * moves, pays)[0]
    error = math.sqrt((square - best[0] ** 2) / 3000)
    (line,) = grid.printed_by["library"].splitlines()
    assert numbers(line)[-1] == pytest.approx(error, abs=6e-4)


def test_the_printed_mean_is_that_of_3000_games_played_again(grid):
    P, R = lake_table()
    choice = (R + 0.9 * P @ optimum(P, R, 0.9)).round(9).argmax(axis=1)
    lake = gymnasium.make("FrozenLake-v1")
    lake.reset(seed=0)
    total, s, steps, games = 0.0, 0, 0, 0
    while games < 3000:
        s, pay, terminated, truncated, _ = lake.step(int(choice[s]))
        total += pay * 0.9**steps
        steps += 1
        if terminated or truncated:
            s, steps, games = lake.reset()[0], 0, games + 1
    (line,) = grid.printed_by["library"].splitlines()
    assert numbers(line)[-2] == pytest.approx(total / 3000, abs=6e-4)
    assert "玩 3000 局" in line


@pytest.mark.parametrize("gamma", [0.5, 0.9, 0.99])
def test_the_page_s_functions_solve_the_lake_as_the_linear_program_does(grid, gamma):
    P, R = lake_table()
    best = optimum(P, R, gamma)
    *_, V = grid.value_iteration(P, R, gamma, 3000)
    np.testing.assert_allclose(V, best, atol=1e-9)
    *_, (choice, V) = grid.policy_iteration(np.zeros(16, int), P, R, gamma)
    np.testing.assert_allclose(V, best, atol=1e-9)
    np.testing.assert_allclose(
        grid.evaluate(np.eye(4)[choice], P, R, gamma), best, atol=1e-9
    )


# --- the cliff ----------------------------------------------------------------------

TABLE = gymnasium.make("CliffWalking-v1").unwrapped.P
GYM = [0, 2, 3, 1]  # our up, down, left, right in gymnasium's numbers
METHODS = ["Q 学习", "Sarsa"]


def test_the_cliff_is_gymnasium_s(cliff):
    for s in range(48):
        if cliff.START < s <= cliff.GOAL:
            continue
        for a in range(4):
            ((_, there, pay, ended),) = TABLE[s][GYM[a]]
            assert cliff.step(s, a) == (there, pay, ended, pay == -100)


@pytest.fixture(scope="module")
def played():
    """{method: (returns (20, 1000), falls (20,), greedy paths)}, played again."""
    return {method: [play(method, seed) for seed in range(20)] for method in METHODS}


def play(method, seed, redraw=False):
    rng = np.random.default_rng(seed)
    Q = {(s, a): 0.0 for s in range(48) for a in range(4)}

    def best(s):
        return max(range(4), key=lambda a: Q[s, a])

    def draw(s):
        return int(rng.integers(4)) if rng.random() < 0.1 else best(s)

    returns, falls = [], 0
    for _ in range(1000):
        s, a, total, ended = 36, draw(36), 0, False
        while not ended:
            ((_, there, pay, ended),) = TABLE[s][GYM[a]]
            b = draw(there)
            later = 0 if ended else Q[there, b if method == "Sarsa" else best(there)]
            Q[s, a] += 0.1 * (pay + later - Q[s, a])
            s, a, total = there, draw(there) if redraw else b, total + pay
            falls += pay == -100
        returns.append(total)
    path = [36]
    while path[-1] != 47 and len(path) < 100:
        path.append(TABLE[path[-1]][GYM[best(path[-1])]][0][1])
    return returns, falls, path


def part(cliff, method):
    """The three lines that a method printed."""
    text = cliff.printed_by["compare"].split(f"{method}（20 个种子，各 1000 局）\n")[1]
    return text.splitlines()[:3]


@pytest.mark.parametrize("method", METHODS)
def test_printed_returns_are_those_of_a_learner_on_gymnasium_s_cliff(
    cliff, played, method
):
    late = [np.mean(returns[900:]) for returns, _, _ in played[method]]
    line = part(cliff, method)[0]
    assert line.startswith("  边学边走，最后 100 局的平均回报")
    found = numbers(line)[1:]
    assert found == pytest.approx([np.mean(late), min(late), max(late)], abs=0.06)


@pytest.mark.parametrize("method", METHODS)
def test_printed_falls_are_those_of_a_learner_on_gymnasium_s_cliff(
    cliff, played, method
):
    falls = [fell for _, fell, _ in played[method]]
    (found,) = numbers(part(cliff, method)[1])
    assert found == pytest.approx(np.mean(falls), abs=0.51)


@pytest.mark.parametrize("method", METHODS)
def test_printed_greedy_paths_all_arrive(cliff, played, method):
    steps = [len(path) - 1 for *_, path in played[method] if path[-1] == 47]
    assert len(steps) == 20
    line = part(cliff, method)[2]
    assert line.startswith("  学完只走贪心，")
    assert numbers(line) == [20, min(steps), max(steps)]


def test_q_learning_s_path_is_the_shortest():
    """11 cells to the right, up once, down once: no way is shorter than 13."""
    reached, front, steps = {36}, {36}, 0
    while 47 not in front:
        front = {TABLE[s][a][0][1] for s in front for a in range(4)} - reached
        reached |= front
        steps += 1
    assert steps == 13


def soft_return(choice):
    """The exact mean return from the start, if 1 of 10 moves is drawn."""
    P, R = lake_table("CliffWalking-v1")
    pi = 0.025 + 0.9 * np.eye(4)[choice]
    moves = np.einsum("sa,sat->st", pi, P)
    pays = (pi * R).sum(axis=1)
    moves[37:], pays[37:] = 0, 0
    return np.linalg.solve(np.eye(48) - moves, pays)


EDGE = np.full(48, 1)
EDGE[36], EDGE[[11, 23, 35]] = 0, 2
HASTY = np.where(np.arange(48) < 24, 2, EDGE)  # off the edge, down at once


def best_of_those_who_explore():
    P, R = lake_table("CliffWalking-v1")
    choice = np.zeros(48, int)
    for _ in range(100):
        choice = (R + P @ soft_return(choice)).round(9).argmax(axis=1)
    return choice


def test_the_edge_costs_as_much_as_q_learning_pays_for_it(cliff):
    mean = numbers(part(cliff, "Q 学习")[0])[1]
    assert mean == pytest.approx(soft_return(EDGE)[36], abs=4)


def test_sarsa_comes_close_to_the_best_of_those_who_must_explore(cliff):
    mean = numbers(part(cliff, "Sarsa")[0])[1]
    assert mean == pytest.approx(soft_return(best_of_those_who_explore())[36], abs=1)


def test_the_curves_are_means_of_25_games(cliff, played):
    upper = cliff.axes[0]
    lines = {line.get_label(): line for line in upper.lines}
    for method, colour in zip(METHODS, ["C1", "C0"], strict=True):
        means = np.mean([returns for returns, *_ in played[method]], axis=0)
        blocks = [np.mean(means[i : i + 25]) for i in range(0, 1000, 25)]
        np.testing.assert_allclose(lines[method].get_ydata(), blocks)
        middles = [i + 12.5 for i in range(0, 1000, 25)]
        np.testing.assert_allclose(lines[method].get_xdata(), middles)
        assert same_color(lines[method].get_color(), colour)
    assert upper.get_ylim() == (-100, 0)
    assert list(upper.get_xticks()) == [0, 500, 1000]


def test_the_paths_are_drawn_through_the_middles_of_their_cells(cliff, played):
    lower = cliff.axes[1]
    drawn = {line.get_linestyle(): line.get_xydata() for line in lower.lines}
    for method, style in zip(METHODS, ["--", "-"], strict=True):
        path = played[method][0][2]
        cells = [(s % 12 + 0.5, s // 12 + 0.5) for s in path]
        np.testing.assert_allclose(drawn[style], cells)
    assert (lower.get_xlim(), lower.get_ylim()) == ((0, 12), (4, 0))
    (word,) = lower.texts
    assert (word.get_text(), *word.get_position()) == ("悬崖", 6, 3.5)  # row 3


# --- the corridor -------------------------------------------------------------------


def climb(p):
    """Mean steps from cell 0 to cell 3: one cell further costs d, exactly."""
    d, total = Fraction(0), Fraction(0)
    for i in range(3):
        d = 1 / p + (1 - p) / p * d if i else 1 / p
        total += d
    return total


def test_the_exact_steps_are_the_fractions(ties):
    printed = ties.printed_by["exact"]
    assert after(printed, "只靠探索向右（p = 0.05）：") == [climb(Fraction(1, 20))]
    assert after(printed, "两边各一半（p = 0.5）：") == [climb(Fraction(1, 2))]
    assert climb(Fraction(1, 20)) == 8040
    assert climb(Fraction(1, 2)) == 12


def walk(seed, ties_at_random, start):
    rng, steps, place = np.random.default_rng(seed), 0, 0
    Q = {(s, a): start for s in range(3) for a in (0, 1)}
    while place < 3:
        if rng.random() < 0.1:
            a = int(rng.integers(2))
        elif Q[place, 0] == Q[place, 1] and ties_at_random:
            a = int(rng.choice([0, 1]))
        else:
            a = 1 if Q[place, 1] > Q[place, 0] else 0
        there = max(place + (1 if a else -1), 0)
        if there < 3:
            worth = 0.9 * max(Q[there, 0], Q[there, 1])
            Q[place, a] += 0.5 * (worth - Q[place, a])
        steps, place = steps + 1, there
    return steps


@pytest.mark.parametrize(
    ("name", "at_random", "start"),
    [
        ("从 0 开始，平局选第一个", False, 0.0),
        ("从 0 开始，平局随机选", True, 0.0),
        ("从 1 开始，平局选第一个", False, 1.0),
    ],
    ids=["first", "random", "optimistic"],
)
def test_printed_steps_are_those_of_200_walks(ties, name, at_random, start):
    steps = [walk(seed, at_random, start) for seed in range(200)]
    mean, least, most = after(ties.printed_by["compare"], f"{name}：")
    assert mean == pytest.approx(np.mean(steps), abs=0.51)
    assert [least, most] == [min(steps), max(steps)]


@pytest.mark.parametrize(
    ("name", "p"),
    [("从 0 开始，平局选第一个", 0.05), ("从 0 开始，平局随机选", 0.5)],
    ids=["first", "random"],
)
def test_printed_means_lie_near_the_exact_ones(ties, name, p):
    mean, *_ = after(ties.printed_by["compare"], f"{name}：")
    exact = float(climb(Fraction(p).limit_denominator(100)))
    assert mean == pytest.approx(exact, rel=0.25)


def test_argmax_never_turns_right_and_a_drawn_tie_does_half_the_time(ties):
    printed = ties.printed_by["ties"]
    assert after(printed, "argmax：") == [100, 0]
    rng = np.random.default_rng(0)
    right = sum(int(rng.choice([0, 1])) for _ in range(100))
    assert after(printed, "平局随机选：") == [100, right]
    assert 35 < right < 65


def test_each_way_starts_from_the_number_that_it_names(ties):
    """Any positive start walks alike: no step shows its size."""
    for name, (greedy, start) in ties.ways.items():
        assert name.startswith(f"从 {start} 开始，")
        assert (greedy is ties.random_tie) == name.endswith("随机选")


def test_a_drawn_tie_takes_only_the_best_actions(ties):
    rng, q = np.random.default_rng(1), np.array([1.0, 3.0, 2.0, 3.0])
    assert {ties.random_tie(q, rng) for _ in range(60)} == {1, 3}
    assert ties.first(q, rng) == 1


# --- the clock ----------------------------------------------------------------------

CUTS = ["当成终点，后继记 0", "用重置后的状态", "用截断前的最后状态"]
ONE_OF_18 = Fraction(1, 18)  # of 20 steps, 18 leave the third state; one is cut


def settled(name):
    """(V0, V1, V2), where the updates of a whole episode cancel."""
    lost = {
        "当成终点，后继记 0": 0,
        "用重置后的状态": GAMMA**2,
        "用截断前的最后状态": 1,
    }
    v = 1 / (1 - GAMMA * (1 - ONE_OF_18 + ONE_OF_18 * lost[name]))
    return [float(GAMMA**2 * v), float(GAMMA * v), float(v)]


def test_the_printed_true_values_are_geometric_sums(cut):
    sums = [sum(0.9**t for t in range(start, 400)) for start in (2, 1, 0)]
    assert after(cut.printed_by["task"], "真正的价值：") == pytest.approx(
        sums, abs=6e-3
    )


@pytest.mark.parametrize("name", CUTS)
def test_printed_values_settle_where_the_updates_cancel(cut, name):
    found = after(cut.printed_by["learn"], f"{name}：")
    assert found == pytest.approx(settled(name), abs=6e-3)


def test_only_the_last_state_gives_the_true_values():
    assert settled(CUTS[0])[2] == pytest.approx(1 / 0.15)
    assert settled(CUTS[1])[2] == pytest.approx(1 / 0.1095)
    assert settled(CUTS[2]) == pytest.approx([8.1, 9, 10])


@pytest.mark.parametrize("name", CUTS)
def test_printed_values_are_those_of_the_last_of_30000_episodes(cut, name):
    """Played again, one number a state, the mean over the last episode's 20 steps."""
    v0 = v1 = v2 = 0.0
    sums = [0.0, 0.0, 0.0]
    for episode in range(30_000):
        v0 += 0.001 * (0.9 * v1 - v0)
        if episode == 29_999:
            sums = [v0, v1, v2]
        v1 += 0.001 * (0.9 * v2 - v1)
        if episode == 29_999:
            sums = [a + b for a, b in zip(sums, (v0, v1, v2), strict=True)]
        for t in range(18):
            later = {CUTS[0]: 0, CUTS[1]: v0, CUTS[2]: v2}[name] if t == 17 else v2
            v2 += 0.001 * (1 + 0.9 * later - v2)
            if episode == 29_999:
                sums = [a + b for a, b in zip(sums, (v0, v1, v2), strict=True)]
    found = after(cut.printed_by["learn"], f"{name}：")
    assert found == pytest.approx([x / 20 for x in sums], abs=5.1e-3)


def fallen(state):
    return abs(state[0]) > 2.4 or abs(state[2]) > math.radians(12)


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("一直推右", lambda obs: 1),
        ("往倒的方向推", lambda obs: int(obs[2] > -obs[3])),
    ],
    ids=["right", "leaning"],
)
def test_printed_flags_say_whether_the_pole_fell_or_the_clock_ran_out(cut, name, act):
    pole = gymnasium.make("CartPole-v1").unwrapped  # no clock
    obs, _ = pole.reset(seed=0)
    steps = 0
    while not fallen(obs) and steps < 20:
        obs, *_ = pole.step(act(obs))
        steps += 1
    fell = fallen(obs)
    expected = f"{steps} 步，terminated {fell}，truncated {steps == 20}"
    assert line_of(cut.printed_by["library"], f"{name}：") == expected
    assert fell == (steps < 20)


def test_the_program_pushes_where_the_pole_leans_and_turns(cut):
    for angle, speed in itertools.product([-0.2, -0.1, 0.1, 0.2], [-0.15, 0, 0.15]):
        obs = [0, 0, angle, speed]
        assert cut.rules["往倒的方向推"](obs) == (angle > -speed)
        assert cut.rules["一直推右"](obs) == 1


@pytest.mark.parametrize("lean", [False, True])
def test_no_other_seed_of_cartpole_ends_otherwise(lean):
    pole = gymnasium.make("CartPole-v1", max_episode_steps=20)
    for seed in range(60):
        obs, _ = pole.reset(seed=seed)
        terminated = truncated = False
        while not (terminated or truncated):
            push = int(obs[2] + obs[3] > 0) if lean else 1
            obs, _, terminated, truncated, _ = pole.step(push)
        assert (terminated, truncated) == (not lean, lean)


class Right(gymnasium.Env):
    """Counts its steps: what four times 「右」 on the ice does before the third."""

    observation_space = gymnasium.spaces.Discrete(16)
    action_space = gymnasium.spaces.Discrete(4)

    def reset(self, *, seed=None, options=None):
        self.place = 0
        return 0, {}

    def step(self, action):
        self.place += 1
        return self.place, 0.0, False, self.place == 3, {}


@pytest.mark.parametrize("mode", ["NEXT_STEP", "SAME_STEP"])
def test_printed_observations_of_a_vector_are_those_of_a_counter(cut, mode):
    envs = SyncVectorEnv([Right], autoreset_mode=AutoresetMode[mode])
    envs.reset()
    lines = []
    for t in range(1, 5):
        obs, _, _, truncated, info = envs.step(np.array([0]))
        line = f"  第 {t} 步：obs {obs[0]}，truncated {truncated[0]}"
        if "final_obs" in info:
            line += f"，final_obs {info['final_obs'][0]}"
        lines.append(line)
    printed = cut.printed_by["vector"].splitlines()
    assert [x for x in printed if "步" not in x] == ["NEXT_STEP", "SAME_STEP"]
    start = printed.index(mode) + 1
    assert printed[start : start + 2] == lines[2:]


def test_the_step_after_the_end_ignores_its_action_and_pays_nothing():
    envs = gymnasium.make_vec("CartPole-v1", 1, "sync", max_episode_steps=2)
    assert envs.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    envs.reset(seed=0)
    for _ in range(2):
        _, pay, *_ = envs.step(np.array([1]))
        assert pay == [1]
    obs, pay, terminated, truncated, _ = envs.step(np.array([1]))
    assert [pay[0], terminated[0], truncated[0]] == [0, False, False]
    assert np.abs(obs).max() <= 0.05  # where CartPole starts


# --- what the page says by hand -----------------------------------------------------


def test_the_hand_s_values_are_the_returns_of_their_paths():
    assert followed(dict.fromkeys(CELLS, "右"), "右下") == pytest.approx(10)
    best = {"左上": "右", "右上": "下", "左下": "右", "右下": "右"}
    assert values(best) == pytest.approx(
        {"左上": 9, "右上": 10, "左下": 10, "右下": 10}
    )
    mud = go("左上", "下")[1] + 0.9 * followed(best, "左下")
    assert mud == pytest.approx(8)
    assert r"往右，$0+0.9\times10=9$；往下踩一脚泥，$-1+0.9\times10=8$" in page()


def test_the_chance_of_a_fall_on_the_way_is_the_page_s():
    assert f"{1 - (1 - 0.1 / 4) ** 10:.0%}" == "22%"
    assert r"$1-0.975^{10}=22\%$" in page()


def test_the_lake_s_numbers_in_the_text_are_the_printed_ones(grid):
    (line,) = grid.printed_by["library"].splitlines()
    value, _, mean, error = numbers(line)
    assert f"算出来是 {value}；" in page()
    assert f"玩 3000 局，平均回报也是 {mean}，误差约 {error}。" in page()


def test_the_cliff_s_numbers_in_the_text_are_the_printed_ones(cliff):
    said = line_of(page(), "Q 学习学到最短的路，")
    for method in METHODS:
        mean = -numbers(part(cliff, method)[0])[1]
        (falls,) = numbers(part(cliff, method)[1])
        assert f"平均回报只有 −{mean}" in said or f"平均回报 −{mean}" in said
        assert f" {falls:.0f} 次" in said


def test_the_cliff_s_exact_numbers_in_the_text_are_the_table_s():
    said = line_of(page(), "Q 学习学到最短的路，")
    right, down = -soft_return(EDGE)[36], -soft_return(HASTY)[36]
    exact = f"偏开之后先往右走，平均 −{right:.1f}，马上往下回崖边，−{down:.1f}；"
    assert f"带着一成的试探走最短的路，{exact}" in said
    choice = best_of_those_who_explore()
    path = [36]
    while path[-1] != 47:
        path.append(TABLE[path[-1]][choice[path[-1]]][0][1])
    mean = -soft_return(choice)[36]
    assert f"与悬崖隔一行，{len(path) - 1} 步，−{mean:.1f}。" in said
    assert {s // 12 for s in path[2:-2]} == {1}  # row 2 lies at the edge


def test_the_worst_seed_of_sarsa_beats_the_best_of_q_learning(cliff):
    assert "20 个种子里它最差的一次，也好过 Q 学习最好的一次" in page()
    _, _, _, best = numbers(part(cliff, "Q 学习")[0])
    _, _, worst, _ = numbers(part(cliff, "Sarsa")[0])
    assert worst > best


def test_the_lengths_of_the_cliff_s_ways_in_the_text_are_the_printed_ones(cliff):
    (_, *short), (_, *far) = (numbers(part(cliff, method)[2]) for method in METHODS)
    assert short == [13, 13]
    assert [n - 13 for n in far] == [2, 4]
    assert "Q 学习学到最短的路，20 个种子都是 13 步" in page()
    assert "绕远两到四步" in page()
    assert "最短的路贴着悬崖，13 步；最远的绕到最上一行，17 步" in page()


def test_a_second_draw_of_sarsa_s_action_changes_little_at_the_cliff(cliff):
    assert "又重新选一次动作" in page()
    assert "悬崖上的结果也差不多" in page()
    again = [play("Sarsa", seed, redraw=True) for seed in range(6)]
    late = np.mean([returns[900:] for returns, *_ in again])
    falls = np.mean([fell for _, fell, _ in again])
    assert late == pytest.approx(numbers(part(cliff, "Sarsa")[0])[1], abs=3)
    assert falls == pytest.approx(numbers(part(cliff, "Sarsa")[1])[0], rel=0.1)


def test_the_figure_s_two_targets_move_q_as_the_text_says():
    assert -3 + 0.5 * (-101 + 3) == -52
    assert r"从 −3 改成 $-3+0.5\times(-101+3)=-52$；Q 学习的目标就是 −3" in page()
    for name, target in [("sarsa", "−101"), ("q", "−3")]:
        assert texts(f"backup-{name}")[-1].endswith(f" = {target}")
        assert "= −3</text>" in source(f"backup-{name}").split("−8")[0]


def test_the_corridor_s_numbers_in_the_text_are_the_printed_ones(ties):
    printed = ties.printed_by["compare"]
    means = [int(numbers(x)[1]) for x in printed.splitlines()]
    first, drawn, hopeful = round(means[0], -3), *means[1:]
    said = f"第一种平均要 {first} 步左右，第二种 {drawn} 步，第三种 {hopeful} 步。"
    assert said in page()
    third = 20 + 19 * 400
    assert 20 + 400 + third == climb(Fraction(1, 20))
    by_hand = r"20、$20+19\times20=400$、$20+19\times400=7620$，一共 8040 步"
    assert by_hand in page()
    assert third == 7620
    assert f"$2+4+6={climb(Fraction(1, 2))}$" in page()


def test_the_clock_s_numbers_in_the_text_are_the_printed_ones(cut):
    printed = cut.printed_by["learn"]
    last = {name: line_of(printed, f"{name}：").split("，")[-1] for name in CUTS}
    assert f"只有第三种学到 {last[CUTS[2]]}。记 0 为什么是 {last[CUTS[0]]}？" in page()
    assert [x == "10.00" for x in last.values()] == [False, False, True]
    assert r"解得 $V=1/0.15\approx6.67$" in page()


def test_the_longer_the_clock_the_smaller_the_loss_of_taking_its_end_for_an_end():
    assert "上限越短，低估得越多" in page()
    lost = [1 / (1 - 0.9 * (n - 3) / (n - 2)) for n in (5, 10, 20, 50, 500)]
    assert lost == sorted(lost)
    assert lost[2] == pytest.approx(settled(CUTS[0])[2])


def better_left_above(pays, gamma, slip=0.0):
    """({cell: value}, worth of going right, of going down) from 左上, by sweeps."""
    V = dict.fromkeys(CELLS, 0.0)
    for _ in range(3000):
        V = {c: max(worth(c, w, V, pays, gamma, slip) for w in WAYS) for c in CELLS}
    return V, *(worth("左上", way, V, pays, gamma, slip) for way in "右下")


def worth(cell, way, V, pays, gamma, slip):
    there = go(cell, way)[0]
    moved = pays.get(there, 0) + gamma * V[there]
    stayed = pays.get(cell, 0) + gamma * V[cell]
    return (1 - slip) * moved + slip * stayed


def test_exercise_1_s_half_discount():
    V, right, down = better_left_above(PAY, 0.5)
    assert V == pytest.approx({"左上": 1, "右上": 2, "左下": 2, "右下": 2})
    assert (right, down) == pytest.approx((1, 0))
    _, right, down = better_left_above(PAY | {"左下": 0}, 0.5)
    assert right == pytest.approx(down)


@pytest.mark.parametrize(("gamma", "rounds"), [(0.9, 66), (0.99, 917)])
def test_exercise_2_s_rounds(grid, gamma, rounds):
    P, R = grid_tables()
    best = optimum(P, R, gamma)
    errors = [abs(V - best).max() for V in grid.value_iteration(P, R, gamma, 1000)]
    assert next(k for k, e in enumerate(errors, start=1) if e < 0.01) == rounds
    assert f"{rounds} 轮" in page()


@pytest.mark.parametrize(
    ("gamma", "best", "shown"), [(0.9, 10, "1000"), (0.99, 100, "10000")]
)
def test_exercise_2_s_logarithms(gamma, best, shown):
    assert best / 0.01 == pytest.approx(int(shown))
    k = math.log(best / 0.01) / math.log(1 / gamma)
    assert rf"$k>\ln{shown}/\ln(1/{gamma})\approx{k:.1f}$" in page()


def test_small_numbers_on_the_way_are_the_page_s():
    assert f"离 10 还差 {10 * 0.9**10:.2f}。" in page()
    assert f"$4^4={4**4}$ 个" in page()
    assert f"撞墙是 8.1，因为白白晚了一步，$0.9\\times9={0.9 * 9:.1f}$。" in page()
    assert f"再下一步乘 0.9，第三步乘 {0.9**2:.2f}，" in page()
    assert r"每格有 $0.1/4=2.5\%$ 的机会往下" in page()
    assert "看三步：1 + 0.9 × 1.9 = 2.71。" in page()
    assert 1 + 0.9 * 1.9 == pytest.approx(2.71)


def test_exercise_3_s_slippery_grid():
    V, right, down = better_left_above(PAY, 0.9, slip=0.2)
    assert V["右下"] == pytest.approx(10)
    found = [f"{V[cell]:.3f}" for cell in ["右上", "左上", "左下"]]
    assert found == ["9.756", "8.566", "9.512"]
    assert right == V["左上"]
    alone = 0.8 * (-1 + 0.9 * V["左下"]) / (1 - 0.18)  # always down
    assert f"{0.8 * (-1 + 0.9 * V['左下']) + 0.18 * V['左上']:.3f}" == f"{down:.3f}"
    assert all(x in page() for x in found)
    assert {f"{alone:.3f}", f"{down:.3f}"} & set(re.findall(r"约 (\d\.\d{3})", page()))


def test_exercise_4_s_learners_are_the_same_without_exploring(cliff):
    one, two = (cliff.learn(m, 0, episodes=500, epsilon=0) for m in METHODS)
    assert one == two
    assert cliff.greedy_path(one[0])[-1] == cliff.GOAL


# --- figures ------------------------------------------------------------------------


def source(name):
    return (FIGURES / f"reinforcement-{name}.svg").read_text(encoding="utf-8")


def texts(name):
    return re.findall(r"<text[^>]*>([^<]*)</text>", source(name))


def drawn_values(name):
    """{cell: what is written in it}"""
    shown = texts(name)
    return {cell: shown[shown.index(cell) + 1] for cell in CELLS}


@pytest.mark.parametrize(
    "name", ["grid", "cliff", *(f"iterate-{step}" for step in range(1, 7))]
)
def test_the_numbers_that_a_title_says_are_those_drawn(name):
    (title,) = re.findall("<title[^>]*>(.*)</title>", source(name))
    shown = " ".join(texts(name))
    said = re.findall(r"[+−]?\d+(?:\.\d+)?", title)
    assert said
    assert {*said} <= {*re.findall(r"[+−]?\d+(?:\.\d+)?", shown)}


def test_the_pays_are_drawn():
    drawn = {c: float(x.replace("−", "-")) for c, x in drawn_values("grid").items()}
    assert drawn == {cell: PAY.get(cell, 0) for cell in CELLS}


@pytest.mark.parametrize(("step", "k"), list(enumerate([0, 1, 2, 3, 10, 100], 1)))
def test_the_rounds_of_value_iteration_are_drawn(step, k):
    V = dict.fromkeys(CELLS, 0.0)
    for _ in range(k):
        V = {c: max(worth(c, w, V, PAY, 0.9, 0) for w in WAYS) for c in CELLS}
    drawn = drawn_values(f"iterate-{step}")
    assert {c: float(x) for c, x in drawn.items()} == pytest.approx(V, abs=6e-3)
    shades = re.findall(r'fill-opacity="([\d.]+)"', source(f"iterate-{step}"))
    scale = [float(x) for x in shades if float(x)]
    assert scale == pytest.approx([0.038 * v for v in V.values() if v], abs=1e-3)
    title = f"第 {k} 轮" if k else "起点：全部是 0"
    assert texts(f"iterate-{step}")[0] == title


def test_the_policies_of_policy_iteration_are_drawn():
    policy = old = dict.fromkeys(CELLS, "上")
    for step in (1, 2, 3):
        drawn = {c: float(x) for c, x in drawn_values(f"policy-{step}").items()}
        assert drawn == pytest.approx(values(policy), abs=1e-9)
        changed = source(f"policy-{step}").count('stroke="var(--hb-zhu)"')
        assert changed == sum(policy[c] != old[c] for c in CELLS)
        old, policy = policy, improved(policy)
    assert policy == old


def test_the_drawn_paths_of_the_cliff_have_the_lengths_they_say():
    paths = re.findall(r'<path d="M([\d ]+)" fill="none"([^>]*)>', source("cliff"))
    lengths = {}
    for path, style in paths:
        x = [float(v) for v in path.split()]
        corners = zip(x[::2], x[1::2], strict=True)
        steps = sum(math.dist(a, b) for a, b in itertools.pairwise(corners)) / 26
        lengths["虚线" if "dasharray" in style else "实线"] = round(steps)
    assert sorted(lengths.values()) == [13, 17]
    said = "，".join(f"{line} {n} 步" for line, n in sorted(lengths.items(), key=last))
    assert said in texts("cliff")


def last(pair):
    return pair[1]


@pytest.mark.parametrize(("name", "V"), [("terminated", 0), ("truncated", 10)])
def test_the_drawn_targets_of_both_ends_are_the_sums(name, V):
    shown = re.sub("<[^>]*>", "", source(f"ends-{name}")).splitlines()
    assert {"𝑟 = 1", f"𝑉 = {V}", f"目标 = 1 + 0.9 × {V} = {1 + 0.9 * V:g}"} <= {*shown}
    assert texts(f"ends-{name}")[0].startswith(f"{name}：")


@pytest.mark.parametrize(("name", "future"), [("sarsa", -100), ("q", -2)])
def test_the_drawn_targets_use_their_action(name, future):
    drawn = source(f"backup-{name}")
    chosen = re.findall(r'fill="var\(--hb-zhu\)" font-weight="600">([^<]*)<', drawn)
    assert chosen == [f"{future}".replace("-", "−")]
    shown = texts(f"backup-{name}")
    q = [float(shown[shown.index(w) + 1].replace("−", "-")) for w in "上右下左"]
    assert q == [-8, -2, -100, -5]
    assert future == (max(q) if name == "q" else q[2])
    assert f"目标 = −1 + (−{-future}) = −{1 - future}" in shown


@pytest.mark.parametrize("name", ["next", "same"])
def test_the_drawn_observations_of_a_vector_are_those_of_a_counter(name):
    mode = AutoresetMode[f"{name}_step".upper()]
    envs = SyncVectorEnv([Right], autoreset_mode=mode)
    envs.reset()
    seen, kept = [], []
    for _ in range(4):
        obs, _, _, _, info = envs.step(np.array([0]))
        seen.append(f"{obs[0]}")
        kept += [f"{obs}" for obs in info.get("final_obs", [])]
    boxes = r'stroke="var\(--hb-(.+)\)".*/>\n<text .* font-size="16">(\d)</text>'
    drawn = re.findall(boxes, source(f"reset-{name}"))
    assert [value for _, value in drawn] == seen + kept
    old, new = ["3"], ["0"]  # the old episode's last state, the new one's first
    assert [value for colour, value in drawn if colour == "zhu"] == old
    assert [value for colour, value in drawn if colour == "qing"] == new
    assert texts(f"reset-{name}")[0].startswith(mode.name)


# --- practice: algorithms/reinforcement_practice_numpy ------------------------------

SOLUTION = """
def td_targets(r, terminated, truncated, q_next, q_final, gamma, a_next=None):
    q = np.where(truncated[:, None], q_final, q_next)
    if a_next is None:
        v = q.max(axis=1)
    else:
        v = q[np.arange(len(q)), a_next]
    return r + gamma * np.where(terminated, 0, v)
"""
DONE = ("np.where(terminated, 0, v)", "np.where(terminated | truncated, 0, v)")
WRONG = [
    DONE,  # one flag for both: the cut counts as the end
    ("np.where(terminated, 0, v)", "v"),  # no end at all
    ("np.where(terminated, 0, v)", "np.where(truncated, 0, v)"),
    (
        "np.where(terminated, 0, v)",
        "np.where(terminated & ~truncated, 0, v)",
    ),  # the cut wins over the end
    (
        "r + gamma * np.where(terminated, 0, v)",
        "np.where(terminated, 0, r + gamma * v)",
    ),
    ("r + gamma *", "r +"),
    ("r + gamma *", "gamma * r + gamma *"),
    ("r + gamma *", "r - gamma *"),
    ("np.where(truncated[:, None], q_final, q_next)", "q_next"),  # the reset state
    ("np.where(truncated[:, None], q_final, q_next)", "q_final"),
    ("np.where(truncated[:, None], q_final, q_next)", "q_next + q_final"),
    (
        "np.where(truncated[:, None], q_final, q_next)",
        "np.where(terminated[:, None], q_final, q_next)",
    ),
    (
        "np.where(truncated[:, None], q_final, q_next)",
        "np.where(q_final.any(axis=1)[:, None], q_final, q_next)",
    ),  # zeros taken for "has not ended"
    ("q.max(axis=1)", "q[np.arange(len(q)), q_next.argmax(axis=1)]"),
    ("q.max(axis=1)", "q.max()"),  # over all environments
    ("q.max(axis=1)", "np.maximum(q.max(axis=1), 0)"),
    ("q.max(axis=1)", "q.min(axis=1)"),
    ("q.max(axis=1)", "q.mean(axis=1)"),
    ("q.max(axis=1)", "q[:, 0]"),
    ("q[np.arange(len(q)), a_next]", "q.max(axis=1)"),  # always Q learning
    ("q[np.arange(len(q)), a_next]", "q_next[np.arange(len(q)), a_next]"),
    ("q[np.arange(len(q)), a_next]", "q[np.arange(len(q)), 0]"),
    ("q[np.arange(len(q)), a_next]", "q[:, a_next][:, 0]"),
    (
        "q[np.arange(len(q)), a_next]",
        "np.where(truncated, q.max(axis=1), q[np.arange(len(q)), a_next])",
    ),  # Sarsa, but not at the cut
    ("np.where(terminated, 0, v)", "np.where(terminated ^ truncated, 0, v)"),
    ("r + gamma *", "r + 0.9 *"),
    ("    q = np", "    q_next[truncated] = q_final[truncated]\n    q = np"),
    ("a_next is None", "a_next is not None"),
    ("return r + gamma", "return len(r) * [0.0]\n    r + gamma"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_torch_computes(case):
    _, given, want, _ = case
    x = {k: torch.as_tensor(v) for k, v in given.items() if v is not None}
    cut, ended = x["truncated"], x["terminated"]
    rows = torch.where(cut.unsqueeze(1), x["q_final"], x["q_next"])
    if "a_next" in x:
        later = rows.gather(1, x["a_next"].unsqueeze(1)).squeeze(1)
    else:
        later = rows.amax(1)
    targets = torch.lerp(x["r"], x["r"] + later, given["gamma"])
    targets = torch.where(ended, x["r"], targets)
    assert targets.tolist() == pytest.approx(want, abs=1e-9)


def test_the_page_s_targets_pass_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_targets_pass_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_one_flag_for_both():
    assert practice.failing(PRACTICE, SOLUTION, DONE) in page()
