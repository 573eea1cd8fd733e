"""What an update asks of the flash: one thing at a time, safe before the next is asked for."""

# What there is to do, and what it gives.
STEP = "step"  # something took a while: let everything else have its turn
READ = "read"  # count bytes of a file; what there is of them
SIZE = "size"  # of a file; 0 if there is none
ROOM = "room"  # bytes that are free, and what the folder holds
WIPE = "wipe"  # an empty `part` first, then nothing else is in the folder
WRITE = "write"  # all pieces safely, at that offset, in folders made on the way; 0 makes it anew
RENAME = "rename"  # to the other path
TRY = "try"  # the slot, at the next boot; False if that could not be noted
RESTART = "restart"  # when the host has been told


class Job:
    """One thing that the shell shall do."""

    def __init__(
        self,
        kind: str,
        path: str = "",
        offset: int = 0,
        count: int = 0,
        pieces: "list[bytes] | None" = None,
        other: str = "",
    ) -> None:
        self.kind = kind
        self.path = path
        self.offset = offset
        self.count = count
        self.pieces = pieces or []
        self.other = other
