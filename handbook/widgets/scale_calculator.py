"""The scale calculator: from parameters and tokens to hours, money and energy.

The page is sent models and chips as JSON inside ``<scale-calculator>``; the element's
script computes by the same rule, and must agree with ``plan``.
"""

import json
from html import escape
from pathlib import Path

from handbook.facts import models
from handbook.registry import view

#: The share of the peak that the examples reach.
MFU = 0.4


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
    """The element with its data; without a script, published runs as a table."""
    chips = {chip.name: chip for chip in models.load_chips(hardware)}
    runs = [row for row in models.load(file, hardware) if row.tokens and row.chip]
    data = {
        "chips": [
            {"name": chip.name, "peak": chip.peak, "watts": chip.watts}
            for chip in chips.values()
        ],
        "models": [
            {"name": run.name, "n": _used(run), "d": run.tokens.value, "chip": run.chip}
            for run in runs
        ],
    }
    rows = "".join(_row(run, chips[run.chip].peak) for run in runs)
    heads = ("模型", "运算次数 6ND", "加速卡", "估计卡时", "公布卡时")
    head = "".join(f'<th scope="col">{word}</th>' for word in heads)
    text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return (
        f'<scale-calculator><script type="application/json">{text}</script>'
        f"<table data-pagefind-ignore><caption>按利用率 {MFU:.0%} 估计的卡时，"
        "混合专家模型用激活参数</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        "</scale-calculator>"
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
