"""Two shells that snap together around a cavity: the shape that all enclosures share.

Lengths are millimetres; x is across, y along, z from the back to the front. build123d makes it.
"""

from dataclasses import dataclass
from typing import Any

from hardware.enclosure.components import (
    USB_C_MM,
    USB_C_OVERMOLD_MM,
    Block,
    Millimetres,
    usb_centre,
)

WALL_MM = 2.9  # skin + gap + lip, below: the shells overlap half in half
FACE_MM = 1.6  # front and back: four layers of 0.4
LIP_MM = 1.25  # three lines of a 0.4 nozzle, and what facets take away: less splits
LIP_HEIGHT_MM = 3.0
GAP_MM = 0.15  # between printed parts that slide into each other; tune to your printer
RIDGE_MM = 0.25  # what snaps: enough to hold, little enough to let go
CAVITY_CORNER_MM = 2.0  # seen from the front; the outside is round about the same centre
CORNER_MM = CAVITY_CORNER_MM + WALL_MM
EDGE_MM = 1.4  # rounding of the front's and the back's edge; less than FACE_MM
CLEARANCE_MM = 0.4  # around USB sockets and plungers
SOUND_HOLE_MM = 1.6
LIGHT_HOLE_MM = 2.0  # filled with clear glue or a piece of clear filament
PLUNGER_MM = 3.5  # of a 6 x 6 tact switch
FAR_MM = 60.0  # through anything
USB_POCKET_MM = 1.5  # deep: the plug's overmold has to come close enough to seat


@dataclass(frozen=True, slots=True)
class Pod:
    """A cavity, and the height at which its shells part."""

    cavity_mm: Millimetres
    split_mm: float

    @property
    def outside_mm(self) -> Millimetres:
        x, y, z = self.cavity_mm
        return x + 2 * WALL_MM, y + 2 * WALL_MM, z + 2 * FACE_MM

    @property
    def front_mm(self) -> float:
        """Height of the cavity's front end; its back end is at FACE_MM."""
        return FACE_MM + self.cavity_mm[2]


def prism(x: float, y: float, z: float, corner: float) -> Any:
    """A box on the plane z = 0, round seen from above."""
    from build123d import Axis, Box, fillet

    box = Box(x, y, z, align=_on_its_floor())
    return fillet(box.edges().filter_by(Axis.Z), corner)


def shells(pod: Pod) -> tuple[Any, Any]:
    """(back, front), closed all round."""
    from build123d import Axis, Pos, fillet

    x, y, z = pod.cavity_mm
    body = prism(*pod.outside_mm, CORNER_MM)
    faces = body.edges().group_by(Axis.Z)
    body = fillet(faces[0] + faces[-1], EDGE_MM)
    body -= Pos(0, 0, FACE_MM) * prism(x, y, z, CAVITY_CORNER_MM)
    top = Pos(0, 0, pod.split_mm) * prism(2 * x, 2 * y, 2 * z, 1)
    lip = Pos(0, 0, pod.split_mm) * _frame(x, y, LIP_MM, LIP_HEIGHT_MM)
    room = Pos(0, 0, pod.split_mm) * _frame(x, y, LIP_MM + GAP_MM, LIP_HEIGHT_MM + GAP_MM)
    return (body - top) + lip + _ridges(pod, 0.0), (body & top) - room - _ridges(pod, GAP_MM)


def usb_opening(pod: Pod, board: Block) -> Any:
    """To be cut from both shells: the socket's hole, and a pocket for the plug's overmold."""
    from build123d import Box, Pos

    x, _, z = usb_centre(board)
    width, height = (side + 2 * CLEARANCE_MM for side in USB_C_MM)
    outside = -pod.outside_mm[1] / 2
    hole = Pos(x, outside, z) * Box(width, 3 * WALL_MM, height)
    # From the parting line up: a bridge of a layer or two below the pocket would break.
    high = z + USB_C_OVERMOLD_MM[1] / 2 - pod.split_mm
    deep = Box(USB_C_OVERMOLD_MM[0], 2 * USB_POCKET_MM, high, align=_on_its_floor())
    return hole + Pos(x, outside, pod.split_mm) * deep


def side_button(pod: Pod, switch: Block) -> tuple[Any, Any]:
    """To be cut from (back, front): the way out of a switch's plunger, through the wall at +x."""
    from build123d import Box, Cylinder, Pos, Rot

    _, y, z = switch.at_mm
    wall = pod.outside_mm[0] / 2
    radius = PLUNGER_MM / 2 + CLEARANCE_MM
    hole = Pos(wall, y, z) * (Rot(0, 90, 0) * Cylinder(radius, 3 * WALL_MM))
    # The lip is open upwards and the skin downwards: what a round hole left there would be thorns.
    slot = Pos(wall, y, z) * Box(3 * WALL_MM, 2 * radius, FAR_MM, align=_on_its_floor())
    return hole + slot, hole + Pos(0, 0, -FAR_MM) * slot


def holes(places: list[tuple[float, float]], diameter: float, from_z: float) -> Any:
    """Round holes through everything above `from_z`, to be cut from the front."""
    from build123d import Cylinder, Pos

    drill = Cylinder(diameter / 2, FAR_MM, align=_on_its_floor())
    cut = [Pos(x, y, from_z) * drill for x, y in places]
    return sum(cut[1:], start=cut[0])


def grille(x: float, y: float, rings: int = 2, pitch: float = 3.2) -> list[tuple[float, float]]:
    """Places of sound holes over a speaker: one, six around it, twelve around those."""
    from math import cos, pi, sin

    places = [(x, y)]
    for ring in range(1, rings + 1):
        angles = [2 * pi * step / (6 * ring) for step in range(6 * ring)]
        places += [
            (x + pitch * ring * cos(angle), y + pitch * ring * sin(angle)) for angle in angles
        ]
    return places


def _on_its_floor() -> Any:
    from build123d import Align

    return (Align.CENTER, Align.CENTER, Align.MIN)


def _frame(x: float, y: float, thick: float, height: float) -> Any:
    outside = prism(x + 2 * thick, y + 2 * thick, height, CAVITY_CORNER_MM + thick)
    return outside - prism(x, y, height, CAVITY_CORNER_MM)


def _ridges(pod: Pod, more: float) -> Any:
    """The snap: a wedge along both long sides; `more` makes the groove it falls into."""
    from build123d import Cylinder, Pos, Rot

    x, y, _ = pod.cavity_mm
    length = y / 3  # the middle third: switches and sockets keep to the ends
    z = pod.split_mm + LIP_HEIGHT_MM * 2 / 3
    rod = Rot(90, 0, 0) * Cylinder(RIDGE_MM * 2 + more, length + 2 * more)
    # The rod's middle lies inside the lip, so that RIDGE_MM of it stands out.
    at = x / 2 + LIP_MM - RIDGE_MM
    return Pos(at, 0, z) * rod + Pos(-at, 0, z) * rod
