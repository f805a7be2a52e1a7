# --8<-- [start:path]
import numpy as np

data, noise = 1.0, 0.5
for t in [0, 0.25, 0.5, 1]:  # 0 是噪声，1 是数据：与 DDPM 相反
    print(f"t = {t:g}：x {(1 - t) * noise + t * data:.4f}，", end="")
    print(f"速度 {data - noise:.4f}")
# --8<-- [end:path]


# --8<-- [start:same]
def to_flow(a):
    """扩散的 ᾱ 对应流的哪个时刻，x 要除以几。"""
    scale = np.sqrt(a) + np.sqrt(1 - a)  # 两个系数相加成为 1
    return np.sqrt(a) / scale, scale


a, b = 0.36, 0.64  # 扩散的第 3 步与第 2 步
x_t = np.sqrt(a) * data + np.sqrt(1 - a) * noise
t, scale = to_flow(a)
print(f"扩散：x_3 = {x_t:.4f}，除以 {scale:.4f} 得 {x_t / scale:.4f}")
print(f"流：t = {t:.4f}，x = {(1 - t) * noise + t * data:.4f}")
# --8<-- [end:same]

# --8<-- [start:velocity]
v = np.sqrt(a) * noise - np.sqrt(1 - a) * data
u = (np.sqrt(a) - np.sqrt(1 - a)) * x_t - scale * v
print(f"v = {v:.4f}，由它求速度 {u:.4f}，数据减噪声 {data - noise:.4f}")
# --8<-- [end:velocity]

# --8<-- [start:euler]
eps = -0.2  # 网络的猜测，与真的噪声不同
x_hat = (x_t - np.sqrt(1 - a) * eps) / np.sqrt(a)
ddim = np.sqrt(b) * x_hat + np.sqrt(1 - b) * eps
t_next, scale_next = to_flow(b)
euler = x_t / scale + (t_next - t) * (x_hat - eps)
print(f"DDIM 到第 2 步 {ddim:.4f}，除以 {scale_next:.4f} 得 ", end="")
print(f"{ddim / scale_next:.4f}")
print(f"欧拉走 {t_next - t:.4f}：{euler:.4f}")
# --8<-- [end:euler]


# --8<-- [start:gaussian]
def spread(times, start, s=0.2):
    """数据是标准差 0.2 的正态，沿精确的速度走完，得到的标准差。"""
    v = start**2
    for t, later in zip(times[:-1], times[1:], strict=True):
        # x = t·数据 + (1−t)·噪声：速度对 x 是一条直线，斜率是协方差除以方差
        slope = (t * s**2 - (1 - t)) / (t**2 * s**2 + (1 - t) ** 2)
        v *= (1 + (later - t) * slope) ** 2
    return np.sqrt(v)


alpha_bar = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))
for steps in [5, 10, 20, 50]:
    grid = np.linspace(1000, 0, steps + 1).round().astype(int)
    old, scale = to_flow(np.append(1.0, alpha_bar)[grid])
    even = np.linspace(0, 1, steps + 1)
    print(f"{steps} 步：照扩散分时间 {spread(old, 1 / scale[0]):.4f}，", end="")
    print(f"时间等分 {spread(even, 1):.4f}，真值 0.2")
# --8<-- [end:gaussian]
