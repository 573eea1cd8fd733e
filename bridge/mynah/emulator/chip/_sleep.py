"""Reset, deep sleep, and what a start is told of the end before it."""

import json
import os
import time

import _channel
import _exits
import _i2s
import _pin
import _ring
import _topics
import _wake

_PAUSE_MS = 1000


def reset():
    """Nothing of this run happens any more."""
    _ring.trace("reset")
    _end(code=_exits.RESET)


def deepsleep(time_ms=None):
    """Fall asleep until a source of `_wake` or the time wakes the chip, which then starts anew."""
    wake = _wake.chosen()
    _ring.trace("deepsleep", ms=time_ms, wake=wake, held=_pin.fall_asleep())
    _end(code=_exits.ASLEEP, ms=time_ms, wake=wake)


def reset_cause():
    """Why the ring started."""
    return int(os.getenv("MYNAH_RESET_CAUSE"))


def wake_reason():
    """What woke it from deep sleep, 0 if it did not sleep."""
    return int(os.getenv("MYNAH_WAKE_REASON") or 0)


def wake_pins():
    """Numbers of the pins that woke it, as ext1 and gpio tell them."""
    return tuple(json.loads(os.getenv("MYNAH_WAKE_PINS") or "[]"))


def _end(**how):
    _i2s.power_off()
    _channel.send(_topics.ENDED, json.dumps(how).encode())
    while True:
        time.sleep_ms(_PAUSE_MS)
