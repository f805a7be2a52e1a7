# --8<-- [start:data]
import copy
import math
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

gpu = torch.accelerator.current_accelerator(check_available=True)
device = gpu or torch.device("cpu")
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
x = torch.tensor(images[order] / 16, dtype=torch.float32)  # (1797, 64)
y = torch.tensor(labels[order])
parts = [slice(0, 1200), slice(1200, 1500), slice(1500, None)]
train, valid, test = (TensorDataset(x[p], y[p]) for p in parts)
print(f"训练 {len(train)}，验证 {len(valid)}，测试 {len(test)}")
# --8<-- [end:data]


# --8<-- [start:model]
EPOCHS, BATCH, WARM = 30, 50, 48  # 一轮 24 步：预热两轮
STEPS = EPOCHS * math.ceil(len(train) / BATCH)


def make(seed):
    torch.manual_seed(seed)
    layers = [nn.Linear(64, 256), nn.ReLU(), nn.Dropout(0.2)]
    model = nn.Sequential(*layers, nn.Linear(256, 10)).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    return model, optimizer


def rate(t):
    """第 t 步的学习率乘多少：先直线上升，再余弦下降到 0。"""
    if t < WARM:
        return (t + 1) / WARM
    return (1 + math.cos(math.pi * (t - WARM) / (STEPS - WARM))) / 2


for t in [0, 47, 384, 719]:
    print(f"第 {t} 步：学习率 {1e-2 * rate(t):.5f}")
# --8<-- [end:model]


# --8<-- [start:epoch]
def train_epoch(model, optimizer, scheduler, loader, amp):
    """走完一轮，返回平均损失与裁剪过的步数。"""
    model.train()
    total, clipped = 0.0, 0
    for rows, target in loader:
        rows = rows.to(device, non_blocking=True)
        target = target.to(device, non_blocking=True)
        optimizer.zero_grad()
        with torch.autocast(device.type, torch.bfloat16, enabled=amp):
            loss = F.cross_entropy(model(rows), target)
        loss.backward()  # 反向写在 autocast 之外
        norm = nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        scheduler.step()  # 按步走的调度器，在 optimizer.step() 之后
        total += loss.detach()  # 每步 .item()，就得每步等 GPU
        clipped += norm > 0.5
    return float(total) / len(loader), int(clipped)


# --8<-- [end:epoch]


# --8<-- [start:evaluate]
@torch.inference_mode()  # 不记录计算图
def evaluate(model, dataset):
    """平均损失与准确率。"""
    model.eval()  # 关掉随机失活
    loss = right = 0.0
    for rows, target in DataLoader(dataset, batch_size=500):
        rows, target = rows.to(device), target.to(device)
        z = model(rows)
        loss += F.cross_entropy(z, target, reduction="sum").item()
        right += (z.argmax(dim=1) == target).sum().item()
    return loss / len(dataset), right / len(dataset)


# --8<-- [end:evaluate]


# --8<-- [start:fit]
def fit(seed, amp=True):
    """一个种子：各轮的损失、裁剪的步数、验证最好的模型。"""
    model, optimizer = make(seed)
    # GPU 上再加 num_workers=4、pin_memory=True
    loader = DataLoader(train, batch_size=BATCH, shuffle=True)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    best, history, clipped = math.inf, [], 0
    for _ in range(EPOCHS):
        loss, more = train_epoch(model, optimizer, scheduler, loader, amp)
        held, _ = evaluate(model, valid)
        history.append((loss, held))
        clipped += more
        if held < best:
            best, kept = held, copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return history, clipped, model


# --8<-- [end:fit]

# --8<-- [start:seeds]
runs = {k: [fit(seed, k) for seed in range(5)] for k in [True, False]}
linear = LogisticRegression(max_iter=1000).fit(*train.tensors)
for name, part in [("验证准确率", valid), ("测试准确率", test)]:
    mixed, single = (
        np.mean([evaluate(model, part)[1] for *_, model in found])
        for found in runs.values()
    )
    print(f"{name}：float32 {single:.3f}", end="，")
    print(f"逻辑回归 {linear.score(*part.tensors):.3f}", end="，")
    print(f"bfloat16 与 float32 差不到 0.005：{abs(mixed - single) < 0.005}")
clipped = np.mean([count for _, count, _ in runs[True]])
print(f"裁剪过的步：{clipped / STEPS:.0%}")
print("参数：", {p.dtype for p in runs[True][0][-1].parameters()})
# --8<-- [end:seeds]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "pytorch_training_loop_torch"
figure, axes = plt.subplots(2, figsize=(3.5, 3.6), layout="constrained")
steps = np.arange(STEPS)
axes[0].plot(steps / 24, [rate(t) for t in steps])
axes[0].set_title("学习率乘多少", loc="left", fontsize=10)
curves = np.mean([history for history, *_ in runs[False]], axis=0)
for k, (name, style) in enumerate([("训练", "C0-"), ("验证", "C1--")]):
    axes[1].plot(range(1, EPOCHS + 1), curves[:, k], style, label=name)
axes[1].set_title("损失，五个种子平均", loc="left", fontsize=10)
axes[1].set(ylim=(0, 2), xlabel="轮")
axes[1].legend(frameon=False)
for axis in axes:
    axis.set(xticks=[0, 2, 10, 20, 30], xlim=(0, 30))
    axis.spines[["top", "right"]].set_visible(False)
title = "学习率两轮里升到最高，再慢慢降到 0；两条损失先快后慢地下降"
path, about = "pytorch_training_loop_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
