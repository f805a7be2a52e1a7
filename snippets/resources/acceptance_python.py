# --8<-- [start:steps]
def percent(accepted: int, submitted: int) -> float:
    """录用率，写成百分数。"""
    return 100 * accepted / submitted


def steps(long, short, submitted, accepted, fewer):
    """从第一份走到第二份，一次只换一个数。"""
    return {
        "第一份，只计长文": (long, submitted),
        "分子加上短文": (long + short, submitted),
        "再换分母": (long + short, fewer),
        "第二份": (accepted, fewer),
    }


# --8<-- [end:steps]

# --8<-- [start:icdm]
ICDM_2023 = dict(
    long=93,  # 第一份：长文
    short=107,  # 第一份：短文，另计
    submitted=1003,  # 第一份：投稿
    accepted=200,  # 第二份：长短文
    fewer=926,  # 第二份：投稿
)

before = None
for name, counts in steps(**ICDM_2023).items():
    rate = percent(*counts)
    moved = "" if before is None else f"，差 {rate - before:.1f}"
    print(f"{counts[0]}／{counts[1]} = {rate:.1f}%{moved}：{name}")
    before = rate
# --8<-- [end:icdm]

# --8<-- [start:order]
long, _, submitted, accepted, fewer = ICDM_2023.values()
first, second = percent(long, submitted), percent(accepted, fewer)
between = percent(long, fewer)
print(f"一共差 {second - first:.1f} 个百分点")
print(f"先换分母：差 {between - first:.1f}")
print(f"再换分子：差 {second - between:.1f}")
# --8<-- [end:order]
