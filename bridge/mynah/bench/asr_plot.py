"""The picture of `mynah bench asr`: how long the words take, by how long the clip is."""

from pathlib import Path
from typing import Final

from mynah.bench.asr import GATED, SPLICED, STOCK, AsrResult

LOOKS: Final = {
    STOCK: ("faster-whisper, 5 beams", "#8a9099", "o"),
    GATED: ("decoded again where unsure", "#e8a33d", "o"),
    SPLICED: ("first words", "#1f4e79", "o"),
}
"""In the order in which they are drawn: the first words hide those that were not decoded again."""

_INK: Final = "#2b2f36"
_FAINT: Final = "#8a9099"
_SIZE_IN: Final = (9.0, 5.0)


def plot(result: AsrResult, path: Path) -> None:
    """A dot a clip and way; the levels and the word error rates in the legend."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE_IN, layout="constrained")
    axes = figure.subplots()
    for way, (title, colour, marker) in LOOKS.items():
        hearings = result.of(way)
        axes.scatter(
            [each.seconds for each in hearings],
            [each.ms for each in hearings],
            s=26,
            color=colour,
            marker=marker,
            linewidths=0,
            label=f"{title}: p50 {result.percentile_ms(way, 50):.0f} ms, "
            f"p95 {result.percentile_ms(way, 95):.0f} ms, {result.wer(way):.1%} of words wrong",
        )
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("length of the clip, s", color=_INK)
    axes.set_ylabel("from its end to its words, ms", color=_INK)
    axes.tick_params(length=0, colors=_INK)
    axes.spines[:].set_visible(False)
    axes.grid(color=_FAINT, alpha=0.25, linewidth=0.8)
    axes.set_axisbelow(True)
    figure.legend(
        title=f"Whisper {result.model}, {len(result.of(STOCK))} clips, one thread",
        alignment="left",
        loc="outside upper left",
        frameon=False,
        fontsize=9,
        title_fontproperties={"size": 12, "weight": "bold"},
        labelcolor=_INK,
    )
    figure.savefig(path, dpi=150, format="png")
