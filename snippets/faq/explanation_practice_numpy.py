# --8<-- [start:task]
import numpy as np


def partial_dependence(predict, X, column, grid):
    """部分依赖与各行曲线的分散，返回字典 {"pdp": (g,), "spread": (g,)}。

    predict：模型，收一张表 (n, d)，返回 n 个预测；X：表，(n, d)。
    column：改哪一列；grid：依次改成的 g 个值，不一定从小到大。

    每一行有一条曲线：这一列依次改成 grid 里的值，其余各列保持这一行的值。
    pdp 是各行曲线的平均；spread 先让每条曲线减去它在 grid 第一个值处的高度，
    再求各行之间的标准差（除以 n）。不许改动传入的表。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "partial_dependence"


def case(name, place, predict, X, column, grid, pdp, spread):
    given = {"predict": predict, "X": np.array(X), "column": column}
    given["grid"] = np.array(grid)
    return name, given, {"pdp": pdp, "spread": spread}, place


CASES = [
    case(
        "手算过的四个病人",
        "见「平均把什么藏起来了：个体曲线」：平均是平的，各行并不平",
        lambda X: X[:, 0] * X[:, 1],
        [[1.0, -2], [2, 2], [3, -1], [4, 1]],
        0,
        [1.0, 2, 3, 4],
        [0.0, 0.0, 0.0, 0.0],
        [0.0, 1.581139, 3.162278, 4.743416],
    ),
    case(
        "模型是弯的，三列，改中间一列",
        "见「部分依赖：固定一列，其余取平均」：先逐行预测再平均，不是预测平均的那一行",
        lambda X: np.exp(X[:, 0]) * X[:, 1] + np.maximum(X[:, 2] - X[:, 1], 0),
        [[0.0, 5, 1], [1, 7, 4], [2, 6, -1], [-1, 8, 2.5]],
        1,
        [-1.0, 0, 2, 3.5],
        [-0.2438043, 1.875, 6.362609, 10.16582],
        [0.0, 3.161997, 9.32702, 13.61628],
    ),
    case(
        "各列不相干：曲线平行",
        "见「平均把什么藏起来了：个体曲线」：先减去起点，平行的曲线分散是 0",
        lambda X: X[:, 0] ** 2 - 3 * X[:, 1],
        [[0.5, 4.0], [1.5, -2], [-1, 1]],
        0,
        [1.0, 2, 3],
        [-2.0, 1.0, 6.0],
        [0.0, 0.0, 0.0],
    ),
    case(
        "整数的表，格点是小数",
        "见「部分依赖：固定一列，其余取平均」：把 0.5 写进整数数组，会变成 0",
        lambda X: X[:, 0] * X[:, 1] + X[:, 1] ** 2,
        [[2, 1], [3, 5], [-4, 2]],
        1,
        [0.5, 1.5, 2.75],
        [0.4166667, 2.75, 8.479167],
        [0.0, 3.091206, 6.955214],
    ),
    case(
        "格点没有排好",
        "见「部分依赖：固定一列，其余取平均」：次序照 grid，起点是它的第一个值",
        lambda X: np.where(X[:, 0] > 1, X[:, 1], -X[:, 0]),
        [[0.0, 1], [2, 3], [4, 8]],
        0,
        [2.0, 0, 3, 1],
        [4.0, 0.0, 4.0, -1.0],
        [0.0, 2.94392, 0.0, 2.94392],
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
