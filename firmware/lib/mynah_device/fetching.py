"""What a FETCH asked for, frame by frame: from memory where it is, else from flash by the page."""

from mynah_wire.message import encode
from mynah_wire.record import COUNTER_BYTES
from mynah_wire.uplink import CROWDED, PastEnd

from .flash_jobs import READ, Job
from .held import Utterance
from .log_records import FRAME_BYTES, HEAD_BYTES, frame_place, is_frame
from .memory import BODY_OFFSET, ON_THE_WAY, Memory, index_at, write_past

PAGE_FRAMES = 6  # read at once: 1 kB, 120 ms of sound, 20 ms of radio


class Fetching:
    """At most one at a time: a new one takes the place of the one before."""

    def __init__(self, memory: Memory) -> None:
        self.active = False
        self.utterance: "Utterance | None" = None
        self._memory = memory
        self._page = bytearray(PAGE_FRAMES * FRAME_BYTES)
        self._page_view = memoryview(self._page)
        self._token = 0
        self._from = 0  # the first index that was wanted
        self._wanted = 0  # the first that has not been sent
        self._sent = 0  # frames
        self._next = 0  # in memory: the count of the next frame
        self._from_flash = False
        self._record = 0  # in flash: the number of the next record
        self._at = self._page_end = 0  # records of the page: the next, and how many there are

    def begin(self, token: int, utterance: "Utterance | None", frame: int) -> None:
        """Send this from that frame on; None if nobody knows it."""
        self.active = True
        self.utterance = utterance
        self._token = token
        self._from = self._wanted = frame
        self._sent = 0
        self._from_flash = False
        if utterance is not None:
            self._next = self._memory.find(utterance.first, utterance.end, frame)
            self._from_flash = utterance.whole and not self._memory_has(utterance, frame)
            self._seek(utterance, frame)

    def stop(self) -> None:
        """Send no more of it."""
        self.active = False
        self.utterance = None

    def next(self, record: bytearray) -> int:
        """Write the next plaintext to record[4:]; its length, 0 if there is nothing now."""
        if not self.active:
            return 0
        utterance = self.utterance
        if utterance is None:
            return self._end(record, CROWDED, 0, 0)
        if not self._from_flash and self._next < utterance.first:
            self._overtaken(utterance)
        length = self._from_page(record) if self._from_flash else self._from_memory(record)
        if length or not utterance.over or self._has_more(utterance):
            return length
        missing = utterance.frames - self._from - self._sent
        return self._end(record, utterance.verdict, utterance.frames, max(0, missing))

    def job(self) -> "Job | None":
        """A page that is wanted."""
        utterance = self.utterance
        if utterance is None or not self._from_flash or self._at < self._page_end:
            return None
        if self._record >= utterance.records:
            return None
        return Job(READ, utterance.file, frame_place(self._record), self._page_view)

    def done(self, size: int) -> None:
        """The page was read: so many bytes of it, or an error."""
        utterance = self.utterance
        if utterance is None:
            return
        self._at = 0
        self._page_end = min(size // FRAME_BYTES, utterance.records - self._record)
        if self._page_end <= 0:
            self._page_end = 0
            self._record = utterance.records  # what can't be read is lost, and told

    def _memory_has(self, utterance: Utterance, frame: int) -> bool:
        return utterance.first < utterance.end and self._memory.index(utterance.first) <= frame

    def _seek(self, utterance: Utterance, frame: int) -> None:
        # Before each record at most those frames are missing that are missing altogether.
        missing = utterance.frames - utterance.records
        self._record = max(0, min(utterance.records, frame - missing))
        self._at = self._page_end = 0

    def _overtaken(self, utterance: Utterance) -> None:
        """What was to come next is no longer in memory."""
        self._next = utterance.first
        if utterance.whole:
            self._from_flash = True
            self._seek(utterance, self._wanted)

    def _has_more(self, utterance: Utterance) -> bool:
        if self._from_flash:
            return self._at < self._page_end or self._record < utterance.records
        return self._next < utterance.end

    def _from_memory(self, record: bytearray) -> int:
        utterance, memory = self.utterance, self._memory
        if utterance is None or self._next >= utterance.end:
            return 0
        body = memory.place(self._next) + BODY_OFFSET
        self._next += 1
        utterance.sent = max(utterance.sent, self._next - ON_THE_WAY)
        return self._send(memory.buffer, body, record)

    def _from_page(self, record: bytearray) -> int:
        while self._at < self._page_end:
            begin = self._at * FRAME_BYTES
            self._at += 1
            self._record += 1
            body = begin + HEAD_BYTES
            if is_frame(self._page, begin) and index_at(self._page, body) >= self._wanted:
                return self._send(self._page, body, record)
        return 0

    def _send(self, buffer: bytearray, body: int, record: bytearray) -> int:
        self._wanted = index_at(buffer, body) + 1
        self._sent += 1
        return write_past(self._memory.copy, buffer, body, self._token, record)

    def _end(self, record: bytearray, verdict: int, frames: int, dropped: int) -> int:
        plaintext = encode(PastEnd(self._token, verdict, frames, dropped))
        record[COUNTER_BYTES : COUNTER_BYTES + len(plaintext)] = plaintext
        self.stop()
        return len(plaintext)
