# --8<-- [start:sequential]
import keras
import numpy as np
from keras import layers, ops

sequential = keras.Sequential(
    [
        keras.Input(shape=(8,)),
        layers.Dense(10, activation="relu"),  # W: (8, 10)，b: (10,)
        layers.Dense(1),  # W: (10, 1)，b: (1,)，输出 logit
    ]
)
for weight in sequential.weights:
    print(f"{weight.path.split('/', 1)[1]}：{weight.shape}")
print("参数共", sequential.count_params(), "个")
# --8<-- [end:sequential]


# --8<-- [start:functional]
x = keras.Input(shape=(8,))  # 没有数的占位张量，只有形状与类型
hidden = layers.Dense(10, activation="relu", name="hidden")(x)
logit = layers.Dense(1, name="logit")(hidden)
functional = keras.Model(inputs=x, outputs=logit)

# 图是明摆着的数据：取出中间一层，不必改模型
features = keras.Model(functional.input, hidden)
print("占位张量：", x.shape, "→", hidden.shape, "→", logit.shape)
print("中间一层的输出：", features(np.ones((4, 8))).shape)
# --8<-- [end:functional]


# --8<-- [start:subclass]
class Net(keras.Model):
    """同一个网络：层在 __init__ 里造，用在 call 里。"""

    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(10, activation="relu")
        self.logit = layers.Dense(1)

    def call(self, x):  # (batch, 8) -> (batch, 1)
        return self.logit(self.hidden(x))


subclass = Net()
print("第一次调用之前的权重：", len(subclass.weights), "个")
subclass(np.ones((1, 8)))  # 看到输入才知道 W 的形状
print("第一次调用之后的权重：", len(subclass.weights), "个")
# --8<-- [end:subclass]


# --8<-- [start:same]
rows = np.random.default_rng(0).normal(size=(5, 8))
expected = sequential(rows)
for name, model in [("函数式", functional), ("子类", subclass)]:
    model.set_weights(sequential.get_weights())
    gap = float(ops.max(ops.abs(model(rows) - expected)))
    print(f"{name}，抄了权重：参数 {model.count_params()}，最大差 {gap:g}")

for name, model in [("Sequential", sequential), ("子类", subclass)]:
    print(f"{name} 的 get_config 里有各层：{'layers' in model.get_config()}")
# --8<-- [end:same]


# --8<-- [start:layer]
class RMSNorm(layers.Layer):
    """每一行除以自己的均方根，再乘可学的 gamma。"""

    def __init__(self, epsilon=1e-6, **kwargs):  # name、dtype 等交给基类
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):  # 第一次调用时由基类调用，只一次
        shape = (input_shape[-1],)
        self.gamma = self.add_weight(shape=shape, initializer="ones")

    def call(self, x):
        square = ops.mean(ops.square(x), axis=-1, keepdims=True)
        return x * ops.rsqrt(square + self.epsilon) * self.gamma

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):  # 存盘时记下怎样再造一个
        return super().get_config() | {"epsilon": self.epsilon}


# --8<-- [end:layer]


# --8<-- [start:library]
own, theirs = RMSNorm(), layers.RMSNormalization(epsilon=1e-6)
gap = float(ops.max(ops.abs(own(rows) - theirs(rows))))
print("与 keras.layers.RMSNormalization 相差不到 1e-6：", gap < 1e-6)
again = RMSNorm.from_config(RMSNorm(epsilon=0.5).get_config())
print("照配置再造一个，epsilon =", again.epsilon)
# --8<-- [end:library]


# --8<-- [start:tracked]
class Box:  # 一个普通的类，不是 keras.layers.Layer
    def __init__(self):
        self.inner = layers.Dense(2)


class Places(keras.Model):
    def __init__(self):
        super().__init__()
        self.listed = [layers.Dense(2)]
        self.named = {"a": [layers.Dense(2)]}
        self.box = Box()

    def call(self, x):  # 每个 Dense(2) 有 3 × 2 + 2 = 8 个参数
        fresh = layers.Dense(2)  # 每次调用都另造一层
        y = self.listed[0](x) + self.named["a"][0](x)
        return y + self.box.inner(x) + fresh(x)


places = Places()
places(np.ones((1, 3)))
print(f"用到 4 层、32 个参数，Keras 数到 {places.count_params()} 个")
# --8<-- [end:tracked]
