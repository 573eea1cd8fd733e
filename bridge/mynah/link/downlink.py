"""A reply on its way to the ring: cut into frames, sent within the ring's credit. Pure."""

from array import array
from collections import deque

from mynah.audio import Samples
from mynah_wire.codecs import IMA_ADPCM, codec
from mynah_wire.downlink import (
    PRELOAD_LIMIT_MS,
    Drop,
    Duck,
    Finish,
    Flush,
    Go,
    Pause,
    Preload,
    Resume,
)
from mynah_wire.message import Message
from mynah_wire.uplink import Audio

CODEC = codec(IMA_ADPCM)


class Downlink:
    """One reply at a time. What belongs to a reply that is over is not sent any more."""

    def __init__(self) -> None:
        self.sent_ms = 0
        """Audio sent on this connection; what the ring's credit is counted in."""
        self._until_ms = 0
        self._commands: deque[Message] = deque()
        self._frames: deque[Audio] = deque()
        self._reply = 0
        self._released = False
        self._cut = 0  # frames made of this reply
        self._sent = 0  # frames of it sent
        self._rest = bytearray()  # samples that do not fill a frame yet
        self._coder = array("i", (0, 0))
        self._finish: Finish | None = None

    @property
    def queued_ms(self) -> int:
        """Audio that waits for credit or for the radio."""
        return len(self._frames) * CODEC.frame_ms

    def credit(self, until_ms: int) -> None:
        """The ring told how much may have been sent; it never takes back."""
        self._until_ms = max(self._until_ms, until_ms)

    def begin(self, reply: int) -> None:
        """A reply begins, held silently by the ring until `go`."""
        self._clear(reply)
        self._commands.append(Preload(reply, CODEC.id, 0))

    def push(self, reply: int, samples: Samples) -> None:
        """More of it, 16 kHz."""
        if reply != self._reply:
            return
        self._rest += samples.astype("<i2").tobytes()
        while len(self._rest) >= CODEC.pcm_bytes:
            self._cut_frame()

    def finish(self, reply: int) -> None:
        """That was all of it."""
        if reply != self._reply:
            return
        if self._rest:
            self._rest += bytes(CODEC.pcm_bytes - len(self._rest))
            self._cut_frame()
        self._finish = Finish(reply, self._cut)

    def go(self, reply: int) -> None:
        """Let it sound."""
        if reply == self._reply:
            self._released = True
            self._commands.append(Go(reply))

    def duck(self, reply: int) -> None:
        """Go on softly."""
        self._command(reply, Duck(reply))

    def pause(self, reply: int) -> None:
        """Fall silent, keep the place. Its sound still goes out, as far as there is credit."""
        self._command(reply, Pause(reply))

    def resume(self, reply: int) -> None:
        """Go on from there, at full volume."""
        self._command(reply, Resume(reply))

    def drop(self, reply: int) -> None:
        """Forget one that was not released; the ring would not obey for another."""
        if not self._released:
            self._end(reply, Drop(reply))

    def flush(self, reply: int) -> None:
        """Silence it."""
        self._end(reply, Flush(reply))

    def next(self) -> Message | None:
        """The next message to send, None if there is none, or no credit for it."""
        if self._commands:
            command = self._commands.popleft()
            if isinstance(command, Preload):
                command.sent_ms = self.sent_ms  # as of now: audio before it may just have gone
            return command
        if self._frames:
            if not self._may_send():
                return None
            self.sent_ms += CODEC.frame_ms
            self._sent += 1
            return self._frames.popleft()
        finish, self._finish = self._finish, None
        return finish

    def _may_send(self) -> bool:
        if not self._released and (self._sent + 1) * CODEC.frame_ms > PRELOAD_LIMIT_MS:
            return False
        return self.sent_ms + CODEC.frame_ms <= self._until_ms

    def _cut_frame(self) -> None:
        frame = bytearray(CODEC.frame_bytes)
        CODEC.encode_frame(self._rest[: CODEC.pcm_bytes], frame, 0, self._coder)
        del self._rest[: CODEC.pcm_bytes]
        self._frames.append(Audio(self._reply, self._cut, bytes(frame)))
        self._cut += 1

    def _command(self, reply: int, command: Message) -> None:
        if reply == self._reply:
            self._commands.append(command)

    def _end(self, reply: int, command: Message) -> None:
        self._command(reply, command)
        if reply == self._reply:
            self._clear(0)

    def _clear(self, reply: int) -> None:
        self._reply = reply
        self._released = False
        self._cut = self._sent = 0
        self._rest.clear()
        self._frames.clear()
        self._finish = None
        self._coder[0] = self._coder[1] = 0
