# --8<-- [start:task]
import numpy as np


def integrated_gradients(gradient, x, baseline, steps):
    """积分梯度，返回形状 (d,) 的数组。

    gradient：函数，收形状 (m, d) 的 m 个点，返回各点的梯度，形状也是 (m, d)；
    它很慢，只许调用一次。
    x、baseline：形状 (d,)，元素可能是整数。
    steps：把从 baseline 到 x 的线段等分成几段，梯度在每一段的中点取。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
def saturated(z):
    return (z < 1.0) * 1.0  # f = 1 - relu(1 - x)


def gate(z):
    return np.repeat((z.sum(axis=1, keepdims=True) > 1) * 1.0, z.shape[1], axis=1)


def product(z):
    a, b, c = z.T
    return np.stack([b * c, a * c, a * b], axis=1)


class Once:
    """f = x 的立方之和；问第二次，就出错。"""

    def __init__(self):
        self.asked = False

    def __call__(self, z):
        if self.asked:
            raise ValueError("gradient 调用了两次")
        self.asked = True
        return 3 * z**2


TASK = "integrated_gradients"
CASES = [
    (
        "饱和",
        {
            "gradient": saturated,
            "x": np.array([2.0]),
            "baseline": np.array([0.0]),
            "steps": 50,
        },
        [1.0],
        "见「饱和：梯度是 0，不等于没有用」：沿路梯度的平均，乘以走过的差",
    ),
    (
        "两个输入",
        {
            "gradient": gate,
            "x": np.array([2.0, 0.5]),
            "baseline": np.zeros(2),
            "steps": 40,
        },
        [1.2, 0.3],
        "见「两个输入，手算」：平均之后，乘以各自走过的差",
    ),
    (
        "起点不是 0",
        {
            "gradient": product,
            "x": np.array([1.0, 3.0, -2.0]),
            "baseline": np.array([2.0, -1.0, 1.0]),
            "steps": 20,
        },
        [1.4975, -2.0025, -3.5025],
        "见「起点是问题的一部分」：路从 baseline 出发，差是 x 减 baseline",
    ),
    (
        "只有三段",
        {
            "gradient": saturated,
            "x": np.array([4.0]),
            "baseline": np.array([-1.0]),
            "steps": 3,
        },
        [1.666667],
        "见「步数」：三段的中点是 1/6、3/6、5/6，不取两端",
    ),
    (
        "整数，两段，只调用一次",
        {
            "gradient": Once(),
            "x": np.array([3, 1]),
            "baseline": np.array([0, 0]),
            "steps": 2,
        },
        [25.3125, 0.9375],
        "见「步数」：所有的点拼成一个数组，一次求完；整数的数组放不下小数",
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
