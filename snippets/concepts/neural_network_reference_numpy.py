# --8<-- [start:reference]
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

images, labels = load_digits(return_X_y=True)
images = images / 16
order = np.random.default_rng(0).permutation(len(images))
train, test = order[:1500], order[1500:]


def accuracy(model):
    return model.fit(images[train], labels[train]).score(images[test], labels[test])


settings = {"hidden_layer_sizes": (32, 16), "max_iter": 500}  # Adam，其余取默认值
scores = [accuracy(MLPClassifier(**settings, random_state=seed)) for seed in range(3)]
print(f"MLPClassifier，三个种子：测试准确率 {min(scores):.2f} 到 {max(scores):.2f}")
linear = accuracy(LogisticRegression(max_iter=1000))
print(f"逻辑回归，没有隐藏层：测试准确率 {linear:.2f}")
# --8<-- [end:reference]
