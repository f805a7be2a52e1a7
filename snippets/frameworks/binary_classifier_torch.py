# --8<-- [start:data]
import copy

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn

DTYPE = "float32"
dataset = load_breast_cancer()
# 按列的次序取前 8 个特征：挑选时没有看标签，就没有泄漏
features = [str(name) for name in dataset.feature_names[:8]]
x = dataset.data[:, :8]  # (569, 8)
y = (dataset.target == 0).astype(DTYPE)  # 数据集里 0 是恶性；本页把恶性记为 1
print("数据集的类别 0、1：", *dataset.target_names)
print(f"特征 {x.shape[1]} 个；恶性 {int(y.sum())} 例，良性 {int((1 - y).sum())} 例")
# --8<-- [end:data]


# --8<-- [start:split]
rest, test = train_test_split(
    np.arange(len(y)), test_size=114, stratify=y, random_state=0
)
train, valid = train_test_split(rest, test_size=114, stratify=y[rest], random_state=0)
for name, rows in [("训练", train), ("验证", valid), ("测试", test)]:
    print(f"{name} {len(rows)} 例，恶性占 {y[rows].mean():.3f}")
print(f"基线：测试集全猜良性，准确率 {1 - y[test].mean():.3f}，召回率 0")
# --8<-- [end:split]


# --8<-- [start:standardise]
mean = x[train].mean(axis=0).astype(DTYPE)  # (8,)，只看训练集
scale = x[train].std(axis=0).astype(DTYPE)  # (8,)，除以 n，不是 n - 1
x = x.astype(DTYPE)
for name in ("mean area", "mean smoothness"):
    column = features.index(name)
    print(f"{name}：均值 {mean[column]:.4f}，标准差 {scale[column]:.4f}")
# --8<-- [end:standardise]


# --8<-- [start:model]
class BinaryClassifier(nn.Module):
    def __init__(self, n_features, n_hidden=10):
        super().__init__()
        # buffer 随 state_dict 保存，但不参加训练：标准化属于模型
        self.register_buffer("mean", torch.zeros(n_features))
        self.register_buffer("scale", torch.ones(n_features))
        self.hidden = nn.Linear(n_features, n_hidden)
        self.output = nn.Linear(n_hidden, 1)

    def forward(self, rows):
        z = (rows - self.mean) / self.scale  # (batch, features)
        hidden = torch.relu(self.hidden(z))  # (batch, 10)
        return self.output(hidden).squeeze(1)  # logit，(batch,)


init = np.random.default_rng(0)


def glorot(n_in, n_out):
    limit = np.sqrt(6 / (n_in + n_out))
    return init.uniform(-limit, limit, (n_in, n_out)).astype(DTYPE)


torch.set_default_dtype(getattr(torch, DTYPE))  # 换成 float64 可分清舍入与错误
model = BinaryClassifier(8)
start = {
    "mean": mean,
    "scale": scale,
    "hidden.weight": glorot(8, 10).T,  # nn.Linear 的权重是 (out, in)
    "hidden.bias": np.zeros(10, DTYPE),
    "output.weight": glorot(10, 1).T,
    "output.bias": np.zeros(1, DTYPE),
}
model.load_state_dict({name: torch.tensor(value) for name, value in start.items()})
print("可训练参数：", sum(p.numel() for p in model.parameters()))
# --8<-- [end:model]


# --8<-- [start:loss]
criterion = nn.BCEWithLogitsLoss()  # 默认对小批量取平均

confident = torch.tensor([20.0])  # 一个很自信的 logit，而标签是 0
naive = -torch.log(1 - torch.sigmoid(confident)).item()
stable = criterion(confident, torch.zeros(1)).item()
print(f"logit 20、标签 0 的损失：先 sigmoid {naive}，从 logit {stable:.4f}")
# --8<-- [end:loss]


# --8<-- [start:optimizer]
# eps 取到不起作用的大小：各框架放它的位置不同，见「默认值」一节
optimizer = torch.optim.Adam(model.parameters(), lr=0.01, eps=1e-12)
inputs, targets = torch.from_numpy(x), torch.from_numpy(y)


def train_step(batch):
    optimizer.zero_grad()  # backward() 把梯度加到 .grad 上，不清零就会累积
    loss = criterion(model(inputs[batch]), targets[batch])
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.inference_mode()  # 不记录计算图：评估不需要梯度
def predict(model, rows):
    model.eval()  # 本网络没有 Dropout、BatchNorm，写上是习惯
    return model(rows)


# --8<-- [end:optimizer]


# --8<-- [start:train]
order = np.random.default_rng(1)
step_loss, train_loss, valid_loss = [], [], []
best_epoch, patience = 0, 20
for epoch in range(1, 201):
    rows = order.permutation(train)
    batches = [rows[start : start + 32] for start in range(0, len(rows), 32)]
    model.train()
    step_loss += [train_step(batch) for batch in batches]
    sizes = [len(batch) for batch in batches]
    train_loss.append(np.average(step_loss[-len(batches) :], weights=sizes))
    valid_logits = predict(model, inputs[valid])
    valid_loss.append(criterion(valid_logits, targets[valid]).item())
    if valid_loss[-1] < min(valid_loss[:-1], default=np.inf):
        # state_dict 里是引用，不 deepcopy 就会跟着后面的训练一起变
        best_epoch, best = epoch, copy.deepcopy(model.state_dict())
    if epoch - best_epoch >= patience:
        break
model.load_state_dict(best)
print(f"第 {epoch} 轮停止，共 {len(step_loss)} 步；取回第 {best_epoch} 轮的权重")
print(f"那一轮的损失：训练 {train_loss[best_epoch - 1]:.4f}", end="，")
print(f"验证 {valid_loss[best_epoch - 1]:.4f}；停止时验证 {valid_loss[-1]:.4f}")
# --8<-- [end:train]


# --8<-- [start:evaluate]
def counts(targets, probabilities, threshold):
    guess = probabilities >= threshold
    tp, fp = np.sum(guess & (targets == 1)), np.sum(guess & (targets == 0))
    fn, tn = np.sum(~guess & (targets == 1)), np.sum(~guess & (targets == 0))
    return int(tp), int(fp), int(fn), int(tn)


def roc_auc(targets, scores):
    # 随机取一例恶性、一例良性，恶性得分更高的概率；相等算一半
    pairs = scores[targets == 1][:, None] - scores[targets == 0]
    return np.mean((pairs > 0) + 0.5 * (pairs == 0))


def wilson(hits, n, z=1.959964):
    # 比例的 95 % 区间；z 是标准正态的 0.975 分位数
    centre = (hits + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(hits * (n - hits) / n + z**2 / 4)
    return centre - half, centre + half


test_logits = predict(model, inputs[test])
probability = torch.sigmoid(test_logits).numpy()
tp, fp, fn, tn = counts(y[test], probability, 0.5)
accuracy, precision, recall = (tp + tn) / 114, tp / (tp + fp), tp / (tp + fn)
f1, auc = 2 * tp / (2 * tp + fp + fn), roc_auc(y[test], test_logits.numpy())
print(f"测试集：真阳 {tp}，假阳 {fp}，漏诊 {fn}，真阴 {tn}")
print(f"准确率 {accuracy:.4f}，精确率 {precision:.4f}，召回率 {recall:.4f}")
print(f"F1 {f1:.4f}，ROC-AUC {auc:.4f}")
low, high = wilson(tp + tn, 114)
print(f"准确率的 95 % 区间：{low:.3f} 到 {high:.3f}")
low, high = wilson(tp, tp + fn)
print(f"召回率的 95 % 区间：{low:.3f} 到 {high:.3f}")
# --8<-- [end:evaluate]


# --8<-- [start:threshold]
def cost(targets, probabilities, threshold):
    _, fp, fn, _ = counts(targets, probabilities, threshold)
    return fp + 5 * fn  # 假设漏诊一例的代价是误报一例的 5 倍


# 在验证集上选，在测试集上报告；1/6 是概率准确时的理论值
valid_probability = torch.sigmoid(predict(model, inputs[valid])).numpy()
grid = np.linspace(0.05, 0.95, 19)
costs = [cost(y[valid], valid_probability, t) for t in grid]
threshold = round(float(grid[np.argmin(costs)]), 2)
at_half = cost(y[valid], valid_probability, 0.5)
print(f"验证集：阈值 {threshold} 代价最小，{min(costs)}；阈值 0.5 时 {at_half}")
for t in (0.5, 1 / 6, threshold):
    _, fp, fn, _ = counts(y[test], probability, t)
    print(f"测试集，阈值 {t:.3f}：误报 {fp}，漏诊 {fn}，代价 {fp + 5 * fn}")
# --8<-- [end:threshold]


# --8<-- [start:save]
checkpoint = {
    "state_dict": model.state_dict(),
    "features": features,
    "threshold": threshold,
}
torch.save(checkpoint, "binary_classifier.pt")
# weights_only=True 只还原张量和基本类型，不执行文件里的代码
loaded = torch.load("binary_classifier.pt", weights_only=True)
restored = BinaryClassifier(len(loaded["features"]))
restored.load_state_dict(loaded["state_dict"])
same = torch.equal(predict(restored, inputs[test]), test_logits)
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
