# --8<-- [start:task]
import numpy as np


def clustered_se(scores, clusters):
    """平均分的标准误，同一组的题不当作独立的，返回一个数。

    scores：每题的分，(n,)，不一定只有 0 和 1。
    clusters：每题属于哪一组，(n,)，整数；同组的题不一定挨着，至少两组。

    乘上「组数 ÷（组数 − 1）」再开方；每题自成一组时就是 s/√n。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "clustered_se"


def case(name, place, scores, clusters, se):
    given = {"scores": np.array(scores, float), "clusters": np.array(clusters)}
    return name, given, se, place


CLUSTER = "见「同一段短文问四题，算四题吗」："
CASES = [
    case(
        "两组，一组全对，一组全错",
        CLUSTER + "同一组的偏差先加起来，再平方",
        [1, 1, 1, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 1, 1, 1],
        0.5,
    ),
    case(
        "每题自成一组",
        CLUSTER + "这时该与 s/√n 相同，s 除以 n - 1",
        [1, 0, 1, 1, 0],
        [3, 1, 4, 2, 9],
        0.244949,
    ),
    case(
        "同组的题分散在各处",
        CLUSTER + "按组的名字收集，不是按相邻",
        [1, 0, 1, 0, 1, 0, 1, 1, 0],
        [7, 2, 7, 2, 5, 2, 5, 7, 5],
        0.293972,
    ),
    case(
        "组有大有小，分数不只 0 和 1",
        CLUSTER + "各组一起减同一个平均分，最后除以总题数",
        [0.5, 1, 0.8, 0.9, 0.2, 0, 0.4, 1, 0.6, 0.7],
        [1, 1, 1, 1, 1, 2, 2, 3, 3, 4],
        0.112392,
    ),
    case(
        "同组里有得有失",
        CLUSTER + "同组的偏差相抵，标准误会变小，不取绝对值",
        [1, 0, 1, 0, 1, 0, 1, 1],
        [0, 0, 1, 1, 2, 2, 3, 3],
        0.125,
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
