"""`mynah fake`: a server that says what you like to try a companion against, or a board."""

import asyncio
import contextlib
import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mynah.errors import UserError

if TYPE_CHECKING:
    from mynah.companions.fakes.server import FakeHttpServer

Server = Annotated[
    str, typer.Argument(help="Which server to be, or `board`; `help` lists the servers.")
]
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="0 is any that is free. Default: the real server's own."),
]
Answers = Annotated[
    list[str] | None, typer.Option("--answer", help="What to say, one a turn, over and over.")
]
Misbehave = Annotated[
    str | None, typer.Option(metavar="WAY", help="How to go wrong; `help` lists the ways.")
]

Chip = Annotated[str, typer.Option(help="Of `board`: esp32s3, esp32c3 or esp32c6.")]


def fake(
    server: Server = "openai",
    port: Port = None,
    answer: Answers = None,
    misbehave: Misbehave = None,
    chip: Chip = "esp32s3",
) -> None:
    """Be a chat server on this computer until Ctrl-C: says back what it hears, or misbehaves.

    Or be a bare board on a cable, to try `mynah flash`: mynah fake board.
    """
    from mynah.cli import fake_board
    from mynah.companions import fakes

    if server == fake_board.NAME:
        with contextlib.suppress(KeyboardInterrupt):
            fake_board.be_a_board(chip)
        return
    if server == "help":
        typer.echo("\n".join(fakes.SERVERS))
        return
    _check(server, fakes.SERVERS, "fake server")
    kind = fakes.named(server)
    if misbehave == "help":
        _list_ways(kind)
        return
    if answer and misbehave:
        raise UserError("--answer and --misbehave can't be had together: choose one")
    if misbehave is not None:
        _check(misbehave, kind.ways(), "way to misbehave")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(kind, kind.port if port is None else port, answer, misbehave))


def _list_ways(kind: "type[FakeHttpServer]") -> None:
    ways = kind.ways()
    width = max(map(len, ways))
    for name, behaviour in ways.items():
        typer.echo(f"{name:{width}}  {behaviour.about}")


def _check(name: str, known: Iterable[str], what: str) -> None:
    if name in known:
        return
    close = difflib.get_close_matches(name, known, n=1)
    advice = f"did you mean {close[0]}?" if close else f"there are: {', '.join(known)}"
    raise UserError(f"no {what} is called {name!r}; {advice}")


async def _serve(
    kind: "type[FakeHttpServer]", port: int, answers: list[str] | None, way: str | None
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        try:
            server = await stack.enter_async_context(kind(port))
        except OSError as error:
            reason = error.strerror or error
            raise UserError(f"port {port} can't be had ({reason}); try --port 0") from error
        if answers:
            server.say(answers)
        elif way is not None:
            server.behave(way)
        typer.echo(_invitation(server))
        await _tell(server)


def _invitation(server: Any) -> str:
    lines = [f"a fake chat server at {server.address}, until Ctrl-C", ""]
    command = f"mynah talk hello.wav --companion {server.companion}"
    if settings := server.settings():
        lines += ["in a file fake.toml:", "", *(f"  {line}" for line in settings.splitlines()), ""]
        command += " --config fake.toml"
    return "\n".join([*lines, "try it with:", "", f"  {command}", ""])


async def _tell(server: Any) -> None:
    """What was asked, and how each answer ended."""
    told = 0
    while True:
        await server.asked.wait()
        server.asked.clear()
        for request in server.requests[told:]:
            typer.echo(f"asked: {request.said!r}")
            await request.ended.wait()
            typer.echo("the other side hung up" if request.hung_up else "answered")
            told += 1
