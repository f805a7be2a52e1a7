# --8<-- [start:and]
import numpy as np
from sklearn.tree import DecisionTreeRegressor

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def pair(value):
    """两个特征的沙普利值：两种次序，取平均。"""
    none, a, b, both = value(()), value((0,)), value((1,)), value((0, 1))
    return (a - none + both - b) / 2, (b - none + both - a) / 2


def replaced(predict, x, background):
    """没有告诉的特征，换成背景里的每一行。"""

    def value(known):
        rows = np.array(background, float)
        rows[:, list(known)] = np.array(x)[list(known)]
        return predict(rows).mean()

    return pair(value)


# --8<-- [end:and]


# --8<-- [start:background]
def both(rows):
    return rows[:, 0] * rows[:, 1]  # 两个都是 1 才输出 1


for label, background in [
    ("四个角各一行", CORNERS),
    ("只有 (0, 0)", CORNERS[:1]),
    ("只有 (1, 1)", CORNERS[3:]),
]:
    print(f"背景{label}，基准 {both(background).mean():g}")
    for x in [(1, 1), (0, 0), (0, 1)]:
        a, b = replaced(both, x, background)
        print(f"  {x}：特征 0 {a:+g}，特征 1 {b:+g}")
# --8<-- [end:background]


# --8<-- [start:paths]
def expect(tree, known, node=0):
    """没有告诉的特征，两边都走，按训练时走到的行数加权。"""
    left, right = tree.children_left[node], tree.children_right[node]
    if left == -1:  # 叶子
        return tree.value[node].item()
    feature, rows = tree.feature[node], tree.n_node_samples
    if feature in known:
        smaller = known[feature] <= tree.threshold[node]
        return expect(tree, known, left if smaller else right)
    lower, upper = (expect(tree, known, child) for child in (left, right))
    return (rows[left] * lower + rows[right] * upper) / rows[node]


def by_paths(tree, x):
    return pair(lambda known: expect(tree, {j: x[j] for j in known}))


# --8<-- [end:paths]


# --8<-- [start:unvisited]
plain = DecisionTreeRegressor(random_state=0).fit(CORNERS, both(CORNERS))
visited = plain.decision_path([[0, 0]]).indices
splits = [n for n in visited if plain.tree_.children_left[n] != -1]
asked = [plain.tree_.feature[n] for n in splits]
print(f"(0, 0) 经过 {len(splits)} 次分裂，问的是特征 {asked[0]}")
a, b = by_paths(plain.tree_, (0, 0))
print(f"按路径的沙普利值：特征 0 {a:+g}，特征 1 {b:+g}")
# --8<-- [end:unvisited]

# --8<-- [start:twins]
rows = CORNERS.repeat([3, 1, 1, 3], axis=0)  # 两个特征多半一样
trees = {}
for seed in range(10):  # 并列的分裂，种子决定先问谁
    tree = DecisionTreeRegressor(random_state=seed).fit(rows, both(rows))
    trees.setdefault(tree.tree_.feature[0].item(), tree)

for first, tree in sorted(trees.items()):
    print(f"先问特征 {first} 的树，四个角的预测", tree.predict(CORNERS))
    a, b = by_paths(tree.tree_, (1, 1))
    print(f"  不给背景：特征 0 {a:+g}，特征 1 {b:+g}")
    a, b = replaced(tree.predict, (1, 1), rows)
    print(f"  背景是这八行：特征 0 {a:+g}，特征 1 {b:+g}")
# --8<-- [end:twins]


# --8<-- [start:conditional]
def matching(known):
    """只看八行里与已知特征相同的那些行。"""
    same = (rows[:, list(known)] == 1).all(axis=1)
    return both(rows[same]).mean()


print("只看相同的行：特征 0 {:+g}，特征 1 {:+g}".format(*pair(matching)))
# --8<-- [end:conditional]
