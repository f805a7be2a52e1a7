# --8<-- [start:task]
import zlib

import numpy as np

PRIME = 2**31 - 1


def number(piece):
    """一片变成一个小于 PRIME 的整数。"""
    return zlib.crc32(piece.encode()) % PRIME


def minhash(left, right, slope, shift):
    """MinHash：两个签名，与 Jaccard 系数的估计，返回 (签名, 签名, 估计)。

    left、right：两个不空的集合，里面是片，片是字符串。
    slope、shift：k 个散列的系数 a 与 c，小于 PRIME 的整数，形状都是 (k,)。

    一片先由 number 变成整数 x；第 i 个散列是 (a[i] * x + c[i]) 除以 PRIME 的余数，
    精确到个位。
    签名：k 个整数，第 i 个是各片的第 i 个散列里最小的。
    估计：两个签名逐位比较，相同的比例，一个数。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "minhash"
CASES = [
    (
        "一边一片，一个散列",
        {
            "left": {"a"},
            "right": {"b"},
            "slope": np.array([1]),
            "shift": np.array([0]),
        },
        ([1756872260], [1908338681], 0.0),
        "见「近似重复：从 Jaccard 到 MinHash」：散列怎样代替排列",
    ),
    (
        "酒店的早餐",
        {
            "left": {
                "这家酒",
                "家酒店",
                "酒店的",
                "店的早",
                "的早餐",
                "早餐很",
                "餐很好",
            },
            "right": {
                "这家酒",
                "家酒店",
                "酒店的",
                "店的早",
                "的早餐",
                "早餐不",
                "餐不好",
            },
            "slope": np.array([3, 5, 7, 11, 13, 17, 19, 23]),
            "shift": np.array([1, 2, 3, 4, 5, 6, 7, 8]),
        },
        (
            [
                392179283,
                130223239,
                199257112,
                6334940,
                48802620,
                182818800,
                879168638,
                160053131,
            ],
            [
                392179283,
                180092803,
                164596753,
                6334940,
                48802620,
                182818800,
                139979236,
                160053131,
            ],
            0.625,
        ),
        "见「近似重复：从 Jaccard 到 MinHash」：相同的比例",
    ),
    (
        "很大的系数",
        {
            "left": {"大", "模型", "数据"},
            "right": {"大", "模型", "去重"},
            "slope": np.array([2147483646, 2147483629, 1999999973, 1073741827]),
            "shift": np.array([2147483645, 0, 1234567891, 2147483646]),
        },
        (
            [18998144, 341966628, 130327175, 560812417],
            [18998144, 341966628, 130327175, 256925616],
            0.75,
        ),
        "见「近似重复：从 Jaccard 到 MinHash」：乘积要用 64 位整数",
    ),
    (
        "两个集合相同",
        {
            "left": {"甲", "乙", "丙"},
            "right": {"丙", "甲", "乙"},
            "slope": np.array([48271, 69621, 16807]),
            "shift": np.array([11, 22, 33]),
        },
        ([652065239, 147155631, 337233098], [652065239, 147155631, 337233098], 1.0),
        "见「近似重复：从 Jaccard 到 MinHash」：最小值只由集合决定",
    ),
    (
        "没有一片相同",
        {
            "left": {"春", "夏"},
            "right": {"秋", "冬", "年"},
            "slope": np.array([1000003, 1000033]),
            "shift": np.array([5, 2147483600]),
        },
        ([500652392, 810844672], [849333201, 959242890], 0.0),
        "见「近似重复：从 Jaccard 到 MinHash」：没有共同的片",
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
