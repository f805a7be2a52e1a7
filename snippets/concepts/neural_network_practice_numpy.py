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
CASES = [
    (
        "手算过的例子",
        {
            "params": [
                (np.array([[0.0, 1.0], [1.0, -1.0]]), np.zeros(2)),
                (np.array([[0.5, -0.5], [1.0, -1.0]]), np.zeros(2)),
            ],
            "x": np.array([[1.0, 2.0]]),
            "y": np.array([1]),
        },
        (
            2.126928,
            (
                ([[0.880797, 0.0], [1.761594, 0.0]], [0.880797, 0.0]),
                ([[1.761594, -1.761594], [0.0, 0.0]], [0.880797, -0.880797]),
            ),
        ),
        "见「手算一遍」",
    ),
    (
        "只有一层，一批两个",
        {
            "params": [
                (
                    np.array([[1.0, 0.0, -1.0], [0.0, 2.0, 1.0]]),
                    np.array([0.0, 0.5, 0.0]),
                )
            ],
            "x": np.array([[1.0, 1.0], [2.0, -1.0]]),
            "y": np.array([0, 2]),
        },
        (
            3.401319,
            (
                (
                    [[0.549857, 0.4122, -0.962057], [-0.896714, 0.368518, 0.528196]],
                    [0.067667, 0.397639, -0.465306],
                ),
            ),
        ),
        "见「损失对 logits 的梯度是」：对一批取平均，除以批的大小",
    ),
    (
        "两层，一批四个",
        {
            "params": [
                (
                    np.array([[1.0, -1.0, 0.5], [0.0, 1.0, -0.5]]),
                    np.array([0.0, 0.5, 0.0]),
                ),
                (
                    np.array([[1.0, -1.0], [0.5, 1.0], [-1.0, 0.0]]),
                    np.array([0.0, 0.2]),
                ),
            ],
            "x": np.array([[1.0, 2.0], [-1.0, 1.0], [0.5, -1.0], [1.0, 1.0]]),
            "y": np.array([0, 1, 1, 1]),
        },
        (
            0.742929,
            (
                (
                    [
                        [0.410969, -0.046961, -0.064062],
                        [-0.103017, -0.062058, 0.128124],
                    ],
                    [0.539093, -0.094461, -0.128124],
                ),
                (
                    [
                        [0.205484, -0.205484],
                        [0.124656, -0.124656],
                        [0.096093, -0.096093],
                    ],
                    [0.317047, -0.317047],
                ),
            ),
        ),
        "见「链式法则：只传向量，不造雅可比矩阵」：权重与偏置的梯度各是什么",
    ),
    (
        "三层",
        {
            "params": [
                (np.array([[1.0, -1.0], [0.5, 1.0]]), np.array([0.5, 0.0])),
                (np.array([[1.0, 2.0], [-1.0, 1.0]]), np.array([0.0, -1.0])),
                (np.array([[1.0, 0.0], [-1.0, 1.0]]), np.zeros(2)),
            ],
            "x": np.array([[1.0, 2.0], [2.0, 0.5]]),
            "y": np.array([1, 0]),
        },
        (
            3.126066,
            (
                ([[2.993915, -0.000305], [0.747945, -0.00061]], [1.496805, -0.000305]),
                ([[-1.372096, 2.744193], [0.000102, -0.000203]], [-0.498935, 0.99787]),
                ([[-1.372198, 1.372198], [-2.245156, 2.245156]], [-0.498935, 0.498935]),
            ),
        ),
        "见「转置从哪里来」：往前传时乘的是权重的转置",
    ),
    (
        "隐藏单元恰好是 0",
        {
            "params": [
                (np.array([[1.0, -1.0], [-1.0, 1.0]]), np.zeros(2)),
                (np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0.0, 1.0])),
            ],
            "x": np.array([[1.0, 1.0]]),
            "y": np.array([0]),
        },
        (
            1.313262,
            (
                ([[0.0, 0.0], [0.0, 0.0]], [0.0, 0.0]),
                ([[0.0, 0.0], [0.0, 0.0]], [-0.731059, 0.731059]),
            ),
        ),
        "见「手算一遍」：被 ReLU 关掉的单元传不回梯度",
    ),
    (
        "很大的 logits",
        {
            "params": [
                (np.array([[500.0, 0.0], [0.0, 500.0]]), np.zeros(2)),
                (np.array([[2.0, 0.0], [0.0, 2.0]]), np.zeros(2)),
            ],
            "x": np.array([[1.0, 0.0]]),
            "y": np.array([1]),
        },
        (
            1000.0,
            (
                ([[2.0, 0.0], [0.0, 0.0]], [2.0, 0.0]),
                ([[500.0, -500.0], [0.0, 0.0]], [1.0, -1.0]),
            ),
        ),
        "见「一个神经网络就是一个带参数的函数」：先减去最大的 logit",
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
    return "None（忘了 return？）" if x is None else type(x).__name__


def fault(want, got, place="返回值"):
    """第一处不对，说成一句话；全对就是 None。"""
    if {type(want), type(got)} == {list, tuple}:
        got = type(want)(got)
    if form(want) != form(got):
        return f"{place}应是：{form(want)}；得到：{form(got)}"
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
