# --8<-- [start:table]
# 论文表 A4：层数、宽度、头数、头宽、公布的比值（作者的算法 / 6ND）
TABLE = [
    (10, 640, 10, 64, 1.03),
    (20, 1024, 16, 64, 1.10),
    (24, 1280, 10, 128, 1.08),
    (26, 1792, 14, 128, 1.04),
    (28, 2048, 16, 128, 1.03),
    (40, 3584, 28, 128, 0.99),
]
VOCAB, SEQ = 32_000, 2048
print("参数量 | 公布 | 算上嵌入与输出层 | 都不算")
for layers, width, heads, head, published in TABLE:
    inner = heads * head
    # 13：12 份来自注意力与前馈，第 13 份是相对位置编码的投影；再加词嵌入
    params = 13 * layers * width**2 + VOCAB * width
    attention = 8 * width * inner + 4 * SEQ * inner + 3 * heads * SEQ  # 每词元
    forward = layers * (attention + 2 * 2 * width * 4 * width)
    ends = 2 * 2 * VOCAB * width  # 附录里的「嵌入」与「输出」两项
    ratios = [3 * f / (6 * params) for f in (forward + ends, forward)]
    shown = " | ".join(f"{ratio:.2f}" for ratio in (published, *ratios))
    print(f"{params / 1e6:,.0f} M | {shown}")
gopher = 6 * 280e9 * 300e9
print(f"Gopher 的 6ND 是 {gopher:.2e}，公布的是它的 {5.76e23 / gopher:.2f} 倍")
# --8<-- [end:table]
