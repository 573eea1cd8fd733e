"""How soon a ring can be talked with again, by what was the matter: real time, emulated radio.

Measured from the moment at which the trouble is over to a ring that is proven and ready for a turn.
No models: nothing but the way to the ring is measured.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason

from mynah.bench.machine import machine
from mynah.companions.guest import Guest
from mynah.companions.parrot import Parrot
from mynah.emulator.air import EmulatedAir
from mynah.emulator.emulated import emulated_keys, switched_on
from mynah.emulator.ring import EmulatedRing
from mynah.link.ble import Backends, BleLink
from mynah.link.client import monotonic_ms
from mynah.link.keys import RingKey
from mynah.link.pairing import known_key
from mynah.link.place import Place
from mynah.link.supervisor import State
from mynah.live import Live
from mynah.speech.asr import ScriptedTranscriber
from mynah.speech.tts import ToneSynthesizer
from mynah.stages import Stages
from mynah.view import View

AWAY_S: Final = (0.2, 4.0)
"""How long a trouble lasts after it was noticed, at random: some end within a back-off."""

STUTTERS: Final = 3
FADE_S: Final = 0.6
"""Longer than Linux's supervision timeout of 420 ms: each is a lost link."""

REACHED_S: Final = 1.2
"""What it takes to reach a ring at 30 ms an interval, found, connected and proven."""

LONGEST_S: Final = 120.0
"""A ring that is not back by then never will be."""

PROMISED_MS: Final = 5000.0
"""From a radio that is back to the next turn, 95 of 100 times."""

LOOK_S: Final = 0.005

PERCENTILES: Final = (50, 95, 100)

_OFF: Final = BleakBluetoothNotAvailableReason.POWERED_OFF


@dataclass(frozen=True, slots=True)
class RecoveryResult:
    """Of each fault, how long each time took."""

    took_ms: Mapping[str, list[float]]
    link: str
    machine: str = field(default_factory=machine)

    def percentile_ms(self, fault: str, percent: float) -> float:
        """Of one fault; 100 is the worst."""
        return float(np.percentile(self.took_ms[fault], percent))

    @property
    def as_promised(self) -> bool:
        """Whether 95 of 100 times it was soon enough, for each fault."""
        return all(self.percentile_ms(fault, 95) <= PROMISED_MS for fault in self.took_ms)

    def as_json(self) -> dict[str, object]:
        """For other programs."""
        return {
            "faults": {
                fault: {
                    "times": len(took_ms),
                    "p50_ms": round(self.percentile_ms(fault, 50)),
                    "p95_ms": round(self.percentile_ms(fault, 95)),
                    "max_ms": round(self.percentile_ms(fault, 100)),
                }
                for fault, took_ms in self.took_ms.items()
            },
            "link": self.link,
            "machine": self.machine,
        }


class Switch:
    """A computer's Bluetooth adapter over an emulated air, to be switched off and on."""

    def __init__(self, air: EmulatedAir) -> None:
        self.on = True
        self._clients: list[Any] = []
        self._changes: asyncio.Queue[bool] = asyncio.Queue()
        switch = self

        class Client(air.client_backend):  # type: ignore[name-defined,misc]
            async def connect(self, *arguments: Any, **options: Any) -> None:
                switch.check()
                switch._clients = [self]
                await super().connect(*arguments, **options)

        class Scanner(air.scanner_backend):  # type: ignore[name-defined,misc]
            async def start(self) -> None:
                switch.check()
                await super().start()

        self.backends = Backends(Client, Scanner)

    def check(self) -> None:
        """As bleak says it."""
        if not self.on:
            raise BleakBluetoothNotAvailableError("No powered Bluetooth adapters found.", _OFF)

    async def turn(self, *, on: bool) -> None:
        """Off, connections end."""
        self.on = on
        self._changes.put_nowait(on)
        for client in [] if on else self._clients:
            await client.disconnect()

    async def changes(self) -> AsyncGenerator[bool, None]:
        """What BlueZ would tell."""
        while True:
            yield await self._changes.get()


class Rig:
    """A ring that stays, and the bridge that keeps it in conversation."""

    def __init__(self, ring: EmulatedRing, key: RingKey, chance: random.Random) -> None:
        self.ring = ring
        self.switch = Switch(ring.air)
        self._key = key
        self._chance = chance
        self._live: Live | None = None
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """The bridge's process begins."""
        stages = Stages(ScriptedTranscriber([]), Guest("parrot", Parrot()), ToneSynthesizer())
        self._live = Live(
            stages,
            "parrot",
            View(),
            self._place,
            adapter=self.switch.changes,
            chance=self._chance.random,
        )
        self._running = asyncio.create_task(self._live.run(), name="bridge")

    async def stop(self) -> None:
        """It ends."""
        if self._live is not None and self._running is not None:
            self._live.end()
            await self._running

    @property
    def ready(self) -> bool:
        """Whether the next turn can begin."""
        return self._live is not None and self._live.states == [State.RUN]

    async def until(self, *, ready: bool) -> float:
        """Wait for it; how long that took, in milliseconds."""
        began_ms = monotonic_ms()
        async with asyncio.timeout(LONGEST_S):
            while self.ready != ready:
                if self._running is not None and self._running.done():
                    self._running.result()
                await asyncio.sleep(LOOK_S)
        return monotonic_ms() - began_ms

    async def pause(self) -> None:
        """The trouble lasts for a while."""
        await asyncio.sleep(self._chance.uniform(*AWAY_S))

    async def amid(self) -> None:
        """Some moment while the ring is being reached."""
        await asyncio.sleep(self._chance.uniform(0.0, REACHED_S))

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[Place]:
        link = BleLink([self._key], "", self.switch.backends)
        yield Place("the emulated ring", link, lambda _glimpse: "", self.ring.wait)


async def _radio(rig: Rig) -> float:
    """The ring goes out of reach and comes back."""
    rig.ring.air.silence()
    await rig.until(ready=False)
    await rig.pause()
    rig.ring.air.restore()
    return await rig.until(ready=True)


async def _fade(rig: Rig) -> float:
    """Just long enough to lose the link."""
    rig.ring.air.silence()
    await rig.until(ready=False)
    rig.ring.air.restore()
    return await rig.until(ready=True)


async def _stutter(rig: Rig) -> float:
    """It fades again and again while it is being reached."""
    for _ in range(STUTTERS):
        rig.ring.air.silence()
        await asyncio.sleep(FADE_S)
        rig.ring.air.restore()
        await rig.amid()
    rig.ring.air.silence()
    await asyncio.sleep(FADE_S)
    rig.ring.air.restore()
    return await rig.until(ready=True)


async def _ring(rig: Rig) -> float:
    """The ring's power is cut; it boots again at once, which counts."""
    rig.ring.cut_power()
    lost_ms = await rig.until(ready=False)
    return lost_ms + await rig.until(ready=True)


async def _adapter(rig: Rig) -> float:
    """The computer's Bluetooth is switched off, and on."""
    await rig.switch.turn(on=False)
    await rig.until(ready=False)
    await rig.pause()
    await rig.switch.turn(on=True)
    return await rig.until(ready=True)


async def _bridge(rig: Rig) -> float:
    """The bridge dies without a word, and is started again; its models are not counted."""
    rig.ring.air.silence()
    await rig.stop()
    rig.ring.air.restore()
    await rig.start()
    return await rig.until(ready=True)


FAULTS: Final[Mapping[str, Callable[[Rig], Awaitable[float]]]] = {
    "out of reach": _radio,
    "fade": _fade,
    "fades while reached": _stutter,
    "ring reset": _ring,
    "adapter off": _adapter,
    "bridge restart": _bridge,
}


async def measure(
    link_uri: str, times: Mapping[str, int], view: View, seed: int = 1
) -> RecoveryResult:
    """So many times each of FAULTS; those that are not named are left out."""
    took_ms: dict[str, list[float]] = {}
    async with switched_on(link_uri) as ring:
        key = await known_key(ring, emulated_keys(), f"mynah pair --link {link_uri}")
        rig = Rig(ring, key, random.Random(seed))
        await rig.start()
        try:
            for fault, count in times.items():
                took_ms[fault] = []
                with view.busy(f"{fault}, {count} times"):
                    for _ in range(count):
                        await rig.until(ready=True)
                        took_ms[fault].append(round(await FAULTS[fault](rig), 1))
        finally:
            await rig.stop()
    return RecoveryResult({fault: each for fault, each in took_ms.items() if each}, link_uri)
