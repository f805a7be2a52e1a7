# --8<-- [start:attempt]
import io
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure


def attempt(title, action):
    """做一件会出错的事，印出错误的类型与第一行。"""
    print(f"【{title}】")
    try:
        action()
        print("没有报错")
    except Exception as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0]}")


# --8<-- [end:attempt]


# --8<-- [start:names]
# pip 里的名字与 import 的名字可以不同：scikit-learn 要写 import sklearn
attempt("名字不对", lambda: __import__("scikit_learn"))

# 自己的文件与库同名，import 先找到自己的：故意在子文件夹里放一个空的 torch.py
Path("shadow").mkdir(exist_ok=True)
Path("shadow/torch.py").write_text("", encoding="utf-8")
child = subprocess.run(
    [sys.executable, "-c", "import torch; torch.zeros(1)"],
    cwd="shadow",
    capture_output=True,
    text=True,
)
print("【文件与库同名】")
last = child.stderr.strip().splitlines()[-1]
print(last.partition(" (")[0])  # Python 3.13 起，括号里会提醒你改名
# --8<-- [end:names]


# --8<-- [start:types]
# NumPy 默认 float64，PyTorch 的层默认 float32
rows = torch.from_numpy(np.ones((1, 2)))
attempt("精度不同", lambda: torch.nn.Linear(2, 1)(rows))
# --8<-- [end:types]


# --8<-- [start:text]
# 输出重定向到文件时，中文 Windows 默认写成 GBK，它没有上标的 2
attempt("GBK 里没有的字", lambda: "x\u00b2".encode("gbk"))

print("【图里的汉字】")
figure = Figure()
figure.text(0.5, 0.5, "损")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    figure.savefig(io.BytesIO())
print(f"{caught[0].category.__name__}: {caught[0].message}")
# --8<-- [end:text]
