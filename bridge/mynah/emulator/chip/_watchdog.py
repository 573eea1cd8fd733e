"""`machine.WDT`: tells the emulator that it was fed, which bites from outside if it was not.

So it bites code that never yields too, as on the chip.
"""

import struct
import time

import _channel
import _topics

_FED_MESSAGE = "<IQ"
_fed = bytearray(struct.calcsize(_FED_MESSAGE))


class WDT:
    """It can't be stopped; making it again sets another time."""

    _timeout_ms = 0

    def __init__(self, id=0, timeout=5000):
        if id != 0:
            raise ValueError
        if timeout <= 0:
            raise ValueError("WDT timeout too short")
        WDT._timeout_ms = timeout
        self.feed()

    def feed(self):
        """Begin the time anew."""
        struct.pack_into(_FED_MESSAGE, _fed, 0, WDT._timeout_ms, time.ticks_us())
        _channel.send(_topics.FED, _fed)
