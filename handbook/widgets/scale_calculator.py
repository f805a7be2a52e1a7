"""The scale calculator: from parameters and tokens to hours, money and energy.

The figure of the chain is the calculator: the page is sent its boxes with an example in
them, and the element's script puts fields where the example's numbers stand. It
computes by the same rule and must agree with ``plan``.
"""

from html import escape
from pathlib import Path

from handbook.facts import models
from handbook.registry import view
from handbook.widgets.frame import framed

#: The share of the peak that the examples reach.
MFU = 0.4
#: What the boxes show before anything is typed: 10⁸ parameters, 10⁸ tokens, a chip, %.
EXAMPLE = {"n": 80, "d": 1600, "chip": "H100", "mfu": 40, "gpus": 8, "price": 2}
PUE = 1.1
#: The page's program that computes by the same rule, and where it stands.
PROGRAM = "scale_cost_python.py", "money"

#: The accessible name of each field.
NAMES = {
    "n": "参数 N（亿；混合专家填激活的）",
    "d": "词元 D（亿）",
    "chip": "加速卡",
    "mfu": "利用率（%）",
    "gpus": "卡数",
    "price": "每卡时单价（美元）",
    "peak": "每卡稠密峰值（T/s）",
    "watts": "每卡功率（W）",
    "pue": "PUE",
}
_WIRES = (  # from left to right: N and D to C, C to hours, speed to hours, hours to all
    ("join", "M0 23H50V77H0M50 50H100"),
    ("on", "M0 50H100"),
    ("line", "M0 50H80V-100"),
    ("fan", "M0 33H50M50 15.5V84.5M50 15.5H100M50 50H100M50 84.5H100"),
)


def plan(
    flops: float,
    peak: float,
    mfu: float,
    gpus: float,
    price: float,
    watts: float,
    pue: float,
) -> dict[str, float]:
    """A run in card-hours, hours, dollars and kWh.

    ``peak`` in FLOP/s, ``price`` in dollars a card-hour, ``watts`` of one card.
    """
    hours = flops / (peak * mfu) / 3600
    return {
        "cardHours": hours,
        "hours": hours / gpus,
        "money": hours * price,
        "energy": hours * watts / 1000 * pue,
    }


@view("scale-calculator")
def element(file: Path = models.FILE, hardware: Path = models.CHIPS) -> str:
    """The element with its data; without a script, the example and published runs."""
    chips = {chip.name: chip for chip in models.load_trainers(file, hardware)}
    runs = [row for row in models.load(file, hardware) if row.tokens and row.chip]
    data = {
        "chips": [
            {"name": chip.name, "peak": chip.peak, "watts": chip.watts}
            for chip in chips.values()
        ],
        "models": [
            {
                "name": run.name,
                "n": _used(run),
                "d": run.tokens.value,
                "chip": run.chip,
                "hours": run.hours.value if run.hours else None,
            }
            for run in runs
        ],
    }
    rows = "".join(_row(run, chips[run.chip].peak) for run in runs)
    heads = ("模型", "运算次数 6ND", "加速卡", "估计卡时", "公布卡时")
    head = "".join(f'<th scope="col">{word}</th>' for word in heads)
    table = (
        f"<table><caption>按利用率 {MFU:.0%} 估计的卡时，"
        "混合专家模型用激活参数</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )
    body = _chain(chips[EXAMPLE["chip"]]) + table
    return framed("scale-calculator", "calculator", data, body, PROGRAM)


def _chain(chip: models.Chip) -> str:
    """The figure: the example's numbers where fields will stand, and its results."""
    flops = 6 * EXAMPLE["n"] * EXAMPLE["d"] * 1e16
    made = plan(
        flops,
        chip.peak * 1e12,
        EXAMPLE["mfu"] / 100,
        EXAMPLE["gpus"],
        EXAMPLE["price"],
        chip.watts,
        PUE,
    )
    days = f"≈ {made['hours'] / 24:.0f} 天"
    money = f"{made['money'] / 1e4:.3g} 万美元"
    energy = f"{_digits(made['energy'])} 千瓦时"
    given = EXAMPLE | {"peak": f"{chip.peak:g}", "watts": f"{chip.watts:g}", "pue": PUE}

    def field(name: str) -> str:
        return f'<b data-in="{name}" data-name="{NAMES[name]}">{given[name]}</b>'

    def out(name: str, text: str) -> str:
        return f'<span data-out="{name}">{text}</span>'

    speed = f"<span>{field('chip')} × {field('mfu')} %</span>"
    boxes = (
        ("n", "参数 N", f"<span>{field('n')} 亿</span>"),
        ("d", "词元 D", f"<span>{field('d')} 亿</span>"),
        ("speed", "速度 = 峰值 × 利用率", speed),
        ("c", "运算 C ≈ 6ND", f"{out('flops', _power(flops))}{_small('次浮点运算')}"),
        (
            "hours",
            "卡时 = C ÷ 速度",
            out("cardHours", _digits(made["cardHours"]))
            + _small("一张卡要几小时", "published"),
        ),
        (
            "time",
            "时间 = 卡时 ÷ 卡数",
            f"{out('time', days)}<span>÷ {field('gpus')} 张卡</span>",
        ),
        (
            "money",
            "钱 = 卡时 × 单价",
            f"{out('money', money)}<span>× {field('price')} 美元</span>",
        ),
        (
            "energy",
            "电 = 卡时 × 功率",
            out("energy", energy) + _small(f"{chip.watts:g} W × PUE {PUE}", "power"),
        ),
    )
    wires = "".join(
        f'<svg class="hb-wire" style="grid-area:{name}" viewBox="0 0 100 100"'
        f' preserveAspectRatio="none" aria-hidden="true"><path d="{path}"/></svg>'
        for name, path in _WIRES
    )
    drawn = "".join(
        f'<div class="hb-box" style="grid-area:{name}" data-box="{name}">'
        f"<em>{title}</em>{inside}</div>"
        for name, title, inside in boxes
    )
    rest = "".join(
        f"<span>{NAMES[name]} {field(name)}</span>" for name in ("peak", "watts", "pue")
    )
    return (
        f'<div class="hb-chips"></div><div class="hb-chain">{wires}{drawn}</div>'
        '<details class="hb-rest"><summary>峰值、功率、PUE</summary>'
        f"<p>{rest}</p></details>"
    )


def _small(text: str, name: str = "") -> str:
    out = f' data-out="{name}"' if name else ""
    return f"<small{out}>{text}</small>"


def _digits(number: float) -> str:
    """A number below 10⁴ to three digits: 5,390."""
    return f"{float(f'{number:.3g}'):,.0f}"


def _power(number: float) -> str:
    """A number in powers of ten: 7.68 × 10²¹."""
    digits, exponent = f"{number:.2e}".split("e+")
    return (
        f"{digits} × 10{exponent.translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
    )


def _used(run: models.Model) -> float:
    """The parameters that a token meets."""
    return (run.active or run.params).value


def _row(run: models.Model, peak: float) -> str:
    flops = 6 * _used(run) * run.tokens.value
    hours = plan(flops, peak * 1e12, MFU, 1, 0, 0, 1)["cardHours"]
    said = f"{run.hours.value:,.0f}" if run.hours else "—"
    return (
        f'<tr><th scope="row">{escape(run.name)}</th><td>{flops:.2e}</td>'
        f"<td>{escape(run.chip)}</td><td>{hours:,.0f}</td><td>{said}</td></tr>"
    )
