# --8<-- [start:task]
import numpy as np


def log_mel(wave, rate, size, hop, n_mels):
    """一段声音的对数梅尔谱，(帧数, n_mels)，两端不补。

    wave：采样，(N,)；rate：每秒采样数。
    size：一帧的采样数，也是傅里叶变换的点数；每 hop 个采样一帧，
    末尾不足一帧的不要。窗是周期的 Hann 窗。

    功率是变换的绝对值的平方。n_mels 个三角形从 0 赫兹排到 rate / 2，
    顶点与两脚在 HTK 的 mel 上等距，边在赫兹上是直线，顶高 1。
    最后以 10 为底取对数，先垫底到 1e-10。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "log_mel"
FRAMES = "见「切成帧」："
MEL = "见「三角滤波器」："
LOG = "见「取对数」："


def wave(count):
    i = np.arange(count)
    return (i * i * 7 + 3 * i) % 11 / 5 - 1


def case(name, place, sound, rate, hop, n_mels, want, size=16):
    given = {"wave": sound, "rate": rate, "size": size, "hop": hop, "n_mels": n_mels}
    return name, given, want, place


CASES = [
    case(
        "一帧，三个三角形",
        MEL + "四步：加窗，功率，三角形，对数",
        wave(16),
        16000,
        8,
        3,
        [[-0.286577, 0.153537, 0.862061]],
    ),
    case(
        "三帧",
        FRAMES + "每 hop 个采样一帧",
        wave(32),
        16000,
        8,
        3,
        [
            [-0.286577, 0.153537, 0.862061],
            [-0.586792, -0.212376, 0.728377],
            [-0.394341, 0.039882, 0.8139],
        ],
    ),
    case(
        "末尾不足一帧",
        FRAMES + "剩下的采样不要，两端也不补",
        wave(43),
        16000,
        12,
        2,
        [[0.221582, 1.048041], [0.21706, 1.039913]],
        size=20,  # 不是 2 的幂，也不补到 2 的幂
    ),
    case(
        "没有声音",
        LOG + "0 的对数是 -inf，先垫底",
        np.zeros(16),
        16000,
        8,
        3,
        [[-10.0, -10.0, -10.0]],
    ),
    case(
        "轻一百倍",
        LOG + "每个数都减 4",
        wave(16) / 100,
        16000,
        8,
        3,
        [[-4.286577, -3.846463, -3.137939]],
    ),
    case(
        "每秒 8000 次",
        MEL + "每格的赫兹数变了，三角形也变",
        wave(16),
        8000,
        8,
        5,
        [[-0.583781, -0.194824, 0.040236, 0.444413, 0.83303]],
    ),
    case(
        "有空的三角形",
        MEL + "三角形比一格还窄，就一个权重也没有",
        wave(16),
        16000,
        8,
        6,
        [[-10.0, -0.346587, -0.320721, 0.0206, 0.429353, 0.831044]],
    ),
]
# --8<-- [end:cases]


# --8<-- [start:verdict]
def plain(x):
    """数组与张量变成列表，里面只剩 Python 自己的数。"""
    for method in ("detach", "tolist", "numpy", "tolist"):
        x = getattr(x, method, lambda x=x: x)()
    if isinstance(x, dict):
        return {key: plain(value) for key, value in x.items()}
    return type(x)(map(plain, x)) if type(x) in (list, tuple) else x


def shape(x):
    inner = {shape(part) for part in x} if type(x) in (list, tuple) else {None}
    return () if None in inner else (len(x), *(inner.pop() if len(inner) == 1 else ()))


def form(x):
    if type(x) in (int, float):
        return "数" if abs(x) < float("inf") else x  # nan、inf 不是答案
    if isinstance(x, dict):
        return f"字典，键 {sorted(map(str, x))}"
    if isinstance(x, (list, tuple)):
        return f"形状 {shape(x)}" if isinstance(x, list) else f"{len(x)} 项"
    return "None" if x is None else type(x).__name__


def fault(want, got, place="返回值"):
    """第一处不对，说成一句话；全对就是 None。"""
    if {type(want), type(got)} == {list, tuple}:
        got = type(want)(got)
    if form(want) != form(got):
        forgot = "（忘了 return？）" if got is None and place == "返回值" else ""
        return f"{place}应是：{form(want)}；得到：{form(got)}{forgot}"
    if isinstance(want, (dict, list, tuple)):
        keys = want if isinstance(want, dict) else range(len(want))
        faults = (fault(want[k], got[k], f"{place}[{k!r}]") for k in keys)
        return next(filter(None, faults), None)
    near = 1e-6 + 1e-4 * abs(want) if isinstance(want, float) else 0
    same = want == got or near and abs(want - got) <= near
    shown = round(got, 6) if isinstance(got, float) else got
    return None if same else f"{place}应是：{want!r}；得到：{shown!r}"


def attempt(task, given, want):
    from traceback import extract_tb

    before = plain(given)
    try:
        wrong = fault(want, plain(task(**given)))
        return wrong or fault(before, plain(given)) and "传进来的参数被改动了"
    except Exception as error:
        steps = extract_tb(error.__traceback__)[1:]
        said = f"{type(error).__name__} {error}".strip().partition("\n")[0]
        said = said.encode("gbk", "backslashreplace").decode("gbk")  # 有的终端只会 GBK
        if not steps:  # 没有进到函数里
            return f"调用不了 {TASK}（函数与参数的名字不要改）：{said}"
        own = [step.lineno for step in steps if step.filename == steps[0].filename]
        blank = said == "NotImplementedError"
        return "还没有实现" if blank else f"第 {own[-1]} 行出错：{said}"


def judge(task, cases):
    wrong = [attempt(task, given, want) for _, given, want, _ in cases]
    if wrong[0] and len(set(wrong)) == 1:
        print(f"错　每个例子都一样：{wrong[0]}")
    else:
        for (name, _, _, place), said in zip(cases, wrong, strict=True):
            print(f"错　{name}：{said}\n　　{place}" if said else f"对　{name}")
    print(wrong.count(None), "/", len(wrong))


if __name__ == "__main__":
    judge(globals().get(TASK), CASES)
# --8<-- [end:verdict]
