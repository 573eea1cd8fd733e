"""`mynah bench`: figures, measured here and now."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mynah import picture

if TYPE_CHECKING:
    from mynah.bench.asr import AsrResult
    from mynah.bench.clips import Clip
    from mynah.bench.link import LinkResult
    from mynah.bench.turn import TurnResult
    from mynah.bench.two_rings import RingsResult
    from mynah.cli.bench_view import Progress
    from mynah.config import Settings

app = typer.Typer(help="Measure: figures from this computer, now.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")]
Plot = Annotated[Path | None, typer.Option(help="Draw the result into this PNG.")]
Speech = Annotated[
    Path | None,
    typer.Option(
        help="Recordings of speech and their manifest.tsv; else the folder in MYNAH_SPEECH, else "
        "some that are fetched; synthesised lines if there are none, where those will do."
    ),
]
Peers = Annotated[
    bool | None,
    typer.Option("--peers/--no-peers", help="The Wyoming pair as well; default: if it is here."),
]
Limit = Annotated[int | None, typer.Option(min=1, help="At most so many recordings.")]
Link = Annotated[str, typer.Option("--link", help="Which emulated ring, on what air.")]

TURNS = 24
"""Clips of `bench turn`: each is spoken four times, in real time."""


class Way(StrEnum):
    """How to talk."""

    HOLD = "hold"
    HANDS_FREE = "hands-free"
    BOTH = "both"


@app.command("link")
def link(
    link_uri: Link = "emulator:",
    seconds: Annotated[float, typer.Option(min=1.0, max=600.0, help="How long.")] = 30.0,
    as_json: Json = False,
    plot: Plot = None,
) -> None:
    """Sealed speech both ways at once. Exit code 0 if every frame came, once and in order."""
    from rich.console import Console

    from mynah.bench import link as bench_link

    if plot is not None:
        picture.ready(plot)
    busy = Console(stderr=True).status(f"{seconds:g} s of speech both ways")
    with busy:
        result = asyncio.run(bench_link.measure(link_uri, seconds))
    if as_json:
        typer.echo(json.dumps(result.as_json()))
    else:
        _print(result)
    if plot is not None:
        bench_link.plot(result, plot)
    raise typer.Exit(0 if result.whole else 1)


@app.command("turn")
def turn(
    *,
    link_uri: Link = "emulator:",
    companion: Annotated[
        str, typer.Option(help="Who answers: a name from `mynah companion list`.")
    ] = "parrot",
    model: Annotated[str | None, typer.Option(help="The Whisper model that listens.")] = None,
    speech: Speech = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many recordings.")] = TURNS,
    policy: Annotated[Way, typer.Option(help="Ways to talk.")] = Way.BOTH,
    peers: Peers = None,
    as_json: Json = False,
    plot: Plot = None,
) -> None:
    """Voice to voice: from the wearer's last sound to the reply's first, beside the Wyoming pair.

    The button held, then hands free. The parrot takes no time of its own, so that the rest is
    measured. Exit code 0 if every clip had a reply of ours.
    """
    from mynah.bench import turn_plot
    from mynah.bench.turn import POLICIES
    from mynah.cli.turn_view import print_turns
    from mynah.config import load

    if plot is not None:
        picture.ready(plot)
    settings = _heard_by(load().overridden(link=link_uri, companion=companion), model)
    policies = POLICIES if policy is Way.BOTH else (policy.replace("-", "_"),)
    result = asyncio.run(_turns(settings, speech, limit, policies, peers=peers))
    if as_json:
        typer.echo(json.dumps(result.as_json(), ensure_ascii=False))
    else:
        print_turns(result)
    if plot is not None:
        turn_plot.plot(result, plot)
    raise typer.Exit(1 if result.failed else 0)


def _has_peers(view: "Progress", *, wanted: bool | None) -> bool:
    """Whether the Wyoming pair can run; UserError if it is wanted and can't."""
    from mynah.bench import wyoming_server
    from mynah.errors import UserError

    problem = wyoming_server.missing()
    if wanted and problem:
        raise UserError(problem)
    if wanted is None and problem:
        view.trouble(f"without the Wyoming pair: {problem}")
    return wanted is not False and problem is None


@app.command("endpoint")
def endpoint(
    speech: Speech = None,
    limit: Limit = None,
    as_json: Json = False,
    plot: Plot = None,
) -> None:
    """When the turn is taken: how late, and how often too early, beside other stacks' policies.

    English recordings, with pauses, fillers, digits and noise put in; what Whisper heard in them is
    kept, so that the first run takes minutes and the next seconds.
    """
    from mynah.bench import endpoint as bench_endpoint
    from mynah.bench import endpoint_plot
    from mynah.cli.bench_view import Progress, print_endpoint

    if plot is not None:
        picture.ready(plot)
    result = asyncio.run(bench_endpoint.measure(speech, limit, Progress()))
    if as_json:
        typer.echo(json.dumps(result.as_json()))
    else:
        print_endpoint(result)
    if plot is not None:
        endpoint_plot.plot(result, plot)


@app.command("asr")
def asr(
    model: Annotated[str | None, typer.Option(help="The Whisper model that listens.")] = None,
    language: Annotated[str | None, typer.Option(help="Of the recordings; or auto.")] = None,
    speech: Speech = None,
    limit: Limit = None,
    as_json: Json = False,
    plot: Plot = None,
) -> None:
    """Words: how soon after a clip's end, and how many are wrong, beside stock faster-whisper.

    Exit code 0 unless a clip's words go round in circles.
    """
    from mynah.bench import asr as bench_asr
    from mynah.bench import asr_plot
    from mynah.cli.asr_view import print_asr
    from mynah.config import load

    if plot is not None:
        picture.ready(plot)
    settings = _heard_by(load(), model, language)
    result = asyncio.run(_words(settings, speech, limit))
    if as_json:
        typer.echo(json.dumps(result.as_json()))
    else:
        print_asr(result)
    if plot is not None:
        asr_plot.plot(result, plot)
    raise typer.Exit(1 if result.loops(bench_asr.SPLICED) + result.loops(bench_asr.GATED) else 0)


@app.command("recovery")
def recovery(
    link_uri: Link = "emulator:recovery",
    times: Annotated[int, typer.Option(min=1, help="How often each trouble happens.")] = 20,
    as_json: Json = False,
) -> None:
    """How soon the next turn can begin once a ring, the radio, the adapter or the bridge is back.

    Exit code 0 if 95 of 100 times it was within 5 seconds, whatever the trouble was.
    """
    from mynah.bench import recovery as bench_recovery
    from mynah.cli.bench_view import Progress
    from mynah.cli.reach_view import print_recovery

    counts = dict.fromkeys(bench_recovery.FAULTS, times)
    result = asyncio.run(bench_recovery.measure(link_uri, counts, Progress()))
    if as_json:
        typer.echo(json.dumps(result.as_json()))
    else:
        print_recovery(result)
    raise typer.Exit(0 if result.as_promised else 1)


@app.command("rings")
def rings(
    *,
    link_uri: Link = "emulator:",
    companion: Annotated[
        str, typer.Option(help="Who answers: a name from `mynah companion list`.")
    ] = "parrot",
    speech: Speech = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many recordings.")] = TURNS,
    as_json: Json = False,
) -> None:
    """Two rings on one bridge talk at once: what each waits, beside one that is alone.

    Exit code 0 if every recording had a reply.
    """
    from mynah.cli.reach_view import print_rings
    from mynah.config import load

    settings = load().overridden(link=link_uri, companion=companion)
    result = asyncio.run(_two_rings(settings, speech, limit))
    if as_json:
        typer.echo(json.dumps(result.as_json()))
    else:
        print_rings(result)
    raise typer.Exit(0 if result.whole else 1)


async def _two_rings(settings: "Settings", speech: Path | None, limit: int) -> "RingsResult":
    from mynah.bench import two_rings
    from mynah.cli.bench_view import Progress

    view = Progress()
    async with _clips(settings, speech, limit, view) as (said, _):
        return await two_rings.measure(said, settings, view)


def _heard_by(settings: "Settings", model: str | None, language: str | None = None) -> "Settings":
    chosen = {"model": model, "language": language}
    hearing = settings.hearing.model_copy(update={k: v for k, v in chosen.items() if v})
    return settings.model_copy(update={"hearing": hearing})


@asynccontextmanager
async def _clips(
    settings: "Settings", speech: Path | None, limit: int | None, view: "Progress"
) -> AsyncIterator[tuple[tuple["Clip", ...], str]]:
    """Recordings, or if there are none a few lines in the voice of the settings; whose they are."""
    from mynah.bench import clips
    from mynah.cli.run import LINES

    folder = speech or clips.speech_folder()
    if folder is not None:
        yield clips.listed(folder, settings.hearing.language, limit), str(folder)
        return
    with tempfile.TemporaryDirectory(prefix="mynah-lines-") as made:
        with view.busy("no recordings are here: synthesising two lines"):
            said = await clips.synthesised(LINES[:limit], settings.speaking.voice, Path(made))
        yield said, f"synthesised, in the voice {settings.speaking.voice}"


async def _words(settings: "Settings", speech: Path | None, limit: int | None) -> "AsrResult":
    from mynah.bench import asr
    from mynah.cli.bench_view import Progress
    from mynah.speech.models import find

    view, hearing = Progress(), settings.hearing
    model = find(hearing.model)
    async with _clips(settings, speech, limit, view) as (said, _):
        return await asr.measure(said, hearing.model, model, hearing.language, view)


async def _turns(
    settings: "Settings",
    speech: Path | None,
    limit: int,
    policies: tuple[str, ...],
    *,
    peers: bool | None,
) -> "TurnResult":
    from mynah.bench import turn
    from mynah.cli.bench_view import Progress

    view = Progress()
    beside = _has_peers(view, wanted=peers)
    async with _clips(settings, speech, limit, view) as (said, source):
        return await turn.measure(
            said, settings, view, policies=policies, peers=beside, source=source
        )


def _print(result: "LinkResult") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{result.seconds:g} s of speech both ways", show_header=False)
    up = f"{result.up_frames} frames, {result.up_lost} lost"
    table.add_row("up", up + (", in order" if result.up_in_order else ", OUT OF ORDER"))
    down = f"{result.down_frames} frames, {result.down_played} played"
    table.add_row("down", f"{down}, {result.underruns} underruns")
    levels = ", ".join(f"p{p} {result.percentile_ms(p):.0f}" for p in (50, 95, 99))
    table.add_row("last sample to host", f"{levels}, max {result.percentile_ms(100):.0f} ms")
    table.add_row("link", f"interval {result.interval_ms:g} ms, MTU {result.mtu}")
    queues = f"radio {result.deepest_radio_queue}, host {result.deepest_host_queue}"
    table.add_row("deepest queues", f"{queues}; full {result.enomem} times")
    Console().print(table)
