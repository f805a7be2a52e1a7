# --8<-- [start:task]
import numpy as np


def verdicts(ours, theirs, exact, factor):
    """逐个中间量给出判断，返回字典 {名字: 判断}。

    ours、theirs、exact：字典 {名字: 数组}；theirs 是参照，exact 是参照用更高的
    精度再算的结果，名字与 theirs 相同。ours 里多出来的名字不管。
    factor：界线，差不超过舍入的 factor 倍算相等。

    判断依次是：ours 里没有这个名字，"缺"；三个数组的形状不全相同，"形状"；
    没有元素，"空"；三个数组里有 NaN 或无穷，"不等"；最大的差（转成 float64 再减）
    不超过 factor 乘以舍入，"相等"；否则 "不等"。舍入是 theirs 与 exact 最大的差，
    但不小于 eps 乘以 exact 里最大的绝对值；eps 取自 theirs 的精度。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
def f32(*values):
    return np.array(values, np.float32)


UNIT = 2.0**-20
TASK = "verdicts"
CASES = [
    (
        "一层是舍入，一层是错误",
        {
            "ours": {"q": f32(1 + 2 * UNIT, -3), "o": f32(0.5, 0.25 - 16 * UNIT)},
            "theirs": {"q": f32(1 + UNIT, -3), "o": f32(0.5, 0.25 + UNIT)},
            "exact": {"q": np.array([1.0, -3.0]), "o": np.array([0.5, 0.25])},
            "factor": 10,
        },
        {"q": "相等", "o": "不等"},
        "见「用舍入当尺子」：分子、分母各是哪两个数组的差",
    ),
    (
        "恰好等于界线",
        {
            "ours": {"a": f32(1, 1 + 5 * UNIT), "b": f32(1, 1 + 6 * UNIT)},
            "theirs": {"a": f32(1, 1 + UNIT), "b": f32(1, 1 + UNIT)},
            "exact": {"a": np.array([1.0, 1.0]), "b": np.array([1.0, 1.0])},
            "factor": 4,
        },
        {"a": "相等", "b": "不等"},
        "见「用舍入当尺子」：不超过，含等于",
    ),
    (
        "多了一个轴",
        {
            "ours": {"o": f32(1, 2)[:, None], "q": f32(1, 2), "k": f32(1, 2)},
            "theirs": {"o": f32(1, 2), "q": f32(1, 2), "k": f32(1, 2)},
            "exact": {"o": np.array([1.0, 2]), "q": np.array([1.0, 2]), "k": np.eye(2)},
            "factor": 10,
        },
        {"o": "形状", "q": "相等", "k": "形状"},
        "见「三个库的断言各放过什么」：不许广播",
    ),
    (
        "少一个名字，多一个名字",
        {
            "ours": {"z": f32(9), "k": f32(3)},
            "theirs": {"q": f32(2), "k": f32(3)},
            "exact": {"q": np.array([2.0]), "k": np.array([3.0])},
            "factor": 10,
        },
        {"q": "缺", "k": "相等"},
        "见「三个库的断言各放过什么」：没有比到的，必须算不通过",
    ),
    (
        "参照没有舍入",
        {
            "ours": {
                "a": f32(1, -4 - 4 * UNIT),
                "b": f32(1, -4 - 6 * UNIT),
                "c": np.array([4 + UNIT]),
            },
            "theirs": {"a": f32(1, -4), "b": f32(1, -4), "c": np.array([4.0])},
            "exact": {
                "a": np.array([1.0, -4.0]),
                "b": np.array([1.0, -4.0]),
                "c": np.array([4.0]),
            },
            "factor": 10,
        },
        {"a": "相等", "b": "不等", "c": "不等"},
        "见「用舍入当尺子」：除数是 0 时的下限，eps 看 theirs 的精度",
    ),
    (
        "两边都溢出",
        {
            "ours": {"x": f32(np.inf, 1)},
            "theirs": {"x": f32(np.inf, 1)},
            "exact": {"x": np.array([1e39, 1.0])},
            "factor": 10,
        },
        {"x": "不等"},
        "见「用舍入当尺子」：无穷减无穷是 NaN，NaN 与什么比都是假，所以要先查",
    ),
    (
        "只有一个数组溢出",
        {
            "ours": {"x": f32(5, 99), "y": f32(np.inf), "z": f32(9)},
            "theirs": {"x": f32(np.inf, 1), "y": f32(2), "z": f32(2)},
            "exact": {"x": np.array([1e39, 1]), "y": f32(2), "z": f32(np.inf)},
            "factor": 10,
        },
        {"x": "不等", "y": "不等", "z": "不等"},
        "见「用舍入当尺子」：尺子无穷长，量什么都相等",
    ),
    (
        "没有元素",
        {
            "ours": {"x": f32(), "y": f32(1)},
            "theirs": {"x": f32(), "y": f32(1)},
            "exact": {"x": np.array([]), "y": np.array([1.0])},
            "factor": 10,
        },
        {"x": "空", "y": "相等"},
        "见「三个库的断言各放过什么」：空的数组什么也没有比",
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
