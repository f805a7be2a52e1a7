"""How large is large: counts against transformers, FLOPs against torch's counter."""

import math
import re
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode
from transformers import (
    AutoModelForCausalLM,
    BloomConfig,
    DeepseekV3Config,
    GPT2Config,
    LlamaConfig,
    PreTrainedConfig,
)

from handbook.facts import models
from handbook.programs import practice
from tests.conftest import ROOT

FACTS = {row.name: row for row in models.load(ROOT / models.FILE, ROOT / models.CHIPS)}
CHIPS = {chip.name: chip for chip in models.load_chips(ROOT / models.CHIPS)}


@pytest.fixture(scope="module")
def params(run_snippet) -> SimpleNamespace:
    return run_snippet("background/scale_params_python")


@pytest.fixture(scope="module")
def flops(run_snippet) -> SimpleNamespace:
    return run_snippet("background/scale_flops_python")


@pytest.fixture(scope="module")
def cost(run_snippet) -> SimpleNamespace:
    return run_snippet("background/scale_cost_python")


def transformers_config(kind: str, config: dict) -> PreTrainedConfig:
    """The same model in the words of transformers."""
    c = config
    if kind == "gpt" and "embed_norm" in c:
        return BloomConfig(
            vocab_size=c["vocab"],
            hidden_size=c["width"],
            n_layer=c["layers"],
            n_head=c["width"] // 128,
        )
    if kind == "gpt":
        return GPT2Config(
            vocab_size=c["vocab"],
            n_positions=c["context"],
            n_embd=c["width"],
            n_layer=c["layers"],
        )
    shared = dict(
        vocab_size=c["vocab"],
        hidden_size=c["width"],
        num_hidden_layers=c["layers"],
        num_attention_heads=c["heads"],
        intermediate_size=c["hidden"],
        tie_word_embeddings=False,
    )
    if kind == "llama":
        return LlamaConfig(**shared, num_key_value_heads=c["kv_heads"])
    return DeepseekV3Config(
        **shared,
        num_key_value_heads=c["heads"],
        first_k_dense_replace=c["dense_layers"],
        q_lora_rank=c["q_rank"],
        kv_lora_rank=c["kv_rank"],
        qk_nope_head_dim=c["nope"],
        qk_rope_head_dim=c["rope"],
        v_head_dim=c["v_head"],
        moe_intermediate_size=c["expert"],
        n_routed_experts=c["experts"],
        n_shared_experts=c["shared"],
        num_experts_per_tok=c["chosen"],
    )


def on_meta(config: PreTrainedConfig) -> torch.nn.Module:
    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(config)


def count(model: torch.nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


# --- parameters --------------------------------------------------------------


def test_a_tied_llama_has_fewer_parameters_than_the_function_counts(params) -> None:
    """Llama 3.2 1B keeps one table for both ends: 1.236 billion, not 1.498."""
    shape = dict(vocab=128256, width=2048, layers=16, heads=32, kv_heads=8, hidden=8192)
    config = transformers_config("llama", shape)
    untied = sum(params.llama(**shape).values())
    assert untied == count(on_meta(config)) == pytest.approx(14.98e8, abs=5e5)
    config.tie_word_embeddings = True
    tied = on_meta(config)
    tied.tie_weights()
    assert count(tied) == pytest.approx(12.36e8, abs=5e5)


def test_two_llamas_of_the_second_generation_group_no_queries() -> None:
    """7B and 13B have as many heads of keys as of queries, as the page says."""
    for width, layers, hidden, published in (
        (4096, 32, 11008, 6_738_415_616),
        (5120, 40, 13824, 13_015_864_320),
    ):
        heads = width // 128
        config = LlamaConfig(
            vocab_size=32000,
            hidden_size=width,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            num_key_value_heads=heads,
            intermediate_size=hidden,
        )
        assert count(on_meta(config)) == published


def test_the_gate_biases_are_buffers_in_the_library() -> None:
    """58 layers of 256: what DeepSeek's own code counts and transformers does not."""
    model = on_meta(transformers_config("deepseek", FACTS["DeepSeek-V3"].config))
    biases = {n: b for n, b in model.named_buffers() if "score_correction_bias" in n}
    assert len(biases) == 58
    total = sum(bias.numel() for bias in biases.values())
    assert (total, count(model) + total) == (14_848, 671_026_419_200)


@pytest.mark.parametrize("name", [n for n, row in FACTS.items() if row.config])
def test_parameters_match_transformers_on_the_meta_device(params, name: str) -> None:
    row = FACTS[name]
    model = on_meta(transformers_config(row.kind, row.config))
    assert sum(params.MODELS[name].values()) == count(model)


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("GPT-2", 124_439_808),
        ("BLOOM", 176_247_271_424),
        ("Llama 3.1 8B", 8_030_261_248),
        ("Llama 3.1 405B", 405_853_388_800),
        ("DeepSeek-V3", 671_026_404_352),
    ],
)
def test_the_page_shows_the_exact_counts(params, name: str, published: int) -> None:
    assert f"{name} | {published:,} |" in params.stdout_text


@pytest.mark.parametrize("name", ["GPT-2", "Llama 3.1 8B", "DeepSeek-V3"])
def test_each_part_is_what_transformers_keeps_under_that_name(params, name) -> None:
    row = FACTS[name]
    found = dict.fromkeys(("嵌入", "注意力", "前馈", "归一化", "输出层"), 0)
    for path, p in on_meta(
        transformers_config(row.kind, row.config)
    ).named_parameters():
        if "norm" in path or ".ln_" in path:
            found["归一化"] += p.numel()
        elif "attn" in path:
            found["注意力"] += p.numel()
        elif "mlp" in path:
            found["前馈"] += p.numel()
        else:
            found["输出层" if "lm_head" in path else "嵌入"] += p.numel()
    assert params.MODELS[name] == found


@pytest.mark.parametrize("name", [n for n, row in FACTS.items() if row.config])
def test_published_sizes_are_the_counts_rounded(params, name: str) -> None:
    size = sum(params.MODELS[name].values())
    assert FACTS[name].params.value == pytest.approx(size, rel=0.005)


def test_active_parameters_are_those_with_only_the_chosen_experts(params) -> None:
    fewer = FACTS["DeepSeek-V3"].config | {"experts": 8}
    small = count(on_meta(transformers_config("deepseek", fewer)))
    router = 58 * (256 - 8) * 7168  # the router still has a row for every expert
    assert sum(params.v3_active.values()) == small + router


def test_active_parameters_are_the_published_37_billion(params) -> None:
    assert params.lookup_free < FACTS["DeepSeek-V3"].active.value < params.active


def test_the_prediction_module_explains_the_685_billion_on_the_hub(params) -> None:
    layer = FACTS["DeepSeek-V3"].config | {"layers": 1, "dense_layers": 0}
    one = on_meta(transformers_config("deepseek", layer))
    embeddings = 2 * 129_280 * 7168
    module = count(one) - embeddings - 7168 + 7168 * 2 * 7168 + 3 * 7168
    assert params.extra == module
    assert round((params.total + params.extra + embeddings) / 1e9, 1) == 684.5


# --- FLOPs -------------------------------------------------------------------

SMALL = {
    "llama": dict(vocab=512, width=64, layers=3, heads=4, kv_heads=2, hidden=96),
    "deepseek": dict(
        vocab=512, width=64, layers=3, dense_layers=1, heads=4, q_rank=32, kv_rank=16,
        nope=16, rope=8, v_head=16, hidden=96, expert=24, experts=8, shared=1, chosen=2,
    ),
}  # fmt: skip
LENGTH = 32


def measured(kind: str) -> float:
    """FLOPs per token of one training step of a small model, by torch's counter."""
    config = transformers_config(kind, SMALL[kind])
    config._attn_implementation = config._experts_implementation = "eager"
    config.n_group = config.topk_group = 1
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config).train()
    tokens = torch.randint(512, (2, LENGTH))
    with FlopCounterMode(display=False) as counter:
        model(input_ids=tokens, labels=tokens, use_cache=False).loss.backward()
    return counter.get_total_flops() / tokens.numel()


def test_the_rule_is_exact_for_a_small_llama(params, flops) -> None:
    parts = params.llama(**SMALL["llama"])
    n = sum(parts.values()) - parts["归一化"] - parts["嵌入"]
    width = 3 * 4 * (16 + 16)
    assert flops.training_flops(n, 1, width, LENGTH) == measured("llama")


def test_the_rule_is_exact_for_a_small_mixture_with_latent_attention(
    params, flops
) -> None:
    _, parts = params.deepseek(params.Config(**SMALL["deepseek"]))
    n = sum(parts.values()) - parts["归一化"] - parts["嵌入"]
    width = 3 * 4 * (24 + 16)
    assert flops.training_flops(n, 1, width, LENGTH) == measured("deepseek")


def test_a_causal_mask_leaves_half_of_the_attention(flops) -> None:
    args = (1000, 7, 64, 128)
    whole, half = (flops.training_flops(*args, causal=c) for c in (False, True))
    assert whole - half == half - flops.training_flops(1000, 7)


def test_the_measured_program_counts_two_and_four(run_snippet) -> None:
    seen = run_snippet("background/scale_measure_torch")
    assert seen.n == 3 * 12 * 64**2 + 64 * 1000
    assert (seen.once, seen.twice) == (
        2 * seen.n + 4 * 3 * 64 * 256,
        4 * seen.n + 8 * 3 * 64 * 256,
    )
    assert seen.stdout_text.count("1.0000、2.0000") == 3


def test_the_measured_layer_is_causal_attention_and_a_feed_forward(run_snippet) -> None:
    layer = run_snippet("background/scale_measure_torch").Layer()
    x = torch.randn(2, 9, 64)
    q, k, v = (
        part.unflatten(-1, (4, 16)).transpose(1, 2)
        for part in layer.qkv(F.layer_norm(x, (64,))).chunk(3, -1)
    )
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    y = x + layer.out(mixed.transpose(1, 2).reshape(2, 9, 64))
    y = y + layer.down(F.gelu(layer.up(F.layer_norm(y, (64,)))))
    torch.testing.assert_close(layer(x), y)


@pytest.mark.parametrize(
    ("name", "within"),
    [
        ("GPT-3 175B", 0.002),
        ("PaLM 540B", 1e-9),
        ("Llama 3.1 405B", 0.002),
        ("Chinchilla", 0.022),
    ],
)
def test_six_n_d_meets_the_published_flops(flops, name: str, within: float) -> None:
    rows = {row[0]: row[1:] for row in flops.RUNS}
    n, d, _ = rows[name]
    c = flops.training_flops(n, d)
    assert c == pytest.approx(FACTS[name].flops.value, rel=within)


def test_the_programs_use_the_facts_as_published(flops, cost) -> None:
    for name, _, d, published in flops.RUNS:
        facts = FACTS[name]
        assert (d, published) == (facts.tokens.value, facts.flops.value)
    for name, tokens, hours, peak, _ in flops.USE:
        facts = FACTS[name]
        assert (tokens, hours) == (facts.tokens.value, facts.hours.value)
        assert peak == CHIPS[facts.chip].peak * 1e12
    for name, hours, *_ in cost.ENERGY:
        facts = FACTS["GPT-3 175B" if "GPT-3" in name else name.split("，")[0]]
        assert hours == facts.hours.value


def test_the_counts_in_the_flops_program_are_those_of_the_first(params, flops) -> None:
    sizes = {name: sum(parts.values()) for name, parts in params.MODELS.items()}
    assert sizes["GPT-3 175B"] == flops.GPT3
    assert sizes["BLOOM"] == flops.BLOOM
    assert sizes["Llama 3.1 405B"] == flops.LLAMA
    assert sizes["DeepSeek-V3"] == flops.V3_TOTAL
    assert params.lookup_free == flops.V3_ACTIVE


@pytest.mark.parametrize(("causal", "published"), [(False, 0.4373), (True, 0.3894)])
def test_deepseek_utilisation_meets_the_published(flops, causal, published) -> None:
    n, width, seq = flops.ATTENTION["DeepSeek-V3"]
    used = flops.rate * flops.training_flops(n, 1, width, seq, causal) / 989e12
    assert used == pytest.approx(published, abs=0.002)


def test_gpt3_ran_at_the_published_speed(flops) -> None:
    hours = FACTS["GPT-3 175B"].hours.value
    c = flops.training_flops(flops.GPT3, 300e9)
    assert c / hours / 3600 == pytest.approx(24.6e12, rel=0.002)


# --- hours, money, energy, data ----------------------------------------------


def test_a_plan_is_hours_then_rent_and_power(cost) -> None:
    made = cost.plan(3.6e18, 1e14, 0.5, gpus=10, price=3, watts=500, pue=1.2)
    assert made == pytest.approx({"卡时": 20, "小时": 2, "美元": 60, "千瓦时": 12})


def test_deepseek_hours_and_dollars_are_the_published(cost) -> None:
    assert cost.total == 2_788_000
    assert "2.664" in f"{cost.pretrain / 1e6:.3f}"
    assert "= 5.576 M 美元" in cost.stdout_text
    assert cost.pretrain / 2048 / 24 < 61  # "less than two months"


@pytest.mark.parametrize(("row", "within"), [(0, 0.002), (2, 1e-5)])
def test_hours_times_watts_meet_the_published_energy(cost, row, within) -> None:
    _, hours, watts, pue, published, _ = cost.ENERGY[row]
    assert hours * watts * pue / 1e6 == pytest.approx(published, rel=within)


def test_bloom_ran_on_the_french_grid(cost) -> None:
    _, hours, watts, *_, tonnes = cost.ENERGY[2]
    assert tonnes * 1e9 / (hours * watts) == pytest.approx(57, abs=0.5)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1e12, "1 万亿"),
        (1e9, "10 亿"),
        (175e9, "1,750 亿"),
        (14.8e12, "14.8 万亿"),
        (25_000, "2.5 万"),
        (7, "7"),
    ],
)
def test_numbers_are_read_by_ten_thousands(run_snippet, number, words) -> None:
    assert run_snippet("background/scale_data_python").chinese(number) == words


def test_the_printed_units_are_a_thousandfold_and_ten_thousandfold(run_snippet) -> None:
    """Thousands to ten thousands: 124 M is 1.24 亿, and so on."""
    printed = run_snippet("background/scale_data_python").printed_by["units"]
    power = {"M": 6, "B": 9, "T": 12, "亿": 8, "万亿": 12}
    for line in printed.strip().splitlines():
        left, right = (side.split() for side in line.replace(",", "").split(" = "))
        a, b = (float(n) * 10.0 ** power[unit] for n, unit in (left, right))
        assert a == pytest.approx(b, rel=1e-9)
    assert [line.split()[0] for line in printed.split("\n") if line] == [
        *("124", "671", "15.6")
    ]


def test_a_reader_needs_a_quarter_of_a_million_years(run_snippet) -> None:
    data = run_snippet("background/scale_data_python")
    minutes = 15.6e12 * 3.94 / 6 / 238
    assert data.words / data.year == pytest.approx(minutes / (60 * 8 * 365))
    assert "245,674 年" in data.stdout_text


def test_weights_take_two_bytes_each_in_half_precision(run_snippet) -> None:
    data = run_snippet("background/scale_data_python")
    model = torch.nn.Linear(1000, 1000, bias=False, dtype=torch.bfloat16)
    size = sum(p.numel() * p.element_size() for p in model.parameters())
    assert data.BYTES["BF16"] * 1000 * 1000 == size


def test_training_bytes_are_weights_gradients_and_three_master_copies(
    run_snippet,
) -> None:
    weight = torch.zeros(8, requires_grad=True)
    adam = torch.optim.Adam([weight])
    adam.step(lambda: weight.sum().backward())
    moments = [m for m in adam.state[weight].values() if m.shape == weight.shape]
    master = sum(m.element_size() for m in [weight, *moments])  # all of float32
    half = 2 * torch.zeros(1, dtype=torch.bfloat16).element_size()
    data = run_snippet("background/scale_data_python")
    assert data.BYTES["训练，混合精度 Adam"] == master + half


def amounts(line: str) -> list[float]:
    """Every number of a printed line, in order; thousands have commas."""
    found = re.findall(r"\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?", line)
    return [float(number.replace(",", "")) for number in found]


def test_the_printed_ratios_are_those_of_the_published_numbers(run_snippet) -> None:
    printed = run_snippet("background/scale_data_python").printed_by["reading"]
    lines = [ln for ln in printed.splitlines() if "每个参数对应" in ln]
    assert len(lines) == 4
    for line in lines:
        name, _, ratio = line.partition(" 每个参数对应 ")
        row = next(row for full, row in FACTS.items() if full.startswith(name))
        expected = row.tokens.value / row.params.value
        assert amounts(ratio) == [pytest.approx(expected, rel=0.005, abs=0.05)]


def test_the_printed_memory_is_bytes_times_what_transformers_builds(
    run_snippet,
) -> None:
    printed = run_snippet("background/scale_data_python").printed_by["memory"]
    names = ["Llama 3.1 8B", "Llama 3.1 405B", "DeepSeek-V3"]
    rows = [FACTS[name] for name in names]
    sizes = [count(on_meta(transformers_config(r.kind, r.config))) for r in rows]
    lines = printed.strip().splitlines()[1:]
    for line, each in zip(lines, (2, 1, 0.5, 16), strict=True):
        shown, *cells = [amounts(part)[-1] for part in line.split(" | ")][0:1] + [
            amounts(part)[0] for part in line.split(" | ")[1:]
        ]
        assert shown == each
        assert cells == [round(size * each / 1e9) for size in sizes]


def test_the_printed_plans_follow_from_their_own_n_and_d(cost) -> None:
    """Eight H100 at 40%, 2 dollars an hour, 700 W, PUE 1.1: by hand from N and D."""
    peak = next(chip.peak for name, chip in CHIPS.items() if name.startswith("H100"))
    lines = cost.printed_by["plan"].strip().splitlines()[1:]
    sizes = [(124e6, 10e9), (1e9, 20e9), (8e9, 160e9)]
    for line, (n, d) in zip(lines, sizes, strict=True):
        shown_n, shown_d, flops, card, wall, dollars, energy = amounts(line)
        assert (shown_n * 1e8, shown_d * 1e8) == (pytest.approx(n), pytest.approx(d))
        assert flops == pytest.approx(6 * n * d, rel=0.02)
        hours = 6 * n * d / (0.4 * peak * 1e12 * 3600)
        assert card == round(hours)
        assert wall == pytest.approx(hours / 8, abs=0.051)
        assert (dollars, energy) == (round(hours * 2), round(hours * 0.7 * 1.1))


def test_the_printed_rents_are_published_hours_times_a_price(cost) -> None:
    hours = FACTS["Llama 3.1 405B"].hours.value, 2.788e6  # the report: in total
    first, second, *rents = cost.printed_by["money"].strip().splitlines()
    assert "2,664,000 卡时，54.2 天" in first  # the report: 2664K hours on 2048 cards
    assert "全程 2,788,000 卡时 × 2 美元 = 5.576 M 美元" in second
    for line, price in zip(rents, (2, 4.99, 7.49), strict=True):
        shown, _, llama, _, deepseek = amounts(line)
        assert shown == price
        for rent, each in zip((llama, deepseek), hours, strict=True):
            assert rent == pytest.approx(each * price / 1e6, abs=0.051)


def test_the_printed_energy_is_hours_times_watts(cost) -> None:
    """GPT-3: 10,000 V100 for 14.8 days; BLOOM and Llama: the hours they published."""
    lines = cost.printed_by["energy"].strip().splitlines()[1:]
    gpt3 = 10_000 * 14.8 * 24
    known = [  # hours, watts, PUE, tonnes
        (gpt3, 330, 1.10, 552.1),
        (gpt3, 300, 1.10, 552.1),
        (1_082_990, 400, 1.00, 24.7),
        (30.84e6, 700, 1.00, 8930),
        (1.46e6, 700, 1.00, 420),
    ]
    for line, (hours, watts, pue, tonnes) in zip(lines, known, strict=True):
        cells = [part.strip() for part in line.split("|")]
        mwh = hours * watts * pue / 1e6
        assert amounts(cells[1]) == [round(mwh)]
        assert amounts(cells[3]) == [round(tonnes)]
        assert amounts(cells[4]) == [round(tonnes * 1e3 / mwh)]


# --- the appendix of Chinchilla ----------------------------------------------


def test_only_without_embeddings_is_chinchillas_table_met(run_snippet) -> None:
    program = run_snippet("background/scale_chinchilla_python")
    lines = program.stdout_text.splitlines()[1:-1]
    rows = [[float(x) for x in line.split(" | ")[1:]] for line in lines]
    assert len(rows) == len(program.TABLE) == 6
    for published, with_ends, without in rows:
        assert without == published
        assert not math.isclose(with_ends, published, abs_tol=0.03)


# --- practice: background/scale_practice_python ----------------------------------

PRACTICE = ROOT / "snippets/background/scale_practice_python.py"
#: The page's own count, with the two switches of the task.
SOLUTION = (
    practice.functions(ROOT / "snippets/background/scale_params_python.py", "llama")
    + """

def parameters(vocab, width, layers, heads, kv_heads, hidden, tied=False, bias=False):
    parts = llama(vocab, width, layers, heads, kv_heads, hidden)
    if tied:
        parts["输出层"] = 0
    biases = 2 * width + 2 * kv_heads * (width // heads)  # 查询与输出；键与值
    return sum(parts.values()) + bias * layers * biases
"""
)
WRONG = [
    ("head = width // heads", "head = width / heads * 2"),  # heads of another width
    ("2 * width * kv_heads * head", "2 * width * heads * head"),  # no GQA
    ("2 * width * heads * head", "width * heads * head"),  # no output matrix
    ("layers * 3 * width * hidden", "layers * 2 * width * hidden"),  # no gate
    ("layers * 2 * width + width", "layers * 2 * width"),  # no last norm
    ("layers * 2 * width + width", "layers * 4 * width + 2 * width"),  # LayerNorm
    ('parts["输出层"] = 0', 'parts["嵌入"] = parts["输出层"] = 0'),
    ("if tied:", "if not tied:"),
    ("2 * width + 2 * kv_heads * (width // heads)", "4 * width"),
    ("bias * layers * biases", "bias * biases"),
    ("bias * layers * biases", "layers * biases"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_transformers_builds(case: tuple) -> None:
    _, given, expected, _ = case
    given = {"tied": False, "bias": False} | given
    config = LlamaConfig(
        vocab_size=given["vocab"],
        hidden_size=given["width"],
        num_hidden_layers=given["layers"],
        num_attention_heads=given["heads"],
        num_key_value_heads=given["kv_heads"],
        intermediate_size=given["hidden"],
        tie_word_embeddings=given["tied"],
        attention_bias=given["bias"],
    )
    assert expected == count(on_meta(config))


def test_the_pages_own_count_passes_the_practice() -> None:
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_count_passes_the_practice() -> None:
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    page = (ROOT / "docs/background/scale.md").read_text(encoding="utf-8")
    assert practice.failing(PRACTICE, SOLUTION, WRONG[1]) in page
