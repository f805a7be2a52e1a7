# --8<-- [start:zones]
from datetime import datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def beijing(local: str, zone: str) -> datetime:
    """会场当地的时刻，换成北京时间。"""
    # 只给地名：那一天是不是夏令时，由时区数据回答
    here = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    return here.astimezone(BEIJING)


# --8<-- [end:zones]

# --8<-- [start:sessions]
SESSIONS = [
    ("悉尼，假设", "Australia/Sydney", "2026-12-09 09:00", "2026-12-09 17:00"),
    ("巴黎，假设", "Europe/Paris", "2026-12-09 09:00", "2026-12-09 17:00"),
    ("亚特兰大，假设", "America/New_York", "2026-12-09 09:00", "2026-12-09 17:00"),
    ("首尔，研讨会", "Asia/Seoul", "2026-07-10 08:00", "2026-07-10 17:00"),
    ("圣迭戈，教程", "America/Los_Angeles", "2026-07-02 09:00", "2026-07-02 12:30"),
    ("圣迭戈，线上一", "America/Los_Angeles", "2026-07-05 18:00", "2026-07-05 19:30"),
    ("圣迭戈，线上二", "America/Los_Angeles", "2026-07-06 02:30", "2026-07-06 04:00"),
]
print("北京时间              当地开始     场次")
for name, zone, start, end in SESSIONS:
    first, last = beijing(start, zone), beijing(end, zone)
    print(f"{first:%m-%d %H:%M} 至 {last:%H:%M}  {start[5:]}  {name}")
# --8<-- [end:sessions]
