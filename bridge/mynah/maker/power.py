"""How long a cell lasts: each state's share of a day, times what the state draws. Pure.

A range, because what is known are ranges; what nobody has measured is left out, and said so.
"""

from dataclasses import asdict, dataclass, replace
from math import floor
from typing import Final

from mynah.errors import UserError
from mynah.maker.boards import Board
from mynah.maker.chargers import charger_of, warning
from mynah.maker.milliamps import (
    ADVERTISING,
    AMP_STANDBY,
    AMPLIFIER,
    ASLEEP,
    CONNECTED,
    DIVIDER,
    HAPTIC,
    PARTS_ASLEEP,
    STATES,
    TALK,
    UNKNOWN,
    WAKING,
    Figure,
    Range,
    figures_of,
)
from mynah_device.power import AWAKE_MS, LOOK_AGAIN_MS, LOOK_MS

USABLE: Final = 0.8
"""Of a cell's capacity: it is cut off at 3.3 V, ages, and is never quite full."""

WAKING_S: Final = 1.5
"""From a press until a host is there; not measured on hardware."""

VIBRATING_S: Final = 0.2
"""Each use is answered by a touch."""

ALWAYS_CONNECTED_H: Final = 8.0
"""A day near the computer, for builds that stay connected."""

LEAST_MAH: Final = 1.0
LARGEST_MAH: Final = 10_000.0
"""A power bank's: nobody wears more, and a larger figure is a slip of the finger."""

PEAK_MA: Final = 200
"""The radio's, and more (Seeed forum)."""

TINY_MAH: Final = 100.0
"""Such a cell gives 2 C at best: less than the peaks."""

DAY_H: Final = 24.0
_NO_AMPLIFIER: Final = f'--ma "{AMP_STANDBY}=0"'
_S_PER_H: Final = 3600.0
_MS_PER_S: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Day:
    """What the wearer does."""

    utterances: int = 20
    seconds: float = 6.0
    """Each is so long."""
    reply_seconds: float = 8.0
    connected_hours: float | None = None
    """None is what the build does: stay connected near the computer, or only after each use."""


@dataclass(frozen=True, slots=True)
class Share:
    """One state's of a day."""

    state: str
    hours: float
    milliamps: Range | None
    milliamp_hours: Range | None
    how: str
    source: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """What comes of it."""

    board: str
    capacity_mah: float
    utterances_a_day: int
    uses: str
    """What they are on this build: utterances, or presses."""
    shares: tuple[Share, ...]
    a_day_mah: Range
    days: Range
    utterances_a_charge: Range | None
    assumed: tuple[str, ...]
    left_out: tuple[str, ...]
    """What would make it shorter, were it known."""
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The same, as plain values."""
        return asdict(self)


def forecast(
    board: Board, capacity_mah: float, day: Day, measured: dict[str, Range] | None = None
) -> Forecast:
    """How long a cell of so much lasts on this board; UserError if that can't be said."""
    if board.build not in AWAKE_MS:
        raise UserError(
            f"{board.name} is a {board.build} build, which never sleeps and is fed by a cable: "
            "choose a board of a ring, bracelet, pendant or touch build"
        )
    if not LEAST_MAH <= capacity_mah <= LARGEST_MAH:
        raise UserError(
            f"a cell of {capacity_mah:g} mAh is none to wear: give {LEAST_MAH:g} to "
            f"{LARGEST_MAH:g}, as its label says (the largest is a power bank's)"
        )
    if board.build == "touch":  # it neither hears nor speaks
        day = replace(day, seconds=0.0, reply_seconds=0.0)
    shares = _shares(board, day, figures_of(board.chip, measured or {}))
    a_day = sum((each.milliamp_hours for each in shares if each.milliamp_hours), Range(0.0, 0.0))
    if a_day.low <= 0:
        raise UserError("by these figures it draws nothing: give one state more than 0 mA")
    usable_mah = capacity_mah * USABLE
    days = Range(usable_mah / a_day.high, usable_mah / a_day.low)
    return Forecast(
        board.name,
        capacity_mah,
        day.utterances,
        "presses" if board.build == "touch" else "utterances",
        tuple(shares),
        a_day,
        days,
        _whole(days * day.utterances) if day.utterances else None,
        _assumed(board, day),
        tuple(f"{each.state}: {each.source}" for each in shares if each.milliamps is None),
        _warnings(capacity_mah, warning(charger_of(board, measured or {}), capacity_mah)),
    )


def _shares(board: Board, day: Day, known: dict[str, Figure]) -> list[Share]:
    hours = _hours(board, day)
    speaking_h = day.utterances * day.reply_seconds / _S_PER_H
    standby_h = 0.0 if board.build == "touch" else DAY_H - speaking_h
    parts = (
        (AMPLIFIER, speaking_h),
        (AMP_STANDBY, standby_h),
        (HAPTIC, _vibrating_h(day)),
        (PARTS_ASLEEP, hours[ASLEEP]),
    )
    shares = [_share(known[state], hours[state]) for state in STATES]
    shares.append(_share(known[DIVIDER], DAY_H))
    return shares + [_share(known[part], part_h) for part, part_h in parts if part_h]


def _whole(many: Range) -> Range:
    return Range(floor(many.low), floor(many.high))


def _hours(board: Board, day: Day) -> dict[str, float]:
    alone_ms, linked_ms, _ = AWAKE_MS[board.build]
    each_s = (linked_ms or 0) / _MS_PER_S
    connected_h = day.connected_hours
    if connected_h is None:
        by_use_h = day.utterances * each_s / _S_PER_H
        connected_h = ALWAYS_CONNECTED_H if linked_ms is None else by_use_h
    talk_h = day.utterances * (day.seconds + day.reply_seconds) / _S_PER_H
    hours = {
        WAKING: day.utterances * WAKING_S / _S_PER_H,
        ADVERTISING: alone_ms / _MS_PER_S / _S_PER_H,
        CONNECTED: connected_h,
        TALK: talk_h,
    }
    awake_h = sum(hours.values())
    if not awake_h <= DAY_H:  # and not a number is no day either
        raise UserError(f"that is {awake_h:,.0f} hours awake: a day has 24; say or connect less")
    return {**hours, ASLEEP: DAY_H - awake_h}


def _vibrating_h(day: Day) -> float:
    return day.utterances * VIBRATING_S / _S_PER_H


def _share(figure: Figure, hours: float) -> Share:
    used = None if figure.milliamps is None else figure.milliamps * hours
    return Share(figure.state, hours, figure.milliamps, used, figure.how, figure.source)


def _assumed(board: Board, day: Day) -> tuple[str, ...]:
    alone_ms, linked_ms, _ = AWAKE_MS[board.build]
    stays = (
        f"near its computer for {ALWAYS_CONNECTED_H:g} h a day, connected all the while"
        if linked_ms is None
        else f"awake for {linked_ms / _MS_PER_S:g} s after each use, none of which overlap"
    )
    if day.connected_hours is not None:
        stays = f"connected for {day.connected_hours:g} h a day"
    said, answered = f"{day.seconds:g} s are said", f"answered for {day.reply_seconds:g} s"
    looks = f"every {LOOK_AGAIN_MS / _MS_PER_S / _S_PER_H:g} h, for {LOOK_MS / _MS_PER_S:g} s"
    used = f"{said}, and {answered}" if day.seconds else "it is pressed"
    speaks = () if board.build == "touch" else (f"it has an amplifier: if not, {_NO_AMPLIFIER}",)
    return (
        f"{day.utterances} times a day {used}",
        f"the {board.build} is {stays}",
        f"{WAKING_S:g} s from a press until a host is there ({UNKNOWN})",
        f"once a day it looks for a host in vain, for {alone_ms / _MS_PER_S:g} s",
        f"nothing waits for a host that is away: else it looks for it {looks}",
        f"{USABLE:.0%} of the cell can be used; it does not discharge by itself",
        *speaks,
    )


def _warnings(capacity_mah: float, charging: str | None) -> tuple[str, ...]:
    warnings = [charging] if charging else []
    if capacity_mah < TINY_MAH:
        warnings.append(
            f"the radio draws peaks above {PEAK_MA} mA, more than so small a cell gives: "
            "add 100 to 220 uF, or it resets when it sends"
        )
    return tuple(warnings)
