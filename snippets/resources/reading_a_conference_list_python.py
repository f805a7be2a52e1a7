# --8<-- [start:exports]
import csv
import json
import re
from pathlib import Path

# Paper Copilot：一届一个 JSON；最后一行是编的，用来试「撤稿」
COPILOT = """[
{"title": "Effective Prompt Extraction from Language Models", "status": "Accept"},
{"title": "Stream of Search (SoS): Learning to Search in Language",
 "status": "Accept"},
{"title": "A Made-Up Paper", "status": "Withdraw"}]"""

# OpenReview 的接口：值都套在 value 里；摘要是本书写的一句话
OPENREVIEW = """[{"content": {
"title": {"value": "Stream of Search (SoS):  Learning to Search in Language"},
"abstract": {"value": "Search written as text to train on."}}}]"""

# ACL Anthology：BibTeX；第一条是论文集本身，不是论文
ANTHOLOGY = """@proceedings{naacl-2019-north,
    title = "Proceedings of NAACL-HLT 2019",
    year = "2019"
}
@inproceedings{devlin-etal-2019-bert,
    title = "{BERT}: Pre-training of Deep Bidirectional Transformers for
      Language Understanding",
    year = "2019"
}"""
# --8<-- [end:exports]


# --8<-- [start:readers]
def paper(title, abstract=""):
    words = title.replace("{", "").replace("}", "").split()
    return {"title": " ".join(words), "abstract": " ".join(abstract.split())}


def from_copilot(text):
    gone = ("Withdraw", "Reject", "Desk Reject")
    rows = [row for row in json.loads(text) if row["status"] not in gone]
    return [paper(row["title"], row.get("abstract") or "") for row in rows]


def from_openreview(text):
    contents = [note["content"] for note in json.loads(text)]
    value = {"value": ""}  # 有的论文没有摘要
    return [
        paper(c["title"]["value"], c.get("abstract", value)["value"]) for c in contents
    ]


def from_anthology(text):
    entries = re.findall(r"@inproceedings\{.*?\n\}", text, re.S)
    # 题目里有引号（如 {\"o}）时，外面不是引号而是花括号
    field = r'\btitle = ["{](.*?)["}],\n'
    titles = [re.search(field, entry, re.S) for entry in entries]
    return [paper(found[1]) for found in titles]


# --8<-- [end:readers]


# --8<-- [start:check]
def merge(*lists):
    merged = {}
    for row in sum(lists, []):
        key = re.sub(r"\W", "", row["title"].lower())  # 大小写与标点不算差别
        if key not in merged or not merged[key]["abstract"]:
            merged[key] = row  # 同一篇留有摘要的
    return list(merged.values())


lists = {
    "Paper Copilot": from_copilot(COPILOT),
    "OpenReview": from_openreview(OPENREVIEW),
    "ACL Anthology": from_anthology(ANTHOLOGY),
}
for source, rows in lists.items():
    print(f"{source}：{len(rows)} 篇")
papers = merge(*lists.values())
with Path("papers.csv").open("w", encoding="utf-8-sig", newline="") as file:
    writer = csv.DictWriter(file, ["title", "abstract"])
    writer.writeheader()
    writer.writerows(papers)
have = sum(bool(row["abstract"]) for row in papers)
print(f"去重后 {len(papers)} 篇，{have} 篇有摘要，写进 papers.csv：")
for row in papers:
    print(f"  {row['title'][:56]}")
# --8<-- [end:check]
