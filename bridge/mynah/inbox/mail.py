"""A conversation's way to its ring's inbox: what it hears comes through here, and what it told."""

from collections.abc import Callable

from mynah.inbox.inboxes import Inboxes
from mynah.inbox.late import Late
from mynah.inbox.mailbox import Hooks, Mailbox
from mynah.inbox.wants import Report
from mynah.link.client import RingClient
from mynah.turn.answer import Answer
from mynah.turn.hands_free import ring_stream
from mynah_wire.downlink import Kept
from mynah_wire.message import Message
from mynah_wire.uplink import CANCELLED, STORE, Counters, End, Ready


class Mail:
    """Over one connection. With a ring that keeps nothing all passes through."""

    def __init__(
        self,
        ring: RingClient,
        inboxes: Inboxes,
        late: Callable[[], None],
        trouble: Callable[[str], None],
    ) -> None:
        """`late` is called when `take_late` is worth asking, `trouble` for the person to read."""
        self.on_lost: Callable[[Report], None] = _nobody
        """Is told of what is lost."""
        self._ring = ring
        self._inboxes = inboxes
        self._hooks = Hooks(ring.tell, self._lost, late, trouble)
        self._mailbox: Mailbox | None = None
        self._unkept: Ready | None = None  # of a ring that stores, where no disk takes over

    @property
    def keeps(self) -> bool:
        """Whether what is not answered now comes again."""
        return self._mailbox is not None

    @property
    def wall_ms(self) -> float:
        """What a clock on the wall shows."""
        return 0.0 if self._mailbox is None else self._mailbox.wall_ms

    async def take(self, message: Message) -> list[Message]:
        """The ring said something: what of it the conversation is to hear."""
        if isinstance(message, Ready) and message.capabilities & STORE:
            mailbox = self._inboxes.of(message)
            if await mailbox.connect(message, self._hooks):
                self._mailbox = mailbox
            else:
                self._unkept = message
            return [message]
        if self._mailbox is None:
            if isinstance(message, End) and message.verdict == CANCELLED:
                self._let_go(message.stream)
            return [message]
        heard = self._mailbox.hear(message)
        if isinstance(message, Counters) and self._ring.session.channel.missed == 0:
            self._mailbox.all_held()  # at the first; later ones change nothing
        return heard

    def take_late(self) -> Late | None:
        """What is to be answered now that nobody has the floor."""
        return None if self._mailbox is None else self._mailbox.take_late()

    def told(self, answer: Answer) -> None:
        """A turn is told, and whatever it took is over."""
        if self._mailbox is not None and answer.late is not None:
            self._mailbox.told(answer.late.key)
        for stream, frame in answer.takes.items():
            if self._mailbox is not None:
                self._mailbox.told(self._mailbox.key(stream), frame)
            elif frame is None:
                self._let_go(stream)

    def untold(self, answer: Answer) -> None:
        """A turn is over without an answer: whatever it took comes again, late."""
        if self._mailbox is None:
            return
        if answer.late is not None:
            self._mailbox.untold(answer.late.key)
            return
        for stream in {*answer.takes, ring_stream(answer.utterance.stream)}:
            self._mailbox.untold(self._mailbox.key(stream))

    def silent(self, stream: int) -> None:
        """A stream of the ring is over, and in the rest of it nothing was said."""
        if self._mailbox is not None:
            self._mailbox.told(self._mailbox.key(stream))
        else:
            self._let_go(stream)

    async def end(self) -> None:
        """The connection is over."""
        mailbox, self._mailbox = self._mailbox, None
        if mailbox is not None:
            await mailbox.disconnect(self._hooks)

    def _let_go(self, stream: int) -> None:
        """A ring that is never told so is full after a hundred, and deaf."""
        if self._unkept is not None:
            self._ring.tell(Kept(self._unkept.boot_id, stream))

    def _lost(self, report: Report) -> None:
        self.on_lost(report)


def _nobody(_report: Report) -> None:
    pass
