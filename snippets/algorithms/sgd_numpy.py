# --8<-- [start:plain]
import numpy as np

curvature = np.array([1.0, 10.0])  # 平的方向，陡的方向
start = np.array([10.0, 1.0])


def loss(theta):
    return (curvature * theta**2).sum() / 2


def gradient(theta):
    return curvature * theta


def show(path):
    for t, theta in enumerate(path):
        x, y = theta
        print(f"第 {t} 步：({x:.3f}, {y:.3f})，损失 {loss(theta):.3f}")


theta, path = start, [start]
for _ in range(3):
    theta = theta - 0.15 * gradient(theta)
    path.append(theta)
show(path)
# --8<-- [end:plain]


# --8<-- [start:momentum]
def sgd(rates, mu=0.0, nesterov=False):
    """每步用 rates 里的一个学习率，返回经过的点。"""
    theta, v = start, np.zeros(2)
    path = [theta]
    for rate in rates:
        g = gradient(theta)
        v = mu * v + g  # 记住以前的梯度
        theta = theta - rate * (g + mu * v if nesterov else v)
        path.append(theta)
    return path


show(sgd([0.15] * 3, mu=0.5))
# --8<-- [end:momentum]


# --8<-- [start:look-ahead]
def look_ahead(rates, mu):
    """按定义写：在前方的点求梯度。返回那些前方的点。"""
    theta, v, path = start, np.zeros(2), []
    for rate in rates:
        ahead = theta - rate * mu * v  # 光凭惯性会到的地方
        path.append(ahead)
        v = mu * v + gradient(ahead)
        theta = theta - rate * v
    return path


show(look_ahead([0.05] * 4, mu=0.6))
# --8<-- [end:look-ahead]

# --8<-- [start:nesterov]
show(sgd([0.05] * 3, mu=0.6, nesterov=True))
# --8<-- [end:nesterov]


# --8<-- [start:conventions]
def rate_inside(rates, mu):
    """另一种约定：学习率在存进 v 之前就乘上。"""
    theta, v = start, np.zeros(2)
    path = [theta]
    for rate in rates:
        v = mu * v - rate * gradient(theta)
        theta = theta + v
        path.append(theta)
    return path


schedules = {
    "不变": [0.05] * 20,
    "变小": [0.05] * 10 + [0.005] * 10,
}
for name, rates in schedules.items():
    for place, walk in [("外", sgd), ("里", rate_inside)]:
        path = walk(rates, mu=0.9)
        after = [f"{path[t][0]:.3f}" for t in (10, 11, 12, 20)]
        print(f"{name}，乘在{place}面：", *after)
# --8<-- [end:conventions]
