"""The page of the training loop: batches, workers, the loop, resuming, compiling.

References that the programs never call: Keras's ``pad_sequences``, the worker seeds by
PyTorch's documented rule, a training written with ``autograd.grad`` and AdamW by hand,
NumPy's and ``ml_dtypes``' formats, PyTorch's own compile counter and FLOP counter.
"""

import math
import pickle
import random
import re
from collections import Counter

import keras
import ml_dtypes
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.colors import same_color
from scipy.special import softmax
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch._dynamo.testing import CompileCounter
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of

PRACTICE = ROOT / "snippets/frameworks/pytorch_training_practice_torch.py"
PAGE = ROOT / "docs/frameworks/pytorch-training.md"


def page():
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture
def data(run_snippet):
    return run_snippet("frameworks/pytorch_training_data_torch")


@pytest.fixture
def workers(run_snippet):
    return run_snippet("frameworks/pytorch_training_workers_torch")


@pytest.fixture
def loop(run_snippet):
    return run_snippet("frameworks/pytorch_training_loop_torch")


@pytest.fixture
def amp(run_snippet):
    return run_snippet("frameworks/pytorch_training_amp_torch")


@pytest.fixture
def resume(run_snippet):
    return run_snippet("frameworks/pytorch_training_resume_torch")


@pytest.fixture
def compiled(run_snippet):
    return run_snippet("frameworks/pytorch_training_compile_torch")


@pytest.fixture
def profiled(run_snippet):
    return run_snippet("frameworks/pytorch_training_profile_torch")


@pytest.fixture
def exported(run_snippet):
    return run_snippet("frameworks/pytorch_training_export_torch")


# --- data ---------------------------------------------------------------------------

THREE = [[5, 3], [7, 1, 4, 2], [6]]
DIGITS = "零一二三四五六七八九"


def read_aloud(text):
    """The number that a Chinese numeral below a thousand stands for."""
    total = digit = 0
    for c in text:
        if c in "百十":
            total, digit = total + digit * {"百": 100, "十": 10}[c], 0
        else:
            digit = DIGITS.index(c)
    return total + digit


def padded(sequences, pad=0, left=False):
    """Keras's padding; mask and positions from the lengths."""
    side = "pre" if left else "post"
    ids = keras.utils.pad_sequences(sequences, padding=side, value=pad)
    ones = [[1] * len(s) for s in sequences]
    mask = keras.utils.pad_sequences(ones, padding=side)
    counts = [list(range(len(s))) for s in sequences]
    positions = keras.utils.pad_sequences(counts, padding=side)
    return [part.tolist() for part in (ids, mask, positions)]


def test_the_printed_row_is_205(data):
    text, row = data.printed_by["dataset"].strip().split("：")
    assert text == "二百零五" and read_aloud(text) == 205
    assert row == f"({[data.VOCAB.index(c) for c in text]}, 3)" == "([3, 12, 1, 6], 3)"


def test_every_row_is_its_number_and_its_number_of_digits(data):
    assert len(data.dataset) == 999
    for i in range(999):
        ids, label = data.dataset[i]
        assert read_aloud("".join(data.VOCAB[k] for k in ids)) == i + 1
        assert label == 1 + int(math.log10(i + 1) + 1e-9)
        assert 0 not in ids


def test_numerals_have_zeros_where_chinese_has_them(data):
    expected = {101: "一百零一", 110: "一百一十", 12: "一十二", 300: "三百", 7: "七"}
    assert {n: data.spell(n) for n in expected} == expected


def test_printed_batch_is_keras_s_padding(data):
    printed = data.printed_by["collate"]
    for name, part in zip(["ids", "mask", "位置"], padded(THREE), strict=True):
        assert line_of(printed, f"{name}：") == str(part)


@pytest.mark.parametrize(("name", "left"), [("右边补", False), ("左边补", True)])
def test_printed_sides_are_keras_s(data, name, left):
    ids, _, positions = padded(THREE, left=left)
    said = line_of(data.printed_by["left"], f"{name}：")
    assert said == f"{ids}，最后一列 {[row[-1] for row in ids]}"
    if left:
        said = line_of(data.printed_by["left"], "左边补的位置：")
        assert said == str(positions)


@pytest.mark.parametrize("left", [False, True])
def test_collate_pads_like_keras_for_other_lengths(data, left):
    rng = np.random.default_rng(0)
    for _ in range(20):
        lengths = rng.integers(0, 6, size=4)
        lengths[rng.integers(4)] = 6
        sequences = [rng.integers(1, 9, size=n).tolist() for n in lengths]
        found = [part.tolist() for part in data.collate(sequences, 7, left)]
        assert found == padded(sequences, 7, left)


def test_printed_batches_are_those_of_the_division(data):
    whole, rest = divmod(999, 64)
    printed = data.printed_by["loader"]
    width = max(len(data.spell(n)) for n in range(999 - rest + 1, 1000))
    said = line_of(printed, "drop_last=False：")
    assert said == f"{whole + 1} 批，最后一批 ({rest}, {width})"
    said = line_of(printed, "drop_last=True：")
    assert said == f"{whole} 批，最后一批 (64, 5)"


def test_the_loader_s_batches_hold_rows_in_order(data):
    loader = data.DataLoader(data.dataset, 64, collate_fn=data.batch_of)
    ids, mask, positions, labels = list(loader)[1]
    rows = [data.dataset[i] for i in range(64, 128)]
    assert labels.tolist() == [label for _, label in rows]
    expected = padded([sequence for sequence, _ in rows])
    assert [part.tolist() for part in (ids, mask, positions)] == expected


def test_the_order_hangs_on_the_generator_alone(data):
    assert data.printed_by["shuffle"].splitlines() == [
        "同一个种子，两次运行次序相同： True",
        "第一轮与第二轮次序相同： False",
        "每行恰好一次： True",
    ]
    torch.manual_seed(5)
    assert data.order(0) == data.first
    assert data.order(1)[0] != data.first[0]
    for epoch in data.first:
        assert sorted(epoch) == list(range(999)) != epoch


def test_printed_shares_even_the_classes_out(data):
    printed = data.printed_by["weights"]
    for k in [1, 2, 3]:
        count, share, drawn = after(printed, f"{k} 位数：")
        assert count == sum(len(str(n)) == k for n in range(1, 1000))
        assert share == round(100 * count / 999)
        assert abs(drawn - 100 / 3) < 2
    weights = torch.tensor([1 / (9 * 10 ** (len(str(n)) - 1)) for n in range(1, 1000)])
    draw = torch.Generator().manual_seed(0)
    rows = torch.multinomial(weights, 9000, replacement=True, generator=draw)
    found = Counter(len(str(int(i) + 1)) for i in rows)
    for k in [1, 2, 3]:
        assert after(printed, f"{k} 位数：")[2] == round(found[k] / 90)


def test_printed_cells_of_the_hand(data):
    lengths = np.array([2, 9, 3, 8, 2, 9, 3, 8])
    numbers = after(data.printed_by["buckets"], "手算：")
    cells = [2 * x.reshape(4, 2).max(axis=1).sum() for x in (lengths, np.sort(lengths))]
    assert numbers == [lengths.sum(), *cells] == [44, 68, 44]


def test_printed_cells_of_the_buckets(data):
    """Counted on arrays that Keras padded."""
    printed = data.printed_by["buckets"]
    spelled = [[1] * len(data.spell(n)) for n in range(1, 1000)]
    real = sum(map(len, spelled))
    order = data.mixed.tolist()
    ways = {
        "打乱": [order[i : i + 32] for i in range(0, 999, 32)],
        "按长短": data.batches,
    }
    for name, batches in ways.items():
        assert sorted(i for batch in batches for i in batch) == list(range(999))
        arrays = [keras.utils.pad_sequences([spelled[i] for i in b]) for b in batches]
        cells = sum(array.size for array in arrays)
        total, empty = after(printed, f"{name}：")
        assert total == cells
        assert empty == pytest.approx(100 * (1 - real / cells), abs=0.06)
    assert line_of(printed, "加载器的格数： ") == str(cells)
    sizes = np.sort([len(data.spell(n)) for n in range(1, 1000)])
    assert cells == sum(len(b) * b[-1] for b in np.split(sizes, range(32, 999, 32)))


def test_buckets_hold_near_lengths_in_mixed_order(data):
    lengths = [[len(data.spell(int(i) + 1)) for i in batch] for batch in data.batches]
    shortest = [min(batch) for batch in lengths]
    assert shortest != sorted(shortest)
    ranges = sorted((min(batch), max(batch)) for batch in lengths)
    for (_, high), (low, _) in zip(ranges, ranges[1:], strict=False):
        assert high <= low
    rows = max(data.batches, key=len)
    assert len(rows) == 32 and rows != sorted(rows)


def test_the_bucketed_loader_gives_each_row_its_label(data):
    """A tensor for a row's number would do for the numeral, not for its digits."""
    assert {type(i) for batch in data.batches for i in batch} == {int}
    rows = 0
    for ids, mask, _, labels in data.loader:
        for row, real, label in zip(ids, mask, labels.tolist(), strict=True):
            numeral = "".join(data.VOCAB[k] for k in row[real == 1].tolist())
            assert label == len(str(read_aloud(numeral)))
            rows += 1
    assert rows == 999


def test_a_drawn_row_is_as_likely_as_its_class_is_rare(data):
    sizes = [9 * 10 ** (len(str(n)) - 1) for n in range(1, 1000)]
    assert data.weights.tolist() == pytest.approx([1 / n for n in sizes], rel=1e-6)
    assert data.sampler.replacement and len(data.sampler) == 9000


def test_pad_sequence_agrees(data):
    assert data.printed_by["library"].splitlines() == [
        "pad_sequence，right，与 collate 相同： True",
        "pad_sequence，left，与 collate 相同： True",
    ]


# --- workers ------------------------------------------------------------------------


def test_batches_are_dealt_in_turn(workers):
    assert workers.printed_by["who"].splitlines() == [
        f"第 [{2 * k}, {2 * k + 1}] 行：{k % 2} 号进程" for k in range(4)
    ]


def said(workers, section):
    """{source: (workers equal, epochs equal)} as printed."""
    found = {}
    for line in workers.printed_by[section].splitlines():
        if match := re.fullmatch(r"(.+)：两个进程相同 (\w+)，两轮相同 (\w+)", line):
            found[match[1]] = match[2], match[3]
    return found


def drawn(kept=False, mended=False):
    """(epoch, worker, row, source) by the rule: seed of the epoch + worker's number."""
    draw = torch.Generator().manual_seed(0)
    found, state = [], {}
    for epoch in range(2):
        if epoch == 0 or not kept:
            base = torch.empty((), dtype=torch.int64).random_(generator=draw).item()
        rows = []
        for k in range(2):
            if epoch == 0 or not kept:
                own = np.random.default_rng(base + k if mended else 0)
                generator = torch.Generator().manual_seed(base + k)
                state[k] = random.Random(base + k), generator, own
            python, generator, own = state[k]
            rows.append(
                [
                    [
                        python.random(),
                        torch.rand((), generator=generator).item(),
                        own.random(),
                    ]
                    for _ in range(2)
                ]
            )
        found.append(rows)
    return np.array(found)


@pytest.mark.parametrize(
    ("kept", "mended"), [(False, False), (True, False), (False, True)]
)
def test_every_number_follows_from_the_rule(workers, kept, mended):
    options = {"persistent_workers": True} if kept else {}
    options |= {"worker_init_fn": workers.own_rng} if mended else {}
    found = workers.epochs(workers.Noise(), **options).numpy()
    assert found.shape == (2, 2, 2, 4)
    np.testing.assert_array_equal(found[..., [0, 2, 3]], drawn(kept, mended))
    globally = found[..., 1]
    assert len(set(globally.ravel())) == globally.size


def test_printed_equalities_of_the_sources(workers):
    rule = drawn()
    for k, name in [(0, "random"), (1, "torch"), (2, "存下的 rng")]:
        x = rule[..., k]
        pair = (x[0, 0] == x[0, 1]).all(), (x[0] == x[1]).all()
        assert said(workers, "seeds")[name] == tuple(map(str, pair))
    assert said(workers, "seeds")["np.random"] == ("False", "False")
    assert list(said(workers, "seeds")) == [
        "random",
        "np.random",
        "torch",
        "存下的 rng",
    ]


@pytest.mark.parametrize(
    ("section", "options"),
    [("persistent", {"kept": True}), ("mend", {"mended": True})],
)
def test_printed_equalities_of_the_stored_generator(workers, section, options):
    x = drawn(**options)[..., 2]
    pair = (x[0, 0] == x[0, 1]).all(), (x[0] == x[1]).all()
    assert said(workers, section) == {"存下的 rng": tuple(map(str, pair))}


def test_the_mended_run_can_be_repeated(workers):
    again = line_of(workers.printed_by["mend"], "再运行一次，四种来源都相同：")
    assert again.strip() == "True"
    third = workers.epochs(workers.Noise(), worker_init_fn=workers.own_rng)
    assert torch.equal(third, workers.mended) and torch.equal(third, workers.again)
    assert workers.again is not workers.mended


def test_rounds_are_equal_only_if_both_workers_are(workers, capsys):
    found = torch.zeros(2, 2, 2, 1)  # (epoch, worker, row, source)
    found[1, 1] = 1
    workers.compare(["一"], found)
    assert capsys.readouterr().out == "一：两个进程相同 True，两轮相同 False\n"
    found[:, 1] = 2
    workers.compare(["一"], found)
    assert capsys.readouterr().out == "一：两个进程相同 False，两轮相同 True\n"


def test_an_unshared_stream_comes_twice(workers):
    printed = workers.printed_by["stream"]
    assert line_of(printed, "不分：") == str(sorted([*range(6)] * 2))
    assert line_of(printed, "按进程号分：") == str([*range(6)])


# --- the loop -----------------------------------------------------------------------


class ByHand:
    """AdamW from its paper: the decay apart from the gradient."""

    def __init__(self, params):
        self.params = params
        self.m = [torch.zeros_like(p) for p in params]
        self.v = [torch.zeros_like(p) for p in params]
        self.t = 0

    def step(self, grads, lr):
        self.t += 1
        with torch.no_grad():
            for p, g, m, v in zip(self.params, grads, self.m, self.v, strict=True):
                m.copy_(0.9 * m + 0.1 * g)
                v.copy_(0.999 * v + 0.001 * g**2)
                m_hat, v_hat = m / (1 - 0.9**self.t), v / (1 - 0.999**self.t)
                p.copy_(p - lr * 0.01 * p - lr * m_hat / (v_hat.sqrt() + 1e-8))


def schedule(t):
    """Line to 1 over two epochs, then the half cosine."""
    return (t + 1) / 48 if t < 48 else math.cos(math.pi * (t - 48) / (2 * 672)) ** 2


def digits():
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    return images[order] / 16, labels[order]


def split(part):
    images, labels = digits()
    rows = {"训练": slice(1200), "验证": slice(1200, 1500), "测试": slice(1500, 1797)}
    return images[rows[part]], labels[rows[part]]


def logits(model, images):
    """The network without dropout, in NumPy."""
    w1, b1, w2, b2 = (p.detach().double().numpy() for p in model.parameters())
    return np.maximum(images @ w1.T + b1, 0) @ w2.T + b2


def loss_of(model, part):
    images, labels = split(part)
    z = torch.tensor(logits(model, images))
    return F.cross_entropy(z, torch.tensor(labels)).item()


def accuracy_of(model, part):
    images, labels = split(part)
    return (logits(model, images).argmax(axis=1) == labels).mean()


def reference(loop, seed, epochs, amp):
    """The same training without an optimizer's, a scheduler's, a clipper's call."""
    model, _ = loop.make(seed)
    params = list(model.parameters())
    by_hand, history, clipped, t = ByHand(params), [], 0, 0
    images, labels = split("训练")
    x, y = torch.tensor(images, dtype=torch.float32), torch.tensor(labels)
    loader = torch.utils.data.DataLoader(range(1200), 50, shuffle=True)
    for _ in range(epochs):
        losses = []
        model.train()
        for rows in loader:
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=amp):
                loss = F.cross_entropy(model(x[rows]), y[rows])
            grads = torch.autograd.grad(loss, params)
            norm = math.sqrt(sum(g.double().square().sum().item() for g in grads))
            clipped += norm > 0.5
            grads = [g * min(1.0, 0.5 / (norm + 1e-6)) for g in grads]
            by_hand.step(grads, 1e-2 * schedule(t))
            losses.append(loss.item())
            t += 1
        model.eval()
        # the program draws a seed for each loader that it walks through
        torch.empty((), dtype=torch.int64).random_()
        history.append((np.mean(losses), loss_of(model, "验证")))
    return np.array(history), clipped


def test_printed_sizes_are_those_of_the_parts(loop):
    assert loop.printed_by["data"].strip() == "训练 1200，验证 300，测试 297"
    for name, part in [("训练", loop.train), ("验证", loop.valid), ("测试", loop.test)]:
        images, labels = split(name)
        np.testing.assert_array_equal(part.tensors[0].numpy(), np.float32(images))
        np.testing.assert_array_equal(part.tensors[1].numpy(), labels)


@pytest.mark.parametrize("t", [0, 47, 384, 719])
def test_printed_rates_are_the_line_and_the_half_cosine(loop, t):
    (rate,) = after(loop.printed_by["model"], f"第 {t} 步：学习率")
    assert rate == pytest.approx(1e-2 * schedule(t), abs=6e-6)


def test_the_schedule_is_that_of_every_step(loop):
    assert loop.STEPS == 720
    found = [loop.rate(t) for t in range(720)]
    assert found == pytest.approx([schedule(t) for t in range(720)], abs=1e-12)


@pytest.mark.parametrize("amp", [False, True])
def test_the_first_epochs_are_those_of_a_loop_by_hand(loop, amp):
    found = np.array(loop.runs[amp][1][0])[:3]
    expected, _ = reference(loop, 1, 3, amp)
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.05 if amp else 0.02)


def test_the_clipped_steps_are_those_of_a_loop_by_hand(loop):
    _, clipped = reference(loop, 0, 30, True)
    assert loop.runs[True][0][1] == pytest.approx(clipped, rel=0.1)
    (share,) = after(loop.printed_by["seeds"], "裁剪过的步：")
    counts = [count for _, count, _ in loop.runs[True]]
    assert share == pytest.approx(100 * np.mean(counts) / 720, abs=0.6)


@pytest.mark.parametrize("amp", [False, True])
def test_the_kept_model_is_the_best_of_its_run(loop, amp):
    for history, _, model in loop.runs[amp]:
        assert len(history) == 30
        best = min(held for _, held in history)
        assert loss_of(model, "验证") == pytest.approx(best, rel=1e-4)


def mean_accuracy(loop, part, amp):
    assert len(loop.runs[amp]) == 5
    return np.mean([accuracy_of(model, part) for *_, model in loop.runs[amp]])


@pytest.mark.parametrize("part", ["验证", "测试"])
def test_printed_accuracies_are_those_of_the_weights(loop, part):
    *found, _ = line_of(loop.printed_by["seeds"], f"{part}准确率：").split("，")
    named = {k: float(v) for k, v in (item.split(" ") for item in found)}
    linear = LogisticRegression(max_iter=1000).fit(*split("训练"))
    expected = {
        "float32": mean_accuracy(loop, part, False),
        "逻辑回归": linear.score(*split(part)),
    }
    assert list(named) == list(expected)
    assert named == pytest.approx(expected, abs=6e-4)
    assert min(expected["float32"], mean_accuracy(loop, part, True)) > named["逻辑回归"]


@pytest.mark.parametrize("part", ["验证", "测试"])
def test_bfloat16_costs_nothing_and_the_program_says_so(loop, part):
    """Its own digits differ where the processor multiplies in bfloat16 itself."""
    said = line_of(loop.printed_by["seeds"], f"{part}准确率：").split("，")[-1]
    gap = abs(mean_accuracy(loop, part, True) - mean_accuracy(loop, part, False))
    assert said == "bfloat16 与 float32 差不到 0.005：True"
    assert gap < 0.005


def test_another_seed_changes_more_than_the_precision_does(loop):
    found = {
        amp: [accuracy_of(model, "验证") for *_, model in loop.runs[amp]]
        for amp in [True, False]
    }
    gap = abs(np.mean(found[True]) - np.mean(found[False]))
    assert max(found[False]) - min(found[False]) > 0.005
    assert gap < 0.003
    assert max(found[True]) - min(found[True]) > gap


def test_the_parameters_stay_in_single_precision(loop):
    assert line_of(loop.printed_by["seeds"], "参数：").strip() == "{torch.float32}"


def test_the_loop_evaluates_in_the_mean_over_rows(loop):
    model = loop.runs[False][0][-1]
    for part, dataset in [("训练", loop.train), ("测试", loop.test)]:
        loss, accuracy = loop.evaluate(model, dataset)
        assert loss == pytest.approx(loss_of(model, part), rel=1e-4)
        assert accuracy == pytest.approx(accuracy_of(model, part), abs=1e-9)


def test_the_figure_draws_the_schedule_and_both_losses(loop):
    top, bottom = loop.axes
    (line,) = top.lines
    np.testing.assert_allclose(line.get_xdata(), np.arange(720) / 24)
    expected = [schedule(t) for t in range(720)]
    np.testing.assert_allclose(line.get_ydata(), expected, atol=1e-12)
    curves = np.mean([history for history, *_ in loop.runs[False]], axis=0)
    labels = [text.get_text() for text in bottom.get_legend().get_texts()]
    assert labels == ["训练", "验证"]
    for k, line in enumerate(bottom.lines):
        assert list(line.get_xdata()) == list(range(1, 31))
        np.testing.assert_allclose(line.get_ydata(), curves[:, k])
        assert same_color(line.get_color(), f"C{k}")
        assert line.get_linestyle() == ["-", "--"][k]
    assert curves.max() < bottom.get_ylim()[1] == 2.0
    assert top.get_xlim() == bottom.get_xlim() == (0, 30)


# --- half precision -----------------------------------------------------------------


def test_printed_types_are_those_of_the_cpu_s_autocast(amp):
    assert amp.printed_by["autocast"].splitlines() == [
        "线性层：torch.bfloat16",
        "softmax：torch.bfloat16",
        "损失：torch.float32",
        "相加：torch.float32",
        "参数：torch.float32",
        "梯度：torch.float32",
    ]


def test_the_linear_layer_is_rounded_to_bfloat16(amp):
    """Rounded inputs, weights and result, by ``ml_dtypes``."""
    w, b, x = (t.detach().numpy() for t in (amp.model.weight, amp.model.bias, amp.x))
    w, b, x = (a.astype(ml_dtypes.bfloat16).astype(np.float64) for a in (w, b, x))
    found = amp.z.detach().float().numpy()
    np.testing.assert_allclose(found, x @ w.T + b, rtol=0.01, atol=0.01)
    p = amp.p.detach().float().numpy()
    np.testing.assert_allclose(p, softmax(found, axis=1), rtol=0, atol=0.004)
    np.testing.assert_allclose(
        amp.total.detach().numpy(), found + amp.x.numpy()[:, :3], rtol=1e-6
    )


def test_the_loss_is_that_of_the_rows_own_classes(amp):
    p = softmax(amp.z.detach().double().numpy(), axis=1)
    expected = -(np.log(p[0, 0]) + np.log(p[1, 2])) / 2
    assert amp.found["损失"].item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "info"),
    [
        ("torch.float16", np.finfo(np.float16)),
        ("torch.bfloat16", ml_dtypes.finfo(ml_dtypes.bfloat16)),
    ],
    ids=["fp16", "bf16"],
)
def test_printed_formats_are_numpy_s(amp, name, info):
    said = line_of(amp.printed_by["formats"], f"{name}：")
    found = re.fullmatch(r"最大 (\S+)，最小 (\S+)，1 之后的下一个 (\S+)", said)
    large, least, after_one = map(float, found.groups())
    assert large == pytest.approx(float(info.max), rel=6e-3, abs=0)
    assert least == pytest.approx(float(info.smallest_subnormal), rel=0.05, abs=0)
    assert after_one == pytest.approx(1 + float(info.eps), abs=6e-6)


def test_a_small_gradient_is_lost_in_half_precision_and_saved_by_the_scale(amp):
    printed = amp.printed_by["underflow"]
    half, brain = re.findall(r"p?\d\d (\S+?)(?:，|$)", line_of(printed, "1e-8："))
    assert float(half) == np.float16(1e-8) == 0
    expected = float(np.float32(1e-8).astype(ml_dtypes.bfloat16))
    assert float(brain) == pytest.approx(expected, rel=5e-3, abs=0)
    said = line_of(printed, "乘 65536：")
    scaled, back = map(float, re.findall(r" (\S+e-\d+)", said))
    expected = float(np.float16(1e-8 * 65536))
    assert scaled == pytest.approx(expected, rel=6e-4, abs=0)
    assert back == pytest.approx(expected / 65536, rel=5e-3, abs=0)
    assert line_of(printed, "70000：fp16 ") == "inf"


def test_printed_orders_of_clipping_and_unscaling(amp):
    gradient = np.array([3.0, 4.0])
    right = gradient / np.linalg.norm(gradient)
    for name, expected in [("先除回来再裁剪", right), ("先裁剪再除回来", right / 1024)]:
        found = after(amp.printed_by["order"], f"{name}：")
        assert found == pytest.approx(list(expected), rel=0.02, abs=0)


def test_the_scaler_skips_the_infinite_step_and_halves(amp):
    w, scale = np.zeros(2), 1024.0
    for t, gradient in enumerate([(3, 4), (math.inf, 4), (3, 4)]):
        if np.isfinite(gradient).all():
            w = w - 0.1 * np.array(gradient) / np.linalg.norm(gradient)
        else:
            scale /= 2
        found = after(amp.printed_by["skip"], f"第 {t} 步：")
        assert found == pytest.approx([*w, scale], abs=6e-3)
    assert amp.w.tolist() == pytest.approx([-0.12, -0.16], abs=1e-5)


# --- resuming -----------------------------------------------------------------------

PARTS = {
    "model": "模型",
    "optimizer": "优化器",
    "scheduler": "调度器",
    "rng": "全局随机数",
    "draw": "加载器的随机数",
    "epoch": "轮数",
}


def test_everything_saved_is_the_same_to_the_last_bit(resume):
    assert resume.printed_by["whole"].splitlines() == [
        "第四轮起的 30 个损失逐位相同： True",
        "最后的参数逐位相同： True",
    ]
    assert resume.tail == resume.losses[30:] and len(resume.losses) == 60
    pairs = zip(
        resume.whole["model"].parameters(),
        resume.resumed["model"].parameters(),
        strict=True,
    )
    assert all(torch.equal(a, b) for a, b in pairs)
    assert torch.equal(
        resume.whole["draw"].get_state(), resume.resumed["draw"].get_state()
    )


def test_the_whole_training_is_one_by_hand(resume):
    images, labels = load_digits(return_X_y=True)
    x, y = torch.tensor(images[:600] / 16), torch.tensor(labels[:600])
    run = resume.start(0)
    params, losses = list(run["model"].parameters()), []
    by_hand = ByHand(params)
    loader = torch.utils.data.DataLoader(
        range(600), 60, shuffle=True, generator=run["draw"]
    )
    for epoch in range(6):
        for rows in loader:
            loss = F.cross_entropy(run["model"](x[rows]), y[rows])
            grads = torch.autograd.grad(loss, params)
            by_hand.step(grads, 0.01 * math.cos(math.pi * epoch / 12) ** 2)
            losses.append(loss.item())
    np.testing.assert_allclose(resume.losses, losses, rtol=0, atol=1e-6)


def swapped(resume, part):
    """Nothing is saved: a run is stopped, and one of its parts is made anew."""
    run = resume.start(0)
    resume.train(run, 3)
    state = torch.get_rng_state()
    fresh = resume.start(123)
    if part != "rng":
        torch.set_rng_state(state)
    if part == "model":
        run["model"].load_state_dict(fresh["model"].state_dict())
    elif part == "optimizer":
        new = torch.optim.AdamW(run["model"].parameters(), lr=0.01)
        new.param_groups[0]["initial_lr"] = 0.01
        run["optimizer"] = run["scheduler"].optimizer = new
    elif part == "scheduler":
        group = run["optimizer"].param_groups[0]
        rate = group["lr"]
        del group["initial_lr"]
        cosine = torch.optim.lr_scheduler.CosineAnnealingLR(run["optimizer"], T_max=6)
        assert group["lr"] == rate
        cosine.base_lrs = [0.01]
        run["scheduler"] = cosine
    elif part == "draw":
        run["draw"] = torch.Generator().manual_seed(123)
    elif part == "epoch":
        run["epoch"] = 0
    return run, resume.train(run, 6)


@pytest.mark.parametrize("part", PARTS)
def test_printed_differences_are_those_of_a_part_made_anew(resume, part):
    run, losses = swapped(resume, part)
    apart = np.abs(np.array(losses[:30]) - resume.losses[30:])
    steps, first, mean, rate = after(resume.printed_by["without"], f"漏{PARTS[part]}：")
    assert steps == len(losses) == (60 if part == "epoch" else 30)
    assert first == pytest.approx(apart[0], abs=6e-4)
    assert mean == pytest.approx(apart.mean(), abs=6e-4)
    last = run["optimizer"].param_groups[0]["lr"]
    assert rate == pytest.approx(last, abs=6e-5)
    np.testing.assert_allclose(
        resume.curves[f"漏{PARTS[part]}"], losses[:30], rtol=0, atol=1e-9
    )


def test_single_precision_resumes_to_the_last_bit_too(resume, tmp_path):
    """The text: 「float32 也行」."""
    space = resume.train.__globals__
    double = space["dataset"]
    rows, labels = double.tensors
    space["dataset"] = torch.utils.data.TensorDataset(rows.float(), labels)

    def fresh(seed):
        run = resume.start(seed)
        run["model"].float()
        return run

    try:
        losses = resume.train(fresh(0), 6)
        half = fresh(0)
        resume.train(half, 3)
        resume.save(half, tmp_path / "single.pt")
        run = fresh(123)
        resume.load(run, tmp_path / "single.pt")
        assert {p.dtype for p in run["model"].parameters()} == {torch.float32}
        assert resume.train(run, 6) == losses[30:]
    finally:
        space["dataset"] = double


def test_a_resumed_training_drops_even_after_an_evaluation(resume):
    run = resume.start(0)
    run["model"].eval()
    assert resume.train(run, 1) == resume.losses[:10]


def test_the_checkpoint_holds_six_parts_that_the_careful_reader_takes(resume, tmp_path):
    path = tmp_path / "run.pt"
    resume.save(resume.start(0), path)
    saved = torch.load(path, weights_only=True)
    assert sorted(saved) == sorted(PARTS)
    torch.save({"anything": Counter, "else": tmp_path}, path)
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        torch.load(path)
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        resume.load(resume.start(0), path)


def test_each_part_has_its_line(resume):
    lines = resume.printed_by["without"].splitlines()
    assert [line.split("：")[0] for line in lines] == [f"漏{n}" for n in PARTS.values()]


def test_the_figure_draws_the_losses_with_and_without_a_break(resume):
    shown = ["全存", "漏优化器", "漏加载器的随机数"]
    assert len(resume.axes) == 3
    for axis, name in zip(resume.axes, shown, strict=True):
        whole, part = axis.lines
        assert list(whole.get_xdata()) == list(range(60))
        assert list(part.get_xdata()) == list(range(30, 60))
        assert list(whole.get_ydata()) == resume.losses
        assert list(part.get_ydata()) == resume.curves[name]
        labels = [text.get_text() for text in axis.get_legend().get_texts()]
        assert labels == ["不中断", name]
        assert axis.get_ylim() == (0, 2.5)
    assert max(resume.losses) < 2.5 + 0.2
    assert resume.curves["全存"] == resume.losses[30:]


# --- torch.compile ------------------------------------------------------------------


def graphs(function, *batches, **options):
    """How many graphs PyTorch's own counter sees."""
    torch.compiler.reset()
    counter = CompileCounter()
    ready = torch.compile(function, backend=counter, **options)
    for batch in batches:
        ready(batch)
    return counter.frame_count


def test_the_chain_is_one_graph_of_three_calls(compiled):
    traced = torch.fx.symbolic_trace(compiled.chain)
    names = [node.target.__name__ for node in traced.graph.nodes if "call" in node.op]
    assert compiled.printed_by["backend"].splitlines() == [
        "与原函数相同： True",
        f"1 张图：{names}",
    ]
    assert names == ["mul", "add", "relu"]
    expected = np.maximum(compiled.x.numpy() * 2 + 1, 0)
    found = compiled.compiled(compiled.x, 2.0, 1.0).numpy()
    np.testing.assert_array_equal(found, expected)


def test_three_calls_read_and_write_six_times_and_one_twice(compiled):
    """「逐个执行」: each reads one tensor and writes one."""
    said = compiled.printed_by["traffic"].strip()
    assert said == f"逐个执行：读写 {3 * 2} 趟；融合成一个：{1 + 1} 趟"


def test_printed_breaks(compiled):
    printed = compiled.printed_by["break"].splitlines()
    total = compiled.x.sum().item() * 2
    assert printed == [
        f"  和是 {total:g}",
        "with_print：2 张图，[['mul', 'sum'], ['add']]",
        "with_if：3 张图，[['sum', 'gt'], ['mul'], ['sub']]",
    ]
    x = torch.tensor([1.0, 2.0])

    def speaks(x):
        y = x * 2
        assert y.sum().item() == y.sum().item()
        return y + 1

    def asks(x):
        return x * 2 if x.sum() > 0 else x - 1

    assert graphs(asks, x, -x) == 3
    assert graphs(speaks, x) >= 2


def test_the_whole_graph_refuses_the_branch_and_takes_cond(compiled):
    name, first, cond = compiled.printed_by["fullgraph"].splitlines()
    with pytest.raises(torch._dynamo.exc.Unsupported) as error:
        graphs(lambda x: x * 2 if x.sum() > 0 else x - 1, compiled.x, fullgraph=True)
    assert name == error.type.__name__ == "Unsupported"
    assert first == str(error.value).splitlines()[0] == "Data-dependent branching"
    assert cond == "torch.cond：1 张图，['sum', 'gt', 'cond', 'getitem']"
    for x in (compiled.x + 1, compiled.x - 1, compiled.x):
        x = x.numpy()
        expected = x * 2 if x.sum() > 0 else x - 1
        for function in (compiled.with_cond, compiled.with_if):
            found = function(torch.tensor(x)).numpy()
            np.testing.assert_array_equal(found, expected)


def test_printed_compilations_for_five_lengths(compiled):
    def energy(x):
        return (x * x).sum()

    batches = [torch.ones(n) for n in range(3, 8)]
    counts = [graphs(energy, *batches), graphs(energy, *batches, dynamic=False)]
    for batch in batches:
        torch._dynamo.mark_dynamic(batch, 0)
    counts.append(graphs(energy, *batches))
    said = line_of(compiled.printed_by["shapes"], "长度 3 到 7，编译次数：")
    names = ["默认", "dynamic=False", "mark_dynamic"]
    expected = "，".join(f"{n} {c}" for n, c in zip(names, counts, strict=True))
    assert said == expected == "默认 2，dynamic=False 5，mark_dynamic 1"
    assert [len(b) for b in compiled.batches] == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(("name", "start"), [("整数", 0), ("张量", torch.tensor(0))])
def test_printed_compilations_of_a_counter(compiled, name, start):
    class Steps(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.n = start

        def forward(self, x):
            self.n = self.n + 1
            return x * self.n

    counts = [graphs(Steps(), *[torch.ones(2)] * n) for n in (5, 20)]
    found = after(compiled.printed_by["counter"], f"步数是{name}：")
    assert found == [5, counts[0], 20, counts[1]]
    assert counts == ([5, 8] if name == "整数" else [1, 1])


def test_compiled_gradients_are_the_model_s(compiled):
    assert compiled.printed_by["library"].strip() == "4 组梯度逐位相同：True"
    loss = compiled.model(compiled.x).square().sum()
    expected = torch.autograd.grad(loss, list(compiled.model.parameters()))
    for found in compiled.grads:
        assert len(found) == 4
        for a, b in zip(found, expected, strict=True):
            torch.testing.assert_close(a, b)


# --- the profiler -------------------------------------------------------------------


class Ops(TorchDispatchMode):
    """Counts the operations that reach the kernels."""

    def __init__(self):
        super().__init__()
        self.counts = Counter()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.counts[function.overloadpacket.__name__] += 1
        return function(*args, **(kwargs or {}))


def counted(function):
    with Ops() as ops:
        function()
    return ops.counts


def test_printed_counts_are_those_of_the_dispatcher(profiled):
    printed, ops = profiled.printed_by["counts"], counted(profiled.step)
    assert line_of(printed, "前向：") == "每步 1 次"
    for name in ["addmm", "mm", "add_"]:
        assert line_of(printed, f"aten::{name}：") == f"每步 {ops[name]} 次"
    assert [ops[name] for name in ["addmm", "mm", "add_"]] == [2, 3, 4]


def test_the_tree_is_that_of_the_network(profiled):
    linear = ["  aten::linear", "    aten::t", "    aten::addmm"]
    *tree, total = profiled.printed_by["tree"].splitlines()
    assert tree == [
        "前向",
        *linear,
        *["  aten::relu", "    aten::clamp_min"],
        *linear,
        "  aten::cross_entropy_loss",
        "    aten::log_softmax",
        "    aten::nll_loss_nd",
    ]
    assert total == f"{len(tree)} 项都是自身 + 里面 = 总：True"
    assert all(own >= 0 and inside >= 0 for own, inside, _ in profiled.times)
    assert max(whole for *_, whole in profiled.times) == profiled.times[0][2] > 0


def test_printed_flops_are_those_of_the_flop_counter(profiled):
    with FlopCounterMode(display=False) as counter:
        profiled.step()
    found = {str(op): n for op, n in counter.get_flop_counts()["Global"].items()}
    printed = profiled.printed_by["flops"]
    for name, label in [("addmm", "前向 addmm"), ("mm", "反向 mm")]:
        expected = found[f"aten.{name}"]
        assert after(printed, f"{label}：") == [expected, expected]
    assert found == {"aten.addmm": 947200, "aten.mm": 1075200}


@pytest.mark.parametrize(
    ("name", "way"),
    [("原来", "step"), ("每步 .item()", "with_item"), ("每步转置", "with_copy")],
)
def test_the_planted_calls_are_counted(profiled, name, way):
    item, clone, copies = after(profiled.printed_by["slow"], f"{name}：")
    ops = counted(getattr(profiled, way))
    assert item == ops["_local_scalar_dense"] == (way == "with_item")
    assert clone == ops["clone"] == (way == "with_copy")
    assert copies == 2 + clone  # a bias each is copied inside of addmm


def test_the_network_still_learns(profiled):
    before = profiled.step().item()
    for _ in range(30):
        profiled.step()
    assert profiled.step().item() < before


# --- export -------------------------------------------------------------------------


def test_the_exported_graph_is_the_network_s(exported):
    *calls, params = exported.printed_by["export"].splitlines()
    assert calls == [
        "aten.linear.default：(batch, 8)",
        "aten.relu.default：(batch, 8)",
        "aten.dropout.default：(batch, 8)",
        "aten.linear.default：(batch, 3)",
    ]
    names = tuple(name for name, _ in exported.model.named_parameters())
    assert params == f"参数： {names}"


def test_the_guards_let_64_rows_of_4_pass(exported):
    assert exported.printed_by["guards"].splitlines() == [
        "(1, 4)：与原模型相同 True",
        "(64, 4)：与原模型相同 True",
        "(65, 4)：Guard failed: input.size()[0] <= 64",
        "(5, 3)：Guard failed: input.size()[1] == 4",
    ]
    w1, b1, w2, b2 = (p.detach().numpy() for p in exported.model.parameters())
    for rows in [1, 7, 64]:
        x = torch.randn(rows, 4)
        expected = np.maximum(x.numpy() @ w1.T + b1, 0) @ w2.T + b2
        for module in (exported.exported, exported.loaded):
            found = module(x).detach().numpy()
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_what_is_loaded_is_a_graph_with_the_same_output(exported):
    assert exported.printed_by["save"].splitlines() == [
        "读回来输出相同： True",
        "读回来的类：GraphModule，原来：Sequential",
    ]


def test_printed_refusals(exported):
    assert exported.printed_by["refuse"].splitlines() == [
        "看数值：GuardOnDataDependentSymNode",
        "看大小，批固定是 5：aten.mul.Tensor：(5, 4)",
        "看大小，批可变：UserError",
        "batch = Dim('batch', min=4, max=64)",
    ]
    x = torch.randn(3, 4)
    assert torch.equal(exported.BySize()(x), x - 1)
    assert torch.equal(exported.BySize()(torch.ones(5, 4)), 2 * torch.ones(5, 4))


# --- practice: frameworks/pytorch_training_practice_torch ---------------------------

SOLUTION = """
def collate(sequences, pad=0, left=False):
    width = max(map(len, sequences))
    ids = torch.full((len(sequences), width), pad)
    mask = torch.zeros(len(sequences), width, dtype=torch.long)
    for row, sequence in enumerate(sequences):
        n = len(sequence)
        place = slice(width - n, width) if left else slice(0, n)
        ids[row, place] = torch.tensor(sequence, dtype=torch.long)
        mask[row, place] = 1
    positions = (mask.cumsum(dim=1) - 1) * mask
    return ids, mask, positions
"""
SLIP = ("        mask[row, place] = 1\n", "    mask = (ids != pad).long()\n")
WRONG = [
    SLIP,
    ("(mask.cumsum(dim=1) - 1) * mask", "torch.arange(width) * mask"),
    ("(mask.cumsum(dim=1) - 1) * mask", "mask.cumsum(dim=1) - 1"),
    ("(mask.cumsum(dim=1) - 1) * mask", "mask.cumsum(dim=1) * mask"),
    ("(mask.cumsum(dim=1) - 1) * mask", "(ids != pad).cumsum(dim=1) * mask - mask"),
    ("(mask.cumsum(dim=1) - 1) * mask", "(mask.cumsum(dim=0) - 1) * mask"),
    ("slice(width - n, width)", "slice(-n, None)"),
    ("slice(width - n, width) if left else slice(0, n)", "slice(0, n)"),
    ("slice(width - n, width) if left else slice(0, n)", "slice(width - n, width)"),
    ("width), pad)", "width), 0)"),
    ("width), pad)", "width), float(pad))"),
    ("return ids, mask, positions", "return ids, mask.bool(), positions"),
    (
        "        mask[row, place] = 1\n",
        "        mask[row, place] = 1\n        sequence.extend([pad] * (width - n))\n",
    ),
    ("    width = ", "    sequences = sorted(sequences, key=len)\n    width = "),
    ("(mask.cumsum(dim=1) - 1) * mask", "(mask.cumsum(dim=1) - 1).clamp(min=0)"),
    ("max(map(len, sequences))", "max(map(len, sequences)) + 1"),
    ("return ids, mask, positions", "return ids, 1 - mask, positions"),
    ("return ids, mask, positions", "return ids, positions, mask"),
    ("return ids, mask, positions", "return ids, mask"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_keras_s_padding(case):
    _, given, answer, _ = case
    assert list(answer) == padded(given["sequences"], given["pad"], given["left"])


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_pytorch_s_padding(case):
    _, given, (ids, *_), _ = case
    tensors = [torch.tensor(s, dtype=torch.long) for s in given["sequences"]]
    side = "left" if given["left"] else "right"
    found = torch.nn.utils.rnn.pad_sequence(tensors, True, given["pad"], side)
    assert found.tolist() == ids


def test_the_page_s_collate_passes_the_practice():
    program = PRACTICE.with_name("pytorch_training_data_torch.py")
    for solution in (SOLUTION, practice.functions(program, "collate")):
        verdict = practice.verdict_on(PRACTICE, solution)
        assert verdict.passed == verdict.total == 5


def test_no_wrong_collate_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, SLIP) in page()


# --- what the text says -------------------------------------------------------------


def test_the_six_lengths_of_exercise_1_take_42_cells_either_way():
    lengths = np.array([4, 4, 5, 8, 8, 9])
    assert lengths.sum() == 38
    for rows in (2, 3):
        assert (rows * lengths.reshape(-1, rows).max(axis=1)).sum() == 42


def test_a_second_unscale_before_the_step_raises():
    """Exercise 2."""
    w = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([w])
    scaler = torch.amp.GradScaler("cpu")
    scaler.scale(w.sum()).backward()
    scaler.unscale_(optimizer)
    with pytest.raises(RuntimeError, match=r"unscale_\(\) has already been called"):
        scaler.unscale_(optimizer)


def test_the_limits_of_the_scaled_gradients():
    """Exercise 3."""
    scaled = [np.float16(2.0**16 * g) for g in (2.0**-40, 2.0**-41, 65504 / 65536)]
    assert scaled == [2.0**-24, 0, 65504]
    with np.errstate(over="ignore"):
        assert np.float16(2.0**16 * 1.0) == np.inf
    assert "2^{-40}" in page() and 2.0**-40 == pytest.approx(9e-13, rel=0.02, abs=0)


def test_the_worker_s_number_alone_as_seed_repeats_every_epoch(workers):
    """Exercise 4."""

    def numbered(worker_id):
        info = workers.data.get_worker_info()
        info.dataset.rng = np.random.default_rng(worker_id)

    x = workers.epochs(workers.Noise(), worker_init_fn=numbered)[..., 3]
    assert not x[0, 0].equal(x[0, 1]) and x[0].equal(x[1])


def test_the_scaler_starts_at_65536_and_a_skipped_first_step_warns():
    w = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([w], lr=0.1)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1.0)
    scaler = torch.amp.GradScaler("cpu")
    scaler.scale(w.sum() * math.inf).backward()
    assert scaler.get_scale() == 65536
    scaler.step(optimizer)
    scaler.update()
    assert (scaler.get_scale(), w.item()) == (32768, 1.0)
    message = r"Detected call of `lr_scheduler.step\(\)` before `optimizer.step\(\)`"
    with pytest.warns(UserWarning, match=message):
        scheduler.step()


def test_the_state_of_the_numbers_must_be_bytes():
    with pytest.raises(TypeError, match="RNG state must be a torch.ByteTensor"):
        torch.set_rng_state(torch.zeros(5056))
    assert "RNG state must be a torch.ByteTensor" in page()


def test_a_state_dict_is_no_copy():
    layer = torch.nn.Linear(1, 1)
    kept = layer.state_dict()
    with torch.no_grad():
        layer.weight += 1
    assert torch.equal(kept["weight"], layer.weight)


def test_a_changing_argument_is_compiled_twice_only():
    def scaled(x, k):
        return x * k

    for values in ([2, 3, 4, 5], [0.2, 0.3, 0.4, 0.5]):
        torch.compiler.reset()
        counter = CompileCounter()
        ready = torch.compile(scaled, backend=counter)
        for k in values:
            ready(torch.ones(2), k)
        assert counter.frame_count == 2
    assert torch._dynamo.config.recompile_limit == 8


def test_the_graph_of_any_length_serves_from_two_on():
    torch.compiler.reset()
    counter = CompileCounter()
    ready = torch.compile(lambda x: (x * x).sum(), backend=counter)
    for n in [3, 4, 2, 9, 1000]:
        assert ready(torch.ones(n)) == n
    assert counter.frame_count == 2
    ready(torch.ones(1))
    assert counter.frame_count == 3


def test_two_batches_are_read_ahead(workers):
    loader = torch.utils.data.DataLoader(workers.Noise(), num_workers=2)
    assert loader.prefetch_factor == 2


# --- each program's own parts -------------------------------------------------------


def test_an_epoch_of_plain_descent_is_clipped_as_by_hand(loop):
    """Adam hides the length of a gradient; SGD shows it."""
    images, labels = split("训练")
    x, y = torch.tensor(images, dtype=torch.float32), torch.tensor(labels)
    model, _ = loop.make(3)
    params = list(model.parameters())
    clipped, losses = 0, []
    model.train()
    for rows in torch.utils.data.DataLoader(range(1200), 50, shuffle=True):
        loss = F.cross_entropy(model(x[rows]), y[rows])
        grads = torch.autograd.grad(loss, params)
        norm = math.sqrt(sum(g.double().square().sum().item() for g in grads))
        clipped += norm > 0.5
        with torch.no_grad():
            for p, g in zip(params, grads, strict=True):
                p -= 0.5 * min(1.0, 0.5 / norm) * g
        losses.append(loss.item())
    other, _ = loop.make(3)
    optimizer = torch.optim.SGD(other.parameters(), lr=0.5)
    still = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1.0)
    loader = torch.utils.data.DataLoader(loop.train, 50, shuffle=True)
    mean, count = loop.train_epoch(other, optimizer, still, loader, False)
    assert mean == pytest.approx(np.mean(losses), rel=1e-3)
    assert count == clipped > 0
    for p, q in zip(params, other.parameters(), strict=True):
        np.testing.assert_allclose(p.detach(), q.detach(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("amp", [False, True])
def test_only_the_mixed_training_computes_in_bfloat16(loop, amp):
    model, optimizer = loop.make(0)
    seen = []
    for layer in (model[0], model[3]):
        layer.register_forward_hook(lambda layer, given, z: seen.append(z.dtype))
    still = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1.0)
    loader = torch.utils.data.DataLoader(loop.train, 50)
    loop.train_epoch(model, optimizer, still, loader, amp)
    assert len(seen) == 48 and set(seen) == {torch.bfloat16 if amp else torch.float32}
    assert loop.runs[amp][0][0] != loop.runs[not amp][0][0]


def test_the_networks_drop_what_the_page_s_programs_say(loop, resume):
    assert [loop.runs[True][0][2][2].p, resume.whole["model"][2].p] == [0.2, 0.5]


def test_the_chain_s_input_has_both_signs(compiled):
    assert compiled.x.tolist() == [-2.0, -1.0, 1.0, 2.0]


def test_the_energy_is_the_sum_of_squares(compiled):
    assert compiled.energy(compiled.x).item() == 4 + 1 + 1 + 4


@pytest.mark.parametrize("start", [3, torch.tensor(3)], ids=["number", "tensor"])
def test_the_counter_multiplies_by_its_steps(compiled, start):
    module = compiled.Counting(start)
    x = torch.tensor([1.0, -2.0])
    assert [module(x).tolist() for _ in range(2)] == [[4.0, -8.0], [5.0, -10.0]]


def test_a_profiled_step_is_a_step_of_descent(profiled):
    params = list(profiled.model.parameters())
    loss = F.cross_entropy(profiled.model(profiled.x), profiled.target)
    grads = torch.autograd.grad(loss, params)
    expected = [p.detach() - 0.1 * g for p, g in zip(params, grads, strict=True)]
    assert profiled.step().item() == pytest.approx(loss.item())
    for p, q in zip(params, expected, strict=True):
        torch.testing.assert_close(p.detach(), q)


def test_the_first_of_six_steps_is_not_recorded(profiled):
    calls = []

    def once():
        calls.append(torch.ones(2) + 1)
        if len(calls) == 1:
            torch.ones(2) * 3

    counts = profiled.per_step(profiled.measure(once))
    assert len(calls) == 6
    assert counts["aten::add"] == 1 and "aten::mul" not in counts


def test_the_planted_sum_grows_by_each_loss(profiled):
    before = profiled.with_item.__globals__["total"]
    assert before > 0
    loss = F.cross_entropy(profiled.model(profiled.x), profiled.target).item()
    profiled.with_item()
    after_one = profiled.with_item.__globals__["total"]
    assert after_one - before == pytest.approx(loss, rel=1e-4)


def test_the_refused_branch_asks_for_the_value(exported):
    for x in (torch.ones(2, 4), -torch.ones(2, 4)):
        expected = x * 2 if x[0, 0] == 1 else x - 1
        assert torch.equal(exported.ByValue()(x), expected)
