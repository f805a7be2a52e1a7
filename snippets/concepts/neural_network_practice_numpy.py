# --8<-- [start:task]
import numpy as np


def gradients(params, x, y):
    """分类网络的损失与梯度，返回 (loss, grads)。

    params：[(w, b), …]，按层排列，层数任意，可以只有一层；
    w 形状 (in, out)，b 形状 (out,)。每层算 x @ w + b，除末层外都接 ReLU。
    x：输入，形状 (batch, in)；y：类别的编号，整数，形状 (batch,)。

    loss：softmax 交叉熵，对一批取平均，一个数。
    grads：[(dw, db), …]，次序、形状与 params 相同。
    ReLU 在 0 处的导数取 0；logits 很大时也不许溢出；不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "gradients"


def case(name, place, layers, batch, *grads):
    x, y, loss = batch
    params = [(np.array(w, float), np.array(b, float)) for w, b in layers]
    given = {"params": params, "x": np.array(x, float), "y": np.array(y)}
    return name, given, (loss, grads), place


CASES = [
    case(
        "手算过的例子",
        "见「手算一遍」",
        [([[0, 1], [1, -1]], [0, 0]), ([[0.5, -0.5], [1, -1]], [0, 0])],
        ([[1, 2]], [1], 2.126928),
        ([[0.880797, 0.0], [1.761594, 0.0]], [0.880797, 0.0]),
        ([[1.761594, -1.761594], [0.0, 0.0]], [0.880797, -0.880797]),
    ),
    case(
        "三层，一批两个",
        "见「转置从哪里来」：乘的是哪个转置；损失对一批取了平均",
        [
            ([[1, -1], [0.5, 1]], [0.5, 0]),
            ([[1, 2], [-1, 1]], [0, -1]),
            ([[1, 0], [-1, 1]], [0, 0]),
        ],
        ([[1, 2], [2, 0.5]], [1, 0], 3.126066),
        ([[2.993915, -0.000305], [0.747945, -0.00061]], [1.496805, -0.000305]),
        ([[-1.372096, 2.744193], [0.000102, -0.000203]], [-0.498935, 0.99787]),
        ([[-1.372198, 1.372198], [-2.245156, 2.245156]], [-0.498935, 0.498935]),
    ),
    case(
        "隐藏单元恰好是 0",
        "见「手算一遍」：被 ReLU 关掉的单元传不回梯度",
        [([[1, -1], [-1, 1]], [0, 0]), ([[1, 0], [0, 1]], [0, 1])],
        ([[1, 1]], [0], 1.313262),
        ([[0.0, 0.0], [0.0, 0.0]], [0.0, 0.0]),
        ([[0.0, 0.0], [0.0, 0.0]], [-0.731059, 0.731059]),
    ),
    case(
        "很大的 logits",
        "见「反向传播只要十几行」：先减去最大的 logit",
        [([[500, 0], [0, 500]], [0, 0]), ([[2, 0], [0, 2]], [0, 0])],
        ([[1, 0]], [1], 1000.0),
        ([[2.0, 0.0], [0.0, 0.0]], [2.0, 0.0]),
        ([[500.0, -500.0], [0.0, 0.0]], [1.0, -1.0]),
    ),
    case(
        "只有一层，三个类",
        "见「softmax 与交叉熵」与「转置从哪里来」；末层不接 ReLU",
        [([[1, 0, -1], [0.5, 1, 0]], [0, 0.5, 0])],
        ([[1, -2], [0.5, 1], [-1, 2], [2, 0]], [2, 0, 1, 0], 0.750493),
        (
            [[-0.037307, 0.255151, -0.217844], [-0.445769, -0.043519, 0.489288]],
            [-0.038715, 0.165058, -0.126344],
        ),
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
