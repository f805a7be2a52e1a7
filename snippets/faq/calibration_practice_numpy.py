# --8<-- [start:task]
import numpy as np


def ece(p, y, n_bins):
    """期望校准误差，等宽分箱，返回一个数。

    p：预报的概率，0 到 1，(n,)，不必排好；y：结果，0 或 1，(n,)。
    n_bins：0 到 1 之间分几个箱；恰好在边上的预报归左边一箱，0 归第一箱。

    每个箱里平均预报与发生的比例之差，取绝对值，按例子的占比加权相加；
    空的箱不算；不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "ece"


def case(name, place, p, y, n_bins, error):
    given = {"p": np.array(p), "y": np.array(y), "n_bins": n_bins}
    return name, given, error, place


MANY = np.arange(1, 61)
CASES = [
    case(
        "手算过的十二天",
        "见「十二次预报，手算」：先在箱里求平均，再取绝对值",
        [0.1] * 4 + [0.5] * 4 + [0.9] * 4,
        [0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1],
        3,
        0.1,
    ),
    case(
        "各箱的例子不一样多",
        "见「十二次预报，手算」：箱按例子的占比加权，不是平均",
        (MANY * 37 % 97 / 97) ** 2,
        (MANY * 11 % 7 < 3).astype(int),
        5,
        0.31037,
    ),
    case(
        "恰好在边上",
        "见「十二次预报，手算」：0.25 归左边一箱，0 归第一箱",
        [0.25, 0.5, 0.5, 0.75, 1.0, 0.0, 0.25, 0.625],
        [1, 0, 1, 0, 1, 1, 0, 1],
        4,
        0.234375,
    ),
    case(
        "空的箱",
        "见「十二次预报，手算」：空箱的平均是 0 除以 0，不要算它",
        [0.03, 0.97, 0.02, 0.96, 0.99],
        [0, 1, 1, 1, 0],
        15,
        0.374,
    ),
    case(
        "只分一箱",
        "见「十二次预报，手算」：全部放在一起，只比两个平均数",
        [0.9, 0.8, 0.7, 0.6],
        [1, 0, 0, 1],
        1,
        0.25,
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
