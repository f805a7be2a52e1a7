# --8<-- [start:doors]
from datetime import date, datetime, time, timedelta, timezone

AOE = timezone(timedelta(hours=-12))
BEIJING = timezone(timedelta(hours=8))

# 同一个秋天的四扇门：名字，截稿（AoE），要不要先有 ARR 的评审
DOORS = [
    ("BlackboxNLP 直接投", date(2026, 7, 17), False),
    ("WiNLP 直接投", date(2026, 7, 26), False),
    ("BlackboxNLP 带评审来", date(2026, 8, 16), True),
    ("WiNLP 带评审来", date(2026, 8, 24), True),
]
# --8<-- [end:doors]


# --8<-- [start:beijing]
def beijing(day: date) -> datetime:
    """AoE 某日最后一分钟，在北京是几点。"""
    return datetime.combine(day, time(23, 59), AOE).astimezone(BEIJING)


for name, due, _ in DOORS:
    print(f"{beijing(due):%m-%d %H:%M}  {name}")
# --8<-- [end:beijing]


# --8<-- [start:open]
def still_open(free: date, reviewed: bool) -> list[tuple[str, int]]:
    """论文在 free 这天（也按 AoE）空出来，还赶得上哪几扇门，各剩几天。"""
    return [
        (name, (due - free).days)
        for name, due, needs_review in DOORS
        if due >= free and (reviewed or not needs_review)
    ]


PAPERS = [
    ("从没投过 ARR，07-20 写完", date(2026, 7, 20), False),
    ("07-30 看到元评审就改道", date(2026, 7, 30), True),
    ("08-20 等到主会的拒信", date(2026, 8, 20), True),
]
for story, free, reviewed in PAPERS:
    print(story)
    for name, days in still_open(free, reviewed):
        print(f"  还剩 {days:2d} 天  {name}")
# --8<-- [end:open]
