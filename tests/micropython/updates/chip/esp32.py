"""NVS as ESP-IDF has it: each `set` is in flash at once, whole or not at all; `commit` adds none.

MYNAH_NVS_CUT is the number of the write at which the power goes, and whether it was done by then.
"""

import json
import os

import _channel

_path = os.getenv("MYNAH_NVS")
_cut = json.loads(os.getenv("MYNAH_NVS_CUT") or "[0, 0]")
writes = 0


class NVS:
    """One namespace; a file that can't be read is a partition that can't be mounted."""

    def __init__(self, name):
        self._name = name
        _load()

    def get_i32(self, key):
        value = _load().get(self._name + "/" + key)
        if not isinstance(value, int):
            raise OSError(-4354, "ESP_ERR_NVS_NOT_FOUND")
        return value

    def set_i32(self, key, value):
        stored = _load()
        stored[self._name + "/" + key] = value
        _write(stored)

    def get_blob(self, key, buffer):
        value = _load().get(self._name + "/" + key)
        if not isinstance(value, str):
            raise OSError(-4354, "ESP_ERR_NVS_NOT_FOUND")
        blob = bytes.fromhex(value)
        buffer[: len(blob)] = blob
        return len(blob)

    def commit(self):
        pass


def _load():
    try:
        with open(_path) as file:
            stored = json.load(file)
    except ValueError:
        stored = None
    if not isinstance(stored, dict):
        raise OSError(-4353, "ESP_ERR_NVS_NOT_INITIALIZED")
    return stored


def _write(stored):
    global writes
    writes += 1
    if _cut[0] == writes and not _cut[1]:
        _channel.die()
    with open(_path + ".new", "w") as file:
        json.dump(stored, file)
    os.rename(_path + ".new", _path)
    if _cut[0] == writes:
        _channel.die()
