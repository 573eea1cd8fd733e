"""The picture of `mynah bench turn`: what the median wait is made of, ours and Wyoming's."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from mynah import picture
from mynah.bench.modes import HANDS_FREE, HOLD, Mode
from mynah.bench.turn import TurnResult
from mynah.turn.record import STAGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS: Final = dict(
    zip(
        STAGES,
        (
            "#5b8fb9",
            picture.PALE,
            picture.BLUE,
            picture.ORANGE,
            "#f3d08b",
            picture.RED,
            "#8cb89f",
            "#4a7c6a",
        ),
        strict=True,
    )
)
"""Of like hue where one after the other does one thing: words, sound, radio."""

SHOWN_MS: Final = 1.0
"""A stage that never takes so long is left out: its bar would be a hair that nobody can name."""

_WAYS: Final = {HOLD: "button held", HANDS_FREE: "hands free"}
_TITLE: Final = "From the wearer's last sound to the reply's first, at the median"
_BAR_IN: Final = 0.42
_REST_IN: Final = 1.75
_BETWEEN: Final = 0.6  # of a bar, between two ways to talk
_ROOM: Final = 1.45  # of the longest wait, for the number at its end

Row = tuple[float, str, Mode]
"""Where, whose, what."""


def plot(result: TurnResult, path: Path) -> None:
    """A bar for each way to talk and each side, up to the median."""
    rows = _rows(result)
    figure = picture.figure(_REST_IN + _BAR_IN * (len(rows) + 1))
    axes = figure.subplots()
    _draw_bars(axes, rows)
    _draw_numbers(axes, rows, result)
    _dress(axes, rows, result)
    _explain(figure, axes)
    picture.save(figure, path)


def _rows(result: TurnResult) -> list[Row]:
    """From the top; a way that nobody was answered in has no bar."""
    rows: list[Row] = []
    at = 0.0
    for policy, way in _WAYS.items():
        sides = (("Mynah", result.ours.get(policy)), ("Wyoming", result.wyoming.get(policy)))
        for name, mode in sides:
            if mode is not None and mode.replies:
                rows.append((at, f"{name}\n{way}", mode))
                at += 1
        at += _BETWEEN
    return rows


def _draw_bars(axes: "Axes", rows: list[Row]) -> None:
    places = [at for at, _, _ in rows]
    begins = [0.0] * len(rows)
    for stage, colour in COLOURS.items():
        spans = [mode.waterfall_p50.get(stage, 0.0) for _, _, mode in rows]
        if max(spans, default=0.0) >= SHOWN_MS:
            label = stage.replace("_", " ")
            axes.barh(places, spans, left=begins, height=0.78, color=colour, label=label)
        begins = [begin + span for begin, span in zip(begins, spans, strict=True)]


def _draw_numbers(axes: "Axes", rows: list[Row], result: TurnResult) -> None:
    levels = [(mode.percentile_ms(50) or 0.0, mode.percentile_ms(95) or 0.0) for _, _, mode in rows]
    ratios = {id(mode): result.ratio(policy) for policy, mode in result.ours.items()}
    for (at, _, mode), (p50, p95) in zip(rows, levels, strict=True):
        # The medians of the parts may add up to more than the median of the whole.
        end = max(p50, sum(mode.waterfall_p50.values()))
        ratio = ratios.get(id(mode))
        first = f"{p50:.0f} ms" if ratio is None else f"{p50:.0f} ms: {ratio:.2f} of Wyoming's"
        second = f"p95 {p95:.0f} ms, {len(mode.replies)} turns"
        if any(
            mode is side.get(HANDS_FREE) for side in (result.ours, result.wyoming)
        ):  # a wait is never told without it
            second = f"{second}, {mode.false_cutoff_rate:.0%} cut off"
        for text, below, weight in ((first, 6, "bold"), (second, -7, None)):
            axes.annotate(
                text,
                (end, at),
                (6, below),
                va="center",
                textcoords="offset points",
                fontsize=9.5,
                fontweight=weight,
                color=picture.INK,
            )
    axes.set_xlim(0, max([p50 for p50, _ in levels], default=1.0) * _ROOM)


def _explain(figure: "Figure", axes: "Axes") -> None:
    figure.legend(
        handles=axes.get_legend_handles_labels()[0],
        title=_TITLE,
        alignment="left",
        loc="outside upper left",
        ncols=len(STAGES),
        frameon=False,
        fontsize=9,
        title_fontproperties={"size": 12, "weight": "bold"},
        labelcolor=picture.INK,
        handlelength=0.9,
        columnspacing=1.2,
        handletextpad=0.5,
    )


def _dress(axes: "Axes", rows: list[Row], result: TurnResult) -> None:
    axes.set_yticks([at for at, _, _ in rows], [name for _, name, _ in rows], fontsize=10)
    axes.invert_yaxis()
    settings = result.settings
    axes.set_xlabel(
        f"ms.  Whisper {settings.hearing.model}, {settings.companion}, "
        f"{settings.speaking.voice}. {result.machine}"
    )
    picture.dress(axes, lines="x")
