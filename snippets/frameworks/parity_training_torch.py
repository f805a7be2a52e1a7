# --8<-- [start:setup]
import copy

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn

DTYPE = "float32"  # 换成 float64，可以分清舍入与错误
dataset = load_breast_cancer()
y = (dataset.target == 0).astype(DTYPE)  # 恶性 = 1
rest, test = train_test_split(
    np.arange(len(y)), test_size=114, stratify=y, random_state=0
)
train, valid = train_test_split(rest, test_size=114, stratify=y[rest], random_state=0)
mean = dataset.data[train].mean(axis=0).astype(DTYPE)  # (30,)，只看训练集
scale = dataset.data[train].std(axis=0).astype(DTYPE)
x = dataset.data.astype(DTYPE)  # (569, 30)，还没有标准化
# --8<-- [end:setup]


# --8<-- [start:model]
def initial(n):
    """NumPy 版的初始权重：抄权重，不要抄种子。"""
    rng = np.random.default_rng(0)
    a1, a2 = np.sqrt(6 / (n + 10)), np.sqrt(6 / (10 + 1))
    w1 = rng.uniform(-a1, a1, (n, 10)).astype(DTYPE)  # (in, out)
    w2 = rng.uniform(-a2, a2, (10, 1)).astype(DTYPE)
    return w1, np.zeros(10, DTYPE), w2, np.zeros(1, DTYPE)


class BinaryClassifier(nn.Module):
    def __init__(self, n):
        super().__init__()
        # buffer 随 state_dict 保存，但不参加训练：标准化属于模型
        self.register_buffer("mean", torch.zeros(n))
        self.register_buffer("scale", torch.ones(n))
        self.hidden = nn.Linear(n, 10)
        self.output = nn.Linear(10, 1)

    def forward(self, rows):
        z = (rows - self.mean) / self.scale  # (batch, n)
        hidden = torch.relu(self.hidden(z))  # (batch, 10)
        return self.output(hidden).squeeze(1)  # logit，(batch,)


def build(n):
    model = BinaryClassifier(n)
    w1, b1, w2, b2 = initial(n)
    start = {
        "mean": mean[:n],
        "scale": scale[:n],
        "hidden.weight": w1.T,  # nn.Linear 的权重是 (out, in)
        "hidden.bias": b1,
        "output.weight": w2.T,
        "output.bias": b2,
    }
    model.load_state_dict({name: torch.tensor(a) for name, a in start.items()})
    return model


torch.set_default_dtype(getattr(torch, DTYPE))
inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
criterion = nn.BCEWithLogitsLoss()  # 默认对小批量取平均
# --8<-- [end:model]


# --8<-- [start:train]
@torch.inference_mode()  # 不记录计算图：评估不需要梯度
def predict(model, rows):
    model.eval()
    return model(rows)


def fit(n):
    model = build(n)
    # eps 取到不起作用的大小：各框架放它的位置不同，见「二分类」一页的默认值表
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, eps=1e-12)
    order = np.random.default_rng(1)
    step_loss, valid_loss, best_epoch = [], [], 0
    for epoch in range(1, 201):
        model.train()
        for batch in torch.from_numpy(order.permutation(train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(inputs[batch, :n]), targets[batch])
            loss.backward()
            optimizer.step()
            step_loss.append(loss.item())
        logits = predict(model, inputs[valid, :n])
        valid_loss.append(criterion(logits, targets[valid]).item())
        if valid_loss[-1] < min(valid_loss[:-1], default=np.inf):
            best_epoch, best = epoch, copy.deepcopy(model.state_dict())
        if epoch - best_epoch >= 20:
            break
    model.load_state_dict(best)
    return model, best_epoch, (step_loss, valid_loss)


runs = {n: fit(n) for n in (8, 30)}
for n, (model, best_epoch, (step_loss, valid_loss)) in runs.items():
    hits = (predict(model, inputs[test, :n]).numpy() >= 0) == y[test]
    print(f"{n} 个特征：第 {len(valid_loss)} 轮停止，共 {len(step_loss)} 步", end="；")
    print(f"取回第 {best_epoch} 轮的权重")
    print(f"  验证损失 {min(valid_loss):.4f}，停止时 {valid_loss[-1]:.4f}", end="；")
    print(f"测试集准确率 {hits.mean():.4f}")
# --8<-- [end:train]
