# --8<-- [start:learn]
import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
TARGETS = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}


def predict(weights, inputs):
    return int(inputs @ weights[:-1] + weights[-1] > 0)  # 末位是偏置


def learn(inputs, targets):
    """感知机规则：答错才改。一轮下来权重回到见过的值，就停。"""
    weights, seen = np.zeros(inputs.shape[1] + 1, dtype=int), []
    while weights.tolist() not in seen:
        seen.append(weights.tolist())
        for x, t in zip(inputs, targets, strict=True):
            weights = weights + (t - predict(weights, x)) * np.append(x, 1)
    return weights, len(seen)


learned = {}
for name, targets in TARGETS.items():
    learned[name], rounds = learn(X, targets)
    answers = [predict(learned[name], x) for x in X]
    verdict = "全对" if answers == targets else "原地打转"
    print(f"{name}：{rounds} 轮后停，{verdict}，权重与偏置 {learned[name].tolist()}")
# --8<-- [end:learn]

# --8<-- [start:hidden]
# 中间放两个现成的单元：OR 与 AND；输出单元仍用同一条规则去学
hidden = np.array([[predict(learned[k], x) for k in ("OR", "AND")] for x in X])
weights, _ = learn(hidden, TARGETS["XOR"])
answers = [predict(weights, h) for h in hidden]
print(f"中间单元的输出：{hidden.tolist()}")
print(f"两层的 XOR：{answers}，输出单元的权重与偏置 {weights.tolist()}")
# --8<-- [end:hidden]
