# --8<-- [start:compare]
# 可以拿走：MIT 许可，只要 NumPy
import numpy as np


def first_difference(ours, theirs, exact, factor=10):
    """第一个不相等的中间量：返回 (名字, 原因)；都相等时返回 None。

    ours、theirs：{名字: 浮点数组}，按计算的次序，精度相同；theirs 是参照。
    exact：参照用更高的精度再算一遍。它与 theirs 的差就是舍入有多大，
    ours 与 theirs 的差不得超过它的 factor 倍。
    """
    if not theirs:
        return "参照", "没有可比的中间量"
    for name, b in theirs.items():
        if name not in ours:
            return name, "没有这个中间量"
        a, b, c = (np.asarray(d[name]) for d in (ours, theirs, exact))
        if a.shape != b.shape or b.shape != c.shape:
            return name, f"形状 {a.shape}，应是 {b.shape}"
        if b.size == 0:
            return name, "没有元素"
        a, b, c = (array.astype(float) for array in (a, b, c))
        unit = np.finfo(np.asarray(theirs[name]).dtype).eps
        rounding = max(np.abs(b - c).max(), unit * np.abs(c).max())
        gap = np.abs(a - b).max()
        if not gap <= factor * rounding < np.inf:  # NaN、溢出也算不相等
            return name, f"差 {gap:.2g}，超过舍入的 {factor} 倍"
    return None


# --8<-- [end:compare]


# --8<-- [start:self-test]
def net(x, fault=None):
    """三步的小网络，每一步都记下来；fault 是埋进去的错。"""
    w = np.random.default_rng(0).standard_normal((2, 6, 6)).astype(x.dtype)
    steps = {"全连接": x @ (w[0].T if fault == "忘记转置" else w[0])}
    steps["激活"] = np.maximum(steps["全连接"], 0)
    if fault == "出现 NaN":
        steps["激活"][0, 0] = np.nan
    if fault == "少一个轴":
        steps["激活"] = steps["激活"][0]
    steps["输出"] = steps["激活"] @ w[1]
    if fault == "只是换了次序":
        steps["输出"] = np.array([sum(w[1] * h[:, None]) for h in steps["激活"]])
    if fault == "末层少一项":
        steps["输出"] = steps["激活"][:, 1:] @ w[1][1:]
    return steps


x = np.random.default_rng(1).standard_normal((4, 6))
theirs, exact = net(x.astype("float32")), net(x.astype("float32").astype(float))
FAULTS = ["只是换了次序", "忘记转置", "出现 NaN", "少一个轴", "末层少一项"]
found = {
    f: first_difference(net(x.astype("float32"), f), theirs, exact) for f in FAULTS
}
for fault, answer in found.items():
    print(f"{fault}：", "相等" if answer is None else "，".join(answer))
# --8<-- [end:self-test]
