# --8<-- [start:data]
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

dataset = load_breast_cancer()
names = dataset.feature_names.tolist()
x = dataset.data  # (569, 30)
y = (dataset.target == 0).astype(int)  # 数据集里 0 是恶性；本页把恶性记为 1
print("数据集的类别 0、1：", *dataset.target_names)
print(f"恶性 {(y == 1).sum()} 例，良性 {(y == 0).sum()} 例")
# --8<-- [end:data]


# --8<-- [start:split]
rest, test = train_test_split(
    np.arange(len(y)), test_size=114, stratify=y, random_state=0
)
train, valid = train_test_split(rest, test_size=114, stratify=y[rest], random_state=0)
for part, rows in [("训练", train), ("验证", valid), ("测试", test)]:
    print(f"{part} {len(rows)} 例，恶性占 {y[rows].mean():.3f}")
print(f"基线：测试集全猜良性，准确率 {np.mean(y[test] == 0):.3f}，召回率 0")
# --8<-- [end:split]


# --8<-- [start:standardise]
mean = x[train].mean(axis=0)  # (30,)，只看训练集
scale = x[train].std(axis=0)  # (30,)，除以 n，不是 n - 1
z = (x - mean) / scale  # (569, 30)，三部分用同一组均值与标准差
for column in (3, 4):
    print(f"{names[column]}：均值 {mean[column]:.4f}，标准差 {scale[column]:.4f}")
# --8<-- [end:standardise]
