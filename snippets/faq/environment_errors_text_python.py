# --8<-- [start:gbk-decode]
import json
import os
import subprocess
import sys
from pathlib import Path

Path("log.txt").write_text("训练好了", encoding="utf-8")
try:  # 中文 Windows 上不写编码，就是这样
    Path("log.txt").read_text(encoding="gbk")
except UnicodeDecodeError as e:
    print(type(e).__name__ + ":", e)
print("不报错却读错：", "你好".encode().decode("gbk"))
print("写明编码：", Path("log.txt").read_text(encoding="utf-8"))
# --8<-- [end:gbk-decode]


# --8<-- [start:utf8-decode]
Path("table.csv").write_text("姓名,分数\n小明,90\n", encoding="gbk")
try:
    Path("table.csv").read_text(encoding="utf-8")
except UnicodeDecodeError as e:
    print(type(e).__name__ + ":", e)
head = Path("table.csv").read_text(encoding="gb18030").splitlines()[0]
print("表头：", head)
# --8<-- [end:utf8-decode]


# --8<-- [start:gbk-encode]
def child(code, **settings):
    """在另一个进程里执行，取它的末行；settings 是环境变量。"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env={**os.environ, "PYTHON_COLORS": "0", **settings},
    )
    return (done.stderr + done.stdout).decode().strip().splitlines()[-1]


print(child("print('\\u2713')", PYTHONIOENCODING="gbk"))
mend = "import sys; sys.stdout.reconfigure(encoding='utf-8'); "
done = child(mend + "print('\\u2713')", PYTHONIOENCODING="gbk")
print("改用 UTF-8 以后印出的字：", ascii(done))
code = "import sys; print(sys.flags.utf8_mode)"
print("设了 PYTHONUTF8：", child(code, PYTHONUTF8="1"))
# --8<-- [end:gbk-encode]


# --8<-- [start:bom]
Path("a.json").write_text('{"id": 1}', encoding="utf-8-sig")
try:
    json.loads(Path("a.json").read_text(encoding="utf-8"))
except json.JSONDecodeError as e:
    print(type(e).__name__ + ":", e)
text = Path("a.json").read_text(encoding="utf-8-sig")
print("按 utf-8-sig 读：", json.loads(text))
# --8<-- [end:bom]


# --8<-- [start:windows-path]
for source in [r'"C:\Users\me"', r'"D:\new\table"', r'r"C:\Users\me"']:
    try:
        path = eval(source)
        print(source, "→", len(path), "个字符，有换行：", "\n" in path)
    except SyntaxError as e:
        print(source, "→", type(e).__name__ + ":", e.msg)
# --8<-- [end:windows-path]


# --8<-- [start:full-width]
for source in ["print（1）", "x = [1，2]", "x =\u00a01", "x = [1, 2]"]:
    try:
        compile(source, "x.py", "exec")
        print("通过：", source)
    except SyntaxError as e:
        print(type(e).__name__ + ":", e.msg)
# --8<-- [end:full-width]


# --8<-- [start:cwd]
Path("project/data").mkdir(parents=True, exist_ok=True)
Path("project/data/train.csv").write_text("1", encoding="utf-8")
try:  # 程序在 project 里，却从上一层启动
    open("data/train.csv", encoding="utf-8")
except FileNotFoundError as e:
    print(type(e).__name__ + ":", e)
script = Path("project/train.py").absolute()  # 程序里写 __file__
data = script.parent / "data" / "train.csv"
print("从程序所在处算起：", data.read_text(encoding="utf-8"))
# --8<-- [end:cwd]
