# --8<-- [start:task]
import numpy as np


def ffn_sublayer(x, gamma, beta, W1, b1, W2, b2):
    """预归一化的前馈子层：x + FFN(LayerNorm(x))。

    x：(..., d)，每个位置各自归一化，ε 取 1e-5
    gamma、beta：(d,)
    W1：(d, d_ff)，b1：(d_ff,)
    W2：(d_ff, d)，b2：(d,)
    返回与 x 同形的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "ffn_sublayer"
START = {
    "gamma": np.ones(4),
    "beta": np.zeros(4),
    "W1": np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]),
    "b1": np.zeros(2),
    "W2": np.array([[0.5, 0.0, -1.0, 1.0], [2.0, 1.0, 0.0, -1.0]]),
    "b2": np.zeros(4),
}
LEARNT = START | {
    "gamma": np.array([1.0, 2.0, 0.5, 1.0]),
    "beta": np.array([0.5, 1.0, 0.0, 0.5]),
    "b1": np.array([0.5, -0.5]),
    "b2": np.array([0.0, 0.1, 0.2, 0.3]),
}
CASES = [
    (
        "手算的那个词",
        START | {"x": np.array([9.0, -5.0, 3.0, 1.0])},
        [9.8, -5.0, 1.4, 2.6],
        "见「先手算一个词」",
    ),
    (
        "学来的 gamma、beta 与偏置",
        LEARNT | {"x": np.array([[0.0, 2.0, 4.0, 4.0], [6.0, 0.0, 0.0, 2.0]])},
        [
            [2.603022, 3.401511, 4.2, 2.998489],
            [7.112372, 0.1, -2.024744, 4.524744],
        ],
        "见「先手算一个词」：每一行各算各的均值与方差",
    ),
    (
        "很小的输入",
        START | {"x": np.array([0.001, -0.001, 0.003, 0.001])},
        [0.289675, -0.001, -0.57435, 0.57835],
        "见「先手算一个词」：ε 加在方差上，再开方",
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
