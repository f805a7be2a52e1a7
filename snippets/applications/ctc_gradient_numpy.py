# --8<-- [start:table]
import numpy as np

y = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.5, 0.1, 0.4], [0.6, 0.2, 0.2]])
row = np.array([0, 1, 0, 2, 0])  # 答案 12 的五格，0 是空白
# --8<-- [end:table]


# --8<-- [start:both]
def arrows(row):
    """从格 i 能不能走到格 j，(格, 格)：停、进一格、跳过空白。"""
    step = np.eye(len(row)) + np.eye(len(row), k=1)
    for j in range(2, len(row)):
        step[j - 2, j] = row[j] not in (0, row[j - 2])
    return step


step = arrows(row)
alpha = np.zeros((4, 5))  # 走到这里
alpha[0, :2] = y[0, row[:2]]
beta = np.zeros((4, 5))  # 从这里走完，不含这一帧
beta[-1, -2:] = 1
for t in range(1, 4):
    alpha[t] = alpha[t - 1] @ step * y[t, row]
    beta[3 - t] = step @ (beta[4 - t] * y[4 - t, row])
through = alpha * beta  # 经过这一格的全部写法
print("每一帧经过各格之和", through.sum(1).round(4))
# --8<-- [end:both]


# --8<-- [start:gradient]
chance = through[0].sum()
posterior = np.stack([through[:, row == k].sum(1) for k in range(3)], 1) / chance
gradient = y - posterior  # 损失对得分（softmax 之前）的梯度
for t in range(4):
    share = " ".join(f"{value:.3f}" for value in posterior[t])
    pull = " ".join(f"{value:+.3f}" for value in gradient[t])
    print(f"第 {t + 1} 帧：该给 {share}，梯度 {pull}")
# --8<-- [end:gradient]


# --8<-- [start:blank]
def blank_share(length, frames):
    """各符号概率相等、答案无重复时，全部写法里空白占的份额。"""
    return (length + 1) * (frames - length) / ((2 * length + 1) * frames)


for length, frames in ((2, 4), (4, 40), (4, 400)):
    share = blank_share(length, frames)
    each = (1 - share) / length
    print(f"{length} 个字，{frames} 帧：空白占 {share:.3f}，每个字 {each:.3f}")
# --8<-- [end:blank]
