"""The host's real logic, session and inbox, on a disk that forgets; it can be killed anywhere.

Whoever answers is stood in for: a turn takes a while, and is over. The ledger learns what it took.
"""

import random
from dataclasses import dataclass, field
from typing import Final

from mynah.inbox.fake_disk import FakeDisk, KilledError
from mynah.inbox.files import Files
from mynah.inbox.inbox import LETTERS_MOST, Inbox
from mynah.inbox.journal import LINES_MOST, OUTCOMES_KEPT
from mynah.inbox.wants import (
    Action,
    Append,
    Deliver,
    Event,
    Failed,
    Hear,
    Lost,
    Note,
    Noted,
    OnDisk,
    Report,
    Spoilt,
    Sync,
    Synced,
    Tell,
    Tick,
)
from mynah.link.session import HostSession
from mynah.reliability.ledger import Ledger
from mynah.reliability.turns import Turns
from mynah_wire.downlink import Close
from mynah_wire.handshake import NONCE_BYTES
from mynah_wire.message import Message
from mynah_wire.uplink import Audio, Past

DEVICE: Final = bytes(range(8)).hex()
DISK_MS: Final = (0.0, 25.0)
"""From wanting something of a disk to having it: the loop does not wait for it."""

SLACK: Final = 8
"""More files than letters for a moment: those that are over and not removed yet."""


@dataclass(slots=True)
class _Writes:
    wanted: list[OnDisk] = field(default_factory=list)
    due_ms: float = float("inf")


class Host:
    """Runs from `start` to `kill`, and again, on one disk."""

    def __init__(self, ledger: Ledger, key: bytes, chance: random.Random) -> None:
        self.runs = False
        self.disk = FakeDisk(seed=chance.randrange(1 << 30))
        self._room_bytes = self.disk.room_bytes
        self._ledger = ledger
        self._key = key
        self._chance = chance
        self._session: HostSession | None = None

    @property
    def ready(self) -> bool:
        """Whether a ring proved itself on this connection."""
        return self._session is not None and self._session.ready is not None

    def start(self, now_ms: float) -> None:
        """Begin with what the disk has."""
        self.disk.before = None
        self._files = Files(DEVICE, self.disk)
        self._writes = _Writes()
        letters, journal = self._files.load()
        self.inbox = Inbox(DEVICE, 0.0, letters, journal)
        self._turns = Turns(self._ledger, self._chance)
        self._now_ms = now_ms
        self.runs = True

    def kill(self) -> None:
        """Nothing of it is left but what the disk keeps."""
        self.runs, self._session = False, None
        self.disk.kill()
        self._ledger.killed()

    def die_at_change(self, number: int) -> None:
        """Be killed in the middle of what the disk is to do: before that change of it from now."""
        left = [number]

        def before(_what: str, _name: str) -> None:
            left[0] -= 1
            if left[0] <= 0:
                raise KilledError

        self.disk.before = before

    def disk_full(self, *, full: bool) -> None:
        """The disk takes no more, or does again."""
        self.disk.room_bytes = 0 if full else self._room_bytes

    def connected(self, mtu: int, now_ms: float) -> None:
        """The ring is there."""
        nonce = self._chance.randbytes(NONCE_BYTES)
        self._session = HostSession(self._key, mtu, now_ms, nonce)

    def disconnected(self, now_ms: float) -> None:
        """The ring is gone."""
        if self._session is not None:
            self._session = None
            self._turns.drop()
            self._handle(Lost(), now_ms)

    def receive(self, record: bytes, now_ms: float) -> int:
        """A record came; how many frames of speech were in it."""
        if self._session is None:
            return 0
        messages = self._session.receive(record, now_ms)
        for message in messages:
            self._handle(message, now_ms)
        return sum(isinstance(message, Audio | Past) for message in messages)

    def tick(self, now_ms: float) -> None:
        """Do what is due: DeviceError if the ring fell silent, KilledError where a kill waits."""
        if not self.runs:
            return
        if now_ms >= self._writes.due_ms:
            self._write(now_ms)
        for told in self._turns.tick(now_ms):
            if isinstance(told, Close):
                self._tell(told)
            else:
                self._handle(told, now_ms)
        due_ms = self.inbox.deadline_ms()
        if due_ms is not None and now_ms >= due_ms:
            self._handle(Tick(), now_ms)
        if self._session is not None:
            self._session.tick(now_ms)

    def says(self) -> list[bytes]:
        """The records to send."""
        records: list[bytes] = []
        if self._session is not None:
            while (record := self._session.next()) is not None:
                records.append(record)
        return records

    def due_ms(self) -> float:
        """When to `tick` at the latest."""
        if not self.runs:
            return float("inf")
        moments = [self._writes.due_ms, self._turns.due_ms]
        if self._session is not None:
            moments.append(self._session.deadline_ms())
        inbox_ms = self.inbox.deadline_ms()
        return min(moments) if inbox_ms is None else min(*moments, inbox_ms)

    def holds(self) -> dict[str, tuple[int, int]]:
        """What there is of each, and how much there may be."""
        if not self.runs:
            return {}
        journal = self.inbox.journal
        return {
            "utterances in the inbox": (len(self.inbox.letters), 2 * LETTERS_MOST),
            "outcomes in the journal": (len(journal.outcomes), OUTCOMES_KEPT),
            "lines in the journal": (self._files.lines, LINES_MOST),
            "files of the inbox": (len(self.disk.names()), 2 * LETTERS_MOST + SLACK),
        }

    def _handle(self, event: Event, now_ms: float) -> None:
        self._now_ms = now_ms
        for action in self.inbox.handle(event, now_ms):
            self._carry_out(action)

    def _carry_out(self, action: Action) -> None:
        match action:
            case Hear(message):
                for untold in self._turns.hear(message, self.inbox.key, self._now_ms):
                    self._handle(untold, self._now_ms)
            case Tell(message):
                self._tell(message)
            case Deliver():
                self._deliver(action)
            case Report(key, reason, _):
                self._ledger.reported((key.boot_id, key.stream), reason)
            case _:
                self._want(action)

    def _tell(self, message: Message) -> None:
        if self._session is not None:
            self._session.tell(message)

    def _deliver(self, deliver: Deliver) -> None:
        kept = self._files.read(deliver.key)
        if kept is None or kept.ending is None:
            self._handle(Spoilt(deliver.key), self._now_ms)
        else:
            self._turns.take(deliver, kept, self._now_ms)

    def _want(self, action: OnDisk) -> None:
        if not self._writes.wanted:
            self._writes.due_ms = self._now_ms + self._chance.uniform(*DISK_MS)
        self._writes.wanted.append(action)

    def _write(self, now_ms: float) -> None:
        """The disk does what was wanted until now, and says what came of it."""
        wanted, self._writes = self._writes.wanted, _Writes()
        refused = {id(each.action) for each in self._files.carry_out(wanted)}
        for action in wanted:
            done = id(action) not in refused
            event = _answer(action, done=done)
            if isinstance(event, Noted) and done:
                self._ledger.noted((action.key.boot_id, action.key.stream))
            if event is not None:
                self._handle(event, now_ms)


def _answer(action: OnDisk, *, done: bool) -> Event | None:
    match action:
        case Note(key):
            return Noted(key)
        case Sync(key) if done:
            return Synced(key)
        case Append(key) | Sync(key) if not done:
            return Failed(key)
    return None
