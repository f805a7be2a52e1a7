# --8<-- [start:reference]
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

x, y = load_digits(return_X_y=True)
train, test = np.split(np.random.default_rng(0).permutation(len(x)), [1500])


def accuracy(model):
    return model.fit(x[train] / 16, y[train]).score(x[test] / 16, y[test])


mlps = [MLPClassifier((32, 16), max_iter=500, random_state=n) for n in range(3)]
scores = [accuracy(mlp) for mlp in mlps]
print(f"MLPClassifier，三个种子：{min(scores):.2f} 到 {max(scores):.2f}")
linear = accuracy(LogisticRegression(max_iter=1000))
print(f"逻辑回归，没有隐藏层：{linear:.2f}")
# --8<-- [end:reference]
