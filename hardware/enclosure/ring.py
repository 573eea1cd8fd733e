"""The ring's enclosure: a XIAO ESP32C3 without its speaker, as a signet on a finger.

It is as large as the stock board makes it. Change RING_INSIDE_MM to your finger.
"""

from math import isclose
from typing import Any

from hardware.enclosure import components as parts
from hardware.enclosure.components import Block
from hardware.enclosure.shell import (
    CLEARANCE_MM,
    FAR_MM,
    LIGHT_HOLE_MM,
    PLUNGER_MM,
    SOUND_HOLE_MM,
    Pod,
    holes,
    shells,
    usb_opening,
)

# Three storeys: the cell, the board, and the microphone beside the switch.
POD = Pod(cavity_mm=(20.5, 22.4, 13.8), split_mm=4.4)
RING_INSIDE_MM = 20.6  # US size 11, which leaves 0.4 for the print; print a bare band first
BAND_THICK_MM = 2.4
BAND_WIDE_MM = 9.0
RIM_MM = 0.8  # rounding of the band's inner edges
# Two faces that only touch are neither one solid nor two: the finger stays this far below the
# signet, more than RIM_MM, and the band's foot goes this far into its back.
AWAY_MM, FOOT_MM = 1.0, 1.0

BOARD = Block("XIAO ESP32C3", parts.XIAO_MM, (0.0, -0.2, 8.9), lift=0.42)
MICROPHONE = Block("microphone", parts.INMP441_MM, (0.0, 3.6, 13.5), disc=True, lift=0.64)
SWITCH = Block("button", parts.SWITCH_MM, (0.0, -7.2, 13.4), lift=0.64)
BLOCKS = (
    Block("cell 401220, 80 mAh", parts.CELL_401220_MM, (0.0, 0.0, 4.2), lift=0.2),
    BOARD,
    MICROPHONE,
    SWITCH,
)
LIGHT = (7.0, -8.4)  # a 0805 LED on its resistor is glued under it: the board has none


def make() -> dict[str, Any]:
    """The shells by name, as build123d's shapes."""
    back, front = shells(POD)
    opening = usb_opening(POD, BOARD)
    inside = POD.front_mm - 0.1
    front -= holes([MICROPHONE.at_mm[:2]], SOUND_HOLE_MM, inside)
    front -= holes([SWITCH.at_mm[:2]], PLUNGER_MM + 2 * CLEARANCE_MM, inside)
    front -= holes([LIGHT], LIGHT_HOLE_MM, inside)
    return {"back": back + _band() - opening, "front": front - opening}


def _band() -> Any:
    """Round below the finger, square-shouldered up to the signet."""
    from build123d import Box, Cylinder, Pos, Rot, fillet

    inside, outside = RING_INSIDE_MM / 2, RING_INSIDE_MM / 2 + BAND_THICK_MM
    lying = Rot(90, 0, 0)
    shoulders = Pos(0, 0, outside / 2) * Box(2 * outside, BAND_WIDE_MM, outside)
    solid = lying * Cylinder(outside, BAND_WIDE_MM) + shoulders
    band = solid - lying * Cylinder(inside, 2 * BAND_WIDE_MM)
    rims = [edge for edge in band.edges() if _is_rim(edge, inside)]
    band = fillet(rims, RIM_MM)
    above = Pos(0, 0, inside + AWAY_MM + FOOT_MM + FAR_MM / 2) * Box(FAR_MM, FAR_MM, FAR_MM)
    return Pos(0, 0, -inside - AWAY_MM) * (band - above)


def _is_rim(edge: Any, radius: float) -> bool:
    from build123d import GeomType

    return bool(edge.geom_type == GeomType.CIRCLE and isclose(edge.radius, radius))
