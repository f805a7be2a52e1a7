# --8<-- [start:papers]
import csv
import math
import random
import re
from collections import Counter
from pathlib import Path

QUERIES = [  # 换成你的题目的几种说法，用英文
    "large language model",
    "LLM GPT",
    "chain of thought reasoning",
    "instruction tuning preference alignment safety",
]
PAPERS, TRIAGE = Path("papers.csv"), Path("triage.csv")


def read(path):
    # utf-8-sig：Excel 存的 UTF-8 文件开头多三个字节，有没有都能读
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


if PAPERS.exists():  # 两列，title 与 abstract；没有摘要就空着
    rows, top, check = read(PAPERS), 300, 60
else:  # 还没有名单：拿八个题目演示
    sample = """
Jailbroken: How Does LLM Safety Training Fail?
Characteristic Circuits
Scaling Data-Constrained Language Models
Clifford Group Equivariant Neural Networks
Siamese Masked Autoencoders
Quilt-1M: One Million Image-Text Pairs for Histopathology
QLoRA: Efficient Finetuning of Quantized LLMs
Direct Preference Optimization: Your Language Model is Secretly a Reward Model
"""
    rows, top, check = [{"title": t} for t in sample.strip().split("\n")], 3, 2
papers = {row["title"].strip(): row.get("abstract") or "" for row in rows}
print(f"{len(rows)} 行，{len(papers)} 个不同的题目", end="，")
print(f"{sum(map(bool, papers.values()))} 篇有摘要")
# --8<-- [end:papers]


# --8<-- [start:ranking]
STOP = set(
    "a an and are as at be beyond by can do does for from how if in into is it its "
    "just likely not of on one only or than that the their them themselves to too "
    "towards under using via what when why with you your".split()
)


def tokenize(text):
    words = re.findall(r"[a-z0-9]+", text.lower())
    words = [w[:-1] if len(w) > 2 and re.search("[^aisu]s$", w) else w for w in words]
    return [w for w in words if len(w) > 1 and w not in STOP]


documents = {t: Counter(tokenize(f"{t} {papers[t]}")) for t in papers}
containing = Counter(word for words in documents.values() for word in words)
mean_length = sum(words.total() for words in documents.values()) / len(documents)


def score_bm25(query, words, k1=1.5, b=0.75):
    score = 0
    for word in tokenize(query):
        f, n = words[word], containing[word]
        if f:  # 只算命中的词，不必排成矩阵
            idf = math.log(1 + (len(documents) - n + 0.5) / (n + 0.5))
            norm = 1 - b + b * words.total() / mean_length
            score += idf * f * (k1 + 1) / (f + k1 * norm)
    return score


def rank(scores):
    order = sorted(papers, key=lambda t: -round(scores[t], 9))  # 同分按名单的次序
    return [t for t in order if scores[t] > 0]


fused = Counter()
for query in QUERIES:
    found = rank({t: score_bm25(query, documents[t]) for t in papers})
    for place, title in enumerate(found, 1):
        fused[title] += 1 / (60 + place)
ranked = rank(fused)
# --8<-- [end:ranking]


# --8<-- [start:triage]
done = {}  # 写过决定的行留着：改了查询再跑，也不会丢
if TRIAGE.exists():
    for row in read(TRIAGE):
        if (row["decision"] or "").strip():  # Excel 会省掉行末的逗号，那就是 None
            done[row["title"]] = row
first = ranked[:top]
rest = sorted(papers.keys() - set(first) - done.keys())
drawn = random.Random(2025).sample(rest, min(check, len(rest)))

table = list(done.values())
for source, chosen in (("排序", first), ("抽查", drawn)):
    table += [{"title": t, "from": source} for t in chosen if t not in done]
columns = {"title": 0, "from": 0, "decision": 0, "reason": 0}  # 字典：不重复，有次序
for row in table:
    columns |= row  # 你自己添的列也留着
with TRIAGE.open("w", encoding="utf-8-sig", newline="") as file:
    writer = csv.DictWriter(file, list(columns), restval="")
    writer.writeheader()
    writer.writerows(table)

print(f"得分大于 0 的 {len(ranked)} 篇，留前 {len(first)} 篇", end="；")
print(f"其余 {len(rest)} 篇里抽 {len(drawn)} 篇；写进 {TRIAGE}：")
for row in table[:10]:
    print(f"  {row['from']}  {row.get('decision') or '未定'}  {row['title'][:58]}")
# --8<-- [end:triage]
