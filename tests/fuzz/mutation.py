"""Seeds and seeded mutations, the same under both interpreters: what a mad peer might say.

MicroPython runs this file too, so it imports nothing but the protocol.
"""

from mynah_wire import handshake, kinds
from mynah_wire.fragments import FRAGMENT, MORE
from mynah_wire.handshake import HOST
from mynah_wire.message import REST, encode
from mynah_wire.record import COUNTER_BYTES, SEALED, TAG_BYTES, Aead

MASK = 0xFFFFFFFF
MOST_BYTES = 244  # of a record
TAIL = bytes(TAG_BYTES)
SIZES = {"B": 1, "H": 2, "I": 4, "8s": 8, "16s": 16, "32s": 32, REST: 20}
EDGES = (0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x3FFFFFFF, 0x7FFFFFFF, 0x80000000, MASK)
SAID = {
    HOST: kinds.BOTH_WAYS + kinds.HOST_SAYS,
    1 - HOST: kinds.BOTH_WAYS + kinds.RING_SAYS,
}


class Dice:
    """Marsaglia's xorshift of 32 bits: fast in an interpreter, and the same in each."""

    def __init__(self, seed):
        self._state = (seed * 2654435761 & MASK) or 1

    def below(self, limit):
        """A number from 0 to limit - 1."""
        state = self._state
        state ^= state << 13 & MASK
        state ^= state >> 17
        state ^= state << 5 & MASK
        self._state = state
        return state % limit

    def bytes(self, size):
        """So many of them."""
        return bytes([self.below(256) for _ in range(size)])


class Clear(Aead):
    """No cipher at all: below the seal everybody is a proven peer."""

    def __init__(self, key=b""):
        pass

    def seal(self, nonce, record, start, length):
        """Leave it as it is."""
        record[start + length : start + length + TAG_BYTES] = TAIL
        return start + length + TAG_BYTES

    def open(self, nonce, record, start, length):
        """Take it as it is."""
        return length - TAG_BYTES


def plain_seeds():
    """A record of every kind that is said in the clear."""
    return [seed for seed, _ in map(_seed, handshake.PLAIN_MESSAGES)]


class Peer:
    """Says what that role says, mostly nearly right. `next` is a plaintext of at least a byte."""

    def __init__(self, role, seed):
        self.dice = Dice(seed)
        self._seeds = [_seed(message_class) for message_class in SAID[role]]
        self._frame = 0  # of the audio that it means well
        self._pieces = []  # of a message that is being sent in fragments
        self._changes = (
            _edge, _edge, _flip, _flip, _cut, _grow, _other_kind, _noise,
            self._splice, self._count, self._fragments, self._as_it_is,
        )  # fmt: skip

    def next(self):
        """The next plaintext."""
        dice = self.dice
        if self._pieces and dice.below(8):
            return bytes(self._pieces.pop(0))
        seed, places = self._seeds[dice.below(len(self._seeds))]
        change = self._changes[dice.below(len(self._changes))]
        return bytes(change(dice, bytearray(seed), places)[: MOST_BYTES - 12]) or b"\x00"

    def _splice(self, dice, text, places):
        other = self._seeds[dice.below(len(self._seeds))][0]
        return text[: 1 + dice.below(len(text))] + other[dice.below(len(other)) :]

    def _count(self, dice, text, places):
        """As it is, but with numbers that go on: streams and frames that belong together."""
        self._frame += dice.below(3)
        for offset, size in places[1:]:
            if size == 4:
                text[offset : offset + 4] = (self._frame & MASK).to_bytes(4, "little")
                break
        return text

    def _fragments(self, dice, text, places):
        """Its first piece; the others come next, as good or bad as they are."""
        body = bytes(text[1:]) * (1 + dice.below(12))
        step = 1 + dice.below(60)
        pieces = []
        for index, at in enumerate(range(0, len(body), step)):
            more = MORE if at + step < len(body) or not dice.below(9) else 0
            head = bytes([text[0] | FRAGMENT, index & 0x7F | more])
            pieces.append(head + body[at : at + step])
        self._pieces = pieces[1:140]
        return bytearray(pieces[0]) if pieces else text

    def _as_it_is(self, dice, text, places):
        return text


class Sealing:
    """Puts plaintexts into records under counters that mostly go on."""

    def __init__(self, dice):
        self._dice = dice
        self.counter = 0

    def record(self, plaintext):
        """A record as `Clear` seals it."""
        dice = self._dice
        counter = self.counter
        self.counter += 1
        if not dice.below(64):
            counter = dice.below(1 << 30) if not dice.below(40) else counter + dice.below(9) - 4
            self.counter = max(self.counter, counter + 1)
        head = (counter & 0x3FFFFFFF | SEALED << 24).to_bytes(COUNTER_BYTES, "big")
        return head + plaintext + TAIL


def damaged(dice, record, others):
    """A record as it comes, changed anywhere: bits, bytes, its length, its end from another."""
    kind = dice.below(6)
    text = bytearray(record)
    if kind == 0:
        return bytes(text)
    if kind == 1:
        return bytes(_cut(dice, text, ()))
    if kind == 2:
        return bytes(_grow(dice, text, ()))
    if kind == 3:
        other = others[dice.below(len(others))]
        return bytes(text[: dice.below(len(text) + 1)]) + other[dice.below(len(other) + 1) :]
    return bytes(_flip(dice, text, ()))


def _seed(message_class):
    """A message that means something, and where its numbers stand: (offset, bytes)."""
    values, places, offset = [], [], 1
    for name, code, _ in message_class.FIELDS:
        size = SIZES[code]
        if code in "BHI":
            values.append(1)
            places.append((offset, size))
        else:
            values.append(bytes(163 if name == "data" else size))
        offset += size
    return encode(message_class(*values)), places


def _edge(dice, text, places):
    """A number at the edge of what it may be."""
    if places:
        offset, size = places[dice.below(len(places))]
        value = EDGES[dice.below(len(EDGES))] & ((1 << 8 * size) - 1)
        text[offset : offset + size] = value.to_bytes(size, "little")
    return text


def _flip(dice, text, places):
    for _ in range(1 + dice.below(4)):
        if text:
            text[dice.below(len(text))] ^= 1 << dice.below(8)
    return text


def _cut(dice, text, places):
    return text[: dice.below(len(text) + 1)]


def _grow(dice, text, places):
    return text + bytearray(dice.bytes(1 + dice.below(40)))


def _other_kind(dice, text, places):
    text[0] = dice.below(256)
    return text


def _noise(dice, text, places):
    return bytearray(dice.bytes(1 + dice.below(24)))
