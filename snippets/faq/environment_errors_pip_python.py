# --8<-- [start:tools]
import re
import socket
import ssl
import subprocess
import sys
import zipfile
from pathlib import Path, PureWindowsPath
from urllib.request import getproxies

from packaging.tags import sys_tags


def wheel(tag):
    """在当前文件夹里造一个最小的安装包 demo 1.0。"""
    name, info = f"demo-1.0-{tag}.whl", "demo-1.0.dist-info"
    with zipfile.ZipFile(name, "w") as file:
        head = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
        file.writestr(f"{info}/METADATA", head)
        head = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"
        file.writestr(f"{info}/WHEEL", head)
        file.writestr(f"{info}/RECORD", "")
    return name


# --8<-- [end:tools]


# --8<-- [start:no-matching]
def pip(*words):
    """不上网、不真装，只在当前文件夹里找；取 pip 的结论一行。"""
    start = [sys.executable, "-m", "pip", "--isolated", "--no-color"]
    start += ["install", "--no-index", "--find-links", ".", "--dry-run"]
    done = subprocess.run([*start, *words], capture_output=True, text=True)
    if "No module named pip" in done.stderr:  # uv 建的环境就是这样
        sys.exit("先装上 pip：uv pip install pip")
    return re.search("(ERROR|Would).*", done.stderr + done.stdout)[0]


old = wheel("cp27-cp27m-win32")  # 只给 Python 2.7、32 位 Windows
Path("demo-1.0-py3-none-any.whl").unlink(missing_ok=True)  # 上次留下的
print(pip("demo"))
new = wheel("py3-none-any")  # 给任何 Python 3、任何系统
print(pip("demo"))
# --8<-- [end:no-matching]


# --8<-- [start:wheel-platform]
print(pip(old))
mine = set(map(str, sys_tags()))  # 这个 Python 收的全部标签
for tag in ["cp27-cp27m-win32", "py3-none-any"]:
    print(f"{tag} 装得上：{tag in mine}")
print(pip(new))
# --8<-- [end:wheel-platform]


# --8<-- [start:proxy]
context = ssl.create_default_context()  # 会核对对方的名字
try:
    context.wrap_socket(socket.socket())  # 却没有说对方叫什么
except ValueError as e:
    print(type(e).__name__ + ":", e)


def check(proxies):
    wrong = [k for k, v in proxies.items() if v.startswith("https://")]
    return f"以 https:// 开头的代理：{wrong}"


print(check({"https": "https://127.0.0.1:10809"}))
print(check({"https": "http://127.0.0.1:10809"}))
print("本机：", check(getproxies()), file=sys.stderr)
# --8<-- [end:proxy]


# --8<-- [start:long-path]
store = (  # 应用商店版 Python 的库文件夹
    r"C:\Users\zhangsan\AppData\Local\Packages"
    r"\PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0"
    r"\LocalCache\local-packages\Python312\site-packages"
)
inner = (  # TensorFlow 2.21 里路径最长的文件
    r"tensorflow\include\external\cudnn_frontend_archive"
    r"\_virtual_includes\cudnn_frontend\third_party"
    r"\cudnn_frontend\include\cudnn_frontend\node"
    r"\scaled_dot_product_flash_attention.h"
)
for folder in [store, r"C:\v\Lib\site-packages"]:
    size = len(str(PureWindowsPath(folder, inner)))
    print(f"{len(folder)} + 1 + {len(inner)} = {size}，够短：{size < 260}")
# --8<-- [end:long-path]
