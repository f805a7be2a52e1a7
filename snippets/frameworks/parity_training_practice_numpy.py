# --8<-- [start:task]
import numpy as np


def parted_at(ours, theirs, exact, factor):
    """两条训练轨迹从第几步起不相等。

    ours、theirs、exact：每一步的损失，形状 (步数,)；theirs 是参照，exact 是参照
    换成更高的精度再训练一遍。第一个元素是第 1 步。

    返回字典：
    step：第一个不相等的步，从 1 数起；走完都相等是 0。
    steps：比了多少步，即三条里最短的长度。
    第 t 步相等，是说 ours 与 theirs 的差不超过 factor 乘以尺子；尺子是
    到第 t 步为止 theirs 与 exact 差得最多的那一步的差，因为舍入会越积越大。
    ours、theirs、exact 里第 t 步有 NaN 或无穷，算不相等。长短不同而短的那一段都
    相等，step 是短的长度加 1：有一边先停了。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
UNIT = 2.0**-24
GROWS = 1 + UNIT * np.array([0, 1, 1, 2, 4, 8, 8, 16])  # 舍入越积越大
TASK = "parted_at"
CASES = [
    (
        "只是舍入",
        {
            "ours": GROWS + UNIT * np.array([0, 2, -3, 5, 9, 20, 40, 80]),
            "theirs": GROWS,
            "exact": np.ones(8),
            "factor": 10,
        },
        {"step": 0, "steps": 8},
        "见「舍入与真差别」：尺子随步数变长",
    ),
    (
        "第一个不满的批次",
        {
            "ours": GROWS - UNIT * np.array([0, 1, 1, 2, 3, 100, 130, 150]),
            "theirs": GROWS,
            "exact": np.ones(8),
            "factor": 10,
        },
        {"step": 6, "steps": 8},
        "见「舍入与真差别」：差在哪一步突然变大",
    ),
    (
        "尺子取到此为止的最大",
        {
            "ours": np.array([1.0, 1.25, 1.5, 1.5]),
            "theirs": np.array([1.0, 1.0, 1.0, 1.0]),
            "exact": np.array([1.0, 0.75, 1.0, 1.0]),
            "factor": 2,
        },
        {"step": 0, "steps": 4},
        "见「舍入与真差别」：某一步碰巧没有舍入，尺子不该变成 0",
    ),
    (
        "恰好等于，再多一点",
        {
            "ours": np.array([1.0, 1.5, 1.75]),
            "theirs": np.array([1.0, 1.0, 1.0]),
            "exact": np.array([1.0, 1.25, 1.25]),
            "factor": 2,
        },
        {"step": 3, "steps": 3},
        "见「舍入与真差别」：不超过，含等于",
    ),
    (
        "损失溢出成无穷",
        {
            "ours": np.array([1.0, np.inf, 2.0]),
            "theirs": np.array([1.0, np.inf, 2.0]),
            "exact": np.array([1.0, np.inf, 2.0]),
            "factor": 10,
        },
        {"step": 2, "steps": 3},
        "见「舍入与真差别」：无穷减无穷是 NaN，与什么比都是假，所以要先查",
    ),
    (
        "只有参照溢出",
        {
            "ours": np.array([1.0, 3.0, 2.0]),
            "theirs": np.array([1.0, np.inf, 2.0]),
            "exact": np.array([1.0, 3.0, 2.0]),
            "factor": 10,
        },
        {"step": 2, "steps": 3},
        "见「舍入与真差别」：参照溢出，尺子就无穷长，量什么都相等",
    ),
    (
        "有一边先停了",
        {
            "ours": np.array([2.0, 1.5]),
            "theirs": np.array([2.0, 1.5, 1.25, 1.0]),
            "exact": np.array([2.0, 1.5, 1.25]),
            "factor": 10,
        },
        {"step": 3, "steps": 2},
        "见「三条轨迹」：停在不同的步，也是不相等",
    ),
    (
        "高精度的那一条先停了",
        {
            "ours": np.array([2.0, 1.5, 1.25]),
            "theirs": np.array([2.0, 1.5, 1.25]),
            "exact": np.array([2.0, 1.5]),
            "factor": 10,
        },
        {"step": 3, "steps": 2},
        "见「三条轨迹」：停在不同的步，也是不相等",
    ),
    (
        "一开始就不同",
        {
            "ours": np.array([0.75, 0.5]),
            "theirs": np.array([0.5, 0.25]),
            "exact": np.array([0.5, 0.25]),
            "factor": 10,
        },
        {"step": 1, "steps": 2},
        "见「三条轨迹」：第 1 步就不同，先查初始权重",
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
