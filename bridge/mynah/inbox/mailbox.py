"""A ring's inbox at work: what it wants is carried out, over one connection after the other."""

import asyncio
import errno
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mynah.inbox.disk import Disk
from mynah.inbox.files import Files
from mynah.inbox.inbox import Inbox
from mynah.inbox.key import Key
from mynah.inbox.late import Late
from mynah.inbox.wants import (
    Action,
    AllHeld,
    Event,
    Hear,
    Lost,
    Report,
    Synced,
    Tell,
    Tick,
    Told,
    Untold,
)
from mynah.inbox.worker import Answer, Worker
from mynah.link.client import monotonic_ms
from mynah_wire.message import Message
from mynah_wire.uplink import Ready

MINUTE_BYTES: Final = 543_000
"""Of speech on the disk: what a person has to make room for, at least."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whom to tell: a conversation over one connection."""

    tell: Callable[[Message], None]
    """The ring."""
    lost: Callable[[Report], None]
    """Something that was said is lost."""
    late: Callable[[], None]
    """Something is to be answered late: `take_late`."""
    trouble: Callable[[str], None]
    """The person, in one line."""


class Mailbox:
    """One ring's, over all its connections."""

    def __init__(self, device_id: str, disk: Disk, wall_s: Callable[[], float] = time.time) -> None:
        self._device_id = device_id
        self._disk = disk
        self._wall_s = wall_s
        self._files = Files(device_id, disk)
        self._worker = Worker(self._files, self._answer, self._refused)
        self._inbox: Inbox | None = None
        self._hooks: Hooks | None = None
        self._heard: list[Message] = []
        self._late: Late | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._complained = False

    @property
    def wall_ms(self) -> float:
        """What a clock on the wall shows."""
        return self._wall_s() * 1000

    async def connect(self, ready: Ready, hooks: Hooks) -> bool:
        """The ring is there; False if nothing can be kept, which the person is told."""
        if self._inbox is None:
            trouble = await self._open()
            if trouble is not None:
                hooks.trouble(f"{self._disk.where}: {trouble}; nothing that is said is kept there")
                return False
        if self._hooks is not None:  # an earlier connection takes its time to end
            self._lose()
        self._hooks = hooks
        if self._inbox is not None:  # asleep, a computer's clocks part
            self._inbox.epoch_ms = self.wall_ms - monotonic_ms()
        self.hear(ready)
        return True

    async def disconnect(self, hooks: Hooks) -> None:
        """That connection is over, and so is every turn of it."""
        if self._hooks is hooks:
            self._lose()
            await self._worker.end()

    def _lose(self) -> None:
        self._stop_timer()
        self._hooks, self._late = None, None
        self._handle(Lost())

    def close(self) -> None:
        """Nobody uses it any more."""
        self._disk.release()

    def hear(self, message: Message) -> list[Message]:
        """The ring said something; what of it the conversation is to hear now."""
        self._heard = []
        self._handle(message)
        return self._heard

    def all_held(self) -> None:
        """It told of all that it holds."""
        self._handle(AllHeld())

    def key(self, stream: int) -> Key:
        """What names a stream of the ring that is connected."""
        if self._inbox is None:
            raise ValueError("no ring was connected yet")
        return self._inbox.key(stream)

    def told(self, key: Key, frame: int | None = None) -> None:
        """A turn took it, up to a frame or whole, and is told."""
        if self._late is not None and self._late.key == key:
            self._late = None  # wanted twice: a slow disk gave it to an earlier connection as well
        self._handle(Told(key, frame))

    def untold(self, key: Key) -> None:
        """The turn that had it is over, and has not answered it."""
        self._handle(Untold(key))

    def take_late(self) -> Late | None:
        """What is to be answered now that nobody has the floor."""
        if self._inbox is None or self._inbox.wearer_speaks:
            return None
        late, self._late = self._late, None
        return late

    async def _open(self) -> str | None:
        """Find what was kept; why that is impossible."""
        try:
            if not self._disk.claim():
                return "another mynah uses it: end that one, or `mynah service stop`"
            load = self._files.load
            found = await asyncio.to_thread(load) if self._disk.blocks else load()
        except OSError as error:
            return error.strerror or str(error)
        self._inbox = Inbox(self._device_id, self.wall_ms - monotonic_ms(), *found)
        return None

    def _handle(self, event: Event) -> None:
        if self._inbox is None:
            return
        now_ms, spoke = monotonic_ms(), self._inbox.wearer_speaks
        for action in self._inbox.handle(event, now_ms):
            self._carry_out(action)
        if spoke and not self._inbox.wearer_speaks and self._late and self._hooks:
            self._hooks.late()  # it was not to be had while the wearer spoke
        self._worker.work()
        self._set_timer()

    def _carry_out(self, action: Action) -> None:
        match action:
            case Hear(message):
                self._heard.append(message)
            case Tell(message):
                if self._hooks is not None:
                    self._hooks.tell(message)
            case Report():
                if self._hooks is not None:
                    self._hooks.lost(action)
            case _:
                self._worker.want(action)

    def _answer(self, answer: Answer) -> None:
        """The disk did something."""
        if isinstance(answer, Late):
            wanted = self._inbox is not None and self._inbox.delivered == answer.key
            if self._hooks is not None and wanted:
                self._late = answer
                self._hooks.late()
            return
        if isinstance(answer, Synced):
            self._complained = False
        self._handle(answer)

    def _refused(self, error: OSError) -> None:
        """The disk did not: that is said once, until it does."""
        if self._complained or self._hooks is None:
            return
        self._complained = True
        why = error.strerror or str(error)
        if error.errno == errno.ENOSPC:
            free, wanted = self._disk.free_bytes() // 1000, MINUTE_BYTES // 1000
            why = f"the disk is full: {free} kB are free, a minute of speech takes {wanted}"
        self._hooks.trouble(f"{self._disk.where}: {why}; the ring keeps what is said meanwhile")

    def _set_timer(self) -> None:
        """One that is too early only looks again: most deadlines move with every frame."""
        due_ms = None if self._inbox is None else self._inbox.deadline_ms()
        if due_ms is None or self._hooks is None:
            return
        loop = asyncio.get_running_loop()
        if self._timer is None or due_ms / 1000 < self._timer.when():
            self._stop_timer()
            wait_s = max(0.0, due_ms - monotonic_ms()) / 1000
            self._timer = loop.call_later(wait_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._handle(Tick())

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
