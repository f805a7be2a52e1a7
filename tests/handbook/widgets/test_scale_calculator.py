"""The calculator's element: what the script is sent, and what stands without it."""

import json
import re

import pytest

from handbook.facts import models
from handbook.widgets import scale_calculator

from ..conftest import ROOT

FILES = ROOT / models.FILE, ROOT / models.CHIPS


def test_the_data_are_the_published_numbers() -> None:
    text = re.search(r"<script[^>]*>(.*?)</script>", scale_calculator.element(*FILES))[
        1
    ]
    data = json.loads(text)
    assert {c["name"] for c in data["chips"]} == {
        chip.name for chip in models.load_trainers(*FILES)
    }
    runs = {run["name"]: run for run in data["models"]}
    assert runs["DeepSeek-V3"]["n"] == 37e9  # what a token meets, not the total
    assert runs["Llama 3.1 405B"] == {
        "name": "Llama 3.1 405B",
        "n": 405e9,
        "d": 15.6e12,
        "chip": "H100",
        "hours": 30_840_000,
    }
    assert "GPT-2" not in runs  # its tokens were not published


def test_the_table_is_computed_with_the_share_that_its_caption_names() -> None:
    html = scale_calculator.element(*FILES)
    assert f"利用率 {scale_calculator.MFU:.0%} " in html
    rows = dict(re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', html))
    cells = re.findall(r"<td>(.*?)</td>", rows["Llama 3.1 405B"])
    hours = 6 * 405e9 * 15.6e12 / (989e12 * 0.4 * 3600)
    assert cells == ["3.79e+25", "H100", f"{hours:,.0f}", "30,840,000"]


def test_a_plan_is_hours_then_rent_and_power() -> None:
    made = scale_calculator.plan(
        3.6e18, 1e14, 0.5, gpus=10, price=3, watts=500, pue=1.2
    )
    assert made == pytest.approx(
        {"cardHours": 20, "hours": 2, "money": 60, "energy": 12}
    )
