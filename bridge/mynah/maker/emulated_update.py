"""An emulated ring that takes updates: it trusts this computer's key as if a cable had told it."""

import json
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from mynah.emulator import uri
from mynah.emulator.emulated import SCHEME, Emulated, Fate, emulated, flash_of
from mynah.link.keys import data_folder, private_folder, write_private
from mynah.maker.update_key import NVS_KEY, UpdateKey
from mynah_device.updating import HEAD

X64: Final = "x64"
"""mpy-cross's name for the emulator's own processor; on others it takes sources."""


def architecture() -> str | None:
    """What to compile for; None if the emulator's interpreter takes sources alone."""
    return X64 if platform.machine() in ("x86_64", "AMD64") else None


def runs_sources(link: str) -> bool:
    """Whether the ring, having had no update, runs the very firmware that would be sent."""
    name = uri.parse(link.removeprefix(SCHEME))[0]
    return not any(flash_of(name).glob(f"*/{HEAD}"))


@asynccontextmanager
async def updatable(link: str, key: UpdateKey, fate: Fate | None = None) -> AsyncIterator[Emulated]:
    """The ring, switched on until it is left, and the link to it."""
    name = uri.parse(link.removeprefix(SCHEME))[0]
    storage = data_folder() / "emulator" / f"{name}.json"
    private_folder(storage.parent)
    stored = json.loads(storage.read_text("utf-8")) if storage.is_file() else {}
    stored.setdefault("mynah", {})[NVS_KEY] = key.public.hex()
    write_private(storage, json.dumps(stored).encode())
    async with emulated(link, fate=fate) as on:
        yield on
