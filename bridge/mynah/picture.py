"""How every picture of ours looks: its sizes, its colours, and no frame around anything."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from mynah.errors import UserError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE: Final = "#1f4e79"
RED: Final = "#c4553b"
ORANGE: Final = "#e8a33d"
INK: Final = "#2b2f36"
GREY: Final = "#8a9099"
PALE: Final = "#c9ced6"

WIDTH_IN: Final = 8.0  # at 100 dots to the inch it is read at 800 pixels
_DPI: Final = 200
_EDGE_IN: Final = 0.1


def ready(path: Path) -> None:
    """UserError if no picture can be drawn there: to be asked before minutes are spent."""
    if importlib.util.find_spec("matplotlib") is None:
        raise UserError("a picture needs matplotlib: run `make setup`")
    if not path.resolve().parent.is_dir():
        raise UserError(f"{path}: can't be drawn, its folder does not exist")


def figure(height_in: float) -> "Figure":
    """An empty one; what is drawn on it keeps out of each other's way."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=_EDGE_IN, h_pad=_EDGE_IN)
    return Figure(figsize=(WIDTH_IN, height_in), layout=layout)


def dress(axes: "Axes", lines: Literal["both", "x", "y"] = "both") -> None:
    """Faint lines behind what is drawn, and its axes' names in ink; to be called last."""
    axes.tick_params(length=0, colors=INK)
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set_color(INK)
    axes.spines[:].set_visible(False)
    axes.grid(axis=lines, color=GREY, alpha=0.25, linewidth=0.8)
    axes.set_axisbelow(True)


def save(drawn: "Figure", path: Path) -> None:
    """As a PNG, on white: a page may be dark."""
    drawn.savefig(path, dpi=_DPI, format="png", facecolor="white")
