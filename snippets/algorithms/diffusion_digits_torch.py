# --8<-- [start:measures]
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR


def frechet(a, b):
    """两组图各当成一个高斯，量弗雷歇距离。"""
    c, d = np.cov(a.T), np.cov(b.T)  # (64, 64)
    cross = np.linalg.eigvals(c @ d).real.clip(0)
    apart = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return apart + np.trace(c) + np.trace(d) - 2 * np.sqrt(cross).sum()


def distances(a, b):
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)
    return np.sqrt((squares - 2 * a @ b.T).clip(0))


# --8<-- [end:measures]


# --8<-- [start:data]
def told_apart(a, b):
    """混在一起，看最近的邻居猜自己是哪一组，猜对的比例。"""
    both = np.concatenate([a, b])
    distance = distances(both, both)
    np.fill_diagonal(distance, np.inf)  # 自己不算
    group = np.arange(len(both)) < len(a)
    return (group[distance.argmin(axis=1)] == group).mean()


torch.set_default_dtype(torch.float64)  # 换一台机器的 CPU，印出的数也一样
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order] / 16, labels[order]
train_set, test_set = images[:1500], images[1500:]
train_y, test_y = labels[:1500], labels[1500:]
T, BLANK = 1000, 10  # 第 10 号标签：没有标签
beta = torch.linspace(1e-4, 0.02, T)
alpha_bar = torch.cat([torch.ones(1), (1 - beta).cumprod(dim=0)])
# --8<-- [end:data]


# --8<-- [start:model]
class Denoiser(nn.Module):
    def __init__(self, width=128):
        super().__init__()
        self.label = nn.Embedding(11, width)
        self.time = nn.Linear(32, width)
        self.first = nn.Linear(64, width)
        self.second = nn.Linear(width, width)
        self.third = nn.Linear(width, width)
        self.last = nn.Linear(width, 64)

    def forward(self, x, t, y):
        # 时刻 t 写成 16 个快慢不同的正弦与余弦
        angle = t[:, None] / T * torch.logspace(0, 3, 16)
        time = torch.cat([angle.sin(), angle.cos()], dim=1)
        hint = self.time(time) + self.label(y)  # (batch, width)
        h = nn.functional.silu(self.first(x) + hint)
        for layer in (self.second, self.third):
            h = h + nn.functional.silu(layer(h) + hint)
        v, a = self.last(h), alpha_bar[t][:, None]  # (batch, 64)
        return a.sqrt() * v + (1 - a).sqrt() * x  # 由 v 求噪声


# --8<-- [end:model]


# --8<-- [start:train]
def train(seed, epochs=100):
    # 有 GPU 时：程序开头 torch.set_default_device("cuda")，每个
    # from_numpy 之后 .to("cuda")，画完先 .cpu() 再 .numpy()
    torch.manual_seed(seed)
    model = Denoiser()
    data = torch.from_numpy(train_set) * 2 - 1  # 像素放到 −1 与 1 之间
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    slower = CosineAnnealingLR(optimizer, epochs * 15)
    for _ in range(epochs):
        for rows in torch.randperm(len(data)).split(100):
            x_0, y = data[rows], torch.from_numpy(train_y)[rows]
            y = torch.where(torch.rand(len(y)) < 0.1, BLANK, y)
            t = torch.randint(1, T + 1, y.shape)
            a = alpha_bar[t][:, None]
            eps = torch.randn_like(x_0)
            x_t = a.sqrt() * x_0 + (1 - a).sqrt() * eps
            loss = (model(x_t, t, y) - eps).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            slower.step()
    return model


# --8<-- [end:train]


# --8<-- [start:sample]
@torch.no_grad()
def sample(model, y, steps, eta=0, w=0):
    torch.manual_seed(1)
    x = torch.randn(len(y), 64)
    blank = torch.full_like(y, BLANK)
    times = torch.linspace(T, 0, steps + 1).round().long()
    for t, s in zip(times[:-1], times[1:], strict=True):
        now = t.expand(len(y))
        eps = model(x, now, y)
        if w:  # 有标签与没有标签的差，再往前多走 w 倍
            eps = eps + w * (eps - model(x, now, blank))
        a, b = alpha_bar[t], alpha_bar[s]
        x_0 = ((x - (1 - a).sqrt() * eps) / a.sqrt()).clip(-1, 1)
        eps = (x - a.sqrt() * x_0) / (1 - a).sqrt()  # 裁过要重算
        sigma = eta * ((1 - b) / (1 - a) * (1 - a / b)).sqrt()
        x = b.sqrt() * x_0 + (1 - b - sigma**2).sqrt() * eps
        x = x + sigma * torch.randn_like(x)
    return ((x + 1) / 2).numpy()


# --8<-- [end:sample]

# --8<-- [start:steps]
models = [train(seed) for seed in range(3)]
free, asked = torch.full((297,), BLANK), torch.from_numpy(test_y)


def quality(drawn):
    """每组图的弗雷歇距离与近邻分对的比例。"""
    both = [(frechet(x, test_set), told_apart(x, test_set)) for x in drawn]
    return np.array(both).T


curves = {"DDPM": {}, "DDIM": {}}
for name, eta in [("DDPM", 1), ("DDIM", 0)]:
    for steps in [100, 50, 20, 10, 5]:
        found = quality([sample(m, free, steps, eta) for m in models])
        distance, right = found.mean(axis=1)
        curves[name][steps] = distance
        low, high = found[0].min(), found[0].max()
        print(f"{name} {steps} 步：弗雷歇距离 {distance:.2f}", end="")
        print(f"（{low:.2f} 到 {high:.2f}），近邻分对 {right:.0%}")
# --8<-- [end:steps]

# --8<-- [start:guidance]
judge = LogisticRegression(max_iter=2000).fit(train_set, train_y)


def spread(x):
    """同一个数字的图，64 个像素的方差之和，十个数字平均。"""
    groups = [x[test_y == k] for k in range(10)]
    return np.mean([group.var(axis=0).sum() for group in groups])


print(f"真的测试图：分类对 {judge.score(test_set, test_y):.0%}，", end="")
print(f"类内方差 {spread(test_set):.2f}")
guided = {}
for w in [0, 1, 3]:
    guided[w] = [sample(m, asked, 50, 0, w) for m in models]
    right = np.mean([judge.score(x, test_y) for x in guided[w]])
    print(f"w = {w}：分类对 {right:.0%}，", end="")
    varied = np.mean([spread(x) for x in guided[w]])
    distance, told = quality(guided[w]).mean(axis=1)
    print(f"类内方差 {varied:.2f}，弗雷歇距离 {distance:.2f}，", end="")
    print(f"近邻分对 {told:.0%}")
# --8<-- [end:guidance]

# --8<-- [start:copy]
for name, groups in [("测试图", [test_set]), ("生成的图", guided[0])]:
    near = [distances(x, train_set).min(axis=1) for x in groups]
    print(f"{name}，到最近一张训练图的距离，中位数 ", end="")
    print(f"{np.mean([np.median(d) for d in near]):.2f}")
# --8<-- [end:copy]

# --8<-- [start:figure]
rows = [test_set[[np.flatnonzero(test_y == k)[0] for k in range(5)]]]
rows += [sample(models[0], torch.arange(5), 50, 0, w) for w in (0, 1, 3)]
picture = np.pad(np.reshape(rows, (4, 5, 8, 8)), [(0, 0)] * 2 + [(1, 1)] * 2)
picture = picture.transpose(0, 2, 1, 3).reshape(40, 50)
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "diffusion_digits_torch"
figure, axes = plt.subplots(2, figsize=(3.5, 4.4), layout="constrained")
for level in range(1, 5):  # 深浅分四级，同一级连着的画成一段
    same = np.pad(np.round(picture * 4) == level, [(0, 0), (1, 1)])
    edge = np.diff(same.astype(int))
    (y, x), (_, stop) = np.nonzero(edge == 1), np.nonzero(edge == -1)
    ends = np.stack([x, stop, np.full(len(x), np.nan)], axis=1)
    line = axes[0].plot(ends.ravel(), np.repeat(y + 0.5, 3), "k", lw=3.6)
    line[0].set(alpha=level / 4, solid_capstyle="butt")
axes[0].set(xlim=(0, 50), ylim=(40, 0), aspect="equal", xticks=[])
axes[0].set_yticks([5, 15, 25, 35], ["真的", "w = 0", "w = 1", "w = 3"])
axes[0].spines[:].set_visible(False)
# --8<-- [end:figure]

# --8<-- [start:curve]
for name, style in [("DDPM", "C0o--"), ("DDIM", "C1o-")]:
    axes[1].plot(*zip(*curves[name].items(), strict=True), style, label=name)
axes[1].set(xscale="log", xlabel="步数", ylim=(0, None))
axes[1].set_xticks([5, 10, 20, 50, 100], ["5", "10", "20", "50", "100"])
axes[1].minorticks_off()
axes[1].set_title("弗雷歇距离", loc="left", fontsize=10)
axes[1].spines[["top", "right"]].set_visible(False)
axes[1].legend(frameon=False)
title = "上：真的数字与照标签生成的数字；下：步数越少，弗雷歇距离越大"
path, about = "diffusion_digits_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:curve]
