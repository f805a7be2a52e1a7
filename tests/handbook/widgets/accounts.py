"""Questions to the hardware calculator, on which its two programs must agree."""

import itertools
from dataclasses import asdict
from typing import Any

from handbook.facts import models
from handbook.widgets.hardware_calculator import (
    METHODS,
    OPTIMIZERS,
    PRECISIONS,
    SCHEMES,
    Ask,
)
from tests.conftest import ROOT

SHAPES = {
    row.name: row for row in models.load_shapes(ROOT / models.FILE, ROOT / models.CHIPS)
}
CARD = {"memory": 80, "bandwidth": 3350.0, "peak": 989.0, "price": 2.5}
#: A model of each kind and of each habit; the parameters alone.
KINDS = (
    "GPT-2 XL",
    "BLOOM",
    "Llama 3.1 8B",
    "Llama 3.1 405B",
    "Qwen2.5 72B",
    "Qwen3 4B",
    "DeepSeek-V3",
)


def about(name: str, **asked: Any) -> Ask:
    """A question about a model of ``data/models.yml``, on a card of 80 GB."""
    row = SHAPES[name]
    return Ask(row.kind, row.config, **(CARD | asked))


def inferences() -> list[Ask]:
    """Every precision of every sort of model, and what else can be chosen."""
    wide = [
        about(name, weights=weights, cache=cache, context=context, batch=batch)
        for name, weights in itertools.product(KINDS, PRECISIONS)
        for cache, context, batch in ((2, 8192, 1), (1, 131_072, 33))
    ]
    cut = [
        about(name, t=t, p=p, d=d, context=777)
        for name in KINDS
        for t, p, d in ((2, 1, 1), (8, 1, 4), (3, 5, 1), (16, 7, 2))
    ]
    bare = [
        about("Qwen3 8B", memory=gb, bandwidth=None, price=None) for gb in (8, 23.5)
    ]
    return wide + cut + bare + [about("Qwen3 8B", peak=None, share=33)]


def trainings() -> list[Ask]:
    """Every way of every sort of model; every scheme, optimizer and stage of ZeRO."""
    ways = [
        about(name, do="train", method=way, checkpoint=again, context=2048, batch=3)
        for name, way, again in itertools.product(KINDS, METHODS, (True, False))
    ]
    states = [
        about("Llama 3.1 8B", do="train", scheme=scheme, optimizer=by, method=way)
        for scheme, by, way in itertools.product(SCHEMES, OPTIMIZERS, METHODS)
    ]
    cut = [
        about("Qwen3 32B", do="train", zero=zero, d=d, t=t, p=p, method=way, rank=7)
        for zero, way in itertools.product(range(4), ("full", "lora"))
        for d, t, p in ((64, 1, 1), (3, 4, 1), (16, 8, 4))
    ]
    count = Ask("count", {"params": 7_500_000_000}, do="train", peak=125.0)
    return ways + states + cut + [count, about("Qwen3 4B", do="train", peak=None)]


def sent(ask: Ask) -> dict[str, Any]:
    """A question as the script takes it."""
    return asdict(ask)
