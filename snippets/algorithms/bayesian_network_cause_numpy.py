# --8<-- [start:counts]
import numpy as np

# 人数，下标依次是：Z 轻症 0、重症 1；X 没用药 0、用药 1；
# Y 没好 0、好了 1
counts = np.array([[[18, 72], [3, 27]], [[6, 4], [35, 35]]])
for z, name in enumerate(["轻症", "重症"]):
    a, b = counts[z, :, 1]  # 痊愈的
    n, m = counts[z].sum(axis=1)
    print(f"{name}：没用药 {a}/{n} = {a / n:.2f}", end="，")
    print(f"用药 {b}/{m} = {b / m:.2f}")
whole = counts.sum(axis=0)  # (X, Y)
rate = whole[:, 1] / whole.sum(axis=1)
print("合起来：没用药 {:.2f}，用药 {:.2f}".format(*rate))
# --8<-- [end:counts]


# --8<-- [start:adjust]
joint = counts / counts.sum()  # (Z, X, Y)
p_z = joint.sum(axis=(1, 2))
p_y = joint[..., 1] / joint.sum(axis=2)  # P(Y=1 | Z, X)
adjusted = p_z @ p_y
print("轻症、重症各占 {:.2f}、{:.2f}".format(*p_z))
print("校正后：没用药 {:.2f}，用药 {:.2f}".format(*adjusted))
# --8<-- [end:adjust]


# --8<-- [start:structures]
def conditional(p, axis):
    return p / p.sum(axis=axis, keepdims=True)


p_zx = joint.sum(axis=2)  # (Z, X)
y_given = conditional(joint, 2)  # P(Y | Z, X)
x_given_z, z_given_x = conditional(p_zx, 1), conditional(p_zx, 0)
p_x = p_zx.sum(axis=0)
fork = np.einsum("z,zx,zxy->zxy", p_z, x_given_z, y_given)
mediator = np.einsum("x,zx,zxy->zxy", p_x, z_given_x, y_given)
same = np.allclose(fork, mediator)
print(f"两张图乘出同一张联合表：{same}")


# 把 X 定下来：X 自己的那张表去掉，Z 的表照旧，形状 (Z, X)
z_after = {
    "Z → X": np.stack([p_z, p_z], axis=1),  # Z 不受 X 影响
    "X → Z": z_given_x,
}
for name, table in z_after.items():
    effect = (table * p_y).sum(axis=0)  # P(Y=1 | do(X))
    print("{}：没用药 {:.2f}，用药 {:.2f}".format(name, *effect))
# --8<-- [end:structures]


# --8<-- [start:experiment]
def trial(rng, table, n=100_000):
    """抛硬币决定谁用药，其余照图生成；返回两组的痊愈率。"""
    x = rng.integers(0, 2, n)
    z = (rng.random(n) < table[1, x]).astype(int)
    y = rng.random(n) < p_y[z, x]
    return y[x == 0].mean(), y[x == 1].mean()


for name, table in z_after.items():
    found = trial(np.random.default_rng(0), table)
    print("{}：没用药 {:.2f}，用药 {:.2f}".format(name, *found))
# --8<-- [end:experiment]
