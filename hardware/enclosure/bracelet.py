"""The bracelet's enclosure: a XIAO ESP32C6 with all its sensors, on a watch strap."""

from typing import Any

from hardware.enclosure import components as parts
from hardware.enclosure.components import Block
from hardware.enclosure.shell import (
    FACE_MM,
    LIGHT_HOLE_MM,
    SOUND_HOLE_MM,
    Pod,
    grille,
    holes,
    shells,
    side_button,
    usb_opening,
)

# Two columns: the cell under speaker and haptic driver, what touches the skin under the board.
POD = Pod(cavity_mm=(41.4, 42.0, 11.6), split_mm=4.4)
STRAP_MM = 20.0  # a common watch strap, with quick-release pins
STRAP_ROOM_MM = 0.4
LUG_WIDE_MM = 4.0
LUG_LONG_MM = 8.0
LUG_HIGH_MM = 6.0
PIN_HOLE_MM = 1.5  # for a pin of 1.3 to 1.5 mm; drill it clean
PIN_OUT_MM = 4.6  # from the wall: a strap's end is 8 to 9 mm thick around its pin
PULSE_WINDOW_MM = 7.0  # over the sensor, to the skin; cover it with clear film

# Breakouts of these three differ from shop to shop: measure yours.
MOTION_MM = (13.0, 18.0, 2.6)
MAX30102_MM = (15.5, 20.5, 3.2)
DRV2605L_MM = (17.8, 17.8, 3.0)

BOARD = Block("XIAO ESP32C6", parts.XIAO_MM, (10.5, -10.0, 7.5), lift=0.4)
SWITCH = Block("button", (3.6, 6.0, 6.0), (18.6, 12.0, 8.4), lift=0.4)
SPEAKER = Block("speaker", parts.SPEAKER_MM, (-9.9, -10.4, 11.0), disc=True, lift=0.66)
MICROPHONE = Block("microphone", parts.INMP441_MM, (8.6, 12.0, 11.4), disc=True, lift=0.68)
PULSE = Block("pulse sensor", MAX30102_MM, (10.4, 10.3, 3.5), lift=0.2)
BLOCKS = (
    Block("cell 402030, 200 mAh", parts.CELL_402030_MM, (-9.9, 0.0, 4.1), lift=0.2),
    Block("amplifier", parts.MAX98357A_MM, (10.5, -10.4, 3.4), lift=0.2),
    PULSE,
    BOARD,
    Block("motion sensor", MOTION_MM, (8.2, 11.0, 7.0), lift=0.4),
    SWITCH,
    Block("motor", parts.MOTOR_MM, (10.5, -6.0, 11.4), disc=True, lift=0.6),
    Block("haptic driver", DRV2605L_MM, (-9.9, 10.4, 8.4), lift=0.42),
    SPEAKER,
    MICROPHONE,
)
LIGHT = (4.4, -18.0)  # over the board's own LED, beside its USB socket; look where yours is


def make() -> dict[str, Any]:
    """The shells by name, as build123d's shapes."""
    from build123d import Cylinder, Pos

    back, front = shells(POD)
    opening = usb_opening(POD, BOARD)
    from_back, from_front = side_button(POD, SWITCH)
    inside = POD.front_mm - 0.1
    front -= holes(grille(*SPEAKER.at_mm[:2]), SOUND_HOLE_MM, inside)
    front -= holes([MICROPHONE.at_mm[:2]], SOUND_HOLE_MM, inside)
    front -= holes([LIGHT], LIGHT_HOLE_MM, inside)
    window = Pos(*PULSE.at_mm[:2], 0) * Cylinder(PULSE_WINDOW_MM / 2, 3 * FACE_MM)
    back = back + _lugs() - window
    return {"back": back - opening - from_back, "front": front - opening - from_front}


def _lugs() -> Any:
    """Four, at the ends where the strap's pins go, on the back shell, which the strap pulls."""
    from build123d import Box, Cylinder, Pos, Rot

    # Into the wall as far as the back is solid there, and no higher than it parts.
    wall = POD.outside_mm[1] / 2
    apart = (STRAP_MM + STRAP_ROOM_MM + LUG_WIDE_MM) / 2
    height = min(LUG_HIGH_MM, POD.split_mm - 0.2)
    lug = Pos(0, LUG_LONG_MM / 2, height / 2) * Box(LUG_WIDE_MM, LUG_LONG_MM, height)
    pin = Pos(0, PIN_OUT_MM + 1.0, height / 2) * (
        Rot(0, 90, 0) * Cylinder(PIN_HOLE_MM / 2, 3 * LUG_WIDE_MM)
    )
    one = lug - pin
    ends = [
        Pos(side * apart, 0, 0) * (Rot(0, 0, turn) * (Pos(0, wall - 1.0, 0) * one))
        for side in (-1, 1)
        for turn in (0, 180)
    ]
    return sum(ends[1:], start=ends[0])
