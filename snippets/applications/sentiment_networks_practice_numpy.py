# --8<-- [start:task]
import numpy as np


def features(ids, embedding, kernel, bias):
    """TextCNN 的一种宽度：卷积、ReLU、遮住填充取最大，返回形状 (batch, map)。

    ids：形状 (batch, time)，字的编号；0 是填充，只出现在一行的末尾。
    embedding：形状 (size, width)，第 i 行是编号 i 的向量，第 0 行不一定是 0。
    kernel：形状 (map, k, width)；bias：形状 (map,)。

    一个窗口是相邻的 k 个字，与核逐项相乘、求和，再加偏置；不倒转核。
    含有填充的窗口不参加取最大。一个窗口也没有的句子，每个特征都是 0。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "features"
CASES = [
    (
        "味道不差与差不多",
        {
            "ids": np.array([[4, 5, 1, 2], [2, 1, 3, 0]]),
            "embedding": np.eye(6),  # 1 不，2 差，3 多，4 味，5 道
            "kernel": np.array([[[0.0, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0]]]),
            "bias": np.array([-1.0]),
        },
        [[1.0], [0.0]],
        "见「一个核，手算」：哪个字在前、哪个字在后，是两回事",
    ),
    (
        "偏置大于 0，后面有填充",
        {
            "ids": np.array([[1, 2, 0, 0, 0], [2, 2, 0, 0, 0]]),
            "embedding": np.array([[0.0, 0], [1, 0], [0, 1]]),
            "kernel": np.array([[[0.0, 0.125], [0, -0.25]]]),
            "bias": np.array([0.375]),
        },
        [[0.125], [0.25]],
        "见「填充会改变答案」：窗口里只要有一个填充，就不参加",
    ),
    (
        "窗口全是负的",
        {
            "ids": np.array([[1, 1, 2], [2, 1, 0]]),
            "embedding": np.array([[3.0], [1], [2]]),
            "kernel": np.array([[[-1.0], [-0.5]], [[0.5], [-0.25]]]),
            "bias": np.array([0.25, -1.0]),
        },
        [[0.0, 0.0], [0.0, 0.0]],
        "见「TextCNN：几种宽度，各取最大」：取最大之前或之后，要有 ReLU",
    ),
    (
        "整批都比核短",
        {
            "ids": np.array([[1, 2], [2, 0]]),
            "embedding": np.array([[1.0], [1], [2]]),
            "kernel": np.array([[[1.0], [1], [1]], [[1.0], [0], [0]]]),
            "bias": np.array([0.5, 0.25]),
        },
        [[0.0, 0.0], [0.0, 0.0]],
        "见「填充会改变答案」：一个窗口也放不下时，最大值从哪里来",
    ),
    (
        "三句不一样长，填充的向量不是 0",
        {
            "ids": np.array([[1, 2, 3, 1, 2], [3, 1, 2, 0, 0], [2, 3, 0, 0, 0]]),
            "embedding": np.array([[2.0, 2], [1, -0.5], [0.25, 1], [-1, 0.75]]),
            "kernel": np.array(
                [[[1.0, 0.5], [-0.5, 2], [0.5, 1]], [[-1, 1], [0.5, 0.25], [1, -0.5]]]
            ),
            "bias": np.array([0.125, -0.25]),
        },
        [[3.0, 1.625], [0.0, 1.625], [0.0, 0.0]],
        "见「填充会改变答案」：单独算与成批算，应是同一个答案",
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
