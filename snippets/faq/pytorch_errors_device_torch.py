# --8<-- [start:import]
import io
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

# --8<-- [end:import]


# --8<-- [start:same-device]
class Shift(nn.Module):
    def __init__(self, register):
        super().__init__()
        if register:
            self.register_buffer("one", torch.ones(1))
        else:
            self.one = torch.ones(1)  # 普通的属性，不跟着模型搬

    def forward(self, x):
        return x + self.one


x = torch.zeros(2, device="meta")  # meta 只有形状，权当另一个设备
for register in (False, True):
    try:
        out = Shift(register).to("meta")(x)
        print("修好，结果在：", out.device)
    except RuntimeError as e:
        print(type(e).__name__ + ":", e)
# --8<-- [end:same-device]


# --8<-- [start:deserialize]
real, fake = io.BytesIO(), io.BytesIO()
torch.save({"w": torch.ones(2)}, real)
# 冒充在显卡上存的：把文件里记的设备名 cpu 换成 cuda:0
old_name, new_name = b"\3\0\0\0cpu", b"\6\0\0\0cuda:0"
with zipfile.ZipFile(real) as old, zipfile.ZipFile(fake, "w") as new:
    for name in old.namelist():
        new.writestr(name, old.read(name).replace(old_name, new_name))
try:
    fake.seek(0)
    torch.load(fake)
except RuntimeError as e:
    print(type(e).__name__ + ":", str(e).split(". ")[0])
fake.seek(0)
print("修好：", torch.load(fake, map_location="cpu")["w"].device)
# --8<-- [end:deserialize]


# --8<-- [start:device-assert]
logits, y = torch.zeros(2, 3), torch.tensor([1, 3])  # 三类，从 1 数起
try:
    F.cross_entropy(logits, y)
except IndexError as e:
    print(type(e).__name__ + ":", e)
y = y - 1
print("标签在范围内：", y.min().item() >= 0 and y.max().item() < 3)
print(f"修好：标签 {y.tolist()}，损失 {F.cross_entropy(logits, y):.4f}")
# --8<-- [end:device-assert]


# --8<-- [start:out-of-memory]
message = """Tried to allocate 158.00 MiB. GPU 0 has a total capacity of
23.69 GiB of which 115.69 MiB is free. Process 21422 has 23.57 GiB memory
in use. Of the allocated memory 22.14 GiB is allocated by PyTorch, and
910.35 MiB is reserved by PyTorch but unallocated."""
tried, total, free, used, live, idle = (
    float(n) * {"MiB": 1, "GiB": 1024}[unit]
    for n, unit in re.findall(r"([\d.]+) (MiB|GiB)", message)
)
print(f"还差：{tried - free:.0f} MiB")
print(f"本进程占着、PyTorch 之外：{(used - live - idle) / 1024:.2f} GiB")
print("碎片里的总数够这一次要的吗：", idle > tried)
# --8<-- [end:out-of-memory]


# --8<-- [start:bootstrapping]
BODY = """import multiprocessing as mp
{guard}
    p = mp.get_context("spawn").Process(target=print, args=("child",))
    p.start()
    p.join()
"""
for guard in ("if True:", 'if __name__ == "__main__":'):
    with tempfile.TemporaryDirectory() as folder:
        main = Path(folder) / "main.py"
        main.write_text(BODY.format(guard=guard), encoding="utf-8")
        command = [sys.executable, str(main)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    wrong = "finished its bootstrapping phase" in done.stderr
    print(f"{guard} 报 bootstrapping：{wrong}，印出：{done.stdout!r}")
# --8<-- [end:bootstrapping]
