# --8<-- [start:import]
import re

import keras
import numpy as np
from keras import layers


def said(error, words):
    """报错的类型，与报错里从 words 起的那一行"""
    text = re.sub(r"\x1b\[\d+m", "", str(error))  # 去掉加粗的记号
    line = re.search(re.escape(words) + ".*", text)[0]
    return f"{type(error).__name__}: {line.split(' [Op:')[0]}"


x = np.full((2, 3), 3.0, "float32")
model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
# --8<-- [end:import]


# --8<-- [start:extension]
for save, path, words in (
    (model.save, "model", "Invalid"),
    (model.save_weights, "model.h5", "The filename"),
):
    try:
        save(path)
    except ValueError as e:
        print(said(e, words).split(". ")[0])
model.save("model.keras")
again = keras.models.load_model("model.keras")
print("修好，读回的输出相等：", np.array_equal(again(x), model(x)))
# --8<-- [end:extension]


# --8<-- [start:legacy]
model.export("folder", verbose=False)  # 写出 SavedModel，一个文件夹
for path in ("folder", "typo.keras"):
    try:
        keras.models.load_model(path)
    except ValueError as e:
        print(said(e, "File").split(". ")[0])
layer = layers.TFSMLayer("folder", call_endpoint="serve")
print("修好，输出相等：", np.allclose(layer(x), model(x), atol=1e-6))
# --8<-- [end:legacy]


# --8<-- [start:custom-layer]
class Scale(layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return self.factor * x


double = keras.Sequential([keras.Input((3,)), Scale(2.0)])
double.save("double.keras")
try:
    keras.models.load_model("double.keras")
except TypeError as e:
    for words in ("could not be deserialized", "Could not locate"):
        print(said(e, words).split(". ")[0])
names = {"Scale": Scale}
again = keras.models.load_model("double.keras", custom_objects=names)
print("修好：", again(x).numpy()[0].tolist())
# --8<-- [end:custom-layer]


# --8<-- [start:load-weights]
def classifier(classes):
    return keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.Dense(classes)])


old, new = classifier(10), classifier(2)
old.save_weights("old.weights.h5")
try:
    new.load_weights("old.weights.h5")
except ValueError as e:
    print(said(e, "A total").split(". ")[0])
    print(said(e, "variable.shape").split(". ")[0])
new.load_weights("old.weights.h5", skip_mismatch=True)
for place, (a, b) in enumerate(zip(old.layers, new.layers, strict=True)):
    same = np.array_equal(a.get_weights()[0], b.get_weights()[0])
    print(f"第 {place + 1} 层读进去了：{same}")
# --8<-- [end:load-weights]
