# --8<-- [start:table]
# 小版本发布的年月；来源见正文；只算 x.y 的第一版
RELEASES = {
    "PyTorch": "2024-01 2024-04 2024-07 2024-10 2025-01 2025-04 2025-08 "
    "2025-10 2026-01 2026-03 2026-05 2026-07 2026-09 2026-10",
    "TensorFlow": "2024-03 2024-07 2024-10 2025-03 2025-08 2026-03",
    "Keras": "2024-03 2024-04 2024-04 2024-06 2024-08 2024-10 2024-11 "
    "2025-01 2025-03 2025-05 2025-07 2025-10 2025-12 2026-04 2026-06",
    "JAX": "2025-01 2025-04 2025-07 2025-10 2026-01 2026-04 2026-07 2026-10",
}
# 核对到哪个月：这之后有没有新版，表里看不出
CHECKED = "2026-11"
# --8<-- [end:table]


# --8<-- [start:year]
for name, dates in RELEASES.items():
    years = [date[:4] for date in dates.split()]
    counts = "、".join(f"{years.count(y)}" for y in ("2024", "2025", "2026"))
    print(f"{name}，2024 到 2026 三年的小版本：{counts}")
# --8<-- [end:year]


# --8<-- [start:since]
def months(date):
    year, month = date.split("-")
    return 12 * int(year) + int(month)


for name, dates in RELEASES.items():
    last = max(dates.split())  # 「年-月」按字典序就是按时间
    gap = months(CHECKED) - months(last)
    print(f"{name}，核对时距上一个小版本：{gap} 个月")
# --8<-- [end:since]


# --8<-- [start:rule]
# JAX 在 2024 年只发 0.4.24 到 0.4.38：第三位在动，第二位没有动
patches = [f"0.4.{i}" for i in range(24, 39)]
minors = {version.rsplit(".", 1)[0] for version in patches} - {"0.4"}
print(f"JAX 在 2024 年，每版都算：{len(patches)}，只算小版本：{len(minors)}")
# --8<-- [end:rule]
