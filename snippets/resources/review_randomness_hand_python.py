# --8<-- [start:scores]
# 四篇论文：质量，甲委员会的误差，乙委员会的误差
PAPERS = {"A": (7, 1, -1), "B": (6, -1, 1), "C": (5, 1, 0), "D": (4, 0, 1)}
SLOTS = 2  # 每个委员会录用两篇


def accept(scores):
    """一个委员会：录用分数最高的两篇。"""
    best = sorted(scores, key=scores.get, reverse=True)
    return set(best[:SLOTS])


first = {name: quality + error for name, (quality, error, _) in PAPERS.items()}
second = {name: quality + error for name, (quality, _, error) in PAPERS.items()}
by_first, by_second = accept(first), accept(second)
print("甲的分数", first, "录用", sorted(by_first))
print("乙的分数", second, "录用", sorted(by_second))
# --8<-- [end:scores]


# --8<-- [start:table]
both = by_first & by_second
split = by_first ^ by_second  # 只被一方录用的
print(f"双方都录 {len(both)} 篇，只有一方录 {len(split)} 篇", end="，")
print(f"双方都拒 {len(PAPERS) - len(both | split)} 篇")
print(f"结论不同：{len(split)}/{len(PAPERS)} = {len(split) / len(PAPERS):.2f}")
overturned = 1 - len(both) / len(by_first)
print(f"甲录用的，被乙推翻：{overturned:.2f}")
# --8<-- [end:table]


# --8<-- [start:chances]
CHANCES = {"A": 0.9, "B": 0.6, "C": 0.4, "D": 0.1}  # 各被一个委员会录用的概率

expected = 0.0  # 平均有几篇结论不同
twice = 0.0  # 平均有几篇双方都录
for name, p in CHANCES.items():
    differ = p * (1 - p) + (1 - p) * p  # 甲录乙拒，加上甲拒乙录
    print(f"{name}：双方都录 {p * p:.2f}，结论不同 {differ:.2f}")
    expected += differ
    twice += p * p
print(f"平均：结论不同 {expected / len(CHANCES):.2f}", end="，")
print(f"录用被推翻 {1 - twice / sum(CHANCES.values()):.2f}")
# --8<-- [end:chances]
