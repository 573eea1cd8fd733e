"""The shell around the ring: feeds it what the parts tell, and has them do what it wants."""

import asyncio
import time

from mynah_device import actions
from mynah_wire.clock import elapsed_ms


class Runner:
    """Holds the parts; `main.py` builds them."""

    def __init__(self, ring, radio, store) -> None:
        self.ring = ring
        self.radio = radio
        self.store = store
        self.sender = None
        self.microphone = None
        self.speaker = None
        self.light = None
        self._rescheduled = asyncio.Event()

    def event(self, name: str, at_ms: int, value: object = None) -> None:
        """Something happened: let the ring decide, and do it."""
        for action, argument in self.ring.handle(name, at_ms, value):
            self._do(action, argument)
        self.light.refresh()
        self.sender.wake.set()
        self._rescheduled.set()

    def _do(self, action: str, value: object) -> None:
        if action == actions.SEND_PLAIN:
            self.radio.notify(value)
        elif action == actions.OPEN_MICROPHONE:
            asyncio.create_task(self._hear())
        elif action == actions.CLOSE_MICROPHONE:
            self.microphone.close(value)
        elif action == actions.WAKE_SPEAKER:
            self.speaker.wake()
        elif action == actions.ADVERTISE:
            self.radio.advertise(value)
        elif action == actions.DISCONNECT:
            self.radio.disconnect()
        elif action == actions.SAVE:
            self.store.keep_setting(value[0], value[1])
        else:
            raise ValueError("runner: unknown action %s" % action)

    async def _hear(self) -> None:
        microphone = self.microphone
        stream = self.ring.talk.stream
        await microphone.run(stream, self._heard)
        counts = (microphone.frames, microphone.lost)
        self.event(actions.MICROPHONE_STOPPED, time.ticks_ms(), counts)

    def _heard(self, at_ms: int) -> None:
        self.event(actions.MICROPHONE_STARTED, at_ms, at_ms)

    def paired(self, key) -> None:
        """The cable brought a key, or took it away."""
        if key is None:
            self.store.forget_key()
        else:
            self.store.keep_key(key)
        self.event(actions.PAIRED, time.ticks_ms(), key)

    async def run(self, parts) -> None:
        """Run everything for ever; a part that fails takes the ring down, for the watchdog to see."""
        tasks = [part.run() for part in parts]
        await asyncio.gather(self._listen(), self._keep_time(), *tasks)

    async def _listen(self) -> None:
        while True:
            name, value = await self.radio.next_event()
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
