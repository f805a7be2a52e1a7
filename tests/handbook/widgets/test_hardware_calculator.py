"""The hardware calculator's account beside what was published and what libraries hold.

The script's account is held to this one in ``tests/site/test_hardware.py``.
"""

import json
import math
import re
from dataclasses import replace
from typing import Any

import pytest
import torch
import transformers
from transformers import AutoModelForCausalLM, DynamicCache

from handbook.errors import HandbookError
from handbook.facts import models
from handbook.widgets import hardware_calculator as tool
from handbook.widgets.hardware_calculator import Ask, estimate, size
from tests.conftest import ROOT

from .accounts import KINDS, SHAPES, about, inferences, trainings

FILES = ROOT / models.FILE, ROOT / models.CHIPS
GB = 1e9
#: What the outline of the tool was checked against: counted on models without weights.
PUBLISHED = {
    "GPT-2": 124_439_808,
    "GPT-2 XL": 1_557_611_200,
    "Llama 2 7B": 6_738_415_616,
    "Llama 3.1 8B": 8_030_261_248,
    "Llama 3.1 405B": 405_853_388_800,
    "DeepSeek-V3": 671_026_404_352,
}
CACHES = {
    "GPT-2 XL": 307_200,
    "OPT 13B": 819_200,
    "Llama 3.1 8B": 131_072,
    "Qwen2.5 72B": 327_680,
    "Llama 3.1 405B": 516_096,
    "DeepSeek-V3": 70_272,
}
TRAIN = {"do": "train", "checkpoint": False}


def in_transformers(name: str, **changed: int) -> Any:
    """The configuration of a model of ours, as ``transformers`` writes it."""
    kind, c = SHAPES[name].kind, dict(SHAPES[name].config) | changed
    if name.startswith("OPT"):
        return transformers.OPTConfig(
            vocab_size=c["vocab"],
            hidden_size=c["width"],
            word_embed_proj_dim=c["width"],
            num_hidden_layers=c["layers"],
            num_attention_heads=40,
            ffn_dim=4 * c["width"],
            max_position_embeddings=c["context"] - 2,
        )
    if kind == "gpt":
        return transformers.GPT2Config(
            vocab_size=c["vocab"],
            n_embd=c["width"],
            n_layer=c["layers"],
            n_head=c["width"] // 64,
            n_positions=c["context"],
        )
    family = transformers.LlamaConfig
    more = {}
    if c.get("qkv_bias"):
        family = transformers.Qwen2Config
    if c.get("qk_norm"):
        family, more = transformers.Qwen3Config, {"head_dim": c["head"]}
    return family(
        vocab_size=c["vocab"],
        hidden_size=c["width"],
        num_hidden_layers=c["layers"],
        num_attention_heads=c["heads"],
        num_key_value_heads=c["kv_heads"],
        intermediate_size=c["hidden"],
        tie_word_embeddings=bool(c.get("tied")),
        **more,
    )


# --- the model ----------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_those_that_were_counted_elsewhere(name: str) -> None:
    row = SHAPES[name]
    assert size(row.kind, row.config).total == PUBLISHED[name]


@pytest.mark.parametrize(
    "name", [n for n, row in SHAPES.items() if isinstance(row, models.Shape)]
)
def test_parameters_are_those_of_transformers(name: str) -> None:
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(in_transformers(name))
    model.tie_weights()
    made = size(SHAPES[name].kind, SHAPES[name].config)
    assert sum(p.numel() for p in model.parameters()) == made.total
    blocks = [n for n, _ in model.named_modules() if re.fullmatch(r".*\.\d+", n)]
    in_blocks = [
        p
        for n, p in model.named_parameters()
        if p.ndim == 2 and any(n.startswith(f"{block}.") for block in blocks)
    ]
    assert sum(p.numel() for p in in_blocks) == made.linear
    if name != "OPT 13B":  # there the matrices that we count as one stand apart
        assert sum(sum(p.shape) for p in in_blocks) == made.adapter


def test_bert_is_a_gpt_with_two_sorts_of_segments_and_a_pooler() -> None:
    made = size("gpt", {"vocab": 30522, "width": 768, "layers": 12, "context": 514})
    assert made.total + 768 * 768 + 768 == 109_482_240


def test_of_deepseek_a_token_meets_what_was_counted_elsewhere() -> None:
    row = SHAPES["DeepSeek-V3"]
    made = size(row.kind, row.config)
    assert round(made.active / GB, 2) == 37.55
    assert round((made.active - made.lookup) / GB, 2) == 36.63


# --- inference ----------------------------------------------------------------------


@pytest.mark.parametrize("name", CACHES)
def test_a_token_leaves_in_the_cache_what_was_published(name: str) -> None:
    assert estimate(about(name, context=1)).parts["cache"] == CACHES[name]


@pytest.mark.parametrize("name", ["Qwen3 0.6B", "Llama 2 7B", "GPT-2 XL"])
def test_the_cache_is_as_large_as_that_of_transformers(name: str) -> None:
    config = in_transformers(name, layers=3, vocab=50, hidden=64)
    model = AutoModelForCausalLM.from_config(config).bfloat16()
    cache = DynamicCache(config=config)
    model(torch.zeros(2, 7, dtype=int), past_key_values=cache)
    held = sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)
    small = replace(about(name, context=7, batch=2))
    asked = replace(small, config=dict(small.config) | {"layers": 3})
    assert estimate(asked).parts["cache"] == held


@pytest.mark.parametrize(
    ("precision", "bits"),
    [("bf16", 16), ("int8", 8), ("int4", 4 + 16 / 32), ("nf4", 4.127)],
)
def test_only_the_matrices_of_the_blocks_are_squeezed(precision, bits) -> None:
    made = size("llama", SHAPES["Llama 3.1 8B"].config)
    weights = estimate(about("Llama 3.1 8B", weights=precision)).parts["weights"]
    expected = made.linear * bits / 8 + 2 * (made.embed + made.rest)
    assert weights == pytest.approx(expected, rel=1e-5)


def test_in_fp32_every_weight_takes_four_bytes_also_under_lora() -> None:
    made = size("llama", SHAPES["Llama 3.1 8B"].config)
    plain = about("Llama 3.1 8B", weights="fp32")
    base = about("Llama 3.1 8B", do="train", method="lora", scheme="fp32")
    for ask in (plain, base):
        assert estimate(ask).parts["weights"] == 4 * made.total


def test_a_head_of_keys_is_never_cut_nor_the_rank_of_mla() -> None:
    def cache(name: str, t: int) -> int:
        return estimate(about(name, t=t)).parts["cache"]

    assert [cache("Llama 3.1 8B", 1) // cache("Llama 3.1 8B", t) for t in (8, 16)] == [
        8,
        8,
    ]
    assert cache("Llama 3.1 8B", 3) == cache("Llama 3.1 8B", 1) * 3 // 8
    assert cache("DeepSeek-V3", 8) == cache("DeepSeek-V3", 1)


def test_a_step_reads_all_weights_but_the_table_and_the_cache() -> None:
    ask = about("Llama 3.1 8B", context=1000, batch=4)
    made = size(ask.kind, ask.config)
    read = 2 * (made.total - 128256 * 4096) + 4 * 1000 * 131_072
    answer = estimate(ask)
    assert answer.step == pytest.approx(read / 3350e9)
    assert answer.speed == pytest.approx(4 / answer.step)
    assert answer.money == pytest.approx(2.5 / (answer.speed * 3600) * 1e6)
    assert answer.seconds == pytest.approx(2 * made.total * 4000 / (989e12 * 0.4))


def test_of_experts_a_batch_reads_at_most_all() -> None:
    one, few, many = (
        tool.read_a_step(about("DeepSeek-V3", batch=batch)) for batch in (1, 4, 1000)
    )
    made = size("deepseek", SHAPES["DeepSeek-V3"].config)
    assert one == 2 * (made.active - made.lookup)
    assert one < few < many == 2 * (made.total - made.lookup)


def test_stages_work_one_after_another_and_groups_side_by_side() -> None:
    one = estimate(about("Llama 3.1 8B"))
    stages = estimate(about("Llama 3.1 8B", p=4))
    assert stages.parts["cache"] == one.parts["cache"] // 4
    assert stages.step == pytest.approx(one.step)
    assert stages.seconds == one.seconds
    together = estimate(about("Llama 3.1 8B", t=4, d=3))
    assert together.step == pytest.approx(one.step / 4)
    assert together.seconds == pytest.approx(one.seconds / 4)
    assert together.speed == pytest.approx(12 * one.speed)
    assert together.money == pytest.approx(one.money)
    uneven = estimate(about("Llama 3.1 8B", p=5))  # seven of 32 layers on the fullest
    assert uneven.parts["cache"] == one.parts["cache"] * 7 // 32


def test_what_is_not_known_of_a_card_is_not_told() -> None:
    answer = estimate(about("Llama 3.1 8B", peak=None, bandwidth=None))
    assert answer.seconds is answer.step is answer.speed is answer.money is None
    assert estimate(about("Llama 3.1 8B", price=None)).money is None
    trained = estimate(about("Llama 3.1 8B", peak=None, do="train"))
    assert trained.seconds is trained.money is None and trained.flops > 0


# --- training -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "published"), [(0, 120), (1, 31.4), (2, 16.6), (3, 1.9)]
)
def test_the_states_are_those_of_zero_s_paper(stage: int, published: float) -> None:
    ask = Ask("count", {"params": 7_500_000_000}, do="train", d=64, zero=stage)
    assert estimate(ask).total / GB == pytest.approx(published, abs=0.05)


def test_qlora_s_paper_counts_without_a_master_copy_and_zero_s_with_it() -> None:
    ask = Ask("count", {"params": 65 * 10**9}, do="train", scheme="bf16")
    assert estimate(ask).total == 780 * 10**9
    assert estimate(replace(ask, scheme="mixed")).total == 1040 * 10**9


@pytest.mark.parametrize(
    ("by", "make"),
    [
        ("adamw", torch.optim.AdamW),
        ("momentum", lambda p: torch.optim.SGD(p, momentum=0.9)),
        ("sgd", torch.optim.SGD),
    ],
)
def test_an_optimizer_remembers_as_much_as_torch_s(by: str, make) -> None:
    weight = torch.zeros(1000, requires_grad=True)
    optimizer = make([weight])
    weight.grad = torch.ones_like(weight)
    optimizer.step()
    held = [x for s in optimizer.state.values() for x in s.values() if x is not None]
    bytes_ = sum(x.nbytes for x in held if x.numel() > 1)
    ask = Ask("count", {"params": 1000}, do="train", optimizer=by)
    assert estimate(ask).parts["states"] == bytes_


def test_an_optimizer_of_8_bits_remembers_two_bytes() -> None:
    ask = Ask("count", {"params": 1000}, do="train", optimizer="adamw8")
    assert estimate(ask).parts["states"] == 2 * 1000


def saved(layer: torch.nn.Module, run) -> int:
    """The bytes that autograd keeps for the way back, weights and result apart."""
    found = {}
    own = {p.untyped_storage().data_ptr() for p in layer.parameters()}

    def keep(x: torch.Tensor) -> torch.Tensor:
        found[x.untyped_storage().data_ptr()] = x
        return x

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x):
        result = run()
    own.add(result.untyped_storage().data_ptr())
    return sum(x.untyped_storage().nbytes() for at, x in found.items() if at not in own)


@pytest.mark.parametrize("name", ["Llama 3.1 8B", "Llama 2 7B", "Qwen3 4B"])
def test_a_layer_keeps_what_transformers_layer_keeps(name: str) -> None:
    small = {"width": 256, "heads": 8, "hidden": 512, "vocab": 50, "layers": 1}
    if "kv_heads" in SHAPES[name].config:
        small["kv_heads"] = 8 if name == "Llama 2 7B" else 2
    if "head" in SHAPES[name].config:
        small["head"] = 48
    config = in_transformers(name, **small)
    config._attn_implementation = "sdpa"
    model = AutoModelForCausalLM.from_config(config).bfloat16().model
    layer, tokens = model.layers[0], 32
    x = torch.randn(1, tokens, 256, dtype=torch.bfloat16, requires_grad=True)
    at = torch.arange(tokens)[None]
    turn = model.rotary_emb(x, at)
    turns = sum(part.untyped_storage().nbytes() for part in turn)

    def run() -> torch.Tensor:
        made = layer(x, position_embeddings=turn, attention_mask=None)
        return made[0] if isinstance(made, tuple) else made

    ((many, numbers, fixed),) = tool.kept(
        SHAPES[name].kind, dict(SHAPES[name].config) | small
    )
    kept = saved(layer, run) - turns
    assert many == 1
    assert kept == tokens * (2 * numbers + fixed)


def test_a_layer_of_gpt_keeps_what_torch_s_layer_keeps() -> None:
    width, tokens = 256, 32
    layer = torch.nn.TransformerEncoderLayer(
        *(width, width // 64, 4 * width),
        activation=torch.nn.functional.gelu,
        dropout=0,
        norm_first=True,
        batch_first=True,
        dtype=torch.bfloat16,
    )
    x = torch.randn(1, tokens, width, dtype=torch.bfloat16, requires_grad=True)
    mask = torch.nn.Transformer.generate_square_subsequent_mask(tokens).bfloat16()
    found = saved(layer, lambda: layer(x, mask, is_causal=True))
    ((_, numbers, fixed),) = tool.kept("gpt", {"width": width, "layers": 1})
    assert found == tokens * (2 * numbers + fixed)


def test_with_checkpoints_the_inputs_are_kept_and_one_layer() -> None:
    ask = about("Llama 3.1 8B", do="train", context=1000)
    layer = 16 * 4096 + 8 + 4 * 4096 + 4 * 1024 + 4 * 32 + 8 * 14336
    assert layer == 200_840
    kept = estimate(replace(ask, checkpoint=False)).parts["activations"]
    assert kept == 1000 * 32 * layer
    assert estimate(ask).parts["activations"] == 1000 * (32 * 2 * 4096 + layer)


def test_of_two_sorts_of_layers_the_larger_is_done_again() -> None:
    ask = about("DeepSeek-V3", do="train", context=1)
    sorts = tool.kept(ask.kind, ask.config)
    dense, sparse = (2 * numbers + fixed for _, numbers, fixed in sorts)
    assert dense != sparse
    kept = estimate(ask).parts["activations"]
    assert kept == 61 * 2 * 7168 + max(dense, sparse)


def test_the_vocabulary_costs_12_bytes_an_entry_and_token() -> None:
    parts = estimate(about("Llama 3.1 8B", do="train", context=10, batch=3)).parts
    assert parts["logits"] == 30 * 128256 * 12


def test_lora_trains_two_thin_matrices_beside_each() -> None:
    ask = about("Llama 2 7B", do="train", method="qlora", rank=8)
    thin = 4 * (4096 + 4096) + 3 * (4096 + 11008)
    parts = estimate(ask).parts
    assert parts["adapter"] == parts["gradients"] == 2 * 8 * 32 * thin
    assert parts["states"] == 2 * parts["master"] == 4 * parts["adapter"]
    assert parts["weights"] < estimate(replace(ask, method="lora")).parts["weights"] / 3


def test_qlora_fits_65_billion_on_48_gb_as_its_paper_says() -> None:
    row = SHAPES["Llama 2 70B"]
    ask = Ask(row.kind, row.config, do="train", method="qlora", context=512, memory=48)
    assert estimate(ask).fits


def test_more_cards_take_a_part_and_activations_are_those_of_a_group() -> None:
    whole = estimate(about("Qwen3 32B", do="train", zero=3)).parts
    cut = estimate(about("Qwen3 32B", do="train", zero=3, d=4, t=2, p=3)).parts
    for part in ("weights", "gradients", "master", "states"):
        assert cut[part] == math.ceil(whole[part] / 24)
    for part in ("activations", "logits"):
        assert cut[part] == math.ceil(whole[part] / 2)


@pytest.mark.parametrize(
    ("n", "d", "ours", "published"),
    [
        (175e9, 300e9, 3.15e23, 3.14e23),
        (70e9, 1.4e12, 5.88e23, 5.76e23),
        (405e9, 15.6e12, 3.79e25, 3.8e25),
    ],
)
def test_the_operations_are_those_of_the_papers(n, d, ours, published) -> None:
    flops = tool.training_flops(n, d, lora=False, checkpoint=False)
    assert flops == pytest.approx(ours, rel=2e-3)
    assert flops == pytest.approx(published, rel=0.025)


def test_the_price_is_that_of_deepseek_s_report() -> None:
    """2.788 M hours of an H800, each at 2 dollars: 5.576 M dollars."""
    row = SHAPES["DeepSeek-V3"]
    ask = Ask(row.kind, row.config, do="train", checkpoint=False, peak=989.0, price=2.0)
    tokens = 2.788e6 * 3600 * 989e12 * 0.4 / 6 / size(row.kind, row.config).active
    answer = estimate(replace(ask, tokens=tokens, d=2048))
    assert answer.money == pytest.approx(5.576e6)
    assert answer.seconds * 2048 / 3600 == pytest.approx(2.788e6)


def test_frozen_matrices_save_a_third_and_checkpoints_cost_one() -> None:
    def flops(**asked) -> float:
        return estimate(about("Llama 3.1 8B", **asked)).flops

    full = flops(**TRAIN)
    assert full == 6 * 8_030_261_248 * 1e8
    assert flops(**TRAIN | {"checkpoint": True}) / full == pytest.approx(4 / 3)
    assert flops(**TRAIN, method="lora") / full == pytest.approx(2 / 3)


# --- how many cards -----------------------------------------------------------------


@pytest.mark.parametrize("ask", inferences() + trainings(), ids=lambda ask: ask.kind)
def test_the_fewest_cards_do_and_half_of_them_do_not(ask: Ask) -> None:
    def fits(cards: int) -> bool:
        if ask.do == "train":
            return estimate(replace(ask, d=cards)).fits
        return estimate(replace(ask, t=cards, p=1, d=1)).fits

    found = estimate(ask).cards
    if found is None:
        assert not fits(tool.MOST_CARDS)
    else:
        many = found // (ask.t * ask.p) if ask.do == "train" else found
        assert fits(many) and (many == 1 or not fits(many // 2))


def test_without_zero_no_number_of_cards_is_of_use() -> None:
    ask = about("Llama 3.1 8B", do="train")
    assert estimate(ask).cards is None
    assert estimate(replace(ask, zero=3)).cards == 4


# --- beside the page's programs -----------------------------------------------------


def test_the_page_s_account_is_the_same(run_snippet) -> None:
    program = run_snippet("faq/hardware_account_python")
    c = program.c
    made = size("llama", SHAPES["Llama 3.1 8B"].config)
    assert (c.embed, c.linear, c.rest, c.adapter) == (
        made.embed,
        made.linear,
        made.rest,
        made.adapter,
    )
    for precision in ("bf16", "int8", "int4", "nf4"):
        ask = about("Llama 3.1 8B", weights=precision)
        assert estimate(ask).parts["weights"] == program.frozen(c, precision)
    for checkpoint in (True, False):
        ask = about("Llama 3.1 8B", do="train", checkpoint=checkpoint, context=4096)
        parts = estimate(ask).parts
        layers, vocab = program.activations(c, 4096, checkpoint)
        assert (parts["activations"], parts["logits"]) == (layers, vocab)
    for zero in range(4):
        ask = Ask("count", {"params": 7_500_000_001}, do="train", d=64, zero=zero)
        parts = estimate(ask).parts
        mine = [
            parts["weights"],
            parts["gradients"],
            parts["master"] + parts["states"],
        ]
        found = program.states(7_500_000_001, d=64, zero=zero)
        # the master copy and the states are rounded together there
        assert [abs(a - b) for a, b in zip(mine, found, strict=True)] <= [0, 0, 1]


# --- the element --------------------------------------------------------------------


@pytest.fixture(scope="module")
def html() -> str:
    return tool.element(*FILES)


def test_the_script_is_sent_models_cards_and_presets(html: str) -> None:
    assert html.count("<script") == html.count("</script>") == 1
    data = json.loads(re.search(r"<script[^>]*>(.*?)</script>", html)[1])
    rows = {name: (kind, config) for name, _, kind, config in data["models"]}
    assert rows == {name: (row.kind, row.config) for name, row in SHAPES.items()}
    card = next(card for card in data["cards"] if card[0] == "H100")
    chip = next(c for c in models.load_chips(FILES[1]) if c.name == "H100")
    assert card[1:5] == [chip.by, chip.memory, chip.bandwidth, chip.peak]
    assert [name for name, _ in data["presets"]] == [name for name, _ in tool.PRESETS]


def test_the_table_answers_the_presets(html: str) -> None:
    rows = dict(re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', html))
    cells = {name: re.findall(r"<td>(.*?)</td>", row) for name, row in rows.items()}
    assert list(cells) == [name for name, _ in tool.PRESETS]
    assert cells["8B 推理，24 GB"] == ["17.1 GB", "21.6 GB", "放得下"]
    assert cells["8B 4 比特推理，12 GB"] == ["7.10 GB", "10.8 GB", "放得下"]
    assert cells["8B 全量，80 GB"] == [
        "136.7 GB",
        "72.0 GB",
        "放不下，用 ZeRO 3 级，4 张放得下",
    ]
    assert cells["ZeRO 论文：7.5B，64 卡"] == ["1.88 GB", "28.8 GB", "64 张放得下"]
    assert cells["8B LoRA，24 GB"][2] == "放不下，用 ZeRO 3 级，2 张放得下"
    assert cells["QLoRA 论文：65B 全量"][0] == "780.0 GB"


def test_the_foot_names_the_page_s_program(html: str) -> None:
    assert '<a href="#account">hardware_account_python.py</a>' in html
    assert (ROOT / "snippets/faq" / tool.PROGRAM[0]).is_file()


@pytest.mark.parametrize("text", ["do=infer&model=Lama", "do=infer&model=GPT-2&card=X"])
def test_an_unknown_name_is_named(text: str) -> None:
    with pytest.raises(HandbookError, match="no (model 'Lama'|card 'X')"):
        tool.read(text, {tool.slug(n): row for n, row in SHAPES.items()}, {})


def test_every_kind_is_among_the_questions_asked_of_both() -> None:
    assert {SHAPES[name].kind for name in KINDS} == set(models.KINDS)
    assert len(inferences()) + len(trainings()) > 200
