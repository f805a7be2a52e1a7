# --8<-- [start:table]
from collections import defaultdict

import numpy as np

y = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.5, 0.1, 0.4], [0.6, 0.2, 0.2]])
# --8<-- [end:table]


# --8<-- [start:greedy]
def greedy(y):
    """每帧取最大的，并掉相邻的同号，去掉空白。"""
    best = y.argmax(1)
    fresh = np.diff(best, prepend=0) != 0
    return best[fresh & (best != 0)].tolist()


print("贪心：", greedy(y))
# --8<-- [end:greedy]


# --8<-- [start:beam]
def beam_search(y, width):
    """留下 width 个前缀；每个记两个数：以空白结尾、以字结尾的概率。"""
    beam = {(): np.array([1.0, 0.0])}
    for column in y:
        found = defaultdict(lambda: np.zeros(2))
        for prefix, (blank, letter) in beam.items():
            found[prefix][0] += (blank + letter) * column[0]
            for k in range(1, len(column)):
                same = prefix[-1:] == (k,)
                if same:  # 还是那个字
                    found[prefix][1] += letter * column[k]
                before = blank if same else blank + letter
                found[*prefix, k][1] += before * column[k]  # 新写一个字
        ranked = sorted(found, key=lambda p: found[p].sum(), reverse=True)
        beam = {prefix: found[prefix] for prefix in ranked[:width]}
    return beam


for width in (1, 2, 3, 99):
    prefix, chances = next(iter(beam_search(y, width).items()))
    said = "".join(map(str, prefix))
    print(f"宽 {width}：「{said}」 {chances.sum():.4f}")
# --8<-- [end:beam]
