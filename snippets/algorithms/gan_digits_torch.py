# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.spatial.distance import cdist
from scipy.stats import entropy
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.nn.functional import pad, softplus

torch.set_default_dtype(torch.float64)  # 换一台机器的 CPU，印出的数也一样
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order] / 16, labels[order]
train_set, test_set = images[:1500], images[1500:]
judge = LogisticRegression(max_iter=1000).fit(train_set, labels[:1500])
right = judge.score(test_set, labels[1500:])
print(f"裁判认测试图，认对 {right:.0%}")
# --8<-- [end:data]


# --8<-- [start:measures]
def frechet(a, b):
    """把两组图各当成一个高斯，量弗雷歇距离（照 FID 的习惯，不开方）。"""
    c, d = np.cov(a.T), np.cov(b.T)  # (64, 64)
    cross = np.linalg.eigvals(c @ d).real.clip(0)
    apart = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return apart + np.trace(c) + np.trace(d) - 2 * np.sqrt(cross).sum()


def told_apart(a, b):
    """混在一起，看最近的邻居猜自己是哪一组，猜对的比例。"""
    both = np.concatenate([a, b])
    squares = (both**2).sum(axis=1)
    distance = squares[:, None] + squares - 2 * both @ both.T
    np.fill_diagonal(distance, np.inf)  # 自己不算
    group = np.arange(len(both)) < len(a)
    return (group[distance.argmin(axis=1)] == group).mean()


def classes(x):
    """裁判眼里，十个数字各占多少。"""
    return np.bincount(judge.predict(x), minlength=10) / len(x)


# --8<-- [end:measures]


# --8<-- [start:networks]
def mlp(n_in, n_out, activation):
    return nn.Sequential(
        nn.Linear(n_in, 128),
        activation,
        nn.Linear(128, 128),
        activation,
        nn.Linear(128, n_out),
    )


class GAN(nn.Module):
    def __init__(self):
        super().__init__()
        self.G = nn.Sequential(mlp(16, 64, nn.ReLU()), nn.Sigmoid())
        self.D = mlp(64, 1, nn.LeakyReLU(0.2))  # 末层不过 sigmoid

    def draw(self, n):
        return self.G(torch.randn(n, 16))


# --8<-- [end:networks]


# --8<-- [start:losses]
def d_loss(gan, x, gamma):
    x = x.clone().requires_grad_()
    real, fake = gan.D(x), gan.D(gan.draw(len(x)).detach())
    loss = (softplus(-real) + softplus(fake)).mean()
    # R1：真图上，D 对每个像素的斜率，平方和要小
    (slope,) = torch.autograd.grad(real.sum(), x, create_graph=True)
    return loss, gamma / 2 * slope.square().sum(dim=1).mean()


def g_loss(gan, n):
    return softplus(-gan.D(gan.draw(n))).mean()  # 非饱和


# --8<-- [end:losses]


# --8<-- [start:train]
def train(seed, gamma, epochs=60):
    # 有 GPU 时：gan.to(device)，data 与 draw 里的噪声也放到 device
    torch.manual_seed(seed)
    gan, data, history = GAN(), torch.from_numpy(train_set), []
    opt_g, opt_d = (
        torch.optim.Adam(net.parameters(), lr=1e-3, betas=(0.5, 0.999))
        for net in (gan.G, gan.D)
    )
    for epoch in range(1, epochs + 1):
        losses = []
        for x in data[torch.randperm(len(data))].split(100):
            first, penalty = d_loss(gan, x, gamma)
            opt_d.zero_grad()
            (first + penalty).backward()
            opt_d.step()
            second = g_loss(gan, len(x))
            opt_g.zero_grad()
            second.backward()
            opt_g.step()
            losses.append((first.item(), second.item()))
        if epoch % 5 == 0:
            with torch.no_grad():
                drawn = [gan.draw(297).numpy() for _ in range(5)]
            history.append((*np.mean(losses, axis=0), drawn))
    return history


# --8<-- [end:train]


# --8<-- [start:run]
def scores(drawn):
    """五次抽样的平均：弗雷歇距离、近邻分对、十类的熵。"""
    found = [
        (frechet(x, test_set), told_apart(x, test_set), entropy(classes(x)))
        for x in drawn
    ]
    return np.mean(found, axis=0)


print(f"测试图：十类的熵 {entropy(classes(test_set)):.2f}")
runs = {}
for name, gamma in {"没有惩罚": 0.0, "R1": 1.0}.items():
    runs[name] = [train(seed, gamma) for seed in range(3)]
    found = np.array([scores(history[-1][2]) for history in runs[name]])
    (a, b, c), (d, e, f) = found.min(axis=0), found.max(axis=0)
    print(f"{name}，三个种子：弗雷歇距离 {a:.2f} 到 {d:.2f}，", end="")
    print(f"近邻分对 {b:.0%} 到 {e:.0%}，熵 {c:.2f} 到 {f:.2f}")
# --8<-- [end:run]


# --8<-- [start:course]
def average(histories):
    """每 5 轮：D 的损失、G 的损失、弗雷歇距离，各种子平均。"""
    rows = [
        [(a, b, np.mean([frechet(x, test_set) for x in c])) for a, b, c in one]
        for one in histories
    ]
    return np.mean(rows, axis=0)  # (12, 3)


curves = {name: average(histories) for name, histories in runs.items()}
for name, curve in curves.items():
    for i in (1, 3, 7, 11):
        of_d, of_g, distance = curve[i]
        print(f"{name}，第 {5 * i + 5} 轮：D 的损失 {of_d:.2f}，", end="")
        print(f"G 的损失 {of_g:.2f}，弗雷歇距离 {distance:.1f}")
# --8<-- [end:course]

# --8<-- [start:classes]
shares = {"测试图": classes(test_set)}
for name, histories in runs.items():
    drawn = np.concatenate(histories[0][-1][2])  # 种子 0，5 次抽样合起来
    shares[name] = classes(drawn)
for name, share in shares.items():
    print(f"{name}，0 到 9 各占：", " ".join(f"{s:.0%}" for s in share))
# --8<-- [end:classes]


# --8<-- [start:copies]
def to_train(x):
    """每张图到最近的训练图的距离，取中位数。"""
    return np.median(cdist(x, train_set).min(axis=1))


print(f"到最近的训练图：测试图 {to_train(test_set):.2f}", end="")
for name, histories in runs.items():
    drawn = np.concatenate([history[-1][2][0] for history in histories])
    print(f"，{name} {to_train(drawn):.2f}", end="")
print()
# --8<-- [end:copies]

# --8<-- [start:picture]
rows = [test_set, *(histories[0][-1][2][0] for histories in runs.values())]
strip = torch.from_numpy(np.stack([row[:8] for row in rows]))
picture = pad(strip.reshape(3, 8, 8, 8), (1, 1, 1, 1))
picture = picture.transpose(1, 2).reshape(30, 80).numpy()
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "gan_digits_torch"
figure, axes = plt.subplots(3, figsize=(3.5, 5), layout="constrained")
for level in range(1, 6):  # 深浅分五级，一级一条断开的粗线
    y, x = np.nonzero(np.round(picture * 5) == level)
    ends = np.stack([x, x + 1, np.full(len(x), np.nan)], axis=1)
    line = axes[0].plot(ends.ravel(), np.repeat(y + 0.5, 3), "k", lw=2.2)[0]
    line.set(alpha=level / 5, solid_capstyle="butt")
axes[0].set(xlim=(0, 80), ylim=(30, 0), aspect="equal", xticks=[])
axes[0].set_yticks([5, 15, 25], ["测试图", *runs])
axes[0].spines[:].set_visible(False)
# --8<-- [end:picture]

# --8<-- [start:figure]
for (name, curve), style in zip(curves.items(), ["C1--", "C0-"], strict=True):
    axes[1].plot(range(5, 61, 5), curve[:, 1], style, label=name)
    axes[2].plot(range(5, 61, 5), curve[:, 2], style, label=name)
tops = {"G 的损失": 5, "弗雷歇距离": 12}
for axis, (name, top) in zip(axes[1:], tops.items(), strict=True):
    axis.set(xticks=[5, 20, 40, 60], ylim=(0, top))
    axis.set_title(name, loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
axes[1].legend(frameon=False)
axes[2].set_xlabel("轮")
title = "上：测试图、没有惩罚时、用 R1 时生成的图；下：G 的损失与弗雷歇距离"
path, about = "gan_digits_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
