"""The picture of `mynah bench endpoint`: each policy's curve, lower and further left is better."""

from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mynah import picture
from mynah.bench.endpoint import ALLOWED, EndpointResult, Point
from mynah.bench.policies import OURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RUN_BY_US: Final = (
    "policies of other stacks, run again by us on the same pauses and words; rings: as they are set"
)

LARGEST_SHARE: Final = 0.4
"""Of turns cut off: nobody talks to what interrupts more often."""

LONGEST_MS: Final = 2600
"""Beyond the longest of the peers' delays."""

_COLOURS: Final = (
    picture.BLUE,
    "#5b8fb9",
    picture.GREY,
    picture.ORANGE,
    "#4a7c6a",
    "#7d5ba6",
    "#a0522d",
)
_DASHES: Final = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
_HEIGHT_IN: Final = 5.4


def plot(result: EndpointResult, path: Path) -> None:
    """Latency over false cut-offs; a ring at each policy's own setting."""
    figure = picture.figure(_HEIGHT_IN)
    axes = figure.subplots()
    looks = zip(cycle(_COLOURS), cycle(_DASHES), strict=False)
    for policy in result.policies:
        ours = policy.name == OURS
        colour, dashes = (picture.RED, "-") if ours else next(looks)
        _draw(
            axes,
            result.curves[policy.name],
            colour,
            policy.name,
            width=2.6 if ours else 1.4,
            dashes=dashes,
        )
        if not ours:
            _mark(axes, result.own[policy.name], colour)
    for name, each in result.profiles.items():
        _mark(axes, each, picture.RED, name)
    _dress(axes, result)
    picture.save(figure, path)


def _draw(
    axes: "Axes", points: list[Point], colour: str, label: str, *, width: float, dashes: object
) -> None:
    known = [
        (100 * each.false_cutoff_rate, each.latency_p50_ms)
        for each in points
        if each.latency_p50_ms is not None
    ]
    axes.plot(
        *zip(*known, strict=True), color=colour, label=label, linewidth=width, linestyle=dashes
    )


def _mark(axes: "Axes", each: Point, colour: str, label: str = "") -> None:
    share = 100 * each.false_cutoff_rate
    if each.latency_p50_ms is None or share > 100 * LARGEST_SHARE:
        return
    axes.plot(share, each.latency_p50_ms, "o", color=colour, markerfacecolor="white", markersize=6)
    where = (share, each.latency_p50_ms)
    axes.annotate(label, where, (6, 5), textcoords="offset points", fontsize=9, color=colour)


def _dress(axes: "Axes", result: EndpointResult) -> None:
    axes.axvline(100 * ALLOWED, color=picture.INK, linewidth=1, linestyle=(0, (4, 3)))
    axes.set_xlim(0, 100 * LARGEST_SHARE)
    axes.set_ylim(0, LONGEST_MS)
    axes.set_xlabel("turns cut off before their end, %")
    axes.set_ylabel("median from done to the turn taken, ms")
    title = f"When to take the turn: {len(result.turns)} turns of people's speech"
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold", color=picture.INK, pad=18)
    axes.text(
        0, 1.005, RUN_BY_US, transform=axes.transAxes, fontsize=8.5, color=picture.INK, va="bottom"
    )
    axes.legend(frameon=False, fontsize=9.5, labelcolor=picture.INK, loc=(0.33, 0.62))
    picture.dress(axes)
