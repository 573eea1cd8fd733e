"""The operating system's keyring, where it has one that can be used."""

import os
from contextlib import suppress
from typing import Final, Protocol

SERVICE: Final = "mynah"

LEAST_PRIORITY: Final = 1
"""As `keyring` counts: below it are its backends that keep nothing, or keep it in the open."""


class Vault(Protocol):
    """Keeps secrets by name."""

    def get(self, name: str) -> str | None:
        """The secret; None if there is none, or none to be had now."""

    def put(self, name: str, secret: str) -> bool:
        """Keep it; False if it was not kept."""

    def drop(self, name: str) -> None:
        """Keep it no longer, if that can be done now."""


class KeyringVault:
    """That of `keyring`: Keychain, Credential Locker, Secret Service, KWallet."""

    def get(self, name: str) -> str | None:
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(SERVICE, name)
        except KeyringError:
            return None

    def put(self, name: str, secret: str) -> bool:
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password(SERVICE, name, secret)
        except KeyringError:
            return False
        return self.get(name) == secret  # a backend that forgets would lock the ring out

    def drop(self, name: str) -> None:
        import keyring
        from keyring.errors import KeyringError

        with suppress(KeyringError):
            keyring.delete_password(SERVICE, name)


class MemoryVault:
    """A fake one; it can be locked, and it can refuse."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.locked = False
        self.refuses = False

    def get(self, name: str) -> str | None:
        return None if self.locked else self.kept.get(name)

    def put(self, name: str, secret: str) -> bool:
        if self.locked or self.refuses:
            return False
        self.kept[name] = secret
        return True

    def drop(self, name: str) -> None:
        if not self.locked:
            self.kept.pop(name, None)


def system_vault() -> Vault | None:
    """The computer's; None where there is none, or where it is not wanted.

    MYNAH_NO_KEYRING says so, and so does MYNAH_DATA: what a folder holds moves with it.
    """
    if os.environ.get("MYNAH_NO_KEYRING") or os.environ.get("MYNAH_DATA"):
        return None
    import keyring
    from keyring.errors import KeyringError

    try:
        usable = float(keyring.get_keyring().priority) >= LEAST_PRIORITY
    except (KeyringError, RuntimeError):  # how backends say that they can't be used here
        return None
    return KeyringVault() if usable else None
