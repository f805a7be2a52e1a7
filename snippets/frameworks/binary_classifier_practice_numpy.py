# --8<-- [start:task]
import numpy as np


def metrics(targets, scores, threshold):
    """二分类的四个指标，返回字典，键是 precision、recall、f1、auc。

    targets：标签，1 是阳性，0 是阴性，形状 (n,)；两类都至少有一例。
    scores：得分，越大越像阳性，形状 (n,)，不必是概率，可以有相等的。
    threshold：阈值；得分不小于它的判为阳性。

    精确率、召回率、F1 的分母是 0 时，取 0。auc 不看阈值：随机取一例阳性、
    一例阴性，阳性得分更高的概率，相等算一半。不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "metrics"
CASES = [
    (
        "八例",
        {
            "targets": np.array([1, 1, 1, 0, 0, 0, 0, 1]),
            "scores": np.array([0.9, 0.8, 0.3, 0.7, 0.2, 0.1, 0.4, 0.6]),
            "threshold": 0.35,
        },
        {"precision": 0.6, "recall": 0.75, "f1": 0.666667, "auc": 0.8125},
        "见「十个得分，四个阈值」：四格里哪几格作分母",
    ),
    (
        "恰好等于阈值",
        {
            "targets": np.array([1, 0, 1, 0]),
            "scores": np.array([0.5, 0.25, 0.75, 0.5]),
            "threshold": 0.5,
        },
        {"precision": 0.666667, "recall": 1.0, "f1": 0.8, "auc": 0.875},
        "见「十个得分，四个阈值」：不小于阈值的判为阳性",
    ),
    (
        "得分相等",
        {
            "targets": np.array([1, 0, 1, 0, 1]),
            "scores": np.array([2.0, 2.0, 1.0, 1.0, -3.0]),
            "threshold": 1.5,
        },
        {"precision": 0.5, "recall": 0.333333, "f1": 0.4, "auc": 0.333333},
        "见「ROC 与 AUC：不看阈值」：得分相等的一对算一半",
    ),
    (
        "没有一例判为阳性",
        {
            "targets": np.array([0, 1, 0]),
            "scores": np.array([-1.0, -2.0, -3.0]),
            "threshold": 0.0,
        },
        {"precision": 0.0, "recall": 0.0, "f1": 0.0, "auc": 0.5},
        "见「十个得分，四个阈值」：分母是 0",
    ),
    (
        "次序全反",
        {
            "targets": np.array([1, 0, 0, 0, 0]),
            "scores": np.array([0.1, 0.9, 0.8, 0.7, 0.2]),
            "threshold": 0.15,
        },
        {"precision": 0.0, "recall": 0.0, "f1": 0.0, "auc": 0.0},
        "见「ROC 与 AUC：不看阈值」：AUC 是一对里阳性得分更高的概率",
    ),
    (
        "阳性很少",
        {
            "targets": np.array([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            "scores": np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.1, 0.6, 0.4, 0.1, 0.5]),
            "threshold": 0.35,
        },
        {"precision": 0.333333, "recall": 1.0, "f1": 0.5, "auc": 0.888889},
        "见「十个得分，四个阈值」：精确率与召回率各问什么",
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
