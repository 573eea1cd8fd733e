"""What the sensors feel: told by the host over the channel, each from a ring time on.

Until it is told otherwise, the ring lies on a table, nobody touches it, and the battery is as full
as its settings say.
"""

import struct

import _channel
import _ring
import _topics

ACCELERATION = 0  # samples of three i16, milli-g, `interval_us` apart; the last one stays
FINGER = 1  # u8: 1 if a finger is on the pulse sensor; u8: its beats a minute
CELL = 2  # u32: microvolts at the battery's ADC pin
PAD = 3  # u8 pin, u32 counts that a touch pad reads above its own

_TABLE = (0, 0, 1000)
_HEAD = "<BQI"  # kind, ring time from which it holds, interval
_HEAD_BYTES = struct.calcsize(_HEAD)
_SAMPLE_BYTES = 6
_LEAST_KEPT_US = 5_000_000  # a FIFO that is read later than this lost it anyway

_motion = []  # (from_us, interval_us, body), by time
_latest = {}  # kind, or (kind, pin) → [(from_us, value)]


def acceleration(us):
    """Milli-g on three axes at a ring time."""
    body, place = None, 0
    for from_us, interval_us, samples in _motion:
        if from_us > us:
            break
        body, place = samples, (us - from_us) // interval_us
    if body is None:
        return _TABLE
    place = min(place, len(body) // _SAMPLE_BYTES - 1)
    return struct.unpack_from("<hhh", body, place * _SAMPLE_BYTES)


def value(kind, default=None):
    """What was told last of what has come."""
    now = _ring.now_us()
    found = default
    for from_us, told in _latest.get(kind, ()):
        if from_us <= now:
            found = told
    return found


def _on_sense(body):
    kind, from_us, interval_us = struct.unpack_from(_HEAD, body)
    rest = body[_HEAD_BYTES:]
    if kind == ACCELERATION:
        _forget(_motion, from_us)
        _motion.append((from_us, interval_us, rest))
    elif kind == FINGER:
        _tell(kind, from_us, (rest[0], rest[1]))
    elif kind == CELL:
        _tell(kind, from_us, struct.unpack("<I", rest)[0])
    elif kind == PAD:
        pin, counts = struct.unpack("<BI", rest)
        _tell((kind, pin), from_us, counts)


def _tell(kind, from_us, told):
    kept = _latest.setdefault(kind, [])
    _forget(kept, from_us)
    kept.append((from_us, told))


def _forget(kept, from_us):
    """Drop what something newer replaced long before `from_us`."""
    while len(kept) > 1 and kept[1][0] < from_us - _LEAST_KEPT_US:
        kept.pop(0)


_channel.on(_topics.SENSE, _on_sense)
