"""Messages of Keras and TensorFlow: each raised anew, each mend by other means.

A printed message is held against one that the library raises for other numbers: the
words must be the same, and the numbers those of NumPy, PyTorch, or exact fractions.
"""

import builtins
import math
import re
import subprocess
import symtable
import sys
import traceback
import warnings
from fractions import Fraction
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from keras import layers
from scipy import signal, special

from tests.conftest import ROOT
from tests.printed import numbers

PAGE = ROOT / "docs/faq/keras-errors.md"
FIGURES = ROOT / "docs/assets/figures"
INVALID = tf.errors.InvalidArgumentError


@pytest.fixture
def shape(run_snippet):
    return run_snippet("faq/keras_errors_shape_tf").printed_by


@pytest.fixture
def loss(run_snippet):
    return run_snippet("faq/keras_errors_loss_tf").printed_by


@pytest.fixture
def fit(run_snippet):
    return run_snippet("faq/keras_errors_fit_tf").printed_by


@pytest.fixture
def build(run_snippet):
    return run_snippet("faq/keras_errors_model_tf").printed_by


@pytest.fixture
def files(run_snippet):
    return run_snippet("faq/keras_errors_save_tf").printed_by


@pytest.fixture
def tensor(run_snippet):
    return run_snippet("faq/keras_errors_tensor_tf").printed_by


@pytest.fixture
def graph(run_snippet):
    return run_snippet("faq/keras_errors_graph_tf").printed_by


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to write in, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def page():
    return PAGE.read_text(encoding="utf-8")


def entry(slug):
    """What the page says under one heading."""
    after = page().split(f"{{ #{slug} }}\n")[1]
    return re.split(r"^##", after, flags=re.M)[0]


def drawn(name):
    """The words of a figure, one after another."""
    text = (FIGURES / f"keras-errors-{name}.svg").read_text(encoding="utf-8")
    text = re.sub(r"<title.*</title>", "", text)
    return [x.strip() for x in re.findall(r">([^<>]+)</text>", text)]


def raised_by(call, kind=ValueError):
    """What the call raises, 「Type: message」, on one line and without colours."""
    with warnings.catch_warnings(), pytest.raises(kind) as caught:
        warnings.simplefilter("ignore")
        call()
    text = re.sub(r"\x1b\[\d+m", "", str(caught.value))
    return f"{caught.type.__name__}: " + " ".join(text.split())


def words(message):
    """A message without its numbers and without the blanks between them."""
    return re.sub(r"\s+", " ", re.sub(r"\d+", "#", message))


def whole(text):
    return [int(n) for n in re.findall(r"\d+", text)]


def said_too(printed, other):
    """The printed sentence stands in the other message, but for numbers; same type."""
    kind, sentence = printed.split(": ", 1)
    return other.startswith(kind + ": ") and words(sentence) in words(other)


def net(inputs, *stack):
    return keras.Sequential([keras.Input(inputs), *stack])


def trained(model, loss, x, y, **settings):
    """The loss of one epoch of a model that is compiled for it."""
    model.compile("sgd", loss, **settings)
    return model.fit(x, y, verbose=0).history["loss"][0]


def entropy(n):
    """The cross-entropy of n classes of one logit, by SciPy."""
    return -special.log_softmax(np.zeros(n))[0]


# --- the shape of what goes in --------------------------------------------------------


def test_a_layer_names_the_width_it_wants_and_the_one_it_got(shape):
    first, second = shape["axis-value"].splitlines()
    other = net((7,), layers.Dense(2, name="dense"))
    assert said_too(first, raised_by(lambda: other(np.zeros((3, 6)))))
    assert whole(first.split("layer 'dense'")[1]) == [1, 3, 4, 5]
    kernel = np.zeros((5, 1))
    out = np.zeros((4, 5)) @ kernel
    assert second == f"修好： {out.shape} 权重： {kernel.shape}"
    said = entry("axis-value")
    assert f"权重成了 `{kernel.shape}`" in said and f"输出是 `{out.shape}`" in said


def test_a_picture_of_twice_the_side_has_four_times_the_numbers():
    told = entry("axis-value")
    wants, came = whole(re.search(r"要 \d+，送来的却是 \d+", told)[0])
    small, _, big, _ = whole(re.search(r"按 \d+×\d+ 建，图却是 \d+×\d+", told)[0])
    assert (wants, came) == (small**2, big**2) and came == 4 * wants
    assert "恰是 4 倍" in told
    answer = page().split("{ #exercises }")[1]
    assert f"$64\\times64\\times3={64 * 64 * 3}$" in answer
    assert f"$49152={128 * 128 * 3 // (64 * 64 * 3)}\\times12288$" in answer
    model = net((64, 64, 3), layers.Flatten(), layers.Dense(10))
    said = raised_by(lambda: model(np.zeros((1, 128, 128, 3))))
    assert "to have value 12288" in said and "shape (1, 49152)" in said


def test_a_sequence_and_a_picture_need_their_last_axis(shape):
    lstm, good, conv, fine = shape["expected-ndim"].splitlines()
    assert said_too(lstm, raised_by(lambda: layers.GRU(1)(np.zeros((2, 9)))))
    other = layers.SeparableConv2D(1, 3)
    assert said_too(conv, raised_by(lambda: other(np.zeros((2, 9, 9)))))
    assert whole(lstm) == [3, 2, 4, 7] and whole(conv) == [4, 3, 4, 28, 28]
    steps, _ = torch.nn.LSTM(1, 2, batch_first=True)(torch.zeros(4, 7, 1))
    assert good == f"修好： {tuple(steps.shape)}"
    assert f"`{tuple(steps.shape)}` 里的 7 说明它走了 7 步" in entry("expected-ndim")
    once = layers.LSTM(2, return_sequences=True)(np.zeros((4, 7))[:, None])
    assert tuple(once.shape) == (4, 1, 2)  # the wrong mend
    side = signal.correlate2d(np.zeros((28, 28)), np.zeros((3, 3)), "valid").shape
    assert fine == f"修好： {(4, *side, 2)}"


def test_a_model_with_an_input_adds_the_channel_itself():
    model = net((28, 28, 1), layers.Conv2D(3, 5))
    assert model(np.zeros((4, 28, 28))).shape == (4, 24, 24, 3)
    assert "Keras 会替你补上末尾的 1" in entry("expected-ndim")


def test_one_picture_is_taken_for_a_batch_of_rows(shape):
    first, second, third, fourth = shape["one-sample"].splitlines()
    other = net((9, 9, 1), layers.Conv2D(1, 5))
    said = raised_by(lambda: other.predict(np.zeros((9, 9, 1)), verbose=0))
    assert said_too(first, said)
    assert "input shapes: [9,9,1,1], [5,5,1,1]" in said
    assert whole(first) == [3, 1]
    side = signal.correlate2d(np.zeros((28, 28)), np.zeros((3, 3)), "valid").shape
    assert second == f"修好： {(1, *side, 1)}"
    rows = net((6,), layers.Dense(1))
    said = raised_by(lambda: rows.predict(np.zeros(6), verbose=0))
    assert said_too(third, said) and whole(third) == [3, 3]
    assert fourth == f"修好： {(np.zeros((1, 3)) @ np.zeros((3, 1))).shape}"
    data = tf.data.Dataset.from_tensor_slices(np.zeros((4, 6)))
    assert "has incompatible shape (6,)" in raised_by(
        lambda: rows.predict(data, verbose=0)
    )
    assert rows.predict(data.batch(3), verbose=0).shape == (4, 1)
    cells = [int(x) for x in drawn("batch") if x.isdigit()]
    assert cells == [28, 28, 1, 1, 1, 28, 28, 1]


def test_the_sixth_halving_of_32_leaves_nothing():
    def halved(times):
        return net((32, 32, 1), *(layers.MaxPooling2D() for _ in range(times)))

    assert halved(5).output_shape == (None, 1, 1, 1)
    said = raised_by(lambda: halved(6))
    assert "Computed output size would be zero or negative" in said
    assert "第六次就没有了" in entry("one-sample")


def test_broadcasting_aligns_the_last_axes(shape):
    first, second = shape["incompatible-shapes"].splitlines()
    said = raised_by(lambda: tf.zeros((2, 5)) + tf.zeros(2), INVALID)
    assert said_too(first, said) and whole(first) == [4, 3, 4]
    fixed = np.ones((4, 3)) * np.arange(4.0).reshape(4, 1)
    assert second == f"修好： {fixed[:, 0].tolist()}"
    said = raised_by(lambda: tf.zeros((2, 3)) @ tf.zeros((4, 5)), INVALID)
    assert "Matrix size-incompatible" in said
    assert "`Matrix size-incompatible`" in entry("incompatible-shapes")
    model = net((4,), layers.Dense(2))
    said = raised_by(lambda: trained(model, "mse", np.zeros((5, 4)), np.zeros((5, 3))))
    told = "Dimensions must be equal, but are 3 and 2"
    assert f"{told} for '{{{{node compile_loss/" in said
    assert f"`{told}`" in entry("incompatible-shapes")


# --- labels and losses ----------------------------------------------------------------


def test_numbers_and_one_hot_labels_each_have_their_loss(loss):
    first, second, third, fourth = loss["same-rank"].splitlines()
    y, x = np.array([1, 0]), np.zeros((2, 4))

    def model():
        return net((4,), layers.Dense(2, activation="softmax"))

    dense, sparse = (f"{s}categorical_crossentropy" for s in ("", "sparse_"))
    said = raised_by(lambda: trained(model(), dense, x, y))
    assert said_too(first, said) and whole(first) == [3]
    said = raised_by(lambda: trained(model(), sparse, x, np.eye(2)))
    assert said_too(second, said) and whole(second) == [1, 3, 3]
    for line, name in ((third, sparse), (fourth, dense)):
        assert line.startswith(f"修好：{name}，")
        assert numbers(line) == pytest.approx([entropy(3)], abs=5.1e-5)
    said = raised_by(lambda: trained(model(), dense, x, y[:, None]))
    assert "must have the same shape" in said  # a column of numbers: the next entry
    assert "`(N, 1)` 的一列编号" in entry("same-rank")


def test_two_classes_are_one_column_or_two(loss):
    first, second, third = loss["same-shape"].splitlines()
    y, x = np.zeros((3, 1)), np.zeros((3, 4))
    model = net((4,), layers.Dense(5))
    said = raised_by(lambda: trained(model, "binary_crossentropy", x, y))
    assert said_too(first, said) and whole(first) == [1, 2]
    assert second.startswith("修好，一列：") and third.startswith("修好，两列：")
    for line in (second, third):
        assert numbers(line) == pytest.approx([entropy(2)], abs=5.1e-5)


@pytest.mark.parametrize("columns", [2, 5])
def test_one_hot_labels_make_each_column_a_question_of_its_own(columns):
    rng = np.random.default_rng(1)  # far apart by weights of a size of 1
    x, weight = rng.normal(size=(6, 4)), rng.normal(size=(4, columns))
    labels = np.eye(columns)[np.arange(6) % columns]
    model = net((4,), layers.Dense(columns, activation="softmax"))
    model.set_weights([weight, np.zeros(columns)])
    value = trained(model, "binary_crossentropy", x, labels)
    z = x @ weight
    apart = -(labels * special.log_expit(z) + (1 - labels) * special.log_expit(-z))
    one_of_all = -(labels * special.log_softmax(z, axis=1)).sum(axis=1)
    assert value == pytest.approx(apart.mean(), rel=1e-4)
    assert abs(value - one_of_all.mean()) > 0.05
    assert "取每列的原始得分各过一次 sigmoid，两列各学各的" in entry("same-shape")


def test_the_first_loss_of_one_hot_labels_is_that_of_two_classes():
    for columns in (2, 5):
        model = net((4,), layers.Dense(columns, activation="softmax"))
        labels = np.eye(columns)
        value = trained(model, "binary_crossentropy", np.zeros((columns, 4)), labels)
        assert value == pytest.approx(entropy(2), abs=1e-6)  # nothing is said
    assert f"第一个损失也是 {value:.4f}" in entry("same-shape")
    text = page().split("{ #exercises }")[1]
    assert f"①③ 的损失是 $\\ln5\\approx{entropy(5):.2f}$" in text
    assert f"④ 是 $\\ln2\\approx{value:.2f}$" in text


def test_a_label_outside_the_classes_is_named(loss):
    first, second, third = loss["label-range"].splitlines()
    sparse = "sparse_categorical_crossentropy"
    x = np.zeros((2, 4))
    for wrong in (5, -1):
        model = net((4,), layers.Dense(5, activation="softmax"))
        said = raised_by(
            lambda m=model, w=wrong: trained(m, sparse, x, np.array([0, w])), INVALID
        )
        assert f"a label value of {wrong} which is outside" in said
    assert words(first.split(": ", 1)[1]).replace("#", "-#", 1) in words(said)
    assert whole(first) == [3, 0, 3]
    codes = np.unique([1, 2, 3, 1], return_inverse=True)[1]
    assert second == f"修好，标签： {codes.tolist()}"
    assert numbers(third) == pytest.approx([entropy(3)], abs=5.1e-5)
    model = net((4,), layers.Dense(3, activation="softmax"))
    merged = np.clip([1, 2, 3, 1], 0, 2)  # the wrong mend has this loss, too
    value = trained(model, sparse, np.zeros((4, 4)), merged)
    assert value == pytest.approx(entropy(3), abs=1e-6)
    assert f"第一个损失却还是 {value:.4f}" in entry("label-range")
    again = np.unique([10, 40, 10, 25], return_inverse=True)[1]
    assert again.tolist() == [0, 2, 0, 1]
    assert "np.unique(y, return_inverse=True)[1]" in entry("label-range")


def test_tensorflow_says_that_a_card_keeps_silent():
    doc = " ".join(tf.nn.sparse_softmax_cross_entropy_with_logits.__doc__.split())
    assert "return `NaN` for corresponding loss and gradient rows on GPU" in doc
    doc = " ".join(tf.gather.__doc__.split())
    assert "On GPU, if an out of bound index is found, a 0 is stored" in doc
    assert "损失与梯度是 NaN" in entry("label-range")
    assert "显卡上越界不报错，取到的是 0" in entry("embedding-range")


def test_a_card_in_the_machine_means_xla_even_on_the_processor(monkeypatch):
    def chosen():
        model = net((3,), layers.Dense(1))
        model.compile("sgd", "mse")
        return model.jit_compile

    def found(*kinds):
        devices = [SimpleNamespace(device_type=kind) for kind in kinds]
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda *_: devices)

    found("CPU")  # as with CUDA_VISIBLE_DEVICES=-1
    assert not chosen()
    found("CPU", "GPU")
    with tf.device("CPU"):
        assert chosen()
    assert '`tf.device("CPU")` 不够' in entry("embedding-range")


def test_the_end_of_a_graph_error_is_after_its_last_empty_line():
    model = net((4,), layers.Dense(2, activation="softmax"))
    sparse = "sparse_categorical_crossentropy"
    with pytest.raises(INVALID) as caught:
        trained(model, sparse, np.zeros((2, 4)), np.array([0, 9]))
    first, _, last = str(caught.value).rpartition("\n\n")
    assert "Graph execution error" in first
    assert last.startswith("Received a label value of 9")
    assert "最后一个空行之后的一句" in page().split("{ #read }")[1]


def test_the_hidden_layers_of_a_traceback_can_be_shown():
    def frames():
        try:
            net((3,), layers.Dense(1))(np.zeros((4, 5)))
        except ValueError as error:
            return len(traceback.extract_tb(error.__traceback__))

    few = frames()
    keras.config.disable_traceback_filtering()
    try:
        assert frames() > few
    finally:
        keras.config.enable_traceback_filtering()
    assert "`keras.config.disable_traceback_filtering()`" in page()


def test_running_eagerly_takes_the_paths_away():
    x, y = np.zeros((2, 4)), np.array([0, 9])
    sparse = "sparse_categorical_crossentropy"

    def said(**settings):
        model = net((4,), layers.Dense(2, activation="softmax"))
        return raised_by(lambda: trained(model, sparse, x, y, **settings), INVALID)

    assert "Graph execution error" in said() and ".py" in said()
    assert "Graph execution error" not in said(run_eagerly=True)
    assert ".py" not in said(run_eagerly=True)


def test_the_losses_are_drawn_with_their_labels():
    shown = drawn("loss")
    places = [shown.index(x) for x in ("编号 (N,)", "独热 (N, C)", "是非 (N, 1)")]
    names = [shown[p + 3] for p in places]
    assert names == [
        "sparse_categorical_crossentropy",
        "categorical_crossentropy",
        "binary_crossentropy",
    ]
    assert [shown[p + 2] for p in places] == [
        "Dense(C), softmax",
        "Dense(C), softmax",
        "Dense(1), sigmoid",
    ]
    ids = [int(n) for n in shown[places[0] + 1].split(", ")]
    one_hot = np.eye(3, dtype=int)[ids]
    assert shown[places[1] + 1] == ", ".join("".join(map(str, r)) for r in one_hot)


# --- fit and its data -----------------------------------------------------------------


def test_a_model_is_compiled_with_a_loss_before_it_is_trained(fit, folder):
    first, second, third = fit["compile"].splitlines()
    x, y = np.zeros((2, 4)), np.zeros((2, 1))
    model = net((4,), layers.Dense(1))
    assert first == raised_by(lambda: model.evaluate(x, y, verbose=0))
    assert model.predict(x, verbose=0).shape == (2, 1)  # needs no loss
    model.compile("adam")
    assert second == raised_by(lambda: model.fit(x, y, verbose=0))
    assert third == f"修好，走了几步： {-(-4 // 32)}"
    model.compile("adam", "mse")
    model.save("m.keras")
    again = keras.models.load_model("m.keras", compile=False)
    assert first == raised_by(lambda: again.fit(x, y, verbose=0))


def test_features_and_labels_have_as_many_rows(fit):
    first, second = fit["cardinality"].splitlines()
    model = net((4,), layers.Dense(1))
    said = raised_by(lambda: trained(model, "mse", np.zeros((5, 4)), np.zeros(6)))
    assert said_too(first, said) and whole(first) == [3, 4]
    table = np.array([[0, 1, 2], [3, 4, np.nan], [6, 7, 8], [9, 8, 7]])
    kept = [i for i, row in enumerate(table.tolist()) if not math.isnan(sum(row))]
    labels = [float(i) for i in kept]
    assert second == f"修好，几行： {len(kept)} 标签： {labels}"
    assert f"留下的标签是 {'、'.join(map(str, kept))}。" in entry("cardinality")
    pictures = [np.zeros(4)] * 3
    said = raised_by(lambda: trained(model, "mse", pictures, np.zeros(3)))
    assert "'x' sizes: 4, 4, 4 " in said
    assert "`'x' sizes: 80, 80, 80`" in entry("cardinality")
    mnist = keras.datasets.mnist.load_data.__doc__.replace(",", "")
    assert "60000" in mnist and "10000" in mnist
    assert "60000 与 10000" in entry("cardinality")


def test_a_list_means_several_inputs_and_the_message_may_name_the_other(fit):
    first, second, third = fit["unrecognized-data"].splitlines()
    model = net((2,), layers.Dense(1))
    said = raised_by(lambda: trained(model, "mse", [[5.0, 6]], [7.0]))
    assert words(first.replace("1.0, 2, 3", "5.0, 6")) == words(said)
    said = raised_by(lambda: trained(model, "mse", np.array([[5.0, 6]]), [7.0]))
    assert second.endswith("(of type <class 'numpy.ndarray'>)")
    assert words(second.replace("1. 2. 3.", "5. 6.")) == words(said)
    assert third == "修好，走了几步： 1"
    assert "走了 1 步" in entry("unrecognized-data")


def test_a_table_of_pandas_is_fit_as_it_is():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"a": [0.0, 0], "b": [0.0, 0]})
    model = net((2,), layers.Dense(1))
    assert trained(model, "mse", table, pandas.Series([1.0, 1])) == pytest.approx(1)


def test_an_array_of_objects_is_no_tensor(fit):
    first, second, third = fit["object-type"].splitlines()
    for wrong, kind in (
        ([[1, 2, 3], [4]], "list"),
        ([np.zeros(2), np.zeros(3)], "numpy.ndarray"),
        ([1, None], "int"),
        ([1.0, None], "float"),
        ([None, 1], "NoneType"),
    ):
        said = raised_by(lambda w=wrong: tf.constant(np.array(w, dtype=object)))
        assert f"(Unsupported object type {kind})" in said
        assert f"`{kind}`" in entry("object-type")
        if kind == "list":
            assert said == first
    assert "`[1, None]` 写的是 `int`" in entry(
        "object-type"
    )  # of the cell that is right
    model = net((3,), layers.Dense(1))
    gap = np.array([[1, 2, None]], dtype=object)
    assert second == raised_by(lambda: trained(model, "mse", gap, np.zeros(1)))
    text = np.array([["1", "2", "3"]])
    said = raised_by(lambda: trained(model, "mse", text, np.zeros(1)))
    assert re.fullmatch(r"ValueError: Invalid dtype: str\d+", said)
    assert np.isnan(gap.astype("float32")).any()  # says nothing
    padded = torch.nn.utils.rnn.pad_sequence(
        [torch.tensor(r) for r in ([1, 2, 3], [4])], batch_first=True
    )
    assert third == f"修好： int32 {padded.tolist()} 走了几步： 1"
    assert keras.utils.pad_sequences([[1, 2], [3]]).tolist() == [[1, 2], [0, 3]]


def test_where_an_array_of_objects_comes_from():
    pandas = pytest.importorskip("pandas")
    rows, said = [[1, 2], [3]], entry("object-type")
    for call, told in (
        (lambda: np.array(rows), "inhomogeneous shape"),
        (
            lambda: tf.constant(rows),
            "Can't convert non-rectangular Python sequence to Tensor",
        ),
    ):
        assert told in raised_by(call) and f"`{told}`" in said
    table = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert np.array([1, None]).dtype == table.values.dtype == object
    assert np.array([1, "a"]).dtype != object


def test_a_short_dataset_is_a_warning_and_fewer_steps():
    data = tf.data.Dataset.from_tensor_slices((np.zeros((4, 3)), np.zeros((4, 1))))
    model = net((3,), layers.Dense(1))
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="Your input ran out of data"):
        model.fit(data.batch(2), steps_per_epoch=5, epochs=3, verbose=0)
    assert model.optimizer.iterations == 2 * 3  # of 5 * 3
    assert "`Your input ran out of data`" in page().split("{ #pitfalls }")[1]


# --- building, and old programs -------------------------------------------------------


def test_a_model_that_is_not_built_shows_it_in_its_summary(capsys):
    keras.Sequential([layers.Dense(1)]).summary()
    assert "0 (unbuilt)" in capsys.readouterr().out
    assert "`0 (unbuilt)`" in entry("not-built")


def test_without_an_input_there_are_no_parameters(build, folder):
    first, second, third = build["not-built"].splitlines()
    other = keras.Sequential([layers.Dense(3)], name="net")
    assert raised_by(other.count_params).startswith(first + ". ")
    assert second == "不报错，却是空的： []"
    assert third == f"修好： {torch.nn.Linear(3, 1).weight.numel() + 1}"
    assert "参数是 $3+1=4$ 个" in entry("not-built")
    with pytest.warns(UserWarning, match="has not yet been built"):
        other.save("empty.keras")
    again = keras.models.load_model("empty.keras")
    assert again.get_weights() == [] and not again.built
    with pytest.warns(UserWarning, match="Do not pass an `input_shape`"):
        old = keras.Sequential([layers.Dense(1, input_shape=(3,))])
    assert old.count_params() == 4


def test_a_placeholder_goes_only_through_keras(build):
    first, second = build["keras-tensor"].splitlines()
    x = keras.Input((2, 2))
    assert raised_by(lambda: tf.nn.relu(x)).startswith(first + ". ")
    assert second == f"修好： {[float(np.mean([1, 2, 6]))]}"
    said = raised_by(lambda: np.sum(x))
    assert "A KerasTensor is symbolic" in said
    said = raised_by(lambda: bool(x), TypeError)
    assert "`A symbolic KerasTensor cannot be used as a boolean`" in entry(
        "keras-tensor"
    )
    assert said == "TypeError: A symbolic KerasTensor cannot be used as a boolean."


def test_a_sequential_model_takes_layers_only(build):
    first, second = build["not-a-layer"].splitlines()
    for wrong, kind in ((np.tanh, "ufunc"), (layers.Dense, "type"), ([], "list")):
        said = raised_by(lambda w=wrong: keras.Sequential([w]))
        assert said.startswith(first + ". Received: ") and f"{kind}'>)" in said
    said = raised_by(lambda: keras.Sequential([lambda x: x]))
    assert "(of type <class 'function'>)" in said
    assert second == f"修好： {[np.maximum([-1.0, 2], 0).tolist()]}"


def test_an_optimizer_knows_the_parameters_it_was_built_with(build):
    first, second, third = build["unknown-variable"].splitlines()
    assert first == "第一个模型，步数： 1" and third == "修好，步数： 1"
    x, y = np.ones((2, 4)), np.ones((2, 1))

    def both(optimizer):
        base = net((4,), layers.Dense(2, name="dense"))
        base.trainable = False
        model = keras.Sequential([base, layers.Dense(1)])
        for free in (False, True):
            base.trainable = free
            model.compile(optimizer, "mse")
            model.fit(x, y, verbose=0)
        return int(model.optimizer.iterations)

    said = raised_by(lambda: both(keras.optimizers.Adam()))
    assert re.sub(r"path=\w+/", "path=second/", said).startswith(
        second.replace("(3, 1)", "(4, 2)") + ". "
    )
    assert both("adam") == 1  # a new one each time
    assert "解冻以后，用原来的优化器重新 `compile`" in entry("unknown-variable")
    base = net((4,), layers.Dense(2))
    base.trainable = False
    model = keras.Sequential([base, layers.Dense(1)])
    trained(model, "mse", x, y)
    base.trainable = True
    before = base.get_weights()
    model.fit(x, y, verbose=0)  # not compiled anew: nothing is said, nothing learnt
    for a, b in zip(before, base.get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_old_names_are_gone_and_one_is_only_ignored(build):
    lines = build["old-names"].splitlines()
    model = net((1,))
    for line, name in ((lines[1], "fit_generator"), (lines[2], "predict_classes")):
        assert line == raised_by(lambda n=name: getattr(model, n), AttributeError)
    said = raised_by(lambda: exec("from keras.utils import np_utils"), ImportError)
    assert lines[0] == said.split(" (")[0]
    assert not hasattr(keras.utils, "np_utils")
    said = raised_by(lambda: keras.optimizers.SGD(lr=0.1))
    assert lines[3] == said
    with pytest.warns(UserWarning) as caught:
        lazy = keras.optimizers.Adam(0.1, decay=0.5)
    assert lines[4] == f"只有一条警告： {caught[0].message}"
    v = keras.Variable(1.0)
    for _ in range(3):
        lazy.apply([tf.constant(1.0)], [v])
    assert float(lazy.learning_rate) == pytest.approx(0.1)  # as at the start
    slow = Fraction(1, 10) / (1 + Fraction(1, 100) * 100)
    assert lines[5] == f"旧写法，第 100 步的学习率：{float(Fraction(1, 10)):.2f}"
    assert lines[6] == f"修好，第 100 步的学习率：{float(slow):.2f}"
    assert f"$0.1/(1+0.01\\times100)={float(slow):.2f}$" in entry("old-names")


def test_the_new_names_do_what_the_old_ones_did():
    table = re.findall(r"^\| `(.+?)` \| `(.+?)` \|$", entry("old-names"), flags=re.M)
    (one_column,) = re.findall(r"^\| 同上，末层只有一列 \| `(.+?)` \|$", page(), re.M)
    new = dict(table)
    x = np.array([[1.0, 2], [3, -4], [-1, 1]])
    for classes, way in ((3, new["predict_classes(x)"]), (1, one_column)):
        model = net((2,), layers.Dense(classes))

        def predict(values, model=model):
            return model.predict(values, verbose=0)

        by_hand = x @ model.get_weights()[0]
        by_hand = by_hand.argmax(axis=1) if classes > 1 else by_hand > 0.5
        assert np.array_equal(eval(way, {"x": x, "predict": predict}), by_hand)
    assert callable(getattr(model, new["fit_generator"]))
    adam = eval(f"Adam({new['Adam(lr=0.1)']})", dict(vars(keras.optimizers)))
    assert float(adam.learning_rate) == pytest.approx(0.1)
    slower = getattr(keras.optimizers.schedules, new["SGD(…, decay=0.01)"])
    assert float(slower(0.1, 1, 0.01)(100)) == pytest.approx(0.05)
    assert new["np_utils"] == "keras.utils"


def test_two_lines_let_an_old_program_run():
    two = ["import tensorflow.compat.v1 as tf", "tf.disable_v2_behavior()"]
    old = ["a = tf.placeholder(tf.float32)", "print(tf.Session().run(2 * a, {a: 3.0}))"]
    assert all(f"`{line}`" in entry("placeholder") for line in two)
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(two + old)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[-1] == "6.0"


def test_names_of_the_first_tensorflow_are_gone(build):
    *old, new, borrowed = build["placeholder"].splitlines()
    for line, name in zip(old, ("placeholder", "Session", "contrib"), strict=True):
        assert line == raised_by(lambda n=name: getattr(tf, n), AttributeError)
    assert new == f"TensorFlow 2 的写法： {2 * 3.0}"
    assert borrowed == f"借旧接口： {2 * 3.0}"
    assert not hasattr(tf.compat.v1, "contrib")


# --- files ----------------------------------------------------------------------------


def test_the_suffix_says_the_format(files, folder):
    first, second, third = files["extension"].splitlines()
    model = net((2,), layers.Dense(1))
    assert raised_by(lambda: model.save("m.h6")).startswith(first + ". ")
    said = raised_by(lambda: model.save_weights("w.keras"))
    assert said.startswith(second + ". ")
    assert third.startswith("修好，读回的输出相等：")
    said = raised_by(lambda: keras.callbacks.ModelCheckpoint("best"))
    assert "must end in `.keras`" in said


def test_what_is_read_back_computes_what_was_saved(run_snippet):
    left = run_snippet("faq/keras_errors_save_tf")
    weight, bias = left.model.get_weights()
    by_hand = left.x @ weight + bias
    for read in (left.again, left.layer):  # of .keras, and of the folder
        assert np.allclose(read(left.x), by_hand, rtol=1e-5, atol=1e-5)
    assert left.again is not left.model
    for slug in ("extension", "legacy"):
        assert left.printed_by[slug].splitlines()[-1].endswith(" True")


def test_a_folder_is_not_loaded_but_wrapped(files, folder):
    first, second, third = files["legacy"].splitlines()
    tf.saved_model.save(tf.Module(), "old")
    for path in ("old", "missing"):
        said = raised_by(lambda p=path: keras.models.load_model(p))
        assert said_too(first.replace("folder", path), said)
    assert "The legacy SavedModel".lower() in said.lower()
    assert "serving_default" in said and "`serving_default`" in entry("legacy")
    said = raised_by(lambda: keras.models.load_model("gone.keras"))
    assert said.startswith(second.replace("typo", "gone") + ". ")
    raised_by(lambda: keras.models.load_model("gone.h5"), FileNotFoundError)
    assert third.startswith("修好，输出相等：")
    model = net((2,), layers.Dense(3))
    model.export("new", verbose=False)
    x = tf.constant([[1.0, 2]])
    loaded = tf.saved_model.load("new")
    by_hand = x.numpy() @ model.get_weights()[0]
    assert np.allclose(loaded.serve(x), by_hand, atol=1e-6)
    assert "Keras 3 导出的入口叫 `serve`" in entry("legacy")
    model.save("loose", zipped=False)
    again = keras.models.load_model("loose")
    assert np.array_equal(again.get_weights()[0], model.get_weights()[0])
    assert "`save(…, zipped=False)` 写的文件夹" in entry("legacy")


class Shift(layers.Layer):
    def __init__(self, by):  # no **kwargs
        super().__init__()
        self.by = by

    def call(self, x):
        return x + self.by


def test_a_class_of_one_s_own_is_named_when_reading(files, folder):
    first, second, third = files["custom-layer"].splitlines()
    net((2,), Shift(1.0)).save("m.keras")
    said = raised_by(lambda: keras.models.load_model("m.keras"), TypeError)
    assert said_too(first, said) and said_too(second.replace("Scale", "Shift"), said)
    assert third == f"修好： {(np.arange(1.0, 4) + np.arange(1.0, 4)).tolist()}"
    own = {"Shift": Shift}
    said = raised_by(
        lambda: keras.models.load_model("m.keras", custom_objects=own), TypeError
    )
    assert "unexpected keyword argument 'trainable'" in said
    assert "`unexpected keyword argument 'trainable'`" in entry("custom-layer")


def test_a_class_is_registered_before_it_is_saved(files, folder):
    class Twice(layers.Layer):
        def call(self, x):
            return 2 * x

    net((2,), Twice()).save("before.keras")
    keras.saving.register_keras_serializable()(Twice)
    net((2,), Twice()).save("after.keras")
    try:
        said = raised_by(lambda: keras.models.load_model("before.keras"), TypeError)
        again = keras.models.load_model("after.keras")
        assert np.array_equal(again(np.ones((1, 2))), [[2, 2]])
    finally:
        keras.saving.get_custom_objects().pop("Custom>Twice")
    second = files["custom-layer"].splitlines()[1]
    assert said_too(second.replace("Scale", "Twice"), said)
    assert "登记的名字却是 `Custom>Scale`" in entry("custom-layer")


def test_weights_of_another_shape_are_not_read(files, folder):
    first, second, third, fourth = files["load-weights"].splitlines()
    old = net((5,), layers.Dense(3, name="a"), layers.Dense(7, name="b"))
    old.save_weights("old.weights.h5")
    new = net((5,), layers.Dense(3, name="x"), layers.Dense(6, name="y"))
    said = raised_by(lambda: new.load_weights("old.weights.h5"))
    assert said_too(first, said) and said_too(second, said)
    assert whole(second) == [4, 2, 4, 10]
    assert np.array_equal(new.get_weights()[0], old.get_weights()[0])  # read before
    assert "对得上的层已经读进去了" in entry("load-weights")
    part = net((5,), layers.Dense(3), layers.Dense(6))
    before = part.get_weights()[::2]
    with pytest.warns(UserWarning, match="objects could not be loaded"):
        part.load_weights("old.weights.h5", skip_mismatch=True)
    now = part.get_weights()[::2]
    read = [not np.array_equal(a, b) for a, b in zip(before, now, strict=True)]
    assert [third, fourth] == [f"第 {i} 层读进去了：{r}" for i, r in enumerate(read, 1)]
    assert np.array_equal(now[0], old.get_weights()[0])
    ours, theirs = whole(second)[1::2]
    assert f"末层 {ours} 类对 {theirs} 类" in entry("load-weights")
    assert whole(first) == [1]
    same = net((5,), layers.Dense(3, name="q"), layers.Dense(7, name="p"))
    same.load_weights("old.weights.h5")  # names do not matter
    for a, b in zip(old.get_weights(), same.get_weights(), strict=True):
        assert np.array_equal(a, b)
    longer = net((5,), layers.Dense(3), layers.Dense(7), layers.Dense(1))
    said = raised_by(lambda: longer.load_weights("old.weights.h5"))
    assert "expected 2 variables, but received 0 variables" in said
    other = net((4,), layers.Dense(2), layers.Dense(6))
    before = other.get_weights()
    with pytest.warns(UserWarning, match="objects could not be loaded"):
        other.load_weights("old.weights.h5", skip_mismatch=True)
    for a, b in zip(before[::2], other.get_weights()[::2], strict=True):
        assert np.array_equal(a, b)  # nothing was read


def test_the_drawn_files_are_those_that_keras_writes(folder):
    shown = drawn("files")
    rows = [shown[i : i + 4] for i in (3, 7, 11)]
    model, x = net((2,), layers.Dense(1)), np.ones((1, 2), "float32")
    readers = {
        "load_weights": model.load_weights,
        "load_model": keras.models.load_model,
        "TFSMLayer": lambda path: layers.TFSMLayer(path, call_endpoint="serve"),
    }
    before = model(x).numpy()
    for writer, name, _, reader in rows:
        getattr(model, writer)(name)
        again = readers.pop(reader)(name) or model  # load_weights gives None
        assert np.allclose(again(x), before, atol=1e-6)
    assert not readers and (folder / "folder").is_dir()


# --- tensors --------------------------------------------------------------------------


def test_tensorflow_does_not_change_types(tensor):
    first, second = tensor["tf-dtype"].splitlines()
    said = raised_by(lambda: tf.constant([3]) * tf.constant([2.0]), INVALID)
    assert said_too(first, said)
    for call, name in (
        (lambda: tf.constant([3]) + tf.constant([2.0]), "AddV2"),
        (lambda: tf.constant([3]) - tf.constant([2.0]), "Sub"),
    ):
        assert f"cannot compute {name} as" in raised_by(call, INVALID)
        assert f"`{name}`" in entry("tf-dtype")
    assert second == f"修好： {(np.array([1, 2]) * np.array([0.5, 1.5])).tolist()}"
    product = tf.function(lambda a, b: a * b)
    said = raised_by(lambda: product(tf.constant(1.0), tf.constant(1)), TypeError)
    told = "has type int32 that does not match type float32"
    assert told in said and f"`{told}`" in entry("tf-dtype")
    said = raised_by(lambda: tf.constant([1]) * 0.5, TypeError)
    told = said.removeprefix("TypeError: ")
    assert told == "Cannot convert 0.5 to EagerTensor of dtype int32"
    assert f"`{told}`" in entry("tf-dtype")


def test_a_tensor_is_not_changed_and_a_variable_is(tensor):
    first, second, third = tensor["assignment"].splitlines()

    def put(place):
        place[0] = 1.5

    assert first == raised_by(lambda: put(tf.zeros(2)), TypeError)
    said = raised_by(lambda: put(tf.Variable([0.0])), TypeError)
    assert "'ResourceVariable' object does not support item assignment" in said
    changed = np.array([1, 2])
    changed[0] = 3
    assert second == f"修好： {changed.tolist()} 原来的： {[1, 2]}"
    assert third == f"变量可以改： {changed.tolist()}"


def test_a_number_beyond_the_table_is_named_and_minus_one_is_not(tensor):
    first, second, third, fourth = tensor["embedding-range"].splitlines()
    table = layers.Embedding(6, 3)
    said = raised_by(lambda: table(np.array([[1, 2, 7]])), INVALID)
    assert said_too(first, said) and whole(first) == [0, 1, 10, 0, 10]
    assert second == "最大的编号： 10 词表： 10"
    assert third.startswith("修好：")
    assert fourth == "编号 -1 不报错，取到最后一行： True"
    (weights,) = table.get_weights()
    assert np.array_equal(table(np.array([-1, -2])), weights[[-1, -2]])
    compiled = tf.function(table, jit_compile=True)  # XLA: the last row, and no word
    assert np.array_equal(compiled(tf.constant([7, 2])), weights[[5, 2]])
    model = net((1,), layers.Embedding(6, 3), layers.Flatten(), layers.Dense(1))
    value = trained(model, "mse", np.array([[7]]), np.zeros(1), jit_compile=True)
    assert np.isfinite(value)
    assert "越界的又取到最后一行" in entry("embedding-range")


def test_the_bigger_table_gives_each_number_its_own_row(run_snippet):
    left = run_snippet("faq/keras_errors_tensor_tf")
    (rows,) = left.bigger.get_weights()
    by_hand = torch.nn.functional.embedding(torch.tensor(left.ids), torch.tensor(rows))
    assert rows.shape == (11, 2) and np.array_equal(left.found, by_hand)
    third = left.printed_by["embedding-range"].splitlines()[2]
    shape = tuple(by_hand.shape)
    assert third == f"修好： {shape} 取到的是编号 10 那一行： True"
    said = entry("embedding-range")
    assert f"`{shape}`" in said and f"改成 {len(rows)} 行" in said


def test_the_tensor_that_found_no_room_is_counted(tensor):
    first, second = tensor["out-of-memory"].splitlines()
    size = torch.empty((295, 64, 256, 256), device="meta").nbytes
    assert numbers(first) == [size, round(size / 2**30, 2)]
    less = torch.empty((32, 64, 256, 256), device="meta").nbytes / 2**30
    assert numbers(second)[1:] == [32, round(less, 2)] and whole(second)[0] == 295
    said = entry("out-of-memory")
    assert f"{size / 2**30:.2f} GiB" in said and f"{less:.2f} GiB" in said
    half = torch.empty((64, 512, 512, 32), dtype=torch.half, device="meta").nbytes
    answer = page().split("{ #exercises }")[1]
    assert f"\\times2={half}$ 字节，正好 1 GiB" in answer and half == 2**30
    assert "'peak'" in tf.config.experimental.get_memory_info.__doc__
    assert 'get_memory_info("GPU:0")["peak"]' in said


# --- gradients and graphs -------------------------------------------------------------


def test_what_is_outside_the_tape_has_no_gradient(graph):
    first, second = graph["no-gradients"].splitlines()
    sgd, v = keras.optimizers.Adam(), keras.Variable(1.0)
    assert first == "梯度 [None]，" + raised_by(lambda: sgd.apply([None], [v]))
    w = torch.tensor(3.0, requires_grad=True)
    ((2 * w) ** 2).backward()
    after = 3 - 0.1 * w.grad.item()
    assert second == f"修好：梯度 {w.grad.item():.1f}，v 变成 {after:.1f}"
    assert f"$8v={w.grad.item():.0f}$" in entry("no-gradients")
    assert f"$3-0.1\\times24={after:.1f}$" in entry("no-gradients")


def test_a_part_without_gradients_is_only_a_warning():
    a, b = keras.Variable(1.0), keras.Variable(1.0)
    with pytest.warns(UserWarning, match="Gradients do not exist for variables"):
        keras.optimizers.SGD(1.0).apply([None, tf.constant(1.0)], [a, b])
    assert float(a.value) == 1 and float(b.value) == 0
    model = net((2,), layers.Dense(1))
    model.trainable = False
    with pytest.warns(UserWarning, match="does not have any trainable weights"):
        before = trained(model, "mse", np.ones((2, 2)), np.ones(2))
    after = model.evaluate(np.ones((2, 2)), np.ones(2), verbose=0)
    assert after == pytest.approx(before)
    v = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = v * v
    tape.gradient(y, v)
    said = raised_by(lambda: tape.gradient(y, v), RuntimeError)
    said = said.removeprefix("RuntimeError: ").split(" (or")[0]
    assert f"`{said}`" in entry("no-gradients")


def test_a_layer_made_in_call_is_another_one_each_time(graph):
    first, second, third, fourth = graph["variable-twice"].splitlines()
    assert first == "直接调用，两次相等： False"
    assert third == "直接调用，两次相等： True"
    made = tf.function(lambda x: tf.Variable(2.0) + x)
    assert said_too(second, raised_by(lambda: made(1.0)))
    assert fourth == f"修好： {(np.ones((1, 3)) @ np.ones((3, 1))).shape}"


def test_a_layer_made_in_call_has_no_parameters():
    class Loose(layers.Layer):
        def call(self, x):
            return layers.Dense(1)(x)

    loose, x = Loose(), np.ones((1, 3))
    assert not np.array_equal(loose(x), loose(x))
    assert loose.count_params() == 0
    assert "`count_params()` 也是 0" in page().split("{ #exercises }")[1]


def test_a_graph_has_no_values_to_ask_for(graph):
    *asked, plus, minus = graph["symbolic-bool"].splitlines()
    for line, function in zip(
        asked,
        (lambda x: 2 if x > 0 else 3, lambda x: x.numpy(), lambda x: np.exp(x)),
        strict=True,
    ):
        kinds = (TypeError, AttributeError, NotImplementedError)
        traced = tf.function(function, autograph=False)
        said = raised_by(lambda t=traced: t(tf.constant(1.0)), kinds)
        assert said.startswith(line)
    for line, sign in ((plus, 1), (minus, -1)):
        assert line == f"修好：送 {sign} 倍的 x，得 {np.arange(1.0, 4)}"
    assert tf.function(lambda x: 2 if x > 0 else 3)(tf.constant(1)) == 2  # rewritten


def test_keras_walks_a_layer_of_a_model_with_a_placeholder():
    class Ask(layers.Layer):
        def call(self, x):
            return x if keras.ops.max(x) > 0 else -x

    x = -np.ones((1, 2))
    assert np.array_equal(Ask()(x), -x)  # alone it is right
    said = raised_by(lambda: keras.Sequential([Ask()])(x), TypeError)
    assert "Could not automatically infer the output shape" in said
    assert "`Could not automatically infer the output shape`" in entry("symbolic-bool")


# --- the page -------------------------------------------------------------------------

TICKED = r"(`+) ?(.+?) ?\1"  # code in a line of text


def test_the_table_names_every_entry_once_in_its_order():
    table = page().split("{ #index }")[1].split("\n## ")[0]
    rows = re.findall(
        rf"^\| \[{TICKED}\]\(#([\w-]+)\) \| [^|\n]+ \|$", table, flags=re.M
    )
    entries = re.findall(rf"^### {TICKED} \{{ #([\w-]+) \}}$", page(), flags=re.M)
    assert rows == entries and len({slug for *_, slug in rows}) == len(rows) == 28
    assert "28 条" in page().split("{ #goals }")[0]


def test_every_entry_says_why_and_how_to_mend_it():
    for text in re.split(r"^### ", page(), flags=re.M)[1:]:
        assert text.count("**为什么。**") == 1, text[:60]
        assert text.count("**怎样修。**") == 1, text[:60]
        assert re.search(r"\]\(\S*#[\w-]+\)", text), f"{text[:60]}: no link"


def test_every_heading_is_in_the_message_of_the_library(
    shape, loss, fit, build, files, tensor, graph
):
    """Where it can be raised here; one of a card is quoted."""
    parts = (shape, loss, fit, build, files, tensor, graph)
    printed = {slug: text for part in parts for slug, text in part.items()}
    entries = re.findall(rf"^### {TICKED} \{{ #([\w-]+) \}}$", page(), flags=re.M)
    lost = [slug for _, heading, slug in entries if heading not in printed[slug]]
    assert lost == ["out-of-memory"]


def test_the_drawn_words_lead_every_message_to_its_group(
    shape, loss, fit, build, files, tensor, graph
):
    parts = (shape, loss, fit, build, files, tensor, graph)
    printed = {slug: text for part in parts for slug, text in part.items()}
    shown = drawn("where")[2:]  # after the heads of the columns, four texts a group
    rows = [shown[i : i + 4] for i in range(0, len(shown), 4)]
    for line in page().splitlines():
        if found := re.match(r"## (.+?) \{", line):
            group = found[1]
        elif found := re.match(rf"### {TICKED} \{{ #([\w-]+) \}}", line):
            _, heading, slug = found.groups()
            lines = printed[slug].splitlines()
            message = next((x for x in lines if heading in x), heading)
            message = message.split("Error: ")[-1]  # the sentence without its type
            fits = [
                name
                for *words, name, _ in rows
                if any(word in message for word in " ".join(words).split())
            ]
            assert fits[:1] == [group], (heading, fits)


def test_the_page_names_the_versions_that_run_here():
    versions = (".".join(m.__version__.split(".")[:2]) for m in (keras, tf))
    assert "以 Keras {}、TensorFlow {} 为准".format(*versions) in page()


def test_the_numbers_of_the_text_are_those_that_are_printed(
    shape, loss, fit, build, tensor, files
):
    found = {
        "expected-ndim": shape["expected-ndim"].splitlines()[2][12:].split(". ")[0],
        "one-sample": shape["one-sample"].splitlines()[2].partition("but ")[2],
        "same-rank": f"同是 {entropy(3):.4f}，即 $\\ln3$",
        "same-shape": f"都是 {entropy(2):.4f}，即 $\\ln2$",
        "compile": f"从 0 变成 {fit['compile'].split()[-1]}，",
        "keras-tensor": f"1、2、6 的平均，即 {np.mean([1, 2, 6]):.0f}。",
        "not-a-layer": "−1 变成 {}，{} 不变".format(*np.maximum([-1, 2], 0)),
        "placeholder": f"都算出 {float(build['placeholder'].split()[-1]):.0f}。",
        "incompatible-shapes": "`[4,3]` 与 `[4]` 是 3 对 4",
        "old-names": f"还是 {numbers(build['old-names'].splitlines()[5])[1]:.2f}；",
    }
    for slug, told in found.items():
        assert told and told in entry(slug), slug
    rows = numbers(shape["incompatible-shapes"].splitlines()[1])
    told = f"第一列是 {rows[0]:.0f} 到 {rows[-1]:.0f}："
    assert told in entry("incompatible-shapes")
    source = (ROOT / "snippets/faq/keras_errors_tensor_tf.py").read_text("utf-8")
    n, c, h, w = whole(re.search(r"tensor with shape\[.*?\]", source)[0])
    assert f"一批 {n} 张图，{h}×{w}，{c} 个通道" in entry("out-of-memory")
    assert 'and type float"' in source
    doubled = numbers(files["custom-layer"].splitlines()[2])
    assert f"输入的 {doubled[0]:.0f} 倍" in entry("custom-layer")  # of 1


def names_before(code):
    """The names that a piece of a program has, and those it takes from before it."""
    top = symtable.symtable(code, "piece", "exec")

    def scopes(table):
        yield table
        for child in table.get_children():
            yield from scopes(child)

    own = {
        s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()
    }
    used = {
        s.get_name()
        for table in scopes(top)
        for s in table.get_symbols()
        if s.is_referenced() and (table is top or s.is_global())
    }
    return own, used - own - set(dir(builtins))


@pytest.mark.parametrize("part", "shape loss fit model save tensor graph".split())
def test_an_entry_runs_after_the_opening_of_its_group(part):
    text = (ROOT / f"snippets/faq/keras_errors_{part}_tf.py").read_text("utf-8")
    found = re.findall(r"\[start:([\w-]+)\]\n(.*?)# --8<-- \[end:", text, re.S)
    pieces = dict(found)
    given, _ = names_before(pieces.pop("import"))
    for name, code in pieces.items():
        assert names_before(code)[1] <= given, name


def test_the_drawn_traceback_is_that_of_the_program():
    source = "\n".join(
        [
            "import keras",
            "import numpy as np",
            "",
            "model = keras.Sequential(",
            '    [keras.Input((3,)), keras.layers.Dense(1, name="dense")]',
            ")",
            'model.compile("sgd", "mse")',
            "x, y = np.zeros((4, 5)), np.zeros((4, 1))",
            "model.fit(x, y, verbose=0)",
        ]
    )
    try:
        exec(compile(source, "train.py", "exec"), {})
    except ValueError:
        kind, error, frames = sys.exc_info()
    own = [f for f in traceback.extract_tb(frames) if f.filename == "train.py"][-1]
    shown = " ".join(drawn("read")).replace("&lt;", "<").replace("&gt;", ">")
    assert f'File "{own.filename}", line {own.lineno}, in {own.name}' in shown
    text = " ".join(re.sub(r"\x1b\[\d+m", "", str(error)).split())
    outer, inner, rest = re.split(r"(Input 0 .*?\(None, 5\))", text, maxsplit=1)
    assert f"{kind.__name__}: {outer.strip()}" in shown
    assert inner in shown
    assert rest.strip().startswith("Arguments received by Sequential.call(): • inputs=")
    assert "• inputs=tf.Tensor(shape=(None, 5)," in rest and "• inputs=" in shown
