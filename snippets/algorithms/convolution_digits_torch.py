# --8<-- [start:data]
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_default_dtype(torch.float64)  # 各种 CPU 舍入的差别小到印不出来
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images = torch.from_numpy(images[order] / 16).view(-1, 1, 8, 8)
images = F.pad(images, (1, 1, 1, 1))  # 四周留一圈空白：(N, 1, 10, 10)
labels = torch.from_numpy(labels[order])
x_test, y_test = images[1200:], labels[1200:]
# --8<-- [end:data]


# --8<-- [start:models]
def linear():
    return nn.Sequential(nn.Flatten(), nn.Linear(100, 10))


def mlp():
    hidden, last = nn.Linear(100, 17), nn.Linear(17, 10)
    return nn.Sequential(nn.Flatten(), hidden, nn.ReLU(), last)


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, kernel_size=3, padding=1),  # (8, 10, 10)
        nn.ReLU(),
        nn.MaxPool2d(2),  # (8, 5, 5)
        nn.Conv2d(8, 16, kernel_size=3, padding=1),  # (16, 5, 5)
        nn.ReLU(),
        nn.MaxPool2d(2),  # (16, 2, 2)，第五行、第五列不用
        nn.Flatten(),  # 64
        nn.Linear(64, 10),
    )


models = {"线性": linear, "全连接": mlp, "卷积": cnn}
for name, build in models.items():
    print(name, "的参数", sum(p.numel() for p in build().parameters()))
# --8<-- [end:models]


# --8<-- [start:train]
def train(build, x, seed, epochs=20):
    # 有 CUDA 的 GPU 时：模型、每一批、测试的 x 与 y 都 .to("cuda")
    torch.manual_seed(seed)
    model, history = build(), []
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.01)
    data = TensorDataset(x[:1200], labels[:1200])
    loader = DataLoader(data, batch_size=50, shuffle=True)
    for _ in range(epochs):
        losses = []
        for batch, y in loader:
            loss = F.cross_entropy(model(batch), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        history.append(np.mean(losses))
    return model, history


@torch.inference_mode()
def accuracy(model, x):
    return (model(x).argmax(dim=1) == y_test).double().mean().item()


# --8<-- [end:train]


# --8<-- [start:compare]
curves, trained = {}, {}
for name, build in models.items():
    runs = [train(build, images, seed) for seed in range(3)]
    trained[name] = [model for model, _ in runs]
    curves[name] = np.mean([history for _, history in runs], axis=0)
    right = [accuracy(model, x_test) for model in trained[name]]
    print(f"{name}：训练损失 {curves[name][-1]:.2f}", end="，")
    print(f"测试正确率 {np.mean(right):.3f}", end="")
    print(f"（{min(right):.3f} 到 {max(right):.3f}）")
# --8<-- [end:compare]


# --8<-- [start:shift]
moves = {"左": (-1, 3), "右": (1, 3), "上": (-1, 2), "下": (1, 2)}
for name in models:
    found = []
    for move, (step, axis) in moves.items():
        x = x_test.roll(step, axis)  # 移出去的是空白，绕回来也是空白
        right = np.mean([accuracy(m, x) for m in trained[name]])
        found.append(f"{move} {right:.2f}")
    print(f"{name}，移一个像素：" + "，".join(found))
# --8<-- [end:shift]


# --8<-- [start:placed]
rng = np.random.default_rng(2)  # 另用一个种子，与划分数据的不同
steps = rng.integers(-1, 2, size=(len(images), 2)).tolist()  # 每张图移到哪里
pairs = zip(images, steps, strict=True)
placed = torch.stack([image.roll(step, (1, 2)) for image, step in pairs])
mixed = rng.permutation(100)  # 所有的图用同一个次序
shuffled = placed.flatten(1)[:, mixed].view(placed.shape)

cases = [(name, "位置不定", placed) for name in models]
cases += [(name, "再打乱像素", shuffled) for name in ["全连接", "卷积"]]
retrained = {}
for name, how, x in cases:
    runs = [train(models[name], x, seed) for seed in range(3)]
    retrained[name, how] = [model for model, _ in runs]
    right = [accuracy(model, x[1200:]) for model in retrained[name, how]]
    print(f"{name}，{how}：{np.mean(right):.2f}", end="")
    print(f"（{min(right):.2f} 到 {max(right):.2f}）")
# --8<-- [end:placed]


# --8<-- [start:figure]
import warnings  # noqa: E402

import matplotlib.pyplot as plt  # noqa: E402

warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "convolution_digits_torch"
figure, axis = plt.subplots(figsize=(3.5, 3), layout="constrained")
styles = {"线性": "k:", "全连接": "C0--", "卷积": "C1-"}
for name, curve in curves.items():
    axis.plot(range(1, 21), curve, styles[name], label=name)
axis.set(xticks=[1, 5, 10, 15, 20], ylim=(0, 2), xlabel="轮")
axis.set_title("训练损失", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
title = "训练损失：卷积网络最低，全连接次之，线性模型最高"
path, about = "convolution_digits_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
