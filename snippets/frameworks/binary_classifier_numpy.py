# --8<-- [start:setup]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

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
def build(n):
    rng = np.random.default_rng(0)
    a1, a2 = np.sqrt(6 / (n + 10)), np.sqrt(6 / (10 + 1))  # Glorot 均匀分布
    # 标准化的参数也放进模型：谁拿到模型，谁就不会忘记标准化
    return {
        "mean": mean[:n],
        "scale": scale[:n],
        "w1": rng.uniform(-a1, a1, (n, 10)).astype(DTYPE),  # (in, out)
        "b1": np.zeros(10, DTYPE),
        "w2": rng.uniform(-a2, a2, (10, 1)).astype(DTYPE),
        "b2": np.zeros(1, DTYPE),
    }


def forward(model, rows):
    z = (rows - model["mean"]) / model["scale"]  # (batch, n)
    hidden = np.maximum(z @ model["w1"] + model["b1"], 0)  # (batch, 10)
    logits = (hidden @ model["w2"] + model["b2"])[:, 0]  # (batch,)
    return logits, (z, hidden)


trained = ("w1", "b1", "w2", "b2")
print("可训练参数：", *(sum(build(n)[w].size for w in trained) for n in (8, 30)))
# --8<-- [end:model]


# --8<-- [start:loss]
def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def bce_with_logits(logits, targets):
    # max(s, 0) - s·y + log(1 + e^{-|s|})：e^{-|s|} 不大于 1，不会溢出
    softplus = np.log1p(np.exp(-np.abs(logits)))
    return np.mean(np.maximum(logits, 0) - logits * targets + softplus)


confident = np.array([20], "float32")  # 一个很自信的 logit，而标签是 0
with np.errstate(divide="ignore"):
    naive = -np.log(1 - sigmoid(confident)).item()
stable = bce_with_logits(confident, np.zeros(1, "float32"))
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
        for start in range(0, len(rows), 32):
            batch = rows[start : start + 32]
            loss, grads = gradients(model, x[batch, :n], y[batch])
            step_loss.append(loss)
            adam_step(model, grads, state, len(step_loss))
        train_loss.append(bce_with_logits(forward(model, x[train, :n])[0], y[train]))
        valid_loss.append(bce_with_logits(forward(model, x[valid, :n])[0], y[valid]))
        if valid_loss[-1] < min(valid_loss[:-1], default=np.inf):
            best_epoch, best = epoch, model.copy()  # 权重是新数组，浅拷贝就够
        if epoch - best_epoch >= 20:
            break
    return best, best_epoch, (step_loss, train_loss, valid_loss)


runs = {n: fit(n) for n in (8, 30)}
for n, (model, best_epoch, (step_loss, _, valid_loss)) in runs.items():
    hits = (forward(model, x[test, :n])[0] >= 0) == y[test]
    print(f"{n} 个特征：第 {len(valid_loss)} 轮停止，共 {len(step_loss)} 步", end="；")
    print(f"取回第 {best_epoch} 轮的权重")
    print(f"  验证损失 {min(valid_loss):.4f}，停止时 {valid_loss[-1]:.4f}", end="；")
    print(f"测试集准确率 {hits.mean():.4f}")
# --8<-- [end:train]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画，这里不需要字体
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "binary_classifier_numpy"
figure, axes = plt.subplots(2, 1, figsize=(3.5, 4.8), sharex=True, layout="constrained")
for axis, (n, (_, best, losses)) in zip(axes, runs.items(), strict=True):
    _, training, validation = losses
    epochs = np.arange(1, len(validation) + 1)
    for name, loss, style, side in [
        ("训练", training, "C0-", "center"),
        ("验证", validation, "C1--", "bottom"),
    ]:
        axis.plot(epochs, loss, style)
        axis.text(epochs[-1] + 1, loss[-1], name, color=style[:2], va=side)
    axis.axvline(best, color="black", linewidth=1, linestyle=":")
    axis.text(best + 1, 0.2, f"第 {best} 轮")
    axis.set(ylim=(-0.01, 0.24), xlim=(1, 88))
    axis.set_title(f"{n} 个特征的损失", loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
axes[1].set_xlabel("轮")
title = "8 个与 30 个特征的训练损失和验证损失；点线是取回权重的那一轮"
figure.savefig(
    "binary_classifier_numpy.svg", transparent=True, metadata={"Title": title}
)
# --8<-- [end:figure]
