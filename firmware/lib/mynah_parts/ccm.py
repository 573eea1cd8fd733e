"""AES-128-CCM with an 8-byte tag (RFC 3610, M = 8, L = 2) from the two modes that chips have.

    CBC over  B0 | header | plaintext, padded       its last block is the MAC
    ECB over  A0 | A1 | ...                         A0's hides the MAC, the others' the plaintext
    B0 = 0x59 | nonce 13 | length 2    Ai = 0x01 | nonce 13 | i 2    header = length 2 | at most 14

cryptolib's CBC object chains from one record into the next, and a new object would be an
allocation; so one is kept, and its last block is XORed into the next B0, which undoes the chain.
Nothing is allocated per record. All share their scratch buffers: nothing here waits, so a record is
through before the next one begins.
"""

import cryptolib
import micropython
from micropython import const

from mynah_wire.gatt import BEST_MTU, record_limit
from mynah_wire.record import NONCE_BYTES, OVERHEAD_BYTES, TAG_BYTES, Aead

_ECB = const(1)
_CBC = const(2)
_BLOCK = const(16)
# The largest record holds 232 bytes of plaintext: 15 blocks.
_MOST_BLOCKS = (record_limit(BEST_MTU) - OVERHEAD_BYTES + _BLOCK - 1) // _BLOCK
MOST_BYTES = _MOST_BLOCKS * _BLOCK
MOST_HEADER_BYTES = 14  # the header and its length fill one block


class Ccm(Aead):
    """The cipher of one direction."""

    def __init__(self, key: bytes) -> None:
        self._cbc = cryptolib.aes(key, _CBC, bytes(_BLOCK))
        self._ecb = cryptolib.aes(key, _ECB)
        self._chain = bytearray(_BLOCK)  # what CBC will XOR into the next block that it gets

    def seal(self, nonce: "bytes | bytearray", record: bytearray, start: int, length: int) -> int:
        """Encrypt record[start:start + length], put the tag behind it, return its end.

        record[:start], 1 to 14 bytes, is authenticated in the clear. `length` is at most 240.
        """
        end = start + length
        if not 0 <= length <= MOST_BYTES or end + TAG_BYTES > len(record):
            raise ValueError("can't seal %d bytes at %d of %d" % (length, start, len(record)))
        self._load(nonce, record, start, length)
        self._authenticate(length)
        _xor(record, start, _stream, _BLOCK, length)
        _copy(self._chain, 0, record, end, TAG_BYTES)
        _xor(record, end, _stream, 0, TAG_BYTES)
        return end + TAG_BYTES

    def open(self, nonce: "bytes | bytearray", record: bytearray, start: int, length: int) -> int:
        """Decrypt `length` bytes, tag included; return the plaintext's length, or -1.

        At -1 the record is forged, and stays as it came.
        """
        length -= TAG_BYTES
        end = start + length
        if not 0 <= length <= MOST_BYTES or end + TAG_BYTES > len(record):
            return -1
        self._load(nonce, record, start, length)
        _xor(_text, 2 * _BLOCK, _stream, _BLOCK, length)
        self._authenticate(length)
        if _tag_differs(record, end, self._chain, _stream):
            return -1
        _copy(_text, 2 * _BLOCK, record, start, length)
        return length

    def _load(self, nonce: "bytes | bytearray", record: bytearray, start: int, length: int) -> None:
        """Fill the text's blocks and make the key stream."""
        if len(nonce) != NONCE_BYTES or not 1 <= start <= MOST_HEADER_BYTES:
            raise ValueError("nonce of %d bytes, header of %d" % (len(nonce), start))
        blocks = (length + _BLOCK - 1) >> 4
        _fill_text(_text, self._chain, nonce, record, start, length)
        _fill_counters(_counters, nonce, blocks + 1)
        self._ecb.encrypt(_counter_views[blocks], _stream)

    def _authenticate(self, length: int) -> None:
        """Leave the MAC of the text's blocks in the chain."""
        blocks = (length + _BLOCK - 1) >> 4
        self._cbc.encrypt(_text_views[blocks], _mac)
        _copy(_mac, (blocks + 1) * _BLOCK, self._chain, 0, _BLOCK)


def _heads(buffer: bytearray, first: int) -> "list[memoryview]":
    """Views of a buffer's first `first`, `first` + 1, ... blocks."""
    whole = memoryview(buffer)
    return [whole[: _BLOCK * blocks] for blocks in range(first, len(buffer) // _BLOCK + 1)]


def _new_counters() -> bytearray:
    counters = bytearray(_BLOCK * (1 + _MOST_BLOCKS))
    for number in range(1 + _MOST_BLOCKS):
        counters[_BLOCK * number] = 1
        counters[_BLOCK * number + _BLOCK - 1] = number
    return counters


_text = bytearray(_BLOCK * (2 + _MOST_BLOCKS))  # B0, header, plaintext
_mac = bytearray(len(_text))
_counters = _new_counters()  # A0, A1, ...
_stream = bytearray(len(_counters))
# What goes in, for each number of plaintext blocks: slicing later would allocate.
_text_views = _heads(_text, 2)
_counter_views = _heads(_counters, 1)


@micropython.viper
def _fill_text(text: ptr8, chain: ptr8, nonce: ptr8, record: ptr8, start: int, length: int):
    text[0] = 0x59  # there is a header; (M - 2) / 2 = 3; L - 1 = 1
    for index in range(13):
        text[1 + index] = nonce[index]
    text[14] = length >> 8
    text[15] = length
    for index in range(16):
        text[index] = int(text[index]) ^ int(chain[index])
    text[16] = 0
    text[17] = start
    for index in range(14):
        text[18 + index] = int(record[index]) if index < start else 0
    for index in range((length + 15) & -16):
        text[32 + index] = int(record[start + index]) if index < length else 0


@micropython.viper
def _fill_counters(counters: ptr8, nonce: ptr8, blocks: int):
    for block in range(blocks):
        for index in range(13):
            counters[(block << 4) + 1 + index] = nonce[index]


@micropython.viper
def _copy(source: ptr8, source_at: int, target: ptr8, target_at: int, length: int):
    for index in range(length):
        target[target_at + index] = source[source_at + index]


@micropython.viper
def _xor(target: ptr8, target_at: int, mask: ptr8, mask_at: int, length: int):
    for index in range(length):
        target[target_at + index] = int(target[target_at + index]) ^ int(mask[mask_at + index])


@micropython.viper
def _tag_differs(record: ptr8, tag_at: int, mac: ptr8, stream: ptr8) -> int:
    # All eight bytes, whatever the first says: the time must not tell how many were right.
    difference = 0
    for index in range(8):
        difference |= int(record[tag_at + index]) ^ int(mac[index]) ^ int(stream[index])
    return difference
