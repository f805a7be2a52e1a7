# --8<-- [start:compare]
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

BOOK = {  # 录制本书输出时所用的版本
    "numpy": "2.4.6",
    "torch": "2.13.0",
    "tensorflow": "2.21.0",
    "scikit-learn": "1.9.1",
    "hmmlearn": "0.3.3",
    "pgmpy": "1.1.2",
    "gymnasium": "1.4.0",
    "matplotlib": "3.11.2",
    "pycocotools": "2.0.11",
    "snownlp": "0.12.3",
    "tzdata": "2026.6",
}


def compare(name, wanted):
    """一个包与本书相比：相同、没有安装，或两个版本号。"""
    try:
        found = version(name)
    except PackageNotFoundError:
        return "没有安装"
    # 加号之后是构建的标记，例如 +cpu，不算另一个版本
    if found.partition("+")[0] == wanted:
        return "与本书相同"
    return f"你的是 {found}，本书用 {wanted}"


# --8<-- [end:compare]


# --8<-- [start:report]
for name, wanted in BOOK.items():
    print(f"{name}：{compare(name, wanted)}")
print("Python 在 3.11 到 3.13 之间：", (3, 11) <= sys.version_info < (3, 14))
print("装成与本书相同的一条命令：")
print("python -m pip install", *[f"{name}=={v}" for name, v in BOOK.items()])

# 因机器而异的写到标准错误：提问时连同这几行一起贴出来
print("Python", platform.python_version(), "·", sys.executable, file=sys.stderr)
print(platform.platform(), "·", platform.machine(), file=sys.stderr)
# --8<-- [end:report]
