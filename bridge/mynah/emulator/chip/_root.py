"""What a chip does after a reset: its flash is the root of all files; `main.py`; then the REPL.

Run with `micropython -i`. Native code in the flash is the chip's; the processor here is another, so
`/.cpu` has the same sources compiled for it.
"""

import os
import sys

_MOUNT = "/.chip"
_STATE = "/.state"
_CPU = "/.cpu"
_SOUND = ".raw"
_FULL = 28  # ENOSPC
_BLOCK_BYTES = 4096
_FOLDER = 0x4000
_READY = "\x06"  # until this or a prompt is printed nothing is typed: Ctrl-C would end it all
_HEAD_BYTES = 3  # of an .mpy file; the last of them says for what processor it is
_ARCHITECTURE_SHIFT = 2


_host = os.VfsPosix()  # without a root of its own: with one, its rename has one path for both


class Folder:
    """A folder of the computer, to be mounted."""

    def __init__(self, root):
        self._root = root
        self._here = ""

    def mount(self, _readonly, _mkfs):
        pass

    def umount(self):
        pass

    def open(self, path, mode):
        """A file."""
        return _host.open(self._real(path), mode)

    def chdir(self, path):
        _host.ilistdir(self._real(path))  # raises where there is none
        self._here = self._real(path)[len(self._root) :].rstrip("/")

    def getcwd(self):
        return self._here or "/"

    def mkdir(self, path):
        _host.mkdir(self._real(path))

    def remove(self, path):
        _host.remove(self._real(path))

    def rename(self, old, new):
        _host.rename(self._real(old), self._real(new))

    def rmdir(self, path):
        _host.rmdir(self._real(path))

    def stat(self, path):
        return _host.stat(self._real(path))

    def ilistdir(self, path):
        return _host.ilistdir(self._real(path))

    def _real(self, path):
        return self._root + (path if path.startswith("/") else self._here + "/" + path)


class State(Folder):
    """What the emulator keeps of the chip, and the air around it."""

    def open(self, path, mode):
        """A file."""
        return _still_air.opened() if path.endswith(_SOUND) else super().open(path, mode)


class Files(Folder):
    """The flash, with as much room as the chip has."""

    def __init__(self, root, size, architecture):
        super().__init__(root)
        self._size = size
        self._architecture = architecture
        self._used = self._used_in("/")
        self.is_running = False  # what opens a module then is the firmware that imports it

    def open(self, path, mode):
        """A file."""
        if "r" in mode and "+" not in mode:
            return self._readable(path, mode)
        if "w" in mode:
            self._used -= self._size_of(path)
        return _Limited(super().open(path, mode), self)

    def remove(self, path):
        self._used -= self._size_of(path)
        super().remove(path)

    def rename(self, old, new):
        self._used -= self._size_of(new)
        super().rename(old, new)

    def statvfs(self, _path):
        blocks = self._size // _BLOCK_BYTES
        free = max(0, self._size - self._used) // _BLOCK_BYTES
        return (_BLOCK_BYTES, _BLOCK_BYTES, blocks, free, free, 0, 0, 0, 0, 255)

    def take(self, size):
        """Use so much room."""
        if self._used + size > self._size:
            raise OSError(_FULL)
        self._used += size

    def _readable(self, path, mode):
        file = super().open(path, mode)
        if self.is_running and path.endswith(".mpy") and mode == "rb":
            head = file.read(_HEAD_BYTES)
            if head[-1:] and head[-1] >> _ARCHITECTURE_SHIFT == self._architecture:
                file.close()
                return open(_CPU + "/" + path[path.rfind("/") + 1 :], "rb")
            file.seek(0)
        return file

    def _size_of(self, path):
        try:
            return self.stat(path)[6]
        except OSError:
            return 0

    def _used_in(self, folder):
        used = 0
        for entry in self.ilistdir(folder):
            path = folder + ("" if folder == "/" else "/") + entry[0]
            used += self._used_in(path) if entry[1] == _FOLDER else self._size_of(path)
        return used


class _Limited:
    """A file open for writing, in a flash that may be full."""

    def __init__(self, file, files):
        self._file = file
        self._files = files
        for name in ("close", "flush", "read", "readinto", "readline", "seek", "tell"):
            setattr(self, name, getattr(file, name))

    def write(self, data):
        self._files.take(len(data))
        return self._file.write(data)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()


def _start():
    if os.getenv("MYNAH_RUNS_MAIN") != "1" or "main.py" not in os.listdir("/"):
        return
    sys.stdout.write(_READY)
    _files.is_running = True
    with open("main.py") as file:
        code = compile(file.read(), "main.py", "exec")
    exec(code, {"__name__": "__main__"})  # noqa: S102 - so does the chip


_bytes, _architecture = os.getenv("MYNAH_FLASH_BYTES"), os.getenv("MYNAH_ARCHITECTURE")
_files = Files(os.getenv("MYNAH_FLASH"), int(_bytes), int(_architecture))
os.umount("/")
os.mount(os.VfsPosix(os.getenv("MYNAH_STAND_INS")), _MOUNT)
os.mount(os.VfsPosix(os.getenv("MYNAH_CPU")), _CPU)
os.mount(State(os.getenv("MYNAH_STATE")), _STATE)
os.mount(_files, "/")
os.chdir("/")
sys.path[:] = [_MOUNT, "", ".frozen", "/lib"]
import _still_air  # noqa: E402 - not found before

sys.argv[:] = []
try:
    _start()
except (Exception, KeyboardInterrupt) as _error:  # noqa: BLE001 - told, and then the REPL
    sys.print_exception(_error)
_files.is_running = False
