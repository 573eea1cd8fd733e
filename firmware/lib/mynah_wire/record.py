"""The sealed record, one notification or one write:

    counter 4     big endian, its top bit set: that tells a sealed record from a plain one
    ciphertext n  kind 1, body n - 1
    tag 8

AES-128-CCM under the direction's own key. The nonce is the sender's role, eight zeros and the
counter; the counter stands in the clear and is authenticated. A counter is used once: seal at the
moment of sending, and repeat the same bytes if the radio's queue was full.
"""

from .errors import ForgedError, LocalError, MalformedError

COUNTER_BYTES = 4
TAG_BYTES = 8
OVERHEAD_BYTES = COUNTER_BYTES + TAG_BYTES
SEALED = 0x80
NONCE_BYTES = 13
# 30 bits: a small int on a 32-bit chip, so that counting allocates nothing. At 100 records a
# second that is 124 days of one connection; after them a new connection brings new keys.
LAST_COUNTER = (1 << 30) - 1


class Aead:
    """What a cipher must offer, in place; record[:start] is authenticated in the clear."""

    def seal(self, nonce: "bytes | bytearray", record: bytearray, start: int, length: int) -> int:
        """Encrypt record[start:start + length], put the tag behind it, return its end."""
        raise NotImplementedError

    def open(self, nonce: "bytes | bytearray", record: bytearray, start: int, length: int) -> int:
        """Decrypt `length` bytes, tag included; the plaintext's length, or -1 if it is forged."""
        raise NotImplementedError


class Sealer:
    """Seals what one side sends, each record under the next counter. Allocates nothing."""

    def __init__(self, aead: Aead, role: int) -> None:
        self._aead = aead
        self._nonce = bytearray(NONCE_BYTES)
        self._nonce[0] = role
        self.counter = 0  # of the next record

    def seal(self, record: bytearray, length: int) -> int:
        """Seal the `length` bytes at record[4:] in place; return the record's size."""
        counter = self.counter
        if counter > LAST_COUNTER:
            raise LocalError("the record counter is used up: open a new connection")
        self.counter = counter + 1
        _write_counter(record, 0, counter)
        record[0] |= SEALED
        _write_counter(self._nonce, NONCE_BYTES - COUNTER_BYTES, counter)
        return self._aead.seal(self._nonce, record, COUNTER_BYTES, length)


class Opener:
    """Opens what the other side sealed; what repeats, goes back or was changed is a ForgedError."""

    def __init__(self, aead: Aead, role: int) -> None:
        self._aead = aead
        self._nonce = bytearray(NONCE_BYTES)
        self._nonce[0] = role
        self.next = 0  # the lowest counter that may still come
        self.missed = 0  # counters that never came: records lost on the way

    def open(self, record: bytearray, size: int) -> int:
        """Open record[:size] in place; return the length of the plaintext at record[4:]."""
        if size < OVERHEAD_BYTES + 1:
            raise MalformedError("a sealed record has at least 13 bytes, got %d" % size)
        if not record[0] & SEALED or record[0] & 0x40:
            raise MalformedError("byte 0x%02x does not begin a sealed record" % record[0])
        counter = (record[0] & 0x3F) << 24 | record[1] << 16 | record[2] << 8 | record[3]
        if counter < self.next:
            raise ForgedError("record %d came again, after %d" % (counter, self.next - 1))
        _write_counter(self._nonce, NONCE_BYTES - COUNTER_BYTES, counter)
        length = self._aead.open(self._nonce, record, COUNTER_BYTES, size - COUNTER_BYTES)
        if length < 0:
            raise ForgedError("record %d was not sealed with our key" % counter)
        self.missed += counter - self.next
        self.next = counter + 1
        return length


def _write_counter(buffer: bytearray, offset: int, counter: int) -> None:
    # By hand: struct.pack_into(">I") of 0x80000000 and more makes a big integer on a 32-bit chip.
    buffer[offset] = counter >> 24
    buffer[offset + 1] = (counter >> 16) & 0xFF
    buffer[offset + 2] = (counter >> 8) & 0xFF
    buffer[offset + 3] = counter & 0xFF
