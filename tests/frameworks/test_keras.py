"""The programs of Keras 3 against PyTorch, scikit-learn, NumPy and what was counted."""

import inspect
import json
import math
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from keras import layers
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from torch import nn
from torch.nn import functional as F

from handbook.programs import practice
from tests.printed import after, line_of, numbers

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "docs/assets/figures"
PRACTICE = ROOT / "snippets/frameworks/keras_practice_tf.py"


def said(program, section: str, start: str) -> str:
    """What a section printed behind ``start`` on its one line that begins so."""
    return line_of(program.printed_by[section], start).strip()


@pytest.fixture(scope="module")
def hand(run_snippet):
    return run_snippet("frameworks/keras_hand_tf")


@pytest.fixture(scope="module")
def styles(run_snippet):
    return run_snippet("frameworks/keras_styles_tf")


@pytest.fixture(scope="module")
def fit(run_snippet):
    return run_snippet("frameworks/keras_fit_tf")


@pytest.fixture(scope="module")
def traps(run_snippet):
    return run_snippet("frameworks/keras_traps_tf")


@pytest.fixture(scope="module")
def loop(run_snippet):
    return run_snippet("frameworks/keras_loop_tf")


@pytest.fixture(scope="module")
def state(run_snippet):
    return run_snippet("frameworks/keras_state_tf")


@pytest.fixture(scope="module")
def backends(run_snippet):
    return run_snippet("frameworks/keras_backend_tf")


@pytest.fixture(scope="module")
def saved(run_snippet):
    return run_snippet("frameworks/keras_save_tf")


@pytest.fixture(scope="module")
def digits():
    """Pixels in [0, 1] and labels, by scikit-learn."""
    x, y = load_digits(return_X_y=True)
    return (x / 16).astype("float32"), y


def by_torch(weights, *, dropout: float = 0.0) -> nn.Sequential:
    """The network 64 → 32 → 10 of PyTorch that has a Keras model's weights."""
    (w1, b1, w2, b2) = (torch.tensor(np.asarray(w)) for w in weights)
    net = nn.Sequential(
        nn.Linear(*w1.shape), nn.ReLU(), nn.Dropout(dropout), nn.Linear(*w2.shape)
    )
    with torch.no_grad():
        for parameter, value in zip(
            net.parameters(), (w1.T, b1, w2.T, b2), strict=True
        ):
            parameter.copy_(value)
    return net


# --- frameworks/keras_hand_tf ----------------------------------------------------


def two_batches(w: float) -> tuple[float, float, list[list[float]]]:
    """An epoch of two rows by torch.optim.SGD: loss said, loss after, steps."""
    weight = torch.tensor([float(w)], requires_grad=True)
    sgd, losses, steps = torch.optim.SGD([weight], lr=0.25), [], []
    for _ in range(2):
        loss = (weight - 1).square().mean()
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        losses.append(loss.item())
        steps.append([weight.item(), float(np.mean(losses))])
    return float(np.mean(losses)), (weight - 1).square().item(), steps


def test_the_case_by_hand_is_torchs_step_by_step(hand):
    told, later, steps = two_batches(0)
    text = hand.printed_by["hand"]
    for number, step in enumerate(steps, start=1):
        assert after(text, f"第 {number} 批之后：") == step
    assert after(text, "fit 说") == [told, later] == [0.625, 0.0625]


def test_exercise_1_s_second_epoch_is_a_tenth_again():
    told, later, steps = two_batches(0.75)
    assert (told, later, steps[-1][0]) == (0.0390625, 0.00390625, 0.9375)


def test_exercise_2_s_counts_are_torchs():
    norm = nn.BatchNorm1d(16)
    rest = [nn.Linear(20, 16), nn.Linear(16, 3)]
    dense, scale = (
        sum(p.numel() for module in modules for p in module.parameters())
        for modules in (rest, [norm])
    )
    moving = sum(b.numel() for b in norm.buffers() if b.ndim)
    assert (dense + scale, moving, dense, scale + moving) == (419, 32, 387, 64)


def test_exercise_3_s_moving_mean_needs_459_steps():
    m, steps = 0.0, 0
    while abs(1 - m) >= 0.01:
        m, steps = 0.99 * m + 0.01, steps + 1
    assert steps == 459
    assert 3 * (1 - 0.99**500) == pytest.approx(2.980, abs=5e-4)


def texts(name: str) -> list[str]:
    """The words of a drawn figure of the page."""
    source = (FIGURES / f"keras-{name}.svg").read_text(encoding="utf-8")
    return re.findall(r"<text[^>]*>([^<]*)</text>", source)


def test_the_film_of_a_step_has_torchs_numbers():
    told, _, steps = two_batches(0)
    weight = torch.zeros(1, requires_grad=True)
    (weight - 1).square().sum().backward()
    drawn = [numbers(texts(f"step-{i}")[-2].replace("−", "-")) for i in range(2, 7)]
    assert drawn[:3] == [[0, 1, 0], [0, 1, 1], [2, 0, 1, 1, weight.grad.item()]]
    assert texts("step-5")[-2] == f"= {steps[0][0]:g}"
    assert f"平均损失 = 1 ÷ 1 = {steps[0][1]:g}" in texts("step-6")
    assert f"损失 0.25，w = {steps[1][0]:g}" in texts("step-7")
    assert f"平均 (1 + 0.25) ÷ 2 = {told:g}" in texts("step-7")


def test_the_running_mean_is_drawn_to_scale():
    told, later, steps = two_batches(0)
    source = (FIGURES / "keras-running.svg").read_text(encoding="utf-8")
    heights = [float(h) for h in re.findall(r'<rect[^>]* height="([\d.]+)"', source)]
    bars = np.array([1, 2 * told - 1, told, later])
    np.testing.assert_allclose(np.array(heights) / heights[0], bars, atol=0.01)
    assert [x for x in texts("running") if re.fullmatch(r"[\d.]+", x)] == [
        f"{bar:g}" for bar in bars
    ]


def test_the_drawn_zip_holds_the_files_of_a_saved_model(saved):
    names = said(saved, "zip", "包里的文件：").split("、")
    assert names == sorted(x for x in texts("zip") if re.fullmatch(r"[\w.]+", x))


def test_the_drawn_hooks_are_methods_of_a_callback_and_of_a_model():
    for word in texts("hooks"):
        if re.fullmatch(r"\w+_(begin|end)", word):
            assert hasattr(keras.callbacks.Callback, word), word
        if word.isascii():
            assert hasattr(keras.callbacks.Callback, word) or hasattr(keras.Model, word)


def test_tf_keras_and_keras_are_one_library():
    assert tf.keras.layers.Dense is keras.layers.Dense


# --- frameworks/keras_styles_tf --------------------------------------------------


def test_the_printed_shapes_are_those_of_two_linear_layers(styles):
    lines = styles.printed_by["sequential"].splitlines()
    shapes = [tuple(map(int, numbers(line.split("：")[1]))) for line in lines[:-1]]
    linear = nn.Sequential(nn.Linear(8, 10), nn.ReLU(), nn.Linear(10, 1))
    assert shapes == [
        tuple(p.mT.shape if p.ndim > 1 else p.shape) for p in linear.parameters()
    ]
    assert lines[-1] == f"参数共 {sum(p.numel() for p in linear.parameters())} 个"
    assert [line.split("：")[0].split("/")[1] for line in lines[:-1]] == [
        "kernel",
        "bias",
    ] * 2


def test_the_placeholders_have_the_printed_shapes(styles):
    shown = said(styles, "functional", "占位张量：")
    assert shown == "(None, 8) → (None, 10) → (None, 1)"
    assert said(styles, "functional", "中间一层的输出：") == "(4, 10)"


def test_a_subclass_has_its_four_weights_after_its_first_call(styles):
    text = styles.printed_by["subclass"]
    assert after(text, "第一次调用之前的权重：") == [0]
    assert after(text, "第一次调用之后的权重：") == [4]


@pytest.mark.parametrize("name", ["sequential", "functional", "subclass"])
def test_each_style_computes_what_numpy_computes(styles, name):
    w1, b1, w2, b2 = styles.sequential.get_weights()
    hand = np.maximum(styles.rows @ w1 + b1, 0) @ w2 + b2
    got = np.asarray(getattr(styles, name)(styles.rows))
    np.testing.assert_allclose(got, hand, atol=1e-5)


@pytest.mark.parametrize("name", ["函数式", "子类"])
def test_copied_weights_give_the_same_101_parameters_and_outputs(styles, name):
    line = said(styles, "same", f"{name}，抄了权重：")
    assert line == "参数 101，最大差 0"


def test_the_features_are_the_hidden_layer_of_the_functional_model(styles):
    w1, b1, _, _ = styles.functional.get_weights()
    hand = np.maximum(styles.rows @ w1 + b1, 0)
    np.testing.assert_allclose(styles.features(styles.rows), hand, atol=1e-5)


def test_only_a_described_model_writes_its_layers_into_its_config(styles):
    assert said(styles, "same", "Sequential 的 get_config 里有各层：") == "True"
    assert said(styles, "same", "子类 的 get_config 里有各层：") == "False"


def test_the_own_layer_is_torchs_rms_norm(styles):
    x = np.random.default_rng(1).normal(size=(3, 2, 5)).astype("float32")
    layer = styles.RMSNorm(epsilon=0.3)
    layer.build(x.shape)
    gamma = np.arange(1, 6, dtype="float32")
    layer.set_weights([gamma])
    expected = F.rms_norm(torch.tensor(x), (5,), torch.tensor(gamma), eps=0.3)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5)
    assert layer.compute_output_shape((3, 5)) == (3, 5)
    fresh = styles.RMSNorm()(np.full((1, 4), 1e-3, "float32"))
    near = F.rms_norm(torch.full((1, 4), 1e-3), (4,), eps=1e-6)
    np.testing.assert_allclose(fresh, near, rtol=1e-4)


def test_the_program_finds_its_layer_equal_and_its_config_complete(styles):
    label = "与 keras.layers.RMSNormalization 相差不到 1e-6："
    assert said(styles, "library", label) == "True"
    assert said(styles, "library", "照配置再造一个，epsilon =") == "0.5"
    assert styles.own.epsilon == styles.theirs.epsilon == 1e-6
    assert styles.RMSNorm(name="mine").get_config()["name"] == "mine"


def test_layers_in_lists_and_dicts_are_counted_and_hidden_ones_are_not(styles):
    one = sum(p.numel() for p in nn.Linear(3, 2).parameters())
    assert numbers(styles.printed_by["tracked"]) == [4, 4 * one, 2 * one]
    kept = {id(layer) for layer in styles.places.layers}
    assert kept == {id(styles.places.listed[0]), id(styles.places.named["a"][0])}


def test_the_hidden_layers_take_part_in_the_sum(styles):
    """Of zeros each layer gives its bias, and a fresh one gives 0."""
    known = [styles.places.listed[0], styles.places.named["a"][0]]
    for layer, bias in zip(
        [*known, styles.places.box.inner], [1, 10, 100], strict=True
    ):
        layer.set_weights([layer.get_weights()[0], np.full(2, float(bias))])
    np.testing.assert_array_equal(styles.places(np.zeros((1, 3))), [[111, 111]])
    fresh = styles.places(np.ones((1, 3))) - styles.places(np.ones((1, 3)))
    assert np.abs(fresh).max() > 0  # another layer each time


# --- frameworks/keras_fit_tf -----------------------------------------------------


def test_the_three_parts_are_counted_and_disjoint(fit, digits):
    assert numbers(fit.printed_by["data"]) == [1200, 300, 297]
    parts = np.concatenate([fit.train, fit.valid, fit.test])
    assert sorted(parts) == list(range(len(digits[1])))
    np.testing.assert_array_equal(fit.x, digits[0])
    np.testing.assert_array_equal(fit.y, digits[1])


def test_history_holds_each_metric_for_training_and_validation(fit):
    keys = said(fit, "train", "history 的键：").split("、")
    assert keys == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert {len(values) for values in fit.history.values()} == {len(fit.log)}


def test_training_stops_five_epochs_after_the_least_validation_loss(fit):
    ran, best = numbers(said(fit, "train", "跑了"))
    losses = fit.log["val_loss"]  # what the CSV file says, not the history
    assert (ran, best) == (len(losses), np.argmin(losses) + 1)
    assert ran == best + 5
    assert fit.best.layers[1].rate == 0.5  # as the figure's caption says


def test_the_hooks_were_called_once_a_batch(fit):
    steps, checks = numbers(said(fit, "train", "每轮"))
    assert (steps, checks) == (math.ceil(1200 / 32), math.ceil(300 / 32))


def test_the_test_accuracy_is_that_of_the_saved_weights_in_torch(fit, digits):
    net = by_torch(fit.best.get_weights()).eval()
    x, y = digits
    logits = net(torch.tensor(x[fit.test])).detach()
    (shown,) = after(fit.printed_by["evaluate"], "测试集准确率")
    assert shown == round(accuracy_score(y[fit.test], logits.argmax(1)), 2)
    loss = F.cross_entropy(logits, torch.tensor(y[fit.test])).item()
    assert fit.found["loss"] == pytest.approx(loss, rel=1e-4)
    assert fit.found["loss"] == fit.again["loss"]
    label = "存下的文件与取回的权重得到同一个损失："
    assert said(fit, "evaluate", label) == "True"


def test_the_validation_columns_are_of_the_300_rows_held_out(fit, digits):
    net = by_torch(fit.best.get_weights()).eval()
    x, y = digits[0][fit.valid], torch.tensor(digits[1][fit.valid])
    logits = net(torch.tensor(x)).detach()
    best = np.argmin(fit.log["val_loss"])
    loss = F.cross_entropy(logits, y).item()
    assert fit.log["val_loss"][best] == pytest.approx(loss, rel=1e-4)
    right = accuracy_score(y, logits.argmax(1))
    assert fit.log["val_accuracy"][best] == pytest.approx(right, rel=1e-5)


def running_table(fit) -> dict[float, list[list[float]]]:
    """{rate: [[said by fit, by evaluate] after epoch 1, and after epoch 20]}."""
    table, rate = {}, None
    for line in fit.printed_by["running"].splitlines():
        if line.startswith("Dropout"):
            table[rate := float(line.split()[1])] = []
        else:
            epoch, *losses = numbers(line)
            assert epoch == (20 if table[rate] else 1)
            table[rate].append(losses)
    return table


def torch_epochs(digits, rows, rate: float, seed: int) -> list[list[float]]:
    """The same table by a loop of PyTorch: running mean, and loss afterwards."""
    torch.manual_seed(seed)
    x, y = torch.tensor(digits[0][rows]), torch.tensor(digits[1][rows])
    net = nn.Sequential(
        nn.Linear(64, 32), nn.ReLU(), nn.Dropout(rate), nn.Linear(32, 10)
    )
    for linear in (net[0], net[3]):
        nn.init.xavier_uniform_(linear.weight)
        nn.init.zeros_(linear.bias)
    adam, table = torch.optim.Adam(net.parameters(), lr=0.01, eps=1e-7), []
    for epoch in range(20):
        net.train()
        total = 0.0
        for batch in torch.randperm(len(y)).split(32):
            loss = F.cross_entropy(net(x[batch]), y[batch])
            adam.zero_grad()
            loss.backward()
            adam.step()
            total += loss.item() * len(batch)
        net.eval()
        if epoch in (0, 19):
            table.append([total / len(y), F.cross_entropy(net(x), y).item()])
    return table


@pytest.mark.parametrize("rate", [0.0, 0.5])
def test_torch_sees_the_same_gap_between_the_running_and_the_final_loss(
    fit, digits, rate
):
    runs = [torch_epochs(digits, fit.train, rate, seed) for seed in range(3)]
    expected = np.mean(runs, axis=0)
    np.testing.assert_allclose(running_table(fit)[rate], expected, atol=0.2)
    late = [told - after for _, (told, after) in (*runs, running_table(fit)[rate])]
    if rate:  # a gap for every seed; without dropout none, of either sign
        assert min(late) > 0.2
    else:
        assert max(map(abs, late)) < 0.03


def test_the_last_evaluation_is_torchs_of_the_same_weights(fit, digits):
    x, y = digits
    net = by_torch(fit.model.get_weights()).eval()
    logits = net(torch.tensor(x[fit.train])).detach()
    loss = F.cross_entropy(logits, torch.tensor(y[fit.train])).item()
    assert running_table(fit)[0.5][1][1] == pytest.approx(loss, abs=0.0051)
    assert int(fit.model.optimizer.iterations) == 20 * 38


def test_the_second_rate_starts_from_the_same_seed_as_the_first(fit):
    keras.utils.set_random_seed(0)
    given = {"epochs": 1, "verbose": 0}
    past = fit.build(0.5).fit(fit.x[fit.train], fit.y[fit.train], **given)
    (said_first, _), _ = running_table(fit)[0.5]
    assert past.history["loss"][0] == pytest.approx(said_first, abs=0.0051)


def test_the_curves_are_drawn_from_the_csv_file(fit):
    lines = fit.axis.get_lines()
    np.testing.assert_array_equal(lines[0].get_ydata(), fit.log["loss"])
    np.testing.assert_array_equal(lines[1].get_ydata(), fit.log["val_loss"])
    np.testing.assert_allclose(fit.log["loss"], fit.history["loss"], rtol=1e-6)
    np.testing.assert_allclose(fit.log["val_loss"], fit.history["val_loss"], rtol=1e-6)
    for line in lines[:2]:
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, len(fit.log) + 1))
    assert set(lines[2].get_xdata()) == {np.argmin(fit.log["val_loss"]) + 1}
    assert (fit.log["loss"] > fit.log["val_loss"]).all()
    assert max(fit.log["val_loss"]) < fit.axis.get_ylim()[1]


# --- frameworks/keras_traps_tf ---------------------------------------------------


def test_the_last_fifth_of_sorted_rows_has_three_labels(traps, digits):
    labels = np.sort(digits[1])
    held = labels[int(0.8 * len(labels)) :]
    line = said(traps, "split", "按标签排：")
    shown, accuracy = re.fullmatch(
        r"验证集里的标签 (.*)，验证准确率 (.*)", line
    ).groups()
    assert numbers(shown) == sorted(set(held))
    assert (len(held), np.sum(held >= 8)) == (360, 354)  # as the page says
    known = set(labels[: int(0.8 * len(labels))])
    most = np.mean([label in known for label in held])
    assert 0.005 < float(accuracy) <= most + 0.005


def test_shuffled_rows_have_all_labels_and_a_linear_model_s_accuracy(traps, digits):
    x, y = digits
    line = said(traps, "split", "先打乱：")
    shown, accuracy = re.fullmatch(
        r"验证集里的标签 (.*)，验证准确率 (.*)", line
    ).groups()
    assert numbers(shown) == list(range(10))
    np.testing.assert_array_equal(traps.x, x)
    order = np.random.default_rng(0).permutation(len(y))
    cut = int(0.8 * len(y))
    linear = LogisticRegression(max_iter=1000).fit(x[order[:cut]], y[order[:cut]])
    expected = linear.score(x[order[cut:]], y[order[cut:]])
    assert float(accuracy) == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize(("name", "bound"), [("写 accuracy", 0.5), ("写明界是 0", 0.0)])
def test_the_word_accuracy_cuts_one_column_at_one_half(traps, name, bound):
    logits, labels = [0.3, 2, -1, -0.2], [1, 1, 0, 0]  # as the page says
    np.testing.assert_array_equal(traps.logits.ravel(), np.float32(logits))
    np.testing.assert_array_equal(traps.labels.ravel(), labels)
    expected = accuracy_score(labels, np.array(logits) > bound)
    assert after(traps.printed_by["accuracy"], f"{name}：") == [expected]


def test_the_word_accuracy_becomes_a_metric_of_the_shapes(traps):
    shown = dict(
        line.split("：") for line in traps.printed_by["accuracy"].splitlines()[2:]
    )
    assert shown == {
        "输出 1 列，标签 (1, 1)": "BinaryAccuracy",
        "输出 10 列，标签 (1, 1)": "SparseCategoricalAccuracy",
        "输出 10 列，标签 (1, 10)": "CategoricalAccuracy",
    }


def test_the_third_place_of_compile_is_not_for_metrics(traps):
    names = list(inspect.signature(keras.Model.compile).parameters)
    assert names[1:5] == ["optimizer", "loss", "loss_weights", "metrics"]
    wrong, right = traps.printed_by["positional"].splitlines()
    assert wrong.startswith("ValueError: dtype='string' is not a valid dtype")
    assert right.split("：")[1].strip() == "loss、mae"


def loss_after(last: layers.Layer, loss) -> float:
    model = keras.Sequential([keras.Input((3,)), last])
    model.compile(loss=loss)
    x = np.array([[2.0, 0.0, -1.0]], "float32")
    return model.evaluate(x, np.array([0]), verbose=0)


def test_pitfall_3_a_named_loss_takes_logits_for_probabilities_silently():
    right = F.cross_entropy(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([0])).item()
    name = "sparse_categorical_crossentropy"
    assert loss_after(layers.Softmax(), name) == pytest.approx(right, rel=1e-5)
    assert loss_after(layers.Identity(), name) < 0.01 < right
    from_logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    with pytest.warns(UserWarning, match="produced by a Softmax"):
        found = loss_after(layers.Softmax(), from_logits)
    assert found == pytest.approx(right, rel=1e-5)


# --- frameworks/keras_loop_tf ----------------------------------------------------


def torch_loop(loop, digits, dropout: float, penalty: float, seed: int = 0):
    """Mean losses of two epochs by PyTorch, from the program's initial weights."""
    torch.manual_seed(seed)
    x, y = torch.tensor(digits[0][loop.rows]), torch.tensor(digits[1][loop.rows])
    net = by_torch(loop.build().get_weights(), dropout=dropout)
    adam = torch.optim.Adam(net.parameters(), lr=0.003, eps=1e-7)
    losses = []
    for _ in range(2):
        total = 0.0
        for a, b in zip(x.split(32), y.split(32), strict=True):
            loss = F.cross_entropy(net(a), b) + penalty * net[0].weight.square().sum()
            adam.zero_grad()
            loss.backward()
            adam.step()
            total += loss.item() * len(b)
        losses.append(total / len(y))
    return losses, net


def test_the_data_are_1200_scaled_digits_in_38_batches(loop, digits):
    batches = list(loop.batches)
    assert len(batches) == 38 and len(set(loop.rows)) == 1200
    together = np.concatenate([x for x, _ in batches])
    np.testing.assert_array_equal(together, digits[0][loop.rows])


def losses_of(loop, section: str, start: str) -> list[float]:
    return numbers(said(loop, section, start).split("两轮的损失")[1])[:2]


def test_without_dropout_the_losses_are_torchs(loop, digits):
    expected, _ = torch_loop(loop, digits, dropout=0.0, penalty=0.001)
    shown = losses_of(loop, "forgotten", "忘了 training=True：")
    np.testing.assert_allclose(shown, expected, atol=1e-3)


@pytest.mark.parametrize(
    ("section", "start", "penalty"),
    [("fit", "共", 0.001), ("forgotten", "忘了 model.losses：", 0.0)],
)
def test_with_dropout_the_losses_are_near_torchs(loop, digits, section, start, penalty):
    runs = [torch_loop(loop, digits, 0.2, penalty, seed)[0] for seed in range(5)]
    shown = losses_of(loop, section, start)
    np.testing.assert_allclose(shown, np.mean(runs, axis=0), atol=0.03)


def test_there_are_76_steps(loop):
    assert numbers(loop.printed_by["fit"])[0] == 2 * math.ceil(1200 / 32)


def test_the_distance_of_two_models_is_that_of_their_farthest_weight(loop):
    a = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    b = keras.models.clone_model(a)
    a.set_weights([np.array([[1.0], [2.0]]), np.array([3.0])])
    b.set_weights([np.array([[1.5], [4.0]]), np.array([2.0])])
    assert loop.apart(a, b) == 2


@pytest.mark.parametrize("name", ["自己的 train_step", "自己的循环"])
def test_each_way_of_training_ends_where_fit_ends_to_the_last_bit(loop, name):
    line = said(loop, "equal", f"{name}：")
    assert line == "76 步的损失最多差 0，权重最多差 0"


def test_every_step_and_every_weight_of_the_loop_equals_fits(loop):
    start = loop.build().get_weights()
    model, losses = loop.by_hand()
    assert len(losses) == len(loop.said) == 76
    assert losses == pytest.approx(loop.said, rel=0, abs=0)
    pairs = list(
        zip(model.get_weights(), loop.fitted.get_weights(), start, strict=True)
    )
    assert all(np.array_equal(a, b) for a, b, _ in pairs)
    assert all(not np.array_equal(a, c) for a, _, c in pairs)


def test_the_own_step_is_used_by_fit(loop):
    assert loop.OwnStep.train_step is not keras.Model.train_step
    model, _ = loop.by_fit(loop.OwnStep)
    assert type(model) is loop.OwnStep


def test_the_own_step_serves_other_metrics_as_keras_does(loop):
    def trained(model_class):
        model = loop.build(model_class)
        model.compile(optimizer="adam", loss=model.loss, metrics=["accuracy"])
        given = {"validation_data": loop.batches, "shuffle": False, "verbose": 0}
        return model.fit(loop.batches, epochs=2, **given).history

    own = trained(loop.OwnStep)
    assert own == trained(keras.Model)
    assert list(own) == ["accuracy", "loss", "val_accuracy", "val_loss"]


def test_the_running_losses_undone_by_the_batches_sizes_are_single_losses(loop):
    """Undoing the weighted mean gives positive single losses; the last has 16 rows."""
    sizes = np.array([32] * 37 + [16])
    totals = np.array(loop.said[:38]) * np.cumsum(sizes)
    single = np.diff(totals, prepend=0) / sizes
    model = loop.build()
    x, y = next(iter(loop.batches))
    first = float(model.compute_loss(y=y, y_pred=model(x)))
    assert single[0] == pytest.approx(first, abs=0.3)
    assert single.max() < 3 and single.min() > 1


def test_a_metric_that_is_not_reset_gives_the_mean_of_both_epochs(loop):
    first, second = losses_of(loop, "fit", "共")
    shown = losses_of(loop, "forgotten", "忘了 reset_state：")
    assert shown == pytest.approx([first, (first + second) / 2], abs=0.0011)
    assert said(loop, "forgotten", "忘了 reset_state：").endswith("权重最多差 0.00")


@pytest.mark.parametrize(
    ("name", "flag"), [("model.losses", "penalty"), ("training=True", "training")]
)
def test_what_is_forgotten_moves_the_weights(loop, name, flag):
    model, _ = loop.by_hand(**{flag: False})
    pairs = zip(model.get_weights(), loop.fitted.get_weights(), strict=True)
    far = max(np.abs(a - b).max() for a, b in pairs)
    line = said(loop, "forgotten", f"忘了 {name}：")
    assert numbers(line)[-1] == pytest.approx(far, abs=0.0051)
    assert numbers(line)[-1] > 0.05


def test_exercise_4_s_batches_by_train_on_batch_equal_fit(loop):
    model, told = loop.build(), []
    for _ in range(2):
        total = rows = 0
        for x, y in loop.batches:
            total += float(model.train_on_batch(x, y)) * len(x)
            rows += len(x)
            told.append(total / rows)
    np.testing.assert_allclose(told, loop.said, rtol=0, atol=1e-6)
    assert loop.apart(model, loop.fitted) == 0


# --- frameworks/keras_state_tf ---------------------------------------------------


def test_dropout_scales_what_it_keeps_as_torchs_does(state):
    ones = torch.ones(1, 10_000)
    kept = F.dropout(ones, 0.25, training=True)
    for training, out in [(True, kept), (False, F.dropout(ones, 0.25, training=False))]:
        zeros, top, mean = after(state.printed_by["dropout"], f"training={training}：")
        assert zeros == pytest.approx((out == 0).float().mean().item(), abs=0.02)
        assert top == pytest.approx(out.max().item(), abs=1e-4)
        assert mean == pytest.approx(1, abs=0.02)


def test_a_seed_generator_moves_and_an_integer_does_not(state):
    assert said(state, "seed", "同一个 SeedGenerator 用两次，数相同：") == "False"
    assert said(state, "seed", "同一个整数种子用两次，数相同：") == "True"
    assert state.first.shape == (2,)


def torch_norm(x, mean: float, variance: float, training: bool) -> list[float]:
    """One step of PyTorch's: two outputs, the moving mean, the moving variance.

    PyTorch's variance is divided by n - 1, Keras's by n; its momentum is 1 - 0.99.
    """
    n, double = len(x), torch.float64
    mean = torch.tensor([mean], dtype=double)
    moving = torch.tensor([variance * n / (n - 1)], dtype=double)
    used = moving if training else torch.tensor([variance], dtype=double)
    out = F.batch_norm(
        torch.tensor(x, dtype=double), mean, used, None, None, training, 0.01, 1e-3
    )
    return [*out.ravel().tolist(), mean.item(), moving.item() * (n - 1) / n]


def test_batch_normalisation_goes_through_torchs_values(state):
    lines = state.printed_by["batch-norm"].splitlines()
    batch, mean, variance = [[1.0], [5.0]], 0.0, 1.0
    np.testing.assert_array_equal(state.batch, batch)
    wanted = []
    for training in [False, True, True, False, *[True] * 498, False]:
        wanted.append(torch_norm(batch, mean, variance, training))
        mean, variance = wanted[-1][2:]
    shown = [numbers(line.split("：")[1]) for line in lines]
    np.testing.assert_allclose(shown, [*wanted[:4], wanted[-1]], atol=6e-4)
    names = [line.split("：")[0] for line in lines]
    assert names == ["推断", "训练第 1 次", "训练第 2 次", "推断", "训练 500 次后推断"]


def test_a_frozen_batch_normalisation_infers_though_training_is_true(state):
    once = torch_norm([[1.0], [5.0]], 0.0, 1.0, True)[2:]
    want = torch_norm([[1.0], [5.0]], *once, False)
    got = after(state.printed_by["frozen"], "冻结，training=True：")
    np.testing.assert_allclose(got, want, atol=6e-4)
    assert numbers(state.printed_by["frozen"].splitlines()[1]) == [0, 4]


def test_the_counts_are_those_of_the_same_network_in_torch(state):
    base = nn.Sequential(nn.Linear(8, 10), nn.BatchNorm1d(10))
    head = nn.Linear(10, 1)
    inner = sum(p.numel() for p in base.parameters())
    outer = sum(p.numel() for p in head.parameters())
    moving = sum(b.numel() for b in base.buffers() if b.ndim)
    text = state.printed_by["count"]
    assert after(text, "冻结 base：False，") == [inner + outer, moving]
    assert after(text, "冻结 base：True，") == [outer, inner + moving]


def test_a_layer_frozen_after_fit_stands_still_only_after_compile(state):
    lines = state.printed_by["compile"].splitlines()
    assert [line.split("：") for line in lines] == [
        ["没有冻结", "第一层动了"],
        ["冻结，没有再 compile", "第一层动了"],
        ["冻结，再 compile", "第一层没动"],
    ]


# --- frameworks/keras_backend_tf -------------------------------------------------


def test_both_backends_compute_numpys_attention(backends):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 4, 8)).astype("float32")
    w, dense, bias = (
        rng.normal(size=s).astype("float32") for s in [(3, 8, 8), (8, 1), (1,)]
    )
    q, k, v = (torch.tensor(x @ part) for part in w)
    mixed = F.scaled_dot_product_attention(q, k, v).numpy()
    for out in (backends.tf_run["out"], backends.torch_run["out"]):
        np.testing.assert_allclose(out, mixed @ dense + bias, atol=2e-5)
    label = "同样的权重，输出相差不到 1e-5："
    assert said(backends, "compare", label) == "True"


@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
def test_the_output_is_a_tensor_of_the_chosen_backend(backends, backend):
    line = said(backends, "run", f"KERAS_BACKEND={backend}：输出是")
    assert line == f"{backend} (2, 4, 1)"


def test_the_same_seed_draws_other_weights_within_the_same_bounds(backends):
    drawn = [backends.tf_run["drawn"], backends.torch_run["drawn"]]
    initial = keras.initializers.GlorotUniform(seed=1)((3, 8, 8))
    bound = math.sqrt(6 / (3 * 8 + 3 * 8))  # 3 is taken for a receptive field
    for weights in (*drawn, np.asarray(initial)):
        assert weights.shape == (3, 8, 8)
        assert 0.9 * bound < np.abs(weights).max() <= bound
    (shown,) = after(backends.printed_by["compare"], "同样的种子，抽出的权重最多差")
    assert shown == round(float(np.abs(drawn[0] - drawn[1]).max()), 2) > bound


def test_a_layer_that_calls_tensorflow_fails_on_torch_and_nowhere_else(backends):
    assert said(backends, "bound", "层里用了 tf.nn.softmax，tensorflow：") == "通过"
    assert said(backends, "bound", "层里用了 tf.nn.softmax，torch：") == "失败"
    assert "tf.nn.softmax(scores)" in backends.BOUND
    assert backends.BOUND.count("tf.") == 1
    assert "tf.nn.softmax(scores)" in backends.ran.stderr  # where, not elsewhere


# --- frameworks/keras_save_tf ----------------------------------------------------


def test_a_keras_file_is_a_zip_of_three(saved, tmp_path):
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mae")
    model.save(tmp_path / "other.keras")
    with zipfile.ZipFile(tmp_path / "other.keras") as archive:
        names = sorted(archive.namelist())
        compiled = json.loads(archive.read("config.json"))["compile_config"]
    assert said(saved, "zip", "包里的文件：").split("、") == names
    assert (compiled["optimizer"]["class_name"], compiled["loss"]) == ("SGD", "mae")
    assert said(saved, "zip", "编译：") == "Adam mse"
    assert said(saved, "zip", "结构：") == "['InputLayer', 'Dense', 'Dense']"


def test_weights_alone_begin_with_a_new_optimizer(saved):
    text = saved.printed_by["resume"]
    assert after(text, "整个模型：") == [0, 8]
    assert after(text, "只有权重：") == [0, 0]


def test_a_weights_file_has_the_optimizer_for_one_who_has_built_his(saved, tmp_path):
    path = tmp_path / "all.weights.h5"
    saved.whole.save_weights(path)
    late, early = (keras.models.clone_model(saved.whole) for _ in range(2))
    late.load_weights(path)
    late.compile(optimizer="adam", loss="mse")
    early.compile(optimizer="adam", loss="mse")
    early.optimizer.build(early.trainable_variables)
    early.load_weights(path)
    steps = [int(m.optimizer.iterations) for m in (saved.whole, late, early)]
    assert steps == [16, 0, 16]


def test_two_epochs_without_a_break_give_the_weights_of_the_loaded_model(saved):
    """The reference: an own run of 16 steps of Adam in PyTorch from the same start."""
    keras.utils.set_random_seed(0)
    layer_shapes = [w.shape for w in saved.model.get_weights()]
    start = keras.Sequential(
        [keras.Input((8,)), layers.Dense(10, activation="relu"), layers.Dense(1)]
    ).get_weights()
    assert [w.shape for w in start] == layer_shapes
    net = by_torch(start)
    adam = torch.optim.Adam(net.parameters(), lr=0.001, eps=1e-7)
    x, y = torch.tensor(saved.x), torch.tensor(saved.y)
    for _ in range(2):
        for a, b in zip(x.split(32), y.split(32), strict=True):
            adam.zero_grad()
            F.mse_loss(net(a), b).backward()
            adam.step()
    for model in (saved.model, saved.whole):
        for w, p in zip(model.get_weights(), net.parameters(), strict=True):
            np.testing.assert_allclose(w, p.detach().numpy().T, atol=2e-5)
    far = zip(saved.weights.get_weights(), net.parameters(), strict=True)
    assert max(np.abs(w - p.detach().numpy().T).max() for w, p in far) > 1e-3


def test_only_the_whole_model_goes_on_as_if_nothing_had_happened(saved):
    text = saved.printed_by["resume"]
    assert after(text, "再练一轮，载入整个模型的：") == [0]
    assert said(saved, "resume", "再练一轮，只载入权重的：与不中断的相同") == "False"
    steps = [int(m.optimizer.iterations) for m in (saved.model, saved.whole)]
    assert steps == [16, 16]
    assert int(saved.weights.optimizer.iterations) == 8


def test_the_gap_between_two_models_is_their_largest_difference(saved):
    a = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    b = keras.models.clone_model(a)
    a.set_weights([np.array([[1.0], [2.0]]), np.array([3.0])])
    b.set_weights([np.array([[1.5], [4.0]]), np.array([2.0])])
    assert saved.gap(a, b) == 2


def test_an_unknown_class_is_named_and_a_known_one_is_read(saved):
    lines = saved.printed_by["custom"].splitlines()
    assert lines[0] == "TypeError: Could not locate class 'Square'"
    assert numbers(lines[1]) == [0]
    assert lines[2] == "登记为 book>Square，不给也读得回： True"
    assert [type(layer).__name__ for layer in saved.loaded.layers] == [
        "Square",
        "Dense",
    ]
    np.testing.assert_array_equal(saved.Square()(np.array([-3.0])), [9.0])


def test_a_lambda_is_only_read_by_who_trusts_the_file(saved):
    wrong, trusted = saved.printed_by["lambda"].splitlines()
    assert wrong.startswith("ValueError: Requested the deserialization of a `Lambda`")
    assert trusted.endswith("：True")
    np.testing.assert_array_equal(saved.trusted(saved.x), 2 * saved.x)


def test_the_exported_model_gives_the_same_outputs_and_is_no_keras_file(saved):
    first, refused, wrapped = saved.printed_by["export"].splitlines()
    assert first == "SavedModel 的输出与原模型相同： True"
    assert refused == "ValueError: File format not supported"
    assert wrapped == "包成 TFSMLayer 再用，输出相同： True"
    w1, b1, w2, b2 = saved.model.get_weights()
    hand = np.maximum(saved.x @ w1 + b1, 0) @ w2 + b2
    np.testing.assert_allclose(saved.served.serve(saved.x), hand, atol=1e-5)
    np.testing.assert_allclose(saved.layer(saved.x), hand, atol=1e-5)


# --- practice: frameworks/keras_practice_tf --------------------------------------

SOLUTION = """
from keras import ops


def batch_norm(
    x, gamma, beta, mean, variance, training, trainable, momentum=0.99, epsilon=1e-3
):
    m, v = mean, variance
    if training and trainable:
        axes = tuple(range(len(x.shape) - 1))
        m, v = ops.mean(x, axis=axes), ops.var(x, axis=axes)
        mean = momentum * mean + (1 - momentum) * m
        variance = momentum * variance + (1 - momentum) * v
    out = (x - m) / ops.sqrt(v + epsilon) * gamma + beta
    return out, mean, variance
"""
SWAPPED = (
    "momentum * mean + (1 - momentum) * m",
    "(1 - momentum) * mean + momentum * m",
)
WRONG = [
    SWAPPED,
    ("if training and trainable:", "if training:"),
    ("if training and trainable:", "if True:"),
    ("if training and trainable:", "if trainable:"),
    ("if training and trainable:", "if training or trainable:"),
    ("if training and trainable:", "if False:"),
    ("tuple(range(len(x.shape) - 1))", "0"),
    ("tuple(range(len(x.shape) - 1))", "tuple(range(len(x.shape)))"),
    ("ops.var(x, axis=axes)", "ops.std(x, axis=axes)"),
    (
        "ops.var(x, axis=axes)",
        "ops.var(x, axis=axes) * x[..., 0].size / (x[..., 0].size - 1)",
    ),  # PyTorch's moving variance
    ("momentum * mean + (1 - momentum) * m", "m"),
    ("momentum * variance + (1 - momentum) * v", "variance"),
    ("(1 - momentum) * m", "0.01 * m"),
    ("ops.sqrt(v + epsilon)", "(ops.sqrt(v) + epsilon)"),
    ("ops.sqrt(v + epsilon)", "ops.sqrt(v)"),
    ("ops.sqrt(v + epsilon)", "(v + epsilon)"),
    ("ops.sqrt(v + epsilon)", "ops.sqrt(v + 1e-3)"),
    ("(x - m)", "x"),
    ("(x - m)", "(x - mean)"),  # the moving mean, already updated
    (" * gamma + beta", ""),
    (" * gamma + beta", " * (gamma + beta)"),
    (" * gamma + beta", " * gamma"),
    ("return out, mean, variance", "return out, m, v"),
    ("return out, mean, variance", "return out"),
    ("return out, mean, variance", "return out, variance, mean"),
]


def keras_says(given: dict) -> list[list]:
    """Output, moving mean and variance of Keras's own layer, in float64."""
    options = {k: given[k] for k in ("momentum", "epsilon") if k in given}
    layer = layers.BatchNormalization(**options, dtype="float64")
    layer.build(given["x"].shape)
    layer.set_weights([given[k] for k in ("gamma", "beta", "mean", "variance")])
    layer.trainable = given["trainable"]
    out = layer(given["x"], training=given["training"])
    return [np.asarray(v) for v in (out, layer.moving_mean, layer.moving_variance)]


def torch_says(given: dict) -> list[np.ndarray]:
    """The same by PyTorch: channels second, its moving variance brought to n."""
    x = torch.tensor(np.moveaxis(given["x"], -1, 1))
    g, b, mean, old = (
        torch.tensor(given[k]) for k in ("gamma", "beta", "mean", "variance")
    )
    train = given["training"] and given["trainable"]
    share, epsilon = 1 - given.get("momentum", 0.99), given.get("epsilon", 1e-3)
    n = x.numel() // x.shape[1]
    new = old.clone()
    out = F.batch_norm(x, mean, new, g, b, train, share, epsilon)
    if train:
        new = (1 - share) * old + (new - (1 - share) * old) * (n - 1) / n
    return [np.moveaxis(out.numpy(), 1, -1), mean.numpy(), new.numpy()]


@pytest.mark.parametrize("reference", [keras_says, torch_says])
@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_the_libraries_say(case, reference):
    _, given, want, _ = case
    given = {k: v.copy() if hasattr(v, "copy") else v for k, v in given.items()}
    for expected, got in zip(want, reference(given), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-6)


def test_the_page_s_batch_norm_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_batch_norm_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    page = (ROOT / "docs/frameworks/keras.md").read_text(encoding="utf-8")
    assert practice.failing(PRACTICE, SOLUTION, SWAPPED) in page
