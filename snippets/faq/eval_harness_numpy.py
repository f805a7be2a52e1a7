# --8<-- [start:items]
import hashlib
import json
import re
import textwrap
from collections import Counter
from itertools import pairwise
from math import fsum, log

import numpy as np

rng = np.random.default_rng(0)
ITEMS = []  # 30 段短文，每段 4 题；自己的题可由文件读进来，一行一题
for _ in range(30):
    a, b = rng.integers(30, 90, 2).tolist()
    c, d = rng.integers(5, 26, 2).tolist()
    text = f"店里有 {a} 个苹果、{b} 个梨，卖掉 {c} 个苹果，运来 {d} 个梨。"
    asked = {"原先共有几个？": a + b, "苹果还剩几个？": a - c}
    asked |= {"梨有几个了？": b + d, "后来共有几个？": a - c + b + d}
    for question, y in asked.items():
        options = [str(y + k) for k in rng.permutation([0, 1, -2, 10])]
        item = {"text": text, "question": question, "options": options}
        ITEMS.append(item | {"answer": str(y)})
# --8<-- [end:items]

# --8<-- [start:tasks]
TASKS = {
    "选择": {"prompt": "{text}{question}答案是："},
    "填数": {
        "prompt": "{text}{question}请写「答案是」和一个数。",
        "pattern": r"答案是\s*(-?\d+)",
    },
}
first = ITEMS[0]
for name, task in TASKS.items():
    print(f"{name}：{task['prompt'].format(**first)}")
print(f"选项 {'、'.join(first['options'])}，答案 {first['answer']}")
# --8<-- [end:tasks]


# --8<-- [start:baselines]
class Constant:  # 什么都不看
    name, version = "常数", "1"

    def generate(self, prompt, **settings):
        return "答案是 50。"

    def loglikelihood(self, prompt, text, **settings):
        return log(1 / 4)


class Bigram:  # 数提示里相邻的两个字，加一平滑：会抄，不会算
    name, version = "二元", "1"

    def generate(self, prompt, max_tokens, **settings):
        said = prompt[-1]
        for _ in range(max_tokens):
            after = Counter(y for x, y in pairwise(prompt) if x == said[-1])
            said += after.most_common(1)[0][0] if after else prompt[0]
        return said[1:]

    def loglikelihood(self, prompt, text, **settings):
        pairs, first = Counter(pairwise(prompt)), Counter(prompt[:-1])
        size, steps = len({*prompt, *text}), pairwise(prompt[-1] + text)
        # fsum 与加的次序无关：该并列的，在哪台机器上都并列
        return fsum(log((pairs[x, y] + 1) / (first[x] + size)) for x, y in steps)


# --8<-- [end:baselines]


# --8<-- [start:recall]
def chance(*parts):
    """0 到 1 之间的一个数，只由内容决定：再问一次，还是它。"""
    return int(hashlib.sha256("|".join(parts).encode()).hexdigest()[:8], 16) / 16**8


class Recall:  # 背过答案；遇到难的短文，四题都容易错
    version = "1"

    def __init__(self, name, hard, silent):
        self.name, self.hard, self.silent = name, hard, silent

    def answer(self, prompt):
        x = next(x for x in ITEMS if x["text"] + x["question"] in prompt)
        slip = 0.8 if chance("难", x["text"]) < self.hard else 0.05
        wrong = [option for option in x["options"] if option != x["answer"]]
        luck = chance(self.name, x["text"], x["question"])
        return wrong[0] if luck < slip else x["answer"]

    def generate(self, prompt, **settings):
        form = "{} 个。" if chance(self.name, prompt) < self.silent else "答案是 {}。"
        return form.format(self.answer(prompt))

    def loglikelihood(self, prompt, text, **settings):
        return log(0.7 if text == self.answer(prompt) else 0.1)


# --8<-- [end:recall]


# --8<-- [start:ask]
def digest(*things):
    """内容的指纹：差一个空格也不同。"""
    text = json.dumps(things, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


# 要停了再来也不重问：用 with shelve.open("cache") as CACHE:
# 评测的几行都写在这个 with 里，离开时它才关上、存好
CACHE = {}


def ask(model, method, texts, settings, spent):
    key = digest(model.name, model.version, method, texts, settings)
    if key not in CACHE:
        CACHE[key] = getattr(model, method)(*texts, **settings)
        wrote = len(CACHE[key]) if method == "generate" else 0
        spent.update(问=1, 读=len("".join(texts)), 写=wrote)
    return CACHE[key]


# --8<-- [end:ask]


# --8<-- [start:evaluate]
def evaluate(model, task, items, settings):
    """每题一行，取不出是 None；原话是它写的文字，或四个对数概率。"""
    rows, spent = [], Counter(问=0, 读=0, 写=0)
    for x in items:
        prompt = task["prompt"].format(**x)
        if "pattern" in task:  # 让它写，再取出答案
            said = ask(model, "generate", [prompt], settings, spent)
            found = re.search(task["pattern"], said)
            answer = found[1] if found else None
        else:  # 每个选项接在提示后面，比对数概率
            texts = [[prompt, option] for option in x["options"]]
            said = [ask(model, "loglikelihood", t, settings, spent) for t in texts]
            answer = x["options"][np.argmax(said)]
        row = {"短文": x["text"], "问题": x["question"], "取出": answer}
        rows.append(row | {"对": answer == x["answer"], "原话": said})
    return rows, spent


# --8<-- [end:evaluate]


# --8<-- [start:errors]
def clustered_se(scores, groups):
    """均值的标准误，同一组的题不当作独立的。"""
    off = np.array(scores, float) - np.mean(scores)
    _, which = np.unique(groups, return_inverse=True)
    sums = np.bincount(which, off)  # 同一组的偏差先加起来
    return np.sqrt(len(sums) / (len(sums) - 1) * (sums**2).sum()) / len(off)


hand = [1, 1, 1, 1, 0, 0, 0, 0]  # 两段短文各四题，一段全对，一段全错
for name, groups in [("每题自成一组", range(8)), ("两组", [0] * 4 + [1] * 4)]:
    print(f"八题对四题，{name}：标准误 {clustered_se(hand, groups):.3f}")
# --8<-- [end:errors]


# --8<-- [start:report]
def wilson(p, n, z=1.96):
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    ends = [(p + z**2 / (2 * n) + s * half) / (1 + z**2 / n) for s in (-1, 1)]
    return np.clip(ends, 0, 1).round(4).tolist()


def report(model, task, items, settings, price=(2.0, 8.0), **about):
    """一份报告与逐题的记录。

    price：读、写一百万字各几元，自己填；about：要一并记下的，如日期、考法。
    """
    rows, spent = evaluate(model, task, items, settings)
    groups, right = [row["短文"] for row in rows], [row["对"] for row in rows]
    n, hits, lost = len(rows), sum(right), sum(row["取出"] is None for row in rows)
    said = about | {"模型": model.name, "版本": model.version}
    said |= {"题": n, "对": hits, "错": n - hits - lost, "取不出": lost}
    said |= {"准确率": round(hits / n, 4), "区间": wilson(hits / n, n)}
    said["标准误"] = round(clustered_se(right, range(n)), 4)
    said["按短文"] = round(clustered_se(right, groups), 4)
    cost = (spent["读"] * price[0] + spent["写"] * price[1]) / 1e6
    said |= {**spent, "元": round(cost, 4)}
    said["配置"] = digest(model.name, model.version, task, items, settings)[:8]
    return said, rows


# --8<-- [end:report]

# --8<-- [start:all]
SETTINGS = {"temperature": 0, "max_tokens": 12}
MODELS = [Constant(), Bigram(), Recall("甲", 0.15, 0.15), Recall("乙", 0.45, 0.0)]
DAY = "2026-11-20"  # 真用时写 str(datetime.date.today())
reports, rows = {}, {}
for name, task in TASKS.items():
    for model in MODELS:
        key = name, model.name
        r, rows[key] = report(model, task, ITEMS, SETTINGS, 日期=DAY, 考法=name)
        reports[key] = r
        good, bad, lost = r["对"], r["错"], r["取不出"]
        print(f"{name}，{model.name}：对 {good}，错 {bad}，取不出 {lost}")
        print(f"　准确率 {r['准确率']:.3f}", end="，")
        print("区间 {:.4f} 到 {:.4f}".format(*r["区间"]))
# --8<-- [end:all]

# --8<-- [start:saved]
line = json.dumps(reports["填数", "甲"], ensure_ascii=False)  # 存的是一行
print(textwrap.fill(line, 40))  # 折行只为了好看
# --8<-- [end:saved]

# --8<-- [start:repeat]
again, _ = report(MODELS[2], TASKS["填数"], ITEMS, SETTINGS)
spaced = TASKS["填数"] | {"prompt": "{text}{question} 请写「答案是」和一个数。"}
other, new = report(MODELS[2], spaced, ITEMS, SETTINGS)
for name, r in [("再跑一次", again), ("提示里多一个空格", other)]:
    same = r["配置"] == reports["填数", "甲"]["配置"]
    print(f"{name}：问 {r['问']} 次，{r['元']} 元")
    print(f"　配置相同 {same}，对 {r['对']}，取不出 {r['取不出']}")
pairs = list(zip(rows["填数", "甲"], new, strict=True))  # 逐题对照
moved = sum(x["取出"] != y["取出"] for x, y in pairs)
swapped = sum(x["对"] != y["对"] for x, y in pairs)
lost = [(x["取出"] is None, y["取出"] is None) for x, y in pairs]
print(f"取出的东西变了 {moved} 题，对错互换 {swapped} 题")
print(f"　{lost.count((True, False))} 题取得出了", end="，")
print(f"{lost.count((False, True))} 题反过来，取不出了")
# --8<-- [end:repeat]


# --8<-- [start:compare]
def compare(name, one, other):
    """同一批题，逐题相减，再按短文算标准误。"""
    groups = [row["短文"] for row in rows[name, one]]
    a, b = ([row["对"] for row in rows[name, who]] for who in (one, other))
    gap = np.subtract(a, b, dtype=float)  # 每题 1、0 或 -1
    alone = range(len(gap))
    apart = np.hypot(clustered_se(a, alone), clustered_se(b, alone))
    print(f"{name}：{one}减{other} {gap.mean():+.3f}", end="，")
    print(f"只有{one}对 {(gap > 0).sum()}，只有{other}对 {(gap < 0).sum()}")
    for way, se in [
        ("当作两批题", apart),
        ("逐题相减", clustered_se(gap, alone)),
        ("逐题相减，按短文", clustered_se(gap, groups)),
    ]:
        low, high = gap.mean() - 1.96 * se, gap.mean() + 1.96 * se
        print(f"　{way}：标准误 {se:.4f}")
        print(f"　　区间 {low:+.3f} 到 {high:+.3f}")


compare("选择", "甲", "乙")
compare("填数", "甲", "乙")
# --8<-- [end:compare]
