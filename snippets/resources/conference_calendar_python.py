# --8<-- [start:zones]
from datetime import UTC, date, datetime, timedelta, timezone

AOE = timezone(timedelta(hours=-12), "AoE")  # 地球上最晚过完一天的地方
BEIJING = timezone(timedelta(hours=8), "北京")

# 来源里的写法各不相同：同样是「9 月 25 日 23:59:59」，差着二十个小时
written = [
    ("AoE", AOE),
    ("UTC", UTC),
    ("UTC-7", timezone(timedelta(hours=-7))),
    ("UTC+8", BEIJING),
]
for name, zone in written:
    deadline = datetime(2026, 9, 25, 23, 59, 59, tzinfo=zone)
    print(f"{name:>5}：北京时间 {deadline.astimezone(BEIJING):%m-%d %H:%M:%S}")
# --8<-- [end:zones]


# --8<-- [start:countdown]
def left(deadline, now):
    """还剩多久，只说到小时；过了就说过了。"""
    seconds = int((deadline - now).total_seconds())
    if seconds < 0:
        return "已过"
    days, rest = divmod(seconds, 86400)
    return f"还有 {days} 天 {rest // 3600} 小时"


deadline = datetime(2026, 12, 23, 23, 59, tzinfo=AOE)  # NAACL 2027 的提交截止
for now in [
    datetime(2026, 12, 1, 9, 0, tzinfo=BEIJING),
    datetime(2026, 12, 24, 9, 0, tzinfo=BEIJING),  # 北京已是 24 日，仍来得及
    datetime(2026, 12, 24, 20, 0, tzinfo=BEIJING),
]:
    print(f"{now:%m-%d %H:%M} {left(deadline, now)}")
# --8<-- [end:countdown]


# --8<-- [start:bare-date]
def possible(day):
    """来源只给日期时，截止时刻可能落在的范围：最早的时区到最晚的时区。"""
    midnight = datetime.combine(day, datetime.min.time())
    first = midnight.replace(tzinfo=timezone(timedelta(hours=14)))
    last = midnight.replace(tzinfo=AOE) + timedelta(days=1)
    return first.astimezone(BEIJING), last.astimezone(BEIJING)


first, last = possible(date(2027, 2, 10))
hours = (last - first).total_seconds() / 3600
print(f"「2 月 10 日」在北京：{first:%m-%d %H:%M} 到 {last:%m-%d %H:%M}")
print(f"前后共 {hours:.0f} 小时")
# --8<-- [end:bare-date]


# --8<-- [start:fold]
def fold(line):
    """一行不超过 75 个字节；汉字占三个字节，不能从中间断开。"""
    lines, current = [], ""
    for character in line:
        limit = 75 if not lines else 74  # 续行开头的空格占一个字节
        if len((current + character).encode()) > limit:
            lines.append(current)
            current = ""
        current += character
    return "\r\n ".join([*lines, current])


def escape(text):
    """逗号、分号、反斜杠与换行有别的含义，先转义。"""
    for old, new in [("\\", "\\\\"), (",", "\\,"), (";", "\\;"), ("\n", "\\n")]:
        text = text.replace(old, new)
    return text


# --8<-- [end:fold]


# --8<-- [start:event]
def event(uid, title, deadline, note, stamp):
    """一个截止时间，提前七天提醒。时刻一律写 UTC，免得带时区表。"""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//example//deadline//ZH",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART:{deadline.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{escape(title)}",
        f"DESCRIPTION:{escape(note)}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{escape(title)}",
        "TRIGGER:-P7D",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(fold(line) for line in lines) + "\r\n"


# --8<-- [end:event]


# --8<-- [start:ics]
text = event(
    uid="naacl-2027-commitment@example.org",
    title="NAACL 2027 提交到会议截止",
    deadline=deadline,
    note="来源：征稿页，2026-09-21 核对；先在 ARR 取得评审，再提交；以官网为准",
    stamp=datetime(2026, 9, 21, tzinfo=UTC),
)
print(text.replace("\r\n", "\n"), end="")
longest = max(len(line.encode()) for line in text.splitlines())
print(f"最长的一行 {longest} 字节")
# --8<-- [end:ics]
