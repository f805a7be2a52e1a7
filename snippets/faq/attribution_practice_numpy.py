# --8<-- [start:task]
import itertools
import math

import numpy as np


def shapley(value, players):
    """精确的沙普利值，返回字典 {人: 值}。

    value：函数，收一个 frozenset，返回这些人一起值多少；空集不一定是 0。
    players：所有的人，互不相同。

    value 可能很慢：同一个集合至多问一次。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
def glove(team):
    return int("A" in team and ("B" in team or "C" in team))


def both(team):
    """两个特征都是 1 才输出 1；这一条是 (1, 1)，背景是四个角各一行。"""
    return [0.25, 0.5, 1.0][len(team)]


ROWS = np.array([[0, 1, 2, 0], [1, 0, -1, 2], [3, 1, 0, 1], [0, 2, 1, -1]])
X = [2, 3, 1, -2]


def model(team):
    rows = ROWS.copy()
    for j in team:
        rows[:, j] = X[j]
    a, b, c, d = rows.T
    return float((a * b + 2 * c - b * c * d + 5).mean())


def alone(team):
    return 5.0 if team else 2.0


class Once:
    """同一个集合问第二次，就出错。"""

    def __init__(self):
        self.asked = set()

    def __call__(self, team):
        if team in self.asked:
            raise ValueError("同一个集合问了两次")
        self.asked.add(team)
        skill = sum({"赵": 3, "钱": 1, "孙": 4, "李": 1, "周": 5}[p] for p in team)
        return skill + 10 * ({"赵", "钱", "孙"} <= team) - 6 * ({"李", "周"} <= team)


TASK = "shapley"
CASES = [
    (
        "左右手套",
        {"value": glove, "players": ["A", "B", "C"]},
        {"A": 0.666667, "B": 0.166667, "C": 0.166667},
        "见「手套，六种次序」：所有次序都要试，机会相等",
    ),
    (
        "空集不是 0",
        {"value": both, "players": (0, 1)},
        {0: 0.375, 1: 0.375},
        "见「背景换了，答案就换」：第一个到的，也要减去空集的值",
    ),
    (
        "四个特征，四行背景",
        {"value": model, "players": [0, 1, 2, 3]},
        {0: 2.125, 1: 4.916667, 2: 1.291667, 3: 3.416667},
        "见「从次序到公式」：权重只看先到的有几个人，不是各个集合一样重",
    ),
    (
        "只有一个人",
        {"value": alone, "players": ["A"]},
        {"A": 3.0},
        "见「从次序到公式」：n 是 1 时，组合数是 1",
    ),
    (
        "同一个集合只许问一次",
        {"value": Once(), "players": ["赵", "钱", "孙", "李", "周"]},
        {"赵": 6.333333, "钱": 4.333333, "孙": 7.333333, "李": -2.0, "周": 2.0},
        "见「从次序到公式」：先把每个集合的值算好，存起来",
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
