"""`mynah service`: the conversation at every log-in, without a terminal."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from mynah.cli.run import Companion, Config, HandsFree, Link, Speaker
from mynah.errors import ServiceError, UserError

if TYPE_CHECKING:
    from rich.status import Status

    from mynah.config import Settings
    from mynah.service.manager import Job, Manager

app = typer.Typer(help="The conversation at every log-in: install, status, stop, start, remove.")

PLACES: Final = (
    "MYNAH_DATA",
    "MYNAH_MODELS",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
)
CARRIED: Final = ("MYNAH_NO_KEYRING", "PATH")
"""What the job gets of this terminal's environment, besides places. No key: others may read it."""

KEY: Final = "_API_KEY"
UNSEEN: Final = "{} is set in this terminal, which the service may not see: keep it in {}"


@app.callback(invoke_without_command=True)
def service(context: typer.Context) -> None:
    """The conversation at every log-in."""
    if context.invoked_subcommand is None:
        status()


@app.command()
def install(
    link: Link = None,
    companion: Companion = None,
    speaker: Speaker = None,
    hands_free: HandsFree = False,
    config: Config = None,
) -> None:
    """`mynah run`, now and at every log-in. Again, to change how."""
    from mynah.config import load, settings_path

    settings = load(config).overridden(
        link=" ".join(link or ()), companion=companion, speaker=speaker, hands_free=hands_free
    )
    flags = [
        ("--companion", companion),
        ("--speaker", speaker),
        ("--config", str(config.absolute()) if config else None),
        *(("--link", each) for each in " ".join(link or ()).split() or _links(settings)),
    ]
    words = [word for flag, value in flags if value for word in (flag, value)]
    words += ["--hands-free"] if hands_free else []
    _refuse_emulated(settings.link)
    _begin(_job(words), str(config or settings_path()))


@app.command()
def status() -> None:
    """Whether it runs; exit code 1 if not."""
    from mynah.service.manager import State, manager

    ours = manager()
    found = ours.status()
    typer.echo(found.told)
    if found.state is not State.NONE:
        typer.echo(f"{ours.file}\nwhat it said: {ours.output}")
    raise typer.Exit(0 if found.state is State.RUNS else 1)


@app.command()
def stop() -> None:
    """End it, until the next log-in."""
    ours = _installed()
    ours.stop()
    typer.echo(ours.status().told)


@app.command()
def start() -> None:
    """Begin it again."""
    ours = _installed()
    with _waiting():
        ours.start()
    typer.echo(ours.status().told)


@app.command()
def remove() -> None:
    """End it for good."""
    ours = _installed()
    ours.remove()
    typer.echo(f"removed {ours.file}")


def _begin(job: "Job", settings_file: str) -> None:
    from mynah.service.manager import manager

    ours = manager(job)
    for variable in sorted(name for name in os.environ if name.endswith(KEY)):
        typer.echo(UNSEEN.format(variable, settings_file), err=True)
    with _waiting():
        ours.install(job)
    typer.echo(f"{ours.status().told}, and begins at every log-in: {job}\n{ours.file}")


def _waiting() -> "Status":
    from rich.console import Console

    return Console(stderr=True).status("until the models are loaded")


def _installed() -> "Manager":
    from mynah.service.manager import State, manager

    ours = manager()
    found = ours.status()
    if found.state is State.NONE:
        raise ServiceError(found.told)
    return ours


def _links(settings: "Settings") -> list[str]:
    """What `run` is told besides the settings, so that it never takes an emulated ring instead."""
    from mynah.link.keys import KeyStore

    if settings.link:
        return []
    if not KeyStore().all():
        raise UserError("no ring is paired with this computer: `mynah flash` or `mynah pair` first")
    return ["ble:"]


def _refuse_emulated(links: str) -> None:
    from mynah.emulator.emulated import SCHEME

    if any(link.startswith(SCHEME) for link in links.split()):
        raise UserError(f"link {links!r}: at log-in nobody presses an emulated ring")


def _job(words: list[str]) -> "Job":
    from mynah.service.manager import Job

    places = {name: str(Path(os.environ[name]).absolute()) for name in _set(PLACES)}
    environment = places | {name: os.environ[name] for name in _set(CARRIED)}
    return Job((str(Path(sys.argv[0]).absolute()), "run", "--quiet", *words), environment)


def _set(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if os.environ.get(name)]
