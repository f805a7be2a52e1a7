# --8<-- [start:keras-loss]
import keras
import numpy as np
import tensorflow as tf

y = np.array(
    [[[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.5, 0.1, 0.4], [0.6, 0.2, 0.2]]],
    dtype="float32",
)
scores = np.log(y)  # (N, T, C)；得分，不必先做 log_softmax


def loss(scores, target):
    """每段一个数，(N,)；target：(N, U)，没有填充。"""
    lengths = np.array([len(target[0])]), np.array([scores.shape[1]])
    return keras.ops.ctc_loss(np.array(target), scores, *lengths)[0]


print(f"「12」的损失 {loss(scores, [[1, 2]]):.4f}")
print(f"每帧的得分各加 5：{loss(scores + 5, [[1, 2]]):.4f}")
# --8<-- [end:keras-loss]


# --8<-- [start:padding]
padded = np.pad(scores, ((0, 0), (0, 2), (0, 0)))  # 补到 6 帧
exact = keras.ops.ctc_loss(np.array([[1, 2]]), padded, [2], [4])[0]
whole = keras.losses.CTC()(np.array([[1, 2]]), padded)
print(f"ops.ctc_loss 说明只有 4 帧：{exact:.4f}")
print(f"losses.CTC 把 6 帧都算进去：{whole:.4f}")
# --8<-- [end:padding]


# --8<-- [start:decode]
for strategy in ("greedy", "beam_search"):
    said, _ = keras.ops.ctc_decode(scores, [4], strategy=strategy)
    best = np.array(said[0][0])
    print(f"keras {strategy}：", best[best >= 0].tolist())
for blank in (0, None):
    choice = {} if blank is None else {"blank_index": blank}
    (said,), _ = tf.nn.ctc_greedy_decoder(scores.swapaxes(0, 1), [4], **choice)
    print(f"tf.nn，blank_index={blank}：", said.values.numpy().tolist())
# --8<-- [end:decode]
