"""Reads a card out of a file of any kind: JSON, PNG, APNG or .charx, told by what is in it."""

from pathlib import Path
from typing import Final

from mynah.characters import archive, jsons, png
from mynah.characters.card import Card, is_card
from mynah.characters.jsons import Raw
from mynah.characters.limits import MOST_FILE_BYTES
from mynah.errors import UserError

V3_CHUNK: Final = "ccv3"
V2_CHUNK: Final = "chara"
CHUNKS: Final = (V3_CHUNK, V2_CHUNK)
"""The newer first: where a picture has both, it is the one that was kept up."""

CARD_MEMBER: Final = "card.json"

_PICTURES: Final = (b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
_CUT_OFF: Final = "the picture is cut off at its end; the character in it is whole"


def read_file(path: Path) -> Card:
    """A card from disk; UserError names the file and says what is wrong with it."""
    return read(content_of(path, MOST_FILE_BYTES, "a card"), str(path))


def content_of(path: Path, most_bytes: int, what: str) -> bytes:
    """A file's bytes; UserError if it can't be read, or has more than that."""
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from error
    if len(content) > most_bytes:
        raise UserError(f"{path}: larger than {most_bytes / 1e6:.0f} MB; {what} is smaller")
    return content


def read(content: bytes, what: str) -> Card:
    """A card; UserError says of `what` what it is instead."""
    if content.startswith(png.SIGNATURE):
        return _of_png(content, what)
    if archive.is_archive(content) or content.startswith(b"PK\x03\x04"):
        return _of_archive(content, what)
    return _of_json(content, what)


def _of_png(content: bytes, what: str) -> Card:
    picture = png.parse(content)
    told: tuple[str, ...] = () if picture.whole else (_CUT_OFF,)
    broken: UserError | None = None
    for name in CHUNKS:
        for text in picture.texts(name):
            try:
                chunk = f"{what}: {name}"
                raw = _card(png.unpacked(text, chunk), chunk)
            except UserError as error:
                broken = broken or error
                continue
            if broken is not None:
                told += (f"{broken}; {name} was read instead",)
            return Card(raw, "png", content, told=told)
    if broken is not None:
        raise broken
    if not picture.whole:
        raise UserError(f"{what}: a picture that is cut off before any character; get it again")
    raise UserError(
        f"{what}: a picture without a character; many sites take it out, so get the original file"
    )


def _of_archive(content: bytes, what: str) -> Card:
    try:
        opened = archive.open_archive(content)
        if CARD_MEMBER not in opened.names:
            raise UserError(f"a zip without {CARD_MEMBER}; is it a .charx?")  # noqa: TRY301
        raw = _card(opened.read(CARD_MEMBER), CARD_MEMBER)
    except UserError as error:
        raise UserError(f"{what}: {error}") from error
    return Card(raw, "charx", content)


def _of_json(content: bytes, what: str) -> Card:
    begin = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if begin.startswith((b"{", b"[")) or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Card(_card(content, what), "json", content)
    raise UserError(f"{what}: {_instead(content, begin, Path(what).suffix.lower())}")


def _instead(content: bytes, begin: bytes, suffix: str) -> str:
    if not content:
        return "empty"
    if suffix in {".yaml", ".yml"}:
        return "cards in YAML are not read; open it in SillyTavern and export it as JSON or PNG"
    if begin.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "a web page, not a card; download the card itself"
    if content.startswith(_PICTURES):
        return "a picture, but no PNG: only PNG pictures hold a character"
    return "no card: neither JSON, nor a PNG picture, nor a .charx"


def _card(content: bytes, what: str) -> Raw:
    raw = jsons.read(content, what)
    if not is_card(raw):
        has = ", ".join(list(raw)[:5]) or "nothing"
        hint = "; `mynah card lore` takes lorebooks" if "entries" in raw else ""
        raise UserError(f"{what}: JSON, but no character card: it has {has}{hint}")
    return raw
