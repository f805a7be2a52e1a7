# --8<-- [start:venues]
from datetime import date

# 会议：录用通知、会期末日。换成你想投的
VENUES = {
    "AAAI": (date(2026, 11, 30), date(2027, 2, 23)),
    "ICLR": (date(2026, 12, 16), date(2027, 4, 30)),
    "WWW": (date(2027, 1, 4), date(2027, 5, 14)),
    "NAACL": (date(2027, 2, 10), date(2027, 6, 5)),
    "CVPR": (date(2027, 2, 25), date(2027, 6, 25)),
    "SIGIR": (date(2027, 4, 5), date(2027, 7, 24)),
    "IJCAI": (date(2027, 4, 21), date(2027, 8, 13)),
}
NOTICE, END = 0, 1  # 学校认的是括号里的哪一天


def spare(due: date, proof: int) -> dict[str, int]:
    """交表日 due 之前凭证已到手的会议，各余几天。"""
    gaps = {name: due - days[proof] for name, days in VENUES.items()}
    return {name: gap.days for name, gap in gaps.items() if gap.days >= 0}


# --8<-- [end:venues]

# --8<-- [start:due]
for said, proof in [("认录用通知", NOTICE), ("要开完会", END)]:
    left = spare(date(2027, 3, 31), proof)
    print(f"{said}：{len(left)} 个")
    for name, days in left.items():
        print(f"  {name} 余 {days} 天")
# --8<-- [end:due]

# --8<-- [start:later]
print("交表日      认录用  要开完会")
for month, day in [(3, 31), (5, 31), (6, 30), (8, 31)]:
    due = date(2027, month, day)
    print(f"{due}  {len(spare(due, NOTICE)):6}  {len(spare(due, END)):8}")
# --8<-- [end:later]
