"""Sound beside a clock that is not its own: seamless, until the two have drifted apart. Pure."""


class Following:
    """The position of each next block of sound, in samples, beside a clock that is not its own."""

    def __init__(self, early: int, late: int) -> None:
        """How far a block may lie before and behind where the clock would have it."""
        self._early = early
        self._late = late
        self._next: int | None = None
        self.jumps = 0
        self.ahead = 0
        """How far the last block lies before where the clock would have it; negative behind."""

    def place(self, wanted: int, samples: int) -> int:
        """Where a block of so many goes, whose place by the clock is `wanted`."""
        position = self._next
        if position is None:
            position = wanted
        elif not wanted - self._early <= position <= wanted + self._late:
            position = wanted
            self.jumps += 1
        self._next = position + samples
        self.ahead = position - wanted
        return position
