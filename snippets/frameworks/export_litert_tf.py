# --8<-- [start:model]
import contextlib
import io

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from keras import layers
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

rows, labels = load_breast_cancer(return_X_y=True)
parts = train_test_split(rows, labels[:, None], random_state=0, stratify=labels)
raw_x, test_x, train_y, test_y = parts
mean, std = raw_x.mean(0), raw_x.std(0)
train_x, test_x = (raw_x - mean) / std, np.float32((test_x - mean) / std)


def build(dtype):
    hidden = [layers.Dense(64, activation="relu", dtype=dtype) for _ in range(2)]
    last = layers.Dense(1, activation="sigmoid", dtype=dtype)
    return keras.Sequential([keras.Input((30,), dtype=dtype), *hidden, last])


# --8<-- [end:model]

# --8<-- [start:train]
keras.utils.set_random_seed(0)
wide = build("float64")  # 用 float64 训练，各台机器的结果才一样
wide.compile(keras.optimizers.AdamW(0.003), "binary_crossentropy")
wide.fit(train_x, train_y, epochs=20, batch_size=64, verbose=0)
model = build("float32")
model.set_weights(wide.get_weights())
eager = model(test_x).numpy()
print(f"参数 {model.count_params()} 个，float32 共 {4 * model.count_params()} 字节")
# --8<-- [end:train]


# --8<-- [start:float]
def convert(easy=False, samples=None):
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if easy or samples is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if samples is not None:  # 让这些输入走一遍，定出每个中间结果的区间
        samples = np.float32(samples)
        converter.representative_dataset = lambda: ([row[None]] for row in samples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    with contextlib.redirect_stdout(io.StringIO()):  # 转换时的说明不要
        return converter.convert()


# --8<-- [end:float]


# --8<-- [start:run]
def load(content):
    reader = Interpreter(model_content=content)
    reader.allocate_tensors()
    return reader, reader.get_input_details()[0], reader.get_output_details()[0]


def predict(content, rows):
    reader, entry, exit = load(content)
    (s_x, z_x), (s_p, z_p) = entry["quantization"], exit["quantization"]
    if s_x:  # 输入是 int8 的文件；浮点的文件里 s 记作 0
        rows = np.clip(np.rint(rows / s_x) + z_x, -128, 127).astype(np.int8)
    results = []
    for row in rows:
        reader.set_tensor(entry["index"], row[None])
        reader.invoke()
        results.append(reader.get_tensor(exit["index"]))
    p = np.concatenate(results)
    return s_p * (p.astype(np.float32) - z_p) if s_p else p


# --8<-- [end:run]

# --8<-- [start:compare]
plain = convert()
_, entry, _ = load(plain)
print("输入", entry["shape"].tolist(), entry["dtype"].__name__)
gap = np.abs(predict(plain, test_x) - eager).max()
print(f"浮点文件，{len(test_x)} 例，与 Keras 的差不超过 1e-6：{gap <= 1e-6}")
# --8<-- [end:compare]

# --8<-- [start:int8]
full = convert(samples=train_x)
reader, entry, exit = load(full)
for name, part in [("输入", entry), ("输出", exit)]:
    s, z = part["quantization"]
    print(f"{name} {part['dtype'].__name__}，s = {s:.4g}，z = {z}")
k = np.abs(eager - 0.8).argmin()  # 取概率最接近 0.8 的一例
row = np.rint(test_x[k : k + 1] / entry["quantization"][0])
row = np.clip(row + entry["quantization"][1], -128, 127).astype(np.int8)
reader.set_tensor(entry["index"], row)
reader.invoke()
q = int(reader.get_tensor(exit["index"])[0, 0])
print(f"得到整数 {q}，概率 s × ({q} - ({z})) = {s * (q - z):.2f}")
print(f"Keras 的概率 {eager[k, 0]:.2f}")
# --8<-- [end:int8]


# --8<-- [start:cost]
def report(name, content):
    p = predict(content, test_x)
    right = int(((p > 0.5) == (test_y > 0.5)).sum())
    flips = int(((p > 0.5) != (eager > 0.5)).sum())
    share, change = len(content) / len(plain), np.abs(p - eager).max()
    print(f"{name}：大小 {share:.2f}，答对 {right}，改判 {flips}，最多变 {change:.2f}")


report("浮点", plain)
report("权重 int8，中间结果存浮点", convert(easy=True))
report("全部 int8", full)
# --8<-- [end:cost]

# --8<-- [start:range]
report("样例缩小到十分之一", convert(samples=train_x / 10))
report("样例没有标准化", convert(samples=raw_x))
# --8<-- [end:range]
