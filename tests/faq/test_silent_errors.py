"""What goes wrong without a message: each fault raised anew, each mend by other means.

References that the programs never call: NumPy, SciPy and scikit-learn; exact fractions
and decimals; softmax regression by Adam written out; nn.MultiheadAttention.
"""

import math
import re
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import special
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, log_loss
from torch import nn

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/faq/silent-errors.md"
FIGURES = ROOT / "docs/assets/figures"
PRACTICE = ROOT / "snippets/faq/silent_errors_practice_torch.py"
YES = {"True": True, "False": False}


@pytest.fixture
def values(run_snippet):
    return run_snippet("faq/silent_errors_numbers_torch")


@pytest.fixture
def shapes(run_snippet):
    return run_snippet("faq/silent_errors_shapes_torch")


@pytest.fixture
def training(run_snippet):
    return run_snippet("faq/silent_errors_training_torch")


@pytest.fixture
def softmax(run_snippet):
    return run_snippet("faq/silent_errors_softmax_torch")


@pytest.fixture
def by_keras(run_snippet):
    return run_snippet("faq/silent_errors_keras_tf")


@pytest.fixture
def loading(run_snippet):
    return run_snippet("faq/silent_errors_loading_torch")


def page():
    return PAGE.read_text(encoding="utf-8")


def said(text, start):
    """True or False, as printed after a label."""
    return YES[line_of(text, start).strip()]


# --- the page ---


def entries():
    """[(id, its text)] of the headings of the third rank, in order."""
    parts = re.split(r"^### .*\{ #([a-z0-9-]+) \}$", page(), flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def test_the_table_names_every_entry_once_in_the_page_s_order():
    table = page().split("{ #index }")[1].split("\n## ")[0]
    named = re.findall(r"^\| \[.*\]\(#([a-z0-9-]+)\) \|", table, flags=re.MULTILINE)
    assert named == [name for name, _ in entries()]
    assert len(named) == len(set(named)) == 24
    assert "24 种" in page()


@pytest.mark.parametrize(
    "part", ["**为什么。**", "**怎样修。**", "**怎样看出修好了。**"]
)
def test_every_entry_has_each_of_its_parts_once(part):
    counts = {name: text.count(part) for name, text in entries()}
    assert set(counts.values()) == {1}, counts


def test_every_entry_shows_a_program_and_its_output():
    for name, text in entries():
        assert re.search(r"```python title=.*\.py\"", text), name
        assert re.search(r"```text title=.*\.out\"", text), name


def test_every_group_of_the_table_is_a_section():
    table = page().split("{ #index }")[1].split("\n## ")[0]
    groups = re.findall(r"^\| \*\*(.*)\*\* \| \|", table, flags=re.MULTILINE)
    sections = re.findall(r"^## (.*) \{ #", page(), flags=re.MULTILINE)
    assert groups == [s for s in sections if s in groups]
    assert len(groups) == 5


# --- NaN and infinity ---


def test_where_on_the_output_leaves_nan_and_on_the_input_the_slope(values):
    printed = values.printed_by["where-nan"]
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = 0.5 / np.sqrt(np.array([0.0, 4.0]))
        outer = np.array([0.0, 1.0]) * slope
    assert math.isnan(outer[0])
    assert line_of(printed, "只换输出，梯度： ") == f"[nan, {outer[1]}]"
    assert after(printed, "先换输入，梯度：") == [0, slope[1]]
    assert values.safe.tolist() == [1, 4]


def test_where_also_fails_with_a_logarithm():
    x = torch.tensor([0.0, 8.0], requires_grad=True)
    torch.where(x > 0, x.log(), torch.zeros(2)).sum().backward()
    assert x.grad[0].isnan() and x.grad[1] == 0.125


def test_anomaly_names_the_power_for_two_equal_points_too(values):
    a, b = torch.ones(2, requires_grad=True), torch.ones(2)
    with (
        pytest.warns(UserWarning, match="Anomaly"),
        pytest.raises(RuntimeError, match="returned nan") as e,
    ):
        with torch.autograd.detect_anomaly():
            (((a - b) ** 2).sum().sqrt() * 3).backward()
    first, mended = values.printed_by["find-nan"].splitlines()
    assert first == f"RuntimeError: {e.value}"
    assert mended == f"修好，距离 {math.sqrt(1e-12):.1e}，梯度 {[0.0] * 3}"


def test_log_of_softmax_underflows_in_single_precision(values):
    printed = values.printed_by["log-softmax"]
    small = np.exp(np.float32(-200))
    with np.errstate(divide="ignore"):
        assert np.log(small) == -np.inf
    assert line_of(printed, "log(softmax)： ") == "[-inf, 0.0]"
    exact = special.log_softmax([0.0, 200.0])
    assert after(printed, "log_softmax：") == pytest.approx(exact, abs=1e-9)
    assert after(printed, "标签是第 0 类，cross_entropy：") == [-exact[0]]


def bfloat16(x):
    """The nearest of the numbers with eight significant bits."""
    fraction, exponent = math.frexp(x)
    return math.ldexp(round(fraction * 256), exponent - 8)


def test_half_precision_overflows_and_bfloat16_rounds(values):
    first, second, third = values.printed_by["fp16"].splitlines()
    with np.errstate(over="ignore"):
        half = [float(np.float16(x)) for x in (70000.0, 1e-8)]
    assert first == f"float16： {half[0]} {half[1]}"
    assert second == f"bfloat16： {bfloat16(70000)} {bfloat16(1e-8):.1e}"
    kept = np.float32(np.float16(1e-8 * 65536)) / 65536
    assert third == f"先放大，存成 float16，再除回去：{kept:.1e}"
    assert np.finfo(np.float16).max == 65504
    assert "最大是 65504" in page() and "存成 70144" in page()


def test_a_batch_without_labels_is_nan_and_then_zero(values):
    none, *some = values.printed_by["empty-batch"].splitlines()
    with np.errstate(invalid="ignore"):
        assert math.isnan(np.float32(0) / np.float32(0))
    assert none == "有效标签 0 个：平均 nan，修好 0.0000"
    for count, line in enumerate(some, start=1):
        want = [count, math.log(3), math.log(3)]
        assert numbers(line) == pytest.approx(want, abs=6e-5)
    assert len(some) == 2


def test_a_mask_of_a_milliard_is_infinite_or_refused_in_float16():
    half = torch.ones(2, dtype=torch.float16)
    assert (half * -1e9).tolist() == [-math.inf] * 2
    with pytest.raises(RuntimeError, match="without overflow"):
        half.masked_fill(half > 0, -1e9)


# --- shapes ---


def test_a_broadcast_loss_is_twice_the_variance(shapes):
    printed = shapes.printed_by["broadcast"]
    y = [Fraction(k) for k in (1, 2, 3, 4)]
    mean = sum(y) / 4
    variance = sum((v - mean) ** 2 for v in y) / 4
    pairs = [(a - b) ** 2 for a in y for b in y]
    assert line_of(printed, "相减以后的形状： ") == "(4, 4)"
    assert after(printed, "标签的方差：") == [variance]
    assert after(printed, "损失：") == [sum(pairs) / len(pairs)] == [2 * variance]
    assert after(printed, "修好，损失：") == [0]


def test_guessing_the_mean_is_the_least_of_the_broadcast_loss():
    y = np.array([1.0, 2.0, 3.0, 4.0])
    losses = [((np.full((4, 1), c) - y) ** 2).mean() for c in np.linspace(1, 4, 31)]
    assert min(losses) == losses[15] == y.var() == 1.25


def test_mse_loss_warns_of_the_shapes():
    with pytest.warns(UserWarning, match="Using a target size"):
        F.mse_loss(torch.ones(3, 1), torch.ones(3))


def test_accuracy_of_all_pairs_and_of_the_four(shapes):
    printed = shapes.printed_by["accuracy"]
    y, p = [1, 1, 0, 0], [1, 1, 0, 1]
    equal = sum(a == b for a in p for b in y)
    assert equal == 8 and "其中 8 格相等" in page()
    assert after(printed, "准确率：") == [equal / 4]
    assert after(printed, "修好：") == [accuracy_score(y, p)]


def test_one_column_has_no_choice(shapes):
    printed = shapes.printed_by["one-column"]
    z = np.array([[3.0], [-2.0]])
    assert after(printed, "softmax：") == special.softmax(z, axis=1).ravel().tolist()
    assert after(printed, "argmax：") == z.argmax(axis=1).tolist()
    assert said(printed, "损失等于 0：") is True
    assert shapes.column.tolist() == [[1], [0]]
    with np.errstate(divide="ignore"):
        assert (special.log_softmax(z, axis=1) * [[1], [0]]).sum() == 0
    right = log_loss([1, 0], special.expit(z).ravel())
    assert after(printed, "修好，损失：") == pytest.approx([right], abs=6e-5)
    assert after(printed, "修好，预测：") == [1, 0]


def test_one_column_refuses_the_label_one_as_a_number():
    with pytest.raises(IndexError, match="out of bounds"):
        F.cross_entropy(torch.zeros(2, 1), torch.tensor([1, 0]))


def test_reshape_mixes_the_colours_and_moveaxis_does_not(shapes):
    red, wrong, right = shapes.printed_by["reshape"].splitlines()
    image = np.arange(12).reshape(2, 2, 3)
    first = np.moveaxis(image, -1, 0)[0]
    assert numbers(red) == first.ravel().tolist() == [3 * k for k in range(4)]
    assert wrong == f"reshape： {image.ravel()[:4].reshape(2, 2).tolist()} False"
    assert right == f"permute： {first.tolist()} True"


def test_the_mask_of_the_layer_means_the_opposite(shapes):
    printed = shapes.printed_by["mask"]
    layer = nn.MultiheadAttention(1, 1, bias=False, batch_first=True).eval()
    with torch.no_grad():
        for p in layer.parameters():
            p.fill_(1.0)
        x = torch.tensor([[[1.0], [5.0]]])
        q = torch.zeros(1, 1, 1)
        pad = torch.tensor([[False, True]])
        out, _ = layer(q, x, x, key_padding_mask=pad)
    assert after(printed, "照搬掩码：") == [5]
    assert after(printed, "取反：") == [out.item()] == [1]
    assert numbers(printed.splitlines()[2]) == [100, 1]
    assert shapes.v.tolist() == [[1], [100]]


# --- training ---


def test_twenty_steps_multiply_by_one_minus_the_rate(training):
    lines = training.printed_by["learning-rate"].splitlines()
    rates = [Fraction(1, 10**6), Fraction(1, 10), Fraction(5, 2)]
    for line, rate in zip(lines, rates, strict=True):
        shown, steps, w = numbers(line)
        assert shown == float(rate) and steps == 20
        assert w == pytest.approx(float((1 - rate) ** 20), rel=6e-5, abs=0)


def test_accuracy_waits_for_the_threshold(training):
    lines = training.printed_by["accuracy-stuck"].splitlines()
    y = [0] * 9 + [1]
    for line, w in zip(lines, (0, 1, 3), strict=True):
        z = w * np.array(y) - 2.0
        p = special.expit(z)
        want = [w, log_loss(y, p), accuracy_score(y, p > 0.5), sum(p > 0.5)]
        assert numbers(line) == pytest.approx(want, abs=6e-4)
    assert numbers(lines[0])[2] == numbers(lines[1])[2] == 0.9


def test_gradients_add_up_until_they_are_cleared(training):
    printed = training.printed_by["zero-grad"]
    for label, turn in (
        ("没有清零：", [[0.9, -0.1], [1, 1]]),  # (w, all earlier gradients) a step on
        ("清零：", [[0.9, 0], [0, 0]]),
    ):
        _, _, block = printed.partition(f"\n{label}" if label == "清零：" else label)
        grads, steps, losses = (numbers(line) for line in block.splitlines()[1:4])
        state = [np.linalg.matrix_power(turn, t) @ [1, 0] for t in range(41)]
        used = [w + before for w, before in state[:3]]
        assert grads == pytest.approx(used, abs=6e-3)
        want = [state[int(t)][0] ** 2 / 2 for t in steps]
        assert losses == pytest.approx(want, abs=6e-4)
        assert steps == [0, 5, 10, 15, 20, 40]


def test_dropout_listens_to_eval_and_its_function_does_not(training):
    printed = training.printed_by["eval"]
    assert said(printed, "只用 no_grad，两次相等：") is False
    assert said(printed, "eval() 以后，两次相等：") is True
    assert said(printed, "F.dropout 不看 eval()，两次相等：") is False
    assert set(training.a.tolist()) == set(training.b.tolist()) == {0, 2}
    x = torch.ones(50)
    assert F.dropout(x, 0.5, training=False).equal(x)


def test_an_old_optimizer_moves_only_the_old_layer(training):
    printed = training.printed_by["stale"]
    assert said(printed, "新的分类头动了：") is False
    assert said(printed, "重建优化器以后：") is True
    model = nn.ModuleList([nn.Linear(1, 1)])
    optimizer = torch.optim.SGD(model.parameters(), 1.0)
    old, model[0] = model[0], nn.Linear(1, 1)
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    assert held == {id(p) for p in old.parameters()}
    assert training.optimizer.param_groups[0]["lr"] == 0.1
    assert set(training.model[0].weight.grad.ravel().tolist()) == {1}  # cleared


def test_eight_batches_wait_a_twentieth_of_a_second_each(training, monkeypatch):
    slept = []
    monkeypatch.setattr("time.sleep", slept.append)
    assert len(list(training.batches())) == len(slept) == 8
    assert set(slept) == {0.05} and "每批 0.05 秒，一共 8 批" in page()


def test_waiting_is_seen_by_taking_the_data_alone(training):
    printed = training.printed_by["slow-input"]
    assert said(printed, "每轮都解码，等 0.3 秒以上：") is True
    assert said(printed, "解码好再用，等不到 0.1 秒：") is True
    assert len(training.ready) == 8


def trained(twice):
    """Loss at each step and the last accuracy: softmax regression by Adam, by hand."""
    x, y = load_digits(return_X_y=True)
    x, n = np.c_[x / 16, np.ones(len(x))], len(x)
    w, m, v, losses = np.zeros((65, 10)), 0, 0, []
    for step in range(1, 301):
        p = special.softmax(x @ w, axis=1)
        q = special.softmax(p, axis=1) if twice else p
        losses.append(log_loss(y, q))
        slope = (q - np.eye(10)[y]) / n
        if twice:  # through the inner softmax
            slope = p * (slope - (p * slope).sum(axis=1, keepdims=True))
        g = x.T @ slope
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        w = w - 0.05 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return losses, accuracy_score(y, (x @ w).argmax(axis=1))


def test_two_softmaxes_stop_at_the_printed_floor(softmax):
    first, second, three, ten = softmax.printed_by["softmax-twice"].splitlines()
    z = np.array([10.0, 0.0, 0.0])
    twice = -special.log_softmax(special.softmax(z))[0]
    assert numbers(first) == pytest.approx([twice], abs=6e-5)
    once = -special.log_softmax(z)[0]
    assert numbers(second) == pytest.approx([once], abs=6e-5)
    for line, c in ((three, 3), (ten, 10)):
        best = -special.log_softmax(np.eye(c)[0])[0]
        assert numbers(line) == pytest.approx([c, best], abs=6e-3)


def test_the_reported_floor_is_that_of_four_classes():
    assert f"{-special.log_softmax(np.eye(4)[0])[0]:.2f}" == "0.74"
    assert "约 0.74" in page()


def test_both_trainings_are_those_of_adam_by_hand(softmax):
    lines = softmax.printed_by["train"].splitlines()
    for line, twice in zip(lines, (True, False), strict=True):
        losses, right = trained(twice)
        assert numbers(line) == pytest.approx([300, losses[-1], right], abs=6e-4)
        drawn = softmax.axis.lines[0 if twice else 1].get_ydata()
        np.testing.assert_allclose(drawn, losses, atol=1e-4)
    assert softmax.axis.lines[2].get_ydata()[0] == pytest.approx(1.4612, abs=1e-4)
    assert softmax.axis.get_ylim() == (0, 2.5)
    labels = [line.get_label() for line in softmax.axis.lines[:2]]
    assert labels == ["先做 softmax", "直接给 z"]
    (floor,) = softmax.axis.texts
    assert floor.get_text() == f"{math.log(1 + 9 / math.e):.2f}"


def test_keras_takes_logits_for_probabilities_by_default(by_keras):
    printed = by_keras.printed_by["from-logits"]
    y, z = np.array([0, 1]), np.array([-3.0, -1.0])
    clipped = np.clip(z, 1e-7, 1 - 1e-7)
    wrong = log_loss(y, clipped)
    right = log_loss(y, special.expit(z))
    assert after(printed, "默认：") == pytest.approx([wrong], abs=6e-4)
    assert after(printed, "from_logits=True：") == pytest.approx([right], abs=6e-4)
    assert after(printed, "按公式：") == pytest.approx([right], abs=6e-4)


def test_labels_of_another_pass_are_a_coin(by_keras):
    mixed, plain = by_keras.printed_by["shuffled"].splitlines()
    rng = np.random.default_rng(0)
    x = np.tile([0, 1], 2500)
    coin = accuracy_score(rng.permutation(x), rng.permutation(x))
    assert numbers(mixed) == [1, round(coin, 1)] == [1, 0.5]
    assert numbers(plain) == [1, 1]


# --- loading and text ---


def test_strict_false_reads_nothing_of_other_names(loading):
    printed = loading.printed_by["strict-false"]
    other = nn.Linear(3, 2)
    report = other.load_state_dict({"net.weight": torch.ones(2, 3)}, strict=False)
    assert line_of(printed, "没有读到： ") == str(report.missing_keys)
    assert said(printed, "与文件相等：") is False
    assert said(printed, "修好，与文件相等：") is True
    with pytest.raises(RuntimeError, match="Missing key"):
        other.load_state_dict({"net.weight": torch.ones(2, 3)})


def test_another_order_of_words_turns_the_score(loading):
    first, second, equal = loading.printed_by["vocabulary"].splitlines()
    score = {"坏": -1, "很": 0, "好": 1}
    order = list(score)
    assert numbers(first) == [*map(order.index, "很好"), 1]
    back = list(reversed(order))
    read = sum(score[order[back.index(c)]] for c in "很好")
    assert numbers(second) == [*map(back.index, "很好"), read]
    assert equal == "两份词表相等： False"


def test_ignoring_by_number_loses_the_end(loading):
    wrong, right = loading.printed_by["pad-eos"].splitlines()
    ids, length = [5, 6, 0, 0, 0], 3
    by_number = [-100 if k == 0 else k for k in ids]
    by_length = ids[:length] + [-100] * (len(ids) - length)
    assert wrong == f"按编号忽略：{by_number}，结束词元 {by_number.count(0)} 个"
    assert right == f"按长度忽略：{by_length}，结束词元 {by_length.count(0)} 个"


def test_a_template_and_a_tokenizer_begin_twice(loading):
    default, mended = loading.printed_by["chat-template"].splitlines()
    assert (default.count("<s>"), mended.count("<s>")) == (2, 1)
    assert default.replace("'<s>', ", "", 1).replace("默认", "修好") == mended
    assert loading.tokenize("a b") == ["<s>", "a", "b"]


def test_the_order_of_a_sum_matters(loading):
    printed = loading.printed_by["nondeterminism"]
    a, b = np.float32(1e8), np.float32(1)
    assert after(printed, "按次序加：") == [a + b - a] == [0]
    assert after(printed, "换个次序：") == [a - a + b] == [1]


def test_a_small_difference_grows_as_in_fifty_digits(loading):
    lines = loading.printed_by["nondeterminism"].splitlines()[2:]
    with localcontext() as context:
        context.prec = 50
        u, v, found = Decimal("0.3"), Decimal("0.30000001"), {}
        for step in range(1, 41):
            u, v = (Decimal("3.9") * w * (1 - w) for w in (u, v))
            found[step] = float(abs(u - v))
    want = [f"第 {k} 步相差 {found[k]:.1e}" for k in (1, 20, 40)]
    assert lines == want


def test_one_seed_gives_the_same_bits_and_another_does_not(loading):
    printed = loading.printed_by["same-bits"]
    assert said(printed, "同一个种子，两次逐位相等：") is True
    assert said(printed, "换一个种子，逐位相等：") is False
    assert not torch.are_deterministic_algorithms_enabled()
    code = (ROOT / "snippets/faq/silent_errors_loading_torch.py").read_text("utf-8")
    before = code.split("first, again, other =")[0].rstrip().splitlines()[-1]
    assert before == "torch.use_deterministic_algorithms(True)"


def test_the_twenty_steps_of_a_seed_are_those_of_numpy(loading):
    torch.manual_seed(0)
    layer = nn.Linear(4, 1)
    w, b = layer.weight.detach().numpy()[0].astype(float), layer.bias.item()
    for _ in range(20):
        x = torch.randn(8, 4).numpy().astype(float)
        out = x @ w + b
        w, b = w - 0.1 * 2 * out @ x / 8, b - 0.1 * 2 * out.mean()
    np.testing.assert_allclose(loading.first.detach()[0], w, rtol=1e-3, atol=1e-6)


# --- sentences, figures and exercises ---


def test_the_sentences_on_numbers_repeat_what_is_printed(values):
    text, printed = dict(entries()), values.printed_by
    (slope,) = after(printed["where-nan"], "只换输出，梯度：")
    assert f"有效的一格仍是 {slope:g}" in text["where-nan"]
    (loss,) = after(printed["log-softmax"], "标签是第 0 类，cross_entropy：")
    assert f"损失是 {loss:g}，有限" in text["log-softmax"]
    mean = numbers(printed["empty-batch"].splitlines()[-1])[-1]
    assert f"同是 {mean}，即" in text["empty-batch"]


def test_the_sentences_on_shapes_repeat_what_is_printed(shapes):
    text, printed = dict(entries()), shapes.printed_by
    (loss,) = after(printed["broadcast"], "损失：")
    assert f"损失却是 {loss}。" in text["broadcast"]
    (wrong,) = after(printed["accuracy"], "准确率：")
    assert f"却得 {wrong}，即 {wrong:.0%}" in text["accuracy"]
    (right,) = after(printed["accuracy"], "修好：")
    assert f"{right}，换批大小也不变" in text["accuracy"]
    (copied,) = after(printed["mask"], "照搬掩码：")
    assert f"照搬得 {copied:g}，" in text["mask"]


def test_the_sentences_on_softmax_and_keras_repeat_what_is_printed(softmax, by_keras):
    text = dict(entries())
    right = numbers(softmax.printed_by["train"].splitlines()[0])[-1]
    assert f"准确率也有 {right:.2f}，" in text["softmax-twice"]
    assert f"准确率 {right:.2f}，概率却" in page()
    (wrong,) = after(by_keras.printed_by["from-logits"], "默认：")
    assert f"两个平均约 {wrong:.0f}；" in text["from-logits"]
    assert rf"\approx{-math.log(1e-7):.1f}$" in text["from-logits"]


def test_the_sentences_on_words_repeat_what_is_printed(loading):
    text = dict(entries())["vocabulary"]
    lines = loading.printed_by["vocabulary"].splitlines()[:2]
    (_, good, score), (_, other, turned) = map(numbers, lines)
    assert f"编号从 {good:g} 变成 {other:g}" in text
    assert f"得分从 {score:g} 变成 −{-turned:g}" in text


def words(name):
    text = (FIGURES / f"silent-errors-{name}.svg").read_text(encoding="utf-8")
    return re.findall(r"<text[^>]*>([^<]*)</text>", text)


def test_the_drawn_squares_are_those_of_all_pairs():
    shown = [int(w) for w in words("broadcast") if w.isdigit()]
    rows = [[i, *((i - j) ** 2 for j in range(1, 5))] for i in range(1, 5)]
    assert shown == [1, 2, 3, 4, *(v for row in rows for v in row)]
    assert "16 格的平均：40 ÷ 16 = 2.5" in words("broadcast")


def test_the_drawn_channels_are_the_printed_ones(shapes):
    shown = [int(w) for w in words("reshape") if w.isdigit()]
    _, wrong, right = shapes.printed_by["reshape"].splitlines()
    assert shown == [*range(12), *numbers(wrong), *numbers(right)]


def test_the_drawn_labels_are_those_of_the_two_ways(loading):
    shown = words("pad-eos")
    rows = [shown[shown.index(f"按{way}忽略") + 1 :][:5] for way in ("编号", "长度")]
    for row, labels in zip(rows, (loading.wrong, loading.right), strict=True):
        assert [w == "×" for w in row] == (labels == -100).tolist()


def test_the_drawn_product_is_not_a_number():
    assert "0 × ∞ = NaN" in words("where-nan")
    assert math.isnan(0 * math.inf)


def test_the_questions_lead_to_the_sections():
    shown = " ".join(words("where"))
    for name in ("NaN 与无穷", "形状", "训练循环", "读取与文字", "随机"):
        assert name in shown
    assert [w[0] for w in words("where") if w[0] in "①②③④⑤"] == list("①②③④⑤")


def test_the_exercise_of_the_mean_hides_the_fault():
    y, p = np.array([1.0, 2, 3, 4]), np.full((4, 1), 2.5)
    assert ((p - y) ** 2).mean() == ((p[:, 0] - y) ** 2).mean() == 1.25


def test_the_exercise_of_a_thousand_classes():
    assert f"{math.log(1000):.2f}" == "6.91"
    assert f"{math.log(1 + 999 / math.e):.2f}" == "5.91"


def test_the_exercise_s_function_counts_what_stays():
    code = re.search(r"( +)(def unmoved.*?)```", page(), flags=re.DOTALL)
    space = {}
    exec(code[2].replace("\n" + code[1], "\n"), space)
    model = nn.Sequential(nn.Linear(2, 10))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    model[0] = nn.Linear(2, 3)

    def loss():
        return model(torch.ones(1, 2)).pow(2).sum()

    assert space["unmoved"](model, optimizer, loss) == 2
    fresh = torch.optim.SGD(model.parameters(), 0.1)
    assert space["unmoved"](model, fresh, loss) == 0


# --- practice: faq/silent_errors_practice_torch ---

SOLUTION = """
def loss_and_grad(logits, y):
    z = logits.clone().requires_grad_()
    y = y.reshape(-1)
    total = torch.nn.functional.cross_entropy(z, y, reduction="sum")
    loss = total / (y != -100).sum().clamp(min=1)
    loss.backward()
    return loss, z.grad
"""
PLAIN = (
    'torch.nn.functional.cross_entropy(z, y, reduction="sum")',
    "-z.softmax(1).log()[y != -100, y[y != -100]].sum()",
)
WRONG = [
    PLAIN,
    ("y.reshape(-1)", "y"),
    ("y.reshape(-1)", "y.squeeze()"),
    ("y.reshape(-1)", "y.squeeze(0)"),
    ("y.reshape(-1)", "y.squeeze(-1)"),
    ("y.reshape(-1)", "(y[0] if y.ndim == 2 else y)"),
    ("y.reshape(-1)", "y.reshape(-1).clamp(min=0)"),
    (".clamp(min=1)", ""),
    (".clamp(min=1)", ".clamp(min=2)"),
    ("(y != -100).sum().clamp(min=1)", "len(y)"),
    ("(y != -100).sum().clamp(min=1)", "1"),
    ("loss.backward()", "total.backward()"),
    ("return loss, z.grad", "return loss, -z.grad"),
    ("return loss, z.grad", "return total, z.grad"),
    ("return loss, z.grad", "return loss"),
    ("cross_entropy(z,", "cross_entropy(z.softmax(1),"),
    ("cross_entropy(z,", "cross_entropy(z.half(),"),
    ("cross_entropy(z,", "cross_entropy(z.clamp(-100, 100),"),
    ("    return", "    logits.zero_()\n    return"),
]
CASES = practice.values(PRACTICE)["CASES"]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0])
def test_the_practice_expects_the_loss_of_scipy(case):
    _, given, (loss, grad), _ = case
    z, y = given["logits"].numpy(), given["y"].numpy().ravel()
    keep = y != -100
    count = max(keep.sum(), 1)
    logs = special.log_softmax(z, axis=1)
    want = -sum(logs[i, y[i]] for i in np.flatnonzero(keep)) / count
    assert loss == pytest.approx(want, abs=1e-6)
    slope = special.softmax(z, axis=1)
    slope[np.flatnonzero(keep), y[keep]] -= 1
    np.testing.assert_allclose(grad, slope * keep[:, None] / count, atol=1e-6)


def test_the_page_s_loss_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_loss_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, PLAIN) in page()
