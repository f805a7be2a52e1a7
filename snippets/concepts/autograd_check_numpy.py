# --8<-- [start:setup]
import warnings

import matplotlib.pyplot as plt
import numpy as np


def f(x):
    return x / (1 + x * x)  # 只用加、乘、除：各台机器舍入相同


def slope(x):
    return (1 - x * x) / (1 + x * x) ** 2  # 手算的导数


def error(h, dtype, central):
    """1001 个点上，数值导数的误差的中位数。"""
    x = np.linspace(0, 2, 1001).astype(dtype)
    up, down = x + dtype(h), x - dtype(h if central else 0)
    # 分母用实际走过的距离：x + h 舍入之后未必正好差 h
    guess = (f(up) - f(down)) / (up - down)
    return np.median(np.abs(guess - slope(x.astype(np.float64))))


# --8<-- [end:setup]


# --8<-- [start:table]
cases = {
    "单侧 float64": (np.float64, False),
    "中心 float64": (np.float64, True),
    "中心 float32": (np.float32, True),
}
print("步长   单侧 float64   中心 float64   中心 float32")
for power in range(1, 13):
    errors = []
    for dtype, central in cases.values():
        # float32 的步长太小时，x + h 会等于 x
        lost = dtype is np.float32 and power > 6
        h = float(f"1e-{power}")
        shown = "-" if lost else f"{error(h, dtype, central):.0e}"
        errors.append(f"{shown:>15}")
    print(f"1e-{power:02d}" + "".join(errors))
# --8<-- [end:table]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "autograd_check_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.2), layout="constrained")
marks = [("k--", 1e-8, 6e-7), ("C0-", 5e-6, 2e-13), ("C1-", 2e-6, 3e-2)]
for name, (style, x, y) in zip(cases, marks, strict=True):
    case = cases[name]
    steps = 0.5 ** np.arange(3, 20 if case[0] is np.float32 else 40)
    axis.loglog(steps, [error(h, *case) for h in steps], style)
    axis.text(x, y, name, color=style.rstrip("-"), ha="center")
axis.set(xlabel="步长 h", ylim=(1e-13, 1))
axis.xaxis.set_major_formatter("{x:.0e}")
axis.yaxis.set_major_formatter("{x:.0e}")
axis.set_title("导数的误差", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
title = "数值导数的误差随步长先降后升，三条曲线都是 U 形"
path, about = "autograd_check_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
