"""Memory of a program of many hours: what was given back is not kept, and what is done is found.

The C library's part is for glibc; others have no such habit, or no way to tell them.
"""

import ctypes
import gc
import sys
from typing import Any, Final

ARENAS: Final = 1
"""Each thread that syncs a file or writes a log would get a heap of its own, and its own holes.
Python's lock lets one of them allocate at a time anyway."""

MAPPED_BYTES: Final = 16 * 1024
"""From here on a block is the kernel's, and goes back at once: half a second of speech. glibc
begins with 128 KiB and learns from each that is freed to take larger ones, up to 32 MB, from its
heap. There of 43 MB after 60 turns 13 were holes; of 33 with 128 KiB 1.9 after 20, of 29.5 with
this 0.4. Mapping one costs some microseconds."""

_M_MMAP_THRESHOLD: Final = -3  # of malloc.h
_M_ARENA_MAX: Final = -8


def keep_heap_small() -> bool:
    """Call it before there are threads; whether this C library took it."""
    mallopt = _of_the_c_library("mallopt")
    if mallopt is None:
        return False
    taken = [mallopt(_M_MMAP_THRESHOLD, MAPPED_BYTES), mallopt(_M_ARENA_MAX, ARENAS)]
    return all(taken)


class Tidy:
    """Call it after each turn, or in a pause: cycles go, and what the heap has free goes back."""

    def __init__(self) -> None:
        self._trim = _of_the_c_library("malloc_trim")
        self._settled = False

    def __call__(self) -> None:
        """A few milliseconds; the first time, when all is loaded that a turn takes, some 100."""
        # By itself Python looks for cycles among all when a quarter as many are new: of the 110,000
        # objects that imports leave, that is after a hundred turns, and takes the loop 60 ms.
        gc.collect()
        if not self._settled:
            self._settled = True
            gc.freeze()
        if self._trim is not None:
            self._trim(0)


def _of_the_c_library(name: str) -> Any:
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), name, None)  # musl has none of them
