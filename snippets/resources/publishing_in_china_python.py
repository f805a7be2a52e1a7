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
    """赶得上的会议，各剩几天。word：0 认录用通知，1 要开完会。"""
    day = date.fromisoformat
    left = {name: (day(due) - day(days[word])).days for name, days in VENUES.items()}
    return {name: days for name, days in left.items() if days >= 0}


# --8<-- [end:venues]

# --8<-- [start:due]
for word, said in enumerate(["认录用通知", "要开完会"]):
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
