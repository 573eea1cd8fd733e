"""An application that does nothing but take updates: with the ring's own loader, core and shell.

What happens to it stands in MYNAH_ORDERS; it prints one JSON line for each thing that came of it.
"""

import asyncio
import hashlib
import json
import os
import sys
import time

import _channel
import esp32
from slot_build import BUILD

import mynah_boot
from mynah_device.updating import WINDOW_BYTES
from mynah_parts import slot_files
from mynah_parts import updater as shell
from mynah_parts.updater import Updater
from mynah_wire import making

BOARD = "bench"
shell.FAREWELL_MS = 0  # this host hears at once
TOKEN = 7
PATIENCE_MS = 8000  # a ring that says nothing for so long has hung


class Journal:
    """Not read here."""

    def note(self, _text, _now_ms):
        pass


class Workshop:
    journal = Journal()


class Ring:
    """One that is idle, and has no battery to be empty."""

    class identity:  # noqa: N801 - as the ring's attribute
        board = BOARD.encode()

    quiet = True
    workshop = Workshop
    battery = None


class Host:
    """Sends a bundle as a bridge does, and notes what the ring says."""

    def __init__(self, updater, block_bytes, dies_at_block):
        self.updater = updater
        self.block_bytes = block_bytes
        self.dies_at_block = dies_at_block
        self.blocks = 0
        self.told = []

    async def send(self, data, build):
        """The last thing that the ring said of it."""
        self.told = []
        self.updater.obey(making.Offer(TOKEN, build, len(data), hashlib.sha256(data).digest()))
        at = -1
        since = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), since) < PATIENCE_MS:
            await asyncio.sleep_ms(1)
            while self.told:
                _, state, offset, detail = self.told.pop(0)
                since = time.ticks_ms()
                if state == making.COMPLETE:
                    self.updater.obey(making.Install(TOKEN))
                elif state not in (making.TAKING, making.CHECKING):
                    return state, detail
                elif state == making.TAKING:
                    limit = offset + WINDOW_BYTES
                    at = offset if detail or at < 0 else at
                    at = self._send(data, at, min(limit, len(data)))
        return None, "silence"

    def _send(self, data, at, end):
        while at < end:
            self.blocks += 1
            if self.blocks == self.dies_at_block:
                _channel.die()
            piece = data[at : min(at + self.block_bytes, end)]
            self.updater.obey(making.Block(at, piece))
            at += len(piece)
        return at


async def obey(orders):
    """Everything, in order."""
    boot = mynah_boot.booted
    tell(booted=BUILD, slot=boot.running, trial=boot.on_trial)
    if orders.get("meet"):
        boot.met()
    hosts = []
    if orders.get("architecture"):
        slot_files.architecture = lambda: str(orders["architecture"])
    updater = Updater(Ring, BUILD, lambda *event: hosts[-1].told.append(event[2]), restart)
    task = asyncio.create_task(updater.run())
    for path, build in orders.get("bundles", ()):
        with open(path, "rb") as file:
            data = file.read()
        hosts.append(Host(updater, orders.get("block", 480), orders.get("dies_at_block", 0)))
        before = updater.refused
        state, detail = await hosts[-1].send(data, build)
        tell(path=path, state=state, detail=detail, counted=updater.refused - before)
        if state == making.INSTALLED:
            await asyncio.sleep_ms(200)
    task.cancel()


def restart():
    tell(changes=_channel.changes, nvs_writes=esp32.writes)
    sys.exit(10)


def tell(**what):
    sys.stdout.write(json.dumps(what) + "\n")


def main():
    asyncio.run(obey(json.loads(os.getenv("MYNAH_ORDERS"))))
