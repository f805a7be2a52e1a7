"""Paths of ``torch.optim`` on the optimizer tool's losses: what its two programs owe.

The losses are written down anew and their gradients are autograd's. Everything is in
float64.
"""

import itertools
from collections.abc import Callable
from functools import cache

import torch

from handbook.widgets.optimizer_paths import FAR, LESSONS, Point

Settings = tuple[str, str, float, float, int, Point]


def _beale(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    constants = torch.tensor([1.5, 2.25, 2.625], dtype=torch.float64)
    powers = torch.tensor([1, 2, 3])
    return (constants - x + x * y**powers).square().sum()


LOSSES: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "bowl": lambda x, y: x**2 / 2 + 10 * y**2 / 2,
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "beale": _beale,
}
METHODS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": lambda p, lr, mu: torch.optim.SGD(p, lr),
    "momentum": lambda p, lr, mu: torch.optim.SGD(p, lr, momentum=mu),
    "nesterov": lambda p, lr, mu: torch.optim.SGD(p, lr, momentum=mu, nesterov=True),
    "adam": lambda p, lr, mu: torch.optim.Adam(p, lr),
}
#: Of each loss: rates, of which the greatest may diverge, and starts.
_RATES = {
    "bowl": (0.013, 0.15, 0.21),
    "rosenbrock": (0.0003, 0.001, 0.006),
    "beale": (0.001, 0.01, 0.05),
}
_STARTS = {
    "bowl": ((10, 1), (-3.5, -2.25)),
    "rosenbrock": ((-1.2, 1), (0.5, 2)),
    "beale": ((1, 1), (-1.5, -1)),
}


def settings() -> list[Settings]:
    """Every lesson, and every loss and method at several rates, momenta and starts."""
    lessons = [(le.loss, le.by, le.rate, le.mu, le.steps, le.start) for le in LESSONS]
    grid = [
        (loss, by, rate * (100 if by == "adam" else 1), mu, 40, start)
        for loss, by in itertools.product(LOSSES, METHODS)
        for rate, start in itertools.product(_RATES[loss], _STARTS[loss])
        for mu in ((0.3, 0.9) if by in ("momentum", "nesterov") else (0.9,))
    ]
    return lessons + grid


@cache
def torch_path(
    loss: str, by: str, rate: float, mu: float, steps: int, start: Point
) -> list[Point]:
    """The points of ``torch.optim``, up to the first beyond ``FAR``."""
    x, y = (torch.tensor(z, dtype=torch.float64, requires_grad=True) for z in start)
    optimizer = METHODS[by]([x, y], rate, mu)
    path = [(x.item(), y.item())]
    while len(path) <= steps and max(map(abs, path[-1])) <= FAR:
        optimizer.zero_grad()
        LOSSES[loss](x, y).backward()
        optimizer.step()
        path.append((x.item(), y.item()))
    return path
