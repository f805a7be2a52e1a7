# --8<-- [start:exact]
import numpy as np
from scipy.integrate import quad
from scipy.stats import norm


def log_normal(value, mean, variance):
    distance = (value - mean) ** 2 / variance
    return -(np.log(2 * np.pi * variance) + distance) / 2


x = 2.0  # 看到的数。模型：z ~ N(0, 1)，x|z ~ N(z, 1)
log_p = log_normal(x, 0, 2)  # x = z + 噪声，方差相加
mean, variance = x / 2, 1 / 2  # 真后验 p(z|x)
print(f"对数似然 {log_p:.4f}")
print(f"真后验：均值 {mean:g}，方差 {variance:g}")
# --8<-- [end:exact]


# --8<-- [start:elbo]
def kl_to_prior(m, s2):
    """N(m, s2) 到 N(0, 1) 的 KL 散度。"""
    return (m**2 + s2 - 1 - np.log(s2)) / 2


def reconstruction(m, s2):
    """z ~ N(m, s2) 时 log p(x|z) 的期望。"""
    return log_normal(x, m, 1) - s2 / 2


choices = {"先验": (0, 1), "紧挨着 x": (2, 0.25), "真后验": (1, 0.5)}
for name, (m, s2) in choices.items():
    fit, kl = reconstruction(m, s2), kl_to_prior(m, s2)
    print(f"{name}：重构 {fit:.4f}，KL {kl:.4f}，", end="")
    print(f"ELBO {fit - kl:.4f}，差 {log_p - fit + kl:.4f}")
# --8<-- [end:elbo]

# --8<-- [start:gap]
z = np.linspace(-8, 8, 16001)  # 两头之外的面积小到看不见
log_posterior = log_normal(z, mean, variance)
for name, (m, s2) in choices.items():
    log_q = log_normal(z, m, s2)
    q = np.exp(log_q)
    to_posterior = np.trapezoid(q * (log_q - log_posterior), z)
    to_prior = np.trapezoid(q * (log_q - log_normal(z, 0, 1)), z)
    print(f"{name}：到真后验 {to_posterior:.4f}，到先验 {to_prior:.4f}")
# --8<-- [end:gap]


# --8<-- [start:reparam]
def gradients(m, s, d, count, rng):
    """ELBO 对第一维均值的梯度，每个样本估一次：三种估法。"""
    epsilon = rng.standard_normal((count, d))
    z = m + s * epsilon
    log_joint = log_normal(x, z, 1) + log_normal(z, 0, 1)
    value = (log_joint - log_normal(z, m, s**2)).sum(axis=1)
    score = value * (z[:, 0] - m) / s**2  # f(z) 乘 log q 的梯度
    less = (value - value.mean()) * (z[:, 0] - m) / s**2
    path = (x - z[:, 0]) - z[:, 0]  # 沿 z = m + s ε 求导
    return {"得分函数": score, "减去平均": less, "重参数化": path}


m, s = 0.0, 1.0  # 从先验出发；精确的梯度是 x - 2m = 2
for d in [1, 10, 100]:
    found = gradients(m, s, d, 40_000, np.random.default_rng(0))
    for name, g in found.items():
        print(f"{d} 维，{name}：平均 {g.mean():.1f}，", end="")
        print(f"标准差 {g.std():.0f}，方向错 {(g < 0).mean():.0%}")
# --8<-- [end:reparam]

# --8<-- [start:library]
area, _ = quad(lambda z: norm.pdf(x, z, 1) * norm.pdf(z), -9, 9)
print(f"数值积分的对数似然 {np.log(area):.4f}，本页 {log_p:.4f}")
# --8<-- [end:library]
