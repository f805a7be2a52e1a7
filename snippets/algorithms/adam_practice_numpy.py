# --8<-- [start:task]
import numpy as np


def adamw(theta, gradients, rates, weight_decay=0.0, eps=1e-8):
    """走完 AdamW 的几步，返回走完之后的 theta。

    theta：参数，数组，形状任意；不许改动传入的数组。
    gradients：每一步的梯度，按先后排列，每个的形状与 theta 相同。
    rates：每一步的学习率，个数与 gradients 相同，中途可以改变。

    β1 取 0.9，β2 取 0.999。m 与 v 从 0 开始，都要偏差修正，步数从 1 数起；
    eps 加在修正后的根号外面；衰减不进梯度，乘的是学习率与 weight_decay。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "adamw"


def case(name, place, theta, gradients, rates, want, **options):
    given = {"theta": np.array(theta), "gradients": np.array(gradients)}
    return name, given | {"rates": rates} | options, want, place


CASES = [
    case(
        "手算过的两步",
        "见「手算两步」：两步都要偏差修正，t 从 1 数起",
        [1.0, 1.0],
        [[1.0, 10.0], [0.9, 9.0]],
        [0.1, 0.1],
        [0.80041223, 0.80041223],
    ),
    case(
        "梯度很小，eps 显得出来",
        "见「ε 放错位置了吗」：先修正 v，再开方，再加 eps",
        [0.5],
        [[1e-3], [2e-3]],
        [0.1, 0.1],
        [0.39087201],
        eps=1e-3,
    ),
    case(
        "有衰减",
        "见「L2 与权重衰减」：衰减不进 m 与 v，直接缩小参数",
        [2.0, -1.0],
        [[1.0, 0.1], [-1.0, 0.3]],
        [0.1, 0.1],
        [1.71526316, -1.0892781],
        weight_decay=0.5,
    ),
    case(
        "学习率中途变小，有衰减",
        "见「乘的是 ηλ」：衰减跟着每一步的学习率变",
        [1.0],
        [[1.0], [1.0], [-0.5]],
        [0.5, 0.1, 0.01],
        [0.23362497],
        weight_decay=0.3,
    ),
    case(
        "参数是矩阵，有衰减",
        "见「手算两步」：每个数用自己的 v",
        [[0.3], [-0.1]],
        [[[1.0], [0.0]], [[10.0], [2.0]], [[0.0], [-1.0]]],
        [0.1, 0.2, 0.1],
        [[-0.03106209], [-0.26625293]],
        weight_decay=0.1,
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
