# --8<-- [start:task]
import tensorflow as tf


def clipped_step(w, b, x, y, rate, limit):
    """逻辑回归走一步梯度下降，返回 (w, b, loss)。

    w：权重，(特征数,)；b：偏置，标量；都是 float64 的张量，不是变量。
    x：样本，(样本数, 特征数)，float64。
    y：标签 0 或 1，(样本数,)，int32。
    rate：学习率；limit：w 与 b 的梯度合在一起，范数最多这么大。

    第 i 个样本的 logit 是 x[i] 与 w 的内积加 b。
    loss 是走之前的交叉熵，对样本取平均；w、b 是走之后的。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "clipped_step"


def case(name, place, w, b, x, y, rate, limit, want):
    given = {
        "w": tf.constant(w, tf.float64),
        "b": tf.constant(b, tf.float64),
        "x": tf.constant(x, tf.float64),
        "y": tf.constant(y, tf.int32),
    }
    return name, given | {"rate": rate, "limit": limit}, want, place


X = [[1.0, 2.0], [0.5, -1.0], [-1.5, 0.5]]
CASES = [
    case(
        "梯度不大，不裁剪",
        "见「求导」：张量要先 watch；「张量」：标签要先 cast",
        [0.2, -0.1],
        0.3,
        X,
        [1, 0, 1],
        0.5,
        10.0,
        ([0.09093, 0.188304], 0.352599, 0.748964),
    ),
    case(
        "要裁剪",
        "见「训练一个网络」：所有梯度合在一起算一个范数，同乘一个数",
        [2.0, -1.0],
        1.5,
        X,
        [0, 0, 1],
        0.5,
        0.25,
        ([1.882247, -1.010054], 1.459279, 2.452697),
    ),
    case(
        "只有一个样本，裁剪得很紧",
        "见「训练一个网络」：范数超过上限时，梯度乘上限除以范数",
        [0.5],
        -0.5,
        [[4.0]],
        [0],
        1.0,
        0.01,
        ([0.490299], -0.502425, 1.701413),
    ),
    case(
        "很大的 logit",
        "见「训练一个网络」：从 logit 直接算损失，不要先 sigmoid 再取对数",
        [30.0, 0.0],
        0.0,
        [[30.0, 1.0], [-30.0, 1.0]],
        [0, 1],
        0.1,
        5.0,
        ([29.5, 0.0], 0.0, 900.0),
    ),
    case(
        "梯度恰好是零",
        "见「训练一个网络」：范数是 0 时不能拿它作除数",
        [0.7, 0.7],
        0.0,
        [[0.0, 0.0], [0.0, 0.0]],
        [0, 1],
        0.5,
        1.0,
        ([0.7, 0.7], 0.0, 0.693147),
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
