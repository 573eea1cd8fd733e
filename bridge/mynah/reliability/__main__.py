"""`python -m mynah.reliability`: the runs that RELIABILITY.md is made of, and the page itself."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mynah.config import Settings
from mynah.errors import MynahError
from mynah.heap import keep_heap_small
from mynah.reliability.ledger import ViolationError
from mynah.reliability.page import PICTURE
from mynah.reliability.page import page as page_of
from mynah.reliability.recordings import short_clips, speech_folder_or_error
from mynah.reliability.results import Result, read

app = typer.Typer(
    help="How far the promises hold.", no_args_is_help=True, pretty_exceptions_enable=False
)

Json = Annotated[Path | None, typer.Option("--json", help="Write the result there, for the page.")]
Seed = Annotated[int, typer.Option(min=0, help="Repeats a run.")]

MODULE: Final = ".venv/bin/python -m mynah.reliability"


@app.command()
def chaos(
    utterances: Annotated[int, typer.Option(min=1, help="At least so many.")] = 2000,
    seed: Seed = 1,
    touches: Annotated[int | None, typer.Option(min=1, help="One world of so many.")] = None,
    faults: Annotated[str | None, typer.Option(help="A plan, instead of chaos's own.")] = None,
    json: Json = None,
) -> None:
    """Everything that can go wrong, in virtual time. Exit code 1 at the first broken promise."""
    from mynah.reliability.chaos import FAULTS, Tally, once
    from mynah.reliability.chaos import chaos as run

    if touches is not None:
        once(seed, touches, faults or FAULTS)
        return
    begun_s = time.monotonic()
    with _progress() as progress:
        task = progress.add_task("chaos", total=utterances, news="")

        def show(tally: Tally) -> None:
            progress.update(task, completed=tally.figures["utterances"], news=tally.news)

        tally = run(utterances, seed, faults or FAULTS, show)
    more = f" --faults '{faults}'" if faults else ""
    command = f"{MODULE} chaos --utterances {utterances} --seed {seed}{more}"
    figures = tally.as_json() | {"seconds": time.monotonic() - begun_s}
    _finish(Result.now("chaos", command, figures), json)


@app.command()
def edges(json: Json = None) -> None:
    """The host ends, or its disk fills, at every edge of an utterance. In virtual time."""
    from mynah.reliability.edges import edges as run

    with _progress() as progress:
        task = progress.add_task("edges", total=None, news="")
        figures = run(lambda: progress.advance(task))
    _finish(Result.now("edges", f"{MODULE} edges", figures), json)


@app.command()
def stack(
    cuts: Annotated[int, typer.Option(min=1, help="Of each kind; each takes 2.5 s.")] = 200,
    seed: Seed = 1,
    json: Json = None,
) -> None:
    """The same in real time, with a real MicroPython and a real Bluetooth stack, no models."""
    from mynah.reliability.stack import KINDS, Story
    from mynah.reliability.stack import stack as run

    with _progress() as progress:
        task = progress.add_task("stack", total=cuts * len(KINDS), news="")

        def show(story: Story) -> None:
            news = (
                f"{len(story.over)} said, {len(story.told)} came, {sum(story.lost.values())} lost"
            )
            progress.update(task, advance=1, news=news)

        figures = asyncio.run(run(cuts, seed, show))
    _finish(Result.now("stack", f"{MODULE} stack --cuts {cuts} --seed {seed}", figures), json)
    if figures["silent"] or figures["duplicated"]:
        raise ViolationError(f"seed {seed}: something was lost silently, or came twice")


@app.command()
def soak(
    hours: Annotated[float, typer.Option(min=0.01, help="Real ones.")] = 1.0,
    seed: Seed = 1,
    faults: Annotated[str | None, typer.Option(help="A plan, instead of the soak's own.")] = None,
    json: Json = None,
) -> None:
    """Hours of conversation with models and faults. Exit code 1 at a broken promise."""
    from mynah.reliability.soak import FAULTS, Heard
    from mynah.reliability.soak import soak as run

    with _progress() as progress:
        task = progress.add_task("soak, turns", total=None, news="")

        def show(heard: Heard) -> None:
            errors = sum(heard.errors.values())
            progress.update(task, completed=heard.turns, news=f"{errors} told of trouble")

        figures = asyncio.run(run(hours, seed, short_clips(), faults or FAULTS, show))
    more = f" --faults '{faults}'" if faults else ""
    command = f"{MODULE} soak --hours {hours:g} --seed {seed}{more}"
    _finish(Result.now("soak", command, figures), json)


@app.command()
def loss(
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many clips.")] = None,
    json: Json = None,
) -> None:
    """Words heard where records are lost, beside the clean run."""
    from mynah.bench.clips import listed
    from mynah.needs import find_models
    from mynah.reliability.loss import SHARES, measure
    from mynah.speech.asr import WhisperTranscriber

    settings = Settings()
    clips = listed(speech_folder_or_error(), "en", limit)
    transcriber = WhisperTranscriber(find_models(settings).hearing)
    with _progress() as progress:
        task = progress.add_task("loss, clips", total=len(clips) * len(SHARES), news="")

        async def run() -> dict[str, Any]:
            try:
                model = settings.hearing.model
                return await measure(clips, transcriber, model, lambda: progress.advance(task))
            finally:
                await transcriber.stop()

        figures = asyncio.run(run())
    more = f" --limit {limit}" if limit else ""
    _finish(Result.now("loss", f"{MODULE} loss{more}", figures), json)


@app.command()
def page(
    results: Annotated[Path, typer.Argument(help="The folder with the results.")],
    out: Annotated[Path, typer.Option(help="The page.")] = Path("RELIABILITY.md"),
) -> None:
    """Make RELIABILITY.md of the results in a folder, and the soak's picture beside it."""
    from mynah.reliability import soak_plot

    found = read(results)
    if (soak := found.get("soak")) and soak_plot.drawable(soak.figures):
        soak_plot.plot(soak.figures, out.parent / PICTURE)
    out.write_text(page_of(found), "utf-8")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[news]}"),
        console=Console(stderr=True),
    )


def _finish(result: Result, path: Path | None) -> None:
    """Show a result as the page will, and keep it if that is wanted."""
    from rich.markdown import Markdown

    from mynah.reliability.sections import SECTIONS

    Console().print(Markdown("\n".join(SECTIONS[result.kind][1](result.figures))))
    if path is not None:
        result.write(path)


def main() -> None:
    """Run a command; an error is one line."""
    keep_heap_small()  # as `mynah` itself does
    try:
        app()
    except MynahError as error:
        Console(stderr=True, soft_wrap=True).print(str(error), style="red", markup=False)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
