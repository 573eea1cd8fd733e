"""A link that loses, delays and cuts what goes over it, above the link layer: any link, wrapped."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final, TypeAlias

from mynah.errors import LinkError
from mynah.faults.injection import Injection
from mynah.faults.kinds import Unit
from mynah.faults.plan import Fault, Way
from mynah.faults.schedule import delaying, losing
from mynah.link.base import Link
from mynah.link.reach import steps_of
from mynah_wire.codecs import IMA_ADPCM, codec
from mynah_wire.message import encode
from mynah_wire.record import OVERHEAD_BYTES
from mynah_wire.uplink import Audio, Past

_FRAME: Final = bytes(codec(IMA_ADPCM).frame_bytes)
FRAME_RECORD_BYTES: Final = frozenset(
    OVERHEAD_BYTES + len(encode(message)) for message in (Audio(0, 0, _FRAME), Past(0, 0, _FRAME))
)
"""A record with a frame of speech is known by its length alone: nobody here can open it."""

LINK_FAULTS: Final = ("drop", "delay", "disconnect")

QUEUED: Final = 1024
"""Records under way; as many as a link itself holds."""

_Arrival: TypeAlias = tuple[float, bytes | LinkError]


class FaultyLink:
    """A link like the one inside, but for what the plan does to it."""

    def __init__(self, link: Link, injection: Injection) -> None:
        self.name = link.name
        self._link = link
        self._steps = steps_of(link)
        self._injection = injection
        self._up = _Lane(injection, Way.UP)
        self._down = _Lane(injection, Way.DOWN)
        self._tasks: list[asyncio.Task[None]] = []
        self._closing: asyncio.Task[None] | None = None
        for name in LINK_FAULTS:
            injection.can(name, self._cut if name == "disconnect" else None)

    @property
    def key(self) -> bytes:
        return self._link.key

    @property
    def device_id(self) -> str:
        return self._link.device_id

    async def open(self) -> int:
        await self.close()
        return self._begin(await self._link.open())

    async def find(self) -> None:
        await self._steps.find()

    async def connect(self, *, cached: bool) -> None:
        await self.close()
        await self._steps.connect(cached=cached)

    async def agree(self) -> int:
        return self._begin(await self._steps.agree())

    async def forget(self) -> None:
        await self._steps.forget()

    async def send(self, record: bytes) -> None:
        if self._down.error is not None:
            raise self._down.error
        if not self._tasks or not self._down.is_late:
            if not self._down.loses():
                await self._link.send(record)
        elif not self._down.loses():
            await self._down.put(record)

    async def receive(self) -> bytes:
        return await self._up.take()

    async def close(self) -> None:
        if self._closing is not None:
            await self._closing
        await self._link.close()
        await self._end(LinkError("the link was closed"))

    def _begin(self, mtu: int) -> int:
        self._up.begin()
        self._down.begin()
        self._tasks = [
            asyncio.create_task(self._carry_up(), name="faulty uplink"),
            asyncio.create_task(self._carry_down(), name="faulty downlink"),
        ]
        return mtu

    async def _carry_up(self) -> None:
        try:
            while True:
                record = await self._link.receive()
                if not self._up.loses():
                    await self._up.put(record)
                self._injection.count(Unit.RECORD)
                if len(record) in FRAME_RECORD_BYTES:
                    self._injection.count(Unit.FRAME)
        except LinkError as error:
            self._down.error = error
            self._up.end(error)

    async def _carry_down(self) -> None:
        with contextlib.suppress(LinkError):  # whoever receives is told
            while True:
                await self._link.send(await self._down.take())

    def _cut(self, fault: Fault) -> None:
        if self._tasks and self._closing is None:
            self._closing = asyncio.create_task(self._hang_up(fault), name="faulty link")

    async def _hang_up(self, fault: Fault) -> None:
        await self._end(LinkError(f"the ring went out of reach, as planned: {fault}"))
        await self._link.close()
        self._closing = None

    async def _end(self, error: LinkError) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if tasks:
            self._down.error = error
            self._up.end(error)


class _Lane:
    """One of the two directions."""

    def __init__(self, injection: Injection, way: Way) -> None:
        self.is_late = any(fault.way.includes(way) for fault in injection.plan.named("delay"))
        self.error: LinkError | None = None
        """Why nothing more can be sent."""
        self._loses: Callable[[int], bool] = losing(injection.plan, way)
        self._delay_ms: Callable[[int], float] = delaying(injection.plan, way)
        self._number = 0
        self.begin()

    def begin(self) -> None:
        """A connection begins; what was under way is gone."""
        self.error = None
        self._queue: asyncio.Queue[_Arrival] = asyncio.Queue(QUEUED)
        self._first: _Arrival | None = None
        self._last_s = 0.0

    def loses(self) -> bool:
        """One more record sets out; whether it is lost."""
        self._number += 1
        return self._loses(self._number - 1)

    async def put(self, record: bytes) -> None:
        """The latest record sets out; waits where too much is under way."""
        delay_s = self._delay_ms(self._number - 1) / 1000
        self._last_s = max(self._last_s, asyncio.get_running_loop().time() + delay_s)
        await self._queue.put((self._last_s, record))

    def end(self, error: LinkError) -> None:
        """Nothing more sets out; what is under way still arrives."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait((self._last_s, error))

    async def take(self) -> bytes:
        """The next record that arrives; once the end has, LinkError for ever."""
        if self._first is None:
            self._first = await self._queue.get()
        due_s, record = self._first
        wait_s = due_s - asyncio.get_running_loop().time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)  # whoever gives up waiting leaves it the first
        if isinstance(record, LinkError):
            raise record
        self._first = None
        return record
