"""Whether a figure that was sampled over time grows: least squares, and how sure that is. Pure."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

Figures = NDArray[np.float64]

SIGMAS: Final = 2.0
"""Of a slope that is zero 95 in 100 lie within two standard errors of zero."""

FEWEST: Final = 4
"""A line through fewer points says nothing of its own error."""


@dataclass(frozen=True, slots=True)
class Slope:
    """Units of the figure an hour."""

    per_hour: float
    error_per_hour: float
    """One standard error; infinite where there are too few samples to know."""
    samples: int

    @property
    def within_noise(self) -> bool:
        """Whether it may as well be zero."""
        return abs(self.per_hour) <= SIGMAS * self.error_per_hour


def slope(hours: Sequence[float], values: Sequence[float], lives: Sequence[Hashable] = ()) -> Slope:
    """The line through the samples; each is (time, value).

    `lives` says whose each sample is: what begins anew begins at a height of its own, and all have
    one slope.
    """
    count = len(values)
    if count < FEWEST or np.ptp(hours) == 0:
        return Slope(0.0, float("inf"), count)
    groups = _groups(lives or [0] * count)
    x, y = _centred(np.asarray(hours, float), groups), _centred(np.asarray(values, float), groups)
    spread, free = float(x @ x), count - len(groups) - 1
    if spread == 0 or free < 1:
        return Slope(0.0, float("inf"), count)
    if not y.any():
        return Slope(0.0, 0.0, count)
    per_hour = float(x @ y) / spread
    residuals = y - per_hour * x
    variance = float(residuals @ residuals) / free / spread
    return Slope(per_hour, sqrt(variance * count / _independent(residuals)), count)


def _groups(lives: Sequence[Hashable]) -> list[list[int]]:
    places: dict[Hashable, list[int]] = {}
    for place, life in enumerate(lives):
        places.setdefault(life, []).append(place)
    return list(places.values())


def _centred(values: Figures, groups: list[list[int]]) -> Figures:
    """Around zero, each life by itself."""
    centred = values.copy()
    for group in groups:
        centred[group] -= values[group].mean()
    return centred


def _independent(residuals: Figures) -> float:
    """Memory comes in steps, and neighbours are alike: how many samples they are worth."""
    power = float(residuals @ residuals)
    if power == 0.0:
        return float(len(residuals))
    likeness = min(0.95, max(0.0, float(residuals[1:] @ residuals[:-1]) / power))
    return max(float(FEWEST), len(residuals) * (1 - likeness) / (1 + likeness))
