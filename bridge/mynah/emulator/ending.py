"""How a run of an emulated ring ended, and what the next one is told of it."""

import json
from dataclasses import dataclass
from typing import Final, Self

from mynah.emulator.chip import _exits as exits

POWER_ON: Final = 1
"""`machine.reset_cause()`: PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET."""
HARD: Final = 2
WATCHDOG: Final = 3
DEEP_SLEEP: Final = 4

TIMER_WAKE: Final = 4
"""`machine.wake_reason()`; the others are sources of pins, in `chip/_wake.py`."""

EXT0_WAKE: Final = 2
EXT1_WAKE: Final = 3
HIGH: Final = 1

CAUSES: Final = {exits.RESET: HARD, exits.STARVED: WATCHDOG, exits.ASLEEP: DEEP_SLEEP}
_SAID: Final = {
    exits.RESET: "the emulated ring reset itself",
    exits.STARVED: "the emulated ring's watchdog was not fed in time",
    exits.ASLEEP: "the emulated ring fell asleep",
}


@dataclass(frozen=True, slots=True)
class Wake:
    """One source that may wake it."""

    source: int
    pins: tuple[int, ...]
    level: int

    def holds(self, levels: dict[int, int]) -> tuple[int, ...]:
        """The pins that wake it now; none if it sleeps on. What nothing drives is pulled away."""
        at_level = tuple(pin for pin in self.pins if levels.get(pin, 1 - self.level) == self.level)
        every = self.source == EXT1_WAKE and self.level != HIGH  # "all low"
        return () if every and at_level != self.pins else at_level


@dataclass(frozen=True, slots=True)
class Ending:
    """A reset, a deep sleep or a bite."""

    code: int
    """One of `chip/_exits.py`."""
    sleep_ms: int | None = None
    """After so long it wakes by itself; None if it does not."""
    wakes: tuple[Wake, ...] = ()

    @classmethod
    def told(cls, body: bytes) -> Self:
        """As the ring told it."""
        told = json.loads(body)
        wakes = (Wake(source, tuple(pins), level) for source, pins, level in told.get("wake", ()))
        return cls(told["code"], told.get("ms"), tuple(wakes))

    def __str__(self) -> str:
        return _SAID[self.code]


@dataclass(frozen=True, slots=True)
class Start:
    """Why it starts."""

    reset_cause: int = POWER_ON
    wake_reason: int = 0
    wake_pins: tuple[int, ...] = ()

    @classmethod
    def woken(cls, source: int, pins: tuple[int, ...] = ()) -> Self:
        """From deep sleep. Which pin it was, the chip does not tell of ext0: it can be but one."""
        return cls(DEEP_SLEEP, source, () if source == EXT0_WAKE else pins)
