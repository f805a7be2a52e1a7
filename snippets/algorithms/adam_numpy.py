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
for scale in [1, 1000]:
    scaled = scale * curvature
    path = adam(lambda theta, c=scaled: c * theta, np.ones(2), 2, eta=0.1)
    x, y = path[-1]
    print(f"损失乘 {scale}：第 2 步 ({x:.4f}, {y:.4f})")
# --8<-- [end:scale]


# --8<-- [start:turned]
def momentum(gradient, theta, steps, eta, mu=0.9):
    v, path = np.zeros_like(theta), [theta]
    for _ in range(steps):
        v = mu * v + gradient(theta)
        theta = theta - eta * v
        path.append(theta)
    return path


c = np.sqrt(0.5)
turn = np.array([[c, -c], [c, c]])  # 转 45°
H = np.diag([1.0, 100.0])
bowls = {
    "正": (H, np.ones(2)),
    "斜": (turn @ H @ turn.T, turn @ np.ones(2)),
}
for name, walk, eta in [("动量", momentum, 0.01), ("Adam", adam, 0.03)]:
    for way, (h, start) in bowls.items():
        path = walk(lambda theta, h=h: h @ theta, start, 200, eta=eta)
        losses = [path[t] @ h @ path[t] / 2 for t in (50, 100, 200)]
        print(f"{name}，碗{way}着：", *[f"{loss:.1e}" for loss in losses])
# --8<-- [end:turned]
