# --8<-- [start:compare]
import numpy as np

predicted = np.array([0, 1, 1, 1])  # (4,)
target = np.array([[0], [1], [0], [0]])  # (4, 1)

equal = predicted == target  # (4,) 对 (4, 1)：广播成 (4, 4)
print("比较的形状：", tuple(equal.shape), "真值个数：", int(equal.sum()))
print("「准确率」：", 100 * int(equal.sum()) / len(target))
# --8<-- [end:compare]

# --8<-- [start:count]
# 4×4 里真值的个数只取决于两边各有几个 0、几个 1
pairs = sum(int((predicted == k).sum()) * int((target == k).sum()) for k in (0, 1))
print("按类相乘再相加：", pairs)
shuffled = predicted[[3, 0, 1, 2]]
print("打乱预测后：", 100 * int((shuffled == target).sum()) / len(target))
# --8<-- [end:count]


# --8<-- [start:mend]
def accuracy(predicted, target):
    if predicted.shape != target.shape:
        raise ValueError("预测与目标的形状不同")
    return 100 * int((predicted == target).sum()) / len(target)


try:
    accuracy(predicted, target)
except ValueError as error:
    print("ValueError:", error)
print("准确率：", accuracy(predicted, target.reshape(-1)))
print("打乱预测后：", accuracy(shuffled, target.reshape(-1)))
# --8<-- [end:mend]
