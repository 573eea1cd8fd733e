"""A haptic program played: how strongly the motor is to run now, and when that changes.

It is bounded: a motor that runs on and on gets hot on a finger, and empties a small cell.
"""

from mynah_wire.clock import after_ms, elapsed_ms
from mynah_wire.programs import STEP_BYTES, STEP_MS

from .actions import is_due

FULL = 255
# A coin motor draws 60 to 80 mA. At full strength it may run so long at once: a long hug;
BUDGET_MS = 3000
# and such a share of all time: 16 mA, no more than the radio. A heart at 90 a minute needs 15 %.
SHARE_PERCENT = 20
LONGEST_MS = 900_000  # a bridge that died must not keep it going all night
SHORTEST_STEP_MS = 10  # at any pace: less is not felt, and costs the loop a round all the same
EVEN_PACE = 100
_BUDGET = BUDGET_MS * FULL
_FILLED_MS = BUDGET_MS * 100 // SHARE_PERCENT  # after so long at rest all of it is there


class Player:
    """One program at a time. Allocates nothing while it plays."""

    def __init__(self) -> None:
        self.amplitude = 0  # of 255
        self._program = b""
        self._at = 0
        self._round = 0
        self._rounds = 0
        self._gain = self._gain_end = FULL
        self._pace = self._pace_end = EVEN_PACE
        self._begun_ms = 0
        self._due_ms: "int | None" = None  # when the step ends
        self._budget = _BUDGET  # in milliseconds times amplitude
        self._counted_ms = 0

    @property
    def plays(self) -> bool:
        """Whether a program is being played; in a pause of it, too."""
        return self._due_ms is not None

    def play(
        self,
        program: bytes,
        now_ms: int,
        rounds: int = 1,
        gains: "tuple[int, int]" = (FULL, FULL),
        paces: "tuple[int, int]" = (EVEN_PACE, EVEN_PACE),
    ) -> None:
        """Play it so often, instead of what plays; gain and pace move from first to last."""
        self.stop(now_ms)
        if not program:
            return
        self._program = program
        self._at = self._round = 0
        self._rounds = max(1, rounds)
        self._gain, self._gain_end = gains
        self._pace, self._pace_end = paces[0] or EVEN_PACE, paces[1] or EVEN_PACE
        self._begun_ms = now_ms
        self._step(now_ms)

    def stop(self, now_ms: int) -> None:
        """Rest."""
        self._count(now_ms)
        self.amplitude = 0
        self._due_ms = None

    def handle(self, now_ms: int) -> int:
        """The amplitude now."""
        while is_due(self._due_ms, now_ms):
            self._next(self._due_ms or 0)
        return self.amplitude

    def deadline_ms(self) -> "int | None":
        """When to `handle` again, None while nothing is played."""
        return self._due_ms

    def _next(self, now_ms: int) -> None:
        self._at += STEP_BYTES
        if self._at >= len(self._program):
            self._at = 0
            self._round += 1
        if self._round >= self._rounds or elapsed_ms(now_ms, self._begun_ms) >= LONGEST_MS:
            self.stop(now_ms)
        else:
            self._step(now_ms)

    def _step(self, now_ms: int) -> None:
        self._count(now_ms)
        pace = self._between(self._pace, self._pace_end)
        span_ms = self._program[self._at + 1] * STEP_MS * EVEN_PACE // pace
        span_ms = max(SHORTEST_STEP_MS, span_ms)
        wanted = self._program[self._at] * self._between(self._gain, self._gain_end) // FULL
        self.amplitude = min(wanted, self._budget // span_ms)
        self._due_ms = after_ms(now_ms, span_ms)

    def _between(self, first: int, last: int) -> int:
        if self._rounds == 1:
            return first
        return first + (last - first) * self._round // (self._rounds - 1)

    def _count(self, now_ms: int) -> None:
        # A clock that turned over while it rested counts as no time: it was full by then anyway.
        span_ms = min(max(0, elapsed_ms(now_ms, self._counted_ms)), _FILLED_MS)
        self._counted_ms = now_ms
        more = span_ms * (FULL * SHARE_PERCENT // 100 - self.amplitude)
        self._budget = max(0, min(_BUDGET, self._budget + more))
