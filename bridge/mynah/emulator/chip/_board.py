"""Which board this chip sits on: what `firmware/boards` says is wired, is wired."""

import os

import esp32

_NAME_BYTES = 32
_constants = None


def board(name):
    """A constant of the board's file, None if the board has no such part."""
    global _constants
    if _constants is None:
        try:
            _constants = __import__("boards." + _name(), None, None, ["NAME"])
        except ImportError:
            _constants = object()  # a script of one part alone
    return getattr(_constants, name, None)


def _name():
    buffer = bytearray(_NAME_BYTES)
    try:
        count = esp32.NVS("mynah").get_blob("board", buffer)
    except OSError:
        return os.getenv("MYNAH_STANDARD_BOARD") or ""
    return bytes(buffer[:count]).decode()
