"""Accelerators: where bandwidth ends and compute begins, against torch's own counts.

References that the program never calls: Llama 3.1 8B of transformers on the meta
device, its matrices and its cache; torch's counter of FLOPs; and the table of cards.
"""

import re
from fractions import Fraction
from functools import cache
from math import log10

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModelForCausalLM, LlamaConfig

from handbook.facts import models
from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import line_of, numbers


@pytest.fixture
def roofline(run_snippet):
    return run_snippet("faq/accelerators_numpy")


def rows(text):
    """The rows of a printed table: {first cell: the rest}."""
    found = [line.split(" | ") for line in text.splitlines() if " | " in line]
    return {cells[0]: cells[1:] for cells in found}


# --- reference: the model in transformers ----------------------------------------


@cache
def on_meta():
    """Llama 3.1 8B in bf16, without memory for its numbers."""
    config = LlamaConfig(
        vocab_size=128256,
        hidden_size=4096,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        intermediate_size=14336,
    )
    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)


def cached():
    """How many numbers one token leaves in the cache."""
    with torch.device("meta"), torch.no_grad():
        ids = torch.zeros(1, 1, dtype=torch.long)
        layers = on_meta()(ids, use_cache=True).past_key_values.layers
    return sum(layer.keys.numel() + layer.values.numel() for layer in layers)


def stored(precision):
    """All weights in bytes: the blocks' matrices in 16 bits, or in 4 and a scale."""
    linears = {n: m for n, m in on_meta().named_modules() if isinstance(m, nn.Linear)}
    linear = sum(m.weight.numel() for n, m in linears.items() if n != "lm_head")
    total = sum(p.numel() for p in on_meta().parameters())
    bits = {"bf16": Fraction(16), "int4": 4 + Fraction(16, 32)}[precision]
    return 2 * (total - linear) + linear * bits / 8


# --- the program ------------------------------------------------------------------


def test_the_cards_are_those_of_the_facts(roofline):
    facts = {card.name: card for card in models.load_cards()}
    for name, (peak, bandwidth) in roofline.CARDS.items():
        card = facts[FACTS_NAMES.get(name, name)]
        assert (card.peak, card.bandwidth) == (peak, bandwidth)
        (ridge,) = numbers(line_of(roofline.printed_by["ridge"], f"{name} 的转折点："))
        assert ridge == round(float(Fraction(peak) * 1000 / Fraction(bandwidth)))


FACTS_NAMES = {"H100 SXM": "H100", "A100 SXM": "A100"}


@cache
def counted_flops(fresh, before):
    """torch's count of a forward pass: matrices, and attention as if all were seen."""
    with torch.device("meta"), torch.no_grad():
        model, past = on_meta(), None
        if before:
            ids = torch.zeros(1, before, dtype=torch.long)
            past = model(ids, use_cache=True).past_key_values
        with FlopCounterMode(display=False) as count:
            ids = torch.zeros(1, fresh, dtype=torch.long)
            model(ids, past_key_values=past, use_cache=True, logits_to_keep=1)
    total = count.get_total_flops()
    seen_by_all = 4 * 32 * 4096 * fresh * (before + fresh)
    in_matrices = total - seen_by_all
    seen = Fraction(2 * before + fresh + 1, 2 * (before + fresh))  # the causal part
    return in_matrices + seen_by_all * seen


def test_the_operations_are_those_that_torch_counts(roofline):
    for fresh, before in ((1, 2048), (64, 0), (256, 0)):
        flops, _ = roofline.work(fresh, before, 1)
        assert flops == pytest.approx(float(counted_flops(fresh, before)), rel=1e-4)
        three, _ = roofline.work(fresh, before, 3)
        assert three == 3 * flops


def bytes_moved(fresh, before, batch, precision="bf16"):
    """Matrices and output matrix, and the cache of all users."""
    table = 128256 * 4096
    weights = stored(precision) - 2 * table
    return weights + 2 * batch * (before + fresh) * cached()


def test_four_bits_speed_up_a_step_and_not_the_reading(roofline):
    text = roofline.printed_by["four-bits"]
    times = {}
    for word, fresh, before in (("生成一个词元", 1, 2048), ("读 2048 个词元", 2048, 0)):
        flops = float(counted_flops(fresh, before))
        for precision in ("bf16", "int4"):
            (line,) = [
                x for x in text.splitlines() if x.startswith(f"{word}，{precision}")
            ]
            compute, move, most = map(float, line.partition("：")[2].split(" | "))
            assert compute == pytest.approx(flops / 165.2e9, abs=0.006)
            moved = float(bytes_moved(fresh, before, 1, precision))
            assert move == pytest.approx(moved / 1008e6, abs=0.006)
            assert most == max(compute, move)
            times[fresh, precision] = most
    assert times[1, "int4"] < times[1, "bf16"] / 2.5
    assert times[2048, "int4"] == times[2048, "bf16"]


def test_more_users_raise_the_intensity_but_not_to_the_ridge(roofline):
    text = roofline.printed_by["batch"]
    printed = rows(text)
    step = float(counted_flops(1, 2048))
    for users in (1, 8, 32, 128):
        moved = float(bytes_moved(1, 2048, users))
        intensity, rate = printed[str(users)]
        assert float(intensity) == pytest.approx(users * step / moved, abs=0.051)
        seconds = max(users * step / 989e12, moved / 3350e9)
        assert float(rate.replace(",", "")) == pytest.approx(users / seconds, abs=0.6)
        assert float(intensity) < 989e12 / 3350e9
    for fresh in (64, 256, 1024):
        (intensity,) = printed[str(fresh)]
        moved = float(bytes_moved(fresh, 0, 1))
        assert float(intensity) == pytest.approx(
            float(counted_flops(fresh, 0)) / moved, abs=0.6
        )


def test_the_figure_has_a_roof_for_each_card_and_the_points_on_the_first(roofline):
    drawn = {line.get_label(): line.get_xydata() for line in roofline.axis.lines}
    for name, (peak, bandwidth) in roofline.CARDS.items():
        for x, y in drawn.pop(name):
            assert y == pytest.approx(min(peak, x * bandwidth / 1000))
        roof = roofline.axis.lines[list(roofline.CARDS).index(name)].get_xydata()
        assert roof[1] == pytest.approx((peak / bandwidth * 1000, peak))
    intensities = []
    for points in drawn.values():
        for x, y in points:
            assert y == pytest.approx(min(989, x * 3.35))
            intensities.append(x)
    printed = rows(roofline.printed_by["batch"])
    shown = [printed[str(n)][0] for n in (1, 8, 32, 128, 64, 256, 1024)]
    assert intensities == pytest.approx([float(x) for x in shown], abs=0.6)


def test_all_cards_have_room_for_the_users_of_the_figure():
    held = stored("bf16") + 2 * 128 * 2049 * cached()
    assert float(held) < 0.9 * 80e9


# --- practice -------------------------------------------------------------------

PAGE = ROOT / "docs/faq/accelerators.md"
PRACTICE = ROOT / "snippets/faq/accelerators_practice_python.py"
SOLUTION = """
def step(card, model, fresh, before, batch):
    flops = 2 * batch * (fresh * model["linear"] + model["output"])
    moved = model["linear"] * model["size"] + 2 * model["output"]
    moved += batch * model["cache"] * (before + fresh)
    compute, move = flops / card["peak"], moved / card["bandwidth"]
    return 1000 * max(compute, move), "算力" if compute > move else "带宽"
"""
WRONG = [
    ("2 * batch * (fresh", "2 * batch * fresh * (1"),  # scores for every position
    ("2 * batch * (fresh", "batch * (fresh"),
    ("2 * batch * (fresh", "2 * (fresh"),
    ("batch * (fresh * model", "(batch * fresh * model"),  # one score for all
    ('fresh * model["linear"]', '(before + fresh) * model["linear"]'),
    ('fresh * model["linear"]', 'fresh * model["size"] / 2 * model["linear"]'),
    ("batch * model", "model"),  # one cache for all
    ("(before + fresh)", "fresh"),
    ("(before + fresh)", "before"),
    ('+ 2 * model["output"]', '+ model["size"] * model["output"]'),
    ('+ 2 * model["output"]', ""),
    ('model["linear"] * model["size"]', 'batch * model["linear"] * model["size"]'),
    ("max(compute, move)", "(compute + move)"),
    ("max(compute, move)", "move"),
    ("compute > move", "compute < move"),
    ("1000 * ", ""),
]
SMALL = LlamaConfig(
    vocab_size=512,
    hidden_size=64,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    intermediate_size=128,
)
LARGER = LlamaConfig(
    vocab_size=2048,
    hidden_size=96,
    num_hidden_layers=3,
    num_attention_heads=6,
    num_key_value_heads=6,
    intermediate_size=256,
)


def by_transformers(model, size, card, fresh, before, batch):
    """Products that torch counts; in bytes the parameters and the cache afterwards."""
    past = None
    with torch.device("meta"), torch.no_grad():
        if before:
            ids = torch.zeros(batch, before, dtype=torch.long)
            past = model(ids, use_cache=True).past_key_values
        with FlopCounterMode(display=False) as count:
            ids = torch.zeros(batch, fresh, dtype=torch.long)
            made = model(ids, past_key_values=past, use_cache=True, logits_to_keep=1)
    flops = count.get_flop_counts()["Global"][torch.ops.aten.mm]
    layers = made.past_key_values.layers
    kept = sum(2 * (layer.keys.numel() + layer.values.numel()) for layer in layers)
    linears = {n: m for n, m in model.named_modules() if isinstance(m, nn.Linear)}
    output = linears.pop("lm_head").weight.numel()
    moved = kept + 2 * output + size * sum(m.weight.numel() for m in linears.values())
    times = {"算力": flops / card["peak"], "带宽": moved / card["bandwidth"]}
    return 1000 * max(times.values()), max(times, key=times.get)


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_transformers_multiplies_and_holds(case):
    _, given, expected, _ = case
    given, size = dict(given), given["model"]["size"]
    known = {73728: SMALL, 331776: LARGER}
    config = known.get(given.pop("model")["linear"])
    if config is None:
        model = on_meta()
    else:
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    milliseconds, bound = by_transformers(model, size, **given)
    assert expected == (pytest.approx(milliseconds, rel=1e-6), bound)


def test_the_step_of_the_page_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_step_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    page = PAGE.read_text(encoding="utf-8")
    assert any(practice.failing(PRACTICE, SOLUTION, wrong) in page for wrong in WRONG)


# --- what the text works out ------------------------------------------------------


def page():
    return PAGE.read_text(encoding="utf-8")


def figure(name):
    return (ROOT / f"docs/assets/figures/{name}.svg").read_text(encoding="utf-8")


def facts():
    return {card.name: card for card in models.load_cards()}


def test_the_token_by_hand_is_the_bytes_over_the_bandwidth():
    weights, moved = (float(bytes_moved(*x)) for x in ((0, 0, 1), (1, 2048, 1)))
    flops, prompt = (float(counted_flops(*x)) for x in ((1, 2048), (2048, 0)))
    assert f"{weights / 1e9:.2f} GB 的权重" in page()
    assert f"{(moved - weights) / 1e9:.2f} GB 的[键值缓存]" in page()
    assert f"合 {moved / 1e9:.2f} GB" in page()
    assert f"约 {moved / 1008e6:.2f} 毫秒" in page()
    assert f"运算约 {flops / 1e8:.0f} 亿次，只要 {flops / 165.2e9:.2f} 毫秒" in page()
    assert flops / 165.2e9 < 0.01 * moved / 1008e6
    drawn = figure("accelerators-chip")
    for said in (
        f"搬 {moved / 1e9:.2f} GB，{moved / 1008e6:.2f} 毫秒",
        f"算 {flops / 1e8:.0f} 亿次，{flops / 165.2e9:.2f} 毫秒",
        f"算 {prompt / 1e12:.1f} 万亿次，{prompt / 165.2e9:.2f} 毫秒",
    ):
        assert f">{said}<" in drawn
    assert bytes_moved(2048, 0, 1) == pytest.approx(
        float(bytes_moved(1, 2048, 1)), 1e-4
    )


def test_the_short_answer_is_the_program_upside_down():
    for precision, word in (("bf16", "最多生成 {} 个词元"), ("int4", "4 比特是 {} 个")):
        rate = 1008e9 / float(bytes_moved(1, 2048, 1, precision))
        assert word.format(f"{rate:.0f}") in page()


def test_the_bars_are_the_times_of_the_program(roofline):
    times = rows(roofline.printed_by["four-bits"].replace("：", " | "))
    drawn = figure("accelerators-token")
    widths = [float(x) for x in re.findall(r'<rect[^>]* width="([\d.]+)"', drawn)]
    told = re.findall(r">([\d.]+) 毫秒<", drawn)
    expected = []
    for word, longest in (("生成一个词元", 15.16), ("读 2048 个词元", 179.71)):
        for precision in ("bf16", "int4"):
            compute, move, _ = map(float, times[f"{word}，{precision}"])
            expected += [(move, longest), (compute, longest)]
    assert len(widths) == len(told) == len(expected) == 8
    for width, said, (time, longest) in zip(widths, told, expected, strict=True):
        assert width == pytest.approx(max(1.5, 170 * time / longest), abs=0.4)
        assert said == (f"{time:.0f}" if time > 100 else f"{time:.1f}")


def test_the_dots_stand_where_the_facts_say():
    drawn = figure("accelerators-place")
    dots = re.findall(
        r'<circle cx="([\d.]+)" cy="([\d.]+)"[^>]*--hb-(\w+)\)"/>\n<text[^>]*>(.*?)<',
        drawn,
    )
    assert len(dots) == 10
    turns = {"zhu": [], "qing": []}
    for x, y, colour, name in dots:
        card = facts()[name]
        assert (colour == "qing") == (card.by in ("Apple", "苹果"))
        assert float(x) == pytest.approx(
            40 + (log10(card.memory) - 0.9) / 1.7 * 285, abs=0.1
        )
        assert float(y) == pytest.approx(
            250 - (log10(card.bandwidth) - 1.78) * 100, abs=0.1
        )
        turns[colour].append(card.bandwidth / card.memory)
    ends = [round(f(turns[c])) for c in ("zhu", "qing") for f in (min, max)]
    assert ends == [19, 56, 3, 4]
    assert "每秒搬 19 到 56 遍" in page() and "每秒 3 到 4 遍" in page()
    h100, ultra = facts()["H100"], facts()["M3 Ultra"]
    assert f"约 {h100.bandwidth / h100.memory:.0f} 个词元" in page()
    assert f"只有 {ultra.bandwidth / ultra.memory:.0f} 个" in page()


def test_buying_and_renting_cost_the_same_where_the_lines_cross():
    rent = Fraction(89, 100)
    assert float(rent) == facts()["RTX 4090"].price.value
    hours = 2400 / (rent - Fraction(6, 100))
    assert rent * hours == 2400 + Fraction(6, 10) * Fraction(1, 10) * hours
    assert f"\\approx{float(hours):.0f}" in page()
    assert round(hours / 3 / 365 * 12) == 2 * 12 + 8 and "约两年零八个月" in page()
    assert 3.9 < hours / 24 / 30 < 4.1 and "四个月就到了" in page()
    assert f"用约 {round(float(hours), -2):,.0f} 小时](#buy-or-rent)" in page()
    drawn = figure("accelerators-rent")
    assert f">{float(hours):,.0f} 小时<" in drawn
    for line, after in (("190", 4000 * rent), ("80", 2400 + 4000 * Fraction(6, 100))):
        (end,) = re.findall(rf'd="M48\.0 {line}L314 ([\d.]+)"', drawn)
        assert float(end) == pytest.approx(190 - float(after) / 3600 * 165, abs=0.1)
    x, y = re.search(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn).groups()
    assert float(x) == pytest.approx(48 + float(hours) / 4000 * 266, abs=0.1)
    assert float(y) == pytest.approx(190 - float(rent * hours) / 3600 * 165, abs=0.1)


def test_the_first_lines_say_what_a_token_and_an_hour_cost():
    for name in ("RTX 3090", "RTX 4090"):
        assert facts()[name].memory == 24 and facts()[name].price.value < 1
    assert "24 GB 的卡一小时不到 1 美元" in page()


def test_what_is_told_of_four_bits_is_what_was_printed(roofline):
    times = rows(roofline.printed_by["four-bits"].replace("：", " | "))
    slow, fast = (times[f"生成一个词元，{p}"][2] for p in ("bf16", "int4"))
    assert f"{slow} 毫秒变成 {fast} 毫秒" in page()
    assert 0.3 < float(fast) / float(slow) < 0.36 and "少到三分之一" in page()
    assert f"预填充的 {times['读 2048 个词元，bf16'][2]} 毫秒" in page()
    assert "有 99% 的时间在等" in page()


def test_what_is_told_of_many_users_is_what_was_printed(roofline):
    printed = rows(roofline.printed_by["batch"])
    (_, one), (intensity, all_of_them) = printed["1"], printed["128"]
    each = float(all_of_them.replace(",", "")) / 128
    assert f"128 人一起生成，强度也只有 {intensity}：" in page()
    without = 128 * float(counted_flops(1, 2048) / bytes_moved(0, 0, 1))
    assert f"若不算缓存，该是 {without:.0f}。" in page()
    assert without < 989e12 / 3350e9 and "都到不了 H100 的 295" in page()
    assert f"从每秒 {one} 个升到 {all_of_them} 个" in page()
    assert f"分到的却从 {one} 降到 {each:.0f}" in page()


def test_the_peaks_and_bandwidths_of_the_text_are_those_of_the_facts():
    for name, said in (
        ("RTX 4090", "用 FP32 累加是 {0.peak:g}"),
        ("RTX 5090", "RTX 5090 是 419 与 {0.peak:g}"),
        ("H100", "H100 写每秒 {0.peak:g} 万亿次"),
        ("H200", "H200 写 {0.sparse:g}"),
        ("M4", "M4 的带宽是 {0.bandwidth:g} GB/s"),
        ("M4 Max", "M4 Max {0.bandwidth:g}"),
        ("M3 Ultra", "M3 Ultra {0.bandwidth:g}，"),
        ("RTX 4090", "都不到 RTX 4090 的 {0.bandwidth:,g}"),
        ("昇腾 910B", "910B 有 {0.memory:g} GB"),
    ):
        assert said.format(facts()[name]) in page()
    assert f"差 {12.29 / 2.69:.1f} 倍" in page()
    turns = {
        c.name: c.bandwidth / c.memory
        for c in facts().values()
        if c.bandwidth and c.bandwidth / c.memory < 13
    }
    apart = {name for name, turn in turns.items() if turn > 10}
    assert apart == {"L4", "Atlas 350", "MLU370-X8"}
    assert turns["L4"] == turns["Atlas 350"] == min(turns[name] for name in apart)
    assert "L4 与 Atlas 350 也有 12.5 遍" in page()


def test_lora_of_14b_needs_what_the_page_on_memory_says():
    told = (ROOT / "snippets/faq/hardware_fit_python.out").read_text("utf-8")
    gaps = rows(told.partition("start:gap")[2])
    need = gaps["14B"][gaps["模型"].index("LoRA")]
    assert f"14B 的 LoRA 要 {need} GB" in page()
    assert float(need) < facts()["昇腾 910B"].memory


def test_a_processor_reads_4b_about_thirty_times_a_second():
    (config,) = [c.config for c in models.load_shapes() if c.name == "Qwen3 4B"]
    width, heads, keys = (config[key] for key in ("width", "heads", "kv_heads"))
    attention = 2 * (heads + keys) * config["head"]
    linear = config["layers"] * width * (attention + 3 * config["hidden"])
    weights = linear * 9 / 16 + 2 * config["vocab"] * width
    assert f"权重约 {weights / 1e9:.1f} GB" in page()
    bandwidth = 2 * 8 * 5.6
    assert f"={bandwidth:g}$ GB" in page()
    cached = 2 * 2 * config["layers"] * keys * config["head"] * 2048
    fast, slow = bandwidth * 1e9 / weights, bandwidth * 1e9 / (weights + cached)
    assert 28 < slow < 30 < fast < 32 and "最多生成约 30 个" in page()
    assert round(facts()["RTX 4090"].bandwidth / bandwidth) == 11
    assert "是 RTX 4090 的十一分之一" in page()
    parameters = 8_190_735_360  # Qwen3 8B
    assert f"8B 的 bf16 是 {2 * parameters / 1e9:.0f} GB" in page()
    assert f"8B 是 {(2 + 4 + 8) * parameters / 1e9:.0f} GB" in page()


def test_the_pitfalls_compare_as_the_facts_and_the_program_do(roofline):
    a100, h100 = facts()["A100"], facts()["H100"]
    assert f"是 A100 的 {h100.peak / a100.peak:.1f} 倍" in page()
    assert f"带宽只是 {h100.bandwidth / a100.bandwidth:.1f} 倍" in page()
    rates = rows(roofline.printed_by["batch"])
    assert f"一个人 {rates['1'][1]} 个词元乘 128" in page()
    one, many = (int(rates[n][1].replace(",", "")) for n in ("1", "128"))
    assert round(one * 128, -3) == 28000
    assert many < one * 128 / 3


# --- exercises ------------------------------------------------------------------


def answers():
    """The answers of the exercises, in their order."""
    return page().partition("{ #exercises }")[2].split("??? success")[1:]


def test_the_first_answer_moves_the_weights_once_and_each_users_cache():
    weights, cache_of_one = float(bytes_moved(0, 0, 1, "int4")), 2 * 8192 * cached()
    assert f"要搬 {weights / 1e9:.3f} GB 的权重" in page()
    assert f"{cache_of_one / 1e9:.3f}$ GB" in answers()[0]
    bandwidth = facts()["M4 Max"].bandwidth * 1e9
    for users, word in ((1, "每秒最多 {} 个"), (4, "合起来每秒 {} 个")):
        seconds = (weights + users * cache_of_one) / bandwidth
        assert f"approx{seconds:.5f}$ 秒" in answers()[0]
        assert word.format(f"{users / seconds:.0f}") in answers()[0]
    assert f"每人 {1 / seconds:.0f} 个" in answers()[0]


def test_the_second_answer_has_the_ratios_of_the_two_cards():
    a100, h100 = facts()["A100"], facts()["H100"]
    second = answers()[1]
    for new, old in ((h100.bandwidth, a100.bandwidth), (h100.peak, a100.peak)):
        assert f"${new:g}/{old:g}\\approx{new / old:.2f}$" in second
    assert 0.6 < h100.bandwidth / a100.bandwidth - 1 < 0.65 and "六成多" in second


def test_the_third_answer_breaks_even_at_the_price_of_the_facts():
    price = facts()["RTX 5090"].price
    assert price.value == 0.99
    assert str(price.checked) in page()
    hours = float(4000 / (Fraction(99, 100) - Fraction(8, 100)))
    third = answers()[2]
    assert f"approx{hours:.0f}$ 小时" in third
    assert f"要 {hours / 10:.0f} 周，约 {hours / 520:.1f} 年" in third
    assert f"approx{hours / 24:.0f}$ 天" in third


def test_the_fourth_answer_counts_70b():
    config = LlamaConfig(
        vocab_size=128256,
        hidden_size=8192,
        num_hidden_layers=80,
        num_attention_heads=64,
        num_key_value_heads=8,
        intermediate_size=28672,
    )
    with torch.device("meta"), torch.no_grad():
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
        ids = torch.zeros(1, 1, dtype=torch.long)
        layers = model(ids, use_cache=True).past_key_values.layers
    a_token = sum(layer.keys.nbytes + layer.values.nbytes for layer in layers)
    linears = {n: m for n, m in model.named_modules() if isinstance(m, nn.Linear)}
    output = linears.pop("lm_head").weight.numel()
    matrices = sum(m.weight.numel() for m in linears.values())
    rest = sum(p.numel() for p in model.parameters()) - matrices
    weights, held = rest * 2 + matrices * 9 / 16, a_token * 10**5
    fourth, asked = answers()[3], page()
    assert f"也有 {128 * 2 / 3:.0f} GB" in fourth and weights + held < 128e9 * 2 / 3
    assert f"约 {weights / 1e9:.1f} GB" in asked
    assert f"每个词元 {a_token:,} 字节" in asked
    assert f"approx{held / 1e9:.1f}$ GB，合计 {(weights + held) / 1e9:.1f} GB" in fourth
    pairs = 10**5 * (10**5 + 1) // 2  # each token sees itself and those before
    flops = 2 * matrices * 10**5 + 2 * output + 4 * 80 * 64 * 128 * pairs
    assert f"{flops / 1e16:.1f}\\times10^{{16}}" in asked
    assert f"要 {flops / 989e12:.0f} 秒" in fourth
    assert f"要 {50 * flops / 989e12 / 60:.0f} 分钟" in fourth
