"""Who is who in pasted lines: what the flags don't say is asked, where somebody can answer."""

import sys
from pathlib import Path

import typer

from mynah.characters.chats import pasted
from mynah.characters.chats.chat import Chat
from mynah.characters.chats.reading import read, text_of
from mynah.characters.limits import MOST_CHAT_BYTES
from mynah.characters.reading import content_of
from mynah.characters.rescuing import Lost
from mynah.errors import UserError

MOST_SHOWN = 6
"""Names to choose from; who speaks less is not the one who is missed."""


def asked(files: list[Path], name: str, user: str, persona: str) -> Lost:
    """Everything that a rescue needs; UserError if it is not there and nobody can be asked."""
    contents = [(content_of(path, MOST_CHAT_BYTES, "a conversation"), str(path)) for path in files]
    contents = contents or [(_pasted(), "what you pasted")]
    can_ask = bool(files) and sys.stdin.isatty()
    chats: list[Chat] = []
    for content, what in contents:
        chats += _read(content, what, name, user, can_ask=can_ask)
    called = name or next((chat.character_name for chat in chats if chat.character_name), "")
    if not called:
        if not can_ask:
            raise UserError("the lines don't say what the character is called; say it with --name")
        called = typer.prompt("What is the character called")
    for other in {chat.character_name for chat in chats} - {called, ""}:
        typer.echo(f"the lines call them {other}; here they are {called}")
    if not persona and can_ask:
        persona = typer.prompt(
            "Who are they, in a few words (Enter: leave it)", default="", show_default=False
        )
    return Lost(tuple(chats), called, _words(persona))


def _pasted() -> bytes:
    if sys.stdin.isatty():
        typer.echo("Paste the lines, then Ctrl-D on a line of its own:", err=True)
    return sys.stdin.buffer.read(MOST_CHAT_BYTES)


def _read(content: bytes, what: str, name: str, user: str, *, can_ask: bool) -> list[Chat]:
    try:
        return read(content, what, user, name)
    except pasted.WhoError as error:
        if not can_ask:
            raise
        return read(content, what, _choice(error.names), name)


def _choice(names: list[str]) -> str:
    shown = names[:MOST_SHOWN]
    while True:
        answer: str = typer.prompt(f"Which of them are you ({', '.join(shown)})")
        if answer in names:
            return answer
        typer.echo(f"nobody is called {answer!r}")


def _words(persona: str) -> str:
    """Words, or what stands in a file of that name."""
    try:
        is_file = Path(persona).is_file()
    except OSError:  # too long for a file's name
        return persona
    if not persona or not is_file:
        return persona
    return text_of(content_of(Path(persona), MOST_CHAT_BYTES, "a text"), persona)
