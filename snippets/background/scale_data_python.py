# --8<-- [start:units]
def chinese(number):
    """按万进位读数：亿是 10 的 8 次方，万亿是 12 次方。"""
    for unit, word in ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")):
        if number >= unit:
            return f"{number / unit:,.4g} {word}"
    return f"{number:g}"


for text, value in (("124 M", 124e6), ("671 B", 671e9), ("15.6 T", 15.6e12)):
    print(f"{text} = {chinese(value)}")
# --8<-- [end:units]

# --8<-- [start:reading]
tokens, letters = 15.6e12, 3.94  # Llama 3 的词元数；英语样本里每词元的字符数
characters = tokens * letters
words = characters / 6  # 假设：一个英语词连空格占 6 个字符
year = 238 * 60 * 8 * 365  # 每分钟 238 词，每天 8 小时，全年无休
print(f"{chinese(tokens)}词元，约 {characters / 1e12:.0f} TB 英语文本")
print(f"一个人一年读 {chinese(year)}词，读完要 {words / year:,.0f} 年")
RUNS = [
    ("GPT-3", 174.6e9, 300e9),
    ("Chinchilla", 70e9, 1.4e12),
    ("Llama 3.1 405B", 405.9e9, 15.6e12),
    ("Llama 3.1 8B", 8.03e9, 15e12),
]
for name, n, d in RUNS:
    print(f"{name} 每个参数对应 {d / n:,.1f} 个词元")
# --8<-- [end:reading]

# --8<-- [start:memory]
BYTES = {"BF16": 2, "FP8 / INT8": 1, "INT4": 0.5, "训练，混合精度 Adam": 16}
SIZES = {"8B": 8_030_261_248, "405B": 405_853_388_800, "DeepSeek-V3": 671_026_404_352}
print("每参数字节 | " + " | ".join(SIZES))
for name, size in BYTES.items():
    cells = (f"{n * size / 1e9:,.0f} GB" for n in SIZES.values())
    print(f"{name}：{size} | " + " | ".join(cells))
# --8<-- [end:memory]
