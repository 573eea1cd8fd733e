"""`esp32`: what may wake the chip, and the non-volatile storage: a file that `commit` changes."""

import binascii
import json
import os

import _chip_kind
import _pin
import _wake

WAKEUP_ALL_LOW = False
WAKEUP_ANY_HIGH = True

_NOT_FOUND = (-4354, "ESP_ERR_NVS_NOT_FOUND")
_INVALID_NAME = (-4358, "ESP_ERR_NVS_INVALID_NAME")
_KEY_TOO_LONG = (-4361, "ESP_ERR_NVS_KEY_TOO_LONG")
_INVALID_LENGTH = (-4364, "ESP_ERR_NVS_INVALID_LENGTH")
_LONGEST_NAME = 15
_INT32 = 1 << 31


def _load(path):
    try:
        with open(path) as file:
            text = file.read()
    except OSError:
        return {}
    return json.loads(text) if text else {}


_path = os.getenv("MYNAH_NVS")
_stored = _load(_path)  # namespace → key → an int, or a blob in hex
_pending = {}


class NVS:
    """One namespace."""

    def __init__(self, namespace):
        if not 0 < len(namespace) <= _LONGEST_NAME:
            raise OSError(*_INVALID_NAME)
        self._name = namespace
        self._values = _pending.setdefault(namespace, _stored.get(namespace, {}).copy())

    def set_i32(self, key, value):
        """Keep a number."""
        if not -_INT32 <= value < _INT32:
            raise OverflowError("value must fit in 32 bits")
        self._values[_checked(key)] = value

    def get_i32(self, key):
        """Read a number."""
        return self._get(key, int)

    def set_blob(self, key, value):
        """Keep bytes."""
        self._values[_checked(key)] = binascii.hexlify(value).decode()

    def get_blob(self, key, buffer):
        """Read bytes into a buffer that must be long enough; return how many there are."""
        blob = binascii.unhexlify(self._get(key, str))
        if len(blob) > len(buffer):
            raise OSError(*_INVALID_LENGTH)
        buffer[: len(blob)] = blob
        return len(blob)

    def erase_key(self, key):
        """Forget a value."""
        if _checked(key) not in self._values:
            raise OSError(*_NOT_FOUND)
        del self._values[key]

    def commit(self):
        """Write the file, whole or not at all."""
        _stored[self._name] = self._values.copy()
        with open(_path + ".new", "w") as file:
            json.dump(_stored, file)
        os.rename(_path + ".new", _path)

    def _get(self, key, kind):
        # A value of the other type is not found either: the type is part of an entry's name.
        value = self._values.get(_checked(key))
        if not isinstance(value, kind):
            raise OSError(*_NOT_FOUND)
        return value


if _wake.has(_wake.EXT0):

    def wake_on_ext0(pin=None, level=WAKEUP_ALL_LOW):
        """Wake at this level of one pin."""
        pins = [] if pin is None else _wake.checked(_wake.EXT0, [pin])
        _wake.choose(_wake.EXT0, pins, level)


if _wake.has(_wake.EXT1):

    def wake_on_ext1(pins=None, level=WAKEUP_ALL_LOW):
        """Wake when any of these pins is high, or all are low."""
        _wake.choose(_wake.EXT1, _wake.checked(_wake.EXT1, pins or ()), level)


def wake_on_gpio(pins=None, level=WAKEUP_ALL_LOW):
    """Wake at this level of any of these pins; `deepsleep` says whether the chip can."""
    _wake.choose(_wake.GPIO, pins or (), level)


if _chip_kind.NAME != "esp32c6":

    def gpio_deep_sleep_hold(enable):
        """In deep sleep pins that are held stay so that have no power then."""
        _pin.keep_asleep(enable)


def _checked(key):
    if len(key) > _LONGEST_NAME:
        raise OSError(*_KEY_TOO_LONG)
    return key
