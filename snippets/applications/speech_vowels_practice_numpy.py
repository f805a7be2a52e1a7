# --8<-- [start:task]
def harmonic_levels(pitch, formants, widths, top):
    """各个谐波有多强，一个列表：基频的 1、2、3……倍，不超过 top。

    pitch：基频（赫兹）；第 k 个谐波在声源里的强弱是 1 / k。
    formants、widths：共振峰 F 与宽度 B（赫兹），各一个列表，一样长。
    在频率 f 处，每个共振峰放大 |F² / (F² − f² + i·f·B)| 倍，逐个相乘。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "harmonic_levels"


def case(name, place, pitch, formants, widths, top, expected):
    given = {"pitch": pitch, "formants": formants, "widths": widths, "top": top}
    return name, given, expected, place


SOURCE = "见「元音：声源与滤波」："
CASES = [
    case(
        "一个共振峰，四个谐波",
        SOURCE + "离山峰近的放大，远的不",
        100,
        [250],
        [80],
        400,
        [1.176891, 1.131882, 0.570776, 0.152265],
    ),
    case(
        "没有共振峰",
        SOURCE + "声道不放大，只剩声源，越高越弱",
        200,
        [],
        [],
        1000,
        [1.0, 0.5, 0.333333, 0.25, 0.2],
    ),
    case(
        "两个共振峰",
        SOURCE + "声道逐个放大，要相乘",
        150,
        [300, 900],
        [80, 100],
        1000,
        [1.350012, 2.107546, 0.337714, 0.146389, 0.118367, 0.186569],
    ),
    case(
        "正好在峰上",
        SOURCE + "峰顶放大「峰的频率除以宽」倍",
        500,
        [500],
        [50],
        1600,
        [10.0, 0.166298, 0.041637],
    ),
    case(
        "上限正好是一个谐波",
        SOURCE + "不超过上限的都算",
        250,
        [730, 1090, 2440],
        [80, 100, 150],
        1000,
        [1.207042, 1.231021, 5.527604, 1.883522],
    ),
    case(
        "短的声道",
        SOURCE + "共振峰高了，强的谐波跟着挪",
        300,
        [876, 1308, 2928],
        [80, 100, 150],
        1500,
        [1.207474, 1.235291, 6.378951, 1.959145, 0.427413],
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
