# --8<-- [start:ask]
import warnings

import pandas as pd
from pgmpy.factors.discrete import TabularCPD
from pgmpy.inference import VariableElimination
from pgmpy.models import DiscreteBayesianNetwork
from pgmpy.parameter_estimator import (
    DiscreteBayesianEstimator,
    DiscreteMLE,
)


def ask(model, target, **evidence):
    """P(target 为真 | evidence)。"""
    solver = VariableElimination(model)
    answer = solver.query([target], evidence, show_progress=False)
    return answer.values[1]


# --8<-- [end:ask]


# --8<-- [start:library]
edges = [("C", "S"), ("C", "R"), ("S", "W"), ("R", "W")]  # 箭头
lawn = DiscreteBayesianNetwork(edges)
cloudy = {"evidence": ["C"], "evidence_card": [2]}  # 父变量是 C
lawn.add_cpds(
    TabularCPD("C", 2, [[0.5], [0.5]]),
    TabularCPD("S", 2, [[0.5, 0.9], [0.5, 0.1]], **cloudy),
    TabularCPD("R", 2, [[0.8, 0.2], [0.2, 0.8]], **cloudy),
    TabularCPD(
        "W",
        2,
        [[1, 0.1, 0.1, 0.01], [0, 0.9, 0.9, 0.99]],
        evidence=["S", "R"],  # 各列：00、01、10、11
        evidence_card=[2, 2],
    ),
)
print(f"检查通过：{lawn.check_model()}")
rain, sprinkler = (ask(lawn, v, W=1) for v in "RS")
print(f"草湿：下雨 {rain:.4f}，洒水 {sprinkler:.4f}")
# --8<-- [end:library]


# --8<-- [start:order]
def exam(evidence):
    """D 难度，I 用功，G 成绩好；数不变，只换 evidence 的次序。"""
    values = [[0.4, 0.1, 0.8, 0.3], [0.6, 0.9, 0.2, 0.7]]
    model = DiscreteBayesianNetwork([("D", "G"), ("I", "G")])
    model.add_cpds(
        TabularCPD("D", 2, [[0.7], [0.3]]),
        TabularCPD("I", 2, [[0.4], [0.6]]),
        TabularCPD("G", 2, values, evidence=evidence, evidence_card=[2, 2]),
    )
    return model


def show(name, model):
    print(f"{name}：检查通过 {model.check_model()}", end="，")
    print(f"易而用功 {ask(model, 'G', D=0, I=1):.1f}", end="，")
    print(f"难而不用功 {ask(model, 'G', D=1, I=0):.1f}", end="，")
    print(f"成绩好的人里题难 {ask(model, 'D', G=1):.4f}")


show("[D,I]", exam(["D", "I"]))
show("[I,D]", exam(["I", "D"]))
moved = exam(["D", "I"])  # 让库连同各列一起换
moved.get_cpds("G").reorder_parents(["I", "D"])
show("reorder_parents", moved)
# --8<-- [end:order]


# --8<-- [start:zero]
gauges = DiscreteBayesianNetwork([("R", "A"), ("R", "B")])
same = [[1, 0], [0, 1]]  # 两个雨量计从不出错
gauges.add_cpds(
    TabularCPD("R", 2, [[0.8], [0.2]]),
    TabularCPD("A", 2, same, evidence=["R"], evidence_card=[2]),
    TabularCPD("B", 2, same, evidence=["R"], evidence_card=[2]),
)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("ignore")
    warnings.simplefilter("always", RuntimeWarning)  # 只记这一种
    rain = ask(gauges, "R", A=1, B=0)
print(f"A 说下了，B 说没下：{rain}")
print(f"警告：{'、'.join(w.category.__name__ for w in caught)}")
chance = gauges.get_state_probability({"A": 1, "B": 0})
print(f"这份证据的概率：{chance:.4f}")

dry = {"S": 0, "R": 0, "W": 1}  # 没洒水，没下雨，草湿
print(f"多云：{ask(lawn, 'C', **dry):.4f}", end="，")
print(f"不给 W：{ask(lawn, 'C', S=0, R=0):.4f}", end="，")
print(f"证据的概率 {lawn.get_state_probability(dry):.4f}")
# --8<-- [end:zero]


# --8<-- [start:unseen]
rows = [(0, 0, 0)] * 8 + [(0, 1, 0)] + [(0, 1, 1)] * 9
rows += [(1, 0, 0)] * 2 + [(1, 0, 1)] * 3  # 洒水又下雨：一行也没有
data = pd.DataFrame(rows, columns=["S", "R", "W"])
expert = {"W": [[1, 1, 1, 1], [1, 1, 1, 9]]}  # 末列：又洒又下，多半湿
learn = DiscreteBayesianEstimator
ways = {
    "极大似然": DiscreteMLE(),
    "BDeu": learn(prior_type="BDeu", equivalent_sample_size=8),
    "专家": learn(prior_type="dirichlet", pseudo_counts=expert),
}
edges = [("S", "W"), ("R", "W")]
models = [DiscreteBayesianNetwork(edges) for _ in ways]
for model, way in zip(models, ways.values(), strict=True):
    model.fit(data, way)
for s, r in [(0, 0), (0, 1), (1, 0), (1, 1)]:
    n = ((data.S == s) & (data.R == r)).sum()
    wet = [ask(model, "W", S=s, R=r) for model in models]
    found = zip(ways, wet, strict=True)
    print(f"S={s} R={r}，{n} 行：", end="")
    print("，".join(f"{name} {p:.2f}" for name, p in found))
learned = models[0].get_cpds("W")
print(f"学到的表，轴的次序：{' '.join(learned.variables)}")
# --8<-- [end:unseen]
