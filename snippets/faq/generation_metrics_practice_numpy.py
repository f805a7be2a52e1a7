# --8<-- [start:task]
def corpus_bleu(hypotheses, references):
    """整个测试集的 BLEU，返回 0 到 100 的数。

    hypotheses：译文的列表，一句译文是词元的列表，可以是空的：没有元组，长度是 0；
    references：与译文一一对应，每一项是这一句的几个参考的列表，参考也是词元的列表。

    数 1 到 4 元组：一个元组最多算到它在某一个参考里出现的最多次数。
    译文的长度与最接近的参考比，一样近时取短的。
    各句的个数、长度先加起来，再看四个阶：某一阶一个元组也没有，返回 0.0；
    各阶都没有中的，也返回 0.0。否则，第一个没中的阶当作中了 1/2 个，
    第二个 1/4 个，依次减半。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "corpus_bleu"


def case(name, place, pairs, score):
    """一对是 (译文, 用竖线隔开的参考)；没有空格的按字切，其余按空格切。"""

    def cut(text):
        return text.split() if " " in text else list(text)

    given = {"hypotheses": [cut(h) for h, _ in pairs]}
    given["references"] = [[cut(r) for r in rs.split("|")] for _, rs in pairs]
    return name, given, score, place


CASES = [
    case(
        "手算过的一对",
        "见「BLEU：逐阶数重合」：四个比例相乘，开四次方",
        [("猫坐在垫子上", "猫在垫子上面")],
        53.728497,
    ),
    case(
        "多句先求和",
        "见「BLEU：逐阶数重合」：各句的个数、长度都先加起来",
        [
            ("猫坐在垫子上", "猫在垫子上面"),
            ("在垫子上", "猫在垫子上面"),
            ("", "鸟飞走了"),
            ("狗吠", "犬叫"),
        ],
        38.753858,
    ),
    case(
        "几个参考",
        "见「BLEU：逐阶数重合」：元组在各参考里的次数取最大，不相加；长度取最接近的",
        [
            ("的的猫来了", "那的猫跑来了|的猫来了"),
            ("今天天气很好", "今天的天气真的好|今天外面的天气真的挺好"),
            ("我们去公园玩", "我们一起去公园|去公园"),
        ],
        31.639269,
    ),
    case(
        "高阶没中",
        "见「两句话一模一样，BLEU 怎么是 0？」：没中的阶依次记 1/2、1/4 个",
        [("the cat is on the big mat", "the cat sat on a mat")],
        15.6197,
    ),
    case(
        "各阶都没中",
        "见「两句话一模一样，BLEU 怎么是 0？」：各阶都没中，不平滑，仍是 0",
        [("the cat sat down", "dogs run in parks")],
        0.0,
    ),
    case(
        "太短",
        "见「两句话一模一样，BLEU 怎么是 0？」：没有 3 元组、4 元组",
        [("left right", "left right")],
        0.0,
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
