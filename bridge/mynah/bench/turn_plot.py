"""The picture of `mynah bench turn`: each turn's waterfall, the fastest on top."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mynah.bench.turn import TurnResult
from mynah.errors import UserError
from mynah.turn.record import STAGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS: Final = dict(
    zip(
        STAGES,
        ("#5b8fb9", "#c9ced6", "#1f4e79", "#e8a33d", "#f3d08b", "#c4553b", "#8cb89f", "#4a7c6a"),
        strict=True,
    )
)
"""Of like hue where one after the other does one thing: words, sound, radio."""

SHOWN_MS: Final = 1.0
"""A stage that never takes so long is left out: its bar would be a hair that nobody can name."""

_INK: Final = "#2b2f36"
_FAINT: Final = "#8a9099"
_WIDTH_IN: Final = 10.0
_BAR_IN: Final = 0.26
_REST_IN: Final = 2.1
_ROOM: Final = 1.08  # of the longest bar, for the number at its end


def ready(path: Path) -> None:
    """UserError if no picture can be drawn there: to be asked before minutes are spent."""
    if importlib.util.find_spec("matplotlib") is None:
        raise UserError("--plot needs matplotlib: pip install 'mynah-companion[plot]'")
    if not path.resolve().parent.is_dir():
        raise UserError(f"{path}: can't be drawn, its folder does not exist")


def plot(result: TurnResult, path: Path) -> None:
    """One bar a turn, made of its stages; lines at p50 and p95."""
    from matplotlib.figure import Figure

    height_in = _REST_IN + _BAR_IN * max(4, len(result.answered))
    figure = Figure(figsize=(_WIDTH_IN, height_in), layout="constrained")
    axes = figure.subplots()
    _draw_bars(axes, result)
    _draw_levels(axes, result)
    _dress(axes, result)
    _explain(figure, axes, f"Voice to voice, button held, {len(result.answered)} turns")
    figure.savefig(path, dpi=150, format="png")


def _draw_bars(axes: "Axes", result: TurnResult) -> None:
    turns = result.answered
    rows = range(len(turns))
    begins = [0.0] * len(turns)
    for stage, colour in COLOURS.items():
        spans = [turn.waterfall.get(stage, 0.0) for turn in turns]
        if max(spans, default=0.0) >= SHOWN_MS:
            label = stage.replace("_", " ")
            axes.barh(rows, spans, left=begins, height=0.74, color=colour, label=label)
        begins = [begin + span for begin, span in zip(begins, spans, strict=True)]
    for row, turn in enumerate(turns):
        axes.annotate(
            f"{turn.v2v_ms:.0f}",
            (turn.v2v_ms or 0.0, row),
            (5, 0),
            va="center",
            textcoords="offset points",
            fontsize=8,
            color=_INK,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        )


def _explain(figure: "Figure", axes: "Axes", title: str) -> None:
    figure.legend(
        handles=axes.get_legend_handles_labels()[0],
        title=title,
        alignment="left",
        loc="outside upper left",
        ncols=len(STAGES),
        frameon=False,
        fontsize=9,
        title_fontproperties={"size": 12, "weight": "bold"},
        labelcolor=_INK,
        handlelength=0.9,
        columnspacing=1.3,
        handletextpad=0.5,
    )


def _draw_levels(axes: "Axes", result: TurnResult) -> None:
    if result.v2v is None:
        return
    for name, level_ms, side in (("p50", result.v2v.p50, "right"), ("p95", result.v2v.p95, "left")):
        axes.axvline(level_ms, color=_INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            f" {name} {level_ms:.0f} ms ",
            (level_ms, 1),
            (0, 3),
            ha=side,
            va="bottom",
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=9,
            fontweight="bold",
            color=_INK,
        )
    axes.set_xlim(0, result.v2v.max * _ROOM)


def _dress(axes: "Axes", result: TurnResult) -> None:
    turns = result.answered
    names = [Path(turn.input or "").stem for turn in turns]
    axes.set_yticks(range(len(turns)), names, fontsize=8)
    axes.set_ylim(max(len(turns), 1) - 0.4, -0.6)
    settings = result.settings
    made_of = f"Whisper {settings.hearing.model}, {settings.companion}, {settings.speaking.voice}"
    axes.set_xlabel(f"ms from the release of the button to the reply's first sound  ({made_of})")
    axes.xaxis.label.set_color(_INK)
    axes.tick_params(length=0, colors=_INK)
    axes.spines[:].set_visible(False)
    axes.grid(axis="x", color=_FAINT, alpha=0.25, linewidth=0.8)
    axes.set_axisbelow(True)
