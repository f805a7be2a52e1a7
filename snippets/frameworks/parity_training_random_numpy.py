# --8<-- [start:versions]
import numpy as np


def dropout(x, p, rng):
    """随机失活：以概率 p 变成 0，其余除以 1 − p。"""
    return np.where(rng.random(x.shape) < p, 0, x / (1 - p))


def without_scaling(x, p, rng):
    return np.where(rng.random(x.shape) < p, 0, x)


def keeps_p(x, p, rng):
    """把 p 当成了保留的概率。"""
    return np.where(rng.random(x.shape) < p, x / p, 0)


def one_mask_a_row(x, p, rng):
    """一行共用一个掩码：比例与平均都对，各元素却不独立。"""
    return np.where(rng.random((len(x), 1)) < p, 0, x / (1 - p))


# --8<-- [end:versions]


# --8<-- [start:compare]
def scores(function, p, rows=20000, width=10):
    """三个统计量离理论值几个标准误：0 的比例、平均、每行 0 的个数的方差。"""
    out = function(np.ones((rows, width)), p, np.random.default_rng(0))
    zeros = (out == 0).sum(axis=1)  # (rows,)，应服从二项分布
    n, spread = out.size, p * (1 - p)
    variance = width * spread
    # 二项分布样本方差的标准误，用四阶矩
    fourth = variance * (1 + 3 * (width - 2) * spread)
    errors = np.sqrt(
        [spread / n, spread / (1 - p) ** 2 / n, (fourth - variance**2) / rows]
    )
    found = np.array([zeros.sum() / n, out.mean(), zeros.var()])
    return np.abs(found - [p, 1, variance]) / errors


for p in (0.5, 0.3):
    for function in (dropout, without_scaling, keeps_p, one_mask_a_row):
        verdicts = ["合" if z < 4 else "不合" for z in scores(function, p)]
        print(f"p = {p}，{function.__name__}：", *verdicts)
# --8<-- [end:compare]
