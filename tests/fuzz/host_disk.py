"""What the host reads from its own disk and keeps there, as targets for a fuzzer."""

import zlib

from mynah.inbox import journal, records
from mynah.inbox.fake_disk import FakeDisk
from mynah.inbox.files import Files
from mynah.inbox.inbox import LETTERS_MOST, Inbox
from mynah.inbox.key import Key
from mynah.inbox.records import Ending
from mynah.inbox.wants import (
    Action,
    Append,
    Deliver,
    Failed,
    Note,
    Noted,
    Remove,
    Spoilt,
    Sync,
    Synced,
    Tick,
    Told,
    Trim,
    Untold,
)
from mynah_wire.message import Message
from tests.fuzz.mutation import Dice, damaged

DEVICE = "00" * 8
KEYS = [Key(DEVICE, boot_id, stream) for boot_id in (1, 0xFFFFFFFF) for stream in (1, 0xFFFF)]
ON_DISK = (Append, Sync, Note, Remove, Trim)
LENGTH_BYTES = 2
CRC_BYTES = 4  # both of a record in an utterance's file
MOST_STEPS = 1000  # that one message may lead to: more is a circle
MOST_BYTES = 200_000_000  # on disk; 128 utterances as long as a connection is here are far less


class Keeping:
    """An inbox, its files, and a conversation that answers now and then."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._disk = FakeDisk()
        self._files = Files(DEVICE, self._disk)
        self._inbox = Inbox(DEVICE, 0.0, *self._files.load())

    def take(self, message: Message, now_ms: float) -> None:
        """The ring said this."""
        events: list[object] = [message]
        due_ms = self._inbox.deadline_ms()
        if due_ms is not None and now_ms >= due_ms:
            events.append(Tick())
        for _ in range(MOST_STEPS):
            if not events:
                break
            actions = self._inbox.handle(events.pop(0), now_ms)  # type: ignore[arg-type]
            events += [event for action in actions for event in self._answers(action)]
        assert not events, "it goes round in a circle"
        assert len(self._inbox.letters) <= 2 * LETTERS_MOST

    def restart(self) -> None:
        """The host was killed, and is there again."""
        self._inbox = Inbox(DEVICE, 0.0, *self._files.load())
        assert self._disk.room_bytes - self._disk.free_bytes() < MOST_BYTES

    def _answers(self, action: Action) -> list[object]:
        if isinstance(action, ON_DISK):
            refused = self._files.carry_out([action])
            if isinstance(action, Sync):
                return [Failed(action.key) if refused else Synced(action.key)]
            return [Noted(action.key)] if isinstance(action, Note) else []
        if isinstance(action, Deliver):
            key, end = action.key, action.frame + 1
            return [
                [Told(key), Told(key, end), Untold(key), Spoilt(key), Told(key)][
                    self._dice.below(5)
                ]
            ]
        return []


class SaidFile:
    """An utterance's file, torn, mixed, or with checksums that are right all the same."""

    def __init__(self, seed: int) -> None:
        del seed
        self._pieces = [
            records.header(1, 1.0, 2.0),
            records.header(9, None, 0.0),
            *(records.frame(index, bytes(163)) for index in (0, 1, 5, 0xFFFFFFFF)),
            records.end(Ending(0, 6, 1)),
            records.end(Ending(255, 0xFFFFFFFF, 0xFFFFFFFF)),
        ]

    def make(self, dice: Dice) -> bytes:
        pieces = [self._pieces[0]] if dice.below(8) else []
        pieces += [self._pieces[dice.below(len(self._pieces))] for _ in range(dice.below(6))]
        changed = dice.below(max(1, len(pieces)))
        for number in range(len(pieces)):
            if number == changed:
                pieces[number] = damaged(dice, pieces[number], self._pieces)
                if dice.below(2) and len(pieces[number]) > LENGTH_BYTES + CRC_BYTES:
                    pieces[number] = _mended(pieces[number])
        return b"".join(pieces)

    def take(self, data: bytes) -> None:
        disk = FakeDisk()
        name = KEYS[0].name + ".said"
        disk.append(name, data)
        files = Files(DEVICE, disk)
        letters, _ = files.load()
        for letter in letters:
            kept = files.read(letter.key)
            assert kept is not None
            repr(kept)
            letter.seen.missing(0 if letter.ending is None else letter.ending.frames)


class JournalFile:
    """The journal, torn, mixed, or with checksums that are right all the same."""

    def __init__(self, seed: int) -> None:
        del seed
        outcomes = [(journal.DONE, 0), (journal.LOST, 0), (journal.PART, 70)]
        self._lines = [journal.line(key, *each) for key in KEYS for each in outcomes]

    def make(self, dice: Dice) -> bytes:
        lines = [self._lines[dice.below(len(self._lines))] for _ in range(1 + dice.below(6))]
        changed = dice.below(len(lines))
        lines[changed] = damaged(dice, lines[changed], self._lines)
        if dice.below(2):
            text = lines[changed].strip().rpartition(b" ")[0]
            lines[changed] = b"\n%s %08x\n" % (text, zlib.crc32(text))
        return b"".join(lines)

    def take(self, data: bytes) -> None:
        known = journal.read(DEVICE, data)
        again = journal.read(DEVICE, known.compact())
        assert again.outcomes == known.outcomes


def _mended(record: bytes) -> bytes:
    """The same with the length and the checksum that it should have."""
    body = record[LENGTH_BYTES:-CRC_BYTES]
    sized = len(body).to_bytes(LENGTH_BYTES, "little") + body
    return sized + zlib.crc32(sized).to_bytes(CRC_BYTES, "little")
