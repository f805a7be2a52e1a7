# --8<-- [start:cosine]
import keras
import tensorflow as tf

warmup, total = 4, 20
schedule = keras.optimizers.schedules.CosineDecay(
    initial_learning_rate=0.0,
    warmup_target=0.1,
    warmup_steps=warmup,
    decay_steps=total - warmup,
)
for k in [1, 2, 4, 8, 12, 16, 18, 20]:
    print(f"第 {k} 步：余弦 {float(schedule(k)):.4f}")
# --8<-- [end:cosine]

# --8<-- [start:first]
w = keras.Variable([1.0])
optimizer = keras.optimizers.SGD(learning_rate=schedule)
for k in range(1, 4):
    before = float(w[0])
    optimizer.apply([tf.constant([1.0])], [w])
    print(f"第 {k} 次更新走了 {before - float(w[0]):.4f}")
# --8<-- [end:first]

# --8<-- [start:accumulate-mean]
w = keras.Variable([0.0])
optimizer = keras.optimizers.SGD(
    learning_rate=0.1,
    gradient_accumulation_steps=4,
)
for k, g in enumerate([1.0, 2.0, 3.0, 6.0], start=1):
    optimizer.apply([tf.constant([g])], [w])
    print(f"第 {k} 小批之后：{float(w[0]):.3f}")
# --8<-- [end:accumulate-mean]

# --8<-- [start:clip-norms]
gradients = [tf.constant([3.0, 4.0]), tf.constant([12.0])]
for name, optimizer in [
    ("global_clipnorm", keras.optimizers.SGD(1.0, global_clipnorm=1.0)),
    ("clipnorm", keras.optimizers.SGD(1.0, clipnorm=1.0)),
]:
    params = [keras.Variable([0.0, 0.0]), keras.Variable([0.0])]
    optimizer.apply(gradients, params)
    moved = [round(-float(x), 4) for p in params for x in p.numpy()]
    print(f"{name}=1：走了", *moved)
# --8<-- [end:clip-norms]
