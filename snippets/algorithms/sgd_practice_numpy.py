# --8<-- [start:task]
import numpy as np


def sgd(theta, gradients, rates, mu=0.0, nesterov=False):
    """带动量的梯度下降，返回走完之后的 theta。

    theta：参数，数组，形状任意；不许改动传入的数组。
    gradients：每一步的梯度，按先后排列，每个的形状与 theta 相同。
    rates：每一步的学习率，个数与 gradients 相同，中途可以改变。
    mu：动量系数，0 就是没有动量；nesterov：是否用 Nesterov 的写法。

    用 PyTorch 的约定：v 从 0 开始，学习率乘在 v 的外面；
    梯度已经对一批取过平均。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "sgd"


def case(name, place, theta, gradients, rates, want, **options):
    given = {"theta": np.array(theta), "gradients": np.array(gradients)}
    return name, given | {"rates": rates} | options, want, place


CASES = [
    case(
        "没有动量，手算过的两步",
        "见「手算三步」",
        [10.0, 1.0],
        [[10.0, 10.0], [8.5, -5.0]],
        [0.15, 0.15],
        [7.225, 0.25],
    ),
    case(
        "动量 0.5，手算过的两步",
        "见「动量」：先乘旧的 v，再加新的梯度",
        [10.0, 1.0],
        [[10.0, 10.0], [8.5, -5.0]],
        [0.15, 0.15],
        [6.475, -0.5],
        mu=0.5,
    ),
    case(
        "Nesterov，手算过的两步",
        "见「换一个变量」：走的是 g + μv，其中的 v 已经更新",
        [10.0, 1.0],
        [[10.0, 10.0], [9.2, 2.0]],
        [0.05, 0.05],
        [8.284, -0.14],
        mu=0.6,
        nesterov=True,
    ),
    case(
        "学习率中途变小",
        "见「两种约定」：学习率乘在 v 的外面",
        [1.0, -2.0],
        [[1.0, 2.0], [1.0, -1.0], [0.5, 0.0]],
        [0.5, 0.5, 0.05],
        [-0.5605, -3.436],
        mu=0.9,
    ),
    case(
        "参数是矩阵，每一步的学习率都不同",
        "见「换一个变量」与「两种约定」",
        [[1.0], [-2.0]],
        [[[1.0], [2.0]], [[0.5], [0.0]], [[-1.0], [1.0]]],
        [0.1, 0.2, 0.05],
        [[0.4963], [-2.8719]],
        mu=0.9,
        nesterov=True,
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
