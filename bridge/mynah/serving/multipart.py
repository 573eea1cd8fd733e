"""A form with a file in it, taken apart as it comes, and never more than is allowed. Pure."""

import re
from dataclasses import dataclass, field
from typing import Final

from mynah.serving.refusals import RequestError

MOST_PARTS: Final = 16
"""A transcription has eight fields at most."""

MOST_HEAD_BYTES: Final = 2048
"""Of one part: two lines."""

MOST_FIELD_BYTES: Final = 8192
"""Of a plain field: a prompt is the longest."""

_HEAD_END: Final = b"\r\n\r\n"
_TYPE: Final = re.compile(r'multipart/form-data *;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))')
_NAME: Final = re.compile(r';\s*name="([^"]{0,100})"')
_FILE: Final = re.compile(r";\s*filename\*?=")


@dataclass(slots=True)
class Form:
    """What was sent."""

    fields: dict[str, str] = field(default_factory=dict)
    file: bytearray | None = None
    """Of the one field that is a file."""


class FormParser:
    """`push` what comes, `finish` at the end. RequestError if it is no form, or too much of one."""

    def __init__(self, content_type: str, file_field: str = "file") -> None:
        found = _TYPE.match(content_type)
        if found is None:
            raise RequestError("the body has to be multipart/form-data, with a boundary")
        self._border = b"\r\n--" + (found[1] or found[2]).encode("latin-1")
        self._file_field = file_field
        self._form = Form()
        self._held = b"\r\n"  # the first border has no line before it
        self._take: bytearray | None = None  # where the part's content goes; None before the first
        self._name = ""
        self._most_bytes = 0
        self._parts = 0
        self._over = False

    def push(self, data: bytes) -> None:
        """Pieces may be cut anywhere."""
        self._held += data
        while not self._over and self._step():
            pass
        if self._over:
            self._held = b""  # an epilogue is nobody's business

    def finish(self) -> Form:
        if not self._over:
            raise RequestError("the form ends in the middle; send it again")
        return self._form

    def _step(self) -> bool:
        """Whether there may be more to do with what is held."""
        at = self._held.find(self._border)
        if at < 0:
            # All but what may be the beginning of a border is content.
            keep = len(self._border) - 1
            self._content(self._held[:-keep])
            self._held = self._held[-keep:]
            return False
        end = at + len(self._border)
        if len(self._held) < end + 2:
            return False
        if self._held[end : end + 2] == b"--":
            self._content(self._held[:at])
            self._close()
            self._over = True
            return False
        if self._held[end : end + 2] != b"\r\n":
            raise RequestError("the form holds a broken boundary")
        head_end = self._held.find(_HEAD_END, end)
        if head_end < 0:
            if len(self._held) - end > MOST_HEAD_BYTES:
                raise RequestError("a part of the form has no end to its head")
            return False
        self._content(self._held[:at])
        self._close()
        self._open(self._held[end:head_end])
        self._held = self._held[head_end + len(_HEAD_END) :]
        return True

    def _open(self, head: bytes) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise RequestError(f"the form has more than {MOST_PARTS} parts")
        if len(head) > MOST_HEAD_BYTES:
            raise RequestError("a part of the form has too long a head")
        disposition = _disposition(head)
        named = _NAME.search(disposition)
        if named is None:
            raise RequestError("a part of the form has no name")
        self._name = named[1]
        self._take = bytearray()
        is_file = self._name == self._file_field
        if is_file and self._form.file is not None:
            raise RequestError(f"there are two parts called {self._file_field}; send one")
        if _FILE.search(disposition) and not is_file:
            raise RequestError(f"the file has to be in the part {self._file_field}")
        self._most_bytes = -1 if is_file else MOST_FIELD_BYTES

    def _content(self, data: bytes) -> None:
        if self._take is None:
            if data.strip(b"\r\n"):
                raise RequestError("the form does not begin with its boundary")
            return
        self._take += data
        if 0 <= self._most_bytes < len(self._take):
            raise RequestError(f"the part {self._name} is too long", param=self._name)

    def _close(self) -> None:
        if self._take is None:
            return
        if self._most_bytes < 0:
            self._form.file = self._take
            return
        try:
            self._form.fields[self._name] = self._take.decode("utf-8")
        except UnicodeDecodeError as error:
            raise RequestError(f"the part {self._name} is not UTF-8", param=self._name) from error


def _disposition(head: bytes) -> str:
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            return value
    return ""
