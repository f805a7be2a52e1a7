"""The optimizer's paths: three losses of two numbers, four ways down, a start to drag.

The page is sent the lessons, as JSON inside ``<optimizer-paths>``; the element's script
walks by the same rules as ``walk``, and both must agree with ``torch.optim``. Without a
script the ends of the lessons are a table.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from html import escape

from handbook.registry import view
from handbook.widgets.frame import framed

#: The page's program that walks the bowl by the same rule, and where it stands.
PROGRAM = "sgd_bowl_numpy.py", "factors"
#: Beyond this a path is not followed: it does not come back.
FAR = 1e6
#: A path whose last three points are nearer than this to the minimum has arrived.
NEAR = 0.05
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8

Point = tuple[float, float]


@dataclass(frozen=True)
class Loss:
    """A loss of two numbers, its gradient, its minimum and the curvatures there."""

    name: str
    at: Callable[[float, float], float]
    slope: Callable[[float, float], Point]
    minimum: Point
    curvatures: Point  # flat, steep


def _bowl(x: float, y: float) -> float:
    return (x * x + 10 * y * y) / 2


def _bowl_slope(x: float, y: float) -> Point:
    return x, 10 * y


def _rosenbrock(x: float, y: float) -> float:
    off = y - x * x
    return (1 - x) * (1 - x) + 100 * off * off


def _rosenbrock_slope(x: float, y: float) -> Point:
    off = y - x * x
    return -2 * (1 - x) - 400 * x * off, 200 * off


def _beale_terms(x: float, y: float) -> tuple[float, float, float]:
    return 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y


def _beale(x: float, y: float) -> float:
    return sum(term * term for term in _beale_terms(x, y))


def _beale_slope(x: float, y: float) -> Point:
    a, b, c = _beale_terms(x, y)
    return (
        2 * (a * (y - 1) + b * (y * y - 1) + c * (y * y * y - 1)),
        2 * x * (a + 2 * y * b + 3 * y * y * c),
    )


_ROOT = math.sqrt(250601)
LOSSES = {
    "bowl": Loss("碗", _bowl, _bowl_slope, (0, 0), (1, 10)),
    "rosenbrock": Loss(
        "弯谷", _rosenbrock, _rosenbrock_slope, (1, 1), (501 - _ROOT, 501 + _ROOT)
    ),
    "beale": Loss(
        "平地", _beale, _beale_slope, (3, 0.5), (0.301463646522, 48.9797863535)
    ),
}
METHODS = {"sgd": "SGD", "momentum": "动量", "nesterov": "Nesterov", "adam": "Adam"}


@dataclass(frozen=True)
class Lesson:
    """What a button of the tool sets, and what to do and see then."""

    name: str
    task: str
    loss: str
    by: str
    rate: float
    mu: float  # of no use to SGD and Adam
    steps: int
    start: Point


BOWL, VALLEY, PLAIN = (10, 1), (-1.2, 1), (1, 1)
LESSONS = (
    Lesson(
        "慢而稳",
        "学习率小：y 很快到 0，x 才走了一半。把学习率慢慢拉大，看哪个方向先来回跨。",
        *("bowl", "sgd", 0.05, 0.9, 12, BOWL),
    ),
    Lesson(
        "来回跨",
        "接近上限：y 每步跨过谷底，仍越来越近。把起点拖到别处，乘的数变不变？",
        *("bowl", "sgd", 0.18, 0.9, 12, BOWL),
    ),
    Lesson(
        "刚过 2/λ",
        "上限是 0.2。把步数从 1 拉到 40，看损失先降后升；再把学习率降到 0.19。",
        *("bowl", "sgd", 0.21, 0.9, 12, BOWL),
    ),
    Lesson(
        "加动量",
        "学习率比「来回跨」小，却更近谷底。按「留作对照」，再换成 SGD 比一比。",
        *("bowl", "momentum", 0.15, 0.5, 12, BOWL),
    ),
    Lesson(
        "冲过头",
        "对这只碗，动量太大，x 越过谷底才折回。换成 Nesterov 看看；再把 μ 拉小。",
        *("bowl", "momentum", 0.05, 0.9, 40, BOWL),
    ),
    Lesson(
        "弯谷 SGD",
        "几步就到谷里，然后几乎不动：沿谷的坡很平。按「留作对照」，再看「弯谷动量」。",
        *("rosenbrock", "sgd", 0.001, 0.9, 200, VALLEY),
    ),
    Lesson(
        "弯谷动量",
        "学习率与「弯谷 SGD」相同，沿谷的梯度积了起来。把 μ 拉到 0.5 再看。",
        *("rosenbrock", "momentum", 0.001, 0.9, 200, VALLEY),
    ),
    Lesson(
        "弯谷 Adam",
        "学习率是前两种的 300 倍，却不发散：步子的长短不由梯度的大小定。",
        *("rosenbrock", "adam", 0.3, 0.9, 200, VALLEY),
    ),
    Lesson(
        "平地",
        "先降到平地，再慢慢找谷底。把起点拖到左上方，看它走向哪里。",
        *("beale", "momentum", 0.01, 0.9, 100, PLAIN),
    ),
)


def walk(
    loss: str, by: str, rate: float, mu: float, steps: int, start: Point
) -> list[Point]:
    """The points of a path, the start among them, as PyTorch's optimizers walk.

    A path that has gone beyond ``FAR`` ends there, after fewer steps than asked for.
    """
    slope = LOSSES[loss].slope
    kept = 0.0 if by == "sgd" else mu
    path = [(float(start[0]), float(start[1]))]
    v, s = [0.0, 0.0], [0.0, 0.0]  # sums of gradients, or Adam's means
    for t in range(1, steps + 1):
        if not max(map(abs, path[-1])) <= FAR:
            break
        point = list(path[-1])
        for i, g in enumerate(slope(*path[-1])):
            if by == "adam":
                v[i] += (1 - BETA1) * (g - v[i])
                s[i] = BETA2 * s[i] + (1 - BETA2) * g * g
                size = math.sqrt(s[i]) / math.sqrt(1 - BETA2**t) + EPSILON
                point[i] -= rate / (1 - BETA1**t) * v[i] / size
            else:
                v[i] = kept * v[i] + g
                point[i] -= rate * (g + kept * v[i] if by == "nesterov" else v[i])
        path.append((point[0], point[1]))
    return path


def factor(by: str, rate: float, mu: float, curvature: float) -> float:
    """What the distance is multiplied by in the end, a step, at this curvature.

    Without momentum with its sign; with it the greater modulus of two eigenvalues.
    """
    p = rate * curvature
    if by == "sgd":
        return 1 - p
    ahead = mu * p if by == "nesterov" else 0.0
    trace, product = 1 + mu - p - ahead, mu - ahead
    under = trace * trace - 4 * product
    if under < 0:
        return math.sqrt(product)
    return (abs(trace) + math.sqrt(under)) / 2


def verdict(lesson: Lesson, path: list[Point]) -> str:
    """收敛: the last three points are near; 发散: far, or certain to get there."""
    loss = LOSSES[lesson.loss]
    sure = lesson.loss == "bowl" and lesson.by != "adam"
    factors = (
        abs(factor(lesson.by, lesson.rate, lesson.mu, c)) for c in loss.curvatures
    )
    far = not max(map(abs, path[-1])) <= FAR
    if far or (sure and max(factors) > 1 + 1e-9):
        return "发散"
    near = all(math.dist(point, loss.minimum) < NEAR for point in path[-3:])
    return "收敛" if near else "还在路上"


@view("optimizer-paths")
def element() -> str:
    """The element with its lessons; without a script, where each of them ends."""
    heads = ("练习", "走法", "步数", "终点", "损失", "结局")
    head = "".join(f'<th scope="col">{word}</th>' for word in heads)
    table = (
        "<table><caption>各个练习走到哪里（μ 是动量系数）</caption>"
        f"<thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(map(_row, LESSONS))}</tbody></table>"
    )
    data = {"lessons": [asdict(lesson) for lesson in LESSONS]}
    return framed("optimizer-paths", "walk", data, table, PROGRAM, "碗上的走法")


def _row(lesson: Lesson) -> str:
    path = walk(
        *(lesson.loss, lesson.by, lesson.rate, lesson.mu, lesson.steps, lesson.start)
    )
    mu = f"，μ {lesson.mu:g}" if lesson.by in ("momentum", "nesterov") else ""
    x, y = path[-1]
    cells = (
        f"{METHODS[lesson.by]} {lesson.rate:g}{mu}",
        f"{len(path) - 1}",
        f"({x:.3g}, {y:.3g})".replace("-", "−"),
        f"{LOSSES[lesson.loss].at(x, y):.3g}",
        verdict(lesson, path),
    )
    rest = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{escape(lesson.name)}</th>{rest}</tr>'
