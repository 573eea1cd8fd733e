"""The verifier gives RFC 8032's own answers, and refuses what only looks like a signature."""

from checks import run

from mynah_device.ed25519 import checking, verify
from mynah_device.sha512 import sha512

ORDER = (1 << 252) + 27742317777372353535851937790883648493
ABC = (
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
)
# public key, message, signature: 7.1, tests 1, 2, 3 and SHA(abc)
VECTORS = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        ABC,
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
)
# Points whose order divides 8, canonical and not: with one of them as the key, R = the key and
# S = 0 would fit every message, or every eighth.
SMALL = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
)


def cases():
    for key, message, signature in VECTORS:
        yield bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)


def check_sha512_gives_what_fips_180_4_gives():
    empty = "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
    long = "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
    blocks = b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
    blocks += b"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
    assert sha512(b"abc").hex() == ABC
    assert sha512(b"").hex()[:64] == empty
    assert sha512(blocks).hex()[:64] == long


def check_every_length_around_a_block_is_padded():
    seen = {sha512(bytes(length)) for length in range(105, 135)}
    assert len(seen) == 30


def check_the_rfcs_signatures_hold_and_no_other_of_their_messages():
    for key, message, signature in cases():
        assert verify(key, message, signature)
        assert not verify(key, message + b"x", signature)


def check_a_changed_bit_is_seen_in_key_and_signature():
    key, message, signature = list(cases())[1]
    for bit in range(0, 256, 5):
        other = bytearray(key)
        other[bit >> 3] ^= 1 << (bit & 7)
        assert not verify(bytes(other), message, signature), bit
    for bit in range(0, 512, 9):
        other = bytearray(signature)
        other[bit >> 3] ^= 1 << (bit & 7)
        assert not verify(key, message, bytes(other)), bit


def check_s_is_below_the_order():
    for key, message, signature in cases():
        scalar = int.from_bytes(signature[32:], "little")
        for times in (1, 2, 15):
            turned = signature[:32] + (scalar + times * ORDER).to_bytes(32, "little")
            assert not verify(key, message, turned)


def check_keys_of_small_order_sign_nothing():
    for point in SMALL:
        key = bytes.fromhex(point)
        for message in (b"", b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"h"):
            assert not verify(key, message, key + bytes(32))
            assert not verify(key, message, bytes((1,)) + bytes(63))


def check_what_is_no_point_is_no_key():
    for key in (b"\xff" * 32, bytes((2,)) + bytes(31), b"\xed" + b"\xff" * 30 + b"\x7f"):
        assert not verify(key, b"", bytes(64))


def check_odd_lengths_are_refused():
    key, message, signature = next(cases())
    assert not verify(key[:-1], message, signature)
    assert not verify(key, message, signature[:-1])
    assert not verify(key, message, signature + b"\0")
    assert not verify(b"", b"", b"")


def check_it_stops_between_its_steps():
    key, message, signature = next(cases())
    steps = list(checking(key, message, signature))
    assert len(steps) > 100
    assert steps[-1] is True
    assert set(steps[:-1]) == {None}


run(globals())
