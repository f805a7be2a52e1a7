# --8<-- [start:task]
from keras import ops


def batch_norm(
    x, gamma, beta, mean, variance, training, trainable, momentum=0.99, epsilon=1e-3
):
    """一次批归一化，返回 (out, mean, variance)，后两个是新的滑动值。

    x：(batch, …, 通道数)，每个通道在其余各轴上归一化。
    gamma、beta、mean、variance：各 (通道数,)，后两个是原来的滑动值。
    training：调用时的 training=；trainable：这一层有没有冻结。

    方差除以个数 n，不是 n - 1；用 keras.ops 写；不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "batch_norm"


def case(name, place, want, **given):
    arrays = ["x", "gamma", "beta", "mean", "variance"]
    given |= {key: ops.convert_to_numpy(given[key]) for key in arrays}
    return name, given, want, f"见「层的状态」：{place}"


CASES = [
    case(
        "手算过的一批",
        "训练时用这一批的均值与方差，滑动值各走百分之一",
        ([[-0.999875], [0.999875]], [0.03], [1.03]),
        x=[[1.0], [5.0]],
        gamma=[1.0],
        beta=[0.0],
        mean=[0.0],
        variance=[1.0],
        training=True,
        trainable=True,
    ),
    case(
        "推断",
        "training=False 时用滑动值，并且不更新它们",
        ([[1.70693], [7.362371]], [0.5], [2.0]),
        x=[[1.0], [5.0]],
        gamma=[2.0],
        beta=[1.0],
        mean=[0.5],
        variance=[2.0],
        training=False,
        trainable=True,
    ),
    case(
        "冻结",
        "冻结了的层在 training=True 时也按推断计算",
        ([[1.70693], [7.362371]], [0.5], [2.0]),
        x=[[1.0], [5.0]],
        gamma=[2.0],
        beta=[1.0],
        mean=[0.5],
        variance=[2.0],
        training=True,
        trainable=False,
    ),
    case(
        "一张两个通道的图",
        "只留最后一轴：批、高、宽都要平均",
        (
            [
                [
                    [[-1.341507, -0.732891], [-0.447169, -0.465783]],
                    [[0.447169, -1.801326], [1.341507, -1.0]],
                ]
            ],
            [1.02, 0.005],
            [1.04, 3.96875],
        ),
        x=[[[[0.0, 1.0], [2.0, 1.5]], [[4.0, -1.0], [6.0, 0.5]]]],
        gamma=[1.0, 0.5],
        beta=[0.0, -1.0],
        mean=[1.0, 0.0],
        variance=[1.0, 4.0],
        training=True,
        trainable=True,
    ),
    case(
        "换一个动量与 epsilon",
        "旧值乘 momentum；epsilon 加在方差上，然后开方",
        (
            [[-0.274597, 0.0], [1.274597, -1.222455], [0.5, 1.222455]],
            [0.02, 2.1],
            [0.900667, 0.716667],
        ),
        x=[[0.1, 3.0], [0.3, 1.0], [0.2, 5.0]],
        gamma=[1.0, 1.0],
        beta=[0.5, 0.0],
        mean=[0.0, 2.0],
        variance=[1.0, 0.5],
        training=True,
        trainable=True,
        momentum=0.9,
        epsilon=0.01,
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
