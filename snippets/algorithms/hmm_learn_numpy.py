# --8<-- [start:e-step]
import numpy as np
from hmmlearn.hmm import CategoricalHMM

log_sum = np.logaddexp.reduce


@np.errstate(divide="ignore")  # log 0 = -inf，不必警告
def e_step(pi, A, B, x):
    """对数似然；开头、转移、发射平均各几次。"""
    log_A, emit = np.log(A), np.log(B)[:, x].T  # emit：(T, N)
    alpha, beta = np.zeros((2, *emit.shape))
    alpha[0] = np.log(pi) + emit[0]
    for t in range(1, len(x)):
        steps = alpha[t - 1][:, None] + log_A
        alpha[t] = log_sum(steps, axis=0) + emit[t]
    for t in range(len(x) - 2, -1, -1):
        after = emit[t + 1] + beta[t + 1]
        beta[t] = log_sum(log_A + after, axis=1)
    log_p = log_sum(alpha[-1])
    gamma = np.exp(alpha + beta - log_p)  # (T, N)
    after = (emit + beta)[1:, None, :]
    pairs = alpha[:-1, :, None] + log_A + after
    moves = np.exp(pairs - log_p).sum(axis=0)  # (N, N)
    seen = np.zeros_like(B)
    np.add.at(seen.T, x, gamma)  # 记到符号 x[t] 名下
    return log_p, gamma[0], moves, seen


# --8<-- [end:e-step]


# --8<-- [start:counts]
pi = np.array([0.6, 0.4])
A = np.array([[0.8, 0.2], [0.3, 0.7]])
B = np.array([[0.2, 0.8], [0.7, 0.3]])
log_p, start, moves, seen = e_step(pi, A, B, [0, 1, 0])
print("开头：晴 {:.3f}，雨 {:.3f}".format(*start))
for name, m, s in zip("晴雨", moves, seen, strict=True):
    print("{}后：晴 {:.3f}，雨 {:.3f}".format(name, *m))
    print("{}天：带 {:.3f}，没带 {:.3f}".format(name, *s))
# --8<-- [end:counts]


# --8<-- [start:m-step]
def m_step(*counts):
    return [c / c.sum(axis=-1, keepdims=True) for c in counts]


new = m_step(start, moves, seen)
print("晴后：晴 {:.3f}，雨 {:.3f}".format(*new[1][0]))
after = e_step(*new, [0, 1, 0])[0]
print(f"对数似然：{log_p:.3f} → {after:.3f}")
# --8<-- [end:m-step]


# --8<-- [start:data]
TEXT = """
jintianxiawuxiayule womendaitushuguankanshu
woxiangjieyibenxinxiaoshuo mamazaichufanglizuofan
didixihuanchipingguohexiangjiao meimeibuxihuanheniunai
xiaomingwangledaiyusan huochecongbeijingkaiwangshanghai
gongyuanlikailehaoduohua yeyedeshentibiyiqianhaoduole
dongtiandezaoshanghenleng sijikaicheyaozhuyianquan
"""
lines = TEXT.split()
letters = sorted(set("".join(lines)))
data = [[letters.index(c) for c in line] for line in lines]
print(f"{len(data)} 句，{sum(map(len, data))} 个字母")
# --8<-- [end:data]


# --8<-- [start:fit]
def fit(data, seed, N=2):
    rng = np.random.default_rng(seed)
    shapes = [(N,), (N, N), (N, len(letters))]
    model = m_step(*(rng.gamma(10, size=s) for s in shapes))
    history, gain = [], np.inf
    while gain > 1e-4:
        parts = [e_step(*model, x) for x in data]
        total, *counts = map(sum, zip(*parts, strict=True))
        model = m_step(*counts)
        gain = total - history[-1] if history else np.inf
        history.append(total)
    return model, history


runs = [fit(data, seed) for seed in range(8)]
for seed, ((_, _, B), history) in enumerate(runs):
    more = "".join(np.array(letters)[B[0] > B[1]])
    print(f"起点 {seed}：{history[-1]:.1f}，{more}")
# --8<-- [end:fit]


# --8<-- [start:figure]
import warnings  # noqa: E402

import matplotlib.pyplot as plt  # noqa: E402

warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "hmm_learn_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3), layout="constrained")
best = max(history[-1] for _, history in runs)
for _, history in runs:
    color = "C1" if history[-1] > best - 0.1 else "C0"
    axis.plot(range(1, len(history) + 1), history, color, linewidth=1)
axis.set(xlim=(0, 160), xlabel="轮")
axis.set_title("对数似然", loc="left", fontsize=10)
axis.set_ylim(-840, -770)
about = {"Title": "八个起点的对数似然：都只升不降，停在不同的高处"}
figure.savefig("hmm_learn_numpy.svg", transparent=True, metadata=about)
# --8<-- [end:figure]


# --8<-- [start:swap]
def score(pi, A, B):
    return sum(e_step(pi, A, B, x)[0] for x in data)


(pi, A, B), _ = max(runs, key=lambda run: run[1][-1])
both = A[[1, 0]][:, [1, 0]]  # 行与列都对调
print(f"原来：{score(pi, A, B):.4f}")
for name, moved in [("对调", both), ("A 只换行", A[[1, 0]])]:
    value = score(pi[[1, 0]], moved, B[[1, 0]])
    print(f"{name}：{value:.4f}")
# --8<-- [end:swap]


# --8<-- [start:lengths]
model = CategoricalHMM(n_components=2)
model.startprob_, model.transmat_ = pi, A
model.emissionprob_ = B
column = np.concatenate(data).reshape(-1, 1)
lengths = [len(x) for x in data]
print(f"分成 12 句：{model.score(column, lengths):.4f}")
print(f"接成一条：{model.score(column):.4f}")
# --8<-- [end:lengths]
