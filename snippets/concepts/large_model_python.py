# --8<-- [start:cases]
from typing import NamedTuple


class Case(NamedTuple):
    name: str
    weights: bool  # 是一组训练好的权重；系统、服务、一次搜索过程都不是
    signal: str  # 预训练的信号从哪里来
    tasks: str  # 训练目标里没有写、却由同一组权重适配出来的任务，以论文为证
    params: float | None = None  # 单位：亿
    flops: float | None = None  # 训练用的浮点运算次数


def dense(billions, tokens):
    """稠密 Transformer 的训练量，6ND；MoE 的 N 取激活参数。"""
    return 6 * billions * 1e9 * tokens


SELF, PAIR, LABEL, RULE = "自监督", "现成配对", "任务标签", "无"
TEXT = "翻译 问答 写代码 算术"
CASES = [
    Case("GPT-3", True, SELF, "翻译 问答 完形填空 算术", 1750, dense(175, 300e9)),
    Case("Llama 3.1 405B", True, SELF, TEXT, 4050, dense(405, 15.6e12)),
    Case("DeepSeek-V3", True, SELF, TEXT, 6710, dense(37, 14.8e12)),
    Case("Phi-3-mini", True, SELF, TEXT, 38, dense(3.8, 3.3e12)),
    Case("Qwen3-0.6B", True, SELF, TEXT, 6, dense(0.6, 36e12)),
    # 一百万步，每步 256 条，每条按最长的 512 个词元算：是上界
    Case("BERT-base", True, SELF, "分类 蕴含 问答 实体", 1.1, dense(0.11, 1.31e11)),
    Case("ESM-1b", True, SELF, "二级结构 残基接触 突变效应", 6.5),
    Case("CLIP ViT-B/32", True, PAIR, "细粒度分类 文字识别 动作识别 地理定位", 1.5),
    Case("Stable Diffusion 1", True, PAIR, "图改图 按条件生成 按指令修图", 10.7),
    Case("Whisper large", True, PAIR, "声音事件识别 声学场景 语音情感", 15.5),
    Case("Pythia-70M", True, SELF, "完形填空 常识 科学问答", 0.7, dense(0.07, 300e9)),
    Case("SAM ViT-H", True, LABEL, "边缘检测 候选框 实例分割 按文字分割", 6.4),
    Case("AlphaFold 2", True, LABEL, "肽结合 配体位点 错义突变致病性"),
    Case("下棋 Transformer", True, LABEL, "", 2.7),
    Case("推荐模型 Persia", True, LABEL, "", 1e6),
    Case("LeNet-5", True, LABEL, "", 0.0006),
    Case("HMM 分词器", True, LABEL, "", 0.0002),  # 4 个状态 × 约六千个字
    Case("AutoML 集成", False, LABEL, ""),
    Case("搜索引擎", False, RULE, ""),
    Case("调 API 的 RAG 应用", False, RULE, ""),
]
# --8<-- [end:cases]


# --8<-- [start:rule]
class Rule(NamedTuple):
    """判据的读法。默认值是本书的读法，改一个就是另一种定义。"""

    signals: tuple = (SELF, PAIR)
    min_tasks: int = 3
    min_params: float = 1  # 亿
    min_flops: float = 0


def verdict(case, rule):
    """返回（结论，卡在哪一条）；缺数据时结论是 None，而不是猜一个。"""
    if not case.weights:
        return False, "不是一组权重"
    if case.signal not in rule.signals:
        return False, f"预训练的信号是{case.signal}"
    if (n := len(case.tasks.split())) < rule.min_tasks:
        return False, f"训练目标之外的任务 {n} 种"
    for value, least, what in (
        (case.params, rule.min_params, "参数"),
        (case.flops, rule.min_flops, "训练量"),
    ):
        if least and value is None:
            return None, f"{what}没有可靠数据"
        if least and value < least:
            return False, f"{what}低于门槛"
    return True, "三条都过"


print("本书的读法")
for case in CASES:
    ok, why = verdict(case, Rule())
    print(f"  {'是' if ok else '否'}  {case.name}：{why}")
# --8<-- [end:rule]


# --8<-- [start:sensitivity]
READINGS = {
    "本书": Rule(),
    "一：只认自监督": Rule(signals=(SELF,)),
    "二：不问信号": Rule(signals=(SELF, PAIR, LABEL, RULE)),
    "三：不问任务": Rule(min_tasks=0),
    "四：不设门槛": Rule(min_params=0),
    "五：10 亿参数": Rule(min_params=10),
    "六：1e23 次运算": Rule(min_params=0, min_flops=1e23),
    "只问 1 亿参数": Rule((SELF, PAIR, LABEL, RULE), min_tasks=0),
}

print("\n换一种读法，哪些结论变了")
flipped = set()
for reading, rule in list(READINGS.items())[1:]:
    now = {c.name: verdict(c, rule)[0] for c in CASES}
    was = {c.name: verdict(c, Rule())[0] for c in CASES}
    changes = {"变成是": [], "变成否": [], "无法判断": []}
    for name, value in now.items():
        if value != was[name]:
            word = {True: "变成是", False: "变成否", None: "无法判断"}[value]
            changes[word].append(name)
    print(f"  {reading}")
    for word, names in changes.items():
        if names:
            print(f"    {word}：{'、'.join(names)}")
    if not any(changes.values()):
        print("    没有变化")
    if reading != "只问 1 亿参数":  # 只看大小不是本页的定义，留作对照
        flipped |= {n for names in changes.values() for n in names}

firm = [c for c in CASES if c.name not in flipped]
for ok, title in ((True, "六种改法下都是"), (False, "六种改法下都不是")):
    same = [c.name for c in firm if verdict(c, Rule())[0] == ok]
    print(f"{title}：{'、'.join(same)}")
# --8<-- [end:sensitivity]


# --8<-- [start:flops]
print("\n训练量，与 1e23、1e25 两条线比")
for case in sorted(CASES, key=lambda c: c.flops or 0):
    if case.flops:
        side = sum(case.flops > line for line in (1e23, 1e25))
        where = ["1e23 以下", "两线之间", "1e25 以上"][side]
        print(f"  {case.name}：{case.flops:.1e}，{where}")
body = dense(0.44, 36e12)  # Qwen3-0.6B 不算词嵌入的参数
print(f"Qwen3-0.6B 若不算词嵌入：{body:.1e}，过 1e23：{body > 1e23}")
# --8<-- [end:flops]
