# --8<-- [start:keras]
import contextlib
import io
import os
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

print("默认即时执行：", tf.executing_eagerly())
print("tf.keras 就是 Keras 3：", tf.keras.Model is keras.Model, end="；")
print("主版本", keras.__version__.split(".")[0])
print("Keras 的后端：", keras.backend.backend())
# --8<-- [end:keras]

# --8<-- [start:lite]
model = keras.Sequential([keras.Input(shape=(8,)), keras.layers.Dense(1)])
with contextlib.redirect_stdout(io.StringIO()):  # 转换器的进度也写到标准输出
    flatbuffer = tf.lite.TFLiteConverter.from_keras_model(model).convert()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    tf.lite.Interpreter(model_content=flatbuffer)
print(caught[0].category.__name__ + ":")
print(*(line.strip() for line in str(caught[0].message).split("\n")[:2]), sep="\n")
# --8<-- [end:lite]
