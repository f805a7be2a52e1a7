# --8<-- [start:task]
import numpy as np


def bradley_terry(wins, steps):
    """由胜负表估出各家的分数，返回 (M,) 的数组，平均是 0。

    wins：(M, M) 的数组，wins[i, j] 是 i 赢 j 几局，平局两边各记 0.5；
    对角线是 0。每家都至少赢过一局。
    steps：迭代几遍。例子里给的遍数足够收敛。

    分数差 400 分，是强弱的比值 10 比 1：高的一方赢的机会是 10/11。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "bradley_terry"


def case(name, place, wins, ratings):
    given = {"wins": np.array(wins, dtype=float), "steps": 1000}
    return name, given, ratings, place


HEAD = "见「布拉德利–特里模型：与次序无关」："
CASES = [
    case(
        "两家，3 比 1",
        HEAD + "两家时差是 400 乘以 3 的常用对数，再减去平均",
        [[0, 3], [1, 0]],
        [95.4243, -95.4243],
    ),
    case(
        "甲与丙没有直接交手",
        HEAD + "没有交手的一对，games 是 0；分母里要有对手的强弱，只数胜率不够",
        [[0, 3, 0], [1, 0, 3], [0, 1, 0]],
        [190.8485, 0.0, -190.8485],
    ),
    case(
        "平局两边各记半胜",
        HEAD + "半局也是数，不要取整；每家的对手不同，分母各算各的",
        [[0, 2.5, 4], [1.5, 0, 1.5], [2, 3.5, 0]],
        [78.7659, -83.8747, 5.1088],
    ),
    case(
        "三家成环，甲对丙没赢过",
        HEAD + "没赢过的一对也对过局，games 要加上两边；胜率不够，还要看赢的是谁",
        [[0, 6, 0], [2, 0, 30], [5, 10, 0]],
        [-8.267, 68.8703, -60.6033],
    ),
    case(
        "八家",
        HEAD + "一遍不够，要迭代 steps 遍",
        [
            [0, 7, 9, 4, 8, 9, 6, 10],
            [5, 0, 6, 5, 9, 7, 8, 9],
            [3, 6, 0, 7, 6, 8, 6, 7],
            [4, 4, 5, 0, 5, 6, 9, 8],
            [4, 3, 6, 5, 0, 7, 5, 6],
            [1, 5, 2, 6, 4, 0, 8, 9],
            [2, 4, 4, 3, 7, 4, 0, 5],
            [2, 1, 5, 2, 3, 4, 7, 0],
        ],
        [147.3028, 79.3684, 26.839, 32.3746, -20.6075, -45.333, -89.9906, -129.9537],
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
