"""The device's AES-CCM gives the RFC's own answers, and opens nothing that was changed."""

from checks import error_of, run, vectors

from mynah_parts.ccm import MOST_BYTES, MOST_HEADER_BYTES, Ccm

NONCE = bytes(range(13))


def record_of(case, body):
    return bytearray(bytes.fromhex(case["header"]) + bytes.fromhex(body))


def check_seal_gives_what_rfc_3610_gives():
    for case in vectors("rfc3610"):
        record = record_of(case, case["plaintext"] + "00" * 8)
        start, length = len(case["header"]) // 2, len(case["plaintext"]) // 2

        end = Ccm(bytes.fromhex(case["key"])).seal(
            bytes.fromhex(case["nonce"]), record, start, length
        )

        assert end == len(record), case["name"]
        assert record.hex() == case["header"] + case["ciphertext"] + case["tag"], case["name"]


def check_open_gives_back_what_rfc_3610_sealed():
    for case in vectors("rfc3610"):
        record = record_of(case, case["ciphertext"] + case["tag"])
        start = len(case["header"]) // 2

        length = Ccm(bytes.fromhex(case["key"])).open(
            bytes.fromhex(case["nonce"]), record, start, len(record) - start
        )

        assert record[start : start + length].hex() == case["plaintext"], case["name"]


def check_records_do_not_depend_on_the_ones_before():
    used, record = Ccm(bytes(16)), bytearray(60)
    for number in range(20):
        used.seal(bytes([number]) * 13, record, 4, number)
        used.open(bytes([number]) * 13, record, 4, number + 8)
    expected, got = bytearray(60), bytearray(60)
    Ccm(bytes(16)).seal(NONCE, expected, 4, 40)

    used.seal(NONCE, got, 4, 40)

    assert got == expected


def check_one_changed_bit_anywhere_is_refused_and_nothing_is_disclosed():
    cipher, sealed = Ccm(bytes(range(16))), bytearray(b"head" + b"secret words" + bytes(8))
    size = cipher.seal(NONCE, sealed, 4, 12)
    for bit in range(8 * size):
        changed = bytearray(sealed)
        changed[bit >> 3] ^= 1 << (bit & 7)
        before = bytes(changed)

        assert cipher.open(NONCE, changed, 4, size - 4) == -1, bit
        assert changed == before, bit
    assert cipher.open(NONCE, sealed, 4, size - 4) == 12
    assert sealed[4:16] == b"secret words"


def check_another_nonce_key_or_length_is_refused():
    cipher, sealed = Ccm(bytes(16)), bytearray(b"head" + bytes(40))
    size = cipher.seal(NONCE, sealed, 4, 32) - 4

    assert cipher.open(bytes(13), bytearray(sealed), 4, size) == -1
    assert Ccm(bytes(15) + b"\x01").open(NONCE, bytearray(sealed), 4, size) == -1
    for other in (-1, 0, 7, 8, size - 1, size + 1, 10_000):
        assert cipher.open(NONCE, bytearray(sealed), 4, other) == -1, other
    assert cipher.open(NONCE, sealed, 4, size) == 32


def check_every_length_of_text_and_header_comes_back():
    cipher = Ccm(bytes(range(16)))
    for length in range(MOST_BYTES + 1):
        start = 1 + length % MOST_HEADER_BYTES
        plain = bytes([(7 * length + index) & 255 for index in range(start + length)])
        record = bytearray(plain + bytes(8))

        assert cipher.seal(NONCE, record, start, length) == start + length + 8
        assert length < 8 or record[start : start + length] != plain[start:], length
        assert cipher.open(NONCE, record, start, length + 8) == length
        assert record[: start + length] == plain, length


def check_what_can_not_be_sealed_is_our_own_mistake():
    cipher, record = Ccm(bytes(16)), bytearray(300)

    for nonce, start, length in (
        (NONCE, 4, MOST_BYTES + 1),
        (NONCE, 4, -1),
        (NONCE, 100, 200),
        (NONCE, 0, 10),
        (NONCE, MOST_HEADER_BYTES + 1, 10),
        (NONCE[:12], 4, 10),
    ):
        error_of(ValueError, cipher.seal, nonce, record, start, length)
    assert record == bytes(300)


run(globals())
