"""What goes to flash, and what goes from it: markers, whole utterances, the oldest when it is full.

Flash stalls the chip for up to 80 ms an erase, so nothing is written while somebody speaks or
listens. The one exception is the marker of a press, and what makes room for it: it must be there
before the power can go, on a link too, which may be gone for 0.4 s before anybody knows; and one
erase fits into the 128 ms of the microphone's DMA ring.
"""

from mynah_wire.uplink import CROWDED, POWERLESS

from .fetching import Fetching
from .flash_jobs import COMMIT, DONE, FULL, READ, REMOVE, REPLACE, WIPE, WRITE, Job
from .held import Held, Utterance
from .log_records import (
    END_BYTES,
    FRAME_BYTES,
    HEAD_BYTES,
    START_BYTES,
    Start,
    end_record,
    frame_place,
    is_frame,
    read_end,
    read_start,
    seal_frame,
    start_record,
)
from .memory import BODY_BYTES, BODY_OFFSET, Memory, index_at

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[int, int, int], bytes]

PIECE_FRAMES = 6  # 1 kB: at most one erase, and a press is heard between two pieces
SAFE_FRAMES = 192  # 4 s of sound are safe at a time: each time costs LittleFS a block's copy
BLOCK_BYTES = 4096  # a file takes whole ones
RESERVE_BYTES = 2 * BLOCK_BYTES  # for markers: a press must find room for one at once
RETRY_MS = 60_000  # a file system that fails is left in peace for so long


class Saving:
    """One job at a time: `job`, then `done`."""

    def __init__(self, memory: Memory, held: Held, fetching: Fetching, capacity_bytes: int) -> None:
        """`capacity_bytes` is how much of the flash may be used; 0 if there is none."""
        self.failed = False  # the flash would not take what it should
        self.trouble = DONE  # FULL or FAILED, if what was said can't be saved now
        self.owner: "bytes | None" = None  # whose it is; without one nothing is kept
        self._memory = memory
        self._held = held
        self._fetching = fetching
        self._has_flash = capacity_bytes > 0
        self._capacity_bytes = capacity_bytes
        self._trash: "list[int]" = []  # files that nobody needs
        self._next_file = 1
        self.wipes = False  # all is to go, and has not gone yet
        self._job: "Job | None" = None  # the one under way
        self._subject: "Utterance | None" = None  # whose it is
        self._piece = bytearray(PIECE_FRAMES * FRAME_BYTES + END_BYTES)
        self._piece_view = memoryview(self._piece)
        self._after = (0, 0, False)  # once the piece is there: saved, records, whole
        self._ahead: "Utterance | None" = None  # written since its file was last closed
        self._closed = (0, 0, 0)  # of that, then: saved, records, size
        self._unmarked: "Utterance | None" = None  # its marker was refused for good
        self._is_full = False

    @property
    def idle(self) -> bool:
        """Whether all that is held is safe in flash, and nothing else is to be done there."""
        waits = self._job is not None or len(self._trash) > 0 or self.wipes
        return not waits and all(each.whole for each in self._held.all)

    def job(self, current: "Utterance | None", quiet: bool) -> "Job | None":
        """What to do now; `current` is being said, `quiet` is when nobody speaks or listens."""
        self._subject = None
        self._job = self._choose(current, quiet)
        return self._job

    def done(self, result: int, now_ms: int) -> None:
        """The job that was named last is over."""
        job, utterance = self._job, self._subject
        self._job = None
        if job is None:
            return
        self._settle(job, result)
        if job.kind == READ:
            self._fetching.done(result)
        elif job.kind == WIPE:
            # What could not be removed names another owner: the next boot throws it away.
            self.wipes = False
            self.failed = result < DONE
        elif utterance is not None:
            self.failed = result < DONE
            if result < DONE:
                self._refused(job, utterance, result, now_ms)
            elif job.kind == REPLACE:
                self._replaced(utterance, len(job.data), now_ms)
            else:
                self._written(job, utterance)

    def _settle(self, job: Job, result: int) -> None:
        """Every job but a READ closes the file of another first; if one fails, nobody knows what
        of it is there that was written since it was last closed.
        """
        ahead = self._ahead
        if result < DONE and ahead is not None:
            ahead.saved, ahead.records, ahead.size = self._closed
        leaves_open = job.kind == READ or (job.kind == WRITE and ahead is self._subject)
        if result < DONE or not leaves_open:
            self._ahead = None

    def let_go(self, utterance: Utterance) -> None:
        """It is needed no more: neither its file, nor what is under way for it."""
        if self._subject is utterance:
            self._subject = None
        if self._ahead is utterance:
            self._ahead = None
        if utterance.file:
            self._trash.append(utterance.file)

    def wipe(self, owner: "bytes | None") -> None:
        """Another owner: nothing of the old one's may be left."""
        self.owner = owner
        self._trash.clear()
        self._subject = self._ahead = None
        self.failed = False
        self.wipes = self._has_flash

    def found(self, file: int, size: int, read: "Read") -> None:
        """A file was there at boot; `read(file, offset, count)` reads it. The lowest number first.

        What was never completed ends at the last whole record: its power was lost.
        """
        self._next_file = max(self._next_file, file + 1)
        start = read_start(read(file, 0, START_BYTES))
        if start is None or start.owner != self.owner:
            self._trash.append(file)
            return
        if self._held.full:
            return  # it waits for the next boot
        utterance = Utterance(start.boot_id, start.stream, start.codec, start.started_ms)
        utterance.file, utterance.size = file, size
        utterance.whole = utterance.overdue = True
        end = read_end(read(file, size - END_BYTES, END_BYTES)) if size > END_BYTES else None
        room = size - START_BYTES
        if end is not None:
            utterance.verdict, utterance.frames, utterance.lost = end
            utterance.records = max(0, room - END_BYTES) // FRAME_BYTES
        else:
            utterance.verdict = POWERLESS
            _find_the_end(utterance, room // FRAME_BYTES, read)
        self._held.all.append(utterance)

    def has_room(self, free_bytes: int) -> None:
        """At boot, after all that was found: so much is free of the flash."""
        self._capacity_bytes = min(self._capacity_bytes, self._used_bytes() + free_bytes)

    def _choose(self, current: "Utterance | None", quiet: bool) -> "Job | None":
        if not self._has_flash:
            return None
        if self.wipes:
            return Job(WIPE, 0)
        if current is not None and self._wants_marker(current):
            half = self._half_saved() if self._is_full else None
            self._is_full = False
            return self._marker(current) if half is None else self._marker_alone(half)
        page = self._fetching.job()
        return page if page is not None or not quiet else self._tidy()

    def _tidy(self) -> "Job | None":
        if self._trash:
            return Job(REMOVE, self._trash.pop())
        first = None
        for utterance in self._held.all:
            if utterance.overdue and not utterance.whole:
                if utterance.size == 0:  # nobody would know of it: all have markers first
                    return self._save(utterance)
                if first is None and utterance is not self._fetching.utterance:
                    first = utterance
        return None if first is None else self._save(first)

    def _wants_marker(self, current: Utterance) -> bool:
        return current.size == 0 and (current is not self._unmarked or self._is_full)

    def _marker(self, utterance: Utterance) -> Job:
        if utterance.file == 0:
            utterance.file = self._next_file
            self._next_file += 1
        self._subject = utterance
        self._after = (utterance.saved, 0, False)
        return Job(COMMIT, utterance.file, 0, self._start(utterance))

    def _marker_alone(self, utterance: Utterance) -> Job:
        """Instead of all that is there: memory has it too."""
        self._subject = utterance
        return Job(REPLACE, utterance.file, 0, self._start(utterance))

    def _start(self, utterance: Utterance) -> bytes:
        return start_record(
            Start(
                self.owner or b"",
                utterance.boot_id,
                utterance.stream,
                utterance.codec,
                utterance.started_ms,
            )
        )

    def _save(self, utterance: Utterance) -> Job:
        """The next piece of it, or of what must go to make room for it."""
        older = None
        if self._is_full:
            older = self._oldest_in_flash()
        elif utterance.records == 0:
            older = self._in_the_way(utterance)
        self._is_full = False
        if older is not None:
            self._subject = older
            end = end_record(CROWDED, older.frames, older.frames)
            return Job(REPLACE, older.file, 0, self._start(older) + end)
        if utterance.size == 0:
            return self._marker(utterance)
        self._subject = utterance
        return self._next_piece(utterance)

    def _next_piece(self, utterance: Utterance) -> Job:
        memory, at, records = self._memory, 0, utterance.records
        count = max(utterance.saved, utterance.first)
        while count < utterance.end and records - utterance.records < PIECE_FRAMES:
            body = memory.place(count) + BODY_OFFSET
            memory.copy(memory.buffer, body, self._piece, at + HEAD_BYTES, BODY_BYTES)
            at = seal_frame(self._piece, at)
            records += 1
            count += 1
        whole = count >= utterance.end
        if whole:
            end = end_record(utterance.verdict, utterance.frames, utterance.lost)
            self._piece[at : at + END_BYTES] = end
            at += END_BYTES
        self._after = (count, records, whole)
        safe = whole or records % SAFE_FRAMES < PIECE_FRAMES
        offset = frame_place(utterance.records)
        return Job(COMMIT if safe else WRITE, utterance.file, offset, self._piece_view[:at])

    def _written(self, job: Job, utterance: Utterance) -> None:
        self.trouble = DONE
        if job.kind == WRITE and self._ahead is None:
            self._ahead = utterance
            self._closed = (utterance.saved, utterance.records, utterance.size)
        utterance.saved, utterance.records, utterance.whole = self._after
        utterance.size = job.offset + len(job.data)

    def _in_the_way(self, utterance: Utterance) -> "Utterance | None":
        """What must go, if there is no room beside it."""
        needed = frame_place(utterance.end - utterance.first) + END_BYTES
        used = self._used_bytes() - _blocks(utterance.size)
        if used + _blocks(needed) + RESERVE_BYTES <= self._capacity_bytes:
            return None
        return self._oldest_in_flash()

    def _used_bytes(self) -> int:
        return sum([_blocks(each.size) for each in self._held.all])

    def _oldest_in_flash(self) -> "Utterance | None":
        for older in self._held.all:
            if older.whole and older.size > BLOCK_BYTES and older is not self._fetching.utterance:
                return older
        return None

    def _half_saved(self) -> "Utterance | None":
        """What takes room in flash and is not whole there, while all of it is in memory."""
        for each in self._held.all:
            half = each.over and not each.whole and each.file > 0
            if half and each.size != START_BYTES and each.saved - each.first == each.records:
                return each
        return None

    def _replaced(self, utterance: Utterance, size: int, now_ms: int) -> None:
        utterance.size, utterance.records = size, 0
        self._unmarked = None  # there is room now
        if not utterance.whole:
            utterance.saved = utterance.first
            self._held.give_time(utterance, now_ms, RETRY_MS)
            return
        utterance.verdict = CROWDED
        utterance.first = utterance.end  # memory's copy goes too: it is told lost from now on
        utterance.told = False

    def _refused(self, job: Job, utterance: Utterance, result: int, now_ms: int) -> None:
        if not utterance.over:
            self._is_full = result == FULL and self._half_saved() is not None
            self._unmarked = utterance
        elif result == FULL and job.kind != REPLACE and self._oldest_in_flash() is not None:
            self._is_full = True  # there is less room than we were told
        else:
            self.trouble = result
            if job.kind != REPLACE:
                utterance.size = utterance.records = 0  # nobody knows what is there now
                utterance.saved = utterance.first
            for each in self._held.all:
                if each.overdue and not each.whole:
                    self._held.give_time(each, now_ms, RETRY_MS)


def _find_the_end(utterance: Utterance, records: int, read: "Read") -> None:
    while records > 0:
        record = read(utterance.file, frame_place(records - 1), FRAME_BYTES)
        if is_frame(record, 0):
            utterance.frames = index_at(record, HEAD_BYTES) + 1
            break
        records -= 1
    utterance.records = records


def _blocks(size: int) -> int:
    return (size + BLOCK_BYTES - 1) // BLOCK_BYTES * BLOCK_BYTES
