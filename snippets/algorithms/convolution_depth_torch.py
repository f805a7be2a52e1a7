# --8<-- [start:network]
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.set_default_dtype(torch.float64)  # 各种 CPU 舍入的差别小到印不出来
# 有 CUDA 的 GPU 时：images、labels 与模型都 .to("cuda")
images, labels = load_digits(return_X_y=True)
images = F.avg_pool2d(torch.from_numpy(images / 16).view(-1, 1, 8, 8), 2)
labels = torch.from_numpy(labels)


class Block(nn.Module):
    def __init__(self, skip, norm):
        super().__init__()
        self.skip, parts = skip, []
        for _ in range(2):
            parts.append(nn.Conv2d(8, 8, 3, padding=1, bias=not norm))
            parts.append(nn.BatchNorm2d(8) if norm else nn.Identity())
            parts.append(nn.ReLU())
        self.f = nn.Sequential(*parts[:-1])  # 最后的 ReLU 在相加之后

    def forward(self, x):
        y = self.f(x)
        return F.relu(x + y if self.skip else y)


# --8<-- [end:network]


# --8<-- [start:build]
def build(depth, skip, norm, seed):
    """depth 个 3×3 卷积，每块两个；头尾另算。"""
    torch.manual_seed(seed)
    first = nn.Conv2d(1, 8, 3, padding=1)
    blocks = [Block(skip, norm) for _ in range(depth // 2)]
    pool = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)]
    model = nn.Sequential(first, nn.ReLU(), *blocks, *pool)
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):  # 权重用 He 初始化
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return model


def first_gradient(model):
    """第一层的梯度有多长。"""
    F.cross_entropy(model(images[:64]), labels[:64]).backward()
    return model[0].weight.grad.norm().item()


# --8<-- [end:build]


# --8<-- [start:gradient]
ways = {
    "平铺": (False, False),
    "平铺，批归一化": (False, True),
    "残差，批归一化": (True, True),
}
depths = [4, 14, 24]
for name, (skip, norm) in ways.items():
    found = [
        [first_gradient(build(d, skip, norm, seed)) for seed in range(5)]
        for d in depths
    ]
    middle = np.median(found, axis=1)  # 五个种子的中位数
    pairs = zip(depths, middle, strict=True)
    print(f"{name}：" + "，".join(f"{d} 层 {g:.1g}" for d, g in pairs))
# --8<-- [end:gradient]


# --8<-- [start:train]
def train(depth, skip, seed, steps=100):
    model = build(depth, skip, norm=True, seed=seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for _ in range(steps):
        rows = torch.randint(len(images), (64,))
        loss = F.cross_entropy(model(images[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.mean(losses[-20:])


losses = {}
for name, skip in [("平铺", False), ("残差", True)]:
    for depth in depths:
        found = [train(depth, skip, seed) for seed in range(3)]
        losses[name, depth] = found
        print(f"{name}，{depth} 层：{np.mean(found):.2f}", end="")
        print(f"（{min(found):.2f} 到 {max(found):.2f}）")
# --8<-- [end:train]


# --8<-- [start:figure]
import warnings  # noqa: E402

import matplotlib.pyplot as plt  # noqa: E402

warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "convolution_depth_torch"
figure, axis = plt.subplots(figsize=(3.5, 3), layout="constrained")
for name, style in [("平铺", "C0o--"), ("残差", "C1o-")]:
    found = np.array([losses[name, depth] for depth in depths])
    axis.plot(depths, found.mean(axis=1), style, label=name)
    low, high = found.min(axis=1), found.max(axis=1)
    axis.fill_between(depths, low, high, color=style[:2], alpha=0.2)
axis.set(xticks=depths, ylim=(0, 2.4), xlabel="块里的卷积层数")
axis.set_title("训练损失", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
title = "同样的步数：平铺的网络越深训练损失越高，残差网络没有"
path, about = "convolution_depth_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
