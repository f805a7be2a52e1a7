"""The threshold explorer's cases as scikit-learn takes them, and settings to try."""

import itertools

import numpy as np

from handbook.widgets import threshold_explorer as explorer

#: Threshold in thousandths, prevalence in per cent, cost of an alarm, cost of a miss.
Setting = tuple[int, float, float, float]

TRUTH = np.array([1] * len(explorer.MALIGNANT) + [0] * len(explorer.BENIGN))
SCORES = np.array([*explorer.MALIGNANT, *explorer.BENIGN])


def settings() -> list[Setting]:
    """Every lesson, and thresholds at and beside scores, at the ends and beyond."""
    lessons = [
        (le.threshold, le.prevalence, le.alarm, le.miss) for le in explorer.LESSONS
    ]
    grid = itertools.product(
        (0, 8, 9, 74, 75, 165, 363, 500, 713, 992, 993, 1000, explorer.NOBODY),
        (0.1, 1, 37.37, 50, 99.9),
        (0.1, 1, 7.5),
        (1, 20, 1000),
    )
    return lessons + list(grid)


def weights(prevalence: float) -> np.ndarray:
    """Of each case, so that they are 1,000 people of whom so many per cent are ill."""
    ill = TRUTH == 1
    share = np.where(ill, prevalence / 100, 1 - prevalence / 100)
    return 1000 * share / np.where(ill, ill.sum(), (~ill).sum())
