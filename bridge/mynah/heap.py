"""The C library's heap, told not to keep what a program of many hours gave back.

Only glibc's; others have no such habit, or no way to tell them.
"""

import ctypes
import sys
from typing import Final

ARENAS: Final = 1
"""Each thread that syncs a file or writes a log would get a heap of its own, and its own holes.
Python's lock lets one of them allocate at a time anyway."""

MAPPED_BYTES: Final = 128 * 1024
"""From here on a block is the kernel's, and goes back at once: four seconds of speech. It is
glibc's own first choice, but it would learn from each that is freed to take larger ones, up to
32 MB, from its heap. There of 43 MB after 60 turns 13 were holes; so 4 of 34 are."""

_M_MMAP_THRESHOLD: Final = -3  # of malloc.h
_M_ARENA_MAX: Final = -8


def keep_heap_small() -> bool:
    """Call it before there are threads; whether this C library took it."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is None:
        return False
    taken = [mallopt(_M_MMAP_THRESHOLD, MAPPED_BYTES), mallopt(_M_ARENA_MAX, ARENAS)]
    return all(taken)
