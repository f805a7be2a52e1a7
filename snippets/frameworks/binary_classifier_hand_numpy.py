# --8<-- [start:standardise]
import numpy as np
from scipy.special import expit
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

x = np.array([[10, 13], [10, 21], [14, 19], [14, 27]])  # 半径、纹理
y = np.array([0, 0, 1, 1])  # 甲、乙良性，丙、丁恶性
mean, scale = x.mean(axis=0), x.std(axis=0)  # 每个特征一个
z = (x - mean) / scale  # (4, 2)
print("均值：半径 {:g}，纹理 {:g}".format(*mean))
print("标准差：半径 {:g}，纹理 {:g}".format(*scale))
for name, row in zip("甲乙丙丁", z, strict=True):
    print(f"{name}：{row[0]:g}，{row[1]:g}")
# --8<-- [end:standardise]


# --8<-- [start:loss]
def forward(w, b):
    s = z @ w + b  # logit，(4,)
    p = 1 / (1 + np.exp(-s))  # 恶性的概率，(4,)
    loss = -np.log(np.where(y == 1, p, 1 - p))  # (4,)
    return s, p, loss


def show(s, p, loss):
    for name, *row in zip("甲乙丙丁", s, p, loss, strict=True):
        print("{}：logit {:.3f}，概率 {:.3f}，损失 {:.3f}".format(name, *row))
    print(f"平均损失 {loss.mean():.3f}，判对 {np.sum((s >= 0) == y)} 例")


w, b = np.array([0.0, 1.0]), 0.0
s, p, loss = forward(w, b)
show(s, p, loss)
# --8<-- [end:loss]


# --8<-- [start:step]
error = p - y  # 损失对 logit 的导数，(4,)
grad_w = z.T @ error / 4  # (2,)
grad_b = error.mean()
print("误差：" + "，".join(f"{e:.3f}" for e in error))
print("权重的梯度：{:.3f}，{:.3f}".format(*grad_w))

w1, b1 = w - 1.0 * grad_w, b - 1.0 * grad_b  # 学习率 1
print("走一步之后的权重：{:.3f}，{:.3f}".format(*w1))
show(*forward(w1, b1))
# --8<-- [end:step]


# --8<-- [start:library]
same_z = np.allclose(StandardScaler().fit_transform(x), z)
same_p = np.allclose(expit(s), p)
same_loss = np.isclose(log_loss(y, p), loss.mean())
print("标准化、概率、损失与 scikit-learn、SciPy 相同：", end=" ")
print(same_z and same_p and same_loss)
# --8<-- [end:library]
