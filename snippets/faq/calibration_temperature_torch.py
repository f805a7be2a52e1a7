# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

torch.set_default_dtype(torch.float64)
images, labels = load_digits(return_X_y=True)


def split(seed):
    """100 张训练，500 张定温度，1197 张测试；开始的权重由 NumPy 抽。"""
    rng = np.random.default_rng(seed)
    rows = np.split(rng.permutation(len(images)), [100, 600])
    parts = [(images[r] / 16, labels[r]) for r in rows]
    w = [rng.normal(size=s) * np.sqrt(2 / s[0]) for s in [(64, 64), (64, 10)]]
    return [[torch.tensor(a) for a in part] for part in parts], w


# --8<-- [end:data]


# --8<-- [start:train]
def train(x, y, w):
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    for layer, start in zip([model[0], model[2]], w, strict=True):
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(start).mT)
            layer.bias.zero_()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.25, momentum=0.9)
    for _ in range(500):  # 早就全对了，还在练
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return model.eval()


# --8<-- [end:train]


# --8<-- [start:temperature]
def fit_temperature(z, y):
    """只有一个参数，权重不动；学 log T，T 就不会变成负数。"""
    log_t = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_t], line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(z / log_t.exp(), y)
        loss.backward()
        return loss

    optimizer.step(closure)
    return log_t.exp().item()


# --8<-- [end:temperature]


# --8<-- [start:measure]
def measure(z, y, n_bins=15):
    """准确率、平均置信度、ECE、交叉熵。"""
    confidence, guess = z.softmax(dim=1).max(dim=1)
    right = (guess == y).double()
    edges = torch.linspace(0, 1, n_bins + 1)[1:-1]
    index = torch.bucketize(confidence, edges)
    gaps = torch.bincount(index, confidence - right, n_bins)
    error = gaps.abs().sum() / len(y)
    loss = nn.functional.cross_entropy(z, y)
    return [m.item() for m in (right.mean(), confidence.mean(), error, loss)]


# --8<-- [end:measure]


# --8<-- [start:compare]
runs = []
for seed in range(5):
    (fit, held, test), w = split(seed)
    model = train(*fit, w)
    with torch.no_grad():
        z_held, z_test = model(held[0]), model(test[0])
    T = fit_temperature(z_held, held[1])
    runs.append((z_held, held[1], z_test, test[1], T))

before = np.mean([measure(z, y) for _, _, z, y, _ in runs], axis=0)
after = np.mean([measure(z / T, y) for _, _, z, y, T in runs], axis=0)
for name, row in [("原来", before), ("除以 T", after)]:
    print(f"{name}：准确率 {row[0]:.2f}，置信度 {row[1]:.2f}", end="，")
    print(f"ECE {row[2]:.3f}，交叉熵 {row[3]:.3f}")
found = [T for *_, T in runs]
print(f"五次的 T：{min(found):.2f} 到 {max(found):.2f}")
# --8<-- [end:compare]


# --8<-- [start:band]
def perfect(z, runs=1000):
    """假定概率全对，照它抽答案，各算一个 ECE。"""
    answers = torch.multinomial(z.softmax(dim=1), runs, replacement=True)
    return [measure(z, y)[2] for y in answers.mT]


torch.manual_seed(0)
fake = np.mean([perfect(z / T) for _, _, z, _, T in runs], axis=0)
print(f"假定概率全对，五次的 ECE：平均 {fake.mean():.3f}", end="，")
print(f"九成半不超过 {np.quantile(fake, 0.95):.3f}")
# --8<-- [end:band]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "calibration_temperature_torch"
figure, axis = plt.subplots(figsize=(3.5, 3.2), layout="constrained")
axis.plot([0, 1], [0, 1], "k:", label="完全校准")
for name, style in [("原来", "C1o-"), ("除以 T", "C0s--")]:
    z = torch.cat([z / (1 if name == "原来" else T) for _, _, z, _, T in runs])
    y = torch.cat([y for _, _, _, y, _ in runs])
    confidence, guess = z.softmax(dim=1).max(dim=1)
    right = (guess == y).double()
    index = torch.bucketize(confidence, torch.linspace(0, 1, 11)[1:-1])
    points = [index == b for b in range(10) if (index == b).sum() > 20]
    x = [confidence[inside].mean() for inside in points]
    axis.plot(x, [right[inside].mean() for inside in points], style, label=name)
axis.set(xlim=(0.2, 1.02), ylim=(0, 1.02), xlabel="置信度")
axis.set_title("答对的比例", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
title = "可靠性图：原来的点在对角线下面，除以温度之后贴近对角线"
path, about = "calibration_temperature_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]


# --8<-- [start:objective]
z, y, *_ = runs[0]  # 第一个网络，定温度的例子
grid = np.arange(100, 301) / 100
rows = {f"ECE，{k} 箱": [measure(z / t, y, k)[2] for t in grid] for k in (10, 15, 20)}
rows["交叉熵"] = [measure(z / t, y)[3] for t in grid]
for name, values in rows.items():
    rising = np.diff(values) > 0
    turns = (rising[1:] != rising[:-1]).sum()
    best = grid[np.argmin(values)]
    print(f"{name}：最小在 T = {best:.2f}，由升转降、由降转升共 {turns} 次")
# --8<-- [end:objective]
