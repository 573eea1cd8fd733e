"""Towards no emulator: what is told is dropped, but for the end of the power."""

import os

import _topics

changes = 0  # of the flash, since the boot


def send(topic, _body):
    """Tell the computer something."""
    global changes
    changes += topic == _topics.FLASH_WRITE
    if topic == _topics.POWER_CUT:
        die()


def on(_topic, _handler):
    """Nobody tells anything."""


def die():
    """Nothing of this process happens any more, not even a `finally`."""
    os.system("kill -9 $PPID")
