# --8<-- [start:file]
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

ONE_FILE = '''
import keras
import numpy as np
from keras import layers, ops


class Attention(layers.Layer):
    """一个头的自注意力，只用 keras.ops。"""

    def build(self, shape):
        d = shape[-1]
        self.w = self.add_weight(shape=(3, d, d), name="w")  # q、k、v

    def call(self, x):  # (batch, n, d)
        q = ops.matmul(x, self.w[0])  # (batch, n, d)
        k = ops.matmul(x, self.w[1])
        v = ops.matmul(x, self.w[2])
        scores = ops.matmul(q, ops.swapaxes(k, 1, 2)) / x.shape[-1] ** 0.5
        return ops.matmul(ops.softmax(scores), v)


keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((4, 8)), Attention(), layers.Dense(1)])
drawn = model.get_weights()  # 由种子抽出
x = np.load("x.npy")
with np.load("weights.npz") as saved:
    model.set_weights([saved[name] for name in saved.files])
out = ops.convert_to_numpy(model(x))
np.savez(keras.backend.backend(), out=out, drawn=drawn[0])
print(type(model(x)).__module__.split(".")[0], out.shape)
'''
Path("one_file.py").write_text(ONE_FILE, encoding="utf-8")
# --8<-- [end:file]


# --8<-- [start:weights]
rng = np.random.default_rng(0)
np.save("x.npy", rng.normal(size=(2, 4, 8)).astype("float32"))
shapes = [(3, 8, 8), (8, 1), (1,)]
np.savez("weights.npz", *[rng.normal(size=s).astype("float32") for s in shapes])
# --8<-- [end:weights]


# --8<-- [start:run]
def run(backend, file="one_file.py"):
    """后端由环境变量选定，必须在 import keras 之前：所以另起一个进程。"""
    return subprocess.run(
        [sys.executable, file],
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        encoding="utf-8",
        errors="replace",  # Windows 的报错里可能有别的编码
    )


backends = ["tensorflow", "torch"]
for backend in backends:
    ran = run(backend)
    said = ran.stdout.strip() or ran.stderr  # 没有输出就看报错
    print(f"KERAS_BACKEND={backend}：输出是", said)
# --8<-- [end:run]


# --8<-- [start:compare]
tf_run, torch_run = (np.load(f"{backend}.npz") for backend in backends)
gap = np.abs(tf_run["out"] - torch_run["out"]).max()
print("同样的权重，输出相差不到 1e-5：", bool(gap < 1e-5))
gap = np.abs(tf_run["drawn"] - torch_run["drawn"]).max()
print(f"同样的种子，抽出的权重最多差 {gap:.2f}")
# --8<-- [end:compare]


# --8<-- [start:bound]
BOUND = ONE_FILE.replace("ops.softmax(scores)", "tf.nn.softmax(scores)")
Path("bound.py").write_text("import tensorflow as tf\n" + BOUND, encoding="utf-8")
for backend in backends:
    ran = run(backend, "bound.py")
    print(f"层里用了 tf.nn.softmax，{backend}：", end="")
    print("通过" if ran.returncode == 0 else "失败")
# --8<-- [end:bound]
