# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn

torch.set_default_dtype(torch.float64)  # 为了每台机器印出同样的数
images, labels = load_digits(return_X_y=True)
images = F.pad(torch.from_numpy(images / 16).view(-1, 1, 8, 8), (1, 1, 1, 1))
labels = torch.from_numpy(labels)
number, old = torch.arange(len(labels)), labels < 5
source = number[old & (number < 1200)]  # 0 到 4，全部有标签
pool = number[~old & (number < 1200)]  # 5 到 9，从里面抽几张来标
test_old, test = (number[kind & (number >= 1200)] for kind in (old, ~old))
target = labels % 5  # 两件事各有五类
print(f"0 到 4：训练 {len(source)} 张，测试 {len(test_old)} 张")
print(f"5 到 9：可标 {len(pool)} 张，测试 {len(test)} 张")
# --8<-- [end:data]


# --8<-- [start:model]
def block(inputs, outputs):
    conv = nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, bias=False)
    return conv, nn.BatchNorm2d(outputs), nn.ReLU()


class CNN(nn.Module):
    def __init__(self, width=12):
        super().__init__()
        self.body = nn.Sequential(
            *block(1, width),
            nn.MaxPool2d(2),  # (12, 5, 5)
            *block(width, 2 * width),
            nn.Flatten(),  # 600
        )
        self.head = nn.Linear(50 * width, 5)

    def forward(self, x):
        return self.head(self.body(x))


# --8<-- [end:model]


# --8<-- [start:fit]
def fit(model, rows, lr, steps, moving=None):
    """在 rows 上走 steps 步；moving 是要动的参数，默认全部。"""
    optimizer = torch.optim.AdamW(moving or model.parameters(), lr=lr)
    model.train()
    for _ in range(steps):
        some = rows[torch.randint(len(rows), (min(50, len(rows)),))]
        optimizer.zero_grad()
        F.cross_entropy(model(images[some]), target[some]).backward()
        optimizer.step()
    return model.eval()


@torch.inference_mode()
def accuracy(model, rows):
    return (model(images[rows]).argmax(dim=1) == target[rows]).double().mean().item()


# --8<-- [end:fit]


# --8<-- [start:pretrain]
torch.manual_seed(0)
base = fit(CNN(), source, lr=0.003, steps=150)
print(f"只见过 0 到 4 的网络，在 0 到 4 的测试图上：{accuracy(base, test_old):.1%}")
# --8<-- [end:pretrain]


# --8<-- [start:probe]
def drawn(k, seed):
    """5 到 9 每类抽 k 张来标。"""
    rng = np.random.default_rng(seed)
    kinds = [pool[target[pool] == c].numpy() for c in range(5)]
    return torch.from_numpy(
        np.concatenate([rng.choice(own, k, False) for own in kinds])
    )


with torch.inference_mode():
    views = {"像素": images.flatten(1).numpy(), "特征": base.body(images).numpy()}
y, found = target.numpy(), {}
for k in (1, 5, 20):
    for name, x in views.items():
        right = []
        for seed in range(20):  # 抽二十次，每次标的图不同
            rows = drawn(k, seed)
            linear = LogisticRegression(max_iter=1000).fit(x[rows], y[rows])
            right.append(linear.score(x[test], y[test]))
        found[k, name] = np.array(right)
    wins = (found[k, "特征"] > found[k, "像素"]).sum()
    means = "，".join(f"{name} {found[k, name].mean():.1%}" for name in views)
    print(f"每类 {k} 张，线性分类器：{means}；特征胜 {wins} / 20 次")
# --8<-- [end:probe]


# --8<-- [start:tune]
def tuned(rows, lr):
    """从学过 0 到 4 的网络出发，换一个头，各层都动。"""
    model = CNN()
    model.body.load_state_dict(base.body.state_dict())
    return fit(model, rows, lr, steps=60)


def recalled(model):
    """动过的各层接回原来的头，还认得 0 到 4 吗？"""
    with torch.inference_mode():
        said = base.head(model.body(images[test_old])).argmax(dim=1)
    return (said == target[test_old]).double().mean().item()


ways = {
    "从头训练": lambda rows: fit(CNN(), rows, lr=0.003, steps=60),
    "慢慢微调": lambda rows: tuned(rows, lr=0.001),
    "猛地微调": lambda rows: tuned(rows, lr=0.05),
}
for k in (1, 5, 20):
    for name, way in ways.items():
        torch.manual_seed(k)
        trained = [way(drawn(k, seed)) for seed in range(5)]
        found[k, name] = np.array([accuracy(model, test) for model in trained])
        kept = np.mean([recalled(model) for model in trained])
        print(f"每类 {k} 张，{name}：{found[k, name].mean():.1%}", end="")
        print("" if name == "从头训练" else f"；旧的头认 0 到 4：{kept:.0%}")
# --8<-- [end:tune]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "recognition_probe_torch"
figure, axis = plt.subplots(figsize=(3.5, 3), layout="constrained")
styles = {"特征": "C1o-", "像素": "C0s--", "从头训练": "k^:"}
for name, style in styles.items():
    means = [100 * found[k, name].mean() for k in (1, 5, 20)]
    axis.plot([1, 5, 20], means, style, label=name, markersize=5)
axis.set(xscale="log", xticks=[1, 5, 20], xticklabels=["1", "5", "20"])
axis.minorticks_off()
axis.set(ylim=(50, 100), xlabel="每类有标签的图")
axis.set_title("5 到 9 的测试正确率（%）", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False, loc="lower right")
title = "标签越多，三种做法越接近；只有一张时都很差"
path, about = "recognition_probe_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
