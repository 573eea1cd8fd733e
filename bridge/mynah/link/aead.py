"""AES-128-CCM with an 8-byte tag on the host: `cryptography`'s, in the shape of `mynah_wire`."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from mynah_wire.record import TAG_BYTES, Aead


class Ccm(Aead):
    """The cipher of one direction."""

    def __init__(self, key: bytes) -> None:
        self._aes = AESCCM(key, tag_length=TAG_BYTES)

    def seal(self, nonce: bytes | bytearray, record: bytearray, start: int, length: int) -> int:
        """Encrypt record[start:start + length], put the tag behind it, return its end."""
        end = start + length
        if length < 0 or end + TAG_BYTES > len(record):
            raise ValueError(f"can't seal {length} bytes at {start} of {len(record)}")
        sealed = self._aes.encrypt(nonce, bytes(record[start:end]), bytes(record[:start]))
        record[start : end + TAG_BYTES] = sealed
        return end + TAG_BYTES

    def open(self, nonce: bytes | bytearray, record: bytearray, start: int, length: int) -> int:
        """Decrypt `length` bytes, tag included; return the plaintext's length, or -1.

        At -1 the record is forged, and stays as it came.
        """
        end = start + length
        if length < TAG_BYTES or end > len(record):
            return -1
        try:
            text = self._aes.decrypt(nonce, bytes(record[start:end]), bytes(record[:start]))
        except InvalidTag:
            return -1
        record[start : start + len(text)] = text
        return len(text)
