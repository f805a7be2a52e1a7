# --8<-- [start:data]
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

digits = load_digits()
order = np.random.default_rng(0).permutation(len(digits.data))
x = digits.data / 16
x = x - x[order[:1200]].mean(axis=0)  # 减去均值后，0 就是「均值像素」
x, y = torch.from_numpy(x), torch.from_numpy(digits.target)  # float64
train_x, train_y = x[order[:1200]], y[order[:1200]]
test_x, test_y = x[order[1200:]], y[order[1200:]]
# --8<-- [end:data]

# --8<-- [start:schedule]
hidden, batch, epochs, lr, momentum = 128, 50, 40, 0.5, 0.875
rng = np.random.default_rng(1)
initial = [
    rng.normal(size=(64, hidden)) * np.sqrt(2 / 64),
    np.zeros(hidden),
    rng.normal(size=(hidden, 64)) / np.sqrt(hidden),
    np.zeros(64),
]
rows = np.concatenate([rng.permutation(1200) for _ in range(epochs)])
rows = rows.reshape(-1, batch)  # (steps, B)
masks = torch.from_numpy(rng.random((len(rows), batch, 64)) < 0.5)  # True：遮住
test_mask = torch.from_numpy(rng.random(test_x.shape) < 0.5)
# --8<-- [end:schedule]


# --8<-- [start:model]
class MaskedNet(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.hidden = nn.Linear(64, hidden, dtype=torch.float64)
        self.out = nn.Linear(hidden, 64, dtype=torch.float64)
        with torch.no_grad():
            for p, w in zip(self.parameters(), weights, strict=True):
                p.copy_(torch.from_numpy(w.T))  # nn.Linear 存 (out, in)

    def encode(self, x):
        return self.hidden(x).relu()  # (B, hidden)

    def forward(self, x):
        return self.out(self.encode(x))


def masked_loss(net, x, mask):
    """遮住的像素换成 0，只在遮住的地方算平方误差。"""
    guess = net(x.masked_fill(mask, 0))
    return (guess - x)[mask].square().mean()


# --8<-- [end:model]

# --8<-- [start:pretrain]
net, untrained = MaskedNet(initial), MaskedNet(initial)
optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=momentum)
losses = []
# 有 GPU 时，模型与数据都可移到 torch.accelerator.current_accelerator(True)
for r, mask in zip(rows, masks, strict=True):
    loss = masked_loss(net, train_x[r], mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

with torch.inference_mode():
    before = masked_loss(untrained, test_x, test_mask)
    after = masked_loss(net, test_x, test_mask)
print(f"猜均值的误差 {test_x[test_mask].square().mean():.4f}", end="；")
print(f"网络：训练前 {before:.4f}，训练后 {after:.4f}（测试图上）")
# --8<-- [end:pretrain]


# --8<-- [start:probe]
def draw(labels):
    """20 次抽签，每次每个数字各 labels / 10 张：(20, labels) 的行号。"""
    draws = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        of_class = [rng.permutation(np.flatnonzero(train_y == c)) for c in range(10)]
        draws.append(np.concatenate([rows[: labels // 10] for rows in of_class]))
    return torch.from_numpy(np.stack(draws))


@torch.inference_mode()
def probe(train_f, test_f, picked, penalty):
    """冻结特征，其上的岭回归对准 one-hot；返回 20 次抽签的测试准确率。"""
    mean = train_f.mean(dim=0)
    size = (train_f - mean).square().sum(dim=1).mean().sqrt()
    train_f, test_f = (train_f - mean) / size, (test_f - mean) / size
    f = train_f[picked]  # (20, m, ·)
    target = nn.functional.one_hot(train_y[picked], 10).double()
    f_mean = f.mean(dim=1, keepdim=True)
    centred = f - f_mean
    gram = centred.mT @ centred / f.shape[1]
    moment = centred.mT @ (target - 0.1) / f.shape[1]
    w = torch.linalg.solve(gram + penalty * torch.eye(f.shape[2]), moment)
    guess = (test_f @ w - f_mean @ w).argmax(dim=-1)  # 各类一样多，截距相同，略去
    return (guess == test_y).double().mean(dim=1)


_, _, directions = torch.linalg.svd(train_x, full_matrices=False)
u = directions[:20].T  # 前 20 个主成分，(64, 20)
with torch.inference_mode():
    features = {
        "原始像素": (train_x, test_x),
        "PCA 20 维": (train_x @ u, test_x @ u),
        "随机网络": (untrained.encode(train_x), untrained.encode(test_x)),
        "预训练后": (net.encode(train_x), net.encode(test_x)),
    }
# --8<-- [end:probe]

# --8<-- [start:compare]
sizes = [10, 20, 50, 200, 1000]
print("线性探针的测试准确率，标签个数：", *sizes)
for penalty in [1e-4, 1e-3, 1e-2, 1e-1]:
    print(f"惩罚 {penalty}")
    scores = {}
    for name, (train_f, test_f) in features.items():
        scores[name] = [probe(train_f, test_f, draw(m), penalty) for m in sizes]
        print(f"  {name}：", *[f"{s.mean():.3f}" for s in scores[name]])
    *others, ours = [torch.stack(s) for s in scores.values()]  # 各 (5, 20)
    wins = (ours > torch.stack(others).amax(dim=0)).sum(dim=1)
    print("  预训练后胜过其余三种（20 次中）：", *wins.tolist())
# --8<-- [end:compare]
