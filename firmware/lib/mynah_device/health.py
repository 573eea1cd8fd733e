"""Whether every task of the firmware still runs: each is asked for a sign of life every round.

The watchdog is fed after a round in which nobody was missing, and only then. It bites after 8 s:
by so much a task may be late, and what stands still for ever ends within 9 s of its last sign.
"""

ROUND_MS = 1000
BITE_MS = 8000  # the watchdog's; checking a signature may hold everything up for 2.5 s
LATE_ROUNDS = 3  # then it is written down: nobody will be there to ask afterwards


class Heart:
    """A task's sign of life."""

    def __init__(self) -> None:
        self.resting = True  # it waits for something that may never come, and owes no sign
        self.beaten = False  # since the last round
        self.late_rounds = 0

    def beat(self) -> None:
        """It runs. Allocates nothing."""
        self.resting = False
        self.beaten = True

    def expect(self) -> None:
        """What it waited for has come: from the next round on it owes a sign."""
        if self.resting:
            self.beat()

    def rest(self) -> None:
        """It waits, or is gone."""
        self.resting = True
        self.late_rounds = 0


class Health:
    """All hearts, by their tasks' names."""

    def __init__(self) -> None:
        self._hearts: "list[tuple[str, Heart]]" = []

    def watch(self, name: str, heart: Heart) -> None:
        """One more; it may rest."""
        self._hearts.append((name, heart))

    def round(self) -> "list[str]":
        """Who gave no sign since the last round; they are asked again."""
        late = []
        for name, heart in self._hearts:
            if heart.resting:
                continue
            heart.late_rounds = 0 if heart.beaten else heart.late_rounds + 1
            heart.beaten = False
            if heart.late_rounds:
                late.append(name)
        return late

    def standing_still(self) -> "list[str]":
        """Who has just been late for so long that it should be written down."""
        return [name for name, heart in self._hearts if heart.late_rounds == LATE_ROUNDS]
