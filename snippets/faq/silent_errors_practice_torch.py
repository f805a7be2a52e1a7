# --8<-- [start:task]
import torch


def loss_and_grad(logits, y):
    """交叉熵，只对有效的标签求平均；返回（损失，损失对 logits 的梯度）。

    logits：未经 softmax 的分数，float64 张量，(N, C)。
    y：类别的编号，int64 张量，(N,) 或 (N, 1)；-100 是要忽略的。

    一个有效的标签也没有时，损失与梯度都是 0。
    分数再大，结果也要有限；不许改动传入的张量。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "loss_and_grad"


def case(name, place, logits, y, loss, grad):
    given = {"logits": torch.tensor(logits).double(), "y": torch.tensor(y)}
    return name, given, (loss, grad), place


CASES = [
    case(
        "两个例子",
        "见「NaN 与无穷」：对 N 个例子求平均，梯度也要除以 N",
        [[1.0, 0.0, -1.0], [0.5, 2.0, 0.0]],
        [0, 2],
        1.356981,
        [[-0.16738, 0.122364, 0.045015], [0.082126, 0.368062, -0.450188]],
    ),
    case(
        "分数相差很大",
        "见「NaN 与无穷」：softmax 下溢成 0，再取对数就是负无穷",
        [[0.0, 2000.0], [200.0, 0.0]],
        [0, 0],
        1000.0,
        [[-0.5, 0.5], [0.0, 0.0]],
    ),
    case(
        "忽略一个标签",
        "见「只有某几批的损失是 NaN，数据里却没有 NaN？」：除以有效的个数",
        [[1.0, 0.0], [0.0, 3.0]],
        [1, -100],
        1.313262,
        [[0.731059, -0.731059], [0.0, 0.0]],
    ),
    case(
        "全部忽略",
        "见「只有某几批的损失是 NaN，数据里却没有 NaN？」：0 除以 0；或 squeeze 压过头",
        [[1.0, 2.0]],
        [-100],
        0.0,
        [[0.0, 0.0]],
    ),
    case(
        "标签的形状是 (N, 1)",
        "见「形状」：先压成 (N,)",
        [[0.0, 1.0, 2.0, 3.0], [2.0, 0.0, 0.0, 1.0]],
        [[1], [0]],
        1.467001,
        [
            [0.016029, -0.456428, 0.118441, 0.321957],
            [-0.194852, 0.041297, 0.041297, 0.112258],
        ],
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
