"""A reply on its way to the ring: cut into frames, sent within the ring's credit. Pure."""

from array import array
from collections import deque
from typing import Final

from mynah.audio import Samples
from mynah_wire.clock import after_ms
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
from mynah_wire.uplink import DONE, Audio, Cursor

CODEC = codec(IMA_ADPCM)

ENOUGH_FRAMES: Final = 8
"""The ring begins with four; with twice as many it has begun whichever of them were lost."""

SILENT_MS: Final = 1000.0
"""A ring that plays tells STARTED within 0.2 s, then a cursor every 0.2 s, and what it tells comes
in order. If a PING that was sent so long after all was there is answered before any cursor came,
something was lost: that is known 2 to 4 s after GO, and never because the air was bad for a while.
"""


class Downlink:
    """One reply at a time. What belongs to a reply that is over is not sent any more.

    What is lost on the way although the link holds, is noticed and sent again.
    """

    def __init__(self) -> None:
        self.sent_ms = 0
        """Audio sent on this connection; what the ring's credit is counted in."""
        self._until_ms = 0
        self._buffer_ms = 0  # of the ring: its first grant
        self._commands: deque[Message] = deque()
        self._frames: deque[Audio] = deque()
        self._reply = 0
        self._released = False
        self._cut = 0  # frames made of this reply
        self._sent = 0  # frames of it sent
        self._rest = bytearray()  # samples that do not fill a frame yet
        self._coder = array("i", (0, 0))
        self._finish: Finish | None = None
        self._finish_due = False
        self._unheard: list[Audio] = []  # sent before the first cursor
        self._gone = False  # GO was sent
        self._cursor: Cursor | None = None  # the last one
        self._manner: Message | None = None  # DUCK, PAUSE or RESUME, the last of them
        self._finished_again = False
        self._silent_ms: float | None = None  # since when there should be cursors

    @property
    def queued_ms(self) -> int:
        """Audio that waits for credit or for the radio."""
        return len(self._frames) * CODEC.frame_ms

    def credit(self, until_ms: int) -> None:
        """The ring told how much may have been sent; it never takes back."""
        self._buffer_ms = self._buffer_ms or until_ms
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
        self._finish_due = True

    def go(self, reply: int) -> None:
        """Let it sound."""
        if reply == self._reply:
            self._released = True
            self._commands.append(Go(reply))

    def duck(self, reply: int) -> None:
        """Go on softly."""
        self._change(reply, Duck(reply))

    def pause(self, reply: int) -> None:
        """Fall silent, keep the place. Its sound still goes out, as far as there is credit."""
        self._change(reply, Pause(reply))

    def resume(self, reply: int) -> None:
        """Go on from there, at full volume."""
        self._change(reply, Resume(reply))

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
            self._gone = self._gone or command == Go(self._reply)
            return command
        if self._frames:
            if not self._may_send():
                return None
            self.sent_ms += CODEC.frame_ms
            self._sent += 1
            frame = self._frames.popleft()
            if self._cursor is None:
                self._unheard.append(frame)
            return frame
        if not self._finish_due:
            return None
        self._finish_due = False
        return self._finish

    def played(self, cursor: Cursor) -> None:
        """The ring told how far it is."""
        if cursor.reply == self._reply:
            self._cursor, self._silent_ms, self._finished_again = cursor, None, False
            self._unheard.clear()

    def answered(self, asked_ms: float, now_ms: float) -> list[Cursor]:
        """The ring answers what it was asked then: all that was sent before is there, or lost.

        Returns what it must have told, if that was lost.
        """
        if not self._should_be_heard:
            self._silent_ms = None
        elif self._silent_ms is None:
            self._silent_ms = now_ms
        elif asked_ms - self._silent_ms >= SILENT_MS:
            self._silent_ms = now_ms
            if self._cursor is not None and self._finished_again and not self._finish_due:
                return [self._ended(self._cursor)]
            self._repeat()
        return []

    @property
    def _should_be_heard(self) -> bool:
        """Whether there are cursors of a ring that lost nothing."""
        finished = self._finish is not None and not self._finish_due
        if not self._gone:
            return False
        if self._cursor is None:
            return finished or self._sent >= ENOUGH_FRAMES
        if self._cursor.state >= DONE or isinstance(self._manner, Pause):
            return False
        return finished or isinstance(self._manner, Resume)

    def _repeat(self) -> None:
        """What may have been lost; if it was something else, it does no harm."""
        if self._cursor is None:  # without PRELOAD the ring threw all of it away
            self._commands += [Preload(self._reply, CODEC.id, 0), Go(self._reply)]
            self._frames.extendleft(reversed(self._unheard))
            self._unheard.clear()
            self._sent, self._gone = 0, False
            self.credit(self.sent_ms + self._buffer_ms)  # PRELOAD empties the ring's buffer
        elif self._manner is not None:
            self._commands.append(self._manner)
        self._finish_due = self._finish is not None
        self._finished_again = self._finish_due and self._cursor is not None

    def _ended(self, last: Cursor) -> Cursor:
        """The last word of a reply that the ring knows the end of, and does not play any more."""
        samples = self._cut * CODEC.frame_samples
        rest_ms = (samples - last.samples) * CODEC.frame_ms // CODEC.frame_samples
        ended = Cursor(last.reply, DONE, samples, after_ms(last.device_ms, rest_ms))
        self.played(ended)
        return ended

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

    def _change(self, reply: int, manner: Message) -> None:
        if reply == self._reply:
            self._manner = manner
        self._command(reply, manner)

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
        self._unheard.clear()
        self._finish, self._finish_due = None, False
        self._gone, self._cursor, self._manner = False, None, None
        self._silent_ms, self._finished_again = None, False
        self._coder[0] = self._coder[1] = 0
