"""The keys of our rings: one file each, by device id, for nobody else to read."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from mynah.errors import UserError
from mynah_wire.handshake import KEY_BYTES

OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class RingKey:
    """A ring of ours."""

    device_id: str
    """16 hexadecimal digits."""
    secret: bytes

    def __repr__(self) -> str:
        return f"RingKey({self.device_id})"  # the secret must not reach a log


class KeyStore:
    """A folder of key files."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or data_folder() / "keys"

    def all(self) -> list[RingKey]:
        """Every ring that was paired with this computer."""
        return [_read(path) for path in sorted(self.folder.glob("*.key"))]

    def find(self, device_id: str) -> RingKey | None:
        """The key of one ring."""
        path = self.folder / f"{device_id}.key"
        return _read(path) if path.is_file() else None

    def keep(self, key: RingKey) -> Path:
        """Write a key, whole or not at all."""
        private_folder(self.folder)
        path = self.folder / f"{key.device_id}.key"
        fresh = path.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key.secret.hex() + "\n")
        fresh.replace(path)
        return path


def new_key() -> bytes:
    """A fresh key."""
    return secrets.token_bytes(KEY_BYTES)


def data_folder() -> Path:
    """Where what must not be lost lies; MYNAH_DATA moves it."""
    chosen = os.environ.get("MYNAH_DATA")
    return Path(chosen) if chosen else platformdirs.user_data_path("mynah")


def private_folder(path: Path) -> Path:
    """The folder, made if need be, for nobody else to look into."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UserError(f"{path}: can't be made a folder ({error.strerror})") from error
    return path


def _read(path: Path) -> RingKey:
    try:
        secret = bytes.fromhex(path.read_text("ascii"))
    except (ValueError, OSError) as error:
        raise UserError(f"{path}: not a key ({error}); pair the ring again") from error
    if len(secret) != KEY_BYTES:
        raise UserError(
            f"{path}: a key has {KEY_BYTES} bytes, this has {len(secret)}; pair the ring again"
        )
    return RingKey(path.stem, secret)
