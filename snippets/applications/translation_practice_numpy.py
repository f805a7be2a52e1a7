# --8<-- [start:task]
import numpy as np


def em_step(t, pairs):
    """IBM 模型 1 的一轮：按旧的表分票，再归一成新的表。

    t：t[f, e] 是字 f 译成词 e 的概率，(字数, 词数)，每行和为 1。
    pairs：句对的列表，每一对是两个编号列表（字的，词的）；
    一句里的字可以重复，词不重复。每个字至少在一对里出现。

    返回新的表，形状相同；不要改动 t。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "em_step"
THREE = [([0], [0]), ([0, 1], [1]), ([1, 0], [2])]  # 三，三十，十三


def case(name, place, t, pairs, new):
    return name, {"t": np.array(t), "pairs": pairs}, new, place


CASES = [
    case(
        "三、三十、十三，均匀的初值",
        "见「手工对齐」：thirty 的一票，三与十各分一半",
        [[1 / 3, 1 / 3, 1 / 3], [1 / 3, 1 / 3, 1 / 3]],
        THREE,
        [[0.5, 0.25, 0.25], [0.0, 0.5, 0.5]],
    ),
    case(
        "三、三十、十三，第二轮",
        "见「手工对齐」：分票看旧的表，三已经更像 three",
        [[0.5, 0.25, 0.25], [0.0, 0.5, 0.5]],
        THREE,
        [[0.6, 0.2, 0.2], [0.0, 0.5, 0.5]],
    ),
    case(
        "二十八 twenty eight，八 eight",
        "见「手工对齐」：每个词各有一票，分给句里的每个字",
        [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]],
        [([0, 1, 2], [0, 1]), ([2], [1])],
        [[0.5, 0.5], [0.5, 0.5], [0.2, 0.8]],
    ),
    case(
        "二十二，同一个字出现两次",
        "见「手工对齐」：两个二各分一份，都要记上",
        [[0.4, 0.6], [0.7, 0.3]],
        [([0, 1, 0], [0, 1]), ([0], [1])],
        [[0.228571, 0.771429], [0.7, 0.3]],
    ),
    case(
        "不均匀的初值",
        "见「手工对齐」：先在一句之内分票，最后才按字归一",
        [[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]],
        [([0, 1], [0, 2]), ([1, 2], [1]), ([2, 0, 1], [2, 0])],
        [
            [0.28401, 0.0, 0.71599],
            [0.589109, 0.311881, 0.09901],
            [0.119149, 0.268085, 0.612766],
        ],
    ),
    case(
        "同一对出现两次",
        "见「手工对齐」：各对的票相加",
        [[0.5, 0.5], [0.5, 0.5]],
        [([0, 1], [0]), ([0, 1], [0]), ([0], [1])],
        [[0.5, 0.5], [1.0, 0.0]],
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
