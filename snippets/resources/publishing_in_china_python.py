# --8<-- [start:venues]
from datetime import date

# 会议：录用通知、会期末日。换成你想投的
VENUES = {
    "AAAI": ("2026-11-30", "2027-02-23"),
    "ICLR": ("2026-12-16", "2027-04-30"),
    "WWW": ("2027-01-04", "2027-05-14"),
    "NAACL": ("2027-02-10", "2027-06-05"),
    "CVPR": ("2027-02-25", "2027-06-25"),
    "SIGIR": ("2027-04-05", "2027-07-24"),
    "IJCAI": ("2027-04-21", "2027-08-13"),
}


def spare(due: str, word: int) -> dict[str, int]:
    """赶得上的会议，各剩几天。"""
    day, left = date.fromisoformat, {}
    for name, days in VENUES.items():
        # word：0 认录用通知，1 要开完会
        gap = day(due) - day(days[word])
        if gap.days >= 0:
            left[name] = gap.days
    return left


# --8<-- [end:venues]

# --8<-- [start:due]
words = ["认录用通知", "要开完会"]
for word, said in enumerate(words):
    found = spare("2027-03-31", word)
    print(f"{said}：{len(found)} 个")
    for name, left in found.items():
        print(f"  {name} 余 {left} 天")
# --8<-- [end:due]

# --8<-- [start:later]
print("交表日      认录用  要开完会")
for due in ["2027-03-31", "2027-05-31", "2027-06-30", "2027-08-31"]:
    print(f"{due}  {len(spare(due, 0)):6}  {len(spare(due, 1)):8}")
# --8<-- [end:later]
