# --8<-- [start:enumerate]
import itertools

import numpy as np
from hmmlearn.hmm import CategoricalHMM

pi = np.array([0.6, 0.4])  # 第一天：晴、雨
A = np.array([[0.8, 0.2], [0.3, 0.7]])  # 今天 → 明天
B = np.array([[0.2, 0.8], [0.7, 0.3]])  # 天气 → 带、没带
x = [0, 1, 0]  # 带、没带、带


def joint(z, x):
    """天气恰好是 z，又看到 x 的概率。"""
    p = pi[z[0]] * B[z[0], x[0]]
    for t in range(1, len(x)):
        p *= A[z[t - 1], z[t]] * B[z[t], x[t]]
    return p


paths = list(itertools.product([0, 1], repeat=3))
for z in paths:
    print("".join("晴雨"[i] for i in z), f"{joint(z, x):.6f}")
total = sum(joint(z, x) for z in paths)
print(f"合计 {total:.6f}")
# --8<-- [end:enumerate]


# --8<-- [start:forward]
def forward(x):
    rows = [pi * B[:, x[0]]]
    for symbol in x[1:]:
        rows.append(rows[-1] @ A * B[:, symbol])
    return np.array(rows)  # (T, N)


def show(rows):
    for t, (sun, rain) in enumerate(rows, start=1):
        print(f"第 {t} 天：晴 {sun:.6f}，雨 {rain:.6f}")


show(forward(x))
print(f"合计 {forward(x)[-1].sum():.6f}")
# --8<-- [end:forward]


# --8<-- [start:underflow]
def log_forward(x):
    alpha = np.log(pi * B[:, x[0]])
    for symbol in x[1:]:
        steps = alpha[:, None] + np.log(A)  # (今天, 明天)
        alpha = np.logaddexp.reduce(steps, axis=0)
        alpha += np.log(B[:, symbol])
    return np.logaddexp.reduce(alpha)


for days in [3, 300, 3000]:
    long = x * (days // 3)
    plain = forward(long)[-1].sum()
    logged = log_forward(long)
    print(f"{days} 天：连乘 {plain:.2e}，对数 {logged:.3f}")
# --8<-- [end:underflow]


# --8<-- [start:viterbi]
def viterbi(x):
    rows, back = [np.log(pi * B[:, x[0]])], []
    for symbol in x[1:]:
        steps = rows[-1][:, None] + np.log(A)
        back.append(steps.argmax(axis=0))  # 从哪里来最好
        rows.append(steps.max(axis=0) + np.log(B[:, symbol]))
    z = [int(rows[-1].argmax())]
    for pointers in reversed(back):  # 从最后一天往回走
        z.append(int(pointers[z[-1]]))
    z.reverse()
    return z, np.array(rows)


best, rows = viterbi(x)
show(np.exp(rows))
print("最可能的路", "".join("晴雨"[i] for i in best))
# --8<-- [end:viterbi]


# --8<-- [start:posterior]
def backward(x):
    rows = [np.ones(2)]
    for symbol in reversed(x[1:]):
        rows.append(A @ (B[:, symbol] * rows[-1]))
    rows.reverse()
    return np.array(rows)  # (T, N)


gamma = forward(x) * backward(x) / total
show(gamma)
each = gamma.argmax(axis=1).tolist()
for name, z in [("维特比", best), ("逐天", each)]:
    whole = joint(z, x) / total  # 三天全对
    days = gamma[range(3), z].sum()
    print(name, "".join("晴雨"[i] for i in z), end="：")
    print(f"全对 {whole:.3f}，平均对 {days:.3f} 天")
# --8<-- [end:posterior]


# --8<-- [start:library]
model = CategoricalHMM(n_components=2)
model.startprob_, model.transmat_ = pi, A
model.emissionprob_ = B
column = np.array(x).reshape(-1, 1)  # (T, 1) 的整数
print(f"对数似然：{model.score(column):.6f}", end="，")
print(f"本页 {log_forward(x):.6f}")
print(f"路：{model.predict(column).tolist()}，本页 {best}")
# --8<-- [end:library]
