"""Acts, as one ring is told of them: what it can't do is left out, and too much is dropped."""

from collections.abc import Callable
from typing import Final, Protocol

from mynah.acts.vocabulary import NUMBER_OF, SLOT_OF, VOCABULARY, Move
from mynah.companions.base import Act
from mynah.link.client import monotonic_ms
from mynah.link.session import HostSession
from mynah_wire import downlink
from mynah_wire.message import Message
from mynah_wire.programs import NO_PROGRAM
from mynah_wire.uplink import HAPTIC, LIGHT

BURST: Final = 6
"""Acts at once: as many as a lively reply has. The ring's own caps protect motor and cell."""

EVERY_MS: Final = 2000.0
"""One more is allowed each time; a model that is nothing but actions becomes a tingle else."""

FULL: Final = 255
_PERCENT: Final = 100
_MOST: Final = 0xFFFF


class Ring(Protocol):
    """What is needed of RingClient."""

    @property
    def session(self) -> HostSession: ...

    def tell(self, message: Message) -> None: ...


class RingActs:
    """Of one connection, once the ring has said what it can do."""

    def __init__(
        self,
        ring: Ring,
        strength_percent: int = _PERCENT,
        now_ms: Callable[[], float] = monotonic_ms,
    ) -> None:
        """`strength_percent` is how much of the motor the wearer wants; 0 leaves the light."""
        self._ring = ring
        self._strength_percent = max(0, min(_PERCENT, strength_percent))
        self._now_ms = now_ms
        self._uploaded: set[int] = set()
        self._token = 0
        self._left = float(BURST)
        self._counted_ms: float | None = None

    def play(self, act: Act) -> bool:
        """Have the ring do it now; False if it can't, or it would be too much."""
        move = VOCABULARY.get(act.name)
        if move is None or not (self._feels(move) or self._shines(move)) or not self._may():
            return False
        repeat = max(1, min(_MOST, move.repeat * max(1, act.repeat)))
        first, last = (self._gain(gain, act.gain) for gain in move.gain)
        light = move.light if self._shines(move) else None
        self._ring.tell(
            downlink.Act(
                self._next_token(),
                self._number(move),
                repeat,
                first | last << 8,
                move.pace[0] | move.pace[1] << 8,
                light.coded if light else 0,
                light.span_ms if light else 0,
            )
        )
        return True

    def stop(self) -> None:
        """Whatever the ring does, it rests."""
        if self._can(HAPTIC | LIGHT):
            self._ring.tell(downlink.Act(self._next_token(), NO_PROGRAM, 1, 0, 0, 0, 0))

    def teach(self, pattern: int, act: Act) -> bool:
        """What the ring is to answer to a touch by itself from now on; False if it can't."""
        move = VOCABULARY.get(act.name)
        if move is None or not (self._feels(move) or self._shines(move)):
            return False
        light = move.light if self._shines(move) else None
        gain = self._gain(move.gain[0], act.gain)
        coded, span_ms = (light.coded, light.span_ms) if light else (0, 0)
        self._ring.tell(downlink.Reflex(pattern, self._number(move), gain, coded, span_ms))
        return True

    def _number(self, move: Move) -> int:
        """How an ACT names the program; the ring has it by then."""
        if not self._feels(move):
            return NO_PROGRAM
        slot = SLOT_OF.get(move.program)
        if slot is not None and slot not in self._uploaded:
            # One that it kept since an earlier connection costs the ring nothing but the radio.
            self._uploaded.add(slot)
            self._ring.tell(downlink.Program(slot, move.program))
        return NUMBER_OF[move.program]

    def _gain(self, gain: int, wanted: int) -> int:
        wanted = max(0, min(FULL, wanted))
        return gain * wanted * self._strength_percent // (FULL * _PERCENT)

    def _feels(self, move: Move) -> bool:
        return bool(move.program) and self._strength_percent > 0 and self._can(HAPTIC)

    def _shines(self, move: Move) -> bool:
        return move.light is not None and self._can(LIGHT)

    def _can(self, capability: int) -> bool:
        ready = self._ring.session.ready
        return ready is not None and bool(ready.capabilities & capability)

    def _may(self) -> bool:
        now_ms = self._now_ms()
        since_ms = 0.0 if self._counted_ms is None else now_ms - self._counted_ms
        self._counted_ms = now_ms
        self._left = min(BURST, self._left + since_ms / EVERY_MS)
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def _next_token(self) -> int:
        self._token = self._token % _MOST + 1
        return self._token
