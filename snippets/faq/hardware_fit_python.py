# --8<-- [start:models]
# 词表、宽度、层数、查询头、键值头、头宽、前馈宽、输出层是否与词嵌入共用、
# 查询与键是否还要各归一化一次
MODELS = {  # 前六个是 Qwen3，最后一个是 Llama 3.1；数取自各自的 config.json
    "0.6B": (151936, 1024, 28, 16, 8, 128, 3072, True, True),
    "1.7B": (151936, 2048, 28, 16, 8, 128, 6144, True, True),
    "4B": (151936, 2560, 36, 32, 8, 128, 9728, True, True),
    "8B": (151936, 4096, 36, 32, 8, 128, 12288, False, True),
    "14B": (151936, 5120, 40, 40, 8, 128, 17408, False, True),
    "32B": (151936, 5120, 64, 64, 8, 128, 25600, False, True),
    "70B": (128256, 8192, 80, 64, 8, 128, 28672, False, False),
}
BYTES = {"bf16": 2, "int4": 9 / 16, "nf4": 2113 / 4096}
# --8<-- [end:models]


# --8<-- [start:need]
def need(config, way):
    """一张卡上要多少字节：推理读 8192 个词元，微调一次 2048 个。"""
    vocab, d, layers, heads, kv_heads, head, f, tied, norm = config
    q, kv = heads * head, kv_heads * head
    shapes = (d, q), (d, kv), (d, kv), (q, d), (d, f), (d, f), (f, d)
    linear = layers * sum(a * b for a, b in shapes)
    table = vocab * d * (1 if tied else 2)  # 归一化的增益不到万分之二，略去
    if way in BYTES:
        return linear * BYTES[way] + 2 * table + 8192 * 2 * layers * kv * 2
    one = 16 * d + 8 + 4 * q + 4 * kv + 4 * heads + 8 * f
    one += norm * (6 * (q + kv) + 4 * (heads + kv_heads))
    kept = 2048 * (layers * 2 * d + one + 12 * vocab)  # 开检查点
    if way == "全量":
        return 16 * (linear + table) + kept  # 混合精度的 AdamW
    adapter = 16 * layers * sum(a + b for a, b in shapes)  # 秩 16
    base = linear * BYTES["nf4" if way == "QLoRA" else "bf16"]
    return base + 2 * table + 16 * adapter + kept


# --8<-- [end:need]


# --8<-- [start:table]
WAYS = {"bf16": "推理 bf16", "int4": "推理 4 比特"}
WAYS |= {way: way for way in ("QLoRA", "LoRA", "全量")}
print("推理：一个用户，8192 个词元；微调：一次 2048 个词元，开检查点；都留一成")
print("显存 | " + " | ".join(WAYS.values()))
for memory in (8, 12, 16, 24, 48, 80):
    usable = 0.9 * memory * 1e9
    cells = []
    for way in WAYS:
        fit = [name for name, c in MODELS.items() if need(c, way) <= usable]
        cells.append(fit[-1] if fit else "无")  # 由小到大，取最大的
    print(f"{memory} GB | " + " | ".join(cells))
# --8<-- [end:table]


# --8<-- [start:gap]
print("各要几个 GB 的卡，已算上留的一成")
print("模型 | " + " | ".join(WAYS.values()))
for name, config in MODELS.items():
    cells = (f"{need(config, way) / 0.9e9:.1f}" for way in WAYS)
    print(f"{name} | " + " | ".join(cells))
# --8<-- [end:gap]
