# --8<-- [start:rule]
def training_flops(params, tokens, attention=0, seq=0, causal=False):
    """6ND 加注意力。attention 是各层各头的 (d_q + d_v) 之和，单头单层是 2 倍头宽。"""
    per_token = 6 * params + 6 * attention * seq * (0.5 if causal else 1)
    return per_token * tokens


# 参数量取自上一个程序；没有公布配置的取论文的整数
GPT3, BLOOM, LLAMA = 174_604_259_328, 176_247_271_424, 405_853_388_800
V3_TOTAL, V3_ACTIVE = 671_026_404_352, 36_625_603_584  # 激活：不算输入嵌入
RUNS = [  # 名字、参数、词元、公布的计算量
    ("GPT-3 175B", GPT3, 300e9, 3.14e23),
    ("Chinchilla", 70e9, 1.4e12, 5.76e23),
    ("PaLM 540B", 540e9, 780e9, 2.5272e24),
    ("Llama 3.1 405B", LLAMA, 15.6e12, 3.8e25),
]
print("模型 | 6ND | 公布 | 6ND / 公布")
for name, n, d, published in RUNS:
    c = training_flops(n, d)
    print(f"{name} | {c:.3e} | {published:.3e} | {c / published:.3f}")
wrong, right = (training_flops(n, 14.8e12) for n in (V3_TOTAL, V3_ACTIVE))
print(f"DeepSeek-V3 误用总参数 {wrong:.2e}，用激活参数 {right:.2e}")
print(f"差 {wrong / right:.1f} 倍")
# --8<-- [end:rule]

# --8<-- [start:attention]
# 名字、参数、层数 × 头数 ×（查询宽 + 值宽）、预训练的序列长
ATTENTION = {
    "GPT-3 175B": (GPT3, 96 * 96 * (128 + 128), 2048),
    "PaLM 540B": (540e9, 118 * 48 * (256 + 256), 2048),
    "BLOOM": (BLOOM, 70 * 112 * (128 + 128), 2048),
    "Llama 3.1 405B": (LLAMA, 126 * 128 * (128 + 128), 8192),
    "DeepSeek-V3": (V3_ACTIVE, 61 * 128 * (192 + 128), 4096),
}
print("模型 | 序列长 | 6N | 加注意力 | 多出 | 只算看得见的一半")
for name, (n, width, seq) in ATTENTION.items():
    full = training_flops(n, 1, width, seq)
    half = training_flops(n, 1, width, seq, causal=True)
    more = f"{full / (6 * n) - 1:.1%} | {half / (6 * n) - 1:.1%}"
    print(f"{name} | {seq} | {6 * n:.3e} | {full:.3e} | {more}")
n, width, _ = ATTENTION["Llama 3.1 405B"]
for seq in (131_072, 1_048_576):
    full = training_flops(n, 1, width, seq)
    print(f"Llama 3.1 405B 若序列长 {seq}，多出 {full / (6 * n) - 1:.0%}")
# --8<-- [end:attention]

# --8<-- [start:mfu]
# 名字、词元、卡时、单卡稠密峰值（每秒）、作者自报的利用率
USE = [
    ("GPT-3 175B", 300e9, 10_000 * 14.8 * 24, 125e12, "19.7%"),
    ("PaLM 540B", 780e9, 6144 * 1200 + 3072 * 336, 275e12, "46.2%"),
    ("BLOOM", 366e9, 1_082_990, 312e12, "—"),
    ("Llama 3.1 405B", 15.6e12, 30.84e6, 989e12, "38–43%"),
    ("DeepSeek-V3", 14.8e12, 2.664e6, 989e12, "43.7%"),
]
print("模型 | 卡时 | 只按 6ND | 加注意力 | 作者自报")
for name, tokens, hours, peak, reported in USE:
    n, width, seq = ATTENTION[name]
    could = hours * 3600 * peak  # 满负荷能做的运算
    plain = training_flops(n, tokens) / could
    full = training_flops(n, tokens, width, seq) / could
    print(f"{name} | {hours:,.0f} | {plain:.1%} | {full:.1%} | {reported}")
n, width, seq = ATTENTION["DeepSeek-V3"]
rate = 272.80e9 / 86_400 / 2048  # 自报每天 2,728 亿词元，2,048 张卡
for word, causal in (("全算", False), ("只算一半", True)):
    speed = rate * training_flops(n, 1, width, seq, causal)
    shown = f"每卡每秒 {speed / 1e12:.0f} T，{speed / 989e12:.1%}"
    print(f"DeepSeek-V3 {word}：{shown}")
# --8<-- [end:mfu]
