"""Hardware: parameters, caches and activations against transformers, and the sums.

References that the programs never call: models of transformers on the meta device or
small ones in memory, hooks on saved tensors and the profiler's record of allocations
instead of the program's own counter, whole numbers and fractions, and torch's AdamW
for the shards.
"""

import re
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.profiler import ProfilerActivity, profile
from transformers import (
    AutoModelForCausalLM,
    DeepseekV3Config,
    LlamaConfig,
    OPTConfig,
    Qwen2Config,
    Qwen3Config,
)
from transformers.models.llama.modeling_llama import (
    LlamaDecoderLayer,
    LlamaRotaryEmbedding,
)
from transformers.models.qwen3.modeling_qwen3 import Qwen3DecoderLayer

from handbook.facts import models
from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/faq/hardware.md"


@pytest.fixture
def hand(run_snippet):
    return run_snippet("faq/hardware_hand_python")


@pytest.fixture
def activations(run_snippet):
    return run_snippet("faq/hardware_activations_torch")


@pytest.fixture
def account(run_snippet):
    return run_snippet("faq/hardware_account_python")


@pytest.fixture
def fit(run_snippet):
    return run_snippet("faq/hardware_fit_python")


@pytest.fixture
def lora(run_snippet):
    return run_snippet("faq/hardware_lora_torch")


@pytest.fixture
def shard(run_snippet):
    return run_snippet("faq/hardware_shard_numpy")


def page():
    return PAGE.read_text(encoding="utf-8")


# --- references: models of transformers -----------------------------------------

QWEN3 = {  # name: width, layers, heads, hidden, whether tied; all with 8 heads of keys
    "0.6B": (1024, 28, 16, 3072, True),
    "1.7B": (2048, 28, 16, 6144, True),
    "4B": (2560, 36, 32, 9728, True),
    "8B": (4096, 36, 32, 12288, False),
    "14B": (5120, 40, 40, 17408, False),
    "32B": (5120, 64, 64, 25600, False),
}


def llama(width, layers, heads, kv_heads, hidden, vocab=128256, **more):
    return LlamaConfig(
        vocab_size=vocab,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        intermediate_size=hidden,
        **more,
    )


def qwen3(name):
    width, layers, heads, hidden, tied = QWEN3[name]
    return Qwen3Config(
        vocab_size=151936,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=8,
        head_dim=128,
        intermediate_size=hidden,
        tie_word_embeddings=tied,
    )


LLAMA_2_7B = llama(4096, 32, 32, 32, 11008, vocab=32000)
LLAMA_8B = llama(4096, 32, 32, 8, 14336)
LLAMA_70B = llama(8192, 80, 64, 8, 28672)
LLAMA_405B = llama(16384, 126, 128, 8, 53248)


BUILT = {}


def on_meta(config):
    """The model in bf16, without memory for its numbers; built once."""
    key = config.to_json_string(use_diff=False)
    if key not in BUILT:
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
        BUILT[key] = model
    return BUILT[key]


def parameters(config):
    """All of a model's, and those of the matrices of its blocks."""
    model = on_meta(config)
    total = sum(p.numel() for p in model.parameters())
    return total, sum(m.weight.numel() for m in matrices(config))


def matrices(config):
    model = on_meta(config)
    linears = {n: m for n, m in model.named_modules() if isinstance(m, nn.Linear)}
    return [m for n, m in linears.items() if "lm_head" not in n]


def numbers_of(cache_of_keys):
    layers = cache_of_keys.layers
    return sum(layer.keys.numel() + layer.values.numel() for layer in layers)


def cached(config, tokens=1, batch=1):
    """How many numbers the cache holds after a forward pass."""
    with torch.device("meta"), torch.no_grad():
        ids = torch.zeros(batch, tokens, dtype=torch.long)
        return numbers_of(on_meta(config)(ids, use_cache=True).past_key_values)


def in_bits(config, bits, scales):
    """The bytes of the weights when the matrices are stored by blocks."""
    total, linear = parameters(config)
    stored = linear * (bits + scales) / 8
    return 2 * (total - linear) + stored


def frozen(config, precision):
    """The rules of the formats: so many bits a number, and the scales of a block."""
    scales = {
        "bf16": (16, Fraction(0)),
        "int8": (8, Fraction(0)),
        "int4": (4, Fraction(16, 32)),
        "nf4": (4, Fraction(8, 64) + Fraction(32, 64 * 256)),
    }
    return in_bits(config, *scales[precision])


def learnt(config, rank=16):
    """The parameters of two narrow matrices beside each matrix of the blocks."""
    made = 0
    for m in matrices(config):
        down = torch.empty(rank, m.in_features, device="meta")
        up = torch.empty(m.out_features, rank, device="meta")
        made += down.numel() + up.numel()
    return made


def saved(run, x, *own):
    """The bytes that autograd keeps for the way back, each storage once."""
    known = {t.untyped_storage().data_ptr() for t in own}
    sizes = {}

    def pack(t):
        storage = t.untyped_storage()
        if storage.data_ptr() not in known:
            sizes[storage.data_ptr()] = storage.nbytes()
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        kept_alive = run(x)
    del kept_alive
    return sum(sizes.values())


def layer_saves(layer, config, tokens=64):
    """What one layer of transformers keeps of a token, in bf16."""
    layer = layer(config, 0).bfloat16()
    x = torch.randn(1, tokens, config.hidden_size).bfloat16().requires_grad_()
    turns = LlamaRotaryEmbedding(config)(x, torch.arange(tokens)[None])
    own = [*layer.parameters(), *turns]
    kept = saved(lambda x: layer(x, position_embeddings=turns), x, *own)
    return Fraction(kept, tokens)


def rows(text):
    """The rows of a printed table: {first cell: the numbers of the rest}."""
    found = [line.split(" | ") for line in text.splitlines() if " | " in line]
    return {cells[0]: cells[1:] for cells in found}


# --- by hand --------------------------------------------------------------------


def test_the_weights_by_hand_are_those_of_the_model(hand):
    total, _ = parameters(LLAMA_2_7B)
    assert hand.params == total
    (printed,) = after(hand.stdout_text, "权重：")
    assert printed == round(2 * total / 1e9, 2)


def test_the_cache_by_hand_is_what_the_model_keeps(hand):
    token = 2 * cached(LLAMA_2_7B)
    text = hand.printed_by["cache"]
    assert line_of(text, "一个词元的键值缓存：") == f"{token:,} 字节"
    whole = 2 * cached(LLAMA_2_7B, tokens=4096)
    (one,) = after(text, "一个用户读满 4096 个词元：")
    assert one == round(whole / 1e9, 2)
    (ten,) = after(text, "十个这样的用户：")
    assert ten == round(2 * cached(LLAMA_2_7B, 4096, batch=10) / 1e9, 2)


def test_what_is_left_holds_so_many_users_and_not_one_more(hand):
    text = hand.printed_by["left"]
    usable, weights = Fraction(24 * 9, 10) * 10**9, 2 * parameters(LLAMA_2_7B)[0]
    (left,) = numbers(line_of(text, "24 GB 的卡，去掉一成与权重，还剩："))
    assert left == round(float(usable - weights) / 1e9, 2)
    grouped = llama(4096, 32, 32, 8, 11008, vocab=32000)
    for config, start in (
        (LLAMA_2_7B, "同时容得下读满的用户："),
        (grouped, "若键、值只有 8 个头，容得下："),
    ):
        (users,) = after(text, start)
        one = 2 * cached(config, tokens=4096)
        assert weights + users * one <= usable < weights + (users + 1) * one


# --- activations ----------------------------------------------------------------


def small(**more):
    return llama(128, 3, 8, 2, 352, vocab=1000, attn_implementation="sdpa", **more)


def test_a_layer_of_transformers_keeps_what_the_program_measured(activations):
    text = activations.printed_by["layer"]
    (measured,) = after(text, "小的一层，每个词元留下：")
    (formula,) = after(text, "公式：")
    assert measured == formula == layer_saves(LlamaDecoderLayer, small())


@pytest.mark.parametrize("shape", [(64, 1, 4, 4, 96), (96, 1, 12, 3, 80)])
def test_the_formula_holds_for_layers_of_other_shapes(activations, shape):
    config = llama(*shape, vocab=16, attn_implementation="sdpa")
    d, _, heads, kv_heads, f = shape
    ours = activations.llama_layer(d, d, d // heads * kv_heads, f, heads)
    assert ours == layer_saves(LlamaDecoderLayer, config)


def test_the_layer_of_the_real_model_follows_from_its_configuration(activations):
    each, layers, whole = [
        float(x.replace(",", ""))
        for x in re.findall(
            r"(?<![\w.])[\d,]+\.?\d*",
            line_of(activations.printed_by["layer"], "Llama 3.1 8B 的一层："),
        )
    ]
    # by tensors: two norms (fp32 input, normalised, result), q, k, v, out, MLP
    d, kv, f, heads = 4096, 1024, 14336, 32
    fp32 = [d, 1, d, 1, heads]
    half = [d, d, d, d, d, kv, kv, d, f, f, f, f]
    assert each == 4 * sum(fp32) + 2 * sum(half)
    assert layers == 32
    assert whole == round(layers * each / 1e6, 2)


def test_a_gpt_layer_keeps_what_hooks_see_with_its_input(activations):
    text = activations.printed_by["gpt"]
    d, heads, seq = 128, 8, 64
    options = {"activation": F.gelu, "dropout": 0, "norm_first": True}
    layer = nn.TransformerEncoderLayer(d, heads, 4 * d, batch_first=True, **options)
    layer = layer.bfloat16()
    mask = nn.Transformer.generate_square_subsequent_mask(seq).bfloat16()
    x = torch.randn(1, seq, d).bfloat16().requires_grad_()
    own = [*layer.parameters(), mask]
    kept = Fraction(saved(lambda x: layer(x, mask, is_causal=True), x, *own), seq)
    (measured,) = after(text, "GPT 的一层，每个词元留下：")
    assert measured == kept
    (times,) = after(text, "去掉与宽度无关的，是宽度的：")
    assert times == 34 - 2  # Korthikanti's, without the two masks of dropout
    assert measured == times * d + 4 * heads + 4 * 2  # two means, two deviations


def test_the_programs_layer_computes_what_a_llama_layer_does(activations):
    layer, x = activations.layers[0].float(), torch.randn(2, 5, 128)
    q, k, v, o, gate, up, down = [m.weight for m in layer.linears]

    def norm(x):
        return F.rms_norm(x, (128,), eps=1e-6)

    def heads(x):
        return x.unflatten(-1, (-1, 16)).transpose(1, 2)

    h = norm(x)
    queries, keys, values = heads(h @ q.mT), heads(h @ k.mT), heads(h @ v.mT)
    scores = queries @ keys.repeat_interleave(4, 1).mT / 4
    scores = scores.masked_fill(torch.ones(5, 5).triu(1).bool(), -torch.inf)
    mixed = scores.softmax(-1) @ values.repeat_interleave(4, 1)
    y = x + mixed.transpose(1, 2).flatten(2) @ o.mT
    h = norm(y)
    expected = y + (F.silu(h @ gate.mT) * (h @ up.mT)) @ down.mT
    assert (layer(x) - expected).abs().max() < 0.02  # the norm rounds to bf16
    layer.bfloat16()


def test_with_checkpoints_only_the_inputs_of_layers_are_kept(activations):
    text = activations.printed_by["checkpoint"]
    (whole,) = after(text, "四层，每个词元留下：")
    assert whole == 4 * layer_saves(LlamaDecoderLayer, small())
    kept, times = after(text, "只存各层的输入：")
    assert (kept, times) == (4 * 2 * 128, 2)


def test_transformers_own_checkpoints_leave_one_layer_at_the_peak():
    """A whole model: what is alive at most, with and without, by the profiler."""
    model = AutoModelForCausalLM.from_config(small(use_cache=False)).bfloat16()
    ids = torch.randint(1000, (1, 512))
    layer = layer_saves(LlamaDecoderLayer, small()) * 512
    for checkpoints in (False, True):
        if checkpoints:
            model.train().activation_checkpointing_enable()
        made = most_alive(lambda: model(input_ids=ids, labels=ids).loss)
        expected = (3 * 2 * 128 * 512) if checkpoints else 3 * layer
        rest = 512 * (8 * 128 + 4 * 1000)  # last norm and its output; log-softmax
        assert made == pytest.approx(float(expected + rest), rel=0.02, abs=0)
        model.zero_grad()


def most_alive(forward, backward=False):
    """Bytes that are still held after ``forward``, or the most during ``backward``."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        loss = forward()
        if backward:
            loss.backward()
    sizes = [e.nbytes() for e in seen.profiler.kineto_results.events() if is_memory(e)]
    return max(np.cumsum(sizes)) if backward else sum(sizes)


def is_memory(event):
    return event.name() == "[memory]"


def test_the_logits_take_what_the_profiler_sees(activations):
    n, vocab, d = 128, 1000, 16
    w = torch.randn(vocab, d).bfloat16().requires_grad_()
    x = torch.randn(n, d).bfloat16().requires_grad_()
    target = torch.randint(vocab, (n,))

    def forward():
        return F.cross_entropy((x @ w.mT).float(), target)

    text = activations.printed_by["logits"]
    for start, backward in (("前向之后留下", False), ("反向时最多", True)):
        (printed,) = after(text, f"打分的每个数，{start}：")
        assert printed == round(most_alive(forward, backward) / (n * vocab))


@pytest.mark.parametrize(
    ("name", "kind", "options"),
    [
        ("AdamW", torch.optim.AdamW, {}),
        ("SGD 加动量", torch.optim.SGD, {"momentum": 0.9}),
        ("SGD", torch.optim.SGD, {}),
    ],
)
def test_the_states_are_those_of_a_saved_optimizer(activations, name, kind, options):
    layer = nn.Linear(50, 40)
    optimizer = kind(layer.parameters(), lr=0.1, **options)
    layer(torch.ones(1, 50)).sum().backward()
    optimizer.step()
    states = optimizer.state_dict()["state"].values()
    found = [v for s in states for v in s.values() if v is not None]
    size = sum(v.nbytes for v in found if v.dim())
    (printed,) = after(activations.printed_by["states"], f"{name}，每个参数的状态：")
    assert printed == size / (50 * 40 + 40)
    ours = {"AdamW": 8, "SGD 加动量": 4, "SGD": 0}[name]
    assert printed == ours


# --- the account ----------------------------------------------------------------


def commas(text):
    return [int(x.replace(",", "")) for x in re.findall(r"\d[\d,]*\d", text)]


def test_the_accounts_parameters_are_those_of_the_model(account):
    text = account.printed_by["params"]
    total, linear = parameters(LLAMA_8B)
    assert commas(line_of(text, "参数：")) == [total]
    norms = sum(
        p.numel() for n, p in on_meta(LLAMA_8B).named_parameters() if "norm" in n
    )
    printed = commas(line_of(text, "词嵌入与输出层 "))
    assert printed == [total - linear - norms, linear, norms]


def test_inference_is_weights_by_format_and_the_models_cache(account):
    text = account.printed_by["infer"]
    kept = 2 * cached(LLAMA_8B, tokens=8192)
    token, count, size = [
        float(x.replace(",", ""))
        for x in re.findall(r"\d[\d,.]*", line_of(text, "一个词元的缓存 "))
    ]
    assert (token, count) == (kept / 8192, 8192)
    assert size == round(kept / 1e9, 2)
    for precision in ("bf16", "int8", "int4"):
        weights = frozen(LLAMA_8B, precision)
        assert account.frozen(account.c, precision) == weights
        printed = after(text, f"{precision}：权重 ")
        assert printed == [round(float(x) / 1e9, 2) for x in (weights, weights + kept)]


def test_nf4_needs_the_bits_of_the_papers_double_quantisation(account):
    assert account.frozen(account.c, "nf4") == frozen(LLAMA_8B, "nf4")
    over, under = account.BYTES["nf4"]
    assert float(Fraction(8 * over, under)) == pytest.approx(4.127, abs=5e-4)


def test_bytes_that_do_not_come_out_even_are_rounded_up(account):
    odd = account.llama(7, 4, 1, 2, 1, 3)
    total, linear = odd.total, odd.linear
    exact = Fraction(linear * 9, 16) + 2 * (total - linear)
    assert exact.denominator > 1
    assert 0 < account.frozen(odd, "int4") - exact < 1
    sizes = account.states(7, d=4, zero=3)
    assert sizes == [4, 4, 21]


def test_the_five_ways_are_the_sums_of_their_parts(account):
    text = account.printed_by["ways"]
    total, _ = parameters(LLAMA_8B)
    adapter = learnt(LLAMA_8B)
    each = layer_of_8b()
    scores = 4096 * 12 * 128256
    with_checkpoints = 4096 * (32 * 2 * 4096 + each)
    ways = {
        "全量，混合精度": (0, 16 * total, with_checkpoints),
        "全量，无主权重": (0, 12 * total, with_checkpoints),
        "LoRA，秩 16": (frozen(LLAMA_8B, "bf16"), 16 * adapter, with_checkpoints),
        "QLoRA，秩 16": (frozen(LLAMA_8B, "nf4"), 16 * adapter, with_checkpoints),
        "QLoRA，不开检查点": (frozen(LLAMA_8B, "nf4"), 16 * adapter, 4096 * 32 * each),
    }
    printed = rows(text)
    assert list(printed) == ["办法", *ways]
    for name, parts in ways.items():
        parts = (*parts, scores)
        expected = [f"{float(x) / 1e9:.1f}" for x in (*parts, sum(parts))]
        assert printed[name] == expected


def layer_of_8b():
    """By tensors, in whole numbers: two norms, attention, the gated MLP."""
    d, kv, f, heads = 4096, 1024, 14336, 32
    return 4 * (2 * d + 2 + heads) + 2 * (4 * d + 2 * d + 2 * kv + 4 * f)


def test_the_accounts_layer_is_what_transformers_keeps(account):
    c = account.llama(16, 128, 5, 8, 2, 352)
    measured = layer_saves(LlamaDecoderLayer, small())
    assert account.activations(c, 10, False) == (50 * measured, 10 * 12 * 16)
    kept, _ = account.activations(c, 10, True)
    assert kept == 10 * (5 * 2 * 128 + measured)
    assert layer_of_8b() * 32 == account.activations(account.c, 1, False)[0]


def test_the_published_caches_are_those_of_models_in_transformers(account):
    text = account.printed_by["check"]
    shared = {"num_hidden_layers": 40, "num_attention_heads": 40}
    opt = OPTConfig(hidden_size=5120, ffn_dim=20480, word_embed_proj_dim=5120, **shared)
    qwen = Qwen2Config(
        hidden_size=8192,
        num_hidden_layers=80,
        num_attention_heads=64,
        num_key_value_heads=8,
        intermediate_size=29568,
    )
    for name, config in (
        ("OPT-13B", opt),
        ("Qwen2.5-72B", qwen),
        ("Llama 3.1 405B", LLAMA_405B),
    ):
        size = 2 * cached(config)
        (line,) = [x for x in text.splitlines() if x.startswith(f"{name} 每词元缓存")]
        kb, kib, published = re.findall(r"([\d.]+) K", line)
        assert (float(kb), float(kib)) == (size / 1000, size / 1024)
        assert published in (kb, kib)  # some write KB and mean KiB


def test_the_cache_of_mla_is_one_narrow_vector_a_layer(account):
    text = account.printed_by["check"]
    layers, numbers_a_layer = 61, mla_numbers(layers=2, kv_rank=512, rope=64) // 2
    size = 2 * layers * numbers_a_layer
    kb, kib, published = numbers(
        line_of(text, "DeepSeek-V3 每词元缓存 ").replace("K", "")
    )
    assert (kb, kib, published) == (size / 1000, size / 1024, size / 1000)


def mla_numbers(layers, kv_rank, rope, tokens=1, batch=1):
    """What the projection to the narrow vector makes, and the cache holds, by layer."""
    config = DeepseekV3Config(
        vocab_size=16,
        hidden_size=64,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=4,
        kv_lora_rank=kv_rank,
        qk_rope_head_dim=rope,
        q_lora_rank=8,
        qk_nope_head_dim=16,
        v_head_dim=16,
        intermediate_size=8,
        first_k_dense_replace=layers,
    )
    model, made = on_meta(config), []
    hooks = [
        layer.self_attn.kv_a_proj_with_mqa.register_forward_hook(
            lambda module, given, out: made.append(out.numel())
        )
        for layer in model.model.layers
    ]
    with torch.device("meta"), torch.no_grad():
        model(torch.zeros(batch, tokens, dtype=torch.long))
    for hook in hooks:
        hook.remove()
    assert len(made) == layers
    return sum(made)


def test_the_stages_of_zero_are_those_of_the_papers_sums(account):
    text = account.printed_by["check"]
    psi = Fraction(15, 2)
    published = [120, 31.4, 16.6, 1.9]
    for stage, ours in enumerate(
        [
            (2 + 2 + 12) * psi,
            (2 + 2) * psi + 12 * psi / 64,
            2 * psi + 14 * psi / 64,
            16 * psi / 64,
        ]
    ):
        printed = after(text, f"7.5 B，64 张卡，ZeRO {stage} 级 ")
        assert printed == [round(float(ours), 2), published[stage]]
        assert printed[0] == pytest.approx(printed[1], abs=0.05)


def test_sixty_five_billions_need_780_or_1040(account):
    text = account.printed_by["check"].replace(",", "")
    assert after(text, "65 B 全量微调，没有主权重 ") == [65 * 12, 780]
    assert after(text, "65 B 全量微调，有主权重 ") == [65 * 16, 780]


def test_eight_bits_a_state_and_no_state_are_counted_so(account):
    for name, each in (("8 位 AdamW", 2), ("SGD 加动量", 4), ("SGD", 0)):
        assert account.states(1000, name) == [2000, 2000, 1000 * (4 + each)]


# --- what fits ------------------------------------------------------------------

WAYS = ["bf16", "int4", "QLoRA", "LoRA", "全量"]


def config_of(name):
    return LLAMA_70B if name == "70B" else qwen3(name)


def qwen3_layer_extra():
    """What the norms of queries and keys add, a number of their width and a head."""
    shape = dict(
        vocab_size=16,
        hidden_size=64,
        num_hidden_layers=1,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        intermediate_size=80,
    )
    one = layer_saves(Qwen3DecoderLayer, Qwen3Config(**shape))
    plain = layer_saves(LlamaDecoderLayer, LlamaConfig(**shape))
    return one - plain


def test_the_norms_of_queries_and_keys_keep_what_the_program_adds(fit):
    q, kv, heads, kv_heads = 128, 64, 4, 2
    assert qwen3_layer_extra() == 6 * (q + kv) + 4 * (heads + kv_heads)
    for way in ("QLoRA", "LoRA", "全量"):
        shape = 1000, 64, 3, heads, kv_heads, 32, 80, False
        more = fit.need((*shape, True), way) - fit.need((*shape, False), way)
        assert more == pytest.approx(2048 * float(qwen3_layer_extra()))


@cache
def needed(name, way):
    """The same by models of transformers, norms included."""
    config = config_of(name)
    total, _ = parameters(config)
    if way in ("bf16", "int4"):
        return frozen(config, way) + 2 * 8192 * cached(config)
    d, f = config.hidden_size, config.intermediate_size
    heads, kv_heads = config.num_attention_heads, config.num_key_value_heads
    q, kv = heads * 128, kv_heads * 128
    layer = 4 * (2 * d + 2 + heads) + 2 * (4 * d + 2 * q + 2 * kv + 4 * f)
    if name != "70B":
        layer += 6 * (q + kv) + 4 * (heads + kv_heads)
    tokens = layer + config.num_hidden_layers * 2 * d + 12 * config.vocab_size
    kept = 2048 * tokens
    if way == "全量":
        return 16 * total + kept
    base = frozen(config, "nf4" if way == "QLoRA" else "bf16")
    return base + 16 * learnt(config) + kept


@pytest.mark.parametrize("name", [*QWEN3, "70B"])
def test_what_a_model_needs_is_that_of_transformers_to_a_thousandth(fit, name):
    for way in WAYS:
        ours = fit.need(fit.MODELS[name], way)
        assert ours == pytest.approx(float(needed(name, way)), rel=1e-3, abs=0)
    cells = rows(fit.printed_by["gap"])[name]
    expected = [float(needed(name, way)) / 0.9e9 for way in WAYS]
    assert [float(x) for x in cells] == pytest.approx(expected, rel=1e-3, abs=0.051)


def test_each_cell_of_the_table_is_the_largest_that_fits(fit):
    printed = rows(fit.printed_by["table"])
    assert list(printed) == ["显存"] + [f"{m} GB" for m in (8, 12, 16, 24, 48, 80)]
    heads = ["推理 bf16", "推理 4 比特", "QLoRA", "LoRA", "全量"]
    assert printed.pop("显存") == heads == rows(fit.printed_by["gap"])["模型"]
    names = [*QWEN3, "70B"]
    for memory, cells in printed.items():
        usable = Fraction(9, 10) * int(memory.split()[0]) * 10**9
        for way, cell in zip(WAYS, cells, strict=True):
            fitting = [n for n in names if float(needed(n, way)) <= usable]
            assert cell == (fitting[-1] if fitting else "无"), (memory, way)


def test_the_models_of_the_table_are_those_of_the_facts(fit):
    facts = {row.name: row for row in models.load_shapes()}
    for name in QWEN3:
        config = facts[f"Qwen3 {name}"].config
        vocab, d, layers, heads, kv_heads, head, f, tied, norm = fit.MODELS[name]
        assert config == {
            "vocab": vocab,
            "width": d,
            "layers": layers,
            "heads": heads,
            "kv_heads": kv_heads,
            "head": head,
            "hidden": f,
            "qk_norm": int(norm),
        } | ({"tied": 1} if tied else {})


def test_the_pages_first_table_has_the_programs_cells(fit):
    printed = rows(fit.printed_by["table"])
    heads = [name.removeprefix("推理 ") for name in printed.pop("显存")]
    section = page().partition("{ #by-memory }")[2].partition("{ #eight-gb }")[0]
    table = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|")
    ]
    assert table[0] == ["显存", *heads]
    for memory, *cells in table[2:]:
        assert cells == printed.pop(memory)
    assert not printed


def test_half_the_context_makes_room_for_8b_on_eight_gb(fit):
    over = float(needed("8B", "int4")) - 7.2e9
    freed = 2 * 4096 * cached(qwen3("8B"))
    assert 0 < over < freed
    assert f"只差 {over / 1e9:.1f} GB" in page()
    assert f"缓存少 {freed / 1e9:.1f} GB" in page()


# --- LoRA -----------------------------------------------------------------------


def test_the_narrow_matrices_have_as_many_numbers_as_the_formula(lora):
    text = lora.printed_by["step"]
    made, formula = numbers(line_of(text, "可训练的参数："))
    layers = [nn.Linear(*shape, bias=False) for shape in lora_shapes()]
    narrow = [
        (nn.Linear(m.in_features, 4), nn.Linear(4, m.out_features)) for m in layers
    ]
    assert made == formula == sum(m.weight.numel() for pair in narrow for m in pair)


def lora_shapes():
    return [(64, 64), (64, 16), (64, 16), (64, 64), (64, 172), (64, 172), (172, 64)]


def test_the_base_has_no_gradient_and_no_state_and_does_not_move(lora):
    text = lora.printed_by["step"]
    assert line_of(text, "底座有梯度的：").strip() == "0"
    assert line_of(text, "底座有状态的：").strip() == "0"
    assert line_of(text, "底座一个数也没有变：").strip() == "True"
    torch.manual_seed(0)
    for m, (into, out) in zip(lora.layers, lora_shapes(), strict=True):
        start = nn.Linear(into, out, bias=False).weight
        torch.randn(4, into)  # the narrow matrix is drawn between
        assert torch.equal(m.base.weight, start)
        assert m.base.weight.grad is None
    (each,) = after(text, "状态：每个可训练参数 ")
    assert each == 2 * 4  # two moments in fp32


def test_the_narrow_matrix_starts_with_numbers_of_the_size_of_one_by_r(lora):
    for m in lora.layers:
        assert m.A.std().item() == pytest.approx(1 / 4, rel=0.2)


def test_the_branch_is_scaled_and_merges_into_the_matrix(lora):
    assert (
        line_of(lora.printed_by["merge"], "训练完并回矩阵，输出相同：").strip()
        == "True"
    )
    layer = lora.layers[0]
    w, a, b = (
        t.detach().double().numpy() for t in (layer.base.weight, layer.A, layer.B)
    )
    assert np.abs(b).max() > 1e-4  # a step was made: the branch is not zero
    x = lora.x.double().numpy()
    by_hand = x @ (w + 8 / 4 * b @ a).T
    assert layer(lora.x).detach().numpy() == pytest.approx(by_hand, abs=1e-5)
    assert np.abs(by_hand - x @ w.T).max() > 1e-3


QWEN_7B = Qwen2Config(
    vocab_size=151936,
    hidden_size=4096,
    num_hidden_layers=32,
    num_attention_heads=32,
    num_key_value_heads=32,
    intermediate_size=11008,
)


def test_the_account_of_7b_is_that_of_its_configuration(lora):
    text = lora.printed_by["account"]
    total, linear = parameters(QWEN_7B)
    matrix = frozen(QWEN_7B, "nf4") - 2 * (total - linear)
    table = sum(
        p.numel()
        for n, p in on_meta(QWEN_7B).named_parameters()
        if "embed" in n or "lm_head" in n
    )
    adapter = 16 * learnt(QWEN_7B)
    for start, size in (
        ("各层的矩阵，nf4：", matrix),
        ("词嵌入与输出层，bf16：", 2 * table),
        ("LoRA 的权重、梯度与状态：", adapter),
    ):
        assert after(text, start) == [round(float(size) / 1e9, 2)]
    d, f = 4096, 11008
    layer = 4 * (2 * d + 2 + 32) + 2 * (4 * d + 4 * d + 4 * f)
    base = float(matrix + 2 * table + adapter)
    for tokens in (2048, 3072, 8192):
        scores, whole = tokens * 12 * 151936, tokens * 32 * layer
        least = tokens * (32 * 2 * d + layer)
        sums = scores, whole, base + scores + whole, least, base + scores + least
        assert rows(text)[str(tokens)] == [f"{x / 1e9:.1f}" for x in sums]


# --- shards ---------------------------------------------------------------------


def test_one_cards_weights_are_those_of_torchs_adamw(shard):
    w = nn.Parameter(torch.tensor(shard.start))
    optimizer = torch.optim.AdamW([w], lr=0.01, weight_decay=0.01)
    for x, y in zip(shard.xs, shard.ys, strict=True):
        optimizer.zero_grad()
        F.mse_loss(torch.tensor(x) @ w, torch.tensor(y)).div(2).backward()
        optimizer.step()
    assert shard.whole == pytest.approx(w.detach().numpy(), rel=1e-5)
    assert np.abs(shard.whole - shard.start).max() > 0.01
    for stage in (1, 2, 3):
        trained, _ = shard.train(stage)
        assert trained.tobytes() == shard.whole.tobytes()


def test_what_a_card_keeps_is_the_whole_or_a_quarter(shard):
    text = shard.printed_by["zero"]
    kept = {0: (8, 8, 16), 1: (8, 8, 4), 2: (8, 2, 4), 3: (2, 2, 4)}
    for stage in (1, 2, 3):
        line = line_of(text, f"{stage} 级，权重、梯度、动量：")
        assert line == f"{kept[stage]}，与一张卡逐位相同：True"
    assert line_of(text, "不分，权重、梯度、动量：").strip() == str(kept[0])


def test_scatter_gives_sums_and_gather_gives_all(shard):
    held = [np.arange(8) + 10 * i for i in range(4)]
    scattered = shard.reduce_scatter(held)
    assert [list(part) for part in scattered] == [
        [60 + 8 * i, 64 + 8 * i] for i in range(4)
    ]
    gathered = shard.all_gather(scattered)
    assert len(gathered) == 4
    assert all(list(g) == [60 + 4 * j for j in range(8)] for g in gathered)


def test_the_table_of_stages_is_the_papers_formula(shard):
    printed = rows(shard.printed_by["formula"])
    psi = Fraction(803, 100)
    for d in (1, 2, 4, 8):
        by_stage = [16, 4 + Fraction(12, d), 2 + Fraction(14, d), Fraction(16, d)]
        assert printed[str(d)] == [f"{float(psi * x):.1f}" for x in by_stage]


def test_columns_then_rows_need_one_sum_and_rows_first_are_wrong(shard):
    text = shard.printed_by["tensor"]
    assert line_of(text, "两张卡的结果相加，与整个相同：").strip() == "True"
    x, up, down = (torch.tensor(a) for a in (shard.x, shard.up, shard.down))
    for matrix in (x, up, down):
        assert matrix.min() < -1 and matrix.max() > 1  # so that ReLU cuts something
    whole = torch.relu(x @ up) @ down
    assert shard.product.tolist() == whole.tolist()
    halves = [
        torch.relu(x @ a) @ b
        for a, b in zip(up.chunk(2, 1), down.chunk(2, 0), strict=True)
    ]
    assert [c.tolist() for c in shard.cards] == [h.tolist() for h in halves]
    assert all(c.tolist() != whole.tolist() for c in shard.cards)
    line = line_of(text, "两张卡的参数：").strip()
    assert line == str([(up.numel() + down.numel()) // 2] * 2)
    assert line_of(text, "前一个按行切，先过激活函数再相加，相同：").strip() == "False"


# --- what the text works out, and what is drawn --------------------------------


def figure(name):
    return (ROOT / f"docs/assets/figures/hardware-{name}.svg").read_text("utf-8")


def widths(drawn, fill):
    """The widths of a figure's bars of one colour, from the top."""
    bar = rf'<rect x="[^"]*" y="[^"]*" width="([\d.]+)"[^>]*fill="var\(--hb-{fill}\)"'
    return [float(x) for x in re.findall(bar, drawn)]


def gb(size, digits=1):
    return f"{float(size) / 1e9:.{digits}f}"


def test_the_short_answer_is_that_of_qwen3_8b():
    config = qwen3("8B")
    assert f"权重约 {gb(frozen(config, 'int4'))} GB" in page()
    assert f"再加约 {gb(2 * 8192 * cached(config))} GB，12 GB 的卡" in page()
    assert float(needed("8B", "int4")) < 0.9 * 12e9
    assert 12e9 < float(needed("8B", "QLoRA")) / 0.9 < 16e9
    assert f"状态就要 {gb(16 * parameters(config)[0], 0)} GB" in page()


def test_the_sums_by_hand_are_those_of_the_model():
    weights, token = 2 * parameters(LLAMA_2_7B)[0], 2 * cached(LLAMA_2_7B)
    assert f"所以是 {gb(weights, 2)} GB" in page()
    assert f"\\times2={token}$ 字节" in page()
    assert 25_500 < weights / token < 26_000 and "两万五千多个词元" in page()
    qwen = 2 * 7.7
    for said in (f"16 位是 {qwen} GB", f"少算了 {qwen - 9.5:.1f} GB"):
        assert said in page()
    assert f"补上是 {9.5 + 4.6 + 1.5 + qwen - 9.5:.1f} GB" in page()


def test_the_text_has_the_formula_and_the_sizes_of_a_layer(activations):
    (formula,) = re.findall(r"\$\$\n(16d.*)\n\$\$", page())
    said = re.sub(r"(\d)([a-z])", r"\1*\2", re.sub(r"[{}]", "", formula))
    own = {"d": 64, "d_q": 96, "d_kv": 32, "n_h": 6, "f": 200}
    assert eval(said, own) == activations.llama_layer(64, 96, 32, 200, 6)
    each = layer_of_8b()
    assert page().count(f"{each:,}") >= 2
    assert 24 < each / (2 * 4096) < 25 and "不到二十四分之一" in page()
    assert 4 * 14336 * 2 > each / 2 and "一半以上在前馈" in page()
    assert f"就是 {gb(12 * 128256 * 4096)} GB" in page()
    assert f"激活值一笔就有 {gb(4096 * 32 * each)} GB" in page()
    bits = frozen(LLAMA_8B, "int4")
    assert f"4 比特的权重是 {gb(bits, 2)} GB，不是 80 亿的一半 4.0 GB" in page()


def test_frozen_norms_keep_as_much_less_as_the_text_says():
    class Frozen(LlamaDecoderLayer):
        def __init__(self, *given):
            super().__init__(*given)
            for name, p in self.named_parameters():
                p.requires_grad_("norm" not in name)

    less = layer_saves(LlamaDecoderLayer, small()) - layer_saves(Frozen, small())
    assert less == 2 * 2 * 128
    assert f"还能少存 {4 * 4096 / layer_of_8b():.0%}" in page()


def test_the_text_on_lora_has_the_sums_of_the_accounts(lora):
    one = 16 * (4096 + 4096)
    assert f"={one}$" in page() and f"{one:,} 个数" in page()
    assert f"是原来的 {one / 4096**2:.2%}" in page()
    by_length = rows(lora.printed_by["account"])
    _, _, whole, _, saved = by_length["2048"]
    assert f"不开检查点 {whole} GB，开了 {saved} GB" in page()
    assert f"打开检查点，{by_length['3072'][4]} GB" in page()
    total, linear = parameters(QWEN_7B)
    matrix = frozen(QWEN_7B, "nf4") - 2 * (total - linear)
    assert f"4 比特的矩阵 {gb(matrix, 2)} GB，" in page()
    assert f"词嵌入与输出层 {gb(2 * 2 * 151936 * 4096, 2)} GB" in page()
    saved = 16 * (learnt(QWEN_7B) - learnt(QWEN_7B, 8))
    assert f"减到 8，只省 {gb(saved)} GB" in page()
    layer = 4 * (2 * 4096 + 2 + 32) + 2 * (8 * 4096 + 4 * 11008)
    held = frozen(LLAMA_2_7B, "nf4") + 16 * learnt(LLAMA_2_7B)
    held += 2048 * (32 * 2 * 4096 + layer + 12 * 32000)
    assert f"打开检查点，{gb(held)} GB 就够" in page()
    assert float(held) < 0.9 * 8e9  # what the link asks


def test_what_almost_fits_needs_the_lengths_of_the_text(fit):
    cells = rows(fit.printed_by["gap"])
    assert f"8B 的 LoRA 要 {cells['8B'][3]} GB" in page()
    assert f"32B 的 4 比特推理要 {cells['32B'][1]} GB" in page()
    usable, config = 0.9 * 24e9, qwen3("8B")
    fixed = float(frozen(config, "bf16") + 16 * learnt(config))
    each = (float(needed("8B", "LoRA")) - fixed) / 2048
    assert 1_900 <= (usable - fixed) / each < 2_000 and "缩到 1,900 个词元" in page()
    weights, token = float(frozen(qwen3("32B"), "int4")), 2 * cached(qwen3("32B"))
    assert 3_500 <= (usable - weights) / token < 3_600 and "要缩到 3,500" in page()
    linear = parameters(config)[1]
    parts = 2 * 151936 * 4096 * 1.5, linear / 16, 2 * 8192 * cached(config)
    said = "多 {}，比例 {}，缓存 {}，留的一成 {}。"
    rest = float(needed("8B", "int4")) / 9
    assert said.format(*map(gb, (*parts, rest))) in page()


def test_the_text_on_shards_and_on_what_was_published_counts_alike(shard, account):
    eight = rows(shard.printed_by["formula"])["8"]
    assert f"每张 {eight[3]} GB，从 {eight[0]} 降下来" in page()
    said = [f"{float(Fraction(15, 2) * x):.1f}" for x in (4 + Fraction(12, 64),)]
    said += [f"{float(Fraction(15, 2) * (2 + Fraction(14, 64))):.1f}"]
    said += [f"{float(Fraction(15, 2) / 4):.1f}"]
    assert f"代进去是 {'、'.join(said)} GB，不分是 120 GB" in page()
    assert "算出来是 819,200 字节，即 800 KiB" in page()
    assert 7 < 2 * cached(LLAMA_405B) / 70_272 < 7.5 and "405B 的七分之一" in page()
    assert f"合 {32_607 * 2**20 / 1e9:.2f} GB" in page()


def test_the_stacks_are_as_wide_as_the_parts(account):
    drawn, each = figure("stack"), layer_of_8b()
    printed = rows(account.printed_by["ways"])
    printed.pop("办法")
    told = re.findall(r'>([^<]*)</text>\n<text[^>]*text-anchor="end">(.*?) GB<', drawn)
    assert dict(told) == {name: cells[-1] for name, cells in printed.items()}
    total, pixels = parameters(LLAMA_8B)[0], 332 / 140e9
    kept = [4096 * (32 * 2 * 4096 + each)] * 4 + [4096 * 32 * each]
    red = [x for part in kept for x in (part, 4096 * 12 * 128256)]
    *bars, _, _ = widths(drawn, "zhu")  # the last two are of the legend
    assert bars == pytest.approx([x * pixels for x in red], abs=0.1)
    blue = [2 * total] * 4 + [float(frozen(LLAMA_8B, p)) for p in ("bf16", "nf4")]
    *bars, _, _ = widths(drawn, "qing")
    blue.append(blue[-1])
    assert bars == pytest.approx([x * pixels for x in blue], abs=0.1)
    grey = [4 * total, 8 * total, 8 * total] + [16 * learnt(LLAMA_8B)] * 3
    *bars, _, _ = widths(drawn, "ink-2")
    assert bars == pytest.approx([x * pixels for x in grey], abs=0.1)


def test_the_card_is_filled_with_as_many_users_as_it_holds(hand):
    drawn, pixels = figure("bar"), 332 / 24e9
    weights = 2 * parameters(LLAMA_2_7B)[0] * pixels
    assert widths(drawn, "qing") == pytest.approx([weights] * 2, abs=0.1)
    one = 2 * cached(LLAMA_2_7B, tokens=4096) * pixels
    assert widths(drawn, "zhu") == pytest.approx([one] * 3 + [one / 4] * 15, abs=0.1)


def test_the_lines_of_the_cache_end_where_the_model_s_does():
    drawn = figure("cache")
    ends = re.findall(r'd="M44\.0 [\d.]+[LH]276\.0(?: ([\d.]+))?"', drawn)
    token = 2 * cached(LLAMA_2_7B)
    sizes = [32768 * token, 8192 * token]
    assert [float(y) for y in ends if y] == pytest.approx(
        [214 - 9e-9 * size for size in sizes], abs=0.05
    )
    weights = float(re.search(r'd="M44\.0 ([\d.]+)H', drawn)[1])
    assert weights == pytest.approx(214 - 18e-9 * parameters(LLAMA_2_7B)[0], abs=0.05)
    assert f"要 {gb(sizes[0])} GB，8 个键值头要 {gb(sizes[1])} GB" in drawn


def test_the_drawn_layer_and_the_drawn_matrices_have_their_numbers():
    drawn, d, kv, f = figure("layer"), 4096, 1024, 14336
    parts = [2 * (8 * d + 4), 4 * d + 4 * kv + 4 * 32, 8 * f]
    assert sum(parts) == layer_of_8b()
    assert [int(x.replace(",", "")) for x in re.findall(r">([\d,]+)<", drawn)] == parts
    bars = [float(x) for x in re.findall(r'<rect[^>]* width="([\d.]+)"', drawn)]
    assert bars == pytest.approx([330 * x / parts[2] for x in parts], abs=0.01)
    numbers_of_it = re.findall(r">([\d,]+) 个数<", figure("lora"))
    assert numbers_of_it == [f"{d * d:,}", f"{2 * 16 * d:,}"]


# --- exercises ------------------------------------------------------------------


def answers():
    """The answers of the exercises, in their order."""
    return page().partition("{ #exercises }")[2].split("??? success")[1:]


def test_the_first_answer_counts_users_by_whole_caches():
    first = answers()[0]
    room = Fraction(432, 10) - 30
    for size, word in ((2, "所以 {} 人"), (1, "{} 人。")):
        user = Fraction(2 * 40 * 8 * 128 * size * 16384, 10**9)
        assert word.format(room // user) in first
        assert f"{float(user):.2f}" in first
    assert str(2 * 40 * 8 * 128 * 2) in first
    assert f"{float(room):g}" in first


def test_the_second_answer_has_the_numbers_of_14b():
    second, config = answers()[1], qwen3("14B")
    adapter, scores = learnt(config), 12 * 151936 * 8192
    base = float(frozen(config, "nf4"))
    assert f"{adapter / 1e4:,.0f} 万" in second
    assert f"约 {16 * adapter / 1e9:.2f} GB" in second
    assert f"只省 {16 * (adapter - learnt(config, 4)) / 1e9:.1f} GB" in second
    assert f"{scores / 1e9:.1f}$ GB" in second
    assert f"底座约 {base / 1e9:.1f} GB" in second
    assert base + scores > 21.6e9
    assert f"{float(needed('14B', 'QLoRA')) / 0.9e9:.1f} GB 的卡" in second


def test_the_third_answer_is_the_stages_of_zero_on_eight_cards():
    third = answers()[2]
    n = Fraction(1477, 100)
    assert parameters(qwen3("14B"))[0] / 1e9 == pytest.approx(float(n), abs=0.005)
    sizes = [16 * n, (4 + Fraction(12, 8)) * n, (2 + Fraction(14, 8)) * n, 2 * n]
    for size in sizes:
        assert f"{float(size):.1f}$ GB" in third
    assert [size <= 72 for size in sizes] == [False, False, True, True]
    assert "超了 9 GB 多" in third
    assert 9 < sizes[1] - 72 < 10


def test_the_fourth_answer_takes_4b_from_the_table():
    fourth, config = answers()[3], qwen3("4B")
    assert f"约 {float(frozen(config, 'int4')) / 1e9:.1f} GB" in fourth
    card = float(needed("4B", "QLoRA")) / 0.9e9
    assert f"要 {card:.1f} GB" in fourth
    assert card < 12


# --- practice -------------------------------------------------------------------

PRACTICE = ROOT / "snippets/faq/hardware_practice_python.py"
SOLUTION = """
def kv_bytes(config, context, batch, size):
    if "kv_rank" in config:
        vector = config["kv_rank"] + config["rope"]
    else:
        heads = config.get("kv_heads", config["heads"])
        head = config.get("head", config["width"] // config["heads"])
        vector = 2 * heads * head
    return config["layers"] * vector * context * batch * size
"""
WRONG = [
    ("vector = 2 * heads * head", "vector = heads * head"),  # keys only
    ('config.get("kv_heads", config["heads"])', 'config["heads"]'),  # no groups
    ('config["width"] // config["heads"])', 'config["width"] // heads)'),
    (
        'config.get("head", config["width"] // config["heads"])',
        'config["width"] // config["heads"]',
    ),
    ('config["kv_rank"] + config["rope"]', 'config["kv_rank"]'),
    ('config["kv_rank"] + config["rope"]', '2 * (config["kv_rank"] + config["rope"])'),
    ('if "kv_rank" in config:', "if False:"),
    (" * batch * size", " * size"),
    (" * batch * size", " * batch * 2"),
    ('config["layers"] * vector', "vector"),
    ("* context * batch", "* (context - 1) * batch"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_the_cache_of_transformers_holds(case):
    _, given, expected, _ = case
    c, tokens, batch = given["config"], given["context"], given["batch"]
    if "kv_rank" in c:
        held = mla_numbers(c["layers"], c["kv_rank"], c["rope"], tokens, batch)
    else:
        kv_heads = c.get("kv_heads", c["heads"])
        more = {"head_dim": c["head"]} if "head" in c else {}
        shape = c["width"], c["layers"], c["heads"], kv_heads, 8
        held = cached(llama(*shape, vocab=16, **more), tokens, batch)
    assert expected == held * given["size"]


def test_the_bytes_of_the_page_pass_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_bytes_pass_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, WRONG[1]) in page()
