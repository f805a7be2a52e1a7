# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order] / 16, labels[order]  # float64，(1797, 64)
train, test = slice(0, 1397), slice(1397, None)

samples = (images[train], labels[train])
ready = tf.data.Dataset.from_tensor_slices(samples)
# 数据集只建一次：每轮重新打乱；每轮都新建一个，次序就总是同一个
ready = ready.shuffle(1397, seed=0).batch(50, drop_remainder=True)
n_train, n_test = len(labels[train]), len(labels[test])
print(f"训练 {n_train} 张，每轮 {len(ready)} 批；测试 {n_test} 张")
# --8<-- [end:data]


# --8<-- [start:model]
class Digits(tf.Module):  # 两层：64 → 32 → 10
    def __init__(self, seed):
        super().__init__()
        normal = tf.random.Generator.from_seed(seed).normal
        first = normal([64, 32], dtype=tf.float64) * (2 / 64) ** 0.5
        second = normal([32, 10], dtype=tf.float64) * 0.02
        self.w1, self.w2 = tf.Variable(first), tf.Variable(second)
        self.b1 = tf.Variable(tf.zeros(32, tf.float64))
        self.b2 = tf.Variable(tf.zeros(10, tf.float64))

    @tf.function(input_signature=[tf.TensorSpec([None, 64], tf.float64)])
    def __call__(self, x):
        h = tf.nn.relu(x @ self.w1 + self.b1)  # (batch, 32)
        return h @ self.w2 + self.b2  # (batch, 10)


parts = [v.shape.num_elements() for v in Digits(0).variables]
print(f"{len(parts)} 个变量，共 {sum(parts)} 个数")
# --8<-- [end:model]


# --8<-- [start:step]
def mean_loss(logits, y):
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits
    return tf.reduce_mean(loss(labels=y, logits=logits))


class Trainer(tf.Module):  # 模型、速度、步数放在一起
    def __init__(self, seed, rate=0.1, mu=0.9, limit=1.0):
        super().__init__()
        self.model, self.steps = Digits(seed), tf.Variable(0)
        self.rate, self.mu, self.limit = rate, mu, limit
        weights = self.model.trainable_variables
        self.velocity = [tf.Variable(tf.zeros_like(w)) for w in weights]

    @tf.function
    def step(self, x, y):
        weights = self.model.trainable_variables
        with tf.GradientTape() as tape:
            loss = mean_loss(self.model(x), y)
        grads = tape.gradient(loss, weights)
        grads, norm = tf.clip_by_global_norm(grads, self.limit)
        for w, v, g in zip(weights, self.velocity, grads, strict=True):
            v.assign(self.mu * v + g)
            w.assign_sub(self.rate * v)
        self.steps.assign_add(1)
        return loss, norm


# --8<-- [end:step]


# --8<-- [start:train]
def accuracy(model):
    guess = tf.argmax(model(tf.constant(images[test])), axis=1)
    return float(np.mean(guess == labels[test]))


trainer, epochs = Trainer(seed=1), 15
history, clipped = [], 0
for epoch in range(epochs):
    losses = []
    for x, y in ready:
        loss, norm = trainer.step(x, y)
        losses.append(float(loss))
        clipped += int(norm > trainer.limit)
    held = mean_loss(trainer.model(tf.constant(images[test])), labels[test])
    history.append((np.mean(losses), float(held)))
    if epoch in [0, 4, epochs - 1]:
        print(f"第 {epoch + 1} 轮：训练 {np.mean(losses):.2f}，测试 {held:.2f}")
p, n = accuracy(trainer.model), len(labels[test])
half = 1.96 * (p * (1 - p) / n) ** 0.5
print(f"测试准确率 {p:.4f} ± {half:.3f}")
traced = trainer.step.experimental_get_tracing_count()
print(f"{trainer.steps.numpy()} 步，追踪 {traced} 次，裁剪了 {clipped} 步")
# --8<-- [end:train]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
style = {"svg.fonttype": "none", "svg.hashsalt": "tensorflow_train_tf"}
plt.rcParams.update({"font.size": 10} | style)
figure, axis = plt.subplots(figsize=(3.4, 2.6), layout="constrained")
rounds = range(1, epochs + 1)
training, held = zip(*history, strict=True)
axis.plot(rounds, training, "C0-", label="训练")
axis.plot(rounds, held, "C1--", label="测试")
axis.set(xlabel="轮", xticks=[1, 5, 10, 15], ylim=(0, None))
axis.set_title("损失", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
path, about = (
    "tensorflow_train_tf.svg",
    {"Title": "损失：前几轮降得快，之后训练与测试的损失都慢慢降"},
)
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
