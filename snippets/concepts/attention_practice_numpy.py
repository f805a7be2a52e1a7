# --8<-- [start:task]
import numpy as np


def attention(q, k, v, mask=None):
    """缩放点积注意力，返回 (output, weights)。

    q：查询，形状 (..., n, d_k)
    k：键，(..., m, d_k)；v：值，(..., m, d_v)
    mask：布尔数组，能广播到 (..., n, m)，
        True 表示「可以看」；None 是都可以看
    output：(..., n, d_v)
    weights：(..., n, m)，每行之和为 1；
        但一个键也不许看的那一行，权重与输出都是 0

    省略号是批、头这些前导的轴，可以没有；
    各批、各头互不相干。分数很大时也不许溢出。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "attention"
Q = np.array([[1.0, 2.0], [0.0, -1.0]])
K = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
V = np.array([[1.0], [2.0], [4.0]])
SEE = np.array([[True, True, False], [False, False, True]])
CASES = [
    (
        "一个查询，两个键",
        {"q": np.eye(1, 4), "k": 2 * np.eye(2, 4), "v": np.eye(2, 3)},
        ([[0.731059, 0.268941, 0.0]], [[0.731059, 0.268941]]),
        "见「整句一次算完」：分数要除以 √d_k",
    ),
    (
        "两个查询，三个键",
        {"q": Q, "k": K, "v": V},
        (
            [[3.011921], [1.99302]],
            [
                [0.140029, 0.283995, 0.575975],
                [0.50349, 0.248255, 0.248255],
            ],
        ),
        "见「整句一次算完」：softmax 沿键的方向逐行归一",
    ),
    (
        "加掩码",
        {"q": Q, "k": K, "v": V, "mask": SEE},
        (
            [[1.669762], [4.0]],
            [[0.330238, 0.669762, 0.0], [0.0, 0.0, 1.0]],
        ),
        "见「掩码」：True 是可以看，在 softmax 之前起作用",
    ),
    (
        "第二行全被遮住",
        {"q": Q, "k": K, "v": V, "mask": SEE[:, :1]},
        (
            [[3.011921], [0.0]],
            [[0.140029, 0.283995, 0.575975], [0.0, 0.0, 0.0]],
        ),
        "见「掩码」：整行被遮",
    ),
    (
        "两批，各有自己的掩码",
        {
            "q": Q[:, None],
            "k": K[None],
            "v": V[None],
            "mask": SEE[:, None],
        },
        (
            [[[1.669762]], [[4.0]]],
            [[[0.330238, 0.669762, 0.0]], [[0.0, 0.0, 1.0]]],
        ),
        "见「整句一次算完」的 mT，「掩码」的广播",
    ),
    (
        "很大的分数",
        {"q": 2000 * np.eye(1, 2), "k": K, "v": V},
        ([[2.5]], [[0.5, 0.0, 0.5]]),
        "见「整句一次算完」：先减去每行的最大值",
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
