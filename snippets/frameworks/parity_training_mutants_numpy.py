# --8<-- [start:program]
import numpy as np


def problem(seed):
    """75 行数据与两层的初始权重；75 行分成两批 32，一批 11。"""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((75, 8))
    y = (x[:, 0] * x[:, 1] + x[:, 2] > 0).astype(float)
    w1, w2 = rng.standard_normal((8, 8)) / 3, rng.standard_normal((8, 1)) / 3
    return x, y, w1, w2


def forward(w1, w2, rows, fault):
    hidden = np.maximum(rows @ (w1.T if fault == "方阵忘了转置" else w1), 0)
    return (hidden @ w2)[:, 0], hidden


def loss_of(s, targets, fault):
    if fault == "先 sigmoid 再取对数":
        p = 1 / (1 + np.exp(-s))
        losses = -np.log(np.where(targets == 1, p, 1 - p))
    else:
        losses = np.logaddexp(0, s) - targets * s
    return losses.sum() if fault == "损失取和" else losses.mean()


def gradients(w1, w2, rows, targets, fault):
    s, hidden = forward(w1, w2, rows, fault)
    divisor = {"损失取和": 1, "总是除以 32": 32}.get(fault, len(rows))
    d = ((1 / (1 + np.exp(-s)) - targets) / divisor)[:, None]
    back = d @ w2.T
    if fault != "梯度漏了 ReLU":
        back = back * (hidden > 0)
    g1 = rows.T @ back
    return g1.T if fault == "方阵忘了转置" else g1, hidden.T @ d


# --8<-- [end:program]


# --8<-- [start:training]
def train(data, fault, epochs=40):
    """Adam，每轮三批；返回每一步之后的权重。"""
    x, y, *weights = data
    m, v, path = [0, 0], [0, 0], []
    order = np.random.default_rng(1)
    for _ in range(epochs):
        rows = order.permutation(75)
        for batch in (rows[:32], rows[32:64], rows[64:]):
            t = len(path) + 1
            for i, g in enumerate(gradients(*weights, x[batch], y[batch], fault)):
                m[i] = 0.9 * m[i] + 0.1 * g
                v[i] = 0.999 * v[i] + 0.001 * g**2
                c1, c2 = 1 - 0.9**t, 1 - 0.999**t
                if fault == "没有偏差修正":
                    c1 = c2 = 1
                step = 0.01 * (m[i] / c1) / (np.sqrt(v[i] / c2) + 1e-16)
                weights[i] = weights[i] - step
            path.append(weights.copy())
    return path


def accuracy(data, fault):
    x, y, *_ = data
    return np.mean((forward(*train(data, fault)[-1], x, fault)[0] > 0) == y)


# --8<-- [end:training]


# --8<-- [start:checks]
def observe(data, fault):
    """各项检查要比的东西：{检查: 数组}。"""
    x, y, *start = data
    path = train(data, fault)
    s, final = (forward(*w, x, fault)[0] for w in (start, path[-1]))
    with np.errstate(divide="ignore"):  # 错的算式会对 0 取对数
        extreme = loss_of(200 * s, 1 - y, fault)
    full, short = (gradients(*start, x[:n], y[:n], fault) for n in (32, 11))
    return {
        "训练后损失变小": loss_of(final, y, fault) < loss_of(s, y, fault),
        "准确率相近": abs(accuracy(data, fault) - accuracy(data, None)) < 0.03,
        "前向": s,
        "损失": loss_of(s, y, fault),
        "很大的输入": extreme,
        "整批的梯度": np.concatenate(full, axis=1),
        "不满一批的梯度": np.concatenate(short, axis=1),
        "第 1 步": path[0][0],
        "120 步": path[-1][0],
    }


def reds(data, fault):
    """变红的检查：与没有埋错的不相等。"""
    right, wrong = observe(data, None), observe(data, fault)
    return [c for c in right if not np.allclose(wrong[c], right[c], 1e-9, 1e-9)]


# --8<-- [end:checks]


# --8<-- [start:matrix]
FAULTS = [
    "方阵忘了转置",
    "先 sigmoid 再取对数",
    "损失取和",
    "梯度漏了 ReLU",
    "总是除以 32",
    "没有偏差修正",
]
data = problem(0)
print(f"改坏之前：准确率 {accuracy(data, None):.3f}")
for fault in FAULTS:
    found = "、".join(reds(data, fault))
    print(f"{fault}：准确率 {accuracy(data, fault):.3f}，抓到它的有 {found}")
# --8<-- [end:matrix]


# --8<-- [start:seeds]
problems = [problem(seed) for seed in range(20)]
before = np.array([accuracy(data, None) for data in problems])
for fault in FAULTS:
    gain = np.array([accuracy(data, fault) for data in problems]) - before
    print(f"{fault}：20 组里准确率变高 {(gain > 0).sum()} 组", end="，")
    print(f"变低 {(gain < 0).sum()} 组，差到 0.03 的 {(abs(gain) >= 0.03).sum()} 组")
# --8<-- [end:seeds]
