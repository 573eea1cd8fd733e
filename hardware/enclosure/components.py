"""Sizes of what goes into an enclosure, in millimetres, as blocks. From memory: measure yours."""

from dataclasses import dataclass

Millimetres = tuple[float, float, float]

# Without pin headers: wires are soldered to the pads. From drawings, as remembered.
XIAO_MM: Millimetres = (17.8, 21.0, 4.5)  # with its USB-C socket, at the middle of a short edge
INMP441_MM: Millimetres = (14.0, 14.0, 3.2)  # the round breakout; ICS-43434 ones are no larger
MAX98357A_MM: Millimetres = (17.8, 19.4, 3.0)  # without its screw terminal
SPEAKER_MM: Millimetres = (20.0, 20.0, 4.0)  # 8 ohm, 1 W, round
MOTOR_MM: Millimetres = (10.0, 10.0, 3.0)  # a coin motor, with its tape
SWITCH_MM: Millimetres = (6.0, 6.0, 3.6)  # a 6 x 6 tact switch's body; its plunger is cut for
CELL_502030_MM: Millimetres = (20.5, 31.5, 5.3)  # 250 mAh; a pouch grows, and its tabs stick out
CELL_402030_MM: Millimetres = (20.5, 31.5, 4.3)  # 200 mAh
CELL_401220_MM: Millimetres = (12.5, 21.0, 4.3)  # 80 mAh

USB_C_MM = (9.0, 3.3)  # the socket's shell, wide and high
USB_C_OVERMOLD_MM = (12.6, 7.0)  # what of a plug does not go into the socket
USB_C_PROUD_MM = 1.4  # how far a XIAO's socket stands over its edge


@dataclass(frozen=True, slots=True)
class Block:
    """A part as a box, or as a disc whose axis is z; `at_mm` is its centre.

    `lift` is where it floats in the picture, from the back shell at 0 to the front one at 1, and
    `tilt_degrees` how it leans back.
    """

    name: str
    size_mm: Millimetres
    at_mm: Millimetres
    disc: bool = False
    lift: float = 0.5
    tilt_degrees: float = 0.0


def usb_centre(board: Block) -> Millimetres:
    """The middle of the socket's mouth: a XIAO lies with its socket to -y and its parts to +z."""
    x, y, z = board.at_mm
    _, length, height = board.size_mm
    return x, y - length / 2 - USB_C_PROUD_MM, z + height / 2 - USB_C_MM[1] / 2
