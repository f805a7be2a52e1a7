# --8<-- [start:corpus]
from functools import partial

import numpy as np

CORPUS = """
今天 上午 下雨 了。我们 在 教室 里 上课
老师 让 学生 打开 课本。小明 忘 了 带 雨伞
下午 学生 在 图书馆 看书。图书馆 里 有 很 多 新 书
他 想 借 一 本 小说。管理员 说 这 本 书 不 能 借
我 明天 再 来 问问。明天 上午 老师 再 来 上课
妈妈 在 厨房 里 做饭。爸爸 下班 回家 买 了 水果
弟弟 喜欢 吃 苹果 和 香蕉。妹妹 不 喜欢 喝 牛奶
外婆 买 了 酸奶 和 面包。晚上 我们 一起 看 电视
电视 里 有 天气 预报。明天 北京 有 大雨
后天 上海 是 晴天。广播 里 说 后天 南京 多云
北京 的 秋天 很 好看。上海 的 夏天 又 热 又 湿
火车 从 北京 开往 上海。火车站 在 城市 的 南边
我 坐 高铁 去 广州。飞机 比 火车 快 得 多
他 在 飞机场 等 朋友。朋友 的 飞机 晚点 了
我们 坐 公交车 去 学校。汽车站 在 学校 的 西边
学校 的 操场 很 大。操场 上 有 人 在 跑步
体育 老师 教 我们 打球。小红 跑 得 比 小明 快
小刚 喜欢 在 操场 上 踢球。数学 老师 今天 没 来
数学课 改 成 语文课。语文 课本 里 有 一 首 诗
这 首 诗 写 的 是 秋天。美术 老师 让 我们 画 春天
机器 学习 需要 很 多 数据。学习 数学 要 多 做 练习
这 台 机器 的 声音 很 大。工人 在 工厂 里 修理 机器
工程师 在 车间 里 检查 机床。计算机 可以 学习 下棋
他 用 计算机 写 小说。手机 没 电 了
手机 里 有 很 多 照片。他 用 相机 拍 风景
春天 公园 里 开 了 花。公园 的 门口 有 一 棵 大树
树 上 有 两 只 小鸟。孩子 在 树 下 玩 游戏
花园 里 有 几 只 蝴蝶。老人 每天 早上 在 公园 散步
散步 对 身体 好。医生 让 他 多 喝水。医院 里 的 人 很 多
护士 每天 给 病人 量 体温。他 的 爷爷 住 在 医院
爷爷 的 身体 比 以前 好 多 了。奶奶 每天 给 爷爷 做饭
周末 我们 去 看 爷爷。周末 外公 带 我们 去 爬山
中国 有 很 长 的 历史。这 座 城市 的 历史 很 长
博物馆 里 有 古代 的 铜镜。学生 在 博物馆 里 画画
展览馆 在 城市 的 东边。画家 画 了 一 座 山
山 上 的 雪 还 没 化。冬天 的 早上 很 冷
他 穿 了 一 件 新 大衣。夏天 她 喜欢 穿 裙子
商店 里 的 衣服 很 贵。苹果 比 香蕉 便宜
我 在 网上 买 了 一 双 鞋。快递员 把 鞋 送到 门口
妹妹 在 超市 买 了 一 顶 帽子。科学家 发现 了 新 的 行星
行星 在 太空 里 运动。科学 需要 实验 和 数据
他 在 实验室 里 工作。天文学家 每天 在 天文台 工作
工作 以后 他 去 跑步。运动 以后 要 多 喝水
比赛 下午 三 点 开始。我们 班 赢 了 这 场 比赛
篮球 比赛 明天 晚上 开始。音乐 老师 会 弹 钢琴
妹妹 在 学 钢琴。她 的 琴声 很 好听
邻居 养 了 一 只 小猫。邻居 的 小狗 跑 得 很 快
小猫 喜欢 在 窗台 上 睡觉。窗外 的 雨 下 了 一 夜
司机 开车 要 注意 安全。出租车 停 在 学校 门口
救护车 停 在 医院 后门
"""
lines = CORPUS.strip().replace("\n", "。").split("。")
sentences = [line.split() for line in lines]
words = sum(sentences, [])


def split(k):
    """五份中的第 k 份留出，其余训练。"""
    rest = list(sentences)
    del rest[k::5]
    return rest, sentences[k::5]


chars = "".join(words)
print(f"{len(sentences)} 句，{len(chars)} 字，{len(words)} 词")
# --8<-- [end:corpus]


# --8<-- [start:train]
STATES = "BMES"
LEGAL = ["BM", "BE", "MM", "ME", "EB", "ES", "SB", "SS"]


def tags(word):
    middle = "M" * (len(word) - 2)
    return "S" if len(word) == 1 else f"B{middle}E"


def train(sentences):
    chars = sorted(set("".join(sum(sentences, []))))
    index = {c: i for i, c in enumerate(chars)}
    pi = np.array([1.0, 0, 0, 1])  # 句首只能是 B 或 S
    A = np.zeros((4, 4))
    for a, b in LEGAL:
        A[STATES.index(a), STATES.index(b)] = 1
    B = np.ones((4, len(chars) + 1))  # 末列留给生字
    for words in sentences:
        marks = "".join(map(tags, words))
        z = [STATES.index(mark) for mark in marks]
        x = [index[c] for c in "".join(words)]
        pi[z[0]] += 1
        np.add.at(A, (z[:-1], z[1:]), 1)
        np.add.at(B, (z, x), 1)
    with np.errstate(divide="ignore"):  # log 0 = -inf
        A = np.log(A / A.sum(axis=1, keepdims=True))
        B = np.log(B / B.sum(axis=1, keepdims=True))
        return np.log(pi / pi.sum()), A, B, index


# --8<-- [end:train]


# --8<-- [start:cut]
def cut(text, model):
    pi, A, B, index = model
    x = [index.get(c, len(index)) for c in text]
    delta, back = pi + B[:, x[0]], []
    for symbol in x[1:]:
        steps = delta[:, None] + A
        back.append(steps.argmax(axis=0))
        delta = steps.max(axis=0) + B[:, symbol]
    z = [2 if delta[2] > delta[3] else 3]  # 句末：E 或 S
    for pointers in reversed(back):
        z.append(int(pointers[z[-1]]))
    words = [""]
    for c, i in zip(text, reversed(z), strict=True):
        words[-1] += c
        if i >= 2:  # E 或 S：一个词到此为止
            words.append("")
    return words[:-1]


training, heldout = split(4)
model = train(training)
for words in heldout:
    mine = cut("".join(words), model)
    if mine != words:
        print("/".join(words), "→", "/".join(mine))
print(len(heldout), "句，", sum(map(len, heldout)), "词")
# --8<-- [end:cut]


# --8<-- [start:score]
def longest(text, dictionary):
    """最大匹配：取词典里最长的词，没有就取一个字。"""
    words, most = [], max(map(len, dictionary))
    while text:
        n = most
        while n > 1 and text[:n] not in dictionary:
            n -= 1
        words.append(text[:n])
        text = text[n:]
    return words


def spans(words):
    """每个词的起点与终点。"""
    ends = np.cumsum([len(w) for w in words]).tolist()
    return list(zip([0, *ends], ends, strict=False))


def evaluate(cutter, heldout, dictionary):
    """精确率、召回率、F1，熟词、生词的召回率，生词占多少。"""
    guessed, found = 0, {True: [], False: []}
    for words in heldout:
        mine = spans(cutter("".join(words)))
        guessed += len(mine)
        for word, span in zip(words, spans(words), strict=True):
            found[word in dictionary].append(span in mine)
    known, new = found.values()
    right = sum(known + new)
    p, r = right / guessed, right / len(known + new)
    f1 = 2 * p * r / (p + r)
    share = len(new) / len(known + new)
    return p, r, f1, np.mean(known), np.mean(new), share


# --8<-- [end:score]


# --8<-- [start:folds]
rows = {"每字一词": [], "最大匹配": [], "HMM": []}
for k in range(5):
    training, heldout = split(k)
    dictionary = {w for words in training for w in words}
    cutters = [
        list,
        partial(longest, dictionary=dictionary),
        partial(cut, model=train(training)),
    ]
    for name, cutter in zip(rows, cutters, strict=True):
        value = evaluate(cutter, heldout, dictionary)
        rows[name].append(value)
for name, row in rows.items():
    p, r, f1, known, new, share = np.mean(row, axis=0)
    each = [value[2] for value in row]
    print(f"{name}：精确 {p:.2f}，召回 {r:.2f}，", end="")
    print(f"F1 {f1:.2f}", end="")
    print(f"（{min(each):.2f} 到 {max(each):.2f}）")
    print(f"　熟词召回 {known:.2f}，生词召回 {new:.2f}")
print(f"生词占 {share:.2f}")
# --8<-- [end:folds]
