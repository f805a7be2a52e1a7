# --8<-- [start:params]
from types import SimpleNamespace


def llama(vocab, width, layers, heads, kv_heads, hidden):
    """Llama 一族的配置，与几种参数各有多少。"""
    c = SimpleNamespace(vocab=vocab, width=width, layers=layers, heads=heads)
    c.kv_heads, c.hidden = kv_heads, hidden
    c.q, c.kv = width, width // heads * kv_heads  # 查询、键值各有多宽
    shapes = [(width, c.q), (width, c.kv), (width, c.kv), (c.q, width)]
    shapes += [(width, hidden), (width, hidden), (hidden, width)]
    c.embed = 2 * vocab * width  # 词嵌入与输出层
    c.linear = layers * sum(a * b for a, b in shapes)  # 各层的矩阵
    c.rest = (2 * layers + 1) * width  # 归一化的增益
    c.total = c.embed + c.linear + c.rest
    c.adapter = layers * sum(a + b for a, b in shapes)  # 秩为 1 的 LoRA
    return c


GB = 10**9
c = llama(128256, 4096, 32, 32, 8, 14336)  # Llama 3.1 8B
print(f"参数：{c.total:,}")
print(f"词嵌入与输出层 {c.embed:,}，矩阵 {c.linear:,}，其余 {c.rest:,}")
# --8<-- [end:params]


# --8<-- [start:infer]
# 每个数几字节，写成分数。int4 每 32 个数合用一个 16 位的比例；
# nf4 每 64 个数一个 8 位的比例，每 256 个比例再合用一个 32 位的
BYTES = {"bf16": (2, 1), "int8": (1, 1), "int4": (9, 16), "nf4": (2113, 4096)}


def frozen(c, precision):
    """权重占的字节：只压矩阵，其余留 16 位。"""
    over, under = BYTES[precision]
    return -(-c.linear * over // under) + 2 * (c.embed + c.rest)


def cache(layers, kv_heads, head):
    """一个词元的键值缓存：每层每头一个键、一个值，每个数 2 字节。"""
    return 2 * layers * kv_heads * head * 2


token = cache(c.layers, c.kv_heads, c.kv // c.kv_heads)
print(f"一个词元的缓存 {token:,} 字节，8192 个 {8192 * token / GB:.2f} GB")
for precision in ("bf16", "int8", "int4"):
    weights = frozen(c, precision)
    total = (weights + 8192 * token) / GB
    print(f"{precision}：权重 {weights / GB:.2f} GB，连同缓存 {total:.2f} GB")
# --8<-- [end:infer]


# --8<-- [start:train]
STATES = {"AdamW": 8, "8 位 AdamW": 2, "SGD 加动量": 4, "SGD": 0}


def states(n, optimizer="AdamW", master=4, d=1, zero=0):
    """n 个可训练参数在一张卡上的：权重、梯度、主权重与优化器状态。"""
    cut = [d if zero >= stage else 1 for stage in (3, 2, 1)]
    whole = 2 * n, 2 * n, (master + STATES[optimizer]) * n
    return [-(-size // by) for size, by in zip(whole, cut, strict=True)]


def activations(c, tokens, checkpoint):
    """各层的激活值与打分的临时量，量法见上一个程序。"""
    kept = 16 * c.width + 8 + 4 * c.q + 4 * c.kv + 4 * c.heads + 8 * c.hidden
    layers = c.layers * 2 * c.width + kept if checkpoint else c.layers * kept
    return tokens * layers, tokens * 12 * c.vocab


# --8<-- [end:train]


# --8<-- [start:ways]
WAYS = {  # 冻结的底座、可训练的参数、主权重、检查点
    "全量，混合精度": (None, c.total, 4, True),
    "全量，无主权重": (None, c.total, 0, True),
    "LoRA，秩 16": ("bf16", 16 * c.adapter, 4, True),
    "QLoRA，秩 16": ("nf4", 16 * c.adapter, 4, True),
    "QLoRA，不开检查点": ("nf4", 16 * c.adapter, 4, False),
}
print("一张卡，4096 个词元，AdamW，单位 GB")
print("办法 | 底座 | 权重、梯度、状态 | 激活值 | 打分 | 合计")
for name, (base, learnt, master, checkpoint) in WAYS.items():
    bottom = frozen(c, base) if base else 0
    parts = bottom, sum(states(learnt, master=master))
    parts += activations(c, 4096, checkpoint)
    cells = " | ".join(f"{part / GB:.1f}" for part in (*parts, sum(parts)))
    print(f"{name} | {cells}")
# --8<-- [end:ways]


# --8<-- [start:check]
KV = [  # 层、键值头、头宽，与公布的写法；MLA 每层只存一个 512 + 64 维的向量
    ("OPT-13B", cache(40, 40, 128), "800 KB"),
    ("Qwen2.5-72B", cache(80, 8, 128), "327.680 KB"),
    ("Llama 3.1 405B", cache(126, 8, 128), "516.096 KB"),
    ("DeepSeek-V3", 61 * (512 + 64) * 2, "70.272 KB"),
]
for name, ours, published in KV:
    both = f"{ours / 1000:.3f} KB = {ours / 1024:g} KiB"
    print(f"{name} 每词元缓存 {both}，公布 {published}")
for stage, published in enumerate((120, 31.4, 16.6, 1.9)):
    ours = sum(states(7_500_000_000, d=64, zero=stage)) / GB
    print(f"7.5 B，64 张卡，ZeRO {stage} 级 {ours:.2f} GB，公布 {published:g} GB")
for word, master in (("没有主权重", 0), ("有主权重", 4)):
    ours = sum(states(65 * GB, master=master)) / GB
    print(f"65 B 全量微调，{word} {ours:,.0f} GB，公布超过 780 GB")
# --8<-- [end:check]
