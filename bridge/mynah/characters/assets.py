"""Where a card's pictures and sounds are: in a PNG's chunks, in a .charx, or nowhere yet."""

from itertools import chain, count
from pathlib import PurePosixPath
from typing import Any, Final

from mynah.characters import archive, png
from mynah.characters.card import Card, Kind, as_v3
from mynah.characters.jsons import Raw
from mynah.characters.limits import MOST_MEMBERS

EMBEDDED: Final = "embeded://"
"""Spelt as the specification spells it."""
IN_PNG: Final = "__asset:"
IN_PNG_CHUNK: Final = "chara-ext-asset_:"
MAIN_ICON: Final[Raw] = {"type": "icon", "uri": "ccdefault:", "name": "main", "ext": "png"}
"""What a card has that names none: its picture."""

_FOLDERS: Final = {
    "images": ("png", "jpg", "jpeg", "webp", "avif", "gif", "apng", "bmp", "svg"),
    "audio": ("mp3", "wav", "ogg", "opus", "flac", "m4a"),
    "video": ("mp4", "webm", "mkv", "mov"),
    "3d": ("mmd", "obj", "glb", "vrm", "fbx"),
    "ai": ("safetensors", "ckpt", "onnx", "gguf"),
    "fonts": ("otf", "ttf", "woff", "woff2"),
    "code": ("lua", "js", "py"),
}


def portrait_of(card: Card) -> bytes:
    """Its picture, a PNG without the character's words; empty if there is none."""
    if card.kind == "png" and card.file:
        return _bare(card.file)
    path = _icon(card)
    return archive.open_archive(card.file).read(path) if path else b""


def embedded(card: Card, portrait: bytes) -> tuple[dict[str, bytes], Raw]:
    """For a .charx: the files that the card's assets need, and the card that points at them."""
    raw = as_v3(card.raw)
    inside = _png_assets(card)
    picture = portrait or (b"" if card.kind == "charx" else portrait_of(card))
    assets = raw["data"].get("assets")
    assets = list(assets) if isinstance(assets, list) else []
    if picture and not any(map(_is_main_icon, assets)):
        assets.insert(0, MAIN_ICON)
    members: dict[str, bytes] = {}
    for at, asset in enumerate(assets):
        content = _content(asset, inside, picture, given=bool(portrait))
        if content and len(members) < MOST_MEMBERS - 1:  # one is the card
            path = _free_path(asset, members)
            members[path] = content
            assets[at] = asset | {"uri": EMBEDDED + path}
    if assets:
        raw["data"] = raw["data"] | {"assets": assets}
    return members, raw


def left_behind(card: Card, kind: Kind) -> list[str]:
    """The files in a .charx that another kind of card has no place for."""
    if card.kind != "charx" or kind == "charx" or not card.file:
        return []
    taken = {"card.json", _icon(card) if kind == "png" else ""}
    names = archive.open_archive(card.file).names
    return [name for name in names if name not in taken and not name.endswith("/")]


def _icon(card: Card) -> str:
    """The member of a .charx that is a PNG and its portrait; empty if there is none."""
    if card.kind != "charx" or not card.file:
        return ""
    opened = archive.open_archive(card.file)
    icons = [asset for asset in _assets(card.data) if asset.get("type") == "icon"]
    for asset in sorted(icons, key=_is_main_icon, reverse=True):
        path = _uri(asset).removeprefix(EMBEDDED)
        if path in opened.names and opened.read(path).startswith(png.SIGNATURE):
            return path
    return ""


def _content(asset: Any, inside: dict[str, bytes], picture: bytes, *, given: bool) -> bytes:
    """Of one asset, if it is not in the zip already or somewhere on the web."""
    if not isinstance(asset, dict):
        return b""
    uri = _uri(asset)
    if _is_main_icon(asset) and (given or not uri.startswith(IN_PNG)):
        return picture
    return inside.get(uri.removeprefix(IN_PNG), b"") if uri.startswith(IN_PNG) else b""


def _bare(picture: bytes) -> bytes:
    """Without the chunks that cards put into it; another program's stay."""
    parsed = png.parse(picture)
    names = {name.lower() for name, _ in parsed.text_chunks()}
    ours = {name for name in names if name.startswith(IN_PNG_CHUNK)}
    return parsed.with_texts({}, frozenset({"chara", "ccv3"} | ours))


def _png_assets(card: Card) -> dict[str, bytes]:
    if card.kind != "png" or not card.file:
        return {}
    return {
        name[len(IN_PNG_CHUNK) :]: png.unpacked(content, name)
        for name, content in png.parse(card.file).text_chunks()
        if name.lower().startswith(IN_PNG_CHUNK)
    }


def _is_main_icon(asset: Any) -> bool:
    return isinstance(asset, dict) and asset.get("type") == "icon" and asset.get("name") == "main"


def _assets(data: Raw) -> list[Raw]:
    assets = data.get("assets")
    return [each for each in assets if isinstance(each, dict)] if isinstance(assets, list) else []


def _uri(asset: Raw) -> str:
    return str(asset.get("uri", ""))


def _free_path(asset: Raw, taken: dict[str, bytes]) -> str:
    """assets/TYPE/FOLDER/NAME.EXT, of parts that are file names and no more."""
    ext = _plain(str(asset.get("ext", "")).lower()) or "bin"
    folder = next((each for each, known in _FOLDERS.items() if ext in known), "other")
    stem = PurePosixPath(_plain(str(asset.get("name", "")))).stem or "asset"
    start = f"assets/{_plain(str(asset.get('type', ''))) or 'other'}/{folder}/{stem}"
    # Numbered by what is there: to try one after the other would take the square of it.
    others = (f"{start}_{at}.{ext}" for at in count(len(taken)))
    return next(path for path in chain([f"{start}.{ext}"], others) if path not in taken)


def _plain(name: str) -> str:
    return "".join(each if each.isalnum() or each in "_-." else "_" for each in name).strip(".")
