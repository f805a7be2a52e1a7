# --8<-- [start:hand]
import re

import numpy as np

options = {"AI": -3.0, "不是": -4.0}  # 整句的对数概率，都写在题目后面
for name, length in [
    ("不除", lambda option: 1),
    ("除以字符数", len),
    ("除以字节数", lambda option: len(option.encode())),
]:
    scores = {x: log_p / length(x) for x, log_p in options.items()}
    shown = "，".join(f"{x} {score:.3f}" for x, score in scores.items())
    print(f"{name}：{shown}，选「{max(scores, key=scores.get)}」")
# --8<-- [end:hand]

# --8<-- [start:items]
ITEMS = """\
计算机|训练集上很好、测试集上很差，叫什么？|过拟合|欠拟合|梯度消失|AI|A
计算机|二分查找的时间是哪一级？|O(n)|O(log n)|常数|指数|B
计算机|HTTP 404 是什么意思？|OK|没有权限|找不到网页|服务器出错|C
计算机|认图片常用哪种网络？|马尔可夫链|决策树|贝叶斯网络|CNN|D
计算机|BERT 是哪家公司提出的？|Google|微软|百度|IBM|A
计算机|反向传播靠什么算梯度？|贝叶斯公式|链式法则|SVD|三角不等式|B
地理|澳大利亚的首都在哪里？|悉尼|墨尔本|堪培拉|珀斯|C
地理|中国最长的河是哪一条？|黄河|珠江|雅鲁藏布江|长江|D
地理|下面哪个国家有赤道穿过？|肯尼亚|埃及|西班牙|蒙古|A
地理|面积最小的大洲是哪一个？|欧洲|大洋洲|非洲|南极洲|B
医学|缺维生素 C 会得什么病？|夜盲症|脚气病|坏血病|Down 综合征|C
医学|人体最大的器官是哪一个？|心|肺|胃|皮肤|D"""
items = [line.split("|") for line in ITEMS.splitlines()]
subject = np.array([item[0] for item in items])
choices = [item[2:6] for item in items]
right = np.array(["ABCD".index(item[6]) for item in items])
# --8<-- [end:items]

# --8<-- [start:model]
# 「模型」就是这张表：四个字母的对数概率｜四个整句的对数概率｜它写出的文字
MODEL = """\
-0.2 -3 -3 -3|-3.6 -4.9 -5.7 -1.6|答案是 A。
-1.5 -1.2 -2.3 -3|-4.4 -5.7 -0.7 -3|答案是 B。
-1.8 -2.2 -0.8 -1.6|-1.9 -5.7 -6.5 -7.1|选 C。
-4 -2.5 -2.2 -1.1|-7 -4 -6.7 -0.6|答案是 D，也就是 CNN。
-0.6 -2.4 -2.3 -1.9|-2.5 -3.4 -3.7 -4.5|BERT 来自 Google，选 A。
-1.1 -1 -2.6 -1.9|-6.3 -3.6 -3.1 -6.7|答案是 B。
-2.4 -2.6 -0.3 -3.7|-4.5 -5 -3.1 -3.3|答案是 C。
-2 -2.8 -4.3 -0.4|-2.9 -3.9 -8.2 -2.3|答案：D
-1.1 -2.6 -1 -1.8|-3.7 -1.7 -4.2 -4.7|答案是 C。
-1.3 -2.2 -2.2 -1.8|-3.7 -4.2 -4.2 -6|不是 A，是 B。
-2.1 -3.1 -2 -1|-5.5 -6.5 -2.1 -8.1|答案是 D。
-3.4 -1.4 -3.1 -0.5|-3.6 -2.8 -3.4 -1.5|我不确定。"""
cells = [line.split("|") for line in MODEL.splitlines()]
letter = np.array([cell[0].split() for cell in cells], float)  # (12, 4)
whole = np.array([cell[1].split() for cell in cells], float)
written = [cell[2] for cell in cells]
# --8<-- [end:model]

# --8<-- [start:ways]
characters = np.array([[len(x) for x in four] for four in choices])
octets = np.array([[len(x.encode()) for x in four] for four in choices])
hits = {}
for way, scores in [
    ("比四个字母", letter),
    ("比整句", whole),
    ("整句除以字符数", whole / characters),
    ("整句除以字节数", whole / octets),
]:
    hits[way] = scores.argmax(axis=1) == right
    print(f"{way}：对 {hits[way].sum()} 题，准确率 {hits[way].mean():.3f}")
votes = sum(hits.values())
print(f"四种办法都对 {(votes == 4).sum()} 题，都错 {(votes == 0).sum()} 题")
# --8<-- [end:ways]

# --8<-- [start:extract]
ALONE = r"(?<![A-Za-z])[A-D](?![A-Za-z])"  # 旁边没有别的字母
for way, pattern, which in [
    ("只认「答案是 X」", r"(?<=答案是 )[A-D]", 0),
    ("第一个 A 到 D", r"[A-D]", 0),
    ("最后一个单独的 A 到 D", ALONE, -1),
]:
    found = [re.findall(pattern, text) for text in written]
    picked = [letters[which] if letters else None for letters in found]
    good = sum(x == "ABCD"[k] for x, k in zip(picked, right, strict=True))
    lost = picked.count(None)
    print(f"{way}：\n　对 {good} 题，错 {12 - good - lost} 题", end="，")
    print(f"取不出 {lost} 题，准确率 {good / 12:.3f}")
# --8<-- [end:extract]

# --8<-- [start:average]
hit, parts = hits["比四个字母"], {}
for name in ("计算机", "地理", "医学"):
    parts[name] = hit[subject == name]
    print(f"{name}：{len(parts[name])} 题对 {parts[name].sum()} 题")
macro = np.mean([part.mean() for part in parts.values()])
print(f"三科的准确率再平均 {macro:.3f}，十二题一起算 {hit.mean():.3f}")
# --8<-- [end:average]


# --8<-- [start:guess]
def above(accuracy, k):
    """减去瞎猜：k 选一瞎猜记 0，全对记 100。"""
    return 100 * max(0, (accuracy - 1 / k) / (1 - 1 / k))


sizes = np.array([198, 546, 448])  # GPQA 三个子集，一个套一个
raw = np.array([0.3333, 0.3168, 0.3438]) @ sizes / sizes.sum()
error = np.sqrt(raw * (1 - raw) / sizes.sum())
print(f"原始准确率 {raw:.4f}，标准误 {error:.4f}，刻度换成 {above(raw, 4):.2f}")
board = 0.25 + 9.28 / 100 * 0.75  # 榜单上的 9.28 换回去
print(f"9.28 换回准确率 {board:.4f}，相差 {(raw - board) / error:.2f} 个标准误")
# --8<-- [end:guess]
