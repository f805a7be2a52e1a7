# --8<-- [start:data]
import math

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

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


def build(n):
    keys = ("w1", "b1", "w2", "b2")
    # 标准化的参数也放进模型：谁拿到模型，谁就不会忘记标准化
    return {
        "mean": mean[:n],
        "scale": scale[:n],
        **dict(zip(keys, initial(n), strict=True)),
    }


def forward(model, rows):
    z = (rows - model["mean"]) / model["scale"]  # (batch, n)
    hidden = np.maximum(z @ model["w1"] + model["b1"], 0)  # (batch, 10)
    logits = (hidden @ model["w2"] + model["b2"])[:, 0]  # (batch,)
    return logits, (z, hidden)


print("可训练参数：", *(sum(w.size for w in initial(n)) for n in (8, 30)))
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


def adam_step(model, grads, state, step, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-12):
    # eps 取到不起作用的大小：各框架放它的位置不同，见「默认值」一节
    for name, grad in grads.items():
        m, v = state.get(name, (0, 0))
        m = beta1 * m + (1 - beta1) * grad
        v = beta2 * v + (1 - beta2) * grad**2
        state[name] = m, v
        m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
        model[name] = model[name] - lr * m_hat / (np.sqrt(v_hat) + eps)


# --8<-- [end:optimizer]


# --8<-- [start:train]
def fit(n):
    model, state = build(n), {}
    order = np.random.default_rng(1)
    step_loss, train_loss, valid_loss, best_epoch = [], [], [], 0
    for epoch in range(1, 201):
        rows = order.permutation(train)
        batches = [rows[start : start + 32] for start in range(0, len(rows), 32)]
        for batch in batches:
            loss, grads = gradients(model, x[batch, :n], y[batch])
            step_loss.append(loss)
            adam_step(model, grads, state, len(step_loss))
        sizes = [len(batch) for batch in batches]
        train_loss.append(np.average(step_loss[-len(batches) :], weights=sizes))
        valid_loss.append(bce_with_logits(forward(model, x[valid, :n])[0], y[valid]))
        if valid_loss[-1] < min(valid_loss[:-1], default=np.inf):
            best_epoch, best = epoch, model.copy()  # 权重是新数组，浅拷贝就够
        if epoch - best_epoch >= 20:
            break
    return best, best_epoch, (step_loss, train_loss, valid_loss)


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


test_logits = forward(model, x[test, :8])[0]
scores = report(y[test], test_logits)
# --8<-- [end:evaluate]


# --8<-- [start:threshold]
def cost(targets, logits, threshold):
    _, fp, fn, _ = counts(targets, logits >= np.log(threshold / (1 - threshold)))
    return fp + 5 * fn, fp, fn  # 假设漏诊一例的代价是误报一例的 5 倍


# 在验证集上选，在测试集上报告
valid_logits = forward(model, x[valid, :8])[0]
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
np.savez(
    "binary_classifier.npz", **model, features=np.array(names[:8]), threshold=threshold
)
loaded = dict(np.load("binary_classifier.npz"))  # 默认不许 pickle，载入是安全的
same = np.array_equal(forward(loaded, x[test, :8])[0], test_logits)
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


# --8<-- [start:full]
full_model, full_epoch, (full_step, full_train, full_valid) = fit(30)
full_logits = forward(full_model, x[test])[0]
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


# --8<-- [start:figure]
plt.rcParams.update({"svg.fonttype": "none", "font.size": 11})
plt.rcParams["svg.hashsalt"] = "binary_classifier_numpy"
figure, axes = plt.subplots(1, 2, figsize=(6.5, 3), sharey=True, layout="constrained")
runs = (8, train_loss, valid_loss, best_epoch), (30, full_train, full_valid, full_epoch)
for axis, (n, training, validation, best) in zip(axes, runs, strict=True):
    epochs = np.arange(1, len(validation) + 1)
    axis.plot(epochs, training, color="C0", label="train")
    axis.plot(epochs, validation, "--", color="C1", label="validation")
    axis.axvline(best, color="black", linewidth=1, linestyle=":")
    axis.annotate(f"best: {best}", (best, 0.24), (6, 0), textcoords="offset points")
    axis.set(title=f"{n} features", xlabel="epoch", ylim=(0, 0.3), xlim=(1, None))
    axis.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("loss")
axes[0].legend(frameon=False, loc=(0.1, 0.58))
title = "8 个与 30 个特征的训练损失和验证损失；点线是取回权重的那一轮"
figure.savefig(
    "binary_classifier_numpy.svg", transparent=True, metadata={"Title": title}
)
# --8<-- [end:figure]
