"""The heat map's page: what the program prints, by ``F.scaled_dot_product_attention``.

The program's models are read again with a forward pass written here, which never calls
``nn.MultiheadAttention``; dates are read by ``datetime.strptime``.
"""

import re
from collections import Counter
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


@pytest.fixture
def drawn(ran):
    """The figure that the program has drawn, as the page shows it."""
    return ran("concepts/heatmap_torch")[1].figure


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


class Watched:
    """A tensor that remembers which rows were asked for."""

    def __init__(self, values):
        self.values, self.asked = values, []

    def __getitem__(self, rows):
        self.asked.append(rows)
        return self.values[rows]

    @property
    def rows(self):
        return torch.cat(self.asked)


@pytest.fixture
def trained_on(heatmap, monkeypatch):
    """``trained_on(seed)``: the rows of the dates that a short training reads."""
    torch.set_default_dtype(torch.float64)

    def rows(seed):
        source, target = Watched(heatmap.sources), Watched(heatmap.targets)
        monkeypatch.setitem(heatmap.fit.__globals__, "sources", source)
        monkeypatch.setitem(heatmap.fit.__globals__, "targets", target)
        heatmap.fit(seed, steps=40)
        assert torch.equal(source.rows, target.rows)
        return source.rows

    yield rows
    torch.set_default_dtype(torch.float32)


def test_training_reads_the_18000_training_dates_alone(trained_on):
    rows = trained_on(seed=0)
    assert rows.min() >= 0 and rows.max() < 18000
    assert rows.min() < 100 and rows.max() >= 17900  # and all of them


def test_another_seed_sees_the_same_dates_in_the_same_order(trained_on):
    assert torch.equal(trained_on(seed=0), trained_on(seed=1))


def test_another_seed_starts_from_other_weights(heatmap):
    first, second = (heatmap.fit(seed, steps=1) for seed in (0, 1))
    assert not torch.equal(first.questions, second.questions)


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


def test_weights_of_the_example_are_those_of_torch_sdpa(heatmap):
    source = heatmap.encode([heatmap.example])
    for name in "甲乙":
        _, weights = reading(heatmap.models[name], source)
        np.testing.assert_allclose(heatmap.rows[name], weights[0, :, :11], atol=1e-12)


def test_each_row_of_the_example_sums_to_one(heatmap):
    for rows in heatmap.rows.values():
        np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-12)


def test_printed_favourites_are_the_largest_weights(heatmap):
    source = heatmap.encode([heatmap.example])
    maps = [reading(heatmap.models[name], source)[1][0] for name in "甲乙"]
    lines = heatmap.printed_by["example"].splitlines()
    assert [line[line.index("'") + 1] for line in lines] == list("1984-06-27")
    for i, line in enumerate(lines):
        assert line.startswith(f"第 {i} 位")
        shown = re.findall(r"看第 (\d+) 格 '(.)' ([\d.]+)", line)
        for (place, character, weight), weights in zip(shown, maps, strict=True):
            assert int(place) == weights[i].argmax()
            assert character == heatmap.example[int(place)]
            assert float(weight) == pytest.approx(weights[i].max().item(), abs=6e-3)


def cells(svg):
    """The opacity of each cell, one array (output, character) a panel of the figure."""
    frames = re.findall(
        r'<clipPath id="([^"]+)">\s*'
        r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"',
        svg,
    )
    panels = []
    for frame, *place in frames:
        x, y, width, height = map(float, place)
        panel = np.zeros((10, 11))
        corners = rf'<path d="M([\d.]+) ([\d.]+)L[^"]*z" clip-path="url\(#{frame}\)"'
        for left, top, opacity in re.findall(rf"{corners}[^>]*opacity: ([\d.]+)", svg):
            row = round((float(top) - y) / height * 10)
            panel[row, round((float(left) - x) / width * 11)] = float(opacity)
        panels.append(panel)
    return panels


def test_each_cell_is_as_dark_as_its_weight(heatmap, drawn):
    upper, lower = cells(drawn)
    for panel, name in [(upper, "甲"), (lower, "乙")]:
        np.testing.assert_allclose(panel, heatmap.rows[name], atol=0.02)


def test_a_blank_is_drawn_as_a_dot_as_an_underscore_is_padding(drawn):
    words = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    assert words[:11] == list("27·Jun·1984")


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


NUMBER = [0, 1, 2, 3, 5, 6, 8, 9]  # the digits of an ISO date
DAMAGE = ["不遮", "遮最大的键", "遮随机另一个"]


def printed_damage(heatmap, name):
    """The three shares of digits read right that are printed of a model."""
    (line,) = [
        x
        for x in heatmap.printed_by["hide"].splitlines()
        if x.startswith(f"模型{name}")
    ]
    found = re.fullmatch(
        f"模型{name}：" + "，".join(rf"{label} ([\d.]+)" for label in DAMAGE), line
    )
    return [float(x) for x in found.groups()]


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
        expected = []
        for hidden in (None, top, other):
            answers, _ = reading(heatmap.models[name], source, hidden)
            expected.append((answers == truth)[:, NUMBER].double().mean().item())
        assert printed_damage(heatmap, name) == pytest.approx(expected, abs=6e-3)


def test_the_other_hidden_key_is_neither_padding_nor_the_top(heatmap):
    source = heatmap.sources[18000:20000, None].expand(-1, 10, -1)
    assert (source.gather(-1, heatmap.other) != 0).all()
    assert (heatmap.other != heatmap.top).all()


def test_the_blind_guess_is_the_commonest_digit_of_each_place(heatmap):
    days = [day.isoformat() for day in heatmap.days]
    right = 0
    for place in NUMBER:
        (common, _), *_ = Counter(d[place] for d in days[:18000]).most_common(1)
        right += sum(d[place] == common for d in days[18000:20000])
    printed = after(heatmap.printed_by["hide"], "数字的正确率，不看输入的盲猜：")
    assert printed == pytest.approx([right / 16000], abs=6e-3)


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
    by_model = [printed_damage(heatmap, name) for name in "甲乙丙"]
    printed = [share for label in zip(*by_model, strict=True) for share in label]
    drawn = [(x - 70) / 240 for x, _ in circles("heatmap-hide")]
    assert drawn == pytest.approx(printed, abs=0.011)


def test_the_line_of_the_blind_guess_is_the_printed_one(heatmap):
    printed = after(heatmap.printed_by["hide"], "数字的正确率，不看输入的盲猜：")
    text = (FIGURES / "heatmap-hide.svg").read_text("utf-8")
    (x,) = re.findall(r'<path d="M([\d.]+) [^"]*" stroke="var\(--hb-ink-2\)"', text)
    assert [(float(x) - 70) / 240] == pytest.approx(printed, abs=0.011)


def test_total_variation_of_exercise_1():
    one, other = torch.tensor([0.7, 0.2, 0.1]), torch.tensor([0.1, 0.2, 0.7])
    assert (one - other).abs().sum().item() / 2 == pytest.approx(0.6)
    one, other = torch.tensor([1, 0, 0]), torch.tensor([0, 0.5, 0.5])
    assert (one - other).abs().sum().item() / 2 == 1
