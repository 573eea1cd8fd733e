"""Opus both ways, packet by packet: libopus, through PyAV."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.errors import CompanionError

DECODED_HZ: Final = 48_000
"""Opus has no rate of its own: FFmpeg's libopus always decodes to this, whatever was encoded."""

FRAME_MS: Final = 60
"""What xiaozhi's boards send and expect; the longest that Opus has without joining frames."""

BIT_RATE: Final = 24_000
"""Of speech on its way to a recogniser: beyond 24 kbit/s listeners hear no difference."""

MOST_PACKET_BYTES: Final = 8_000
"""Six frames of 20 ms at the longest that RFC 6716 allows, 1275 bytes each."""

MOST_PACKET_MS: Final = 120
"""RFC 6716, section 3.4."""

MOST_ODD: Final = 10
"""Packets that are none. Networks lose nothing here, so more is no Opus at all."""

# Milliseconds of a frame by a packet's first byte: SILK, hybrid, CELT (RFC 6716, table 2).
_SILK_MS: Final = (10.0, 20.0, 40.0, 60.0)
_HYBRID_MS: Final = (10.0, 20.0)
_CELT_MS: Final = (2.5, 5.0, 10.0, 20.0)
_FIRST_HYBRID: Final = 12
_FIRST_CELT: Final = 16
_STEREO: Final = 0x04
_COUNTED: Final = 3  # the second byte says how many frames


class OpusEncoder:
    """Speech into packets of FRAME_MS. One for each utterance."""

    def __init__(self) -> None:
        from av import AudioFrame, CodecContext

        self._new_frame = AudioFrame.from_ndarray
        self._codec = CodecContext.create("libopus", "w")
        self._codec.sample_rate = SPEECH_HZ
        self._codec.format = "s16"
        self._codec.layout = "mono"
        self._codec.bit_rate = BIT_RATE
        self._codec.options = {"application": "voip", "frame_duration": str(FRAME_MS)}
        self._rest = np.zeros(0, np.int16)
        self._frames = 0

    def push(self, samples: Samples) -> list[bytes]:
        """The packets that are full."""
        sound = np.concatenate([self._rest, samples])
        size = SPEECH_HZ * FRAME_MS // 1000
        whole = len(sound) // size * size
        self._rest = sound[whole:]
        return [
            packet
            for start in range(0, whole, size)
            for packet in self._encode(sound[start : start + size])
        ]

    def finish(self) -> list[bytes]:
        """The rest, filled up with silence."""
        size = SPEECH_HZ * FRAME_MS // 1000
        last = self.push(np.zeros(-len(self._rest) % size, np.int16))
        return last + [bytes(packet) for packet in self._codec.encode(None)]

    def _encode(self, sound: Samples) -> Iterator[bytes]:
        frame = self._new_frame(sound.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SPEECH_HZ
        frame.pts = self._frames * len(sound)
        self._frames += 1
        return (bytes(packet) for packet in self._codec.encode(frame))


class OpusDecoder:
    """Packets into sound at DECODED_HZ. One for each reply: a decoder remembers."""

    def __init__(self, whose: str) -> None:
        """`whose` begins the message of an error."""
        from av import CodecContext, FFmpegError, Packet

        self._packet, self._error = Packet, FFmpegError
        self._codec: Any = CodecContext.create("libopus", "r")
        self._codec.sample_rate = DECODED_HZ
        self._codec.layout = "mono"
        self._whose = whose
        self._packet_ms: float | None = None  # of the first; an encoder keeps to one
        self._odd = 0

    def push(self, packet: bytes) -> NDArray[np.float32]:
        """Its sound, -1 to 1; none if it is no packet. CompanionError if too many are none."""
        length_ms = packet_ms(packet)
        if length_ms is None or length_ms != (self._packet_ms or length_ms):
            return self._refuse()
        try:
            frames = self._codec.decode(self._packet(packet))
        except self._error:
            return self._refuse()
        self._packet_ms = length_ms
        return _joined([_whole_scale(frame.to_ndarray()) for frame in frames])

    def _refuse(self) -> NDArray[np.float32]:
        # Any bytes can be decoded, as loud noise: nobody is to hear what is not certainly Opus.
        self._odd += 1
        if self._odd > MOST_ODD:
            raise CompanionError(
                f"{self._whose} sends sound that is not Opus; set its audio format to opus, or "
                'voice = "bridge"',
                retryable=False,
            )
        return _joined([])


def packet_ms(packet: bytes) -> float | None:
    """How long a packet of one channel sounds; None if it is none."""
    if not 1 < len(packet) <= MOST_PACKET_BYTES or packet[0] & _STEREO:
        return None
    kind, joined = packet[0] >> 3, packet[0] & 3
    if kind < _FIRST_HYBRID:
        frame_ms = _SILK_MS[kind & 3]
    elif kind < _FIRST_CELT:
        frame_ms = _HYBRID_MS[kind & 1]
    else:
        frame_ms = _CELT_MS[kind & 3]
    frames = packet[1] & 0x3F if joined == _COUNTED else min(joined, 1) + 1
    total_ms = frames * frame_ms
    return total_ms if 0 < total_ms <= MOST_PACKET_MS else None


def _whole_scale(sound: NDArray[Any]) -> NDArray[np.float32]:
    if sound.dtype == np.int16:
        return np.asarray(sound.reshape(-1) / FULL_SCALE, np.float32)
    return sound.reshape(-1).astype(np.float32)


def _joined(parts: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
