"""`mynah move`: the conversation goes on with another companion."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.config import Settings

To = Annotated[str, typer.Option(metavar="COMPANION", help="Who answers from now on.")]
Character = Annotated[str, typer.Option(help="Who moves; default: the one that is played.")]
Check = Annotated[
    bool, typer.Option("--check/--no-check", help="Ask it first whether it can answer.")
]
Config = Annotated[Path | None, typer.Option(help="Settings in TOML.")]


def move(to: To, character: Character = "", check: Check = True, config: Config = None) -> None:
    """Go on with another companion: same character, same memory, same conversation."""
    from mynah.characters import home_folder
    from mynah.characters.moving_on import pack
    from mynah.cli.move_view import shown
    from mynah.config import load
    from mynah.setting import set_keys

    settings = load(config)
    keeps = _ask(to, settings) if check else _keeps_conversation(to, settings)
    name = character or settings.character
    luggage = None
    if name:
        folder = home_folder.find(name)
        luggage = pack(folder, settings.memory.user_name, keeps_conversation=keeps)
    chosen = {"character": luggage.name} if luggage else {}
    path = set_keys(config, companion=to, **chosen)
    shown(luggage)
    typer.echo(f"{path}: from {settings.companion} to {to}; go on with: mynah run{_again(config)}")


def _again(config: Path | None) -> str:
    """The flag that the next command needs as well."""
    import shlex

    return f" --config {shlex.quote(str(config))}" if config else ""


def _ask(to: str, settings: "Settings") -> bool:
    """Whether it keeps its own conversation; an error if nobody answers there."""
    from rich.console import Console

    from mynah.characters.arrival import arrive

    with Console(stderr=True).status(f"asking {to}"):
        arrival = asyncio.run(arrive(to, settings))
    if arrival.answered_s is None:
        typer.echo(f"{to} can be reached")
    else:
        typer.echo(f"{to} answers, its first words after {arrival.answered_s:.1f} s")
    return arrival.keeps_conversation


def _keeps_conversation(to: str, settings: "Settings") -> bool:
    from mynah.companions import open_companion

    return open_companion(to, settings).capabilities.memory == "server"
