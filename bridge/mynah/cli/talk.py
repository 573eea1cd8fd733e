"""`mynah talk`: a scripted wearer speaks recordings into an emulated ring."""

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.scripted import Script
    from mynah.view import View

Clips = Annotated[list[Path], typer.Argument(help="Recordings of speech, one turn each.")]
Link = Annotated[
    str | None,
    typer.Option(help="emulator:NAME?loss=0.02&interval=30&mtu=247&phy=1, emulator:?board=NAME."),
]
Companion = Annotated[
    str | None, typer.Option(help="Who answers: a name from `mynah companion list`.")
]
Config = Annotated[Path | None, typer.Option(help="Settings in TOML.")]
Out = Annotated[
    Path | None,
    typer.Option(help="Folder for turns.jsonl, microphone.wav, speaker.wav and trace.jsonl."),
]
HandsFree = Annotated[
    bool, typer.Option("--hands-free", help="One tap, then only speech; silence ends a turn.")
]


def _list_faults(plan: str | None) -> str | None:
    if plan == "help":
        from mynah.faults.listing import listing

        typer.echo(listing())
        raise typer.Exit
    return plan


Faults = Annotated[
    str | None,
    typer.Option(
        metavar="PLAN",
        callback=_list_faults,
        is_eager=True,
        help="What goes wrong, or a file that says it; `help` lists the faults.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="The turns on standard output, nothing else.")]


def talk(
    clips: Clips,
    link: Link = None,
    companion: Companion = None,
    hands_free: HandsFree = False,
    config: Config = None,
    out: Out = None,
    json: Json = False,
    faults: Faults = None,
) -> None:
    """For each recording: hold the button, speak it, let go, and hear the reply out.

    Hands free: tap once, and speak one after another.

    Exit code 0 when every recording had a reply, 2 when a recording could not be used, else 1.
    """
    from mynah.cli.view import JsonView, TerminalView
    from mynah.config import load
    from mynah.faults.plan import read_plan
    from mynah.scripted import Script

    plan = read_plan(faults or "")
    settings = load(config).overridden(link=link, companion=companion, hands_free=hands_free)
    _check_files(clips)
    script = Script(tuple(clips), settings, out, faults=plan)
    if not json:
        raise typer.Exit(asyncio.run(_seen(script, TerminalView())))
    view = JsonView()
    with contextlib.redirect_stdout(sys.stderr):  # a companion may print
        code = asyncio.run(_seen(script, view))
    raise typer.Exit(code)


def _check_files(clips: list[Path]) -> None:
    """With no file at all there is nothing to load the models for; one of many is told later."""
    from mynah.audio.files import must_be_file

    if not any(clip.is_file() for clip in clips):
        must_be_file(clips[0])


async def _seen(script: "Script", view: "View") -> int:
    from mynah.scripted import converse
    from mynah.seeing.seen import seen

    async with seen(script.settings, view) as watched:
        return await converse(script, watched)
