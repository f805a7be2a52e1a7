# --8<-- [start:task]
import numpy as np


def negative_elbo(x, logits, mean, log_var):
    """一批图的负 ELBO，返回 (重构误差, KL, 两者之和)，三个数。

    x：像素，0 到 1，(batch, 像素个数)。
    logits：解码器的输出，过 sigmoid 之前，形状同 x；像素服从伯努利分布。
    mean、log_var：编码器给的均值与方差的对数，(batch, 隐变量维数)。

    对像素、对隐变量求和，只对批平均；不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "negative_elbo"


def case(name, place, x, logits, mean, log_var, *want):
    keys = ["x", "logits", "mean", "log_var"]
    given = map(np.array, [x, logits, mean, log_var])
    return name, dict(zip(keys, given, strict=True)), want, place


CASES = [
    case(
        "编码器什么也没说",
        "见「KL 的封闭形式」：q 就是先验时 KL 是 0，重构误差是像素个数乘 log 2",
        [[1.0, 0.0, 1.0]],
        [[0.0, 0.0, 0.0]],
        [[0.0, 0.0]],
        [[0.0, 0.0]],
        2.079442,
        0.0,
        2.079442,
    ),
    case(
        "手算过的隐变量",
        "见「KL 的封闭形式」：均值 1、方差 0.5 的 KL 是 0.5966；log_var 是方差的对数",
        [[1.0, 0.0]],
        [[2.0, -1.0]],
        [[1.0]],
        [[-0.6931471805599453]],
        0.44019,
        0.596574,
        1.036763,
    ),
    case(
        "三张图",
        "见「求和还是平均」：像素求和，隐变量求和，只对批平均",
        [[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0]],
        [[1.5, -0.5, -2.0, 0.3], [-1.0, 0.7, 2.0, 0.4], [0.2, 1.1, -0.6, -3.0]],
        [[0.5, -1.0], [1.2, 0.3], [-0.4, 2.0]],
        [[-1.0, -2.0], [0.5, -0.3], [-3.0, 0.1]],
        1.494905,
        1.781285,
        3.27619,
    ),
    case(
        "像素是灰的",
        "见「黑白像素」：交叉熵两项都要：x 乘 log p，1 - x 乘 log(1 - p)",
        [[0.25, 0.5, 0.875], [0.0, 1.0, 0.0625]],
        [[-1.0, 0.5, 2.5], [-4.0, 3.0, -2.0]],
        [[0.3, -0.8, 1.5, 0.0], [-1.1, 0.4, 0.0, 0.9]],
        [[-1.5, -0.5, -2.5, 0.0], [-0.2, -1.0, 0.2, -4.0]],
        0.998697,
        2.749519,
        3.748215,
    ),
    case(
        "logits 很大",
        "见「黑白像素」：不要先过 sigmoid 再取对数：用 np.logaddexp(0, logits)",
        [[1.0, 0.0, 1.0, 0.0]],
        [[800.0, -800.0, -40.0, 900.0]],
        [[3.0, -2.0]],
        [[-8.0, 2.0]],
        940.0,
        12.194696,
        952.194696,
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
