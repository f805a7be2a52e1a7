# --8<-- [start:task]
def naive_bayes(texts, labels, text, alpha):
    """朴素贝叶斯：text 是好评的概率，一个 0 到 1 的数。

    texts：训练的评论，字符串的列表；labels：同样多的 1（好评）与 0（差评）。
    text：要判的一句；alpha：每一格加多少，大于 0。

    特征是单字，一个字出现几次就算几次；两类共用一张词表，是训练评论里所有的字。
    先验是两类评论的条数之比，重复的评论照样各算一条；text 里没见过的字不算。
    text 可以长到几千个字。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "naive_bayes"
SIX = ["很好", "好吃", "不错", "不好", "很差", "难吃"]
GOOD = [1, 1, 1, 0, 0, 0]
# 好评多一条，夹在中间，里面的「好」写了两遍
MORE = ["很好", "不好", "好吃", "好好看", "很差", "不错", "难吃"]
KINDS = [1, 0, 1, 1, 0, 1, 0]


def case(name, place, texts, labels, text, alpha, p):
    given = {"texts": texts, "labels": labels, "text": text, "alpha": alpha}
    return name, given, p, place


CASES = [
    case(
        "手算过的「好吃」",
        "见「六条评论，手算」：先验乘以各个字的概率，再归一",
        SIX,
        GOOD,
        "好吃",
        1,
        0.6,
    ),
    case(
        "每一格加半个",
        "见「为什么每格加 1」：分母也要跟着变，加的是 alpha 乘以词表的大小",
        MORE,
        KINDS,
        "好吃",
        0.5,
        0.702988,
    ),
    case(
        "好评多一条",
        "见「六条评论，手算」：先验不再相等；两类共用一张词表，出现几次算几次",
        MORE,
        KINDS,
        "看着好，不难吃",
        1,
        0.558035,
    ),
    case(
        "一个字也没见过",
        "见「六条评论，手算」：没见过的字不乘，剩下的只有先验，重复的各算一条",
        [*MORE, "好好看"],
        [*KINDS, 1],
        "啊",
        1,
        0.625,
    ),
    case(
        "三千多个字",
        "见「得分怎么是 5.45e-05」：连乘会成 0，改成对数相加",
        SIX,
        GOOD,
        "好" * 2000 + "差" * 1170,
        1,
        0.487007,
    ),
    case(
        "五千个「差」",
        "见「得分怎么是 5.45e-05」：exp 的指数太大会溢出，先减去大的那个",
        SIX,
        GOOD,
        "差" * 5000,
        1,
        0.0,
    ),
    case(
        "五千个「好」",
        "见「得分怎么是 5.45e-05」：反过来也会溢出，先减去大的那个",
        SIX,
        GOOD,
        "好" * 5000,
        1,
        1.0,
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
