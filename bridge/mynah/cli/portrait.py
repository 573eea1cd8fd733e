"""A card's portrait in the terminal: two pixels a character."""

import io
import struct
from typing import TYPE_CHECKING, Final

from rich.text import Text

if TYPE_CHECKING:
    from mynah.characters.card import Card

COLUMNS: Final = 22
ROWS: Final = 16
"""Of characters, each two pixels high: about the shape of a portrait."""

MOST_PIXELS: Final = 4096 * 4096
"""A picture is unpacked whole, at four bytes a pixel; a few bytes can claim to be gigabytes."""

_HEAD: Final = slice(12, 16)
_SIZE_AT: Final = 16
"""Where a PNG says how wide and how high it is: in its first chunk, which has to be IHDR."""


def drawn(card: "Card") -> Text | None:
    """None if there is none, or none that can be shown here."""
    from rich.console import Console

    from mynah.characters.assets import portrait_of

    if Console().color_system in {None, "standard"}:
        return None
    picture = portrait_of(card)
    pixels = _pixels(picture) if picture else None
    if pixels is None:
        return None
    text = Text()
    for row in range(0, ROWS * 2, 2):
        for upper, lower in zip(pixels[row], pixels[row + 1], strict=True):
            text.append("▀", f"rgb({_rgb(upper)}) on rgb({_rgb(lower)})")
        text.append("\n")
    return text


def _pixels(picture: bytes) -> list[list[list[int]]] | None:
    """Scaled down; None for what is too large or broken."""
    import av

    width, height = struct.unpack_from(">II", picture.ljust(_SIZE_AT + 8, b"\0"), _SIZE_AT)
    if picture[_HEAD] != b"IHDR" or not 0 < width * height <= MOST_PIXELS:
        return None
    try:
        with av.open(io.BytesIO(picture), "r", format="png_pipe") as opened:
            frame = next(opened.decode(video=0))
            small = frame.reformat(COLUMNS, ROWS * 2, "rgb24")
            pixels: list[list[list[int]]] = small.to_ndarray().tolist()
            return pixels
    except (av.FFmpegError, StopIteration, ValueError):
        return None


def _rgb(pixel: list[int]) -> str:
    return ",".join(map(str, pixel))
