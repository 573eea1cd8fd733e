"""`mynah serve`: the bridge as a server for other programs, without a conversation."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.config import Settings

Port = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=65535,
        help="For OpenAI's clients, SillyTavern and MCP; 8355 if no port is given.",
    ),
]
Wyoming = Annotated[
    int | None, typer.Option(min=1, max=65535, help="For Home Assistant and its like.")
]
Companion = Annotated[
    str | None, typer.Option(help="Who answers: a name from `mynah companion list`.")
]
Config = Annotated[Path | None, typer.Option(help="Settings in TOML.")]
Mcp = Annotated[
    bool,
    typer.Option("--mcp", help="Speak MCP on standard input and output, for the ring of `run`."),
]
Install = Annotated[
    Path | None,
    typer.Option("--install-sillytavern", metavar="FOLDER", help="Put our extension into it."),
]


def serve(
    port: Port = None,
    wyoming: Wyoming = None,
    companion: Companion = None,
    config: Config = None,
    mcp: Mcp = False,
    install: Install = None,
) -> None:
    """Lend ears, voice and companion to other programs on this computer, until Ctrl-C.

    `mynah run` does the same beside its conversation, with serving.port in the settings.
    """
    from mynah.config import load

    if install is not None:
        from mynah.serving.install import install_extension

        typer.echo(install_extension(install))
        return
    settings = load(config).overridden(companion=companion)
    given = {"port": port, "wyoming_port": wyoming}
    changed = {name: value for name, value in given.items() if value is not None}
    serving = settings.serving.model_copy(update=changed)
    settings = settings.model_copy(update={"serving": serving})
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve_tools(settings) if mcp else _serve(settings))


async def _serve(settings: "Settings") -> None:
    from mynah.serving.running import DEFAULT_PORT, names_of, serving
    from mynah.serving.services import Services
    from mynah.stages import stages_of

    wanted = settings.serving
    if not wanted.port and not wanted.wyoming_port:
        wanted = wanted.model_copy(update={"port": DEFAULT_PORT})
    stages = stages_of(settings)
    services = Services(
        stages.transcriber, stages.synthesizer, stages.companion, names_of(settings)
    )
    try:
        async with serving(wanted, services) as lines:
            typer.echo("loading the models")
            await stages.start()
            typer.echo("\n".join([*lines, "until Ctrl-C"]))
            await asyncio.Event().wait()
    finally:
        await stages.stop()


async def _serve_tools(settings: "Settings") -> None:
    from mynah.seeing.loopback import LOOPBACK
    from mynah.seeing.server import known_token
    from mynah.serving.mcp_stdio import PassedOn, serve_stdio
    from mynah.serving.running import DEFAULT_PORT, names_of, token_file

    port = settings.serving.port or DEFAULT_PORT
    bridge = PassedOn(f"http://{LOOPBACK}:{port}", known_token(token_file()))
    try:
        await serve_stdio(bridge.call, names_of(settings).version)
    finally:
        await bridge.close()
