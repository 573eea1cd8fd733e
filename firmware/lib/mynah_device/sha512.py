"""SHA-512, which MicroPython's hashlib lacks: for signatures, so for a block or two."""

import struct
from binascii import unhexlify

DIGEST_BYTES = 64

_BLOCK_BYTES = 128
_LENGTH_BYTES = 16
_ROUNDS = 80
_MASK = (1 << 64) - 1
# The first bits of the fractions of square roots (8) and cube roots (80) of the first primes.
_START = (
    "6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1510e527fade682d1"
    "9b05688c2b3e6c1f1f83d9abfb41bd6b5be0cd19137e2179"
)
_ROUND_CONSTANTS = (
    "428a2f98d728ae227137449123ef65cdb5c0fbcfec4d3b2fe9b5dba58189dbbc3956c25bf348b538"
    "59f111f1b605d019923f82a4af194f9bab1c5ed5da6d8118d807aa98a303024212835b0145706fbe"
    "243185be4ee4b28c550c7dc3d5ffb4e272be5d74f27b896f80deb1fe3b1696b19bdc06a725c71235"
    "c19bf174cf692694e49b69c19ef14ad2efbe4786384f25e30fc19dc68b8cd5b5240ca1cc77ac9c65"
    "2de92c6f592b02754a7484aa6ea6e4835cb0a9dcbd41fbd476f988da831153b5983e5152ee66dfab"
    "a831c66d2db43210b00327c898fb213fbf597fc7beef0ee4c6e00bf33da88fc2d5a79147930aa725"
    "06ca6351e003826f142929670a0e6e7027b70a8546d22ffc2e1b21385c26c9264d2c6dfc5ac42aed"
    "53380d139d95b3df650a73548baf63de766a0abb3c77b2a881c2c92e47edaee692722c851482353b"
    "a2bfe8a14cf10364a81a664bbc423001c24b8b70d0f89791c76c51a30654be30d192e819d6ef5218"
    "d69906245565a910f40e35855771202a106aa07032bbd1b819a4c116b8d2d0c81e376c085141ab53"
    "2748774cdf8eeb9934b0bcb5e19b48a8391c0cb3c5c95a634ed8aa4ae3418acb5b9cca4f7763e373"
    "682e6ff3d6b2b8a3748f82ee5defb2fc78a5636f43172f6084c87814a1f0ab728cc702081a6439ec"
    "90befffa23631e28a4506cebde82bde9bef9a3f7b2c67915c67178f2e372532bca273eceea26619c"
    "d186b8c721c0c207eada7dd6cde0eb1ef57d4f7fee6ed17806f067aa72176fba0a637dc5a2c898a6"
    "113f9804bef90dae1b710b35131c471b28db77f523047d8432caab7b40c724933c9ebe0a15c9bebc"
    "431d67c49c100d4c4cc5d4becb3e42b6597f299cfc657e2a5fcb6fab3ad6faec6c44198c4a475817"
)


def sha512(message: bytes) -> bytes:
    """The digest; some 20 ms a block on a chip (estimated), in integers that it must allocate."""
    zeros = -(len(message) + 1 + _LENGTH_BYTES) % _BLOCK_BYTES
    length = struct.pack(">QQ", 0, len(message) * 8)
    padded = message + b"\x80" + bytes(zeros) + length
    state = list(struct.unpack(">8Q", unhexlify(_START)))
    constants = struct.unpack(">80Q", unhexlify(_ROUND_CONSTANTS))
    for at in range(0, len(padded), _BLOCK_BYTES):
        words = _expanded(struct.unpack(">16Q", padded[at : at + _BLOCK_BYTES]))
        mixed = _mixed(state, words, constants)
        state = [(old + new) & _MASK for old, new in zip(state, mixed)]
    return struct.pack(">8Q", *state)


def _expanded(block: "tuple[int, ...]") -> "list[int]":
    words = list(block)
    for i in range(len(block), _ROUNDS):
        early, late = words[i - 15], words[i - 2]
        small = _turned(early, 1) ^ _turned(early, 8) ^ early >> 7
        large = _turned(late, 19) ^ _turned(late, 61) ^ late >> 6
        words.append((words[i - 16] + small + words[i - 7] + large) & _MASK)
    return words


def _mixed(state: "list[int]", words: "list[int]", constants: "tuple[int, ...]") -> "list[int]":
    a, b, c, d, e, f, g, h = state
    for i in range(_ROUNDS):
        large = _turned(e, 14) ^ _turned(e, 18) ^ _turned(e, 41)
        one = h + large + (e & f ^ (_MASK ^ e) & g) + constants[i] + words[i]
        small = _turned(a, 28) ^ _turned(a, 34) ^ _turned(a, 39)
        two = small + (a & b ^ a & c ^ b & c)
        h, g, f, e, d, c, b, a = g, f, e, d + one & _MASK, c, b, a, one + two & _MASK
    return [a, b, c, d, e, f, g, h]


def _turned(word: int, places: int) -> int:
    return word >> places | (word << 64 - places) & _MASK
