"""The ring's flash file system where a plan of faults concerns it: writes that stall or are torn.

As on the chip's own LittleFS, what is written is safe once it was flushed or the file closed, and
what the cache could not hold. When the power goes, of the rest a torn piece is there, or nothing.
"""

import json
import os
import time

import _channel
import _topics

_CACHE_BYTES = 4096  # LittleFS writes a block at a time
_MOUNT = "/flash"
_THOUSAND = 1000


class _Power:
    """Counts what changes the flash since this boot, and does what was planned for that number."""

    def __init__(self, planned):
        self._stall_ms = int(planned["stall_ms"])
        self._planned = {}  # number of the write → [what, how much]
        for number, what, much in planned["writes"]:
            self._planned.setdefault(number, []).append((what, much))
        self._writes = 0
        self.files = []  # open for writing

    def change(self, act):
        """One change of the flash: `act()`, unless the power goes before it."""
        self._writes += 1
        _channel.send(_topics.FLASH_WRITE, b"")
        time.sleep_ms(self._stall_ms)
        for what, much in self._planned.get(self._writes, ()):
            if what == "stall_ms":
                time.sleep_ms(int(much))
            else:
                self._cut(act, much)
        act()

    def _cut(self, act, thousandths):
        """The power goes here. Nothing of this process runs any more, not even a `finally`."""
        for file in self.files:
            file.tear(thousandths)
        if thousandths * 2 >= _THOUSAND:
            try:
                act()
            except OSError:
                pass  # what fails changes nothing, and nobody hears of it any more
        _channel.send(_topics.POWER_CUT, b"")
        while True:
            time.sleep_ms(_THOUSAND)


class _File:
    """One that is open for writing."""

    def __init__(self, power, file):
        self._power = power
        self._file = file
        self._cached = bytearray()
        power.files.append(self)

    def write(self, data):
        self._cached.extend(data)
        self._power.change(self._write_full_cache)
        return len(data)

    def flush(self):
        self._power.change(self._write_cache)

    def close(self):
        if self in self._power.files:
            self._power.change(self._write_cache)
            self._power.files.remove(self)
            self._file.close()

    def tear(self, thousandths):
        self._cached = self._cached[: len(self._cached) * thousandths // _THOUSAND]
        self._write_cache()

    def read(self, *size):
        self._write_cache()
        return self._file.read(*size)

    def readinto(self, buffer):
        self._write_cache()
        return self._file.readinto(buffer)

    def seek(self, place, whence=0):
        if whence == 0 and place == self.tell():
            return place
        self._write_cache()
        return self._file.seek(place, whence)

    def tell(self):
        return self._file.tell() + len(self._cached)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def _write_full_cache(self):
        if len(self._cached) >= _CACHE_BYTES:
            self._write_cache()

    def _write_cache(self):
        if self._cached:
            self._file.write(self._cached)
            self._cached = bytearray()


class Flash:
    """What `os.mount` takes: a folder of the computer."""

    def __init__(self, root, power):
        self._root = root
        self._power = power
        self._folder = ""

    def mount(self, _readonly, _mkfs):
        pass

    def umount(self):
        pass

    def open(self, path, mode):
        file = open(self._real(path), mode)
        return file if set(mode) <= set("rbt") else _File(self._power, file)

    def chdir(self, path):
        self._folder = "" if path == "/" else path

    def getcwd(self):
        return self._folder or "/"

    def stat(self, path):
        return os.stat(self._real(path))

    def statvfs(self, path):
        return os.statvfs(self._real(path))

    def ilistdir(self, path):
        return os.ilistdir(self._real(path))

    def mkdir(self, path):
        self._power.change(lambda: os.mkdir(self._real(path)))

    def rmdir(self, path):
        self._power.change(lambda: os.rmdir(self._real(path)))

    def remove(self, path):
        self._power.change(lambda: os.remove(self._real(path)))

    def rename(self, old, new):
        self._power.change(lambda: os.rename(self._real(old), self._real(new)))

    def _real(self, path):
        return self._root + (path if path.startswith("/") else self._folder + "/" + path)


_planned = os.getenv("MYNAH_FLASH_FAULTS")
if _planned:
    os.mount(Flash(os.getcwd(), _Power(json.loads(_planned))), _MOUNT)
    os.chdir(_MOUNT)
