"""The desk's stand: it holds an M5Stack Atom EchoS3R tilted, and a WS2812 behind its thin front.

The cube is its own enclosure; where its speaker and microphone have their holes was not looked at.
"""

from typing import Any

from hardware.enclosure.components import Block
from hardware.enclosure.shell import FAR_MM, prism

STAND_MM = (44.0, 50.0, 31.0)  # wide and deep, so that no cable tips it; its top edge is blunt
MIDDLE_HIGH_MM = 22.0
TILT_DEGREES = 25.0  # towards who sits before it
CUBE_MM = (24.0, 24.0, 16.8)
CUBE_ROOM_MM = 0.6
POCKET_DEEP_MM = 6.0  # holds the cube's foot and leaves its sides free
CABLES_MM = 19.0  # USB-C and Grove side by side, with their plugs
FRONT_MM = 1.3  # light comes through this much white plastic
PIXEL_MM = (13.0, 8.0, 9.0)  # room for a WS2812 on a board of 10 mm
WIRES_MM = (6.0, 3.0)  # the channel of its wires, wide and deep, along the underside
CORNER_MM = 6.0

CUBE = Block("Atom EchoS3R", CUBE_MM, (0.0, -1.1, 24.4), lift=0.45, tilt_degrees=TILT_DEGREES)
PIXEL = Block("WS2812", (10.0, 3.0, 8.0), (0.0, -21.6, 4.2), lift=-0.25)
BLOCKS = (CUBE, PIXEL)


def make() -> dict[str, Any]:
    """The stand, as build123d's shape."""
    from build123d import Align, Box, Pos, Rot

    floor = (Align.CENTER, Align.CENTER, Align.MIN)
    width, depth, high = STAND_MM
    on_top = Pos(0, 0, MIDDLE_HIGH_MM) * Rot(TILT_DEGREES, 0, 0)
    side = CUBE_MM[0] + CUBE_ROOM_MM
    pocket = Pos(0, 0, -POCKET_DEEP_MM)
    stand = prism(width, depth, high, CORNER_MM) - on_top * Box(200, 200, 200, align=floor)
    stand -= on_top * (pocket * Box(side, side, FAR_MM, align=floor))
    behind = (Align.CENTER, Align.MIN, Align.MIN)
    stand -= on_top * (pocket * Box(CABLES_MM, FAR_MM, FAR_MM, align=behind))
    front = Pos(0, FRONT_MM - depth / 2, 0)
    stand -= front * Box(*PIXEL_MM, align=behind)
    stand -= front * Box(WIRES_MM[0], FAR_MM, WIRES_MM[1], align=behind)
    return {"stand": stand}
