# --8<-- [start:data]
import copy
import math

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn

DTYPE = "float32"  # 换成 float64，可以分清舍入与错误
dataset = load_breast_cancer()
names = [str(name) for name in dataset.feature_names]
x = dataset.data  # (569, 30)
y = (dataset.target == 0).astype(DTYPE)  # 数据集里 0 是恶性；本页把恶性记为 1
print("数据集的类别 0、1：", *dataset.target_names)
print(f"恶性 {int(y.sum())} 例，良性 {int((1 - y).sum())} 例")
# --8<-- [end:data]


# --8<-- [start:prepare]
rest, test = train_test_split(
    np.arange(len(y)), test_size=114, stratify=y, random_state=0
)
train, valid = train_test_split(rest, test_size=114, stratify=y[rest], random_state=0)
for part, rows in [("训练", train), ("验证", valid), ("测试", test)]:
    print(f"{part} {len(rows)} 例，恶性占 {y[rows].mean():.3f}")
print(f"基线：测试集全猜良性，准确率 {1 - y[test].mean():.3f}，召回率 0")

mean = x[train].mean(axis=0).astype(DTYPE)  # (30,)，只看训练集
scale = x[train].std(axis=0).astype(DTYPE)  # (30,)，除以 n，不是 n - 1
x = x.astype(DTYPE)
for column in (3, 4):
    print(f"{names[column]}：均值 {mean[column]:.4f}，标准差 {scale[column]:.4f}")
# --8<-- [end:prepare]


# --8<-- [start:model]
def initial(n):
    rng = np.random.default_rng(0)
    limits = np.sqrt(6 / (n + 10)), np.sqrt(6 / (10 + 1))  # Glorot 均匀分布
    w1 = rng.uniform(-limits[0], limits[0], (n, 10)).astype(DTYPE)  # (in, out)
    w2 = rng.uniform(-limits[1], limits[1], (10, 1)).astype(DTYPE)
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
print("可训练参数：", *(sum(p.numel() for p in build(n).parameters()) for n in (8, 30)))
# --8<-- [end:model]


# --8<-- [start:loss]
criterion = nn.BCEWithLogitsLoss()  # 默认对小批量取平均

confident = torch.tensor([20.0])  # 一个很自信的 logit，而标签是 0
naive = -torch.log(1 - torch.sigmoid(confident)).item()
stable = criterion(confident, torch.zeros(1)).item()
print(f"logit 20、标签 0 的损失：先 sigmoid {naive}，从 logit {stable:.4f}")
# --8<-- [end:loss]


# --8<-- [start:optimizer]
inputs, targets = torch.from_numpy(x), torch.from_numpy(y)


def train_step(model, optimizer, rows, labels):
    optimizer.zero_grad()  # backward() 把梯度加到 .grad 上，不清零就会累积
    loss = criterion(model(rows), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.inference_mode()  # 不记录计算图：评估不需要梯度
def predict(model, rows):
    model.eval()  # 本网络没有 Dropout、BatchNorm，写上是习惯
    return model(rows)


# --8<-- [end:optimizer]


# --8<-- [start:train]
def fit(n):
    model = build(n)
    # eps 取到不起作用的大小：各框架放它的位置不同，见「默认值」一节
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, eps=1e-12)
    order = np.random.default_rng(1)
    step_loss, train_loss, valid_loss, best_epoch = [], [], [], 0
    for epoch in range(1, 201):
        rows = order.permutation(train)
        batches = [rows[start : start + 32] for start in range(0, len(rows), 32)]
        model.train()
        for batch in batches:
            loss = train_step(model, optimizer, inputs[batch, :n], targets[batch])
            step_loss.append(loss)
        sizes = [len(batch) for batch in batches]
        train_loss.append(np.average(step_loss[-len(batches) :], weights=sizes))
        logits = predict(model, inputs[valid, :n])
        valid_loss.append(criterion(logits, targets[valid]).item())
        if valid_loss[-1] < min(valid_loss[:-1], default=np.inf):
            # state_dict 里是引用，不 deepcopy 就会跟着后面的训练一起变
            best_epoch, best = epoch, copy.deepcopy(model.state_dict())
        if epoch - best_epoch >= 20:
            break
    model.load_state_dict(best)
    return model, best_epoch, (step_loss, train_loss, valid_loss)


model, best_epoch, (step_loss, train_loss, valid_loss) = fit(8)
print(
    f"第 {len(valid_loss)} 轮停止，共 {len(step_loss)} 步；取回第 {best_epoch} 轮的权重"
)
print(f"那一轮的损失：训练 {train_loss[best_epoch - 1]:.4f}", end="，")
print(f"验证 {min(valid_loss):.4f}；停止时验证 {valid_loss[-1]:.4f}")
# --8<-- [end:train]


# --8<-- [start:evaluate]
def counts(targets, guess):
    cells = (1, 1), (1, 0), (0, 1), (0, 0)  # 真阳、假阳、漏诊、真阴
    return [int(np.sum((guess == g) & (targets == t))) for g, t in cells]


def roc_auc(targets, scores):
    # 随机取一例恶性、一例良性，恶性得分更高的概率；相等算一半
    pairs = scores[targets == 1][:, None] - scores[targets == 0]
    return np.mean((pairs > 0) + 0.5 * (pairs == 0))


def wilson(hits, n, z=1.959964):
    # 比例的 95 % 区间；z 是标准正态的 0.975 分位数
    centre = (hits + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(hits * (n - hits) / n + z**2 / 4)
    return centre - half, centre + half


def report(targets, logits):
    tp, fp, fn, tn = counts(targets, logits >= 0)  # logit 0 就是概率 0.5
    accuracy = (tp + tn) / len(targets)
    precision, recall = tp / (tp + fp), tp / (tp + fn)
    f1, auc = 2 * tp / (2 * tp + fp + fn), roc_auc(targets, logits)
    print(f"测试集：真阳 {tp}，假阳 {fp}，漏诊 {fn}，真阴 {tn}")
    print(
        f"准确率 {accuracy:.4f}，精确率 {precision:.4f}，召回率 {recall:.4f}", end="，"
    )
    print(f"F1 {f1:.4f}，ROC-AUC {auc:.4f}")
    for name, hits, n in [("准确率", tp + tn, len(targets)), ("召回率", tp, tp + fn)]:
        low, high = wilson(hits, n)
        print(f"{name}的 95 % 区间：{low:.3f} 到 {high:.3f}")
    return accuracy, precision, recall, f1, auc


test_logits = predict(model, inputs[test, :8]).numpy()
scores = report(y[test], test_logits)
# --8<-- [end:evaluate]


# --8<-- [start:threshold]
def cost(targets, logits, threshold):
    _, fp, fn, _ = counts(targets, logits >= np.log(threshold / (1 - threshold)))
    return fp + 5 * fn, fp, fn  # 假设漏诊一例的代价是误报一例的 5 倍


# 在验证集上选，在测试集上报告
valid_logits = predict(model, inputs[valid, :8]).numpy()
grid = np.linspace(0.05, 0.95, 19)
costs = [cost(y[valid], valid_logits, t)[0] for t in grid]
threshold = round(float(grid[np.argmin(costs)]), 2)
print(f"验证集：阈值 {threshold} 代价最小，{min(costs)}", end="；")
print(f"阈值 0.5 时 {cost(y[valid], valid_logits, 0.5)[0]}")
for t in (0.5, 1 / 6, threshold):
    total, fp, fn = cost(y[test], test_logits, t)
    print(f"测试集，阈值 {t:.3f}：误报 {fp}，漏诊 {fn}，代价 {total}")
# --8<-- [end:threshold]


# --8<-- [start:save]
state = {
    "state_dict": model.state_dict(),
    "features": names[:8],
    "threshold": threshold,
}
torch.save(state, "binary_classifier.pt")
# weights_only=True 只还原张量和基本类型，不执行文件里的代码
loaded = torch.load("binary_classifier.pt", weights_only=True)
restored = BinaryClassifier(len(loaded["features"]))
restored.load_state_dict(loaded["state_dict"])
same = np.array_equal(predict(restored, inputs[test, :8]).numpy(), test_logits)
print("载入后的输出逐位相同：", same)
# --8<-- [end:save]


# --8<-- [start:predict]
patient = {  # 一行编造的新数据；键的次序不必与训练时相同，单位必须相同
    "mean area": 531.0,
    "mean radius": 13.2,
    "mean texture": 19.5,
    "mean perimeter": 85.8,
    "mean smoothness": 0.098,
    "mean concavity": 0.09,
    "mean compactness": 0.1,
    "mean concave points": 0.05,
}
row = torch.tensor([[patient[name] for name in loaded["features"]]])  # (1, 8)
chance = torch.sigmoid(predict(restored, row)).item()
z = (row - restored.mean) / restored.scale
for t in (0.5, float(loaded["threshold"])):
    print(f"新的一行：恶性概率 {chance:.3f}，阈值 {t} 判为", end="")
    print("恶性" if chance >= t else "良性")
print(f"离训练均值最远 {z.abs().max():.2f} 个标准差")
# --8<-- [end:predict]


# --8<-- [start:full]
full_model, full_epoch, (full_step, full_train, full_valid) = fit(30)
full_logits = predict(full_model, inputs[test]).numpy()
print(f"30 个特征：第 {full_epoch} 轮验证损失最小，{min(full_valid):.4f}")
report(y[test], full_logits)

right, full_right = ((s >= 0) == y[test] for s in (test_logits, full_logits))
wins, losses = np.sum(full_right & ~right), np.sum(right & ~full_right)
total = int(wins + losses)
# 若两个模型一样好，分歧时各有一半机会对：双侧符号检验
tail = sum(math.comb(total, k) for k in range(max(wins, losses), total + 1))
p_value = min(1.0, 2 * tail / 2**total)
print(f"对错不同的有 {total} 例：只有 30 个特征对的 {wins} 例", end="，")
print(f"只有 8 个特征对的 {losses} 例；p = {p_value:.3f}")
# --8<-- [end:full]
