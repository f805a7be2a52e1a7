# --8<-- [start:model]
import contextlib
import io
import pathlib
import zipfile

import keras
import numpy as np
import onnxruntime
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

rows, labels = load_breast_cancer(return_X_y=True)
rows, targets = np.float32(rows), np.float32(labels)[:, None]
train_x, test_x, train_y, test_y = train_test_split(
    rows, targets, test_size=0.2, random_state=0, stratify=labels
)
keras.utils.set_random_seed(0)
scale = layers.Normalization()
scale.adapt(train_x)  # 均值与方差成为模型里的数
hidden = [layers.Dense(16), layers.BatchNormalization(), layers.ReLU()]
last = [layers.Dropout(0.5), layers.Dense(1, activation="sigmoid")]
model = keras.Sequential([keras.Input((30,), name="x"), scale, *hidden, *last])
# --8<-- [end:model]

# --8<-- [start:train]
model.compile(keras.optimizers.AdamW(0.01), "binary_crossentropy")
model.fit(train_x, train_y, epochs=30, batch_size=64, verbose=0)
eager = model(test_x, training=False).numpy()
right = ((eager > 0.5) == (test_y > 0.5)).mean()
print(f"测试集 {len(test_x)} 例，准确率超过 0.9：{right > 0.9}")
# --8<-- [end:train]

# --8<-- [start:saved]
model.save("net.keras")
with zipfile.ZipFile("net.keras") as archive:
    print(".keras 里有：", "，".join(sorted(archive.namelist())))
model.export("net", verbose=False)
print("SavedModel 里有：")
for path in sorted(pathlib.Path("net").rglob("*.*")):
    print(f"　{path.relative_to('net').as_posix()}")
# --8<-- [end:saved]

# --8<-- [start:loaded]
loaded = tf.saved_model.load("net")  # 这一行不需要 Keras，也不需要模型的类
print("签名：", "，".join(loaded.signatures))
spec = loaded.signatures["serve"].structured_input_signature[1]
for name, t in spec.items():
    print(f"输入 {name}：{t.shape} {t.dtype.name}")
for n in (1, 7, 114):
    gap = np.abs(loaded.serve(test_x[:n]).numpy() - eager[:n]).max()
    print(f"{n} 行，与原模型的差不超过 1e-6：{gap <= 1e-6}")
print("还能 fit：", hasattr(loaded, "fit"))
# --8<-- [end:loaded]

# --8<-- [start:old]
try:
    keras.models.load_model("net")
except Exception as error:
    print(f"{type(error).__name__}：{str(error).partition('.')[0]}")
layer = keras.layers.TFSMLayer("net", call_endpoint="serve")
wrapped = keras.Sequential([keras.Input((30,)), layer])
gap = np.abs(wrapped(test_x).numpy() - eager).max()
print(f"TFSMLayer：差不超过 1e-6：{gap <= 1e-6}")
# --8<-- [end:old]


# --8<-- [start:onnx]
def to_onnx(model, path):
    with contextlib.redirect_stdout(io.StringIO()):
        model.export(path, format="onnx", verbose=False)
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


session = to_onnx(model, "net.onnx")
for entry in session.get_inputs():
    print("要的输入：", "/".join(entry.name.split("/")[-2:]), entry.shape[1:])
# --8<-- [end:onnx]

# --8<-- [start:rescaling]
mean, std = np.ravel(scale.mean), np.sqrt(np.ravel(scale.variance))
shift = layers.Rescaling((1 / std).tolist(), (-mean / std).tolist())
plain = keras.Sequential([keras.Input((30,), name="x"), shift, *hidden, *last])
plain(test_x)
session = to_onnx(plain, "plain.onnx")
print("要的输入：", [(entry.name, entry.shape[1:]) for entry in session.get_inputs()])
for n in (1, 7, 114):
    (p,) = session.run(None, {"x": test_x[:n]})
    print(f"{n} 行，差不超过 1e-5：{np.abs(p - eager[:n]).max() <= 1e-5}")
# --8<-- [end:rescaling]
