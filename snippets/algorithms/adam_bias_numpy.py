# --8<-- [start:ratio]
import warnings

import matplotlib.pyplot as plt
import numpy as np

t = np.arange(1, 3001)
m = 1 - 0.9**t  # 梯度一直是 1 时，m 与 v 的公式
v = 1 - 0.999**t
step = m / np.sqrt(v)  # 不修正时走的步子，以 η 为单位
for k in [1, 10, 100, 1000, 3000]:
    root = np.sqrt(v[k - 1])
    print(f"第 {k} 步：m {m[k - 1]:.3f}，√v {root:.3f}，", end="")
    print(f"步子 {step[k - 1]:.2f}")
print(f"最大在第 {t[step.argmax()]} 步：{step.max():.2f}")
# --8<-- [end:ratio]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "adam_bias_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.0), layout="constrained")
axis.semilogx(t, step, "C1-", label="步子，不修正")
axis.semilogx(t, m, "C0--", label="m")
axis.semilogx(t, np.sqrt(v), "C0-", label="√v")
axis.axhline(1, color="k", lw=0.8, ls=":", label="步子，修正")
axis.legend(frameon=False, loc="upper right", fontsize=9)
axis.set(ylim=(0, 7), xlabel="步数（对数坐标）")
axis.xaxis.set_major_formatter("{x:g}")
axis.set_title("梯度一直是 1", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
title = "不修正时步子先升到 6.57 倍，几千步后才回到 1"
path, about = "adam_bias_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
