"""What waits to be sent upwards: control first, then audio, the oldest first.

Audio lies in preallocated slots shaped like records, so that codec, seal and notify work in place.
When they are full the oldest frame goes, counted. Control never waits behind audio, but for START
and END, which keep their place in it.
"""

from collections import deque

from mynah_wire.record import COUNTER_BYTES, TAG_BYTES

AUDIO_PLAINTEXT_BYTES = 170  # kind 1, stream 2, frame 4, codec state 3, payload 160
SLOT_BYTES = COUNTER_BYTES + AUDIO_PLAINTEXT_BYTES + TAG_BYTES
SLOTS = 100  # 2 s: rides out a fade and the reconnection after it; 18 kB
URGENT_LIMIT = 32  # answers and cursors of more than 2 s; a link that does not move them is dead
ORDERED_LIMIT = 12  # starts, taps and ends of four utterances


class Outbox:
    """Bounded queues between what the ring hears and the radio."""

    def __init__(self, slots: int = SLOTS) -> None:
        self._slots = [bytearray(SLOT_BYTES) for _ in range(slots)]
        self._oldest = 0  # counts frames; slot = count % slots
        self._newest = 0
        self._urgent: "deque[bytes]" = deque((), URGENT_LIMIT)
        self._ordered: "deque[tuple[int, bytes]]" = deque((), ORDERED_LIMIT)
        self._ordered_taken = False  # the first of them is being sent
        self.dropped = 0  # audio frames, since boot
        self.overflowed = False  # control was lost: the link must be given up
        self.audio_fits = True  # a frame fits this connection's records; else it waits for another

    def __len__(self) -> int:
        return self._newest - self._oldest

    @property
    def oldest(self) -> int:
        """The count of the frame that `audio` returns: tells whether it was dropped meanwhile."""
        return self._oldest

    def slot(self) -> bytearray:
        """The record to write the next frame's plaintext into, from byte 4 on; then `commit`."""
        if self._newest - self._oldest == len(self._slots):
            self.dropped += 1
            self._oldest += 1
        return self._slots[self._newest % len(self._slots)]

    def commit(self) -> None:
        """The frame in `slot` is complete."""
        self._newest += 1

    def urgent(self, plaintext: bytes) -> None:
        """Queue control that need not wait for audio."""
        if len(self._urgent) == URGENT_LIMIT:
            self.overflowed = True
            return
        self._urgent.append(plaintext)

    def ordered(self, plaintext: bytes) -> None:
        """Queue control that comes after all audio committed so far; the oldest goes if need be."""
        if len(self._ordered) == ORDERED_LIMIT:
            self.overflowed = True
            self._ordered.popleft()
            self._ordered_taken = False
        self._ordered.append((self._newest, plaintext))

    def control(self) -> "bytes | None":
        """Take the next control plaintext that may go now; the one taken before it has gone."""
        if self._ordered_taken:
            self._ordered_taken = False
            self._ordered.popleft()
        if self._urgent:
            return self._urgent.popleft()
        if self._ordered:
            place, plaintext = self._ordered[0]
            if place <= self._oldest:
                self._ordered_taken = True
                return plaintext
        return None

    def audio(self) -> "bytearray | None":
        """The oldest frame's record, to seal and send; it stays until `sent`."""
        if self._oldest == self._newest or not self.audio_fits:
            return None
        return self._slots[self._oldest % len(self._slots)]

    def sent(self) -> None:
        """The oldest frame is with the radio."""
        self._oldest += 1

    def lose_sealed(self) -> None:
        """The link went while the oldest frame was sealed for it: its plaintext is gone."""
        self.dropped += 1
        self._oldest += 1

    def forget_urgent(self) -> None:
        """Another connection: what answered the old one is stale; a START or END taken stays."""
        self._urgent = deque((), URGENT_LIMIT)
        self._ordered_taken = False
        self.overflowed = False

    def forget(self) -> None:
        """Another owner: what was said to the old one is not for him."""
        self.forget_urgent()
        self._ordered = deque((), ORDERED_LIMIT)
        self._oldest = self._newest
