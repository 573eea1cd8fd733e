"""Sound that says whose it is: each frame carries its utterance's number and its own place. Pure.

What arrives is recognised by what it sounds like, and not by the names that the protocol gave it;
and any bit that changed on the way is seen.
"""

import struct
from typing import Final, Protocol

from mynah_wire.codecs import IMA_ADPCM, codec

CODEC: Final = codec(IMA_ADPCM)
_PLACE: Final = struct.Struct("<II")
_STATE: Final = bytes(CODEC.state_bytes)  # a predictor and an index of zero: any nibbles may follow
_TIMES: Final = (CODEC.frame_bytes - CODEC.state_bytes) // _PLACE.size


class Voice(Protocol):
    """What is said into a ring's microphone: known to the ledger, bit by bit."""

    def frame(self, number: int, place: int) -> bytes:
        """A codec frame of utterance `number`: its frame `place`, counted from 0."""

    def read(self, data: bytes) -> str:
        """What a frame sounds like, for a person who looks for a fault."""


class Numbered:
    """A voice that counts."""

    def frame(self, number: int, place: int) -> bytes:
        return _STATE + _PLACE.pack(number, place) * _TIMES

    def read(self, data: bytes) -> str:
        if len(data) != CODEC.frame_bytes:
            return f"{len(data)} bytes"
        number, place = _PLACE.unpack_from(data, len(_STATE))
        if data != self.frame(number, place):
            return "nothing that was said"
        return f"frame {place} of utterance {number}"
