# --8<-- [start:task]
import numpy as np


def group_folds(groups, k):
    """按组分折：同一组的例子在同一折；返回每例的折号，(n,)，0 到 k - 1。

    groups：每例属于哪一组，(n,) 的整数；组号不一定连续，同组的例子不一定挨着。

    各组的例数都不相同。

    从例子最多的组开始，依次放进此刻例数最少的一折；一样少，放进折号最小的。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "group_folds"


def case(name, place, groups, k, folds):
    return name, {"groups": np.array(groups), "k": k}, folds, place


GROUPS = "见「同一个病人的片子，不能分在两边」："
CASES = [
    case(
        "四个病人，片子 4、3、2、1 张",
        GROUPS + "放完前三人，两折是 4 张与 5 张，最后一人放进少的那折",
        [0, 0, 0, 0, 1, 1, 1, 2, 2, 3],
        2,
        [0, 0, 0, 0, 1, 1, 1, 1, 1, 0],
    ),
    case(
        "片子的次序打乱",
        GROUPS + "同一个人的片子不挨着，也要在一折；从片子最多的人开始，不是从编号小的",
        [2, 0, 1, 2, 1, 2, 0, 2, 1, 3, 2],
        3,
        [0, 2, 1, 0, 1, 0, 2, 0, 1, 2, 0],
    ),
    case(
        "一个人占了一半",
        GROUPS + "他整个在一折，不能拆开；别人都进另一折，那里一直更少",
        [9, 4, 4, 4, 4, 4, 4, 4, 7, 7, 7, 5, 5],
        2,
        [1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1],
    ),
    case(
        "编号不连续",
        GROUPS + "组号只用来认人，不当下标，也不除以折数取余",
        [90, 12, 90, 35, 12, 90, 41, 35, 12, 90],
        2,
        [0, 1, 0, 1, 1, 0, 0, 1, 1, 0],
    ),
    case(
        "一样少时看折号",
        GROUPS + "两折一样少，放进折号小的；几个人就分几折时，一人一折",
        [5, 3, 5, 1, 3, 5],
        3,
        [0, 1, 0, 2, 1, 0],
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
