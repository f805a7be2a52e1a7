"""The heat map's page: what the program prints, by ``F.scaled_dot_product_attention``.

The program's models are read again with a forward pass written here, which never calls
``nn.MultiheadAttention``; dates are read by ``datetime.strptime``.
"""

import re
from datetime import datetime

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.conftest import ROOT

FIGURES = ROOT / "docs/assets/figures"


def numbers(text):
    return [float(x) for x in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", text)]


def after(text, start):
    """The numbers of the one line that begins with ``start``, after its label."""
    (line,) = [x for x in text.splitlines() if x.startswith(start)]
    return numbers(line.removeprefix(start))


@pytest.fixture(scope="session")
def heatmap(run_snippet):
    return run_snippet("concepts/heatmap_torch")


def projections(layer, query, memory):
    """Query, key and value of an ``nn.MultiheadAttention`` of one head."""
    parts = zip(layer.in_proj_weight.chunk(3), layer.in_proj_bias.chunk(3), strict=True)
    inputs = (query, memory, memory)
    return [F.linear(x, w, b) for x, (w, b) in zip(inputs, parts, strict=True)]


def reading(model, source, hidden=None):
    """Answers and weights of the date reader, by ``F.scaled_dot_product_attention``."""
    seen = (source != 0)[:, None]
    with torch.inference_mode():
        x = model.embedding(source) + model.positions
        h = model.norm(x)
        o = F.scaled_dot_product_attention(*projections(model.mix, h, h), seen)
        x = x + model.mix.out_proj(o)
        questions = model.questions.expand(len(source), -1, -1)
        q, k, v = projections(model.read, questions, x)
        seen = seen if hidden is None else seen & ~hidden
        eye = torch.eye(12, dtype=torch.float64).expand(len(source), -1, -1)
        seen = seen.expand(-1, 10, -1)
        weights = F.scaled_dot_product_attention(q, k, eye, seen)
        o = F.scaled_dot_product_attention(q, k, v, seen)
        logits = model.readout(model.read.out_proj(o))
    return logits.argmax(-1), weights


@pytest.fixture(scope="session")
def read_again(heatmap):
    """For each model: where it is right on the test set, and its weights."""
    source, truth = heatmap.sources[18000:20000], heatmap.targets[18000:20000]
    again = {}
    for name, model in heatmap.models.items():
        answers, weights = reading(model, source)
        again[name] = (answers == truth, weights)
    return again


def test_generated_dates_agree_with_datetime(heatmap):
    formats = ["%b %d, %Y", "%d %b %Y", "%Y %b %d"]
    for text, target in zip(heatmap.texts[:300], heatmap.targets[:300], strict=True):
        readings = set()
        for pattern in formats:
            try:
                readings.add(datetime.strptime(text, pattern).date().isoformat())
            except ValueError:
                continue
        assert readings == {"".join(heatmap.digits[i] for i in target)}


def test_printed_examples_are_dates_of_the_training_set(heatmap):
    shown = re.findall(r"'([^']+) → ([\d-]+)'", heatmap.printed_by["setup"])
    days = [day.isoformat() for day in heatmap.days[:3]]
    assert shown == list(zip(heatmap.texts[:3], days, strict=True))


def test_no_test_date_was_trained_on(heatmap):
    assert not set(heatmap.days[heatmap.train]) & set(heatmap.days[heatmap.test])


def test_characters_are_told_apart_and_padding_is_number_0(heatmap):
    assert len(set(heatmap.characters)) == len(heatmap.characters)
    for text, row in zip(heatmap.texts[:300], heatmap.sources[:300], strict=True):
        back = "".join(heatmap.characters[i] for i in row)
        assert back == text + "_" * (12 - len(text))
        assert (row == 0).tolist() == [False] * len(text) + [True] * (12 - len(text))


def test_printed_shares_of_dates_read_right(heatmap, read_again):
    for name, (right, _) in read_again.items():
        share = right.all(-1).double().mean().item()
        assert share > 0.9
        printed = after(heatmap.printed_by["read"], f"模型{name}：整串全对的比例")
        assert printed == pytest.approx([share], abs=6e-3)


def test_drawn_weights_are_those_of_torch_sdpa(heatmap):
    source = heatmap.encode([heatmap.example])
    for name in "甲乙":
        _, weights = reading(heatmap.models[name], source)
        np.testing.assert_allclose(heatmap.rows[name], weights[0, :, :11], atol=1e-12)


def test_each_drawn_row_sums_to_one(heatmap):
    for rows in heatmap.rows.values():
        np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-12)


def test_printed_favourites_are_the_largest_weights(heatmap):
    source = heatmap.encode([heatmap.example])
    maps = [reading(heatmap.models[name], source)[1][0] for name in "甲乙"]
    lines = heatmap.printed_by["figure"].splitlines()
    assert [line[line.index("'") + 1] for line in lines] == list("1984-06-27")
    for i, line in enumerate(lines):
        assert line.startswith(f"输出第 {i} 位")
        shown = re.findall(r"看 '(.)' ([\d.]+)", line)
        for (character, weight), weights in zip(shown, maps, strict=True):
            assert character == heatmap.example[weights[i].argmax()]
            assert float(weight) == pytest.approx(weights[i].max().item(), abs=6e-3)


GROUPS = {"年": [0, 1, 2, 3], "月": [5, 6], "日": [8, 9], "连字符": [4, 7]}


def test_printed_gaps_are_total_variations_of_the_maps(heatmap, read_again):
    maps = {name: weights.numpy() for name, (_, weights) in read_again.items()}
    for label, group in GROUPS.items():
        gaps = []
        for one, other in [("甲", "乙"), ("甲", "丙"), ("乙", "丙")]:
            gap = np.abs(maps[one][:, group] - maps[other][:, group]).sum(-1) / 2
            gaps.append(gap.mean())
        start = f"{label}，三对模型的图的差别："
        assert after(heatmap.printed_by["seeds"], start) == pytest.approx(
            gaps, abs=6e-3
        )


def test_printed_damage_is_that_of_hiding_the_top_or_another_real_key(
    heatmap, read_again
):
    source, truth = heatmap.sources[18000:20000], heatmap.targets[18000:20000]
    generator = torch.Generator().manual_seed(2)
    for name, (_, weights) in read_again.items():
        chance = torch.rand(weights.shape, generator=generator, dtype=torch.float64)
        top = F.one_hot(weights.argmax(-1), 12).bool()
        free = (source != 0)[:, None].expand_as(top) & ~top
        other = F.one_hot(torch.where(free, chance, -1.0).argmax(-1), 12).bool()
        for label, hidden in [("权重最大的键", top), ("随机另一个键", other)]:
            answers, _ = reading(heatmap.models[name], source, hidden)
            right = (answers == truth)[:, [0, 1, 2, 3, 5, 6, 8, 9]].double().mean()
            start = f"模型{name}，遮住{label}：数字的正确率"
            printed = after(heatmap.printed_by["hide"], start)
            assert printed == pytest.approx([right.item()], abs=6e-3)


def circles(figure):
    """The centres of a figure's dots, (x, y), in the order they are drawn."""
    text = (FIGURES / f"{figure}.svg").read_text("utf-8")
    found = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', text)
    return [(float(x), float(y)) for x, y in found]


def test_the_dots_of_the_gaps_are_the_printed_ones(heatmap):
    printed = []
    for label in GROUPS:
        start = f"{label}，三对模型的图的差别："
        printed += after(heatmap.printed_by["seeds"], start)
    drawn = [(x - 70) / 240 for x, _ in circles("heatmap-gaps")]
    assert drawn == pytest.approx(printed, abs=0.011)


def test_the_dots_of_the_damage_are_the_printed_ones(heatmap):
    printed = []
    for label in ("权重最大的键", "随机另一个键"):
        for name in "甲乙丙":
            start = f"模型{name}，遮住{label}：数字的正确率"
            printed += after(heatmap.printed_by["hide"], start)
    drawn = [(x - 70) / 240 for x, _ in circles("heatmap-hide")]
    assert drawn == pytest.approx(printed, abs=0.011)


def test_total_variation_of_exercise_1():
    one, other = torch.tensor([0.7, 0.2, 0.1]), torch.tensor([0.1, 0.2, 0.7])
    assert (one - other).abs().sum().item() / 2 == pytest.approx(0.6)
    one, other = torch.tensor([1, 0, 0]), torch.tensor([0, 0.5, 0.5])
    assert (one - other).abs().sum().item() / 2 == 1
