# --8<-- [start:task]
import numpy as np


def conformal_sets(p, y, p_new, alpha):
    """分割保形预测：哪些类进集合，返回 True 与 False 的数组，(m, 类)。

    p：校准例子各类的概率，(n, 类)；y：它们的正确答案，编号，(n,)。
    p_new：新例子各类的概率，(m, 类)。
    alpha：允许漏掉正确答案的比例，0 与 1 之间。

    分数是 1 减去那一类的概率；门槛取第 ceil((n + 1)(1 - alpha)) 小的校准分数，
    分数不超过门槛的类进集合，含等于；校准的例子不够时，所有的类都进。
    一个集合可以是空的；不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "conformal_sets"


def case(name, place, right, p_new, alpha, sets):
    """right：校准例子给正确答案的概率；其余的类平分剩下的。sets：类的编号。"""
    classes = len(p_new[0])
    y = np.arange(len(right)) % classes
    rest = (1 - np.array(right)) / (classes - 1)
    p = np.repeat(rest.reshape(-1, 1), classes, axis=1)
    p[np.arange(len(y)), y] = right
    given = {"p": p, "y": y, "p_new": np.array(p_new), "alpha": alpha}
    inside = [[c in one for c in range(classes)] for one in sets]
    return name, given, inside, place


NINE = [0.95, 0.38, 0.90, 0.69, 0.92, 0.55, 0.80, 0.85, 0.10]
CASES = [
    case(
        "手算过的九个分数",
        "见「九个分数，手算」：一共九个，取第 8 个，不是第 7 个",
        NINE,
        [[0.70, 0.25, 0.05], [0.45, 0.40, 0.15], [0.34, 0.33, 0.33]],
        0.2,
        [[0], [0, 1], []],
    ),
    case(
        "恰好等于门槛",
        "见「九个分数，手算」：不超过门槛，含等于",
        [0.75, 0.5, 0.875, 0.25, 0.625, 0.375],
        [[0.375, 0.375, 0.25], [0.125, 0.25, 0.625], [0.25, 0.3125, 0.4375]],
        0.32,
        [[0, 1], [2], [2]],
    ),
    case(
        "校准的例子不够",
        "见「九个分数，手算」：第 10 个分数不存在，门槛是无穷大",
        NINE,
        [[0.98, 0.01, 0.01], [0.2, 0.3, 0.5]],
        0.05,
        [[0, 1, 2], [0, 1, 2]],
    ),
    case(
        "模型常错",
        "见「九个分数，手算」：分数用正确答案的概率，不用最大的概率",
        [0.125, 0.25, 0.0625, 0.75, 0.1875, 0.3125, 0.4375, 0.5],
        [[0.5, 0.25, 0.125, 0.125], [0.8125, 0.0625, 0.0625, 0.0625]],
        0.37,
        [[0, 1], [0]],
    ),
    case(
        "两个类，十二个例子",
        "见「忘了加一，或数据有偏移」：(n + 1)(1 - alpha) 不是整数时往上取",
        [0.9, 0.8, 0.3, 0.7, 0.95, 0.6, 0.4, 0.85, 0.75, 0.65, 0.2, 0.55],
        [[0.5, 0.5], [0.38, 0.62], [0.68, 0.32], [0.42, 0.58]],
        0.3,
        [[0, 1], [1], [0], [0, 1]],
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
