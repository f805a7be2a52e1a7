# --8<-- [start:exact]
import warnings

import matplotlib.pyplot as plt
import numpy as np

P_C = np.array([0.5, 0.5])
P_S = np.array([[0.5, 0.5], [0.9, 0.1]])  # (C, S)
P_R = np.array([[0.8, 0.2], [0.2, 0.8]])  # (C, R)
P_W = np.array([[[1.0, 0.0], [0.1, 0.9]], [[0.1, 0.9], [0.01, 0.99]]])

# 证据：洒了水，草却是干的；问下雨的概率
weights = np.einsum("c,c,cr,r->r", P_C, P_S[:, 1], P_R, P_W[1, :, 0])
exact = weights[1] / weights.sum()
print(f"证据的概率 {weights.sum():.4f}，精确答案 {exact:.4f}")
# --8<-- [end:exact]


# --8<-- [start:forward]
def draw(rng, p):
    """每个数以概率 p 为 1。"""
    return (rng.random(len(p)) < p).astype(int)


def rejection(rng, n):
    c = draw(rng, np.full(n, P_C[1]))
    s, r = draw(rng, P_S[c, 1]), draw(rng, P_R[c, 1])
    w = draw(rng, P_W[s, r, 1])
    keep = (s == 1) & (w == 0)  # 与证据不符的全扔掉
    return r[keep].mean()


def weighting(rng, n):
    c = draw(rng, np.full(n, P_C[1]))
    r = draw(rng, P_R[c, 1])
    weight = P_S[c, 1] * P_W[1, r, 0]  # 证据不抽，记下它的概率
    return (weight * r).sum() / weight.sum()


# --8<-- [end:forward]


# --8<-- [start:gibbs]
def gibbs(rng, n):
    c_table = P_C[:, None] * P_S[:, [1]] * P_R  # 含 C 的三张表
    r_table = P_R * P_W[1, :, 0]  # 含 R 的两张表
    p_c = c_table[1] / c_table.sum(axis=0)  # P(C=1 | r, 证据)
    p_r = r_table[:, 1] / r_table.sum(axis=1)  # P(R=1 | c, 证据)
    r, rains = 0, 0
    for u, v in rng.random((n, 2)).tolist():
        c = int(u < p_c[r])
        r = int(v < p_r[c])
        rains += r
    return rains / n


# --8<-- [end:gibbs]


# --8<-- [start:errors]
WAYS = {"拒绝采样": rejection, "似然加权": weighting, "吉布斯采样": gibbs}
SIZES = [1000, 4000, 16000]
errors = {}
for name, way in WAYS.items():
    errors[name] = []
    for n in SIZES:
        found = [way(np.random.default_rng(s), n) for s in range(200)]
        rms = np.sqrt(np.mean((np.array(found) - exact) ** 2))
        errors[name].append(rms)
    print(f"{name}：", end="")
    pairs = zip(SIZES, errors[name], strict=True)
    print("，".join(f"{n} 个 {rms:.4f}" for n, rms in pairs))
# --8<-- [end:errors]


# --8<-- [start:trap]
def chain(rng, n, epsilon):
    """两个变量，只有 epsilon 的概率不相同；从 0 出发，返回 x 走过的值。"""
    x, path = 0, []
    for u, v in rng.random((n, 2)).tolist():
        y = 1 - x if u < epsilon else x
        x = 1 - y if v < epsilon else y
        path.append(x)
    return np.array(path)


paths = {}
for epsilon in [0.1, 0.01, 0.001, 0]:
    rngs = [np.random.default_rng(s) for s in range(20)]
    walks = [chain(rng, 10000, epsilon) for rng in rngs]
    paths[epsilon] = walks
    moves = np.mean([np.count_nonzero(np.diff(w)) for w in walks])
    means = [w.mean() for w in walks]
    print(f"不同的概率 {epsilon}：平均换 {moves:.0f} 次", end="，")
    print(f"二十条链的估计 {min(means):.2f} 到 {max(means):.2f}")
# --8<-- [end:trap]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams.update({"axes.titlesize": 10, "axes.titlelocation": "left"})
plt.rcParams["svg.hashsalt"] = "bayesian_network_sampling_numpy"
figure, axes = plt.subplots(2, figsize=(3.5, 5.2), layout="constrained")
styles = {"拒绝采样": "k:", "似然加权": "C1-", "吉布斯采样": "C0--"}
for name, values in errors.items():
    axes[0].loglog(SIZES, values, styles[name], label=name)
axes[0].set(title="均方根误差", xlabel="样本数", ylim=(0.0005, 0.3))
axes[0].set_xticks(SIZES, SIZES)
axes[0].set_yticks([0.001, 0.01, 0.1], [0.001, 0.01, 0.1])
axes[0].minorticks_off()
steps = np.arange(1, 10001)
for epsilon, style in [(0.1, "C1-"), (0.001, "C0--")]:
    for i, walk in enumerate(paths[epsilon][:4]):
        mean = np.cumsum(walk) / steps
        label = None if i else f"不同的概率 {epsilon}"
        axes[1].plot(steps[99::100], mean[99::100], style, label=label)
axes[1].set(title="四条链到此为止的估计，应是 0.5", xlabel="步")
axes[1].set(ylim=(0, 1.4), yticks=[0, 0.5, 1])
for axis in axes:
    axis.legend(frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
about = {"Title": "上：样本多四倍，误差约减半；下：表近乎确定时吉布斯采样换不动"}
path = "bayesian_network_sampling_numpy.svg"
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
