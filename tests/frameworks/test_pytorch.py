"""The PyTorch page: strides, recording, modules, hooks, files, a training.

References that the programs never call: NumPy's strides, broadcasting and views,
central differences, the sums of the gradients by hand, a Dropout of our own over the
learnt weights, ``pickletools`` for what stands in a file, counts from shapes alone.
"""

import math
import pickletools
import zipfile
from fractions import Fraction

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PRACTICE = ROOT / "snippets/frameworks/pytorch_practice_python.py"
PAGE = ROOT / "docs/frameworks/pytorch.md"
A = np.arange(6).reshape(2, 3)
VIEWS = {
    "a": A,
    "a.mT": A.T,
    "a[:, 1:]": A[:, 1:],
    "a[1]": A[1],
    "a[0:1].expand(2, 3)": np.broadcast_to(A[0:1], (2, 3)),
}


@pytest.fixture
def strides(run_snippet):
    return run_snippet("frameworks/pytorch_strides_torch")


@pytest.fixture
def broadcast(run_snippet):
    return run_snippet("frameworks/pytorch_broadcast_torch")


@pytest.fixture
def autograd(run_snippet):
    return run_snippet("frameworks/pytorch_autograd_torch")


@pytest.fixture
def accumulate(run_snippet):
    return run_snippet("frameworks/pytorch_accumulate_torch")


@pytest.fixture
def modes(run_snippet):
    return run_snippet("frameworks/pytorch_modes_torch")


@pytest.fixture
def func(run_snippet):
    return run_snippet("frameworks/pytorch_func_torch")


@pytest.fixture
def module(run_snippet):
    return run_snippet("frameworks/pytorch_module_torch")


@pytest.fixture
def hooks(run_snippet):
    return run_snippet("frameworks/pytorch_hooks_torch")


@pytest.fixture
def save(run_snippet):
    return run_snippet("frameworks/pytorch_save_torch")


@pytest.fixture
def train(run_snippet):
    return run_snippet("frameworks/pytorch_train_torch")


def said(action):
    """The error's own words, as the reader sees them."""
    with pytest.raises((RuntimeError, ValueError)) as caught:
        action()
    return str(caught.value)


# --- strides ------------------------------------------------------------------------


def steps_of(array):
    return [step // array.itemsize for step in array.strides]


def offset_of(array):
    """Cells from the start of A to the start of a view of it."""
    return (array.ctypes.data - A.ctypes.data) // A.itemsize


def test_the_storage_holds_numpy_s_cells(strides):
    printed = strides.printed_by["storage"]
    assert after(printed, "存储里的数：") == A.ravel().tolist()
    assert line_of(printed, "形状：") == f"{list(A.shape)}，步长：{steps_of(A)}"
    assert after(printed, "每个数 ") == [A.itemsize, A.nbytes]


def test_the_printed_place_is_that_of_the_last_cell(strides):
    place = int(np.ravel_multi_index((1, 2), A.shape))
    printed = line_of(strides.printed_by["storage"], "a[1, 2] 在第 ")
    assert printed == f"{place} 格： {A[1, 2]}"


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_has_numpy_s_shape_strides_and_start(strides, name):
    view = VIEWS[name]
    dense = view.flags["C_CONTIGUOUS"]
    assert line_of(strides.printed_by["views"], f"{name}：") == (
        f"形状 {list(view.shape)}，步长 {steps_of(view)}，"
        f"从第 {offset_of(view)} 格，连续 {dense}"
    )


def test_all_views_are_counted_and_share_one_storage(strides):
    last = strides.printed_by["views"].splitlines()[-1]
    assert last == f"{len(VIEWS)} 个张量，1 块存储"
    assert all(np.shares_memory(A, view) for view in VIEWS.values())


def test_reading_by_strides_gives_the_views(strides):
    printed = strides.printed_by["read"]
    assert line_of(printed, "a.mT 读出来： ") == str(A.T.tolist())
    assert line_of(printed, "读对了 ") == f"{len(VIEWS)} 个"
    cells = np.arange(24).tolist()
    cube = np.arange(24).reshape(2, 3, 4)
    for view in [cube, cube.transpose(2, 0, 1), cube[:, ::2, 1:], cube[1, :, 3]]:
        start = (view.ctypes.data - cube.ctypes.data) // cube.itemsize
        assert strides.read(cells, view.shape, steps_of(view), start) == view.tolist()


@pytest.mark.parametrize(("name", "array"), [("a", A), ("a.mT", A.T)])
def test_reshape_copies_where_numpy_copies(strides, name, array):
    flat = array.reshape(6)
    assert line_of(strides.printed_by["reshape"], f"{name}.reshape(6)：") == (
        f"{flat.tolist()}，同一块存储 {np.shares_memory(flat, A)}"
    )


def test_the_transpose_refuses_a_view_and_is_made_dense(strides):
    printed = strides.printed_by["reshape"]
    words = line_of(printed, "a.mT.view(6)： ")
    assert said(lambda: torch.zeros(3, 2).mT.view(6)).startswith(words)
    assert "view size is not compatible" in words
    dense = np.ascontiguousarray(A.T)
    assert line_of(printed, "a.mT.contiguous()：") == (
        f"步长 {steps_of(dense)}，同一块存储 {np.shares_memory(dense, A)}"
    )


def test_writing_reaches_the_base_as_in_numpy(strides):
    printed = strides.printed_by["write"]
    a = A.copy()
    a[:, 1:][0, 0] = -1
    assert line_of(printed, "写进切片以后，a： ") == str(a.tolist())
    a.T.reshape(6)[0] = 99
    assert line_of(printed, "写进副本以后，a： ") == str(a.tolist())
    listed, masked = (np.shares_memory(x, a) for x in (a[[0, 1]], a[a < 0]))
    assert line_of(printed, "与 a 同一块：") == f"列表取的 {listed}，布尔取的 {masked}"
    assert strides.mask.tolist() == a[a < 0].tolist() == [-1]
    a[a < 0] = 0
    assert line_of(printed, "布尔下标赋值以后，a： ") == str(a.tolist())
    assert "a single memory location" in line_of(printed, "原地改 expand 的结果：")


def test_as_strided_agrees_with_all_views(strides):
    assert strides.printed_by["library"].split("： ")[1].strip() == "True"
    assert len(strides.same) == len(VIEWS)


# --- broadcasting and types ---------------------------------------------------------


def test_the_sum_is_numpy_s(broadcast):
    printed = broadcast.printed_by["align"]
    row, column = np.array([0, 10, 20]), np.array([[1], [2]])
    assert line_of(printed, "(3,) 加 (2, 1)： ") == str((row + column).tolist())
    one, other = map(steps_of, np.broadcast_arrays(row, column))
    assert line_of(printed, "撑开后的步长： ") == f"{one} {other}"


@pytest.mark.parametrize("pair", [[(4, 1), (3,)], [(8, 1, 5), (7, 5)], [(4, 3), (4,)]])
def test_shapes_are_broadcast_as_by_numpy(broadcast, pair):
    try:
        expected = str(np.broadcast_shapes(*pair))
    except ValueError:
        expected = "不能广播"
    first, second = pair
    printed = broadcast.printed_by["align"]
    assert line_of(printed, f"{first} 与 {second}：") == expected


def test_a_right_prediction_has_a_loss_when_its_shape_is_wrong(broadcast):
    printed = broadcast.printed_by["silent"]
    y = np.array([1.0, 2.0, 3.0])
    error = y[:, None] - y
    assert after(printed, "差的形状：") == list(error.shape)
    assert line_of(printed, "差： ") == str(error.tolist())
    (loss,) = after(printed, "本该是 0 的损失：")
    assert loss == pytest.approx(float((error**2).mean()), abs=6e-5)
    assert "target size (torch.Size([3]))" in line_of(printed, "mse_loss 的警告：")


def test_the_wrong_shape_learns_the_mean(broadcast):
    printed = broadcast.printed_by["fit"]
    y = 2 * np.linspace(-1, 1, 20) + 1
    right = after(printed.replace("(20, 1)", "列"), "标签 列：")
    assert right == [2.0, 1.0, 0.0]
    wrong = after(printed.replace("(20,)", "行"), "标签 行：")
    assert wrong == pytest.approx([0.0, y.mean(), y.var()], abs=6e-4)


def test_types_are_promoted_as_by_the_table(broadcast):
    """By PyTorch's own rule: a tensor's category decides, sizes only within it."""
    printed = broadcast.printed_by["dtype"]
    wanted = {
        "int64 / 2": "float32",
        "int64 // 2": "int64",
        "int64 + 0.5": "float32",
        "int64 + float32": "float32",
        "float32 + float64": "float64",
        "float32 + Python 的 0.5": "float32",
        "float32 + 零维的 float64": "float32",
        "uint8 + Python 的 100": "uint8",
    }
    for name, dtype in wanted.items():
        assert line_of(printed, f"{name}：") == f"torch.{dtype}"
    assert len(printed.splitlines()) == len(wanted) + 1
    assert line_of(printed, "uint8 的 200 + 100 = ") == str(300 % 256)
    values = [0.5, 0, 1.5, 2, 2, 1.5, 2, 300 % 256]
    for (name, found), value in zip(broadcast.results.items(), values, strict=True):
        assert set(found.tolist()) == {value}, name
    with np.errstate(over="ignore"):
        assert np.uint8(200) + np.uint8(100) == 300 % 256


def test_numpy_is_shared_or_copied_and_brings_float64(broadcast):
    printed = broadcast.printed_by["numpy"]
    assert line_of(printed, "from_numpy：") == "[9.0, 2.0]，tensor：[1.0, 2.0]"
    assert line_of(printed, "来自 NumPy 的：") == (
        "torch.float64，来自列表的：torch.float32"
    )
    assert broadcast.listed.tolist() == [1.0, 2.0]
    words = said(lambda: nn.Linear(2, 1)(torch.zeros(2, dtype=torch.float64)))
    assert line_of(printed, "送进 nn.Linear： ") == words


# --- autograd -----------------------------------------------------------------------


def hand(w, x):
    """Every number of the small graph, forwards and backwards, in fractions."""
    u = w * x
    e = u - 4
    return {"u": u, "e": e, "损失": e**2}, {
        "e": 2 * e,
        "u": 2 * e,
        "w": 2 * e * x,
        "x": 2 * e * w,
    }


FORWARD, BACKWARD = hand(Fraction(2), Fraction(3))


def spelt(values):
    return "，".join(f"{name} {value}" for name, value in values.items())


def test_the_graph_prints_the_numbers_of_the_hand(autograd):
    printed = autograd.printed_by["graph"]
    assert line_of(printed, "前向：") == spelt(FORWARD) == "u 6，e 2，损失 4"
    assert line_of(printed, "反向：") == spelt(BACKWARD)


def test_the_hand_s_gradients_are_central_differences():
    h = Fraction(1, 1000)
    for name, w, x in [("w", h, 0), ("x", 0, h)]:
        ends = [hand(2 + s * w, 3 + s * x)[0]["损失"] for s in (1, -1)]
        assert (ends[0] - ends[1]) / (2 * h) == BACKWARD[name]


def test_the_walk_goes_from_the_loss_to_both_leaves(autograd):
    lines = autograd.printed_by["walk"].splitlines()
    names = ["PowBackward", "SubBackward", "MulBackward"]
    assert [x.strip("　").rstrip("0123456789") for x in lines[:3]] == names
    assert [x.strip("　") for x in lines[3:]] == [
        "AccumulateGrad（w）",
        "AccumulateGrad（x）",
    ]
    assert [x.count("　") for x in lines] == [0, 1, 2, 3, 3]


def test_a_scaled_leaf_is_no_leaf_and_the_optimizer_says_so(autograd):
    printed = autograd.printed_by["leaf"]
    assert line_of(printed, "数据：") == "叶子 True，要梯度 False"
    assert line_of(printed, "权重：") == "叶子 True，要梯度 True"
    assert line_of(printed, "乘过的权重：") == "叶子 False，要梯度 True"
    bad = torch.ones(2, requires_grad=True) * 1
    assert line_of(printed, "交给优化器： ") == said(lambda: torch.optim.Adam([bad]))
    assert line_of(printed, "改正以后是叶子： ") == "True"
    for found in (autograd.scaled, autograd.right):
        assert found.tolist() == pytest.approx([0.01, 0.01])


def test_the_second_backward_adds_and_the_third_finds_no_graph(autograd):
    printed = autograd.printed_by["twice"]
    assert after(printed, "第一次 backward：") == [BACKWARD["w"]]
    assert after(printed, "第二次，没有清零：") == [2 * BACKWARD["w"]]
    assert line_of(printed, "第三次： ") == (
        "Trying to backward through the graph a second time"
    )
    words = said(torch.ones(3).mean().backward)
    assert line_of(printed, "忘了 requires_grad： ") == words


def test_a_vector_needs_weights_and_they_give_its_weighted_sum(autograd):
    printed = autograd.printed_by["vector"]
    y = torch.ones(2, requires_grad=True) * 3
    assert line_of(printed, "直接 backward： ") == said(y.backward)
    weighted = (np.array([1.0, 0.5]) @ np.diag([1.0, 10.0])).tolist()
    assert line_of(printed, "给了分量： ") == str(weighted)
    assert line_of(printed, "先乘分量再求和： ") == str(weighted)


def test_the_functional_gradient_agrees(autograd):
    wanted = {name: BACKWARD[name] for name in "wx"}
    printed = autograd.printed_by["library"]
    assert line_of(printed, "torch.func.grad：") == spelt(wanted)


# --- gradients that are not cleared -------------------------------------------------


def path(slope, w, eta, steps, clear):
    points, total = [w], 0.0
    for _ in range(steps):
        total = slope(w) + (0.0 if clear else total)
        w -= eta * total
        points.append(w)
    return points


@pytest.mark.parametrize(("name", "clear"), [("清零", True), ("不清零", False)])
def test_steps_on_a_slope_grow_only_without_clearing(accumulate, name, clear):
    moved = np.diff(path(lambda w: -1.0, 0.0, 0.1, 5, clear))
    printed = accumulate.printed_by["line"]
    found = after(printed, f"斜坡上，{name}，每步走：")
    assert found == pytest.approx(moved, abs=1e-9)
    assert found == pytest.approx([0.1 * (1 if clear else k) for k in range(1, 6)])


@pytest.mark.parametrize(("name", "clear"), [("清零", True), ("不清零", False)])
def test_paths_in_the_bowl_are_those_of_the_summed_gradients(accumulate, name, clear):
    points = path(lambda w: w, 1.0, 0.1, 60, clear)
    printed = line_of(accumulate.printed_by["bowl"], f"碗里，{name}：")
    first, last = printed.split("；")
    assert numbers(first) == pytest.approx(points[1:4], abs=6e-4)
    (farthest,) = numbers(last.removeprefix("最后 30 步"))
    assert farthest == pytest.approx(max(map(abs, points[-30:])), abs=6e-3)
    drawn = accumulate.with_zero if clear else accumulate.without
    np.testing.assert_allclose(drawn, points, rtol=0, atol=1e-12)


def test_the_hand_s_three_points_without_clearing():
    points = path(lambda w: w, Fraction(1), Fraction(1, 10), 3, clear=False)
    assert list(map(float, points[1:])) == pytest.approx([0.9, 0.71, 0.449])


def test_the_swing_is_the_undamped_oscillation(accumulate):
    """By its closed form: the roots of the recursion lie on the unit circle."""
    angle = math.acos(1 - 0.1 / 2)
    size = 1 / math.cos(angle / 2)
    w = [size * math.cos(angle * (t + 0.5)) for t in range(61)]
    np.testing.assert_allclose(accumulate.without, w, rtol=0, atol=1e-9)


def test_the_figure_has_its_three_ticks(accumulate):
    assert accumulate.axis.get_yticks().tolist() == [-1, 0, 1]
    drawn = {line.get_label(): list(line.get_ydata()) for line in accumulate.axis.lines}
    assert drawn["清零"] == accumulate.with_zero
    assert drawn["不清零"] == accumulate.without


def test_it_is_momentum_with_factor_one(accumulate):
    printed = accumulate.printed_by["momentum"]
    assert line_of(printed, "与动量系数 1 的 SGD 走同样的路： ") == "True"
    velocity, w = 0.0, 1.0
    for mine in accumulate.heavy[1:]:
        velocity = 1.0 * velocity + w
        w -= 0.1 * velocity
        assert mine == pytest.approx(w, abs=1e-12)


def test_micro_batches_add_to_the_whole(accumulate):
    printed = accumulate.printed_by["micro"]
    assert line_of(printed, "分 4 份累加的梯度等于整批的： ") == "True"
    x, y = accumulate.x.numpy(), accumulate.y.numpy()
    whole = -2 * x.T @ y / len(y)
    for found in (accumulate.v.grad, accumulate.whole):
        np.testing.assert_allclose(found.numpy(), whole, rtol=1e-12)


# --- the ways to leave the graph ----------------------------------------------------

TABLE = {
    "照常": "连着图 True，原地改 可以，再进图 可以，复制后再进图 可以",
    "detach": "连着图 False，原地改 可以，再进图 可以，复制后再进图 可以",
    "no_grad": "连着图 False，原地改 可以，再进图 可以，复制后再进图 可以",
    "inference_mode": "连着图 False，原地改 不行，再进图 不行，复制后再进图 可以",
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table_of_ways_is_what_each_way_allows(modes, name):
    assert line_of(modes.printed_by["compare"], f"{name}：") == TABLE[name]
    assert len(modes.printed_by["compare"].splitlines()) == len(TABLE)


def test_every_way_gives_the_same_numbers(modes):
    before = np.array([3.0, 4.0]) - 0.5 * np.array([1.0, 2.0])  # after the update
    for way in modes.ways.values():
        assert way().tolist() == (before * [1.0, 2.0]).tolist()


def test_an_inference_tensor_refuses_by_its_own_words():
    w = torch.ones(2, requires_grad=True)
    with torch.inference_mode():
        y = w * 1
    assert "Inference tensors cannot be saved" in said(lambda: w * y)
    (w * y.clone()).sum().backward()
    assert w.grad.tolist() == [1.0, 1.0]
    assert "Inplace update to inference tensor" in said(lambda: y.add_(1))


def test_the_version_is_counted_and_checked(modes):
    printed = modes.printed_by["version"]
    assert after(printed, "算完 exp，y 的版本：") == [0]
    assert after(printed, "原地加 1 以后：") == [1]
    y = torch.zeros(2, requires_grad=True).sigmoid()
    words = said(y.mul_(2).sum().backward)
    assert words.startswith(line_of(printed, "报错： "))
    assert line_of(printed, "　　 ") in words
    assert line_of(printed, "乘以 2 再原地加 1：") == "没有报错，梯度 [2.0, 2.0]"
    assert modes.z._version == 1  # it was changed where it stands


def test_data_hides_the_write_and_the_gradient_is_wrong(modes):
    printed = modes.printed_by["data"]
    assert line_of(printed, "detach() 之后清零 y：") == "报错，梯度 None"
    assert line_of(printed, ".data 之后清零 y：") == "没有报错，梯度 [0.0, 0.0]"
    right = np.exp([3.0, 4.0])  # the derivative of exp
    assert (right > 20).all()


def test_a_leaf_is_updated_outside_the_graph_only(modes):
    printed = modes.printed_by["update"]
    leaf = torch.ones(2, requires_grad=True)
    assert line_of(printed, "直接 w.sub_(…)： ") == said(leaf.zero_)
    moved = (np.array([3.0, 4.0]) - 0.5 * np.array([1.0, 2.0])).tolist()
    assert line_of(printed, "w - …：") == f"{moved}，叶子 False"
    assert line_of(printed, "no_grad 里 w.sub_(…)：") == f"{moved}，叶子 True"


# --- functions ----------------------------------------------------------------------


def residuals(func):
    """The derivative of each sample's squared error by the prediction, by NumPy."""
    x, y = func.x.numpy(), func.y.numpy()
    weight, bias = (p.detach().numpy() for p in func.model.parameters())
    return 2 * (x @ weight.T + bias - y)


def test_per_sample_gradients_are_residual_times_input(func):
    own = residuals(func)
    wanted = own[:, :, None] * func.x.numpy()[:, None, :]
    for found in (func.per_sample, func.every["weight"]):
        np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-12)
    np.testing.assert_allclose(func.every["bias"].numpy(), own, rtol=1e-12)
    assert after(func.printed_by["samples"], "逐个算的形状：") == [5, 1, 3]
    printed = func.printed_by["vmap"]
    assert after(printed, "vmap，weight：") == list(wanted.shape)
    assert after(printed, "vmap，bias：") == list(own.shape)
    assert line_of(printed, "与逐个算的相同： ") == "True"


def test_the_planted_sample_has_the_largest_gradient(func):
    sizes = np.abs(residuals(func)[:, 0]) * np.linalg.norm(func.x.numpy(), axis=1)
    assert after(func.printed_by["vmap"], "梯度最大的样本：第 ") == [sizes.argmax()]
    assert func.y.argmax() == sizes.argmax() == 3
    np.testing.assert_allclose(func.norms.numpy(), sizes, rtol=1e-12)


def test_rounding_has_no_gradient_and_the_estimator_pretends_one(func):
    printed = func.printed_by["straight"]
    assert line_of(printed, "torch.round 的梯度： ") == "[0.0, 0.0]"
    assert line_of(printed, "直通估计的梯度： ") == "[1.0, 1.0]"
    points, h = np.array([0.3, 1.6]), 1e-3
    assert func.points.tolist() == points.tolist()
    slopes = (np.round(points + h) - np.round(points - h)) / (2 * h)
    assert slopes.tolist() == [0.0, 0.0]


def test_the_numeric_check_passes_the_true_derivative_only(func):
    printed = func.printed_by["check"]
    assert line_of(printed, "sin 通过数值检查： ") == "True"
    assert line_of(printed, "直通估计通过数值检查： ") == "False"


def test_the_detach_trick_is_the_same_estimator(func):
    rounded = np.round([0.3, 1.6]).tolist()
    printed = line_of(func.printed_by["library"], "用 detach 写：")
    assert printed == f"{rounded}，梯度 [1.0, 1.0]"


# --- modules ------------------------------------------------------------------------

SHAPES = {
    "scale": (4,),
    "embed.weight": (10, 4),
    "blocks.0.weight": (4, 4),
    "blocks.0.bias": (4,),
    "blocks.1.weight": (4, 4),
    "blocks.1.bias": (4,),
}


def test_parameters_are_named_and_the_tied_one_counts_once(module):
    printed = module.printed_by["names"]
    lines = [x for x in printed.splitlines() if x.startswith("参数 ")]
    assert lines == [
        f"参数 {name}：{list(shape)}，{math.prod(shape)} 个"
        for name, shape in SHAPES.items()
    ]
    assert after(printed, "合计：") == [sum(map(math.prod, SHAPES.values()))]
    assert line_of(printed, "输出层与嵌入是同一个参数： ") == "True"
    assert after(printed, "输出的形状：") == [1, 3, 10]


def test_the_state_has_buffers_and_both_names_of_the_tied_weight(module):
    printed = module.printed_by["names"]
    keys = [x.strip("　") for x in printed.splitlines() if x.startswith("　")]
    assert sorted(keys) == sorted([*SHAPES, "seen", "head.weight"])
    assert line_of(printed, "缓冲区： ") == "['seen', 'mask']"


def test_training_moves_the_tied_weight_under_both_names(module):
    torch.manual_seed(0)
    model = module.Tower().eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    before = model.embed.weight.detach().clone()
    model(torch.arange(10)).square().sum().backward()
    optimizer.step()
    assert not torch.equal(before, model.head.weight)
    assert torch.equal(model.head.weight, model.embed.weight)


def test_the_forward_pass_is_that_of_numpy(module):
    torch.manual_seed(0)
    model = module.Tower().eval()
    with torch.no_grad():
        model.scale.copy_(torch.tensor([1.0, 2.0, 0.5, 4.0]))
        model.mask[1] = 0.0
    table = model.embed.weight.detach().numpy()
    h = table[[3, 7]] * [1.0, 2.0, 0.5, 4.0] * [1.0, 0.0, 1.0, 1.0]
    for block in model.blocks:
        weight, bias = (p.detach().numpy() for p in block.parameters())
        h = np.maximum(h @ weight.T + bias, 0)
    found = model(torch.tensor([[3, 7]])).detach().numpy()[0]
    np.testing.assert_allclose(found, h @ table.T, rtol=0, atol=1e-5)
    assert model.drop.p == 0.5


def test_a_plain_list_is_lost(module):
    printed = module.printed_by["lost"]
    assert line_of(printed, "普通列表里的参数：") == "0 个"
    words = said(lambda: torch.optim.Adam([]))
    assert line_of(printed, "交给优化器： ") == words
    assert line_of(printed, "转成 double 以后，列表里的层： ") == "torch.float32"
    assert line_of(printed, "普通张量： ") == "torch.float32"
    assert line_of(printed, "登记为缓冲区的： ") == "torch.float64"


def test_eval_reaches_the_children_and_keeps_gradients(module):
    printed = module.printed_by["mode"]
    assert line_of(printed, "eval 以后，Dropout 在训练状态： ") == "False"
    assert line_of(printed, "eval 时两次相同： ") == "True"
    assert line_of(printed, "train 时两次相同： ") == "False"
    assert line_of(printed, "eval 时还要梯度： ") == "True"
    assert line_of(printed, "apply 以后偏置全是 0： ") == "True"
    for block in module.model.blocks:
        assert not block.bias.any()
        assert block.weight.any()


def test_loading_tells_what_is_missing_and_refuses_other_shapes(module):
    printed = module.printed_by["load"]
    assert line_of(printed, "模型有而文件没有： ") == "['scale']"
    assert line_of(printed, "文件有而模型没有： ") == "['gain']"
    assert line_of(printed, "形状不同，strict=False 也不行： ") == "True"


def test_the_large_model_is_counted_by_the_formula(module):
    d, hidden, layers = 4096, 16384, 32
    each = 4 * (d * d + d) + (2 * d * hidden + hidden + d) + 2 * 2 * d
    printed = module.printed_by["meta"].replace(",", "")
    assert after(printed, "32 层，宽 4096：") == [layers * each]
    estimate = after(printed, "照 12 × 层数 × 宽的平方估：")
    assert estimate == [layers * 12 * d * d]
    assert estimate[0] == pytest.approx(layers * each, rel=3e-4)
    assert line_of(printed, "在哪里： ") == "meta"


# --- hooks --------------------------------------------------------------------------


def test_shapes_are_those_of_the_windows(hooks):
    conv = (4, 8, 8 - 3 + 1, 8 - 3 + 1)
    pooled = (4, 8, conv[2] // 2, conv[3] // 2)
    flat = (4, math.prod(pooled[1:]))
    shapes = [(4, 1, 8, 8), conv, conv, pooled, flat, (4, 10)]
    names = ["Conv2d", "ReLU", "MaxPool2d", "Flatten", "Linear"]
    assert hooks.printed_by["shapes"].splitlines() == [
        f"{name}：{list(x)} → {list(y)}"
        for name, x, y in zip(names, shapes, shapes[1:], strict=False)
    ]


def test_an_infinity_is_found_as_a_nan_is(hooks):
    class Divide(nn.Module):
        def forward(self, x):
            return 1 / x

    assert hooks.faulty(nn.Sequential(Divide()), torch.zeros(2)) == ["Divide"]


def test_all_hooks_are_gone(hooks):
    for layer in hooks.model:
        assert not layer._forward_hooks


def test_features_are_those_of_the_layers_before(hooks):
    printed = hooks.printed_by["features"]
    assert after(printed, "展平以后的特征：") == [4, 72]
    assert line_of(printed, "与逐层算的相同： ") == "True"
    ones = torch.ones(2, 1, 8, 8)
    for k in range(5):
        found = hooks.features(hooks.model, hooks.model[k], ones)
        assert torch.equal(found, hooks.model[: k + 1](ones))


def test_the_planted_channels_are_found_dead(hooks):
    printed = hooks.printed_by["dead"]
    assert line_of(printed, "从不激活的通道： ") == "[0, 1, 2]"
    assert line_of(printed, "卷积核梯度是 0 的通道： ") == "[0, 1, 2]"
    weight, bias = (p.detach().numpy() for p in hooks.model[0].parameters())
    windows = np.lib.stride_tricks.sliding_window_view(
        hooks.images.numpy(), (3, 3), axis=(2, 3)
    )
    z = np.einsum("bcijkl,ockl->boij", windows, weight) + bias[None, :, None, None]
    assert np.flatnonzero(z.max(axis=(0, 2, 3)) <= 0).tolist() == [0, 1, 2]


def test_the_clipped_gradient_reaches_the_weights(hooks):
    w, above = np.array([1.0, 2.0]), np.array([0.5, 100.0])
    printed = hooks.printed_by["tensor"]
    assert line_of(printed, "h 的梯度： ") == str(above.tolist())
    clipped = (np.minimum(above, 1) * 2 * w).tolist()
    assert line_of(printed, "剪到 1 以后，w 的梯度： ") == str(clipped)


def test_the_first_faulty_layer_is_the_planted_one(hooks):
    printed = hooks.printed_by["found"]
    assert line_of(printed, "好的输入，出毛病的层： ") == "[]"
    assert line_of(printed, "坏的输入，出毛病的层： ") == "['Normalize', 'Linear']"
    rows = hooks.rows.numpy()
    assert rows[1].tolist() == [-1.0] * 4
    assert rows[[0, 2]].min() > 1
    rows = np.maximum(rows, 0)
    with np.errstate(invalid="ignore"):
        quotient = rows / rows.std(axis=1, ddof=1, keepdims=True)
    assert np.isnan(quotient).all(axis=1).tolist() == [False, True, False]


# --- files --------------------------------------------------------------------------


def opcodes(path):
    """What the pickle inside a file calls, without running it."""
    with zipfile.ZipFile(path) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("data.pkl")]
        raw = archive.read(name)
    return [(code.name, value) for code, value, _ in pickletools.genops(raw)]


def test_the_state_comes_back(save):
    printed = save.printed_by["state"]
    assert line_of(printed, "读回的是 ") == "OrderedDict，键：['weight', 'bias']"
    assert line_of(printed, "参数相同： ") == "True"


def test_the_state_holds_the_parameters_themselves(save):
    printed = save.printed_by["alias"]
    assert line_of(printed, "继续训练以后，没有复制的： ") == "[7.0, 7.0]"
    assert line_of(printed, "复制过的还是原来的： ") == "True"


def test_a_whole_module_needs_its_class_and_trust(save):
    printed = save.printed_by["whole"]
    assert line_of(printed, "默认： ") == "UnpicklingError：Weights only load failed"
    assert line_of(printed, "weights_only=False： ") == "Model"
    assert line_of(printed, "类不在时： ") == "AttributeError"


def test_the_file_runs_its_call_only_when_trusted(save):
    first, ran, second, refused = save.printed_by["pickle"].splitlines()
    assert (first, second) == ("weights_only=False：", "默认：")
    assert ran == "文件里的代码运行了"
    assert refused == "UnpicklingError：Weights only load failed"


def test_the_call_stands_in_the_pickle(save, tmp_path):
    path = tmp_path / "gift.pt"
    torch.save({"note": save.Surprise()}, path)
    names = [value for code, value in opcodes(path) if code == "GLOBAL"]
    assert "builtins print" in names or "__builtin__ print" in names


def test_a_class_is_allowed_by_name_or_made_plain(save):
    printed = save.printed_by["allow"]
    assert line_of(printed, "没有许可： ").startswith("UnpicklingError")
    assert after(printed, "许可以后：") == after(printed, "存成字典：") == [8]


def test_a_slice_brings_its_whole_storage(save, tmp_path):
    printed = save.printed_by["views"]
    assert after(printed, "切片：") == [10, 100_000]
    assert after(printed, "切片的 clone：") == [10, 10]
    sizes = []
    for k, x in enumerate([save.big[:10], save.big[:10].clone()]):
        torch.save(x, tmp_path / f"{k}.pt")
        with zipfile.ZipFile(tmp_path / f"{k}.pt") as archive:
            (info,) = [i for i in archive.infolist() if i.filename.endswith("/data/0")]
        sizes.append(info.file_size // 4)
    assert sizes == [100_000, 10]
    assert line_of(printed, "一起存的视图还连着： ") == "True"


# --- training -----------------------------------------------------------------------


@pytest.fixture(scope="session")
def digits():
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    return images[order] / 16, labels[order]


def weights_of(model):
    return [p.detach().cpu().numpy() for p in model.parameters()]


def wrong_by_hand(model, digits, rng=None):
    """Mistakes on the test rows; ``rng`` drops half of the hidden units."""
    images, labels = (part[1200:] for part in digits)
    w1, b1, w2, b2 = weights_of(model)
    hidden = np.maximum(images @ w1.T + b1, 0)
    if rng is not None:
        hidden *= 2.0 * (rng.random(hidden.shape) < 0.5)
    return int(((hidden @ w2.T + b2).argmax(axis=1) != labels).sum())


def test_the_baseline_s_mistakes(train, digits):
    images, labels = digits
    model = LogisticRegression(max_iter=1000).fit(images[:1200], labels[:1200])
    wrong = round((1 - model.score(images[1200:], labels[1200:])) * 597)
    printed = line_of(train.printed_by["data"], "逻辑回归：")
    assert printed == f"{len(labels) - 1200} 张里错 {wrong} 张"


def spread(text, name):
    mean, low, high = after(text, f"{name}：")
    return mean, low, high


def test_the_network_s_mistakes_by_its_weights_alone(train, digits):
    found = [wrong_by_hand(model, digits) for model, _ in train.runs]
    wanted = (np.mean(found), min(found), max(found))
    text = train.printed_by["run"].replace("十个种子", "")
    assert spread(text, "网络，") == pytest.approx(wanted, abs=0.06)
    text = train.printed_by["forgot"]
    assert spread(text, "写了 eval") == pytest.approx(wanted, abs=0.06)
    better = after(train.printed_by["run"], "比逻辑回归错得少的：")
    assert better == [sum(n < train.wrong for n in found)]


def test_the_page_tells_the_printed_mistakes(train):
    text = PAGE.read_text(encoding="utf-8")
    mean, low, high = spread(train.printed_by["forgot"], "写了 eval")
    assert f"平均错 {mean} 张，与逻辑回归的 {train.wrong} 张差不多" in text
    assert f"好的种子错 {low:g} 张，差的错 {high:g} 张" in text
    mean, _, _ = spread(train.printed_by["forgot"], "忘了 eval")
    assert f"十个模型各考十次，平均错 {mean} 张" in text


def test_a_forgotten_eval_costs_what_half_the_units_cost(train, digits):
    rng = np.random.default_rng(1)
    drawn = [
        wrong_by_hand(model, digits, rng) for model, _ in train.runs for _ in range(50)
    ]
    mean, low, high = spread(train.printed_by["forgot"], "忘了 eval")
    assert mean == pytest.approx(np.mean(drawn), abs=2.5)
    assert min(drawn) - 4 <= low < mean < high <= max(drawn) + 4


def test_only_with_eval_the_answers_repeat(train):
    printed = train.printed_by["forgot"]
    for name, same in [("写了 eval", True), ("忘了 eval", False)]:
        said_of = line_of(printed, f"{name}，同一个模型考十次，结果都相同：")
        assert said_of == str(same)


def test_without_clearing_nothing_is_learnt(train):
    printed = train.printed_by["uncleared"]
    assert line_of(printed, "不清零，每个种子都错一半以上： ") == "True"
    assert min(train.without) > 400


def test_a_loop_of_our_own_reaches_the_same_weights(train, digits):
    """Twenty rounds of batches of 50 at a rate of 0.5, without an optimizer."""
    images, labels = (torch.tensor(part[:1200]) for part in digits)
    images = images.float()
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)
    )
    params = list(net.parameters())
    for _ in range(20):
        for rows in torch.randperm(1200).reshape(24, 50):
            loss = nn.functional.cross_entropy(net(images[rows]), labels[rows])
            with torch.no_grad():
                for p, g in zip(params, torch.autograd.grad(loss, params), strict=True):
                    p -= 0.5 * g
    for mine, theirs in zip(params, weights_of(train.runs[0][0]), strict=True):
        np.testing.assert_allclose(mine.detach().numpy(), theirs, rtol=0, atol=1e-3)


def test_the_curves_fall_to_the_baseline_and_are_drawn(train):
    """The mean of ten seeds ends beside the regression, not far off."""
    curves = np.array([history for _, history in train.runs])
    assert curves.shape == (10, 20)
    assert len({tuple(curve) for curve in curves}) == 10
    assert abs(curves[:, -1].mean() - train.wrong) < 3 < curves[:, 0].mean() / 4
    drawn, baseline = train.axis.lines
    np.testing.assert_allclose(drawn.get_ydata(), curves.mean(axis=0))
    assert set(baseline.get_ydata()) == {train.wrong}


def test_the_drawn_band_goes_from_the_fewest_to_the_most(train):
    curves = [history for _, history in train.runs]
    ends = {
        (k, f(x))
        for k, x in enumerate(zip(*curves, strict=True), 1)
        for f in (min, max)
    }
    (band,) = train.axis.collections
    (path,) = band.get_paths()
    assert {tuple(corner) for corner in path.vertices.tolist()} == ends


# --- what the text says beyond the programs -----------------------------------------


def test_exercise_on_strides():
    a = torch.arange(24).reshape(2, 3, 4)
    assert a.transpose(0, 2).stride() == (1, 4, 12)
    assert "view size is not compatible" in said(lambda: a.transpose(0, 1).view(6, 4))
    assert "view size is not compatible" in said(lambda: a[:, :2].view(4, 4))
    assert a[:, :2].view(2, 8).stride() == (12, 1)


def test_exercise_on_weights_tied_by_data(module):
    model = module.Tower()
    model.head.weight = nn.Parameter(torch.zeros(10, 4))
    model.head.weight.data = model.embed.weight.data
    assert sum(p.numel() for p in model.parameters()) == 84 + 40
    assert model.head.weight.data_ptr() == model.embed.weight.data_ptr()
    model.double()
    assert model.head.weight.data_ptr() != model.embed.weight.data_ptr()


def test_the_differences_from_tensorflow():
    import keras
    import tensorflow as tf

    single, double = tf.ones(2), tf.ones(2, dtype=tf.float64)
    with pytest.raises(tf.errors.InvalidArgumentError):
        single + double
    with pytest.raises(TypeError):
        single[0] = 2.0

    class Listed(keras.Model):
        def __init__(self):
            super().__init__()
            self.blocks = [keras.layers.Dense(4) for _ in range(2)]

        def call(self, x):
            for block in self.blocks:
                x = block(x)
            return x

    model = Listed()
    model(tf.ones((1, 4)))
    assert len(model.trainable_weights) == 4
    assert keras.layers.Dropout(0.5)(tf.ones(100)).numpy().tolist() == [1.0] * 100


# --- practice: frameworks/pytorch_practice_python -----------------------------------

SOLUTION = """
def view_strides(shape, strides, new_shape):
    runs = []
    for n, step in zip(shape, strides):
        if runs and runs[-1][1] == n * step:
            runs[-1] = (runs[-1][0] * n, step)
        else:
            runs.append((n, step))
    out = []
    new = list(new_shape)
    for size, step in reversed(runs):
        block = 1
        while block < size:
            n = new.pop()
            out.append(block * step)
            block *= n
        if block != size:
            return None
    return tuple(reversed(out))
"""
WRONG = [
    ("runs[-1][1] == n * step", "True"),  # merges what does not touch
    ("runs[-1][1] == n * step", "False"),  # merges nothing
    ("runs[-1][1] == n * step", "runs[-1][1] == step"),
    ("runs[-1][1] == n * step", "runs[-1][1] >= n * step"),
    ("runs[-1][1] == n * step", "runs[-1][1] == runs[-1][0] * step"),
    ("(runs[-1][0] * n, step)", "(n, step)"),
    ("(runs[-1][0] * n, step)", "(runs[-1][0] * n, runs[-1][1])"),
    ("out.append(block * step)", "out.append(block)"),  # contiguous strides only
    ("out.append(block * step)", "out.append(step)"),
    ("reversed(runs)", "runs"),
    ("tuple(reversed(out))", "tuple(out)"),
    ("tuple(reversed(out))", "None"),
    ("            return None\n", "            return ()\n"),
    ("            return None\n", "            pass\n"),
    ("        if block != size:\n            return None\n", ""),
    ("while block < size", "while block <= size and new"),
    ("new = list(new_shape)", "new = list(reversed(new_shape))"),
]


def library_strides(shape, strides, new_shape):
    """By PyTorch: a tensor with these strides, asked for a view."""
    x = torch.empty(1000).as_strided(shape, strides)
    try:
        return x.view(new_shape).stride()
    except RuntimeError:
        return None


WHOLE_WRONG = {
    "only two dimensions of a run are merged": """
def view_strides(shape, strides, new_shape):
    runs, d = [], len(shape) - 1
    while d >= 0:
        if d and strides[d - 1] == shape[d] * strides[d]:
            runs.append((shape[d - 1] * shape[d], strides[d]))
            d -= 1
        else:
            runs.append((shape[d], strides[d]))
        d -= 1
    new, out = list(new_shape), []
    for size, step in runs:
        block = 1
        while block < size:
            n = new.pop()
            out.append(block * step)
            block *= n
        if block != size:
            return None
    return tuple(reversed(out))
""",
    "only the last cell is compared": """
def view_strides(shape, strides, new_shape):
    from itertools import product
    cells = [
        sum(i * s for i, s in zip(index, strides))
        for index in product(*map(range, shape))
    ]
    out, block = [], 1
    for n in reversed(new_shape):
        out.insert(0, cells[block])
        block *= n
    last = sum((n - 1) * s for n, s in zip(new_shape, out))
    return tuple(out) if last == cells[-1] else None
""",
}


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_torch_views(case):
    _, given, want, _ = case
    assert library_strides(**given) == want
    assert math.prod(given["shape"]) == math.prod(given["new_shape"])


def test_the_rule_is_torch_s_on_many_random_shapes():
    names: dict = {}
    exec(SOLUTION, names)
    rng = np.random.default_rng(0)
    views = 0
    for _ in range(500):
        shape = tuple(map(int, rng.choice([2, 3, 4], size=rng.integers(1, 4))))
        x = torch.empty(tuple(n + int(rng.integers(2)) for n in shape))
        x = x[tuple(slice(n) for n in shape)].permute(*rng.permutation(len(shape)))
        left, new = x.numel(), []
        while left > 1:
            n = int(rng.choice([k for k in range(2, left + 1) if left % k == 0]))
            new, left = [*new, n], left // n
        given = tuple(x.shape), x.stride(), tuple(new)
        try:
            want = x.view(*new).stride()
        except RuntimeError:
            want = None
        views += want is not None
        assert names["view_strides"](*given) == want, given
    assert 100 < views < 400


def test_the_solution_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_solution_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


@pytest.mark.parametrize("slip", WHOLE_WRONG)
def test_another_way_that_is_wrong_fails_one_example(slip):
    verdict = practice.verdict_on(PRACTICE, WHOLE_WRONG[slip])
    assert verdict.passed == verdict.total - 1


def test_the_page_shows_what_the_judge_says_of_a_slip():
    slip = WRONG[0]  # takes the whole for contiguous, from the last stride on
    words = practice.failing(PRACTICE, SOLUTION, slip)
    assert words in PAGE.read_text(encoding="utf-8")
