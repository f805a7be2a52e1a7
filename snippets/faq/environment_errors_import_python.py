# --8<-- [start:jupyter-kernel]
import os
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np


def last_line(python, code, folder="."):
    """让某个 Python 在某个文件夹里执行一段代码，取屏幕上的末行。"""
    done = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, cwd=folder
    )
    return (done.stdout + done.stderr).strip().splitlines()[-1]


venv.create("other")  # 另一个环境，里面什么库也没有
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
code = "import random; print(random.__file__.endswith('work{}random.py'))"
own.write_text("", encoding="utf-8")
print("找到的是自己的文件：", last_line(sys.executable, code.format(os.sep), "work"))
own.rename("work/dice.py")
print("改名以后：", last_line(sys.executable, code.format(os.sep), "work"))
# --8<-- [end:shadow]


# --8<-- [start:numpy-removed]
for name in ["float", "NaN"]:
    try:
        getattr(np, name)  # 与写 np.float、np.NaN 相同
    except AttributeError as e:
        print(type(e).__name__ + ":", str(e).splitlines()[0])
print(np.array([1, 2], dtype=float).dtype, np.nan)
# --8<-- [end:numpy-removed]
