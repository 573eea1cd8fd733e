"""Whether a figure that was sampled over time grows: least squares, and how sure that is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

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


def slope(hours: Sequence[float], values: Sequence[float]) -> Slope:
    """The line through the samples; each is (time, value)."""
    count = len(values)
    if count < FEWEST or np.ptp(hours) == 0:
        return Slope(0.0, float("inf"), count)
    if np.ptp(values) == 0:
        return Slope(0.0, 0.0, count)
    x, y = np.asarray(hours, float), np.asarray(values, float)
    x = x - x.mean()
    spread = float(x @ x)
    per_hour = float(x @ y) / spread
    residuals = y - y.mean() - per_hour * x
    variance = float(residuals @ residuals) / (count - 2) / spread
    return Slope(per_hour, sqrt(variance * count / _independent(residuals)), count)


def _independent(residuals: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    """Memory comes in steps, and neighbours are alike: how many samples they are worth."""
    power = float(residuals @ residuals)
    if power == 0.0:
        return float(len(residuals))
    likeness = min(0.95, max(0.0, float(residuals[1:] @ residuals[:-1]) / power))
    return max(float(FEWEST), len(residuals) * (1 - likeness) / (1 + likeness))
