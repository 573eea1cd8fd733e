"""What the ring tells its host next, and in how many pieces."""

from mynah_wire.clock import elapsed_ms
from mynah_wire.message import Message, encode
from mynah_wire.record import COUNTER_BYTES
from mynah_wire.uplink import Touch

from .outbox import Outbox
from .said import Said
from .session import Session
from .workshop import Workshop

FRESH_MS = 10_000  # a host that listens is here within 5 s of the touch that woke the ring


class Telling:
    """Control, then live speech, then what was FETCHed, at last the log."""

    def __init__(self, session: Session, said: Said, workshop: Workshop) -> None:
        self.outbox = Outbox()
        self._session = session
        self._said = said
        self._workshop = workshop
        self._touch: "Touch | None" = None  # that nobody was there for

    def touch(self, touch: Touch) -> None:
        """Tell it, or the host that comes soon: a touch may be what woke the ring."""
        self._touch = None if self._session.proven else touch
        self.tell(touch)

    def greet_touch(self, now_ms: int) -> None:
        """A host is here: tell it of a touch that it has just missed."""
        touch, self._touch = self._touch, None
        if touch is not None and elapsed_ms(now_ms, touch.device_ms) < FRESH_MS:
            self.greet(touch)

    def tell(self, message: Message) -> None:
        """Before all audio."""
        # Without a proven host there is nobody to tell, and a later host must not hear old news.
        for piece in self._pieces(message):
            self.outbox.urgent(piece)

    def greet(self, message: Message) -> None:
        """Before everything else, as to a host that has just proved itself."""
        for piece in self._pieces(message):
            self.outbox.greeting(piece)

    def tell_in_place(self, message: Message) -> None:
        """After the audio that there is by now."""
        self.outbox.ordered(encode(message), self._said.memory.newest)

    def next_plaintext(self, record: bytearray, now_ms: int) -> int:
        """Write it to record[4:]; its length, 0 if there is nothing now.

        A frame of audio allocates nothing.
        """
        plaintext = self.outbox.control(self._said.sent)
        if plaintext is None:
            plaintext = self._told(self._said.telling() or self._workshop.urgent())
        if plaintext is None and self._session.carries_audio:
            length = self._said.audio(record) or self._said.past(record, now_ms)
            if length:
                return length
        if plaintext is None:
            plaintext = self._told(self._workshop.patient())
        if plaintext is None:
            return 0
        record[COUNTER_BYTES : COUNTER_BYTES + len(plaintext)] = plaintext
        return len(plaintext)

    def _told(self, message: "Message | None") -> "bytes | None":
        # As a greeting, all its pieces at once: nothing else in pieces may get between them.
        if message is None:
            return None
        self.greet(message)
        return self.outbox.control(self._said.sent)

    def _pieces(self, message: Message) -> "list[bytes]":
        channel = self._session.channel
        return channel.pieces(message) if channel is not None and self._session.proven else []
