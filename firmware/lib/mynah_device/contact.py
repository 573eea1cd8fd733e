"""A finger's contact, without its bounces: pressed, released, and stuck."""

from mynah_wire.clock import elapsed_ms

from .actions import FAULT, PRESSED, RELEASED

STUCK_MS = 15 * 60_000  # nobody holds it for so long: what is said ends sooner
STUCK_AT_BOOT_MS = 60_000  # it was down when the ring started, and never up

_NOTHING = ()
_STUCK = (FAULT,)
_LET_GO = (RELEASED, FAULT)  # so that nothing else waits for the finger
_PRESSED = (PRESSED,)
_RELEASED = (RELEASED,)


class Contact:
    """Tell it how it is, at each change and at least now and then."""

    def __init__(self, down: bool, now_ms: int) -> None:
        """How it is when the ring starts: `down` then is no press, until it was up."""
        self._level = down
        self._pressed = False  # as far as was told
        self._since_ms = now_ms
        self._stuck = False

    @property
    def stuck(self) -> bool:
        """Whether it is down, and that is no press: nobody lets go of it soon."""
        return self._level and not self._pressed

    def handle(self, down: bool, now_ms: int) -> "tuple[str, ...]":
        """What to tell, in turn: PRESSED, RELEASED, FAULT if it is stuck."""
        if down == self._level:
            return self._hold(now_ms)
        self._level = down
        self._since_ms = now_ms
        self._stuck = False
        if down == self._pressed:
            return _NOTHING  # up after all, and nobody was told that it was down
        self._pressed = down
        return _PRESSED if down else _RELEASED

    def _hold(self, now_ms: int) -> "tuple[str, ...]":
        if not self._level or self._stuck:
            return _NOTHING
        longest_ms = STUCK_MS if self._pressed else STUCK_AT_BOOT_MS
        if elapsed_ms(now_ms, self._since_ms) < longest_ms:
            return _NOTHING
        self._stuck = True
        was_pressed, self._pressed = self._pressed, False
        return _LET_GO if was_pressed else _STUCK
