"""On which computer a figure was measured."""

import os
import platform
from pathlib import Path
from typing import Final

_CPU_INFO: Final = Path("/proc/cpuinfo")


def machine() -> str:
    """Its processor, how many cores of it we may use, and the system."""
    return f"{_processor()}, {_cores()} cores, {platform.system()}"


def _processor() -> str:
    if _CPU_INFO.is_file():
        lines = _CPU_INFO.read_text("utf-8", "replace").splitlines()
        named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        if named:
            return named[0]
    return platform.processor() or platform.machine()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
