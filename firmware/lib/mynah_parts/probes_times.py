"""How long this chip takes for what it does most, at the clock that is told beside it."""

import asyncio
import gc
import hashlib
import time
from array import array
from binascii import unhexlify

import machine
from micropython import const

from mynah_device.probing import words
from mynah_wire.adpcm import FRAME_BYTES, PCM_BYTES
from mynah_wire.record import COUNTER_BYTES, NONCE_BYTES, OVERHEAD_BYTES

from .adpcm_viper import decode_frame, encode_frame
from .ccm import Ccm
from .probes import FailedError

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    from .probes import Prober

_ROUNDS = const(20)
_SECRET_BYTES = const(16)
_PLAIN_BYTES = const(168)  # of a frame of speech: what is sealed fifty times a second
_HASHED_BYTES = const(4096)
# RFC 8032, section 7.1, test 1: of an empty message.
_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
_SIGNATURE = (
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)


async def codec(_prober: "Prober", _argument: int) -> str:
    """A frame of 20 ms."""
    pcm, frame = bytearray(PCM_BYTES), bytearray(FRAME_BYTES)
    state = array("i", (0, 0))
    for place in range(0, PCM_BYTES, 2):
        pcm[place + 1] = place * 37 & 0x3F  # something to code
    encode_us = await _median_us(lambda: encode_frame(pcm, frame, 0, state))
    decode_us = await _median_us(lambda: decode_frame(frame, 0, pcm))
    return words(("encode_us", encode_us), ("decode_us", decode_us), _clock())


async def cipher(_prober: "Prober", _argument: int) -> str:
    """A record of a frame of speech."""
    ccm, nonce = Ccm(bytes(_SECRET_BYTES)), bytes(NONCE_BYTES)
    record = bytearray(_PLAIN_BYTES + OVERHEAD_BYTES)
    seal_us = await _median_us(lambda: ccm.seal(nonce, record, COUNTER_BYTES, _PLAIN_BYTES))
    sealed = bytes(record)

    def open_it() -> None:
        record[:] = sealed
        ccm.open(nonce, record, COUNTER_BYTES, len(record) - COUNTER_BYTES)

    open_us = await _median_us(open_it)
    return words(
        ("seal_us", seal_us), ("open_us", open_us), ("record_bytes", len(record)), _clock()
    )


async def sha256(_prober: "Prober", _argument: int) -> str:
    """4 KiB of SHA-256."""
    data = bytes(_HASHED_BYTES)
    sha256_us = await _median_us(lambda: hashlib.sha256(data).digest())
    return words(("sha256_us", sha256_us), ("hashed_bytes", _HASHED_BYTES), _clock())


async def signature(_prober: "Prober", _argument: int) -> str:
    """One Ed25519 signature, as an update has it; others have their turn between its steps."""
    from mynah_device.ed25519 import checking

    steps = checking(unhexlify(_KEY), b"", unhexlify(_SIGNATURE))
    verdict, whole_us, longest_us = None, 0, 0
    while verdict is None:
        begun_us = time.ticks_us()
        verdict = next(steps)
        step_us = time.ticks_diff(time.ticks_us(), begun_us)
        whole_us += step_us
        longest_us = max(longest_us, step_us)
        await asyncio.sleep_ms(0)
    values = words(("verify_ms", whole_us / 1000), ("longest_step_ms", longest_us / 1000), _clock())
    if not verdict:
        raise FailedError(values + " reason=a_true_signature_is_refused")
    return values


async def _median_us(work: "Callable[[], object]") -> int:
    gc.collect()
    work()  # once to be in the cache
    times_us = []
    for _ in range(_ROUNDS):
        begun_us = time.ticks_us()
        work()
        times_us.append(time.ticks_diff(time.ticks_us(), begun_us))
        await asyncio.sleep_ms(0)
    return sorted(times_us)[_ROUNDS // 2]


def _clock() -> "tuple[str, int]":
    return "mhz", machine.freq() // 1_000_000
