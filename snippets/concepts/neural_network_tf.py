# --8<-- [start:network]
import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

np.set_printoptions(precision=4, suppress=True, floatmode="fixed")


def build(params):
    """params 是 NumPy 里的 [(权重, 偏置), …]，抄进 Dense。"""
    model = keras.Sequential([keras.Input((len(params[0][0]),), dtype="float64")])
    for i, (_, b) in enumerate(params):
        # 末层不加激活函数：它的输出是 logits
        activation = "relu" if i < len(params) - 1 else None
        model.add(keras.layers.Dense(len(b), activation=activation, dtype="float64"))
    model.set_weights([array for pair in params for array in pair])
    return model


def cross_entropy(logits, y):
    # 内含 log-softmax；每个样本一个数，再对一批取平均
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
    return tf.reduce_mean(losses)


# --8<-- [end:network]


# --8<-- [start:backward]
def gradients(model, x, y):
    with tf.GradientTape() as tape:  # 只有这一段里的运算被记录
        loss = cross_entropy(model(x), y)
    flat = tape.gradient(loss, model.trainable_variables)  # 返回，不累加
    return loss, list(zip(flat[::2], flat[1::2], strict=True))


# --8<-- [end:backward]


# --8<-- [start:tiny]
x0, y0 = tf.constant([[1.0, 2.0]], tf.float64), tf.constant([1])
w1 = tf.Variable([[0.0, 1.0], [1.0, -1.0]], dtype=tf.float64)
w2 = tf.Variable([[0.5, -0.5], [1.0, -1.0]], dtype=tf.float64)
with tf.GradientTape() as tape:  # 变量自动被观察；常量要 tape.watch
    hidden = tf.nn.relu(x0 @ w1)
    logits = hidden @ w2
    tiny_loss = cross_entropy(logits, y0)
dw1, dw2 = tape.gradient(tiny_loss, [w1, w2])
shown = [t.numpy()[0] for t in (hidden, logits, tf.nn.softmax(logits))]
print("小例子：隐藏", shown[0], " logits", shown[1], " p", shown[2])
print(f"损失 {tiny_loss:.4f}")
print("W2 的梯度：", *(dw2.numpy() + 0))  # + 0 把 −0 变成 0
print("W1 的梯度：", *(dw1.numpy() + 0))
# --8<-- [end:tiny]


# --8<-- [start:data]
images, labels = load_digits(return_X_y=True)
images = images / 16  # (1797, 64)，像素原来是 0 到 16
order = np.random.default_rng(0).permutation(len(images))
train, test = order[:1500], order[1500:]
sizes = [64, 32, 16, 10]


def initial(last=0.1):
    """He 初始化；last 再缩放末层，1 就是不缩放。"""
    rng = np.random.default_rng(1)
    params = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        w = rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in)
        params.append((w, np.zeros(n_out)))
    params[-1] = (params[-1][0] * last, params[-1][1])
    return params


print("参数个数：", build(initial()).count_params())
# --8<-- [end:data]


# --8<-- [start:first-loss]
print(f"初始损失应是 ln 10 = {np.log(10):.4f}")
for last in [0.1, 1, 10]:
    logits = build(initial(last))(images[train])
    loss = cross_entropy(logits, labels[train])
    spread = tf.math.reduce_std(logits)
    print(f"末层乘 {last}：logits 的标准差 {spread:.3f}，初始损失 {loss:.4f}")
# --8<-- [end:first-loss]


# --8<-- [start:train]
model = build(initial())
optimizer = keras.optimizers.SGD(learning_rate=0.125)


@tf.function  # 把一步编译成图，比逐个运算快
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = cross_entropy(model(x, training=True), y)
    variables = model.trainable_variables
    grads = tape.gradient(loss, variables)
    optimizer.apply(grads, variables)
    return loss


rng = np.random.default_rng(3)
losses = []  # 有 GPU 时 TensorFlow 自己会用，不必改一个字
for epoch in range(1, 21):
    for rows in rng.permutation(train).reshape(-1, 50):  # 1500 / 50 = 30 步
        x, y = tf.constant(images[rows]), tf.constant(labels[rows])
        losses.append(train_step(x, y).numpy())
    if epoch in (1, 2, 5, 10, 20):
        print(f"第 {epoch} 轮：训练损失 {np.mean(losses[-30:]):.4f}")
guess = tf.argmax(model(images[test]), axis=1).numpy()
print(f"测试 {len(test)} 张，对 {(guess == labels[test]).sum()} 张")
# --8<-- [end:train]
