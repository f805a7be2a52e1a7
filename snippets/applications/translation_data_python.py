# --8<-- [start:write]
import random
import re
from datetime import date, timedelta

HAN = "〇一二三四五六七八九"
MONTHS = "January February March April May June July August September"
MONTHS = f"{MONTHS} October November December".split()


def han(n):  # 28 → 二十八
    tens, ones = divmod(n, 10)
    head = ["", "十"][tens] if tens < 2 else HAN[tens] + "十"
    return head + HAN[ones] * (ones > 0)


def written(d):
    """同一天的五种中文写法，第五种的年只写两位。"""
    year = "".join(HAN[int(c)] for c in str(d.year))
    month, day = han(d.month), han(d.day)
    return [
        f"{year}年{month}月{day}日",
        f"{d.year}年{d.month}月{d.day}日",
        f"{d.year}年{month}月{d.day}号",
        f"{year.replace('〇', '零')}年{d.month}月{day}号",
        f"{year[2:]}年{month}月{day}日",
    ]


# --8<-- [end:write]


# --8<-- [start:spoken]
def spoken(d, language):
    if language == "<iso>":
        return d.isoformat()
    return f"{d.day} {MONTHS[d.month - 1]} {d.year}"


for text in written(date(2005, 11, 28)):
    print(text)
for language in ("<iso>", "<en>"):
    print(language, spoken(date(2005, 11, 28), language))
# --8<-- [end:spoken]


# --8<-- [start:split]
first = date(1950, 1, 1)
size = (date(2050, 1, 1) - first).days  # 1950 到 2049 年，两位的年不会有歧义
dates = [first + timedelta(k) for k in range(size)]
random.seed(0)
random.shuffle(dates)
train, test = dates[:4000], dates[4000:4100]
by_date = [(text, d) for d in train for text in written(d)]
held = [(text, d) for d in test for text in written(d)]
rows = [(text, d) for d in train + test for text in written(d)]
random.shuffle(rows)  # 换一种分法：按句子
by_sentence, loose = rows[: len(by_date)], rows[len(by_date) :]
for name, known, asked in [("日期", by_date, held), ("句子", by_sentence, loose)]:
    seen = {d for _, d in known}
    share = sum(d in seen for _, d in asked) / len(asked)
    print(f"按{name}分：{len(asked)} 个测试句，答案在训练里见过的占 {share:.0%}")
# --8<-- [end:split]


# --8<-- [start:table]
TABLE = {c: str(k) for k, c in enumerate(HAN)}
TABLE |= {c: c for c in "0123456789"}
TABLE |= {"零": "0", "十": "10", "年": "-", "月": "-", "日": "", "号": ""}


def by_table(text):
    """逐字查字典，不看左右。"""
    return "".join(TABLE[c] for c in text)


for text in written(date(2005, 11, 28)):
    print(text, "→", by_table(text))
right = sum(by_table(text) == spoken(d, "<iso>") for text, d in held)
print(f"逐字查表：{right} / {len(held)}")
# --8<-- [end:table]


# --8<-- [start:nearest]
def distance(a, b):
    """编辑距离。"""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        old, row[0] = row[0], i
        for j, z in enumerate(b, 1):
            old, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, old + (x != z))
    return row[-1]


known, asked = by_date[:2000], held[::7]  # 慢，只取一部分
exact = near = 0
for text, d in asked:
    copied, answer = min(known, key=lambda pair: distance(pair[0], text))
    pairs = zip(answer.isoformat(), d.isoformat(), strict=True)
    near += sum(a == b for a, b in pairs)
    exact += answer == d
print(f"抄最像的一句：{exact} / {len(asked)}，", end="")
print(f"可是 {near / (10 * len(asked)):.0%} 的字符是对的")
print(f"例：{text} 抄了 {copied}")
# --8<-- [end:nearest]


# --8<-- [start:rule]
def value(text):
    """二十八 → 28，二〇〇五 → 2005，也收阿拉伯数字。"""
    text = text.replace("零", "〇")
    if "十" in text:
        tens, ones = text.split("十")
        return 10 * HAN.index(tens or "一") + (HAN.index(ones) if ones else 0)
    return int("".join(str(HAN.find(c)) if c in HAN else c for c in text))


def by_rule(text):
    year, month, day = map(value, re.split("[年月日号]", text)[:3])
    if year < 100:  # 只写了两位
        year += 1900 if year >= 50 else 2000
    return f"{year}-{month:02}-{day:02}"


right = sum(by_rule(text) == spoken(d, "<iso>") for text, d in held)
print(f"手写的规则：{right} / {len(held)}")
# --8<-- [end:rule]
