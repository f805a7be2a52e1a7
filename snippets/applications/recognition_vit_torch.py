# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from sklearn.datasets import load_digits
from torch import nn

torch.set_default_dtype(torch.float64)  # 为了每台机器印出同样的数
images, labels = load_digits(return_X_y=True)
images = torch.from_numpy(images / 16).view(-1, 1, 8, 8)
images = F.pad(images, (1, 1, 1, 1))  # (N, 1, 10, 10)
labels = torch.from_numpy(labels)
x_test, y_test = images[1200:], labels[1200:]
# --8<-- [end:data]


# --8<-- [start:block]
class Block(nn.Module):
    """编码器的一层：先归一化，再算注意力与前馈。"""

    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):  # (N, n, d)
        parts = self.qkv(self.norm1(x)).chunk(3, dim=-1)
        q, k, v = (
            p.unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in parts
        )  # (N, head, n, d / head)
        read = F.scaled_dot_product_attention(q, k, v)
        x = x + self.out(read.transpose(1, 2).flatten(2))
        return x + self.mlp(self.norm2(x))


# --8<-- [end:block]


# --8<-- [start:model]
class ViT(nn.Module):
    def __init__(self, d=32, heads=2, layers=2, patch=2):
        super().__init__()
        count = (10 // patch) ** 2
        self.patch = nn.Conv2d(1, d, patch, stride=patch)  # 切块并乘矩阵
        self.first = nn.Parameter(torch.zeros(1, 1, d))  # 类别词元
        self.place = nn.Parameter(0.02 * torch.randn(1, count + 1, d))
        self.blocks = nn.ModuleList(Block(d, heads) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, 10)

    def forward(self, x):
        x = self.patch(x).flatten(2).mT  # (N, 25, d)
        x = torch.cat([self.first.expand(len(x), -1, -1), x], dim=1)
        x = x + self.place  # (N, 26, d)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x[:, 0]))  # 只读类别词元


model = ViT()
print("参数", sum(p.numel() for p in model.parameters()))
cut = F.unfold(images[:5], 2, stride=2).mT  # (5, 25, 4)：块按行排
by_hand = cut @ model.patch.weight.flatten(1).mT + model.patch.bias
same = torch.allclose(by_hand, model.patch(images[:5]).flatten(2).mT)
print("切块再乘矩阵，与步长 2 的卷积相同：", same)
# --8<-- [end:model]


# --8<-- [start:rival]
def convolve(inputs, outputs):
    conv = nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, bias=False)
    return conv, nn.BatchNorm2d(outputs), nn.ReLU()


def cnn(width=8):
    """前面的卷积网络，窄一些。"""
    return nn.Sequential(
        *convolve(1, width),
        *convolve(width, 2 * width),
        nn.MaxPool2d(2),
        *convolve(2 * width, 2 * width),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(2 * width, 10),
    )


# --8<-- [end:rival]


# --8<-- [start:augment]
def augment(x):
    """每张图转 15 度以内，移一格以内。"""
    angle, right, down = 2 * torch.rand(3, len(x)) - 1
    angle = torch.deg2rad(15 * angle)
    cos, sin, step = angle.cos(), angle.sin(), 2 / x.shape[-1]
    rows = [[cos, -sin, -right * step], [sin, cos, -down * step]]
    theta = torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


# --8<-- [end:augment]


# --8<-- [start:fit]
def fit(build, seed, n, peak, steps=300):
    """用前 n 张图走 steps 步，返回模型与测试正确率。"""
    torch.manual_seed(seed)
    model = build()
    optimizer = torch.optim.AdamW(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, steps)
    model.train()
    for _ in range(steps):  # 步数固定：图少的不会因此少走
        rows = torch.randint(n, (50,))
        optimizer.zero_grad()
        F.cross_entropy(model(augment(images[rows])), labels[rows]).backward()
        optimizer.step()
        schedule.step()
    model.eval()
    with torch.inference_mode():
        right = (model(x_test).argmax(dim=1) == y_test).double().mean().item()
    return model, right


# --8<-- [end:fit]


# --8<-- [start:curve]
for name, build, peak in [("卷积网络", cnn, 0.01), ("ViT", ViT, 0.005)]:
    size = sum(p.numel() for p in build().parameters())
    for n in (100, 1200):
        right = [fit(build, seed, n, peak)[1] for seed in range(3)]
        print(f"{name}（{size} 个参数），{n} 张：", end="")
        print(f"{min(right):.1%} 到 {max(right):.1%}")
# --8<-- [end:curve]


# --8<-- [start:longer]
longer, right = fit(ViT, 0, 1200, 0.005, steps=1200)
print(f"ViT，1200 张，步数是四倍，种子 0：{right:.1%}")
# --8<-- [end:longer]


# --8<-- [start:attention]
@torch.inference_mode()
def attention(model, x):
    """末一层里，类别词元看各块的权重，两个头平均：(N, 25)。"""
    x = model.patch(x).flatten(2).mT
    x = torch.cat([model.first.expand(len(x), -1, -1), x], dim=1) + model.place
    *before, last = model.blocks
    for block in before:
        x = block(x)
    q, k, _ = last.qkv(last.norm1(x)).chunk(3, dim=-1)
    q, k = (p.unflatten(-1, (last.heads, -1)).transpose(1, 2) for p in (q, k))
    scores = q @ k.mT / q.shape[-1] ** 0.5  # (N, head, 26, 26)
    return scores.softmax(dim=-1)[:, :, 0, 1:].mean(dim=1)


weights = attention(longer, x_test)
ink = F.avg_pool2d(x_test, 2).flatten(1) > 0  # 块里有没有笔画
share = (weights * ink).sum(dim=1) / weights.sum(dim=1)
print(f"有笔画的块占 {ink.double().mean():.0%}，", end="")
print(f"类别词元给各块的权重里占 {share.mean():.0%}")
# --8<-- [end:attention]


# --8<-- [start:figure]
def draw(axis, image, color, alpha):
    """一张图：三档深浅，每档一条路径；一行里相连的格合成一个矩形。"""
    levels = np.ceil(image * 3 - 0.25)
    for level in (1, 2, 3):
        bars = []
        for y, row in enumerate(levels == level):
            ends = np.flatnonzero(np.diff(np.pad(row, 1)))  # 起、止、起、止……
            for a, b in ends.reshape(-1, 2):
                corners = [[a, y], [b, y], [b, y + 1], [a, y + 1], [a, y]]
                bars.append(Path(corners, closed=True))
        if bars:
            path = Path.make_compound_path(*bars)
            axis.add_patch(PathPatch(path, color=color, alpha=alpha * level, lw=0))
    side = len(image)
    axis.set(xlim=(0, side), ylim=(side, 0), xticks=[], yticks=[], aspect=1)


warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "recognition_vit_torch"
figure, axes = plt.subplots(2, 3, figsize=(3.5, 2.8), layout="constrained")
for (above, below), image, row in zip(axes.T, x_test, weights, strict=False):
    draw(above, image[0].numpy(), "black", 1 / 3)
    draw(below, (row / row.max()).view(5, 5).numpy(), "C1", 1 / 3)
axes[0, 0].set_title("三张图", loc="left", fontsize=10)
axes[1, 0].set_title("看哪几块", loc="left", fontsize=10)
title = "上排三张数字，下排是类别词元看二十五块的权重，越深越重"
path, about = "recognition_vit_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
