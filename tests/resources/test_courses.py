"""What 官方网站与课程 says of one loss, and the marks of an old course, by running."""

import math
import re
from collections.abc import Callable
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

Run = Callable[[str], SimpleNamespace]


@pytest.fixture
def program(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("resources/courses_torch")


def number(program: SimpleNamespace, label: str) -> float:
    """The first number that the program printed after a label."""
    (line,) = [s for s in program.stdout_text.splitlines() if s.startswith(label)]
    return float(line.removeprefix(label).split("，")[0])


def cross_entropy(logits: np.ndarray, target: np.ndarray) -> float:
    """The mean over rows that are not -100; the classes are the last axis."""
    rows, labels = logits.reshape(-1, logits.shape[-1]), target.reshape(-1)
    rows, labels = rows[labels != -100].astype(float), labels[labels != -100]
    chosen = rows[np.arange(len(rows)), labels]
    return float((np.log(np.exp(rows).sum(1)) - chosen).mean())


@pytest.mark.parametrize("label", ["类别换到第二维：", "前两维摊平："])
def test_both_right_shapes_give_the_loss_by_definition(
    program: SimpleNamespace, label: str
) -> None:
    wanted = cross_entropy(program.logits.numpy(), program.target.numpy())
    assert number(program, label) == pytest.approx(wanted, abs=1e-4)


def test_the_wrong_shape_is_refused_where_it_can_be_seen(
    program: SimpleNamespace,
) -> None:
    assert "Expected target size [2, 7], got [2, 5]" in program.stdout_text


def test_the_wrong_shape_passes_where_length_equals_classes(
    program: SimpleNamespace,
) -> None:
    square, labels = program.square.numpy(), program.labels.numpy()
    right = cross_entropy(square, labels)
    swapped = cross_entropy(square.transpose(0, 2, 1), labels)
    label = "长度等于词表大小，直接传入不报错："
    assert number(program, label) == pytest.approx(swapped, abs=1e-4)
    line = f"{label}.*，应为 "
    printed = re.search(f"{line}(.*)", program.printed_by["shape"])[1]
    assert float(printed) == pytest.approx(right, abs=1e-4)
    assert abs(swapped - right) > 0.1


def test_the_toy_has_the_shapes_of_a_language_model(program: SimpleNamespace) -> None:
    assert program.logits.shape == (2, 5, 7)  # (batch, time, vocab)
    assert program.square.shape[1] == program.square.shape[2]


def test_the_mean_is_over_what_is_not_ignored(program: SimpleNamespace) -> None:
    wanted = cross_entropy(program.flat.numpy(), program.padded.numpy())
    assert (program.padded == -100).sum() == 6
    assert number(program, "十个位置忽略六个：") == pytest.approx(wanted, abs=1e-4)
    first = program.logits.numpy().reshape(10, 7)[:4]
    wanted = cross_entropy(first, program.target.numpy().reshape(10)[:4])
    assert number(program, "只算前四个：") == pytest.approx(wanted, abs=1e-4)


def test_nothing_left_to_average_is_not_a_number(program: SimpleNamespace) -> None:
    assert math.isnan(number(program, "全部忽略："))


def test_perfect_probabilities_as_logits_cannot_reach_zero(
    program: SimpleNamespace,
) -> None:
    floor = math.log(1 + (program.vocab - 1) / math.e)
    found = number(program, "全对的概率当作 logits 传入：")
    assert found == pytest.approx(floor, abs=1e-4)


@pytest.mark.parametrize(
    "name", ["Session", "placeholder", "get_variable", "contrib", "layers", "estimator"]
)
def test_mark_of_an_old_course_tensorflow_name_is_gone(name: str) -> None:
    assert not hasattr(tf, name)


def test_mark_of_an_old_course_keras_names_are_gone() -> None:
    assert not hasattr(keras.Model, "fit_generator")
    assert not hasattr(keras.Sequential, "predict_classes")
    with pytest.raises(ImportError, match="np_utils"):
        from keras.utils import np_utils  # noqa: F401
    with pytest.raises(ValueError, match="not recognized: {'lr'"):
        keras.optimizers.Adam(lr=0.1)


def test_mark_of_an_old_course_keras_saves_no_bare_folder(tmp_path) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match=r"Invalid filepath extension"):
        model.save(tmp_path / "model")


def test_mark_of_an_old_course_variable_does_nothing() -> None:
    kept = torch.autograd.Variable(torch.ones(1))
    assert type(kept) is torch.Tensor
    assert not kept.requires_grad


def test_mark_of_an_old_course_a_scalar_has_no_first_item() -> None:
    with pytest.raises(IndexError, match="0-dim tensor"):
        torch.tensor(1.0).data[0]
