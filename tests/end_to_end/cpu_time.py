"""What processes cost: CPU time, which a busy machine stretches less than any clock."""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
FIRST_AFTER_NAME = 3  # the name, in brackets, may hold spaces; then come fields 3, 4, ...
USER, SYSTEM = 14 - FIRST_AFTER_NAME, 15 - FIRST_AFTER_NAME


def shares_of_a_core(processes: Mapping[int, str], seconds: float) -> dict[str, float]:
    """What each process takes of one core meanwhile, by its command line; without its children."""
    before, began_s = spent_s(processes), time.monotonic()
    time.sleep(seconds)
    after, took_s = spent_s(processes), time.monotonic() - began_s
    return {processes[pid]: (after[pid] - before[pid]) / took_s for pid in before.keys() & after}


def spent_s(processes: Mapping[int, str]) -> dict[int, float]:
    """The CPU time of each that is still there."""
    spent = {}
    for pid in processes:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            spent[pid] = (int(fields[USER]) + int(fields[SYSTEM])) / TICKS_PER_S
    return spent
