"""The TensorFlow page: tensors, tape, graphs, pipelines, training, checkpoints.

References that the programs never call: NumPy's arithmetic, ``torch`` (gradients, the
whole training run, TF32 by bits), and small models of our own (which calls trace, how a
buffer shuffles, how long a pipeline takes).
"""

import itertools
import math
import re

import numpy as np
import pytest
import torch
from torch import nn

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

SNIPPETS = ROOT / "snippets/frameworks"
PRACTICE = SNIPPETS / "tensorflow_practice_tf.py"
FIGURES = ROOT / "docs/assets/figures"


def page():
    return (ROOT / "docs/frameworks/tensorflow.md").read_text(encoding="utf-8")


def texts(figure):
    source = (FIGURES / f"tensorflow-{figure}.svg").read_text(encoding="utf-8")
    return re.findall(r"<text[^>]*>([^<]*)</text>", source)


def program(name):
    fixture = pytest.fixture(name=name.split("_")[1])
    return fixture(lambda run_snippet: run_snippet(name))


tensors = program("frameworks/tensorflow_tensors_tf")
tape = program("frameworks/tensorflow_tape_tf")
function = program("frameworks/tensorflow_function_tf")
autograph = program("frameworks/tensorflow_autograph_tf")
data = program("frameworks/tensorflow_data_tf")
shuffle = program("frameworks/tensorflow_shuffle_tf")
pipeline = program("frameworks/tensorflow_pipeline_tf")
train = program("frameworks/tensorflow_train_tf")
checkpoint = program("frameworks/tensorflow_checkpoint_tf")
profile = program("frameworks/tensorflow_profile_tf")

# --- tensors ------------------------------------------------------------------------

COUNTS = np.array([[1, 2, 3], [4, 5, 6]], "int32")
PRICES = np.array([0.5, 1.0, 2.0], "float32")


def test_integers_and_fractions_get_32_bits_and_numpy_keeps_its_64(tensors):
    assert tensors.printed_by["tensor"].splitlines() == [
        f"counts：形状 {COUNTS.shape}，类型 {COUNTS.dtype}",
        f"prices：形状 {PRICES.shape}，类型 {PRICES.dtype}",
        f"measured：形状 {PRICES.shape}，类型 {np.array([0.5]).dtype}",
    ]


def test_the_tensors_hold_what_they_were_made_of(tensors):
    np.testing.assert_array_equal(tensors.counts, COUNTS)
    np.testing.assert_array_equal(tensors.prices, PRICES)
    np.testing.assert_array_equal(tensors.measured, PRICES.astype(float))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("浮点张量 + Python 整数", PRICES + 1),
        ("先 cast 再相加", COUNTS[0].astype("float32") + PRICES),
        ("整数 / 整数", COUNTS[0] / 2),  # float64 in NumPy too
    ],
)
def test_printed_sums_are_those_of_numpy(tensors, name, value):
    said = line_of(tensors.printed_by["promotion"], f"{name}：")
    assert said == f"{value.dtype}，{value.tolist()}"


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("整数张量 + Python 小数", ("int32", "float")),
        ("整数张量 + 浮点张量", ("int32", "float")),
        ("float32 + float64", ("float", "double")),
    ],
)
def test_two_types_are_refused_and_the_error_names_both(tensors, name, kinds):
    lines = tensors.printed_by["promotion"].splitlines()
    at = lines.index(f"{name}：InvalidArgumentError")
    wanted, given = kinds
    assert re.search(
        f"expected to be a {wanted} tensor but is a {given} ", lines[at + 1]
    )


def test_printed_shapes_and_slices_are_those_of_numpy(tensors):
    said = tensors.printed_by["shapes"]
    assert line_of(said, "每行的总价：") == str((COUNTS * PRICES).sum(axis=1))
    assert line_of(said, "第 1 列：") == (
        f"{COUNTS[:, 1]}，后两列的形状：{COUNTS[:, 1:].shape}"
    )
    assert line_of(said, "挑出第 2、0 列：") == str(COUNTS[:, [2, 0]].tolist())
    wide = COUNTS[:, :1] * [1, 10, 100]
    assert line_of(said, "(2, 1) 与 (3,) 广播：") == f"{wide.shape}，{wide.tolist()}"


def test_a_tensor_is_not_changed_and_a_variable_is(tensors):
    said = tensors.printed_by["variable"]
    assert line_of(said, "改张量的一项：") == "TypeError"
    changed = PRICES.copy()
    changed[0] = 9
    assert line_of(said, "新张量：") == f"{changed}，原来的：{PRICES}"
    variable = np.array([1.0, 2.0]) + 0.5
    variable[0] = 7
    assert (
        line_of(said, "变量：") == f"{variable}，之前取出的张量：{np.array([1.0, 2.0])}"
    )


def test_numpy_and_tensor_do_not_change_each_other(tensors):
    said = tensors.printed_by["numpy"]
    assert line_of(said, "改了数组，张量仍是：") == str(np.ones(3))
    assert line_of(said, "改了 .numpy() 的结果，张量仍是：") == str(np.ones(3))
    assert line_of(said, "np.asarray 的结果可写：") == "False"
    with pytest.raises(ValueError, match="read-only"):
        tensors.view[0] = 7


def test_torch_promotes_and_shares_where_tensorflow_does_not():
    """The table of differences."""
    mixed = torch.ones(1) + torch.ones(1, dtype=torch.float64)
    assert mixed.dtype == torch.float64
    array = np.ones(3)
    tensor = torch.from_numpy(array)
    array[0] = 7
    assert tensor[0] == 7
    assert not torch.backends.cuda.matmul.allow_tf32


# --- tape ---------------------------------------------------------------------------


def leaves(*values):
    return [torch.tensor(v, requires_grad=True) for v in values]


def test_printed_gradients_are_those_of_torch(tape):
    x, w = leaves(3.0, 2.0)
    y = w * x**2
    first, by_w = torch.autograd.grad(y, [x, w], create_graph=True)
    (second,) = torch.autograd.grad(first, x)
    assert numbers(tape.printed_by["tape"]) == [y.item(), first.item(), by_w.item()]
    assert numbers(tape.printed_by["once"].splitlines()[1]) == [
        first.item(),
        second.item(),
    ]


def test_a_tape_is_used_once(tape):
    assert line_of(tape.printed_by["once"], "第二次求导：") == "RuntimeError"


def test_a_constant_is_watched_only_from_the_line_on(tape):
    (c,) = leaves(3.0)
    (slope,) = torch.autograd.grad(c**2, c)
    assert tape.printed_by["watch"].splitlines() == [
        "没有 watch：None",
        f"watch 之后：{slope.item()}",
    ]
    assert float(tape.unwatched) == float(tape.watched) == 9


def test_the_value_stays_when_the_path_is_cut_but_the_slope_is_gone(tape):
    (x,) = leaves(3.0)
    y = x**2
    (slope,) = torch.autograd.grad(y, x)
    whole, *cut = tape.printed_by["cut"].splitlines()
    assert whole == f"一直用 tf 的运算：值 {y.item():.0f}，导数 {slope.item()}"
    ends = [line.partition("：")[2] for line in cut]
    assert ends == [f"值 {y.item():.0f}，导数 None"] * 3


def test_a_name_given_to_a_tensor_is_no_variable_any_more(tape):
    (v,) = leaves(3.0)
    (slope,) = torch.autograd.grad(v**2, v)
    assert tape.printed_by["overwritten"].splitlines() == [
        f"第 0 步，v 是变量：True，导数 {slope.item()}",
        "第 1 步，v 是变量：False，导数 None",
    ]
    assert float(tape.v) == pytest.approx(3 - 0.1 - 0.1)


def test_a_variable_that_is_not_used_gets_none_or_zero(tape):
    x, w = leaves(3.0, 2.0)
    (zero,) = torch.autograd.grad(x**2, w, allow_unused=True, materialize_grads=True)
    assert tape.printed_by["zero"] == f"没有用到 w：None，要零：{zero.item()}\n"
    assert float(tape.y) == 9


# --- tf.function --------------------------------------------------------------------


def key(x):
    """What decides whether a graph serves: a Python value, or a tensor's kind."""
    return (x.dtype.name, tuple(x.shape)) if hasattr(x, "shape") else x


def test_a_call_traces_exactly_when_its_key_is_new(function):
    *lines, count, symbol = function.printed_by["trace"].splitlines()
    seen, foreseen = set(), []
    for name, x in function.calls.items():
        foreseen.append(f"{name}：{'用已有的图' if key(x) in seen else '追踪'}")
        seen.add(key(x))
    assert lines == foreseen
    calls = len(function.calls)
    assert count == f"{calls} 次调用：追踪 {len(seen)} 次，tf.print 执行 {calls} 次"
    assert symbol.endswith('看到的 x：Tensor("x:0", shape=(), dtype=float32)')


def test_the_graph_holds_the_square_and_no_python(function):
    graph = function.square.get_concrete_function(function.one).graph
    kinds = [op.type for op in graph.get_operations()]
    assert [k for k in kinds if k in {"Mul", "PrintV2"}] == ["PrintV2", "Mul"]
    mul = next(op for op in graph.get_operations() if op.type == "Mul")
    assert mul.inputs[0] is mul.inputs[1]


def test_what_tf_print_wrote_are_all_the_calls_in_order(function):
    values = [str(np.asarray(x).astype(int)) for x in function.calls.values()]
    assert function.runs == [f"执行 {v}" for v in values]


@pytest.mark.parametrize(
    ("name", "traces"),
    [
        ("8 个 Python 整数", len(set(range(8)))),
        ("8 个标量张量", len({((), "int32") for _ in range(8)})),
        ("8 种长度", len({(n,) for n in range(1, 9)})),
        ("8 种长度，reduce_retracing", len({"长度 1", "任意长度"})),
        ("8 种长度，input_signature", len({"任意长度"})),
    ],
)
def test_printed_traces_are_the_number_of_keys(function, name, traces):
    assert line_of(function.printed_by["keys"], f"{name}：") == f"追踪 {traces} 次"


def test_python_s_one_and_its_fraction_share_a_graph(function):
    assert {1: "int32"}[1.0] == "int32"  # as keys they are equal
    said = line_of(function.printed_by["keys"], "先 twice(1)，再 twice(1.0)：")
    assert said == "int32"


def test_a_function_made_in_the_loop_is_warned_of_and_right(function):
    assert function.results == [n + 1 for n in range(8)]
    assert line_of(function.printed_by["warning"], "结果仍然对：") == "True"
    said = line_of(function.printed_by["warning"], "警告 ")
    assert said == f"{len(function.warned)} 条，第一条开头：5 out of the last 5 calls"
    assert len(function.warned) == 2
    for warning in function.warned:
        assert "triggered tf.function retracing" in warning


def traced(function, calls):
    """For each call whether it traced."""
    counts = [0]
    for arguments in calls:
        function(*arguments)
        counts.append(function.experimental_get_tracing_count())
    return [b > a for a, b in itertools.pairwise(counts)]


def test_variables_of_one_shape_share_a_graph_and_objects_do_not(function):
    tf = function.tf
    variables = [(tf.Variable(1.0),), (tf.Variable(2.0),)]
    assert traced(tf.function(lambda v: v + 1), variables) == [True, False]

    class Plain:
        pass

    kept = Plain(), Plain()
    objects = [(kept[0],), (kept[1],), (kept[0],)]
    assert traced(tf.function(lambda o: 1), objects) == [True, True, False]
    strings = [("甲",), ("乙",), ("甲",)]
    assert traced(tf.function(lambda s: 1), strings) == [True, True, False]


def test_exercise_1_s_calls_trace_as_answered(function):
    tf = function.tf
    two, other = tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])
    double = tf.constant([1.0, 2.0], tf.float64)
    calls = [(two, True), (other, True), (two, False), (tf.zeros(3), False)]

    def f(x, flag):
        if flag:
            return x + 1
        return x - 1

    found = traced(tf.function(f), [*calls, (double, True)])
    assert [n for n, new in enumerate(found, 1) if new] == [1, 3, 4, 5]
    assert "第 1、3、4、5 次，共四次" in page()


def test_exercise_2_s_relaxed_function_traces_four_times(function):
    calls = [(x,) for x in function.calls.values()]
    relaxed = function.tf.function(lambda x: x * x, reduce_retracing=True)
    assert sum(traced(relaxed, calls)) == 4
    assert "    四次。`1`、`2`、张量 1.0 照样各一次。" in page()


def test_a_learning_rate_as_a_python_number_traces_each_time(function):
    tf = function.tf
    rates = [0.1, 0.05, 0.025]
    step = tf.function(lambda rate: rate * 2.0)
    assert traced(step, [(rate,) for rate in rates]) == [True] * 3
    step = tf.function(lambda rate: rate * 2.0)
    tensors = [(tf.constant(rate),) for rate in rates]
    assert traced(step, tensors) == [True, False, False]


def test_python_s_random_numbers_are_frozen(function):
    assert function.printed_by["random"].splitlines() == [
        "NumPy 的随机数：两次调用相同 True",
        "Python 的随机数：两次调用相同 True",
        "tf.random：两次调用相同 False",
    ]
    drawn = np.random.default_rng(0).random()
    assert float(function.first[0]) == pytest.approx(drawn, rel=1e-6)
    assert float(function.second[0]) == pytest.approx(drawn, rel=1e-6)


# --- AutoGraph ----------------------------------------------------------------------


def shrunk(x, rate):
    """The same in plain Python."""
    x = np.array(x)
    if rate == 0:
        return x
    while x.sum() > 10:
        x = x * rate
    return x - 1 if x[0] > 1 else x


def test_one_graph_gives_what_python_gives_on_both_sides_of_the_branch(autograph):
    *_, first, second = autograph.printed_by["branches"].splitlines()
    for line, x in zip([first, second], [[8.0, 8.0], [1.0, 2.0]], strict=True):
        assert line == f"shrink({x}, 0.5) = {shrunk(x, 0.5)}"
    tf = autograph.tf
    for x in [[30.0, 1.0], [0.0, 40.0], [6.0, 5.0], [0.0, 10.0], [1.1, 0.0]]:
        got = autograph.shrink(tf.constant(x), 0.5).numpy()
        np.testing.assert_allclose(got, shrunk(x, 0.5), rtol=1e-6)
        np.testing.assert_allclose(autograph.shrink(tf.constant(x), 0), x)


def test_only_a_tensor_s_condition_is_in_the_graph(autograph):
    said = autograph.printed_by["branches"]
    assert line_of(said, "rate = 0：") == "Placeholder、Identity"
    ops = line_of(said, "rate = 0.5：").split("、")
    assert [op for op in ops if op.startswith("Stateless")] == [
        "StatelessWhile",
        "StatelessIf",
    ]


def test_a_python_loop_is_unrolled_and_a_tensor_s_is_not(autograph):
    unrolled, small = autograph.printed_by["loops"].splitlines()
    assert numbers(unrolled.partition("=")[2]) == [100, 1 + 100 * 2 + 1]
    value, ops = numbers(small.partition("=")[2])
    assert value == 100 and ops < 25
    assert unrolled.startswith("python_loop(0)")
    assert small.startswith("tensor_loop(0)")


def test_the_collected_sums_are_numpy_s(autograph):
    assert line_of(autograph.printed_by["collect"], "逐步的和：") == str(
        np.cumsum([1.0, 2.0, 3.0])
    )
    x = autograph.tf.constant([2.0, -1.0, 4.0, 0.5])
    np.testing.assert_allclose(autograph.running_sums(x), np.cumsum(x))


def test_a_symbol_is_of_no_use_outside(autograph):
    said = line_of(autograph.printed_by["collect"], "用漏出来的符号：")
    assert said == "is out of scope and cannot be used here"
    assert len(autograph.leaked) == 1


def test_an_attribute_counts_traces_and_a_variable_counts_calls(autograph):
    kinds = {("int32", ())}  # of the five calls
    calls = [None] * 5
    said = autograph.printed_by["state"]
    assert said == f"属性 {len(kinds)}，变量 {len(calls)}\n"


def test_a_variable_made_inside_is_refused(autograph):
    said = line_of(autograph.printed_by["created"], "在函数里新建变量：")
    assert said == (
        "tf.function only supports singleton tf.Variables created on the first call"
    )


def test_graph_and_eager_gradients_are_torch_s(profile):
    assert line_of(profile.printed_by["same"], "图与即时执行的") == (
        "梯度相差不到 1e-12：True"
    )
    w = torch.tensor(profile.w.numpy(), requires_grad=True)
    x = torch.tensor(profile.x.numpy())
    (expected,) = torch.autograd.grad((x @ w).tanh().square().mean(), w)
    graph = profile.gradient(profile.w, profile.x)
    np.testing.assert_allclose(graph, expected, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(profile.eager, expected, rtol=1e-10, atol=1e-14)
    assert float(profile.gap) < 1e-13


# --- tf.data ------------------------------------------------------------------------


def test_a_round_has_every_sample_once_and_an_odd_end(data):
    *batches, kept, dropped = data.printed_by["chain"].splitlines()
    sizes = [numbers(line)[:2] for line in batches]
    assert sizes == [[4, 2], [4, 2], [10 % 4, 2]]
    labels = [numbers(line.partition("标签")[2]) for line in batches]
    assert sorted(itertools.chain(*labels)) == list(range(10))
    assert kept == f"留下零头：{math.ceil(10 / 4)} 批，形状 (None, 2)"
    assert dropped == f"丢掉零头：{10 // 4} 批，形状 (4, 2)"


def test_features_stay_with_their_label_and_are_doubled(data):
    for features, labels in data.ready:
        rows = np.arange(20.0).reshape(10, 2)[labels.numpy()]
        np.testing.assert_array_equal(features, 2 * rows)


def buffered(items, size, draws):
    """A buffer of slots, refilled one by one; what is left at the end moves up."""
    items = list(items)
    slots = dict(enumerate(items[:size]))
    waiting = iter(items[size:])
    for place in draws:
        yield list(slots.values()), place, slots[place]
        fresh = next(waiting, None)
        if fresh is not None:
            slots[place] = fresh
        else:
            del slots[place]
            slots = dict(enumerate(slots.values()))


def test_the_printed_buffer_is_refilled_slot_by_slot(data):
    steps = list(buffered(range(6), 3, [1, 1, 0, 2, 0, 0]))
    *lines, order = data.printed_by["buffer"].splitlines()
    assert lines == [
        f"缓冲区 {slots}，抽第 {place} 格，得到 {got}" for slots, place, got in steps
    ]
    assert order == f"次序： {[got for *_, got in steps]}"


def test_the_film_strip_shows_the_program_s_buffer():
    out = []
    for number, (slots, _, got) in enumerate(buffered(range(6), 3, [1, 1, 0, 2, 0, 0])):
        if number == 5:
            break  # the last picture shows the end
        rest = [str(i) for i in range(3 + number, 6)] or ["没有了"]
        digits = [str(i) for i in slots]
        shown = texts(f"shuffle-{number + 1}")
        assert shown[: len(rest) + 1] == ["还没进来", *rest]
        at = shown.index("缓冲区")
        assert shown[at + 1 : at + 1 + len(digits)] == digits
        assert shown[shown.index("送出的") + 1 :] == [str(i) for i in out]
        out.append(got)


def test_exercise_3_s_first_sample_leaves_at_the_buffer_s_size_on_average():
    rng = np.random.default_rng(0)
    places = [list(shuffled(400, 10, rng)).index(0) + 1 for _ in range(800)]
    assert np.mean(places) == pytest.approx(10, abs=4 * 10 / 800**0.5)


def test_a_seeded_set_made_anew_has_the_same_order_each_time(data):
    """The pitfall of the page: make it once."""

    def made():
        return data.listed(data.tf.data.Dataset.range(50).shuffle(50, seed=0))

    assert made() == made()
    once = data.tf.data.Dataset.range(50).shuffle(50, seed=0)
    assert data.listed(once) != data.listed(once)


def shuffled(n, size, rng):
    filled = [min(size, n - t) for t in range(n)]
    draws = [int(rng.integers(k)) for k in filled]
    return np.array([got for *_, got in buffered(range(n), size, draws)])


@pytest.mark.parametrize(("size", "tolerance"), [(1, 0), (100, 0.05), (1000, 0.09)])
def test_printed_shares_are_those_of_a_simulated_buffer(data, size, tolerance):
    rng = np.random.default_rng(0)
    runs = [shuffled(2000, size, rng) >= 1000 for _ in range(5)]
    expected = np.mean([run.reshape(4, 500).mean(axis=1) for run in runs], axis=0)
    found = after(data.printed_by["sorted"], f"缓冲区 {size}：")
    np.testing.assert_allclose(found, expected, atol=tolerance + 0.0051)
    assert np.mean(found) == pytest.approx(0.5, abs=0.0051)


def test_a_full_buffer_gives_each_part_half(data):
    found = after(data.printed_by["sorted"], "缓冲区 2000：")
    np.testing.assert_allclose(found, 0.5, atol=4 * 0.5 / 500**0.5)
    assert np.mean(found) == pytest.approx(0.5, abs=0.0051)


def lists(text, start):
    """The printed lists of one line."""
    return [
        [int(x) for x in re.findall(r"\d+", part)]
        for part in re.findall(r"\[([^\[\]]*)\]", line_of(text, start))
    ]


def test_pairs_stay_together_only_when_batched_first(data):
    pairs = [[0, 1], [2, 3], [4, 5]]
    first = lists(data.printed_by["order"], "先 batch 再 shuffle：")
    second = lists(data.printed_by["order"], "先 shuffle 再 batch：")
    assert sorted(first) == pairs != first
    assert sorted(second) != pairs
    assert sorted(sum(second, [])) == list(range(6))


def test_each_round_is_shuffled_anew_unless_fixed(data):
    said = data.printed_by["epochs"]
    one, two = lists(said, "默认，两轮：")
    assert one != two and sorted(one) == sorted(two) == list(range(6))
    one, two = lists(said, "固定，两轮：")
    assert one == two and sorted(one) == list(range(6))


def test_rounds_mix_when_repeated_before_the_shuffle(data):
    said = data.printed_by["epochs"]
    for part in lists(said, "shuffle 再 repeat："):
        assert sorted(part) == list(range(6))
    mixed = lists(said, "repeat 再 shuffle：")
    assert sorted(sum(mixed, [])) == sorted(2 * list(range(6)))
    assert all(len(set(part)) < 6 for part in mixed)


@pytest.mark.parametrize(
    ("name", "runs"), [("不缓存", 12), ("map 之前 cache", 12), ("map 之后 cache", 6)]
)
def test_a_cache_after_the_augmentation_freezes_it(data, name, runs):
    frozen = runs == 6  # six numbers, two rounds
    said = line_of(data.printed_by["cache"], f"{name}：")
    assert said == f"增广执行 {runs} 次，两轮相同 {frozen}"


def test_the_augmentation_adds_less_than_one(data):
    noise = np.array(data.listed(data.ways["不缓存"])) - np.arange(6)
    assert (noise >= 0).all() and (noise < 1).all() and len(set(noise)) == 6


def test_sentences_are_padded_as_torch_pads_them(data):
    said = data.printed_by["lengths"]
    rows = [torch.tensor(s) for s in data.sentences]
    padded = nn.utils.rnn.pad_sequence(rows, batch_first=True).tolist()
    assert line_of(said, "batch：") == "InvalidArgumentError"
    assert line_of(said, "padded_batch：") == f" {[padded]}"
    assert line_of(said, "ragged_batch：") == (
        f" {data.sentences} ，形状 ({len(rows)}, None)"
    )


def test_a_parallel_map_keeps_the_order(data):
    assert line_of(data.printed_by["parallel"], "并行 map 不改次序：") == " True"
    assert data.listed(data.squares) == (np.arange(1000) ** 2).tolist()


# --- the shuffle's figure -----------------------------------------------------------


@pytest.mark.parametrize("size", [1, 10, 100])
def test_printed_moves_are_those_of_the_order(shuffle, size):
    order = shuffle.orders[size]
    assert sorted(order) == list(range(100))
    rise = [int(i) - at for at, i in enumerate(order)]
    moved, early = after(shuffle.printed_by["positions"], f"缓冲区 {size}：")
    assert moved == pytest.approx(sum(map(abs, rise)) / 100, abs=0.051)
    assert early == max(rise) <= size - 1


@pytest.mark.parametrize("size", [10, 100])
def test_a_simulated_buffer_moves_as_far(shuffle, size):
    rng = np.random.default_rng(0)
    runs = [shuffled(100, size, rng) for _ in range(40)]
    moves = [np.abs(run - np.arange(100)).mean() for run in runs]
    moved, _ = after(shuffle.printed_by["positions"], f"缓冲区 {size}：")
    assert moved == pytest.approx(np.mean(moves), abs=4 * np.std(moves))


def test_each_sample_is_drawn_as_a_dash_from_its_place_to_the_next(shuffle):
    for axis, order in zip(shuffle.axes, shuffle.orders.values(), strict=True):
        (line,) = axis.lines
        left, right, lifted = line.get_xydata().reshape(100, 3, 2).swapaxes(0, 1)
        np.testing.assert_array_equal(left, np.stack([range(100), order], axis=1))
        np.testing.assert_array_equal(right - left, [[1, 0]] * 100)
        assert np.isnan(lifted).all()
    names = [axis.get_title(loc="left") for axis in shuffle.axes]
    assert names == [f"缓冲区 {size}：原来的位置" for size in shuffle.orders]


# --- pipeline -----------------------------------------------------------------------


READ, STEP = 0.03, 0.02


def makespan(n, read, step, workers):
    """Seconds with ``workers`` readers in the background and room for all they read."""
    free, trained = [0.0] * workers, 0.0
    for i in range(n):
        free[i % workers] += read
        trained = max(trained, free[i % workers]) + step
    return trained


def in_ms(*seconds):
    return [round(1000 * x) for x in seconds]


def three_ways(n, read=READ, step=STEP):
    """Milliseconds: in turn, read ahead, four readers."""
    ahead = [makespan(n, read, step, workers) for workers in (1, 4)]
    return in_ms(n * (read + step), *ahead)


def test_the_printed_comparisons_have_room(pipeline):
    """A tenth of the time and more may go astray before a line changes."""
    alone, ahead, parallel = three_ways(pipeline.STEPS)
    assert [alone, ahead, parallel] == [600, 380, 270]
    assert "照公式是 600、380、270 毫秒" in page()
    assert ahead < 0.8 * alone * 0.9 and parallel < 0.8 * ahead * 0.9
    assert pipeline.printed_by["measure"].splitlines() == [
        "预取不到依次的五分之四：True",
        "默认也不到：True",
        "并行不到预取的五分之四：True",
    ]


def test_reading_and_training_sleep_as_long_as_the_page_says(pipeline, monkeypatch):
    slept = []
    monkeypatch.setattr(pipeline.time, "sleep", slept.append)
    pipeline.read(0)
    pipeline.step(None)
    assert slept == [READ, STEP]


def test_the_measured_times_are_not_below_the_formula(pipeline):
    """``sleep`` never wakes early: what is measured is the pipeline, not a slip."""
    found = [pipeline.t[name] for name in ["依次", "预取", "并行"]]
    for seconds, least in zip(found, three_ways(pipeline.STEPS), strict=True):
        assert seconds > 0.95 * least / 1000


def test_the_lanes_are_drawn_to_their_times():
    shown = [x for x in texts("lanes") if x.endswith("毫秒")]
    assert shown == [f"{ms} 毫秒" for ms in three_ways(4)]
    lanes = (FIGURES / "tensorflow-lanes.svg").read_text(encoding="utf-8")
    widths = [float(w) for w in re.findall(r'<rect[^>]* width="([\d.]+)"', lanes)]
    assert len(widths) == 3 * 2 * 4
    wide, narrow = max(widths), min(widths)
    assert (wide + 2) / (narrow + 2) == pytest.approx(READ / STEP, rel=0.02, abs=0)


def test_exercise_4_s_times():
    assert three_ways(100) == [5000, 3020, 2030]
    assert three_ways(100, step=0.01)[1:] == [3010, 1030]
    for said in ["=5000$", "=3020$", "=2030$", "=3010$", "=1030$"]:
        assert said in page()


@pytest.mark.parametrize(("alone", "side"), [(0.85, "读数据"), (0.75, "训练")])
def test_four_fifths_of_the_time_part_the_sides(pipeline, monkeypatch, alone, side):
    def seconds(dataset, work=None):
        return alone if work else 1.0

    monkeypatch.setitem(pipeline.bottleneck.__globals__, "seconds", seconds)
    assert pipeline.bottleneck(None) == side


def test_the_slow_side_is_named(pipeline):
    assert pipeline.printed_by["bottleneck"].splitlines() == [
        "预取之后，慢的一边：读数据",
        "并行之后，慢的一边：训练",
    ]


# --- training -----------------------------------------------------------------------


class Network(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)
        ).double()
        with torch.no_grad():
            for layer, weight in [(self.layers[0], first), (self.layers[2], second)]:
                layer.weight.copy_(torch.tensor(weight).T)
                layer.bias.zero_()

    def forward(self, x):
        return self.layers(x)


@pytest.fixture(scope="module")
def torch_s_run(run_snippet):
    """Fifteen rounds by torch on the same weights and batches."""
    train = run_snippet("frameworks/tensorflow_train_tf")
    fresh = train.Digits(1)
    network = Network(fresh.w1.numpy(), fresh.w2.numpy())
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    again = train.tf.data.Dataset.from_tensor_slices(train.samples)
    again = again.shuffle(1397, seed=0).batch(50, drop_remainder=True)
    held_x = torch.tensor(train.images[1397:])
    held_y = torch.tensor(train.labels[1397:])
    history, clipped = [], 0
    for _ in range(15):
        losses = []
        for x, y in again:
            loss = nn.functional.cross_entropy(
                network(torch.tensor(x.numpy())), torch.tensor(y.numpy())
            )
            optimizer.zero_grad()
            loss.backward()
            norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
            clipped += int(norm > 1)
        with torch.no_grad():
            logits = network(held_x)
        held = nn.functional.cross_entropy(logits, held_y).item()
        history.append((np.mean(losses), held))
    right = (logits.argmax(dim=1) == held_y).double().mean().item()
    parameters = sum(p.numel() for p in network.parameters())
    return history, clipped, right, parameters


def test_the_data_are_parted_and_batched_as_printed(train):
    assert numbers(train.printed_by["data"]) == [1397, 1397 // 50, 1797 - 1397]
    tests = {tuple(row) for row in train.images[train.test]}
    assert len(train.images[train.train]) + len(train.images[train.test]) == 1797
    assert len(tests & {tuple(row) for row in train.images[train.train]}) < 3


def test_the_network_has_torch_s_number_of_parameters(train, torch_s_run):
    assert numbers(train.printed_by["model"]) == [4, torch_s_run[3]]


def test_the_first_weights_have_their_spread(train):
    """He's for the layer before the ReLU, small for the last; 2048 and 320 numbers."""
    fresh = train.Digits(1)
    assert np.std(fresh.w1) == pytest.approx(math.sqrt(2 / 64), rel=0.06, abs=0)
    assert np.std(fresh.w2) == pytest.approx(0.02, rel=0.15, abs=0)


def test_the_whole_run_is_torch_s(train, torch_s_run):
    np.testing.assert_allclose(train.history, torch_s_run[0], rtol=1e-3)


def test_printed_losses_are_torch_s(train, torch_s_run):
    for epoch in [1, 5, 15]:
        found = after(train.printed_by["train"], f"第 {epoch} 轮：")
        assert found == pytest.approx(torch_s_run[0][epoch - 1], abs=0.0051)


def test_printed_accuracy_and_its_interval_are_torch_s(train, torch_s_run):
    p = torch_s_run[2]
    found, half = after(train.printed_by["train"], "测试准确率 ")
    assert found == pytest.approx(p, abs=0.000051)
    assert half == pytest.approx(1.96 * math.sqrt(p * (1 - p) / 400), abs=0.00051)


def test_printed_steps_traces_and_clipped_steps(train, torch_s_run):
    last = train.printed_by["train"].splitlines()[-1]
    assert numbers(last) == [15 * (1397 // 50), 1, torch_s_run[1]]


def test_a_changed_attribute_does_not_reach_the_graph(train):
    """「训练到一半改 trainer.rate，学习率照旧」."""
    one, other = train.Trainer(seed=1), train.Trainer(seed=1)
    x, y = next(iter(train.ready))
    for trainer in [one, other]:
        trainer.step(x, y)
    other.rate = 0.0
    for trainer in [one, other]:
        trainer.step(x, y)
    np.testing.assert_array_equal(one.model.w2, other.model.w2)


def test_without_a_graph_the_steps_are_the_same(train):
    graph, eager = train.Trainer(seed=1), train.Trainer(seed=1)
    batches = list(train.ready.take(10))
    for x, y in batches:
        graph.step(x, y)
    train.tf.config.run_functions_eagerly(True)
    try:
        for x, y in batches:
            eager.step(x, y)
    finally:
        train.tf.config.run_functions_eagerly(False)
    assert eager.step.experimental_get_tracing_count() == 0
    for a, b in zip(graph.model.variables, eager.model.variables, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-11)


def test_the_drawn_curves_are_the_history(train):
    drawn = {line.get_label(): line.get_xydata() for line in train.axis.lines}
    losses = np.array(train.history).T
    for name, values in zip(["训练", "测试"], losses, strict=True):
        np.testing.assert_array_equal(drawn[name], np.stack([range(1, 16), values], 1))
    low, high = train.axis.get_ylim()
    assert low == 0 and high > losses.max()


# --- checkpoints --------------------------------------------------------------------


def numpy_run(checkpoint, steps):
    """Softmax regression with momentum by hand."""
    w, v = np.zeros((64, 10)), 0
    for x, y in itertools.islice(checkpoint.batches(), steps):
        z = x.numpy() @ w
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        v = 0.9 * v + x.numpy().T @ (p - np.eye(10)[y.numpy()]) / len(y)
        w = w - 0.1 * v
    return w


def test_sixty_steps_are_those_by_hand(checkpoint):
    expected = numpy_run(checkpoint, 60)
    for model in [checkpoint.through, checkpoint.graph, checkpoint.whole]:
        np.testing.assert_allclose(model.w.numpy(), expected, atol=1e-9)
    said = line_of(checkpoint.printed_by["advance"], "60 步，图与即时执行")
    assert said == "相差不到 1e-10：True"
    assert checkpoint.apart(checkpoint.graph, checkpoint.through) < 1e-11


def test_pixels_are_scaled_to_one(checkpoint, train):
    for images in [checkpoint.images, train.images]:
        assert (images.min(), images.max()) == (0, 1)


def test_the_checkpoint_holds_the_module_s_variables(checkpoint):
    assert checkpoint.printed_by["save"].splitlines() == [
        f"model/{name}" for name in ["steps", "velocity", "w"]
    ]


def continued(checkpoint, *, velocity=True, data=True):
    """Sixty steps of NumPy with something lost at the thirtieth."""
    first = list(itertools.islice(checkpoint.batches(), 60))
    w, v = np.zeros((64, 10)), 0
    for t in range(60):
        if t == 30 and not velocity:
            v = 0
        x, y = first[t if data or t < 30 else t - 30]
        z = x.numpy() @ w
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        v = 0.9 * v + x.numpy().T @ (p - np.eye(10)[y.numpy()]) / len(y)
        w = w - 0.1 * v
    return w


def test_printed_differences_are_what_is_lost(checkpoint):
    said, whole = checkpoint.printed_by["restore"], numpy_run(checkpoint, 60)
    assert line_of(said, "全部取回：") == "60 步，相差 0.0"
    for label, lost in [
        ("数据从头读：", {"data": False}),
        ("只有权重，速度归零：", {"velocity": False}),
    ]:
        apart = np.abs(continued(checkpoint, **lost) - whole).max()
        assert after(said, label) == [pytest.approx(apart, abs=0.00051)]


def test_a_renamed_attribute_is_lost_without_a_word(checkpoint):
    assert checkpoint.printed_by["strict"].splitlines() == [
        "没有报错，取回了权重：False",
        "检查之后：AssertionError",
    ]
    assert not checkpoint.renamed.weight.numpy().any()


def test_the_loaded_model_gives_the_same_without_the_class(checkpoint):
    assert checkpoint.printed_by["export"].splitlines() == [
        "是 Classifier：False，输出相同：True",
        "形状不合签名：TypeError",
    ]
    expected = checkpoint.images[:5] @ numpy_run(checkpoint, 60)
    got = checkpoint.loaded.logits(checkpoint.x).numpy()
    np.testing.assert_allclose(got, expected, atol=1e-9)


# --- profile ------------------------------------------------------------------------


def test_python_hands_over_every_operation_or_one_graph(profile):
    """Five times product and tanh, the axes and the sum; three calls."""
    eager = numbers(line_of(profile.printed_by["count"], "即时执行："))
    graph = numbers(line_of(profile.printed_by["count"], "图："))
    assert eager == [3 * (5 * 2 + 2), 3 * 5]
    assert graph == [3 * 1, 3 * 5]


def test_a_device_is_set_before_the_first_number(profile):
    said = profile.printed_by["devices"]
    assert line_of(said, "zeros 在 ") == "CPU:0"
    assert line_of(said, "已经算过东西再设置：") == (
        "Virtual devices cannot be modified after being initialized"
    )


def by_bits(x):
    """TF32 by the bits of a float32: 13 of 23 are rounded off, ties to even."""
    bits = np.asarray(x, "float32").view("uint32").astype("uint64")
    bits = bits + 0xFFF + ((bits >> 13) & 1)
    return (bits & 0xFFFFE000).astype("uint32").view("float32").astype(float)


@pytest.mark.parametrize("value", [1.0004, 1.001, 0.1, 1234.5])
def test_printed_roundings_are_those_of_the_bits(profile, value):
    rounded, apart = after(profile.printed_by["tf32"], f"{value:g} → ")
    expected = float(by_bits(value))
    assert rounded == pytest.approx(expected, abs=5.1e-7)
    assert apart == pytest.approx(abs(expected / value - 1), abs=5.1e-6)
    assert apart < 2**-11


def test_the_page_s_own_roundings(profile):
    assert float(by_bits(1.0004)) == 1.0 and profile.tf32(1.0004) == 1.0
    assert "1.0004 离 1 更近，就舍成 1；1.001 舍成 1.000977" in page()


def test_rounding_agrees_with_the_bits_everywhere(profile):
    values = np.random.default_rng(1).normal(size=1000).astype("float32")
    np.testing.assert_array_equal(profile.tf32(values.astype(float)), by_bits(values))


def test_the_printed_error_of_a_product_is_that_of_the_bits(profile):
    a, b = np.random.default_rng(0).normal(size=(2, 200, 200))
    apart = by_bits(a) @ by_bits(b) - a @ b
    expected = 100 * np.abs(apart).max() / np.abs(a @ b).max()
    said = line_of(profile.printed_by["tf32"], "200 × 200 的乘积，最大误差是最大值的 ")
    assert said.endswith("%")
    assert float(said.rstrip("%")) == pytest.approx(expected, rel=0.02, abs=0)
    assert line_of(profile.printed_by["tf32"], "默认允许 TF32：") == "True"


# --- practice: frameworks/tensorflow_practice_tf ------------------------------------

SOLUTION = """
def clipped_step(w, b, x, y, rate, limit):
    with tf.GradientTape() as tape:
        tape.watch([w, b])
        logits = tf.linalg.matvec(x, w) + b
        loss = tf.nn.sigmoid_cross_entropy_with_logits(
            labels=tf.cast(y, tf.float64), logits=logits
        )
        loss = tf.reduce_mean(loss)
    grads = tape.gradient(loss, [w, b])
    grads, _ = tf.clip_by_global_norm(grads, limit)
    return w - rate * grads[0], b - rate * grads[1], loss
"""
STABLE = SOLUTION[
    SOLUTION.index("        loss = tf.nn") : SOLUTION.index("        loss = tf.r")
]
CLIP = "    grads, _ = tf.clip_by_global_norm(grads, limit)\n"
EACH = (CLIP, "    grads = [tf.clip_by_norm(g, limit) for g in grads]\n")
WRONG = [
    EACH,
    (CLIP, ""),
    (CLIP, "    grads = [tf.clip_by_value(g, -limit, limit) for g in grads]\n"),
    (
        CLIP,
        "    norm = tf.linalg.global_norm(grads)\n"
        "    grads = [g / norm * tf.minimum(norm, limit) for g in grads]\n",
    ),  # 0 / 0 where the gradient is zero
    (
        CLIP,
        "    norm = tf.linalg.global_norm(grads)\n"
        "    grads = [g * (limit / tf.maximum(norm, 1e-9)) for g in grads]\n",
    ),  # always as long as the limit
    ("        tape.watch([w, b])\n", "        tape.watch(w)\n"),
    ("        tape.watch([w, b])\n", ""),
    ("tf.cast(y, tf.float64)", "y"),
    (
        STABLE,
        "        p = tf.sigmoid(logits)\n"
        "        y = tf.cast(y, tf.float64)\n"
        "        loss = -(y * tf.math.log(p) + (1 - y) * tf.math.log(1 - p))\n",
    ),
    ("tf.reduce_mean(loss)", "tf.reduce_sum(loss)"),
    (" + b\n", "\n"),
    ("w - rate * grads[0]", "w + rate * grads[0]"),
    ("w - rate * grads[0]", "w - grads[0]"),
    ("b - rate * grads[1]", "b - grads[1]"),
    ("b - rate * grads[1]", "b"),
    ("grads[1], loss", "grads[1]"),
    ("w - rate * grads[0], b - rate * grads[1], loss", "w, b, loss"),
    ("tf.cast(y, tf.float64)", "1 - tf.cast(y, tf.float64)"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_torch_does(case):
    _, given, (w_want, b_want, loss_want), _ = case
    w, b, x, y = (torch.tensor(given[k].numpy()).double() for k in "wbxy")
    w.requires_grad_()
    b.requires_grad_()
    loss = nn.functional.binary_cross_entropy_with_logits(x @ w + b, y)
    loss.backward()
    nn.utils.clip_grad_norm_([w, b], given["limit"])
    torch.optim.SGD([w, b], lr=given["rate"]).step()
    assert w.tolist() == pytest.approx(w_want, abs=2e-6)
    assert b.item() == pytest.approx(b_want, abs=2e-6)
    assert loss.item() == pytest.approx(loss_want, abs=6e-7)


def test_the_page_s_clipped_step_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, EACH) in page()


def test_no_wrong_step_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []
