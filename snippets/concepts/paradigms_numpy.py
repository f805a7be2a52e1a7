# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.metrics import normalized_mutual_info_score

digits = load_digits()  # 1797 张 8×8 灰度图，像素 0 到 16
order = np.random.default_rng(0).permutation(len(digits.data))
train, test = order[:1200], order[1200:]
x = digits.data / 16
x = x - x[train].mean(axis=0)  # 均值只看训练集
y = digits.target
train_x, train_y, test_x, test_y = x[train], y[train], x[test], y[test]
print(f"训练 {train_x.shape}  测试 {test_x.shape}")
# --8<-- [end:data]


# --8<-- [start:supervised]
def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))  # 减去最大值，防止溢出
    return e / e.sum(axis=-1, keepdims=True)


def fit_softmax(x, y, penalty=1e-3, steps=600, lr=0.5, momentum=0.95):
    """交叉熵的平均 + penalty / 2 · ‖W‖²；偏置不受惩罚。"""
    w, b = np.zeros((x.shape[1], 10)), np.zeros(10)
    w_speed, b_speed = np.zeros_like(w), np.zeros_like(b)
    target = np.eye(10)[y]  # (B, 10)
    for _ in range(steps):
        error = (softmax(x @ w + b) - target) / len(x)  # ∂L/∂s，(B, 10)
        w_speed = momentum * w_speed - lr * (x.T @ error + penalty * w)
        b_speed = momentum * b_speed - lr * error.sum(axis=0)
        w, b = w + w_speed, b + b_speed
    return w, b


def accuracy(w, b, x, y):
    return np.mean((x @ w + b).argmax(axis=1) == y)


def one_each(seed):
    """每个数字随机取一张训练图的行号。"""
    rng = np.random.default_rng(seed)
    return [rng.choice(np.flatnonzero(train_y == c)) for c in range(10)]


# --8<-- [end:supervised]

# --8<-- [start:labels]
w, b = fit_softmax(train_x, train_y)
full = accuracy(w, b, test_x, test_y)
head, tail = slice(None, 1200), slice(1200, None)
in_order = accuracy(*fit_softmax(x[head], y[head]), x[tail], y[tail])
rows = [one_each(seed) for seed in range(20)]
fits = [fit_softmax(train_x[r], train_y[r]) for r in rows]
few = [accuracy(*fit, test_x, test_y) for fit in fits]
print(f"监督，1200 个标签：{full:.3f}（不打乱，前 1200 张训练：{in_order:.3f}）")
print(f"监督，10 个标签（每类一个，20 次平均）：{np.mean(few):.3f}")
# --8<-- [end:labels]


# --8<-- [start:k-means]
def squared_distances(x, centers):
    # ‖x − c‖² 展开成三项，省去 (B, K, 64) 的中间数组
    cross = x @ centers.T  # (B, K)
    return (x**2).sum(axis=1)[:, None] - 2 * cross + (centers**2).sum(axis=1)


def k_means(x, centers):
    """劳埃德迭代：归入最近的中心，中心移到成员的平均，直到归属不再变。"""
    cluster = np.full(len(x), -1)
    while True:
        distances = squared_distances(x, centers)
        nearest = distances.argmin(axis=1)
        if np.array_equal(nearest, cluster):
            return centers, cluster, abs(distances.min(axis=1).mean())
        cluster = nearest
        centers = np.stack(
            [
                x[cluster == k].mean(axis=0) if np.any(cluster == k) else centers[k]
                for k in range(len(centers))
            ]
        )


# --8<-- [end:k-means]


# --8<-- [start:agreement]
def contingency(cluster, y):
    table = np.zeros((cluster.max() + 1, 10))
    np.add.at(table, (cluster, y), 1)
    return table  # (K, 10)：第 k 簇里有几个数字 c


def purity(cluster, y):
    return contingency(cluster, y).max(axis=1).sum() / len(y)


def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log(p))


def nmi(cluster, y):
    joint = contingency(cluster, y) / len(y)
    h_cluster, h_label = entropy(joint.sum(axis=1)), entropy(joint.sum(axis=0))
    mutual = h_cluster + h_label - entropy(joint)
    return mutual / ((h_cluster + h_label) / 2)


# --8<-- [end:agreement]

# --8<-- [start:clusters]
rng = np.random.default_rng(1)
starts = [rng.permutation(1200)[:10] for _ in range(20)]
fits = [k_means(train_x, train_x[s]) for s in starts]
fits.sort(key=lambda fit: fit[2])  # 按目标值挑，不看标签
for name, (_, cluster, loss) in [("目标最小", fits[0]), ("目标最大", fits[-1])]:
    print(f"k 均值，{name}的一次：目标 {loss:.3f}", end="  ")
    print(f"纯度 {purity(cluster, train_y):.3f}  NMI {nmi(cluster, train_y):.3f}")
purities = [purity(fit[1], train_y) for fit in fits]
print(f"20 次的纯度：{min(purities):.3f} 到 {max(purities):.3f}")
for k in [10, 40, 400, 1200]:
    _, cluster, loss = k_means(train_x, train_x[rng.permutation(1200)[:k]])
    print(f"K = {k:4d}：目标 {loss:.3f}", end="  ")
    print(f"纯度 {purity(cluster, train_y):.3f}  NMI {nmi(cluster, train_y):.3f}")
# --8<-- [end:clusters]

# --8<-- [start:name-clusters]
centers, cluster, _ = fits[0]
print("各簇里最多的两个数字：")
for k, row in enumerate(contingency(cluster, train_y).astype(int)):
    most = [c for c in np.argsort(-row, kind="stable")[:2] if row[c]]
    share = "、".join(f"{c}（{row[c]} 张）" for c in most)
    print(f"  第 {k} 簇 {row.sum():3d} 张：{share}")
closest = squared_distances(train_x, centers).argmin(axis=0)  # 每簇最近中心的一张
names = train_y[closest]  # 只问这 10 张的标签
guess = names[squared_distances(test_x, centers).argmin(axis=1)]
print(f"先聚类，再问 10 个标签：{np.mean(guess == test_y):.3f}")
# --8<-- [end:name-clusters]

# --8<-- [start:pca]
_, scale, directions = np.linalg.svd(train_x, full_matrices=False)
variance = scale**2 / np.sum(scale**2)
for q in [2, 10, 20, 40]:
    u = directions[:q].T  # (64, q)，各列正交、长度为 1
    error = np.mean(np.sum((test_x - test_x @ u @ u.T) ** 2, axis=1))
    score = accuracy(*fit_softmax(train_x @ u, train_y), test_x @ u, test_y)
    print(f"PCA 取 {q:2d} 维：训练方差 {variance[:q].sum():.3f}", end="  ")
    print(f"测试重建误差 {error:.3f}  其上的监督分类 {score:.3f}")
# --8<-- [end:pca]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画，这里不需要字体
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "paradigms_numpy"
major = contingency(cluster, train_y).argmax(axis=1)
in_plane = test_x @ directions[:2].T
wrong = major[squared_distances(test_x, centers).argmin(axis=1)] != test_y
fig, ax = plt.subplots(figsize=(3.5, 3.9), layout="constrained")
for (u1, u2), digit, miss in list(zip(in_plane, test_y, wrong, strict=True))[:120]:
    colour = "C1" if miss else "C0"
    ax.text(u1, u2, str(digit), color=colour, ha="center", va="center")
low, high = in_plane.min(axis=0) - 0.1, in_plane.max(axis=0) + 0.1
ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xlabel="第一主成分")
ax.set_title("第二主成分", loc="left", fontsize=10)
title = "测试图在前两个主成分上的位置，字符是真实的数字，簇的多数不是它时换色"
fig.savefig("paradigms_numpy.svg", transparent=True, metadata={"Title": title})
# --8<-- [end:figure]

# --8<-- [start:library]
start = train_x[starts[0]]
_, cluster, _ = k_means(train_x, start)
library = KMeans(10, init=start, n_init=1, tol=0).fit(train_x)
same = np.array_equal(cluster, library.labels_)
gap = abs(normalized_mutual_info_score(train_y, cluster) - nmi(cluster, train_y))
ratio = PCA(20).fit(train_x).explained_variance_ratio_
off = np.abs(ratio - variance[:20]).max()
print(f"与 sklearn 相同：k 均值的簇 {same}，NMI {gap < 1e-9}，PCA {off < 1e-9}")
# --8<-- [end:library]
