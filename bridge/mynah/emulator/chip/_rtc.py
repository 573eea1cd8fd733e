"""`machine.RTC`: memory that outlives resets and deep sleep, not a power cut.

In the ESP32 port it is not cleared at a start (RTC_NOINIT): the emulator keeps it and hands it on.
"""

import binascii
import os
import time

import _channel
import _topics

_MEMORY_BYTES = 2048


class RTC:
    """One clock and one memory, whatever the object."""

    _memory = binascii.unhexlify(os.getenv("MYNAH_RTC_MEMORY") or "")

    def memory(self, data=None):
        """Read it, or replace it."""
        if data is None:
            return RTC._memory
        if len(data) > _MEMORY_BYTES:
            raise ValueError("buffer too long")
        RTC._memory = bytes(data)
        _channel.send(_topics.RTC_MEMORY, RTC._memory)
        return None

    def datetime(self, _new=None):
        """The computer's; nothing of the ring may rely on it."""
        year, month, day, hour, minute, second, weekday, _ = time.gmtime()
        return (year, month, day, weekday, hour, minute, second, 0)
