"""How `mynah bench asr` is shown."""

from rich.console import Console
from rich.table import Table

from mynah.bench.asr import GATED, SPLICED, STOCK, WAYS, AsrResult
from mynah.bench.machine import machine

TITLES = {
    SPLICED: "first words",
    GATED: "words, decoded again where unsure",
    STOCK: "faster-whisper, 5 beams",
}


def print_asr(result: AsrResult) -> None:
    """The figures, as a person reads them."""
    console = Console(highlight=False)
    count = len(result.of(STOCK))
    caption = f"one thread each; {machine()}"
    table = Table(title=f"{result.model}, {count} clips in one run", caption=caption)
    table.add_column("")
    for heading in ("p50 ms", "p95 ms", "of stock", "words wrong", "loops"):
        table.add_column(heading, justify="right")
    for way in WAYS:
        levels = (f"{result.percentile_ms(way, percent):.0f}" for percent in (50, 95))
        share = f"{result.ratio(way):.2f}"
        loops = str(len(result.loops(way)))
        table.add_row(TITLES[way], *levels, share, f"{result.wer(way):.1%}", loops)
    console.print(table)
    for way in WAYS:
        for hearing in result.loops(way):
            line = f"{hearing.clip.path}, {TITLES[way]}: {hearing.text}"
            console.print(line, style="red", markup=False, soft_wrap=True)
