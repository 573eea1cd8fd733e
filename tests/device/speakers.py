"""A playback whose sound can be read."""

from mynah_device.playback import FRAME_MS, FRAME_SAMPLES, SLOT_BYTES, SLOTS, Playback
from mynah_wire.codecs import IMA_ADPCM

CREDIT_MS = SLOTS * FRAME_MS
LATENCY_MS = 60
SILENCE = bytes(2 * FRAME_SAMPLES)


class Speaker:
    """A playback whose sound tells which frame of which reply it is, and how loud."""

    def __init__(self, slots=SLOTS):
        self.playback = Playback(self._decode, self._ramp, slots=slots)
        self.ramps = []
        self._pcm = bytearray(SILENCE)

    def _decode(self, data, offset, pcm):
        pcm[:] = SILENCE
        pcm[:8] = data[offset + 3 : offset + 11]

    def _ramp(self, pcm, samples, first, last):
        assert samples == FRAME_SAMPLES
        self.ramps.append((first, last))

    def push(self, reply, frame):
        record = bytearray(4 + 7 + SLOT_BYTES)
        record[14:22] = reply.to_bytes(4) + (frame + 1).to_bytes(4)
        self.playback.push(reply, frame, record, 11, SLOT_BYTES)

    def load(self, reply, frames, *, finish=False):
        """A reply with some frames, not yet released."""
        sent_ms = self.playback.credit_until_ms - CREDIT_MS
        assert self.playback.preload(reply, IMA_ADPCM, sent_ms)
        for frame in range(frames):
            self.push(reply, frame)
        if finish:
            self.playback.finish(reply, frames)

    def take(self):
        """The next 20 ms: (reply, frame), or None for silence."""
        self._pcm[:] = b"\xff" * len(self._pcm)
        self.playback.take(self._pcm, LATENCY_MS)
        if self._pcm == SILENCE:
            return None
        reply, frame = int.from_bytes(self._pcm[:4]), int.from_bytes(self._pcm[4:8])
        assert self._pcm[8:] == SILENCE[8:]
        return reply, frame - 1

    def reports(self):
        """What there is to tell, all of it."""
        reports = []
        while (cursor := self.playback.cursor()) is not None:
            reports.append(cursor)
        return reports
