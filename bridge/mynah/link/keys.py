"""The keys of our rings, by device id: in the system's keyring or in files of ours alone."""

import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from mynah.errors import MynahError, UserError
from mynah.link.vault import Vault, system_vault
from mynah.seeing.redaction import REDACTION
from mynah_wire.handshake import KEY_BYTES

OWNER_ONLY = 0o600
IN_KEYRING = "keyring"  # in a key's file: the key itself is not

BENCH_KEY: Final = b"mynah bench: everybody hears it!"
"""For a bench: several computers share a ring, or a sniffer reads along. It is no secret."""
INSECURE: Final = (
    "INSECURE: ring {} has the bench's key, which everybody has: whoever is near can listen, and "
    "speak as you. Before it is worn: `mynah pair`."
)


@dataclass(frozen=True, slots=True)
class RingKey:
    """A ring of ours."""

    device_id: str
    """16 hexadecimal digits."""
    secret: bytes

    def __repr__(self) -> str:
        return f"RingKey({self.device_id})"  # the secret must not reach a log


class KeyStore:
    """A folder with a file for each ring; a key lies in it, or it says that the keyring has it."""

    def __init__(
        self, folder: Path | None = None, open_vault: Callable[[], Vault | None] | None = None
    ) -> None:
        """A folder that is named is no place for secrets of the system: it uses files alone."""
        self.folder = folder or data_folder() / "keys"
        self._warned: set[str] = set()
        self._open_vault = open_vault or (system_vault if folder is None else lambda: None)

    def all(self) -> list[RingKey]:
        """Every ring that was paired with this computer."""
        return [self._read(path) for path in sorted(self.folder.glob("*.key"))]

    def find(self, device_id: str) -> RingKey | None:
        """The key of one ring."""
        path = self.folder / f"{device_id}.key"
        return self._read(path) if path.is_file() else None

    def keep(self, key: RingKey) -> Path:
        """Keep a key, whole or not at all: in the keyring if there is one, else in a file."""
        self._hide(key)
        private_folder(self.folder)
        path = self.folder / f"{key.device_id}.key"
        vault = self._open_vault()
        kept = vault is not None and vault.put(key.device_id, key.secret.hex())
        fresh = path.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write((IN_KEYRING if kept else key.secret.hex()) + "\n")
        fresh.replace(path)
        return path

    def drop(self, device_id: str) -> None:
        """Whoever has that ring is nobody to this computer from now on. UserError if none is."""
        path = self.folder / f"{device_id}.key"
        known = sorted(each.stem for each in self.folder.glob("*.key"))
        if path.stem not in known:
            raise UserError(
                f"no ring {device_id} is paired with this computer; {', '.join(known) or 'none'} is"
            )
        path.unlink()  # first: a key that only the keyring has is none
        vault = self._open_vault()
        if vault is not None:
            vault.drop(device_id)

    def where(self, device_id: str) -> str:
        """Where a ring's key lies, in words."""
        path = self.folder / f"{device_id}.key"
        if path.read_text("ascii").strip() == IN_KEYRING:
            return "this computer's keyring"
        return str(self.folder)

    def _read(self, path: Path) -> RingKey:
        try:
            text = path.read_text("ascii").strip()
            if text == IN_KEYRING:
                text = self._from_vault(path)
            secret = bytes.fromhex(text)
        except OSError as error:  # which may pass: a home that is not there yet
            raise MynahError(f"{path}: can't be read ({error.strerror})") from error
        except ValueError as error:
            raise UserError(f"{path}: not a key ({error}); pair the ring again") from error
        if len(secret) != KEY_BYTES:
            raise UserError(
                f"{path}: a key has {KEY_BYTES} bytes, this has {len(secret)}; pair the ring again"
            )
        key = RingKey(path.stem, secret)
        self._hide(key)
        return key

    def _hide(self, key: RingKey) -> None:
        """From whatever is written; but what everybody has is told loudly, once."""
        if key.secret != BENCH_KEY:
            REDACTION.hide(key.secret)
        elif key.device_id not in self._warned:
            self._warned.add(key.device_id)
            sys.stderr.write(INSECURE.format(key.device_id) + "\n")

    def _from_vault(self, path: Path) -> str:
        vault = self._open_vault()
        secret = vault.get(path.stem) if vault is not None else None
        if secret is None:
            raise MynahError(
                f"the key of ring {path.stem} is in this computer's keyring, which does not give "
                "it out now; unlock it, or pair the ring again"
            )
        return secret


def new_key() -> bytes:
    """A fresh key."""
    key = secrets.token_bytes(KEY_BYTES)
    REDACTION.hide(key)
    return key


def data_folder() -> Path:
    """Where what must not be lost lies; MYNAH_DATA moves it."""
    chosen = os.environ.get("MYNAH_DATA")
    return Path(chosen) if chosen else platformdirs.user_data_path("mynah")


def private_folder(path: Path) -> Path:
    """The folder, made if need be, for nobody else to look into: nor into those made on the way."""
    try:
        for folder in (*reversed(path.parents), path):
            folder.mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise UserError(f"{path}: can't be made a folder ({error.strerror})") from error
    return path


def write_private(path: Path, content: bytes) -> None:
    """A file for nobody else to look into, wherever it lies; UserError if it can't be written."""
    make_private(path)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UserError(f"{path}: can't be written ({error.strerror})") from error


def make_private(path: Path) -> None:
    """A file that is there or is made, for nobody else to look into; UserError if it can't be."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY))
        if path.is_file():  # it may have been there, for everybody
            path.chmod(OWNER_ONLY)
    except OSError as error:
        raise UserError(f"{path}: can't be written ({error.strerror})") from error
