# --8<-- [start:jupyter-kernel]
import os
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np


def last_line(python, code, folder="."):
    """让某个 Python 在某个文件夹里执行一段代码，取屏幕上的末行。"""
    # -E：不看 PYTHONPATH 一类的环境变量，免得别处的库混进来
    words = [python, "-E", "-Xutf8", "-c", code]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", cwd=folder)
    return (done.stderr + done.stdout).strip().splitlines()[-1]


# 另一个环境，里面什么库也没有；与 python -m venv 一样，Windows 以外用链接
venv.create("other", symlinks=os.name != "nt")
name = "Scripts/python.exe" if os.name == "nt" else "bin/python"
other = str(Path("other", name).absolute())
for python in [other, sys.executable]:
    print(last_line(python, "import numpy; print('找到 numpy')"))
code = "import sys; print(sys.prefix != sys.base_prefix)"
print("other 是虚拟环境：", last_line(other, code))
# --8<-- [end:jupyter-kernel]


# --8<-- [start:shadow]
Path("work").mkdir(exist_ok=True)
own = Path("work/random.py")  # 自己的练习，取了标准库的名字
own.write_text("import random\nrandom.randint(1, 6)\n", encoding="utf-8")
line = last_line(sys.executable, "import random", "work")
print(line[line.index("has no") :].partition(" (")[0])
code = "import os, random; print(os.path.dirname(random.__file__))"
own.write_text("", encoding="utf-8")
found = last_line(sys.executable, code, "work")
print("找到的是自己的文件：", found.endswith("work"))
own.replace("work/dice.py")
found = last_line(sys.executable, code, "work")
print("改名以后：", found.endswith("work"))
# --8<-- [end:shadow]


# --8<-- [start:numpy-removed]
for name in ["float", "NaN"]:
    try:
        getattr(np, name)  # 与写 np.float、np.NaN 相同
    except AttributeError as e:
        print(type(e).__name__ + ":", str(e).splitlines()[0])
print(np.array([1, 2], dtype=float).dtype, np.nan)
# --8<-- [end:numpy-removed]
