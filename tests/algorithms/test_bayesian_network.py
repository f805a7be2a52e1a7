"""The page on Bayesian networks: the wet grass, separation, elimination, sampling.

References that the programs never call: enumeration of all rows in exact fractions,
d-separation by its definition over all paths, elimination counted on sets of names,
the variances that theory gives to the three samplers, and ``pgmpy``.
"""

import itertools
import math
import re
from collections import Counter
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from matplotlib.colors import same_color

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import line_of, named, numbers

PAGE = ROOT / "docs/algorithms/bayesian-network.md"
PRACTICE = ROOT / "snippets/algorithms/bayesian_network_practice_numpy.py"
HALF = Fraction(1, 2)
# {variable: (parents, {their values: the chance that it is true})}
LAWN = {
    "C": ("", {(): HALF}),
    "S": ("C", {(0,): HALF, (1,): Fraction(1, 10)}),
    "R": ("C", {(0,): Fraction(2, 10), (1,): Fraction(8, 10)}),
    "W": (
        "SR",
        {
            (0, 0): Fraction(0),
            (0, 1): Fraction(9, 10),
            (1, 0): Fraction(9, 10),
            (1, 1): Fraction(99, 100),
        },
    ),
}


def page():
    return PAGE.read_text(encoding="utf-8")


def every_row(network):
    """{name: value} and its probability, exactly, for all rows."""
    for values in itertools.product([0, 1], repeat=len(network)):
        row = dict(zip(network, values, strict=True))
        p = Fraction(1)
        for name, (parents, table) in network.items():
            true = table[tuple(row[u] for u in parents)]
            p *= true if row[name] else 1 - true
        yield row, p


def chance(network, wanted, given=None):
    """P(wanted | given), exactly; ``None`` where what is given cannot be."""
    given = given or {}
    both = total = Fraction(0)
    for row, p in every_row(network):
        if given.items() <= row.items():
            total += p
            both += p if wanted.items() <= row.items() else 0
    return both / total if total else None


@pytest.fixture
def lawn(run_snippet):
    return run_snippet("algorithms/bayesian_network_numpy")


@pytest.fixture
def separation(run_snippet):
    return run_snippet("algorithms/bayesian_network_separation_numpy")


@pytest.fixture
def elimination(run_snippet):
    return run_snippet("algorithms/bayesian_network_elimination_numpy")


@pytest.fixture
def sampling(run_snippet):
    return run_snippet("algorithms/bayesian_network_sampling_numpy")


@pytest.fixture
def cause(run_snippet):
    return run_snippet("algorithms/bayesian_network_cause_numpy")


@pytest.fixture
def library(run_snippet):
    return run_snippet("algorithms/bayesian_network_pgmpy_python")


# --- the wet grass ------------------------------------------------------------------


def test_printed_rows_are_the_eight_wet_ones_in_order(lawn):
    *lines, wet, whole = lawn.printed_by["joint"].splitlines()
    expected = [
        " ".join(f"{k}={v}" for k, v in row.items()) + f" {float(p):.4f}"
        for row, p in every_row(LAWN)
        if row["W"]
    ]
    assert lines == expected and len(lines) == 8
    assert wet == f"草湿的八行合计 {float(chance(LAWN, {'W': 1})):.4f}"
    assert whole == f"十六行合计 {float(sum(p for _, p in every_row(LAWN))):.4f}"


def test_printed_numbers_of_each_table_are_its_columns(lawn):
    printed = lawn.printed_by["size"]
    for name, (_, table) in LAWN.items():
        assert line_of(printed, f"{name} 的表：") == f"独立的数 {len(table)} 个"
    assert line_of(printed, "洒水网合计 ") == "9 个"
    assert sum(len(table) for _, table in LAWN.values()) == 9


@pytest.mark.parametrize("n", [4, 10, 20, 30])
def test_printed_growth_counts_columns_of_a_network_with_two_parents(lawn, n):
    """Variable ``i`` has as many parents as come before it, two at most."""
    found = numbers(line_of(lawn.printed_by["size"], f"{n} 个变量："))
    columns = sum(2 ** min(i, 2) for i in range(n))
    assert found == [sum(2**i for i in range(n)), columns]


ASKED = {
    ("query", "没有证据"): {},
    ("query", "草湿"): {"W": 1},
    ("explain", "草湿"): {"W": 1},
    ("explain", "草湿，下雨"): {"W": 1, "R": 1},
    ("explain", "草湿，没下雨"): {"W": 1, "R": 0},
    ("explain", "多云"): {"C": 1},
    ("explain", "多云，下雨"): {"C": 1, "R": 1},
}


@pytest.mark.parametrize(("section", "label"), ASKED)
def test_printed_answers_are_enumerated_in_fractions(lawn, section, label):
    found = named(lawn.printed_by[section], f"{label}：")
    names = ["下雨", "洒水"] if section == "query" else ["洒水"]
    assert list(found) == names
    for name, p in found.items():
        target = {"下雨": "R", "洒水": "S"}[name]
        wanted = chance(LAWN, {target: 1}, ASKED[section, label])
        assert p == pytest.approx(float(wanted), abs=6e-5)


def test_each_answer_is_printed_once(lawn):
    for section in ("query", "explain"):
        labels = [x.partition("：")[0] for x in lawn.printed_by[section].splitlines()]
        assert labels == [label for s, label in ASKED if s == section]


def test_einsum_answers_as_the_fractions(lawn):
    found = named(lawn.printed_by["einsum"], "einsum：")
    wanted = {"下雨": 0.7079, "洒水": 0.4298}
    assert found == wanted
    for name, target in [("下雨", "R"), ("洒水", "S")]:
        exact = float(chance(LAWN, {target: 1}, {"W": 1}))
        assert found[name] == pytest.approx(exact, abs=6e-5)


@pytest.mark.parametrize("target", LAWN)
def test_the_page_s_query_holds_for_all_evidence(lawn, target):
    rest = [v for v in LAWN if v != target]
    for values in itertools.product([0, 1, None], repeat=3):
        given = dict(zip(rest, values, strict=True))
        given = {k: v for k, v in given.items() if v is not None}
        wanted = chance(LAWN, {target: 1}, given)
        if wanted is not None:
            assert lawn.query(target, **given) == pytest.approx(float(wanted))


# --- separation ---------------------------------------------------------------------


def blocked(graph, path, given):
    """One path, by the definition: is it blocked somewhere?"""
    for u, v, w in zip(path, path[1:], path[2:], strict=False):
        if graph.has_edge(u, v) and graph.has_edge(w, v):
            if not ({v} | nx.descendants(graph, v)) & set(given):
                return True
        elif v in given:
            return True
    return False


def apart(parents, x, y, given):
    """d-separation by its definition: every path is blocked."""
    graph = nx.DiGraph()
    graph.add_nodes_from(parents)
    graph.add_edges_from((u, v) for v in parents for u in parents[v])
    paths = nx.all_simple_paths(graph.to_undirected(), x, y)
    return all(blocked(graph, path, given) for path in paths)


def mostly(parents):
    """The tables of the page: .9 below a true parent, .1 below none, roots even."""
    network = {}
    for name, above in parents.items():
        keys = itertools.product([0, 1], repeat=len(above))
        network[name] = (
            above,
            {k: Fraction(9 if any(k) else 1, 10) if k else HALF for k in keys},
        )
    return network


SHAPES = {
    "链": {"A": "", "B": "A", "C": "B"},
    "分叉": {"B": "", "A": "B", "C": "B"},
    "对撞": {"A": "", "C": "", "B": "AC"},
    "对撞有后代": {"A": "", "C": "", "B": "AC", "D": "B"},
}


def test_printed_chances_of_the_three_connections(separation):
    first, *lines = separation.printed_by["three"].splitlines()
    assert first == "C 为真的概率："
    expected = []
    for name, parents in SHAPES.items():
        network, cells = mostly(parents), []
        for middle in ["", *(v for v in "BD" if v in parents)]:
            given = {middle: 1} if middle else {}
            no, yes = (chance(network, {"C": 1}, given | {"A": a}) for a in (0, 1))
            label = f"给定 {middle} 真" if middle else "不给定"
            numbers_of = f"A 假 {float(no):.3f}，A 真 {float(yes):.3f}"
            expected.append(f"{name}，{label}：{numbers_of}")
            assert (no == yes) == apart(parents, "A", "C", middle)
            cells.append(f" {float(no):g}，{float(yes):g} ")
        cells += [" "] * (3 - len(cells))
        assert f"| {name} |{'|'.join(cells)}|" in page()
    assert lines == expected


def sentences(parents):
    for x, y in itertools.combinations(parents, 2):
        rest = [v for v in parents if v not in (x, y)]
        for keep in itertools.product([False, True], repeat=len(rest)):
            yield x, y, "".join(itertools.compress(rest, keep))


def test_printed_independences_of_the_sprinkler_are_those_of_the_definition(separation):
    parents = {name: above for name, (above, _) in LAWN.items()}
    expected = {
        f"{x} 与 {y} 独立，给定 {given}"
        for x, y, given in sentences(parents)
        if apart(parents, x, y, given)
    }
    lines = separation.printed_by["sprinkler"].splitlines()
    assert len(lines) == len(expected) == 2
    assert set(lines) == expected


def test_the_sprinkler_s_numbers_have_these_independences_and_no_others():
    parents = {name: above for name, (above, _) in LAWN.items()}
    for x, y, given in sentences(parents):
        same = True
        for values in itertools.product([0, 1], repeat=len(given)):
            e = dict(zip(given, values, strict=True))
            both = [chance(LAWN, {y: 1}, e | {x: v}) for v in (0, 1)]
            same &= None in both or both[0] == both[1]
        assert same == apart(parents, x, y, given)


def test_printed_agreement_on_the_larger_graph(separation):
    parents = {"A": "", "B": "", "C": "AB", "D": "B", "E": "CD", "F": "D"}
    assert parents == separation.LARGE
    every = list(sentences(parents))
    count = sum(apart(parents, *sentence) for sentence in every)
    first, theirs, ours, last = separation.printed_by["library"].splitlines()
    assert first == f"六个变量：{len(every)} 句，d 分离 {count} 句"
    assert theirs == f"与 networkx 一致：{len(every)} 句"
    assert ours == f"与表里的数一致：{len(every)} 句"
    assert len(every) == 240 and 0 < count < 240
    smallest = float(last.removeprefix("不分离的各句里，最小的差 "))
    assert 1e-5 < smallest < 1e-2


def test_the_smallest_printed_difference_is_that_of_the_random_tables(separation):
    """The same tables, drawn here, and every difference by sums over all rows."""
    parents = separation.LARGE
    rng = np.random.default_rng(0)
    network = {}
    for name, above in parents.items():
        p = rng.uniform(0.1, 0.9, size=(2,) * len(above))
        keys = itertools.product([0, 1], repeat=len(above))
        network[name] = (above, {k: float(np.asarray(p)[k]) for k in keys})
    rows = list(every_row(network))
    for row, p in rows:
        assert separation.table[tuple(row.values())] == pytest.approx(p, abs=0)
    smallest = 1.0
    for x, y, given in sentences(parents):
        if apart(parents, x, y, given):
            continue
        largest = 0.0
        for values in itertools.product([0, 1], repeat=len(given)):
            cells = np.zeros((2, 2))
            for row, p in rows:
                if tuple(row[v] for v in given) == values:
                    cells[row[x], row[y]] += p
            cells /= cells.sum()
            product = np.outer(cells.sum(axis=1), cells.sum(axis=0))
            largest = max(largest, abs(cells - product).max())
        smallest = min(smallest, largest)
    last = separation.printed_by["library"].splitlines()[-1]
    assert last == f"不分离的各句里，最小的差 {smallest:.0e}"
    assert f"最小也差 {smallest:.0e}：" in page()


@pytest.mark.parametrize("seed", range(6))
def test_the_page_s_separation_is_the_definition_on_random_graphs(separation, seed):
    rng = np.random.default_rng(seed)
    names = "abcde"
    parents = {
        v: "".join(u for u in names[:i] if rng.random() < 0.45)
        for i, v in enumerate(names)
    }
    for x, y, given in sentences(parents):
        for pair in [(x, y), (y, x)]:
            wanted = apart(parents, x, y, given)
            assert separation.separated(parents, *pair, given) == wanted


# --- elimination --------------------------------------------------------------------


def reckon(scopes, order):
    """Multiplications and the largest factor, on sets of names alone."""
    scopes, cost, largest = [frozenset(s) for s in scopes], 0, 0
    for v in [*order, None]:
        used = [s for s in scopes if v is None or v in s]
        scopes = [s for s in scopes if s not in used]
        merged = used[0]
        for s in used[1:]:
            merged |= s
            cost += 2 ** len(merged)
        largest = max(largest, 2 ** len(merged))
        scopes.append(merged - {v})
    return cost, largest


def scopes_of(shape, n):
    """Parents and child of each table: a chain, or a star with its hub first."""
    return [
        {0},
        *({i - 1 if shape == "链" else 0, i} for i in range(1, n)),
    ]


def lattice(k):
    cells = itertools.product(range(k), repeat=2)
    return [
        {(i, j), *(u for u in [(i - 1, j), (i, j - 1)] if min(u) >= 0)}
        for i, j in cells
    ]


def smallest_first(scopes, keep):
    """The greedy order on the graph of neighbours, not on tables."""
    graph = nx.Graph()
    for scope in scopes:
        graph.add_nodes_from(scope)
        graph.add_edges_from(itertools.combinations(scope, 2))
    order = []
    while len(graph) > 1:
        v = min(sorted(set(graph) - {keep}), key=graph.degree)
        graph.add_edges_from(itertools.combinations(list(graph[v]), 2))
        graph.remove_node(v)
        order.append(v)
    return order


def cells_of(values, names):
    """A factor as it is printed: each cell with the values that it stands for."""
    pairs = zip(names, values, strict=True)
    return "　" + "，".join(f"{name} 是 {float(p):.4f}" for name, p in pairs)


def test_printed_steps_of_the_elimination_are_sums_over_rows(elimination):
    first, table, second, line, last, end, answer = elimination.printed_by[
        "sprinkler"
    ].splitlines()
    assert first == "消去 C：(C) (C,S) (C,R) → (S,R)，乘法 12 次"
    assert second == "消去 S：(S,R) (S,R) → (R)，乘法 4 次"
    assert last == "剩下：(R) → (R)，乘法 0 次"
    pairs = [
        chance(LAWN, {"S": s, "R": r}) for s, r in itertools.product([0, 1], repeat=2)
    ]
    assert table == cells_of(pairs, ["00", "01", "10", "11"])
    assert [float(p) for p in pairs] == [0.29, 0.41, 0.21, 0.09]
    ends = [chance(LAWN, {"W": 1, "R": r}) for r in (0, 1)]
    assert line == end == cells_of(ends, "01")
    wet, rain = re.fullmatch(
        r"P\(W=1\) = (\S+)，P\(R=1 \| W=1\) = (\S+)", answer
    ).groups()
    assert float(wet) == float(sum(ends)) == 0.6471
    assert float(rain) == pytest.approx(float(ends[1] / sum(ends)), abs=6e-5)


def test_the_steps_of_the_sprinkler_multiply_sixteen_times():
    """12 + 4, counted on names: the page's film strip."""
    assert reckon(["C", "CS", "CR", "SR"], "CS") == (16, 8)


def said(text, label):
    return tuple(int(x) for x in numbers(line_of(text, f"{label}：")))


@pytest.mark.parametrize(
    ("label", "shape", "order"),
    [
        ("链，从头到尾", "链", range(19)),
        ("星，先叶后心", "星", [*range(2, 20), 0]),
        ("星，先心后叶", "星", [0, *range(2, 20)]),
    ],
    ids=["chain", "leaves", "hub"],
)
def test_printed_costs_of_the_orders(elimination, label, shape, order):
    expected = reckon(scopes_of(shape, 20), order)
    assert said(elimination.printed_by["orders"], label) == expected
    cost, largest = map(str, expected)
    row = rf"\| {label} \| {cost} \| {largest} 个数 \|"
    assert re.search(row, page())


def test_printed_cost_of_listing_all_rows(elimination):
    first, *rest = elimination.printed_by["orders"].splitlines()
    assert first == f"列举 {2**20} 行：乘法 {2**20 * 19} 次"
    assert f"| 列举全部的行 | {2**20 * 19} | |" in page()
    assert len(rest) == 3


def test_odd_variables_first_costs_more_on_the_chain(elimination):
    """The exercise: 9 steps of 8, 10 of 4."""
    order = [*range(1, 18, 2), *range(0, 19, 2)]
    assert reckon(scopes_of("链", 20), order) == (112, 8)
    _, steps = elimination.eliminate(elimination.line, order)
    assert sum(cost for *_, cost in steps) == 112
    assert max(size for *_, size, _ in steps) == 8
    assert "112 次，8 个数" in page()


@pytest.mark.parametrize("k", [2, 4, 6, 8, 10])
def test_printed_costs_of_the_lattice(elimination, k):
    scopes = lattice(k)
    orders = {
        "贪心": smallest_first(scopes, (k - 1, k - 1)),
        "逐行": list(itertools.product(range(k), repeat=2))[:-1],
    }
    for name, order in orders.items():
        found = said(elimination.printed_by["grid"], f"{k}×{k}，{name}")
        assert found == reckon(scopes, order)


def test_five_lattices_are_printed_each_in_two_orders(elimination):
    assert len(elimination.printed_by["grid"].splitlines()) == 10


def test_row_by_row_beats_the_greedy_order_on_the_largest_lattice(elimination):
    """「10×10，贪心要 32768 个；若逐行消去……$2^{11}=2048$ 个」."""
    printed = elimination.printed_by["grid"]
    found = [said(printed, f"10×10，{name}")[1] for name in ("贪心", "逐行")]
    assert found == [32768, 2048] == [2**15, 2**11]
    assert "贪心要 32768 个" in page() and "$2^{11}=2048$ 个" in page()


def random_networks():
    """The tables of the program, in its order, from their own stream."""
    rng = np.random.default_rng(0)

    def table(parents):
        p = np.asarray(rng.uniform(0.1, 0.9, size=(2,) * parents))
        return np.stack([1 - p, p], axis=-1)

    first = table(0)
    line = [first, *(table(1) for _ in range(19))]
    star = [first, *(table(1) for _ in range(19))]
    lattices = [
        [table(len(scope) - 1) for scope in lattice(k)] for k in (2, 4, 6, 8, 10, 4)
    ]
    return line, star, lattices


def test_both_printed_chances_of_the_corner_are_sums_over_all_rows(elimination):
    *_, tables = random_networks()[2]
    cells = list(itertools.product(range(4), repeat=2))
    whole = np.ones((2,) * 16)
    for (i, j), table in zip(cells, tables, strict=True):
        above = [(i - 1, j), (i, j - 1)]
        scope = [cells.index(u) for u in above if min(u) >= 0] + [4 * i + j]
        order = sorted(range(len(scope)), key=scope.__getitem__)
        shape = [2 if axis in scope else 1 for axis in range(16)]
        whole = whole * table.transpose(order).reshape(shape)
    wanted = whole.sum(axis=tuple(range(15)))
    assert wanted.sum() == pytest.approx(1)
    found = named(elimination.printed_by["library"], "右下角为真：")
    assert list(found) == ["本页", "einsum"]
    assert list(found.values()) == pytest.approx([wanted[1]] * 2, abs=6e-7)


def test_the_chain_s_end_is_a_product_of_matrices(elimination):
    line, star, _ = random_networks()
    (names, p), _ = elimination.eliminate(elimination.line, range(19))
    assert names == [19]
    np.testing.assert_allclose(p, np.linalg.multi_dot(line), rtol=1e-12)
    (names, p), _ = elimination.eliminate(elimination.star, [*range(2, 20), 0])
    assert names == [1]
    np.testing.assert_allclose(p, star[0] @ star[1], rtol=1e-12)


@pytest.mark.parametrize("order", list(itertools.permutations("CSR")))
def test_every_order_gives_the_same_answer(elimination, order):
    (names, p), _ = elimination.eliminate(LAWN_TABLES, order)
    assert names == ["W"]
    wanted = [float(chance(LAWN, {"W": w})) for w in (0, 1)]
    np.testing.assert_allclose(p, wanted, rtol=1e-12)


def table_of(name):
    parents, table = LAWN[name]
    p = np.zeros((2,) * len(parents))
    for key, value in table.items():
        p[key] = float(value)
    return [*parents, name], np.stack([1 - p, p], axis=-1)


LAWN_TABLES = [table_of(name) for name in LAWN]


@pytest.mark.parametrize("name", LAWN)
@pytest.mark.parametrize("program", ["lawn", "sampling"])
def test_two_programs_hold_the_tables_of_the_page(request, program, name):
    found = getattr(request.getfixturevalue(program), f"P_{name}")
    np.testing.assert_allclose(found, table_of(name)[1], rtol=1e-12)


# --- sampling -----------------------------------------------------------------------

DRY = {"S": 1, "W": 0}
EXACT = chance(LAWN, {"R": 1}, DRY)
RUNS = 200


def test_printed_evidence_and_exact_answer(sampling):
    found = named(sampling.printed_by["exact"], "")
    assert found["证据的概率"] == float(chance(LAWN, DRY)) == 0.0219
    assert found["精确答案"] == pytest.approx(float(EXACT), abs=6e-5)
    assert "每千个样本平均只留下 22 个" in page()


def rejected(rng, n):
    u = rng.random((4, n))
    c = u[0] < 0.5
    s = u[1] < np.where(c, 0.1, 0.5)
    r = u[2] < np.where(c, 0.8, 0.2)
    dry = u[3] >= np.select([s & r, s | r], [0.99, 0.9], 0.0)
    return np.count_nonzero(s & r & dry) / np.count_nonzero(s & dry)


def weights(rng, n):
    u = rng.random((2, n))
    c = u[0] < 0.5
    r = u[1] < np.where(c, 0.8, 0.2)
    w = np.where(c, 0.1, 0.5) * np.where(r, 0.01, 0.1)
    return w[r].sum() / w.sum()


def walked(rng, n):
    """Gibbs: cloudy given rain, rain given cloudy, by the fractions."""
    cloudy = [float(chance(LAWN, {"C": 1}, DRY | {"R": r})) for r in (0, 1)]
    rainy = [float(chance(LAWN, {"R": 1}, DRY | {"C": c})) for c in (0, 1)]
    rain, total = False, 0
    for u, v in zip(*rng.random((n, 2)).T.tolist(), strict=True):
        rain = v < rainy[u < cloudy[rain]]
        total += rain
    return total / n


def theory(name):
    """The variance of the estimate times the number of samples."""
    p = float(EXACT)
    if name == "拒绝采样":
        return p * (1 - p) / float(chance(LAWN, DRY))
    if name == "似然加权":
        second = 0.0
        for c, r in itertools.product([0, 1], repeat=2):
            w = float(
                chance(LAWN, {"S": 1}, {"C": c})
                * chance(LAWN, {"W": 0}, {"S": 1, "R": r})
            )
            second += float(chance(LAWN, {"C": c, "R": r})) * w**2 * (r - p) ** 2
        return second / float(chance(LAWN, DRY)) ** 2
    stay = [
        sum(
            chance(LAWN, {"C": c}, DRY | {"R": r})
            * chance(LAWN, {"R": 1}, DRY | {"C": c})
            for c in (0, 1)
        )
        for r in (0, 1)
    ]
    slow = float(stay[1] - stay[0])  # the second eigenvalue
    return p * (1 - p) * (1 + slow) / (1 - slow)


SAMPLERS = {"拒绝采样": rejected, "似然加权": weights, "吉布斯采样": walked}


@pytest.mark.parametrize("name", SAMPLERS)
def test_printed_errors_are_those_of_theory(sampling, name):
    found = errors_of(sampling, name)
    for n, rms in found.items():
        assert rms == pytest.approx(math.sqrt(theory(name) / n), rel=0.15)


def errors_of(sampling, name):
    pairs = line_of(sampling.printed_by["errors"], f"{name}：").split("，")
    found = dict(pair.split(" 个 ") for pair in pairs)
    assert list(found) == ["1000", "4000", "16000"]
    return {int(n): float(rms) for n, rms in found.items()}


@pytest.mark.parametrize("name", SAMPLERS)
def test_printed_errors_are_found_again_from_the_same_streams(sampling, name):
    printed = errors_of(sampling, name)
    for n, rms in printed.items():
        found = [SAMPLERS[name](np.random.default_rng(s), n) for s in range(RUNS)]
        wanted = np.sqrt(np.mean((np.array(found) - float(EXACT)) ** 2))
        assert rms == pytest.approx(wanted, abs=6e-5)
    row = " | ".join(f"{rms:.4f}" for rms in printed.values())
    assert f"| {name} | {row} |" in page()


def test_rejection_with_16000_is_worse_than_weighting_with_1000(sampling):
    assert (
        errors_of(sampling, "拒绝采样")[16000] > errors_of(sampling, "似然加权")[1000]
    )


def parity(epsilon, seed):
    """The walk of the trap: how often was it turned, odd or even?"""
    turned = np.random.default_rng(seed).random((10000, 2)) < epsilon
    return np.cumsum(turned.sum(axis=1)) % 2


@pytest.mark.parametrize("epsilon", ["0.1", "0.01", "0.001", "0"])
def test_printed_moves_and_estimates_of_the_trap(sampling, epsilon):
    walks = [parity(float(epsilon), seed) for seed in range(20)]
    moves = np.mean([np.count_nonzero(w[1:] != w[:-1]) for w in walks])
    means = [w.mean() for w in walks]
    said = line_of(sampling.printed_by["trap"], f"不同的概率 {epsilon}：")
    span = f"二十条链的估计 {min(means):.2f} 到 {max(means):.2f}"
    assert said == f"平均换 {moves:.0f} 次，{span}"
    ends = f"{min(means):.2f} 与 {max(means):.2f} 之间"
    assert (ends in page()) == (epsilon in ("0.1", "0.001"))


def test_the_text_rounds_the_moves_of_the_trap(sampling):
    moves = [
        line.split(" 次，")[0] for line in sampling.printed_by["trap"].splitlines()
    ]
    often, _, seldom, never = (int(x.rsplit(" ", 1)[1]) for x in moves)
    text = page()
    assert f"一万步里换了约 {round(often, -2)} 次" in text
    assert f"只换约 {seldom} 次" in text
    assert never == 0 and "ε 是 0 时一次也不换" in text


def test_four_traps_are_printed(sampling):
    assert len(sampling.printed_by["trap"].splitlines()) == 4


def test_the_figure_shows_the_errors_and_the_walks(sampling):
    above, below = sampling.axes
    assert [line.get_label() for line in above.lines] == list(SAMPLERS)
    for line in above.lines:
        assert list(line.get_xdata()) == [1000, 4000, 16000]
        printed = errors_of(sampling, line.get_label())
        np.testing.assert_allclose(
            line.get_ydata(), list(printed.values()), rtol=0, atol=6e-5
        )
    assert (above.get_xscale(), above.get_yscale()) == ("log", "log")
    low, high = above.get_ylim()
    assert (low, high) == (0.0005, 0.3)
    drawn = np.concatenate([line.get_ydata() for line in above.lines])
    assert low < drawn.min() and drawn.max() < high
    kinds = [("0.1", "C1"), ("0.001", "C0")]
    wanted = [(e, color, seed) for e, color in kinds for seed in range(4)]
    assert len(below.lines) == len(wanted)
    for line, (epsilon, color, seed) in zip(below.lines, wanted, strict=True):
        walk = parity(float(epsilon), seed)
        at = np.arange(100, 10001, 100)
        np.testing.assert_array_equal(line.get_xdata(), at)
        so_far = [walk[:n].mean() for n in at]
        np.testing.assert_allclose(line.get_ydata(), so_far, rtol=1e-12)
        assert same_color(line.get_color(), color)
        if seed == 0:
            assert line.get_label() == f"不同的概率 {epsilon}"
    assert below.get_ylim()[0] <= 0 and below.get_ylim()[1] >= 1


# --- causes -------------------------------------------------------------------------

# {(mild or severe, treated): (well again, of how many)}
CLINIC = {
    ("轻症", 0): (72, 90),
    ("轻症", 1): (27, 30),
    ("重症", 0): (4, 10),
    ("重症", 1): (35, 70),
}


def crude(x):
    well, of = (sum(v[i] for k, v in CLINIC.items() if k[1] == x) for i in (0, 1))
    return Fraction(well, of)


def adjusted(x):
    people = Counter()
    for (z, _), (_, of) in CLINIC.items():
        people[z] += of
    return sum(
        Fraction(*CLINIC[z, x]) * Fraction(n, people.total()) for z, n in people.items()
    )


def test_printed_rates_of_the_clinic(cause):
    mild, severe, whole = cause.printed_by["counts"].splitlines()
    for line, z in [(mild, "轻症"), (severe, "重症")]:
        parts = [
            f"{name} {well}/{of} = {well / of:.2f}"
            for name, (well, of) in [
                ("没用药", CLINIC[z, 0]),
                ("用药", CLINIC[z, 1]),
            ]
        ]
        assert line == f"{z}：{'，'.join(parts)}"
    found = named(whole, "合起来：")
    assert found == {"没用药": float(crude(0)), "用药": float(crude(1))}


def test_the_text_repeats_the_numbers_of_the_clinic():
    text = page()
    for group, x in [("用药", 1), ("没用药", 0)]:
        (_, mild), (_, severe) = CLINIC["轻症", x], CLINIC["重症", x]
        assert mild + severe == 100
        assert re.search(rf"[：，]{group}的 100 人里只?有 {severe} 个", text)
    (_, mild), (_, severe) = CLINIC["轻症", 1], CLINIC["重症", 1]
    assert f"用药的人里轻症 {mild / 100:g}，重症 {severe / 100:g}。" in text
    assert f"他痊愈的概率」，答 {float(crude(1))}。" in text
    assert f"要比的是 {float(crude(1))} 与 {float(crude(0))}，" in text
    sums = {
        x: r"{:g}\times0.6+{:g}\times0.4={:g}".format(
            *(float(Fraction(*CLINIC[z, x])) for z in ("轻症", "重症")),
            float(adjusted(x)),
        )
        for x in (0, 1)
    }
    assert f"手算：用药 ${sums[1]}$，没用药 ${sums[0]}$。" in text
    assert "全体里轻症占 0.6，重症占 0.4。" in text


def test_printed_adjustment(cause):
    printed = cause.printed_by["adjust"]
    assert printed.splitlines()[0] == "轻症、重症各占 0.60、0.40"
    found = named(printed, "校正后：")
    assert found == {"没用药": float(adjusted(0)), "用药": float(adjusted(1))}
    assert (adjusted(0), adjusted(1)) == (Fraction(16, 25), Fraction(37, 50))


def test_the_comparison_flips():
    better = [
        Fraction(*CLINIC[z, 1]) > Fraction(*CLINIC[z, 0]) for z in ("轻症", "重症")
    ]
    assert better == [True, True] and crude(1) < crude(0)


def test_printed_effects_of_the_two_structures(cause):
    first, *_ = printed = cause.printed_by["structures"].splitlines()
    assert first == "两张图乘出同一张联合表：True" and len(printed) == 3
    text = cause.printed_by["structures"]
    for label, effect in [("Z → X：", adjusted), ("X → Z：", crude)]:
        found = named(text, label)
        assert found == {"没用药": float(effect(0)), "用药": float(effect(1))}


def test_the_two_structures_really_give_one_table(cause):
    people = sum(of for _, of in CLINIC.values())
    for (z, x), (well, of) in CLINIC.items():
        i = ["轻症", "重症"].index(z)
        wanted = [(of - well) / people, well / people]
        for table in (cause.joint, cause.fork, cause.mediator):
            np.testing.assert_allclose(table[i, x], wanted, rtol=1e-12)


def test_a_coin_finds_what_the_structure_says(cause):
    """The same coins; and the rates are the exact ones within three errors."""
    text = cause.printed_by["experiment"]
    assert len(text.splitlines()) == 2
    well_of = {k: well / of for k, (well, of) in CLINIC.items()}
    rate = np.array([[well_of[z, x] for x in (0, 1)] for z in ("轻症", "重症")])
    severe = {"Z → X：": [0.4, 0.4], "X → Z：": [0.1, 0.7]}
    for label, effect in [("Z → X：", adjusted), ("X → Z：", crude)]:
        rng = np.random.default_rng(0)
        x = rng.integers(0, 2, 100_000)
        ill, lucky = rng.random((2, 100_000))
        z = (ill < np.take(severe[label], x)).astype(int)
        well = lucky < rate[z, x]
        shares = [np.mean(well[x == group]) for group in (0, 1)]
        assert shares == pytest.approx([float(effect(g)) for g in (0, 1)], abs=0.0067)
        wanted = "没用药 {:.2f}，用药 {:.2f}".format(*shares)
        assert line_of(text, label) == wanted


@pytest.mark.parametrize("severe", [0.5, 0.2])
def test_the_trial_s_groups_are_drawn_by_the_coin(cause, severe):
    """Whatever share of severe cases each group is given, its rate follows."""
    table = np.array([[1 - severe, 0.9], [severe, 0.1]])
    found = cause.trial(np.random.default_rng(1), table)
    rate = {k: well / of for k, (well, of) in CLINIC.items()}
    wanted = [
        (1 - severe) * rate["轻症", 0] + severe * rate["重症", 0],
        0.9 * rate["轻症", 1] + 0.1 * rate["重症", 1],
    ]
    assert found == pytest.approx(wanted, abs=0.011)


# --- pgmpy --------------------------------------------------------------------------


def test_pgmpy_answers_as_the_fractions(library):
    first, second = library.printed_by["library"].splitlines()
    assert first == "检查通过：True"
    found = named(second, "草湿：")
    wanted = {"下雨": chance(LAWN, {"R": 1}, {"W": 1})}
    wanted["洒水"] = chance(LAWN, {"S": 1}, {"W": 1})
    assert list(found) == list(wanted)
    assert found == pytest.approx({k: float(v) for k, v in wanted.items()}, abs=6e-5)


@pytest.mark.parametrize("name", LAWN)
def test_pgmpy_s_tables_are_those_of_the_page(library, name):
    """Its axes: the variable itself first, then the parents as given."""
    parents, table = LAWN[name]
    cpd = library.lawn.get_cpds(name)
    assert cpd.variables == [name, *parents]
    for key, true in table.items():
        found = [cpd.values[(value, *key)] for value in (0, 1)]
        assert found == pytest.approx([float(1 - true), float(true)])


def exam(order):
    """The four numbers in their columns, the last parent changing fastest."""
    columns = dict(
        zip(
            itertools.product([0, 1], repeat=2),
            [Fraction(n, 10) for n in (6, 9, 2, 7)],
            strict=True,
        )
    )
    table = {
        (d, i): columns[tuple({"D": d, "I": i}[v] for v in order)]
        for d, i in itertools.product([0, 1], repeat=2)
    }
    return {
        "D": ("", {(): Fraction(3, 10)}),
        "I": ("", {(): Fraction(6, 10)}),
        "G": ("DI", table),
    }


@pytest.mark.parametrize(
    ("label", "order"), [("[D,I]", "DI"), ("[I,D]", "ID"), ("reorder_parents", "DI")]
)
def test_printed_answers_of_the_orders_of_evidence(library, label, order):
    passed, *parts = line_of(library.printed_by["order"], f"{label}：").split("，")
    assert passed == "检查通过 True"
    found = {k: float(v) for k, v in (part.split(" ") for part in parts)}
    network = exam(order)
    wanted = {
        "易而用功": chance(network, {"G": 1}, {"D": 0, "I": 1}),
        "难而不用功": chance(network, {"G": 1}, {"D": 1, "I": 0}),
        "成绩好的人里题难": chance(network, {"D": 1}, {"G": 1}),
    }
    assert list(found) == list(wanted)
    assert found == pytest.approx({k: float(v) for k, v in wanted.items()}, abs=6e-5)


def test_the_text_repeats_what_the_order_changes():
    before, after = (chance(exam(o), {"D": 1}, {"G": 1}) for o in ("DI", "ID"))
    assert f"从 {float(before):.4f} 变成 {float(after):.4f}。" in page()


def test_three_orders_are_printed(library):
    assert len(library.printed_by["order"].splitlines()) == 3


def test_impossible_evidence_is_nan_with_a_warning_only(library):
    answer, warning, probability, _ = library.printed_by["zero"].splitlines()
    one, zero = {(0,): Fraction(0), (1,): Fraction(1)}, Fraction(2, 10)
    gauges = {"R": ("", {(): zero}), "A": ("R", one), "B": ("R", one)}
    assert chance(gauges, {"R": 1}, {"A": 1, "B": 0}) is None
    assert answer == "A 说下了，B 说没下：nan"
    assert warning == "警告：RuntimeWarning"
    assert probability == "这份证据的概率：0.0000"


def test_the_gauges_are_perfect_and_it_rains_one_day_in_five(library):
    assert library.ask(library.gauges, "R") == pytest.approx(0.2)
    for gauge, value in itertools.product("AB", [0, 1]):
        assert library.ask(library.gauges, "R", **{gauge: value}) == value


def test_evidence_that_cannot_be_is_answered_without_a_word(library):
    """「库却照样报出 0.3103，与不给 W 时一样」."""
    last = library.printed_by["zero"].splitlines()[-1]
    cannot = {"S": 0, "R": 0, "W": 1}
    assert chance(LAWN, {"C": 1}, cannot) is None
    wanted = float(chance(LAWN, {"C": 1}, {"S": 0, "R": 0}))
    assert last == (f"多云：{wanted:.4f}，不给 W：{wanted:.4f}，证据的概率 0.0000")
    assert f"{wanted:.4f}" == "0.3103"


# {(S, R): (rows, of them wet)}
SEEN = {(0, 0): (8, 0), (0, 1): (10, 9), (1, 0): (5, 3), (1, 1): (0, 0)}


@pytest.mark.parametrize("column", SEEN, ids=lambda c: "".join(map(str, c)))
def test_printed_ways_of_learning_a_column(library, column):
    rows, wet = SEEN[column]
    s, r = column
    found = named(library.printed_by["unseen"], f"S={s} R={r}，{rows} 行：")
    expert = (1, 9) if column == (1, 1) else (1, 1)
    wanted = {
        "极大似然": Fraction(wet, rows) if rows else HALF,
        "BDeu": Fraction(wet + 1, rows + 2),
        "专家": Fraction(wet + expert[1], rows + sum(expert)),
    }
    assert list(found) == list(wanted)
    assert found == pytest.approx({k: float(v) for k, v in wanted.items()}, abs=6e-3)
    cells = " | ".join(f"{p:.2f}" for p in found.values())
    assert f"| {s}，{r} | {rows} | {cells} |" in page()


def test_fit_sorts_the_parents_by_name(library):
    last = library.printed_by["unseen"].splitlines()[-1]
    assert last == "学到的表，轴的次序：W R S"


# --- the text -----------------------------------------------------------------------


def test_the_hand_s_numbers_stand_in_the_text():
    text = page()
    rain, sprinkler = (chance(LAWN, {v: 1, "W": 1}) for v in "RS")
    wet = chance(LAWN, {"W": 1})
    assert rf"\frac{{{float(rain):.4f}}}{{{float(wet):.4f}}}=0.7079" in text
    assert f"合计 {float(sprinkler):.4f}，占 {float(sprinkler / wet):.4f}" in text
    cloudy = chance(LAWN, {"C": 1, "W": 1})
    assert (
        f"合计 {float(cloudy):.4f}。除以 0.6471，得 {float(cloudy / wet):.4f}" in text
    )


def test_the_exercise_s_difference_is_independent_without_separation():
    unlike = {
        (a, c): Fraction(int(a != c)) for a, c in itertools.product([0, 1], [0, 1])
    }
    for share, wanted in [(HALF, (HALF, HALF)), (Fraction(3, 5), (0.6, 0.4))]:
        network = {
            "A": ("", {(): HALF}),
            "C": ("", {(): share}),
            "B": ("AC", unlike),
        }
        found = [float(chance(network, {"B": 1}, {"A": a})) for a in (0, 1)]
        assert found == pytest.approx([float(x) for x in wanted])


# --- the practice -------------------------------------------------------------------

SOLUTION = """
def eliminate(factors, order):
    factors = list(factors)
    for v in [*order, None]:
        used = [f for f in factors if v is None or v in f[0]]
        factors = [f for f in factors if v is not None and v not in f[0]]
        names = list(dict.fromkeys(n for f in used for n in f[0]))
        keep = [n for n in names if n != v]
        operands = []
        for f in used:
            operands += [f[1], [names.index(n) for n in f[0]]]
        table = np.einsum(*operands, [names.index(n) for n in keep])
        factors.append((keep, table))
    p = factors[0][1]
    if p.sum() == 0:
        return None
    return p / p.sum()
"""
SKIPS = (
    "if v is None or v in f[0]]",
    "if (v is None and f[0]) or v in f[0]]",
)
WRONG = [
    SKIPS,  # forgets the tables whose variables are all seen
    ("    if p.sum() == 0:\n        return None\n", ""),  # 0 / 0
    ("return None", "return np.ones(len(p)) / len(p)"),  # a uniform answer
    ("return None", "return p"),
    ("return p / p.sum()", "return p"),  # not normalised
    ("return p / p.sum()", "return p / p.max()"),
    ("return p / p.sum()", "return 1 - p / p.sum()"),
    ("return p / p.sum()", "return (p / p.sum())[1]"),  # of 'true' alone
    (
        "table = np.einsum(*operands, [names.index(n) for n in keep])",
        "table = np.einsum(*operands, range(len(names)))\n"
        "        axis = [names.index(v)] if v else []\n"
        "        table = table.max(axis=tuple(axis))",
    ),  # the maximum, no sum
    (
        "table = np.einsum(*operands, [names.index(n) for n in keep])",
        "table = np.einsum(*operands, range(len(names)))\n"
        "        table = table.sum(axis=0) if v else table",
    ),  # the first axis, whatever its name
    ("[names.index(n) for n in f[0]]", "[names.index(n) for n in sorted(f[0])]"),
    ("[names.index(n) for n in f[0]]", "range(len(f[0]))"),  # by place, not by name
    (
        "factors.append((keep, table))",
        "factors.insert(0, (keep, table))\n        "
        "used.clear()\n        factors = factors[:1]",
    ),  # drops the others
    ("factors = list(factors)", "factors.reverse()"),  # the caller's list
    ("for v in [*order, None]", "for v in [*order[:-1], None]"),
]


def reckoned(given):
    """P(the one that is left), by ``pgmpy`` on the factors; ``None`` where all is 0."""
    from pgmpy.factors.discrete import DiscreteFactor
    from pgmpy.inference import VariableElimination
    from pgmpy.models import DiscreteMarkovNetwork

    model, scale = DiscreteMarkovNetwork(), 1.0
    for names, table in given["factors"]:
        model.add_nodes_from(names)
        model.add_edges_from(itertools.combinations(names, 2))
        if names:
            model.add_factors(DiscreteFactor(names, table.shape, table))
        else:
            scale *= float(table)
    (target,) = set(model.nodes()) - set(given["order"])
    order = given["order"] or "greedy"
    solver = VariableElimination(model)
    answer = solver.query([target], elimination_order=order, show_progress=False)
    p = answer.values * scale
    return (p / p.sum()).tolist() if p.sum() else None


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_pgmpy_finds(case):
    _, given, want, _ = case
    found = reckoned(given)
    assert found == (want if want is None else pytest.approx(want, abs=6e-7))


def test_the_first_case_is_the_page_s_lawn():
    first, *_ = practice.values(PRACTICE)["CASES"]
    wanted = [float(chance(LAWN, {"R": r}, {"W": 1})) for r in (0, 1)]
    assert first[2] == pytest.approx(wanted, abs=6e-7)


def tables_of(case):
    return [(names, table.tolist()) for names, table in case[1]["factors"]]


def test_the_impossible_cases_are_those_of_the_page():
    """The gauges: P(R), P(A=1|R), P(B=0|R); the dry lawn: S=0, R=0, yet W=1."""
    _, _, gauges, dry, _ = practice.values(PRACTICE)["CASES"]
    assert tables_of(gauges) == [
        (["R"], [0.8, 0.2]),
        (["R"], [0.0, 1.0]),
        (["R"], [1.0, 0.0]),
    ]
    given = {
        "C": [chance(LAWN, {"C": c}) for c in (0, 1)],
        "S": [chance(LAWN, {"S": 0}, {"C": c}) for c in (0, 1)],
        "R": [chance(LAWN, {"R": 0}, {"C": c}) for c in (0, 1)],
    }
    wanted = [(["C"], list(map(float, p))) for p in given.values()]
    assert tables_of(dry) == [*wanted, ([], float(LAWN["W"][1][0, 0]))]


def test_a_solution_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_the_page_s_functions_pass_the_practice_with_a_last_step(elimination):
    """Its ``eliminate`` gives a factor and the steps: normalise, and 0 is None."""
    for _, given, want, _ in practice.values(PRACTICE)["CASES"]:
        (_, p), _ = elimination.eliminate(given["factors"], given["order"])
        found = (p / p.sum()).tolist() if p.sum() else None
        assert found == (want if want is None else pytest.approx(want, abs=6e-7))


def test_no_wrong_elimination_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, SKIPS) in page()
