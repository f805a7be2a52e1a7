# --8<-- [start:hand]
import numpy as np


def adam(gradient, theta, steps, eta, beta1=0.9, beta2=0.999, eps=1e-8):
    """从 theta 走 steps 步，返回经过的点。"""
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    path = [theta]
    for t in range(1, steps + 1):
        g = gradient(theta)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)  # 偏差修正
        v_hat = v / (1 - beta2**t)
        theta = theta - eta * m_hat / (np.sqrt(v_hat) + eps)
        path.append(theta)
    return path


curvature = np.array([1.0, 10.0])  # 平的方向，陡的方向
path = adam(lambda theta: curvature * theta, np.ones(2), 2, eta=0.1)
for t, (x, y) in enumerate(path):
    print(f"第 {t} 步：({x:.4f}, {y:.4f})")
# --8<-- [end:hand]


# --8<-- [start:scale]
def steeper(theta):
    return 1000 * curvature * theta


x, y = adam(steeper, np.ones(2), 2, eta=0.1)[-1]
print(f"损失乘 1000：第 2 步 ({x:.4f}, {y:.4f})")
# --8<-- [end:scale]


# --8<-- [start:turned]
def momentum(gradient, theta, steps, eta, mu=0.9):
    m, path = np.zeros_like(theta), [theta]
    for _ in range(steps):
        m = mu * m + gradient(theta)
        theta = theta - eta * m
        path.append(theta)
    return path


def best(walk, rates, h, start):
    """试几个学习率，返回末步损失最小的一个和它一路的损失。"""
    runs = []
    for eta in rates:
        path = walk(lambda theta: h @ theta, start, 400, eta)
        runs.append((eta, [theta @ h @ theta / 2 for theta in path]))
    return min(runs, key=lambda run: run[1][-1])


c = np.sqrt(0.5)
turn = np.array([[c, -c], [c, c]])  # 转 45°
H = np.diag([1.0, 10000.0])
bowls = {
    "正": (H, np.ones(2)),
    "斜": (turn @ H @ turn.T, turn @ np.ones(2)),
}
ways = {
    "动量": (momentum, [5e-5, 1e-4, 2e-4, 3e-4, 4e-4]),
    "Adam": (adam, [0.1, 0.3, 1.0, 3.0, 10.0]),
}
for name, (walk, rates) in ways.items():
    for way, (h, start) in bowls.items():
        eta, losses = best(walk, rates, h, start)
        shown = " ".join(f"{losses[t]:.1e}" for t in (100, 200, 400))
        print(f"{name}，碗{way}着，{eta:g}：{shown}")
# --8<-- [end:turned]
