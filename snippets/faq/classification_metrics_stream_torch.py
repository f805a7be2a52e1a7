# --8<-- [start:data]
import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_default_dtype(torch.float64)
dataset = load_breast_cancer()
x, y = dataset.data[:, [1, 5]], 1.0 - dataset.target  # 恶性 = 1.0
rows = np.arange(len(y))
train, rest = train_test_split(rows, test_size=380, stratify=y, random_state=0)
valid, test = train_test_split(rest, test_size=190, stratify=y[rest], random_state=0)
x = (x - x[train].mean(axis=0)) / x[train].std(axis=0)
rng = np.random.default_rng(0)  # 初值由 NumPy 给，两个框架才从同一处出发
W1, W2 = rng.normal(size=(2, 8)), rng.normal(size=(8, 1)) / 8
# --8<-- [end:data]

# --8<-- [start:train]
x, y = torch.tensor(x), torch.tensor(y)[:, None]  # (569, 2)、(569, 1)
layers = nn.Linear(2, 8), nn.Linear(8, 1)
model = nn.Sequential(layers[0], nn.Tanh(), layers[1], nn.Sigmoid())
with torch.no_grad():
    for layer, W in zip(layers, (W1, W2), strict=True):
        layer.weight.copy_(torch.tensor(W.T))  # nn.Linear 存的是 (出, 入)
        layer.bias.zero_()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for _ in range(100):  # 每一步都用全部训练数据
    optimizer.zero_grad()
    nn.functional.binary_cross_entropy(model(x[train]), y[train]).backward()
    optimizer.step()
model.eval()
# --8<-- [end:train]


# --8<-- [start:metrics]
def precision(truth, p):
    guess = p >= 0.5
    called = guess.sum()  # 一例也没有判为恶性：照惯例取 0
    return (truth * guess).sum() / called.clamp(min=1)


def auc(truth, p):
    gap = p[truth == 1][:, None] - p[truth == 0]  # 每一对恶性与良性
    return ((gap > 0) + 0.5 * (gap == 0)).mean()


# --8<-- [end:metrics]


# --8<-- [start:batches]
def batches(size):
    loader = DataLoader(TensorDataset(x[test], y[test]), batch_size=size)
    with torch.no_grad():
        return [(truth, model(inputs)) for inputs, truth in loader]


for size in (4, 8):
    parts = batches(size)
    precisions = [precision(*part).item() for part in parts]
    both = [(truth, p) for truth, p in parts if 0 < truth.mean() < 1]
    aucs = [auc(*part).item() for part in both]  # 只有一类的批，没有 AUC
    print(f"每批 {size} 例，{len(parts)} 批，平均：", end="")
    print(f"精确率 {np.mean(precisions):.3f}，AUC {np.mean(aucs):.3f}", end="")
    print(f"（{len(parts) - len(both)} 批没有）")
# --8<-- [end:batches]

# --8<-- [start:whole]
tp = fp = 0
for truth, p in parts:  # 每批只累加个数，最后除一次
    guess = p >= 0.5
    tp += int((guess & (truth == 1)).sum())
    fp += int((guess & (truth == 0)).sum())
truth, p = (torch.cat(column) for column in zip(*parts, strict=True))
exact = auc(truth, p)  # AUC 要全部得分，凑齐再算
print(f"合起来：精确率 {tp}/{tp + fp} = {tp / (tp + fp):.3f}，AUC {exact:.3f}")
# --8<-- [end:whole]


# --8<-- [start:thresholds]
def binned_auc(truth, p, count):
    """只看 0 到 1 之间等距的 count 个阈值，点之间连直线。"""
    t = torch.linspace(0, 1, count)
    t[0], t[-1] = -1e-7, 1 + 1e-7  # 全判恶性、全判良性
    tpr = (p[truth == 1] > t[:, None]).double().mean(dim=1)
    fpr = (p[truth == 0] > t[:, None]).double().mean(dim=1)
    return -torch.trapezoid(tpr, fpr)  # 阈值升，假阳率降，所以是负的


for divisor in (1, 100):  # 除以 100，名次不变，AUC 就不该变
    values = [binned_auc(truth, p / divisor, count) for count in (200, 5000)]
    print(f"得分除以 {divisor}：数对子 {auc(truth, p / divisor):.4f}", end="，")
    print("200 个阈值 {:.4f}，5000 个阈值 {:.4f}".format(*values))
# --8<-- [end:thresholds]
