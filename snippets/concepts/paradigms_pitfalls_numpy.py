# --8<-- [start:data]
import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.metrics import normalized_mutual_info_score

digits = load_digits()
order = np.random.default_rng(0).permutation(len(digits.data))
x = digits.data / 16
train_x, train_y = x[order[:1200]], digits.target[order[:1200]]
test_x, test_y = x[order[1200:]], digits.target[order[1200:]]

rng = np.random.default_rng(1)
runs = []
for _ in range(200):  # 200 个起点；KMeans 自带的多次重启由 n_init=1 关掉
    start = train_x[rng.permutation(1200)[:10]]
    runs.append(KMeans(10, init=start, n_init=1, tol=0).fit(train_x))
# --8<-- [end:data]


# --8<-- [start:numbers]
def best_match(cluster, y):
    """簇与数字一对一配对，最多对上几成：逐簇加入，记下每种已用数字的最好成绩。"""
    best = {frozenset(): 0}
    for k in range(10):
        count = np.bincount(y[cluster == k], minlength=10)
        longer = {}
        for used, total in best.items():
            for digit in set(range(10)) - used:
                key = used | {digit}
                longer[key] = max(longer.get(key, 0), total + count[digit])
        best = longer
    return best[frozenset(range(10))] / len(y)


cluster = runs[0].labels_
for name, numbers in [("原编号", cluster), ("编号倒过来", 9 - cluster)]:
    print(f"{name}：当成答案 {np.mean(numbers == train_y):.3f}", end="  ")
    print(f"最好的配对 {best_match(numbers, train_y):.3f}", end="  ")
    print(f"NMI {normalized_mutual_info_score(train_y, numbers):.3f}")
as_answer = [np.mean(run.labels_ == train_y) for run in runs]
print(f"200 次里，编号当成答案：平均 {np.mean(as_answer):.3f}", end="，")
print(f"最高 {max(as_answer):.3f}")
# --8<-- [end:numbers]

# --8<-- [start:selection]
right = []  # (200, 597)：第 i 次聚类在第 j 张测试图上答对没有
for run in runs:
    names = train_y[run.transform(train_x).argmin(axis=0)]  # 每簇问一个标签
    right.append(names[run.predict(test_x)] == test_y)
right = np.array(right)
scores = right.mean(axis=1)
chosen = np.argmin([run.inertia_ for run in runs])
print(f"200 次的测试准确率：{scores.min():.3f} 到 {scores.max():.3f}", end="，")
print(f"平均 {scores.mean():.3f}；目标最小的一次 {scores[chosen]:.3f}")
for size in [30, 100, 300]:
    claimed, real = [], []
    for seed in range(200):
        shuffled = np.random.default_rng(seed).permutation(len(test_y))
        look, fresh = shuffled[:size], shuffled[size:]
        pick = right[:, look].mean(axis=1).argmax()
        claimed.append(right[pick, look].mean())
        real.append(right[pick, fresh].mean())
    print(f"用 {size:3d} 张测试图挑：挑时 {np.mean(claimed):.3f}", end="  ")
    print(f"没看过的图上 {np.mean(real):.3f}")
# --8<-- [end:selection]
