# --8<-- [start:import]
import re

import keras
import numpy as np
from keras import layers


def said(error, words):
    """报错的类型，与报错里从 words 起的那一行"""
    text = re.sub(r"\x1b\[\d+m", "", str(error))  # 去掉加粗的记号
    found = re.search(re.escape(words) + ".*", text)
    line = found[0] if found else text.splitlines()[-1]  # 显卡上措辞会不同
    return f"{type(error).__name__}: {line.split(' [Op:')[0]}"  # 去掉运算名


x = np.array([[1.0, 2, 3], [4, 5, 6]], "float32")
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
doubled = keras.models.load_model("double.keras", custom_objects=names)
print("修好：", doubled(x).numpy()[0].tolist())
# --8<-- [end:custom-layer]


# --8<-- [start:load-weights]
def classifier(classes):
    last = layers.Dense(classes)
    return keras.Sequential([keras.Input((3,)), layers.Dense(4), last])


old, new = classifier(10), classifier(2)
old.save_weights("old.weights.h5")
try:
    new.load_weights("old.weights.h5")
except ValueError as e:
    print(said(e, "A total").split(". ")[0])
    print(said(e, "variable.shape").split(". ")[0])
new = classifier(2)  # 报错以前，第 1 层已经读进去了，所以重新造
before = [part.get_weights()[0] for part in new.layers]
new.load_weights("old.weights.h5", skip_mismatch=True)
for place, (part, was) in enumerate(zip(new.layers, before, strict=True), 1):
    changed = not np.array_equal(part.get_weights()[0], was)
    print(f"第 {place} 层读进去了：{changed}")
# --8<-- [end:load-weights]
