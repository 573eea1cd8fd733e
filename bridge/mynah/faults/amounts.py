"""How much of a fault: percentages, spans of time, numbers and choices, read and written. Pure."""

import re
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

Value: TypeAlias = float | str

UNITS_MS: Final = {"h": 3_600_000, "min": 60_000, "s": 1000, "ms": 1}
DIGITS: Final = 3
"""Behind the point: what is written is read as the same number again."""

_SPAN = re.compile(r"(\d+(?:\.\d+)?)(h|min|s|ms)")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


class Amount(Protocol):
    """One kind of amount."""

    @property
    def about(self) -> str:
        """What may be written, as a person reads it."""

    def read(self, text: str) -> Value:
        """What was written; ValueError, with what may be, if it is not one."""

    def write(self, value: Value) -> str:
        """The same as `read` takes it."""


@dataclass(frozen=True, slots=True)
class Span:
    """So long."""

    least_ms: float
    most_ms: float

    @property
    def about(self) -> str:
        return f"{write_span(self.least_ms)} to {write_span(self.most_ms)}"

    def read(self, text: str) -> float:
        span_ms = read_span(text)
        if not self.least_ms <= span_ms <= self.most_ms:
            raise ValueError(f"choose {self.about}")
        return span_ms

    def write(self, value: Value) -> str:
        return write_span(float(value))


@dataclass(frozen=True, slots=True)
class Number:
    """So many."""

    least: float
    most: float
    unit: str = ""
    whole: bool = True

    @property
    def about(self) -> str:
        return f"{self.write(self.least)} to {self.write(self.most)}"

    def read(self, text: str) -> float:
        number = text.removesuffix(self.unit)
        if not text.endswith(self.unit) or _NUMBER.fullmatch(number) is None:
            raise ValueError(f"choose {self.about}")
        value = round(float(number), DIGITS)
        if not self.least <= value <= self.most or (self.whole and value % 1):
            raise ValueError(f"choose {self.about}")
        return value

    def write(self, value: Value) -> str:
        return _plain(float(value)) + self.unit


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these."""

    words: tuple[str, ...]

    @property
    def about(self) -> str:
        return ", ".join(self.words[:-1]) + f" or {self.words[-1]}"

    def read(self, text: str) -> str:
        if text not in self.words:
            raise ValueError(f"choose {self.about}")
        return text

    def write(self, value: Value) -> str:
        return str(value)


def read_span(text: str) -> float:
    """Milliseconds of `80ms`, `1.5s`, `5min` or `2h`; ValueError if it is none."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError("choose a time, as in 80ms, 1.5s, 5min or 2h")
    return round(float(found[1]) * UNITS_MS[found[2]], DIGITS)


def write_span(span_ms: float) -> str:
    """The same in the largest unit that it is a whole number of."""
    unit = next((unit for unit, each_ms in UNITS_MS.items() if span_ms % each_ms == 0), "ms")
    return f"{_plain(span_ms / UNITS_MS[unit])}{unit}"


def _plain(value: float) -> str:
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
