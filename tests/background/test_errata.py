"""docs/background/errata.md: the old tutorial's failures, and its mended programs.

The references are plain NumPy arithmetic, scikit-learn's metrics and models, and what
the installed libraries say about themselves.
"""

import importlib
import inspect
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit, log_expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss

ROOT = Path(__file__).parents[2]
Run = Callable[[str], SimpleNamespace]


@pytest.fixture(scope="module")
def loop(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("background/errata_loop_torch")


@pytest.fixture(scope="module")
def keras_program(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("background/errata_keras_tf")


@pytest.fixture(scope="module")
def after(run_snippet: Run) -> tuple[SimpleNamespace, SimpleNamespace]:
    return (
        run_snippet("background/errata_after_torch"),
        run_snippet("background/errata_after_tf"),
    )


def line_after(text: str, heading: str) -> str:
    """The line that follows the first line with a heading."""
    lines = text.splitlines()
    return next(b for a, b in zip(lines, lines[1:], strict=False) if heading in a)


def value(text: str, label: str) -> float:
    """The last number of the line that contains a label."""
    line = next(line for line in text.splitlines() if label in line)
    return float(re.findall(r"\d+(?:\.\d+)?", line)[-1])


def forward(weights: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    """Logits (n,) of the 8-10-1 network in plain NumPy; weights are (in, out)."""
    w1, b1, w2, b2 = weights
    return (np.maximum(x @ w1 + b1, 0) @ w2 + b2)[:, 0]


def torch_weights(model: object) -> list[np.ndarray]:
    arrays = [p.detach().numpy() for p in model.parameters()]
    return [a.T if a.ndim == 2 else a for a in arrays]


# --- the PyTorch program fails as claimed ------------------------------------


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        ("【原样运行】", "NameError: name 'train_data' is not defined"),
        ("【补 train_data】", "NameError: name 'criterion' is not defined"),
        ("【目标改成 (N, 1) 的整数】", "Found dtype Long but expected Float"),
        ("【换成 CrossEntropyLoss】", "IndexError: Target 1 is out of bounds."),
        ("【目标改成 (N, 1) 的小数】", "NameError: name 'test_data' is not defined"),
        ("【再补 test_data】", "Test accuracy: 3700.0"),
    ],
)
def test_each_repair_of_the_torch_program_stops_where_the_page_says(
    loop: SimpleNamespace, attempt: str, message: str
) -> None:
    assert message in line_after(loop.stdout_text, attempt)


def test_bce_refuses_targets_of_another_shape(loop: SimpleNamespace) -> None:
    line = line_after(loop.stdout_text, "【再补 BCELoss】")
    assert line.startswith("ValueError: Using a target size (torch.Size([32]))")
    assert "input size (torch.Size([32, 1]))" in line


def test_the_shown_program_is_the_origin_with_its_flaws(loop: SimpleNamespace) -> None:
    source = loop.ORIGIN
    for flaw in ("super(Net, self)", "output.data", "torch.max(output.data, 1)"):
        assert flaw in source
    for missing in ("criterion =", "train_data =", "test_data =", ".eval()", "seed"):
        assert missing not in source
    assert "\n   def forward" in source  # three spaces


def test_the_test_set_has_the_share_of_zeros_that_makes_3700(
    loop: SimpleNamespace,
) -> None:
    y = loop.y_test.numpy()
    assert (len(y), int((y == 0).sum())) == (80, 37)


def test_3700_is_what_numpy_counts_for_an_all_zero_prediction(
    loop: SimpleNamespace,
) -> None:
    target = loop.y_test.numpy()[:, None]
    grid = np.zeros(80, int)[None, :] == target
    assert grid.shape == (80, 80)
    assert 100 * grid.sum() / 80 == 3700.0
    assert line_after(loop.stdout_text, "【训练 200 轮】").endswith(" 3700.0")
    assert line_after(loop.stdout_text, "【训练 5 轮】").endswith(" 3700.0")


@pytest.mark.parametrize("size", [16, 1])
def test_the_broadcast_accuracy_grows_with_the_batch(
    loop: SimpleNamespace, size: int
) -> None:
    y = loop.y_test.numpy()
    zeros = sum((part == 0).sum() * len(part) for part in np.split(y, 80 // size))
    assert value(loop.stdout_text, f"批大小 {size}：") == 100 * zeros / 80


def test_one_unit_argmax_scores_the_share_of_zeros(loop: SimpleNamespace) -> None:
    constant = accuracy_score(loop.y_test.numpy(), np.zeros(80))
    assert value(loop.stdout_text, "目标 (N,)：") == 100 * constant == 46.25


def test_the_threshold_accuracy_is_sklearns(
    loop: SimpleNamespace,
) -> None:
    model = loop.names["model"]  # the last of the twenty
    logits = forward(torch_weights(model), loop.X_test.numpy())
    score = accuracy_score(loop.y_test.numpy(), expit(logits) > 0.5)
    assert loop.true_accuracy(model) == pytest.approx(100 * score, abs=1e-4)


def test_training_moves_the_true_accuracy_and_not_the_printed_one(
    loop: SimpleNamespace,
) -> None:
    accuracies = re.findall(
        r"Test accuracy: (.*)\n按 0.5 阈值重算：(.*)\n", loop.stdout_text
    )
    assert accuracies == [("3700.0", "66.25"), ("3700.0", "98.75")]


def test_cross_entropy_on_one_unit_is_zero_and_teaches_nothing(
    loop: SimpleNamespace,
) -> None:
    line = next(x for x in loop.stdout_text.splitlines() if "一个输出单元的交叉熵" in x)
    assert "： 0.0 梯度" in line and line.endswith("[0.0, 0.0, 0.0]")
    z = np.array([[-3.0], [0.0], [5.0]])
    assert np.all(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True) == 1.0)


def test_argmax_of_one_unit_is_always_zero(loop: SimpleNamespace) -> None:
    assert "argmax： [0, 0, 0]" in loop.stdout_text


# --- what does not fail: too little training, saturation, idioms ---------------


def test_the_network_has_101_parameters(
    loop: SimpleNamespace, keras_program: SimpleNamespace
) -> None:
    counted = 8 * 10 + 10 + 10 * 1 + 1
    for program in (loop, keras_program):
        assert value(program.stdout_text, "参数个数") == counted == 101


def test_five_epochs_leave_the_median_net_far_below_a_linear_model(
    loop: SimpleNamespace,
) -> None:
    linear = LogisticRegression().fit(loop.X_train.numpy(), loop.y_train.numpy())
    reachable = 100 * linear.score(loop.X_test.numpy(), loop.y_test.numpy())
    assert len(loop.scores) == 20
    assert np.median(loop.scores) < reachable - 25
    assert value(loop.stdout_text, "总猜多数类") == 100 * 43 / 80


def test_five_epochs_are_fifty_steps(loop: SimpleNamespace) -> None:
    assert "range(5)" in loop.ORIGIN and 5 * len(loop.good) == 50


def test_the_untrained_loss_lies_around_that_of_a_coin(loop: SimpleNamespace) -> None:
    coin = log_loss(loop.y_train.numpy(), np.full(320, 0.5))
    assert coin == pytest.approx(np.log(2))
    np.testing.assert_allclose(loop.untrained, coin, atol=0.1)
    low, high = min(loop.untrained), max(loop.untrained)
    assert (
        f"未训练的损失，20 个种子：最低 {low:.2f}，最高 {high:.2f}" in loop.stdout_text
    )


def test_the_spread_over_seeds_is_the_printed_one(loop: SimpleNamespace) -> None:
    line = next(x for x in loop.stdout_text.splitlines() if "原文设置，20 个种子" in x)
    printed = [float(x) for x in re.findall(r"\d+\.\d+", line)]
    scores = np.sort(loop.scores)
    expected = [scores[0], (scores[9] + scores[10]) / 2, scores[-1]]
    np.testing.assert_allclose(printed, expected, atol=0.006)


def test_logits_keep_the_loss_and_gradient_that_probabilities_lose(
    loop: SimpleNamespace,
) -> None:
    exact_loss, exact_grad = -log_expit(-200.0), expit(200.0)  # target 0
    safe = f"BCEWithLogitsLoss {exact_loss}，梯度 {exact_grad}"
    assert safe in loop.stdout_text
    assert "BCELoss 100.0，梯度 0.0" in loop.stdout_text


def test_the_probability_rounds_to_one_so_its_slope_is_zero(
    loop: SimpleNamespace,
) -> None:
    p = expit(np.float32(200))
    assert p.dtype == np.float32 and p * (1 - p) == 0
    assert value(loop.stdout_text, "float32 的 sigmoid(200)：") == p == 1


def test_keras_loses_the_gradient_only_for_bare_probabilities(
    keras_program: SimpleNamespace,
) -> None:
    found = dict(
        re.findall(
            r"真值 0，(.*)：(损失 [\d.]+，梯度 [\d.]+)", keras_program.stdout_text
        )
    )
    assert found["Keras 的 sigmoid 激活"] == found["logits"] == "损失 200.000，梯度 1.0"
    clipped = np.float32(1) - np.float32(1 - 1e-7)  # what float32 keeps of 1e-7
    assert value(keras_program.stdout_text, "tf.sigmoid") == 0.0
    assert f"损失 {-np.log(clipped):.3f}" in keras_program.stdout_text


def test_keras_saves_the_origin_program_from_saturation() -> None:
    keras = pytest.importorskip("keras")
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, "sigmoid", kernel_initializer="ones")]
    )
    model.compile(keras.optimizers.SGD(1.0), loss="binary_crossentropy")
    x, y = np.array([[200.0]]), np.array([[0.0]])
    assert model.evaluate(x, y, verbose=0) == pytest.approx(200.0)
    model.fit(x, y, verbose=0)
    assert model.get_weights()[0].item() == pytest.approx(1 - 200.0)


def test_data_hides_a_wrong_gradient_that_detach_reports(loop: SimpleNamespace) -> None:
    lines = [x for x in loop.stdout_text.splitlines() if x.startswith(".d")]
    assert "不报错，梯度 0.0" in lines[0] and expit(0) * (1 - expit(0)) == 0.25
    assert "RuntimeError" in lines[1] and "inplace operation" in lines[1]


def test_dropout_stays_on_until_eval(loop: SimpleNamespace) -> None:
    assert "漏掉 eval() False，调用 eval() True" in loop.stdout_text


# --- the Keras program -----------------------------------------------------------


def test_the_keras_program_warns_and_then_misses_its_data(
    keras_program: SimpleNamespace,
) -> None:
    first = keras_program.stdout_text.split("【补四个数组】")[0].splitlines()
    assert first[1].startswith("UserWarning: Do not pass an `input_shape`")
    assert first[2] == "NameError: name 'x_train' is not defined"


def test_an_input_layer_silences_the_warning(keras_program: SimpleNamespace) -> None:
    assert keras_program.stdout_text.count("UserWarning") == 2
    assert "UserWarning" not in line_after(keras_program.stdout_text, "改用 Input")


def test_five_keras_epochs_are_hardly_better_than_the_majority(
    keras_program: SimpleNamespace,
) -> None:
    names = keras_program.names
    predicted = names["model"].predict(names["x_test"], verbose=0)[:, 0] > 0.5
    score = accuracy_score(names["y_test"], predicted)
    assert names["accuracy"] == pytest.approx(score)
    assert score - 43 / 80 < 0.02


def test_the_patient_keras_run_learns(keras_program: SimpleNamespace) -> None:
    assert keras_program.trained["accuracy"] == pytest.approx(0.9875)


def test_raw_units_cost_accuracy(keras_program: SimpleNamespace) -> None:
    assert "掉 5 个百分点以上： True" in keras_program.stdout_text
    assert 0.05 < keras_program.drop < 1
    for part in ("x_train", "x_test"):
        scale = keras_program.raw[part].std(0) / keras_program.data[part].std(0)
        np.testing.assert_allclose(scale, [1000] * 4 + [1] * 4, rtol=1e-4)


# --- defaults, read from the libraries -------------------------------------------


def test_torch_defaults_are_those_of_the_table(loop: SimpleNamespace) -> None:
    torch = importlib.import_module("torch")
    layer = torch.nn.Linear(8, 4000)
    assert layer.weight.abs().max().item() == pytest.approx(8**-0.5, rel=1e-3)
    assert layer.bias.abs().max().item() == pytest.approx(8**-0.5, rel=1e-2)
    signature = inspect.signature(torch.optim.Adam).parameters
    assert (signature["lr"].default, signature["eps"].default) == (1e-3, 1e-8)
    assert "权重界 0.3536，偏置全为 0： False" in loop.stdout_text


def test_keras_defaults_are_those_of_the_table(keras_program: SimpleNamespace) -> None:
    keras = importlib.import_module("keras")
    config = keras.layers.Dense(10).get_config()
    assert config["kernel_initializer"]["class_name"] == "GlorotUniform"
    assert config["bias_initializer"]["class_name"] == "Zeros"
    signature = inspect.signature(keras.optimizers.Adam).parameters
    assert signature["learning_rate"].default == 1e-3
    assert signature["epsilon"].default == 1e-7
    assert inspect.signature(keras.Model.fit).parameters["shuffle"].default is True
    draw = keras.initializers.GlorotUniform(seed=0)((8, 10))
    assert np.abs(np.asarray(draw)).max() == pytest.approx((6 / 18) ** 0.5, rel=0.05)
    assert "权重界 0.5774，偏置全为 0： True" in keras_program.stdout_text


def test_keras_fit_takes_batches_of_32_by_default() -> None:
    keras = importlib.import_module("keras")
    steps = []
    count = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: steps.append(batch)
    )
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.fit(np.zeros((320, 8)), np.zeros((320, 1)), verbose=0, callbacks=[count])
    assert len(steps) == 320 // 32


def test_keras_epsilon_is_the_papers_epsilon_hat() -> None:
    keras = importlib.import_module("keras")
    weight = keras.Variable(np.zeros(1, np.float32))
    keras.optimizers.Adam(1.0, epsilon=0.1).apply(
        [np.full(1, 0.5, np.float32)], [weight]
    )
    hat = np.sqrt(0.001) / 0.1 * 0.05 / (np.sqrt(0.001 * 0.25) + 0.1)
    assert weight.numpy().item() == pytest.approx(-hat, rel=1e-5)
    plain = 0.5 / (0.5 + 0.1)
    assert abs(hat - plain) > 0.3


# --- the broadcast in three frameworks ----------------------------------------------


@pytest.mark.parametrize("framework", ["numpy", "torch", "tf"])
def test_four_samples_broadcast_to_what_counting_says(
    run_snippet: Run, framework: str
) -> None:
    done = run_snippet(f"background/errata_broadcast_{framework}")
    predicted, target = np.asarray(done.predicted), np.asarray(done.target)
    pairs = np.bincount(predicted) @ np.bincount(target[:, 0])
    assert np.asarray(done.equal).shape == (4, 4)
    assert np.asarray(done.equal).sum() == pairs == done.pairs == 6
    assert value(done.stdout_text, "「准确率」") == 100 * pairs / 4


@pytest.mark.parametrize("framework", ["numpy", "torch", "tf"])
def test_the_mended_accuracy_is_sklearns_and_falls_when_shuffled(
    run_snippet: Run, framework: str
) -> None:
    done = run_snippet(f"background/errata_broadcast_{framework}")
    target = np.asarray(done.target)[:, 0]
    straight = 100 * accuracy_score(target, np.asarray(done.predicted))
    shuffled = 100 * accuracy_score(target, np.asarray(done.shuffled))
    last = done.stdout_text.splitlines()[-2:]
    assert last == [f"准确率： {straight}", f"打乱预测后： {shuffled}"]
    assert shuffled < straight


@pytest.mark.parametrize("framework", ["numpy", "torch", "tf"])
def test_the_guard_refuses_unequal_shapes(run_snippet: Run, framework: str) -> None:
    done = run_snippet(f"background/errata_broadcast_{framework}")
    with pytest.raises(ValueError, match="形状不同"):
        done.accuracy(done.predicted, done.target)


def test_the_figure_shows_the_table_that_numpy_broadcasts(run_snippet: Run) -> None:
    done = run_snippet("background/errata_broadcast_numpy")
    figure = (ROOT / "docs/assets/figures/errata-broadcast.svg").read_text("utf-8")
    cells = re.findall(r">([=≠])</text>", figure)
    expected = np.where(done.predicted == done.target, "=", "≠")
    assert cells == expected.ravel().tolist()


def test_the_exercises_numbers_follow_from_counting() -> None:
    predicted = np.repeat([0, 1], [36, 44])
    target = np.repeat([0, 1], [37, 43])[:, None]
    assert 100 * (predicted == target).sum() / 80 == 4030
    halves = np.arange(64)[:, None] % 2
    for size in (32, 64):
        guess = np.random.default_rng(size).integers(0, 2, size)
        equal = sum((guess == part).sum() for part in np.split(halves, 64 // size))
        assert 100 * equal / 64 == size * 50


# --- the mended programs --------------------------------------------------------------


def test_mended_accuracy_is_sklearns(after: tuple) -> None:
    for program in after:
        target = np.asarray(program.y[program.test])[:, 0]
        predicted = np.asarray(program.logits)[:, 0] > 0
        score = accuracy_score(target, predicted)
        assert score == program.correct / 80 == 0.9875
        assert "测试准确率：98.75（79/80）" in program.stdout_text


def test_the_mended_net_beats_its_baseline_and_a_linear_model_agrees(
    after: tuple,
) -> None:
    program = after[0]
    x, y = program.X.numpy(), program.y.numpy()[:, 0]
    linear = LogisticRegression().fit(x[program.train], y[program.train])
    assert value(program.stdout_text, "总猜多数类") == 53.75
    assert linear.score(x[program.test], y[program.test]) >= 0.96


def test_scaling_uses_the_training_rows_only(after: tuple) -> None:
    for program in after:
        x = np.asarray(program.X)
        np.testing.assert_allclose(x[:240].mean(axis=0), 0, atol=1e-6)
        np.testing.assert_allclose(x[:240].std(axis=0), 1, atol=1e-5)
        assert np.abs(x[240:].mean(axis=0)).max() > 0.01


def test_the_three_parts_are_disjoint_and_whole(after: tuple) -> None:
    for program in after:
        parts = [np.arange(400)[s] for s in (program.train, program.val, program.test)]
        np.testing.assert_array_equal(np.concatenate(parts), np.arange(400))


def test_both_frameworks_start_from_the_same_weights_and_stop_together(
    after: tuple,
) -> None:
    torch_run, keras_run = after
    np.testing.assert_array_equal(torch_run.w1, keras_run.w1)
    assert len(torch_run.val_losses) == len(keras_run.val_losses)


def test_both_frameworks_walk_the_same_path_epoch_by_epoch(after: tuple) -> None:
    torch_run, keras_run = after
    np.testing.assert_allclose(torch_run.val_losses, keras_run.val_losses, rtol=1e-3)


def test_both_frameworks_end_with_the_same_weights_and_logits(after: tuple) -> None:
    torch_run, keras_run = after
    pairs = zip(
        torch_weights(torch_run.model), keras_run.model.get_weights(), strict=True
    )
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, atol=1e-3)
    np.testing.assert_allclose(
        torch_run.logits.numpy(), keras_run.logits, atol=5e-3, rtol=1e-3
    )


def test_the_kept_weights_are_those_of_the_best_epoch(after: tuple) -> None:
    for program in after:
        x = np.asarray(program.X[program.val])
        y = np.asarray(program.y[program.val])[:, 0]
        weights = (
            torch_weights(program.model)
            if hasattr(program, "torch")
            else program.model.get_weights()
        )
        loss = log_loss(y, expit(forward(weights, x).astype(float)))
        assert loss == pytest.approx(min(program.val_losses), rel=1e-4)
        assert len(program.val_losses) == program.best_epoch + 10  # patience


def test_one_epoch_lowers_the_loss_of_the_initial_weights(
    after: tuple,
) -> None:
    program = after[0]
    x, y = program.X[program.val].numpy(), program.y[program.val].numpy()[:, 0]
    start = [program.w1, np.zeros(10), program.w2, np.zeros(1)]
    untrained = log_loss(y, expit(forward(start, x)))
    assert program.val_losses[0] < untrained


def test_saved_models_give_the_same_logits(after: tuple) -> None:
    for program in after:
        assert program.stdout_text.rstrip().endswith("最大差 < 1e-6： True")


def test_the_exported_graph_takes_any_number_of_rows(after: tuple) -> None:
    torch = importlib.import_module("torch")
    program = after[0]
    for rows in (program.X[:1], program.X[:7]):
        with torch.inference_mode():
            torch.testing.assert_close(program.restored(rows), program.model(rows))


# --- claims about the frameworks ------------------------------------------------------


def test_torchscript_warns_that_it_is_deprecated(run_snippet: Run) -> None:
    torch = importlib.import_module("torch")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        torch.jit.trace(torch.nn.Linear(8, 1), torch.zeros(1, 8))
    text = run_snippet("background/errata_graph_torch").stdout_text
    assert "DeprecationWarning: `torch.jit.trace` is deprecated" in text
    assert "torch.export 得到的图： linear" in text


def test_export_keeps_the_numbers(run_snippet: Run) -> None:
    torch = importlib.import_module("torch")
    done = run_snippet("background/errata_graph_torch")
    x = torch.arange(8.0)[None]
    assert torch.equal(done.program.module()(x), done.model(x))


def test_tensorflow_lite_points_to_litert(run_snippet: Run) -> None:
    tf = importlib.import_module("tensorflow")
    done = run_snippet("background/errata_lite_tf")
    with pytest.warns(UserWarning, match=r"(?s)LiteRT interpreter.*ai_edge_litert"):
        tf.lite.Interpreter(model_content=done.flatbuffer)
    assert "LiteRT interpreter" in done.stdout_text


def test_tensorflow_is_eager_and_its_keras_is_keras_3(run_snippet: Run) -> None:
    text = run_snippet("background/errata_lite_tf").stdout_text
    assert "默认即时执行： True" in text
    assert "tf.keras 就是 Keras 3： True；主版本 3" in text


def test_a_roc_curve_is_arrays_and_its_area_is_a_number() -> None:
    metrics = importlib.import_module("sklearn.metrics")
    y, score = np.array([0, 1, 0, 1]), np.array([0.1, 0.4, 0.5, 0.9])
    assert all(part.ndim == 1 for part in metrics.roc_curve(y, score))
    higher = (score[y == 1][:, None] > score[y == 0]).mean()
    assert metrics.roc_auc_score(y, score) == higher == 0.75


def test_keras_has_the_three_backends_that_the_page_names() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for backend in ("tensorflow", "jax", "torch"):
            assert importlib.util.find_spec(f"keras.src.backend.{backend}")
