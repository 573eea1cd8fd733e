"""When to decode a turn that is still being spoken: seldom enough that it costs little. Pure."""

from typing import Final

from mynah.audio import SPEECH_HZ

LEAST_NEW_MS: Final = 600.0
"""Two words. With less, captions flicker more than they tell."""

NEW_FOR_COST: Final = 1.5
"""Of the last decode's cost, so that on a slow computer at most two thirds of a core go there."""


class Rolling:
    """Remembers the last decode; an open turn has one clock, its samples."""

    def __init__(self) -> None:
        self._samples = 0
        self._cost_ms = 0.0

    def due(self, samples: int, *, busy: bool = False) -> bool:
        """Whether a turn of so many samples is worth a decode; if not now, it is asked again."""
        if samples < self._samples:
            self._samples = 0  # another turn
        new_ms = 1000 * (samples - self._samples) / SPEECH_HZ
        return not busy and new_ms >= max(LEAST_NEW_MS, NEW_FOR_COST * self._cost_ms)

    def asked(self, samples: int) -> None:
        """A decode of so many samples has begun, for whatever reason."""
        self._samples = samples

    def cost(self, cost_ms: float) -> None:
        """What it took."""
        self._cost_ms = cost_ms
