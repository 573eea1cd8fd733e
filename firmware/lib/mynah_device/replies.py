"""What the host says about replies, and what it is told of them: cursor and credit."""

from mynah_wire import uplink
from mynah_wire.clock import after_ms
from mynah_wire.downlink import Drop, Duck, Finish, Flush, Go, Pause, Preload, Resume
from mynah_wire.errors import MalformedError
from mynah_wire.record import COUNTER_BYTES

from .actions import WAKE_SPEAKER
from .playback import Playback

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    from mynah_wire.message import Message

CREDIT_STEP_MS = 100  # new credit is told in steps of five frames, not of one
AUDIO_BODY = COUNTER_BYTES + 7  # in a record: after kind 1, stream 2, frame 4
ORDERS = (Preload, Go, Drop, Pause, Resume, Duck, Flush, Finish)


class Replies:
    """Between the playback buffer and the host."""

    def __init__(
        self,
        playback: Playback,
        tell: "Callable[[Message], None]",
        on_over: "Callable[[], None]",
    ) -> None:
        """`on_over()` is called when the last word about a reply has been told."""
        self._playback = playback
        self._tell = tell
        self._on_over = on_over
        self._credited_ms = 0  # the credit that the host was last told of

    def new_host(self) -> None:
        """It counts from now on."""
        self._playback.new_host()
        self._credited_ms = self._playback.credit_until_ms

    def obey(self, order: "Message") -> "list[tuple[str, object]]":
        """One of ORDERS."""
        playback = self._playback
        if isinstance(order, Finish):
            playback.finish(order.reply, order.frames)
            return []
        if isinstance(order, Preload):
            if not playback.preload(order.reply, order.codec, order.sent_ms):
                return []
        elif isinstance(order, Go):
            playback.go(order.reply)
        elif isinstance(order, Resume):
            playback.resume(order.reply)
        elif isinstance(order, Drop):
            playback.drop(order.reply)
        elif isinstance(order, Pause):
            playback.pause(order.reply)
        elif isinstance(order, Duck):
            playback.duck(order.reply)
        elif isinstance(order, Flush):
            playback.flush(order.reply)
        self.tell_credit()
        return [(WAKE_SPEAKER, None)]

    def hear(self, buffer: bytearray, end: int) -> None:
        """A record of audio, opened, whose plaintext ends there."""
        if end < AUDIO_BODY:
            raise MalformedError("audio of %d bytes, needs %d" % (end, AUDIO_BODY))
        reply = buffer[5] | buffer[6] << 8
        # 30 bits of the frame's 32: a small int, and 248 days of sound.
        frame = buffer[7] | buffer[8] << 8 | buffer[9] << 16 | (buffer[10] & 0x3F) << 24
        self._playback.push(reply, frame, buffer, AUDIO_BODY, end - AUDIO_BODY)
        self.tell_credit()

    def hush(self) -> None:
        """What sounds falls silent for good."""
        if self._playback.sounds:
            self._playback.flush(self._playback.reply)

    def played(self, heard_ms: int) -> None:
        """A frame from `playback.take` is with the amplifier; its end sounds at `heard_ms`."""
        while (cursor := self._playback.cursor()) is not None:
            reply, state, samples, behind_ms = cursor
            moment_ms = after_ms(heard_ms, -behind_ms)
            self._tell(uplink.Cursor(reply, state, samples, moment_ms))
            if state in (uplink.DONE, uplink.FLUSHED):
                self._on_over()
        self.tell_credit()

    def tell_credit(self) -> None:
        """If there is enough of it to be worth a record."""
        until_ms = self._playback.credit_until_ms
        if until_ms - self._credited_ms >= CREDIT_STEP_MS:
            self._credited_ms = until_ms
            self._tell(uplink.Credit(until_ms))
