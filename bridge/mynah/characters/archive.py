"""The zip in a .charx: read within bounds, and written again with members we don't know."""

import io
import stat
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from mynah.characters.limits import MOST_MEMBERS, MOST_UNPACKED_BYTES
from mynah.errors import UserError

_ENCRYPTED: Final = 0x1
_PACKED: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""As every program packs. Others take as much memory as the zip asks for, or the library lacks."""
_UNIX_BITS: Final = 16
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""What we write is dated so, the first moment that a zip knows: the same card, the same bytes."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip in memory; its members are read when they are asked for."""

    content: bytes
    prefix: bytes
    """What stands in front of it: nothing, or a JPEG that shows the portrait."""
    names: tuple[str, ...]
    opened: zipfile.ZipFile = field(repr=False, compare=False)
    """Of bytes, so that nobody need close it."""

    def read(self, name: str) -> bytes:
        """One member; UserError if it can't be read."""
        return _member(self.opened, self.opened.getinfo(name))

    def rewritten(self, changed: dict[str, bytes | None]) -> bytes:
        """The file with these members instead; None takes one out, the others stay."""
        packed = io.BytesIO()
        with (  # another old one: what is written into the new one changes its infos
            zipfile.ZipFile(io.BytesIO(self.content)) as old,
            zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for info in old.infolist():
                content = changed.get(info.filename, b"")
                if info.filename not in changed:
                    content = b"" if info.is_dir() else _member(old, info)
                if content is not None:
                    new.writestr(info, content)
            for name, content in changed.items():
                if name not in self.names:
                    _add(new, name, content)
        return self.prefix + packed.getvalue()


def is_archive(content: bytes) -> bool:
    """Whether there is a zip, at the beginning or behind a picture."""
    return zipfile.is_zipfile(io.BytesIO(content))


def open_archive(content: bytes) -> Archive:
    """Looked through, nothing unpacked yet. UserError if it is broken, or made to do harm."""
    try:
        opened = zipfile.ZipFile(io.BytesIO(content))
        members = opened.infolist()
        _check(members)
        begin = min((each.header_offset for each in members), default=0)
        names = tuple(each.filename for each in members)
        return Archive(content, content[:begin], names, opened)
    except zipfile.BadZipFile as error:
        raise UserError(f"a zip that is broken or cut off: {error}") from error
    except (NotImplementedError, ValueError, OverflowError) as error:
        raise UserError(f"a zip that can't be read: {error}") from error


def packed(members: dict[str, bytes]) -> bytes:
    """A new zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name, each in members.items():
            _add(new, name, each)
    return content.getvalue()


def _add(opened: zipfile.ZipFile, name: str, content: bytes | None) -> None:
    if content is not None:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = (stat.S_IFREG | 0o644) << _UNIX_BITS
        opened.writestr(info, content)


def _check(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise UserError(f"{len(members)} files in one zip; a card has at most {MOST_MEMBERS}")
    if len({each.filename for each in members}) < len(members):
        raise UserError("two files of one name in the zip: nobody can tell which is meant")
    unpacked = sum(each.file_size for each in members)
    if unpacked > MOST_UNPACKED_BYTES:
        raise UserError(
            f"{unpacked / 1e6:.0f} MB when unpacked; a card has at most "
            f"{MOST_UNPACKED_BYTES / 1e6:.0f}"
        )
    for each in members:
        if each.flag_bits & _ENCRYPTED:
            raise UserError(f"{each.filename!r} in it is encrypted; save it without a password")
        if each.compress_type not in _PACKED:
            raise UserError(f"{each.filename!r} in it is packed oddly; pack it as a plain zip")
        if _leaves(each):
            raise UserError(f"{each.filename!r} in it points out of the zip: made to do harm")


def _leaves(info: zipfile.ZipInfo) -> bool:
    """Whether a program that unpacks it would write somewhere else. We don't, but we pass it on."""
    name = info.orig_filename.replace("\\", "/")
    path = PurePosixPath(name)
    is_link = stat.S_ISLNK(info.external_attr >> _UNIX_BITS)
    return is_link or path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name


def _member(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """No more is unpacked than the zip says it is; what it is not, its checksum tells."""
    try:
        with opened.open(info) as member:  # `opened.read` unpacks all that is there, then cuts
            return member.read(info.file_size)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
        MemoryError,  # it is the zip that says how much is needed
    ) as error:
        reason = str(error) or type(error).__name__
        raise UserError(f"{info.filename!r} in it can't be unpacked: {reason}") from error
