"""What a maker is told while a board is being flashed: steps, and how far each is."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Step:
    """One that is under way."""

    name: str
    done: float
    """0 to 1."""
    note: str = ""


class Teller(Protocol):
    """Whoever shows it."""

    def step(self, step: Step) -> None:
        """A step began, went on, or (at 1) is done."""

    def say(self, line: str) -> None:
        """Something to read, or to do."""


class Quiet:
    """Shows nothing, and keeps it."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.lines: list[str] = []

    def step(self, step: Step) -> None:
        self.steps.append(step)

    def say(self, line: str) -> None:
        self.lines.append(line)
