"""`mynah capture`: a session into a file that can be played again, and played again."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.capture.compare import Compared
    from mynah.config import Settings

WORDS = "it holds what was said and answered; look through it before you give it to anybody"

Clips = Annotated[
    list[Path] | None,
    typer.Argument(help="Recordings to speak into an emulated ring; without any, as `mynah run`."),
]
Link = Annotated[str | None, typer.Option(help="Which ring, as for `mynah run`.")]
Companion = Annotated[
    str | None, typer.Option(help="Who answers: a name from `mynah companion list`.")
]
HandsFree = Annotated[bool, typer.Option("--hands-free", help="One tap, many turns.")]
Config = Annotated[Path | None, typer.Option(help="Settings in TOML.")]
Out = Annotated[Path, typer.Option(help="The file to write.")]
Audio = Annotated[bool, typer.Option("--audio", help="With the voice, as the ring sent it.")]
Check = Annotated[
    Path | None, typer.Option(help="Record nothing: play this capture, and compare its turns.")
]


def capture(
    clips: Clips = None,
    link: Link = None,
    companion: Companion = None,
    hands_free: HandsFree = False,
    config: Config = None,
    out: Out = Path("capture.jsonl"),
    audio: Audio = False,
    check: Check = None,
) -> None:
    """Record what the ring says and what all answer; `--check` plays it, in virtual time.

    With `--check`, exit code 0 if every turn comes out as it did, 1 if not, 2 if it is no capture.
    """
    if check is not None:
        raise typer.Exit(_check(check))
    from mynah.config import load

    settings = load(config).overridden(link=link, companion=companion, hands_free=hands_free)
    code = asyncio.run(_record(settings, clips or [], out, audio=audio))
    typer.echo(f"{out}: {WORDS}")
    raise typer.Exit(code)


async def _record(settings: "Settings", clips: list[Path], out: Path, *, audio: bool) -> int:
    from mynah.capture.recorder import Recorder
    from mynah.cli.run import keep_conversing
    from mynah.cli.view import TerminalView
    from mynah.scripted import Script, converse
    from mynah.stages import stages_of

    with Recorder(out, audio=audio) as recorder:
        if not clips:
            return await keep_conversing(settings, recorder)
        stages = stages_of(settings)
        stages.witness = recorder
        return await converse(Script(tuple(clips), settings, stages=stages), TerminalView())


def _check(path: Path) -> int:
    from mynah.capture.compare import compare

    compared = compare(path)
    for line in _lines(compared):
        typer.echo(line)
    return 0 if compared.same else 1


def _lines(compared: "Compared") -> list[str]:
    lines = [
        f"connection {each.connection}, turn {each.turn}, {each.what}: "
        f"captured {each.captured!r}; now {each.now!r}"
        for each in compared.changes
    ]
    told = "all as captured" if compared.same else "not as captured"
    return [*lines, f"{compared.turns} turns, {told}"]
