# --8<-- [start:program]
import numpy as np

rng = np.random.default_rng(0)
x = rng.standard_normal((75, 8))
y = (x[:, 0] * x[:, 1] + x[:, 2] > 0).astype(float)  # 75 行：两批 32，一批 11
W1, W2 = rng.standard_normal((8, 8)) / 3, rng.standard_normal((8, 1)) / 3


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
    rest = 1 if fault == "损失取和" else len(rows)
    rest = 32 if fault == "总是除以 32" and len(rows) < 32 else rest
    d = ((1 / (1 + np.exp(-s)) - targets) / rest)[:, None]
    back = d @ w2.T
    if fault != "梯度漏了 ReLU":
        back = back * (hidden > 0)
    g1 = rows.T @ back
    return g1.T if fault == "方阵忘了转置" else g1, hidden.T @ d


# --8<-- [end:program]


# --8<-- [start:training]
def train(fault, epochs=40):
    """Adam，每轮三批；返回每一步之后的权重。"""
    weights, m, v, path = [W1, W2], [0, 0], [0, 0], []
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
                step = 0.01 * (m[i] / c1) / (np.sqrt(v[i] / c2) + 1e-12)
                weights[i] = weights[i] - step
            path.append(weights.copy())
    return path


# --8<-- [end:training]


# --8<-- [start:checks]
def accuracy(fault):
    return np.mean((forward(*train(fault)[-1], x, fault)[0] > 0) == y)


def observe(fault):
    """各项检查要比的东西：{检查: 数组}。"""
    path = train(fault)
    s = forward(W1, W2, x, fault)[0]
    final = forward(*path[-1], x, fault)[0]
    with np.errstate(divide="ignore"):
        extreme = loss_of(40 * s, 1 - y, fault)
    return {
        "训练后损失变小": loss_of(final, y, fault) < loss_of(s, y, fault),
        "准确率相近": abs(accuracy(fault) - accuracy(None)) < 0.03,
        "前向": s,
        "损失": loss_of(s, y, fault),
        "很大的输入": extreme,
        "整批的梯度": np.concatenate(gradients(W1, W2, x[:32], y[:32], fault), 1),
        "不满一批的梯度": np.concatenate(gradients(W1, W2, x[:11], y[:11], fault), 1),
        "第 1 步": path[0][0],
        "120 步": path[-1][0],
    }


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
right, caught = observe(None), {}
print(f"改坏之前：准确率 {accuracy(None):.3f}")
for fault in FAULTS:
    wrong = observe(fault)
    caught[fault] = [not np.allclose(wrong[c], right[c], 1e-9, 1e-9) for c in right]
    names = [c for c, red in zip(right, caught[fault], strict=True) if red]
    print(f"{fault}：准确率 {accuracy(fault):.3f}，抓到它的有 {'、'.join(names)}")
# --8<-- [end:matrix]
