# --8<-- [start:plan]
def plan(flops, peak, mfu, gpus, price, watts, pue):
    """一次训练：卡时、从头到尾几小时、租金（美元）、用电（千瓦时）。"""
    hours = flops / (peak * mfu) / 3600
    return {
        "卡时": hours,
        "小时": hours / gpus,
        "美元": hours * price,
        "千瓦时": hours * watts / 1000 * pue,
    }


# 三个自己也可能跑的规模：一台 8 卡 H100，利用率 40%，每卡时 2 美元（算例，非报价）
print("规模 | 计算量 | 卡时 | 小时 | 美元 | 千瓦时")
for n, d in ((124e6, 10e9), (1e9, 20e9), (8e9, 160e9)):
    c = 6 * n * d
    p = plan(c, 989e12, 0.4, gpus=8, price=2, watts=700, pue=1.1)
    row = f"{p['卡时']:,.0f} | {p['小时']:,.1f} | {p['美元']:,.0f} | {p['千瓦时']:,.0f}"
    print(f"N = {n / 1e8:g} 亿，D = {d / 1e8:g} 亿 | {c:.1e} | {row}")
# --8<-- [end:plan]

# --8<-- [start:money]
# DeepSeek-V3：预训练每万亿词元 18 万卡时
pretrain, context, post = 180e3 * 14.8, 119e3, 5e3
total = pretrain + context + post
print(f"DeepSeek-V3 预训练 {pretrain:,.0f} 卡时，{pretrain / 2048 / 24:.1f} 天")
print(f"全程 {total:,.0f} 卡时 × 2 美元 = {total * 2 / 1e6:.3f} M 美元")
for hourly in (2, 4.99, 7.49):
    llama, deepseek = (h * hourly / 1e6 for h in (30.84e6, total))
    print(f"单价 {hourly} 美元：405B {llama:.1f} M，DeepSeek-V3 {deepseek:.1f} M")
# --8<-- [end:money]

# --8<-- [start:energy]
# 名字、卡时、每卡瓦数、PUE、公布的用电（兆瓦时）、公布的排放（吨）
ENERGY = [
    ("GPT-3，实测 330 W", 10_000 * 14.8 * 24, 330, 1.10, 1287, 552.1),
    ("GPT-3，标称 300 W", 10_000 * 14.8 * 24, 300, 1.10, 1287, 552.1),
    ("BLOOM，只算显卡", 1_082_990, 400, 1.00, 433.196, 24.7),
    ("Llama 3.1 405B", 30.84e6, 700, 1.00, None, 8930),
    ("Llama 3.1 8B", 1.46e6, 700, 1.00, None, 420),
]
print("训练 | 估计 / MWh | 公布 / MWh | 公布 / t | 每千瓦时的克数")
for name, hours, watts, pue, published, tonnes in ENERGY:
    mwh = hours * watts * pue / 1e6
    shown = f"{published:,.0f}" if published else "—"
    grams = tonnes * 1e6 / (mwh * 1e3)
    print(f"{name} | {mwh:,.0f} | {shown} | {tonnes:,.0f} | {grams:.0f}")
# --8<-- [end:energy]
