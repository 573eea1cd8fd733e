"""`mynah service`: the conversation at every log-in, without a terminal."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from mynah.cli.run import Companion, Config, HandsFree, Link, Speaker
from mynah.errors import ServiceError, UserError

if TYPE_CHECKING:
    from mynah.config import Settings
    from mynah.service.manager import Job, Manager

app = typer.Typer(help="The conversation at every log-in: install, status, stop, start, remove.")

CARRIED: Final = ("MYNAH_DATA", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
"""Of this terminal's environment: where things lie. No key: who reads the file would have it."""

UNSEEN: Final = "{} is set in this terminal alone, which a service does not see: keep it in {}"


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
    from mynah.emulator.emulated import SCHEME

    settings = load(config).overridden(
        link=" ".join(link or ()), companion=companion, speaker=speaker, hands_free=hands_free
    )
    flags = {
        "--companion": companion,
        "--speaker": speaker,
        "--config": config and str(config.absolute()),
    }
    if SCHEME in settings.link:
        raise UserError(f"link {settings.link!r}: at log-in nobody presses an emulated ring")
    given = [word for name, value in flags.items() if value for word in (name, value)]
    given += ["--hands-free"] if hands_free else []
    given += [word for each in link or _links(settings) for word in ("--link", each)]
    _begin(_job(given), str(config or settings_path()))


@app.command()
def status() -> None:
    """Whether it runs; exit code 1 if not."""
    from mynah.service.manager import manager

    ours = manager()
    found = ours.status()
    typer.echo(found.told)
    if found.installed:
        typer.echo(f"{ours.file}\nwhat it said: {ours.output}")
    raise typer.Exit(0 if found.running else 1)


@app.command()
def stop() -> None:
    """End it, until the next log-in."""
    ours = _installed()
    ours.stop()
    typer.echo(ours.status().told)


@app.command()
def start() -> None:
    """Begin it again."""
    from mynah.service.manager import watch

    ours = _installed()
    ours.start()
    typer.echo(watch(ours).told)


@app.command()
def remove() -> None:
    """End it for good."""
    ours = _installed()
    ours.remove()
    typer.echo(f"removed {ours.file}")


def _begin(job: "Job", settings_file: str) -> None:
    from mynah.service.manager import manager, watch

    ours = manager(job)
    for variable in _unseen():
        typer.echo(UNSEEN.format(variable, settings_file), err=True)
    ours.install(job)
    typer.echo(f"wrote {ours.file}\nit begins at every log-in: {job}")
    typer.echo(watch(ours).told)


def _installed() -> "Manager":
    from mynah.service.manager import manager

    ours = manager()
    found = ours.status()
    if not found.installed:
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


def _job(flags: list[str]) -> "Job":
    from mynah.service.manager import Job

    environment = {name: os.environ[name] for name in CARRIED if os.environ.get(name)}
    return Job((str(Path(sys.argv[0]).absolute()), "run", "--quiet", *flags), environment)


def _unseen() -> list[str]:
    """Keys that the companion would miss."""
    return sorted(name for name in os.environ if name.startswith("MYNAH_") and "KEY" in name)
