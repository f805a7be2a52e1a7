# --8<-- [start:text]
import warnings
from collections import Counter, defaultdict
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

# 《论语》三篇，公有领域；去掉引号与书名号，标点是后人所加
XUE_ER = """
子曰：学而时习之，不亦说乎？有朋自远方来，不亦乐乎？人不知而不愠，不亦君子乎？有子曰：其
为人也孝弟，而好犯上者，鲜矣；不好犯上而好作乱者，未之有也。君子务本，本立而道生。孝弟也
者，其为仁之本与！子曰：巧言令色，鲜矣仁！曾子曰：吾日三省吾身：为人谋而不忠乎？与朋友交
而不信乎？传不习乎？子曰：道千乘之国，敬事而信，节用而爱人，使民以时。子曰：弟子入则孝，
出则弟，谨而信，泛爱众，而亲仁，行有余力，则以学文。子夏曰：贤贤易色；事父母，能竭其力；
事君，能致其身；与朋友交，言而有信。虽曰未学，吾必谓之学矣。子曰：君子不重则不威，学则不
固。主忠信，无友不如己者，过，则勿惮改。曾子曰：慎终追远，民德归厚矣。子禽问于子贡曰：夫
子至于是邦也，必闻其政，求之与，抑与之与？子贡曰：夫子温、良、恭、俭、让以得之。夫子之求
之也，其诸异乎人之求之与？子曰：父在，观其志；父没，观其行；三年无改于父之道，可谓孝矣。
有子曰：礼之用，和为贵。先王之道，斯为美，小大由之。有所不行，知和而和，不以礼节之，亦不
可行也。有子曰：信近于义，言可复也。恭近于礼，远耻辱也。因不失其亲，亦可宗也。子曰：君子
食无求饱，居无求安，敏于事而慎于言，就有道而正焉。可谓好学也已。子贡曰：贫而无谄，富而无
骄，何如？子曰：可也。未若贫而乐，富而好礼者也。子贡曰：诗云：如切如磋，如琢如磨，其斯之
谓与？子曰：赐也，始可与言诗已矣，告诸往而知来者。子曰：不患人之不己知，患不知人也。
"""
WEI_ZHENG = """
子曰：为政以德，譬如北辰，居其所而众星共之。子曰：诗三百，一言以蔽之，曰：思无邪。子曰：
道之以政，齐之以刑，民免而无耻。道之以德，齐之以礼，有耻且格。子曰：吾十有五而志于学，三
十而立，四十而不惑，五十而知天命，六十而耳顺，七十而从心所欲，不逾矩。孟懿子问孝，子曰：
无违。樊迟御，子告之曰：孟孙问孝于我，我对曰无违。樊迟曰：何谓也？子曰：生，事之以礼；死
，葬之以礼，祭之以礼。孟武伯问孝。子曰：父母唯其疾之忧。子游问孝。子曰：今之孝者，是谓能
养。至于犬马皆能有养；不敬，何以别乎？子夏问孝。子曰：色难。有事，弟子服其劳；有酒食，先
生馔，曾是以为孝乎？子曰：吾与回言终日，不违，如愚。退而省其私，亦足以发，回也不愚。子曰
：视其所以，观其所由，察其所安，人焉廋哉？人焉廋哉？子曰：温故而知新，可以为师矣。子曰：
君子不器。子贡问君子。子曰：先行其言而后从之。子曰：君子周而不比，小人比而不周。子曰：学
而不思则罔，思而不学则殆。子曰：攻乎异端，斯害也已！子曰：由，诲汝知之乎！知之为知之，不
知为不知，是知也。子张学干禄。子曰：多闻阙疑，慎言其余，则寡尤；多见阙殆，慎行其余，则寡
悔。言寡尤，行寡悔，禄在其中矣。哀公问曰：何为则民服？孔子对曰：举直错诸枉，则民服；举枉
错诸直，则民不服。季康子问：使民敬、忠以劝，如之何？子曰：临之以庄，则敬；孝慈，则忠；举
善而教不能，则劝。或谓孔子曰：子奚不为政？子曰：书云：孝乎惟孝，友于兄弟，施于有政。是亦
为政，奚其为为政？子曰：人而无信，不知其可也。大车无輗，小车无軏，其何以行之哉？子张问：
十世可知也？子曰：殷因于夏礼，所损益，可知也；周因于殷礼，所损益，可知也。其或继周者，虽
百世，可知也。子曰：非其鬼而祭之，谄也；见义不为，无勇也。
"""
LI_REN = """
子曰：里仁为美。择不处仁，焉得知？子曰：不仁者不可以久处约，不可以长处乐。仁者安仁，知者
利仁。子曰：唯仁者能好人，能恶人。子曰：苟志于仁矣，无恶也。子曰：富与贵，是人之所欲也；
不以其道得之，不处也。贫与贱，是人之所恶也；不以其道得之，不去也。君子去仁，恶乎成名？君
子无终食之间违仁，造次必于是，颠沛必于是。子曰：我未见好仁者，恶不仁者。好仁者，无以尚之
；恶不仁者，其为仁矣，不使不仁者加乎其身。有能一日用其力于仁矣乎？我未见力不足者。盖有之
矣，我未之见也。子曰：人之过也，各于其党。观过，斯知仁矣。子曰：朝闻道，夕死可矣。子曰：
士志于道，而耻恶衣恶食者，未足与议也。子曰：君子之于天下也，无适也，无莫也，义之与比。子
曰：君子怀德，小人怀土；君子怀刑，小人怀惠。子曰：放于利而行，多怨。子曰：能以礼让为国乎
？何有？不能以礼让为国，如礼何？子曰：不患无位，患所以立。不患莫己知，求为可知也。子曰：
参乎！吾道一以贯之。曾子曰：唯。子出，门人问曰：何谓也？曾子曰：夫子之道，忠恕而已矣。子
曰：君子喻于义，小人喻于利。子曰：见贤思齐焉，见不贤而内自省也。子曰：事父母几谏，见志不
从，又敬不违，劳而不怨。子曰：父母在，不远游，游必有方。子曰：三年无改于父之道，可谓孝矣
。子曰：父母之年，不可不知也。一则以喜，一则以惧。子曰：古者言之不出，耻躬之不逮也。子曰
：以约失之者鲜矣。子曰：君子欲讷于言而敏于行。子曰：德不孤，必有邻。子游曰：事君数，斯辱
矣；朋友数，斯疏矣。
"""
# 句末的点号都作「。」，句中的都作「，」
POINTS = str.maketrans("！？；：、", "。。。，，", "\n")
train = (XUE_ER + WEI_ZHENG).translate(POINTS)
test = LI_REN.translate(POINTS)
symbols = sorted(set(train + test))  # 字表事先约定，同 Shannon 的 27 个符号
new = sum(w not in train for w in test)
print(f"训练 {len(train)} 字，测试 {len(test)} 字，字表 {len(symbols)} 个符号")
print(f"测试中有 {new} 个字次没有在训练文本里出现过，占 {new / len(test):.1%}")
# --8<-- [end:text]

# --8<-- [start:count]
ORDER = 5


class Counts:
    """n 元计数：follow[前文][下一个字]，前文长 0 到 ORDER - 1。"""

    def __init__(self, text, symbols, order=ORDER):
        self.symbols = symbols
        self.follow = defaultdict(Counter)
        for i, w in enumerate(text):
            for k in range(min(i + 1, order)):
                self.follow[text[i - k : i]][w] += 1

    def after(self, context):
        return self.follow.get(context, Counter())  # 没见过的前文，计数全是 0


counts = Counts(train, symbols)
print("「子」之后：", counts.after("子").most_common(4))
# --8<-- [end:count]


# --8<-- [start:laplace]
def laplace(counts, context, w, alpha=1.0):
    seen = counts.after(context)
    return (seen[w] + alpha) / (seen.total() + alpha * len(counts.symbols))


def bits(prob, text, n, start=ORDER - 1):
    """每个符号平均多少比特。n 从 1 到 5 都考同一批字：第 start 个之后的。"""
    logs = [
        -np.log2(prob(text[i - n + 1 : i], text[i])) for i in range(start, len(text))
    ]
    return np.mean(logs)


def missing(counts, text, n):
    """测试里没见过的 n 元组，与没见过的前文，各占多少。"""
    pairs = [(text[i - n + 1 : i], text[i]) for i in range(ORDER - 1, len(text))]
    return (
        np.mean([counts.after(context)[w] == 0 for context, w in pairs]),
        np.mean([not counts.after(context) for context, _ in pairs]),
    )


add_one = partial(laplace, counts)
print(f"均匀分布：每字 {np.log2(len(symbols)):.2f} 比特，困惑度 {len(symbols)}")
print("加一平滑：")
for n in range(1, ORDER + 1):
    seen, unseen = bits(add_one, train, n), bits(add_one, test, n)
    gram, context = missing(counts, test, n)
    print(
        f"n={n}：困惑度 训练 {2**seen:.1f}，测试 {2**unseen:.1f}；"
        f"没见过的 n 元组 {gram:.1%}，没见过的前文 {context:.1%}"
    )
# --8<-- [end:laplace]

# --8<-- [start:alpha]
for alpha in (1.0, 0.1, 0.01, 0.001):
    add_alpha = partial(laplace, counts, alpha=alpha)
    print(f"二元，加 {alpha:g}：测试困惑度 {2 ** bits(add_alpha, test, 2):.1f}")
# --8<-- [end:alpha]


# --8<-- [start:backoff]
def witten_bell(counts, context, w):
    """长前文没见过，就问短一个字的前文；全没见过，才是均匀分布。"""
    if context is None:
        return 1 / len(counts.symbols)
    shorter = context[1:] if context else None
    lower = witten_bell(counts, shorter, w)
    seen = counts.after(context)
    kinds = len(seen)  # 这个前文后面出现过几种字：种类越多，越可能再来新的
    return (seen[w] + kinds * lower) / (seen.total() + kinds) if seen else lower


back_off = partial(witten_bell, counts)
print("退到短前文（Witten-Bell）：")
for n in range(1, ORDER + 1):
    seen, unseen = bits(back_off, train, n), bits(back_off, test, n)
    print(f"n={n}：困惑度 训练 {2**seen:.1f}，测试 {2**unseen:.1f}")
# --8<-- [end:backoff]


# --8<-- [start:entropy]
def block_entropy(text, n):
    """n 元组的熵，比特；各阶用同样多的元组。"""
    grams = Counter(text[i - n + 1 : i + 1] for i in range(ORDER - 1, len(text)))
    p = np.array(list(grams.values())) / grams.total()
    return -np.sum(p * np.log2(p))


entropies = [0.0] + [block_entropy(train, n) for n in range(1, ORDER + 1)]
print("F_n = H_n - H_(n-1)，只数训练文本：")
print("  " + "  ".join(f"F{n}={f:.2f}" for n, f in enumerate(np.diff(entropies), 1)))
# --8<-- [end:entropy]

# --8<-- [start:units]
total = bits(back_off, test, 2) * (len(test) - ORDER + 1)
scored = test[ORDER - 1 :]
for unit, number in (
    ("字节", len(scored.encode())),
    ("字", len(scored)),
    ("小句", scored.count("，") + scored.count("。")),
):
    print(f"按{unit}：{number} 个单位，困惑度 {2 ** (total / number):.3g}")

# 换一种切法再训练：把文本当作字节，一个汉字三个字节
raw_train, raw_test = (t.encode().decode("latin-1") for t in (train, test))
by_byte = Counts(raw_train, [chr(b) for b in range(256)], order=6)
start = len(test[: ORDER - 1].encode())  # 两个模型考同一段文字
per_byte = bits(partial(witten_bell, by_byte), raw_test, 6, start)
print(f"字模型（二元）：每个词元的困惑度 {2 ** bits(back_off, test, 2):.1f}，", end="")
print(f"每字 {bits(back_off, test, 2):.2f} 比特")
print(f"字节模型（六元）：每个词元的困惑度 {2**per_byte:.1f}，", end="")
print(f"每字 {per_byte * (len(raw_test) - start) / len(scored):.2f} 比特")
# --8<-- [end:units]

# --8<-- [start:sample]
for n in (1, 2, 3, 5):
    rng = np.random.default_rng(1951)
    line = "子曰，"
    while len(line) < 33:
        context = line[max(len(line) - n + 1, 0) :]
        line += rng.choice(symbols, p=[back_off(context, w) for w in symbols])
    grams = [line[i : i + 5] for i in range(len(line) - 4)]
    copied = np.mean([g in train for g in grams])
    print(f"n={n}：{line}（五字连串有 {copied:.0%} 是照抄的）")
# --8<-- [end:sample]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画，这里不需要字体
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "history_numpy"
orders = np.arange(1, ORDER + 1)
fig, ax = plt.subplots(figsize=(3.5, 3.2), layout="constrained")
for name, prob, text, style in (
    ("加一：测试", add_one, test, "C1o-"),
    ("加一：训练", add_one, train, "C1o:"),
    ("短前文：测试", back_off, test, "C0s-"),
    ("短前文：训练", back_off, train, "C0s:"),
):
    perplexity = [2 ** bits(prob, text, n) for n in orders]
    ax.plot(orders, perplexity, style)
    ax.text(ORDER + 0.2, perplexity[-1], name, color=style[:2], va="center")
ax.hlines(len(symbols), 1, ORDER, "black", lw=1)
ax.text(1, len(symbols) * 1.15, "均匀分布")
ax.set(xlabel="n", yscale="log", xticks=orders, xlim=(0.8, 7.8), ylim=(1, 700))
ax.set_yticks([1, 10, 100], ["1", "10", "100"])
ax.set_title("困惑度", loc="left", fontsize=10)
ax.spines[["top", "right"]].set_visible(False)
title = "困惑度随 n 的变化：加一平滑越来越差，退到短前文在 n = 2 处最低"
fig.savefig("history_numpy.svg", transparent=True, metadata={"Title": title})
# --8<-- [end:figure]
