"""How `mynah bench turn` is shown: ours, the Wyoming pair, and the ratio, in each way to talk."""

from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from mynah.bench.modes import HANDS_FREE, HOLD, Mode
from mynah.bench.turn import TurnResult

TITLES = {HOLD: "Voice to voice, button held", HANDS_FREE: "Voice to voice, hands free"}
NO_PEERS = "Without the Wyoming pair there is nothing to compare with."


def print_turns(result: TurnResult) -> None:
    """The figures, as a person reads them."""
    console = Console(highlight=False)
    for policy, ours in result.ours.items():
        console.print(_table(result, policy, ours))
    settings = result.settings
    console.print(
        f"{result.machine}; ours kept {result.cpu_cores:.2f} cores busy",
        f"{len(result.clips)} clips of {result.source}",
        f"{settings.hearing.model}, {settings.companion}, {settings.speaking.voice}",
        *([] if result.wyoming else [NO_PEERS]),
        sep="\n",
        style="dim",
        markup=False,
    )
    for clip, reason in result.failed:
        line = f"{clip.path}: {reason}"
        console.print(line, style="red", markup=False, soft_wrap=True)


def _table(result: TurnResult, policy: str, ours: Mode) -> Table:
    theirs, ratio = result.wyoming.get(policy), result.ratio(policy)
    table = Table(title=TITLES[policy])
    table.add_column("")
    for heading in ("ours", "Wyoming", "ratio") if theirs else ("ours",):
        table.add_column(heading, justify="right")

    def row(name: str, told: Callable[[Mode], str], last: str = "", style: str = "") -> None:
        beside = () if theirs is None else (told(theirs), last)
        table.add_row(name, told(ours), *beside, style=style)

    row("p50", _level(50), "" if ratio is None else f"{ratio:.2f}", style="bold")
    row("p95", _level(95))
    row("turns", lambda mode: str(len(mode.replies)))
    row("words wrong", lambda mode: f"{mode.wer:.1%}")
    if policy == HANDS_FREE:  # a held button cuts nobody off
        row("cut off", lambda mode: f"{mode.false_cutoff_rate:.1%}")
    row("cores busy", lambda mode: f"{mode.cpu_cores:.2f}")
    row("frames lost", lambda mode: str(mode.counted("lost_frames")))
    row("underruns", lambda mode: str(mode.counted("underruns")))
    table.add_section()
    for stage in _stages(ours, theirs):
        row(stage.replace("_", " "), _span(stage))
    return table


def _stages(*modes: Mode | None) -> list[str]:
    """That took any time, in order."""
    each = [mode.waterfall_p50 for mode in modes if mode is not None]
    return [stage for stage in each[0] if any(spans.get(stage) for spans in each)]


def _level(percent: float) -> Callable[[Mode], str]:
    return lambda mode: _ms(mode.percentile_ms(percent))


def _span(stage: str) -> Callable[[Mode], str]:
    return lambda mode: _ms(mode.waterfall_p50.get(stage, 0.0))


def _ms(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f} ms"
