# --8<-- [start:data]
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

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
init = np.random.default_rng(0)


def glorot(n_in, n_out):
    limit = np.sqrt(6 / (n_in + n_out))
    return init.uniform(-limit, limit, (n_in, n_out)).astype(DTYPE)


weights = {
    "w1": glorot(8, 10),  # (in, out)
    "b1": np.zeros(10, DTYPE),
    "w2": glorot(10, 1),
    "b2": np.zeros(1, DTYPE),
}
# 标准化的参数也放进模型：谁拿到模型，谁就不会忘记标准化
model = {"mean": mean, "scale": scale, **weights}


def forward(model, rows):
    z = (rows - model["mean"]) / model["scale"]  # (batch, 8)
    hidden = np.maximum(z @ model["w1"] + model["b1"], 0)  # (batch, 10)
    logits = (hidden @ model["w2"] + model["b2"])[:, 0]  # (batch,)
    return logits, (z, hidden)


print("可训练参数：", sum(w.size for w in weights.values()))
# --8<-- [end:model]


# --8<-- [start:loss]
def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def bce_with_logits(logits, targets):
    # max(s, 0) - s·y + log(1 + e^{-|s|})：指数永远不大于 1，不会溢出
    softplus = np.log1p(np.exp(-np.abs(logits)))
    return np.mean(np.maximum(logits, 0) - logits * targets + softplus)


confident = np.array([20], DTYPE)  # 一个很自信的 logit，而标签是 0
with np.errstate(divide="ignore"):
    naive = -np.log(1 - sigmoid(confident)).item()
stable = bce_with_logits(confident, np.zeros(1, DTYPE))
print(f"logit 20、标签 0 的损失：先 sigmoid {naive}，从 logit {stable:.4f}")
# --8<-- [end:loss]


# --8<-- [start:optimizer]
def gradients(model, rows, targets):
    logits, (z, hidden) = forward(model, rows)
    # sigmoid 与交叉熵合起来求导，只剩「预测 - 标签」
    d_logits = (sigmoid(logits) - targets)[:, None] / len(targets)  # (batch, 1)
    d_hidden = d_logits @ model["w2"].T * (hidden > 0)  # (batch, 10)
    grads = {
        "w1": z.T @ d_hidden,
        "b1": d_hidden.sum(axis=0),
        "w2": hidden.T @ d_logits,
        "b2": d_logits.sum(axis=0),
    }
    return bce_with_logits(logits, targets), grads


state = {name: (np.zeros_like(w), np.zeros_like(w)) for name, w in weights.items()}


def adam_step(model, grads, step, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-12):
    # eps 取到不起作用的大小：各框架放它的位置不同，见「默认值」一节
    for name, grad in grads.items():
        m, v = state[name]
        m = beta1 * m + (1 - beta1) * grad
        v = beta2 * v + (1 - beta2) * grad**2
        state[name] = m, v
        m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
        model[name] = model[name] - lr * m_hat / (np.sqrt(v_hat) + eps)


# --8<-- [end:optimizer]


# --8<-- [start:train]
order = np.random.default_rng(1)
step_loss, train_loss, valid_loss = [], [], []
best_epoch, patience = 0, 20
for epoch in range(1, 201):
    rows = order.permutation(train)
    batches = [rows[start : start + 32] for start in range(0, len(rows), 32)]
    for batch in batches:
        loss, grads = gradients(model, x[batch], y[batch])
        step_loss.append(loss)
        adam_step(model, grads, len(step_loss))
    sizes = [len(batch) for batch in batches]
    train_loss.append(np.average(step_loss[-len(batches) :], weights=sizes))
    valid_loss.append(bce_with_logits(forward(model, x[valid])[0], y[valid]))
    if valid_loss[-1] < min(valid_loss[:-1], default=np.inf):
        best_epoch, best = epoch, model.copy()  # adam_step 换新数组，浅拷贝就够
    if epoch - best_epoch >= patience:
        break
model = best
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


test_logits = forward(model, x[test])[0]
probability = sigmoid(test_logits)
tp, fp, fn, tn = counts(y[test], probability, 0.5)
accuracy, precision, recall = (tp + tn) / 114, tp / (tp + fp), tp / (tp + fn)
f1, auc = 2 * tp / (2 * tp + fp + fn), roc_auc(y[test], test_logits)
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
valid_probability = sigmoid(forward(model, x[valid])[0])
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
np.savez(
    "binary_classifier.npz", **model, features=np.array(features), threshold=threshold
)
loaded = dict(np.load("binary_classifier.npz"))  # 默认不许 pickle，载入是安全的
same = np.array_equal(forward(loaded, x[test])[0], test_logits)
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
row = np.array([[patient[name] for name in loaded["features"]]], DTYPE)  # (1, 8)
logits, (z, _) = forward(loaded, row)
chance = sigmoid(logits).item()
for t in (0.5, float(loaded["threshold"])):
    print(f"新的一行：恶性概率 {chance:.3f}，阈值 {t} 判为", end="")
    print("恶性" if chance >= t else "良性")
print(f"离训练均值最远 {np.abs(z).max():.2f} 个标准差")
# --8<-- [end:predict]
