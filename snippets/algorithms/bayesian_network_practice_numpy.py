# --8<-- [start:task]
import numpy as np


def eliminate(factors, order):
    """变量消去：剩下的那一个变量的概率，一维数组。

    factors：列表，每个因子是 (变量名的列表, 数组)，第 i 个名字
    对应第 i 根轴。证据已经代入；变量全是证据的表只剩 ([], 一个数)。
    order：依次消去的变量，消完恰好剩一个变量。

    返回的概率合计是 1；证据的概率是 0 时返回 None。
    不许改动传入的列表与数组。联合表可能有 10 的 16 次方格，
    不能一次全部乘出来。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "eliminate"


def case(name, place, factors, order, want):
    factors = [(names, np.array(table)) for names, table in factors]
    return name, {"factors": factors, "order": order}, want, place


# 一百种取值排成一排，多半走到近处
STEP = 1 / (1 + abs(np.arange(100) - np.arange(100)[:, None])) ** 3
STEP /= STEP.sum(axis=1, keepdims=True)
CASES = [
    case(
        "草湿，问下雨",
        "见「变量消去」：含 C 的三张先相乘，再对 C 求和",
        [
            (["C"], [0.5, 0.5]),
            (["C", "S"], [[0.5, 0.5], [0.9, 0.1]]),
            (["C", "R"], [[0.8, 0.2], [0.2, 0.8]]),
            (["S", "R"], [[0.0, 0.9], [0.9, 0.99]]),
        ],
        ["C", "S"],
        [0.292072, 0.707928],
    ),
    case(
        "三种取值，轴的次序各不相同",
        "见「变量消去」：按名字对齐轴，不要按位置",
        [
            (["X"], [0.5, 0.3, 0.2]),
            (["Y", "X"], [[0.9, 0.4, 0.3], [0.1, 0.6, 0.7]]),
            (
                ["Y", "Z", "X"],
                [
                    [[0.2, 0.5, 0.9], [0.8, 0.5, 0.1]],
                    [[0.6, 0.3, 0.7], [0.4, 0.7, 0.3]],
                ],
            ),
            (["Z"], [0.1, 0.6]),
        ],
        ["X", "Z"],
        [0.678133, 0.321867],
    ),
    case(
        "两个雨量计说法相反",
        "见「NaN」：合计是 0 时条件概率没有定义，返回 None",
        [(["R"], [0.8, 0.2]), (["R"], [0.0, 1.0]), (["R"], [1.0, 0.0])],
        [],
        None,
    ),
    case(
        "没洒水，没下雨，草却湿了",
        "见「NaN」：([], 0.0) 也是一张表，不要跳过",
        [(["C"], [0.5, 0.5]), (["C"], [0.5, 0.9]), (["C"], [0.8, 0.2]), ([], 0.0)],
        [],
        None,
    ),
    case(
        "一条链，中间的变量各有一百种取值",
        "见「次序决定代价」：每次只乘含这个变量的因子",
        [
            (["X0"], [0.7, 0.3]),
            (["X0", "X1"], STEP[[40, 70]]),
            *(([f"X{i}", f"X{i + 1}"], STEP) for i in range(1, 8)),
            (["X8"], STEP[:, 60]),
        ],
        [f"X{i}" for i in range(1, 9)],
        [0.242349, 0.757651],
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
