"""What a self-test found: results with their figures, and all of them as JSON."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

FORMAT: Final = 1
"""Of the JSON; it grows when a field changes its meaning."""

Figure = float | int | str


class Verdict(StrEnum):
    """How a test went."""

    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    MISSING = "not on this board"
    NOT_ASKED = "not asked"
    """It needs a person, who was not there, or skipped it."""


@dataclass(frozen=True, slots=True)
class Result:
    """Of one test."""

    test: str
    verdict: Verdict
    figures: dict[str, Figure] = field(default_factory=dict)
    """By name, the unit at the name's end."""
    note: str = ""
    """What was found, in words."""
    next_step: str = ""
    """What to do about it, if it failed."""


@dataclass(frozen=True, slots=True)
class Report:
    """Of one ring."""

    board: str
    build: int
    link: str
    """How it was reached: "ble", "serial" or "emulator"; not by which name."""
    emulated: bool
    """Its times are this computer's, never a chip's."""
    date: str
    """UTC, ISO 8601."""
    faults: list[str]
    """What the ring itself says is wrong, in lines for a person."""
    results: list[Result]
    device_id: str = ""

    @property
    def failed(self) -> list[Result]:
        return [result for result in self.results if result.verdict is Verdict.FAILED]

    @property
    def well(self) -> bool:
        """Whether nothing failed."""
        return not self.failed

    @property
    def tested(self) -> bool:
        """Whether anything was, at all."""
        return any(each.verdict in (Verdict.PASSED, Verdict.FAILED) for each in self.results)

    def result(self, test: str) -> Result:
        """Of one test; KeyError if it was not run."""
        for result in self.results:
            if result.test == test:
                return result
        raise KeyError(test)

    def as_json(self, *, with_id: bool = False) -> dict[str, object]:
        """For other programs, and to paste; it holds no key, and no id unless it is wanted."""
        told: dict[str, object] = {
            "format": FORMAT,
            "board": self.board,
            "build": self.build,
            "link": self.link,
            "emulated": self.emulated,
            "date": self.date,
            "faults": self.faults,
            "tests": [_as_json(result) for result in self.results],
        }
        return told | ({"device_id": self.device_id} if with_id else {})


def _as_json(result: Result) -> dict[str, object]:
    told: dict[str, object] = {
        "test": result.test,
        "verdict": str(result.verdict),
        "figures": result.figures,
    }
    if result.note:
        told["note"] = result.note
    if result.next_step:
        told["next_step"] = result.next_step
    return told
