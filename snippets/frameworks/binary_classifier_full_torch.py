# --8<-- [start:data]
import copy
import math

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn

DTYPE = "float32"
dataset = load_breast_cancer()
y = (dataset.target == 0).astype(DTYPE)  # 恶性 = 1
rest, test = train_test_split(
    np.arange(len(y)), test_size=114, stratify=y, random_state=0
)
train, valid = train_test_split(rest, test_size=114, stratify=y[rest], random_state=0)


def initial(n):
    """前 n 个特征，训练集的均值与标准差，初始权重。"""
    x = dataset.data[:, :n]
    mean, scale = x[train].mean(axis=0), x[train].std(axis=0)
    rng = np.random.default_rng(0)
    shapes = [(n, 10), (10, 1)]
    limits = [math.sqrt(6 / sum(shape)) for shape in shapes]
    w1, w2 = (rng.uniform(-a, a, s) for a, s in zip(limits, shapes, strict=True))
    arrays = (x, mean, scale, w1, np.zeros(10), w2, np.zeros(1))
    return [a.astype(DTYPE) for a in arrays]


# --8<-- [end:data]


# --8<-- [start:fit]
class BinaryClassifier(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_features))
        self.register_buffer("scale", torch.ones(n_features))
        self.layers = nn.Sequential(
            nn.Linear(n_features, 10), nn.ReLU(), nn.Linear(10, 1)
        )

    def forward(self, rows):
        return self.layers((rows - self.mean) / self.scale).squeeze(1)


def fit(n, lr=0.01):
    x, mean, scale, w1, b1, w2, b2 = (torch.from_numpy(a) for a in initial(n))
    targets = torch.from_numpy(y)
    model = BinaryClassifier(n)
    names = model.state_dict().keys()
    start = [mean, scale, w1.T, b1, w2.T, b2]
    model.load_state_dict(dict(zip(names, start, strict=True)))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, eps=1e-12)

    def train_step(batch):
        optimizer.zero_grad()
        loss = criterion(model(x[batch]), targets[batch])
        loss.backward()
        optimizer.step()
        return loss.item()

    @torch.inference_mode()
    def predict(rows):
        model.eval()
        return model(x[rows])

    order, best_loss, best_epoch = np.random.default_rng(1), np.inf, 0
    history = {"train": [], "valid": []}
    for epoch in range(1, 201):
        rows = order.permutation(train)
        batches = [rows[start : start + 32] for start in range(0, len(rows), 32)]
        model.train()
        losses = [train_step(batch) for batch in batches]
        history["train"].append(np.average(losses, weights=[len(b) for b in batches]))
        history["valid"].append(criterion(predict(valid), targets[valid]).item())
        if history["valid"][-1] < best_loss:
            best_loss, best_epoch = history["valid"][-1], epoch
            best = copy.deepcopy(model.state_dict())
        if epoch - best_epoch >= 20:
            break
    model.load_state_dict(best)
    size = sum(p.numel() for p in model.parameters())
    return predict(test).numpy(), history, best_epoch, size


# --8<-- [end:fit]


# --8<-- [start:compare]
right = {}
for n in (8, 30):
    logits, history, best_epoch, size = fit(n)
    guess = logits >= 0  # logit 0 就是概率 0.5
    right[n] = guess == y[test]
    missed = int(np.sum(~guess & (y[test] == 1)))
    pairs = logits[y[test] == 1][:, None] - logits[y[test] == 0]
    auc = np.mean((pairs > 0) + 0.5 * (pairs == 0))
    test_loss = np.mean(np.logaddexp(0, logits) - logits * y[test])
    print(f"{n} 个特征，{size} 个参数：第 {len(history['valid'])} 轮停止", end="，")
    print(f"取回第 {best_epoch} 轮，验证损失 {min(history['valid']):.4f}")
    print(f"  测试集：准确率 {right[n].mean():.4f}，漏诊 {missed}", end="，")
    print(f"ROC-AUC {auc:.4f}，损失 {test_loss:.4f}")

wins = int(np.sum(right[30] & ~right[8]))
losses = int(np.sum(right[8] & ~right[30]))
total = wins + losses
# 若两个模型一样好，分歧时各有一半机会对：双侧符号检验
tail = sum(math.comb(total, k) for k in range(max(wins, losses), total + 1))
p_value = min(1.0, 2 * tail / 2**total)
print(f"两个模型对错不同的有 {total} 例：只有 30 个特征对的 {wins} 例", end="，")
print(f"只有 8 个特征对的 {losses} 例；p = {p_value:.3f}")
# --8<-- [end:compare]
