"""What tokens cost. Pure."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from mynah.companions.base import Usage
from mynah.config import Budget
from mynah.errors import UserError

_MILLION: Final = 1_000_000
_NUMBERS: Final = 3


@dataclass(frozen=True, slots=True)
class Price:
    """For a million tokens, in the wearer's currency."""

    read: float
    cached: float
    """Of those read, from the backend's cache."""
    written: float

    def of(self, usage: Usage) -> float:
        """What an answer cost."""
        total = self.read * (usage.prompt - usage.cached) + self.cached * usage.cached
        return (total + self.written * usage.answer) / _MILLION


FREE: Final = Price(0.0, 0.0, 0.0)


def price_of(model: str, budget: Budget) -> Price | None:
    """The settings' price, else one that is known; None if nobody knows it."""
    if model in budget.prices:
        return _price(budget.prices[model], model)
    known = _known().get(model)
    return _price([each * budget.per_dollar for each in known], model) if known else None


def _price(numbers: Sequence[float], model: str) -> Price:
    if len(numbers) != _NUMBERS or min(numbers) < 0:
        raise UserError(
            f"budget.prices of {model!r} are not three numbers: what a million tokens cost that "
            "are read, read from the cache, and written"
        )
    return Price(*numbers)


@cache
def _known() -> Mapping[str, Sequence[float]]:
    return tomllib.loads((files("mynah.prompting") / "prices.toml").read_text("utf-8"))
