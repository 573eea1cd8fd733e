"""`mynah fake`: a chat server that says what you like, to try the companion `openai` against."""

import asyncio
import contextlib
import difflib
from typing import TYPE_CHECKING, Annotated

import typer

from mynah.errors import UserError

if TYPE_CHECKING:
    from mynah.companions.fake_answers import Behaviour
    from mynah.companions.fake_server import FakeServer

PORT = 8080
"""Where the companion `openai` looks by default, so that nothing need be set."""

Port = Annotated[int, typer.Option(min=0, max=65535, help="0 is any that is free.")]
Answers = Annotated[
    list[str] | None, typer.Option("--answer", help="What to say, one a turn, over and over.")
]
Misbehave = Annotated[
    str | None, typer.Option(metavar="MODE", help="How to go wrong; `help` lists the ways.")
]


def fake(port: Port = PORT, answer: Answers = None, misbehave: Misbehave = None) -> None:
    """Be a chat server on this computer until Ctrl-C: says back what it hears, or misbehaves."""
    if misbehave == "help":
        _list_ways()
        return
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(port, _behaviour(answer or [], misbehave)))


def _list_ways() -> None:
    from mynah.companions.fake_answers import BEHAVIOURS

    width = max(map(len, BEHAVIOURS))
    for name, behaviour in BEHAVIOURS.items():
        typer.echo(f"{name:{width}}  {behaviour.about}")


def _behaviour(answers: list[str], mode: str | None) -> "Behaviour | None":
    """None behaves as the model's name in each request says: well, if it says nothing."""
    from mynah.companions.fake_answers import BEHAVIOURS, scripted

    if answers and mode:
        raise UserError("--answer and --misbehave can't be had together: choose one")
    if answers:
        return scripted(answers)
    if mode is None:
        return None
    if mode in BEHAVIOURS:
        return BEHAVIOURS[mode]
    close = difflib.get_close_matches(mode, BEHAVIOURS, n=1)
    advice = f"did you mean {close[0]}?" if close else f"there are: {', '.join(BEHAVIOURS)}"
    raise UserError(f"no way to misbehave is called {mode!r}; {advice}")


async def _serve(port: int, behaviour: "Behaviour | None") -> None:
    from mynah.companions.fake_server import FakeServer

    async with contextlib.AsyncExitStack() as stack:
        try:
            server = await stack.enter_async_context(FakeServer(port, behaviour))
        except OSError as error:
            reason = error.strerror or error
            raise UserError(f"port {port} can't be had ({reason}); try --port 0") from error
        typer.echo(_invitation(server.base_url))
        await _tell(server)


def _invitation(base_url: str) -> str:
    from mynah.config import OpenAI

    lines = [f"a fake chat server at {base_url}, until Ctrl-C", ""]
    command = "mynah talk hello.wav --companion openai"
    if base_url != OpenAI().base_url:
        lines += ["in a file fake.toml:", "", "  [openai]", f'  base_url = "{base_url}"', ""]
        command += " --config fake.toml"
    return "\n".join([*lines, "try it with:", "", f"  {command}", ""])


async def _tell(server: "FakeServer") -> None:
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
