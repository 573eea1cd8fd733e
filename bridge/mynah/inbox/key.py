"""What names an utterance for ever."""

from dataclasses import dataclass
from typing import Final

LAST_BOOT_ID: Final = 0xFFFF_FFFF
LAST_STREAM: Final = 0xFFFF
"""What HELD and KEPT have room for: 32 bits and 16."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A ring counts its streams anew at every boot; the three together come once."""

    device_id: str
    """16 hexadecimal digits."""
    boot_id: int
    stream: int

    @property
    def name(self) -> str:
        """Of its file, beside the others of its ring."""
        return f"{self.boot_id:08x}-{self.stream:05d}"

    @classmethod
    def of_name(cls, device_id: str, name: str) -> "Key | None":
        """The key that has this name; None if none has."""
        boot, dash, stream = name.partition("-")
        try:
            key = cls(device_id, int(boot, 16), int(stream))
        except ValueError:
            return None
        fits = 0 <= key.boot_id <= LAST_BOOT_ID and 0 <= key.stream <= LAST_STREAM
        return key if dash and fits and key.name == name else None
