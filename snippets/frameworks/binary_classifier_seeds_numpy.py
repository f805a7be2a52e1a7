# --8<-- [start:data]
import copy
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

dataset = load_breast_cancer()
y = (dataset.target == 0).astype(int)  # 恶性 = 1
# --8<-- [end:data]


# --8<-- [start:fit]
def fit(n, split, seed):
    """用前 n 个特征训练一次，早停；返回标准化、网络与测试集的下标。"""
    rest, test = train_test_split(
        np.arange(len(y)), test_size=114, stratify=y, random_state=split
    )
    train, valid = train_test_split(
        rest, test_size=114, stratify=y[rest], random_state=split
    )
    x = dataset.data[:, :n]
    scaler = StandardScaler().fit(x[train])
    z = scaler.transform(x)
    rng = np.random.RandomState(seed)  # 给整数，partial_fit 每一轮的次序都相同
    net = MLPClassifier(10, batch_size=32, learning_rate_init=0.01, random_state=rng)
    best_loss, waited = np.inf, 0
    while waited < 20:  # 20 轮没有更好就停
        net.partial_fit(z[train], y[train], classes=[0, 1])
        loss = log_loss(y[valid], net.predict_proba(z[valid])[:, 1])
        waited += 1
        if loss < best_loss:
            best, best_loss, waited = copy.deepcopy(net), loss, 0
    return scaler, best, test


def accuracy(n, split, seed):
    scaler, net, test = fit(n, split, seed)
    return net.score(scaler.transform(dataset.data[test, :n]), y[test])


# --8<-- [end:fit]


# --8<-- [start:seeds]
seeds = range(20)
same_split = [accuracy(30, split=0, seed=s) for s in seeds]
print("30 个特征，同一次划分、20 个种子：准确率", end=" ")
print(f"{min(same_split):.3f} 到 {max(same_split):.3f}")

few = np.array([accuracy(8, split=s, seed=s) for s in seeds])
many = np.array([accuracy(30, split=s, seed=s) for s in seeds])
for n, scores in ((8, few), (30, many)):
    print(f"{n} 个特征，20 次划分：平均 {scores.mean():.4f}", end="，")
    print(f"标准差 {scores.std(ddof=1):.4f}", end="，")
    print(f"{scores.min():.3f} 到 {scores.max():.3f}")
gap = many - few
print(f"同一次划分上相减：平均 {gap.mean():+.4f}", end="，")
print(f"30 个特征胜 {np.sum(gap > 0)}、平 {np.sum(gap == 0)}、负 {np.sum(gap < 0)}")

row = [[13.2, 19.5, 85.8, 531.0, 0.098, 0.1, 0.09, 0.05]]  # 前面那一行新数据
nets = [fit(8, split=0, seed=s) for s in seeds]
chances = [net.predict_proba(scaler.transform(row))[0, 1] for scaler, net, _ in nets]
print(f"同一行、20 个种子：恶性概率 {min(chances):.2f} 到 {max(chances):.2f}", end="，")
print(f"不小于 0.5 的 {sum(p >= 0.5 for p in chances)} 个", end="，")
print(f"不小于 1/6 的 {sum(p >= 1 / 6 for p in chances)} 个")
# --8<-- [end:seeds]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "binary_classifier_seeds_numpy"
figure, axes = plt.subplots(3, figsize=(3.5, 3.3), sharex=True, layout="constrained")
panels = {
    "30 个特征，同一次划分，20 个种子": np.array(same_split),
    "8 个特征，20 次划分": few,
    "30 个特征，20 次划分": many,
}
for axis, (name, scores) in zip(axes, panels.items(), strict=True):
    counts = np.unique(scores, return_counts=True)[1]
    height = np.concatenate([np.arange(count) for count in counts])  # 相同的叠起来
    axis.plot(np.sort(scores), height, "C0o", markersize=5)
    axis.axvline(scores.mean(), color="black", linewidth=1, linestyle=":")
    axis.set(ylim=(-0.8, 8), yticks=[], xticks=[0.9, 0.92, 0.94, 0.96, 0.98, 1])
    axis.set_title(name, loc="left", fontsize=10)
    axis.spines[["top", "right", "left"]].set_visible(False)
axes[-1].set_xlabel("测试集上的准确率")
title = "三组各 20 个准确率，一个点是一次训练"
path, about = "binary_classifier_seeds_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
