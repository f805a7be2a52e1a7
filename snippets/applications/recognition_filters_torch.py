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
images = F.pad(torch.from_numpy(images / 16).view(-1, 1, 8, 8), (1, 1, 1, 1))
labels = torch.from_numpy(labels)
# --8<-- [end:data]


# --8<-- [start:train]
torch.manual_seed(0)
first = nn.Conv2d(1, 6, kernel_size=3, padding=1)
rest = nn.Sequential(
    nn.ReLU(),
    nn.MaxPool2d(2),  # (6, 5, 5)
    nn.Flatten(),
    nn.Linear(150, 10),
)
model = nn.Sequential(first, rest)
start = first.weight.detach().clone()
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
for _ in range(10):
    for rows in torch.randperm(1200).split(50):
        optimizer.zero_grad()
        F.cross_entropy(model(images[rows]), labels[rows]).backward()
        optimizer.step()
with torch.inference_mode():
    right = (model(images[1200:]).argmax(dim=1) == labels[1200:]).double().mean()
    turned = F.cosine_similarity(start.flatten(1), first.weight.flatten(1))
    maps = first(images[1200:1201])[0].relu()  # (6, 10, 10)
print(f"测试正确率 {right:.1%}；六个核与开始时的余弦：", end="")
print(f"{turned.min():.2f} 到 {turned.max():.2f}")
# --8<-- [end:train]


# --8<-- [start:figure]
def draw(axis, image, color):
    """一张图：同样深浅的格合成一条路径，共三档；1 最深。"""
    for level in (1, 2, 3):
        cells = np.argwhere(np.ceil(image * 3 - 0.25) == level)
        if len(cells):
            corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
            squares = [Path(corners + (x, y), closed=True) for y, x in cells]
            path = Path.make_compound_path(*squares)
            axis.add_patch(PathPatch(path, color=color, alpha=level / 3, lw=0))
    side = len(image)
    axis.set(xlim=(0, side), ylim=(side, 0), xticks=[], yticks=[], aspect=1)


warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "recognition_filters_torch"
figure, axes = plt.subplots(4, 3, figsize=(3.5, 5), layout="constrained")
kernels = first.weight.detach()[:, 0] / first.weight.detach().abs().max()
for k in range(6):
    above, below = axes[k // 3 * 2 : k // 3 * 2 + 2, k % 3]
    draw(above, kernels[k].clamp(min=0).numpy(), "C1")  # 正的权重
    draw(above, (-kernels[k]).clamp(min=0).numpy(), "C0")  # 负的权重
    draw(below, (maps[k] / maps.max()).numpy(), "black")
    above.set_title(f"核 {k + 1}", fontsize=10)
title = "六个 3×3 的核与它们在一个数字上的特征图；橙色是正的权重，蓝色是负的"
path, about = "recognition_filters_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
