"""The picture of `mynah bench asr`: how long the words take, by how long the clip is."""

from pathlib import Path
from typing import Final

from mynah import picture
from mynah.bench.asr import GATED, SPLICED, STOCK, AsrResult

LOOKS: Final = {
    STOCK: ("faster-whisper, 5 beams", picture.GREY, "o"),
    GATED: ("decoded again where unsure", picture.ORANGE, "o"),
    SPLICED: ("first words", picture.BLUE, "o"),
}
"""In the order in which they are drawn: the first words hide those that were not decoded again."""

_HEIGHT_IN: Final = 4.4


def plot(result: AsrResult, path: Path) -> None:
    """A dot a clip and way; the levels and the word error rates in the legend."""
    figure = picture.figure(_HEIGHT_IN)
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
    axes.set_xlabel("length of the clip, s")
    axes.set_ylabel("from its end to its words, ms")
    picture.dress(axes)
    figure.legend(
        title=f"Whisper {result.model}, {len(result.of(STOCK))} clips, one thread",
        alignment="left",
        loc="outside upper left",
        frameon=False,
        fontsize=9,
        title_fontproperties={"size": 12, "weight": "bold"},
        labelcolor=picture.INK,
    )
    picture.save(figure, path)
