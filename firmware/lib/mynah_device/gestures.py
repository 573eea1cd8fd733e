"""What the ring feels: how often it is tapped, how long it is squeezed.

It decides nothing about the microphone (talk.py does), and nothing waits for it: a tap is answered
when the finger goes up. Only what the host is told waits, until it is sure that no other tap comes.
"""

from mynah_wire.clock import after_ms, elapsed_ms
from mynah_wire.uplink import DOUBLE_TAPPED, SQUEEZED, TAPPED, Touch

from .talk import AGAIN_MS, TAP_MS

SQUEEZE_MS = 1500  # who presses to talk has said something by then, or holds it for its own sake
TWO = 2
_LONGEST = 0xFFFF  # of a field

NONE = 0


class Gestures:
    """One finger."""

    def __init__(self) -> None:
        self._down = False
        self._counts = False  # the press is a touch
        self._pressed_ms = 0
        self._taps = 0  # that nobody was told of
        self._tapped_ms = 0
        self._stream = 0

    def is_again(self, now_ms: int) -> bool:
        """Whether a press now goes on with the taps before it."""
        return self._taps > 0 and elapsed_ms(now_ms, self._tapped_ms) < AGAIN_MS

    def pressed(self, now_ms: int, counts: bool) -> None:
        """The finger is on it. `counts`: it is no command that stops or closes something."""
        self._down = True
        self._counts = counts
        self._pressed_ms = now_ms
        if self._taps:
            self._stream = 0  # the first tap's, which this press cancels

    def released(self, now_ms: int, stream: int) -> int:
        """The finger is off it: the pattern to be answered. `stream` is what the press opened."""
        self._down = False
        held_ms = elapsed_ms(now_ms, self._pressed_ms)
        if not self._counts:
            return NONE
        if held_ms < TAP_MS:
            self._taps += 1
            self._tapped_ms = now_ms
            self._stream = stream if self._taps == 1 else 0
            return TAPPED if self._taps == 1 else DOUBLE_TAPPED if self._taps == TWO else NONE
        return SQUEEZED if held_ms >= SQUEEZE_MS else NONE

    def squeeze(self, now_ms: int, stream: int) -> Touch:
        """What to tell of the squeeze that ended now."""
        held_ms = elapsed_ms(now_ms, self._pressed_ms)
        return Touch(SQUEEZED, min(held_ms, _LONGEST), stream, now_ms)

    def settled(self, now_ms: int) -> "Touch | None":
        """What to tell of taps that no other will follow."""
        if self._taps == 0 or self._down or self.is_again(now_ms):
            return None
        taps, self._taps = self._taps, 0
        pattern = TAPPED if taps == 1 else DOUBLE_TAPPED
        return Touch(pattern, min(taps, _LONGEST), self._stream, self._tapped_ms)

    def deadline_ms(self) -> "int | None":
        """When to ask `settled`."""
        if self._taps == 0 or self._down:
            return None
        return after_ms(self._tapped_ms, AGAIN_MS)
