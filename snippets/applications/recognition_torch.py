# --8<-- [start:data]
import warnings
from math import comb

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.svm import SVC
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_default_dtype(torch.float64)  # 为了每台机器印出同样的数
images, labels = load_digits(return_X_y=True)
images = torch.from_numpy(images / 16).view(-1, 1, 8, 8)
images = F.pad(images, (1, 1, 1, 1))  # (N, 1, 10, 10)
labels = torch.from_numpy(labels)
x_test, y_test = images[1200:], labels[1200:]  # 后面的人写的
# --8<-- [end:data]


# --8<-- [start:augment]
def moved(x, degrees, right, down):
    """每张图转几度、移几格，中间的像素用双线性插值。"""
    angle = torch.deg2rad(degrees)
    cos, sin = angle.cos(), angle.sin()
    step = 2 / x.shape[-1]  # 坐标从 -1 到 1，一格是这么多
    rows = [[cos, -sin, -right * step], [sin, cos, -down * step]]
    theta = torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


def augment(x):
    """转 15 度以内，移一格以内，再擦去 3×3 的一块。"""
    n, side = len(x), x.shape[-1]
    degrees, right, down = 2 * torch.rand(3, n) - 1  # 各在 -1 到 1
    x = moved(x, 15 * degrees, right, down)
    top = torch.randint(side - 2, (2, n, 1))  # 擦去的行、列从哪里起
    inside = (torch.arange(side) >= top) & (torch.arange(side) < top + 3)
    hole = inside[0, :, :, None] & inside[1, :, None, :]  # (N, 10, 10)
    return x.masked_fill(hole[:, None], 0)


# --8<-- [end:augment]


# --8<-- [start:model]
def block(inputs, outputs):
    conv = nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, bias=False)
    return conv, nn.BatchNorm2d(outputs), nn.ReLU()


class CNN(nn.Module):
    def __init__(self, width=12):
        super().__init__()
        self.features = nn.Sequential(
            *block(1, width),  # (12, 10, 10)
            *block(width, 2 * width),  # (24, 10, 10)
            nn.MaxPool2d(2),  # (24, 5, 5)
            *block(2 * width, 2 * width),  # (24, 5, 5)
        )
        self.head = nn.Linear(2 * width, 10)

    def forward(self, x):
        return self.head(self.features(x).mean(dim=(2, 3)))  # 全局平均


print("参数", sum(p.numel() for p in CNN().parameters()))
# --8<-- [end:model]


# --8<-- [start:fit]
@torch.inference_mode()
def predict(model, x):
    model.eval()  # 批归一化改用训练时记下的平均
    return model(x).argmax(dim=1)


def fit(seed, change, epochs=20):
    """返回模型与各轮的（训练正确率，测试正确率）。"""
    # 有 GPU 时：模型、每一批、测试的图都 .to(torch.accelerator.current_accelerator())
    torch.manual_seed(seed)
    model, history = CNN(), []
    data = TensorDataset(images[:1200], labels[:1200])
    loader = DataLoader(data, batch_size=50, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters())
    steps = epochs * len(loader)  # 学习率先升到 0.01，再降到近于 0
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, steps)
    for _ in range(epochs):
        model.train()
        right = 0
        for x, y in loader:
            z = model(change(x))
            optimizer.zero_grad()
            F.cross_entropy(z, y).backward()
            optimizer.step()
            schedule.step()
            right += (z.argmax(dim=1) == y).sum().item()
        held = (predict(model, x_test) == y_test).double().mean().item()
        history.append((right / 1200, held))
    return model, history


# --8<-- [end:fit]


# --8<-- [start:train]
def span(values):
    """几个种子里最小的与最大的。"""
    return f"{min(values):.1%} 到 {max(values):.1%}"


models, curves = {}, {}
for name, change in [("不增强", lambda x: x), ("增强", augment)]:
    runs = [fit(seed, change) for seed in range(3)]
    models[name] = [model for model, _ in runs]
    curves[name] = np.array([history for _, history in runs])  # (种子, 轮, 2)
    print(f"{name}，测试正确率：{span(curves[name][:, -1, 1])}")
# --8<-- [end:train]


# --8<-- [start:gap]
def accuracy(model, x, y):
    copies = len(x) // len(y)
    return (predict(model, x) == y.repeat(copies)).double().mean().item()


for name in models:
    again = [accuracy(m, images[:1200], labels[:1200]) for m in models[name]]
    print(f"{name}，训练时记的：{span(curves[name][:, -1, 0])}", end="，")
    print(f"训练完再量：{span(again)}")
# --8<-- [end:gap]


# --8<-- [start:moved]
zero = torch.zeros(len(x_test))
moves = [(0, -1, 0), (0, 1, 0), (0, 0, -1), (0, 0, 1)], [(15, 0, 0), (-15, 0, 0)]
shifted, rotated = (
    torch.cat([moved(x_test, *(zero + v for v in move)) for move in group])
    for group in moves
)
sets = {"原样": x_test, "移一格": shifted, "转 15 度": rotated}
for name in models:
    print(f"{name}：", end="")
    found = [
        f"{k} {span([accuracy(m, x, y_test) for m in models[name]])}"
        for k, x in sets.items()
    ]
    print("，".join(found))
# --8<-- [end:moved]


# --8<-- [start:compare]
def mcnemar(first, second):
    """只有一方对的张数，与精确的双侧 p 值：好比掷硬币。"""
    a, b = int((first & ~second).sum()), int((second & ~first).sum())
    tail = sum(comb(a + b, k) for k in range(min(a, b) + 1))
    return a, b, min(1, 2 * tail / 2 ** (a + b))


svm = SVC(C=10, gamma=0.3).fit(images[:1200].flatten(1), labels[:1200])
ok = torch.from_numpy(svm.predict(x_test.flatten(1))) == y_test
print(f"SVM，原样：{ok.double().mean():.1%}")
for seed, model in enumerate(models["增强"]):
    a, b, p = mcnemar(ok, predict(model, x_test) == y_test)
    print(f"种子 {seed}：只有 SVM 对 {a} 张，只有网络对 {b} 张，p = {p:.2f}")
# --8<-- [end:compare]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "recognition_torch"
figure, axes = plt.subplots(2, figsize=(3.5, 4.6), layout="constrained")
for axis, (name, curve) in zip(axes, curves.items(), strict=True):
    seen, held = 100 * curve.mean(axis=0).T
    axis.plot(range(1, 21), seen, "C0--", label="训练时记的")
    axis.plot(range(1, 21), held, "C1-", label="测试")
    axis.set(ylim=(40, 102), xticks=[1, 5, 10, 15, 20])
    axis.set_title(f"{name}：正确率（%），三个种子的平均", loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, loc="lower right")
axes[1].set_xlabel("轮")
title = "不增强时训练的曲线在测试之上；增强时反过来，训练的曲线一直在测试之下"
path, about = "recognition_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
