# --8<-- [start:scores]
import keras
import numpy as np
from keras import ops

labels = np.array([[0, 0, 1, 255]])  # (批, 像素)；255 是说不准
scores = np.array(  # 得分（logit），(批, 像素, 类)
    [[[2.0, 0.0], [1.0, 0.0], [1.0, 2.0], [0.0, 3.0]]], dtype="float32"
)
# --8<-- [end:scores]


# --8<-- [start:entropy]
entropy = keras.losses.SparseCategoricalCrossentropy
loss = entropy(from_logits=True, ignore_class=255)(labels, scores)
by_hand = entropy(from_logits=True)(labels[:, :3], scores[:, :3])
print(f"交叉熵，略过 255：{loss:.4f}，只留前三个像素：{by_hand:.4f}")
# --8<-- [end:entropy]


# --8<-- [start:dice]
dice_loss = keras.losses.Dice(axis=(0, 1))  # 各类分别算，再平均
valid = (labels != 255)[..., None].astype("float32")  # (批, 像素, 1)
one_hot = ops.one_hot(np.where(labels == 255, 0, labels), 2)
p = ops.softmax(scores)
ways = {
    "什么也不做": (p, one_hot),
    "得分置 0": (ops.softmax(scores * valid), one_hot),
    "只盖住概率": (p * valid, one_hot),
    "两边都盖住": (p * valid, one_hot * valid),
    "只留前三个像素": (p[:, :3], one_hot[:, :3]),
}
for name, (given, target) in ways.items():
    print(f"Dice 损失，{name}：{dice_loss(target, given):.4f}")
# --8<-- [end:dice]


# --8<-- [start:keras-iou]
truth, predicted = np.array([0, 0, 1, 255]), np.array([0, 1, 1, 1])
metric = keras.metrics.MeanIoU(num_classes=2, ignore_class=255)
metric.update_state(truth, predicted)
print(f"MeanIoU，略过 255：{metric.result():.4f}")
absent = keras.metrics.MeanIoU(num_classes=5)  # 2、3、4 类哪里都没有
absent.update_state([0, 0, 1, 1], [0, 1, 1, 1])
print(f"多出三个没有出现的类：{absent.result():.4f}")
# --8<-- [end:keras-iou]


# --8<-- [start:keras-probabilities]
truth, p = np.array([0, 0, 1]), np.array([0.1, 0.2, 0.9])  # 二分类的概率
careless = keras.metrics.MeanIoU(num_classes=2)
careless.update_state(truth, p)  # 0.9 被截成整数 0
right = keras.metrics.BinaryIoU(threshold=0.5)
right.update_state(truth, p)
print(f"MeanIoU 直接收概率：{careless.result():.4f}，", end="")
print(f"BinaryIoU：{right.result():.4f}")
# --8<-- [end:keras-probabilities]
