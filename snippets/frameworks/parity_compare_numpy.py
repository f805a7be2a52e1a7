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
        if not all(np.isfinite(array).all() for array in (a, b, c)):
            return name, "有 NaN 或无穷"
        eps = np.finfo(b.dtype).eps  # 在转成 float64 之前取
        a, b, c = (array.astype(float) for array in (a, b, c))
        rounding = max(np.abs(b - c).max(), eps * np.abs(c).max())
        gap = np.abs(a - b).max()
        if gap > factor * rounding:
            return name, f"差 {gap:.2g}，超过舍入的 {factor} 倍"
    return None


# --8<-- [end:compare]


# --8<-- [start:self-test]
rng = np.random.default_rng(0)
W = rng.standard_normal((2, 6, 6), dtype=np.float32)
X = rng.standard_normal((4, 6), dtype=np.float32)


def net(x, fault=None):
    """三步的小网络，每一步都记下来；fault 是埋进去的错。"""
    w = W.astype(x.dtype)
    steps = {"全连接": x @ (w[0].T if fault == "多转置一次" else w[0])}
    steps["激活"] = np.maximum(steps["全连接"], 0)
    if fault == "出现 NaN":
        steps["激活"][0, 0] = np.nan
    if fault == "少一个轴":
        steps["激活"] = steps["激活"][0]
    steps["输出"] = steps["激活"] @ w[1]
    if fault == "只是换了次序":
        h = steps["激活"].T  # 一列一列累加，不用矩阵乘法
        steps["输出"] = sum(np.outer(h[i], w[1][i]) for i in range(6))
    if fault == "末层少一项":
        steps["输出"] = steps["激活"][:, 1:] @ w[1][1:]
    return steps


theirs, exact = net(X), net(X.astype(float))
for fault in ("只是换了次序", "多转置一次", "出现 NaN", "少一个轴", "末层少一项"):
    answer = first_difference(net(X, fault), theirs, exact)
    print(f"{fault}：", "相等" if answer is None else "，".join(answer))
# --8<-- [end:self-test]
