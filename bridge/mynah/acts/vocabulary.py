"""What a ring can be asked to do, by name: one small schema for every kind of companion. Pure.

A program is pairs of bytes: an amplitude of 255, and a duration in hundredths of a second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mynah_wire.downlink import BREATHE, EFFECT_BITS, FLICKER, PULSE
from mynah_wire.programs import BUILT_IN, SQUEEZE, TICK, TWICE

_HEARTBEAT: Final = bytes((200, 7, 0, 10, 120, 9, 0, 62))
"""68 a minute."""

_GOODNIGHT: Final = bytes((110, 8, 0, 12, 70, 10, 0, 70))
"""A softer heart, 60 a minute."""

_BREATH: Final = bytes((30, 40, 60, 40, 90, 40, 60, 50, 30, 60, 0, 70))
_PURR: Final = bytes((70, 8, 40, 8) * 5)
_GIGGLE: Final = bytes((120, 5, 0, 6, 170, 5, 0, 6, 230, 5))
_SHIVER: Final = bytes((150, 3, 0, 3) * 5)
_KNOCK: Final = bytes((255, 8, 0, 14, 255, 8))
_WAKE: Final = bytes((40, 10, 0, 10, 90, 10, 0, 10, 150, 12))
_THINKING: Final = bytes((60, 5, 0, 40, 60, 5))
_LISTENING: Final = bytes((80, 8))
_OK: Final = bytes((180, 5, 0, 5, 180, 9))
_NO: Final = bytes((200, 20, 0, 8, 200, 20))
_SOS: Final = bytes((220, 8, 0, 8, 220, 8, 0, 8, 220, 8, 0, 20, 220, 24, 0, 10, 220, 24, 0, 40))
_FADE: Final = bytes((160, 20, 120, 20, 80, 25, 50, 30, 25, 40))

_PINK: Final = 0xFF3C6E
_YELLOW: Final = 0xFFB428
_TEAL: Final = 0x14A0A0
_BLUE: Final = 0x1E3C8C
_DIM_BLUE: Final = 0x0A1432
_RED: Final = 0xFF1414
_VIOLET: Final = 0x8C28FF
_WHITE: Final = 0xFFFFFF
_GREEN: Final = 0x28DC50

_AT_REST: Final = (100, 100)
_FULL: Final = (255, 255)
_SECOND_MS: Final = 1000
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Light:
    """A colour, and what it does."""

    effect: int
    """BREATHE, PULSE …, as on the wire."""
    rgb: int
    """0xrrggbb."""
    span_ms: int

    @property
    def coded(self) -> int:
        """Effect and colour, as on the wire."""
        return self.effect << EFFECT_BITS | self.rgb


@dataclass(frozen=True, slots=True)
class Move:
    """What one name does. Gain and pace move evenly from the first time to the last."""

    program: bytes = b""
    repeat: int = 1
    gain: tuple[int, int] = _FULL
    """Of 255."""
    pace: tuple[int, int] = _AT_REST
    """Percent of the program's speed."""
    light: Light | None = None


def _lit(program: bytes, effect: int, rgb: int, seconds: int = 2, repeat: int = 1) -> Move:
    return Move(program, repeat, light=Light(effect, rgb, seconds * _SECOND_MS))


_HEART: Final = _lit(_HEARTBEAT, BREATHE, _PINK, seconds=4, repeat=4)

VOCABULARY: Final[Mapping[str, Move]] = MappingProxyType(
    {
        "tap": _lit(BUILT_IN[TICK], PULSE, _WHITE, seconds=1),
        "double": _lit(BUILT_IN[TWICE], PULSE, _PINK, seconds=1),
        "hug": _lit(BUILT_IN[SQUEEZE], BREATHE, _PINK, seconds=4),
        "heartbeat": _HEART,
        "breathe": _lit(_BREATH, BREATHE, _TEAL, seconds=3),
        "purr": _lit(_PURR, BREATHE, _TEAL, seconds=3, repeat=3),
        "giggle": _lit(_GIGGLE, PULSE, _YELLOW),
        "shiver": _lit(_SHIVER, FLICKER, _VIOLET),
        "knock": _lit(_KNOCK, PULSE, _WHITE, seconds=1),
        # A heart that slows from 90 to 60 a minute and fades, in eight minutes and a half.
        "goodnight": Move(
            _GOODNIGHT, 600, (255, 20), (150, 100), Light(BREATHE, _DIM_BLUE, _MINUTE_MS)
        ),
        "wake": _lit(_WAKE, BREATHE, _YELLOW, seconds=8),
        "thinking": _lit(_THINKING, PULSE, _BLUE),
        "listening": _lit(_LISTENING, BREATHE, _GREEN),
        "ok": _lit(_OK, PULSE, _GREEN, seconds=1),
        "no": _lit(_NO, PULSE, _RED, seconds=1),
        "sos": _lit(_SOS, PULSE, _RED, seconds=9, repeat=3),
        # The eight emotions.
        "joy": _lit(_GIGGLE, PULSE, _YELLOW),
        "love": _HEART,
        "calm": _lit(_PURR, BREATHE, _TEAL, seconds=4, repeat=2),
        "sad": _lit(_FADE, BREATHE, _DIM_BLUE, seconds=4),
        "angry": _lit(_KNOCK, PULSE, _RED, seconds=1),
        "fear": _lit(_SHIVER, FLICKER, _VIOLET),
        "surprise": _lit(BUILT_IN[TICK], PULSE, _WHITE, seconds=1),
        "sleepy": _lit(b"", BREATHE, _DIM_BLUE, seconds=4),
    }
)


def _slots() -> dict[bytes, int]:
    """Each program that no ring has built in, and the slot it is kept in: always the same one."""
    programs = dict.fromkeys(move.program for move in VOCABULARY.values())
    own = [program for program in programs if program and program not in BUILT_IN.values()]
    return {program: slot for slot, program in enumerate(own)}


SLOT_OF: Final[Mapping[bytes, int]] = MappingProxyType(_slots())
NUMBER_OF: Final[Mapping[bytes, int]] = MappingProxyType(
    dict(SLOT_OF) | {program: number for number, program in BUILT_IN.items()}
)
"""Every program as an ACT names it: a slot, or built in."""
