"""Which faults there are: at what moments each may come, and how much of it. Pure."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mynah.faults.amounts import Amount, Choice, Number, Span

SECOND_MS: Final = 1000.0
MINUTE_MS: Final = 60_000.0

SHORTEST_OVERRUN_MS: Final = 160.0
"""The microphone's DMA ring holds 128 ms, and a frame is 20: who is late by less loses nothing."""

LONGEST_STALL_MS: Final = 2000.0
"""A ring whose watchdog bites is another fault."""


class Unit(enum.StrEnum):
    """What moments are counted in: time, or things, the first of which is number 1."""

    TIME = "time"
    FRAME = "frame"
    RECORD = "record"
    WRITE = "write"
    TURN = "turn"


MEANS: Final[Mapping[Unit, str]] = {
    Unit.TIME: "since the beginning",
    Unit.FRAME: "of speech, 20 ms each, that came from the ring",
    Unit.RECORD: "that came from the ring; drop and delay count each way for itself",
    Unit.WRITE: "that the ring's flash was given since the beginning",
    Unit.TURN: "of the wearer, counted when it begins",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault."""

    about: str
    example: str
    always: Amount | None = None
    """How much, where no moment is named and it holds all along; None if it needs a moment."""
    moments: tuple[Unit, ...] = ()
    amount: Amount | None = None
    """How much at a moment; None if there is nothing to say."""
    ways: bool = False
    """Whether it may be one way alone: `.up`, from the ring, or `.down`, to it."""


_SOONER = (Unit.TIME, Unit.FRAME)
_LINK = (Unit.TIME, Unit.FRAME, Unit.RECORD, Unit.TURN)
_DELAY = Span(1, 10 * SECOND_MS)
_STALL = Span(1, LONGEST_STALL_MS)
_MTU = Number(23, 517)
_INTERVAL = Span(7.5, 4 * SECOND_MS)
_COMPANION = Choice(("500", "slow", "hang", "garbage"))

KINDS: Final[Mapping[str, Kind]] = {
    "drop": Kind(
        "a record is lost, above the link layer",
        "drop=1%",
        Number(0.001, 100, "%", whole=False),
        (Unit.RECORD,),
        ways=True,
    ),
    "delay": Kind(
        "records come so much later, in order",
        "delay=80ms",
        _DELAY,
        (Unit.RECORD,),
        _DELAY,
        ways=True,
    ),
    "enomem": Kind(
        "so many calls of notify fail with OSError(12)",
        "enomem~5s=20",
        moments=_LINK,
        amount=Number(1, 10_000),
    ),
    "disconnect": Kind("the link is cut", "disconnect@frame=120", moments=_LINK),
    "mtu": Kind("what the computer offers from now on", "mtu=185", _MTU, (Unit.TIME,), _MTU),
    "interval": Kind(
        "the connection's interval", "interval@10s=60ms", _INTERVAL, (Unit.TIME,), _INTERVAL
    ),
    "outage": Kind(
        "the radio lets nothing through for so long",
        "outage@4s=3s",
        moments=_LINK,
        amount=Span(1, 24 * 60 * MINUTE_MS),
    ),
    "flash_stall": Kind(
        "a write to the ring's flash holds everything up for so long",
        "flash_stall=80ms",
        _STALL,
        (Unit.WRITE,),
        _STALL,
    ),
    "power_cut": Kind(
        "the ring loses its power, a write is torn, and it boots again",
        "power_cut@write=17",
        moments=(Unit.WRITE, *_SOONER, Unit.TURN),
    ),
    "clock_ppm": Kind(
        "the ring's sample clock is so much too fast", "clock_ppm=-100", Number(-1000, 1000)
    ),
    "i2s_overrun": Kind(
        "the ring stands still for so long, and its microphone overflows",
        "i2s_overrun~1min=200ms",
        moments=_SOONER,
        amount=Span(SHORTEST_OVERRUN_MS, LONGEST_STALL_MS),
    ),
    "host_kill": Kind("the bridge stops dead and starts again", "host_kill~30s", moments=_LINK),
    "disk_full": Kind(
        "the computer's disk takes no more for so long",
        "disk_full@5s=10s",
        moments=_LINK,
        amount=Span(1, 24 * 60 * MINUTE_MS),
    ),
    "companion": Kind(
        "the companion fails in this way, all along or for one turn",
        "companion@turn=2=500",
        _COMPANION,
        (Unit.TURN,),
        _COMPANION,
    ),
    "worker_kill": Kind(
        "the process that hears or speaks dies",
        "worker_kill@turn=2=asr",
        moments=(*_SOONER, Unit.TURN),
        amount=Choice(("asr", "tts")),
    ),
}
