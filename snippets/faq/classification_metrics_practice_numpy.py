# --8<-- [start:task]
import numpy as np


def roc_auc(y, score):
    """ROC 曲线下的面积，返回一个数。

    y：0 与 1 的数组，(n,)，1 是正类；两类都至少有一例。
    score：得分的数组，(n,)，越大越像正类；不一定在 0 与 1 之间，可以相同。

    相同的得分算一半；不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "roc_auc"


def case(name, place, y, score, area):
    given = {"y": np.array(y), "score": np.array(score, dtype=float)}
    return name, given, area, place


TEN = [0.9, 0.8, 0.7, 0.6, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
CASES = [
    case(
        "手算过的十例",
        "见「AUC 是数对子」：正类更高算 1 对，相同算半对",
        [1, 1, 0, 1, 0, 1, 0, 1, 0, 0],
        TEN,
        0.74,
    ),
    case(
        "全都一样的得分",
        "见「AUC 是数对子」：每一对都相同，各算一半",
        [0, 1, 0, 0, 1],
        [0.3, 0.3, 0.3, 0.3, 0.3],
        0.5,
    ),
    case(
        "次序打乱，名次大半是反的",
        "见「阈值往下移：ROC 曲线」：先按得分从高到低排，标签跟着走；不到 0.5 也照写",
        [1, 0, 1, 0, 0, 1],
        [0.2, 0.6, 0.4, 0.9, 0.1, 0.5],
        0.333333,
    ),
    case(
        "没有压到 0 与 1 之间的得分",
        "见「AUC 是数对子」：只比大小，几个正类与几个负类相同时，每一对都算一半",
        [0, 1, 1, 0, 0, 1, 0, 0],
        [-2.0, 3.5, 0.0, 0.0, 0.0, -2.0, -7.0, 12000.0],
        0.566667,
    ),
    case(
        "得分挤在一起",
        "见「训练时按批算指标」：阈值取所有的得分，不是等距的格子",
        [0, 0, 1, 0, 1, 1, 0],
        [0.0011, 0.0012, 0.0013, 0.0014, 0.0015, 0.0016, 0.0017],
        0.666667,
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
