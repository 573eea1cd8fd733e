"""Reads conversations out of a file of any kind, told by what is in it."""

from pathlib import Path

from mynah.characters import jsons
from mynah.characters.chats import others, pasted, silly_tavern
from mynah.characters.chats.chat import Chat
from mynah.characters.limits import MOST_CHAT_BYTES
from mynah.characters.reading import content_of
from mynah.errors import UserError


def read_file(path: Path, user: str = "", character: str = "") -> list[Chat]:
    """Those in a file. The names are for pasted text, where nobody could tell otherwise."""
    content = content_of(path, MOST_CHAT_BYTES, "a conversation")
    return read(content, str(path), user, character)


def read(content: bytes, what: str, user: str = "", character: str = "") -> list[Chat]:
    """At least one; UserError says of `what` what it is instead."""
    text = text_of(content, what)
    first = text.lstrip("\ufeff \t\r\n").partition("\n")[0].strip()
    if not first:
        raise UserError(f"{what}: empty")
    if not first.startswith(("{", "[{")):
        own, other = pasted.guess(pasted.speakers(text), user, character)
        return [pasted.read(text, own, other)]
    head = _head(first)
    if head is not None and silly_tavern.is_chat(head):
        return [silly_tavern.read(text, what)]
    found = jsons.value(content, what)
    if isinstance(found, list):
        return others.read({"messages": found}, what)
    return others.read(jsons.read(content, what), what)


def _head(line: str) -> jsons.Raw | None:
    """The object in the first line; None if a line is not an object."""
    try:
        return jsons.read(line.encode("utf-8", "surrogatepass"), "the first line")
    except UserError:
        return None


def text_of(content: bytes, what: str) -> str:
    """UTF-8, UTF-16, or the encoding in which a Chinese Windows saves."""
    try:
        return jsons.text(content, what)
    except UserError:
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise UserError(f"{what}: not text; save it as UTF-8") from error
