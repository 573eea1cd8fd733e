"""What the ring asks of its flash, one job at a time: the core decides, a shell does it.

`Said.job()` names a job, `Said.done(result)` ends it, with nothing else in between.
"""

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    Data = bytes | bytearray | memoryview

WRITE = "write"  # data at an offset of a file, which is made if need be; safe with a later COMMIT
COMMIT = "commit"  # the same, and all that was written of the file is safe
REPLACE = "replace"  # data is the whole file, or the old one is left: never a piece of it
REMOVE = "remove"  # a file that may be gone already
READ = "read"  # into data, from an offset; the result is how many bytes there were
WIPE = "wipe"  # remove every file

DONE = 0  # a result; READ's is 0 or more
FULL = -1  # there is no room
FAILED = -2  # anything else


class Job:
    """One piece of work, so small that the flash stalls the chip for one erase at most."""

    def __init__(self, kind: str, file: int, offset: int = 0, data: "Data" = b"") -> None:
        """`file` is a number; the lower, the older."""
        self.kind = kind
        self.file = file
        self.offset = offset
        self.data = data
