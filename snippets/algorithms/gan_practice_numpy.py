# --8<-- [start:task]
import numpy as np


def gan_losses(real_logits, fake_logits):
    """返回 (判别器的损失, 生成器的损失, 生成器的损失对 fake_logits 的梯度)。

    real_logits、fake_logits：判别器对真图、假图的输出，过 sigmoid 之前；
    两组可以不一样多，形状是 (batch,) 或 (batch, 1)。

    判别器：真图的 -log D 的平均，加上假图的 -log(1 - D) 的平均。
    生成器：非饱和的损失，假图的 -log D 的平均。
    梯度的形状同 fake_logits；logits 到 ±1000 也要对；不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "gan_losses"


def case(name, place, real_logits, fake_logits, *want):
    given = {"real_logits": real_logits, "fake_logits": fake_logits}
    arrays = {key: np.array(value) for key, value in given.items()}
    return name, arrays, want, place


CASES = [
    case(
        "什么也分不出",
        "见「生成器的两种损失」：D 处处是 1/2，两个损失是 log 4 与 log 2",
        [0.0, 0.0],
        [0.0, 0.0],
        1.386294,
        0.693147,
        [-0.25, -0.25],
    ),
    case(
        "真图 0.9，假图 0.1",
        "见「生成器的两种损失」：非饱和的损失是 -log D，导数是 -(1 - D)",
        [2.1972245773362196],
        [-2.1972245773362196],
        0.210721,
        2.302585,
        [-0.9],
    ),
    case(
        "真图三张，假图五张",
        "见「一场两个人的游戏」：真图与假图各自取平均，梯度也除以假图的张数",
        [1.5, -0.5, 3.0],
        [-2.0, 0.7, -4.0, 0.0, 2.5],
        1.312086,
        1.46406,
        [-0.176159, -0.066362, -0.196403, -0.1, -0.015172],
    ),
    case(
        "网络输出的一列",
        "见「生成器的两种损失」：损失取了平均，每张假图的梯度也除以张数",
        [[0.5], [-1.2]],
        [[-0.3], [1.8], [-2.6]],
        1.828339,
        1.226326,
        [[-0.191481], [-0.047284], [-0.310287]],
    ),
    case(
        "logits 很大",
        "见「生成器的两种损失」：-log σ(a) 是 softplus(-a)：用 np.logaddexp(0, -a)",
        [1000.0, -1000.0, 40.0],
        [1000.0, -800.0, -40.0, 3.0],
        584.09548,
        210.012147,
        [0.0, -0.25, -0.25, -0.011856],
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
