"""The shell around the ring: feeds it what the parts tell, and has them do what it wants."""

import asyncio
import time

from mynah_device import actions
from mynah_device.health import Heart
from mynah_device.ring import Ring
from mynah_wire import making

from .part_error import PartError
from .sender import Sender
from .store import Store
from .time_keeper import TimeKeeper

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from mynah_wire.message import Message

    from .button import Button
    from .flash import Flash
    from .light import Light
    from .microphone import Microphone
    from .speaker import Speaker

    class Haptic(Protocol):
        """A motor."""

        def vibrate(self, amplitude: int) -> None:
            """From now on, with an amplitude of 255."""

    class Prober(Protocol):
        """Tests parts."""

        def probe(self, token: int, name: str, argument: int) -> None:
            """Begin a test, and say PROBED when it is over."""

    class Updater(Protocol):
        """Takes updates."""

        def obey(self, order: Message) -> None:
            """An Offer, a Block or an Install: say UPDATED."""

    class Power(Protocol):
        """The processor's clock and sleep."""

        def clock(self, hz: int) -> None:
            """Run at this speed."""

        def sleep(self, wake_after_ms: "int | None") -> None:
            """Sleep until a press, or so long; returns only if the button is being pressed."""


class Runner:
    """Between the ring and its parts; a part that is None is not there."""

    def __init__(self, ring: Ring, store: Store, sender: Sender) -> None:
        self.ring = ring
        self.links = sender.links
        self.store = store
        self.sender = sender
        self.time_keeper = TimeKeeper(ring, self.event)
        self.hearing = Heart()  # the microphone's, while it is open
        self.flash: "Flash | None" = None
        self.light: "Light | None" = None
        self.microphone: "Microphone | None" = None
        self.speaker: "Speaker | None" = None
        self.haptic: "Haptic | None" = None
        self.button: "Button | None" = None
        self.new_prober: "Callable[[], Prober] | None" = None  # called with the first test
        self.updater: "Updater | None" = None
        self.power: "Power | None" = None
        self._prober: "Prober | None" = None
        self.updated_ms: "int | None" = None  # when the last piece of an update came

    def event(self, name: str, at_ms: int, value: object = None) -> None:
        """Something happened: let the ring decide, and do it."""
        for action, argument in self.ring.handle(name, at_ms, value):
            try:
                self._do(action, argument)
            except Exception as error:  # noqa: BLE001 - the other actions must be done all the same
                self.failed(action, error)
        if self.light is not None:
            self.light.refresh()
        if self.flash is not None:
            self.flash.poke()
        self.sender.poke()
        self.time_keeper.poke()

    def fault(self, fault: int, text: str) -> None:
        """A part found that something is wrong with it."""
        self.event(actions.FAULT, time.ticks_ms(), (fault, text))

    def failed(self, part: str, error: Exception) -> None:
        """Something of a part went wrong: it is told, and the ring goes on."""
        fault, text = making.BROKEN, "%s: %s %s" % (part, type(error).__name__, error)
        if isinstance(error, PartError):
            fault, text = error.fault, error.text
        self.fault(fault, text)

    def _do(self, action: str, value: "Any") -> None:
        if action == actions.SEND_PLAIN:
            self.sender.say(value)
        elif action == actions.ADVERTISE:
            self.links.advertise(value)
        elif action == actions.DISCONNECT:
            self.links.disconnect()
        elif action == actions.SAVE:
            self.store.keep(value)
        elif action == actions.FORGET:
            self.store.forget()
        else:
            self._move(action, value)

    def _move(self, action: str, value: "Any") -> None:
        if action == actions.OPEN_MICROPHONE:
            self.hearing.expect()
            asyncio.create_task(self._hear())
        elif action == actions.CLOSE_MICROPHONE:
            if self.microphone is not None:
                self.microphone.close(value)
        elif action == actions.WAKE_SPEAKER:
            if self.speaker is not None:
                self.speaker.wake()
        elif action == actions.VIBRATE:
            if self.haptic is not None:
                self.haptic.vibrate(value)
        else:
            self._work(action, value)

    def _work(self, action: str, value: "Any") -> None:
        if action == actions.PROBE:
            self._probe(*value)
        elif action == actions.UPDATE:
            self._update(value)
        elif action == actions.CLOCK:
            if self.power is not None:
                self.power.clock(value)
        elif action == actions.SLEEP:
            if self.power is not None:
                self.power.sleep(value)
        else:
            raise ValueError("runner: unknown action %s" % action)

    def _probe(self, token: int, name: str, argument: int) -> None:
        if self._prober is None and self.new_prober is not None:
            self._prober = self.new_prober()
        if self._prober is None:
            self.event(actions.PROBED, time.ticks_ms(), (token, making.MISSING, ""))
        else:
            self._prober.probe(token, name, argument)

    def _update(self, order: "Message") -> None:
        self.updated_ms = time.ticks_ms()
        if self.updater is not None:
            self.updater.obey(order)
        elif isinstance(order, (making.Offer, making.Install)):
            refusal = (order.token, making.REFUSED, 0, "this ring can't take updates")
            self.event(actions.UPDATED, time.ticks_ms(), refusal)

    async def _hear(self) -> None:
        microphone, frames, lost = self.microphone, 0, 0
        try:
            if microphone is not None:
                await microphone.run(self.ring.talk.stream, self._heard)
        except Exception as error:  # noqa: BLE001 - the stream ends, and the light goes out
            self.failed("microphone", error)
        finally:
            if microphone is not None:
                frames, lost = microphone.frames, microphone.lost
            self.hearing.rest()
            self.event(actions.MICROPHONE_STOPPED, time.ticks_ms(), (frames, lost))

    def heard_frame(self) -> None:
        """A frame is in memory. Allocates nothing."""
        self.hearing.beat()
        self.sender.poke()

    def _heard(self, at_ms: int) -> None:
        self.event(actions.MICROPHONE_STARTED, at_ms, at_ms)

    def paired(self, key: "bytes | None") -> None:
        """The cable brought a key, or took it away."""
        if key is None:
            self.store.forget_key()
        else:
            self.store.keep_key(key)
        self.event(actions.PAIRED, time.ticks_ms(), key)

    def linked(self, name: str, value: object) -> None:
        """Something happened to the connection."""
        self.event(name, time.ticks_ms(), value)
