"""The threshold explorer: 190 scored cases, one threshold, and what follows from it.

The page is sent the scores and the lessons, as JSON inside ``<threshold-explorer>``;
the element's script counts by the same rules as this module, and both must agree with
scikit-learn. Without a script there is a picture of one threshold, a table of six.

A threshold is a whole number of thousandths, for the scores are: a case is called
malignant from its threshold on, and above 1000 nobody is.
"""

from dataclasses import asdict, dataclass
from html import escape
from itertools import pairwise

from handbook.registry import view
from handbook.widgets.frame import framed

#: The page's program that makes the scores, and where it stands.
PROGRAM = "classification_metrics_scores_numpy.py", "scores"


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split()))


#: What the program's model gives the cases of its test set, in thousandths, in order.
MALIGNANT = _numbers(
    """
    74 101 125 136 141 147 166 190 221 237 315 363 381 388 412 414 419 435 450 461 503
    513 513 521 529 556 565 610 679 697 713 713 738 773 777 779 796 832 838 846 848 861
    861 868 881 887 895 903 913 919 937 941 956 960 964 973 978 979 982 982 986 988 988
    990 990 992 996 996 997 998 1000
    """
)
BENIGN = _numbers(
    """
    8 10 11 11 12 12 14 15 18 21 22 23 23 27 28 28 29 31 31 32 33 37 38 41 42 44 45 47
    49 51 53 58 58 60 63 68 68 72 75 75 76 76 76 79 82 83 84 85 86 86 94 96 97 98 100
    103 103 117 119 120 121 121 123 125 128 128 129 133 139 141 144 147 153 157 159 159
    164 165 165 165 181 186 225 230 262 265 271 273 289 310 336 339 340 345 350 441 442
    445 448 454 461 467 530 573 581 583 606 621 663 730 760 779 872 877 882 910 970 971
    992
    """
)
#: Above every score: nobody is called malignant.
NOBODY = 1001
#: Every threshold at which a count changes, from the strictest down.
THRESHOLDS = (NOBODY, *sorted({*MALIGNANT, *BENIGN}, reverse=True))


@dataclass(frozen=True)
class Lesson:
    """What a button of the tool sets, and what to do and see then."""

    name: str
    task: str
    threshold: int  # in thousandths
    prevalence: float  # in per cent
    alarm: float  # the cost of a false alarm
    miss: float  # the cost of a missed case


LESSONS = (
    Lesson(
        "送检 37%",
        "患病率与这 190 例相同。把阈值往左拖：漏诊变少，误报变多。"
        "哪些数变大，哪些变小？",
        *(500, 37.37, 1, 1),
    ),
    Lesson(
        "普查 1%",
        "只改了患病率。ROC 上的点没有动，精确率却从 0.750 降到 0.048："
        "判为恶性的，约 21 人里才有 1 人真患病。",
        *(500, 1, 1, 1),
    ),
    Lesson(
        "漏诊贵 20 倍",
        "误报一人记 1 份代价，漏诊一人记 20 份。按「跳到最便宜的阈值」："
        "代价从 2195 降到 426，准确率也从 0.805 降到 0.574。",
        *(500, 37.37, 1, 20),
    ),
    Lesson(
        "普查，漏诊贵 20 倍",
        "漏诊仍贵 20 倍，但患病的人少：在 0.5 处误报 141 份，漏诊才 56 份。"
        "最便宜的阈值从 0.074 移到 0.773。",
        *(500, 1, 1, 20),
    ),
    Lesson(
        "谁也不判恶性",
        "准确率 0.990，召回率 0：一个病人也没有查出。患病率低时，只看准确率会上当。",
        *(NOBODY, 1, 1, 1),
    ),
)


@dataclass(frozen=True)
class Rates:
    """Of 1,000 people: the four cells, the rates, the cost. None: nothing to divide."""

    tp: float
    fn: float
    fp: float
    tn: float
    recall: float
    specificity: float
    ppv: float | None
    npv: float | None
    f1: float
    accuracy: float
    cost: float


def counts(threshold: int) -> tuple[int, int, int, int]:
    """Of the cases: true positives, missed ones, false alarms, true negatives."""
    tp = sum(score >= threshold for score in MALIGNANT)
    fp = sum(score >= threshold for score in BENIGN)
    return tp, len(MALIGNANT) - tp, fp, len(BENIGN) - fp


def rates(threshold: int, prevalence: float, alarm: float, miss: float) -> Rates:
    """What the threshold does to 1,000 people of whom so many per cent are ill."""
    true, missed, false, clear = counts(threshold)
    recall, specificity = true / (true + missed), clear / (false + clear)
    ill, well = 10 * prevalence, 1000 - 10 * prevalence
    tp, fn = ill * recall, ill * missed / (true + missed)
    fp, tn = well * false / (false + clear), well * specificity
    return Rates(
        *(tp, fn, fp, tn, recall, specificity),
        ppv=tp / (tp + fp) if true + false else None,
        npv=tn / (tn + fn) if missed + clear else None,
        f1=2 * tp / (2 * tp + fp + fn),
        accuracy=(tp + tn) / 1000,
        cost=alarm * fp + miss * fn,
    )


def cheapest(prevalence: float, alarm: float, miss: float) -> int:
    """The threshold of the least cost; of several, the strictest."""
    best, least = NOBODY, float("inf")
    for threshold in THRESHOLDS:
        cost = rates(threshold, prevalence, alarm, miss).cost
        if cost < least - 1e-9:
            best, least = threshold, cost
    return best


def by_formula(prevalence: float, alarm: float, miss: float) -> float:
    """The best threshold if the scores were probabilities, at the cases' prevalence.

    At another prevalence the odds of every score move, and the threshold with them.
    """
    odds = alarm / miss * (100 - prevalence) / prevalence
    odds *= len(MALIGNANT) / len(BENIGN)
    return odds / (1 + odds)


def area() -> float:
    """Under the ROC curve: of all pairs, how many stand in order; a tie is a half."""
    won = sum((m > b) + (m == b) / 2 for m in MALIGNANT for b in BENIGN)
    return won / (len(MALIGNANT) * len(BENIGN))


def average_precision(prevalence: float) -> float:
    """The precision over the steps of recall, at this prevalence."""
    total = before = 0.0
    for threshold in THRESHOLDS[1:]:
        made = rates(threshold, prevalence, 1, 1)
        total += (made.recall - before) * made.ppv
        before = made.recall
    return total


def swarm(scores: tuple[int, ...], apart: float) -> list[int]:
    """On which level each score's dot lies: none nearer on its level than ``apart``."""
    last: list[float] = []  # of each level, its last score
    levels = []
    for score in scores:
        free = (i for i, at in enumerate(last) if score - at >= apart)
        level = next(free, len(last))
        last[level : level + 1] = [score]
        levels.append(level)
    return levels


# --- what stands without a script -----------------------------------------------------

SHOWN, SIX = LESSONS[2], (100, 200, 300, 500, 700, 900)
_WIDTH, _PAD, _DOT, _AXIS = 326, 8, 5, 112


@view("threshold-explorer")
def element() -> str:
    """The element with its scores; without a script, a picture and six thresholds."""
    data = {
        "malignant": MALIGNANT,
        "benign": BENIGN,
        "lessons": [asdict(lesson) for lesson in LESSONS],
    }
    body = _picture(500) + _table()
    return framed(
        "threshold-explorer", "explorer", data, body, PROGRAM, "得分与各项指标"
    )


def _dots(scores: tuple[int, ...], ill: bool) -> list[tuple[int, int]]:
    """Where the dots lie, in whole pixels: the ill under the axis, the well above."""
    scale = (_WIDTH - 2 * _PAD) / NOBODY
    base, way = (_AXIS + 25, _DOT) if ill else (_AXIS - 3, -_DOT)
    levels = swarm(scores, _DOT / scale)
    return [
        (round(_PAD + score * scale), base + way * level)
        for score, level in zip(scores, levels, strict=True)
    ]


def _path(dots: list[tuple[int, int]]) -> str:
    """A line of no length for each dot, each from the one before: that weighs least."""
    moves = ((x - a, y - b) for (a, b), (x, y) in pairwise([(0, 0), *dots]))
    return "".join(f"m{x} {y}h0" for x, y in moves).replace(" -", "-")


def _drawn(threshold: int, scores: tuple[int, ...], ill: bool) -> str:
    """The dots of a class: those that the threshold calls rightly, then the others."""
    dots = list(zip(scores, _dots(scores, ill), strict=True))
    name = "ill" if ill else "well"
    return "".join(
        f'<path class="hb-{name}{kind}" stroke-width="{_DOT - 1}" d="'
        + _path([at for score, at in dots if ((score >= threshold) == ill) == right])
        + '"/>'
        for right, kind in ((True, ""), (False, " hb-off"))
    )


def _picture(threshold: int) -> str:
    tp, fn, fp, tn = counts(threshold)
    edge, foot = _WIDTH - _PAD, _AXIS + 110
    x = _PAD + threshold * (edge - _PAD) / NOBODY
    title = (
        f"{len(BENIGN)} 例良性的得分多在左边，{len(MALIGNANT)} 例恶性的多在右边；"
        f"阈值 {threshold / 1000:g} 把 {fp} 例良性误报，漏诊 {fn} 例恶性"
    )
    ticks = "".join(
        f'<text x="{_PAD + t * 200 * (edge - _PAD) / NOBODY:.4g}" y="{_AXIS + 16}"'
        f' text-anchor="middle">{t / 5:g}</text>'
        for t in range(6)
    )
    return (
        f'<svg class="hb-still" viewBox="0 0 {_WIDTH} {foot + 6}" role="img"'
        ' aria-labelledby="explorer-still">'
        f'<title id="explorer-still">{title}</title>'
        f'<text x="{_PAD}" y="14">良性 {len(BENIGN)} 例：放行 {tn}</text>'
        f'<text x="{edge}" y="14" text-anchor="end">误报 {fp}</text>{ticks}'
        f"{_drawn(threshold, BENIGN, False)}{_drawn(threshold, MALIGNANT, True)}"
        f'<text x="{_PAD}" y="{foot}">恶性 {len(MALIGNANT)} 例：漏诊 {fn}</text>'
        f'<text x="{edge}" y="{foot}" text-anchor="end">查出 {tp}</text>'
        f'<path class="hb-line" d="M{x:.4g} 20V{foot - 16}"/></svg>'
    )


def _table() -> str:
    heads = (
        "阈值",
        "漏诊",
        "误报",
        "召回率",
        "特异度",
        "精确率",
        "1% 时的精确率",
        "代价",
    )
    head = "".join(f'<th scope="col">{word}</th>' for word in heads)
    chosen = SHOWN.prevalence, SHOWN.alarm, SHOWN.miss
    best = cheapest(*chosen)
    cost = rates(best, *chosen).cost
    return (
        f"<p>下表按每千人计，患病率 {SHOWN.prevalence:g}%，误报一次记 {SHOWN.alarm:g} "
        f"份，漏诊一次记 {SHOWN.miss:g} 份。最便宜的阈值是 {best / 1000:g}，"
        f"代价 {cost:.0f} 份。</p><table><caption>六个阈值</caption>"
        f"<thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(map(_row, SIX))}</tbody></table>"
    )


def _row(threshold: int) -> str:
    made = rates(threshold, SHOWN.prevalence, SHOWN.alarm, SHOWN.miss)
    rare = rates(threshold, 1, SHOWN.alarm, SHOWN.miss)
    cells = (
        *(f"{made.fn:.0f}", f"{made.fp:.0f}"),
        *(f"{made.recall:.3f}", f"{made.specificity:.3f}"),
        *(f"{made.ppv:.3f}", f"{rare.ppv:.3f}", f"{made.cost:.0f}"),
    )
    rest = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{threshold / 1000:g}</th>{rest}</tr>'
