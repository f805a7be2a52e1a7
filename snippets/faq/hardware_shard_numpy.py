# --8<-- [start:loss]
import numpy as np

rng = np.random.default_rng(0)
D, n = 4, 8  # 四张卡，八个参数
start = rng.normal(size=n).astype(np.float32)
xs = rng.normal(size=(3, D, n)).astype(np.float32)  # 三步，每张卡每步一个样本
ys = rng.normal(size=(3, D)).astype(np.float32)


def gradient(w, t, i):
    """第 t 步，第 i 张卡的样本上，(x·w - y)² / 2 对 w 的梯度。"""
    x, y = xs[t - 1, i], ys[t - 1, i]
    return ((x * w).sum() - y) * x


# --8<-- [end:loss]


# --8<-- [start:one]
def adamw(w, m, v, g, t, eta=0.01, beta1=0.9, beta2=0.999):
    """就地走一步；w、m、v、g 逐个数对应，切成几段都一样。"""
    w *= 1 - 0.01 * eta
    m[:] = beta1 * m + (1 - beta1) * g
    v[:] = beta2 * v + (1 - beta2) * g**2
    w -= eta * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + 1e-8)


w, m, v = start.copy(), np.zeros(n, "f"), np.zeros(n, "f")
for t in (1, 2, 3):
    g = np.sum([gradient(w, t, i) for i in range(D)], axis=0) / D
    adamw(w, m, v, g, t)
whole = w
# --8<-- [end:one]


# --8<-- [start:collective]
own = [slice(2 * i, 2 * i + 2) for i in range(D)]  # 第 i 张卡保管哪一段


def reduce_scatter(held):
    """每张卡交出整个向量，各自只领回自己那一段的和。"""
    total = np.sum(held, axis=0)
    return [total[part] for part in own]


def all_gather(held):
    """每张卡交出自己那一段，各自领回整个向量。"""
    return [np.concatenate(held) for _ in range(D)]


# --8<-- [end:collective]


# --8<-- [start:zero]
def train(stage):
    """返回训练后的权重，与一张卡上长期放着的权重、梯度、动量各几个数。"""
    states = [(np.zeros(2, "f"), np.zeros(2, "f")) for _ in range(D)]
    parts = [start[part].copy() for part in own]  # 每张卡只更新自己的一段
    for t in (1, 2, 3):
        weights = all_gather(parts)  # 前向与反向要用整个权重
        local = [gradient(weights[i], t, i) for i in range(D)]
        mine = reduce_scatter(local)
        for part, (m, v), g in zip(parts, states, mine, strict=True):
            adamw(part, m, v, g / D, t)
    kept = weights[0].size if stage < 3 else parts[0].size
    slope = local[0].size if stage < 2 else mine[0].size
    return all_gather(parts)[0], (kept, slope, 2 * states[0][0].size)


for stage in (1, 2, 3):
    w, kept = train(stage)
    same = np.array_equal(w, whole)
    print(f"{stage} 级，权重、梯度、动量：{kept}，与一张卡逐位相同：{same}")
print("不分，权重、梯度、动量：", (n, n, 2 * n))
# --8<-- [end:zero]


# --8<-- [start:formula]
def per_parameter(d, stage):
    """混合精度的 AdamW，每个参数在一张卡上几字节。"""
    weight, gradient, rest = 2, 2, 12  # rest：主权重与两个动量
    if stage >= 1:
        rest /= d
    if stage >= 2:
        gradient /= d
    if stage >= 3:
        weight /= d
    return weight + gradient + rest


print("几张卡 | 不分 | 1 级 | 2 级 | 3 级：8.03 B 的模型，每张卡几个 GB")
for d in (1, 2, 4, 8):
    cells = (f"{8.03 * per_parameter(d, stage):.1f}" for stage in range(4))
    print(f"{d} | " + " | ".join(cells))
# --8<-- [end:formula]


# --8<-- [start:tensor]
x = rng.integers(-3, 4, (2, 4))  # 整数，相加的次序不影响结果
up, down = rng.integers(-3, 4, (4, 6)), rng.integers(-3, 4, (6, 4))
product = np.maximum(x @ up, 0) @ down
cards = []
for half in (slice(0, 3), slice(3, 6)):  # 两张卡：前一个矩阵按列切，后一个按行切
    hidden = np.maximum(x @ up[:, half], 0)  # 各算各的，不用通信
    cards.append(hidden @ down[half])  # 形状已经完整，数只有一部分
print("两张卡的结果相加，与整个相同：", np.array_equal(sum(cards), product))
print("两张卡的参数：", [up[:, :3].size + down[:3].size] * 2)
wrong = [x[:, :2] @ up[:2], x[:, 2:] @ up[2:]]  # 前一个也按行切
early = sum(np.maximum(part, 0) for part in wrong) @ down
print("前一个按行切，先过激活函数再相加，相同：", np.array_equal(early, product))
# --8<-- [end:tensor]
