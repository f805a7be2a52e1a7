# --8<-- [start:schedule]
import numpy as np

# 第 t 步还剩多少原图，取开方正好的数，便于手算
alpha_bar = np.array([0.96, 0.8, 0.6, 0.28]) ** 2
alpha = alpha_bar / np.append(1, alpha_bar[:-1])  # 一步留下多少
beta = 1 - alpha  # 一步加的噪声的方差
for t in range(4):
    ratio = alpha_bar[t] / (1 - alpha_bar[t])
    print(f"第 {t + 1} 步：β {beta[t]:.4f}，α {alpha[t]:.4f}，", end="")
    print(f"累计 α {alpha_bar[t]:.4f}，", end="")
    print(f"噪声方差 {1 - alpha_bar[t]:.4f}，", end="")
    print(f"信噪比 {ratio:.4f}")
print(f"到第 3 步：β 连乘 {beta[:3].prod():.4f}，累计的噪声方差 {1 - alpha_bar[2]:.4f}")
# --8<-- [end:schedule]

# --8<-- [start:forward]
x_0, signal, variance = 1.0, 1.0, 0.0
for t in range(4):
    # x_t = √α x_{t−1} + √β ε：旧的噪声也跟着缩小
    signal = np.sqrt(alpha[t]) * signal
    variance = alpha[t] * variance + beta[t]
    print(f"走到第 {t + 1} 步：均值 {signal * x_0:.4f}，方差 {variance:.4f}")
a = alpha_bar[2]
eps = 0.5
x_t = np.sqrt(a) * x_0 + np.sqrt(1 - a) * eps
print(f"一步到第 3 步：均值 {np.sqrt(a) * x_0:.4f}，方差 {1 - a:.4f}")
print(f"ε = {eps} 时，x_3 = {x_t:.4f}")
# --8<-- [end:forward]


# --8<-- [start:predict]
def from_eps(x, eps, a):
    """由噪声求原图与 v。"""
    x_0 = (x - np.sqrt(1 - a) * eps) / np.sqrt(a)
    return x_0, np.sqrt(a) * eps - np.sqrt(1 - a) * x_0


def from_v(x, v, a):
    """由 v 求原图与噪声：x 与 v 转一个角度。"""
    x_0 = np.sqrt(a) * x - np.sqrt(1 - a) * v
    return x_0, np.sqrt(1 - a) * x + np.sqrt(a) * v


found, v = from_eps(x_t, eps, a)
print(f"由 ε：x_0 {found:.4f}，v {v:.4f}")
print("由 v：x_0 {:.4f}，ε {:.4f}".format(*from_v(x_t, v, a)))
# --8<-- [end:predict]


# --8<-- [start:ddim]
def ddim_step(x, eps, a, b):
    """从 ᾱ = a 走到噪声更小的 ᾱ = b，不加新的噪声。"""
    x_0, _ = from_eps(x, eps, a)
    return np.sqrt(b) * x_0 + np.sqrt(1 - b) * eps


a, b = alpha_bar[2], alpha_bar[1]
print(f"DDIM，第 3 步到第 2 步：{ddim_step(x_t, eps, a, b):.4f}")
print(f"DDIM，第 3 步到第 1 步：{ddim_step(x_t, eps, a, alpha_bar[0]):.4f}")
print(f"DDIM，第 3 步到原图：{ddim_step(x_t, eps, a, 1):.4f}")
# --8<-- [end:ddim]


# --8<-- [start:ddpm]
def ddpm_step(x, eps, a, b):
    """均值，与要重新加的噪声的标准差。"""
    x_0, _ = from_eps(x, eps, a)
    step = a / b  # 相邻两步之间就是 α_t
    mean = np.sqrt(b) * (1 - step) * x_0 + np.sqrt(step) * (1 - b) * x
    return mean / (1 - a), np.sqrt((1 - step) * (1 - b) / (1 - a))


mean, sigma = ddpm_step(x_t, eps, a, b)
paper = (x_t - beta[2] / np.sqrt(1 - a) * eps) / np.sqrt(alpha[2])
print(f"DDPM，第 3 步到第 2 步：均值 {mean:.5f}，标准差 {sigma:.5f}")
print(f"照论文的写法，均值 {paper:.5f}")
print(f"抽到 z = -1，x_2 = {mean - sigma:.4f}")
# --8<-- [end:ddpm]

# --8<-- [start:clip]
guess = 0.1  # 网络猜错了噪声
wild, _ = from_eps(x_t, guess, a)
x_0 = np.clip(wild, -1, 1)  # 像素只在 −1 与 1 之间
again = (x_t - np.sqrt(a) * x_0) / np.sqrt(1 - a)
print(f"猜 ε = {guess}：x_0 {wild:.4f}，裁成 {x_0:.4f}，ε 应改成 {again:.4f}")
for name, noise in [("只裁 x_0", guess), ("两个都改", again)]:
    rebuilt = np.sqrt(a) * x_0 + np.sqrt(1 - a) * noise
    x_s = np.sqrt(b) * x_0 + np.sqrt(1 - b) * noise
    print(f"{name}：拼回 x_3 {rebuilt:.4f}，DDIM 到第 2 步 {x_s:.4f}")
print(f"x_3 本来是 {x_t:.4f}")
# --8<-- [end:clip]
