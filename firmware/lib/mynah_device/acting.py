"""What the ring does to be felt and seen: acts of the host, and its own reflexes.

A touch is answered at once and by the ring itself, whether a host is there or not.
"""

from mynah_wire.clock import after_ms
from mynah_wire.downlink import BREATHE, EFFECT_BITS, PULSE, Act, Program, Reflex
from mynah_wire.message import decode_body, encode
from mynah_wire.programs import BUILT_IN, SLOTS, SQUEEZE, TICK, TWICE, is_program
from mynah_wire.uplink import (
    AWAKE,
    DOUBLE_TAPPED,
    HAPTIC,
    PUT_ON,
    SHAKEN,
    SQUEEZED,
    TAPPED,
)

from .actions import VIBRATE, earliest, is_due
from .glow import Glow, glow_of
from .haptics import FULL, Player

PROGRAM_NAME = "program%d"  # in NVS, behind it the slot
REFLEX_NAME = "reflex%d"  # and the pattern
PINK = 0xFF3C6E
WARM = 0xFFAA3C
DEFAULT_REFLEXES = (
    Reflex(TAPPED, TICK, FULL, PULSE << EFFECT_BITS | WARM, 500),
    Reflex(DOUBLE_TAPPED, TWICE, FULL, PULSE << EFFECT_BITS | PINK, 1000),
    Reflex(SQUEEZED, SQUEEZE, FULL, BREATHE << EFFECT_BITS | PINK, 4000),
    Reflex(SHAKEN, TICK, FULL, PULSE << EFFECT_BITS | WARM, 500),
    Reflex(PUT_ON, TWICE, FULL, BREATHE << EFFECT_BITS | WARM, 4000),
)
_NO_TOKEN = -1


def names() -> "list[str]":
    """Under which programs and reflexes are kept."""
    programs = [PROGRAM_NAME % slot for slot in range(SLOTS)]
    return programs + [REFLEX_NAME % pattern for pattern in range(TAPPED, AWAKE + 1)]


class Acting:
    """The motor's program, the light that was asked for, and what is kept for both."""

    def __init__(self, capabilities: int, stored: "dict[str, bytes]") -> None:
        """`stored` is what was kept, by name; what makes no sense is as if it was not."""
        self.player = Player()
        self.glow: "Glow | None" = None
        self._has_motor = bool(capabilities & HAPTIC)
        self._amplitude = 0  # what the motor was told last
        self._token = _NO_TOKEN
        self._programs: "dict[int, bytes]" = {}
        self._reflexes: "dict[int, Reflex]" = {}
        self.forget()
        self._recall(stored)

    def act(self, act: Act, now_ms: int, quiet: bool) -> None:
        """The host wants it; `quiet`: the wearer is talking, and the motor would be heard."""
        if act.token == self._token:
            return
        self._token = act.token
        self.glow = glow_of(act.light, now_ms, act.light_ms)
        program = b"" if quiet else self._program(act.program)
        self.player.play(program, now_ms, act.repeat, _ends(act.gain), _ends(act.pace))

    def touched(self, pattern: int, now_ms: int) -> None:
        """Answer a touch."""
        reflex = self._reflexes.get(pattern)
        if reflex is not None:
            self.glow = glow_of(reflex.light, now_ms, reflex.light_ms)
            gains = (reflex.gain, reflex.gain)
            self.player.play(self._program(reflex.program), now_ms, 1, gains)

    def stop(self, now_ms: int) -> None:
        """A touch, or a new owner, ends it."""
        self.glow = None
        self.player.stop(now_ms)

    def new_host(self) -> None:
        """Its tokens are its own."""
        self._token = _NO_TOKEN

    def keep(self, message: "Program | Reflex") -> "tuple[str, bytes] | None":
        """What to keep of it, as (name, bytes); None if it is as it was, or makes no sense."""
        if isinstance(message, Program):
            return self._keep_program(message.slot, message.steps)
        return self._keep_reflex(message)

    def forget(self) -> None:
        """As it was when it was new."""
        self._programs = {}
        self._reflexes = {reflex.pattern: reflex for reflex in DEFAULT_REFLEXES}

    def tick(self, now_ms: int) -> None:
        """Do what is due."""
        self.player.handle(now_ms)
        if is_due(self._dark_ms(), now_ms):
            self.glow = None

    def moved(self) -> "list[tuple[str, object]]":
        """What the motor must be told."""
        amplitude = self.player.amplitude if self._has_motor else 0
        if amplitude == self._amplitude:
            return []
        self._amplitude = amplitude
        return [(VIBRATE, amplitude)]

    def deadline_ms(self, now_ms: int) -> "int | None":
        """When to `tick`."""
        return earliest([self.player.deadline_ms(), self._dark_ms()], now_ms)

    def _dark_ms(self) -> "int | None":
        glow = self.glow
        return None if glow is None else after_ms(glow.begun_ms, glow.span_ms)

    def _program(self, number: int) -> bytes:
        return self._programs.get(number) or BUILT_IN.get(number, b"")

    def _keep_program(self, slot: int, steps: bytes) -> "tuple[str, bytes] | None":
        if slot >= SLOTS or not is_program(steps) or self._programs.get(slot, b"") == steps:
            return None
        self._programs[slot] = steps
        return PROGRAM_NAME % slot, steps

    def _keep_reflex(self, reflex: Reflex) -> "tuple[str, bytes] | None":
        if not TAPPED <= reflex.pattern <= AWAKE or self._reflexes.get(reflex.pattern) == reflex:
            return None
        self._reflexes[reflex.pattern] = reflex
        return REFLEX_NAME % reflex.pattern, encode(reflex)[1:]

    def _recall(self, stored: "dict[str, bytes]") -> None:
        for slot in range(SLOTS):
            self._keep_program(slot, stored.get(PROGRAM_NAME % slot, b""))
        size = len(encode(DEFAULT_REFLEXES[0])) - 1
        for pattern in range(TAPPED, AWAKE + 1):
            body = stored.get(REFLEX_NAME % pattern, b"")
            if len(body) == size and body[0] == pattern:
                reflex = decode_body(Reflex, body)
                if isinstance(reflex, Reflex):
                    self._keep_reflex(reflex)


def _ends(both: int) -> "tuple[int, int]":
    return both & 0xFF, both >> 8
