# --8<-- [start:compare]
import tensorflow as tf

predicted = tf.constant([0, 1, 1, 1])  # (4,)
target = tf.constant([[0], [1], [0], [0]])  # (4, 1)


def total(mask):
    return int(tf.math.count_nonzero(mask))


equal = predicted == target  # (4,) 对 (4, 1)：广播成 (4, 4)
print("比较的形状：", tuple(equal.shape), "真值个数：", total(equal))
print("「准确率」：", 100 * total(equal) / len(target))
# --8<-- [end:compare]

# --8<-- [start:count]
# 4×4 里真值的个数只取决于两边各有几个 0、几个 1
pairs = sum(total(predicted == k) * total(target == k) for k in (0, 1))
print("按类相乘再相加：", pairs)
shuffled = tf.gather(predicted, [3, 0, 1, 2])
print("打乱预测后：", 100 * total(shuffled == target) / len(target))
# --8<-- [end:count]


# --8<-- [start:mend]
def accuracy(predicted, target):
    if predicted.shape != target.shape:
        raise ValueError("预测与目标的形状不同")
    return 100 * total(predicted == target) / len(target)


try:
    accuracy(predicted, target)
except ValueError as error:
    print("ValueError:", error)
print("准确率：", accuracy(predicted, tf.reshape(target, [-1])))
print("打乱预测后：", accuracy(shuffled, tf.reshape(target, [-1])))
# --8<-- [end:mend]
