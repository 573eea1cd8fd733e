"""The utterances that no host has KEPT yet: which there are, and when to tell of each."""

from mynah_wire import uplink
from mynah_wire.clock import after_ms

from .actions import earliest, is_due

# Each is a marker of 0.2 kB at least. Whoever is away for more of them has a ring that shows
# trouble and stays deaf: what can't be remembered must not seem to be heard.
LIMIT = 100  # a board of little RAM has less: 0.2 kB each
KEPT_MS = 2000  # a host answers END within 0.1 s; so late it was killed, or its disk is full
AGAIN_MS = 5000  # a HELD that nobody acted on is told again


class Utterance:
    """One press: what is known of it, and where it lies."""

    def __init__(
        self, boot_id: int, stream: int, codec: int, started_ms: int, first: int = 0
    ) -> None:
        """`first` is the count in memory of the frame that comes first."""
        self.boot_id = boot_id
        self.stream = stream
        self.codec = codec
        self.started_ms = started_ms
        self.verdict = uplink.OPEN
        self.frames = 0  # on the sample clock
        self.lost = 0  # of them, before they were in memory
        self.live = False  # on this connection since its START
        self.told = False
        self.known = False  # a host has heard of it, on this connection or before
        self.due_ms: "int | None" = None  # when it is overdue
        self.overdue = False  # it must be told, and be in flash
        self.first = first  # what memory has of it: the counts first to end
        self.end = first
        self.sent = first  # so far a host has it, if it was not killed
        self.file = 0  # its number; 0 if it has none
        self.size = 0  # of the file, in bytes
        self.records = 0  # frames in it
        self.saved = first  # the count of the frame that goes there next
        self.whole = False  # all that there is of it is in the file

    @property
    def over(self) -> bool:
        """Whether it has been said."""
        return self.verdict != uplink.OPEN


class Held:
    """A bounded list of them, the oldest first."""

    def __init__(self) -> None:
        self.all: "list[Utterance]" = []
        self.limit = LIMIT
        self._again_ms: "int | None" = None  # while a host listens

    @property
    def full(self) -> bool:
        """Whether there is no place for another."""
        return len(self.all) >= self.limit

    def add(self, utterance: Utterance, now_ms: int) -> None:
        """One that is newer than all others."""
        if self._again_ms is not None and not self.all:
            self._again_ms = after_ms(now_ms, AGAIN_MS)  # nobody has looked at it since
        self.all.append(utterance)

    def find(self, boot_id: int, stream: int) -> "Utterance | None":
        """By its name on the wire."""
        for utterance in self.all:
            if utterance.stream == stream and utterance.boot_id == boot_id:
                return utterance
        return None

    def oldest_in_memory(self) -> "Utterance | None":
        """The first of those that have frames there."""
        for utterance in self.all:
            if utterance.first < utterance.end:
                return utterance
        return None

    def met(self, now_ms: int) -> None:
        """A host has proved itself: tell it all, and let it fetch before more is written."""
        self._again_ms = after_ms(now_ms, AGAIN_MS)
        for utterance in self.all:
            utterance.told = False
            if utterance.over and not utterance.whole:
                self.give_time(utterance, now_ms)

    def cut(self) -> None:
        """The link is gone, and nobody will say KEPT."""
        self._again_ms = None
        for utterance in self.all:
            utterance.live = False
            utterance.due_ms = None
            utterance.overdue = utterance.over

    def give_time(self, utterance: Utterance, now_ms: int, span_ms: int = KEPT_MS) -> None:
        """It is overdue then, and not yet."""
        utterance.overdue = False
        utterance.due_ms = after_ms(now_ms, span_ms)

    def tick(self, now_ms: int, sent: int, fetching: bool) -> None:
        """Do what is due. `sent` is how far the live frames have gone, as a count in memory."""
        for utterance in self.all:
            if not is_due(utterance.due_ms, now_ms):
                continue
            if utterance.live and sent < utterance.end:
                self.give_time(utterance, now_ms)  # its END waits behind its frames
                continue
            utterance.due_ms = None
            utterance.overdue = True
            if utterance.live:
                utterance.live = utterance.told = False
        if is_due(self._again_ms, now_ms):
            self._again_ms = after_ms(now_ms, AGAIN_MS)
            if not fetching:
                for utterance in self.all:
                    utterance.told = False

    def deadline_ms(self, now_ms: int) -> "int | None":
        """When to `tick`."""
        if not self.all:
            return None
        return earliest([each.due_ms for each in self.all] + [self._again_ms], now_ms)

    def telling(self) -> "uplink.Held | None":
        """The next to tell of; it has been told then."""
        for utterance in self.all:
            if not utterance.told and not utterance.live:
                utterance.told = utterance.known = True
                return uplink.Held(
                    utterance.boot_id,
                    utterance.stream,
                    utterance.codec,
                    utterance.verdict,
                    utterance.frames,
                    utterance.started_ms,
                )
        return None
