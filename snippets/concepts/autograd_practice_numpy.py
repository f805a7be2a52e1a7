# --8<-- [start:task]
import numpy as np


def affine_vjp(x, w, b, g):
    """z = x @ w + b 的反向，返回 (dx, dw, db)。

    x：(..., n, d)，w：(..., d, m)；前面的轴可以没有，
    也可以广播。b：任何能广播成 z 的形状。
    g：损失对 z 的梯度，与 z 同形。
    dx、dw、db 与 x、w、b 同形；不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "affine_vjp"
X, W = [[1, 2], [3, 1]], [[0, 1], [1, -1]]
G = [[2, 0], [-3, 3]]
DX, DW = [[0.0, 2.0], [3.0, -6.0]], [[-7.0, 9.0], [1.0, 3.0]]
MORE = [X, [[2, 0], [1, 1]]]  # 一批两个矩阵
G2 = [G, [[1, 4], [0, -2]]]


def given(x, w, b, g):
    arrays = [np.array(a, dtype=float) for a in (x, w, b, g)]
    return dict(zip(["x", "w", "b", "g"], arrays, strict=True))


CASES = [
    (
        "网络的第一层",
        given(X, W, [0.5, 0.5], G),
        (DX, DW, [-1.0, 3.0]),
        "见「数组也一样」：矩阵乘法的两条规则",
    ),
    (
        "偏置是一列",
        given(X, W, [[0.5], [1]], G),
        (DX, DW, [[2.0], [0.0]]),
        "见「广播的反向是求和」：从 1 拉长的轴",
    ),
    (
        "偏置是一个数",
        given(X, W, 0.5, G),
        (DX, DW, 2.0),
        "见「广播的反向是求和」：前面补出来的轴",
    ),
    (
        "一批矩阵，共用一个 w",
        given(MORE, W, [0.5, 0.5], G2),
        (
            [DX, [[4.0, -3.0], [-2.0, 2.0]]],
            [[-5.0, 15.0], [1.0, 1.0]],
            [0.0, 5.0],
        ),
        "见「广播的反向是求和」：w 也被广播了",
    ),
    (
        "一个 x，两个 w",
        given(X, [W, [[1, 0], [2, 1]]], [[[0]], [[1]]], G2),
        (
            [[1.0, 8.0], [3.0, -8.0]],
            [DW, [[1.0, -2.0], [2.0, 6.0]]],
            [[[2.0]], [[3.0]]],
        ),
        "见「广播的反向是求和」：x 也被广播了",
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
