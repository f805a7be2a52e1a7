# --8<-- [start:model]
import numpy as np

EOS = "<eos>"  # 结束符：写出它，这一句就完了
TABLE = {
    "": {"ten": 0.5, "twelve": 0.4, EOS: 0.1},
    "ten": {"thousand": 0.9, EOS: 0.1},
    "twelve": {"thousand": 0.9, EOS: 0.1},
    "ten thousand": {"two": 0.6, EOS: 0.4},
    "twelve thousand": {EOS: 0.9, "two": 0.1},
    "ten thousand two": {EOS: 0.6, "hundred": 0.4},
    "twelve thousand two": {EOS: 0.6, "hundred": 0.4},
    "ten thousand two hundred": {EOS: 1.0},
    "twelve thousand two hundred": {EOS: 1.0},
}


def next_log_probs(words):
    """已经写出 words，下一个词的对数概率。"""
    row = TABLE[" ".join(words)]
    return {word: np.log(p) for word, p in row.items()}


# --8<-- [end:model]


# --8<-- [start:greedy]
def show(words, score):
    print(f"{' '.join(words)}：{np.exp(score):.4g}")


words, score = (), 0.0
while EOS not in words:
    row = next_log_probs(words)
    best = max(row, key=row.get)  # 只看眼前这一步
    words, score = (*words, best), score + row[best]
    show(words, score)
# --8<-- [end:greedy]


# --8<-- [start:beam]
def beam_search(k, watch=None):
    alive, done = [((), 0.0)], []
    while alive:
        grown = [
            ((*words, word), score + log_p)
            for words, score in alive
            for word, log_p in next_log_probs(words).items()
        ]
        grown.sort(key=lambda pair: pair[1], reverse=True)
        kept = grown[:k]  # 所有分支放在一起比，只留 k 条
        if watch:
            watch(grown, kept)
        done += [pair for pair in kept if pair[0][-1] == EOS]
        alive = [pair for pair in kept if pair[0][-1] != EOS]
    return max(done, key=lambda pair: pair[1])


# --8<-- [end:beam]


# --8<-- [start:watch]
def watch(grown, kept):
    length = len(kept[0][0])
    print(f"第 {length} 步，{len(grown)} 条里留 {len(kept)} 条")
    for pair in kept:
        show(*pair)


answer = beam_search(2, watch)
print("束宽 2 的答案", end=" ")
show(*answer)
# --8<-- [end:watch]


# --8<-- [start:exact]
def outputs(words=(), score=0.0):
    """列举模型能写出的每一句。"""
    if EOS in words:
        yield words, score
        return
    for word, log_p in next_log_probs(words).items():
        yield from outputs((*words, word), score + log_p)


every = sorted(outputs(), key=lambda pair: pair[1], reverse=True)
for pair in every:
    show(*pair)
print(f"{len(every)} 句，合计 {sum(np.exp(s) for _, s in every):.4g}")
for k in range(1, 5):
    found = beam_search(k)[0]
    rank = [words for words, _ in every].index(found) + 1
    print(f"束宽 {k}：{' '.join(found)}，排第 {rank}")
# --8<-- [end:exact]
