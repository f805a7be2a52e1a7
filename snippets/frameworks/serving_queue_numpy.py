# --8<-- [start:hand]
import numpy as np


def served(arrivals, work):
    """先到先算，一次一个：返回每个请求开始与结束的时刻。"""
    starts, free = [], 0
    for arrival in arrivals:
        starts.append(max(arrival, free))  # 服务空着就马上开始
        free = starts[-1] + work[len(starts) - 1]
    starts = np.array(starts)
    return starts, starts + work


arrivals = np.array([0, 4, 8, 25, 27, 65])  # 毫秒
starts, ends = served(arrivals, np.full(6, 10))
for a, s, e in zip(arrivals, starts, ends, strict=True):
    print(f"到达 {a:2d}，开始 {s:2d}，等 {s - a:2d}，答复 {e:2d} 毫秒")
print(
    f"平均等待 {(starts - arrivals).mean():g} 毫秒，忙的时间占 {6 * 10 / ends[-1]:.0%}"
)
# --8<-- [end:hand]


# --8<-- [start:utilisation]
def waits(rho, steady, seed, count=100_000, mean=10.0):
    """随机到达，平均一次 10 毫秒；steady：每次一样长，还是指数分布。"""
    rng = np.random.default_rng(seed)
    arrivals = rng.exponential(mean / rho, count).cumsum()
    work = np.full(count, mean) if steady else rng.exponential(mean, count)
    starts, _ = served(arrivals.tolist(), work)
    return (starts - arrivals)[count // 10 :]  # 开头是空的队列，不算


for rho in (0.5, 0.8, 0.9, 0.95):
    fixed, random = 10 * rho / (2 * (1 - rho)), 10 * rho / (1 - rho)
    print(f"忙 {rho:.0%}，平均等待的公式：一样长 {fixed:.0f}，长短不一 {random:.0f}")
    for steady in (True, False):
        means = [waits(rho, steady, seed).mean() for seed in range(3)]
        name = "一样长" if steady else "长短不一"
        print(f"  模拟，{name}：{min(means):.0f} 到 {max(means):.0f} 毫秒")
# --8<-- [end:utilisation]

# --8<-- [start:tail]
rng = np.random.default_rng(3)
arrivals = rng.exponential(20, 200_000).cumsum()
for name, share, slow in (("全都 10 毫秒", 0, 10), ("1% 要 300 毫秒", 0.01, 300)):
    work = np.where(rng.random(200_000) < share, slow, 10)
    starts, ends = served(arrivals, work)
    took = ends - arrivals
    p50, p99 = np.percentile(took, [50, 99])
    print(f"{name}：平均 {took.mean():.0f}，一半在 {p50:.0f} 以内，", end="")
    print(f"99% 在 {p99:.0f} 毫秒以内")
    waited = (starts - arrivals > 100) & (work == 10)
    print(f"  自己只要 10 毫秒、却等了 100 毫秒以上的：{waited.mean():.1%}")
# --8<-- [end:tail]

# --8<-- [start:little]
arrivals = np.random.default_rng(5).exponential(12.5, 100_000).cumsum()
_, ends = served(arrivals, np.full(100_000, 10.0))
times = np.concatenate([arrivals, ends])
steps = np.concatenate([np.ones(100_000), -np.ones(100_000)])
order = np.argsort(times, kind="stable")
inside = steps[order].cumsum()[:-1]  # 每一段时间里，里面有几个
length = (inside * np.diff(times[order])).sum() / times.max()
rate, stay = 100_000 / times.max(), (ends - arrivals).mean()
print(f"数出来的平均在里面的个数：{length:.2f}")
print(f"到达率 × 平均停留：{rate:.4f} 个/毫秒 × {stay:.2f} 毫秒 = {rate * stay:.2f}")
# --8<-- [end:little]


# --8<-- [start:bounded]
def bounded(arrivals, limit, work=10):
    """排队的满了 limit 个就拒绝；返回接受了的请求各等了多久。"""
    ends, waited = [], []
    for arrival in arrivals.tolist():
        queued = [e for e in ends[-limit - 1 :] if e > arrival]
        if len(queued) > limit:  # 一个在算，limit 个在排
            continue
        start = max(arrival, ends[-1] if ends else 0)
        ends.append(start + work)
        waited.append(start - arrival)
    return np.array(waited)


arrivals = np.random.default_rng(4).exponential(10 / 1.5, 30_000).cumsum()
for limit in (5, 20, 30_000):
    waited = bounded(arrivals, limit)
    refused = 1 - len(waited) / len(arrivals)
    name = f"最多排 {limit} 个" if limit < 30_000 else "不设上限"
    longest = f"{waited.max():.0f} 毫秒"
    print(f"{name}：拒绝 {refused:.0%}，接受的最多等 {longest}")
# --8<-- [end:bounded]
