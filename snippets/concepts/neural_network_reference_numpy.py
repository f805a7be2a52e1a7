# --8<-- [start:reference]
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

x, y = load_digits(return_X_y=True)
train, test = np.split(np.random.default_rng(0).permutation(len(x)), [1500])


def right(model):
    """训练，再数认对了几张测试图。"""
    model.fit(x[train] / 16, y[train])
    return (model.predict(x[test] / 16) == y[test]).sum()


mlps = [MLPClassifier((32, 16), max_iter=500, random_state=n) for n in range(3)]
counts = [right(mlp) for mlp in mlps]
print(f"MLPClassifier，三个种子：对 {min(counts)} 到 {max(counts)} 张")
linear = right(LogisticRegression(max_iter=1000))
print(f"逻辑回归，没有隐藏层：对 {linear} 张")
# --8<-- [end:reference]
