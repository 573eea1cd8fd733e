"""How `mynah bench` is shown: a line a turn while it runs, then the figures."""

from contextlib import AbstractContextManager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mynah.bench.endpoint import EndpointResult, Point
from mynah.bench.turn import TurnResult
from mynah.turn.record import TurnRecord
from mynah.view import View

NO_CUT_OFFS = "A held button cuts nobody off, so there are no false cut-offs to count."


class Progress(View):
    """On standard error: standard output is for the figures."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)

    def busy(self, what: str) -> AbstractContextManager[object]:
        """Something takes a while."""
        return self._console.status(Text(what))

    def turn(self, record: TurnRecord, companion: str) -> None:
        """A turn is over."""
        del companion
        name = Path(record.input or "").stem
        told = f"{record.v2v_ms:.0f} ms" if record.v2v_ms is not None else "no reply"
        if record.error is not None:
            told = f"{told}: {record.error}"
        self._console.print(f"{record.turn:>3}  {name}  {told}", style="dim", markup=False)


def print_turns(result: TurnResult) -> None:
    """The figures, as a person reads them."""
    console = Console(highlight=False)
    console.print(_summary(result))
    console.print(_stages(result))
    console.print(NO_CUT_OFFS, style="dim")
    for turn in result.failed:
        line = f"{turn.input}: {turn.error or 'no reply'}"
        console.print(line, style="red", markup=False, soft_wrap=True)


def print_endpoint(result: EndpointResult) -> None:
    """Each policy where 5 % are cut off, and as its makers set it."""
    table = Table(title=f"When the turn is taken, over {len(result.turns)} turns")
    table.add_column("policy, run by us")
    for heading in ("p50 at 5 % cut off", "as set: p50", "p95", "cut off"):
        table.add_column(heading, justify="right")
    for name, least_ms in result.latency_at_5pct.items():
        table.add_row(name, _wait(least_ms), *_levels(result.own[name]))
    table.add_section()
    for name, each in result.profiles.items():
        table.add_row(name, "", *_levels(each))
    console = Console(highlight=False)
    console.print(table)
    for policy in result.policies:
        console.print(f"{policy.name}: {policy.says}", style="dim", markup=False)
    for name, reason in result.left_out.items():
        console.print(f"left out: {name}: {reason}", style="yellow", markup=False)


def _levels(each: Point) -> tuple[str, str, str]:
    p50, p95 = _wait(each.latency_p50_ms), _wait(each.latency_p95_ms)
    return p50, p95, f"{each.false_cutoff_rate:.1%}"


def _wait(wait_ms: float | None) -> str:
    return "never" if wait_ms is None else f"{wait_ms:.0f} ms"


def _summary(result: TurnResult) -> Table:
    table = Table(title="Voice to voice, button held", show_header=False)
    v2v, settings = result.v2v, result.settings
    if v2v is not None:
        levels = f"p50 {v2v.p50:.0f} ms, p95 {v2v.p95:.0f} ms, max {v2v.max:.0f} ms"
        table.add_row("voice to voice", levels, style="bold")
    table.add_row("clips", f"{len(result.clips)}, {len(result.answered)} of them answered")
    rate = f"word error rate {result.word_error_rate:.1%}"
    table.add_row("hearing", f"{settings.hearing.model}, {rate}")
    table.add_row("answering", f"{settings.companion}, in the voice {settings.speaking.voice}")
    bound = ", ".join(f"{_named(stage)} {count}" for stage, count in result.bound_by.items())
    table.add_row("bound by", bound)
    table.add_row("ring", settings.link)
    lost = f"{result.counted('lost_frames')} lost, {result.counted('underruns')} underruns"
    table.add_row("frames", f"{result.counted('frames')}, {lost}")
    return table


def _stages(result: TurnResult) -> Table:
    caption = "p50 and p95 are each stage's own and don't add up; the middle turn's parts do"
    table = Table(title="Where the time went, in ms", caption=caption)
    table.add_column("stage")
    for heading in ("p50", "p95", "middle turn"):
        table.add_column(heading, justify="right")
    middle = result.middle.waterfall if result.middle else {}
    for stage, figures in result.stages.items():
        span = f"{middle[stage]:.0f}" if stage in middle else ""
        table.add_row(_named(stage), f"{figures.p50:.0f}", f"{figures.p95:.0f}", span)
    if result.v2v is not None and result.middle is not None:
        table.add_section()
        whole = (result.v2v.p50, result.v2v.p95, result.middle.v2v_ms or 0.0)
        table.add_row("voice to voice", *(f"{ms:.0f}" for ms in whole), style="bold")
    return table


def _named(stage: str) -> str:
    return stage.replace("_", " ")
