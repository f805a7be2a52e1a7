# --8<-- [start:task]
import tensorflow as tf
from sklearn.datasets import load_digits

images, labels = load_digits(return_X_y=True)
images = images / 16  # float64，(1797, 64)


def batches():
    samples = tf.data.Dataset.from_tensor_slices((images, labels))
    return samples.shuffle(1797, seed=0).batch(50).repeat()


class Classifier(tf.Module):
    """一层：64 → 10；速度与步数也是它的变量。"""

    def __init__(self):
        super().__init__()
        self.w = tf.Variable(tf.zeros([64, 10], tf.float64))
        self.velocity = tf.Variable(tf.zeros_like(self.w))
        self.steps = tf.Variable(0)

    @tf.function(input_signature=[tf.TensorSpec([None, 64], tf.float64)])
    def logits(self, x):
        return x @ self.w


# --8<-- [end:task]


# --8<-- [start:advance]
def step(model, x, y):
    with tf.GradientTape() as tape:
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits
        value = tf.reduce_mean(loss(labels=y, logits=model.logits(x)))
    g = tape.gradient(value, model.w)
    model.velocity.assign(0.9 * model.velocity + g)
    model.w.assign_sub(0.1 * model.velocity)
    model.steps.assign_add(1)


def advance(model, iterator, steps, step=step):
    for _ in range(steps):
        step(model, *next(iterator))
    return model


def apart(a, b):
    return float(tf.reduce_max(tf.abs(a.w - b.w)))


through = advance(Classifier(), iter(batches()), 60)  # 一口气 60 步
graph = advance(Classifier(), iter(batches()), 60, tf.function(step))
print(f"60 步，图与即时执行相差不到 1e-10：{apart(graph, through) < 1e-10}")
# --8<-- [end:advance]


# --8<-- [start:save]
model, iterator = Classifier(), iter(batches())
advance(model, iterator, 30)  # 走到一半
everything = tf.train.Checkpoint(model=model, iterator=iterator)
saved = everything.save("half/all")  # 变量，还有数据读到了哪里
only_w = tf.train.Checkpoint(w=model.w).save("half/w")
names = [n for n, _ in tf.train.list_variables(saved) if "model" in n]
print("\n".join(name.partition("/.")[0] for name in names))
# --8<-- [end:save]


# --8<-- [start:restore]
def resume(path, names, skip=0):
    """新的模型、新的数据，取回 path 里的，再走 30 步。"""
    model, iterator = Classifier(), iter(batches())
    for _ in range(skip):
        next(iterator)
    known = {"model": model, "iterator": iterator, "w": model.w}
    chosen = {name: known[name] for name in names}
    tf.train.Checkpoint(**chosen).restore(path).expect_partial()
    return advance(model, iterator, 30)


whole = resume(saved, ["model", "iterator"])
print(f"全部取回：{whole.steps.numpy()} 步，相差 {apart(whole, through)}")
restarted = resume(saved, ["model"])
print(f"数据从头读：相差 {apart(restarted, through):.3f}")
no_velocity = resume(only_w, ["w"], skip=30)
print(f"只有权重，速度归零：相差 {apart(no_velocity, through):.3f}")
# --8<-- [end:restore]


# --8<-- [start:strict]
class Renamed(tf.Module):
    def __init__(self):
        super().__init__()
        self.weight = tf.Variable(tf.zeros([64, 10], tf.float64))


renamed = Renamed()  # 属性名换了：w 变成 weight
status = tf.train.Checkpoint(model=renamed).restore(saved)
found = bool(tf.reduce_any(renamed.weight != 0))
print(f"没有报错，取回了权重：{found}")
try:
    status.assert_existing_objects_matched()
except AssertionError as error:
    print(f"检查之后：{type(error).__name__}")
# --8<-- [end:strict]


# --8<-- [start:export]
tf.saved_model.save(through, "digits")
loaded = tf.saved_model.load("digits")  # 不需要 Classifier 这个类
x = tf.constant(images[:5])
same = tf.reduce_all(loaded.logits(x) == through.logits(x))
print(f"是 Classifier：{isinstance(loaded, Classifier)}，输出相同：{bool(same)}")
try:
    loaded.logits(tf.zeros([5, 63], tf.float64))
except (TypeError, ValueError) as error:
    print(f"形状不合签名：{type(error).__name__}")
# --8<-- [end:export]
