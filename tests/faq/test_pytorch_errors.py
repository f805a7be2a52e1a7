"""Messages of PyTorch: each raised anew by another case, each mend by other means.

A printed message is held against one that the library raises for other numbers: the
words must be the same, and the numbers those of NumPy, SciPy, or exact fractions.
"""

import io
import math
import pickle
import re
import sys
import traceback
import warnings
import zipfile
from fractions import Fraction
from multiprocessing import current_process, spawn

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import signal, special
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from tests.conftest import ROOT
from tests.printed import numbers

PAGE = ROOT / "docs/faq/pytorch-errors.md"
FIGURES = ROOT / "docs/assets/figures"


@pytest.fixture
def shape(run_snippet):
    return run_snippet("faq/pytorch_errors_shape_torch").printed_by


@pytest.fixture
def dtype(run_snippet):
    return run_snippet("faq/pytorch_errors_dtype_torch").printed_by


@pytest.fixture
def autograd(run_snippet):
    return run_snippet("faq/pytorch_errors_autograd_torch").printed_by


@pytest.fixture
def load(run_snippet):
    return run_snippet("faq/pytorch_errors_load_torch").printed_by


@pytest.fixture
def device(run_snippet):
    return run_snippet("faq/pytorch_errors_device_torch").printed_by


def page():
    return PAGE.read_text(encoding="utf-8")


def raised_by(call, kind):
    """「Type: message」 of what the call raises."""
    with pytest.raises(kind) as caught:
        call()
    return f"{caught.type.__name__}: {caught.value}"


def words(message):
    """A message without its numbers."""
    return re.sub(r"\d+", "#", message)


def whole(text):
    return [int(n) for n in re.findall(r"\d+", text)]


def entry(slug):
    """What the page says under one heading."""
    after = page().split(f"{{ #{slug} }}\n")[1]
    return re.split(r"^##", after, flags=re.M)[0]


def entropy(n):
    """The cross-entropy of n classes of one logit, by SciPy."""
    return -special.log_softmax(np.zeros(n))[0]


# --- shapes ---------------------------------------------------------------------------


def test_a_linear_layer_names_the_two_shapes(shape):
    first, second, third = shape["mat1-mat2"].splitlines()
    other = raised_by(lambda: nn.Linear(4, 5)(torch.zeros(3, 7)), RuntimeError)
    assert other.endswith("(3x7 and 4x5)")
    assert words(first) == words(other)
    width = np.zeros((2, 64, 5, 5)).reshape(2, -1).shape[1]
    assert whole(first)[2:] == [2, width, 64 * 4 * 4, 10]
    assert second == f"展平后每行 {width} 个数"
    assert third == f"修好： {(np.zeros((2, width)) @ np.zeros((width, 10))).shape}"
    assert f"$64\\times5\\times5={width}$" in entry("mat1-mat2")
    assert f"$64\\times4\\times4={64 * 4 * 4}$" in entry("mat1-mat2")
    drawn = (FIGURES / "pytorch-errors-matmul.svg").read_text(encoding="utf-8")
    drawn = re.sub(r"<title.*</title>", "", drawn)
    shown = [int(n) for n in re.findall(r">(\d+)<", drawn)]
    assert sorted(shown) == sorted([2, width, 1024, 10, width, 1024])
    assert f"(2x{width} and 1024x10)" in re.sub(r"<[^>]*>", "", drawn)


def test_a_forgotten_flatten_shows_batch_times_side():
    said = raised_by(lambda: nn.Linear(784, 10)(torch.zeros(32, 28, 28)), RuntimeError)
    assert said.endswith("(896x28 and 784x10)") and "`896x28 and 784x10`" in page()
    said = raised_by(lambda: nn.Linear(1024, 10)(torch.zeros(15, 32, 32)), RuntimeError)
    assert said.endswith("(480x32 and 1024x10)")
    assert "(480x32 and 1024x10)" in page().split("{ #exercises }")[1]


def test_view_needs_contiguous_memory_and_reshape_keeps_the_order(shape):
    first, second, third = shape["view-size"].splitlines()
    other = raised_by(lambda: torch.zeros(3, 4).t().view(12), RuntimeError)
    assert first == other
    x = np.arange(6).reshape(2, 3).T
    strides = tuple(s // x.itemsize for s in x.strides)
    assert second == f"步幅： {strides} 连续： {x.flags.c_contiguous}"
    assert third == f"修好： {x.ravel().tolist()}"


def test_broadcasting_aligns_the_last_axes(shape):
    first, second = shape["tensor-size"].splitlines()
    other = raised_by(lambda: torch.zeros(2, 5) + torch.zeros(2), RuntimeError)
    assert words(first) == words(other) and whole(first) == [3, 4, 1]
    with pytest.raises(ValueError):
        np.ones((4, 3)) * np.arange(4)
    fixed = np.ones((4, 3)) * np.arange(4.0).reshape(4, 1)
    assert second == f"修好： {fixed[:, 0].tolist()}"


def test_a_convolution_looks_for_channels_on_the_second_axis(shape):
    first, second = shape["conv-channels"].splitlines()
    conv = nn.Conv2d(2, 4, 5)
    other = raised_by(lambda: conv(torch.zeros(6, 9, 9, 2)), RuntimeError)
    assert words(first) == words(other)
    assert whole(first) == [1, 8, 3, 3, 3, 1, 28, 28, 3, 3, 28]
    side = signal.correlate2d(np.zeros((28, 28)), np.zeros((3, 3)), "valid").shape
    assert second == f"修好： {(1, 8, *side)} 像素的三色没变： True"
    assert f"`{(1, 8, *side)}`" in entry("conv-channels")
    image = np.arange(28 * 28 * 3).reshape(1, 28, 28, 3)
    moved, forced = image.transpose(0, 3, 1, 2), image.reshape(1, 3, 28, 28)
    assert moved.shape == forced.shape  # the shape alone proves nothing
    assert (moved[0, :, 5, 9] == image[0, 5, 9]).all()
    assert not (forced[0, :, 5, 9] == image[0, 5, 9]).any()
    drawn = (FIGURES / "pytorch-errors-channels.svg").read_text(encoding="utf-8")
    axes = re.findall(r'font-size="16"[^>]*>(\d+)<', drawn)
    assert [int(n) for n in axes] == [*image.shape, *moved.shape]
    assert conv(torch.zeros(6, 9, 9, 2).reshape(6, 2, 9, 9)).shape == (6, 4, 5, 5)


def test_cross_entropy_wants_classes_on_the_second_axis(shape):
    first, second, third = shape["target-size"].splitlines()
    y = torch.zeros(3, 4, dtype=torch.long)
    other = raised_by(lambda: F.cross_entropy(torch.zeros(3, 4, 6), y), RuntimeError)
    assert words(first) == words(other) and whole(first) == [2, 7, 2, 5]
    assert second == "修好，两种写法相等： True"
    assert third == "reshape 不报错，也相等吗： False"
    assert "$\\ln 7$" in entry("target-size")


def test_only_the_turned_logits_give_the_loss_of_each_place():
    draw = np.random.default_rng(1)
    logits, y = draw.normal(size=(3, 4, 6)), draw.integers(6, size=(3, 4))
    chosen = np.take_along_axis(special.log_softmax(logits, -1), y[..., None], -1)
    z, t = torch.from_numpy(logits), torch.from_numpy(y)
    turned, forced = z.transpose(1, 2), z.reshape(3, 6, 4)
    assert F.cross_entropy(turned, t).item() == pytest.approx(-chosen.mean())
    assert abs(F.cross_entropy(forced, t).item() + chosen.mean()) > 0.01
    flat = torch.zeros(10, 7)
    said = raised_by(lambda: F.cross_entropy(flat, torch.zeros(2).long()), ValueError)
    said = said.removeprefix("ValueError: ").rstrip(".")
    assert f"`{said}`" in entry("target-size")


def test_the_binary_loss_does_not_broadcast_and_the_squared_one_does(shape):
    first, second = shape["input-size"].splitlines()
    loss = F.binary_cross_entropy_with_logits
    other = raised_by(lambda: loss(torch.zeros(2, 1), torch.zeros(2)), ValueError)
    assert words(first) == words(other) and whole(first) == [4, 4, 1]
    values = numbers(second.replace("ln 2", ""))
    assert values == pytest.approx([entropy(2)] * 2, abs=5.1e-5)
    with pytest.warns(UserWarning, match="different to the input size"):
        F.mse_loss(torch.zeros(4, 1), torch.zeros(4))


def test_batch_normalization_wants_more_than_one_case(shape):
    first, second, third = shape["one-value"].splitlines()
    other = raised_by(lambda: nn.BatchNorm1d(7)(torch.zeros(1, 7)), ValueError)
    assert words(first) == words(other) and whole(first) == [1, 1, 3]
    assert second == f"训练时修好，各批： {[4] * (9 // 4)}"
    assert third == "推断时修好： (1, 3)"


def test_of_8_to_11_cases_only_9_leave_one_in_the_last_batch():
    alone = []
    for n in range(8, 12):
        loader = DataLoader(TensorDataset(torch.ones(n, 3)), 4)
        try:
            for (x,) in loader:
                nn.BatchNorm1d(3)(x)
        except ValueError:
            alone.append(n)
    assert alone == [9] and "只有 9 例时报错" in page()


# --- types ----------------------------------------------------------------------------


def test_numpy_s_doubles_do_not_meet_floats(dtype):
    first, second = dtype["same-dtype"].splitlines()
    other = raised_by(lambda: torch.zeros(2, 2).double() @ torch.eye(2), RuntimeError)
    assert "float != double" in other or "double != float" in other
    x = torch.zeros(1, 5, dtype=torch.float64)
    assert first == raised_by(lambda: nn.Linear(5, 1)(x), RuntimeError)
    assert second == f"修好： torch.{np.float32.__name__}"


def test_without_a_bias_the_types_are_worded_in_another_way():
    x = torch.zeros(2, 3)
    layer = nn.Linear(3, 4, bias=False).bfloat16()
    said = raised_by(lambda: layer(x), RuntimeError).removeprefix("RuntimeError: ")
    assert f"`{said}`" in entry("same-dtype")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert layer(x).dtype == layer(x.to(layer.weight.dtype)).dtype
    bare = nn.Conv2d(1, 1, 1, bias=False)
    said = raised_by(lambda: bare(torch.zeros(1, 1, 2, 2).byte()), RuntimeError)
    assert f"`{said.removeprefix('RuntimeError: ')}`" in entry("input-type")
    half = nn.Conv2d(1, 1, 1).half()
    said = raised_by(lambda: half(torch.zeros(1, 1, 2, 2)), RuntimeError)
    assert "(float) and bias type (c10::Half)" in said
    assert "`float` 与 `c10::Half`" in entry("input-type")


def test_a_picture_of_bytes_does_not_meet_floats(dtype):
    first, second = dtype["input-type"].splitlines()
    x = torch.zeros(1, 2, 5, 5)
    conv = nn.Conv2d(2, 3, 3)
    assert first == raised_by(lambda: conv(x.byte()), RuntimeError)
    assert "(double)" in raised_by(lambda: conv(x.double()), RuntimeError)
    assert second == f"修好： torch.float32 输入的最大值： {np.float32(255) / 255}"


def test_class_numbers_are_long_in_three_wordings(dtype):
    first, second, third = dtype["target-long"].splitlines()
    for line, kind in ((first, torch.int32), (second, torch.float32)):
        y = torch.zeros(5, dtype=kind)
        said = raised_by(lambda y=y: F.cross_entropy(torch.zeros(5, 2), y), Exception)
        assert line == said
    values = numbers(third.replace("ln 3", ""))
    assert values == pytest.approx([entropy(3)] * 2, abs=5.1e-5)


def test_the_binary_loss_wants_floats_as_an_in_place_sum_does(dtype):
    first, second = dtype["cast-long"].splitlines()
    assert first == raised_by(lambda: torch.tensor([1]).add_(0.5), RuntimeError)
    values = numbers(second.replace("ln 2", ""))
    assert values == pytest.approx([entropy(2)] * 2, abs=5.1e-5)


def test_an_array_of_objects_is_no_tensor(dtype):
    first, second = dtype["numpy-object"].splitlines()
    ragged = np.array([[1, 2], [3]], dtype=object)
    other = raised_by(lambda: torch.tensor(ragged), TypeError)
    assert other.startswith(first + ". ") and first.endswith("numpy.object_")
    assert second == f"修好： torch.float32 {[[1.0, 2.5], [3.0, float('4')]]}"


# --- gradients ------------------------------------------------------------------------


def test_an_output_that_backward_needs_may_not_change(autograd):
    first, second = autograd["inplace"].splitlines()
    w = torch.zeros(3, requires_grad=True)
    y = w.sigmoid()
    y.mul_(2)
    other = raised_by(lambda: y.sum().backward(), RuntimeError)
    assert other.startswith(first + ": [")
    assert "is at version 1; expected version 0" in other
    assert second == "修好，梯度等于 exp(w)： True"
    w = torch.tensor([0.5], requires_grad=True)
    (w.exp() + 1).sum().backward()
    assert w.grad.item() == pytest.approx(math.exp(0.5))


def test_anomaly_detection_shows_the_line_of_the_forward_pass():
    w = torch.ones(2, requires_grad=True)
    with torch.autograd.set_detect_anomaly(True):
        y = w.exp()  # the line that is shown
        y += 1
        with (
            pytest.warns(
                UserWarning, match="y = w.exp\\(\\)  # the line that is shown"
            ),
            pytest.raises(RuntimeError, match="modified by an inplace operation"),
        ):
            y.sum().backward()


def test_a_graph_is_walked_once(autograd):
    first, *steps = autograd["backward-twice"].splitlines()
    w = torch.ones(1, requires_grad=True)
    loss = w.exp().sum()
    loss.backward()
    other = raised_by(loss.backward, RuntimeError)
    assert first.startswith("第 2 步 RuntimeError: ")
    assert other.startswith(first.removeprefix("第 2 步 ") + " (")
    slope = [2.0 * 1.0] * 2  # of a square at 1
    assert steps == [f"修好，第 {k} 步的梯度： {slope}" for k in (1, 2)]


def test_retain_graph_only_moves_the_mistake():
    w = torch.ones(2, requires_grad=True)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    with torch.no_grad():
        w -= 0.1 * w.grad
    said = raised_by(loss.backward, RuntimeError)
    assert "modified by an inplace operation" in said
    loss = (3 * w).sum()  # needs no value of w: nothing is said
    for _ in range(2):
        loss.backward(retain_graph=True)
        with torch.no_grad():
            w -= 0.1 * w.grad
    assert loss.item() == pytest.approx(3 * (0.8 + 0.8))  # still that of the start


def test_a_loss_without_a_path_has_no_gradient(autograd):
    first, second, third = autograd["no-grad-fn"].splitlines()
    assert first == raised_by(lambda: torch.ones(1).sum().backward(), RuntimeError)
    assert second == "有 grad_fn 吗： False True"
    assert third == f"修好，权重的梯度： {np.ones((1, 2)).tolist()}"


def test_a_leaf_is_updated_outside_the_graph(autograd):
    first, second = autograd["leaf"].splitlines()
    w = torch.zeros(1, requires_grad=True)
    assert first == raised_by(lambda: w.mul_(2), RuntimeError)
    fixed = 1 - Fraction(1, 10) * 3
    assert second == f"修好：w 的第一个数 {float(fixed):.1f}，还是叶子：True"
    assert f"`w` 由 1 变成 {float(fixed):.1f}" in entry("leaf")
    one = torch.zeros(2, requires_grad=True)
    said = raised_by(lambda: one[0].add_(1), RuntimeError)
    assert said.startswith("RuntimeError: a view of a leaf Variable")
    (3 * w).sum().backward()
    moved = w - 0.1 * w.grad
    moved.sum().backward()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert not moved.is_leaf and moved.grad is None


def test_layers_in_a_list_are_not_registered(autograd):
    first, second, third = autograd["empty-list"].splitlines()
    assert first == raised_by(lambda: torch.optim.Adam([]), ValueError)
    assert second == "list 登记的参数： 0"
    assert third == f"ModuleList 登记的参数： {2 * 1 + 1}"
    said = f"从 0 变成 {2 * 1 + 1}，即 {2 * 1} 个权重加 1 个偏置"
    assert said in entry("empty-list")


# --- files and data -------------------------------------------------------------------


def test_a_prefix_makes_every_name_missing_and_unexpected(load):
    *lines, fixed = load["missing-keys"].splitlines()
    names = ["0.weight", "0.bias"]
    quoted = ", ".join(f'"{n}"' for n in names)
    prefixed = ", ".join(f'"module.{n}"' for n in names)
    assert lines == [
        "Error(s) in loading state_dict for Sequential:",
        f"Missing key(s) in state_dict: {quoted}.",
        f"Unexpected key(s) in state_dict: {prefixed}.",
    ]
    model = nn.Sequential(nn.Conv2d(1, 1, 1))
    wrapped = nn.DataParallel(model).state_dict()
    assert list(wrapped) == ["module." + n for n in names]
    assert list(nn.DataParallel(model).module.state_dict()) == names
    said = raised_by(lambda: model.load_state_dict(wrapped), RuntimeError)
    assert [x.strip() for x in said.splitlines()][1:] == lines[1:]
    same = model.load_state_dict({k[7:]: v for k, v in wrapped.items()})
    assert fixed == f"修好： {same}"
    before = model[0].weight.clone()
    loose = model.load_state_dict({k: v + 1 for k, v in wrapped.items()}, strict=False)
    assert len(loose.missing_keys) == 2 and torch.equal(model[0].weight, before)


def test_a_compiled_model_has_its_own_prefix():
    compiled = torch.compile(nn.Linear(1, 1), backend="eager")
    assert list(compiled.state_dict()) == ["_orig_mod.weight", "_orig_mod.bias"]


def test_another_number_of_classes_is_a_mismatch_of_size(load, run_snippet):
    first, second, third = load["size-mismatch"].splitlines()
    small, large = nn.Sequential(nn.Linear(7, 2)), nn.Sequential(nn.Linear(7, 6))
    said = raised_by(
        lambda: small.load_state_dict(large.state_dict(), strict=False), RuntimeError
    )
    assert words(first) == words(said.splitlines()[1].strip())
    assert whole(first) == [1, 10, 4, 3, 4]
    assert second == "修好，没有读到的： ['1.weight', '1.bias']"
    assert third == "第一层读进去了： True"
    space = run_snippet("faq/pytorch_errors_load_torch")
    assert torch.equal(space.new[0].weight, space.old["0.weight"])


def test_a_whole_model_is_not_read_and_a_state_dict_is(load):
    first, second = load["weights-only"].splitlines()
    file = io.BytesIO()
    torch.save(nn.ReLU(), file)
    file.seek(0)
    said = raised_by(lambda: torch.load(file), pickle.UnpicklingError)
    assert said.startswith(first + ". ")
    assert second == f"修好，读回： {list(nn.Linear(1, 1).state_dict())}"


def test_a_file_cut_short_still_begins_like_a_zip(load):
    first, second, third = load["central-directory"].splitlines()
    cut, text = "failed finding central directory", "Unsupported operand 118"
    head = b"PK"
    assert first == f"少一半，RuntimeError: {cut}，开头：{head}"
    assert second == f"指针，UnpicklingError: {text}，开头：{b've'}"
    assert third == f"完整的文件，开头： {head}"
    file = io.BytesIO()
    torch.save({"w": torch.ones(9)}, file)
    data = file.getvalue()
    assert zipfile.is_zipfile(io.BytesIO(data))
    assert not zipfile.is_zipfile(io.BytesIO(data[:300]))
    assert cut in raised_by(lambda: torch.load(io.BytesIO(data[:300])), RuntimeError)
    kind = pickle.UnpicklingError
    said = raised_by(lambda: torch.load(io.BytesIO(b"vvvv")), kind)
    assert text in said and f"{ord('v')} 是字母 v 的编码" in entry("central-directory")
    assert said.startswith("UnpicklingError: Weights only load failed")
    assert f"`{text}` 或 `{ord('<')}`" in entry("weights-only")
    said = raised_by(lambda: torch.load(io.BytesIO(b"<html>")), kind)
    assert f"Unsupported operand {ord('<')}" in said
    assert f"{ord('<')} 是 `<`" in entry("central-directory")


def test_unequal_cases_are_not_stacked_and_are_padded(load):
    first, second = load["stack"].splitlines()
    data = [torch.zeros(3), torch.zeros(5)]
    said = raised_by(lambda: torch.utils.data.default_collate(data), RuntimeError)
    assert words(first) == words(said) and whole(first) == [1, 0, 2, 1]
    assert second == f"修好： {np.tri(2)[:, :2].tolist()}"


def test_a_number_beyond_the_table_is_out_of_range(load):
    first, second, third = load["index-in-self"].splitlines()
    for wrong in (7, -1):
        table = nn.Embedding(7, 1)
        said = raised_by(lambda t=table, i=wrong: t(torch.tensor(i)), IndexError)
        assert first == said
    assert second == "最大的编号： 10 词表： 10"
    shape = np.zeros((11, 4))[[3, 10]].shape
    assert third == f"修好： {shape} 旧词元的向量没变： True"
    assert "词表有 10 行，编号只能是 0 到 9" in entry("index-in-self")


# --- cards and processes --------------------------------------------------------------


def test_only_a_buffer_moves_with_the_model(device):
    first, second = device["same-device"].splitlines()
    x = torch.zeros(1, 3, device="meta")
    assert first == raised_by(lambda: nn.Linear(3, 1)(x), RuntimeError)
    norm = nn.BatchNorm1d(2).to("meta")
    assert second == f"修好，结果在： {norm.running_mean.device}"


@pytest.mark.skipif(torch.cuda.is_available(), reason="a card reads such a file")
def test_a_file_of_a_card_is_read_with_map_location(device, monkeypatch):
    first, second = device["deserialize"].splitlines()
    assert second == "修好： cpu"
    monkeypatch.setattr(torch.serialization, "location_tag", lambda _: "cuda:1")
    file = io.BytesIO()
    torch.save(torch.ones(1), file)
    file.seek(0)
    said = raised_by(lambda: torch.load(file), RuntimeError)
    assert said.startswith(first + ". If you are running on a CPU-only machine")
    file.seek(0)
    assert torch.load(file, map_location="cpu").item() == 1


def test_on_the_cpu_the_wrong_label_is_named(device):
    first, second, third = device["device-assert"].splitlines()
    y = torch.tensor([5])
    said = raised_by(lambda: F.cross_entropy(torch.zeros(1, 2), y), IndexError)
    assert words(first) == words(said) and whole(first) == [3]
    assert second == "标签在范围内： True"
    labels = [label - 1 for label in (1, 3)]
    assert third.startswith(f"修好：标签 {labels}，")
    assert numbers(third)[-1] == pytest.approx(entropy(3), abs=5.1e-5)


def test_the_errors_of_a_card_are_runtime_errors():
    assert issubclass(torch.AcceleratorError, RuntimeError)
    assert issubclass(torch.OutOfMemoryError, RuntimeError)
    assert "`torch.AcceleratorError`" in entry("device-assert")


MIB = {
    "tried": Fraction("158"),
    "total": Fraction("23.69") * 1024,
    "free": Fraction("115.69"),
    "used": Fraction("23.57") * 1024,
    "live": Fraction("22.14") * 1024,
    "idle": Fraction("910.35"),
}


def test_the_numbers_of_the_memory_message_add_up(device):
    first, second, third = device["out-of-memory"].splitlines()
    assert first == f"还差：{round(MIB['tried'] - MIB['free'])} MiB"
    beside = (MIB["used"] - MIB["live"] - MIB["idle"]) / 1024
    assert second == f"本进程占着、PyTorch 之外：{float(beside):.2f} GiB"
    assert third == f"碎片里的总数够这一次要的吗： {MIB['idle'] > MIB['tried']}"
    assert abs(MIB["used"] + MIB["free"] - MIB["total"]) < 11  # of rounding
    assert numbers(first) == [42] and "多 42 MiB" in page()
    assert numbers(second) == [0.54] and "0.54 GiB" in page()
    own = (MIB["live"] + MIB["idle"]) / 1024
    assert f"{float(own):.2f} GiB，卡上再放不下" in page()
    assert own * 1024 + MIB["used"] > MIB["total"]  # so 21422 is the program itself
    assert "它就是出错的程序自己" in page()
    idle, tried = int(MIB["idle"]), MIB["tried"]
    assert f"占着没用的 {idle} MiB 比要的 {tried} MiB 多" in page()


def test_the_memory_is_drawn_to_scale():
    text = (FIGURES / "pytorch-errors-memory.svg").read_text(encoding="utf-8")
    boxes = re.findall(r'<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"', text)
    parts = [float(w) for _, y, w in boxes if y == "26"]
    beside = MIB["used"] - MIB["live"] - MIB["idle"]
    want = [MIB["live"], MIB["idle"], beside, MIB["free"]]
    assert parts == pytest.approx(
        [float(p / MIB["total"] * 330) for p in want], abs=0.1
    )
    tried, free = (float(w) for _, y, w in boxes if y != "26")
    assert tried / free == pytest.approx(float(MIB["tried"] / MIB["free"]), rel=0.01)


def test_the_exercise_of_the_memory_message():
    tried, free, used, live, idle = map(
        Fraction, ("2.00", "1.50", "22.50", "20.00", "1.20")
    )
    answer = page().split("{ #exercises }")[1]
    assert f"2.00-1.50={float(tried - free):.2f}$" in answer
    assert f"22.50-20.00-1.20={float(used - live - idle):.2f}$" in answer
    assert f"是 {float(idle + free):.2f} GiB，大于 2.00" in answer


def test_a_spawned_child_needs_the_guard(device):
    first, second = device["bootstrapping"].splitlines()
    assert first == "if True: 报 bootstrapping：True，印出：''"
    assert second == (
        """if __name__ == "__main__": 报 bootstrapping：False，印出：'child\\n'"""
    )
    current = current_process()
    current._inheriting = True
    try:
        said = raised_by(spawn._check_not_importing_main, RuntimeError)
    finally:
        del current._inheriting
    said = " ".join(said.split())
    assert "An attempt has been made to start a new process" in said
    assert "finished its bootstrapping phase" in said and "freeze_support()" in said


# --- the page -------------------------------------------------------------------------


def test_the_table_names_every_entry_once_in_its_order():
    table = page().split("{ #index }")[1].split("\n## ")[0]
    rows = re.findall(r"^\| \[`([^\n]*?)`\]\(#([\w-]+)\) \| [^|\n]+ \|$", table, re.M)
    entries = re.findall(r"^### `([^\n]*?)` \{ #([\w-]+) \}$", page(), re.M)
    assert rows == entries and len({i for _, i in rows}) == len(rows) == 28
    assert "28 条" in page().split("{ #goals }")[0]


def test_every_entry_says_why_and_how_to_mend_it():
    for entry in re.split(r"^### ", page(), flags=re.M)[1:]:
        assert entry.count("**为什么。**") == 1, entry[:60]
        assert len(re.findall(r"\*\*怎样修[。，]\*\*", entry)) == 1, entry[:60]
        assert re.search(r"\]\(\S*#[\w-]+\)", entry), f"{entry[:60]}: no link"


def test_every_heading_is_in_the_message_of_the_library(
    shape, dtype, autograd, load, device
):
    """Where it can be raised here: the variable parts of a heading are left out."""
    said = "\n".join(
        text
        for printed in (shape, dtype, autograd, load, device)
        for text in printed.values()
    )
    said = re.sub(r" \(\d+\)|\(torch.Size\(\[[\d, ]+\]\)\) ", " ", said)
    said = re.sub(r"input\[[\d, ]+\]", "input", said).replace("  ", " ")
    headings = re.findall(r"^### `([^\n]*?)`", page(), re.M)
    quoted = [
        "Expected all tensors to be on the same device",
        "CUDA error: device-side assert triggered",
        "CUDA out of memory",
        "An attempt has been made to start a new process",
    ]
    if torch.cuda.is_available():  # then the file of a card is read
        quoted.insert(1, "Attempting to deserialize object on a CUDA device")
    assert [h for h in headings if h not in said] == quoted


def test_the_drawn_traceback_is_that_of_the_program(tmp_path):
    source = "\n".join(
        [
            "import torch",
            "from torch import nn",
            "",
            "model = nn.Sequential(nn.Flatten(), nn.Linear(1024, 10))",
            "",
            "",
            "def step(images):",
            "    return model(images)",
        ]
    )
    space = {}
    exec(compile(source, "train.py", "exec"), space)
    try:
        space["step"](torch.zeros(2, 64, 5, 5))
    except RuntimeError:
        kind, error, frames = sys.exc_info()
    own, *_, last = traceback.extract_tb(frames)[1:]
    svg = (FIGURES / "pytorch-errors-read.svg").read_text(encoding="utf-8")
    assert f'File "{own.filename}", line {own.lineno}, in {own.name}' in svg
    assert last.filename.replace("\\", "/").endswith("/nn/modules/linear.py")
    assert f'linear.py", line {last.lineno}' in svg
    assert last.line.startswith("return F.linear(input, self.weight,")
    shown = re.sub(r"<[^>]*>|\s+", " ", svg.split('stroke="var(--hb-zhu)"')[1])
    assert str(error) in " ".join(shown.split())
    assert kind.__name__ in svg
