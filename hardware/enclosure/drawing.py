"""The page of an enclosure: closed on the left, taken apart with its parts named on the right."""

from math import cos, radians, sin
from typing import TYPE_CHECKING

import numpy as np

from hardware.enclosure.components import USB_C_MM, Block, usb_centre
from hardware.enclosure.mesh import Triangles
from hardware.enclosure.render import Camera, Canvas, Colour, box, disc

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1280, 900
CLOSED_WIDTH = 460  # of WIDTH
LABELS_WIDTH = 260
MARGIN = 30
TURN_DEGREES, TILT_DEGREES = 32.0, 34.0
APART = 1.5  # how far the shells are taken apart, of the enclosure's length or height
FONT_PIXELS = 20
SHELL_COLOURS: tuple[Colour, ...] = ((214, 206, 190), (236, 230, 218))
BLOCK_COLOURS: dict[str, Colour] = {
    "cell": (120, 170, 225),
    "XIAO": (70, 135, 95),
    "Atom": (235, 235, 235),
    "amplifier": (95, 120, 190),
    "speaker": (130, 130, 135),
    "motor": (200, 165, 90),
    "microphone": (190, 100, 160),
    "button": (205, 85, 75),
}
OTHER_COLOUR: Colour = (150, 120, 200)
METAL: Colour = (200, 200, 205)
LINE: Colour = (90, 90, 90)
TEXT: Colour = (20, 20, 20)
COLOURS = 128  # in the file: it is a drawing, not a photograph


def picture(name: str, shells: dict[str, Triangles], blocks: tuple[Block, ...]) -> "Image.Image":
    """Both drawings on one sheet, and the size of what is printed."""
    from PIL import Image, ImageDraw

    canvas = Canvas(WIDTH, HEIGHT)
    whole = list(shells.values()) + (
        [_solid(block) for block in blocks] if len(shells) == 1 else []
    )
    closed = _fit(whole, CLOSED_WIDTH, 0)
    colours = [*SHELL_COLOURS[: len(shells)], *(_colour(block.name) for block in blocks)]
    for triangles, colour in zip(whole, colours, strict=False):
        canvas.draw(triangles, colour, closed)
    _, long, high = np.ptp(np.concatenate(list(shells.values())).reshape(-1, 3), axis=0)
    lift = APART * float(max(long, high))
    moved = {shell: _move(solid, at * lift) for at, (shell, solid) in enumerate(shells.items())}
    moved |= {block.name: _move(_solid(block), block.lift * lift) for block in blocks}
    apart = _fit(list(moved.values()), WIDTH - CLOSED_WIDTH - LABELS_WIDTH, CLOSED_WIDTH)
    numbers = [
        canvas.draw(solid, colour, apart)
        for solid, colour in zip(moved.values(), colours, strict=True)
    ]
    for board in (block for block in blocks if block.name.startswith("XIAO")):
        canvas.draw(_move(_socket(board), board.lift * lift), METAL, apart)
    image = Image.fromarray(canvas.finish())
    pen = ImageDraw.Draw(image)
    _label(pen, {shell: canvas.visible(n) for shell, n in zip(moved, numbers, strict=True)})
    _sizes(pen, name, shells)
    return image.quantize(COLOURS)


def _solid(block: Block) -> Triangles:
    shape = disc if block.disc else box
    lying = shape(np.array(block.size_mm), np.zeros(3))
    tilt = radians(block.tilt_degrees)
    turn = np.array([[1, 0, 0], [0, cos(tilt), -sin(tilt)], [0, sin(tilt), cos(tilt)]])
    return np.asarray(lying @ turn.T + np.array(block.at_mm))


def _socket(board: Block) -> Triangles:
    """A XIAO's USB-C socket, a little longer than its block, so that it is seen."""
    x, y, z = usb_centre(board)
    wide, high = USB_C_MM
    deep = 7.4
    return box(np.array([wide, deep, high]), np.array([x, y + deep / 2, z + 0.05]))


def _move(triangles: Triangles, up: float) -> Triangles:
    return np.asarray(triangles + np.array([0.0, 0.0, up]))


def _colour(name: str) -> Colour:
    return next(
        (found for key, found in BLOCK_COLOURS.items() if name.startswith(key)), OTHER_COLOUR
    )


def _fit(solids: list[Triangles], width: int, left: int) -> Camera:
    """A camera that shows all of them in this part of the sheet."""
    camera = Camera(TURN_DEGREES, TILT_DEGREES, 1.0, (0.0, 0.0))
    seen = camera.see(np.concatenate(solids))[..., :2].reshape(-1, 2)
    low, high = seen.min(axis=0), seen.max(axis=0)
    room = np.array([width, HEIGHT]) - 2 * MARGIN
    scale = float((room / (high - low)).min())
    middle = np.array([left + width / 2, HEIGHT / 2]) - (low + high) / 2 * scale
    return Camera(TURN_DEGREES, TILT_DEGREES, scale, (float(middle[0]), float(middle[1])))


def _label(pen: "ImageDraw.ImageDraw", ends: dict[str, tuple[float, float]]) -> None:
    """Names in a column on the right, in the order of what they name, none over another."""
    from PIL import ImageFont

    font = ImageFont.load_default(FONT_PIXELS)
    column = WIDTH - LABELS_WIDTH + 25
    step, last = FONT_PIXELS * 1.5, float(MARGIN)
    names = sorted(ends, key=lambda name: ends[name][1])
    for at, name in enumerate(names):
        x, y = ends[name]
        latest = HEIGHT - MARGIN - step * (len(names) - at)
        row = min(max(y - FONT_PIXELS * 0.6, last), latest)
        middle = row + FONT_PIXELS * 0.6
        pen.line([(x, y), (column - 30, middle), (column - 6, middle)], fill=LINE, width=1)
        pen.ellipse([x - 3, y - 3, x + 3, y + 3], fill=LINE)
        pen.text((column, row), name, fill=TEXT, font=font)
        last = row + step


def _sizes(pen: "ImageDraw.ImageDraw", name: str, shells: dict[str, Triangles]) -> None:
    from PIL import ImageFont

    title, small = ImageFont.load_default(FONT_PIXELS * 1.4), ImageFont.load_default(FONT_PIXELS)
    pen.text((MARGIN, MARGIN), name, fill=TEXT, font=title)
    size = np.ptp(np.concatenate(list(shells.values())).reshape(-1, 3), axis=0)
    text = " x ".join(f"{side:.0f}" for side in size) + " mm"
    pen.text((MARGIN, MARGIN + FONT_PIXELS * 1.8), text, fill=TEXT, font=small)
