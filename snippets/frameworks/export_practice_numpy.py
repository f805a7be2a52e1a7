# --8<-- [start:task]
import numpy as np


def quantized_dense(x_q, w_q, b_q, x_scale, x_zero, w_scale, y_scale, y_zero):
    """全 int8 的全连接层，返回 int8 数组，形状 (n, m)。

    x_q：int8，形状 (n, k)，一行一个例子；代表的数是 x_scale * (x_q - x_zero)。
    w_q：int8，形状 (m, k)，一行一个输出；零点是 0，第 j 行的比例是 w_scale[j]。
    b_q：int32，形状 (m,)；第 j 个的比例是 x_scale * w_scale[j]，零点是 0。
    x_scale、y_scale、x_zero、y_zero 是数；w_scale 是数组，形状 (m,)。

    先用整数算出累加器，再换成输出的单位，舍入（正中间的数取偶数），
    然后加 y_zero，最后把超出 -128 到 127 的数取成端点。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
def i8(*rows):
    return np.array(rows, np.int8)


TASK = "quantized_dense"
CASES = [
    (
        "零点都是 0",
        {
            "x_q": i8([4, -2], [6, 3]),
            "w_q": i8([3, 1], [-5, 2]),
            "b_q": np.array([6, -4], np.int32),
            "x_scale": 0.5,
            "x_zero": 0,
            "w_scale": np.array([0.25, 0.25]),
            "y_scale": 0.25,
            "y_zero": 0,
        },
        [[8, -14], [14, -14]],
        "见「一层全连接：整数乘整数」：乘数是 x_scale * w_scale / y_scale",
    ),
    (
        "输入的零点是 100",
        {
            "x_q": i8([-128, 127, 100]),
            "w_q": i8([2, 1, 127], [-1, 100, -128]),
            "b_q": np.array([300, 0], np.int32),
            "x_scale": 0.125,
            "x_zero": 100,
            "w_scale": np.array([0.5, 0.5]),
            "y_scale": 2.0,
            "y_zero": -3,
        },
        [[-7, 89]],
        "见「一层全连接：整数乘整数」：先转成 int32 再减零点，int8 装不下 -228",
    ),
    (
        "每个输出一个比例",
        {
            "x_q": i8([10, -20, 30], [-5, 7, 1]),
            "w_q": i8([64, 32, 16], [64, 32, 16], [-8, 0, 127]),
            "b_q": np.array([-100, -100, 1000], np.int32),
            "x_scale": 0.25,
            "x_zero": 2,
            "w_scale": np.array([0.5, 0.0625, 0.125]),
            "y_scale": 1.0,
            "y_zero": 5,
        },
        [[25, 7, 127], [-45, -1, 34]],
        "见「一行一个比例」：w_scale[j] 属于第 j 个输出，不属于第 j 个输入",
    ),
    (
        "正中间的数",
        {
            "x_q": i8([1, 0], [3, 0], [5, 0], [-1, 0]),
            "w_q": i8([1, 7], [-1, 7]),
            "b_q": np.array([0, 2], np.int32),
            "x_scale": 0.5,
            "x_zero": 0,
            "w_scale": np.array([1.0, 1.0]),
            "y_scale": 1.0,
            "y_zero": 1,
        },
        [[1, 1], [3, 1], [3, -1], [1, 3]],
        "见「一个数怎样变成 int8」：np.rint 取偶数；先舍入，后加零点",
    ),
    (
        "累加器很大，输出超出两端",
        {
            "x_q": np.full((1, 64), 127, np.int8),
            "w_q": np.stack([np.full(64, v) for v in (127, -127, 3)]).astype(np.int8),
            "b_q": np.array([0, 0, -20000], np.int32),
            "x_scale": 0.0625,
            "x_zero": 0,
            "w_scale": np.array([0.0625, 0.0625, 0.0625]),
            "y_scale": 0.5,
            "y_zero": 20,
        },
        [[127, -128, 54]],
        "见「一层全连接：整数乘整数」：积加起来用 int32；超出的取端点，不绕回去",
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
