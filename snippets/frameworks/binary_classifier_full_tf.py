# --8<-- [start:data]
import math

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

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
def fit(n, lr=0.01):
    x, mean, scale, *weights = initial(n)
    model = keras.Sequential(
        [
            keras.Input(shape=(n,)),
            keras.layers.Normalization(mean=mean, variance=scale**2),
            keras.layers.Dense(10, activation="relu"),
            keras.layers.Dense(1),
        ]
    )
    model.set_weights(weights)
    criterion = keras.losses.BinaryCrossentropy(from_logits=True)
    optimizer = keras.optimizers.Adam(learning_rate=lr, epsilon=1e-12)

    @tf.function(reduce_retracing=True)  # 最后一批只有 21 行，别为它再编译一次
    def train_step(rows, targets):
        with tf.GradientTape() as tape:
            loss = criterion(targets, model(rows, training=True))
        grads = tape.gradient(loss, model.trainable_weights)
        optimizer.apply(grads, model.trainable_weights)
        return loss

    @tf.function(reduce_retracing=True)
    def predict(rows):
        return model(rows, training=False)

    targets = y[:, None]  # (569, 1)，与 logit 同形

    order, best_loss, best_epoch = np.random.default_rng(1), np.inf, 0
    history = {"train": [], "valid": []}
    for epoch in range(1, 201):
        rows = order.permutation(train)
        batches = [rows[start : start + 32] for start in range(0, len(rows), 32)]
        losses = [train_step(x[batch], targets[batch]) for batch in batches]
        history["train"].append(np.average(losses, weights=[len(b) for b in batches]))
        history["valid"].append(float(criterion(targets[valid], predict(x[valid]))))
        if history["valid"][-1] < best_loss:
            best_loss, best_epoch, best = (
                history["valid"][-1],
                epoch,
                model.get_weights(),
            )
        if epoch - best_epoch >= 20:
            break
    model.set_weights(best)
    logits = predict(x[test]).numpy()[:, 0]
    return logits, history, best_epoch, model.count_params()


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
