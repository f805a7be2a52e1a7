# --8<-- [start:zip]
import json
import zipfile

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
x = rng.normal(size=(256, 8)).astype("float32")
y = rng.normal(size=(256, 1)).astype("float32")
model = keras.Sequential(
    [keras.Input((8,)), layers.Dense(10, activation="relu"), layers.Dense(1)]
)
model.compile(optimizer="adam", loss="mse")
model.fit(x, y, epochs=1, shuffle=False, verbose=0)  # 256 / 32 = 8 步
model.save("model.keras")

with zipfile.ZipFile("model.keras") as archive:
    print("包里的文件：", "、".join(sorted(archive.namelist())))
    config = json.loads(archive.read("config.json"))
print("结构：", [layer["class_name"] for layer in config["config"]["layers"]])
compiled = config["compile_config"]
print("编译：", compiled["optimizer"]["class_name"], compiled["loss"])
# --8<-- [end:zip]


# --8<-- [start:resume]
def gap(a, b):
    pairs = zip(a.get_weights(), b.get_weights(), strict=True)
    return max(float(np.abs(v - w).max()) for v, w in pairs)


whole = keras.models.load_model("model.keras")
model.save_weights("model.weights.h5")
weights = keras.models.clone_model(model)  # 同样的结构，新抽的权重
weights.load_weights("model.weights.h5")  # 还没有优化器，跳过它的状态
weights.compile(optimizer="adam", loss="mse")  # 新的优化器，从零开始
for name, loaded in [("整个模型", whole), ("只有权重", weights)]:
    step = int(loaded.optimizer.iterations)
    print(f"{name}：权重最大差 {gap(model, loaded):g}，优化器在第 {step} 步")

for each in [model, whole, weights]:
    each.fit(x, y, epochs=1, shuffle=False, verbose=0)  # 都接着练一轮
print(f"再练一轮，载入整个模型的：权重最大差 {gap(model, whole):g}")
print("再练一轮，只载入权重的：与不中断的相同", gap(model, weights) == 0)
# --8<-- [end:resume]


# --8<-- [start:custom]
class Square(layers.Layer):
    def call(self, x):
        return ops.square(x)


custom = keras.Sequential([keras.Input((8,)), Square(), layers.Dense(1)])
custom.save("custom.keras")
try:
    keras.models.load_model("custom.keras")
except TypeError as error:
    why = str(error).rpartition("Exception encountered: ")[2]  # 真正的原因在末尾
    print("TypeError:", why.partition(". ")[0])

loaded = keras.models.load_model("custom.keras", custom_objects={"Square": Square})
print(f"给了 custom_objects：读得回，权重最大差 {gap(custom, loaded):g}")
keras.saving.register_keras_serializable(package="book")(Square)
custom.save("custom.keras")
print("登记为", keras.saving.get_registered_name(Square), end="，")
print("不给也读得回：", gap(custom, keras.models.load_model("custom.keras")) == 0)
# --8<-- [end:custom]


# --8<-- [start:lambda]
double = keras.Sequential([keras.Input((8,)), layers.Lambda(lambda x: 2 * x)])
double.save("lambda.keras")
try:
    keras.models.load_model("lambda.keras")
except ValueError as error:
    print("ValueError:", str(error).partition(". ")[0])
trusted = keras.models.load_model("lambda.keras", safe_mode=False)
print("信得过才用 safe_mode=False，输出相同：", end="")
print(bool(ops.all(trusted(x) == 2 * x)))
# --8<-- [end:lambda]


# --8<-- [start:export]
model.export("serving", verbose=False)  # TensorFlow 的 SavedModel：一个文件夹
served = tf.saved_model.load("serving")  # 不需要 Keras，也不需要原来的类
same = bool(ops.all(served.serve(x) == model(x)))
print("SavedModel 的输出与原模型相同：", same)
try:
    keras.models.load_model("serving")
except ValueError as error:
    print("ValueError:", str(error).partition(":")[0])
layer = layers.TFSMLayer("serving", call_endpoint="serve")
print("包成 TFSMLayer 再用，输出相同：", bool(ops.all(layer(x) == model(x))))
# --8<-- [end:export]
