"""`mynah`: the commands, and what holds for all of them."""

from importlib.metadata import version

import typer

from mynah.cli import (
    bench,
    capture,
    card,
    companion,
    console,
    devices,
    doctor,
    fake,
    flash,
    forget,
    logs,
    memory,
    models,
    move,
    pair,
    power,
    replay,
    run,
    selftest,
    serve,
    service,
    setup,
    talk,
    update,
    usage,
    why,
)

app = typer.Typer(
    help="Mynah: the open companion that you wear and keep.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("talk")(talk.talk)
app.command("setup")(setup.setup)
app.command("doctor")(doctor.doctor)
app.command("devices")(devices.devices)
app.command("flash")(flash.flash)
app.command("update")(update.update)
app.command("pair")(pair.pair)
app.command("console")(console.console)
app.command("logs")(logs.logs)
app.command("power")(power.power)
app.command("selftest")(selftest.selftest)
app.command("why")(why.why)
app.command("replay")(replay.replay)
app.command("capture")(capture.capture)
app.command("serve")(serve.serve)
app.command("fake")(fake.fake)
app.command("forget")(forget.forget)
app.command("usage")(usage.usage)
app.command("move")(move.move)
app.add_typer(service.app, name="service")
app.add_typer(companion.app, name="companion")
app.add_typer(card.app, name="card")
app.add_typer(memory.app, name="memory")
app.add_typer(models.app, name="models")
app.add_typer(bench.app, name="bench")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mynah {version('mynah-companion')}")
        raise typer.Exit


@app.callback()
def everywhere(
    _version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Tell the version."
    ),
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
) -> None:
    """Options of every command."""
