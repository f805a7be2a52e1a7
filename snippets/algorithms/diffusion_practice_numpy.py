# --8<-- [start:task]
import numpy as np


def ddim_step(x, eps, alpha_bar_t, alpha_bar_s):
    """DDIM 的一步，从 t 走到噪声更少的 s，返回 (x_s, x_0)。

    x：第 t 步的图，任意形状的数组，像素在 −1 与 1 之间的图加了噪声。
    eps：网络猜的噪声，形状与 x 相同。
    alpha_bar_t、alpha_bar_s：两步的 ᾱ，都是数，alpha_bar_t 小于 alpha_bar_s。

    x_0 是由 eps 求出的原图，裁到 −1 与 1 之间；裁过之后噪声要重算，
    再拼成 x_s；不加新的噪声；不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "ddim_step"


def case(name, place, x, eps, a, b, x_s, x_0):
    given = {"x": np.array(x), "eps": np.array(eps)}
    given |= {"alpha_bar_t": a, "alpha_bar_s": b}
    return name, given, (x_s, x_0), place


CASES = [
    case(
        "手算过的一步",
        "见「往回走一步：DDIM 与 DDPM」：先由 eps 求 x_0，再换上 s 的两个系数",
        [1.0],
        [0.5],
        0.36,
        0.64,
        [1.1],
        [1.0],
    ),
    case(
        "原图超出范围",
        "见「裁剪之后，噪声要重算」：用裁过的 x_0 反推 eps",
        [1.0, -1.0, 0.3],
        [0.1, 0.4, 0.2],
        0.36,
        0.64,
        [1.1, -1.1, 0.306667],
        [1.0, -1.0, 0.233333],
    ),
    case(
        "走到原图",
        "见「往回走一步：DDIM 与 DDPM」：alpha_bar_s 是 1，就不剩噪声了",
        [0.9, -0.2, 0.5],
        [-0.3, 0.7, 1.1],
        0.9216,
        1.0,
        [1.0, -0.4125, 0.2],
        [1.0, -0.4125, 0.2],
    ),
    case(
        "一次跳过几步，两行三列",
        "见「往回走一步：DDIM 与 DDPM」：两个 alpha_bar 相隔多远都是同一个式子",
        [[0.2, -1.3, 0.7], [1.6, 0.0, -0.4]],
        [[0.5, -0.9, 1.2], [0.3, -0.2, -0.6]],
        0.0784,
        0.64,
        [[-0.5, -1.4375, -0.1875], [1.625, 0.428571, 0.142857]],
        [[-1.0, -1.0, -1.0], [1.0, 0.685714, 0.628571]],
    ),
    case(
        "几乎全是噪声",
        "见「裁剪之后，噪声要重算」：除以很小的 √alpha_bar，eps 差一点，x_0 就差很多",
        [1.2, -0.7, 0.05],
        [1.19, -0.71, 0.045],
        0.0001,
        0.36,
        [1.552048, 0.02987, 0.336135],
        [1.0, 0.99645, 0.500225],
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
