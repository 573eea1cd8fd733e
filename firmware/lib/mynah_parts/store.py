"""What the ring keeps without power: its key, settings, acts and its board's name, in NVS.

It may be worn out, or full: then a ring does without, but it starts.
"""

from esp32 import NVS
from micropython import const

from mynah_device.acting import names
from mynah_device.settings import SETTINGS
from mynah_wire.handshake import KEY_BYTES
from mynah_wire.programs import LONGEST_BYTES

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from typing import Any

_NAMESPACE = "mynah"
_KEY = "key"
_BOARD = "board"
_STARTS = "starts"  # as in boots.py
_LONGEST_BOARD = const(32)  # bytes of its name
TAKES_NOTHING = "nvs: it takes nothing"  # what is told of one that is worn out, or full
_NOT_INITIALIZED = const(-4353)  # ESP_ERR_NVS_NOT_INITIALIZED


class _NoNvs:
    """In the place of one that does not open: it has nothing, and takes nothing."""

    def __getattr__(self, _name: str) -> "Any":
        raise OSError(_NOT_INITIALIZED)


class Store:
    """A namespace in NVS; anyone with the cable can read it, as the threat model says."""

    def __init__(self) -> None:
        self._nvs: "NVS | _NoNvs"
        try:
            self._nvs = NVS(_NAMESPACE)
        except OSError:
            self._nvs = _NoNvs()

    def key(self) -> "bytes | None":
        """The key, None if the ring was never paired."""
        key = bytearray(KEY_BYTES)
        try:
            size = self._nvs.get_blob(_KEY, key)
        except OSError:
            return None
        return bytes(key) if size == KEY_BYTES else None

    def keep_key(self, key: bytes) -> None:
        """Pair."""
        self._nvs.set_blob(_KEY, key)
        self._nvs.commit()

    def forget_key(self) -> None:
        """Unpair."""
        self._erase(_KEY)
        self._nvs.commit()

    def board(self) -> str:
        """The name of the board that this was told to be, empty if it was not told."""
        name = bytearray(_LONGEST_BOARD)
        try:
            size = self._nvs.get_blob(_BOARD, name)
        except OSError:
            return ""
        try:
            return bytes(name[:size]).decode()
        except UnicodeError:
            return "?"  # which is no board's

    def starts(self) -> int:
        """What `keep_starts` kept, 0 if nothing."""
        try:
            return self._nvs.get_i32(_STARTS)
        except OSError:
            return 0

    def keep_starts(self, starts: int) -> bool:
        """Keep it, if it is another one; False if NVS does not work."""
        if isinstance(self._nvs, _NoNvs):
            return False
        if starts != self.starts():
            try:
                self._nvs.set_i32(_STARTS, starts)
                self._nvs.commit()
            except OSError:
                return False
        return True

    def settings(self) -> "dict[str, int]":
        """The settings that were kept, by name."""
        kept = {}
        for name, _, _, _ in SETTINGS.values():
            try:
                kept[name] = self._nvs.get_i32(name)
            except OSError:
                continue  # never set
        return kept

    def acts(self) -> "dict[str, bytes]":
        """The programs and reflexes that were kept, by name."""
        kept = {}
        value = bytearray(LONGEST_BYTES)
        for name in names():
            try:
                size = self._nvs.get_blob(name, value)
            except OSError:
                continue  # never set, or none of ours
            kept[name] = bytes(value[:size])
        return kept

    def keep(self, setting: "tuple[str, int | bytes]") -> None:
        """Keep a setting, as (name, value); an empty one is erased."""
        name, value = setting
        if isinstance(value, int):
            self._nvs.set_i32(name, value)
        elif value:
            self._nvs.set_blob(name, value)
        else:
            self._erase(name)
        self._nvs.commit()

    def forget(self) -> None:
        """Keep nothing but the key and the board's name."""
        for name in [name for name, _, _, _ in SETTINGS.values()] + names():
            self._erase(name)
        self._nvs.commit()

    def _erase(self, name: str) -> None:
        try:
            self._nvs.erase_key(name)
        except OSError:
            pass  # there was none
