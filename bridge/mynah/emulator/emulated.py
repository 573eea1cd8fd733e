"""An emulated ring and the link to it, ready to be used: what `emulator:` means."""

import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mynah.emulator import uri
from mynah.emulator.board_file import board_constant
from mynah.emulator.interpreter import ChipSettings
from mynah.emulator.radio import RadioSettings
from mynah.emulator.ring import EmulatedRing
from mynah.errors import EmulatorError, UserError
from mynah.firmware import board_constants, firmware_folder
from mynah.link.ble import Backends, BleLink
from mynah.link.keys import KeyStore, data_folder, private_folder
from mynah.link.pairing import known_key
from mynah.link.place import Place
from mynah.turn.glimpse import Glimpse

SCHEME = "emulator:"
MICROPHONE = "MICROPHONE_SD"  # in a board's file, if it has one


class Fate(Protocol):
    """What befalls an emulated ring."""

    def radio(self, settings: RadioSettings) -> RadioSettings:
        """The air from the beginning on."""

    def before_boot(self, settings: ChipSettings) -> ChipSettings:
        """The chip, each time that it is switched on."""


class NoFate:
    """Nothing does."""

    def radio(self, settings: RadioSettings) -> RadioSettings:
        return settings

    def before_boot(self, settings: ChipSettings) -> ChipSettings:
        return settings


def _no_hint(_glimpse: Glimpse) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Emulated:
    """The ring and the way to it."""

    ring: EmulatedRing
    link: BleLink

    def place(self, hint: Callable[[Glimpse], str] = _no_hint) -> Place:
        """The same as a place to talk at."""
        return Place("the emulated ring", self.link, hint, self._ended)

    async def _ended(self) -> None:
        await self.ring.wait()
        raise EmulatorError("the emulated ring's firmware came to its end")


def emulated_keys() -> KeyStore:
    """The keys of emulated rings, apart: `mynah run` must not look for one on the air."""
    return KeyStore(data_folder() / "emulator" / "keys")


@asynccontextmanager
async def switched_on(
    link_uri: str,
    trace: Path | None = None,
    firmware: Path | None = None,
    fate: Fate | None = None,
) -> AsyncIterator[EmulatedRing]:
    """An emulated ring by its URI; what it keeps without power is kept for next time."""
    if not link_uri.startswith(SCHEME):
        raise UserError(
            f"link {link_uri!r}: this needs an emulated ring, whose microphone can be fed; "
            f"use {SCHEME}"
        )
    name, board, radio = uri.parse(link_uri.removeprefix(SCHEME))
    storage = _storage(name)
    flash = flash_of(name)
    private_folder(storage.parent)
    private_folder(flash)
    _check(storage)
    fate = fate or NoFate()
    async with EmulatedRing(
        name,
        radio=fate.radio(radio),
        storage=storage,
        flash=flash,
        trace=trace,
        firmware=firmware,
        board=board,
        before_boot=fate.before_boot,
    ) as ring:
        yield ring


def hears(link_uri: str) -> bool:
    """Whether the board of that emulated ring has a microphone."""
    name, board, _ = uri.parse(link_uri.removeprefix(SCHEME))
    boards = firmware_folder() / "boards"
    if board:
        return MICROPHONE in board_constants(boards / f"{board}.py")
    return board_constant(firmware_folder(), _storage(name), MICROPHONE, None) is not None


def forget_said(name: str) -> None:
    """What an emulated ring that is off still keeps of what was said to it is thrown away."""
    shutil.rmtree(flash_of(name), ignore_errors=True)


def flash_of(name: str) -> Path:
    """Where the files of an emulated ring lie."""
    return data_folder() / "emulator" / f"{name}.flash"


def _storage(name: str) -> Path:
    return data_folder() / "emulator" / f"{name}.json"


def _check(storage: Path) -> None:
    """The ring itself could only die of it."""
    if storage.is_file():
        try:
            json.loads(storage.read_text("utf-8"))
        except (ValueError, OSError) as error:
            raise EmulatorError(
                f"{storage}: this emulated ring's storage is damaged; delete it, then `mynah pair`"
            ) from error


@asynccontextmanager
async def emulated(
    link_uri: str,
    trace: Path | None = None,
    firmware: Path | None = None,
    fate: Fate | None = None,
) -> AsyncIterator[Emulated]:
    """An emulated ring, paired with this computer if it was not, and the link to it."""
    async with switched_on(link_uri, trace, firmware, fate) as ring:
        key = await known_key(ring, emulated_keys(), f"mynah pair --link {link_uri}")
        backends = Backends(ring.air.client_backend, ring.air.scanner_backend)
        yield Emulated(ring, BleLink([key], "", backends))
