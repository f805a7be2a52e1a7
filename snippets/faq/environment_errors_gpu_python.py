# --8<-- [start:cpu-build]
import re


def state(cuda, available):
    """torch.version.cuda 与 torch.cuda.is_available() 合起来的意思。"""
    if cuda is None:
        return "装的是 CPU 版：换安装包"
    return "可以用" if available else "装对了，驱动或卡没有找到：看 nvidia-smi"


print("None，False →", state(None, False))
print("12.6，False →", state("12.6", False))
print("12.6，True →", state("12.6", True))
# --8<-- [end:cpu-build]


# --8<-- [start:driver-old]
def cuda_version(number):
    """11060 是 11 乘 1000 加 6 乘 10。"""
    return number // 1000, number % 1000 // 10


message = "driver on your system is too old (found version 11060)"
major, minor = cuda_version(int(re.search(r"version (\d+)", message)[1]))
print(f"驱动支持的 CUDA：{major}.{minor}")
for wheel in ["11.8", "12.6"]:  # 大版本不高于驱动的就行
    print(f"{wheel} 的安装包能用：", int(wheel.split(".")[0]) <= major)
# --8<-- [end:driver-old]


# --8<-- [start:no-kernel]
message = """RTX 5090 with CUDA capability sm_120 is not compatible
supports CUDA capabilities sm_50 sm_60 sm_70 sm_75 sm_80 sm_86 sm_90."""
card, *built = [int(x) for x in re.findall(r"sm_(\d+)", message)]


def runs(card, built):
    """同一代（十位以上相同）里，为较低的型号编译的代码能在较高的上面运行。"""
    return any(b // 10 == card // 10 and b <= card for b in built)


print(f"sm_{card}，安装包到 sm_{max(built)}：", runs(card, built))
print("sm_89，同一个安装包：", runs(89, built))
print("sm_120，安装包里加上 sm_120：", runs(card, [*built, 120]))
# --8<-- [end:no-kernel]


# --8<-- [start:onednn-notice]
lines = """\
I0000 00:00:1764300000.1 7 port.cc:153] oneDNN custom operations are on.
I0000 00:00:1764300000.2 7 cudart_stub.cc:31] Could not find cuda drivers
E0000 00:00:1764300001.3 7 cuda_platform.cc:52] failed call to cuInit"""
NAMES = {"I": "通知", "W": "警告", "E": "错误", "F": "致命，程序随即停止"}
for line in lines.splitlines():
    letter, text = re.match(r"([IWEF])\d{4} .*?\] (.*)", line).groups()
    print(f"{NAMES[letter]}：{text}")
# --8<-- [end:onednn-notice]
