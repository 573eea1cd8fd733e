"""The pendant's enclosure: a XIAO ESP32S3 with speaker, on a cord around the neck."""

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

# Two columns: the cell under the speaker, the amplifier under the board and its neighbours.
POD = Pod(cavity_mm=(41.0, 38.0, 11.2), split_mm=4.0)
EYE_MM = 9.0  # the lanyard's eye, outside
EYE_HOLE_MM = 4.0  # a cord of 3 mm with room
EYE_HIGH_MM = 4.0

BOARD = Block("XIAO ESP32S3", parts.XIAO_MM, (10.4, -8.0, 7.4), lift=0.42)
SWITCH = Block("button", (3.6, 6.0, 6.0), (18.4, 11.5, 5.0), lift=0.42)
SPEAKER = Block("speaker", parts.SPEAKER_MM, (-9.7, -3.0, 10.6), disc=True, lift=0.66)
MICROPHONE = Block("microphone", parts.INMP441_MM, (10.4, 11.3, 11.0), disc=True, lift=0.66)
BLOCKS = (
    Block("cell 502030, 250 mAh", parts.CELL_502030_MM, (-9.7, 0.0, 4.5), lift=0.22),
    Block("amplifier", parts.MAX98357A_MM, (10.4, -8.5, 3.4), lift=0.22),
    Block("motor", parts.MOTOR_MM, (7.0, 11.5, 3.4), disc=True, lift=0.22),
    BOARD,
    Block("motion sensor", (18.0, 13.0, 2.6), (10.4, -6.0, 11.2), lift=0.55),
    SWITCH,
    SPEAKER,
    MICROPHONE,
)
LIGHT = (4.4, -15.0)  # over the board's own LED, beside its USB socket; look where yours is


def make() -> dict[str, Any]:
    """The shells by name, as build123d's shapes."""
    back, front = shells(POD)
    opening = usb_opening(POD, BOARD)
    from_back, from_front = side_button(POD, SWITCH)
    inside = POD.front_mm - 0.1
    front -= holes(grille(*SPEAKER.at_mm[:2]), SOUND_HOLE_MM, inside)
    front -= holes([MICROPHONE.at_mm[:2]], SOUND_HOLE_MM, inside)
    front -= holes([LIGHT], LIGHT_HOLE_MM, inside)
    return {"back": back - opening - from_back, "front": front + _eye() - opening - from_front}


def _eye() -> Any:
    from build123d import Box, Cylinder, Pos

    top = POD.outside_mm[1] / 2
    middle = POD.split_mm + FACE_MM + EYE_HIGH_MM / 2
    foot = Pos(0, -EYE_MM / 4, 0) * Box(EYE_MM, EYE_MM / 2, EYE_HIGH_MM)
    eye = Cylinder(EYE_MM / 2, EYE_HIGH_MM) + foot - Cylinder(EYE_HOLE_MM / 2, 2 * EYE_HIGH_MM)
    # The foot ends in the skin, half a millimetre deep, and leaves the groove behind it alone.
    return Pos(0, top + EYE_MM / 2 - 0.5, middle) * eye
