"""The policy gradient page: machines, a task of two steps, CartPole, the clip, GAE.

References that the programs never call: enumeration in exact fractions, gymnasium's
single environment, direct sums of discounted errors, Keras against torch, torch's own
losses, SciPy's entropy.
"""

import copy
import itertools
import re
from fractions import Fraction

import gymnasium as gym
import numpy as np
import pytest
import torch
from scipy.stats import entropy
from torch import nn

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PRACTICE = ROOT / "snippets/algorithms/policy_gradient_practice_numpy.py"
PAGE = ROOT / "docs/algorithms/policy-gradient.md"
WAYS = ["无基线", "减去平均", "减去 V(s)"]


@pytest.fixture
def toy(run_snippet):
    return run_snippet("algorithms/policy_gradient_numpy")


@pytest.fixture
def clip(run_snippet):
    return run_snippet("algorithms/policy_gradient_clip_torch")


@pytest.fixture
def pole(run_snippet):
    return in_double(run_snippet("algorithms/policy_gradient_cartpole_torch"))


@pytest.fixture
def ppo(run_snippet):
    return in_double(run_snippet("algorithms/policy_gradient_ppo_torch"))


@pytest.fixture(scope="module", autouse=True)
def double():
    """What ``in_double`` sets is undone at the file's end."""
    before = torch.get_default_dtype()
    yield
    torch.set_default_dtype(before)


def in_double(program):
    """The program's own precision, for what the tests make with its functions."""
    torch.set_default_dtype(torch.float64)
    return program


@pytest.fixture
def keras_pole(run_snippet):
    program = run_snippet("algorithms/policy_gradient_cartpole_tf")
    before = program.keras.config.floatx()
    program.keras.config.set_floatx("float64")
    yield program
    program.keras.config.set_floatx(before)


def page():
    return PAGE.read_text(encoding="utf-8")


def drawn(name):
    """The words of a drawn figure, in their order."""
    path = ROOT / f"docs/assets/figures/policy-gradient-{name}.svg"
    words = re.findall(r">([^<>\n]+)</text>", path.read_text(encoding="utf-8"))
    return [word.replace("\u2212", "-") for word in words]


# --- three machines -----------------------------------------------------------------

PI = [Fraction(5, 10), Fraction(3, 10), Fraction(2, 10)]
REWARD = [1, 2, 5]


def score(pi, a):
    """The derivative of log pi(a) by the logits."""
    return [(k == a) - p for k, p in enumerate(pi)]


def total_variance(chances, vectors):
    """The mean vector and the sum of the variances of its parts."""
    both = list(zip(chances, vectors, strict=True))
    columns = range(len(vectors[0]))
    mean = [sum(p * g[k] for p, g in both) for k in columns]
    return mean, sum(p * (g[k] - mean[k]) ** 2 for p, g in both for k in columns)


def test_printed_gradient_of_the_machines_is_the_exact_one(toy):
    printed = toy.printed_by["bandit"]
    mean = sum(p * r for p, r in zip(PI, REWARD, strict=True))
    gradient = [p * (r - mean) for p, r in zip(PI, REWARD, strict=True)]
    assert after(printed, "平均奖励 ") == [float(mean)] == [2.1]
    assert after(printed, "梯度 ") == [float(g) for g in gradient]


@pytest.mark.parametrize("a", [0, 1, 2])
def test_printed_estimates_are_the_reward_times_the_score(toy, a):
    found = after(toy.printed_by["bandit"], f"抽到机器 {a + 1}： ")
    assert found == [float(REWARD[a] * x) for x in score(PI, a)]


def test_the_drawn_machines_show_what_is_printed(toy):
    words = drawn("bandit")
    assert [float(x) for x in words if x.startswith("0.")] == [float(p) for p in PI]
    assert [x for x in words if x.startswith("奖励")] == [f"奖励 {r}" for r in REWARD]
    gradient = after(toy.printed_by["bandit"], "梯度 ")
    assert [float(x) for x in words if x[0] in "+-"] == gradient
    spread = toy.printed_by["spread"].splitlines()
    shown = [x.split("方差 ")[1] for x in drawn("spread") if "方差" in x]
    assert shown == [line.split("方差 ")[1] for line in spread[:2]]


def test_no_baseline_of_the_machines_moves_the_mean_and_the_best_spreads_least(toy):
    lengths = [sum(x * x for x in score(PI, a)) for a in range(3)]
    weights = [p * n for p, n in zip(PI, lengths, strict=True)]
    best = sum(w * r for w, r in zip(weights, REWARD, strict=True)) / sum(weights)
    lines = toy.printed_by["spread"].splitlines()
    variances = []
    names = ["不减", "减平均", "减最好的"]
    baselines = [Fraction(0), Fraction(21, 10), best]
    for line, name, b in zip(lines, names, baselines, strict=True):
        vectors = [[(REWARD[a] - b) * x for x in score(PI, a)] for a in range(3)]
        mean, variance = total_variance(PI, vectors)
        shown = " ".join(f"{float(x):.2f}" for x in mean)
        expected = f"{name} {float(b):.2f}：平均 {shown}，方差 {float(variance):.2f}"
        assert line == expected
        variances.append(variance)
    assert variances == sorted(variances, reverse=True)
    for other in [best - Fraction(1, 10), best + Fraction(1, 10)]:
        vectors = [[(REWARD[a] - other) * x for x in score(PI, a)] for a in range(3)]
        assert total_variance(PI, vectors)[1] > variances[-1]


# --- two steps ----------------------------------------------------------------------

POLICY = {
    "起点": [Fraction(6, 10), Fraction(4, 10)],
    "A": [Fraction(1, 4), Fraction(3, 4)],
    "B": [Fraction(1, 2), Fraction(1, 2)],
}
MOVE = [
    {"A": Fraction(8, 10), "B": Fraction(2, 10)},
    {"A": Fraction(3, 10), "B": Fraction(7, 10)},
]
FIRST = [0, 1]
SECOND = {"A": [4, 0], "B": [1, 2]}
PLACES = list(POLICY)
WALKS = list(itertools.product([0, 1], "AB", [0, 1]))
CHANCES = [POLICY["起点"][a] * MOVE[a][s] * POLICY[s][b] for a, s, b in WALKS]
REWARDS = [(FIRST[a], SECOND[s][b]) for a, s, b in WALKS]
VALUE = {s: sum(p * r for p, r in zip(POLICY[s], SECOND[s], strict=True)) for s in "AB"}
ACTION = [FIRST[a] + sum(MOVE[a][s] * VALUE[s] for s in "AB") for a in (0, 1)]
VALUE["起点"] = sum(p * q for p, q in zip(POLICY["起点"], ACTION, strict=True))


def vector(walk, weights):
    """The estimate of one walk: six numbers, weighted for each of its two steps."""
    a, s, b = walk
    parts = {place: [Fraction(0)] * 2 for place in PLACES}
    parts["起点"] = [weights[0] * x for x in score(POLICY["起点"], a)]
    parts[s] = [weights[1] * x for x in score(POLICY[s], b)]
    return parts["起点"] + parts["A"] + parts["B"]


def best_baseline(place):
    """The mean of what follows, weighted by the score's squared length."""
    above = below = Fraction(0)
    for p, (a, s, b), (r0, r1) in zip(CHANCES, WALKS, REWARDS, strict=True):
        action, follows = (a, r0 + r1) if place == "起点" else (b, Fraction(r1))
        if place in ("起点", s):
            weight = p * sum(x * x for x in score(POLICY[place], action))
            above, below = above + weight * follows, below + weight
    return above / below


BEST = {place: best_baseline(place) for place in PLACES}
WEIGHTS = {
    "整条回报": lambda s, r0, r1: (r0 + r1, r0 + r1),
    "之后的回报": lambda s, r0, r1: (r0 + r1, r1),
    "之后的回报，减 1.6": lambda s, r0, r1: (
        r0 + r1 - VALUE["起点"],
        r1 - VALUE["起点"],
    ),
    "之后的回报，减 V(s)": lambda s, r0, r1: (r0 + r1 - VALUE["起点"], r1 - VALUE[s]),
    "差分误差，V 精确": lambda s, r0, r1: (
        r0 + VALUE[s] - VALUE["起点"],
        r1 - VALUE[s],
    ),
    "每个状态最好的基线": lambda s, r0, r1: (r0 + r1 - BEST["起点"], r1 - BEST[s]),
}


def vectors_of(name):
    rows = zip(WALKS, REWARDS, strict=True)
    return [vector(walk, WEIGHTS[name](walk[1], *map(Fraction, r))) for walk, r in rows]


GRADIENT = [
    float(visits * p * (q - VALUE[place]))
    for place, visits, actions in [
        ("起点", 1, ACTION),
        ("A", sum(POLICY["起点"][a] * MOVE[a]["A"] for a in (0, 1)), SECOND["A"]),
        ("B", sum(POLICY["起点"][a] * MOVE[a]["B"] for a in (0, 1)), SECOND["B"]),
    ]
    for p, q in zip(POLICY[place], actions, strict=True)
]


def test_printed_walks_are_the_enumerated_ones(toy):
    *lines, last = toy.printed_by["tree"].splitlines()
    expected = [
        f"{'左右'[a]}{s}{'左右'[b]}：概率 {float(p):.2f}，回报 {sum(r)}"
        for (a, s, b), p, r in zip(WALKS, CHANCES, REWARDS, strict=True)
    ]
    assert lines == expected
    assert last == f"平均回报 {float(VALUE['起点']):.2f}" == "平均回报 1.60"


def test_the_drawn_tree_is_the_one_that_is_enumerated():
    words = drawn("tree")
    chances = [*POLICY.values(), *(row.values() for row in MOVE)]
    expected = sorted(float(p) for row in chances for p in row)
    assert sorted(float(x) for x in words if x.startswith("0.")) == expected
    rewards = [*FIRST, *SECOND["A"], *SECOND["B"]]
    assert sorted(x for x in words if x[0] == "得") == sorted(
        f"得 {r}" for r in rewards
    )


def test_printed_gradient_is_visits_times_chance_times_advantage(toy):
    """By the policy gradient theorem, in fractions: another way than the program's."""
    for i, place in enumerate(PLACES):
        found = after(toy.printed_by["scores"], f"{place}：")
        assert found == pytest.approx(GRADIENT[2 * i : 2 * i + 2], abs=1e-9)


def test_autograd_gives_the_same_gradient(toy):
    theta = torch.tensor(toy.theta, requires_grad=True)
    pi = theta.softmax(dim=1)
    J = sum(
        pi[0, a] * float(MOVE[a][s]) * pi["起AB".index(s), b] * float(sum(r))
        for (a, s, b), r in zip(WALKS, REWARDS, strict=True)
    )
    J.backward()
    np.testing.assert_allclose(theta.grad.ravel(), GRADIENT, rtol=0, atol=1e-12)
    np.testing.assert_allclose(toy.exact.ravel(), GRADIENT, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", WEIGHTS)
def test_printed_variances_are_exact_and_the_means_agree(toy, name):
    mean, variance = total_variance(CHANCES, vectors_of(name))
    assert [float(x) for x in mean] == pytest.approx(GRADIENT, abs=1e-12)
    found = line_of(toy.printed_by["baseline"], f"{name}：")
    assert found == f"方差 {float(variance):.2f}，平均不变：True"


def test_only_six_estimates_are_compared(toy):
    for section in ["baseline", "sample"]:
        lines = toy.printed_by[section].splitlines()
        assert [line.split("：")[0] for line in lines] == list(WEIGHTS)


def test_a_baseline_that_depends_on_the_action_moves_the_mean(toy):
    """What the printed 「平均不变」 would say of a wrong baseline."""
    wrong = toy.to_go - toy.rewards
    assert np.abs(toy.expected(toy.estimates(wrong)) - toy.exact).max() > 0.01


@pytest.mark.parametrize("name", WEIGHTS)
def test_printed_samples_hit_the_gradient_within_their_error(toy, name):
    g = [float(x[1]) for x in vectors_of(name)]
    p = [float(x) for x in CHANCES]
    mean = np.dot(p, g)
    error = np.sqrt(np.dot(p, np.square(np.subtract(g, mean))) / 10000)
    found = line_of(toy.printed_by["sample"], f"{name}：").split(" ± ")
    assert abs(float(found[0]) - 0.3) < 3 * error
    assert float(found[1]) == pytest.approx(error, abs=7e-4)


def test_the_drawn_variances_are_the_printed_ones(toy):
    words = drawn("variance")
    rows = dict(zip(words[::2], words[1::2], strict=True))
    assert rows.keys() == WEIGHTS.keys()
    for name, shown in rows.items():
        assert line_of(toy.printed_by["baseline"], f"{name}：方差 {shown}，")
    errors = [
        float(line.split(" ± ")[1]) for line in toy.printed_by["sample"].splitlines()
    ]
    assert f"标准误（平均值自己晃多少）却从 {max(errors)} 到 {min(errors)}" in page()
    assert 20 < (max(errors) / min(errors)) ** 2 < 100  # 「几十倍」


def test_scipy_agrees_on_the_gradient(toy):
    assert toy.printed_by["library"].strip() == "与 SciPy 的差分相差不到 1e-6：True"
    np.testing.assert_allclose(toy.numeric, GRADIENT, rtol=0, atol=1e-6)


# --- GAE and the clip, by hand ------------------------------------------------------


def direct_gae(r, v, after, terminated, truncated, gamma, lam):
    """Every advantage as its own sum, with the discount's powers: no recursion."""
    delta = [
        x + (0 if end else gamma * w) - u
        for x, u, w, end in zip(r, v, after, terminated, strict=True)
    ]
    out = []
    for t in range(len(r)):
        last = t
        while last < len(r) - 1 and not terminated[last] and not truncated[last]:
            last += 1
        out.append(sum((gamma * lam) ** (k - t) * delta[k] for k in range(t, last + 1)))
    return delta, out


@pytest.mark.parametrize(("name", "end"), [("终止", True), ("截断", False)])
def test_printed_advantages_are_the_direct_sums(clip, name, end):
    rates = Fraction(9, 10), Fraction(1, 2)
    flags = [False, False, end], [False, False, not end]
    delta, A = direct_gae([1, 1, 1], [4, 3, 2], [3, 2, 2], *flags, *rates)
    found = line_of(clip.printed_by["gae"], f"{name}：差分误差 ").split("，优势 ")
    assert found[0] == " ".join(f"{float(x):.1f}" for x in delta)
    assert found[1] == " ".join(f"{float(x):.4f}" for x in A)


@pytest.mark.parametrize(("name", "picture"), [("终止", 4), ("截断", 5)])
def test_the_film_of_gae_ends_with_the_printed_numbers(clip, name, picture):
    errors, advantages = clip.printed_by["gae"].splitlines()[picture - 4].split("，")
    assert errors.startswith(f"{name}：差分误差 ")
    words = [x for x in drawn(f"gae-{picture}") if re.fullmatch(r"-?[\d.]+", x)]
    shown = [float(x) for x in words]
    assert shown[::2] == numbers(errors) and shown[1::2] == numbers(advantages)


def test_the_clip_s_table_is_the_piecewise_function(clip):
    rows = []
    for A, ratios in [(1, [0.5, 1.1, 1.5]), (-1, [0.5, 0.9, 1.5])]:
        for rho in ratios:
            flat = rho > 1.2 if A > 0 else rho < 0.8
            value = A * ((1.2 if A > 0 else 0.8) if flat else rho)
            slope = 0 if flat else A
            rows.append(f"A = {A:+d}，比值 {rho}：目标 {value:.1f}，导数 {slope}")
    assert clip.printed_by["ratio"].splitlines() == rows


def reused(clipping):
    """Fifty ascents by a gradient written out, on the page's batch."""
    old, a = np.array([0.5, 0.3, 0.2]), np.repeat([0, 1, 2], [10, 6, 4])
    reward = np.array([1.0] * 10 + [2.0] * 6 + [5, 5, 0, 0])
    A, theta = reward - reward.mean(), np.log(old)
    for _ in range(50):
        pi = np.exp(theta) / np.exp(theta).sum()
        rho = pi[a] / old[a]
        flat = ((A > 0) & (rho > 1.2)) | ((A < 0) & (rho < 0.8))
        weight = A * rho * ~(flat & clipping)
        theta = theta + 0.5 * (weight[:, None] * (np.eye(3)[a] - pi)).mean(axis=0)
    return old, np.exp(theta) / np.exp(theta).sum()


@pytest.mark.parametrize("name", ["不裁剪", "裁剪"])
def test_printed_policies_after_fifty_rounds(clip, name):
    old, new = reused(name == "裁剪")
    found = after(clip.printed_by["reuse"], f"{name}：概率 ")
    expected = [*new, new @ [1, 2, 1], entropy(old, new)]
    assert found == pytest.approx(expected, abs=6e-3)
    assert after(clip.printed_by["reuse"], "旧策略：真正的平均奖励 ") == [1.3]


def test_without_the_clip_the_lucky_machine_takes_all(clip):
    assert after(clip.printed_by["reuse"], "不裁剪：概率 ")[2] > 0.9
    assert after(clip.printed_by["reuse"], "裁剪：概率 ")[2] < 0.3


def test_the_page_and_its_bars_show_the_policies_that_are_printed(clip):
    text, words = clip.printed_by["reuse"], drawn("reuse")
    (old,) = after(text, "旧策略：真正的平均奖励 ")
    free, kept = (after(text, f"{name}：概率 ") for name in ["不裁剪", "裁剪"])
    policies = [*clip.old.tolist(), old], free, kept
    bars = [x for x in words if re.fullmatch(r"0\.\d\d", x)]
    assert bars == [f"{x:.2f}" for policy in policies for x in policy[:3]]
    means = [x for x in words if x.startswith("平均")]
    assert means == [f"平均 {policy[3]:.2f}" for policy in policies]
    path = ROOT / "docs/assets/figures/policy-gradient-reuse.svg"
    heights = re.findall(r'height="([\d.]+)" fill', path.read_text(encoding="utf-8"))
    assert [float(x) for x in heights] == pytest.approx(
        [110 * float(x) for x in bars], abs=0.06
    )
    for sentence in [
        f"从 {old:.2f} 降到 {free[3]:.2f}",
        f"从 0.2 涨到 {kept[2]:.2f} 就停",
        f"升到 {kept[3]:.2f}。新旧策略的 KL 是 {kept[4]:.2f}，不裁剪时是 {free[4]:.2f}",
    ]:
        assert sentence in page()
    assert free[1] < 0.3 < kept[1]  # the best machine


def test_the_filter_agrees_with_gae(clip):
    said = "与 SciPy 的 lfilter 相差不到 1e-12：True"
    assert clip.printed_by["library"].strip() == said
    flags = [False] * 3, [False, False, True]
    _, A = direct_gae([1, 1, 1], [4, 3, 2], [3, 2, 2], *flags, 0.9, 0.5)
    np.testing.assert_allclose(np.flip(clip.later), A, rtol=0, atol=1e-12)


# --- CartPole -----------------------------------------------------------------------


@pytest.fixture(scope="session")
def single():
    return gym.make("CartPole-v1").unwrapped


def step_alone(single, state, action):
    """One step of gymnasium's single environment from any state."""
    single.reset()
    single.state = np.array(state, dtype=float)
    after, _, terminated, _, _ = single.step(int(action))
    return after, terminated


RULES = {
    "往杆倒的一边推": lambda s: s[2] > 0,
    "角度加角速度": lambda s: s[2] + s[3] > 0,
}


def played(program, choose):
    """Five batches as the page plays them: states, actions, rewards, alive."""
    envs = program.make()
    envs.reset(seed=0)
    return [program.play(envs, choose) for _ in range(5)]


@pytest.mark.parametrize("framework", ["torch", "tf"])
@pytest.mark.parametrize("name", RULES)
def test_printed_means_of_the_rules_are_those_of_single_games(
    run_snippet, single, framework, name
):
    """Each game alone, from the same first state, to its end or to 500 steps."""
    program = run_snippet(f"algorithms/policy_gradient_cartpole_{framework}")
    rule = RULES[name]
    lengths = []
    for s, *_ in played(program, lambda s: np.array([int(rule(x)) for x in s])):
        for start in s[0]:
            single.reset()
            single.state, seen, steps, down = start, start, 0, False
            while not down and steps < 500:
                seen, _, down, _, _ = single.step(int(rule(seen)))
                steps += 1
            lengths.append(steps)
    assert len(lengths) == 100
    found = after(program.printed_by["rule"], f"{name}：100 局平均 ")
    assert found == pytest.approx([np.mean(lengths)], abs=0.6)


def test_the_random_policy_s_mean_is_near_that_of_many_single_games(pole):
    env, rng, lengths = gym.make("CartPole-v1"), np.random.default_rng(1), []
    env.reset(seed=1)
    for _ in range(1000):
        env.reset()
        steps, over = 0, False
        while not over:
            _, _, terminated, truncated, _ = env.step(int(rng.integers(2)))
            steps, over = steps + 1, terminated or truncated
        lengths.append(steps)
    (found,) = after(pole.printed_by["rule"], "随机：100 局平均 ")
    assert abs(found - np.mean(lengths)) < 3 * np.std(lengths) / 10


def test_both_frameworks_print_the_same_rules(run_snippet, pole):
    other = run_snippet("algorithms/policy_gradient_cartpole_tf")
    assert other.printed_by["rule"] == pole.printed_by["rule"]
    assert pole.printed_by["rule"].startswith("一局最多 500 步，及格线 475\n")


def test_the_printed_random_mean_counts_the_steps_still_in_the_game(pole):
    rng = np.random.default_rng(0)
    alive = [x[3] for x in played(pole, lambda s: rng.integers(2, size=20))]
    mean = np.mean([x.sum(axis=0) for x in alive])
    found = after(pole.printed_by["rule"], "随机：100 局平均 ")
    assert found == pytest.approx([mean], abs=0.6)


@pytest.mark.parametrize("framework", ["torch", "tf"])
def test_a_played_game_is_gymnasium_s_to_its_last_step(run_snippet, single, framework):
    program = run_snippet(f"algorithms/policy_gradient_cartpole_{framework}")
    rng = np.random.default_rng(3)
    s, a, r, alive = played(program, lambda s: rng.integers(2, size=20))[0]
    assert s.dtype == r.dtype == float and alive[0].all() and len(alive) < 500
    np.testing.assert_array_equal(r, alive.astype(float))
    for i in range(20):
        length = int(alive[:, i].sum())
        assert alive[:length, i].all()
        for t in range(length):
            seen, down = step_alone(single, s[t, i], a[t, i])
            assert down == (t == length - 1)
            if t < length - 1:
                np.testing.assert_allclose(seen, s[t + 1, i], rtol=0, atol=1e-5)


def test_a_game_is_cut_at_500_steps(pole):
    s, a, r, alive = played(pole, lambda s: (s[:, 2] + s[:, 3] > 0).astype(int))[0]
    lengths = alive.sum(axis=0)
    assert lengths.max() == len(s) == 500 and (lengths == 500).sum() > 10


@pytest.mark.parametrize("framework", ["torch", "tf"])
def test_returns_are_the_discounted_sums(run_snippet, framework):
    program = run_snippet(f"algorithms/policy_gradient_cartpole_{framework}")
    r = np.random.default_rng(4).normal(size=(7, 3))
    sums = [sum(0.99 ** (k - t) * r[k] for k in range(t, 7)) for t in range(7)]
    np.testing.assert_allclose(program.returns(r), sums, rtol=1e-12)


def batch_of(rows=50):
    rng = np.random.default_rng(5)
    s, a, G = (
        rng.normal(size=(rows, 4)),
        rng.integers(2, size=rows),
        rng.normal(3, 2, 50),
    )
    return torch.from_numpy(s), torch.from_numpy(a), torch.from_numpy(G)


def learnt(policy, value, way, s, a, G, optimizers=None):
    """One step by torch's own losses, on copies: the two networks after it."""
    if optimizers is None:
        optimizers = [torch.optim.Adam(m.parameters(), 0.03) for m in (policy, value)]
    with torch.no_grad():
        v = value(s).flatten()
    b = {"无基线": torch.zeros_like(G), "减去平均": G.mean().expand(len(G))}.get(way, v)
    optimizers[0].zero_grad()
    surprise = nn.functional.cross_entropy(policy(s), a, reduction="none")
    surprise.backward((G - b) / len(G))
    optimizers[0].step()
    for _ in range(5):
        optimizers[1].zero_grad()
        nn.functional.mse_loss(value(s), G[:, None]).backward()
        optimizers[1].step()
    return policy, value


def weights_of(*models):
    parts = [p.detach().ravel() for m in models for p in m.parameters()]
    return torch.cat(parts).numpy()


@pytest.mark.parametrize("way", WAYS)
def test_a_step_of_learning_is_torch_s_weighted_cross_entropy(pole, way):
    torch.manual_seed(0)
    agent, (s, a, G) = pole.Reinforce(way), batch_of()
    expected = learnt(*map(copy.deepcopy, (agent.policy, agent.value)), way, s, a, G)
    pole.learn(agent, s, a, G)
    found = weights_of(agent.policy, agent.value)
    np.testing.assert_allclose(found, weights_of(*expected), rtol=0, atol=1e-12)


@pytest.mark.parametrize("way", WAYS)
def test_keras_learns_what_torch_learns_from_the_same_weights(keras_pole, way):
    program = keras_pole
    agent, (s, a, G) = program.Reinforce(way, 0), batch_of()
    models = []
    for model in [agent.policy, agent.value]:
        kernel, bias, second, last = map(torch.from_numpy, model.get_weights())
        layers = nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, len(last))
        twin = nn.Sequential(*layers).double()
        with torch.no_grad():
            for p, q in zip(
                twin.parameters(), [kernel.T, bias, second.T, last], strict=True
            ):
                p.copy_(q)
        models.append(twin)
    agent.actor.epsilon = agent.critic.epsilon = 1e-15  # theirs differ by default
    optimizers = [torch.optim.Adam(m.parameters(), 0.03, eps=1e-15) for m in models]
    expected = learnt(*models, way, s, a, G, optimizers)
    program.learn(agent, s.numpy(), a.numpy(), G.numpy())
    for keras_model, twin in zip([agent.policy, agent.value], expected, strict=True):
        for found, wanted in zip(
            keras_model.get_weights(), twin.parameters(), strict=True
        ):
            np.testing.assert_allclose(
                found, wanted.detach().numpy().T, rtol=0, atol=1e-6
            )


def test_the_actions_are_drawn_with_the_policy_s_chances(keras_pole, pole):
    other = keras_pole
    s = np.tile(np.array([0.5, -1.0, 0.2, 1.0]), (20, 1))
    torch.manual_seed(1)
    first, second = pole.Reinforce("无基线"), other.Reinforce("无基线", 1)
    rows = torch.from_numpy(s[:1])
    chances = [
        first.policy(rows).softmax(-1)[0, 1].item(),
        torch.tensor(second.policy(s[:1]).numpy()).softmax(-1)[0, 1].item(),
    ]
    for agent, p in zip([first, second], chances, strict=True):
        drawn = np.concatenate([agent.choose(s.astype("f")) for _ in range(100)])
        assert set(drawn.tolist()) == {0, 1}
        assert abs(drawn.mean() - p) < 4 * np.sqrt(p * (1 - p) / 2000)


def test_a_whole_run_is_reinforce_by_torch_s_own_losses(pole):
    """The curve of one seed, trained again by the test's own loop."""
    torch.manual_seed(2)
    envs = gym.make_vec("CartPole-v1", 20, vectorization_mode="vector_entry_point")
    envs.reset(seed=2)
    policy, value = (
        nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, out)) for out in (2, 1)
    )
    optimizers = [torch.optim.Adam(m.parameters(), 0.03) for m in (policy, value)]
    curve = pole.curves["减去平均"][2]
    for mean in curve:
        s, _ = envs.reset()
        rows, alive = [], np.ones(20, dtype=bool)
        while alive.any():
            seen = torch.from_numpy(s.astype(float))
            with torch.no_grad():
                a = torch.distributions.Categorical(logits=policy(seen)).sample()
            rows.append((seen, a, torch.from_numpy(alive)))
            s, _, down, cut, _ = envs.step(a.numpy())
            alive = alive & ~down & ~cut
        seen, a, kept = (torch.stack(x) for x in zip(*rows, strict=True))
        assert kept.sum().item() / 20 == mean
        left = kept.flip(0).cumsum(0).flip(0)  # steps from here to the game's end
        G = ((1 - 0.99 ** left.double()) / 0.01)[kept]
        learnt(policy, value, "减去平均", seen[kept], a[kept], G, optimizers)


def test_training_stops_at_the_first_hundred_games_that_pass(pole):
    for runs in pole.curves.values():
        assert len(runs) == 5
        for curve in runs:
            windows = [np.mean(curve[i - 5 : i]) for i in range(5, len(curve) + 1)]
            assert windows[-1] >= 475 > max(windows[:-1])
            assert len(curve) < 40


def counts(text, way):
    found = re.fullmatch(
        r"(\d+) 到 (\d+) 局及格，平均 (\d+) 局，(\d+) 万步", line_of(text, f"{way}：")
    )
    return list(map(int, found.groups()))


@pytest.mark.parametrize("way", WAYS)
def test_printed_games_are_those_of_the_curves(pole, way):
    games = [20 * len(curve) for curve in pole.curves[way]]
    steps = np.mean([sum(20 * x for x in curve) for curve in pole.curves[way]])
    found = counts(pole.printed_by["compare"], way)
    assert found[:2] == [min(games), max(games)]
    assert found[2] == pytest.approx(np.mean(games), abs=0.6)
    assert found[3] == pytest.approx(steps / 1e4, abs=0.51)


@pytest.mark.parametrize("framework", ["torch", "tf"])
def test_every_baseline_passes_sooner_on_average_than_none(run_snippet, framework):
    program = run_snippet(f"algorithms/policy_gradient_cartpole_{framework}")
    section = "compare" if framework == "torch" else "keras-compare"
    means = [counts(program.printed_by[section], way)[2] for way in WAYS]
    assert min(means) > 300 and means[0] == max(means)


def test_the_page_says_of_cartpole_what_is_printed(run_snippet, pole):
    other = run_snippet("algorithms/policy_gradient_cartpole_tf")
    own, keras = (
        {way: counts(program.printed_by[section], way) for way in WAYS}
        for program, section in [(pole, "compare"), (other, "keras-compare")]
    )
    none, mean, value = own.values()
    rules = pole.printed_by["rule"]
    steps = [x[3] for x in own.values()]
    for sentence in [
        f"随机推，平均 {after(rules, '随机：100 局平均 ')[0]:g} 步就倒",
        f"就往哪边推，{after(rules, '往杆倒的一边推：100 局平均 ')[0]:g} 步。",
        f"就往右推，平均 {after(rules, '角度加角速度：100 局平均 ')[0]:g} 步",
        f"「无基线」要 {none[2]} 局，「减去平均」{mean[2]} 局，"
        f"「减去 V(s)」{value[2]} 局",
        f"「无基线」最快的种子是 {none[0]} 局，比「减去平均」最慢的 {mean[1]} 局还快",
        f"「减去 V(s)」{keras['减去 V(s)'][2]} 局，"
        f"「减去平均」{keras['减去平均'][2]} 局",
        f"前面的 REINFORCE 平均要 {min(steps)} 到 {max(steps)} 万步",
    ]:
        assert sentence in page()
    assert none[0] < mean[1] and mean[2] < value[2]
    assert keras["减去 V(s)"][2] < keras["减去平均"][2]
    most = max(x[1] for x in own.values())
    assert f"三种做法都在 {most} 局内到 475 以上" in pole.title


def test_keras_s_last_runs_are_printed_as_they_were(run_snippet):
    """The namespace holds those with V(s); all stopped where they passed."""
    program = run_snippet("algorithms/policy_gradient_cartpole_tf")
    assert len(program.runs) == 3
    for curve in program.runs:
        windows = [np.mean(curve[i - 5 : i]) for i in range(5, len(curve) + 1)]
        assert windows[-1] >= 475 > max(windows[:-1])
    games = [20 * len(curve) for curve in program.runs]
    steps = np.mean([sum(20 * x for x in curve) for curve in program.runs])
    found = counts(program.printed_by["keras-compare"], "减去 V(s)")
    assert found[:2] == [min(games), max(games)]
    assert found[2] == pytest.approx(np.mean(games), abs=0.6)
    assert found[3] == pytest.approx(steps / 1e4, abs=0.51)


def test_the_figure_draws_every_seed_s_curve(pole):
    for axis, way in zip(pole.axes, WAYS, strict=True):
        *lines, threshold = axis.get_lines()
        assert axis.get_title(loc="left") == way
        assert set(threshold.get_ydata()) == {475}
        for line, curve in zip(lines, pole.curves[way], strict=True):
            assert line.get_ydata().tolist() == curve
            assert line.get_xdata().tolist() == [
                20 * (i + 1) for i in range(len(curve))
            ]
            assert line.get_xdata()[-1] <= axis.get_xlim()[1]
            assert max(curve) <= axis.get_ylim()[1]
    assert all(len(c) * 20 <= 620 for way in WAYS for c in pole.curves[way])


# --- PPO ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rolled(run_snippet):
    """A model, and five batches of steps by it."""
    program = in_double(run_snippet("algorithms/policy_gradient_ppo_torch"))
    torch.manual_seed(0)
    model, player = program.ActorCritic(), program.Player(7)
    return model, player, [player.rollout(model) for _ in range(5)]


def together(batches):
    """All batches one after another, as (steps, environments, …)."""
    return [torch.cat(x).numpy() for x in zip(*(b for _, b in batches), strict=True)]


def test_a_rollout_is_gymnasium_s_games_one_after_another(rolled, single):
    _, _, batches = rolled
    s, a, r, terminated, over, real = together(batches)
    assert s.shape == (640, 16, 4)
    np.testing.assert_array_equal(r, real)
    np.testing.assert_array_equal(real[1:], ~over[:-1])
    assert real[0].all() and 10 < (~real).sum()
    for t, i in itertools.product(range(639), range(4)):
        if real[t, i]:
            seen, down = step_alone(single, s[t, i], a[t, i])
            assert down == terminated[t, i] == over[t, i]
            np.testing.assert_allclose(seen, s[t + 1, i], rtol=0, atol=1e-5)
        else:
            assert np.abs(s[t + 1, i]).max() <= 0.05 and not over[t, i]


def test_the_last_state_of_a_batch_begins_the_next(rolled):
    _, _, batches = rolled
    for (last, _), (_, following) in itertools.pairwise(batches):
        np.testing.assert_array_equal(last, following[0][0])


def test_the_lengths_are_the_steps_of_the_games_that_ended(rolled):
    _, player, batches = rolled
    *_, over, real = together(batches)
    lengths, running = [], np.zeros(16)
    for ended, played_on in zip(over, real, strict=True):
        running += played_on
        lengths += running[ended].tolist()
        running[ended] = 0
    assert player.lengths == lengths and len(lengths) > 100


def test_a_game_of_500_steps_is_over_but_not_terminated(ppo):
    class Rule(nn.Module):
        """Pushes by the angle plus the angle's speed."""

        def forward(self, s):
            toward = (s[..., 2] + s[..., 3]) * 1e6
            logits = torch.stack([-toward, toward], dim=-1)
            return torch.distributions.Categorical(logits=logits), None

    player = ppo.Player(0)
    batches = [player.rollout(Rule()) for _ in range(5)]
    _, _, _, terminated, over, _ = together(batches)
    assert player.lengths.count(500) > 5
    assert (over & ~terminated).sum() == player.lengths.count(500)


def test_advantages_are_the_direct_sums(ppo, rolled):
    """Also across games: the step that only starts anew is left out."""
    model, _, batches = rolled
    last, (s, _, r, terminated, over, real) = batches[2]
    cut = over.clone()
    cut[50, 3] = True  # as if cut by time: V goes on, the sum does not
    A, target = ppo.advantages(model, torch.cat([s, last[None]]), r, terminated, cut)
    with torch.no_grad():
        v = model.critic(torch.cat([s, last[None]]))[..., 0].numpy()
    for i in range(16):
        flags = terminated[:, i].tolist(), cut[:, i].tolist()
        _, expected = direct_gae(
            r[:, i].tolist(), v[:-1, i], v[1:, i], *flags, 0.99, 0.95
        )
        np.testing.assert_allclose(A[:, i], expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(target, A.numpy() + v[:-1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("clipping", [True, False], ids=["clip", "free"])
def test_an_update_is_the_piecewise_objective_s(ppo, rolled, clipping):
    model = copy.deepcopy(rolled[0])
    s, a, _ = batch_of()
    rng = np.random.default_rng(6)
    A, target = (torch.from_numpy(rng.normal(1, 3, 50)) for _ in range(2))
    twin = copy.deepcopy(model)
    torch.manual_seed(4)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    kl = ppo.update(model, optimizer, (s, a, A, target), clipping).item()

    torch.manual_seed(4)
    optimizer = torch.optim.Adam(twin.parameters(), lr=0.03)
    rates = (A - A.sum() / 50) / A.var().sqrt()
    old = -nn.functional.cross_entropy(twin.actor(s), a, reduction="none").detach()
    flat = 0
    for _ in range(4):
        order = torch.randperm(50)
        for rows in torch.tensor_split(order, [13, 26, 39]):
            new = -nn.functional.cross_entropy(
                twin.actor(s[rows]), a[rows], reduction="none"
            )
            rho = torch.exp(new - old[rows])
            up = rates[rows] > 0
            edge = torch.where(up, rho.clamp(max=1.2), rho.clamp(min=0.8))
            flat += (edge != rho).sum().item()
            gain = (edge if clipping else rho) * rates[rows]
            missed = nn.functional.mse_loss(twin.critic(s[rows]), target[rows][:, None])
            optimizer.zero_grad()
            (missed / 2 - gain.mean()).backward()
            optimizer.step()
    assert flat > 10
    found, wanted = weights_of(model), weights_of(twin)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=5.1e-5)
    np.testing.assert_allclose(found * 1e4, np.round(found * 1e4), rtol=0, atol=1e-6)
    new = -nn.functional.cross_entropy(model.actor(s), a, reduction="none").detach()
    assert kl == pytest.approx((old - new).mean().item(), abs=1e-12)


@pytest.mark.parametrize(("name", "clipping"), [("裁剪", True), ("不裁剪", False)])
def test_printed_numbers_of_ppo_are_those_of_its_runs(ppo, name, clipping):
    ends, steps, moved = [], [], []
    for curve, kl in ppo.runs[name]:
        assert len(curve) == len(kl)
        assert max(curve[:-1]) < 475 and (curve[-1] >= 475 or len(curve) == 50)
        ends.append(curve[-1])
        steps.append(16 * 128 * len(curve) / 1e4)
        moved += kl
    lines = ppo.printed_by["compare"].splitlines()
    at = [line.split("：")[0] for line in lines].index(name)
    found = numbers(lines[at].split("：")[1]) + numbers(lines[at + 1])
    passed = sum(x >= 475 for x in ends)
    wanted = [passed, min(steps), max(steps), min(ends), max(ends), np.mean(moved)]
    assert len(ends) == 5 and lines[at].startswith(f"{name}：{passed} 个种子及格，")
    assert found[0] == wanted[0]
    assert found[1:3] == pytest.approx(wanted[1:3], abs=0.06)
    assert found[3:5] == pytest.approx(wanted[3:5], abs=0.6)
    assert found[5] == pytest.approx(wanted[5], abs=6e-4)


def test_the_page_says_of_ppo_what_is_printed(ppo):
    lines = ppo.printed_by["compare"].splitlines()
    clipped, free = (numbers("，".join(lines[i : i + 2])) for i in (0, 2))
    for sentence in [
        f"裁剪的五个种子都及格了，用了 {clipped[1]} 到 {clipped[2]} 万步",
        f"不裁剪的只有三个及格，另两个用满 {free[2]} 万步也没有到",
        f"最差的停在 {free[3]:g} 步",
        f"裁剪时平均 {clipped[5]}，不裁剪是 {free[5]}，将近百倍",
    ]:
        assert sentence in page()
    assert (clipped[0], free[0]) == (5, 3) and 90 < free[5] / clipped[5] < 100


def test_the_clip_lets_all_seeds_pass_and_keeps_the_policy_near(ppo):
    ends = {name: [c[-1] for c, _ in found] for name, found in ppo.runs.items()}
    assert min(ends["裁剪"]) >= 475 > min(ends["不裁剪"])
    near, far = (np.mean([x for _, kl in ppo.runs[name] for x in kl]) for name in ends)
    assert far > 20 * near


def test_a_run_of_ppo_is_reproduced_and_the_seeds_differ(ppo):
    curve, moved = ppo.train(1, True, batches=3)
    assert (curve, moved) == tuple(x[:3] for x in ppo.runs["裁剪"][1])
    assert len({tuple(c) for c, _ in ppo.runs["裁剪"]}) == 5


@pytest.mark.parametrize(("name", "clipping"), [("裁剪", True), ("不裁剪", False)])
def test_a_run_of_ppo_is_its_parts_one_after_another(ppo, name, clipping):
    """Without the steps that only start anew; the mean is of a hundred games."""
    torch.manual_seed(3)
    model, player = ppo.ActorCritic(), ppo.Player(3)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    for point in list(zip(*ppo.runs[name][3], strict=True))[:6]:
        last, (s, a, r, terminated, over, real) = player.rollout(model)
        states = torch.cat([s, last.unsqueeze(0)])
        A, target = ppo.advantages(model, states, r, terminated, over)
        rows = real.nonzero(as_tuple=True)
        batch = s[rows], a[rows], A[rows], target[rows]
        kl = ppo.update(model, optimizer, batch, clipping).item()
        ended = player.lengths[-100:]
        assert point == (pytest.approx(sum(ended) / len(ended)), pytest.approx(kl))
    assert len(player.lengths) > 150


def test_ppo_s_figure_draws_every_seed_s_curve(ppo):
    for axis, (name, found) in zip(ppo.axes, ppo.runs.items(), strict=True):
        *lines, threshold = axis.get_lines()
        assert axis.get_title(loc="left") == name
        assert set(threshold.get_ydata()) == {475}
        for line, (curve, _) in zip(lines, found, strict=True):
            assert line.get_ydata().tolist() == curve
            x = [0.2048 * (i + 1) for i in range(len(curve))]
            np.testing.assert_allclose(line.get_xdata(), x, rtol=1e-12)
            assert x[-1] <= axis.get_xlim()[1] and max(curve) <= axis.get_ylim()[1]
            assert name == "不裁剪" or x[-1] < 8


# --- practice: algorithms/policy_gradient_practice_numpy ----------------------------

SOLUTION = """
def gae(rewards, values, next_values, terminated, truncated, gamma, lam):
    delta = rewards + gamma * next_values * ~terminated - values
    A, later = np.zeros(len(delta)), 0.0
    for t in range(len(delta) - 1, -1, -1):
        over = terminated[t] or truncated[t]
        later = delta[t] + gamma * lam * later * (not over)
        A[t] = later
    return A
"""
CUT = ("next_values * ~terminated", "next_values * ~(terminated | truncated)")
WRONG = [
    CUT,
    ("next_values * ~terminated", "next_values"),
    ("next_values * ~terminated", "next_values * ~truncated"),
    ("next_values * ~terminated", "next_values * (~terminated | truncated)"),
    ("terminated[t] or truncated[t]", "terminated[t]"),
    ("terminated[t] or truncated[t]", "truncated[t]"),
    ("terminated[t] or truncated[t]", "False"),
    ("terminated[t] or truncated[t]", "terminated[t - 1] or truncated[t - 1]"),
    ("gamma * lam * later", "lam * later"),
    ("gamma * lam * later", "gamma * later"),
    ("gamma * lam * later", "gamma + lam * later"),
    ("rewards + gamma * next_values", "rewards + next_values"),
    (" - values", ""),
    ("later = delta[t] +", "later = delta[t] -"),
    ("range(len(delta) - 1, -1, -1)", "range(len(delta))"),
    ("range(len(delta) - 1, -1, -1)", "range(len(delta) - 1, 0, -1)"),
    ("later = np.zeros(len(delta)), 0.0", "later = np.zeros(len(delta)), values[-1]"),
    ("return A", "return A + values"),
    ("return A", "return (A - A.mean()) / A.std()"),
    ("return A", "rewards += 0.1\n    return A"),
    ("return A", "return delta"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_the_direct_sums_in_fractions(case):
    _, given, expected, _ = case

    def exact(x):
        return [Fraction(str(n)) for n in given[x].tolist()]

    rows = map(exact, ["rewards", "values", "next_values"])
    flags = [given[x].tolist() for x in ("terminated", "truncated")]
    rates = [Fraction(str(given[x])) for x in ("gamma", "lam")]
    _, A = direct_gae(*rows, *flags, *rates)
    assert [float(x) for x in A] == pytest.approx(expected, abs=6e-7)


def test_the_page_s_gae_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_gae_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, CUT) in page()
