"""How the ring starts: after how many bad ends, and whether it had better leave its parts alone.

A start is bad until the ring was well for a minute, or a host has proved itself. When the power
came on or the ring slept, nothing was bad: who takes the battery out three times must not lose
the ring's ears.
"""

from mynah_wire.clock import after_ms

from .actions import is_due

POWER, HARD, WATCHDOG, DEEP_SLEEP, SOFT = 1, 2, 3, 4, 5  # machine.reset_cause()
CAUSES = {
    POWER: "power on",
    HARD: "reset",
    WATCHDOG: "watchdog",
    DEEP_SLEEP: "awake",
    SOFT: "soft reset",
}
BAD_STARTS = 3  # then only links, console, log and updates run
WELL_MS = 60_000
_STANDS_STILL = " stands still"
MOST_KEPT = 99  # nobody counts further; NVS may hold any number that 32 bits can
CLEAN = -1  # what is kept when the ring starts anew on purpose, or somebody types on it


class Boots:
    """Counts the bad starts; `kept` is what NVS should hold."""

    def __init__(self, cause: int, kept: int, now_ms: int) -> None:
        """`kept` is what NVS holds, 0 if nothing."""
        clean = cause in (POWER, DEEP_SLEEP, SOFT) or kept == CLEAN
        self.cause = CAUSES.get(cause, "cause %d" % cause)
        self.starved = cause == WATCHDOG
        self.kept = 0 if clean else min(max(0, kept), MOST_KEPT) + 1
        self.safe = self.kept >= BAD_STARTS
        self._well_ms = after_ms(now_ms, WELL_MS)
        self._was_well = False

    def is_well(self, proven: bool, now_ms: int) -> bool:
        """Whether it has just turned out that the start was good: `kept` is 0 from now on."""
        if self._was_well or not (proven or is_due(self._well_ms, now_ms)):
            return False
        self._was_well = True
        self.kept = 0
        return True

    def safe_is_over(self, now_ms: int) -> bool:
        """Whether the ring should start anew, with all its parts."""
        return self.safe and is_due(self._well_ms, now_ms)


def standing_still(name: str) -> str:
    """What is logged of a task before the watchdog bites."""
    return name + _STANDS_STILL


def who_stood_still(line: str) -> str:
    """The task that the log's last line names, "firmware" if it names none."""
    words = line.partition(" s ")[2]
    if words.endswith(_STANDS_STILL):
        return words[: -len(_STANDS_STILL)]
    return "firmware"  # one that never yielded: nobody else could write it down
