# --8<-- [start:hand]
import keras
import numpy as np
from keras import layers

x = y = np.ones((2, 1), "float32")  # 两批，每批一行
dense = layers.Dense(1, use_bias=False, kernel_initializer="zeros")
model = keras.Sequential([keras.Input((1,)), dense])  # 预测是 w·x
model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.25), loss="mse")


class Say(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        w = float(self.model.get_weights()[0][0, 0])
        print(f"第 {batch + 1} 批之后：w = {w:g}，平均损失 {logs['loss']:g}")


past = model.fit(x, y, batch_size=1, shuffle=False, callbacks=[Say()], verbose=0)
print(f"fit 说 {past.history['loss'][0]:g}", end="，")
print(f"随后 evaluate {model.evaluate(x, y, verbose=0):g}")
# --8<-- [end:hand]
