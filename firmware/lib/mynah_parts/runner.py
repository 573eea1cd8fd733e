"""The shell around the ring: feeds it what the parts tell, and has them do what it wants."""

import asyncio
import time

from mynah_device import actions
from mynah_device.ring import Ring
from mynah_wire.clock import elapsed_ms

from .button import Button
from .console import Console
from .flash import Flash
from .haptic import Haptic
from .light import Light
from .microphone import Microphone
from .sender import Sender
from .speaker import Speaker
from .store import Store

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from typing import Any


class Runner:
    """Between the ring and its parts, which `main.py` builds."""

    def __init__(
        self,
        ring: Ring,
        store: Store,
        sender: Sender,
        flash: Flash,
        light: Light,
        microphone: Microphone,
        speaker: Speaker,
        haptic: Haptic,
    ) -> None:
        self.ring = ring
        self.links = sender.links
        self.store = store
        self.sender = sender
        self.flash = flash
        self.light = light
        self.microphone = microphone
        self.speaker = speaker
        self.haptic = haptic
        self._rescheduled = asyncio.Event()

    def event(self, name: str, at_ms: int, value: object = None) -> None:
        """Something happened: let the ring decide, and do it."""
        for action, argument in self.ring.handle(name, at_ms, value):
            self._do(action, argument)
        self.light.refresh()
        self.sender.wake.set()
        self.flash.wake.set()
        self._rescheduled.set()

    def _do(self, action: str, value: "Any") -> None:
        if action == actions.SEND_PLAIN:
            self.sender.say(value)
        elif action == actions.OPEN_MICROPHONE:
            asyncio.create_task(self._hear())
        elif action == actions.CLOSE_MICROPHONE:
            self.microphone.close(value)
        elif action == actions.WAKE_SPEAKER:
            self.speaker.wake()
        elif action == actions.ADVERTISE:
            self.links.advertise(value)
        elif action == actions.DISCONNECT:
            self.links.disconnect()
        elif action == actions.SAVE:
            self.store.keep(value)
        elif action == actions.FORGET:
            self.store.forget()
        elif action == actions.VIBRATE:
            self.haptic.vibrate(value)
        else:
            raise ValueError("runner: unknown action %s" % action)

    async def _hear(self) -> None:
        microphone = self.microphone
        try:
            await microphone.run(self.ring.talk.stream, self._heard)
        finally:  # also when it fails: the stream ends, and the light goes out
            counts = (microphone.frames, microphone.lost)
            self.event(actions.MICROPHONE_STOPPED, time.ticks_ms(), counts)

    def _heard(self, at_ms: int) -> None:
        self.event(actions.MICROPHONE_STARTED, at_ms, at_ms)

    def paired(self, key: "bytes | None") -> None:
        """The cable brought a key, or took it away."""
        if key is None:
            self.store.forget_key()
        else:
            self.store.keep_key(key)
        self.event(actions.PAIRED, time.ticks_ms(), key)

    async def run(self, button: Button, console: Console) -> None:
        """Run everything for ever; a part that fails ends the ring."""
        parts = (self.sender, self.light, self.speaker, button)
        links = self.links.run(self._linked, console.obey)
        flash = self.flash.run(self.sender.wake.set)
        await asyncio.gather(links, flash, self._keep_time(), *[part.run() for part in parts])

    def _linked(self, name: str, value: object) -> None:
        self.event(name, time.ticks_ms(), value)

    async def _keep_time(self) -> None:
        while True:
            self._rescheduled.clear()
            now_ms = time.ticks_ms()
            due_ms = self.ring.deadline_ms(now_ms)
            if due_ms is None:
                await self._rescheduled.wait()
                continue
            wait_ms = elapsed_ms(due_ms, now_ms)
            if wait_ms <= 0:
                self.event(actions.TICK, now_ms)
                continue
            try:
                await asyncio.wait_for_ms(self._rescheduled.wait(), wait_ms)
            except asyncio.TimeoutError:
                pass
