"""What the loader and the updater need of `machine`."""

import os
import sys

import _flash  # noqa: F401 - before anything opens a file

RESET = 10  # exit code
WDT_RESET = 3


class WDT:
    """The rig's: it bites what takes too long; what it was told is printed."""

    def __init__(self, timeout=5000):
        sys.stdout.write(f"watchdog: {timeout} ms\n")

    def feed(self):
        pass


def reset():
    """The rig boots it again."""
    sys.exit(RESET)


def reset_cause():
    return int(os.getenv("MYNAH_RESET_CAUSE") or 1)


def unique_id():
    return os.getenv("MYNAH_NVS").encode()
