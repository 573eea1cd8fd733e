"""The picture of a soak: what is held minute by minute, and the line that says if it grows."""

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mynah import picture
from mynah.reliability.growth import BRIDGE, HOUR_S, MINUTE_S, RING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Figures = Mapping[str, Any]

SHOWN: Final = {
    BRIDGE: ("The bridge", 1024, "MiB"),
    "asr_worker, KiB": ("Whisper's process", 1024, "MiB"),
    "piper_worker, KiB": ("Piper's process", 1024, "MiB"),
    RING: ("The ring's heap, in MicroPython, after a collection", 1024, "KiB"),
}
"""Title, what one of its unit on the picture holds, and that unit. The others have one size all
along, or are numbers: for these the table is enough."""

_PANEL_IN: Final = 1.7
_ROOM_IF_FLAT: Final = 0.01  # of what is held


def drawable(figures: Figures) -> bool:
    """Whether they hold each minute: a result from before they did has a table alone."""
    return bool(_panels(figures))


def plot(figures: Figures, path: Path) -> None:
    """A panel for each, one above the other, over the same minutes; its folder is made if need be.

    UserError without matplotlib.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.ready(path)
    panels = _panels(figures)
    figure = picture.figure(_PANEL_IN * len(panels))
    column = figure.subplots(len(panels), sharex=True, squeeze=False)[:, 0]
    for axes, row in zip(column, panels, strict=True):
        _draw(axes, row)
        _dress(axes, row)
    column[-1].set_xlabel("minutes")
    picture.save(figure, path)


def _panels(figures: Figures) -> list[Figures]:
    return [row for row in figures["growth"] if row["what"] in SHOWN and row.get("minutes")]


def _draw(axes: "Axes", row: Figures) -> None:
    """What is left out is pale; through the rest of each life goes the line."""
    minutes = row["minutes"]
    counted = [each for each in minutes if each["counts"]]
    for points, colour in ((minutes, picture.PALE), (counted, picture.BLUE)):
        axes.scatter(*_places(points, row), s=7, color=colour, linewidths=0)
    _look_at(axes, _places(counted or minutes, row)[1])
    for life in sorted({each["life"] for each in counted}):
        _draw_line(axes, [each for each in counted if each["life"] == life], row)


def _look_at(axes: "Axes", held: Sequence[float]) -> None:
    """What counts, with as much room above and below: a worker without its model yet is far off."""
    lowest, highest = min(held), max(held)
    room = (highest - lowest) or lowest * _ROOM_IF_FLAT
    axes.set_ylim(lowest - room, highest + room)


def _draw_line(axes: "Axes", points: Sequence[Figures], row: Figures) -> None:
    """Through the middle of them, and where it would be at the edges of its noise."""
    minutes, held = _places(points, row)
    middle, height = sum(minutes) / len(minutes), sum(held) / len(held)
    ends = (minutes[0], minutes[-1])

    def line(per_hour: float) -> list[float]:
        return [height + per_hour / _unit(row) * (end - middle) * MINUTE_S / HOUR_S for end in ends]

    slope, noise = row["per_hour"], row["noise_per_hour"]
    axes.plot(ends, line(slope), color=picture.RED, linewidth=1.2)
    if isfinite(noise):
        edges = line(slope - noise), line(slope + noise)
        axes.fill_between(ends, *edges, color=picture.RED, alpha=0.12, linewidth=0)


def _dress(axes: "Axes", row: Figures) -> None:
    title, unit, name = SHOWN[row["what"]]
    per_hour, noise = row["per_hour"] / unit, row["noise_per_hour"] / unit
    axes.set_title(
        f"{title}, {name}: {per_hour:+.2f} an hour, noise {noise:.2f}",
        loc="left",
        fontsize=10,
        color=picture.INK,
    )
    picture.dress(axes)
    axes.tick_params(labelsize=8)


def _places(points: Sequence[Figures], row: Figures) -> tuple[list[float], list[float]]:
    return [each["minute"] for each in points], [each["held"] / _unit(row) for each in points]


def _unit(row: Figures) -> int:
    return SHOWN[row["what"]][1]
