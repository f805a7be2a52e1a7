# --8<-- [start:setup]
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
rows = np.random.default_rng(0).permutation(len(x))[:1200]
data = (x[rows] / 16).astype("float32"), y[rows]
# fit 不会打乱一个 tf.data：三种写法看到同样的小批量（不写 shuffle=False 会警告）
batches = tf.data.Dataset.from_tensor_slices(data).batch(32)


def build(model_class=keras.Model):
    keras.utils.set_random_seed(0)  # 同样的权重，同样的 Dropout
    pixels = keras.Input(shape=(64,))
    penalty = keras.regularizers.L2(0.001)
    h = layers.Dense(32, activation="relu", kernel_regularizer=penalty)(pixels)
    model = model_class(pixels, layers.Dense(10)(layers.Dropout(0.2)(h)))
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.003),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model


# --8<-- [end:setup]


# --8<-- [start:fit]
class Record(keras.callbacks.Callback):
    """记下每一步之后 fit 报告的损失：这一轮到此为止的平均。"""

    def on_train_begin(self, logs=None):
        self.said = []

    def on_train_batch_end(self, batch, logs=None):
        self.said.append(logs["loss"])


def by_fit(model_class=keras.Model):
    model, record = build(model_class), Record()
    model.fit(batches, epochs=2, shuffle=False, callbacks=[record], verbose=0)
    return model, record.said


fitted, said = by_fit()
print(f"共 {len(said)} 步，两轮的损失 {said[37]:.3f} 与 {said[75]:.3f}")
# --8<-- [end:fit]


# --8<-- [start:train-step]
class OwnStep(keras.Model):
    """fit 照旧管轮数、回调与进度，只有这一步是自己的。"""

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            logits = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=logits)  # 已含正则化
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(grads, self.trainable_variables)
        mean_loss = self.metrics[0]  # 第一个指标总是平均损失
        mean_loss.update_state(loss, sample_weight=tf.shape(x)[0])
        return self.compute_metrics(x, y, logits)  # 更新其余指标，返回全部


# --8<-- [end:train-step]


# --8<-- [start:loop]
def by_hand(penalty=True, training=True, reset=True):
    model, tracker, said = build(), keras.metrics.Mean(), []

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            logits = model(x, training=training)
            loss = model.loss(y, logits)
            if penalty:
                loss += sum(model.losses)  # 每次前向都重新算出
        grads = tape.gradient(loss, model.trainable_variables)
        model.optimizer.apply(grads, model.trainable_variables)
        tracker.update_state(loss, sample_weight=tf.shape(x)[0])

    for _ in range(2):
        if reset:
            tracker.reset_state()
        for x, y in batches:
            step(x, y)
            said.append(float(tracker.result()))
    return model, said


# --8<-- [end:loop]


# --8<-- [start:equal]
def apart(a, b):
    pairs = zip(a.get_weights(), b.get_weights(), strict=True)
    return max(float(np.abs(v - w).max()) for v, w in pairs)


for name, (model, losses) in [
    ("自己的 train_step", by_fit(OwnStep)),
    ("自己的循环", by_hand()),
]:
    gap = np.abs(np.subtract(losses, said)).max()
    print(f"{name}：{len(losses)} 步的损失最多差 {gap:g}", end="，")
    print(f"权重最多差 {apart(model, fitted):g}")
# --8<-- [end:equal]


# --8<-- [start:forgotten]
for name, forgets in [
    ("忘了 model.losses", {"penalty": False}),
    ("忘了 training=True", {"training": False}),
    ("忘了 reset_state", {"reset": False}),
]:
    model, losses = by_hand(**forgets)
    print(f"{name}：两轮的损失 {losses[37]:.3f} 与 {losses[75]:.3f}", end="，")
    print(f"权重最多差 {apart(model, fitted):.2f}")
# --8<-- [end:forgotten]
